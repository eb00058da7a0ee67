//! Real operators and real order flow: sites with the latencies between them ([`sites`]), logs of orders ([`order_log`]), and
//! what the network of a scenario looks like ([`report`]).
//!
//! What they become are parts of a [`Model`](crate::pool_tree::Model): [`Pools`](crate::pool_tree::Pools), latencies of pools and
//! [`CustomFlow`](crate::pool_tree::CustomFlow).

#[cfg(feature = "csv")]
pub mod order_log;
pub mod report;
pub mod sites;

pub use sites::Sites;
