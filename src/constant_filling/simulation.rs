//! Monte Carlo of the climb: orders drawn one by one, auction by auction.
//!
//! Nothing here uses a formula of [`closed_form`](super::closed_form) or [`chain`](super::chain); all read the same
//! parameters.

mod tally;

use super::{Attempts, Climb, ClimbLevel, DelayCounting};
use crate::error::{Error, Result};
use crate::estimate::{Estimate, MonteCarlo, PrecisionReport, Stopping, VectorEstimate};
use crate::kernels::elementary::{ln, ln_1p};
use crate::progress::Progress;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::Serialize;
use tally::Tally;

/// Orders that share a random stream.
const BLOCK: u64 = 4096;

/// Blocks whose tallies are held at once.
const BLOCKS_AT_ONCE: u64 = 1024;

/// Up to this many auctions an order is drawn auction by auction; beyond, the number of the one that fills it is drawn.
const ONE_BY_ONE: f64 = 32.0;

/// The most draws of a run: a few minutes on one core. More orders are refused, more precision is capped.
const MOST_DRAWS: f64 = 5e10;

/// Orders of the pilot that decides how many a wanted precision takes.
const PILOT: u64 = 20_000;

/// The least filling rate of unlimited auctions: their number remains a finite number.
const LEAST_RATE: f64 = 1e-300;

/// The pilot draws from streams that no estimate uses.
const PILOT_STREAMS: u64 = 1 << 40;

/// Orders where the pilot saw no utility at all.
const CAP_WITHOUT_FILLS: u64 = 10_000_000;

/// Monte Carlo estimate of what becomes of an order; one replication is one order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedClimb {
    /// Estimated discounted utility of an order that is worth 1.
    pub welfare: f64,
    /// Standard error of `welfare`.
    pub std_error: f64,
    /// 95 % confidence interval of `welfare`.
    pub ci95: [f64; 2],
    /// Estimated share of the orders that is filled.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub filled_share_std_error: f64,
    /// Estimated share that expires at the top.
    pub expired_share: f64,
    /// Estimated share that waits forever at a top without limit that fills nothing.
    pub waiting_share: f64,
    /// Orders drawn.
    pub replications: u64,
    /// The seed.
    pub seed: u64,
    /// How a wanted precision was met, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionReport>,
    /// Auctions of an order; absent if some order waits forever, or if the variance overflows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auctions: Option<Estimate>,
    /// Delay of a filled order, counted as the climb says; absent if fewer than two were filled, or if the variance overflows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Estimate>,
    /// The levels from the lowest to the top.
    pub by_level: Vec<SimulatedLevel>,
    /// Mean and covariance of one order's being filled, by level.
    pub fills: VectorEstimate,
}

/// Estimates for one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SimulatedLevel {
    /// Share of all orders filled at this level.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub std_error: f64,
    /// Part of the welfare that comes from here.
    pub welfare: f64,
    /// Standard error of `welfare`.
    pub welfare_std_error: f64,
}

/// Draws orders as `monte_carlo` says, in parallel on the current rayon pool.
///
/// At every level an order is drawn into auctions until one fills it or none is left: a Bernoulli draw an auction, or, where
/// there may be more than a few dozen of them, one draw of how many auctions it takes. Blocks of orders have their own stream
/// of `ChaCha8` and are merged in their order: the same seed gives the same bits on any number of threads. A wanted precision
/// is met in two stages, as in [`crate::pool_tree::simulation`]: a pilot fixes the number of orders, fresh ones make the
/// estimate.
///
/// # Errors
/// [`Error::OutOfReach`] if the run takes too many draws, or an order too many auctions to count.
///
/// ```
/// use pooltree::constant_filling::{Climb, DelayCounting, simulation};
/// use pooltree::estimate::{MonteCarlo, Stopping};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// let tree = Climb::tree(2, 2, 0.5, DelayCounting::Cumulative, half)?;
/// let run = simulation::simulate(&tree, &MonteCarlo::new(1, Stopping::Replications(20_000))?, &|_, _| ())?;
/// // Two auctions, each for half of the orders: a quarter expires.
/// assert!((run.expired_share - 0.25).abs() < 6.0 * (0.25 * 0.75 / 20_000f64).sqrt());
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn simulate(climb: &Climb, monte_carlo: &MonteCarlo, progress: Progress) -> Result<SimulatedClimb> {
    let seed = monte_carlo.seed();
    let draws = draws_per_order(climb);
    let top = climb.top();
    if top.attempts == Attempts::Unlimited && top.filling_rate > 0.0 && top.filling_rate < LEAST_RATE {
        let reason =
            format!("an unlimited number of auctions at a filling rate below {LEAST_RATE:e} is too large to count");
        return Err(Error::OutOfReach { reason });
    }
    match monte_carlo.stopping() {
        Stopping::Replications(n) => {
            if n as f64 * draws > MOST_DRAWS {
                let reason = format!(
                    "{n} orders of up to {draws:.0} draws each are more than {MOST_DRAWS:.0e} draws; \
                     at most {:.0} orders are in reach",
                    (MOST_DRAWS / draws).floor()
                );
                return Err(Error::OutOfReach { reason });
            }
            report(&run(climb, seed, 0, n, progress), seed, None)
        }
        Stopping::Precision(target) => {
            let affordable = (MOST_DRAWS / draws).floor() as u64;
            let pilot = run(climb, seed, PILOT_STREAMS, PILOT, &|_, _| ()).welfare()?;
            let (wanted, capped) = if pilot.mean > 0.0 {
                // As many as needed were the pilot's coefficient of variation exact, and three standard errors on top.
                let relative = pilot.std_error / pilot.mean;
                let wanted = (1.96 * relative / target).powi(2) * PILOT as f64;
                let wanted = wanted * (1.0 + 3.0 * (2.0 / PILOT as f64).sqrt() + 6.0 * relative);
                (wanted.ceil().max(PILOT as f64), wanted > affordable as f64)
            } else {
                (CAP_WITHOUT_FILLS as f64, true)
            };
            let tally = run(climb, seed, 0, (wanted as u64).min(affordable), progress);
            let reached = tally.welfare()?.relative_precision();
            let reached = reached.is_finite().then_some(reached);
            report(&tally, seed, Some(PrecisionReport { target, reached, capped, pilot_replications: PILOT }))
        }
    }
}

