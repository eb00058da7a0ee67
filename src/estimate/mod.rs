//! Estimates: mean with error, never a bare number.

mod agreement;
mod control;
mod moments;
mod settings;
mod steps;
mod vector;

pub use agreement::Agreement;
pub use control::Controlled;
pub use moments::{CountMoments, Moments};
pub(crate) use settings::replications_for_precision;
pub use settings::{MonteCarlo, PrecisionReport, Stopping};
pub(crate) use steps::{Blocks, PILOT_STREAMS, Steps};
pub use vector::{Estimate, VectorEstimate};
