//! Joint agreement of an estimated vector with an exact one.

use crate::estimate::VectorEstimate;
use crate::kernels::tails::{beta_lower, gamma_tails};
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use serde::{Deserialize, Serialize};

/// From this many replications on the chi-square law stands for the F law.
const MANY: u64 = 10_000;

/// Correlation eigenvalues below this share of the largest count as 0.
const RANK: f64 = 1e-10;

/// Relative tolerance within which a component without variance matches exactly.
const EXACT: f64 = 1e-9;

/// Result of the joint test that an estimate has the expected mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// `n (y - μ)ᵀ S⁺ (y - μ)`, infinite where something impossible was observed.
    #[serde(serialize_with = "finite_or_max")]
    pub chi_square: f64,
    /// Rank of the covariance matrix.
    pub degrees_of_freedom: u64,
    /// Probability of a statistic at least as large if the expectation is right.
    pub p_value: f64,
}

crate::compare_floats::compare_floats!(Agreement {
    same: [degrees_of_freedom],
    floats: [chi_square, p_value],
    nested: []
});

/// JSON has no infinity.
fn finite_or_max<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(value.min(f64::MAX))
}

impl Agreement {
    /// Where nothing was tested.
    pub const UNTESTED: Self = Self { chi_square: 0.0, degrees_of_freedom: 0, p_value: 1.0 };

    /// Tests that the mean of `estimate` is `expected`.
    ///
    /// `least_variance` is a variance that one replication of each component must at least have if the expectation is
    /// right (for a count of mean `μ` it is `{μ}(1 - {μ})`, `{μ}` the fractional part). A component whose variance was
    /// seen smaller takes that one: rare fills that happened not to occur are no contradiction, and a rare event seen
    /// once does not count as exactly known.
    ///
    /// ```text
    /// T² = n (y - μ)ᵀ S⁺ (y - μ),   T² ~ χ²(r)                         for 10000 replications or more
    ///                               T² (n - r)/(r (n - 1)) ~ F(r, n - r)  below (Hotelling 1931)
    /// ```
    ///
    /// `r` is the rank of `S`. A few replications know their own covariance badly, the more so as counts are skewed; where
    /// there are `spread`, further replications that do not enter the mean, `S` is estimated from those and takes their
    /// number in the F law. With fewer than `r + 2` replications to estimate `S` from, only the sum of the components is
    /// tested. A component without any variance must match exactly; if none is left, the p-value is 1.
    pub fn test(
        estimate: &VectorEstimate,
        spread: Option<&VectorEstimate>,
        expected: &DVector<f64>,
        least_variance: &DVector<f64>,
    ) -> Self {
        const CONTRADICTION: Agreement = Agreement { chi_square: f64::INFINITY, degrees_of_freedom: 0, p_value: 0.0 };
        let known = spread.unwrap_or(estimate);
        let mut covariance = known.covariance().clone();
        let mut varying = Vec::new();
        for i in 0..expected.len() {
            let (seen, wanted) = (estimate.mean()[i], expected[i]);
            // Fills are counts: an expectation of 0 means that none can occur.
            if wanted == 0.0 && seen != 0.0 {
                return CONTRADICTION;
            }
            if covariance[(i, i)] < least_variance[i] {
                // What was seen of this component is too little to correlate it with others.
                covariance.row_mut(i).fill(0.0);
                covariance.column_mut(i).fill(0.0);
                covariance[(i, i)] = least_variance[i];
            }
            if covariance[(i, i)] > 0.0 {
                varying.push(i);
            } else if (seen - wanted).abs() > EXACT * wanted.abs() {
                return CONTRADICTION;
            }
        }
        if varying.is_empty() {
            return Self::UNTESTED;
        }
        let (n, m) = (estimate.replications(), known.replications());
        let deviation =
            DVector::from_iterator(varying.len(), varying.iter().map(|&i| estimate.mean()[i] - expected[i]));
        let covariance = DMatrix::from_fn(varying.len(), varying.len(), |i, j| covariance[(varying[i], varying[j])]);
        if m < varying.len() as u64 + 2 {
            // Counts may happen to have the same sum in so few replications: then there is nothing to test.
            let variance = covariance.sum();
            if variance <= EXACT * covariance.trace() {
                return Self::UNTESTED;
            }
            let t_square = deviation.sum().powi(2) / variance * n as f64;
            return Self::from_statistic(t_square, 1, m);
        }
        let (statistic, rank) = quadratic_form(&deviation, &covariance);
        Self::from_statistic(statistic * n as f64, rank, m)
    }

    fn from_statistic(statistic: f64, rank: u64, replications: u64) -> Self {
        let (n, r) = (replications as f64, rank as f64);
        let p_value = if statistic <= 0.0 {
            1.0
        } else if replications >= MANY {
            gamma_tails(0.5 * r, 0.5 * statistic).1
        } else {
            // P(F(r, n - r) > f) = I_{d/(d + r f)}(d/2, r/2), d = n - r, f = T² d/(r (n - 1)).
            let d = n - r;
            beta_lower(0.5 * d, 0.5 * r, (n - 1.0) / (n - 1.0 + statistic), statistic / (n - 1.0 + statistic))
        };
        Self { chi_square: statistic, degrees_of_freedom: rank, p_value }
    }
}

