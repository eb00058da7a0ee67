//! What auctions that may fail fill: orders that a failed auction would have filled are left to the parent.

use super::Fills;
use crate::kernels::sum::Sum;
use crate::pool_tree::{Executed, Execution, Kind, Level, Model, Schedule};

/// Shares of all orders by level, once execution is counted.
pub(crate) struct Reach {
    /// Filled, `Σ_P e_P (F_P + D_P')`.
    pub(crate) filled: Vec<f64>,
    /// Mean of `β^S` over those filled; 1 where nothing is filled.
    pub(crate) delay_factor: Vec<f64>,
    /// Mean probability of execution over the pools.
    pub(super) executed: Vec<f64>,
    /// Matched and not filled, because neither this auction nor a lower one was executed: `D`.
    pub(crate) left: Vec<f64>,
}

impl Reach {
    /// Everything that is matched is filled, at once.
    pub(crate) fn perfect(fills: Fills) -> Self {
        let n = fills.filled.len();
        Self { filled: fills.filled, delay_factor: vec![1.0; n], executed: vec![1.0; n], left: vec![0.0; n] }
    }

    /// The backlog carried from level to level, `D_P = (1 - e_P)(F_P + Σ_children D_C)`.
    ///
    /// Fills are spread evenly over the pools of a height but for what one operator receives by itself.
    ///
    /// `fills` are those of the components whose kind is wanted: of all, and, where pools differ, of some.
    pub(crate) fn new(
        model: &Model,
        schedule: &Schedule,
        execution: &Execution,
        fills: impl Fn(&dyn Fn(&Kind) -> bool) -> Fills,
    ) -> Self {
        let levels = schedule.levels();
        let alike = levels.iter().all(|level| execution.at(level.height).common().is_some());
        let mut totals = vec![Totals::default(); levels.len()];
        if alike {
            pass_up(&fills(&|_| true).filled, levels, &mut totals, |level| execution.at(level.height).at(0));
            return Self::from_totals(&totals, levels, execution);
        }
        let mut sites: Vec<u64> = model.flow().components().iter().filter_map(|c| site(c.kind())).collect();
        sites.sort_unstable();
        sites.dedup();
        for &operator in &sites {
            pass_up(&fills(&|kind| site(kind) == Some(operator)).filled, levels, &mut totals, |level| {
                execution.at(level.height).at(model.tree().pool_index(operator, level.height) as usize)
            });
        }
        let even = fills(&|kind| site(kind).is_none());
        pool_by_pool(model, levels, execution, &even.filled, &mut totals);
        Self::from_totals(&totals, levels, execution)
    }

    fn from_totals(totals: &[Totals], levels: &[Level], execution: &Execution) -> Self {
        let mut reach = Self { filled: vec![], delay_factor: vec![], executed: vec![], left: vec![] };
        for (totals, level) in totals.iter().zip(levels) {
            let [filled, discounted, left] =
                [totals.filled, totals.discounted, totals.left].map(|sum| sum.value().clamp(0.0, 1.0));
            reach.filled.push(filled);
            reach.left.push(left);
            let common = execution.at(level.height).common();
            reach.delay_factor.push(match common {
                Some(Executed { probability, discounted }) if probability > 0.0 => discounted / probability,
                None if filled > 0.0 => (discounted / filled).min(1.0),
                _ => 1.0,
            });
            reach.executed.push(execution.at(level.height).mean_probability());
        }
        reach
    }
}

/// The operator of a flow that arrives at one only.
fn site(kind: &Kind) -> Option<u64> {
    if let Kind::SingleSite { operator } = kind { Some(*operator) } else { None }
}

/// Sums over the pools of a level.
#[derive(Clone, Default)]
struct Totals {
    filled: Sum,
    discounted: Sum,
    left: Sum,
}

impl Totals {
    /// Adds `pools` pools alike; returns what they leave.
    fn add(&mut self, matched: f64, Executed { probability, discounted }: Executed) -> f64 {
        let left = (1.0 - probability).max(0.0) * matched;
        self.filled.add(probability * matched);
        self.discounted.add(discounted * matched);
        self.left.add(left);
        left
    }
}

/// One pool at each level, or all of them alike.
fn pass_up(filled: &[f64], levels: &[Level], totals: &mut [Totals], at: impl Fn(&Level) -> Executed) {
    let mut left = 0.0;
    for ((filled, level), totals) in filled.iter().zip(levels).zip(totals) {
        left = totals.add(filled + left, at(level));
    }
}

/// All pools of every level, the fills spread evenly over them.
fn pool_by_pool(model: &Model, levels: &[Level], execution: &Execution, filled: &[f64], totals: &mut [Totals]) {
    let mut left: Vec<f64> = Vec::new(); // by the level's unit below: one pool of the next lower level
    for ((filled, level), totals) in filled.iter().zip(levels).zip(totals) {
        let pools = model.tree().pools(level.height).unwrap_or(1) as usize;
        let each = filled / pools as f64;
        let children = (left.len() / pools).max(1);
        left = (0..pools)
            .map(|pool| {
                let below = left.iter().skip(pool * children).take(children).sum::<f64>();
                totals.add(each + below, execution.at(level.height).at(pool))
            })
            .collect();
    }
}
