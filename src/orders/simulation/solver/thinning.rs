//! Matches that are missed.

use crate::error::{Result, checked};
use rand_distr::{Binomial, Distribution};

/// Finds each match with the same probability, independently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thinning {
    success: f64,
}

impl Thinning {
    pub(super) fn new(success: f64) -> Result<Self> {
        checked("success", success, |s| (0.0..=1.0).contains(&s), "at least 0 and at most 1")?;
        Ok(Self { success })
    }

    /// Whether everything is found, without a random number.
    pub(super) fn never_misses(self) -> bool {
        self.success >= 1.0
    }

    /// How many of `matches` are found: `Binomial(matches, success)`.
    pub(super) fn found<R: rand::Rng + ?Sized>(self, matches: u64, rng: &mut R) -> u64 {
        if matches == 0 || self.never_misses() {
            return matches;
        }
        // A probability is all that the law asks for, and `new` has seen that it is one.
        Binomial::new(matches, self.success).map_or(0, |law| law.sample(rng))
    }
}
