//! The main job: architectures side by side, closed form beside simulation. The one place where the two meet.

mod trial;

pub use trial::Trial;

use crate::error::{Error, Result};
use crate::estimate::Agreement;
use crate::orders::Orders;
use crate::pool_keepers::closed_form::under_common_outages;
use crate::pool_keepers::{Outages, PoolKeepers};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::{Best, HeightValue, HeightValues, Search, preferred};
use crate::pool_tree::simulation::SimulatedWelfare;
use crate::pool_tree::{Architecture, Delay};
use crate::progress::Progress;
use crate::scenario::Scenario;
use nalgebra::DVector;
use serde::Serialize;

/// Called with the name of the architecture being simulated, the replications done and those in all.
pub type Watch<'a> = &'a (dyn Fn(&str, u64, u64) + Sync);

/// Architectures compared on the same flow; serialises to the JSON of `pooltree compare --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The scenario, defaults filled in.
    pub scenario: Scenario,
    /// Full tree, global pool, every level of disconnected pools, and a custom set where one was asked for.
    pub architectures: Vec<Compared>,
    /// The best of all nonempty sets of heights; absent if the search was out of reach (see `notes`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<Best>,
    /// Heights of the full tree whose value is `≤ 0`: some best set does without them; absent as `best` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_raison_d_etre: Option<Vec<u32>>,
    /// The value of every height of the full tree.
    pub levels: Vec<HeightValue>,
    /// What a reader should know before believing a difference.
    pub notes: Vec<String>,
}

/// One architecture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// `tree`, `global`, `local-j` or `custom`.
    pub name: String,
    /// Its active heights.
    #[serde(rename = "heights")]
    pub architecture: Architecture,
    /// Exact expected welfare.
    pub closed_form: ClosedForm,
    /// Where keepers run the auctions and one that is down is down in all its pools: exact expected welfare, which the closed
    /// form, taking pools to be independent, does not know. Absent where more than 12 keepers may fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_outages: Option<ClosedForm>,
    /// The simulation, unless it was not asked for or is out of reach; where keepers run the auctions every order and every
    /// attempt is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monte_carlo: Option<Confirmed>,
    /// Why there is no simulation although one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monte_carlo_refused: Option<String>,
}

/// A simulation with its agreement with the closed form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confirmed {
    /// What was simulated.
    #[serde(flatten)]
    pub simulated: SimulatedWelfare,
    /// Joint test of the filled shares at all heights against the closed form; where keepers run the auctions, of executions
    /// and welfare, too, against the closed form or that under common outages; without degrees of freedom where nothing is known exactly.
    pub agreement: Agreement,
}

impl Comparison {
    /// Compares full tree, global pool, local pools of every height and, if given, `custom`.
    ///
    /// Simulates as the scenario's `monte_carlo` section says if `simulate` is given a callback that watches it.
    ///
    /// # Errors
    /// As [`ClosedForm::evaluate`]. A simulation or a search out of reach is not an error but part of the result.
    pub fn new(scenario: &Scenario, custom: Option<Architecture>, simulate: Option<Watch>) -> Result<Self> {
        let named = Architecture::named(scenario.tree()).into_iter();
        let mut architectures = Vec::new();
        for (name, architecture) in named.chain(custom.map(|custom| ("custom".to_owned(), custom))) {
            architectures.push(Compared::new(scenario, name, architecture, simulate)?);
        }
        let mut notes = notes(scenario, &architectures);
        let (best, levels) = match Search::new(scenario).and_then(|s| Ok((s.best()?, s.raison_d_etre()?))) {
            Ok((best, levels)) => (Some(best), levels),
            Err(Error::SearchTooLarge { reason }) => {
                notes.push(format!("the best set of heights was not searched: {reason}"));
                (None, HeightValues::default())
            }
            Err(error) => return Err(error),
        };
        let without_raison_d_etre = best.as_ref().map(|_| levels.without_raison_d_etre());
        let levels = levels.into();
        Ok(Self { scenario: scenario.clone(), architectures, best, without_raison_d_etre, levels, notes })
    }

    /// The compared architecture of greatest net welfare; of equal ones (to the tolerance of the search) the one of fewest,
    /// then lowest heights.
    pub fn winner(&self) -> Option<&Compared> {
        preferred(&self.architectures, |compared| (&compared.architecture, &compared.closed_form))
    }
}

impl Compared {
    fn new(scenario: &Scenario, name: String, architecture: Architecture, simulate: Option<Watch>) -> Result<Self> {
        let closed_form = ClosedForm::evaluate(scenario, &architecture)?;
        let common_outages = match keepers(scenario) {
            Some(keepers) if keepers.outages() == Outages::Common => {
                under_common_outages(scenario, keepers, &architecture)?
            }
            _ => None,
        };
        let (mut monte_carlo, mut monte_carlo_refused) = (None, None);
        if let Some(report) = simulate {
            let progress: Progress = &|done, all| report(&name, done, all);
            let confirmed =
                Trial::begin(scenario, &architecture, &closed_form).and_then(|trial| trial.finish(progress));
            match confirmed {
                Ok(confirmed) => monte_carlo = Some(confirmed),
                Err(Error::OutOfReach { reason }) => monte_carlo_refused = Some(reason),
                Err(error) => return Err(error),
            }
        }
        Ok(Self { name, architecture, closed_form, common_outages, monte_carlo, monte_carlo_refused })
    }
}

