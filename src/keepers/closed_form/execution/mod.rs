//! Whether and when the selected keepers execute.
//!
//! An attempt of keeper `i` takes its ping `τ_i` and succeeds with probability `ρ_i`, independently of everything else; a
//! failure costs `Δ` more. What follows a failure is the [`Retry`]. Nothing here but the executors
//! and the law by which the contest selects enters.

mod block;
mod exclude;
mod grid;
mod order;
mod repeat;
mod state;
mod subsets;
mod terms;

pub use order::{best_order, fixed_order, index, price_of_randomness};

use crate::error::Result;
use crate::keepers::model::{Attempts, Contest, Executor, Retry};
use crate::pool_tree::{Discount, Executed};

/// What differs from 1 by less is 1.
const ROUNDINGS: f64 = 1e-14;

/// From the two sums of probabilities, which rounding may carry past their bounds.
fn bounded([probability, discounted]: [f64; 2]) -> Executed {
    // Sums of probabilities end within some roundings of 1 where they are 1.
    let settled = |x: f64| if 1.0 - x < ROUNDINGS { 1.0 } else { x.max(0.0) };
    let probability = settled(probability);
    Executed { probability, discounted: settled(discounted).min(probability) }
}

/// Probability and expected discount of an execution by keepers that the contest selects.
///
/// ```text
/// d_i = β^τ_i,   q_i = (1 - ρ_i) β^(τ_i + Δ),   p_i chance to be selected
///
/// same       V = Σ p_i ρ_i d_i / (1 - q_i)
/// redraw     V = Σ p_i ρ_i d_i / (1 - Σ p_i q_i)
/// exclude    V = Σ_S R(S) Σ_{i∉S} p_i(S) ρ_i d_i,     R(S ∪ {i}) = Σ_i R(S) p_i(S) q_i,   R(∅) = 1
///   in order       Σ_k (Π_{l<k} q_l) ρ_k d_k
///   by weights     Σ_i ρ_i d_i ∫_0^∞ w_i e^(-w_i t) Π_{j≠i} (e^(-w_j t) + (1 - e^(-w_j t)) q_j) dt
///   alike          Σ_i ρ_i d_i ∫_0^1 Π_{j≠i} (1 - u (1 - q_j)) du
/// ```
///
/// `S` runs over the sets that have failed, `p_i(S)` is the law among the others; `e` is `V` at `β = 1`. A selection of
/// nobody ends the attempts. With a deadline the sums run over executions that [`Attempts::in_time`] accepts: same adds
/// the attempts that fit, redraw goes through the distinct elapsed times, exclude through the sets of failed keepers, or,
/// where times are multiples of one step, through generating functions.
///
/// Exact but for rounding; the integral by weights has an error below 1e-12. Orders, weights and equal chances take any
/// number of keepers without a deadline (the cost grows with the square). A uniform or exponential noise, a proper mixture,
/// and a race with different offsets go through all sets, up to 16 keepers; the probe through all arrangements of its ring,
/// up to 100 000.
///
/// Source: *Keeper selection*, "Overview" (exclude and repeat, reliability); derived in docs/models/keepers-and-pools.md.
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for times, reliabilities or a number of executors out of range,
/// [`Error::NotFinite`](crate::Error::NotFinite) where times overflow, [`Error::OutOfReach`](crate::Error::OutOfReach) where
/// there are too many sets or distinct times.
///
/// ```
/// use pooltree::keepers::{Attempts, Contest, Keeper, Keepers, Retry, Rule, Task, model::Executor};
/// use pooltree::keepers::closed_form::execution::executed;
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let keepers = Keepers::new(vec![Keeper::new("fast"), Keeper::new("sure")])?;
/// let contest = Contest::new(&keepers, &Rule::uniform(), &Task::default())?;
/// let executors = [Executor { reliability: 0.5, ping: 0.0 }, Executor { reliability: 1.0, ping: 1.0 }];
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// // By hand: fast first (chance 1/2) is done at once, else after 1 + 1; sure first is done after 1.
/// let attempts = Attempts { failure_delay: 1.0, ..Attempts::default() };
/// let exclude = executed(&contest, &executors, &attempts, &half)?;
/// assert!((exclude.probability - 1.0).abs() < 1e-15);
/// assert!((exclude.discounted - (0.5 * (0.5 + 0.5 * 0.25) + 0.5 * 0.5)).abs() < 1e-15);
/// // With 1.5 units of time the second attempt of the first case is too late.
/// let late = executed(&contest, &executors, &Attempts { deadline: Some(1.5), ..attempts }, &half)?;
/// assert!((late.probability - 0.75).abs() < 1e-15 && (late.discounted - 0.5).abs() < 1e-15);
/// // The same keeper again: fast has 1/2 + 1/4·1/2 + 1/8·1/4 + ... = (1/2)/(1 - 1/4).
/// let same = executed(&contest, &executors, &Attempts { retry: Retry::Same, ..attempts }, &half)?;
/// assert!((same.discounted - (0.5 * 2.0 / 3.0 + 0.5 * 0.5)).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn executed(
    contest: &Contest,
    executors: &[Executor],
    attempts: &Attempts,
    discount: &Discount,
) -> Result<Executed> {
    attempts.check_with(contest.len(), executors)?;
    let sums = match attempts.retry {
        Retry::Same => repeat::same(contest, executors, attempts, discount),
        Retry::Redraw => repeat::redraw(contest, executors, attempts, discount)?,
        Retry::Exclude => exclude::value(contest, executors, attempts, discount)?,
    };
    Ok(bounded(sums))
}

