//! Exclude-and-repeat for any rule, set by set.
//!
//! ```text
//! P(S is left after k selections) = Σ_{i ∉ S} P(S ∪ {i} is left after k - 1) p_i(S ∪ {i})
//! ```
//!
//! What is left is kept as an arrangement: on the probe's ring the last keeper takes the place of the excluded one, so that
//! the law of the next depends on the order of exclusions; elsewhere the arrangement is in file order and stands for its
//! set.

use crate::error::{Error, Result};
use crate::keepers::closed_form::winner;
use crate::keepers::model::{Contest, Mechanism};
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// Arrangements that may be visited: all subsets of 16.
const MOST: f64 = 65_536.0;

/// The law of `m` selections.
#[derive(Debug, Clone)]
pub(super) struct Selections {
    /// `P(i is selected as number r)` at `(i, r - 1)`, for `r` up to `m`.
    pub(super) ranks: DMatrix<f64>,
    /// Joint inclusion, the diagonal being inclusion.
    pub(super) joint: DMatrix<f64>,
    /// Probability that fewer than `m` could be selected.
    pub(super) short: f64,
}

type Arrangements = BTreeMap<Vec<usize>, (Contest, f64)>;

/// # Errors
/// [`Error::OutOfReach`] for too many arrangements.
pub(super) fn selections(contest: &Contest, m: usize) -> Result<Selections> {
    let n = contest.len();
    let rounds = m.min(n);
    // Sets of those selected before each round; orders of exclusion are more, and are counted as they appear.
    let sets = (0..rounds).scan(1.0, |sets, k| {
        let now = *sets;
        *sets *= (n - k) as f64 / (k + 1) as f64;
        Some(now)
    });
    reachable(sets.sum(), n, m)?;
    let mut law = Selections { ranks: DMatrix::zeros(n, rounds), joint: DMatrix::zeros(n, n), short: 0.0 };
    let mut level: Arrangements = BTreeMap::from([((0..n).collect(), (contest.clone(), 1.0))]);
    let mut visited = 0.0;
    for round in 0..rounds {
        visited += level.len() as f64;
        reachable(visited, n, m)?;
        let mut next = Arrangements::new();
        for (left, (contest, p)) in level {
            let chances = winner(&contest);
            // The rules that may select nobody do so for certain or not at all; the gas auction is not treated here.
            if !(chances.iter().sum::<f64>() > 0.0) {
                law.short += p;
                law.include(&left, p);
                continue;
            }
            for (place, chance) in chances.into_iter().enumerate().filter(|(_, chance)| *chance > 0.0) {
                law.ranks[(left[place], round)] += p * chance;
                let mut rest = left.clone();
                if matches!(contest.mechanism(), Mechanism::Probe(_)) {
                    rest.swap_remove(place);
                } else {
                    rest.remove(place);
                }
                let entry = next.entry(rest).or_insert_with(|| (contest.without(place), 0.0));
                entry.1 += p * chance;
            }
        }
        level = next;
    }
    level.iter().for_each(|(left, (_, p))| law.include(left, *p));
    if m > n {
        law.short = 1.0;
    }
    Ok(law)
}

impl Selections {
    /// With probability `p` all but those left are selected.
    fn include(&mut self, left: &[usize], p: f64) {
        let n = self.joint.nrows();
        let selected: Vec<usize> = (0..n).filter(|i| !left.contains(i)).collect();
        for &i in &selected {
            selected.iter().for_each(|&j| self.joint[(i, j)] += p);
        }
    }
}

fn reachable(arrangements: f64, n: usize, m: usize) -> Result<()> {
    if arrangements <= MOST {
        return Ok(());
    }
    let reason = format!(
        "{m} of {n} keepers by this rule have more than {MOST} arrangements of those left; the limit is {MOST}"
    );
    Err(Error::OutOfReach { reason })
}
