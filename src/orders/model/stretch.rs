//! How many windows a replication sees.

use crate::error::{Error, Result};
use serde::Serialize;

/// Consecutive windows of the highest active height in one replication.
///
/// Where no order outlives its first auction at the highest active height, windows are independent and one is enough. Else
/// a replication starts without orders, and what happens in the first windows is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Stretch {
    /// Windows that count, `≥ 1`; by default as many as the warm-up, at least 16, or 1 where none is carried over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<u64>,
    /// Windows before them; by default twenty mean patience times, or ten lifetimes `ℓ`, but at least `2ℓ²x` with the oldest and
    /// `ℓ²x/4` with random or the most valuable orders first, `x` orders a side in a window of the busiest market; 0 where
    /// orders stay for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<u64>,
}

impl Stretch {
    /// The most windows of either kind.
    pub const MOST: u64 = 1_000_000_000;

    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `1 ≤ windows ≤ 1e9`, `warm_up ≤ 1e9`.
    pub fn check(&self) -> Result<()> {
        let most = Self::MOST;
        if let Some(windows) = self.windows.filter(|windows| !(1..=most).contains(windows)) {
            return Err(Error::domain("windows", windows, format!("an integer of at least 1 and at most {most}")));
        }
        if let Some(warm_up) = self.warm_up.filter(|warm_up| *warm_up > most) {
            return Err(Error::domain("warm_up", warm_up, format!("an integer of at least 0 and at most {most}")));
        }
        Ok(())
    }
}
