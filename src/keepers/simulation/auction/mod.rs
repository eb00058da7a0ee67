//! Auctions, played.

use crate::keepers::model::GasAuction;
use rand::{Rng, RngExt};

/// The bidder that executes the task, if anybody does.
pub fn select<R: Rng + ?Sized>(_auction: &GasAuction, n: usize, rng: &mut R) -> Option<usize> {
    (n > 0).then(|| rng.random_range(0..n))
}
