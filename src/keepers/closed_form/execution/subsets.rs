//! Through all sets of keepers that have failed: the time elapsed depends on the set alone.

use super::super::winner;
use super::state::{Block, Law, Step};
use super::terms::{Pair, Terms};
use crate::error::{Error, Result};
use crate::keepers::model::{Attempts, Contest, Executor};
use crate::kernels::elementary::exp;
use std::collections::BTreeMap;

/// Most keepers of a block, whose law is cheap.
pub(super) const MOST_IN_BLOCK: usize = 20;

/// Most keepers of a contest whose law is worked out afresh for every set.
const MOST: usize = 16;

/// Most arrangements of the ring.
const MOST_ARRANGEMENTS: usize = 100_000;

/// Most keepers, over all arrangements, each with all that may follow it: about a second.
const MOST_STEPS: usize = 50_000_000;

/// A block with a deadline that matters; `None` if there are too many sets.
pub(super) fn of_a_block(block: &Block, start: f64, attempts: &Attempts) -> Option<[f64; 2]> {
    let n = block.executors.len();
    let step = Step { executors: &block.executors, terms: &block.terms, attempts };
    (n <= MOST_IN_BLOCK).then(|| match &block.law {
        Law::Alike { served } => through(n, start, &step, |failed, chances| {
            let count = failed.count_ones() as usize;
            let served = served.get(count).copied().unwrap_or(0.0);
            chances.fill(served / (n - count) as f64);
        }),
        Law::Weights(log_weights) => through(n, start, &step, |failed, chances| {
            // Weights fall: the first who is left has the largest. Relative to it none of those that matter underflows.
            let largest = log_weights[failed.trailing_ones() as usize];
            let mut total = 0.0;
            for (i, chance) in chances.iter_mut().enumerate().filter(|(i, _)| failed & (1 << i) == 0) {
                *chance = exp(log_weights[i] - largest);
                total += *chance;
            }
            chances.iter_mut().for_each(|chance| *chance /= total);
        }),
    })
}

/// A contest without structure: the law of the winner among the others of every set.
pub(super) fn of_the_contest(
    contest: &Contest,
    executors: &[Executor],
    terms: &[Terms],
    attempts: &Attempts,
) -> Result<[f64; 2]> {
    let n = contest.len();
    if n > MOST {
        let reason =
            format!("all sets of {n} keepers, more than {MOST}, under a rule whose orders have no product form");
        return Err(Error::OutOfReach { reason });
    }
    let step = Step { executors, terms, attempts };
    Ok(through(n, 0.0, &step, |failed, chances| {
        // From the last one down, so that places of those still to be excluded do not change.
        let out = (0..n).rev().filter(|i| failed & (1 << i) != 0);
        let law = winner(&out.fold(contest.clone(), |contest, i| contest.without(i)));
        let left = (0..n).filter(|i| failed & (1 << i) == 0);
        left.zip(law).for_each(|(i, chance)| chances[i] = chance);
    }))
}

/// `law` fills in the chances of those who are left of a set of failed ones, at their places.
fn through(n: usize, start: f64, step: &Step, mut law: impl FnMut(usize, &mut [f64])) -> [f64; 2] {
    let everybody = (1usize << n) - 1;
    let mut reached = vec![[0.0; 2]; everybody + 1];
    let mut chances = vec![0.0; n];
    let mut sum = Pair::default();
    reached[0] = [1.0; 2];
    for failed in 0..everybody {
        let mass = reached[failed];
        if mass == [0.0; 2] {
            continue;
        }
        let elapsed: f64 = start
            + (0..n).filter(|i| failed & (1 << i) != 0).map(|i| step.attempts.lost(&step.executors[i])).sum::<f64>();
        if !step.attempts.in_time(elapsed) {
            continue;
        }
        law(failed, &mut chances);
        for i in (0..n).filter(|i| failed & (1 << i) == 0) {
            let next = step.attempt(i, chances[i], elapsed, mass, &mut sum);
            let to = &mut reached[failed | (1 << i)];
            *to = [to[0] + next[0], to[1] + next[1]];
        }
    }
    sum.value()
}

/// The probe: whoever leaves the ring is replaced by the last one, so that what is left depends on the order in which they
/// left. Through the arrangements, one more failure at a time.
pub(super) fn of_the_ring(
    contest: &Contest,
    executors: &[Executor],
    terms: &[Terms],
    attempts: &Attempts,
) -> Result<[f64; 2]> {
    let too_many = |what: String| {
        let reason = format!("{what} of a ring of {} keepers", contest.len());
        Error::OutOfReach { reason }
    };
    // Without a deadline every set of those who can fail is met, each as an arrangement of its own.
    let certain = winner(contest);
    let unsure = certain.iter().zip(executors).filter(|(chance, of)| **chance > 0.0 && of.reliability < 1.0).count();
    if attempts.deadline.is_none() && 1usize.checked_shl(unsure as u32).is_none_or(|sets| sets > MOST_ARRANGEMENTS) {
        return Err(too_many(format!("the sets of {unsure} keepers that can fail")));
    }
    let place: BTreeMap<usize, usize> = contest.entrants().iter().enumerate().map(|(i, &keeper)| (keeper, i)).collect();
    let places =
        |of: &Contest| -> Vec<usize> { of.entrants().iter().filter_map(|keeper| place.get(keeper).copied()).collect() };
    let step = Step { executors, terms, attempts };
    let mut sum = Pair::default();
    let mut layer = BTreeMap::from([(places(contest), (contest.clone(), [1.0; 2]))]);
    let (mut seen, mut steps) = (1, 0);
    while !layer.is_empty() {
        let mut next: BTreeMap<Vec<usize>, (Contest, [f64; 2])> = BTreeMap::new();
        for (left, (rest, mass)) in &layer {
            steps += left.len() * left.len();
            if steps > MOST_STEPS {
                return Err(too_many(format!("more than {MOST_STEPS} steps through the arrangements")));
            }
            let mut present = vec![false; executors.len()];
            left.iter().for_each(|&i| present[i] = true);
            let failed = executors.iter().zip(&present).filter(|(_, present)| !**present);
            let elapsed: f64 = failed.map(|(executor, _)| attempts.lost(executor)).sum();
            if !attempts.in_time(elapsed) {
                continue;
            }
            for (k, chance) in winner(rest).into_iter().enumerate().filter(|(_, chance)| *chance > 0.0) {
                let leads = step.attempt(left[k], chance, elapsed, *mass, &mut sum);
                if leads == [0.0; 2] {
                    continue;
                }
                let reduced = rest.without(k);
                let (_, mass) = next.entry(places(&reduced)).or_insert((reduced, [0.0; 2]));
                *mass = [mass[0] + leads[0], mass[1] + leads[1]];
            }
        }
        seen += next.len();
        if seen > MOST_ARRANGEMENTS {
            return Err(too_many(format!("more than {MOST_ARRANGEMENTS} arrangements")));
        }
        layer = next;
    }
    Ok(sum.value())
}
