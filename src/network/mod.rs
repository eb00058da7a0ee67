//! Networks: operators at given places, any rooted tree of pools over them, and flows that differ from operator to operator.

#[cfg(feature = "csv")]
pub mod order_log;
pub mod pools;

pub use pools::Pools;
