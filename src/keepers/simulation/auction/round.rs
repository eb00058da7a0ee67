//! One auction, bid by bid.

use crate::keepers::model::GasAuction;
use rand::{Rng, RngExt};

/// The bids seen so far: the highest one wins, of equal ones each alike.
#[derive(Debug, Clone)]
pub(super) struct Round {
    fixed: f64,
    share: f64,
    bids: u64,
    best: Option<(usize, f64)>,
    /// How many bids equal the best one.
    tied: u64,
    losers_loss: f64,
}

impl Round {
    pub(super) fn new(auction: &GasAuction) -> Self {
        Self {
            fixed: auction.loser_fixed(),
            share: auction.loser_share(),
            bids: 0,
            best: None,
            tied: 0,
            losers_loss: 0.0,
        }
    }

    /// One more sealed bid.
    pub(super) fn bid<R: Rng + ?Sized>(&mut self, keeper: usize, bid: f64, rng: &mut R) {
        self.bids += 1;
        let Some((_, best)) = self.best else {
            self.best = Some((keeper, bid));
            self.tied = 1;
            return;
        };
        // The k-th of equal bids takes the place with probability 1/k: all have the same chance in the end.
        let takes = if bid == best {
            self.tied += 1;
            rng.random_range(0..self.tied) == 0
        } else {
            bid > best
        };
        if bid > best {
            self.tied = 1;
        }
        let lost = if takes { best } else { bid };
        self.losers_loss += self.fixed + self.share * lost;
        if takes {
            self.best = Some((keeper, bid));
        }
    }

    pub(super) fn winner(&self) -> Option<usize> {
        self.best.map(|(keeper, _)| keeper)
    }

    pub(super) fn bids(&self) -> u64 {
        self.bids
    }

    /// Losing bids.
    pub(super) fn reverted(&self) -> u64 {
        self.bids.saturating_sub(1)
    }

    /// What the winner pays; 0 without one.
    pub(super) fn winner_payment(&self) -> f64 {
        self.best.map_or(0.0, |(_, bid)| bid)
    }

    pub(super) fn losers_loss(&self) -> f64 {
        self.losers_loss
    }

    /// What this keeper pays who bids `bid`, or stays out.
    pub(super) fn payment(&self, keeper: usize, bid: Option<f64>) -> f64 {
        match bid {
            None => 0.0,
            Some(bid) if self.winner() == Some(keeper) => bid,
            Some(bid) => self.fixed + self.share * bid,
        }
    }

    /// The highest bid and how many there are of it.
    pub(super) fn highest(&self) -> Option<(f64, u64)> {
        self.best.map(|(_, bid)| (bid, self.tied))
    }
}
