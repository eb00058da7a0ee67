//! Auctions, played: keepers follow a strategy, the highest bid wins, losers pay for their reverts.
//!
//! What is tested is the strategy of [`MixedStrategy`] and [`BidFunction`](crate::keepers::model::BidFunction): who wins, who
//! pays what and who would do better comes from playing it.

mod play;
mod regret;
mod round;

pub(super) use play::mixed_bid;
pub use play::{COMMON_VALUE, PRIVATE_VALUES, common_value, private_values};
pub use regret::{Deviator, best_response_regret};

use crate::keepers::model::{GasAuction, MixedStrategy};
use rand::Rng;
use round::Round;

/// Plays one auction of `n` keepers at common value: what the losers pay together.
pub fn losers_loss<R: Rng + ?Sized>(auction: &GasAuction, n: usize, rng: &mut R) -> f64 {
    played(auction, n, rng).losers_loss()
}

/// Plays one auction of `n` keepers at common value: the index of the winner, `None` if nobody bids.
pub fn select<R: Rng + ?Sized>(auction: &GasAuction, n: usize, rng: &mut R) -> Option<usize> {
    played(auction, n, rng).winner()
}

fn played<R: Rng + ?Sized>(auction: &GasAuction, n: usize, rng: &mut R) -> Round {
    let strategy = MixedStrategy::new(auction, n as u64);
    let mut round = Round::new(auction);
    for keeper in 0..n {
        if let Some(bid) = mixed_bid(&strategy, rng) {
            round.bid(keeper, bid, rng);
        }
    }
    round
}