/// The latest time at which attempts can end, in units of time; `None` if there is none.
///
/// ```text
/// exclude        Σ_{ρ_i<1} (τ_i + Δ) + max_{ρ_i=1} τ_i
/// same, redraw   max τ_i if nobody who is selected can fail, else none
/// ```
///
/// over the keepers that can be selected, and at most the deadline. Where the greatest score is selected, only over those
/// that no sure keeper precedes. Other rules may forbid an order in which everybody who can fail comes first: the probe, whose
/// keepers follow each other; there it is an upper bound.
/// Invalid executors give a number without meaning; [`executed`] refuses them.
///
/// ```
/// use pooltree::keepers::{Attempts, Contest, Keeper, Keepers, Retry, Rule, Task, model::Executor};
/// use pooltree::keepers::closed_form::execution::longest;
/// let keepers = Keepers::new(vec![Keeper::new("a"), Keeper::new("b")])?;
/// let contest = Contest::new(&keepers, &Rule::uniform(), &Task::default())?;
/// let executors = [Executor { reliability: 0.5, ping: 1.0 }, Executor { reliability: 0.9, ping: 2.0 }];
/// let attempts = Attempts { failure_delay: 0.25, ..Attempts::default() };
/// assert_eq!(longest(&contest, &executors, &attempts), Some(1.25 + 2.25)); // both fail
/// assert_eq!(longest(&contest, &executors, &Attempts { retry: Retry::Same, ..attempts }), None);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn longest(contest: &Contest, executors: &[Executor], attempts: &Attempts) -> Option<f64> {
    let latest = match attempts.retry {
        Retry::Same | Retry::Redraw => {
            let law = super::winner(contest);
            let selected = || executors.iter().zip(&law).filter(|(_, p)| **p > 0.0).map(|(executor, _)| executor);
            let never_fails = selected().all(|executor| executor.reliability == 1.0);
            never_fails.then(|| selected().map(|executor| executor.ping).fold(0.0, f64::max))
        }
        Retry::Exclude => {
            let (mut failures, mut sure) = (0.0, None);
            for class in exclude::precedence(contest) {
                for executor in class.into_iter().filter_map(|i| executors.get(i)) {
                    if executor.reliability == 1.0 {
                        sure = Some(executor.ping.max(sure.unwrap_or(0.0)));
                    } else {
                        failures += attempts.lost(executor);
                    }
                }
                if sure.is_some() {
                    break;
                }
            }
            Some(failures + sure.unwrap_or(0.0))
        }
    };
    match (latest, attempts.deadline) {
        (Some(latest), Some(deadline)) => Some(latest.min(deadline)),
        (latest, deadline) => latest.or(deadline),
    }
}
