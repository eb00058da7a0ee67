//! Trees of operator pools that run frequent batch auctions: exact expected welfare beside the simulation that confirms
//! it.

pub mod always_on;
pub mod claims;
pub mod compare;
mod compare_floats;
pub mod constant_filling;
pub mod error;
pub mod estimate;
pub mod explore;
#[cfg(feature = "figures")]
pub mod figures;
#[cfg(feature = "csv")]
pub mod fit;
pub mod keepers;
pub mod kernels;
pub mod network;
pub mod orders;
pub mod pool_keepers;
pub mod pool_tree;
pub mod progress;
pub mod scenario;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use error::{Error, Result};
pub use pool_tree::closed_form::ClosedForm;
pub use scenario::Scenario;

/// The examples of the README and of the book compile and run.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/scenario.md")]
    mod scenario {}
    #[doc = include_str!("../docs/constellations.md")]
    mod constellations {}
    #[doc = include_str!("../docs/orders.md")]
    mod orders {}
    #[doc = include_str!("../docs/keepers.md")]
    mod keepers {}
    #[doc = include_str!("../docs/networks.md")]
    mod networks {}
    #[doc = include_str!("../docs/derivations.md")]
    mod derivations {}
}
