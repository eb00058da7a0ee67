//! Deviations from a strategy.

use super::round::Round;
use crate::error::{Error, Result, checked};
use crate::estimate::{Moments, VectorEstimate};
use crate::keepers::model::GasAuction;
use rand::Rng;

/// A keeper who thinks about bidding otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviator<'a> {
    /// What the task is worth to it.
    pub value: f64,
    /// What it bids as a rule; `None` if it stays out.
    pub own: Option<f64>,
    /// What it could bid instead.
    pub deviations: &'a [f64],
}

/// What one keeper would earn by each of some bids, and by staying out, instead of its own.
///
/// In each replication `rivals` others draw their bids by `rival` (`None` stays out), and every deviation meets the same ones.
/// Component `j` is the profit of bid `deviations[j]` less that of the own bid, the last one that of staying out. Where `rival`
/// draws from an equilibrium no component has a mean above 0. Of equal bids each wins alike, counted by its chance.
///
/// # Errors
/// [`Error::Domain`] for a value, an own bid or a deviation that is not finite, or fewer than two replications.
pub fn best_response_regret<R: Rng + ?Sized>(
    auction: &GasAuction,
    deviator: Deviator<'_>,
    rivals: usize,
    mut rival: impl FnMut(&mut R) -> Option<f64>,
    replications: u64,
    rng: &mut R,
) -> Result<VectorEstimate> {
    let Deviator { value, own, deviations } = deviator;
    checked("value", value, |_| true, "finite")?;
    for (i, &bid) in deviations.iter().chain(&own).enumerate() {
        checked("bid", bid, |_| true, "finite").map_err(|e: Error| e.within(&i.to_string()))?;
    }
    let mut moments = Moments::new(deviations.len() + 1);
    let mut gains = vec![0.0; deviations.len() + 1];
    for _ in 0..replications {
        let mut others = Round::new(auction);
        for keeper in 0..rivals {
            if let Some(bid) = rival(rng) {
                others.bid(keeper, bid, rng);
            }
        }
        let highest = others.highest();
        let baseline = own.map_or(0.0, |bid| profit(auction, value, bid, highest));
        for (gain, &bid) in gains.iter_mut().zip(deviations) {
            *gain = profit(auction, value, bid, highest) - baseline;
        }
        if let Some(out) = gains.last_mut() {
            *out = -baseline;
        }
        moments.add(&gains);
    }
    moments.estimate()
}

fn profit(auction: &GasAuction, value: f64, bid: f64, highest: Option<(f64, u64)>) -> f64 {
    let (won, lost) = (value - bid, -(auction.loser_fixed() + auction.loser_share() * bid));
    match highest {
        Some((other, _)) if other > bid => lost,
        Some((other, tied)) if other == bid => {
            let chance = ((tied + 1) as f64).recip();
            chance * won + (1.0 - chance) * lost
        }
        _ => won,
    }
}
