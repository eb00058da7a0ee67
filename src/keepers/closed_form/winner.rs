//! The law of the winner.

mod best;
mod elasticity;
mod noise;
mod probe;
mod race;

pub use elasticity::score_elasticity;

use super::{auction, luce};
use crate::keepers::model::{Contest, Mechanism};

/// Probability that each entrant of the contest is selected, in the order of [`Contest::entrants`]; what is missing to 1 is
/// the probability that nobody is.
///
/// ```text
/// greatest score           1 for the one of smallest rank, or 1/t for each of t tied
/// uniform                  1/n
/// weighted                 w_i/Σw                        mixture: (1-ε) w_i/Σw + ε/n
/// Gumbel noise             e^(u_i/τ)/Σ e^(u/τ)
/// noise 1/E                f_i/Σf
/// uniform noise            ∫_0^1 Π_{j≠i} min(1, f_i u/f_j) du
/// exponential noise        ∫_0^∞ e^(-t) Π_{j≠i} (1 - e^(-t f_i/f_j)) dt
/// linear probe             (1 + g_i)/N,  g_i: run of non-viable keepers just before i on the ring of N
/// race                     Σ_{k: o_(k) ≥ o_i} (λ_i/Λ_k) [e^(-H_k) - e^(-H_(k+1))]
///                          H_k = Σ_{j≤k} λ_(j) (o_(k) - o_(j)),  Λ_k = Σ_{j≤k} λ_(j),  H_(n+1) = ∞
/// gas auction              (1 - q^n)/n,  q: probability to stay out in the symmetric equilibrium
/// ```
///
/// - `w`, `f`: weights and scores, `≥ 0`; `u`, `τ`: utility and scale of its noise in one unit; `o`, `λ`: offsets and rates
///   of arrivals, in order of the offsets where in brackets; `ε` in `[0, 1]`.
/// - Nothing overflows over the range of floating-point numbers: weights and scores count relative to the largest. A score or
///   weight of 0 never wins; where there is no other, nobody does (in a mixture everybody alike). On the probe's ring without
///   anybody viable the largest stake wins, if it is above the agent's minimum, with the others in the runs before it.
/// - Relative error about 1e-14 for moderate numbers; under uniform and exponential noise `|ln p_i| · 1e-15` beside it, 1e-12
///   for chances down to 1e-290. Cost: a sort, but for exponential noise, `n √n` or so (a thousand keepers: 20 ms).
/// - Source: *Keeper selection*, "Overview", "Flashbots", "Uniform random selection" and "Non-uniform random distribution";
///   noise, probe and race derived in docs/models/selection.md.
///
/// ```
/// use pooltree::keepers::{Contest, Keeper, Keepers, Noise, Property, Rule, Task, closed_form::winner};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 2.0)])?;
/// let law = |noise| {
///     let rule = Rule::Noise { score: Property::Stake.into(), noise, temperature: 1.0 };
///     Ok::<_, pooltree::Error>(winner(&Contest::new(&keepers, &rule, &Task::default())?))
/// };
/// // b's product is uniform on (0, 2), a's on (0, 1): b is above 1 half the time, and else as likely the larger as not.
/// assert!((law(Noise::Uniform)?[1] - 0.75).abs() < 1e-15);
/// // Two exponential times of means 1 and 2: the first is over before the second with probability 2/3.
/// assert!((law(Noise::Exponential)?[1] - 2.0 / 3.0).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn winner(contest: &Contest) -> Vec<f64> {
    let mut law = unbounded(contest);
    law.iter_mut().for_each(|p| *p = p.min(1.0));
    law
}

/// Sums of probabilities, which rounding may carry past 1.
fn unbounded(contest: &Contest) -> Vec<f64> {
    let n = contest.len();
    match contest.mechanism() {
        Mechanism::Best { scores, ranks } => best::winner(scores, ranks.as_deref()),
        Mechanism::Uniform { .. } => vec![(n as f64).recip(); n],
        Mechanism::Weighted { log_weights } => luce::shares(log_weights),
        Mechanism::Noise { scores, noise } => noise::winner(scores, *noise),
        Mechanism::Gumbel { utilities, temperature } => luce::shares(&relative(utilities, *temperature)),
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

/// Utilities in units of the noise, relative to the greatest: divided first, two of them could both be infinite.
fn relative(utilities: &[f64], temperature: f64) -> Vec<f64> {
    let greatest = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if greatest == f64::NEG_INFINITY {
        return utilities.to_vec();
    }
    utilities.iter().map(|u| (u - greatest) / temperature).collect()
}
