//! Keepers run the auctions of the pools: both documents in one model.
//!
//! What is given is in [`model`]: which keepers serve which pools, and by which rule. [`closed_form`] turns it into the
//! [`Execution`](crate::pool_tree::Execution) of a tree; [`simulation`] draws every attempt for the orders engine.

pub mod closed_form;
pub mod model;
pub mod simulation;

pub use model::{Assignment, HeightKeepers, Outages, PoolKeepers};
