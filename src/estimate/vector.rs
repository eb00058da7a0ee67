//! Estimates of vectors and numbers.

use crate::error::{Error, Result};
use crate::kernels::elementary::{log2, pow};
use crate::kernels::product::product;
use crate::kernels::tails;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Estimate of a vector: mean and covariance of one replication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Plain", try_from = "Plain")]
pub struct VectorEstimate {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
    replications: u64,
}

/// A [`VectorEstimate`] as nested arrays, the covariance row by row.
#[derive(Serialize, Deserialize)]
struct Plain {
    mean: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    replications: u64,
}

impl From<VectorEstimate> for Plain {
    fn from(estimate: VectorEstimate) -> Self {
        Self {
            mean: estimate.mean.iter().copied().collect(),
            covariance: estimate.covariance.row_iter().map(|row| row.iter().copied().collect()).collect(),
            replications: estimate.replications,
        }
    }
}

impl TryFrom<Plain> for VectorEstimate {
    type Error = Error;

    fn try_from(plain: Plain) -> Result<Self> {
        let n = plain.mean.len();
        if plain.covariance.len() != n || plain.covariance.iter().any(|row| row.len() != n) {
            return Err(Error::domain(
                "covariance",
                format!("({} rows)", plain.covariance.len()),
                format!("{n} rows of {n}"),
            ));
        }
        if plain.replications < 2 {
            return Err(Error::domain("replications", plain.replications, "an integer of at least 2"));
        }
        let rows: Vec<f64> = plain.covariance.concat();
        let covariance = DMatrix::from_row_slice(n, n, &rows);
        Ok(Self { mean: DVector::from_vec(plain.mean), covariance, replications: plain.replications })
    }
}

impl VectorEstimate {
    /// An estimate made elsewhere, or the law that a theory says it should have.
    pub(crate) fn new(mean: DVector<f64>, covariance: DMatrix<f64>, replications: u64) -> Self {
        Self { mean, covariance, replications }
    }

    /// Shares of categories of which every replication falls into one at most, from how many fell into each.
    ///
    /// # Errors
    /// [`Error::Domain`] for fewer than two replications.
    pub(crate) fn of_categories(counts: &[u64], replications: u64) -> Result<Self> {
        if replications < 2 {
            return Err(Error::domain("replications", replications, "an integer of at least 2"));
        }
        let n = replications as f64;
        let mean = DVector::from_iterator(counts.len(), counts.iter().map(|&c| c as f64 / n));
        // Of indicators that exclude each other; `n - c` is exact, so that what always happens has no variance.
        let covariance = DMatrix::from_fn(counts.len(), counts.len(), |i, j| {
            let others = if i == j { (replications - counts[i]) as f64 } else { -(counts[j] as f64) };
            mean[i] * others / (n - 1.0)
        });
        Ok(Self { mean, covariance, replications })
    }

    /// Mean over the replications.
    pub fn mean(&self) -> &DVector<f64> {
        &self.mean
    }

    /// Covariance matrix of one replication (unbiased).
    pub fn covariance(&self) -> &DMatrix<f64> {
        &self.covariance
    }

    /// Covariance matrix of the mean.
    pub fn covariance_of_mean(&self) -> DMatrix<f64> {
        &self.covariance / self.replications as f64
    }

    /// Number of replications.
    pub fn replications(&self) -> u64 {
        self.replications
    }

    /// The estimate of the first `n` entries.
    pub(crate) fn leading(&self, n: usize) -> Self {
        let covariance = self.covariance.view((0, 0), (n, n)).into_owned();
        Self { mean: self.mean.rows(0, n).into_owned(), covariance, replications: self.replications }
    }

    /// Estimate of the linear form `weights · vector`.
    pub fn linear(&self, weights: &DVector<f64>) -> Estimate {
        // Relative to a power of two near the largest weight, so that no square leaves the range of f64.
        let scale = pow(2.0, log2(weights.amax()).floor().clamp(-1022.0, 1023.0));
        let unit = weights / scale;
        let variance = unit.dot(&(&self.covariance * &unit)).max(0.0) / self.replications as f64;
        Estimate { mean: weights.dot(&self.mean), std_error: scale * variance.sqrt(), replications: self.replications }
    }

    /// Estimate of the ratio `over · vector / under · vector` of two linear forms, its standard error by the delta method;
    /// `None` where the lower one is 0.
    pub fn ratio(&self, over: &DVector<f64>, under: &DVector<f64>) -> Option<Estimate> {
        let scale = under.dot(&self.mean);
        if scale == 0.0 {
            return None;
        }
        let mean = over.dot(&self.mean) / scale;
        Some(Estimate { mean, ..self.linear(&((over - under * mean) / scale)) })
    }

    /// The estimate of the vector `weights · vector`.
    pub(crate) fn mapped(&self, weights: &DMatrix<f64>) -> Self {
        let covariance = product(&product(weights, &self.covariance), &weights.transpose());
        Self { mean: weights * &self.mean, covariance, replications: self.replications }
    }

    /// Estimate of one component.
    pub fn component(&self, i: usize) -> Estimate {
        let variance = self.covariance[(i, i)] / self.replications as f64;
        Estimate { mean: self.mean[i], std_error: variance.sqrt(), replications: self.replications }
    }
}

/// Estimate of a number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Mean over the replications.
    pub mean: f64,
    /// Standard error of the mean.
    pub std_error: f64,
    /// Number of replications, `≥ 2`.
    pub replications: u64,
}

impl Estimate {
    /// The 95 % confidence interval, by Student's law.
    pub fn ci95(&self) -> [f64; 2] {
        let half = student_975(self.replications - 1) * self.std_error;
        [self.mean - half, self.mean + half]
    }

    /// Half-width of the 95 % interval relative to the mean; infinite for mean 0.
    pub fn relative_precision(&self) -> f64 {
        let half = student_975(self.replications - 1) * self.std_error;
        if self.mean == 0.0 { f64::INFINITY } else { half / self.mean.abs() }
    }
}

crate::compare_floats::compare_floats!(Estimate { same: [replications], floats: [mean, std_error], nested: [] });

/// 97.5 % quantile of Student's law.
pub(crate) fn student_975(degrees_of_freedom: u64) -> f64 {
    const NORMAL: f64 = 1.959_963_984_540_054;
    if degrees_of_freedom > 100_000 {
        return NORMAL;
    }
    tails::student_975(degrees_of_freedom as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn student_quantiles() {
        // Tables: 12.7062 at 1, 2.2281 at 10 degrees of freedom.
        assert_relative_eq!(student_975(1), 12.706_204_736, max_relative = 1e-9);
        assert_relative_eq!(student_975(10), 2.228_138_852, max_relative = 1e-9);
        assert_relative_eq!(student_975(100_000), student_975(100_001), max_relative = 1e-4);
    }
}
