//! The law of the winner.

mod best;
mod noise;
mod probe;
mod race;

use super::{auction, luce};
use crate::keepers::model::{Contest, Mechanism};

/// Probability that each entrant of the contest is selected, in the order of [`Contest::entrants`]; what is missing to 1 is
/// the probability that nobody is.
pub fn winner(contest: &Contest) -> Vec<f64> {
    let n = contest.len();
    match contest.mechanism() {
        Mechanism::Best { scores, ranks } => best::winner(scores, ranks.as_deref()),
        Mechanism::Uniform { .. } => vec![(n as f64).recip(); n],
        Mechanism::Weighted { log_weights } => luce::shares(log_weights),
        Mechanism::Noise { scores, noise } => noise::winner(scores, *noise),
        Mechanism::Gumbel { utilities, temperature } => {
            luce::shares(&utilities.iter().map(|u| u / temperature).collect::<Vec<_>>())
        }
        Mechanism::Mixture { log_weights, epsilon } => {
            let shares = luce::shares(log_weights);
            // Where nobody has a weight, everybody alike.
            let epsilon = if shares.iter().all(|&share| share == 0.0) { 1.0 } else { *epsilon };
            shares.iter().map(|share| (1.0 - epsilon) * share + epsilon / n as f64).collect()
        }
        Mechanism::Probe(ring) => probe::winner(ring),
        Mechanism::GasAuction(auction) => vec![auction::served(auction, n as u64) / n as f64; n],
        Mechanism::Race { offsets, rates } => race::winner(offsets, rates),
    }
}
