//! The sums that a replication is reduced to, and how shares and welfare are read off them.

use crate::estimate::{Estimate, VectorEstimate};
use nalgebra::DVector;

/// What is summed for every level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Orders filled.
    Filled,
    /// Their delays.
    Delay,
    /// Their values.
    Value,
    /// Their discounted values.
    Worth,
    /// Orders that pairs alone would have filled up to this level, none carried over.
    Neutral,
    /// Auctions executed, where keepers run them.
    Executed,
}

/// What is summed over all levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// Orders that arrived.
    Arrived,
    /// Their values.
    Offered,
    /// Orders that expired.
    Expired,
    /// Orders still there at the end.
    Waiting,
    /// Orders carried over by the highest level, summed over its auctions.
    Carried,
}

/// Orders filled from which on a mean over them has a standard error.
const FEW_ORDERS: f64 = 100.0;

const PARTS: usize = 6;
const WHOLES: usize = 5;

/// Length of the vector of sums.
pub(super) fn length(levels: usize) -> usize {
    PARTS * levels + WHOLES
}

/// Place of a part in the vector of sums.
pub(super) fn part(level: usize, part: Part) -> usize {
    WHOLES + PARTS * level + part as usize
}

/// Place of a whole in the vector of sums.
pub(super) fn whole(whole: Whole) -> usize {
    whole as usize
}

/// Mean and covariance of the sums of one replication.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sums {
    pub(crate) estimate: VectorEstimate,
    pub(crate) levels: usize,
    /// Orders expected to arrive in the windows that count.
    pub(crate) orders: f64,
    /// Auctions of every level in the windows that count.
    pub(crate) auctions: Vec<f64>,
    /// Auctions of one pool of the highest height in the windows that count.
    pub(crate) windows: f64,
}

impl Sums {
    /// Number of sums.
    pub(crate) fn length(&self) -> usize {
        length(self.levels)
    }

    fn pick(&self, at: usize) -> DVector<f64> {
        let mut weights = DVector::zeros(length(self.levels));
        weights[at] = self.orders.recip();
        weights
    }

    /// Weights of a quantity of one level, per order.
    pub(crate) fn at(&self, level: usize, of: Part) -> DVector<f64> {
        self.pick(part(level, of))
    }

    /// Weights of a quantity summed over the levels, per order.
    pub(crate) fn over_levels(&self, of: Part) -> DVector<f64> {
        (0..self.levels).fold(DVector::zeros(length(self.levels)), |sum, level| sum + self.at(level, of))
    }

    /// Weights of a quantity of no level, per order.
    pub(crate) fn of_all(&self, of: Whole) -> DVector<f64> {
        self.pick(whole(of))
    }

    /// Estimate of a linear form of the sums.
    pub(crate) fn linear(&self, weights: &DVector<f64>) -> Estimate {
        self.estimate.linear(weights)
    }

    /// Whether enough orders were filled for a mean over them to have a standard error; `share` of them per order that
    /// arrives.
    pub(crate) fn seen(&self, share: &Estimate) -> bool {
        share.mean * self.orders * share.replications as f64 >= FEW_ORDERS
    }

    /// Mean of one quantity over another, if there was any of the latter.
    pub(crate) fn ratio(&self, over: &DVector<f64>, under: &DVector<f64>) -> Option<Estimate> {
        self.estimate.ratio(over, under)
    }
}
