//! Estimates: mean with error, never a bare number.

mod agreement;
mod control;
mod moments;
mod settings;

pub use agreement::Agreement;
pub use control::Controlled;
pub use moments::{CountMoments, Estimate, Moments, VectorEstimate};
pub(crate) use settings::replications_for_precision;
pub use settings::{MonteCarlo, PrecisionReport, Stopping};
