//! What is given about single orders: validated parameters that closed forms and simulation share.

mod arrivals;
mod lifetime;
mod priority;
mod solver;
mod stretch;
mod value;

use crate::error::Result;
use serde::Serialize;

pub use arrivals::Arrivals;
pub use lifetime::{Lifetime, PatienceFrom};
pub use priority::Priority;
pub use solver::{Solver, SolverModel};
pub use stretch::Stretch;
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
    #[serde(flatten)]
    pub lifetime: Lifetime,
    /// How many windows a replication sees.
    #[serde(flatten)]
    pub stretch: Stretch,
}

impl Orders {
    /// Checks every part.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) with the key of the scenario file below `orders`.
    pub fn check(&self) -> Result<()> {
        self.arrivals.check().map_err(|e| e.within("arrivals"))?;
        self.value.check().map_err(|e| e.within("value"))?;
        self.lifetime.check()?;
        self.stretch.check()
    }

    /// The priority that matters: where all orders are worth the same, the highest value is a tie of all.
    pub fn effective_priority(&self) -> Priority {
        match self.priority {
            Priority::HighestValue if self.value.is_degenerate() => Priority::Random,
            priority => priority,
        }
    }

    /// Whether the numbers filled at every height are those of the tree's closed form, whatever the priority.
    pub fn fills_as_the_tree(&self) -> bool {
        self.lifetime.is_one_auction() && self.solver.clears_pairs_only() && self.solver.success() == 1.0
    }
}
