//! The mechanism, draw by draw. Nothing here uses a formula of [`crate::keepers::closed_form`].

pub mod attacks;
pub mod auction;
pub mod committee;
pub mod execution;
mod probe;
mod select;

pub use probe::{U256, probe};
pub use select::{Selector, select};
