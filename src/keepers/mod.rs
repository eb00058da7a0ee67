//! Keeper selection: who executes a task, by which law, and what it costs.
//!
//! What is given is in [`model`]: keepers, the rule by which one of them is selected, the task. What follows exactly is in
//! [`closed_form`]; the mechanism, draw by draw, in [`simulation`].

pub mod closed_form;
mod example;
#[cfg(feature = "csv")]
mod file;
pub mod model;
pub mod simulation;
pub mod table;

pub use model::{
    Attempts, Contest, Executor, GasAuction, Keeper, Keepers, Noise, Parameters, Property, Reading, Reliability, Retry,
    Rule, RuleName, Score, Task, Ties,
};
