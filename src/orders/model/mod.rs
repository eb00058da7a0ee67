//! What is given about single orders: validated parameters that closed forms and simulation share.

mod arrivals;
mod lifetime;
mod priority;
mod solver;
mod value;

use serde::Serialize;

pub use arrivals::Arrivals;
pub use lifetime::{Lifetime, PatienceFrom};
pub use priority::Priority;
pub use solver::{Solver, SolverModel};
pub use value::ValueLaw;

/// How single orders arrive, are valued, preferred and matched, and how long they stay.
///
/// The default leaves everything as the closed form of the tree has it: Poisson arrivals, orders of equal value, no
/// preference, pairs only, and one auction at the highest active height.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Orders {
    /// How many orders come at once, and how steadily.
    pub arrivals: Arrivals,
    /// The law of an order's value.
    pub value: ValueLaw,
    /// Which orders of the longer side are filled.
    pub priority: Priority,
    /// Which matches are found.
    pub solver: Solver,
    /// How long an order stays that the highest auction left over.
    pub lifetime: Lifetime,
}
