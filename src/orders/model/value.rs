//! What an order is worth.

use crate::error::{Result, checked};
use serde::Serialize;

/// The law of an order's value, relative to its mean, which is the mean utility `ū` of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(tag = "law", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ValueLaw {
    /// Every order is worth the mean.
    #[default]
    Point,
    /// Uniform on `[1 - spread, 1 + spread]` times the mean.
    Uniform {
        /// Half-width relative to the mean, in `[0, 1]`.
        spread: f64,
    },
    /// Exponential.
    Exponential,
    /// Log-normal: the logarithm is normal with standard deviation `sigma`.
    LogNormal {
        /// Standard deviation of the logarithm, in `[0, 5]`.
        sigma: f64,
    },
    /// Pareto: `P(value > v) = (v_0/v)^shape` from the smallest value `v_0 = (shape - 1)/shape` times the mean up.
    Pareto {
        /// Tail exponent, above 1 so that there is a mean; the variance is finite above 2 only.
        shape: f64,
    },
}

impl ValueLaw {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless `0 ≤ spread ≤ 1`, `0 ≤ sigma ≤ 5`, `1 < shape ≤ 1e6`.
    pub fn check(&self) -> Result<()> {
        match *self {
            Self::Point | Self::Exponential => Ok(()),
            Self::Uniform { spread } => {
                checked("spread", spread, |s| (0.0..=1.0).contains(&s), "at least 0 and at most 1").map(|_| ())
            }
            Self::LogNormal { sigma } => {
                checked("sigma", sigma, |s| (0.0..=5.0).contains(&s), "at least 0 and at most 5").map(|_| ())
            }
            Self::Pareto { shape } => {
                checked("shape", shape, |s| s > 1.0 && s <= 1e6, "above 1 and at most 1e6").map(|_| ())
            }
        }
    }

    /// The name in a scenario file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Uniform { .. } => "uniform",
            Self::Exponential => "exponential",
            Self::LogNormal { .. } => "log-normal",
            Self::Pareto { .. } => "pareto",
        }
    }

    /// Whether all orders are worth the same.
    pub fn is_degenerate(&self) -> bool {
        match *self {
            Self::Point => true,
            Self::Uniform { spread } => spread == 0.0,
            Self::LogNormal { sigma } => sigma == 0.0,
            Self::Exponential | Self::Pareto { .. } => false,
        }
    }

    /// Whether the mean of a few thousand values is as good as normal: the tail has moments well beyond the fourth.
    pub fn has_light_tail(&self) -> bool {
        match *self {
            Self::Point | Self::Uniform { .. } | Self::Exponential => true,
            Self::LogNormal { sigma } => sigma <= 1.0,
            Self::Pareto { shape } => shape >= 8.0,
        }
    }
}
