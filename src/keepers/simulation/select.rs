//! One selection.

use super::{U256, auction, probe};
use crate::keepers::model::{Contest, Mechanism, Noise};
use crate::kernels::elementary::{exp, ln};
use rand::distr::Open01;
use rand::{Rng, RngExt};

/// Draws the mechanism of the contest once: the index of the entrant that is selected, if anybody is.
///
/// Noise, utilities and arrivals are drawn entrant by entrant and compared; weights as a race, the largest `ln w + G` with
/// Gumbel noise `G`. Everything is compared relative to the largest or as a logarithm, so that nothing overflows and noise is
/// not lost beside large numbers; only arrivals at rates below 1e-306 may come too late for a number. An entrant of weight 0
/// is never selected.
///
/// ```
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, simulation::select};
/// use rand::SeedableRng;
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 0.0), staked("b", 1e-300), staked("c", 0.0)])?;
/// let contest = Contest::new(&keepers, &Rule::stake_power(1.0), &Task::default())?;
/// assert_eq!(select(&contest, &mut rand_chacha::ChaCha8Rng::seed_from_u64(1)), Some(1));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn select<R: Rng + ?Sized>(contest: &Contest, rng: &mut R) -> Option<usize> {
    let n = contest.len();
    match contest.mechanism() {
        Mechanism::Best { scores, ranks } => best(scores, ranks.as_deref(), rng),
        Mechanism::Uniform { .. } => anybody(n, rng),
        Mechanism::Weighted { log_weights } => race(log_weights, 1.0, rng),
        Mechanism::Gumbel { utilities, temperature } => race(utilities, *temperature, rng),
        Mechanism::Mixture { log_weights, epsilon } => {
            if rng.random::<f64>() < *epsilon {
                return anybody(n, rng);
            }
            race(log_weights, 1.0, rng).or_else(|| anybody(n, rng))
        }
        Mechanism::Noise { scores, noise } => noisy(scores.iter().map(|&f| ln(f)), *noise, rng),
        Mechanism::Probe(ring) => probe(ring, U256::random(rng)),
        Mechanism::GasAuction(gas) => auction::select(gas, n, rng),
        Mechanism::Race { offsets, rates } => first(offsets, rates, rng),
    }
}

/// A contest prepared for many draws, each of which follows the law of [`select`] without allocating.
///
/// Weights are summed up once and a draw looks up one uniform number; of the greatest scores only the tied ones are kept.
///
/// ```
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, simulation::Selector};
/// use rand::SeedableRng;
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 3.0)])?;
/// let contest = Contest::new(&keepers, &Rule::stake_power(1.0), &Task::default())?;
/// let (mut rng, mut selector) = (rand_chacha::ChaCha8Rng::seed_from_u64(1), Selector::new(&contest));
/// let hits = (0..10_000).filter(|_| selector.draw(&mut rng) == Some(1)).count();
/// assert!(hits.abs_diff(7500) < 250); // 5.8 standard deviations
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Selector<'c> {
    contest: &'c Contest,
    prepared: Prepared,
}

#[derive(Debug, Clone)]
enum Prepared {
    /// Those with the greatest score, or the first of them.
    Tied(Vec<usize>),
    /// Weights summed up.
    Sums(Vec<f64>),
    /// Logarithms of the scores.
    Logs(Vec<f64>),
    /// Nothing to prepare.
    Nothing,
}

impl<'c> Selector<'c> {
    /// Prepares the draws.
    pub fn new(contest: &'c Contest) -> Self {
        let prepared = match contest.mechanism() {
            Mechanism::Best { scores, ranks } => {
                let greatest = greatest(scores);
                let mut tied: Vec<usize> = (0..scores.len()).filter(|&i| scores[i] == greatest).collect();
                if let Some(ranks) = ranks {
                    tied.sort_by_key(|&i| ranks[i]);
                    tied.truncate(1);
                }
                Prepared::Tied(tied)
            }
            Mechanism::Weighted { log_weights } | Mechanism::Mixture { log_weights, .. } => {
                Prepared::Sums(sums(log_weights))
            }
            Mechanism::Noise { scores, .. } => Prepared::Logs(scores.iter().map(|&f| ln(f)).collect()),
            _ => Prepared::Nothing,
        };
        Self { contest, prepared }
    }

