//! What happens when a selected keeper fails.

use super::{Keeper, Reliability};
use crate::error::{Error, Result, checked};
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

/// Relative tolerance at the deadline: sums of times that are equal on paper differ by rounding.
const ROUNDING: f64 = 1e-9;

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
    /// [`Error::Domain`] unless they are finite and at least 0.
    pub fn check(&self) -> Result<()> {
        checked("failure_delay", self.failure_delay, |t| t >= 0.0, "finite and at least 0")?;
        self.deadline.map_or(Ok(()), |t| checked("deadline", t, |t| t >= 0.0, "finite and at least 0").map(drop))
    }

    /// Whether an execution `time` after the start counts: it is done by the deadline. A time that exceeds the deadline by
    /// a billionth of it is one that meets it but for rounding, and counts.
    ///
    /// ```
    /// use pooltree::keepers::Attempts;
    /// let attempts = Attempts { deadline: Some(0.3), ..Attempts::default() };
    /// assert!(0.1 + 0.2 > 0.3 && attempts.in_time(0.1 + 0.2));
    /// assert!(!attempts.in_time(0.301));
    /// ```
    pub fn in_time(&self, time: f64) -> bool {
        time <= self.limit()
    }

    /// The largest time that counts; infinite without a deadline.
    pub(in crate::keepers) fn limit(&self) -> f64 {
        self.deadline.map_or(f64::INFINITY, |deadline| deadline * (1.0 + ROUNDING))
    }

    /// What a failed attempt of that keeper takes altogether, `τ + Δ`.
    pub fn lost(&self, executor: &Executor) -> f64 {
        executor.ping + self.failure_delay
    }

    /// Checks the times and one executor for each of `entrants`, and that all times together are finite.
    pub(in crate::keepers) fn check_with(&self, entrants: usize, executors: &[Executor]) -> Result<()> {
        self.check()?;
        if executors.len() != entrants {
            let allowed = format!("as many as there are entrants, {entrants}");
            return Err(Error::domain("executors", executors.len(), allowed));
        }
        for (i, executor) in executors.iter().enumerate() {
            executor.check().map_err(|e| e.within(&format!("executors.{i}")))?;
        }
        if executors.iter().map(|executor| self.lost(executor)).sum::<f64>().is_finite() {
            return Ok(());
        }
        Err(Error::not_finite("failure_delay", self.failure_delay, "the time of one failure of everybody"))
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

    /// Checks both numbers.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the reliability is in `[0, 1]` and the ping finite and at least 0.
    pub fn check(&self) -> Result<()> {
        checked("reliability", self.reliability, |p| (0.0..=1.0).contains(&p), "at least 0 and at most 1")?;
        checked("ping", self.ping, |t| t >= 0.0, "finite and at least 0").map(drop)
    }
}
