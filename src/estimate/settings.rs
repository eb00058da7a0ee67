//! How long to simulate, and from which seed.

use crate::error::{Error, Result, checked};
use crate::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// When a simulation stops.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopping {
    /// After this many replications, `≥ 2`.
    Replications(u64),
    /// When the half-width of the 95 % interval of gross welfare is this share of its mean, in `(0, 1)`.
    Precision(f64),
}

/// How a wanted relative precision was met.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrecisionReport {
    /// The wanted half-width of the 95 % interval over the mean.
    pub target: f64,
    /// The half-width reached; `None` where the mean is 0.
    pub reached: Option<f64>,
    /// Whether the run was cut at the most work that a precision may cost, or because nothing was filled at all.
    pub capped: bool,
    /// Replications of the pilot that decided the length of the run; none of them enters the estimate.
    pub pilot_replications: u64,
}

impl PrecisionReport {
    /// The same with what an estimate of gross welfare has reached.
    pub(crate) fn reached_by(self, gross: &Estimate) -> Self {
        let reached = gross.relative_precision();
        Self { reached: reached.is_finite().then_some(reached), ..self }
    }
}

/// Seed and stopping rule of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MonteCarlo {
    seed: u64,
    #[serde(flatten)]
    stopping: Stopping,
}

impl Default for MonteCarlo {
    fn default() -> Self {
        Self { seed: Self::DEFAULT_SEED, stopping: Stopping::Replications(Self::DEFAULT_REPLICATIONS) }
    }
}

impl MonteCarlo {
    /// Seed where none is given.
    pub const DEFAULT_SEED: u64 = 1;
    /// Replications where neither their number nor a precision is given.
    pub const DEFAULT_REPLICATIONS: u64 = 10_000;
    pub(crate) const SEEDS: &'static str = "an integer from 0 to 9223372036854775807";

    /// Seed (at most `2^63 - 1`, what TOML can write) and stopping rule.
    ///
    /// # Errors
    /// [`Error::Domain`] for a larger seed, fewer than 2 replications, or a precision outside `(0, 1)`.
    pub fn new(seed: u64, stopping: Stopping) -> Result<Self> {
        if i64::try_from(seed).is_err() {
            return Err(Error::domain("seed", seed, Self::SEEDS));
        }
        match stopping {
            Stopping::Replications(n) if !(2..=i64::MAX as u64).contains(&n) => {
                Err(Error::domain("replications", n, "an integer of at least 2 and at most 9223372036854775807"))
            }
            Stopping::Precision(p) => {
                checked("precision", p, |p| p > 0.0 && p < 1.0, "above 0 and below 1")?;
                Ok(Self { seed, stopping })
            }
            Stopping::Replications(_) => Ok(Self { seed, stopping }),
        }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stopping rule.
    pub fn stopping(&self) -> Stopping {
        self.stopping
    }
}

/// Replications that a wanted relative half-width of the 95 % interval takes, and whether that is more than is
/// `affordable`; `pilot`, whose mean is above 0, tells the coefficient of variation.
///
/// Were the pilot exact, its square would do; three standard errors of it (normal theory) and of the mean go on top. No
/// fewer than the pilot took.
pub(crate) fn replications_for_precision(target: f64, pilot: &Estimate, affordable: f64) -> (f64, bool) {
    let n = pilot.replications as f64;
    let squared = (1.96 * pilot.std_error / (target * pilot.mean)).powi(2) * n;
    let relative_error = pilot.std_error / pilot.mean;
    let margin = 1.0 + 3.0 * (2.0 / n).sqrt() + 6.0 * relative_error;
    ((squared * margin).ceil().max(n).min(affordable), squared * margin > affordable)
}
