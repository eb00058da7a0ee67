//! Every rule on the same keepers: what the document says in words, as numbers, by formula and by simulation. The one place
//! where the two halves meet.

mod law;
mod sampled;

use super::{Contest, Keepers, Parameters, Reading, RuleName};
use crate::error::{Error, Result, checked};
use crate::estimate::{MonteCarlo, Stopping};
use crate::pool_tree::{Discount, DiscountModel};
use crate::progress::Progress;
use serde::Serialize;

pub use sampled::{Compared, Drawn, Sampled};

/// The most keepers of a table: some laws cost the square of their number.
pub const MOST_KEEPERS: usize = 2000;

/// Half-width of a 95 % interval of a probability below which none can be asked for: a hundred million tasks a rule.
pub const LEAST_PRECISION: f64 = 1e-4;

/// What is asked about every rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Questions {
    /// Parameters of the rules, of the task, and of what follows a failure.
    #[serde(flatten)]
    pub parameters: Parameters,
    /// Discount factor per unit time of an auction run by the selected keeper, above 0 and at most 1.
    pub beta: f64,
    /// Tasks over which the effective pool is counted, at least 1.
    pub rounds: u64,
    /// How many keepers are selected, at least 1; inclusion is told where it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<usize>,
    /// Whether the rule is applied again after every exclusion, or one draw ranks all.
    pub reading: Reading,
    /// Share of the stake that a failure costs its keeper, in `[0, 1]`.
    pub slash: f64,
}

impl Default for Questions {
    fn default() -> Self {
        Self {
            parameters: Parameters::default(),
            beta: 0.5,
            rounds: 100,
            select: None,
            reading: Reading::default(),
            slash: 0.1,
        }
    }
}

impl Questions {
    /// Checks every part.
    ///
    /// # Errors
    /// [`Error::Domain`] with the name of the parameter.
    pub fn check(&self) -> Result<()> {
        self.parameters.check()?;
        checked("beta", self.beta, |b| b > 0.0 && b <= 1.0, "above 0 and at most 1")?;
        checked("slash", self.slash, |s| (0.0..=1.0).contains(&s), "at least 0 and at most 1")?;
        if self.rounds == 0 {
            return Err(Error::domain("rounds", self.rounds, "an integer of at least 1"));
        }
        if self.select == Some(0) {
            return Err(Error::domain("select", 0, "an integer of at least 1"));
        }
        Ok(())
    }

    fn discount(&self) -> Result<Discount> {
        Discount::new(DiscountModel::Factor(self.beta)).map_err(|_| Error::domain("beta", self.beta, "above 0"))
    }
}

/// One rule; probabilities and measures are those of one task.
///
/// Measures are on the law normalised to those who are selected at all; they are absent where nobody is viable or where
/// they are infinite or undefined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The rule.
    pub rule: RuleName,
    /// Probability that each keeper is selected, in file order.
    pub winner: Vec<f64>,
    /// Probability that nobody is selected.
    pub unserved: f64,
    /// `1/Σ p²`, the inverse Herfindahl-Hirschman index.
    pub effective_number: Option<f64>,
    /// Probability of the best guess from public inputs, `max p`.
    pub predictability: Option<f64>,
    /// Gini coefficient over the viable keepers.
    pub gini: Option<f64>,
    /// The largest gain in probability by splitting a stake; absent without a minimum stake.
    pub sybil_gain: Option<f64>,
    /// The split that gains it; absent where none gains anything.
    pub sybil_split: Option<Split>,
    /// `Σ p_i ∂ln p_i/∂ln s_i` where stakes rise; absent where the law jumps.
    pub stake_elasticity: Option<f64>,
    /// What all losers of the gas auction pay together, expected.
    pub losers_loss: Option<f64>,
    /// Mean over the viable keepers of the expected number of tasks until one is selected, `1/p`.
    pub expected_wait: Option<f64>,
    /// The largest difference in probability between keepers equal in all but the id.
    pub tie_unfairness: Option<f64>,
    /// Keepers expected to be selected at least once in the asked number of tasks.
    pub effective_pool: Option<f64>,
    /// Whether who fails can be punished: not where bundles are private.
    pub slashing: bool,
    /// What a failure is expected to cost the selected keeper in stake; 0 where slashing is not available.
    pub deterrence: Option<f64>,
    /// Probability that an auction is executed by the keepers that the rule selects.
    pub executed: Option<f64>,
    /// `E[β^S; executed]`, `S` the delay of the execution.
    pub expected_discount: Option<f64>,
    /// Probability of being among the asked number of selected keepers, in file order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inclusion: Option<Vec<f64>>,
    /// Probability that fewer are selected than asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<f64>,
    /// Numbers that are out of reach or bounds only, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The simulation beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monte_carlo: Option<Sampled>,
}

