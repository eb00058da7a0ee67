//! What the ways through failed keepers share: a block of keepers, and one attempt.

use super::terms::{Pair, Terms, scaled, times};
use crate::keepers::model::{Attempts, Executor};

/// In which order they try.
#[derive(Debug)]
pub(super) enum Law {
    /// Everybody alike; somebody at all with probability `served[k]` after `k` have failed.
    Alike {
        /// One for each.
        served: Vec<f64>,
    },
    /// By weights, given as logarithms of which the largest is 0, falling.
    Weights(Vec<f64>),
}

/// A block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) law: Law,
    pub(super) executors: Vec<Executor>,
    pub(super) terms: Vec<Terms>,
}

impl Block {
    /// What it takes if all fail.
    pub(super) fn lost(&self, attempts: &Attempts) -> f64 {
        self.executors.iter().map(|executor| attempts.lost(executor)).sum()
    }
}

impl Law {
    /// Everybody alike, somebody for certain.
    pub(super) fn alike(n: usize) -> Self {
        Self::Alike { served: vec![1.0; n] }
    }
}

/// `Σ p_i ρ_i d_i` of those in time, and what fails, added to where it leads.
pub(super) struct Step<'s> {
    pub(super) executors: &'s [Executor],
    pub(super) terms: &'s [Terms],
    pub(super) attempts: &'s Attempts,
}

impl Step<'_> {
    /// Entrant `i` is selected with probability `chance` at `elapsed`; what its failure leaves.
    pub(super) fn attempt(&self, i: usize, chance: f64, elapsed: f64, reached: [f64; 2], sum: &mut Pair) -> [f64; 2] {
        let selected = scaled(chance, reached);
        if self.attempts.in_time(elapsed + self.executors[i].ping) {
            sum.add(selected, self.terms[i].gain);
        }
        times(selected, self.terms[i].fail)
    }
}