    /// Draws once: the index of the entrant that is selected, if anybody is.
    pub fn draw<R: Rng + ?Sized>(&mut self, rng: &mut R) -> Option<usize> {
        match (&self.prepared, self.contest.mechanism()) {
            (Prepared::Tied(tied), _) => anybody(tied.len(), rng).map(|k| tied[k]),
            (Prepared::Sums(sums), Mechanism::Mixture { epsilon, .. }) => {
                if rng.random::<f64>() < *epsilon {
                    return anybody(sums.len(), rng);
                }
                look_up(sums, rng).or_else(|| anybody(sums.len(), rng))
            }
            (Prepared::Sums(sums), _) => look_up(sums, rng),
            (Prepared::Logs(logs), Mechanism::Noise { noise, .. }) => noisy(logs.iter().copied(), *noise, rng),
            _ => select(self.contest, rng),
        }
    }
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn anybody<R: Rng + ?Sized>(n: usize, rng: &mut R) -> Option<usize> {
    (n > 0).then(|| rng.random_range(0..n))
}

fn best<R: Rng + ?Sized>(scores: &[f64], ranks: Option<&[usize]>, rng: &mut R) -> Option<usize> {
    let greatest = greatest(scores);
    let mut tied = (0..scores.len()).filter(|&i| scores[i] == greatest);
    if let Some(ranks) = ranks {
        return tied.min_by_key(|&i| ranks[i]);
    }
    let among = tied.clone().count();
    anybody(among, rng).and_then(|k| tied.nth(k))
}

/// Weights `e^(log weight)` relative to the largest, summed up.
fn sums(log_weights: &[f64]) -> Vec<f64> {
    let greatest = greatest(log_weights);
    let mut sum = 0.0;
    let add = |&ln_w: &f64| {
        sum += if ln_w == f64::NEG_INFINITY { 0.0 } else { exp(ln_w - greatest) };
        sum
    };
    log_weights.iter().map(add).collect()
}

/// The entrant on whose part of the sum a uniform number falls.
fn look_up<R: Rng + ?Sized>(sums: &[f64], rng: &mut R) -> Option<usize> {
    let &all = sums.last().filter(|&&all| all > 0.0)?;
    loop {
        // An entrant without weight has no part: its sum is that of the one before.
        let at = all * rng.random::<f64>();
        let i = sums.partition_point(|&sum| sum <= at);
        if i < sums.len() {
            return Some(i); // else the product was rounded up to the sum of all
        }
    }
}

/// The largest number, the first of several; minus infinity takes no part.
fn largest(values: impl Iterator<Item = f64>) -> Option<usize> {
    let mut leader = None;
    let mut most = f64::NEG_INFINITY;
    for (i, value) in values.enumerate() {
        if value > most {
            (leader, most) = (Some(i), value);
        }
    }
    leader
}

/// The largest utility with Gumbel noise of scale `temperature`.
fn race<R: Rng + ?Sized>(utilities: &[f64], temperature: f64, rng: &mut R) -> Option<usize> {
    let greatest = greatest(utilities);
    let shifted = utilities.iter().filter(|_| greatest > f64::NEG_INFINITY).map(|u| (u - greatest) / temperature);
    largest(shifted.map(|u| if u == f64::NEG_INFINITY { u } else { u - ln(exponential(rng)) }))
}

/// The largest `ln f` plus logarithm of the noise.
fn noisy<R: Rng + ?Sized>(logs: impl Iterator<Item = f64>, noise: Noise, rng: &mut R) -> Option<usize> {
    let drawn = |ln_f: f64| {
        if ln_f == f64::NEG_INFINITY {
            return ln_f;
        }
        ln_f + match noise {
            Noise::Uniform => -exponential(rng),
            Noise::Exponential => ln(exponential(rng)),
            Noise::Frechet | Noise::Gumbel => -ln(exponential(rng)),
        }
    };
    largest(logs.map(drawn))
}

/// The first to arrive. Two are compared by the difference of their offsets, in which small delays are not lost.
fn first<R: Rng + ?Sized>(offsets: &[f64], rates: &[f64], rng: &mut R) -> Option<usize> {
    let mut leader: Option<(usize, f64)> = None;
    for (i, (&offset, &rate)) in offsets.iter().zip(rates).enumerate() {
        let delay = exponential(rng) / rate;
        if leader.is_none_or(|(first, least)| (offset - offsets[first]) + delay < least) {
            leader = Some((i, delay));
        }
    }
    leader.map(|(i, _)| i)
}

/// A standard exponential time, above 0 and finite.
fn exponential<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    -ln(rng.sample::<f64, _>(Open01))
}
