//! Laws of the private value that a task has for a keeper.

use crate::error::{Result, checked};
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p, pow};
use crate::kernels::quadrature::panel;
use serde::Serialize;
use std::f64::consts::LN_2;

/// A law on the positive numbers, its scale taken out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "law")]
#[non_exhaustive]
pub enum ValueLaw {
    /// Uniform on `[0, 1]`.
    Uniform,
    /// `F(x) = x^a` on `[0, 1]`: the largest of `a` uniform ones.
    Power {
        /// `a`, at least 0.01 and at most 1e6.
        exponent: f64,
    },
    /// Exponential of mean 1.
    Exponential,
    /// `F(x) = 1 - x^(-shape)` from 1 on.
    Pareto {
        /// Above 1, so that there is a mean, and at most 1e6.
        shape: f64,
    },
}

/// The law of what executing a task is worth to a keeper, in units of [`GasAuction::value`](super::GasAuction::value).
///
/// The unit is the largest value of a uniform or power law, the mean of an exponential and the smallest of a Pareto law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct PrivateValue {
    law: ValueLaw,
}

impl PrivateValue {
    /// Checks the parameter of the law.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for a parameter out of range.
    pub fn new(law: ValueLaw) -> Result<Self> {
        match law {
            ValueLaw::Power { exponent } => {
                checked("exponent", exponent, |a| (0.01..=1e6).contains(&a), "at least 0.01 and at most 1e6")?;
            }
            ValueLaw::Pareto { shape } => {
                checked("shape", shape, |a| a > 1.0 && a <= 1e6, "above 1 and at most 1e6")?;
            }
            ValueLaw::Uniform | ValueLaw::Exponential => {}
        }
        Ok(Self { law })
    }

    /// The law.
    pub fn law(&self) -> ValueLaw {
        self.law
    }

    /// Smallest and largest value; the latter may be infinite.
    pub fn support(&self) -> [f64; 2] {
        match self.law {
            ValueLaw::Uniform | ValueLaw::Power { .. } => [0.0, 1.0],
            ValueLaw::Exponential => [0.0, f64::INFINITY],
            ValueLaw::Pareto { .. } => [1.0, f64::INFINITY],
        }
    }

    /// `-ln F(x)`, from infinity at the smallest value to 0 at the largest one: both tails keep their digits.
    ///
    /// ```
    /// use pooltree::keepers::model::{PrivateValue, ValueLaw};
    /// let law = PrivateValue::new(ValueLaw::Exponential)?;
    /// assert!((law.depth(3.0) + (1.0 - (-3f64).exp()).ln()).abs() < 1e-15);
    /// assert!((law.at_depth(law.depth(3.0)) - 3.0).abs() < 1e-14);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn depth(&self, x: f64) -> f64 {
        let [least, greatest] = self.support();
        if x <= least {
            return f64::INFINITY;
        }
        if x >= greatest {
            return 0.0;
        }
        match self.law {
            ValueLaw::Uniform => -ln(x),
            ValueLaw::Power { exponent } => -exponent * ln(x),
            ValueLaw::Exponential => log_complement(x),
            ValueLaw::Pareto { shape } => log_complement(shape * ln(x)),
        }
    }

    /// The value `x` with `F(x) = e^(-depth)`, the depth at least 0.
    pub fn at_depth(&self, depth: f64) -> f64 {
        match self.law {
            ValueLaw::Uniform => exp(-depth),
            ValueLaw::Power { exponent } => exp(-depth / exponent),
            ValueLaw::Exponential => log_complement(depth),
            ValueLaw::Pareto { shape } => exp(log_complement(depth) / shape),
        }
    }

    /// `(1 - F) F/f` at the value with `F = e^(-depth)`.
    pub(crate) fn spread(&self, depth: f64) -> f64 {
        match self.law {
            ValueLaw::Uniform => -exp_m1(-depth) * exp(-depth),
            ValueLaw::Power { exponent } => -exp_m1(-depth) * self.at_depth(depth) / exponent,
            ValueLaw::Exponential => exp(-depth),
            ValueLaw::Pareto { shape } => exp(-depth) * self.at_depth(depth) / shape,
        }
    }

    /// `E(X - x)^+` for `x ≥ 0`.
    pub(crate) fn excess(&self, x: f64) -> f64 {
        let [least, greatest] = self.support();
        if x < least {
            return (least - x) + self.excess(least);
        }
        if x >= greatest {
            return 0.0;
        }
        match self.law {
            ValueLaw::Uniform => 0.5 * (1.0 - x) * (1.0 - x),
            // The closed form cancels where little is left above; there the integrand is smooth.
            ValueLaw::Power { exponent } if pow(x, exponent) > 0.5 => panel(x, 1.0, |y| -exp_m1(exponent * ln(y))),
            ValueLaw::Power { exponent } => (exponent + pow(x, exponent + 1.0)) / (exponent + 1.0) - x,
            ValueLaw::Exponential => exp(-x),
            ValueLaw::Pareto { shape } => exp((1.0 - shape) * ln(x)) / (shape - 1.0),
        }
    }

    /// `a` of `F(x) ~ (x - least)^a` at the smallest value.
    pub(crate) fn index(&self) -> f64 {
        if let ValueLaw::Power { exponent } = self.law { exponent } else { 1.0 }
    }
}

/// `-ln(1 - e^(-y))` for `y ≥ 0`, its own inverse.
fn log_complement(y: f64) -> f64 {
    if y > LN_2 { -ln_1p(-exp(-y)) } else { -ln(-exp_m1(-y)) }
}
