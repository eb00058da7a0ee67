//! Sums over replications, and the estimates they give.

use super::VectorEstimate;
use crate::error::{Error, Result};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Exact first and second moments of a vector of counts: integers, so that adding and merging commute and a result does
/// not depend on the order of the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountMoments {
    replications: u64,
    sums: Vec<i128>,
    /// Lower triangle of the sums of products, row by row.
    products: Vec<i128>,
}

impl CountMoments {
    /// No replications of a vector of `n` counts.
    pub fn new(n: usize) -> Self {
        Self { replications: 0, sums: vec![0; n], products: vec![0; n * (n + 1) / 2] }
    }

    /// Replications in which every one of `n` counts was 0.
    pub fn of_nothing(n: usize, replications: u64) -> Self {
        Self { replications, ..Self::new(n) }
    }

    /// Number of replications added.
    pub fn replications(&self) -> u64 {
        self.replications
    }

    /// Sum of each count over the replications.
    pub fn sums(&self) -> &[i128] {
        &self.sums
    }

    /// One more replication.
    pub fn add(&mut self, counts: &[u64]) {
        debug_assert_eq!(counts.len(), self.sums.len());
        self.replications += 1;
        let mut at = 0;
        for (i, &a) in counts.iter().enumerate() {
            self.sums[i] += i128::from(a);
            for &b in &counts[..=i] {
                // Counts are below 2^53 by the plan's limit; most products fit 64 bits and need no wide multiplication.
                self.products[at] += a.checked_mul(b).map_or_else(|| i128::from(a) * i128::from(b), i128::from);
                at += 1;
            }
        }
    }

    /// All replications of `other`, too.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!(other.sums.len(), self.sums.len());
        self.replications += other.replications;
        self.sums.iter_mut().zip(&other.sums).for_each(|(a, b)| *a += b);
        self.products.iter_mut().zip(&other.products).for_each(|(a, b)| *a += b);
    }

    /// Mean and covariance of the counts times `scale`.
    ///
    /// # Errors
    /// [`Error::Domain`] for fewer than two replications, from which no error can be estimated.
    pub fn estimate(&self, scale: f64) -> Result<VectorEstimate> {
        if self.replications < 2 {
            return Err(Error::domain("replications", self.replications, "an integer of at least 2"));
        }
        let n = self.sums.len();
        let replications = i128::from(self.replications);
        // Centred at the nearest integer to the mean, still exact; what is left to subtract is below one count.
        let centre: Vec<i128> = self.sums.iter().map(|s| (2 * s + replications) / (2 * replications)).collect();
        let rest: Vec<f64> = self
            .sums
            .iter()
            .zip(&centre)
            .map(|(s, c)| (s - c * replications) as f64 / self.replications as f64)
            .collect();
        let mean = DVector::from_iterator(n, centre.iter().zip(&rest).map(|(&c, r)| scale * (c as f64 + r)));
        let mut covariance = DMatrix::zeros(n, n);
        let mut at = 0;
        for i in 0..n {
            for j in 0..=i {
                let centred = self.products[at] - centre[i] * self.sums[j] - centre[j] * self.sums[i]
                    + replications * centre[i] * centre[j];
                let sum = centred as f64 - self.replications as f64 * rest[i] * rest[j];
                let value = scale * scale * sum / (self.replications - 1) as f64;
                covariance[(i, j)] = if i == j { value.max(0.0) } else { value };
                covariance[(j, i)] = covariance[(i, j)];
                at += 1;
            }
        }
        Ok(VectorEstimate::new(mean, covariance, self.replications))
    }
}

/// First and second moments of a vector of numbers: count, mean and sums of products of deviations (Welford 1962; merged
/// as by Chan, Golub and `LeVeque` 1979). Merging rounds: merge in a fixed order.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    replications: u64,
    mean: Vec<f64>,
    /// Lower triangle of the sums of products of deviations, row by row.
    products: Vec<f64>,
}

impl Moments {
    /// No replications of a vector of `n` numbers.
    pub fn new(n: usize) -> Self {
        Self { replications: 0, mean: vec![0.0; n], products: vec![0.0; n * (n + 1) / 2] }
    }

    /// Number of replications added.
    pub fn replications(&self) -> u64 {
        self.replications
    }

    /// One more replication.
    pub fn add(&mut self, numbers: &[f64]) {
        debug_assert_eq!(numbers.len(), self.mean.len());
        self.replications += 1;
        let share = (self.replications as f64).recip();
        // Deviations from the old mean, times those from the new one: the latter are (1 - share) of the former.
        let mut at = 0;
        for (i, &number) in numbers.iter().enumerate() {
            let off = number - self.mean[i];
            for (number, mean) in numbers.iter().zip(&self.mean).take(i + 1) {
                self.products[at] += off * (number - mean) * (1.0 - share);
                at += 1;
            }
        }
        for (mean, number) in self.mean.iter_mut().zip(numbers) {
            *mean += (number - *mean) * share;
        }
    }

