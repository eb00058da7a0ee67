//! Mean ranks, and how far inclusion is from proportional.

use super::{committee, rank_law};
use crate::error::Result;
use crate::keepers::closed_form::winner;
use crate::keepers::model::{Contest, Mechanism, Noise, Reading};
use crate::kernels::elementary::{exp, ln};

/// Mean rank of every entrant, the first having rank 1; `None` for one who may never be selected.
///
/// ```text
/// E[rank of i] = 1 + Σ_{j ≠ i} w_j/(w_i + w_j)
/// ```
///
/// for weights: rank counts those who ring before. Otherwise from [`rank_law`].
///
/// Source: *Keeper selection*, Overview; derived in docs/models/selection.md.
///
/// # Errors
/// As [`rank_law`].
///
/// ```
/// use pooltree::keepers::closed_form::committee::expected_rank;
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, model::Reading};
/// let stakes = [2.0, 1.0, 1.0].into_iter().enumerate();
/// let keepers = Keepers::new(stakes.map(|(i, stake)| Keeper { stake, ..Keeper::new(i.to_string()) }).collect())?;
/// let contest = Contest::new(&keepers, &Rule::stake_power(1.0), &Task::default())?;
/// // Ranks 1, 2, 3 with probabilities 1/2, 1/3, 1/6.
/// let rank = expected_rank(&contest, Reading::ExcludeAndRepeat)?[0];
/// assert!((rank.unwrap() - 5.0 / 3.0).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn expected_rank(contest: &Contest, reading: Reading) -> Result<Vec<Option<f64>>> {
    match contest.mechanism() {
        Mechanism::Weighted { log_weights } => return Ok(pairwise(log_weights, 1.0)),
        Mechanism::Gumbel { utilities, temperature } => return Ok(pairwise(utilities, *temperature)),
        Mechanism::Noise { scores, noise: Noise::Frechet } => {
            return Ok(pairwise(&scores.iter().map(|&f| ln(f)).collect::<Vec<_>>(), 1.0));
        }
        _ => {}
    }
    /// What rounding may lack of a probability 1.
    const ROUNDING: f64 = 1e-9;
    let law = rank_law(contest, reading)?;
    let mean = |i| {
        let row = law.row(i);
        let mean = row.iter().enumerate().map(|(r, p)| (r + 1) as f64 * p).sum();
        (row.sum() > 1.0 - ROUNDING).then_some(mean)
    };
    Ok((0..contest.len()).map(mean).collect())
}

fn pairwise(utilities: &[f64], temperature: f64) -> Vec<Option<f64>> {
    let before = |i: usize, j: usize| (1.0 + exp((utilities[i] - utilities[j]) / temperature)).recip();
    let takes_part = |i: usize| utilities[i] > f64::NEG_INFINITY;
    let all = 0..utilities.len();
    let mean = |i: usize| 1.0 + all.clone().filter(|&j| j != i && takes_part(j)).map(|j| before(i, j)).sum::<f64>();
    all.clone().map(|i| takes_part(i).then(|| mean(i))).collect()
}

/// Inclusion over what would be proportional to the chance of being selected alone, `π_i(m)/(m p_i)`; `None` where
/// `p_i = 0` or `m = 0`.
///
/// For weights `1 ≤ π_i(m)/π_j(m) ≤ w_i/w_j` where `w_i ≥ w_j`: committees are more even than weights, and the larger ones'
/// distortion is the smaller. The ratio of two inclusions need not fall with every `m`.
///
/// Source: *Keeper selection*, Overview; derived in docs/models/selection.md.
///
/// # Errors
/// As [`committee`](committee()).
///
/// ```
/// use pooltree::keepers::closed_form::committee::distortion;
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, model::Reading};
/// let stakes = [3.0, 1.0].into_iter().enumerate();
/// let keepers = Keepers::new(stakes.map(|(i, stake)| Keeper { stake, ..Keeper::new(i.to_string()) }).collect())?;
/// let contest = Contest::new(&keepers, &Rule::stake_power(1.0), &Task::default())?;
/// // Both are included: 1/(2 · 3/4) and 1/(2 · 1/4).
/// let distortion = distortion(&contest, 2, Reading::ExcludeAndRepeat)?;
/// assert_eq!(distortion, [Some(2.0 / 3.0), Some(2.0)]);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn distortion(contest: &Contest, m: usize, reading: Reading) -> Result<Vec<Option<f64>>> {
    let inclusion = committee(contest, m, reading)?.inclusion;
    let ratio = |(pi, p): (f64, f64)| {
        let proportional = m as f64 * p;
        (proportional > 0.0).then(|| pi / proportional).filter(|ratio| ratio.is_finite())
    };
    Ok(inclusion.into_iter().zip(winner(contest)).map(ratio).collect())
}
