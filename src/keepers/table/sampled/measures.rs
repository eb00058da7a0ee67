//! Measures of drawn shares, with standard errors by the delta method.

use super::Drawn;
use crate::kernels::elementary::{exp, ln_1p};

/// Share in the second half of whoever was selected most in the first.
pub(super) fn best_guess(halves: &[Vec<u64>; 2]) -> Option<Drawn> {
    let guess = (0..halves[0].len()).rev().max_by_key(|&i| halves[0][i])?;
    let all: u64 = halves[1].iter().sum();
    if all < 2 {
        return None;
    }
    let (p, all) = (halves[1][guess] as f64 / all as f64, all as f64);
    Some(Drawn { mean: p, std_error: (p * (1.0 - p) / (all - 1.0)).sqrt() })
}

/// Shares of those who are measured.
pub(super) struct Measures {
    shares: Vec<f64>,
    all: f64,
}

impl Measures {
    pub(super) fn new(wins: &[u64]) -> Self {
        let all = wins.iter().sum::<u64>() as f64;
        Self { shares: wins.iter().map(|&w| w as f64 / all).collect(), all }
    }

    fn with_gradient(&self, mean: f64, gradient: impl Fn(usize, f64) -> f64) -> Option<Drawn> {
        if self.all < 2.0 {
            return None;
        }
        let terms = || self.shares.iter().enumerate().map(|(i, &p)| (p, gradient(i, p)));
        let first: f64 = terms().map(|(p, g)| p * g).sum();
        let second: f64 = terms().map(|(p, g)| p * (g - first) * (g - first)).sum();
        Some(Drawn { mean, std_error: (second / self.all).sqrt() })
    }

    pub(super) fn effective_number(&self) -> Option<Drawn> {
        // Pairs of tasks with the same keeper: unbiased for Σ p².
        let pairs: f64 = self.shares.iter().map(|p| p * (p * self.all - 1.0) / (self.all - 1.0)).sum();
        if !(pairs > 0.0) {
            return None;
        }
        self.with_gradient(pairs.recip(), |_, p| -2.0 * p / (pairs * pairs))
    }

    pub(super) fn gini(&self) -> Option<Drawn> {
        let n = self.shares.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| self.shares[a].total_cmp(&self.shares[b]));
        let mut weight = vec![0.0; n];
        for (rank, &i) in order.iter().enumerate() {
            weight[i] = (2.0 * (rank as f64 + 1.0) - n as f64 - 1.0) / n as f64;
        }
        let mean = self.shares.iter().zip(&weight).map(|(p, w)| p * w).sum();
        self.with_gradient(mean, |i, _| weight[i])
    }

    pub(super) fn expected_wait(&self) -> Option<Drawn> {
        if self.shares.contains(&0.0) {
            return None;
        }
        let n = self.shares.len() as f64;
        let mean = self.shares.iter().map(|p| p.recip()).sum::<f64>() / n;
        self.with_gradient(mean, |_, p| -1.0 / (n * p * p))
    }

    pub(super) fn effective_pool(&self, rounds: u64) -> Option<Drawn> {
        let rounds = rounds as f64;
        let missed = |p: f64, rounds: f64| exp(rounds * ln_1p(-p));
        let mean = self.shares.iter().map(|&p| if p > 0.0 { 1.0 - missed(p, rounds) } else { 0.0 }).sum();
        self.with_gradient(mean, |_, p| if p < 1.0 { rounds * missed(p, rounds - 1.0) } else { 0.0 })
    }

    /// Mean of a number of the keeper selected.
    pub(super) fn mean(&self, of: &[f64]) -> Option<Drawn> {
        let mean = self.shares.iter().zip(of).map(|(p, x)| p * x).sum();
        self.with_gradient(mean, |i, _| of[i])
    }

    /// The difference of two shares.
    pub(super) fn difference(&self, pair: Option<[usize; 2]>) -> Option<Drawn> {
        let Some([high, low]) = pair else { return self.with_gradient(0.0, |_, _| 0.0) };
        let sign = |i: usize| f64::from(i8::from(i == high) - i8::from(i == low));
        self.with_gradient(self.shares[high] - self.shares[low], |i, _| sign(i))
    }
}
