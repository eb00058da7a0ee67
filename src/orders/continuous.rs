//! Batches against continuous trading on the same flow.

use super::closed_form::carry_over::{self, CarryOver, OneHeight};
use super::compare::Known;
use super::simulation::SimulatedOrders;
use super::simulation::sums::Part;
use super::{Lifetime, Orders, PatienceFrom};
use crate::always_on::closed_form::{Stationary, evaluate};
use crate::always_on::{AlwaysOn, Outcome};
use crate::error::{Error, Result, checked};
use crate::estimate::{Agreement, Estimate, MonteCarlo};
use crate::pool_tree::{
    Architecture, Component, Delay, Discount, Flow, Kind, Latency, LatencyModel, Model, Period, PeriodModel, PoolTree,
    Timing,
};
use crate::progress::Progress;
use serde::Serialize;

/// States rarer than this are left out of sums over the queue.
const RARE: f64 = 1e-25;

/// The most orders that wait in a sum over the queue.
const MOST_WAITING: i64 = 1_000_000;

/// The always-on pool beside batches of several periods.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Continuous trading.
    pub always_on: Continuous,
    /// Batches, in the order of the periods given.
    pub batches: Vec<Batched>,
    /// Time that settling a match takes in both; no part of the JSON.
    #[serde(skip)]
    pub latency: f64,
}

/// Continuous trading whose fills are known a latency after the match.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Continuous {
    /// Share of all orders that is filled, whichever order a match takes from those that wait.
    pub filled_share: f64,
    /// Share of all orders that finds a counterpart waiting, and has the latency as its only delay.
    pub filled_at_once: f64,
    /// Discounted value of an order where matches take the longest-waiting one.
    pub welfare: f64,
    /// Discounted value of an order where matches take any of the waiting ones, as the batches do.
    pub welfare_random: f64,
    /// Mean delay of a filled order where matches take the longest-waiting one.
    pub mean_delay: f64,
}

/// Batches of one period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Batched {
    /// `T`.
    pub period: f64,
    /// What becomes of the orders.
    pub outcome: carry_over::Outcome,
    /// What a simulation order by order shows of it, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monte_carlo: Option<Simulated>,
}

/// Batches simulated order by order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Simulated {
    /// Share of all orders that is filled.
    pub filled_share: Estimate,
    /// Discounted value of an order.
    pub welfare: Estimate,
    /// Mean delay of a filled order; absent where none was filled.
    pub mean_delay: Option<Estimate>,
    /// The seed.
    pub seed: u64,
    /// Joint test of fills, delays and welfare against the exact outcome; without degrees of freedom where too few orders were to
    /// be filled for a test.
    pub agreement: Agreement,
}

