//! Committees, drawn.

use super::auction::mixed_bid;
use super::select;
use crate::error::Result;
use crate::estimate::{CountMoments, VectorEstimate};
use crate::keepers::model::{Contest, Mechanism, MixedStrategy, Noise, Reading, Rest, Ring};
use crate::kernels::elementary::ln;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// A uniform number in `(0, 1)`: the middle of one of `2^53` cells, so that its logarithm is finite and below 0.
fn open<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) * (0.5 * f64::EPSILON)
}

/// Logarithm of a standard exponential time.
fn ln_exponential<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    ln(-ln(open(rng)))
}

/// Selects up to `m` entrants one after the other, each time by the rule applied to those left; their places in
/// [`Contest::entrants`], in the order of selection. Fewer where nobody can be selected any more.
///
/// ```
/// use pooltree::keepers::simulation::committee::draw;
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task};
/// use rand::SeedableRng;
/// let keepers = Keepers::new(vec![Keeper::new("a"), Keeper::new("b")])?;
/// let contest = Contest::new(&keepers, &Rule::uniform(), &Task::default())?;
/// let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// let mut selected = draw(&contest, 5, &mut rng);
/// selected.sort_unstable();
/// assert_eq!(selected, [0, 1]);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn draw<R: Rng + ?Sized>(contest: &Contest, m: usize, rng: &mut R) -> Vec<usize> {
    let mut places: Vec<usize> = (0..contest.len()).collect();
    let mut left = contest.clone();
    let mut selected = Vec::with_capacity(m.min(contest.len()));
    while selected.len() < m {
        let Some(i) = select(&left, rng) else { break };
        left = left.without(i);
        // As the contest does: on the ring the last one takes the place of the excluded one.
        let place =
            if matches!(left.mechanism(), Mechanism::Probe(_)) { places.swap_remove(i) } else { places.remove(i) };
        selected.push(place);
    }
    selected
}

/// Selects up to `m` with chances proportional to `e^(log weight)` by exclude-and-repeat, in one pass: the first to arrive
/// in a race of exponential times, in the order of arrival. Those without a weight never arrive.
///
/// The times are compared as `ln(-ln U) - log weight`: `U^(1/w)` would underflow for small weights.
pub fn race<R: Rng + ?Sized>(log_weights: &[f64], m: usize, rng: &mut R) -> Vec<usize> {
    let mut arrivals: Vec<(f64, usize)> = log_weights
        .iter()
        .enumerate()
        .map(|(i, w)| (ln_exponential(rng) - w, i))
        .filter(|(t, _)| *t < f64::INFINITY)
        .collect();
    let earlier = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0);
    if 0 < m && m < arrivals.len() {
        arrivals.select_nth_unstable_by(m - 1, earlier);
    }
    arrivals.truncate(m);
    arrivals.sort_by(earlier);
    arrivals.into_iter().map(|(_, i)| i).collect()
}

