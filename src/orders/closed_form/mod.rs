//! Exact results about single orders, where there are any.

mod fills;

pub use fills::{HeightFill, filled_shares};
