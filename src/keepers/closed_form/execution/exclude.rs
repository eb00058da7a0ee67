//! Failed keepers are excluded: the law of a contest as a sequence of blocks, or by its sets.

use super::super::{auction, winner};
use super::state::{Block, Law};
use super::subsets;
use super::terms::{Pair, Terms, times};
use crate::error::Result;
use crate::keepers::model::{Attempts, Contest, Executor, Mechanism, Noise};
use crate::kernels::elementary::ln;
use crate::pool_tree::Discount;

/// From this difference of the logarithms of two weights on, the larger one comes first: the chance of the reverse is below
/// `e^-100` for each pair.
const APART: f64 = 100.0;

pub(super) fn value(
    contest: &Contest,
    executors: &[Executor],
    attempts: &Attempts,
    discount: &Discount,
) -> Result<[f64; 2]> {
    let terms = Terms::all(executors, attempts, discount);
    if only_one(executors, attempts) {
        let mut sum = Pair::default();
        for ((executor, terms), chance) in executors.iter().zip(&terms).zip(winner(contest)) {
            if attempts.in_time(executor.ping) {
                sum.add([chance; 2], terms.gain);
            }
        }
        return Ok(sum.value());
    }
    let Some(blocks) = blocks(contest) else {
        return match contest.mechanism() {
            Mechanism::Probe(_) => subsets::of_the_ring(contest, executors, &terms, attempts),
            _ => subsets::of_the_contest(contest, executors, &terms, attempts),
        };
    };
    let (mut sum, mut reached, mut start) = (Pair::default(), [1.0; 2], 0.0);
    for (law, members) in blocks {
        let block = Block {
            law,
            executors: members.iter().map(|&i| executors[i]).collect(),
            terms: members.iter().map(|&i| terms[i]).collect(),
        };
        if reached == [0.0; 2] || !attempts.in_time(start) {
            break;
        }
        sum.add(reached, block.value(start, attempts)?);
        for terms in &block.terms {
            reached = times(reached, terms.fail);
        }
        start += block.lost(attempts);
    }
    Ok(sum.value())
}

/// Whether the deadline leaves no time for a second attempt, whoever makes the first.
fn only_one(executors: &[Executor], attempts: &Attempts) -> bool {
    let fastest = executors.iter().map(|executor| executor.ping).fold(f64::INFINITY, f64::min);
    attempts.deadline.is_some() && !attempts.in_time(fastest + attempts.failure_delay + fastest)
}

/// The contest as blocks of entrants: all of a block come before all of the next. `None` where the order has no such law.
fn blocks(contest: &Contest) -> Option<Vec<(Law, Vec<usize>)>> {
    let n = contest.len();
    let all_alike = || vec![(Law::alike(n), (0..n).collect())];
    let equal = |numbers: &[f64]| numbers.windows(2).all(|pair| pair[0] == pair[1]);
    match contest.mechanism() {
        Mechanism::Best { scores, ranks } => Some(classes(scores, ranks.as_deref())),
        Mechanism::Uniform { .. } => Some(all_alike()),
        Mechanism::GasAuction(gas) => {
            let served = (1..=n as u64).rev().map(|left| auction::served(gas, left)).collect();
            Some(vec![(Law::Alike { served }, (0..n).collect())])
        }
        Mechanism::Weighted { log_weights } => Some(by_weight(log_weights, 1.0)),
        Mechanism::Gumbel { utilities, temperature } => Some(by_weight(utilities, *temperature)),
        Mechanism::Noise { scores, noise: Noise::Frechet } => Some(by_weight(&logarithms(scores), 1.0)),
        Mechanism::Noise { scores, .. } => {
            // Equal scores: whatever the noise, everybody alike who has one.
            let positive: Vec<usize> = (0..n).filter(|&i| scores[i] > 0.0).collect();
            let same = positive.windows(2).all(|pair| scores[pair[0]] == scores[pair[1]]);
            same.then(|| vec![(Law::alike(positive.len()), positive)])
        }
        Mechanism::Mixture { log_weights, epsilon } => {
            let without: Vec<usize> = (0..n).filter(|&i| log_weights[i] == f64::NEG_INFINITY).collect();
            if *epsilon == 1.0 || (without.is_empty() && equal(log_weights)) {
                return Some(all_alike());
            }
            // Those without a weight are alike when the others are gone.
            let mut blocks = by_weight(log_weights, 1.0);
            blocks.push((Law::alike(without.len()), without));
            (*epsilon == 0.0).then_some(blocks)
        }
        Mechanism::Race { offsets, rates } => equal(offsets).then(|| by_weight(&logarithms(rates), 1.0)),
        Mechanism::Probe(ring) => ring.stakes().iter().all(|&stake| stake >= ring.required()).then(all_alike),
    }
}

