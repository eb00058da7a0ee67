//! Unequal chances of equal keepers.

use super::Law;
use crate::error::{Error, Result};
use crate::keepers::model::{Keeper, Keepers};
use std::collections::HashMap;

/// All that is known about a keeper but its id.
pub(in super::super) fn same_but_for_id(keeper: &Keeper) -> ([u64; 6], bool) {
    let bits = |value: f64| (value + 0.0).to_bits(); // -0 is 0
    let Keeper { id: _, stake, bid, cost, ping, picked, succeeded, active } = keeper;
    ([bits(*stake), bits(*bid), bits(*cost), bits(*ping), *picked, *succeeded], *active)
}

/// Tie unfairness: the largest difference in probability between two keepers who are equal in everything but their id.
///
/// ```text
/// max { p_i - p_j : i and j equal but for the id }
/// ```
///
/// `entrants` are indices into `keepers`, `law` their probabilities in the same order (as [`Contest::entrants`] and
/// [`winner`] give them). 0 where no two are equal; 1 where one of several equal keepers is always selected.
///
/// Source: *Keeper selection*, "Overview" (keepers with identical properties but for their enumeration).
///
/// # Errors
/// [`Error::Domain`] for an entrant who is not there, or another number of entrants than the law has.
///
/// [`Contest::entrants`]: crate::keepers::Contest::entrants
/// [`winner`]: crate::keepers::closed_form::winner
///
/// ```
/// use pooltree::keepers::closed_form::fairness::{Law, tie_unfairness};
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, Ties};
/// let keepers = Keepers::new(vec![Keeper::new("a"), Keeper::new("b")])?;
/// let unfair = |ties| {
///     let contest = Contest::new(&keepers, &Rule::by_stake(ties), &Task::default())?;
///     tie_unfairness(&keepers, contest.entrants(), &Law::of(&contest)?)
/// };
/// assert_eq!((unfair(Ties::FileOrder)?, unfair(Ties::Uniform)?), (1.0, 0.0));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn tie_unfairness(keepers: &Keepers, entrants: &[usize], law: &Law) -> Result<f64> {
    if entrants.len() != law.size() {
        return Err(Error::domain("entrants", entrants.len(), format!("{} in number", law.size())));
    }
    let mut ranges = HashMap::new();
    for (&i, &p) in entrants.iter().zip(law.shares()) {
        let keeper = keepers.all().get(i);
        let keeper = keeper.ok_or_else(|| Error::domain("entrant", i, format!("below {}", keepers.len())))?;
        let (least, most) = ranges.entry(same_but_for_id(keeper)).or_insert((p, p));
        (*least, *most) = (p.min(*least), p.max(*most));
    }
    Ok(ranges.values().map(|(least, most)| most - least).fold(0.0, f64::max))
}
