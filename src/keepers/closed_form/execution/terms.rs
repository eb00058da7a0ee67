//! What one attempt contributes, without discount and with it.

use crate::keepers::model::{Attempts, Executor};
use crate::kernels::elementary::{exp, exp_m1, ln_1p};
use crate::kernels::sum::Sum;
use crate::pool_tree::Discount;

/// Numbers of one keeper, each at `β = 1` and at `β`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// `ρ d`.
    pub(super) gain: [f64; 2],
    /// `q = (1 - ρ) d β^Δ`.
    pub(super) fail: [f64; 2],
    /// `1 - q`, not formed as a difference: it is as small as `ρ` where nothing is discounted.
    pub(super) rest: [f64; 2],
    /// `ln q`.
    pub(super) ln_fail: [f64; 2],
}

impl Terms {
    pub(super) fn new(executor: &Executor, attempts: &Attempts, discount: &Discount) -> Self {
        let success = executor.reliability;
        let ln_lost = discount.ln_factor() * attempts.lost(executor);
        let lost = exp(ln_lost);
        let ln_failure = ln_1p(-success);
        Self {
            gain: [success, success * discount.after(executor.ping)],
            fail: [1.0 - success, (1.0 - success) * lost],
            rest: [success, success * lost - exp_m1(ln_lost)],
            ln_fail: [ln_failure, ln_failure + ln_lost],
        }
    }

    pub(super) fn all(executors: &[Executor], attempts: &Attempts, discount: &Discount) -> Vec<Self> {
        executors.iter().map(|executor| Self::new(executor, attempts, discount)).collect()
    }

    /// `ρ d/(1 - q)`; 0 for a keeper that fails for ever at no loss.
    pub(super) fn index(&self) -> [f64; 2] {
        [0, 1].map(|b| if self.gain[b] == 0.0 { 0.0 } else { self.gain[b] / self.rest[b] })
    }
}

/// Two running sums.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pair([Sum; 2]);

impl Pair {
    /// Adds `weight · term`.
    pub(super) fn add(&mut self, weight: [f64; 2], term: [f64; 2]) {
        self.0.iter_mut().zip(times(weight, term)).for_each(|(sum, term)| sum.add(term));
    }

    pub(super) fn value(self) -> [f64; 2] {
        self.0.map(Sum::value)
    }
}

/// The products.
pub(super) fn times(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] * b[0], a[1] * b[1]]
}

/// The multiples.
pub(super) fn scaled(factor: f64, a: [f64; 2]) -> [f64; 2] {
    a.map(|x| factor * x)
}
