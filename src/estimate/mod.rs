//! Estimates: mean with error, never a bare number.

mod agreement;
mod moments;

pub use agreement::Agreement;
pub use moments::{CountMoments, Estimate, VectorEstimate};
