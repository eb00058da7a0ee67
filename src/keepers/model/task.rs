//! The task that a keeper is selected for.

use crate::error::{Result, checked};
use serde::Serialize;

/// What a task asks of its keeper.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Task {
    /// Least stake, inclusive, `≥ 0`; without one everybody active is viable.
    pub min_stake: Option<f64>,
    /// Number of the job: shifts the start of the probe, and enters the hash that breaks ties.
    pub job: u64,
}

impl Task {
    /// Checks the minimum.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless it is finite and at least 0.
    pub fn check(&self) -> Result<()> {
        self.min_stake
            .map_or(Ok(()), |least| checked("min_stake", least, |s| s >= 0.0, "finite and at least 0").map(drop))
    }
}
