//! The parameters of the always-on pool.

use crate::error::{Error, Result, checked, shown};
use serde::Serialize;

/// Arrival rates of the two sides and the rate at which a waiting order loses patience.
///
/// Only the expected orders in one patience time, `a = λ1/θ` and `b = λ2/θ`, matter for shares and lengths of queues.
///
/// ```
/// use pooltree::always_on::AlwaysOn;
/// let mistake = AlwaysOn::new(1.0, 2.0, 0.0).unwrap_err();
/// assert_eq!(mistake.to_string(), "patience_rate = 0: must be finite and above 0");
/// ```
#[allow(clippy::struct_field_names)] // all are rates, and so named outside
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AlwaysOn {
    first_rate: f64,
    second_rate: f64,
    patience_rate: f64,
}

impl AlwaysOn {
    /// The most orders of a side in one patience time, `λ/θ`: beyond, counts are no longer exact numbers.
    pub const MOST_PER_PATIENCE: f64 = 1e15;

    /// A pool whose sides bring `first_rate` and `second_rate` orders per unit of time, each of which waits for an
    /// exponential time of mean `1/patience_rate` at most.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the rates are finite and at least 0, one of them above 0, `patience_rate` is finite and
    /// above 0, and neither rate is more than [`AlwaysOn::MOST_PER_PATIENCE`] times it.
    pub fn new(first_rate: f64, second_rate: f64, patience_rate: f64) -> Result<Self> {
        let patience_rate = checked("patience_rate", patience_rate, |r| r > 0.0, "finite and above 0")?;
        for (key, rate) in [("first_rate", first_rate), ("second_rate", second_rate)] {
            checked(key, rate, |r| r >= 0.0, "finite and at least 0")?;
            if !(rate / patience_rate <= Self::MOST_PER_PATIENCE) {
                let most = Self::MOST_PER_PATIENCE;
                let allowed = format!("at most {most:e} times the patience rate {}", shown(patience_rate));
                return Err(Error::domain(key, shown(rate), allowed));
            }
        }
        if first_rate == 0.0 && second_rate == 0.0 {
            return Err(Error::domain("second_rate", 0, "above 0 where first_rate is 0"));
        }
        Ok(Self { first_rate, second_rate, patience_rate })
    }

    /// `λ1`: orders of the first side per unit of time.
    pub fn first_rate(&self) -> f64 {
        self.first_rate
    }

    /// `λ2`: orders of the second side per unit of time.
    pub fn second_rate(&self) -> f64 {
        self.second_rate
    }

    /// `θ`: the rate at which every waiting order loses patience.
    pub fn patience_rate(&self) -> f64 {
        self.patience_rate
    }

    /// `a = λ1/θ`: expected orders of the first side in one patience time.
    pub fn first_per_patience(&self) -> f64 {
        self.first_rate / self.patience_rate
    }

    /// `b = λ2/θ`: expected orders of the second side in one patience time.
    pub fn second_per_patience(&self) -> f64 {
        self.second_rate / self.patience_rate
    }

    /// The same pool with the names of the sides exchanged.
    #[must_use]
    pub fn exchanged(&self) -> Self {
        Self { first_rate: self.second_rate, second_rate: self.first_rate, ..*self }
    }
}
