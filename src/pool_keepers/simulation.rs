//! Every attempt of every keeper in every auction, drawn.

use super::model::{Outages, PoolKeepers, PoolSelection};
use crate::error::{Error, Result};
use crate::keepers::Retry;
use crate::keepers::simulation::execution::{Execution, Outcome};
use crate::pool_tree::PoolTree;
use rand::{Rng, RngExt};

/// Keepers less reliable than this may try too often where they may try again.
const LEAST_RELIABLE: f64 = 1e-6;

/// Those who run the auctions of some heights.
#[derive(Debug, Clone)]
pub(crate) struct Crews {
    levels: Vec<Vec<Crew>>,
    /// How many keepers there are, where outages are common.
    common: Option<usize>,
}

/// Those who can be selected by one pool, or by all pools of a height.
#[derive(Debug, Clone)]
struct Crew {
    execution: Execution,
    /// Index among all keepers and reliability of every entrant.
    entrants: Vec<(usize, f64)>,
}

impl Crews {
    /// The crews of all pools of `heights`.
    ///
    /// # Errors
    /// As [`PoolKeepers::check`], [`PoolKeepers::selection`] and [`Execution::new`]; [`Error::OutOfReach`] where a keeper that
    /// hardly ever succeeds may try again and again.
    pub(crate) fn new(keepers: &PoolKeepers, tree: &PoolTree, heights: impl Iterator<Item = u32>) -> Result<Self> {
        keepers.check(tree)?;
        let crews = |height: u32| -> Result<Vec<Crew>> {
            (0..keepers.pools(tree, height))
                .map(|pool| {
                    let PoolSelection { contest, executors, attempts } = keepers.selection(tree, height, pool)?;
                    let hopeless = |rho: f64| rho > 0.0 && rho < LEAST_RELIABLE;
                    if attempts.retry != Retry::Exclude && executors.iter().any(|e| hopeless(e.reliability)) {
                        let reason =
                            format!("a keeper succeeds less than once in {:.0e} attempts", 1.0 / LEAST_RELIABLE);
                        return Err(Error::OutOfReach { reason });
                    }
                    let members = keepers.members(tree, height, pool);
                    let entrants = contest.entrants().iter().zip(&executors);
                    let entrants = entrants.map(|(&entrant, executor)| (members[entrant], executor.reliability));
                    Ok(Crew {
                        entrants: entrants.collect(),
                        execution: Execution::new(&contest, &executors, &attempts)?,
                    })
                })
                .collect()
        };
        let common = (keepers.outages() == Outages::Common).then(|| keepers.keepers().len());
        Ok(Self { levels: heights.map(crews).collect::<Result<_>>()?, common })
    }

    /// Draws anew who is down, where outages are common: one number for every keeper, who is up where his reliability exceeds
    /// it.
    pub(crate) fn draw_outages<R: Rng + ?Sized>(&self, outages: &mut Vec<f64>, rng: &mut R) {
        outages.clear();
        outages.extend((0..self.common.unwrap_or(0)).map(|_| rng.random::<f64>()));
    }

    /// Draws the attempts at one auction of a pool of the `level`-th of the heights.
    pub(crate) fn execute<R: Rng + ?Sized>(
        &mut self,
        level: usize,
        pool: u64,
        outages: &[f64],
        rng: &mut R,
    ) -> Outcome {
        let crews = &mut self.levels[level];
        let at = if crews.len() == 1 { 0 } else { pool as usize };
        let Crew { execution, entrants } = &mut crews[at];
        let outcome = if self.common.is_none() {
            execution.draw_with(rng, |i| entrants[i].1 > 0.0, |i, rng| rng.random::<f64>() < entrants[i].1)
        } else {
            let up = |i: usize| outages[entrants[i].0] < entrants[i].1;
            execution.draw_with(rng, up, |i, _| up(i))
        };
        // Attempts that need more time than any machine has are refused when the crew is made.
        outcome.unwrap_or(Outcome { time: f64::INFINITY, executed: false, attempts: 0, by: None })
    }
}
