//! What is drawn for every task.

use super::super::Row;
use super::super::law::{Case, MOST_PIECES};
use super::groups::Groups;
use crate::error::{Error, Result};
use crate::estimate::Moments;
use crate::keepers::simulation::committee::select_several;
use crate::keepers::simulation::execution::Execution;
use crate::keepers::simulation::{Selector, auction};
use crate::keepers::{Contest, Executor, GasAuction, Keeper, Keepers, Retry};
use crate::kernels::elementary::exp;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Tasks that share a random stream.
pub(super) const BLOCK: u64 = 1024;

/// Attempts in the whole run above which executions are not drawn.
const MOST_ATTEMPTS: f64 = 2e7;

/// Noises, walks or bids in the whole run above which committees that no formula needs are not drawn.
const MOST_SELECTED: f64 = 1e9;

/// By how much the logarithm of a stake rises where its effect is drawn.
pub(super) const STEP: f64 = 0.1;

/// Keepers up to which the effect of stakes is drawn.
const MOST_STAKES: usize = 64;

/// What is drawn for every task.
pub(super) struct Plan<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) execution: Option<Execution>,
    pub(super) auction: Option<GasAuction>,
    /// The contest after the best split, and the places of the pieces in it.
    pub(super) split: Option<(Contest, std::ops::Range<usize>)>,
    /// For every keeper with a stake: its place, and the contest in which it stakes more.
    pub(super) richer: Vec<(usize, Contest)>,
    /// Group of every entrant, by its chance to be selected.
    pub(super) groups: Groups,
    /// How many are selected, if committees are drawn.
    pub(super) select: Option<usize>,
    /// Group of every entrant, by its inclusion, where that is known.
    pub(super) members: Option<Groups>,
}

/// What a block of tasks came to.
pub(super) struct Block {
    pub(super) moments: Moments,
    pub(super) wins: Vec<u64>,
    pub(super) included: Vec<u64>,
}

/// Places of the numbers of one task in their vector.
pub(super) struct Layout {
    pub(super) executed: usize,
    pub(super) discounted: usize,
    pub(super) loss: usize,
    pub(super) split: usize,
    pub(super) arc: usize,
    pub(super) members: usize,
    pub(super) length: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(case: &'a Case, row: &Row, replications: f64) -> Result<(Self, Vec<String>)> {
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

    pub(super) fn layout(&self) -> Layout {
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
    pub(super) fn block(&self, seed: u64, block: u64, replications: u64) -> Result<Block> {
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
}

/// The keepers, one of whom stakes more.
fn with_more_stake(keepers: &Keepers, file: usize) -> Result<Keepers> {
    let more = |(i, keeper): (usize, &Keeper)| {
        let factor = if i == file { exp(STEP) } else { 1.0 };
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
