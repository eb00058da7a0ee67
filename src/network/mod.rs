//! Networks: operators at given places, any rooted tree of pools over them, and flows that differ from operator to operator.

pub mod pools;
pub mod sites;

pub use pools::Pools;
pub use sites::Sites;
