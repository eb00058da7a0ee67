//! Draws of an order's value.

use super::bits::Bits;
use crate::kernels::draws::{exponential, normal};
use crate::kernels::elementary::{exp, ln};
use crate::orders::ValueLaw;

/// A value law with its mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Values {
    Constant(f64),
    Uniform { least: f64, width: f64 },
    Exponential { mean: f64 },
    LogNormal { median: f64, sigma: f64 },
    Pareto { least: f64, power: f64 },
}

impl Values {
    pub(super) fn new(law: &ValueLaw, mean: f64) -> Self {
        match *law {
            _ if law.is_degenerate() => Self::Constant(mean),
            ValueLaw::Point => Self::Constant(mean),
            ValueLaw::Uniform { spread } => Self::Uniform { least: mean * (1.0 - spread), width: 2.0 * mean * spread },
            ValueLaw::Exponential => Self::Exponential { mean },
            ValueLaw::LogNormal { sigma } => Self::LogNormal { median: mean * exp(-0.5 * sigma * sigma), sigma },
            ValueLaw::Pareto { shape } => Self::Pareto { least: mean * (shape - 1.0) / shape, power: -1.0 / shape },
        }
    }

    #[inline]
    pub(super) fn draw(&self, bits: &mut Bits) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::Uniform { least, width } => least + width * bits.unit(),
            Self::Exponential { mean } => mean * exponential(bits),
            Self::LogNormal { median, sigma } => median * exp(sigma * normal(bits)),
            // 1 - u is above 0. A draw does not need the last digits for which a power takes four times as long.
            Self::Pareto { least, power } => least * exp(power * ln(1.0 - bits.unit())),
        }
    }
}
