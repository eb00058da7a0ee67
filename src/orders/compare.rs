//! Orders simulated one by one, held against what is known exactly.

use super::closed_form::carry_over::{self, OneHeight};
use super::closed_form::{bids::one_height, by_height};
use super::simulation::SimulatedOrders;
use super::simulation::sums::{Part, Sums, Whole};
use super::{Arrivals, Lifetime, Orders, Priority};
use crate::error::{Error, Result};
use crate::estimate::{Agreement, Controlled};
use crate::pool_keepers::closed_form::under_common_outages;
use crate::pool_keepers::{Outages, PoolKeepers};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Delay, Model};
use nalgebra::{DMatrix, DVector, RowDVector};
use serde::Serialize;

/// Pairs that a run must have been expected to fill for their number to be tested.
const FEW_PAIRS: f64 = 25.0;

/// Pairs that a run must have been expected to fill for their delays and values to be tested.
const MANY_PAIRS: f64 = 1000.0;

/// Pairs that a run must have been expected to fill to serve as a control.
const CONTROL_PAIRS: f64 = 200.0;

/// Replications that a correction by controls takes.
const LEAST_REPLICATIONS: u64 = 100;

/// Patience times that a warm-up must take for the start to be forgotten.
const FADED: f64 = 15.0;

/// Of quantities with smaller means the variance underflows.
const LEAST: f64 = 1e-150;

/// A simulation with what closed forms say of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confirmed {
    /// What was simulated.
    #[serde(flatten)]
    pub simulated: SimulatedOrders,
    /// Joint test of everything that is known exactly; absent where nothing is, without degrees of freedom where too little was to
    /// be seen for a test.
    pub agreement: Option<Agreement>,
    /// What was tested.
    pub tested: Vec<&'static str>,
    /// The estimates corrected by the nearest closed form on the same draws.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_variate: Option<ControlVariate>,
}

/// Estimates corrected by the fills that the closed form of the tree knows, by the number of orders, and by their values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ControlVariate {
    /// Discounted value of the filled orders per unit time.
    pub gross: Controlled,
    /// Value of the filled orders per order that arrives.
    pub filled_value: Option<Controlled>,
    /// Share of the orders that is filled.
    pub filled_share: Option<Controlled>,
}

impl Confirmed {
    /// Holds a simulation of `architecture` under `model` and `orders` against the closed forms.
    ///
    /// # Errors
    /// As [`filled_shares`](super::closed_form::filled_shares).
    pub fn new(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        simulated: SimulatedOrders,
    ) -> Result<Self> {
        Self::with_keepers(model, architecture, orders, None, simulated)
    }

    /// The same where `keepers` ran the auctions; under common outages the closed form of those is taken, where it is in
    /// reach, and no other.
    ///
    /// # Errors
    /// As [`filled_shares`](super::closed_form::filled_shares) and [`under_common_outages`].
    pub fn with_keepers(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
        simulated: SimulatedOrders,
    ) -> Result<Self> {
        let exact = Exact::new(model, architecture, orders, keepers)?;
        let (agreement, tested) = exact.agreement(&simulated);
        let control_variate = exact.known.control_variate(model, &simulated);
        Ok(Self { simulated, agreement, tested, control_variate })
    }
}

/// What is known of a simulation with keepers or without, worked out once for whatever has been seen of it.
pub(crate) struct Exact {
    known: Known,
    /// Whether the simulation can be held against it.
    tested: bool,
}

impl Exact {
    /// Under common outages the closed form of those, where it is in reach, and no other.
    pub(crate) fn new(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
    ) -> Result<Self> {
        let known = Known::new(model, architecture, orders)?;
        let common = keepers.filter(|keepers| keepers.outages() == Outages::Common && model.execution().is_some());
        let Some(keepers) = common else { return Ok(Self { known, tested: true }) };
        Ok(match under_common_outages(model, keepers, architecture)? {
            Some(welfare) if orders.arrivals == Arrivals::Poisson => {
                Self { known: known.with_welfare(&welfare), tested: true }
            }
            _ => Self { known, tested: false },
        })
    }

    /// As [`Known::agreement`]; nothing is tested where nothing is known.
    pub(crate) fn agreement(&self, simulated: &SimulatedOrders) -> (Option<Agreement>, Vec<&'static str>) {
        if self.tested { self.known.agreement(simulated) } else { (None, Vec::new()) }
    }
}

