//! Trees of operator pools that run frequent batch auctions: exact expected welfare beside the simulation that confirms
//! it.
//!
//! `γ^k` operators take in orders. Pools of `γ^h` of them run frequent batch auctions, what a pool leaves unfilled is forwarded
//! to its parent, a filled order is worth `β^t` after the time `t`, and consensus in a pool costs messages quadratic in its size.
//! Tree, one global pool, or local pools? What share is filled, and where? Which keeper runs the auctions?
//!
//! ```
//! use pooltree::pool_tree::{Architecture, search::Search};
//! use pooltree::{ClosedForm, Scenario};
//!
//! // A child pool twice as fast as its parent, a discount factor of one half, eight operators: the example of the document.
//! let scenario: Scenario = r#"
//!     tree = { arity = 2, depth = 3 }
//!     flow = { rate = 64.0, components = [{ kind = "uniform" }] }
//!     timing.latency = { model = "proportional", scale = 0.25 }
//!     timing.period = { model = "ratio", base = 0.25, ratio = 2 }
//!     timing.delay = "batched"
//!     discount = { factor = 0.5 }
//! "#.parse()?;
//! let tree = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()))?;
//! let global = ClosedForm::evaluate(&scenario, &Architecture::global(scenario.tree()))?;
//! // The same fills, but the tree's are earlier.
//! assert!((tree.filled_share - global.filled_share).abs() < 1e-12 && tree.gross > global.gross);
//! // Of all 15 sets of heights the best has auctions of single operators, too.
//! assert_eq!(Search::new(&scenario)?.best()?.architecture.heights(), [0, 1, 2, 3]);
//! # Ok::<(), pooltree::Error>(())
//! ```
//!
//! # Where things are
//!
//! Every model has three rooms: what is given (`model`, or the module itself), what follows exactly (`closed_form`), and what a
//! simulation of the mechanism shows (`simulation`). The two last share nothing but validated parameters.
//!
//! | question | module | chapter of the book |
//! |---|---|---|
//! | one study, read from TOML, valid as a whole | [`scenario`] | scenario files |
//! | what does each height fill, what is it worth, which heights are best? | [`pool_tree`] | filling rate, welfare, best architecture |
//! | tree, global and local pools side by side | [`compare`] | introduction |
//! | where does the verdict change; which windows, how large a pool? | [`explore`] | constellations |
//! | what if every auction fills a constant share? | [`constant_filling`] | a constant filling rate |
//! | continuous trading instead of batches? | [`always_on`] | the always-on pool |
//! | every order an object: lifetimes, bids, cycles, bursts | [`orders`] | bursts, bids, cycles, orders that stay |
//! | who is selected to execute, by which law, and what do attacks gain? | [`keepers`] | keeper selection, gas auction |
//! | keepers run the auctions | [`pool_keepers`] | keepers who run the auctions |
//! | operators at places, measured latencies, logs of orders | [`network`], `fit` | networks |
//! | what do the documents claim, and is it so? | [`claims`] | constellations |
//! | special functions, exact sums | [`kernels`] | accuracy |
//! | means with errors, agreement, stopping | [`estimate`] | simulation and agreement |
//!
//! # Features
//!
//! - `cli` (default): the `pooltree` command. A library does without: `default-features = false`.
//! - `report`: results as readable tables; a result shows itself in a notebook.
//! - `figures`, `png`: pictures as SVG, as PNG.
//! - `csv`, `arrow`: logs of single orders as CSV and as Arrow files, and `fit`.
//! - `proptest`: strategies that generate valid scenarios.
//!
//! # What holds everywhere
//!
//! A value that exists is valid: constructors check and name the key, the value and what is allowed ([`Error`]); nothing here
//! panics on what it is given, and no result is NaN. Same version and same seed give the same bits on any number of threads
//! and on every platform.
#![cfg_attr(docsrs, feature(doc_cfg))]

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
}
