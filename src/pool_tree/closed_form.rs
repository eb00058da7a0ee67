//! Exact expected fills and welfare.

mod fills;
pub mod network;
mod reach;

use crate::error::{Error, Result};
use crate::kernels::sum::Sum;
use crate::pool_tree::Model;
use crate::pool_tree::{Architecture, Level, Schedule};
use serde::{Deserialize, Serialize};

pub(crate) use fills::{Filling, Fills, Steps, classes_at};
pub(crate) use reach::Reach;

/// Exact expected welfare of one architecture of one model; all rates per unit time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClosedForm {
    /// Expected discounted utility, `ū Σ_h F_h E[β^delay at h]`.
    pub gross: f64,
    /// Communication cost, `κ Σ_h γ^(k-h) γ^(2h) / T_h`.
    pub cost: f64,
    /// `gross - cost`.
    pub net: f64,
    /// `gross / Λ`.
    pub gross_per_order: f64,
    /// `net / Λ`.
    pub net_per_order: f64,
    /// Share of all orders that is filled at any height.
    pub filled_share: f64,
    /// Share of all orders that expires unfilled, computed on its own and not as `1 - filled_share`.
    pub unfilled_share: f64,
    /// The active heights from the lowest to the highest.
    pub by_height: Vec<HeightWelfare>,
}

/// What one active height contributes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeightWelfare {
    /// Height of the pools.
    pub height: u32,
    /// Consensus latency `L_h`, solving time included.
    pub latency: f64,
    /// Batch period `T_h`.
    pub period: f64,
    /// Start of the auction after its window closes.
    pub offset: f64,
    /// Time after which an auction that has not been executed is given up; 0 where all are executed at once.
    pub deadline: f64,
    /// Probability that an auction is executed, averaged over the pools.
    pub executed: f64,
    /// Whether the period is shorter than the auction may take: the next batch closes while the last auction runs.
    pub pipelined: bool,
    /// Share of the orders reaching the auctions of this height that they fill, `F_h / (Λ - M_{h'})`; 0 if none reaches
    /// them.
    pub filling_rate: f64,
    /// Share of all orders filled at this height, `F_h / Λ`.
    pub filled_share: f64,
    /// `E[β^delay]` of an order filled here, the delay of the execution included.
    pub expected_discount: f64,
    /// Discounted utility per unit time from this height.
    pub gross: f64,
    /// Communication cost per unit time of this height.
    pub cost: f64,
}

impl ClosedForm {
    /// Evaluates `architecture` under `model`, `O(k²)` at most.
    ///
    /// ```text
    /// gross = ū Σ_{h ∈ A} F_h E[β^delay at h],   F_h = M_h - M_{h'}
    /// M_h   = Σ_{pools at h} Σ_classes 2 E min(x+, x-) / T_h
    /// cost  = κ Σ_{h ∈ A} γ^(k+h) / T_h
    /// ```
    ///
    /// Where auctions may fail or take time ([`Model::with_execution`]), what a failed one would have filled is left to the
    /// parent: with `D` that backlog, `0` below the lowest height,
    ///
    /// ```text
    /// filled at h = e_h (F_h + D_h'),   D_h = (1 - e_h)(F_h + D_h'),   E[β^delay] takes the factor V_h/e_h
    /// ```
    ///
    /// pool by pool where their laws differ. Execution is independent of the counts, of arrival times, of other pools and
    /// windows.
    ///
    /// Where pools are given, differ in latency or have a flow of their own ([`Model::network`]), it is the sum over pools of
    /// [`network::evaluate`].
    ///
    /// `h'` is the next lower active height. Matching one to one never changes `N+ - N-`, so what the pools below did does
    /// not change what is filled up to and including height `h`; that is why the fills telescope.
    ///
    /// Source: *Operator pool trees*, "TODO: general calculation"; derivation in docs/models/filling.md.
    ///
    /// # Errors
    /// [`Error::Domain`] for a height without latency under back-to-back auctions, [`Error::NotFinite`] if a result
    /// overflows.
    ///
    /// ```
    /// use pooltree::{ClosedForm, Scenario, pool_tree::Architecture};
    /// let scenario = Scenario::document();
    /// let tree = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()))?;
    /// let global = ClosedForm::evaluate(&scenario, &Architecture::global(scenario.tree()))?;
    /// assert!(tree.gross > global.gross);
    /// assert_eq!(tree.filled_share, global.filled_share); // the root sees the same imbalance either way
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn evaluate(model: &Model, architecture: &Architecture) -> Result<Self> {
        if let Some(network) = model.network() {
            architecture.check(model.tree())?;
            return network::evaluate(network, architecture.heights()).map(|welfare| welfare.total);
        }
        Self::on_schedule(model, &model.schedule(architecture)?)
    }