/// What closed forms know of the orders of an architecture, per order that arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Share filled at every active height by pairs alone, in one auction each.
    pub filled: Vec<f64>,
    /// The same if no auction failed.
    neutral: Vec<f64>,
    /// Mean delay of an order filled there, where no order is preferred for its time; the delay of keepers aside.
    pub delay: Vec<f64>,
    /// Mean discount of an order filled there, likewise.
    pub discount: Vec<f64>,
    /// `E[β^delay]²/E[β^(2 delay)]` of an order filled there: the share of orders that count in a mean of discounted values.
    counted: Vec<f64>,
    /// Mean value of an order.
    pub value: f64,
    /// Mean value of a filled order, where it is known: no order is preferred for its value, or there is one height.
    pub filled_value: Option<f64>,
    /// What becomes of orders that are carried over, where a chain tells: exponential patience, one height, pairs.
    pub carried: Option<OneHeight>,
    /// Probability that an auction of each active height is executed; empty where no keepers run them.
    executed: Vec<f64>,
    /// Whether no keeper takes time.
    executed_at_once: bool,
    orders: Orders,
}

impl Known {
    /// The same with welfare that is known otherwise, such as under common outages of the keepers.
    #[must_use]
    pub fn with_welfare(self, welfare: &ClosedForm) -> Self {
        Self {
            filled: welfare.by_height.iter().map(|height| height.filled_share).collect(),
            discount: welfare.by_height.iter().map(|height| height.expected_discount).collect(),
            ..self
        }
    }

    /// What is known of `architecture` under `model` and `orders`.
    ///
    /// # Errors
    /// As [`filled_shares`](super::closed_form::filled_shares).
    pub fn new(model: &Model, architecture: &Architecture, orders: &Orders) -> Result<Self> {
        let known = Self::of_one_auction(model, architecture, orders)?;
        Ok(Self { carried: carried(model, architecture, orders)?, ..known })
    }

    /// The same without what a chain tells of orders that are carried over.
    pub(super) fn of_one_auction(model: &Model, architecture: &Architecture, orders: &Orders) -> Result<Self> {
        let known = by_height(model, architecture, &orders.arrivals).map_err(|e| e.within("orders.arrivals"))?;
        let schedule = model.schedule(architecture)?;
        // How long keepers take on average is not known, only what it does to the discount.
        let executed_at_once = model.execution().is_none();
        let filled_value = match architecture.heights() {
            _ if orders.effective_priority().ignores_value() => Some(model.utility_mean()),
            _ if model.network().is_some() => None, // pools of a height fill orders of different worth
            &[height] if orders.arrivals == Arrivals::Poisson => {
                Some(model.utility_mean() * one_height(model, height, &orders.value)?.match_quality)
            }
            _ => None,
        };
        Ok(Self {
            filled: known.fills.iter().map(|height| height.filled_share).collect(),
            neutral: known.neutral,
            executed: model.execution().map_or_else(Vec::new, |execution| {
                schedule.levels().iter().map(|level| execution.at(level.height).mean_probability()).collect()
            }),
            executed_at_once,
            delay: known.delay,
            discount: known.discount,
            counted: known.counted,
            value: model.utility_mean(),
            filled_value,
            carried: None,
            orders: *orders,
        })
    }

    /// Orders that one pair makes: under [`Arrivals::Batches`] pairs of batches are filled.
    fn pair(&self) -> f64 {
        if let Arrivals::Batches { size } = self.orders.arrivals { 2.0 * size as f64 } else { 2.0 }
    }

    /// Pairs that a simulation was to see filled at a height, or at all, where that is the share `filled` of the orders.
    fn pairs(&self, filled: f64, sums: &Sums) -> f64 {
        filled * sums.orders / self.pair() * sums.estimate.replications() as f64
    }

