//! Every order an object: lifetimes, bids and priorities, cycles of swaps, bursts of arrivals.
//!
//! What is given beyond the pool tree is in [`model`]; what follows exactly, where there is a formula, in [`closed_form`];
//! the mechanism order by order in [`simulation`]. [`compare`] holds the two together.

pub mod closed_form;
pub mod compare;
pub mod continuous;
pub mod log;
pub mod model;
pub mod quality;
pub mod run;
pub mod simulation;
pub mod utility;

pub use model::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, Stretch, ValueLaw};
