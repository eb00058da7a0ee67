//! Networks: operators at given places, any rooted tree of pools over them, and flows that differ from operator to operator.

pub mod closed_form;
pub mod flow;
pub mod model;
#[cfg(feature = "csv")]
pub mod order_log;
pub mod pools;
pub mod simulation;
pub mod sites;

pub use flow::{Class, CustomFlow};
pub use model::{Network, NetworkLevel, NetworkParts};
pub use pools::Pools;
pub use sites::Sites;
