//! Splitting a stake under the rules that have a formula for it.

use crate::error::{Error, Result, checked};
use crate::keepers::model::{Contest, Noise, Property, Rule, Score};
use crate::kernels::elementary::{exp, ln};
use crate::kernels::sum::Sum;

/// Share of a coalition of `pieces` keepers beside `honest` others under the uniform rule.
///
/// ```text
/// k/(k + n)
/// ```
///
/// Source: *Keeper selection*, "Uniform Random Selection" (fails to deter malicious actors).
///
/// # Errors
/// [`Error::Domain`] if there is nobody at all.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::{power_split, uniform_split};
/// // A stake of 1000 at a minimum of 100 against 20 honest ones of 500: 1/3, by stake 1/11 however it is split.
/// assert_eq!(uniform_split(10, 20)?, 1.0 / 3.0);
/// assert!((power_split(1.0, 1000.0, 10, 20.0 * 500.0)? - 1.0 / 11.0).abs() < 1e-16);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn uniform_split(pieces: u64, honest: u64) -> Result<f64> {
    if pieces == 0 && honest == 0 {
        return Err(Error::domain("pieces", 0, "an integer of at least 1 where nobody is honest"));
    }
    Ok(pieces as f64 / (pieces as f64 + honest as f64))
}

/// Share of a stake `S` in `k` equal pieces under chances proportional to `stake^a`.
///
/// ```text
/// w/(w + W),     w = k (S/k)^a = k^(1-a) S^a,     W = Σ_honest s_j^a
/// ```
///
/// `a ≥ 0` finite, `S > 0`, `k ≥ 1`, `W ≥ 0` in units of the stake to the power `a`. Rises with `k` for `a < 1`, does not
/// depend on it for `a = 1`, falls for `a > 1`: then merging pays.
///
/// Source: *Keeper selection*, "Non-uniform Random Distribution"; derived in docs/models/selection.md.
///
/// # Errors
/// [`Error::Domain`] for parameters out of range.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::power_split;
/// // Stake 4 against one of 4, by square roots: 1/2 in one piece, (1 + 1 + 1 + 1)/(4 + 2) in four.
/// assert!((power_split(0.5, 4.0, 1, 2.0)? - 0.5).abs() < 1e-15);
/// assert!((power_split(0.5, 4.0, 4, 2.0)? - 2.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn power_split(a: f64, stake: f64, pieces: u64, honest_weight: f64) -> Result<f64> {
    checked("power", a, |a| a >= 0.0, "finite and at least 0")?;
    checked("stake", stake, |s| s > 0.0, "finite and above 0")?;
    checked("honest_weight", honest_weight, |w| w >= 0.0, "finite and at least 0")?;
    if pieces == 0 {
        return Err(Error::domain("pieces", 0, "an integer of at least 1"));
    }
    // As a logarithm: the weight itself may leave the range of f64.
    let ln_pieces = ln(pieces as f64);
    let ln_weight = ln_pieces + a * (ln(stake) - ln_pieces);
    Ok(logistic(ln_weight - ln(honest_weight)))
}

/// The number of pieces, at most `most ≥ 1`, that is best under chances proportional to `stake^a`; one where it does not
/// matter.
///
/// ```text
/// most for a < 1, 1 for a ≥ 1
/// ```
///
/// Source: `k^(1-a)` is monotone.
///
/// # Errors
/// [`Error::Domain`] for a negative power or no pieces at all.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::best_pieces;
/// assert_eq!([0.5, 1.0, 2.0].map(|a| best_pieces(a, 10).unwrap()), [10, 1, 1]);
/// ```
pub fn best_pieces(a: f64, most: u64) -> Result<u64> {
    if !(a >= 0.0) {
        return Err(Error::domain("power", a, "at least 0, or inf for the greatest"));
    }
    if most == 0 {
        return Err(Error::domain("pieces", 0, "an integer of at least 1"));
    }
    Ok(if a < 1.0 { most } else { 1 })
}

