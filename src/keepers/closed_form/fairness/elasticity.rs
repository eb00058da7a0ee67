//! What more stake does to the chance of being selected.

use super::super::winner;
use super::Law;
use crate::error::{Error, Result};
use crate::keepers::model::{Contest, Keeper, Keepers, Rule, Task};
use crate::kernels::elementary::exp;
use crate::kernels::sum::Sum;

/// Largest step in the logarithm of the stake; the next ones are half as large each.
const STEP: f64 = 0.25;

/// Steps that are always taken, and the most: down to 2e-7.
const FEWEST: usize = 7;
const MOST: usize = 21;

/// Relative error of a slope at which no smaller step is taken.
const GOOD: f64 = 1e-11;

/// A step this small moves a probability by no more than `LEAP` of it, unless it jumps.
const NUDGE: f64 = 1e-9;
const LEAP: f64 = 1e-5;

/// Slopes on both sides that differ by more than this share are a kink.
const KINK: f64 = 1e-6;

/// Elasticity of the probability of being selected in one's own stake, `∂ ln p_i/∂ ln s_i`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Elasticity {
    /// The same slope on both sides.
    Smooth {
        /// The elasticity.
        value: f64,
        /// Estimate of its error.
        error: f64,
    },
    /// Continuous with different slopes.
    Kink {
        /// Elasticity when the stake falls.
        down: f64,
        /// Elasticity when the stake rises.
        up: f64,
    },
    /// A jump on one side at least, where the elasticity is infinite.
    Jump {
        /// Elasticity when the stake falls; `None` where the probability jumps.
        down: Option<f64>,
        /// Elasticity when the stake rises; `None` where the probability jumps.
        up: Option<f64>,
    },
    /// There is none: the keeper is never selected, or has no stake.
    Undefined,
}

impl Elasticity {
    /// The two-sided elasticity, if there is one.
    pub fn value(self) -> Option<f64> {
        if let Self::Smooth { value, .. } = self { Some(value) } else { None }
    }

    /// The elasticity when the stake rises, if it is finite: what a keeper gains that stakes more.
    pub fn upward(self) -> Option<f64> {
        match self {
            Self::Smooth { value, .. } => Some(value),
            Self::Kink { up, .. } => Some(up),
            Self::Jump { up, .. } => up,
            Self::Undefined => None,
        }
    }
}

/// Stake elasticities of all entrants of a contest.
#[derive(Debug, Clone, PartialEq)]
pub struct Elasticities {
    /// The law of the winner.
    pub law: Law,
    /// One for each entrant.
    pub each: Vec<Elasticity>,
}

impl Elasticities {
    /// `Σ p_i e_i` over the keepers with `p_i > 0`; `None` where one of them has no two-sided elasticity, or for the law of
    /// nobody.
    pub fn mean(&self) -> Option<f64> {
        self.weighted(Elasticity::value)
    }

    /// As [`Elasticities::mean`], of rises of the stake only: it exists, too, where a keeper stakes just the minimum.
    pub fn mean_upward(&self) -> Option<f64> {
        self.weighted(Elasticity::upward)
    }

    fn weighted(&self, of: fn(Elasticity) -> Option<f64>) -> Option<f64> {
        let selected = self.law.shares().iter().zip(&self.each).filter(|(p, _)| **p > 0.0);
        let mean = selected.map(|(p, e)| Some(p * of(*e)?)).collect::<Option<Sum>>()?.value();
        self.law.if_any(|| mean)
    }
}

