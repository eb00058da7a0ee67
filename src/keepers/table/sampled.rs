//! One rule drawn, and held against its formulas.

mod groups;
mod measures;
mod test;

use super::Row;
use super::law::{Case, MOST_PIECES};
use crate::error::{Error, Result};
use crate::estimate::{Agreement, Estimate, Moments, MonteCarlo, Stopping, VectorEstimate};
use crate::keepers::closed_form::auction::CommonValue;
use crate::keepers::closed_form::execution::executed;
use crate::keepers::closed_form::winner;
use crate::keepers::simulation::committee::select_several;
use crate::keepers::simulation::execution::Execution;
use crate::keepers::simulation::{Selector, auction};
use crate::keepers::{Contest, Executor, GasAuction, Keeper, Keepers, Retry};
use crate::kernels::sum::Sum;
use crate::pool_tree::{Discount, DiscountModel};
use groups::Groups;
use measures::{Measures, best_guess};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::Serialize;
use test::Test;

/// Tasks that share a random stream.
const BLOCK: u64 = 1024;

/// Events that a run must have been expected to see for their number to be tested by its variance.
const FEW: f64 = 25.0;

/// Blocks that are in memory at once.
const BLOCKS: u64 = 64;

/// Attempts in the whole run above which executions are not drawn.
const MOST_ATTEMPTS: f64 = 2e7;

/// Noises, walks or bids in the whole run above which committees that no formula needs are not drawn.
const MOST_SELECTED: f64 = 1e9;

/// Variance over mean square below which a number counts as constant: what differs is rounding.
const CONSTANT: f64 = 1e-13;

/// By how much the logarithm of a stake rises where its effect is drawn.
const STEP: f64 = 0.1;

/// Keepers up to which the effect of stakes is drawn.
const MOST_STAKES: usize = 64;

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

/// What is drawn for every task.
struct Plan<'a> {
    case: &'a Case<'a>,
    execution: Option<Execution>,
    auction: Option<GasAuction>,
    /// The contest after the best split, and the places of the pieces in it.
    split: Option<(Contest, std::ops::Range<usize>)>,
    /// For every keeper with a stake: its place, and the contest in which it stakes more.
    richer: Vec<(usize, Contest)>,
    /// Group of every entrant, by its chance to be selected.
    groups: Groups,
    /// How many are selected, if committees are drawn.
    select: Option<usize>,
    /// Group of every entrant, by its inclusion, where that is known.
    members: Option<Groups>,
}

/// What a block of tasks came to.
struct Block {
    moments: Moments,
    wins: Vec<u64>,
    included: Vec<u64>,
}

/// Places of the numbers of one task in their vector.
struct Layout {
    executed: usize,
    discounted: usize,
    loss: usize,
    split: usize,
    arc: usize,
    members: usize,
    length: usize,
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

impl<'a> Plan<'a> {
    fn new(case: &'a Case, row: &Row, replications: f64) -> Result<(Self, Vec<String>)> {
        let mut notes = Vec::new();
        if case.sybil.is_some_and(|gain| gain.pieces > MOST_PIECES) {
            notes.push(format!("sybil_gain: not drawn for more than {MOST_PIECES} pieces"));
        }
        let attempts = attempts(case);
        let execution = if attempts * replications > MOST_ATTEMPTS {
            notes.push(if attempts.is_finite() {
                format!("executed: not drawn, about {attempts:.0e} attempts a task")
            } else {
                "executed: not drawn, attempts may go on for ever".to_owned()
            });
            None
        } else {
            match Execution::new(&case.contest, &case.executors, &case.attempts()) {
                Ok(execution) => Some(execution),
                // The formula has a note on that.
                Err(Error::NotFinite { .. }) => None,
                Err(error) => return Err(error),
            }
        };
        let task = case.questions.parameters.task();
        let split = case.after_split()?.map(|(keepers, pieces)| {
            let contest = Contest::new(&keepers, &case.rule, &task)?;
            let place = |file: usize| contest.entrants().iter().position(|&i| i == file);
            let first = place(pieces.start).unwrap_or(0);
            Ok::<_, Error>((contest, first..first + pieces.len()))
        });
        let staked = |&i: &usize| case.keepers.all()[i].stake > 0.0;
        let mut richer = Vec::new();
        if case.contest.len() <= MOST_STAKES {
            for file in case.measured().filter(staked) {
                let keepers = with_more_stake(case.keepers, file)?;
                let contest = Contest::new(&keepers, &case.rule, &task)?;
                if let Some(place) = case.contest.entrants().iter().position(|&i| i == file)
                    && contest.entrants() == case.contest.entrants()
                {
                    richer.push((place, contest));
                }
            }
        }
        let entrants = case.contest.len() as f64;
        let in_time =
            |m: &usize| row.inclusion.is_some() || (*m as f64).min(entrants) * entrants * replications <= MOST_SELECTED;
        let select = case.questions.select.filter(in_time);
        if select.is_none() && case.questions.select.is_some() {
            notes.push("inclusion: not drawn, too many selections".to_owned());
        }
        let members = row.inclusion.as_ref().map(|inclusion| {
            let own: Vec<f64> = case.contest.entrants().iter().map(|&i| inclusion[i]).collect();
            Groups::new(&own, replications)
        });
        let plan = Self {
            case,
            execution,
            auction: case.auction()?,
            split: split.transpose()?,
            richer,
            groups: Groups::new(&case.law, replications),
            select,
            members,
        };
        Ok((plan, notes))
    }

