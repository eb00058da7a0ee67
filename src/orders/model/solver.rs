//! Which matches a solver finds.

use crate::error::{Error, Result, checked};
use serde::Serialize;

/// Which sets of orders a solver may clear together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SolverModel {
    /// Two orders of the two sides of a class.
    #[default]
    Pairs,
    /// Cycles of swaps `x → y → … → x` of at most `longest` orders, shorter ones first.
    Cycles {
        /// The most orders in a cycle, `≥ 2`; 2 are pairs.
        longest: u32,
    },
    /// As many orders as cycles of any length can clear: a maximum circulation.
    Unlimited,
}

/// A solver: what it may clear, and how often it finds what it may.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Solver {
    #[serde(flatten)]
    model: SolverModel,
    success: f64,
}

impl Default for Solver {
    fn default() -> Self {
        Self { model: SolverModel::Pairs, success: 1.0 }
    }
}

impl Solver {
    /// A solver that finds every possible match with probability `success`, independently of the others.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `0 ≤ success ≤ 1` and cycles have at least 2 orders.
    pub fn new(model: SolverModel, success: f64) -> Result<Self> {
        checked("success", success, |s| (0.0..=1.0).contains(&s), "at least 0 and at most 1")?;
        if let SolverModel::Cycles { longest } = model
            && longest < 2
        {
            return Err(Error::domain("longest", longest, "an integer of at least 2"));
        }
        Ok(Self { model, success })
    }

    /// What it may clear.
    pub fn model(&self) -> SolverModel {
        self.model
    }

    /// Probability that it finds a possible match.
    pub fn success(&self) -> f64 {
        self.success
    }

    /// Whether only pairs are cleared, in whatever words.
    pub fn clears_pairs_only(&self) -> bool {
        matches!(self.model, SolverModel::Pairs | SolverModel::Cycles { longest: 2 })
    }
}
