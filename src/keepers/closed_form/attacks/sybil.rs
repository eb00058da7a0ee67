//! Splitting a stake among several keepers, and merging.

use super::super::{fairness::same_but_for_id, winner};
use super::sybil_family::Family;
use crate::error::{Error, Result, checked};
use crate::keepers::model::{Contest, Keeper, Keepers, Mechanism, Rule, Task};
use crate::kernels::sum::Sum;
use std::collections::HashSet;

/// A number of pieces that is exact as `f64`; more are not counted.
const COUNTABLE: u64 = 1 << 53;

/// Numbers of pieces tried one by one whatever it costs, and the most pieces of a rule without formula.
const ONE_BY_ONE: u64 = 64;
const MOST_PIECES: u64 = 4096;

/// Probabilities worked out at most.
const AFFORDABLE: f64 = 4e6;

/// What splitting gains at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SybilGain {
    /// `after - before`; 0 where no split gains.
    pub gain: f64,
    /// Index in the file of the keeper that gains most; the first viable one where none does.
    pub keeper: usize,
    /// Into how many pieces it splits; 1 where it does not.
    pub pieces: u64,
    /// Probability that it is selected before.
    pub before: f64,
    /// Probability that one of its pieces is selected.
    pub after: f64,
    /// Whether every number of pieces was looked at, or is known to be no better; if not, the gain is a lower bound.
    pub exhaustive: bool,
}

/// What merging gains at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MergeGain {
    /// `after - before`, may be negative.
    pub gain: f64,
    /// Index in the file of the keeper that takes over the other's stake.
    pub keeper: usize,
    /// Index of the keeper that gives its stake and leaves.
    pub other: usize,
    /// Probability that one of the two is selected before.
    pub before: f64,
    /// Probability that the merged one is.
    pub after: f64,
}

/// The largest `k` for which a stake in `k` equal pieces reaches the minimum with each, `⌊stake/minimum⌋`; at most 2^53.
///
/// Judged as viability is, by comparing the rounded piece with the minimum: `0.3` at a minimum of `0.1` is two pieces in
/// double precision, because `0.3/3` rounds below `0.1`. 0 for a stake below the minimum.
///
/// # Errors
/// [`Error::Domain`] for a negative stake or a minimum that is not above 0.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::most_pieces;
/// assert_eq!((most_pieces(1000.0, 100.0)?, most_pieces(1000.0, 300.0)?, most_pieces(1.0, 2.0)?), (10, 3, 0));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn most_pieces(stake: f64, minimum: f64) -> Result<u64> {
    checked("stake", stake, |s| s >= 0.0, "finite and at least 0")?;
    checked("minimum", minimum, |s| s > 0.0, "finite and above 0")?;
    let quotient = (stake / minimum).floor();
    if quotient >= COUNTABLE as f64 {
        return Ok(COUNTABLE);
    }
    let reaches = |k: u64| k > 0 && stake / k as f64 >= minimum;
    let about = quotient as u64;
    // The quotient is off by one rounding at most.
    Ok([about + 1, about, about.saturating_sub(1)].into_iter().find(|&k| reaches(k)).unwrap_or(0))
}

/// The register in which a keeper has split its stake into equal pieces that stand in its place, side by side: `id/1`,
/// `id/2`, …, all else copied.
///
/// # Errors
/// [`Error::Domain`] for a keeper that is not there or no pieces.
///
/// ```
/// use pooltree::keepers::{Keeper, Keepers, closed_form::attacks::split};
/// let keepers = Keepers::new(vec![Keeper { stake: 6.0, ..Keeper::new("a") }, Keeper::new("b")])?;
/// let split = split(&keepers, 0, 3)?;
/// let shown: Vec<_> = split.all().iter().map(|k| (k.id.as_str(), k.stake)).collect();
/// assert_eq!(shown, [("a/1", 2.0), ("a/2", 2.0), ("a/3", 2.0), ("b", 0.0)]);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn split(keepers: &Keepers, keeper: usize, pieces: u64) -> Result<Keepers> {
    let all = keepers.all();
    let whole = all.get(keeper);
    let whole = whole.ok_or_else(|| Error::domain("keeper", keeper, format!("below {}", all.len())))?;
    if !(1..=COUNTABLE).contains(&pieces) {
        return Err(Error::domain("pieces", pieces, "an integer of at least 1"));
    }
    let taken: HashSet<&str> = all.iter().map(|keeper| keeper.id.as_str()).collect();
    let piece = |j: u64| {
        let mut id = format!("{}/{j}", whole.id);
        while taken.contains(id.as_str()) {
            id.push('\'');
        }
        Keeper { id, stake: whole.stake / pieces as f64, ..whole.clone() }
    };
    let (before, after) = (all.iter().take(keeper), all.iter().skip(keeper + 1));
    Keepers::new(before.cloned().chain((1..=pieces).map(piece)).chain(after.cloned()).collect())
}

