//! The pool that is left when keepers without work leave.

use super::Law;
use crate::error::{Error, Result, checked};
use crate::kernels::elementary::{exp_m1, ln_1p};
use crate::kernels::sum::Sum;

/// Keepers for whom every set is looked at.
const MOST_KEEPERS: usize = 12;

impl Law {
    /// Effective pool over `rounds` tasks: the expected number of keepers that are selected in them at least once.
    ///
    /// ```text
    /// Σ_i 1 - (1 - p_i)^T
    /// ```
    ///
    /// Rises and is concave in `T`, from 1 at `T = 1` to the number of keepers with `p_i > 0`; exact to rounding for any
    /// `T`. Rounds are tasks for which somebody is selected. 0 for the law of nobody.
    ///
    /// Source: *Keeper selection*, "Flashbots" (the effective pool over a finite time horizon); linearity of expectation.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// // 1 - (4/5)^2 + 1 - (1/5)^2.
    /// assert!((Law::new(&[0.2, 0.8])?.effective_pool(2) - 1.32).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn effective_pool(&self, rounds: u64) -> f64 {
        self.shares().iter().map(|&p| selected(p, rounds)).collect::<Sum>().value()
    }

    /// Law of the set of keepers that are selected at least once in `rounds` tasks: element `B` is the probability that
    /// they are those whose bits are set in `B`.
    ///
    /// ```text
    /// P(B) = Σ_{C ⊆ B} (-1)^|B \ C| (Σ_{i ∈ C} p_i)^T
    /// ```
    ///
    /// Absolute error below 1e-12. For the law of nobody, the empty set.
    ///
    /// Source: inclusion-exclusion over those who are not selected.
    ///
    /// # Errors
    /// [`Error::SearchTooLarge`] for more than 12 keepers.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// // Two tasks: both of them the first keeper's with 1/16, the second's with 9/16.
    /// let sets = Law::new(&[0.25, 0.75])?.selected_sets(2)?;
    /// assert!((sets[1] - 0.0625).abs() < 1e-15 && (sets[3] - 0.375).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn selected_sets(&self, rounds: u64) -> Result<Vec<f64>> {
        affordable(self.size())?;
        let all = (1usize << self.size()) - 1;
        let mut law = vec![0.0; all + 1];
        if self.nobody() || rounds == 0 {
            law[0] = 1.0;
            return Ok(law);
        }
        let mass = |set: usize| members(set).filter_map(|i| self.shares().get(i)).copied().collect::<Sum>().value();
        for (set, p) in law.iter_mut().enumerate() {
            // None of the others: ln(1 - x) keeps the digits that (1 - x)^T needs.
            *p = if set == 0 { 0.0 } else { 1.0 - selected(mass(all ^ set).min(1.0), rounds) };
        }
        for i in 0..self.size() {
            for set in (0..=all).filter(|set| set >> i & 1 == 1) {
                law[set] -= law[set ^ (1 << i)];
            }
        }
        law.iter_mut().for_each(|p| *p = p.max(0.0));
        Ok(law)
    }
}

/// `1 - (1 - p)^T`.
fn selected(p: f64, rounds: u64) -> f64 {
    if rounds == 0 || p == 0.0 { 0.0 } else { -exp_m1(rounds as f64 * ln_1p(-p)) }
}

fn members(set: usize) -> impl Iterator<Item = usize> {
    (0..usize::BITS as usize).filter(move |i| set >> i & 1 == 1)
}

fn affordable(n: usize) -> Result<()> {
    if n <= MOST_KEEPERS {
        return Ok(());
    }
    Err(Error::SearchTooLarge { reason: format!("all sets of {n} keepers; the limit is {MOST_KEEPERS} keepers") })
}

/// A pool that shrinks, period by period.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrinkage {
    /// Expected number of keepers at the start and after each period.
    pub expected: Vec<f64>,
    /// Probability of every set of keepers after the last period, by bits; sets of probability 0 included.
    pub sets: Vec<f64>,
}

