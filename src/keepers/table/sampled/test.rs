//! What was drawn, held against what is known.

use crate::estimate::{Agreement, VectorEstimate};
use nalgebra::{DMatrix, DVector};

/// Events that a run must have been expected to see for their number to be tested together with others.
pub(super) const FEW: f64 = 25.0;

/// Numbers to be tested together.
pub(super) struct Test {
    at: Vec<usize>,
    expected: Vec<f64>,
    /// Variance of one replication if the expectation is right; 0 where it is not known.
    variance: Vec<f64>,
    /// Whether it is exactly that.
    exact: Vec<bool>,
    n: f64,
}

impl Test {
    pub(super) fn new(n: f64) -> Self {
        Self { at: Vec::new(), expected: Vec::new(), variance: Vec::new(), exact: Vec::new(), n }
    }

    /// A number whose replications have this variance if the expectation is right, 0 if that is not known.
    pub(super) fn add(&mut self, at: usize, expected: f64, variance: f64) {
        self.add_about(at, expected, variance);
        if let Some(last) = self.exact.last_mut() {
            *last = variance > 0.0;
        }
    }

    /// The same where the variance is known about: only what is expected too seldom takes it.
    pub(super) fn add_about(&mut self, at: usize, expected: f64, variance: f64) {
        self.at.push(at);
        self.expected.push(expected);
        self.variance.push(variance);
        self.exact.push(false);
    }

    /// The covariance is that of the draws with the variances that are known in place of those seen: of few events the
    /// number and its estimated variance fall short together. What is expected too seldom stands by itself.
    pub(super) fn result(self, estimate: &VectorEstimate) -> Agreement {
        let rows =
            DMatrix::from_fn(self.at.len(), estimate.mean().len(), |i, j| if self.at[i] == j { 1.0 } else { 0.0 });
        let chosen = estimate.mapped(&rows);
        let seldom = |variance: f64| variance * self.n < FEW;
        let scale = |(i, &known): (usize, &f64)| {
            let seen = chosen.covariance()[(i, i)];
            if seen > 0.0 && self.exact[i] && !seldom(known) { (known / seen).sqrt() } else { 1.0 }
        };
        let scales = DVector::from_iterator(self.at.len(), self.variance.iter().enumerate().map(scale));
        let spread = chosen.mapped(&DMatrix::from_diagonal(&scales));
        let least = self.variance.iter().map(|&known| if seldom(known) { known } else { 0.0 });
        let least = DVector::from_iterator(self.at.len(), least);
        Agreement::test(&chosen, Some(&spread), &DVector::from_vec(self.expected), &least)
    }
}
