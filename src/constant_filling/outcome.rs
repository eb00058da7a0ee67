//! What becomes of an order, exactly.

use serde::{Serialize, Serializer};

/// Exact expectations per order, whichever route computed them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Expected discounted utility of an order that is worth 1, in `[0, 1]`.
    pub welfare: f64,
    /// Variance of the discounted utility of one order.
    pub variance: f64,
    /// Share of all orders that is filled.
    pub filled_share: f64,
    /// Share of all orders that expires at the top.
    pub expired_share: f64,
    /// Share of all orders that waits forever: what reaches a top without limit that fills nothing.
    pub waiting_share: f64,
    /// Expected number of auctions of an order; infinite (and absent from JSON) where orders wait forever.
    #[serde(skip_serializing_if = "is_infinite")]
    pub auctions: f64,
    /// Expected delay of a filled order, counted as the climb says; 0 if none is filled.
    #[serde(serialize_with = "finite_or_max")]
    pub delay: f64,
    /// The levels from the lowest to the top.
    pub by_level: Vec<LevelOutcome>,
}

/// What one level contributes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelOutcome {
    /// Share of all orders that reaches this level.
    pub reaching_share: f64,
    /// Share of all orders that is filled here.
    pub filled_share: f64,
    /// Part of the welfare that comes from here.
    pub welfare: f64,
    /// Expected number of auctions here, per order that set out; infinite (and absent from JSON) where orders wait forever.
    #[serde(skip_serializing_if = "is_infinite")]
    pub auctions: f64,
    /// Expected delay of an order filled here; 0 if none is.
    #[serde(serialize_with = "finite_or_max")]
    pub delay: f64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // what serde calls
fn is_infinite(value: &f64) -> bool {
    value.is_infinite()
}

/// JSON has no infinity.
fn finite_or_max<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(value.min(f64::MAX))
}

crate::compare_floats::compare_floats!(LevelOutcome {
    same: [],
    floats: [reaching_share, filled_share, welfare, auctions, delay],
    nested: [],
});
crate::compare_floats::compare_floats!(Outcome {
    same: [],
    floats: [welfare, variance, filled_share, expired_share, waiting_share, auctions, delay],
    nested: [by_level],
});
