//! Moments of what happens in a cycle.

use crate::error::{Error, Result};
use crate::estimate::VectorEstimate;
use nalgebra::{DMatrix, DVector, SMatrix, SVector};

/// What is counted in a cycle.
pub(crate) const PARTS: usize = 10;

/// Orders of the first and of the second side.
pub(crate) const ORDERS: [usize; 2] = [0, 1];
/// Those of them that lost patience.
pub(crate) const UNFILLED: [usize; 2] = [2, 3];
/// Their waiting time, in units of the mean time between arrivals.
pub(crate) const WAIT: [usize; 2] = [4, 5];
/// Their discounted value.
pub(crate) const VALUE: [usize; 2] = [6, 7];
/// Length of the cycle, in the same unit of time.
pub(crate) const TIME: usize = 8;
/// The cycle itself.
pub(crate) const CYCLE: usize = 9;

/// One cycle.
pub(super) type Cycle = SVector<f64, PARTS>;

/// Count, mean and products of deviations (Welford; merged as by Chan, Golub and `LeVeque`).
pub(super) struct Tally {
    cycles: u64,
    mean: Cycle,
    products: SMatrix<f64, PARTS, PARTS>,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { cycles: 0, mean: Cycle::zeros(), products: SMatrix::zeros() }
    }

    pub(super) fn add(&mut self, cycle: &Cycle) {
        self.merge(&Self { cycles: 1, mean: *cycle, products: SMatrix::zeros() });
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.cycles == 0 {
            return;
        }
        let all = self.cycles + other.cycles;
        let (off, share) = (other.mean - self.mean, other.cycles as f64 / all as f64);
        self.mean += off * share;
        self.products += other.products + off * off.transpose() * (share * self.cycles as f64);
        self.cycles = all;
    }

    /// Mean number of orders in a cycle.
    pub(super) fn orders(&self) -> f64 {
        self.mean[ORDERS[0]] + self.mean[ORDERS[1]]
    }

    pub(super) fn estimate(&self) -> Result<VectorEstimate> {
        if self.cycles < 2 {
            return Err(Error::domain("replications", self.cycles, "an integer of at least 2"));
        }
        let covariance = self.products / (self.cycles - 1) as f64;
        let mean = DVector::from_column_slice(self.mean.as_slice());
        Ok(VectorEstimate::new(mean, DMatrix::from_column_slice(PARTS, PARTS, covariance.as_slice()), self.cycles))
    }
}
