//! Monte Carlo of the always-on pool: orders that arrive, wait, are matched or lose patience.
//!
//! Nothing here uses a formula of [`closed_form`](super::closed_form) or [`chain`](super::chain); all read the same
//! parameters.

pub(super) mod tally;

use super::AlwaysOn;
use crate::error::{Error, Result};
use crate::estimate::{Estimate, MonteCarlo, PrecisionReport, Stopping, VectorEstimate};
use crate::kernels::draws::exponential;
use crate::kernels::elementary::exp;
use crate::pool_tree::Discount;
use crate::progress::Progress;
use nalgebra::DVector;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use tally::{CYCLE, Cycle, ORDERS, PARTS, TIME, Tally, UNFILLED, VALUE, WAIT};

/// Cycles that share a random stream.
const BLOCK: u64 = 256;

/// Blocks whose tallies are held at once.
const BLOCKS_AT_ONCE: u64 = 1024;

/// The most orders of one cycle: where one side is much faster the queue hardly ever empties.
const MOST_IN_CYCLE: u64 = 10_000_000;

/// The most orders of a run: a few minutes on one core.
const MOST_ORDERS: f64 = 5e9;

/// Cycles that tell how long one is, and how many a wanted precision takes; none of them enters the estimate.
const PILOT: u64 = 4096;

/// The pilot draws from streams that no estimate uses.
const PILOT_STREAMS: u64 = 1 << 40;

/// Monte Carlo estimate of what becomes of the orders; one replication is one cycle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedPool {
    /// Discounted value of an order of either side.
    pub welfare: Estimate,
    /// Share of all orders that lose patience.
    pub unfilled_share: Estimate,
    /// Share of the orders that find none waiting.
    pub balanced_share: Estimate,
    /// Mean number of orders that wait.
    pub waiting: Estimate,
    /// The first side; absent if it brought no orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<SimulatedSide>,
    /// The second side; absent if it brought no orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<SimulatedSide>,
    /// Cycles simulated.
    pub replications: u64,
    /// The seed.
    pub seed: u64,
    /// How a wanted precision was met, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionReport>,
    /// Mean and covariance of one cycle.
    #[serde(skip)]
    pub(super) cycles: VectorEstimate,
}

/// Estimates for one side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SimulatedSide {
    /// Share of its orders that lose patience.
    pub unfilled_share: Estimate,
    /// Mean number of its orders that wait.
    pub waiting: Estimate,
    /// Discounted value of one of its orders.
    pub welfare: Estimate,
}

/// Simulates cycles as `monte_carlo` says, in parallel on the current rayon pool.
///
/// Every order comes with its own patience, waits at the end of its side's queue, and is matched from the front. A cycle
/// lasts from an arrival that finds no order waiting to the next such arrival. Arrivals have no memory, so cycles are
/// independent and alike from the first on: there is no warm-up. A long-run share is the ratio of two means over
/// cycles; its standard error is that of `(Y - r X)/mean(X)`. The ratio has a bias of the order of its squared error.
///
/// Blocks of cycles have their own stream of `ChaCha8` and are merged in their order: the same seed gives the same bits on
/// any number of threads. A wanted relative precision of the welfare is met in two stages: a pilot fixes the number of
/// cycles, fresh ones make the estimate.
///
/// # Errors
/// [`Error::OutOfReach`] if a cycle or the run takes too many orders, as where one side is much faster than the other and
/// patience is long.
///
/// ```
/// use pooltree::always_on::{AlwaysOn, simulation::simulate};
/// use pooltree::estimate::{MonteCarlo, Stopping};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let (pool, half) = (AlwaysOn::new(1.0, 1.0, 1.0)?, Discount::new(DiscountModel::Factor(0.5))?);
/// let run = simulate(&pool, &half, &MonteCarlo::new(1, Stopping::Replications(20_000))?, &|_, _| ())?;
/// // Unfilled are 1/(2e - 3) of the orders.
/// let exact = 1.0 / (2.0 * std::f64::consts::E - 3.0);
/// assert!((run.unfilled_share.mean - exact).abs() < 6.0 * run.unfilled_share.std_error);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn simulate(
    pool: &AlwaysOn,
    discount: &Discount,
    monte_carlo: &MonteCarlo,
    progress: Progress,
) -> Result<SimulatedPool> {
    let seed = monte_carlo.seed();
    let queue = Queue::new(pool, discount);
    let wanted = match monte_carlo.stopping() {
        Stopping::Replications(n) => n,
        Stopping::Precision(_) => PILOT,
    };
    let pilot = run(&queue, seed, PILOT_STREAMS, wanted.min(PILOT), &|_, _| ())?;
    let affordable = (MOST_ORDERS / pilot.orders()).floor();
    let (cycles, precision) = match monte_carlo.stopping() {
        Stopping::Replications(n) if n as f64 > affordable => {
            let reason = format!(
                "{n} cycles of about {:.0} orders each are more than {MOST_ORDERS:.0e} orders; \
                 at most about {affordable:.0} cycles are in reach",
                pilot.orders()
            );
            return Err(Error::OutOfReach { reason });
        }
        Stopping::Replications(n) => (n, None),
        Stopping::Precision(target) => {
            let (n, capped) = length(&pilot, target, affordable)?;
            (n, Some(PrecisionReport { target, reached: None, capped, pilot_replications: PILOT }))
        }
    };
    let tally = run(&queue, seed, 0, cycles, progress)?;
    report(tally.estimate()?, pool, seed, precision)
}

