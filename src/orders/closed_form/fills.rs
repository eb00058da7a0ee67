//! Exact fills by height under bursty arrivals.

use crate::error::Result;
use crate::kernels::bursts::BurstSides;
use crate::kernels::matched::Sides;
use crate::orders::Arrivals;
use crate::pool_tree::closed_form::network::evaluate_under;
use crate::pool_tree::closed_form::{Filling, Fills, Reach};
use crate::pool_tree::{Architecture, Delay, Discount, DiscountModel, Kind, Level, Model, Network, Schedule};
use serde::Serialize;

/// What the auctions of one active height fill.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HeightFill {
    /// Height of the pools.
    pub height: u32,
    /// Share of all orders that is filled here.
    pub filled_share: f64,
    /// Share of the orders that reach this height that it fills, those included that cannot meet here; 0 if none reaches it.
    pub filling_rate: f64,
    /// Share of all orders that is still unfilled after this height.
    pub unfilled_share: f64,
}

/// Counts with Gamma factors of the sides' rates: negative binomial.
impl Filling for BurstSides {
    fn filled_between(self, t1: f64, t2: f64) -> f64 {
        Self::filled_between(self, t1, t2)
    }

    fn unfilled(self, t: f64) -> f64 {
        Self::unfilled(self, t)
    }
}

/// Poisson batches of `size` orders, matched like single orders: `E min` is `size` times that of the batches.
#[derive(Debug, Clone, Copy)]
struct BatchSides {
    sides: Sides,
    size: f64,
}

impl Filling for BatchSides {
    fn filled_between(self, t1: f64, t2: f64) -> f64 {
        self.sides.filled_between(t1 / self.size, t2 / self.size)
    }

    fn unfilled(self, t: f64) -> f64 {
        self.sides.unfilled(t / self.size)
    }
}

/// Expected fills of every active height, from the lowest to the highest, as shares of all orders.
///
/// ```text
/// F_h/Λ = Σ_classes share · [m(x_h) - m(x_{h'})],   m(x) = 2 E min(N+, N-)/(x+ + x-)
/// ```
///
/// - `x±`: expected orders of either side in a pool of height `h` and its window `T_h`; `h'` the next lower active height.
/// - `N±`: Poisson; negative binomial of the given shape under [`Arrivals::Gamma`]; `size` times a Poisson number of
///   batches under [`Arrivals::Batches`].
/// - Exact: matching one to one never changes `N+ - N-`, so fills telescope whatever the joint law over pools and windows;
///   only the marginal law of a pool's counts enters. A factor common to all operators and sub-windows leaves that law
///   the same at every height, with the shape it was given.
/// - Where pools are given, differ in latency or have a flow of their own ([`Model::network`]): the sum over pools, as in
///   [`evaluate`](crate::pool_tree::closed_form::network::evaluate).
/// - Relative error of each share 1e-12 at most, however little a height adds (an integral of a positive function where a
///   difference would cancel).
/// - Source: *Operator pool trees*, "the crux: filling rate"; derived in docs/models/bursts.md, "Bursts".
///
/// # Errors
/// [`crate::Error::Domain`] for a shape or size out of range ([`Arrivals::check`]) or an architecture that the model does not
/// have; [`crate::Error::NotFinite`] if a window's orders overflow.
///
/// ```
/// use pooltree::{Scenario, orders::{Arrivals, closed_form::filled_shares}, pool_tree::Architecture};
/// let scenario = Scenario::document(); // 64 orders per unit time, uniform, eight operators, windows 1/8 · 2^h
/// let tree = Architecture::full(scenario.tree());
/// let fills = filled_shares(&scenario, &tree, &Arrivals::Gamma { shape: 1.0 })?;
/// // Geometric sides fill x/(1 + 2x): 2, 8, 32 orders a side in windows 1/4, 1/2, 1 of pools with 2, 4, 8 operators.
/// let filled = |x: f64| x / (1.0 + 2.0 * x);
/// assert!((fills[0].filled_share - filled(2.0)).abs() < 1e-14);
/// assert!((fills[1].filled_share - (filled(8.0) - filled(2.0))).abs() < 1e-14);
/// assert!((fills[2].filling_rate - (filled(32.0) - filled(8.0)) / (1.0 - filled(8.0))).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn filled_shares(model: &Model, architecture: &Architecture, arrivals: &Arrivals) -> Result<Vec<HeightFill>> {
    by_height(model, architecture, arrivals).map(|known| known.fills)
}

/// What is known of the orders of every active height, from the lowest to the highest, no order preferred for its time.
pub(in crate::orders) struct ByHeight {
    /// What is filled.
    pub(in crate::orders) fills: Vec<HeightFill>,
    /// Share of all orders that would be filled if no auction failed.
    pub(in crate::orders) neutral: Vec<f64>,
    /// Mean delay of an order filled there, that of keepers aside.
    pub(in crate::orders) delay: Vec<f64>,
    /// `E[β^delay]` of an order filled there. Where pools differ in how late they are executed, it depends on how much each of
    /// them fills, and so on the law of the arrivals.
    pub(in crate::orders) discount: Vec<f64>,
    /// `E[β^delay]²/E[β^(2 delay)]`, that of keepers aside; 1 where discounts underflow.
    pub(in crate::orders) counted: Vec<f64>,
}