/// The pool when after every `rounds` tasks the keepers who were selected in none of them leave.
///
/// ```text
/// P_(t+1)(B) = Σ_{A ⊇ B} P_t(A) P(selected in T tasks of the law of A: B)
/// ```
///
/// a Markov chain on the sets of keepers, those of `n ≤ 12` keepers all looked at. `rule` gives the law among the keepers
/// of a set, as ascending indices below `n`; where it selects nobody, all leave. A set of one keeper with work stays.
///
/// Source: *Keeper selection*, "Flashbots" (the shrinking pool); derived in docs/models/selection.md.
///
/// # Errors
/// [`Error::SearchTooLarge`] for more than 12 keepers, [`Error::Domain`] for a law of another number of keepers, and what
/// `rule` returns.
///
/// ```
/// use pooltree::keepers::closed_form::fairness::{Law, shrink};
/// // Two equal keepers, one task a period: one of them leaves at once.
/// let pool = shrink(2, 1, 1, |set| Law::new(&vec![1.0 / set.len() as f64; set.len()]))?;
/// assert_eq!((pool.expected, pool.sets), (vec![2.0, 1.0], vec![0.0, 0.5, 0.5, 0.0]));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn shrink(
    n: usize,
    rounds: u64,
    periods: usize,
    mut rule: impl FnMut(&[usize]) -> Result<Law>,
) -> Result<Shrinkage> {
    affordable(n)?;
    let mut sets = vec![0.0; 1 << n];
    if let Some(all) = sets.last_mut() {
        *all = 1.0;
    }
    // Law of who stays, once for every set that is reached, as pairs of set and probability.
    let mut stays: Vec<Option<Vec<(usize, f64)>>> = vec![None; sets.len()];
    let size =
        |sets: &[f64]| sets.iter().enumerate().map(|(set, p)| f64::from(set.count_ones()) * p).collect::<Sum>().value();
    let mut expected = vec![size(&sets)];
    for _ in 0..periods {
        let mut next = vec![0.0; sets.len()];
        for ((set, &p), stays) in sets.iter().enumerate().zip(&mut stays) {
            if p == 0.0 {
                continue;
            }
            let law = match stays.take() {
                Some(law) => law,
                None => staying(set, rounds, &mut rule)?,
            };
            law.iter().for_each(|&(to, q)| next[to] += p * q);
            *stays = Some(law);
        }
        sets = next;
        expected.push(size(&sets));
    }
    Ok(Shrinkage { expected, sets })
}

fn staying(set: usize, rounds: u64, rule: &mut impl FnMut(&[usize]) -> Result<Law>) -> Result<Vec<(usize, f64)>> {
    if set == 0 {
        return Ok(vec![(0, 1.0)]);
    }
    let keepers: Vec<usize> = members(set).collect();
    let law = rule(&keepers)?;
    if law.size() != keepers.len() {
        let allowed = format!("a law of {} keepers", keepers.len());
        return Err(Error::domain("rule", format!("a law of {}", law.size()), allowed));
    }
    // Bits among the members of the set become bits among all.
    let spread = |among: usize| members(among).filter_map(|i| keepers.get(i)).fold(0, |set, i| set | 1 << i);
    let sets = law.selected_sets(rounds)?.into_iter().enumerate();
    Ok(sets.filter(|(_, p)| *p > 0.0).map(|(among, p)| (spread(among), p)).collect())
}

/// Mean-field iteration of [`shrink`] for chances proportional to weights: the expected number of keepers at the start and
/// after each period.
///
/// ```text
/// x_i ← x_i [1 - (1 - p_i)^T],     p_i = w_i/(w_i + Σ_{j≠i} x_j w_j),     x = 1 at the start
/// ```
///
/// `x_i` is the probability that keeper `i` is still there. An approximation: presences are taken as independent, and the
/// weight of the others as its mean; exact for the first period. With equal weights `n ← n [1 - (1 - 1/n)^T]` but for
/// terms that vanish as `n` grows.
///
/// Source: derived in docs/models/selection.md.
///
/// # Errors
/// [`Error::Domain`] for a weight that is negative or not finite, [`Error::NotFinite`] if their sum overflows.
///
/// ```
/// use pooltree::keepers::closed_form::fairness::shrink_mean_field;
/// let pool = shrink_mean_field(&[1.0, 1.0], 1, 1)?;
/// assert_eq!(pool, [2.0, 1.0]);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn shrink_mean_field(weights: &[f64], rounds: u64, periods: usize) -> Result<Vec<f64>> {
    for (i, &weight) in weights.iter().enumerate() {
        checked(&format!("weights.{i}"), weight, |w| w >= 0.0, "finite and at least 0")?;
    }
    let all = weights.iter().sum::<f64>();
    if !all.is_finite() {
        return Err(Error::not_finite("weights", all, "their sum"));
    }
    let mut there = vec![1.0; weights.len()];
    let mut expected = vec![weights.len() as f64];
    for _ in 0..periods {
        let mass = there.iter().zip(weights).map(|(x, w)| x * w).collect::<Sum>().value();
        for (x, &w) in there.iter_mut().zip(weights) {
            let p = if w > 0.0 { (w / (w + (mass - *x * w).max(0.0))).min(1.0) } else { 0.0 };
            *x *= selected(p, rounds);
        }
        expected.push(there.iter().copied().collect::<Sum>().value());
    }
    Ok(expected)
}