    /// Evaluates the auctions of a schedule, where all pools of a height are alike.
    pub(crate) fn on_schedule(model: &Model, schedule: &Schedule) -> Result<Self> {
        model.check_orders(schedule.levels().last().map_or(0.0, |top| top.period))?;
        let fills = Fills::new(model, schedule);
        let unfilled = fills.unfilled.clone();
        let reach = match model.execution() {
            None => Reach::perfect(fills),
            Some(execution) => {
                Reach::new(model, schedule, execution, |wanted| Fills::under(model, schedule, wanted, |sides| sides))
            }
        };
        Self::assemble(model, schedule, &unfilled, &reach)
    }

    fn assemble(model: &Model, schedule: &Schedule, unfilled: &[f64], reach: &Reach) -> Result<Self> {
        let rate = model.flow().rate();
        let mut by_height = Vec::with_capacity(schedule.levels().len());
        let (mut gross, mut cost, mut filled_share) = (Sum::default(), Sum::default(), Sum::default());
        for (i, level) in schedule.levels().iter().enumerate() {
            let reaching = if i == 0 { 1.0 } else { (unfilled[i - 1] + reach.left[i - 1]).min(1.0) };
            let filled = reach.filled[i];
            let expected_discount = model.timing().expected_discount(model.discount(), level) * reach.delay_factor[i];
            let height = HeightWelfare {
                height: level.height,
                latency: level.latency,
                period: level.period,
                offset: level.offset,
                deadline: level.deadline,
                executed: reach.executed[i],
                pipelined: level.is_pipelined(),
                filling_rate: if reaching > 0.0 { filled / reaching } else { 0.0 },
                filled_share: filled,
                expected_discount,
                gross: model.utility_mean() * rate * filled * expected_discount,
                cost: communication_cost(model, level)?,
            };
            gross.add(height.gross);
            cost.add(height.cost);
            filled_share.add(filled);
            by_height.push(height);
        }
        let (gross, cost) = (gross.value(), cost.value());
        if !(cost.is_finite() && (cost / rate).is_finite()) {
            return Err(cost_overflow(model));
        }
        Ok(Self {
            gross,
            cost,
            net: gross - cost,
            gross_per_order: gross / rate,
            net_per_order: (gross - cost) / rate,
            filled_share: filled_share.value(),
            unfilled_share: (unfilled.last().copied().unwrap_or(1.0) + reach.left.last().copied().unwrap_or(0.0))
                .min(1.0),
            by_height,
        })
    }
}

impl ClosedForm {
    /// The mean of welfare under several circumstances, each with its probability, for one architecture of `model`; `None` of
    /// none.
    pub(crate) fn mean(model: &Model, of: &[(f64, Self)]) -> Option<Self> {
        let mean = |of_one: &dyn Fn(&Self) -> f64| {
            of.iter().map(|(weight, welfare)| weight * of_one(welfare)).collect::<Sum>().value()
        };
        let (_, first) = of.first()?;
        let rate = model.flow().rate();
        let gross = mean(&|welfare| welfare.gross);
        let mut reaching: f64 = 1.0;
        let by_height = first.by_height.iter().enumerate().map(|(i, height)| {
            let filled_share = mean(&|welfare| welfare.by_height[i].filled_share);
            let gross = mean(&|welfare| welfare.by_height[i].gross);
            let filling_rate = if reaching > 0.0 { filled_share / reaching } else { 0.0 };
            reaching = (reaching - filled_share).max(0.0);
            let most = model.utility_mean() * rate * filled_share;
            HeightWelfare {
                filling_rate,
                filled_share,
                gross,
                executed: mean(&|welfare| welfare.by_height[i].executed),
                expected_discount: if most > 0.0 { (gross / most).min(1.0) } else { height.expected_discount },
                ..height.clone()
            }
        });
        Some(Self {
            by_height: by_height.collect(),
            gross,
            cost: first.cost,
            net: gross - first.cost,
            gross_per_order: gross / rate,
            net_per_order: (gross - first.cost) / rate,
            filled_share: mean(&|welfare| welfare.filled_share),
            unfilled_share: mean(&|welfare| welfare.unfilled_share),
        })
    }
}

/// Messages of all pools of a level per unit time, each at the cost `κ`: all-to-all within every auction.
pub(crate) fn communication_cost(model: &Model, level: &Level) -> Result<f64> {
    let per_message = model.cost_per_message();
    if per_message == 0.0 {
        return Ok(0.0);
    }
    let cost = model.tree().messages(level.height, per_message, level.period);
    if cost.is_finite() { Ok(cost) } else { Err(cost_overflow(model)) }
}

fn cost_overflow(model: &Model) -> Error {
    Error::not_finite("cost.per_message", model.cost_per_message(), "the communication cost, or that per order,")
}

crate::compare_floats::compare_floats!(HeightWelfare {
    same: [height, pipelined],
    floats: [latency, period, offset, deadline, executed, filling_rate, filled_share, expected_discount, gross, cost],
    nested: [],
});
crate::compare_floats::compare_floats!(ClosedForm {
    same: [],
    floats: [gross, cost, net, gross_per_order, net_per_order, filled_share, unfilled_share],
    nested: [by_height],
});
