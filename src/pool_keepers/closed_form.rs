//! Execution of the auctions of a tree, exactly.

use super::PoolKeepers;
use super::model::PoolSelection;
use crate::error::{Error, Result};
use crate::keepers::closed_form::execution::{executed, longest};
use crate::keepers::{Executor, Retry};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Discount, Executed, Execution, LevelExecution, Model, PoolTree};

/// Whether and when the auctions of every height are executed.
///
/// A height without a deadline gives up when all keepers of the pool that takes longest have failed.
///
/// # Errors
/// [`Error::Missing`] for a height where attempts may go on for ever and no deadline is set, [`Error::OutOfReach`] for a rule
/// whose law takes too long, else as [`PoolKeepers::check`] and [`crate::keepers::Contest::new`].
///
/// ```
/// use pooltree::keepers::{Keeper, Keepers, Parameters, RuleName};
/// use pooltree::pool_keepers::{Assignment, Outages, PoolKeepers, closed_form::execution};
/// use pooltree::pool_tree::{Discount, DiscountModel, PoolTree};
/// let keeper = |id: &str, succeeded| Keeper { picked: 10, succeeded, ..Keeper::new(id) };
/// let both = Keepers::new(vec![keeper("a", 9), keeper("b", 8)])?;
/// let keepers =
///     PoolKeepers::new(both, Assignment::Operators, Outages::default(), RuleName::Uniform, Parameters::default())?;
/// let beta = Discount::new(DiscountModel::Factor(0.5))?;
/// let tree = PoolTree::new(2, 1)?;
/// let of = execution(&keepers, &tree, &beta)?;
/// assert_eq!(of.at(0).at(1).probability, 0.8); // the second operator by itself
/// assert!((of.at(1).at(0).probability - (1.0 - 0.1 * 0.2)).abs() < 1e-15); // the root fails if both do
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn execution(keepers: &PoolKeepers, tree: &PoolTree, discount: &Discount) -> Result<Execution> {
    execution_where(keepers, tree, discount, |_, executor| executor)
}

/// The execution if every keeper were as `change` says of its index and its record.
pub(super) fn execution_where(
    keepers: &PoolKeepers,
    tree: &PoolTree,
    discount: &Discount,
    change: impl Fn(usize, Executor) -> Executor,
) -> Result<Execution> {
    keepers.check(tree)?;
    let level = |height: u32| -> Result<LevelExecution> {
        let selections = selections(keepers, tree, height)?;
        let deadline = deadline(keepers, height, &selections)?;
        let law = |(pool, selection): (usize, &PoolSelection)| -> Result<Executed> {
            let PoolSelection { contest, executors, attempts } = selection;
            let members = keepers.members(tree, height, pool);
            let executors: Vec<Executor> = contest
                .entrants()
                .iter()
                .zip(executors)
                .map(|(&entrant, &executor)| change(members[entrant], executor))
                .collect();
            executed(contest, &executors, attempts, discount).map_err(|error| match error {
                Error::OutOfReach { reason } => {
                    let reason = format!("the execution by the keepers at height {height}: {reason}");
                    Error::OutOfReach { reason }
                }
                other => other,
            })
        };
        let laws = selections.iter().enumerate().map(law).collect::<Result<_>>()?;
        LevelExecution::new(deadline, laws)
    };
    let levels = (0..=tree.depth()).map(level);
    Execution::new(tree, levels.collect::<Result<_>>()?)
}

/// Every selection at a height that differs from the others.
pub(super) fn selections(keepers: &PoolKeepers, tree: &PoolTree, height: u32) -> Result<Vec<PoolSelection>> {
    (0..keepers.pools(tree, height)).map(|pool| keepers.selection(tree, height, pool)).collect()
}

/// When the auctions of a height are given up.
fn deadline(keepers: &PoolKeepers, height: u32, selections: &[PoolSelection]) -> Result<f64> {
    let (_, parameters) = keepers.at(height);
    if let Some(deadline) = parameters.deadline {
        return Ok(deadline);
    }
    let mut latest: f64 = 0.0;
    for PoolSelection { contest, executors, attempts } in selections {
        latest = latest.max(longest(contest, executors, attempts).ok_or_else(|| Error::Missing {
            key: keepers.own_key(height, "deadline"),
            allowed: format!(
                "finite and at least 0: with retry = \"{}\" attempts may go on for ever (only \"{}\" ends)",
                attempts.retry.name(),
                Retry::Exclude.name()
            ),
        })?);
    }
    Ok(latest)
}

/// The most keepers whose ups and downs are gone through.
const MOST_TOGETHER: usize = 12;

/// Welfare where a keeper that is down is down in all its pools for a whole window of the highest active height: the mean over
/// who is up, exactly.
///
/// ```text
/// E[W] = Σ_{U ⊆ keepers} Π_{i ∈ U} ρ_i Π_{i ∉ U} (1 - ρ_i) W(U),   W(U) with ρ = 1 in U and 0 outside
/// ```
///
/// Given who is up, pools are independent of each other again, so that [`ClosedForm::evaluate`] applies. `None` where there
/// are more than 12 keepers that may be selected and fail, or active heights estimate their reliability differently.
///
/// Source: derived in docs/models/keepers-and-pools.md.
///
/// # Errors
/// As [`execution`] and [`ClosedForm::evaluate`].
pub fn under_common_outages(
    model: &Model,
    keepers: &PoolKeepers,
    architecture: &Architecture,
) -> Result<Option<ClosedForm>> {
    keepers.check(model.tree())?;
    architecture.check(model.tree())?;
    let active = || architecture.heights().iter().copied();
    let estimates = || active().map(|height| keepers.at(height).1.reliability);
    let Some(estimate) = estimates().next().filter(|first| estimates().all(|other| other == *first)) else {
        return Ok(None);
    };
    let chance: Vec<f64> = keepers.keepers().all().iter().map(|keeper| estimate.of(keeper)).collect();
    // Whoever cannot be selected is neither up nor down.
    let mut serves = vec![false; chance.len()];
    for height in active() {
        for (pool, selection) in selections(keepers, model.tree(), height)?.iter().enumerate() {
            let members = keepers.members(model.tree(), height, pool);
            selection.contest.entrants().iter().for_each(|entrant| serves[members[*entrant]] = true);
        }
    }
    let unsure: Vec<usize> = (0..chance.len()).filter(|&i| serves[i] && chance[i] > 0.0 && chance[i] < 1.0).collect();
    if unsure.len() > MOST_TOGETHER {
        return Ok(None);
    }
    let welfare = |state: u32| -> Result<(f64, ClosedForm)> {
        let mut up: Vec<f64> = chance.iter().map(|&rho| if rho < 1.0 { 0.0 } else { 1.0 }).collect();
        let mut weight = 1.0;
        for (bit, &i) in unsure.iter().enumerate() {
            let is_up = state >> bit & 1 == 1;
            up[i] = if is_up { 1.0 } else { 0.0 };
            weight *= if is_up { chance[i] } else { 1.0 - chance[i] };
        }
        let change = |i: usize, executor: Executor| Executor { reliability: up[i], ..executor };
        let laws = execution_where(keepers, model.tree(), model.discount(), change)?;
        Ok((weight, ClosedForm::evaluate(&model.clone().with_execution(laws)?, architecture)?))
    };
    let all = (0..1u32 << unsure.len()).map(welfare).collect::<Result<Vec<_>>>()?;
    Ok(ClosedForm::mean(model, &all))
}
