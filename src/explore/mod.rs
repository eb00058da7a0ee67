//! Questions about a scenario with something changed.

pub mod periods;
pub mod sizing;