    /// Joint test of the fills by height and, as far as they are known, of delays, values and discounted values; with the
    /// names of what was tested.
    ///
    /// A test by means and variances needs to have seen something: heights that were to fill fewer than 25 pairs in
    /// the run are tested together, and left out if they are fewer still; delays, values and discounted values are tested
    /// where 1000 were expected. The number of pairs has at least the variance that a whole number with the
    /// expected mean must have. Left out are means so small that their squares underflow.
    pub fn agreement(&self, simulated: &SimulatedOrders) -> (Option<Agreement>, Vec<&'static str>) {
        let sums = &simulated.sums;
        if let Some(carried) = &self.carried {
            let (agreement, tested) = self.carried_agreement(carried, simulated);
            return (Some(agreement), tested);
        }
        if !self.orders.fills_as_the_tree() {
            return (None, Vec::new());
        }
        let ignores_time = self.orders.priority.ignores_time();
        let value = self.filled_value.filter(|_| self.orders.value.has_light_tail());
        let mut test = Test::new(sums, self.pair());
        let mut rare = (DVector::zeros(sums.length()), 0.0);
        for (level, &filled) in self.filled.iter().enumerate() {
            let weights = sums.at(level, Part::Filled);
            if filled > 0.0 && self.pairs(filled, sums) < FEW_PAIRS {
                rare = (rare.0 + weights, rare.1 + filled);
            } else {
                test.add("fills", &weights, filled, 1.0);
            }
        }
        if self.pairs(rare.1, sums) >= FEW_PAIRS {
            test.add("fills", &rare.0, rare.1, 1.0);
        }
        for (level, &executed) in self.executed.iter().enumerate() {
            let auctions = sums.auctions[level];
            let failures = auctions * executed.min(1.0 - executed) * sums.estimate.replications() as f64;
            if failures >= FEW_PAIRS || executed == 0.0 || executed == 1.0 {
                let weights = sums.at(level, Part::Executed) * (sums.orders / auctions);
                test.add_share("executions", &weights, executed, auctions);
            }
        }
        let parts = [
            (Part::Delay, ignores_time && self.executed_at_once, "delays"),
            (Part::Value, value.is_some(), "values"),
            (Part::Worth, ignores_time && value.is_some(), "welfare"),
        ];
        for (part, _, name) in parts.into_iter().filter(|(_, known, _)| *known) {
            for (level, &filled) in self.filled.iter().enumerate() {
                let each = match part {
                    Part::Delay => self.delay[level],
                    Part::Value => value.unwrap_or(self.value),
                    _ => value.unwrap_or(self.value) * self.discount[level],
                };
                // Discounted steeply, few orders are all of the welfare.
                let counted = if part == Part::Worth { self.counted[level] } else { 1.0 };
                if self.pairs(filled, sums) * counted >= MANY_PAIRS && !(0.0 < each && each < LEAST) {
                    test.add(name, &sums.at(level, part), filled, each);
                }
            }
        }
        let (agreement, tested) = test.result(simulated);
        (Some(agreement), tested)
    }

    /// Joint test of fills, delays and welfare of carried-over orders, likewise.
    pub(super) fn carried_agreement(
        &self,
        carried: &OneHeight,
        simulated: &SimulatedOrders,
    ) -> (Agreement, Vec<&'static str>) {
        let sums = &simulated.sums;
        let mut test = Test::new(sums, self.pair());
        let pairs = self.pairs(carried.filled_share, sums);
        if pairs >= FEW_PAIRS {
            test.add("fills", &sums.over_levels(Part::Filled), carried.filled_share, 1.0);
        }
        if pairs >= MANY_PAIRS {
            let share = carried.filled_share;
            test.add("delays", &sums.over_levels(Part::Delay), share, carried.delay / share);
            test.add("welfare", &sums.over_levels(Part::Worth), share, self.value * carried.welfare / share);
        }
        test.result(simulated)
    }

    /// Everything on the draws of a simulation whose mean is known: the fills of the closed form, the number of orders and,
    /// where it has a light tail, their value. Weights of the sums row by row, and their means.
    ///
    /// `None` where the run has seen too little of them: with few replications or few pairs the covariances that decide about
    /// the correction are an accident of the draws.
    pub(super) fn controls(&self, simulated: &SimulatedOrders) -> Option<(DMatrix<f64>, DVector<f64>)> {
        let sums = &simulated.sums;
        if sums.estimate.replications() < LEAST_REPLICATIONS || self.pairs(1.0, sums) < CONTROL_PAIRS {
            return None;
        }
        let (mut rows, mut known) = (Vec::new(), Vec::new());
        let mut up_to = 0.0;
        for (level, &filled) in self.neutral.iter().enumerate() {
            up_to += filled;
            if self.pairs(filled, sums) >= CONTROL_PAIRS {
                rows.push(sums.at(level, Part::Neutral).transpose());
                known.push(up_to);
            }
        }
        if rows.is_empty() {
            return None;
        }
        rows.push(sums.of_all(Whole::Arrived).transpose());
        known.push(1.0);
        if !self.orders.value.is_degenerate() && self.orders.value.has_light_tail() {
            rows.push(sums.of_all(Whole::Offered).transpose());
            known.push(self.value);
        }
        Some((DMatrix::from_rows(&rows), DVector::from_vec(known)))
    }

