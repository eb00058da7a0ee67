//! Exact results about single orders, where there are any.

pub mod bids;
pub mod carry_over;
