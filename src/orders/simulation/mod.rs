//! Monte Carlo of the mechanism order by order.
//!
//! Nothing here uses a formula of [`crate::orders::closed_form`] or [`crate::pool_tree::closed_form`]; all read the same
//! validated parameters.

pub mod solver;

mod arrivals;
mod bits;
mod book;
mod engine;
mod executions;
mod group;
mod market;
mod matching;
mod order;
mod plan;
mod pool_by_pool;
mod run;
mod select;
mod setup;
mod simulated;
mod stretch;
pub(crate) mod sums;
mod tally;
mod values;

pub use engine::OrdersEngine;
pub use order::{Auction, Edge, Observer, Order};
pub(crate) use run::OrdersRun;
pub use simulated::{HeightOrders, SimulatedOrders};
pub use tally::Account;
