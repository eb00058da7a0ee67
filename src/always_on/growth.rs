//! Without patience: orders pile up.

use crate::error::{Error, Result, checked};
use crate::kernels::skellam::Skellam;
use serde::Serialize;

/// A pool in which no order ever loses patience; serialises to the JSON of `pooltree always-on --patience-rate 0 --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WithoutPatience {
    /// Orders of the first side per unit of time.
    pub first_rate: f64,
    /// Orders of the second side per unit of time.
    pub second_rate: f64,
    /// 0.
    pub patience_rate: f64,
    /// Equal rates: the pool is balanced again and again, but after times of infinite mean.
    pub null_recurrent: bool,
    /// The queue at several times, each a hundred times the one before.
    pub growth: Vec<Moment>,
}

/// The queue at one time after an empty start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Moment {
    /// The time.
    pub time: f64,
    /// Mean number of orders that wait.
    pub waiting: f64,
}

/// What is allowed of rates and times.
const ALLOWED: &str = "finite and at least 0";

impl WithoutPatience {
    /// Expected orders of the faster side at the times that are shown.
    const ORDERS: [f64; 5] = [1.0, 1e2, 1e4, 1e6, 1e8];

    /// The queue by [`waiting_without_patience`] at the times after which the faster side expects 1, 100, … and `10^8` orders.
    ///
    /// # Errors
    /// [`Error::Domain`] unless both rates are finite and at least 0 and one is above 0.
    ///
    /// ```
    /// use pooltree::always_on::growth::WithoutPatience;
    /// let last = WithoutPatience::new(5.0, 4.0)?.growth[4];
    /// assert!((last.waiting / last.time - 1.0).abs() < 1e-3); // |λ1 - λ2|
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn new(first_rate: f64, second_rate: f64) -> Result<Self> {
        let first_rate = checked("first_rate", first_rate, |r| r >= 0.0, ALLOWED)?;
        let second_rate = checked("second_rate", second_rate, |r| r >= 0.0, ALLOWED)?;
        let faster = first_rate.max(second_rate);
        if faster == 0.0 {
            return Err(Error::domain("second_rate", second_rate, "above 0 where first_rate is 0"));
        }
        let times = Self::ORDERS.map(|orders| orders / faster).into_iter();
        let growth = times
            .filter(|time| time.is_finite())
            .map(|time| Ok(Moment { time, waiting: waiting_without_patience(first_rate, second_rate, time)? }))
            .collect::<Result<_>>()?;
        Ok(Self { first_rate, second_rate, patience_rate: 0.0, null_recurrent: first_rate == second_rate, growth })
    }
}

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
/// [`Error::Domain`] unless all are finite and at least 0 and the expected orders are in the range of [`Skellam`].
///
/// ```
/// use pooltree::always_on::growth::waiting_without_patience;
/// // The double sum of |i - j| exp(-3) 2^i / (i! j!): rates 4 and 2 for half a unit of time.
/// assert!((waiting_without_patience(4.0, 2.0, 0.5)? - 1.535_181_495_035_704_9).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn waiting_without_patience(first_rate: f64, second_rate: f64, time: f64) -> Result<f64> {
    let first_rate = checked("first_rate", first_rate, |r| r >= 0.0, ALLOWED)?;
    let second_rate = checked("second_rate", second_rate, |r| r >= 0.0, ALLOWED)?;
    let time = checked("time", time, |t| t >= 0.0, ALLOWED)?;
    Ok(Skellam::new(first_rate * time, second_rate * time)?.mean_abs())
}
