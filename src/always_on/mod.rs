//! The always-on pool: continuous trading instead of batches.
//!
//! Orders of two sides arrive as Poisson streams. An arriving order matches the longest-waiting order of the other side at
//! once, one to one; if none waits, it waits itself and loses patience at rate `θ`. What is given is an [`AlwaysOn`]; what
//! follows is told by three routes that know nothing of each other: integrals ([`closed_form`]), the linear equations of
//! truncated chains ([`chain`]), and orders that come and go one by one ([`simulation`]). [`compare`] holds them together, and
//! [`growth`] tells what happens without patience.
//!
//! Derivations are in docs/models/always-on.md, "The always-on pool".

pub mod chain;
pub mod closed_form;
pub mod compare;
pub mod growth;
mod outcome;
mod queue;
pub mod simulation;

pub use outcome::{Outcome, SideOutcome};
pub use queue::AlwaysOn;
