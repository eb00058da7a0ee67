//! Match quality: what early local matching loses once orders differ in value, and how much impatience makes up for it.

use super::closed_form::bids::{OneHeight, one_height};
use super::compare::Known;
use super::simulation::SimulatedOrders;
use super::simulation::sums::Part;
use super::{Arrivals, Orders, Priority};
use crate::error::{Error, Result};
use crate::estimate::{Controlled, Estimate};
use crate::kernels::elementary::{exp, ln};
use crate::kernels::roots::{Valued, scanned};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Discount, DiscountModel};
use crate::progress::Progress;
use crate::scenario::Scenario;
use nalgebra::DVector;
use serde::Serialize;

/// Points of the scan for impatience at which the lead changes.
const POINTS: u32 = 257;

/// Range of the scan: the discount rate times the delay of the global pool.
const RANGE: [f64; 2] = [1e-6, 100.0];

/// What an architecture makes of the most valuable orders, beside the global pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchQuality {
    /// The active heights.
    pub heights: Architecture,
    /// Mean value of a filled order over that of any order; 1 where nothing is filled.
    pub match_quality: Estimate,
    /// The same in the global pool, exact.
    pub global_match_quality: f64,
    /// Share of the value filled by the global pool that the architecture does not fill: the loss at `β = 1`.
    pub loss: Estimate,
    /// Discounted value per unit time at the scenario's discount.
    pub gross: Estimate,
    /// The same of the global pool, exact.
    pub global_gross: f64,
    /// The heights from the lowest to the highest.
    pub by_height: Vec<HeightQuality>,
    /// Every discount factor at which the lead changes, the most patient first.
    pub overtaking: Vec<Overtaking>,
    /// The same were all orders worth the mean, exact.
    pub overtaking_at_equal_values: Vec<Overtaking>,
    /// Gross welfare minus that of the global pool, were all orders worth the mean, exact; no part of the JSON.
    #[serde(skip)]
    pub lead_at_equal_values: f64,
    /// Variance of the plain estimate of the filled value over that of the one corrected by control variates.
    pub variance_ratio: Option<f64>,
    /// Replications.
    pub replications: u64,
    /// The seed.
    pub seed: u64,
}

/// One height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HeightQuality {
    /// Height of the pools.
    pub height: u32,
    /// Share of the orders filled here, exact.
    pub filled_share: f64,
    /// Mean value of an order filled here over that of any order; absent where none was seen.
    pub match_quality: Option<Estimate>,
}

/// A discount at which the architecture and the global pool are worth the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overtaking {
    /// The discount factor `β`.
    pub factor: f64,
    /// Standard error of `factor`; 0 where it is exact.
    pub std_error: f64,
    /// The half-life that goes with it.
    pub half_life: f64,
    /// Whether the architecture is ahead below that factor (less patience), and the global pool above.
    pub ahead_below: bool,
}

impl MatchQuality {
    /// Simulates `heights` under the scenario with the most valuable orders first, and holds it against the global pool,
    /// which is known exactly.
    ///
    /// Because that priority ignores times, the wait of an order filled at a height does not depend on its value; with
    /// `v_h` the value filled at height `h` per order, whatever the discount,
    ///
    /// ```text
    /// gross(β) ∝ Σ_h v_h E[β^delay at h]
    /// ```
    ///
    /// so that one simulation tells the lead at every `β`. All estimates are corrected by control variates.
    ///
    /// # Errors
    /// [`Error::Domain`] for arrivals other than Poisson, solvers beyond pairs, misses, or lifetimes of more than one
    /// auction, for which the global pool has no closed form, for worthless orders, and where the global pool fills nothing;
    /// else as [`SimulatedOrders::simulate`].
    ///
    /// ```
    /// use pooltree::orders::{Orders, Priority, ValueLaw, quality::MatchQuality};
    /// use pooltree::{Scenario, pool_tree::Architecture};
    /// let orders = Orders { value: ValueLaw::Exponential, priority: Priority::HighestValue, ..Orders::default() };
    /// let scenario = Scenario::document().with_orders(orders)?;
    /// let tree = Architecture::full(scenario.tree());
    /// let quality = MatchQuality::evaluate(&scenario, &tree, &|_, _| ())?;
    /// assert!(quality.loss.mean > 0.0); // the tree fills as many orders, but less valuable ones
    /// assert!(quality.overtaking[0].factor < 1.0); // with enough impatience it is ahead all the same
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn evaluate(scenario: &Scenario, heights: &Architecture, progress: Progress) -> Result<Self> {
        scenario.check_perfect("match quality")?;
        scenario.check_alike("match quality")?;
        let orders = Orders { priority: Priority::HighestValue, ..*scenario.orders() };
        // What the closed form of the global pool needs.
        let refuse = |key: &str, allowed: &str| {
            Err(Error::domain(key, "(other)", format!("{allowed}: only then is the global pool known exactly")))
        };
        if orders.arrivals != Arrivals::Poisson {
            return refuse("orders.arrivals.model", "\"poisson\"");
        }
        if !orders.solver.clears_pairs_only() {
            return refuse("orders.solver.model", "\"pairs\"");
        }
        if orders.solver.success() != 1.0 {
            return refuse("orders.solver.success", "1");
        }
        if !orders.lifetime.is_one_auction() {
            return refuse("orders.lifetime", "1, and no patience");
        }
        let depth = scenario.tree().depth();
        let mean = scenario.utility_mean();
        if !(mean > 0.0) {
            return Err(Error::domain("utility.mean", mean, "above 0, to compare values"));
        }
        let global = one_height(scenario, depth, &orders.value)?;
        if !(global.value_share > 0.0) {
            let allowed = "such that the global pool fills some orders: both sides bring some";
            return Err(Error::domain("flow", "(nothing is filled)", allowed));
        }
        let simulated = SimulatedOrders::simulate(scenario, heights, &orders, scenario.monte_carlo(), progress)?;
        let known = Known::new(scenario, heights, &orders)?;
        let lead = Lead { scenario, heights, known: &known, simulated: &simulated, global };
        let filled: f64 = known.filled.iter().sum();
        let sums = &simulated.sums;
        let value = lead.controlled(&sums.over_levels(Part::Value));
        let scaled = |e: Estimate, by: f64| Estimate { mean: e.mean * by, std_error: e.std_error * by, ..e };
        let per_order = scaled(value.estimate, mean.recip());
        let loss = scaled(per_order, -global.value_share.recip());
        let by_height = simulated.by_height.iter().enumerate().map(|(level, height)| HeightQuality {
            height: height.height,
            filled_share: known.filled[level],
            match_quality: sums
                .ratio(&sums.at(level, Part::Value), &sums.at(level, Part::Filled))
                .map(|ratio| scaled(ratio, mean.recip())),
        });
        let gross = |heights: &Architecture| ClosedForm::evaluate(scenario, heights).map(|welfare| welfare.gross);
        Ok(Self {
            heights: heights.clone(),
            match_quality: if filled > 0.0 {
                scaled(per_order, filled.recip())
            } else {
                Estimate { mean: 1.0, ..per_order }
            },
            global_match_quality: global.match_quality,
            loss: Estimate { mean: 1.0 + loss.mean, std_error: loss.std_error.abs(), ..loss },
            gross: lead.controlled(&(sums.over_levels(Part::Worth) * scenario.flow().rate())).estimate,
            global_gross: global.gross,
            by_height: by_height.collect(),
            overtaking: lead.changes(true)?,
            overtaking_at_equal_values: lead.changes(false)?,
            lead_at_equal_values: gross(heights)? - gross(&Architecture::global(scenario.tree()))?,
            variance_ratio: value.variance_ratio,
            replications: simulated.replications,
            seed: simulated.seed,
        })
    }
}

