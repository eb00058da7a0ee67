//! What more of its own score gains an entrant.

use super::noise::{exponential, uniform};
use super::relative;
use crate::keepers::closed_form::luce;
use crate::keepers::model::{Contest, Mechanism, Noise};

/// Elasticity of every entrant's chance in its own score, `∂ln p_i/∂ln f_i`: by how many per cent the chance grows with one
/// per cent more of the score.
///
/// ```text
/// chances proportional to w, noise 1/E       1 - p_i
/// utility u with Gumbel noise of scale τ     ∂ln p_i/∂u_i = (1 - p_i)/τ
/// mixture (1-ε) q + ε/n                      (1-ε) q_i (1 - q_i)/p_i
/// uniform noise                              ∫_0^1 #{j ≠ i: f_j > f_i u} Π_{j≠i} min(1, f_i u/f_j) du / p_i
/// exponential noise                          ∫ Σ_{j≠i} B(x_j) · B(x_i) F ds / p_i
/// uniform choice, gas auction                0
/// ```
///
/// - `w`: the weight after its power: the elasticity in the stake of `stake^a` is `a` times the value. Where the rule adds Gumbel
///   noise to `ln f` the value is the elasticity in `f`; for a utility in units of the bid it is the relative gain per unit, and
///   infinite where `τ` is too small for a number.
/// - Symbols of the last integral: `x_j = e^s/f_j`, `B(x) = x/(e^x - 1)`, `F = Π_j (1 - e^(-x_j))`.
/// - Whoever has score 0 gets the limit from above: with `k` positive scores 1, or `k` under uniform and exponential noise,
///   whose chances vanish like `f^k`.
/// - `None` where chances jump with the score or do not depend on it through one number: the greatest score, the probe, the
///   race. Relative error about 1e-12. Exponential noise takes seconds for a
///   thousand scores that span hundreds of decades.
/// - Source: *Keeper selection*, "Uniform random selection" (no incentive to big stakers) and "Overview" (multiplication with a
///   probabilistic weighting term); derived in docs/models/selection.md.
///
/// ```
/// use pooltree::keepers::{Contest, Keeper, Keepers, Noise, Property, Rule, Task, closed_form::score_elasticity};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 2.0)])?;
/// let rule = Rule::Noise { score: Property::Stake.into(), noise: Noise::Uniform, temperature: 1.0 };
/// // p_1 = f_1/(2 f_2), p_2 = 1 - p_1: elasticities 1 and p_1/p_2.
/// let found = score_elasticity(&Contest::new(&keepers, &rule, &Task::default())?).unwrap();
/// assert!((found[0] - 1.0).abs() < 1e-15 && (found[1] - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn score_elasticity(contest: &Contest) -> Option<Vec<f64>> {
    match contest.mechanism() {
        Mechanism::Uniform { .. } | Mechanism::GasAuction(_) => Some(vec![0.0; contest.len()]),
        Mechanism::Weighted { log_weights } => Some(of_others(&luce::weights(log_weights))),
        Mechanism::Gumbel { utilities, temperature } => {
            let others = of_others(&luce::weights(&relative(utilities, *temperature)));
            Some(others.iter().map(|share| share / temperature).collect())
        }
        Mechanism::Mixture { log_weights, epsilon } => Some(mixture(log_weights, *epsilon)),
        Mechanism::Noise { scores, noise } => Some(match noise {
            Noise::Frechet | Noise::Gumbel => of_others(&super::noise::winner(scores, Noise::Frechet)),
            Noise::Uniform => uniform::elasticity(scores),
            Noise::Exponential => exponential::elasticity(scores),
        }),
        Mechanism::Best { .. } | Mechanism::Probe(_) | Mechanism::Race { .. } => None,
    }
}

/// The share of all others, `1 - p_i`, from their sum: exact to all digits also where `p_i` is nearly 1.
fn of_others(weights: &[f64]) -> Vec<f64> {
    let mut others = vec![0.0; weights.len()];
    let mut before = 0.0;
    for (other, weight) in others.iter_mut().zip(weights) {
        *other = before;
        before += weight;
    }
    let mut behind = 0.0;
    for (other, weight) in others.iter_mut().zip(weights).rev() {
        *other += behind;
        behind += weight;
        // Without any weight at all the first little one would have all.
        let all = *other + weight;
        *other = if all > 0.0 { *other / all } else { 1.0 };
    }
    others
}

fn mixture(log_weights: &[f64], epsilon: f64) -> Vec<f64> {
    let (shares, others) = (luce::shares(log_weights), of_others(&luce::weights(log_weights)));
    let base = epsilon / shares.len() as f64;
    if shares.iter().all(|&share| share == 0.0) {
        return vec![0.0; shares.len()]; // everybody alike
    }
    let one = |(&share, &others): (&f64, &f64)| {
        let weighted = (1.0 - epsilon) * share;
        if base == 0.0 { others } else { weighted / (weighted + base) * others }
    };
    shares.iter().zip(&others).map(one).collect()
}
