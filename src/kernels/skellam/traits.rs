//! [`Skellam`] in the vocabulary of `statrs` and `rand`.

use super::Skellam;
use rand::Rng;
use rand_distr::Poisson;
use statrs::distribution::{Discrete, DiscreteCDF};
use statrs::statistics::{self, Max, Min, Mode};

impl Discrete<i64, f64> for Skellam {
    fn pmf(&self, k: i64) -> f64 {
        Self::pmf(self, k)
    }

    fn ln_pmf(&self, k: i64) -> f64 {
        Self::ln_pmf(self, k)
    }
}

impl DiscreteCDF<i64, f64> for Skellam {
    fn cdf(&self, k: i64) -> f64 {
        Self::cdf(self, k)
    }

    fn sf(&self, k: i64) -> f64 {
        Self::sf(self, k)
    }

    /// As [`Skellam::inverse_cdf`], but the trait has no room for an error: `p` outside `[0, 1]` counts as the nearer
    /// end, NaN as 0.
    fn inverse_cdf(&self, p: f64) -> i64 {
        self.quantile(p.max(0.0))
    }
}

impl statistics::Distribution<f64> for Skellam {
    fn mean(&self) -> Option<f64> {
        Some(Self::mean(self))
    }

    fn variance(&self) -> Option<f64> {
        Some(Self::variance(self))
    }

    fn skewness(&self) -> Option<f64> {
        Self::skewness(self)
    }
}

impl Min<i64> for Skellam {
    /// 0 if nothing is subtracted, otherwise `i64::MIN` for unbounded.
    fn min(&self) -> i64 {
        if self.rate_minus > 0.0 { i64::MIN } else { 0 }
    }
}

impl Max<i64> for Skellam {
    /// 0 if nothing is added, otherwise `i64::MAX` for unbounded.
    fn max(&self) -> i64 {
        if self.rate_plus > 0.0 { i64::MAX } else { 0 }
    }
}

impl Mode<Option<i64>> for Skellam {
    fn mode(&self) -> Option<i64> {
        Some(Self::mode(self))
    }
}

impl rand::distr::Distribution<f64> for Skellam {
    /// The mechanism itself: two counts and their difference.
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let mut count = |rate| match Poisson::<f64>::new(rate) {
            Ok(poisson) => rand::distr::Distribution::sample(&poisson, rng),
            Err(_) => 0.0, // of all valid rates, only 0 is refused
        };
        count(self.rate_plus) - count(self.rate_minus)
    }
}

impl rand::distr::Distribution<i64> for Skellam {
    /// The same draw as an integer.
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> i64 {
        let difference: f64 = rand::distr::Distribution::sample(self, rng);
        difference as i64
    }
}
