//! Monte Carlo of the mechanism order by order.
//!
//! Nothing here uses a formula of [`crate::orders::closed_form`] or [`crate::pool_tree::closed_form`]; all read the same
//! validated parameters.

pub mod solver;
