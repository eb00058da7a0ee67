//! Monte Carlo of the mechanism: Poisson arrivals, matching in every batch, unfilled orders forwarded.
//!
//! Nothing here uses a formula of [`crate::pool_tree::closed_form`]; both read the same validated parameters.

pub(crate) mod classes;
mod counts;
pub(crate) mod draw;
mod network;
mod plan;
mod run;
mod welfare;

pub use counts::CountsEngine;
pub use network::SimulatedNetwork;
pub(crate) use run::WelfareRun;
pub use welfare::{HeightFills, SimulatedWelfare};
