//! One rule drawn: every task is selected, executed, bid for and attacked by the mechanism itself.

mod groups;
mod measures;
mod plan;
mod report;
mod test;

use super::Row;
use super::law::Case;
use crate::error::Result;
use crate::estimate::{Agreement, Moments, MonteCarlo, Stopping};
use plan::{BLOCK, Block, Plan};
use rayon::prelude::*;
use serde::Serialize;

/// Blocks that are in memory at once.
const BLOCKS: u64 = 64;

/// A number drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drawn {
    /// Mean over the replications, or the measure of the drawn shares.
    pub mean: f64,
    /// Standard error, by the delta method for measures of shares.
    pub std_error: f64,
}

/// A number drawn beside its exact value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compared {
    /// Mean over the replications.
    pub mean: f64,
    /// Standard error.
    pub std_error: f64,
    /// Exact value.
    pub exact: f64,
}

impl From<Compared> for Drawn {
    fn from(Compared { mean, std_error, .. }: Compared) -> Self {
        Self { mean, std_error }
    }
}

/// One rule, drawn task by task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sampled {
    /// Share of the tasks for which each keeper was selected, in file order.
    pub winner: Vec<f64>,
    /// Standard errors of `winner`.
    pub winner_std_error: Vec<f64>,
    /// Of the drawn shares, without the bias of their squares.
    pub effective_number: Option<Drawn>,
    /// Of the guess that does best on the first half of the tasks: its share in the second.
    pub predictability: Option<Drawn>,
    /// Of the drawn shares.
    pub gini: Option<Drawn>,
    /// Of the drawn shares; absent where a viable keeper was never selected.
    pub expected_wait: Option<Drawn>,
    /// Of the drawn shares: the largest difference is that of the formula's extreme pair.
    pub tie_unfairness: Option<Drawn>,
    /// Of the drawn shares.
    pub effective_pool: Option<Drawn>,
    /// Stake that the keepers selected would have lost by a failure.
    pub deterrence: Option<Drawn>,
    /// Share of the tasks executed; absent where attempts are too many to be drawn.
    pub executed: Option<Drawn>,
    /// Mean of `β^S` where executed, else 0; absent where attempts are too many to be drawn.
    pub expected_discount: Option<Drawn>,
    /// Losers' payments in the auctions played.
    pub losers_loss: Drawn,
    /// Share of the tasks won by the pieces of the stake whose split gains most, less its exact share before.
    pub sybil_gain: Option<Compared>,
    /// `Σ [p_i(s_i e^h) - p_i]/h`, `h = 0.1`, drawn with the same random numbers before and after; its limit for small `h` is the
    /// stake elasticity.
    pub arc_elasticity: Option<Compared>,
    /// Share of the tasks for which each keeper was among those selected; absent where that takes too long to draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inclusion: Option<Vec<f64>>,
    /// Joint test of everything drawn against the formulas.
    pub agreement: Agreement,
    /// Tasks drawn.
    pub replications: u64,
    /// The seed.
    pub seed: u64,
}

/// Draws the rule; with notes on what was not drawn.
pub(super) fn sample(case: &Case, row: &Row, monte_carlo: &MonteCarlo) -> Result<(Sampled, Vec<String>)> {
    let replications = match monte_carlo.stopping() {
        Stopping::Replications(n) => n,
        // No probability has a larger standard error than half of 1/sqrt(n).
        Stopping::Precision(x) => (1.96 * 0.5 / x).powi(2).ceil().max(2.0) as u64,
    };
    let (plan, notes) = Plan::new(case, row, replications as f64)?;
    let seed = monte_carlo.seed();
    let layout = plan.layout();
    let mut all = Moments::new(layout.length);
    let entrants = case.contest.len();
    let mut halves = [vec![0; entrants], vec![0; entrants]];
    let mut included = vec![0; entrants];
    let blocks = replications.div_ceil(BLOCK);
    for first in (0..blocks).step_by(BLOCKS as usize) {
        let some = first..blocks.min(first + BLOCKS);
        let drawn: Vec<Result<Block>> =
            some.clone().into_par_iter().map(|block| plan.block(seed, block, replications)).collect();
        for (i, block) in some.zip(drawn) {
            let block = block?;
            all.merge(&block.moments);
            halves[usize::from(i >= blocks / 2)].iter_mut().zip(&block.wins).for_each(|(sum, n)| *sum += n);
            included.iter_mut().zip(&block.included).for_each(|(sum, n)| *sum += n);
        }
    }
    let estimate = all.estimate()?;
    Ok((plan.report(row, &estimate, &halves, &included, seed)?, notes))
}
