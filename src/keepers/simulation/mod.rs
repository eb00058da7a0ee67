//! The mechanism, draw by draw. Nothing here uses a formula of [`crate::keepers::closed_form`].

pub mod attacks;
pub mod auction;
pub mod committee;
pub mod execution;
mod select;

pub use select::select;
