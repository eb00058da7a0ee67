//! The gas auction for one task.

use crate::error::{Error, Result, checked, shown};
use serde::Serialize;

/// What is at stake in a gas auction: the compensation is fixed, so that gas paid is a bid.
///
/// The winner pays its bid `b`; a loser's transaction reverts and costs `c + α b`. Flashbots is `c = α = 0`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GasAuction {
    value: f64,
    loser_fixed: f64,
    loser_share: f64,
    reserve: f64,
}

impl GasAuction {
    /// - `value > 0`: what executing the task is worth to a keeper, `v`;
    /// - `loser_fixed ≥ 0`: what a revert costs whatever the bid, `c`;
    /// - `loser_share`, `0 ≤ α ≤ 1`: gas of a revert over the gas of a success;
    /// - `reserve ≥ 0`: the least bid, base fee times gas, `r`.
    ///
    /// # Errors
    /// [`Error::Domain`] for a parameter out of range, [`Error::NotFinite`] if the sum of amounts overflows.
    pub fn new(value: f64, loser_fixed: f64, loser_share: f64, reserve: f64) -> Result<Self> {
        checked("value", value, |v| v > 0.0, "finite and above 0")?;
        checked("loser_fixed", loser_fixed, |c| c >= 0.0, "finite and at least 0")?;
        checked("loser_share", loser_share, |a| (0.0..=1.0).contains(&a), "at least 0 and at most 1")?;
        checked("reserve", reserve, |r| r >= 0.0, "finite and at least 0")?;
        if !(value + loser_fixed + reserve).is_finite() {
            let what = format!("value {} and reserve {} with it", shown(value), shown(reserve));
            return Err(Error::not_finite("loser_fixed", loser_fixed, what));
        }
        Ok(Self { value, loser_fixed, loser_share, reserve })
    }

    /// What executing the task is worth to a keeper, `v`.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// What a revert costs whatever the bid, `c`.
    pub fn loser_fixed(&self) -> f64 {
        self.loser_fixed
    }

    /// What a revert costs per unit of the bid, `α`.
    pub fn loser_share(&self) -> f64 {
        self.loser_share
    }

    /// The least bid, `r`.
    pub fn reserve(&self) -> f64 {
        self.reserve
    }

    /// The same auction where losers pay nothing: bundles that are dropped instead of reverted.
    #[must_use]
    pub fn without_reverts(&self) -> Self {
        Self { loser_fixed: 0.0, loser_share: 0.0, ..*self }
    }
}
