//! What one replication draws: the classes of every component, where each starts and how its batches nest.
//!
//! A replication is one window of the highest active height, all pools of it. A class is drawn first at the lowest active
//! height whose pools can hold both its sides: below that nothing matches, and sums of Poisson counts are Poisson.

use crate::error::{Error, Result};
use crate::pool_tree::Model;
use crate::pool_tree::model::scale_free_shares;
use crate::pool_tree::{Component, Kind, Level, PoolTree, Schedule};

/// The most draws that one replication may take.
const MOST_DRAWS: f64 = 1e10;

/// The most orders that one replication may bring; counts and their squares stay exact integers.
const MOST_ORDERS: f64 = 1e13;

/// The fewest orders that one replication may bring: below, the square of the share that one pair is overflows.
const LEAST_ORDERS: f64 = 1e-100;

/// The most operators whose pairs are enumerated.
const MOST_OPERATORS: u64 = 1 << 22;

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

/// Classes before counting: numbers as `f64`, in case they are out of reach.
struct Classes {
    meets_at: u32,
    copies: f64,
    /// Orders of one class per unit time, both sides, in one pool of the start level.
    rate_at: Box<dyn Fn(u32) -> f64>,
    /// Whether every pool of the start level inside a pool of the next level sees the class.
    spread: bool,
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
        for (share, component) in model.flow().weighted() {
            for classes in classes(model, share, component)? {
                plan.add(model.tree(), levels, component.side_share(), &classes)?;
            }
        }
        Ok(plan)
    }

    fn add(&mut self, tree: &PoolTree, levels: &[Level], side_share: f64, classes: &Classes) -> Result<()> {
        // Classes that meet nowhere, or without orders on one side, fill nothing.
        let Some(start) = levels.iter().position(|level| level.height >= classes.meets_at) else { return Ok(()) };
        let orders = (classes.rate_at)(levels[start].height) * levels[start].period;
        let means = [orders * side_share, orders * (1.0 - side_share)];
        if classes.copies == 0.0 || means[0] == 0.0 || means[1] == 0.0 {
            return Ok(());
        }
        let mut copies = classes.copies;
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

/// The classes of one component that has `share` of the flow.
fn classes(model: &Model, share: f64, component: &Component) -> Result<Vec<Classes>> {
    let tree = *model.tree();
    let depth = i64::from(tree.depth());
    let pairs = model.flow().asset_pairs();
    let rate = share * model.flow().rate();
    let meet_at = |rate: f64, j: u32| {
        let pools = tree.scaled(1.0, depth - i64::from(j));
        let arity = f64::from(tree.arity());
        let copies = pairs * if j == 0 { pools } else { pools * arity * (arity - 1.0) };
        Classes { meets_at: j, copies, rate_at: Box::new(move |_| rate / copies), spread: false }
    };
    Ok(match component.kind() {
        Kind::Uniform => vec![Classes {
            meets_at: 0,
            copies: pairs,
            rate_at: Box::new(move |height| tree.scaled(rate / pairs, i64::from(height) - depth)),
            spread: true,
        }],
        Kind::SingleSite { .. } => {
            vec![Classes { meets_at: 0, copies: pairs, rate_at: Box::new(move |_| rate / pairs), spread: false }]
        }
        Kind::MeetAt { height } | Kind::Nearby { height } => vec![meet_at(rate, height)],
        Kind::Opposite => vec![meet_at(rate, tree.depth())],
        Kind::ScaleFree { exponent } => {
            (1..).zip(scale_free_shares(&tree, exponent)).map(|(j, part)| meet_at(rate * part, j)).collect()
        }
        Kind::CircleDistance { distance } => {
            let counts = pairs_by_meeting_height(&tree, distance)?;
            let total: f64 = counts.iter().map(|&n| n as f64).sum::<f64>() * pairs;
            (0..)
                .zip(counts)
                .map(|(height, n)| Classes {
                    meets_at: height,
                    copies: n as f64 * pairs,
                    rate_at: Box::new(move |_| rate / total),
                    spread: false,
                })
                .collect()
        }
    })
}

/// Ordered pairs of operators `distance` apart on the circle, counted by the height at which they meet: every operator and
/// its neighbour on either side, once if both are the same.
fn pairs_by_meeting_height(tree: &PoolTree, distance: u64) -> Result<Vec<u64>> {
    let operators = tree.operators().filter(|&n| n <= MOST_OPERATORS).ok_or_else(|| Error::OutOfReach {
        reason: format!("the pairs of {:.1e} operators are too many to enumerate", tree.size_f64(tree.depth())),
    })?;
    let mut counts = vec![0; tree.depth() as usize + 1];
    for i in 0..operators {
        let right = (i + distance) % operators;
        let left = (i + operators - distance) % operators;
        counts[tree.meeting_height(i, right) as usize] += 1;
        if left != right {
            counts[tree.meeting_height(i, left) as usize] += 1;
        }
    }
    Ok(counts)
}
