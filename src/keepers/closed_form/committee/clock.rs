//! Independent clocks whose order of ringing is the ranking, and the points at which integrals over them are taken.

use crate::kernels::elementary::ln;

mod exponential;
mod offsets;
mod scores;

/// What every member's clock says at one point of the integral.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Probability, weight of the point included, that a member's clock rings here.
    pub(super) here: Vec<f64>,
    /// Probability that it has rung before, that is ranks higher.
    pub(super) before: Vec<f64>,
    /// Probability that it has not.
    pub(super) after: Vec<f64>,
}

impl Point {
    fn new(n: usize) -> Self {
        Self { here: vec![0.0; n], before: vec![0.0; n], after: vec![0.0; n] }
    }

    /// Whether more than `m` clocks have rung but for a probability of `e^-45`, by Chernoff's bounds on the number of those
    /// that have and of those that have not.
    fn is_over(&self, m: usize) -> bool {
        const NEVER: f64 = -45.0;
        let n = self.before.len();
        if m >= n {
            return false;
        }
        // ln P(at least k of mean μ < k) ≤ k - μ + k ln(μ/k), and likewise below the mean.
        let bound = |k: f64, mean: f64| if k == 0.0 { -mean } else { k - mean + k * ln(mean / k) };
        let (rung, silent): (f64, f64) = (self.before.iter().sum(), self.after.iter().sum());
        let (m, left) = (m as f64, (n - m) as f64);
        (rung > m && bound(m, rung) < NEVER) || (silent < left && bound(left, silent) < NEVER)
    }
}

/// Clocks of the members of a block, all of which ring in the end.
#[derive(Debug, Clone)]
pub(super) enum Clocks {
    /// Exponential times of rates `e^(log rate)`, the first to ring ranking first: exclude-and-repeat with weights.
    First(Vec<f64>),
    /// The same, the last to ring ranking first.
    Last(Vec<f64>),
    /// `e^(log score)` times a uniform number, the largest first.
    Uniform(Vec<f64>),
    /// Exponential times of these rates from these offsets on, the first to ring ranking first.
    Race { offsets: Vec<f64>, rates: Vec<f64> },
}

impl Clocks {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::First(logs) | Self::Last(logs) | Self::Uniform(logs) => logs.len(),
            Self::Race { offsets, .. } => offsets.len(),
        }
    }

    /// The points of the integral, for events in which at most `m` rank before or at the point.
    pub(super) fn each(&self, m: usize, mut visit: impl FnMut(&Point)) {
        let mut point = Point::new(self.len());
        match self {
            Self::First(log_rates) => exponential::first(log_rates, m, &mut point, &mut visit),
            Self::Last(log_rates) => exponential::last(log_rates, &mut point, &mut visit),
            Self::Uniform(log_scores) => scores::uniform(log_scores, &mut point, &mut visit),
            Self::Race { offsets, rates } => offsets::race(offsets, rates, m, &mut point, &mut visit),
        }
    }

    /// How many points there are at most.
    pub(super) fn most_points(&self) -> f64 {
        match self {
            Self::First(log_rates) | Self::Last(log_rates) => exponential::points(log_rates, log_rates.len()),
            Self::Uniform(log_scores) => scores::points(log_scores),
            Self::Race { offsets, rates } => offsets::points(offsets, rates),
        }
    }
}
