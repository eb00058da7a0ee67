//! One rule by formula.

use super::{Questions, Row, Split};
use crate::error::{Error, Result};
use crate::keepers::closed_form::attacks::{SybilGain, split, sybil_gain};
use crate::keepers::closed_form::auction::CommonValue;
use crate::keepers::closed_form::committee::{Committee, committee};
use crate::keepers::closed_form::execution::executed;
use crate::keepers::closed_form::fairness::{Law, stake_elasticities, tie_unfairness};
use crate::keepers::closed_form::winner;
use crate::keepers::model::Mechanism;
use crate::keepers::{Attempts, Contest, Executor, GasAuction, Keeper, Keepers, Rule, RuleName};
use crate::kernels::sum::Sum;
use crate::pool_tree::Discount;

/// Keepers up to which elasticities, one difference of the law for each, are worked out.
const MOST_ELASTIC: usize = 400;

/// Pieces of a stake up to which a split is drawn: each is a keeper.
pub(super) const MOST_PIECES: u64 = 4096;

/// One rule applied to the keepers.
pub(super) struct Case<'a> {
    pub(super) keepers: &'a Keepers,
    pub(super) questions: &'a Questions,
    pub(super) name: RuleName,
    pub(super) rule: Rule,
    pub(super) contest: Contest,
    pub(super) executors: Vec<Executor>,
    pub(super) discount: Discount,
    /// Probability that each entrant is selected.
    pub(super) law: Vec<f64>,
    /// Places in the contest of those on whom measures are taken: the viable ones and whoever may be selected.
    measured: Vec<usize>,
    pub(super) sybil: Option<SybilGain>,
    notes: Vec<String>,
}

impl<'a> Case<'a> {
    /// The contest is that of the rule among the keepers.
    pub(super) fn new(
        keepers: &'a Keepers,
        questions: &'a Questions,
        name: RuleName,
        rule: Rule,
        contest: Contest,
    ) -> Result<Self> {
        let parameters = &questions.parameters;
        let law = winner(&contest);
        let viable = keepers.viable(parameters.min_stake);
        let is_measured = |&i: &usize| law[i] > 0.0 || viable.binary_search(&contest.entrants()[i]).is_ok();
        let measured: Vec<usize> = (0..contest.len()).filter(is_measured).collect();
        let executor = |&i: &usize| Executor::new(&keepers.all()[i], parameters.reliability);
        let executors = contest.entrants().iter().map(executor).collect();
        let mut notes = Vec::new();
        let sybil = if measured.is_empty() {
            None
        } else {
            in_reach(sybil_gain(keepers, &rule, &parameters.task()), "sybil_gain", &mut notes)?.flatten()
        };
        if sybil.is_some_and(|gain| !gain.exhaustive) {
            notes.push("sybil_gain: a lower bound, not every number of pieces was tried".to_owned());
        }
        let discount = questions.discount()?;
        Ok(Self { keepers, questions, name, rule, contest, executors, discount, law, measured, sybil, notes })
    }

    /// Whether nobody is viable.
    pub(super) fn nobody(&self) -> bool {
        self.measured.is_empty()
    }

    /// The law on those who are measured.
    fn measured_law(&self) -> Result<Law> {
        Law::new(&self.measured.iter().map(|&i| self.law[i]).collect::<Vec<_>>())
    }

    /// Index in the file of those who are measured.
    pub(super) fn measured(&self) -> impl Iterator<Item = usize> {
        self.measured.iter().map(|&i| self.contest.entrants()[i])
    }

    /// Places in the contest of those who are measured.
    pub(super) fn measured_places(&self) -> impl Iterator<Item = usize> {
        self.measured.iter().copied()
    }

    /// Of keepers equal in all but the id the two whose chances differ most, as positions among the measured ones, the likelier
    /// first; of several pairs the first. `None` where no two are equal.
    pub(super) fn extreme_pair(&self) -> Option<[usize; 2]> {
        let keeper = |k: usize| {
            let i = self.contest.entrants()[self.measured[k]];
            Keeper { id: String::new(), ..self.keepers.all()[i].clone() }
        };
        let law = |k: usize| self.law[self.measured[k]];
        let n = self.measured.len();
        let mut best: Option<([usize; 2], f64)> = None;
        let twins: Vec<Keeper> = (0..n).map(keeper).collect();
        for a in 0..n {
            for b in (a + 1..n).filter(|&b| twins[a] == twins[b]) {
                let pair = if law(a) >= law(b) { [a, b] } else { [b, a] };
                let difference = (law(a) - law(b)).abs();
                if best.is_none_or(|(_, widest)| difference > widest) {
                    best = Some((pair, difference));
                }
            }
        }
        best.map(|(pair, _)| pair)
    }