/// The stake that makes a piece viable.
fn minimum(rule: &Rule, task: &Task) -> f64 {
    let asked = task.min_stake.unwrap_or(0.0);
    if let Rule::Probe { agent_minimum } = rule { asked.max(*agent_minimum) } else { asked }
}

/// Sybil gain: the largest gain in total probability over the viable keepers and the splits of their stake into equal
/// pieces that all reach the minimum.
///
/// ```text
/// max_i max_{1 ≤ k ≤ ⌊s_i/s⌋}  P(one of the k pieces of i is selected) - p_i
/// ```
///
/// The pieces stand side by side in the file and copy all but id and stake ([`split`]). `None` without a minimum, or with
/// one of 0, where there is no bound on the number of pieces, and where nobody is viable. On the probe the agent's minimum
/// counts, too.
///
/// Uniform rule, power family, softmax, Fréchet and Gumbel noise, Flashbots, their mixtures with the uniform rule, and the
/// probe have formulas that are monotone in `k` (docs/models/selection.md): any number of pieces costs the same. For other rules
/// the exact law of the split register is worked out for every `k`; where that is too much, for some `k` up to 4096, and
/// `exhaustive` is false. Ties by hash: the ids are as [`split`] makes them; an attacker may look for better ones.
///
/// Source: *Keeper selection*, "Uniform Random Selection" (deterrence by great minimal stakes); definition.
///
/// # Errors
/// [`Error::Domain`] where the rule or the task is refused.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::sybil_gain;
/// use pooltree::keepers::{Keeper, Keepers, Rule, Task};
/// let staked = |id: String, stake| Keeper { stake, ..Keeper::new(id) };
/// let honest = (0..20).map(|i| staked(format!("honest {i}"), 500.0));
/// let keepers = Keepers::new(honest.chain([staked("rich".into(), 1000.0)]).collect())?;
/// let task = Task { min_stake: Some(100.0), ..Task::default() };
/// // 1/21 before, ten of thirty after.
/// let gain = sybil_gain(&keepers, &Rule::uniform(), &task)?.unwrap();
/// assert_eq!((gain.keeper, gain.pieces), (20, 10));
/// assert!((gain.gain - (1.0 / 3.0 - 1.0 / 21.0)).abs() < 1e-15);
/// assert_eq!(sybil_gain(&keepers, &Rule::stake_power(1.0), &task)?.unwrap().gain, 0.0);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn sybil_gain(keepers: &Keepers, rule: &Rule, task: &Task) -> Result<Option<SybilGain>> {
    let contest = Contest::new(keepers, rule, task)?;
    let minimum = minimum(rule, task);
    if minimum == 0.0 {
        return Ok(None);
    }
    let law = winner(&contest);
    let viable = |&(_, &keeper, _): &(usize, &usize, &f64)| {
        keepers.all().get(keeper).is_some_and(|keeper| keeper.stake >= minimum)
    };
    let entrants = contest.entrants().iter().zip(&law).enumerate().map(|(i, (keeper, p))| (i, keeper, p));
    let entrants: Vec<_> = entrants.filter(viable).collect();
    let Some(&(_, &first, &p)) = entrants.first() else { return Ok(None) };
    let mut best = SybilGain { gain: 0.0, keeper: first, pieces: 1, before: p, after: p, exhaustive: true };
    // Where equal keepers have equal chances, one of them stands for all.
    let by_place = matches!(contest.mechanism(), Mechanism::Probe(_) | Mechanism::Best { ranks: Some(_), .. });
    let mut seen = HashSet::new();
    let budget = AFFORDABLE / entrants.len() as f64;
    for (i, &keeper, &before) in entrants {
        let Some(whole) = keepers.all().get(keeper) else { continue };
        let most = most_pieces(whole.stake, minimum)?;
        if most < 2 || (!by_place && !seen.insert(same_but_for_id(whole))) {
            continue;
        }
        let mut try_one = |pieces: u64, before: f64, after: f64| {
            if after - before > best.gain {
                let exhaustive = best.exhaustive;
                best = SybilGain { gain: after - before, keeper, pieces, before, after, exhaustive };
            }
        };
        if let Some(family) = Family::new(rule, &contest, &law, i) {
            if family.rises() {
                try_one(most, family.total(1), family.total(most));
                best.exhaustive &= most < COUNTABLE;
            }
            continue;
        }
        let (numbers, all) = numbers(most, contest.len(), budget);
        for pieces in numbers {
            let after = total(&split(keepers, keeper, pieces)?, rule, task, keeper..keeper + pieces as usize)?;
            try_one(pieces, before, after);
        }
        best.exhaustive &= all;
    }
    Ok(Some(best))
}