impl Confirmed {
    /// Holds a simulation against the closed form of the same scenario and architecture.
    pub fn new(scenario: &Scenario, closed_form: &ClosedForm, simulated: SimulatedWelfare) -> Self {
        let expected = closed_form.by_height.iter().map(|height| height.filled_share).collect();
        let agreement = agreement(scenario, closed_form, &simulated, expected);
        Self { simulated, agreement }
    }
}

/// Those who run the auctions, unless all are executed at once and for sure: then nothing depends on them.
pub(crate) fn keepers(scenario: &Scenario) -> Option<&PoolKeepers> {
    scenario.keepers().filter(|_| scenario.execution().is_some())
}

/// Joint test of simulated fills against `expected` shares by height (of `closed_form` or, to test the test, others).
///
/// A replication counts pairs; a pair is the share `2/(Λ T)` of the orders of its window. A whole number with mean `μ` has at
/// least the variance `{μ}(1 - {μ})`.
pub fn agreement(
    scenario: &Scenario,
    closed_form: &ClosedForm,
    simulated: &SimulatedWelfare,
    expected: Vec<f64>,
) -> Agreement {
    let window = closed_form.by_height.last().map_or(1.0, |top| top.period);
    let share_of_pair = 2.0 / (scenario.flow().rate() * window);
    let expected = DVector::from_vec(expected);
    let least_variance = expected.map(|share| {
        let pairs = share / share_of_pair;
        let variance = share_of_pair * share_of_pair * pairs.fract() * (1.0 - pairs.fract());
        // Rare fills vary, even where their variance underflows.
        if share > 0.0 && pairs < 1.0 { variance.max(f64::MIN_POSITIVE) } else { variance }
    });
    Agreement::test(&simulated.fills, simulated.spread.as_ref(), &expected, &least_variance)
}

fn notes(scenario: &Scenario, architectures: &[Compared]) -> Vec<String> {
    let mut notes = Vec::new();
    if *scenario.orders() != Orders::default() {
        notes.push("section [orders] is left out here: `pooltree simulate` runs it, order by order".to_owned());
    }
    if let Some(keepers) = keepers(scenario) {
        notes.push(
            "keepers run the auctions: Monte Carlo draws every order, delay and attempt, and the agreement covers executions \
             and welfare"
                .to_owned(),
        );
        if keepers.outages() == Outages::Common {
            notes.push(
                "outages are common: a keeper that is down is down in all its pools; best sets, values and the closed form of \
                 the tables are those of independent failures, the simulation draws common ones and its agreement is with \
                 their exact mean, where it is known"
                    .to_owned(),
            );
        }
    } else if scenario.keepers().is_some() {
        notes.push("the keepers execute every auction at once and for sure: nothing depends on them".to_owned());
    }
    if let Some(network) = scenario.network() {
        notes.extend(scenario.sites().into_iter().flat_map(|survey| survey.notes().to_vec()));
        if network.latencies_differ() {
            notes.push(
                "pools differ: latencies shown are the largest of their height, discounts the mean over the orders filled"
                    .to_owned(),
            );
        }
        let alone = network.flow().one_sided_share();
        if alone > 0.0 {
            notes.push(format!(
                "{} % of the orders are of classes with one side only: they never match",
                crate::error::shown((1e4 * alone).round() / 100.0)
            ));
        }
    }
    let delay = scenario.timing().delay();
    if delay.ignores_windows() {
        notes.push(format!(
            "delay \"{}\": a longer window costs nothing, so do not compare periods; \"batched\" counts the wait",
            delay.name()
        ));
    }
    if delay == Delay::Idealised {
        notes.push("delay \"idealised\": time spent in lower auctions is not counted".to_owned());
    }
    let mut pipelined: Vec<u32> = architectures
        .iter()
        .flat_map(|compared| &compared.closed_form.by_height)
        .filter(|height| height.pipelined)
        .map(|height| height.height)
        .collect();
    pipelined.sort_unstable();
    pipelined.dedup();
    if !pipelined.is_empty() {
        notes.push(format!(
            "pipelined auctions at height {}: the period is shorter than the auction may take, the next batch closes while the last auction runs",
            pipelined.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
        ));
    }
    if keepers(scenario).is_none() && architectures.iter().any(|compared| compared.monte_carlo.is_some()) {
        notes.push(
            "Monte Carlo draws the fills; waits enter as their exact mean given the height of the fill".to_owned(),
        );
    }
    notes
}