    fn control_variate(&self, model: &Model, simulated: &SimulatedOrders) -> Option<ControlVariate> {
        let sums = &simulated.sums;
        let (controls, known) = self.controls(simulated)?;
        let corrected = |target: DVector<f64>| Controlled::new(&sums.estimate, &target, &controls, &known);
        let gross = corrected(sums.over_levels(Part::Worth) * model.flow().rate())?;
        Some(ControlVariate {
            gross,
            filled_value: corrected(sums.over_levels(Part::Value)),
            filled_share: corrected(sums.over_levels(Part::Filled)),
        })
    }
}

/// Quantities with their exact means, to be tested together.
struct Test<'a> {
    sums: &'a Sums,
    /// Share of the orders of a replication that one pair is.
    pair: f64,
    rows: Vec<RowDVector<f64>>,
    expected: Vec<f64>,
    least: Vec<f64>,
    names: Vec<&'static str>,
}

impl<'a> Test<'a> {
    /// `pair`: orders that one pair makes.
    fn new(sums: &'a Sums, pair: f64) -> Self {
        let (rows, expected, least, names) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { sums, pair: pair / sums.orders, rows, expected, least, names }
    }

    /// A quantity that is `each` for every order of the share `filled`.
    fn add(&mut self, name: &'static str, weights: &DVector<f64>, filled: f64, each: f64) {
        let pairs = filled / self.pair;
        let variance = (self.pair * each).powi(2) * pairs.fract() * (1.0 - pairs.fract());
        let rare = filled > 0.0 && pairs < 1.0;
        self.rows.push(weights.transpose());
        self.expected.push(filled * each);
        self.least.push(if rare { variance.max(f64::MIN_POSITIVE) } else { variance });
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// A share of so many events a replication.
    fn add_share(&mut self, name: &'static str, weights: &DVector<f64>, share: f64, events: f64) {
        let expected = share * events;
        self.rows.push(weights.transpose());
        self.expected.push(share);
        self.least.push(expected.fract() * (1.0 - expected.fract()) / (events * events));
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    fn result(self, simulated: &SimulatedOrders) -> (Agreement, Vec<&'static str>) {
        if self.rows.is_empty() {
            // Too little was to be seen for any test.
            return (Agreement::UNTESTED, Vec::new());
        }
        let rows = DMatrix::from_rows(&self.rows);
        let seen = self.sums.estimate.mapped(&rows);
        let spread = simulated.spread.as_ref().map(|spread| spread.mapped(&rows));
        let [expected, least] = [self.expected, self.least].map(DVector::from_vec);
        (Agreement::test(&seen, spread.as_ref(), &expected, &least), self.names)
    }
}

/// What a chain tells of carried-over orders; nothing where it is out of reach.
fn carried(model: &Model, architecture: &Architecture, orders: &Orders) -> Result<Option<OneHeight>> {
    let (Lifetime::Patience { patience_rate, patience_from }, &[height]) = (orders.lifetime, architecture.heights())
    else {
        return Ok(None);
    };
    if model.execution().is_some() || model.network().is_some() {
        return Ok(None); // the chain knows no failed auction, and pools that are alike only
    }
    let neutral = orders.effective_priority() == Priority::Random && orders.value.has_light_tail();
    let pairs = orders.solver.clears_pairs_only() && orders.solver.success() == 1.0;
    let batched = model.timing().delay() == Delay::Batched;
    if !(neutral && pairs && batched && orders.arrivals == Arrivals::Poisson && patience_rate > 0.0) {
        return Ok(None);
    }
    // A chain tells the long run, and nothing of a start without orders.
    let schedule = model.schedule(architecture)?;
    let period = schedule.levels().last().map_or(0.0, |top| top.period);
    let passed = |warm_up: u64| warm_up as f64 * period * patience_rate >= FADED;
    if orders.stretch.warm_up.is_some_and(|warm_up| !passed(warm_up)) {
        return Ok(None);
    }
    match carry_over::one_height(model, height, patience_rate, patience_from) {
        Ok(known) => Ok(Some(known)),
        Err(Error::OutOfReach { .. } | Error::Domain { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