    fn layout(&self) -> Layout {
        let executed = self.groups.len();
        let members = executed + 5;
        Layout {
            executed,
            discounted: executed + 1,
            loss: executed + 2,
            split: executed + 3,
            arc: executed + 4,
            members,
            length: members + self.members.as_ref().map_or(0, Groups::len),
        }
    }

    /// Tasks `block · BLOCK ..`, from their own stream.
    fn block(&self, seed: u64, block: u64, replications: u64) -> Result<Block> {
        let case = self.case;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(block);
        let layout = self.layout();
        let mut selector = Selector::new(&case.contest);
        let mut split = self.split.as_ref().map(|(contest, pieces)| (Selector::new(contest), pieces));
        let mut richer: Vec<_> = self.richer.iter().map(|(i, contest)| (*i, Selector::new(contest))).collect();
        let mut execution = self.execution.clone();
        let entrants = case.contest.len();
        let mut result =
            Block { moments: Moments::new(layout.length), wins: vec![0; entrants], included: vec![0; entrants] };
        let mut numbers = vec![0.0; layout.length];
        for _ in block * BLOCK..replications.min((block + 1) * BLOCK) {
            numbers.fill(0.0);
            let before = rng.clone();
            if let Some(i) = selector.draw(&mut rng) {
                result.wins[i] += 1;
                numbers[self.groups.of[i]] += 1.0;
            }
            if !richer.is_empty() {
                // One of the keepers stakes more, and everything else is drawn as before.
                let turn = rng.random_range(0..richer.len());
                let all = richer.len() as f64;
                let (i, selector_of_richer) = &mut richer[turn];
                let [mut again, mut twin] = [before.clone(), before];
                let was = selector.draw(&mut twin) == Some(*i);
                let is = selector_of_richer.draw(&mut again) == Some(*i);
                numbers[layout.arc] = all * (f64::from(u8::from(is)) - f64::from(u8::from(was))) / STEP;
            }
            if let Some(execution) = &mut execution
                && let outcome = execution.draw(&mut rng)?
                && outcome.executed
            {
                numbers[layout.executed] = 1.0;
                numbers[layout.discounted] = case.discount.after(outcome.time);
            }
            if let Some(of) = &self.auction {
                // In units of the value: the square of a large amount may overflow.
                numbers[layout.loss] = auction::losers_loss(of, entrants, &mut rng) / of.value();
            }
            if let Some((selector, pieces)) = &mut split
                && selector.draw(&mut rng).is_some_and(|i| pieces.contains(&i))
            {
                numbers[layout.split] = 1.0;
            }
            if let Some(m) = self.select {
                for i in select_several(&case.contest, m, case.questions.reading, &mut rng) {
                    result.included[i] += 1;
                    if let Some(groups) = &self.members {
                        numbers[layout.members + groups.of[i]] += 1.0;
                    }
                }
            }
            result.moments.add(&numbers);
        }
        Ok(result)
    }