/// How many cycles a relative precision takes, with a margin for the pilot's own error, and whether that is too many.
fn length(pilot: &Tally, target: f64, affordable: f64) -> Result<(u64, bool)> {
    let estimate = ratio(&pilot.estimate()?, &VALUE, &ORDERS);
    let most = affordable.max(2.0);
    if estimate.mean == 0.0 {
        return Ok((most.min(1e6) as u64, true));
    }
    let relative = estimate.std_error / estimate.mean;
    // Cycles are skewed: the margin is wider than three errors of a normal variance.
    let wanted = (1.96 * relative / target).powi(2) * PILOT as f64 * (1.3 + 6.0 * relative);
    let wanted = wanted.ceil().max(PILOT as f64);
    Ok((wanted.min(most) as u64, wanted > most))
}

fn report(
    cycles: VectorEstimate,
    pool: &AlwaysOn,
    seed: u64,
    precision: Option<PrecisionReport>,
) -> Result<SimulatedPool> {
    let side = |s: usize, rate: f64| {
        (rate > 0.0 && cycles.mean()[ORDERS[s]] > 0.0).then(|| SimulatedSide {
            unfilled_share: ratio(&cycles, &[UNFILLED[s]], &[ORDERS[s]]),
            waiting: ratio(&cycles, &[WAIT[s]], &[TIME]),
            welfare: ratio(&cycles, &[VALUE[s]], &[ORDERS[s]]),
        })
    };
    let welfare = ratio(&cycles, &VALUE, &ORDERS);
    if !(welfare.std_error.is_finite() && cycles.covariance().iter().all(|c| c.is_finite())) {
        return Err(Error::OutOfReach { reason: "the squares of the waiting times overflow".into() });
    }
    let reached = Some(welfare.relative_precision()).filter(|reached| reached.is_finite());
    Ok(SimulatedPool {
        welfare,
        unfilled_share: ratio(&cycles, &UNFILLED, &ORDERS),
        balanced_share: ratio(&cycles, &[CYCLE], &ORDERS),
        waiting: ratio(&cycles, &WAIT, &[TIME]),
        first: side(0, pool.first_rate()),
        second: side(1, pool.second_rate()),
        replications: cycles.replications(),
        seed,
        precision: precision.map(|precision| PrecisionReport { reached, ..precision }),
        cycles,
    })
}

