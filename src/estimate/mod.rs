//! Estimates: mean with error, never a bare number.

mod agreement;
mod moments;
mod settings;

pub use agreement::Agreement;
pub use moments::{CountMoments, Estimate, VectorEstimate};
pub use settings::{MonteCarlo, PrecisionReport, Stopping};
