//! What happens when a selected keeper fails.

use super::{Keeper, Reliability};
use crate::error::{Result, checked};
use serde::Serialize;

/// Who tries next after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// The same keeper again.
    Same,
    /// Whoever a fresh draw of the rule among all selects.
    Redraw,
    /// Whoever the rule selects among those who have not failed; when all have, the task stays undone.
    #[default]
    Exclude,
}

impl Retry {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Same, Self::Redraw, Self::Exclude];

    /// The name in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Redraw => "redraw",
            Self::Exclude => "exclude",
        }
    }
}

/// How attempts follow each other, in units of time.
///
/// An attempt takes the ping of its keeper; a failed one costs `failure_delay` more. The attempts end with the first
/// success, with a selection that selects nobody, when all keepers are excluded, or at the deadline: an execution counts
/// if it is done at most `deadline` after the start.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Attempts {
    /// Who tries next.
    pub retry: Retry,
    /// What a failure costs beyond the attempt itself, `Δ ≥ 0`.
    pub failure_delay: f64,
    /// When one gives up, `≥ 0`; never without one.
    pub deadline: Option<f64>,
}

impl Attempts {
    /// Checks both times.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless they are finite and at least 0.
    pub fn check(&self) -> Result<()> {
        checked("failure_delay", self.failure_delay, |t| t >= 0.0, "finite and at least 0")?;
        self.deadline.map_or(Ok(()), |t| checked("deadline", t, |t| t >= 0.0, "finite and at least 0").map(drop))
    }
}

/// A keeper as one who executes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Executor {
    /// Probability `ρ` that an attempt succeeds, in `[0, 1]`.
    pub reliability: f64,
    /// Time `τ` that an attempt takes, finite and `≥ 0`.
    pub ping: f64,
}

impl Executor {
    /// What a keeper's record says.
    pub fn new(keeper: &Keeper, estimate: Reliability) -> Self {
        Self { reliability: estimate.of(keeper), ping: keeper.ping }
    }
}