/// Batches of the given periods and the always-on pool, with patience from arrival, random priority in the batches, and the same
/// latency from match to fill.
///
/// In this model no batch fills more than the always-on pool does: whoever keeps matches back without knowing whose patience is
/// about to end lets orders go that could have been filled (proof in docs/derivations.md, "Batches or always on"). Welfare
/// depends on who is served first. Against continuous trading with the same random priority batches are better only where the
/// latency is many periods, as far as was seen; short ones can be better than continuous trading in the order of arrival. Speed
/// races, which batches are meant to end, are not in the model.
///
/// # Errors
/// As of [`CarryOver::new`] and [`carry_over::evaluate`] for any of the periods; [`Error::OutOfReach`] where the queue is too long
/// for the sums.
///
/// ```
/// use pooltree::{always_on::AlwaysOn, orders::continuous::compare};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let flow = AlwaysOn::new(1.0, 1.0, 1.0)?;
/// let found = compare(&flow, 0.0, &[1.0, 0.01], &Discount::new(DiscountModel::Factor(0.5))?, None, &|_, _| ())?;
/// // Continuous trading leaves 1/(2e - 3) unfilled. Batches leave more, short ones hardly.
/// let exact = 1.0 - 1.0 / (2.0 * std::f64::consts::E - 3.0);
/// assert!((found.always_on.filled_share - exact).abs() < 1e-14);
/// assert!(found.batches[0].outcome.filled_share < exact - 0.05);
/// assert!((0.0..0.005).contains(&(exact - found.batches[1].outcome.filled_share)));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn compare(
    flow: &AlwaysOn,
    latency: f64,
    periods: &[f64],
    discount: &Discount,
    monte_carlo: Option<&MonteCarlo>,
    progress: Progress,
) -> Result<Comparison> {
    checked("latency", latency, |l| l >= 0.0, "finite and at least 0")?;
    let batches = periods.iter().map(|&period| {
        let pool = CarryOver::new(flow, PatienceFrom::Arrival, period, latency)?;
        let outcome = carry_over::evaluate(&pool, discount)?;
        let monte_carlo = monte_carlo.map(|settings| simulate(&pool, &outcome, discount, settings, progress));
        Ok(Batched { period, outcome, monte_carlo: monte_carlo.transpose()? })
    });
    let batches = batches.collect::<Result<_>>()?;
    let exact = evaluate(flow, discount);
    let [first, second] = random_service(flow, discount)?;
    let share = flow.first_rate() / (flow.first_rate() + flow.second_rate());
    let of_all = |first: f64, second: f64| share * first + (1.0 - share) * second;
    let later = discount.after(latency);
    let always_on = Continuous {
        filled_share: exact.filled_share,
        filled_at_once: of_all(exact.first.filled_at_once, exact.second.filled_at_once),
        welfare: exact.welfare * later,
        welfare_random: of_all(first, second) * later,
        mean_delay: latency + mean_wait(flow, &exact)?,
    };
    Ok(Comparison { always_on, batches, latency })
}

/// The same batches order by order: one operator, one class, patience from arrival.
fn simulate(
    pool: &CarryOver,
    exact: &carry_over::Outcome,
    discount: &Discount,
    monte_carlo: &MonteCarlo,
    progress: Progress,
) -> Result<Simulated> {
    let (first, second) = (pool.flow().first_rate(), pool.flow().second_rate());
    let tree = PoolTree::new(2, 0)?;
    let timing = Timing::new(
        Latency::new(LatencyModel::Table { values: vec![pool.latency()] })?,
        Period::new(PeriodModel::Table { values: vec![pool.period()] })?,
        Delay::Batched,
        0.0,
    )?;
    let flow = Flow::new(first + second, 2, vec![Component::new(Kind::Uniform, 1.0, first / (first + second))?])?;
    let model = Model::new(tree.clone(), flow, timing, *discount, 1.0, 0.0)?;
    let lifetime =
        Lifetime::Patience { patience_rate: pool.flow().patience_rate(), patience_from: pool.patience_from() };
    let orders = Orders { lifetime, ..Orders::default() };
    let seen = SimulatedOrders::simulate(&model, &Architecture::full(&tree), &orders, monte_carlo, progress)?;
    let known = Known::of_one_auction(&model, &Architecture::full(&tree), &orders)?;
    let carried = OneHeight {
        filled_share: exact.filled_share,
        welfare: exact.welfare,
        delay: exact.filled_share * exact.mean_delay,
    };
    let sums = &seen.sums;
    let [filled, worth, delay] = [Part::Filled, Part::Worth, Part::Delay].map(|part| sums.over_levels(part));
    Ok(Simulated {
        filled_share: sums.linear(&filled),
        welfare: sums.linear(&worth),
        mean_delay: sums.ratio(&delay, &filled),
        seed: seen.seed,
        agreement: known.carried_agreement(&carried, &seen).0,
    })
}

/// `π_j` for `j = 0, 1, …` of either side.
fn queues(flow: &AlwaysOn) -> Result<[Vec<f64>; 2]> {
    let law = Stationary::new(flow);
    let side = |sign: i64| {
        let mut queue = vec![law.pmf(0)];
        for j in 1..MOST_WAITING {
            let p = law.pmf(sign * j);
            // Rising before the most frequent state, falling behind it.
            if p < RARE && p <= queue[queue.len() - 1] {
                return Ok(queue);
            }
            queue.push(p);
        }
        Err(Error::OutOfReach { reason: format!("more than {MOST_WAITING} orders may wait") })
    };
    Ok([side(1)?, side(-1)?])
}

