//! Exact results about single orders, where there are any.

pub mod bids;
pub mod cycles;
mod fills;

pub use fills::{HeightFill, filled_shares};
pub mod carry_over;
pub(super) use fills::by_height;