/// A keeper that poses as several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Split {
    /// Its id.
    pub keeper: String,
    /// As how many, each with an equal part of its stake.
    pub pieces: u64,
}

impl Row {
    /// Nobody is selected, and there is nothing to measure.
    fn empty(rule: RuleName, keepers: &Keepers, questions: &Questions, notes: Vec<String>) -> Self {
        Self {
            rule,
            winner: vec![0.0; keepers.len()],
            unserved: 1.0,
            effective_number: None,
            predictability: None,
            gini: None,
            sybil_gain: None,
            sybil_split: None,
            stake_elasticity: None,
            losers_loss: None,
            expected_wait: None,
            tie_unfairness: None,
            effective_pool: None,
            slashing: rule != RuleName::Flashbots,
            deterrence: None,
            executed: None,
            expected_discount: None,
            inclusion: questions.select.map(|_| vec![0.0; keepers.len()]),
            short: questions.select.map(|_| 1.0),
            notes,
            monte_carlo: None,
        }
    }
}

/// All rules on the same keepers; serialises to the JSON of `pooltree keepers --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// One row a rule, in the order of [`RuleName::ALL`].
    pub rules: Vec<Row>,
    /// What was asked.
    pub parameters: Questions,
    /// The keepers, in file order.
    pub keepers: Keepers,
}

impl Table {
    /// Answers the questions for all rules in closed form and, if `simulate` says how, by drawing each mechanism.
    ///
    /// # Errors
    /// [`Error::Domain`] for a question out of range, more than [`MOST_KEEPERS`] keepers, or a precision below
    /// [`LEAST_PRECISION`].
    ///
    /// A rule that does not fit the keepers (weights by stake where all stakes are 0) is no error: by it nobody is selected,
    /// with a note. Nor is a single number out of reach: it is absent, with a note.
    ///
    /// ```
    /// use pooltree::keepers::{Keepers, RuleName, table::{Questions, Table}};
    /// let table = Table::new(Keepers::example(), Questions::default(), None, &|_, _| ())?;
    /// let uniform = &table.rules[4];
    /// assert_eq!(uniform.rule, RuleName::Uniform);
    /// assert_eq!(uniform.winner[6], 0.0); // inactive
    /// assert!((uniform.effective_number.unwrap() - 6.0).abs() < 1e-12);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn new(
        keepers: Keepers,
        questions: Questions,
        simulate: Option<&MonteCarlo>,
        progress: Progress,
    ) -> Result<Self> {
        questions.check()?;
        if keepers.len() > MOST_KEEPERS {
            let given = format!("({} keepers)", keepers.len());
            return Err(Error::domain("keepers", given, format!("at most {MOST_KEEPERS} keepers")));
        }
        if let Some(Stopping::Precision(precision)) = simulate.map(MonteCarlo::stopping)
            && precision < LEAST_PRECISION
        {
            let allowed = format!("at least {LEAST_PRECISION} and below 1 for keepers");
            return Err(Error::domain("precision", precision, allowed));
        }
        let mut rules = Vec::with_capacity(RuleName::ALL.len());
        for (done, name) in (1..).zip(RuleName::ALL) {
            let rule = questions.parameters.rule(name)?;
            let row = match Contest::new(&keepers, &rule, &questions.parameters.task()) {
                Ok(contest) => answered(&law::Case::new(&keepers, &questions, name, rule, contest)?, simulate)?,
                // The questions are in range; it is the keepers whom the rule does not fit.
                Err(unfit @ Error::Domain { .. }) => {
                    Row::empty(name, &keepers, &questions, vec![format!("does not fit these keepers, {unfit}")])
                }
                Err(error) => return Err(error),
            };
            rules.push(row);
            progress(done, RuleName::ALL.len() as u64);
        }
        Ok(Self { rules, parameters: questions, keepers })
    }
}

/// One rule by formula and, if asked, drawn.
fn answered(case: &law::Case, simulate: Option<&MonteCarlo>) -> Result<Row> {
    let mut row = case.row()?;
    if let Some(monte_carlo) = simulate
        && !case.nobody()
    {
        let (sampled, notes) = sampled::sample(case, &row, monte_carlo)?;
        row.monte_carlo = Some(sampled);
        row.notes.extend(notes);
    }
    Ok(row)
}