/// Mean wait of a filled order in the always-on pool, matches taking the longest-waiting one.
///
/// ```text
/// (b + j + 1) D_j = (b + j) D_(j-1) + b/(b + j + 1),   D_-1 = 0     E[wait; filled] behind j others, in patience times
/// ```
///
/// Minus the derivative of the tagged order's discounted chances in the discount rate.
fn mean_wait(flow: &AlwaysOn, exact: &Outcome) -> Result<f64> {
    let rates = [flow.first_per_patience(), flow.second_per_patience()];
    let filled = [exact.first.filled_share, exact.second.filled_share];
    let (mut waits, mut fills) = (0.0, 0.0);
    for (side, queue) in queues(flow)?.iter().enumerate() {
        let (b, mut d) = (rates[1 - side], 0.0);
        for (j, p) in queue.iter().enumerate() {
            let out = b + j as f64 + 1.0;
            d = ((out - 1.0) * d + b / out) / out;
            waits += rates[side] * p * d;
        }
        fills += rates[side] * filled[side];
    }
    Ok(if fills > 0.0 { waits / fills / flow.patience_rate() } else { 0.0 })
}

/// Welfare of an order of either side if a match takes any of the waiting orders with the same chance.
///
/// ```text
/// (a + b + j + 1 + d) V_j = b/(j+1) + (b j/(j+1) + j) V_(j-1) + a V_(j+1),     d = ln(1/β)/θ, time in units of 1/θ
/// welfare of the first side = P(n < 0) + Σ_{n ≥ 0} π_n V_n
/// ```
///
/// `j` others of its side wait beside the tagged one; those that come behind it compete with it, too. Queues and shares filled
/// are those of [`evaluate`]; waits are more uneven, hence `β^wait` is larger on average. This is the limit of batches with
/// random priority in ever shorter periods.
///
/// # Errors
/// [`Error::OutOfReach`] where the queue is too long for the sums.
///
/// ```
/// use pooltree::always_on::{AlwaysOn, closed_form::evaluate};
/// use pooltree::orders::continuous::random_service;
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let flow = AlwaysOn::new(4.0, 3.0, 0.5)?;
/// // Without discount the order of service does not matter.
/// let one = Discount::new(DiscountModel::Factor(1.0))?;
/// assert!((random_service(&flow, &one)?[0] - evaluate(&flow, &one).first.filled_share).abs() < 1e-13);
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// assert!(random_service(&flow, &half)?[0] > evaluate(&flow, &half).first.welfare);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn random_service(flow: &AlwaysOn, discount: &Discount) -> Result<[f64; 2]> {
    let law = Stationary::new(flow);
    let rates = [flow.first_per_patience(), flow.second_per_patience()];
    let d = -discount.ln_factor() / flow.patience_rate();
    let at_once = [law.second_waits(), law.first_waits()];
    let queues = queues(flow)?;
    Ok([0, 1].map(|side: usize| {
        let (a, b, queue) = (rates[side], rates[1 - side], &queues[side]);
        // V_j = x_j + y_j V_(j+1), upwards; beyond the last state as many are taken as there.
        let mut steps: Vec<(f64, f64)> = Vec::with_capacity(queue.len());
        for j in 0..queue.len() {
            let (x, y) = steps.last().copied().unwrap_or_default();
            let j = j as f64;
            let up = if d.is_finite() { a } else { 0.0 };
            let fall = b * j / (j + 1.0) + j;
            let out = a + b + j + 1.0 + d - fall * y;
            steps.push(((b / (j + 1.0) + fall * x) / out, up / out));
        }
        let mut above = steps.last().map_or(0.0, |(x, y)| x / (1.0 - y));
        let mut welfare = 0.0;
        for ((x, y), p) in steps.iter().zip(queue).rev() {
            above = x + y * above;
            welfare += p * above;
        }
        at_once[side] + welfare
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool_tree::DiscountModel;
    use approx::assert_relative_eq;

    fn rate(d: f64) -> Discount {
        Discount::new(DiscountModel::Rate(d)).unwrap()
    }

    /// The mean wait is minus the slope of the welfare at no discount, here by a symmetric difference of the integrals' values.
    #[test]
    fn mean_wait_is_a_slope() -> Result<()> {
        for (a, b, theta) in [(1.0, 1.0, 1.0), (4.0, 3.0, 0.5), (0.1, 2.0, 3.0), (300.0, 290.0, 1.0)] {
            let flow = AlwaysOn::new(a, b, theta)?;
            let exact = evaluate(&flow, &rate(0.0));
            let h = 1e-4 * theta;
            let [w1, w2] = [h, 2.0 * h].map(|d| evaluate(&flow, &rate(d)).welfare);
            // Forward difference of second order.
            let slope = (1.5 * exact.welfare - 2.0 * w1 + 0.5 * w2) / h;
            assert_relative_eq!(mean_wait(&flow, &exact)?, slope / exact.filled_share, max_relative = 1e-6);
        }
        Ok(())
    }

    /// Fills: never more in batches, and fewer in longer ones. Welfare: never more than continuous trading with the same
    /// priority, on this grid; more than with the order of arrival in some cases.
    #[test]
    fn batches_on_a_grid() -> Result<()> {
        let mut better_than_ordered = 0;
        for (a, b) in [(0.2, 0.2), (1.0, 1.0), (8.0, 8.0), (2.0, 3.0), (0.5, 5.0), (8.0, 7.0)] {
            for d in [0.0, 0.1, 1.0, 10.0] {
                for latency in [0.0, 0.3] {
                    let flow = AlwaysOn::new(a, b, 1.0)?;
                    let found = compare(&flow, latency, &[0.01, 0.1, 0.3, 1.0, 3.0], &rate(d), None, &|_, _| ())?;
                    let continuous = found.always_on;
                    let mut last = continuous.filled_share * (1.0 + 1e-12);
                    for batched in &found.batches {
                        let outcome = batched.outcome;
                        assert!(
                            outcome.filled_share <= continuous.filled_share * (1.0 + 1e-12),
                            "{flow:?} {batched:?}"
                        );
                        assert!(outcome.welfare <= continuous.welfare_random * (1.0 + 1e-12), "{flow:?} {batched:?}");
                        if latency == 0.0 {
                            assert!(outcome.filled_share < last, "{flow:?} {batched:?}");
                            last = outcome.filled_share;
                        }
                        if outcome.welfare > continuous.welfare {
                            better_than_ordered += 1;
                        }
                    }
                }
            }
        }
        // Nine in the shortest period, two in one of a tenth of the mean patience, out of 240.
        assert_eq!(better_than_ordered, 11);
        Ok(())
    }

    /// The table of docs/derivations.md, "Batches or always on".
    #[test]
    fn documented_table() -> Result<()> {
        let table = [
            (0.01, [0.86488, 0.78534, 0.11488]),
            (0.1, [0.82443, 0.71862, 0.15808]),
            (1.0, [0.53395, 0.34715, 0.50224]),
            (3.0, [0.26171, 0.13621, 0.86982]),
        ];
        let found =
            compare(&AlwaysOn::new(10.0, 10.0, 1.0)?, 0.0, &table.map(|row| row.0), &rate(1.0), None, &|_, _| ())?;
        let Continuous { filled_share, filled_at_once, welfare, welfare_random, mean_delay } = found.always_on;
        for (found, documented) in [
            (filled_share, 0.86955),
            (filled_at_once, 0.43477),
            (welfare, 0.78257),
            (welfare_random, 0.79331),
            (mean_delay, 0.12059),
        ] {
            assert_relative_eq!(found, documented, epsilon = 5e-6);
        }
        for (Batched { outcome, .. }, (_, documented)) in found.batches.iter().zip(table) {
            for (found, documented) in
                [outcome.filled_share, outcome.welfare, outcome.mean_delay].iter().zip(documented)
            {
                assert_relative_eq!(*found, documented, epsilon = 5e-6);
            }
        }
        Ok(())
    }
}