/// `1/(1 + e^(-x))`.
pub(super) fn logistic(x: f64) -> f64 {
    if x >= 0.0 { (1.0 + exp(-x)).recip() } else { exp(x) / (1.0 + exp(x)) }
}

/// A rule under which the total chance of `k` equal pieces has a formula that is monotone in `k`.
///
/// ```text
/// (1 - ε) p k^b/(p k^b + 1 - p) + ε (k + g)/(k + n - 1)
/// ```
pub(super) struct Family {
    /// Log odds of the whole stake, `ln p - ln(1 - p)`.
    ln_odds: f64,
    exponent: f64,
    epsilon: f64,
    /// Keepers just before it on the ring that are not viable, `g`.
    run: f64,
    others: f64,
}

impl Family {
    /// That of entrant `i` under the rule, whose contest and law are given; `None` where the rule is not of the kind.
    pub(super) fn new(rule: &Rule, contest: &Contest, law: &[f64], i: usize) -> Option<Self> {
        // The power of the stake in the weight; the score must be the stake, or not depend on it.
        let power = |score: &Score, a: f64| match score {
            Score::Property(Property::Stake) => Some(a),
            score if uses_stake(score) => None,
            _ => Some(0.0),
        };
        let (power, epsilon) = match rule {
            Rule::Uniform { .. } | Rule::Probe { .. } => (0.0, 1.0),
            Rule::Weighted { power: a, .. } if a.is_infinite() => return None,
            Rule::Weighted { score, power: a } => (power(score, *a)?, 0.0),
            Rule::Mixture { score, epsilon } => (power(score, 1.0)?, *epsilon),
            Rule::Noise { score, noise: Noise::Frechet, .. } => (power(score, 1.0)?, 0.0),
            Rule::Noise { score, noise: Noise::Gumbel, temperature } => (power(score, temperature.recip())?, 0.0),
            Rule::Flashbots { .. } => (0.0, 0.0),
            _ => return None,
        };
        // The part of the law that is proportional to weights.
        let (n, own) = (contest.len() as f64, *law.get(i)?);
        let share = |p: f64| if epsilon < 1.0 { ((p - epsilon / n) / (1.0 - epsilon)).max(0.0) } else { 1.0 };
        let others = law.iter().enumerate().filter(|&(j, _)| j != i).map(|(_, &p)| share(p)).collect::<Sum>().value();
        let run = if matches!(rule, Rule::Probe { .. }) { (n * own - 1.0).round().max(0.0) } else { 0.0 };
        let ln_odds = ln(share(own)) - ln(others);
        let unusable = ln_odds.is_nan() || !power.is_finite();
        (!unusable).then_some(Self { ln_odds, exponent: 1.0 - power, epsilon, run, others: n - 1.0 })
    }

    /// Total chance of `k` pieces.
    pub(super) fn total(&self, pieces: u64) -> f64 {
        let k = pieces as f64;
        let weighted = logistic(self.ln_odds + self.exponent * ln(k));
        (1.0 - self.epsilon) * weighted + self.epsilon * (k + self.run) / (k + self.others)
    }

    /// Whether the total rises with the number of pieces; it falls otherwise, or does not change.
    ///
    /// Both terms do for `b ≥ 0`, because `g ≤ n - 1`; there is a mixture for `b ≥ 0` only.
    pub(super) fn rises(&self) -> bool {
        self.exponent > 0.0 || self.epsilon > 0.0
    }
}

fn uses_stake(score: &Score) -> bool {
    match score {
        Score::Constant(_) => false,
        Score::Property(property) => *property == Property::Stake,
        Score::Sum(pair) | Score::Product(pair) | Score::Quotient(pair) | Score::Min(pair) | Score::Max(pair) => {
            pair.iter().any(uses_stake)
        }
        Score::Power(of, _) | Score::Ln(of) => uses_stake(of),
    }
}