/// `dᵀ S⁺ d` and the rank of `S`, by the eigenvectors of the correlation matrix, so that components of very different size
/// count alike.
fn quadratic_form(deviation: &DVector<f64>, covariance: &DMatrix<f64>) -> (f64, u64) {
    let mut statistic = 0.0;
    let mut rank = 0;
    for (value, vector) in significant(covariance) {
        statistic += vector.dot(deviation).powi(2) / value;
        rank += 1;
    }
    (statistic, rank)
}

/// A generalised inverse of a covariance matrix with its rank, components without variance left out; `None` if the matrix
/// is not finite.
pub(super) fn pseudo_inverse(covariance: &DMatrix<f64>) -> Option<(DMatrix<f64>, u64)> {
    if !covariance.iter().all(|x| x.is_finite()) {
        return None;
    }
    let n = covariance.nrows();
    let varying: Vec<usize> = (0..n).filter(|&i| covariance[(i, i)] > 0.0).collect();
    let among = DMatrix::from_fn(varying.len(), varying.len(), |i, j| covariance[(varying[i], varying[j])]);
    let mut inverse = DMatrix::zeros(n, n);
    let mut rank = 0;
    for (value, vector) in significant(&among) {
        for (a, &i) in varying.iter().enumerate() {
            for (b, &j) in varying.iter().enumerate() {
                inverse[(i, j)] += vector[a] * vector[b] / value;
            }
        }
        rank += 1;
    }
    Some((inverse, rank))
}

/// Eigenvalues of the correlation matrix that count, each with its eigenvector in the scale of the components: the
/// generalised inverse of `S` is the sum of `v vᵀ/λ`.
fn significant(covariance: &DMatrix<f64>) -> Vec<(f64, DVector<f64>)> {
    if covariance.is_empty() {
        return Vec::new(); // no component varies; the decomposition needs one
    }
    let scale = covariance.diagonal().map(|v| v.sqrt().recip());
    let correlation = DMatrix::from_fn(scale.len(), scale.len(), |i, j| covariance[(i, j)] * scale[i] * scale[j]);
    let eigen = SymmetricEigen::new(correlation);
    let largest = eigen.eigenvalues.iter().copied().fold(0.0, f64::max);
    let pairs = eigen.eigenvalues.iter().zip(eigen.eigenvectors.column_iter());
    pairs
        .filter(|(value, _)| **value > RANK * largest)
        .map(|(value, vector)| (*value, vector.component_mul(&scale)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::CountMoments;
    use crate::kernels::elementary::exp;
    use approx::assert_relative_eq;

    fn estimate(samples: &[[u64; 2]]) -> VectorEstimate {
        let mut moments = CountMoments::new(2);
        samples.iter().for_each(|sample| moments.add(sample));
        moments.estimate(1.0).unwrap()
    }

    fn test(samples: &[[u64; 2]], expected: [f64; 2]) -> Agreement {
        Agreement::test(&estimate(samples), None, &DVector::from_row_slice(&expected), &DVector::zeros(2))
    }

    #[test]
    fn one_varying_component_is_a_t_test() {
        // t = (2 - 3)/√(2/4) = -√2; Student's law with 3 degrees of freedom has p = .2522 there.
        let agreement = test(&[[1, 7], [1, 7], [2, 7], [4, 7]], [3.0, 7.0]);
        assert_eq!(agreement.degrees_of_freedom, 1);
        let t = statrs::distribution::StudentsT::new(0.0, 1.0, 3.0).unwrap();
        use statrs::distribution::ContinuousCDF;
        assert_relative_eq!(agreement.p_value, 2.0 * t.sf(agreement.chi_square.sqrt()), max_relative = 1e-9);
        assert_relative_eq!(agreement.chi_square, 2.0, max_relative = 1e-12);
        assert_relative_eq!(agreement.p_value, 0.2522, max_relative = 1e-3);
    }

    #[test]
    fn nothing_varies() {
        let none = pseudo_inverse(&DMatrix::zeros(2, 2)).unwrap();
        assert_eq!(none, (DMatrix::zeros(2, 2), 0));
    }

    #[test]
    fn exact_components() {
        assert_eq!(test(&[[1, 7], [1, 7]], [1.0, 7.0]).p_value, 1.0);
        assert_eq!(test(&[[1, 7], [1, 7]], [1.0, 7.1]).p_value, 0.0);
        assert_eq!(test(&[[0, 7], [1, 7], [0, 7]], [0.0, 7.0]).p_value, 0.0, "an impossible fill was seen");
    }

    #[test]
    fn perfectly_correlated_components_count_once() {
        let agreement = test(&[[1, 2], [2, 4], [3, 6], [4, 8]], [2.5, 5.0]);
        assert_eq!((agreement.degrees_of_freedom, agreement.p_value), (1, 1.0));
    }

    #[test]
    fn tails_are_exact() {
        // χ²(2) has the tail e^(-x/2) at any depth.
        let far = Agreement::from_statistic(100.0, 2, 1_000_000);
        assert_relative_eq!(far.p_value, exp(-50.0), max_relative = 1e-13);
        // F(2, d) likewise: (1 + 2f/d)^(-d/2), here with d = n - 2 and 2f/d = T²/(n - 1).
        let few = Agreement::from_statistic(60.0, 2, 102);
        assert_relative_eq!(few.p_value, (1.0 + 60.0 / 101.0f64).powi(-50), max_relative = 1e-13);
    }
}