/// As [`filled_shares`].
pub(in crate::orders) fn by_height(
    model: &Model,
    architecture: &Architecture,
    arrivals: &Arrivals,
) -> Result<ByHeight> {
    let schedule = model.schedule(architecture)?;
    if let Some(network) = model.network() {
        arrivals.check()?;
        return of_network(network, architecture, arrivals);
    }
    let Reached { reach, neutral, unfilled } = reach(model, &schedule, arrivals)?;
    let mut reaching = 1.0;
    let by_height = schedule.levels().iter().zip(reach.filled.iter().zip(unfilled.iter().zip(&reach.left)));
    let fills = by_height.map(|(level, (&filled, (&unfilled, &left)))| {
        let filling_rate = if reaching > 0.0 { filled / reaching } else { 0.0 };
        let unfilled = (unfilled + left).min(1.0);
        reaching = unfilled;
        HeightFill { height: level.height, filled_share: filled, filling_rate, unfilled_share: unfilled }
    });
    let timing = model.timing();
    let twice = twice(model.discount())?;
    let discount = |level: &Level| timing.expected_discount(model.discount(), level);
    let late = schedule.levels().iter().zip(&reach.delay_factor);
    Ok(ByHeight {
        fills: fills.collect(),
        neutral,
        delay: schedule
            .levels()
            .iter()
            .map(|level| level.offset + level.latency + wait(timing.delay(), level.period))
            .collect(),
        discount: late.map(|(level, late)| discount(level) * late).collect(),
        counted: schedule
            .levels()
            .iter()
            .map(|level| share_that_counts(discount(level), timing.expected_discount(&twice, level)))
            .collect(),
    })
}

/// The same, pool by pool: means over what each pool of a height fills.
fn of_network(network: &Network, architecture: &Architecture, arrivals: &Arrivals) -> Result<ByHeight> {
    let heights = architecture.heights();
    let welfare = match *arrivals {
        Arrivals::Poisson => evaluate_under(network, heights, |sides| sides),
        Arrivals::Gamma { shape } => evaluate_under(network, heights, |sides| BurstSides { sides, shape }),
        Arrivals::Batches { size } => evaluate_under(network, heights, |sides| BatchSides { sides, size: size as f64 }),
    }?;
    let twice = twice(network.discount())?;
    let of_heights = welfare.total.by_height.iter().zip(&welfare.unfilled);
    let fills = of_heights.map(|(height, &unfilled_share)| HeightFill {
        height: height.height,
        filled_share: height.filled_share,
        filling_rate: height.filling_rate,
        unfilled_share,
    });
    let (mut delay, mut counted) = (Vec::with_capacity(heights.len()), Vec::with_capacity(heights.len()));
    for (level, pools) in network.schedule(heights)?.iter().zip(&welfare.pools) {
        let all: f64 = pools.iter().map(|pool| pool.filled_share).sum();
        let mean = |of: &dyn Fn(f64) -> f64| -> f64 {
            let sum = pools.iter().enumerate().map(|(pool, welfare)| {
                let weight = if all > 0.0 { welfare.filled_share / all } else { (pools.len() as f64).recip() };
                weight * of(level.offsets[pool] + network.latency(level.height, pool))
            });
            sum.sum()
        };
        let discounted = |discount: &Discount| {
            let waiting = if network.delay() == Delay::Batched { discount.mean_over_wait(level.period) } else { 1.0 };
            mean(&|after| discount.after(after)) * waiting
        };
        delay.push(mean(&|after| after) + wait(network.delay(), level.period));
        counted.push(share_that_counts(discounted(network.discount()), discounted(&twice)));
    }
    Ok(ByHeight {
        fills: fills.collect(),
        neutral: welfare.neutral,
        delay,
        discount: welfare.total.by_height.iter().map(|height| height.expected_discount).collect(),
        counted,
    })
}

/// Mean time that an order waits for the end of its window, as far as the delay counts it.
fn wait(delay: Delay, period: f64) -> f64 {
    if delay == Delay::Batched { 0.5 * period } else { 0.0 }
}

/// `β²`.
fn twice(discount: &Discount) -> Result<Discount> {
    Discount::new(DiscountModel::Rate((-2.0 * discount.ln_factor()).min(f64::MAX)))
}

/// `E[β^delay]²/E[β^(2 delay)]`; 1 where discounts underflow.
fn share_that_counts(once: f64, twice: f64) -> f64 {
    if twice > 0.0 { (once * (once / twice)).min(1.0) } else { 1.0 }
}

/// What the levels of a tree of equal pools fill.
struct Reached {
    reach: Reach,
    /// What every level would fill if no auction failed, and what would be unfilled after it.
    neutral: Vec<f64>,
    unfilled: Vec<f64>,
}

fn reach(model: &Model, schedule: &Schedule, arrivals: &Arrivals) -> Result<Reached> {
    arrivals.check()?;
    model.check_orders(schedule.levels().last().map_or(0.0, |top| top.period))?;
    let fills = |wanted: &dyn Fn(&Kind) -> bool| match *arrivals {
        Arrivals::Poisson => Fills::under(model, schedule, wanted, |sides| sides),
        Arrivals::Gamma { shape } => Fills::under(model, schedule, wanted, |sides| BurstSides { sides, shape }),
        Arrivals::Batches { size } => {
            Fills::under(model, schedule, wanted, |sides| BatchSides { sides, size: size as f64 })
        }
    };
    let all = fills(&|_| true);
    let (neutral, unfilled) = (all.filled.clone(), all.unfilled.clone());
    let reach = match model.execution() {
        None => Reach::perfect(all),
        Some(execution) => Reach::new(model, schedule, execution, fills),
    };
    Ok(Reached { reach, neutral, unfilled })
}
