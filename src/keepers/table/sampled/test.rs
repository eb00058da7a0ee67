//! What was drawn, held against what is known.

use crate::estimate::{Agreement, VectorEstimate};
use nalgebra::{DMatrix, DVector};

/// Events that a run must have been expected to see for their number to be tested by its variance.
pub(super) const FEW: f64 = 25.0;

/// Numbers to be tested together.
pub(super) struct Test {
    pub(super) at: Vec<usize>,
    pub(super) expected: Vec<f64>,
    pub(super) least: Vec<f64>,
    pub(super) n: f64,
}

impl Test {
    /// A number whose replications have this variance if the expectation is right: what was seen seldom takes it.
    pub(super) fn add(&mut self, at: usize, expected: f64, variance: f64) {
        self.at.push(at);
        self.expected.push(expected);
        self.least.push(if variance * self.n < FEW { variance } else { 0.0 });
    }

    pub(super) fn result(self, estimate: &VectorEstimate) -> Agreement {
        let rows =
            DMatrix::from_fn(self.at.len(), estimate.mean().len(), |i, j| if self.at[i] == j { 1.0 } else { 0.0 });
        let [expected, least] = [self.expected, self.least].map(DVector::from_vec);
        Agreement::test(&estimate.mapped(&rows), None, &expected, &least)
    }
}