/// Elasticity of the probability that a keeper is selected in its own stake, by differences of the exact law.
///
/// ```text
/// e_i = ∂ ln p_i/∂ ln s_i
/// ```
///
/// Power family `a (1 - p_i)`, uniform rule 0. One-sided and central differences in `ln s_i` are extrapolated to step 0
/// (Richardson; the entry of the table that changed least is taken and its change is the error, as Ridders does): about
/// 1e-10 for a smooth law. The sides are compared: a jump, as at the minimum stake or at a tie of a deterministic rule, and
/// a kink are told apart from a slope. A feature closer than 1e-7 in `ln s_i` shows as a large error.
///
/// `keeper` is an index in the file. Minimum and rule stay as they are; the keeper leaves if its stake falls below the
/// minimum.
///
/// Source: *Keeper selection*, "Uniform Random Selection" (incentives to big stakers); Ridders 1982, *Accurate computation
/// of F'(x) and F'(x)F''(x)*.
///
/// # Errors
/// [`Error::Domain`] for a keeper that is not there, and where the rule refuses the stakes.
///
/// ```
/// use pooltree::keepers::closed_form::fairness::stake_elasticity;
/// use pooltree::keepers::{Keeper, Keepers, Rule, Task};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 3.0)])?;
/// // s²/(s² + 9) at s = 1: 2 · 9/10.
/// let elasticity = stake_elasticity(&keepers, &Rule::stake_power(2.0), &Task::default(), 0)?;
/// assert!((elasticity.value().unwrap() - 1.8).abs() < 1e-9);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn stake_elasticity(keepers: &Keepers, rule: &Rule, task: &Task, keeper: usize) -> Result<Elasticity> {
    let stake = keepers.all().get(keeper).map(|keeper| keeper.stake);
    let stake = stake.ok_or_else(|| Error::domain("keeper", keeper, format!("below {}", keepers.len())))?;
    let base = probability(keepers, rule, task, keeper)?;
    if base == 0.0 || stake == 0.0 {
        return Ok(Elasticity::Undefined);
    }
    let at = |x: f64| {
        let all = keepers.all().iter().enumerate();
        let moved =
            all.map(|(i, k)| if i == keeper { Keeper { stake: stake * exp(x), ..k.clone() } } else { k.clone() });
        probability(&Keepers::new(moved.collect())?, rule, task, keeper)
    };
    let jumps = |nudged: f64| (nudged - base).abs() > LEAP * base.max(nudged);
    let (jump_down, jump_up) = (jumps(at(-NUDGE)?), jumps(at(NUDGE)?));
    let [mut up, mut down, mut central] = [Table::new(2.0), Table::new(2.0), Table::new(4.0)];
    let mut h = STEP;
    for row in 0..MOST {
        let [right, left] = [at(h)?, at(-h)?];
        let noise = 8.0 * f64::EPSILON * base.max(right).max(left) / h;
        up.add((right - base) / h, noise);
        down.add((base - left) / h, noise);
        central.add((right - left) / (2.0 * h), noise);
        let good = |table: &Table, jump: bool| jump || table.error <= GOOD * base;
        if row + 1 >= FEWEST && good(&up, jump_up) && good(&down, jump_down) {
            break;
        }
        h *= 0.5;
    }
    let one_sided = |table: &Table, jump: bool| (!jump).then_some(table.best / base);
    if jump_down || jump_up {
        return Ok(Elasticity::Jump { down: one_sided(&down, jump_down), up: one_sided(&up, jump_up) });
    }
    let rounding = KINK * up.best.abs().max(down.best.abs()).max(base);
    if (up.best - down.best).abs() > 10.0 * (up.error + down.error) + rounding {
        return Ok(Elasticity::Kink { down: down.best / base, up: up.best / base });
    }
    let best = [&central, &up, &down].into_iter().min_by(|a, b| a.error.total_cmp(&b.error)).unwrap_or(&central);
    Ok(Elasticity::Smooth { value: best.best / base, error: best.error / base })
}

/// [`stake_elasticity`] of every entrant of the contest.
///
/// # Errors
/// As [`stake_elasticity`].
///
/// ```
/// use pooltree::keepers::closed_form::fairness::stake_elasticities;
/// use pooltree::keepers::{Keeper, Keepers, Rule, Task};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 3.0)])?;
/// // Proportional: Σ p (1 - p) = 2 · 3/16.
/// let all = stake_elasticities(&keepers, &Rule::stake_power(1.0), &Task::default())?;
/// assert!((all.mean().unwrap() - 0.375).abs() < 1e-9);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn stake_elasticities(keepers: &Keepers, rule: &Rule, task: &Task) -> Result<Elasticities> {
    let contest = Contest::new(keepers, rule, task)?;
    let each = contest.entrants().iter().map(|&i| stake_elasticity(keepers, rule, task, i));
    Ok(Elasticities { law: Law::of(&contest)?, each: each.collect::<Result<_>>()? })
}

/// Probability that a keeper of the file is selected; 0 if it does not take part.
fn probability(keepers: &Keepers, rule: &Rule, task: &Task, keeper: usize) -> Result<f64> {
    let contest = Contest::new(keepers, rule, task)?;
    let place = contest.entrants().iter().position(|&i| i == keeper);
    Ok(place.and_then(|place| winner(&contest).get(place).copied()).unwrap_or(0.0))
}

/// Richardson's extrapolation to step 0 of values at steps that are halved.
struct Table {
    /// Factor by which the leading error falls from row to row, and between columns.
    factor: f64,
    row: Vec<f64>,
    best: f64,
    error: f64,
}

impl Table {
    fn new(factor: f64) -> Self {
        Self { factor, row: Vec::new(), best: 0.0, error: f64::INFINITY }
    }

    fn add(&mut self, value: f64, noise: f64) {
        let mut next = vec![value];
        let mut power = 1.0;
        let mut newest = value;
        for (column, &above) in self.row.iter().enumerate() {
            power *= self.factor;
            let better = newest + (newest - above) / (power - 1.0);
            // Against the two entries that it was made of.
            let error = (better - newest).abs().max((better - above).abs()) + noise;
            if error < self.error {
                (self.best, self.error) = (better, error);
            }
            next.push(better);
            newest = better;
            if column > 8 {
                break;
            }
        }
        self.row = next;
    }
}