/// Numbers of pieces from 2 to try beside `n` keepers, and whether those are all.
fn numbers(most: u64, n: usize, budget: f64) -> (Vec<u64>, bool) {
    let work = most as f64 * (n as f64 + 0.5 * most as f64);
    if most <= MOST_PIECES && (most <= ONE_BY_ONE || work <= budget) {
        return ((2..=most).collect(), true);
    }
    let last = most.min(MOST_PIECES);
    let mut numbers: Vec<u64> = (2..=ONE_BY_ONE).collect();
    let mut next = ONE_BY_ONE;
    while next < last {
        next = (next + next / 4).min(last);
        numbers.push(next);
    }
    (numbers, false)
}

/// Probability that one of the keepers at these places of the file is selected.
fn total(keepers: &Keepers, rule: &Rule, task: &Task, places: std::ops::Range<usize>) -> Result<f64> {
    let contest = Contest::new(keepers, rule, task)?;
    let law = winner(&contest);
    let own = contest.entrants().iter().zip(law).filter(|(keeper, _)| places.contains(keeper));
    Ok(own.map(|(_, p)| p).collect::<Sum>().value())
}

/// The largest gain in probability when one viable keeper takes over the stake of another, who leaves; `None` with fewer
/// than two.
///
/// ```text
/// max_{i≠j}  P(i with stake s_i + s_j is selected) - (p_i + p_j)
/// ```
///
/// The merged keeper keeps all else of `i`. The inverse of a split for keepers who differ in id and stake only. In the power
/// family merging gains above `a = 1`, splitting below, neither at 1.
///
/// Source: derived in docs/models/selection.md.
///
/// # Errors
/// [`Error::Domain`] where the rule refuses the keepers, [`Error::SearchTooLarge`] for more than 158 viable keepers.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::merge_gain;
/// use pooltree::keepers::{Keeper, Keepers, Rule, Task};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 1.0), staked("c", 2.0)])?;
/// // Squares 1, 1, 4: b and c have 5/6, together 9/10; a and b 1/3, together 1/2.
/// let gain = merge_gain(&keepers, &Rule::stake_power(2.0), &Task::default())?.unwrap();
/// assert!((gain.gain - 1.0 / 6.0).abs() < 1e-15);
/// assert_eq!((gain.keeper, gain.other), (0, 1));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn merge_gain(keepers: &Keepers, rule: &Rule, task: &Task) -> Result<Option<MergeGain>> {
    let contest = Contest::new(keepers, rule, task)?;
    let law = winner(&contest);
    let minimum = minimum(rule, task);
    let stake = |keeper: usize| keepers.all().get(keeper).map_or(0.0, |keeper| keeper.stake);
    let viable: Vec<(usize, f64)> =
        contest.entrants().iter().copied().zip(law).filter(|&(keeper, _)| stake(keeper) >= minimum).collect();
    let n = viable.len() as f64;
    if n * n * contest.len() as f64 > AFFORDABLE {
        return Err(Error::SearchTooLarge { reason: format!("all pairs of {n} keepers; the limit is 158 keepers") });
    }
    let mut best: Option<MergeGain> = None;
    for &(keeper, p) in &viable {
        for &(other, q) in viable.iter().filter(|(other, _)| *other != keeper) {
            let merged = keepers.all().iter().enumerate().filter(|(i, _)| *i != other).map(|(i, k)| {
                if i == keeper { Keeper { stake: k.stake + stake(other), ..k.clone() } } else { k.clone() }
            });
            let place = if other < keeper { keeper - 1 } else { keeper };
            let after = total(&Keepers::new(merged.collect())?, rule, task, place..place + 1)?;
            let gain = after - (p + q);
            if best.is_none_or(|best| gain > best.gain) {
                best = Some(MergeGain { gain, keeper, other, before: p + q, after });
            }
        }
    }
    Ok(best)
}