/// The lead of an architecture over the global pool.
struct Lead<'a> {
    scenario: &'a Scenario,
    heights: &'a Architecture,
    known: &'a Known,
    simulated: &'a SimulatedOrders,
    /// What the global pool fills, exactly.
    global: OneHeight,
}

impl Lead<'_> {
    /// The estimate corrected by control variates, or the plain one where they say nothing.
    fn controlled(&self, target: &DVector<f64>) -> Controlled {
        let sums = &self.simulated.sums;
        let plain = || Controlled { estimate: sums.linear(target), variance_ratio: Some(1.0), controls: 0 };
        let corrected = |(controls, known)| Controlled::new(&sums.estimate, target, &controls, &known);
        self.known.controls(self.simulated).and_then(corrected).unwrap_or_else(plain)
    }

    /// The lead at the discount rate `rate`, in mean values per order and in units of the discount of the global pool.
    fn at(&self, rate: f64, by_value: bool) -> Result<Estimate> {
        let discount = Discount::new(DiscountModel::Rate(rate))?;
        let timing = self.scenario.timing();
        let root = self.scenario.schedule(&Architecture::global(self.scenario.tree()))?;
        let own = self.scenario.schedule(self.heights)?;
        let unit: f64 = root.levels().iter().map(|level| timing.expected_discount(&discount, level)).sum();
        let worth = own.levels().iter().map(|level| timing.expected_discount(&discount, level) / unit);
        if by_value {
            let sums = &self.simulated.sums;
            let mut target = DVector::zeros(sums.estimate.mean().len());
            for (level, worth) in worth.enumerate() {
                target += sums.at(level, Part::Value) * (worth / self.scenario.utility_mean());
            }
            let seen = self.controlled(&target).estimate;
            Ok(Estimate { mean: seen.mean - self.global.value_share, ..seen })
        } else {
            let tree: f64 = worth.zip(&self.known.filled).map(|(worth, filled)| worth * filled).sum();
            let mean = tree - self.global.filled_share;
            Ok(Estimate { mean, std_error: 0.0, replications: self.simulated.replications })
        }
    }

    /// All discount rates of the range at which the lead changes, the smallest first.
    fn changes(&self, by_value: bool) -> Result<Vec<Overtaking>> {
        let root = self.scenario.schedule(&Architecture::global(self.scenario.tree()))?;
        let delay: f64 = root.levels().iter().map(|level| level.offset + level.latency + level.period).sum();
        if !(delay > 0.0) {
            return Ok(Vec::new());
        }
        // Scanned in the logarithm of the rate.
        let [low, high] = RANGE.map(|r| ln(r / delay));
        let points: Vec<f64> = (0..POINTS).map(|i| low + (high - low) * f64::from(i) / f64::from(POINTS - 1)).collect();
        let lead = |ln: f64| -> Result<Valued> {
            let mean = self.at(exp(ln), by_value)?.mean;
            Ok(Valued { value: mean, noise: 1e-13 })
        };
        let values: Vec<Valued> = points.iter().map(|&ln| lead(ln)).collect::<Result<_>>()?;
        let roots = scanned(lead, &points, &values)?;
        roots
            .iter()
            .map(|root| {
                let step = 1e-4;
                let slope = (lead(root.at + step)?.value - lead(root.at - step)?.value) / (2.0 * step);
                let rate = exp(root.at);
                let factor = exp(-rate);
                // d factor / d ln rate = -rate · factor.
                let error = self.at(rate, by_value)?.std_error / slope.abs() * rate * factor;
                let half_life = std::f64::consts::LN_2 / rate;
                Ok(Overtaking { factor, std_error: error, half_life, ahead_below: root.rising })
            })
            .collect()
    }
}