/// The most draws that one order can take.
fn draws_per_order(climb: &Climb) -> f64 {
    climb.levels().iter().map(|level| if one_by_one(level) { level.attempts.as_f64() } else { 1.0 }).sum()
}

/// Whether the auctions of a level are drawn one by one.
fn one_by_one(level: &ClimbLevel) -> bool {
    level.attempts.as_f64() <= ONE_BY_ONE
}

/// Orders from stream `first` on, `BLOCK` to a stream.
fn run(climb: &Climb, seed: u64, first: u64, orders: u64, progress: Progress) -> Tally {
    let levels = climb.levels().len();
    let done = std::sync::atomic::AtomicU64::new(0);
    let blocks = orders.div_ceil(BLOCK);
    let mut all = Tally::new(levels);
    // Floating-point sums depend on their order: blocks are merged one after the other.
    for start in (0..blocks).step_by(BLOCKS_AT_ONCE as usize) {
        let some = start..blocks.min(start + BLOCKS_AT_ONCE);
        let tallies: Vec<Tally> = some
            .into_par_iter()
            .map(|block| {
                let here = BLOCK.min(orders - block * BLOCK);
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(first + block);
                let mut tally = Tally::new(levels);
                (0..here).for_each(|_| order(climb, &mut rng, &mut tally));
                progress(done.fetch_add(here, std::sync::atomic::Ordering::Relaxed) + here, orders);
                tally
            })
            .collect();
        tallies.iter().for_each(|tally| all.merge(tally));
    }
    all
}

/// One order, from the lowest level until it is filled, expires, or is found to wait forever.
fn order<R: Rng + ?Sized>(climb: &Climb, rng: &mut R, tally: &mut Tally) {
    let (mut auctions, mut before) = (0.0, 0.0);
    for (h, level) in climb.levels().iter().enumerate() {
        if level.filling_rate == 0.0 && level.attempts == Attempts::Unlimited {
            return tally.waits();
        }
        let most = level.attempts.as_f64();
        if let Some(attempt) = filled_in(level, rng) {
            // Durations add up to a finite time, but a top without limit may take longer than a number can hold.
            let delay = (before + attempt * level.duration).min(f64::MAX);
            let discounted = climb.discount().after(delay);
            return tally.filled(h, discounted, delay, auctions + attempt);
        }
        auctions += most;
        if climb.delay() == DelayCounting::Cumulative {
            before += most * level.duration;
        }
    }
    tally.expires(auctions);
}

/// The auction of a level that fills an order, if one does.
fn filled_in<R: Rng + ?Sized>(level: &ClimbLevel, rng: &mut R) -> Option<f64> {
    let rate = level.filling_rate;
    if one_by_one(level) {
        let most = level.attempts.as_f64() as u64;
        return (1..=most).find(|_| rng.random::<f64>() < rate).map(|attempt| attempt as f64);
    }
    // An order is unfilled after a auctions with probability (1 - X)^a: the first a at which that falls below a uniform draw.
    let uniform = 1.0 - rng.random::<f64>();
    let attempt = (ln(uniform) / ln_1p(-rate)).floor() + 1.0;
    // No auction fills anything at X = 0, where the quotient has no meaning.
    (rate > 0.0 && attempt <= level.attempts.as_f64()).then_some(attempt.min(f64::MAX))
}

fn report(tally: &Tally, seed: u64, precision: Option<PrecisionReport>) -> Result<SimulatedClimb> {
    let welfare = tally.welfare()?;
    let fills = tally.fills()?;
    let filled = tally.share(tally.filled_orders())?;
    let by_level = (0..tally.levels()).map(|h| {
        let (share, earned) = (fills.component(h), tally.welfare_at(h)?);
        Ok(SimulatedLevel {
            filled_share: share.mean,
            std_error: share.std_error,
            welfare: earned.mean,
            welfare_std_error: earned.std_error,
        })
    });
    Ok(SimulatedClimb {
        welfare: welfare.mean,
        std_error: welfare.std_error,
        ci95: welfare.ci95(),
        filled_share: filled.mean,
        filled_share_std_error: filled.std_error,
        expired_share: tally.share(tally.expired)?.mean,
        waiting_share: tally.share(tally.waiting)?.mean,
        replications: tally.orders(),
        seed,
        precision,
        auctions: tally.auctions(),
        delay: tally.delay(),
        by_level: by_level.collect::<Result<_>>()?,
        fills,
    })
}
