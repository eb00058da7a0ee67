//! Questions about a scenario with something changed: which architecture wins where, at which value one overtakes another,
//! which level dies first.

pub mod axis;
pub mod best;
pub mod contender;
pub mod levels;
pub mod network;
pub mod periods;
pub mod phase;
pub(crate) mod scan;
pub mod sizing;
pub mod sweep;
pub mod threshold;
pub mod verdict;

pub use axis::{Axis, Spacing};
pub use contender::Contender;
