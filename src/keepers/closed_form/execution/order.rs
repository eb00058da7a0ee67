//! Fixed orders of keepers, and the best one.

use super::terms::{Pair, Terms, times};
use super::{Executed, executed};
use crate::error::{Error, Result};
use crate::keepers::model::{Attempts, Contest, Executor, Retry};
use crate::pool_tree::Discount;

/// The index of a keeper: what it contributes to a task that it alone is to execute, however long it takes.
///
/// ```text
/// ρ d/(1 - q),   d = β^τ,   q = (1 - ρ) β^(τ + Δ)
/// ```
///
/// In `[0, 1]`; 0 for a keeper that never succeeds. The keeper with the largest index is the best one where the same keeper
/// tries again and where the rule is drawn again; where failed keepers are excluded the order of falling indices is best
/// (exchanging neighbours `a`, `b` changes `ρ_a d_a + q_a ρ_b d_b` into `ρ_b d_b + q_b ρ_a d_a`).
///
/// Source: derived in docs/models/keepers-and-pools.md.
///
/// # Errors
/// [`Error::Domain`] for an executor or a delay out of range.
///
/// ```
/// use pooltree::keepers::{closed_form::execution::index, model::Executor};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// // One of two attempts succeeds, each takes 1 and a failure 1 more: 1/4 + (1/8)/4 + (1/8)²/4 + ... = 2/7.
/// let keeper = Executor { reliability: 0.5, ping: 1.0 };
/// assert!((index(&keeper, 1.0, &half)? - 2.0 / 7.0).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn index(executor: &Executor, failure_delay: f64, discount: &Discount) -> Result<f64> {
    let attempts = Attempts { failure_delay, ..Attempts::default() };
    attempts.check_with(1, &[*executor])?;
    Ok(Terms::new(executor, &attempts, discount).index()[1])
}

/// Probability and expected discount when keepers try one after the other, each once, in the order given.
///
/// ```text
/// V = Σ_k (Π_{l<k} q_l) ρ_k d_k,   over k with Σ_{l<k} (τ_l + Δ) + τ_k ≤ deadline
/// ```
///
/// Source: derived in docs/models/keepers-and-pools.md. The `retry` of the attempts is not read.
///
/// # Errors
/// [`Error::Domain`] for an executor or a time out of range, [`Error::NotFinite`] where times overflow.
///
/// ```
/// use pooltree::keepers::{Attempts, closed_form::execution::fixed_order, model::Executor};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// let executors = [Executor { reliability: 0.5, ping: 1.0 }, Executor { reliability: 0.8, ping: 2.0 }];
/// let attempts = Attempts { failure_delay: 1.0, ..Attempts::default() };
/// let both = fixed_order(&executors, &attempts, &half)?;
/// assert!((both.probability - 0.9).abs() < 1e-15); // after 1 with 0.5, after 4 with 0.4
/// assert!((both.discounted - (0.5 / 2.0 + 0.4 / 16.0)).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn fixed_order(executors: &[Executor], attempts: &Attempts, discount: &Discount) -> Result<Executed> {
    attempts.check_with(executors.len(), executors)?;
    Ok(super::bounded(in_order(executors.iter(), attempts, discount)))
}

fn in_order<'e>(executors: impl Iterator<Item = &'e Executor>, attempts: &Attempts, discount: &Discount) -> [f64; 2] {
    let (mut sum, mut reached, mut elapsed) = (Pair::default(), [1.0; 2], 0.0);
    for executor in executors {
        let terms = Terms::new(executor, attempts, discount);
        if attempts.in_time(elapsed + executor.ping) {
            sum.add(reached, terms.gain);
        }
        reached = times(reached, terms.fail);
        elapsed += attempts.lost(executor);
    }
    sum.value()
}

/// The keepers by falling [`index`], equal ones as given, and what that order achieves.
///
/// Without a deadline no order and no rule that excludes failed keepers has a larger `discounted`: neither the fastest
/// first nor the most reliable first does better. With a deadline the order is still that of the index, which need not be
/// the best one then.
///
/// # Errors
/// As [`fixed_order`].
///
/// ```
/// use pooltree::keepers::{Attempts, closed_form::execution::best_order, model::Executor};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// let fast = Executor { reliability: 0.05, ping: 0.0 };
/// let sure = Executor { reliability: 1.0, ping: 3.0 };
/// let both = Executor { reliability: 0.8, ping: 1.0 };
/// let (order, _) = best_order(&[fast, sure, both], &Attempts { failure_delay: 1.0, ..Attempts::default() }, &half)?;
/// assert_eq!(order, [2, 1, 0]); // 0.4/0.95, 0.125, 0.05/0.525
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn best_order(executors: &[Executor], attempts: &Attempts, discount: &Discount) -> Result<(Vec<usize>, Executed)> {
    attempts.check_with(executors.len(), executors)?;
    let indices: Vec<f64> = Terms::all(executors, attempts, discount).iter().map(|terms| terms.index()[1]).collect();
    let mut order: Vec<usize> = (0..executors.len()).collect();
    order.sort_by(|&a, &b| indices[b].total_cmp(&indices[a]));
    let sums = in_order(order.iter().map(|&i| &executors[i]), attempts, discount);
    Ok((order, super::bounded(sums)))
}

/// What a rule loses to the order of falling indices where failed keepers are excluded: `V_index - V_rule`.
///
/// Never negative but for rounding without a deadline; with one, the rule may do better than the index.
///
/// # Errors
/// [`Error::Domain`] unless failed keepers are excluded; else as [`executed`].
///
/// ```
/// use pooltree::keepers::{Attempts, Contest, Keeper, Keepers, Rule, Task, model::Executor};
/// use pooltree::keepers::closed_form::execution::price_of_randomness;
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let keepers = Keepers::new(vec![Keeper::new("a"), Keeper::new("b")])?;
/// let contest = Contest::new(&keepers, &Rule::uniform(), &Task::default())?;
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// // Both are sure: the better one is done after 0, the other after 1, and the rule takes either.
/// let executors = [Executor { reliability: 1.0, ping: 1.0 }, Executor { reliability: 1.0, ping: 0.0 }];
/// assert_eq!(price_of_randomness(&contest, &executors, &Attempts::default(), &half)?, 1.0 - 0.75);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn price_of_randomness(
    contest: &Contest,
    executors: &[Executor],
    attempts: &Attempts,
    discount: &Discount,
) -> Result<f64> {
    if attempts.retry != Retry::Exclude {
        return Err(Error::domain("retry", attempts.retry.name(), "exclude: other modes have another best order"));
    }
    let rule = executed(contest, executors, attempts, discount)?;
    let (_, best) = best_order(executors, attempts, discount)?;
    Ok(best.discounted - rule.discounted)
}
