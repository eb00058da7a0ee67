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
#[cfg(feature = "report")]
pub mod report;
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
    #[doc = include_str!("../docs/introduction.md")]
    mod introduction {}
    #[doc = include_str!("../docs/documents.md")]
    mod documents {}
    #[doc = include_str!("../docs/models/filling.md")]
    mod model_filling {}
    #[doc = include_str!("../docs/models/welfare.md")]
    mod model_welfare {}
    #[doc = include_str!("../docs/models/architecture.md")]
    mod model_architecture {}
    #[doc = include_str!("../docs/models/constant-filling.md")]
    mod model_constant_filling {}
    #[doc = include_str!("../docs/models/always-on.md")]
    mod model_always_on {}
    #[doc = include_str!("../docs/models/bursts.md")]
    mod model_bursts {}
    #[doc = include_str!("../docs/models/bids.md")]
    mod model_bids {}
    #[doc = include_str!("../docs/models/cycles.md")]
    mod model_cycles {}
    #[doc = include_str!("../docs/models/carry-over.md")]
    mod model_carry_over {}
    #[doc = include_str!("../docs/models/selection.md")]
    mod model_selection {}
    #[doc = include_str!("../docs/models/gas-auction.md")]
    mod model_gas_auction {}
    #[doc = include_str!("../docs/models/keepers-and-pools.md")]
    mod model_keepers_and_pools {}
    #[doc = include_str!("../docs/models/networks.md")]
    mod model_networks {}
    #[doc = include_str!("../docs/models/simulation.md")]
    mod model_simulation {}
    #[doc = include_str!("../docs/derivations.md")]
    mod derivations {}
}
