//! Exact laws of selection.

pub mod attacks;
pub mod auction;
pub mod committee;
pub mod execution;
pub mod fairness;
mod luce;
mod winner;

pub use winner::{score_elasticity, winner};