/// The ranking by one draw of the rule's randomness: places in [`Contest::entrants`], the first ranking highest; without
/// those who cannot be selected.
///
/// A mixture tosses one coin for all; a probe keeps its start and passes over those it has selected.
pub fn rank_once<R: Rng + ?Sized>(contest: &Contest, rng: &mut R) -> Vec<usize> {
    let n = contest.len();
    match contest.mechanism() {
        Mechanism::Best { scores, ranks: Some(ranks) } => by_largest((0..n).map(|i| (scores[i], -(ranks[i] as f64)))),
        Mechanism::Best { scores, ranks: None } => by_largest(scores.iter().map(|&score| (score, open(rng)))),
        Mechanism::Uniform { rest: Rest::Random } => permutation(n, rng),
        Mechanism::Uniform { rest: Rest::Cyclic } => {
            let start = if n > 0 { rng.random_range(0..n) } else { 0 };
            (0..n).map(|k| (start + k) % n).collect()
        }
        Mechanism::Weighted { log_weights } => race(log_weights, n, rng),
        Mechanism::Noise { scores, noise } => by_largest(scores.iter().map(|f| {
            let ln_noise = match noise {
                Noise::Uniform => ln(open(rng)),
                Noise::Exponential => ln_exponential(rng),
                Noise::Frechet | Noise::Gumbel => -ln_exponential(rng),
            };
            (ln(*f) + ln_noise, ln_noise)
        })),
        Mechanism::Gumbel { utilities, temperature } => {
            // Relative to the largest one, and by the noise alone where it is too small to change the sum.
            let largest = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            by_largest(utilities.iter().map(|u| {
                let gumbel = -ln_exponential(rng);
                (if *u == f64::NEG_INFINITY { *u } else { (u - largest) + temperature * gumbel }, gumbel)
            }))
        }
        Mechanism::Mixture { log_weights, epsilon } => {
            if rng.random::<f64>() < *epsilon {
                return permutation(n, rng);
            }
            let mut ranking = race(log_weights, n, rng);
            let others = permutation(n, rng).into_iter().filter(|&i| log_weights[i] == f64::NEG_INFINITY);
            ranking.extend(others);
            ranking
        }
        Mechanism::Probe(ring) => probe(ring, rng),
        Mechanism::GasAuction(auction) => {
            let strategy = MixedStrategy::new(auction, n as u64);
            // Equal bids are ordered at random.
            let mut bid = || mixed_bid(&strategy, rng).map(|bid| (bid, open(rng)));
            let bids: Vec<Option<(f64, f64)>> = (0..n).map(|_| bid()).collect();
            let among = by_largest(bids.iter().map(|bid| bid.unwrap_or((f64::NEG_INFINITY, 0.0))));
            among.into_iter().filter(|&i| bids[i].is_some()).collect()
        }
        Mechanism::Race { offsets, rates } => by_largest(offsets.iter().zip(rates).map(|(offset, rate)| {
            let time = -ln(open(rng)) / rate;
            (-(offset + time), -time)
        })),
    }
}

/// Shares of `replications` draws in which each entrant is selected, with their covariance.
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for fewer than two replications.
pub fn inclusion<R: Rng + ?Sized>(
    contest: &Contest,
    m: usize,
    reading: Reading,
    replications: u64,
    rng: &mut R,
) -> Result<VectorEstimate> {
    let mut moments = CountMoments::new(contest.len());
    for _ in 0..replications {
        let mut counts = vec![0; contest.len()];
        select_several(contest, m, reading, rng).into_iter().for_each(|i| counts[i] = 1);
        moments.add(&counts);
    }
    moments.estimate(1.0)
}

/// Up to `m` entrants in the order of selection.
pub fn select_several<R: Rng + ?Sized>(contest: &Contest, m: usize, reading: Reading, rng: &mut R) -> Vec<usize> {
    match reading {
        Reading::ExcludeAndRepeat => draw(contest, m, rng),
        Reading::SingleDraw => {
            let mut ranking = rank_once(contest, rng);
            ranking.truncate(m);
            ranking
        }
    }
}

fn permutation<R: Rng + ?Sized>(n: usize, rng: &mut R) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    all.shuffle(rng);
    all
}

/// By the first number, the largest first, among equals by the second; nobody whose first number is `-∞`.
fn by_largest(numbers: impl Iterator<Item = (f64, f64)>) -> Vec<usize> {
    let mut all: Vec<(f64, f64, usize)> =
        numbers.enumerate().map(|(i, (a, b))| (a + 0.0, b, i)).filter(|(a, ..)| *a > f64::NEG_INFINITY).collect();
    all.sort_by(|x, y| y.0.total_cmp(&x.0).then(y.1.total_cmp(&x.1)));
    all.into_iter().map(|(.., i)| i).collect()
}

/// Round after round from the same start, each to the first that is left with enough stake; without one, to the largest
/// stake above the agent's minimum, met first among equals.
fn probe<R: Rng + ?Sized>(ring: &Ring, rng: &mut R) -> Vec<usize> {
    let n = ring.stakes().len();
    let start = if n > 0 { rng.random_range(0..n) } else { 0 };
    let mut selected = Vec::new();
    let mut passed = vec![false; n];
    loop {
        let mut found = None;
        let mut largest = ring.agent_minimum();
        for i in (0..n).map(|k| (start + k) % n).filter(|&i| !passed[i]) {
            let stake = ring.stakes()[i];
            if stake >= ring.required() {
                found = Some(i);
                break;
            }
            if stake > largest {
                (found, largest) = (Some(i), stake);
            }
        }
        let Some(i) = found else { return selected };
        passed[i] = true;
        selected.push(i);
    }
}
