//! Exact fills by height under bursty arrivals.

use crate::error::Result;
use crate::kernels::bursts::BurstSides;
use crate::kernels::matched::Sides;
use crate::orders::Arrivals;
use crate::pool_tree::closed_form::{Filling, Fills, Reach};
use crate::pool_tree::{Architecture, Kind, Model, Schedule};
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
/// - Relative error of each share 1e-12 at most, however little a height adds (an integral of a positive function where a
///   difference would cancel).
/// - Source: *Operator pool trees*, "the crux: filling rate"; derived in docs/derivations.md, "Bursts".
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
    let schedule = model.schedule(architecture)?;
    let (reach, unfilled) = reach(model, &schedule, arrivals)?;
    let mut reaching = 1.0;
    let by_height = schedule.levels().iter().zip(reach.filled.iter().zip(unfilled.iter().zip(&reach.left)));
    let by_height = by_height.map(|(level, (&filled, (&unfilled, &left)))| {
        let filling_rate = if reaching > 0.0 { filled / reaching } else { 0.0 };
        let unfilled = (unfilled + left).min(1.0);
        reaching = unfilled;
        HeightFill { height: level.height, filled_share: filled, filling_rate, unfilled_share: unfilled }
    });
    Ok(by_height.collect())
}

/// `E[β^delay]` of an order filled at each active height, no order preferred for its time. Where pools differ in how late
/// they are executed, it depends on how much each of them fills, and so on the law of the arrivals.
pub(in crate::orders) fn expected_discounts(
    model: &Model,
    architecture: &Architecture,
    arrivals: &Arrivals,
) -> Result<Vec<f64>> {
    let schedule = model.schedule(architecture)?;
    let (reach, _) = reach(model, &schedule, arrivals)?;
    let by_height = schedule.levels().iter().zip(&reach.delay_factor);
    Ok(by_height.map(|(level, late)| model.timing().expected_discount(model.discount(), level) * late).collect())
}

/// What every level fills, and what it would leave unfilled if no auction failed.
fn reach(model: &Model, schedule: &Schedule, arrivals: &Arrivals) -> Result<(Reach, Vec<f64>)> {
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
    let unfilled = all.unfilled.clone();
    let reach = match model.execution() {
        None => Reach::perfect(all),
        Some(execution) => Reach::new(model, schedule, execution, fills),
    };
    Ok((reach, unfilled))
}