    /// Numbers of the entrants in file order, 0 for all others.
    pub(super) fn in_file_order(&self, numbers: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.keepers.len()];
        self.contest.entrants().iter().zip(numbers).for_each(|(&i, &number)| all[i] = number);
        all
    }

    /// The auction whose losers pay, if there is one.
    pub(super) fn auction(&self) -> Result<Option<GasAuction>> {
        let of = |name| match self.questions.parameters.rule(name)? {
            Rule::GasAuction(auction) => Ok(Some(auction)),
            _ => Ok(None),
        };
        match self.name {
            RuleName::GasAuction => of(RuleName::GasAuction),
            RuleName::Flashbots => Ok(of(RuleName::GasAuction)?.map(|auction| auction.without_reverts())),
            _ => Ok(None),
        }
    }

    /// Whether somebody who may be selected first may succeed.
    pub(super) fn anybody_succeeds(&self) -> bool {
        let chance_underflows = matches!(
            self.contest.mechanism(),
            Mechanism::Weighted { .. } | Mechanism::Gumbel { .. } | Mechanism::Noise { .. }
        );
        self.law.iter().zip(&self.executors).any(|(&p, of)| (p > 0.0 || chance_underflows) && of.reliability > 0.0)
    }

    pub(super) fn attempts(&self) -> Attempts {
        self.questions.parameters.attempts()
    }

    /// The keepers after the best split, and where its pieces stand.
    pub(super) fn after_split(&self) -> Result<Option<(Keepers, std::ops::Range<usize>)>> {
        let Some(SybilGain { keeper, pieces, .. }) = self.sybil else { return Ok(None) };
        if pieces > MOST_PIECES {
            return Ok(None);
        }
        // A keeper that does not split keeps its name.
        let keepers = if pieces == 1 { self.keepers.clone() } else { split(self.keepers, keeper, pieces)? };
        Ok(Some((keepers, keeper..keeper + pieces as usize)))
    }

    pub(super) fn row(&self) -> Result<Row> {
        let winner = self.in_file_order(&self.law);
        let unserved = (1.0 - self.law.iter().copied().collect::<Sum>().value()).max(0.0);
        // A sum of probabilities ends within a few roundings of 1 where somebody is always selected.
        let unserved = if unserved < 1e-14 && self.name != RuleName::GasAuction { 0.0 } else { unserved };
        let mut row = Row {
            winner,
            unserved,
            sybil_gain: self.sybil.map(|gain| gain.gain),
            sybil_split: self.sybil.filter(|gain| gain.pieces > 1).and_then(|gain| {
                let keeper = self.keepers.all().get(gain.keeper)?.id.clone();
                Some(Split { keeper, pieces: gain.pieces })
            }),
            ..Row::empty(self.name, self.keepers, self.questions, self.notes.clone())
        };
        if self.nobody() {
            return Ok(row);
        }
        let law = self.measured_law()?;
        let files: Vec<usize> = self.measured().collect();
        row.effective_number = law.hill(2.0)?;
        row.predictability = law.best_guess();
        row.gini = law.gini();
        row.expected_wait = law.mean_wait();
        row.tie_unfairness = if law.nobody() { None } else { Some(tie_unfairness(self.keepers, &files, &law)?) };
        row.effective_pool = (!law.nobody()).then(|| law.effective_pool(self.questions.rounds));
        row.deterrence = (!law.nobody()).then(|| self.deterrence(&law));
        row.stake_elasticity = self.stake_elasticity(&mut row.notes)?;
        let n = self.contest.len() as u64;
        row.losers_loss = Some(self.auction()?.map_or(0.0, |auction| CommonValue::new(&auction, n).losers_loss));
        let execution = executed(&self.contest, &self.executors, &self.attempts(), &self.discount);
        let execution = in_reach(execution, "executed", &mut row.notes)?;
        row.executed = execution.map(|e| e.probability);
        row.expected_discount = execution.map(|e| e.discounted);
        if let Some(m) = self.questions.select {
            let several = committee(&self.contest, m, self.questions.reading);
            let several = in_reach(several, "inclusion", &mut row.notes)?;
            row.inclusion = several.as_ref().map(|of: &Committee| self.in_file_order(&of.inclusion));
            row.short = several.map(|of| of.short);
        }
        Ok(row)
    }

    /// What a failure costs each of those who are measured: a share of the stake, nothing where failures are private.
    pub(super) fn slashed(&self) -> Vec<f64> {
        let share = if self.name == RuleName::Flashbots { 0.0 } else { self.questions.slash };
        self.measured().map(|i| share * self.keepers.all()[i].stake).collect()
    }

    /// Stake that the selected keeper is expected to lose by a failure.
    fn deterrence(&self, law: &Law) -> f64 {
        law.shares().iter().zip(self.slashed()).map(|(p, stake)| p * stake).collect::<Sum>().value()
    }

    fn stake_elasticity(&self, notes: &mut Vec<String>) -> Result<Option<f64>> {
        if self.contest.len() > MOST_ELASTIC {
            notes.push(format!("stake_elasticity: not worked out for more than {MOST_ELASTIC} keepers"));
            return Ok(None);
        }
        if self.contest.entrants().iter().any(|&i| !(self.keepers.all()[i].stake * 2.0).is_finite()) {
            notes.push("stake_elasticity: twice a stake is not finite in double precision".to_owned());
            return Ok(None);
        }
        let all = stake_elasticities(self.keepers, &self.rule, &self.questions.parameters.task());
        Ok(in_reach(all, "stake_elasticity", notes)?.and_then(|all| all.mean_upward()))
    }
}

/// The result, or a note that it is out of reach.
fn in_reach<T>(result: Result<T>, what: &str, notes: &mut Vec<String>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::OutOfReach { reason }) => {
            notes.push(format!("{what}: out of reach, {reason}"));
            Ok(None)
        }
        Err(Error::NotFinite { what: overflowing, .. }) => {
            notes.push(format!("{what}: {overflowing} is not finite in double precision"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