    /// All replications of `other`, too.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!(other.mean.len(), self.mean.len());
        if other.replications == 0 {
            return;
        }
        let all = self.replications + other.replications;
        let share = other.replications as f64 / all as f64;
        let off: Vec<f64> = other.mean.iter().zip(&self.mean).map(|(other, own)| other - own).collect();
        let mut at = 0;
        for i in 0..off.len() {
            for j in 0..=i {
                self.products[at] += other.products[at] + off[i] * off[j] * share * self.replications as f64;
                at += 1;
            }
        }
        self.mean.iter_mut().zip(&off).for_each(|(mean, off)| *mean += off * share);
        self.replications = all;
    }

    /// Mean and covariance of the numbers.
    ///
    /// # Errors
    /// [`Error::Domain`] for fewer than two replications, from which no error can be estimated.
    pub fn estimate(&self) -> Result<VectorEstimate> {
        if self.replications < 2 {
            return Err(Error::domain("replications", self.replications, "an integer of at least 2"));
        }
        let n = self.mean.len();
        let degrees = (self.replications - 1) as f64;
        let covariance = DMatrix::from_fn(n, n, |i, j| {
            let (i, j) = (i.max(j), i.min(j));
            self.products[i * (i + 1) / 2 + j] / degrees
        });
        Ok(VectorEstimate::new(DVector::from_column_slice(&self.mean), covariance, self.replications))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn moments_by_hand() -> Result<()> {
        let mut moments = CountMoments::new(2);
        for counts in [[1, 2], [3, 2], [5, 8]] {
            moments.add(&counts);
        }
        let estimate = moments.estimate(2.0)?;
        assert_eq!(estimate.mean().as_slice(), [6.0, 8.0]);
        assert_eq!(estimate.covariance()[(0, 0)], 16.0); // 4 · ((−2)² + 0 + 2²)/2
        assert_eq!(estimate.covariance()[(0, 1)], 24.0); // 4 · ((−2)(−2) + 0 + 2·4)/2
        assert_relative_eq!(estimate.component(0).std_error, (16.0f64 / 3.0).sqrt());
        Ok(())
    }

    #[test]
    fn moments_of_numbers_are_those_of_counts() -> Result<()> {
        let samples: Vec<[u64; 3]> = (0..50).map(|i| [i * i % 7, i % 5, 3 * (i % 5)]).collect();
        let mut counts = CountMoments::new(3);
        let [mut first, mut second] = [Moments::new(3), Moments::new(3)];
        for (i, sample) in samples.iter().enumerate() {
            counts.add(sample);
            if i < 20 { &mut first } else { &mut second }.add(&sample.map(|n| n as f64));
        }
        first.merge(&second);
        first.merge(&Moments::new(3));
        let [one, other] = [counts.estimate(1.0)?, first.estimate()?];
        assert_eq!(one.replications(), other.replications());
        assert_relative_eq!(one.mean(), other.mean(), max_relative = 1e-14);
        assert_relative_eq!(one.covariance(), other.covariance(), max_relative = 1e-13);
        assert!(Moments::new(2).estimate().is_err());
        Ok(())
    }

    #[test]
    fn categories_are_counts_of_0_and_1() -> Result<()> {
        let mut moments = CountMoments::new(2);
        for counts in [[1, 0], [0, 0], [0, 1], [1, 0], [1, 0]] {
            moments.add(&counts);
        }
        let [one, other] = [moments.estimate(1.0)?, VectorEstimate::of_categories(&[3, 1], 5)?];
        assert_relative_eq!(one.mean(), other.mean(), max_relative = 1e-15);
        assert_relative_eq!(one.covariance(), other.covariance(), max_relative = 1e-14);
        Ok(())
    }

    #[test]
    fn large_counts_do_not_cancel() -> Result<()> {
        let mut moments = CountMoments::new(1);
        for i in 0..1000u64 {
            moments.add(&[1_000_000_000_000_000 + i % 2]);
        }
        assert_relative_eq!(moments.estimate(1.0)?.covariance()[(0, 0)], 250.0 / 999.0, max_relative = 1e-14);
        Ok(())
    }

    #[test]
    fn one_replication_is_refused() {
        let mut moments = CountMoments::new(1);
        moments.add(&[3]);
        assert!(moments.estimate(1.0).is_err());
    }
}
