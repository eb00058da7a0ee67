//! The back-of-the-envelope calculation: every auction fills a constant share of what reaches it.
//!
//! An order climbs from the lowest active level to the top. At each level it takes part in up to `n_h` auctions of duration
//! `d_h`, each of which fills it with probability `X_h`, whatever the order flow; then it is forwarded, and at the top it
//! expires. What is given is a [`Climb`]; what follows is told by three routes that know nothing of each other: sums
//! ([`closed_form`]), the linear equations of the absorbing chain ([`chain`]), and orders drawn one by one
//! ([`simulation`]). [`critical`] asks from which filling rate, and from which depth on, the climb beats a single global
//! pool; [`compare`] holds everything side by side.
//!
//! Source: *Operator pool trees*, "The crux: filling rate". The document calls the constant rate "wrong": in a pool tree the
//! filling rate follows from the order flow ([`crate::ClosedForm`]). Derivations are in docs/models/constant-filling.md.

pub mod chain;
mod climb;
pub mod closed_form;
pub mod compare;
pub mod critical;
mod outcome;
pub mod simulation;

pub use climb::{Attempts, Climb, ClimbLevel, DelayCounting};
pub use outcome::{LevelOutcome, Outcome};