    fn report(
        &self,
        row: &Row,
        estimate: &VectorEstimate,
        halves: &[Vec<u64>; 2],
        included: &[u64],
        seed: u64,
    ) -> Result<Sampled> {
        let case = self.case;
        let layout = self.layout();
        let n = estimate.replications() as f64;
        let number = |at: usize| {
            let Estimate { mean, std_error, .. } = estimate.component(at);
            Drawn { mean, std_error }
        };
        let wins: Vec<u64> = halves[0].iter().zip(&halves[1]).map(|(a, b)| a + b).collect();
        let shares: Vec<f64> = wins.iter().map(|&w| w as f64 / n).collect();
        let errors: Vec<f64> = shares.iter().map(|p| (p * (1.0 - p) / (n - 1.0)).sqrt()).collect();
        let arc = self.arc();
        let compared = |at: usize, exact: f64, shift: f64| {
            let Drawn { mean, std_error } = number(at);
            Compared { mean: mean - shift, std_error, exact }
        };
        let measured: Vec<usize> = case.measured_places().collect();
        let measures = Measures::new(&measured.iter().map(|&i| wins[i]).collect::<Vec<_>>());
        Ok(Sampled {
            winner: case.in_file_order(&shares),
            winner_std_error: case.in_file_order(&errors),
            effective_number: measures.effective_number(),
            predictability: best_guess(halves),
            gini: measures.gini(),
            expected_wait: measures.expected_wait(),
            tie_unfairness: measures.difference(case.extreme_pair()),
            effective_pool: measures.effective_pool(case.questions.rounds),
            deterrence: measures.mean(&case.slashed()),
            executed: self.execution.as_ref().map(|_| number(layout.executed)),
            expected_discount: self.execution.as_ref().map(|_| number(layout.discounted)),
            losers_loss: {
                let Drawn { mean, std_error } = number(layout.loss);
                let unit = self.auction.as_ref().map_or(1.0, GasAuction::value);
                Drawn { mean: unit * mean, std_error: unit * std_error }
            },
            sybil_gain: self.split.as_ref().and(case.sybil).map(|gain| compared(layout.split, gain.gain, gain.before)),
            arc_elasticity: arc.map(|exact| compared(layout.arc, exact, 0.0)),
            inclusion: self
                .select
                .map(|_| case.in_file_order(&included.iter().map(|&i| i as f64 / n).collect::<Vec<_>>())),
            agreement: self.agreement(row, estimate, arc)?,
            replications: estimate.replications(),
            seed,
        })
    }

    /// `Σ [p_i(s_i e^h) - p_i]/h` over the keepers whose stakes were raised.
    fn arc(&self) -> Option<f64> {
        if self.richer.is_empty() {
            return None;
        }
        let rise = |(i, contest): &(usize, Contest)| winner(contest)[*i] - self.case.law[*i];
        let rise = self.richer.iter().map(rise).collect::<Sum>().value() / STEP;
        // What is left of two equal laws is rounding.
        Some(if rise.abs() < 1e-12 { 0.0 } else { rise })
    }

    /// Variance of `β^S` of one task, if the mean of so many is near a normal law: squared skewness is at most the number
    /// over 25, of a rare event that it is expected so often.
    fn variance_of_discount(&self, v: f64, n: f64) -> Result<Option<f64>> {
        let case = self.case;
        // E[β^(kS)] is the same at a power of the discount factor.
        let moment = |k: f64| {
            let discount = Discount::new(DiscountModel::Rate(-k * case.discount.ln_factor()))?;
            Ok::<_, Error>(executed(&case.contest, &case.executors, &case.attempts(), &discount)?.discounted)
        };
        let second = moment(2.0)?;
        if second < 1e-180 {
            return Ok(None); // 0, or too small for its powers
        }
        let variance = second - v * v;
        if variance <= CONSTANT * second {
            return Ok(Some(1e-18 * second));
        }
        let third = moment(3.0)? - v * (3.0 * second - 2.0 * v * v);
        let skewness = third / variance.powf(1.5);
        Ok((skewness * skewness * FEW <= n).then_some(variance))
    }

