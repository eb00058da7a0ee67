//! Estimated fills and welfare of an architecture.

use super::run::WelfareRun;
use crate::error::Result;
use crate::estimate::{MonteCarlo, PrecisionReport, VectorEstimate};
use crate::pool_tree::{Architecture, Model};
use crate::progress::Progress;
use serde::{Deserialize, Serialize};

/// Monte Carlo estimate of the welfare of one architecture; all rates per unit time.
///
/// Fills are simulated; the waits of filled orders enter through their conditional expectation given the height,
/// `E[β^delay]` of the timing model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulatedWelfare {
    /// Estimated discounted utility.
    pub gross: f64,
    /// Standard error of `gross`.
    pub std_error: f64,
    /// 95 % confidence interval of `gross`.
    pub ci95: [f64; 2],
    /// Estimated `gross / Λ`.
    pub gross_per_order: f64,
    /// Estimated share of all orders that is filled.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub filled_share_std_error: f64,
    /// Independent windows of the highest active height that were simulated.
    pub replications: u64,
    /// The seed.
    pub seed: u64,
    /// How a wanted precision was met, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub precision: Option<PrecisionReport>,
    /// The active heights from the lowest to the highest.
    pub by_height: Vec<HeightFills>,
    /// Mean and covariance of one replication of the filled shares by height.
    pub fills: VectorEstimate,
    /// Further replications from which the joint test takes the covariance where `fills` has too few to know it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spread: Option<VectorEstimate>,
}

/// Estimated fills at one height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeightFills {
    /// Height of the pools.
    pub height: u32,
    /// Share of all orders filled at this height.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub std_error: f64,
}

impl SimulatedWelfare {
    /// Simulates `architecture` under `model` as `monte_carlo` asks, in parallel on the current rayon pool.
    ///
    /// A wanted precision is met in two stages. A pilot estimates the coefficient of variation of gross welfare and fixes
    /// the number of replications, with a margin for its own error; the estimate then comes from fresh replications only.
    /// The length of the run is therefore independent of the numbers that are reported, and the 95 % interval covers as
    /// one of a fixed length does: there is only one look.
    ///
    /// # Errors
    /// [`crate::Error::OutOfReach`] if the simulation takes too many draws (the closed form still answers); [`crate::Error::Domain`] and
    /// [`crate::Error::NotFinite`] as for the closed form.
    pub fn simulate(
        model: &Model,
        architecture: &Architecture,
        monte_carlo: &MonteCarlo,
        progress: Progress,
    ) -> Result<Self> {
        let mut run = WelfareRun::new(model, architecture, monte_carlo)?;
        run.steps.finish(progress)?;
        run.report()
    }
}

crate::compare_floats::compare_floats!(HeightFills { same: [height], floats: [filled_share, std_error], nested: [] });
crate::compare_floats::compare_floats!(SimulatedWelfare {
    same: [replications, seed],
    floats: [gross, std_error, gross_per_order, filled_share, filled_share_std_error],
    nested: [by_height],
});
