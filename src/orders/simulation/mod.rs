//! Monte Carlo of the mechanism order by order.
//!
//! Nothing here uses a formula of [`crate::orders::closed_form`] or [`crate::pool_tree::closed_form`]; all read the same
//! validated parameters.

pub mod solver;

mod bits;
mod engine;
mod market;
mod order;
mod plan;
mod select;
mod simulated;
pub(crate) mod sums;
mod tally;
mod values;

pub use engine::OrdersEngine;
pub use order::{Auction, Edge, Observer, Order};
pub use simulated::{HeightOrders, SimulatedOrders};
pub use tally::Account;
