//! Estimates: mean with error, never a bare number.

mod agreement;
mod control;
mod moments;
mod settings;
mod vector;

pub use agreement::Agreement;
pub use control::Controlled;
pub use moments::{CountMoments, Moments};
pub(crate) use settings::replications_for_precision;
pub use settings::{MonteCarlo, PrecisionReport, Stopping};
pub use vector::{Estimate, VectorEstimate};