    /// Joint test of all that was drawn and is known.
    fn agreement(&self, row: &Row, estimate: &VectorEstimate, arc: Option<f64>) -> Result<Agreement> {
        let case = self.case;
        let layout = self.layout();
        let n = estimate.replications() as f64;
        let mut test = Test { at: Vec::new(), expected: Vec::new(), least: Vec::new(), n };
        for (group, &expected) in self.groups.expected.iter().enumerate() {
            test.add(group, expected, expected * (1.0 - expected).max(0.0));
        }
        if let (Some(e), Some(v), Some(_)) = (row.executed, row.expected_discount, &self.execution) {
            test.add(layout.executed, e, e * (1.0 - e));
            if let Some(variance) = self.variance_of_discount(v, n)? {
                test.add(layout.discounted, v, variance);
            }
        }
        if let Some(auction) = &self.auction {
            let exact = CommonValue::new(auction, case.contest.len() as u64);
            if exact.losers_loss == 0.0 || exact.reverted.min(1.0) * n >= FEW {
                test.add(layout.loss, exact.losers_loss / auction.value(), 0.0);
            }
        }
        if let (Some(_), Some(gain)) = (&self.split, case.sybil) {
            test.add(layout.split, gain.after, gain.after * (1.0 - gain.after).max(0.0));
        }
        if let Some(arc) = arc {
            let changes = arc.abs() * STEP / self.richer.len() as f64 * n;
            if arc == 0.0 || changes >= FEW {
                test.add(layout.arc, arc, 0.0);
            }
        }
        if let (Some(groups), Some(_)) = (&self.members, &row.inclusion) {
            for (group, &expected) in groups.expected.iter().enumerate() {
                test.add(layout.members + group, expected, groups.variance[group]);
            }
        }
        Ok(test.result(estimate))
    }
}

/// The keepers, one of whom stakes more.
fn with_more_stake(keepers: &Keepers, file: usize) -> Result<Keepers> {
    let more = |(i, keeper): (usize, &Keeper)| {
        let factor = if i == file { STEP.exp() } else { 1.0 };
        Keeper { stake: (keeper.stake * factor).min(f64::MAX), ..keeper.clone() }
    };
    Keepers::new(keepers.all().iter().enumerate().map(more).collect())
}

/// About how many attempts a task takes.
fn attempts(case: &Case) -> f64 {
    let attempts = case.attempts();
    let entrants = || case.law.iter().zip(&case.executors).filter(|(p, _)| **p > 0.0);
    // As many as there is time for.
    let until = |stops: f64, lost: f64| {
        let in_time = if lost > 0.0 { attempts.limit() / lost + 1.0 } else { f64::INFINITY };
        stops.recip().min(in_time)
    };
    match attempts.retry {
        Retry::Same => {
            let tries = |of: &Executor| until(of.reliability, attempts.lost(of));
            // What cannot succeed is not tried for ever.
            let counted =
                |of: &Executor| if of.reliability == 0.0 && tries(of).is_infinite() { 1.0 } else { tries(of) };
            entrants().map(|(p, of)| p * counted(of)).sum()
        }
        // What cannot succeed is not tried for ever; a chance too small for a double is one.
        Retry::Redraw if attempts.deadline.is_none() && !case.anybody_succeeds() => 1.0,
        Retry::Redraw => {
            let served: f64 = entrants().map(|(p, _)| p).sum();
            let succeeds: f64 = entrants().map(|(p, of)| p * of.reliability).sum();
            let lost = entrants().map(|(p, of)| p * attempts.lost(of)).sum();
            until(succeeds + (1.0 - served).max(0.0), lost)
        }
        Retry::Exclude => case.contest.len() as f64,
    }
}
