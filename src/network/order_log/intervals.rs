//! Rates and their exact intervals.

use super::law::{gamma_lower, gamma_upper};
use crate::error::{Error, Result, shown};
use crate::kernels::tails::erfc_inv;
use serde::Serialize;

/// A rate with its confidence interval, in orders per unit of the log's time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Orders counted.
    pub orders: u64,
    /// Orders over observation time.
    pub rate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Rate {
    pub(super) fn new(orders: u64, time: f64, level: f64) -> Result<Self> {
        let (low, high) = garwood(orders, level)?;
        Ok(Self { orders, rate: orders as f64 / time, low: low / time, high: high / time })
    }
}

/// Garwood's exact confidence interval of the mean of a Poisson law of which `count` was drawn.
///
/// ```text
/// low  = χ²(α/2; 2n) / 2,   high = χ²(1 - α/2; 2n + 2) / 2,   α = 1 - level,   low = 0 for n = 0
/// ```
///
/// `χ²(q; ν)` is the `q`-quantile. It covers the mean with probability at least `level`, whatever the mean. Source: F. Garwood
/// (1936), *Fiducial limits for the Poisson distribution*, Biometrika 28. Above a count of a million the quantiles are taken
/// from their asymptotic series, which is then exact to double precision for every level allowed.
///
/// # Errors
/// [`Error::Domain`] unless `0 < level ≤ 1 - 1e-12`.
///
/// ```
/// use pooltree::network::order_log::garwood;
/// let (low, high) = garwood(0, 0.95)?;
/// assert_eq!(low, 0.0);
/// assert!((high + 0.025_f64.ln()).abs() < 1e-12); // e^(-high) = 0.025
/// // At its lower end for 1 order: P(N ≥ 1) = 1 - e^(-low) = 0.025.
/// assert!((garwood(1, 0.95)?.0 + 0.975_f64.ln()).abs() < 1e-12);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn garwood(count: u64, level: f64) -> Result<(f64, f64)> {
    if !(level > 0.0 && level <= 1.0 - 1e-12) {
        return Err(Error::domain("level", shown(level), "above 0 and at most 1 - 1e-12"));
    }
    let tail = 0.5 * (1.0 - level);
    let n = count as f64;
    let low = if count == 0 { 0.0 } else { quantile(n, tail, false) };
    Ok((low, quantile(n + 1.0, tail, true)))
}

/// The point of the Gamma law with probability `tail` above it, or below it.
fn quantile(shape: f64, tail: f64, upper: bool) -> f64 {
    // Normal quantile of the same tail.
    let size = std::f64::consts::SQRT_2 * erfc_inv(2.0 * tail);
    let z = if upper { size } else { -size };
    let root = shape.sqrt();
    if shape > 1e6 {
        // Cornish and Fisher's series in 1/√shape.
        let z2 = z * z;
        return shape + root * z + (z2 - 1.0) / 3.0 + z * (z2 - 7.0) / (36.0 * root)
            - (3.0 * z2 * z2 + 7.0 * z2 - 16.0) / (810.0 * shape);
    }
    let short = |x: f64| if upper { gamma_upper(shape, x) > tail } else { gamma_lower(shape, x) < tail };
    let (mut low, mut high) = (0.0, shape + root * 10.0 + 100.0);
    // The bracket is far wider than 12 standard deviations below and than every allowed tail above; halving ends at neighbours.
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if short(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
