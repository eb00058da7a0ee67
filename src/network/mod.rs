//! Real operators and real order flow: sites with the latencies between them ([`sites`]) and logs of orders ([`order_log`]).
//! With the feature `csv` both together become a scenario (`fit`).
//!
//! What they become are parts of a [`Model`](crate::pool_tree::Model): [`Pools`](crate::pool_tree::Pools), latencies of pools and
//! [`CustomFlow`](crate::pool_tree::CustomFlow).

#[cfg(feature = "csv")]
pub mod fit;
#[cfg(feature = "csv")]
pub mod order_log;
pub mod sites;

pub use sites::Sites;
