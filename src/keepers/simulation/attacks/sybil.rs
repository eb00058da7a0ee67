//! A coalition that takes part in selections.

use crate::error::{Error, Result};
use crate::keepers::model::{Contest, Keepers, Rule, Task};
use crate::keepers::simulation::select;
use rand::Rng;
use std::ops::Range;

/// How many of `rounds` selections fall on one of the keepers at `members`, places in the file.
///
/// # Errors
/// [`Error::Domain`] for places beyond the file, and where the rule refuses the keepers.
///
/// ```
/// use pooltree::keepers::simulation::attacks::coalition_wins;
/// use pooltree::keepers::{Keeper, Keepers, Rule, Task};
/// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
/// let keepers = Keepers::new(["a", "b"].map(Keeper::new).to_vec())?;
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// assert_eq!(coalition_wins(&keepers, &Rule::uniform(), &Task::default(), 0..2, 100, &mut rng)?, 100);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn coalition_wins<R: Rng + ?Sized>(
    keepers: &Keepers,
    rule: &Rule,
    task: &Task,
    members: Range<usize>,
    rounds: u64,
    rng: &mut R,
) -> Result<u64> {
    if members.end > keepers.len() {
        return Err(Error::domain("members", members.end, format!("places up to {}", keepers.len())));
    }
    let contest = Contest::new(keepers, rule, task)?;
    let mut wins = 0;
    for _ in 0..rounds {
        let keeper = select(&contest, rng).and_then(|i| contest.entrants().get(i));
        wins += u64::from(keeper.is_some_and(|keeper| members.contains(keeper)));
    }
    Ok(wins)
}
