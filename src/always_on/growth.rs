//! Without patience: orders pile up.

use crate::error::{Result, checked};
use crate::kernels::skellam::Skellam;

/// Mean number of orders that wait at `time` after an empty start if no order ever loses patience.
///
/// ```text
/// E|n_t| = E|N1 - N2|,   N1 ~ Poisson(λ1 t), N2 ~ Poisson(λ2 t)
///        = 2 λ t g(λ t) ~ 2 √(λ t/π)          equal rates, g the unfilled share of a batch
/// ```
///
/// An arrival changes the imbalance by 1 whatever waits, so it is a difference of two Poisson counts. With equal rates it
/// has no stationary law: the queue comes back to 0 surely, but after a time of infinite mean (null recurrence), and grows
/// like `√t`. With unequal rates it grows like `|λ1 - λ2| t`.
///
/// - Rates per unit of time, `≥ 0`; `time ≥ 0`. Relative error as [`Skellam::mean_abs`].
/// - Source: docs/derivations.md, "The always-on pool".
///
/// # Errors
/// [`crate::Error::Domain`] unless all are finite and at least 0 and the expected orders are in the range of [`Skellam`].
///
/// ```
/// use pooltree::always_on::growth::waiting_without_patience;
/// // The double sum of |i - j| exp(-3) 2^i / (i! j!): rates 4 and 2 for half a unit of time.
/// assert!((waiting_without_patience(4.0, 2.0, 0.5)? - 1.535_181_495_035_704_9).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn waiting_without_patience(first_rate: f64, second_rate: f64, time: f64) -> Result<f64> {
    const ALLOWED: &str = "finite and at least 0";
    let first_rate = checked("first_rate", first_rate, |r| r >= 0.0, ALLOWED)?;
    let second_rate = checked("second_rate", second_rate, |r| r >= 0.0, ALLOWED)?;
    let time = checked("time", time, |t| t >= 0.0, ALLOWED)?;
    Ok(Skellam::new(first_rate * time, second_rate * time)?.mean_abs())
}
