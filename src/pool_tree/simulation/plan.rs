//! What one replication draws: the classes of every component, where each starts and how its batches nest.
//!
//! A replication is one window of the highest active height, all pools of it. A class is drawn first at the lowest active
//! height whose pools can hold both its sides: below that nothing matches, and sums of Poisson counts are Poisson.

use super::classes::{Classes, classes};
use crate::error::{Error, Result};
use crate::pool_tree::Model;
use crate::pool_tree::{Level, PoolTree, Schedule};

/// The most draws that one replication may take.
const MOST_DRAWS: f64 = 1e10;

/// The most orders that one replication may bring; counts and their squares stay exact integers.
const MOST_ORDERS: f64 = 1e13;

/// The fewest orders that one replication may bring: below, the square of the share that one pair is overflows.
const LEAST_ORDERS: f64 = 1e-100;

/// Equal and independent swap classes of one component.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClassPlan {
    /// How many of them.
    pub(super) copies: u64,
    /// Index of the level at which they are first drawn.
    pub(super) start: usize,
    /// Expected orders of either side in one pool and window of that level.
    pub(super) means: [f64; 2],
    /// For every level above the start: how many batches of the next lower level flow into one of its batches.
    pub(super) branches: Vec<u64>,
}

impl ClassPlan {
    /// Batches drawn for one of the classes.
    pub(super) fn leaves(&self) -> u64 {
        self.branches.iter().product()
    }
}

/// One replication.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) classes: Vec<ClassPlan>,
    /// Draws (pairs of sides) in one replication.
    pub(super) draws: f64,
}

impl Plan {
    pub(super) fn new(model: &Model, schedule: &Schedule) -> Result<Self> {
        let levels = schedule.levels();
        let top = levels.last().map_or(1.0, |level| level.period);
        let orders = model.flow().rate() * top;
        if orders > MOST_ORDERS {
            let reason = format!(
                "one window of the highest active height brings {orders:.1e} orders, more than {MOST_ORDERS:.0e}"
            );
            return Err(Error::OutOfReach { reason });
        }
        if orders < LEAST_ORDERS {
            let reason =
                format!("one window of the highest active height brings {orders:.1e} orders: none would be seen");
            return Err(Error::OutOfReach { reason });
        }
        let mut plan = Self { classes: Vec::new(), draws: 0.0 };
        for classes in classes(model)? {
            plan.add(model.tree(), model.flow().asset_pairs(), levels, &classes)?;
        }
        Ok(plan)
    }

    fn add(&mut self, tree: &PoolTree, pairs: f64, levels: &[Level], classes: &Classes) -> Result<()> {
        // Classes that meet nowhere, or without orders on one side, fill nothing.
        let Some(start) = levels.iter().position(|level| level.height >= classes.meets_at) else { return Ok(()) };
        let orders = (classes.rate_at)(levels[start].height) * levels[start].period;
        let means = [orders * classes.side_share, orders * (1.0 - classes.side_share)];
        let mut copies = pairs * classes.places;
        if copies == 0.0 || means[0] == 0.0 || means[1] == 0.0 {
            return Ok(());
        }
        if let (true, Some(top)) = (classes.spread, levels.last()) {
            copies *= tree.scaled(1.0, i64::from(tree.depth() - top.height));
        }
        let branches: Vec<f64> = levels[start..]
            .windows(2)
            .map(|pair| {
                let windows = (pair[1].period / pair[0].period).round();
                let pools =
                    if classes.spread { tree.scaled(1.0, i64::from(pair[1].height - pair[0].height)) } else { 1.0 };
                windows * pools
            })
            .collect();
        let draws = copies * branches.iter().product::<f64>();
        self.draws += draws;
        if !(self.draws <= MOST_DRAWS) {
            let reason = format!("one replication takes {:.1e} draws, more than {MOST_DRAWS:.0e}", self.draws);
            return Err(Error::OutOfReach { reason });
        }
        self.classes.push(ClassPlan {
            copies: copies as u64,
            start,
            means,
            branches: branches.into_iter().map(|b| b as u64).collect(),
        });
        Ok(())
    }
}