/// Those who can be selected at all, as classes of which one comes before the next whatever is drawn.
pub(super) fn precedence(contest: &Contest) -> Vec<Vec<usize>> {
    let those = |can: &dyn Fn(usize) -> bool| vec![(0..contest.len()).filter(|&i| can(i)).collect()];
    match contest.mechanism() {
        Mechanism::Best { scores, ranks } => {
            classes(scores, ranks.as_deref()).into_iter().map(|(_, class)| class).collect()
        }
        Mechanism::Weighted { log_weights: marks } | Mechanism::Gumbel { utilities: marks, .. } => {
            those(&|i| marks[i] > f64::NEG_INFINITY)
        }
        Mechanism::Noise { scores, .. } => those(&|i| scores[i] > 0.0),
        Mechanism::Probe(ring) => {
            let stakes = ring.stakes();
            let (viable, others): (Vec<usize>, Vec<usize>) =
                (0..stakes.len()).partition(|&i| stakes[i] >= ring.required());
            // When they are gone, the largest stake above the agent's minimum.
            let others: Vec<usize> = others.into_iter().filter(|&i| stakes[i] > ring.agent_minimum()).collect();
            let of_others: Vec<f64> = others.iter().map(|&i| stakes[i]).collect();
            let falling = classes(&of_others, None).into_iter();
            std::iter::once(viable)
                .chain(falling.map(|(_, class)| class.into_iter().map(|k| others[k]).collect()))
                .collect()
        }
        _ => those(&|_| true),
    }
}

fn logarithms(numbers: &[f64]) -> Vec<f64> {
    numbers.iter().map(|&x| ln(x)).collect()
}

/// Falling scores: one block for each, or, where chance decides, for each class of equal ones.
fn classes(scores: &[f64], ranks: Option<&[usize]>) -> Vec<(Law, Vec<usize>)> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // Adding 0 makes -0 and 0 the same.
    order.sort_by(|&a, &b| (scores[b] + 0.0).total_cmp(&(scores[a] + 0.0)));
    let mut classes: Vec<Vec<usize>> = order.chunk_by(|&a, &b| scores[a] == scores[b]).map(<[usize]>::to_vec).collect();
    if let Some(ranks) = ranks {
        classes.iter_mut().for_each(|class| class.sort_by_key(|&i| ranks[i]));
        classes = classes.concat().into_iter().map(|i| vec![i]).collect();
    }
    classes.into_iter().map(|class| (Law::alike(class.len()), class)).collect()
}

/// Falling logarithms of weights `u/scale`, cut where one is larger than the next by more than [`APART`].
fn by_weight(utilities: &[f64], scale: f64) -> Vec<(Law, Vec<usize>)> {
    let mut order: Vec<usize> = (0..utilities.len()).filter(|&i| utilities[i] > f64::NEG_INFINITY).collect();
    order.sort_by(|&a, &b| utilities[b].total_cmp(&utilities[a]));
    // Differences first: a quotient of a large utility and a small scale may overflow.
    let above = |a: usize, b: usize| (utilities[a] - utilities[b]) / scale;
    let blocks = order.chunk_by(|&a, &b| above(a, b) <= APART);
    blocks.map(|block| (Law::Weights(block.iter().map(|&i| -above(block[0], i)).collect()), block.to_vec())).collect()
}
