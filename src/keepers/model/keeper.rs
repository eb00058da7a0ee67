//! One keeper.

use crate::error::{Error, Result, checked};
use serde::{Deserialize, Serialize};

/// Counts up to here are exact as `f64`.
pub(in crate::keepers) const MOST_COUNTED: u64 = 1 << 53;

/// A keeper as a register knows it.
///
/// ```
/// use pooltree::keepers::Keeper;
/// let keeper = Keeper { stake: 500.0, picked: 10, succeeded: 9, ..Keeper::new("alice") };
/// assert!(keeper.check().is_ok());
/// let wrong = Keeper { stake: -1.0, ..keeper };
/// assert_eq!(wrong.check().unwrap_err().to_string(), "stake = -1: must be finite and at least 0");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeper {
    /// Unique name, not empty.
    pub id: String,
    /// What it has staked, `≥ 0`, in units of the stake.
    pub stake: f64,
    /// Gas price it offers, `≥ 0`, in units of the gas price.
    pub bid: f64,
    /// What executing one task costs it, `≥ 0`, in units of value.
    pub cost: f64,
    /// Time that one of its attempts takes, `≥ 0`, in units of time.
    pub ping: f64,
    /// How often it was picked.
    pub picked: u64,
    /// How often it executed the task it was picked for, at most `picked`.
    pub succeeded: u64,
    /// Whether it takes part.
    pub active: bool,
}

impl Keeper {
    /// An active keeper of that name with nothing to its credit.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), stake: 0.0, bid: 0.0, cost: 0.0, ping: 0.0, picked: 0, succeeded: 0, active: true }
    }

    /// Checks every property.
    ///
    /// # Errors
    /// [`Error::Domain`] for an empty id, a NaN, infinite or negative number, or more successes than picks.
    pub fn check(&self) -> Result<()> {
        if self.id.trim().is_empty() {
            return Err(Error::domain("id", format!("{:?}", self.id), "a name that is not empty"));
        }
        let numbers = [("stake", self.stake), ("bid", self.bid), ("cost", self.cost), ("ping", self.ping)];
        for (key, value) in numbers {
            checked(key, value, |v| v >= 0.0, "finite and at least 0")?;
        }
        if self.picked > MOST_COUNTED {
            return Err(Error::domain("picked", self.picked, format!("an integer from 0 to {MOST_COUNTED}")));
        }
        if self.succeeded > self.picked {
            let allowed = format!("an integer from 0 to picked = {}", self.picked);
            return Err(Error::domain("succeeded", self.succeeded, allowed));
        }
        Ok(())
    }
}
