//! What becomes of the orders of an always-on pool.

use serde::Serialize;

/// What becomes of the orders of one side, in the long run.
///
/// Where the side brings no orders, the shares and the welfare are those of a single order that came by itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SideOutcome {
    /// Share of its orders that lose patience.
    pub unfilled_share: f64,
    /// Share of its orders that are filled.
    pub filled_share: f64,
    /// Share of its orders that are filled at their arrival, without a wait.
    pub filled_at_once: f64,
    /// Mean number of its orders that wait.
    pub waiting: f64,
    /// Expected `β^wait` of an order if it is filled, 0 if it is not: the discounted value of an order worth 1.
    pub welfare: f64,
}

/// What becomes of the orders of an always-on pool, in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outcome {
    /// The first side.
    pub first: SideOutcome,
    /// The second side.
    pub second: SideOutcome,
    /// Share of time in which no order waits, `π_0`.
    pub balanced_share: f64,
    /// Mean of the imbalance `n`: first-side orders that wait, or minus the second-side ones.
    pub imbalance: f64,
    /// Mean number of orders that wait, `E|n|`.
    pub waiting: f64,
    /// Share of all orders that lose patience.
    pub unfilled_share: f64,
    /// Share of all orders that are filled.
    pub filled_share: f64,
    /// Discounted value of an order of either side, `≤ filled_share`.
    pub welfare: f64,
    /// Discounted value per unit of time, `(λ1 + λ2) · welfare`; infinite where that overflows.
    pub welfare_rate: f64,
}

impl Outcome {
    /// The outcome with the names of the sides exchanged.
    #[must_use]
    pub fn exchanged(&self) -> Self {
        Self { first: self.second, second: self.first, imbalance: -self.imbalance, ..*self }
    }
}