/// The sum of some parts of a cycle over the sum of others, by the delta method.
fn ratio(cycles: &VectorEstimate, over: &[usize], under: &[usize]) -> Estimate {
    let total = |parts: &[usize]| parts.iter().map(|&i| cycles.mean()[i]).sum::<f64>();
    let scale = total(under);
    let mean = total(over) / scale;
    let mut weights = DVector::zeros(PARTS);
    over.iter().for_each(|&i| weights[i] += scale.recip());
    under.iter().for_each(|&i| weights[i] -= mean / scale);
    Estimate { mean, ..cycles.linear(&weights) }
}

/// Cycles from stream `first` on, [`BLOCK`] to a stream.
fn run(queue: &Queue, seed: u64, first: u64, cycles: u64, progress: Progress) -> Result<Tally> {
    let done = AtomicU64::new(0);
    let blocks = cycles.div_ceil(BLOCK);
    let mut all = Tally::new();
    // Floating-point sums depend on their order: blocks are merged one after the other.
    for start in (0..blocks).step_by(BLOCKS_AT_ONCE as usize) {
        let tallies: Vec<Result<Tally>> = (start..blocks.min(start + BLOCKS_AT_ONCE))
            .into_par_iter()
            .map(|block| {
                let here = BLOCK.min(cycles - block * BLOCK);
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(first + block);
                let mut tally = Tally::new();
                for _ in 0..here {
                    tally.add(&queue.cycle(&mut rng)?);
                }
                progress(done.fetch_add(here, Ordering::Relaxed) + here, cycles);
                Ok(tally)
            })
            .collect();
        for tally in tallies {
            all.merge(&tally?);
        }
    }
    Ok(all)
}

/// The pool in units of the mean time between arrivals.
struct Queue {
    /// Probability that an arriving order is of the first side.
    first: f64,
    /// Mean patience.
    patience: f64,
    /// Logarithm of the discount of a unit of time.
    ln_factor: f64,
}

/// An order that waits.
struct Order {
    arrival: f64,
    /// When it loses patience.
    until: f64,
}

impl Queue {
    fn new(pool: &AlwaysOn, discount: &Discount) -> Self {
        let (a, b) = (pool.first_per_patience(), pool.second_per_patience());
        let ln_factor = (discount.ln_factor() / pool.patience_rate() / (a + b)).max(f64::MIN);
        Self { first: a / (a + b), patience: a + b, ln_factor }
    }

    /// From an arrival that finds no order waiting to the next one.
    fn cycle<R: Rng + ?Sized>(&self, rng: &mut R) -> Result<Cycle> {
        let mut cycle = Cycle::zeros();
        cycle[CYCLE] = 1.0;
        let mut waiting: VecDeque<Order> = VecDeque::new();
        let (mut now, mut side_waiting) = (0.0, 0);
        for _ in 0..MOST_IN_CYCLE {
            let side = usize::from(rng.random::<f64>() >= self.first);
            cycle[ORDERS[side]] += 1.0;
            match waiting.pop_front() {
                // The front one is still there when an order of the other side comes: both are filled.
                Some(front) if side != side_waiting => {
                    let wait = now - front.arrival;
                    cycle[WAIT[side_waiting]] += wait;
                    cycle[VALUE[side_waiting]] += exp(self.ln_factor * wait);
                    cycle[VALUE[side]] += 1.0;
                }
                front => {
                    side_waiting = side;
                    front.into_iter().for_each(|front| waiting.push_front(front));
                    let patience = self.patience * exponential(rng);
                    waiting.push_back(Order { arrival: now, until: now + patience });
                }
            }
            now += exponential(rng);
            // Who has lost patience behind a front that has not is found out when it comes to the front.
            while waiting.front().is_some_and(|order| order.until <= now) {
                let Some(gone) = waiting.pop_front() else { break };
                cycle[UNFILLED[side_waiting]] += 1.0;
                cycle[WAIT[side_waiting]] += gone.until - gone.arrival;
            }
            if waiting.is_empty() {
                cycle[TIME] = now;
                return Ok(cycle);
            }
        }
        let reason = format!("after {MOST_IN_CYCLE} orders there has always been one waiting; the closed form answers");
        Err(Error::OutOfReach { reason })
    }
}
