//! Exact results about single orders, where there are any.

pub mod bids;
