//! Orders simulated one by one, held against what is known exactly.

use super::closed_form::carry_over::{self, OneHeight};
use super::closed_form::{bids::one_height, filled_shares};
use super::simulation::SimulatedOrders;
use super::simulation::sums::{Part, Whole};
use super::{Arrivals, Lifetime, Orders, Priority};
use crate::error::{Error, Result};
use crate::estimate::{Agreement, Controlled};
use crate::pool_tree::{Architecture, Delay, Model};
use nalgebra::{DMatrix, DVector};
use serde::Serialize;

/// Of quantities with smaller means the variance underflows.
const LEAST: f64 = 1e-150;

/// A simulation with what closed forms say of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confirmed {
    /// What was simulated.
    #[serde(flatten)]
    pub simulated: SimulatedOrders,
    /// Joint test of everything that is known exactly; absent where nothing is.
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
    /// As [`filled_shares`].
    pub fn new(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        simulated: SimulatedOrders,
    ) -> Result<Self> {
        let known = Known::new(model, architecture, orders)?;
        let (agreement, tested) = known.agreement(&simulated);
        let control_variate = known.control_variate(model, &simulated);
        Ok(Self { simulated, agreement, tested, control_variate })
    }
}

/// What closed forms know of the orders of an architecture, per order that arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Share filled at every active height by pairs alone, in one auction each.
    pub filled: Vec<f64>,
    /// Mean delay of an order filled there, where no order is preferred for its time.
    pub delay: Vec<f64>,
    /// Mean discount of an order filled there, likewise.
    pub discount: Vec<f64>,
    /// Mean value of an order.
    pub value: f64,
    /// Mean value of a filled order, where it is known: no order is preferred for its value, or there is one height.
    pub filled_value: Option<f64>,
    /// What becomes of orders that are carried over, where a chain tells: exponential patience, one height, pairs.
    pub carried: Option<OneHeight>,
    orders: Orders,
}

impl Known {
    /// What is known of `architecture` under `model` and `orders`.
    ///
    /// # Errors
    /// As [`filled_shares`].
    pub fn new(model: &Model, architecture: &Architecture, orders: &Orders) -> Result<Self> {
        let fills = filled_shares(model, architecture, &orders.arrivals).map_err(|e| e.within("orders.arrivals"))?;
        let schedule = model.schedule(architecture)?;
        let wait = |period: f64| if model.timing().delay() == Delay::Batched { 0.5 * period } else { 0.0 };
        let levels = schedule.levels();
        let filled_value = match architecture.heights() {
            _ if orders.effective_priority().ignores_value() => Some(model.utility_mean()),
            &[height] if orders.arrivals == Arrivals::Poisson => {
                Some(model.utility_mean() * one_height(model, height, &orders.value)?.match_quality)
            }
            _ => None,
        };
        Ok(Self {
            filled: fills.iter().map(|height| height.filled_share).collect(),
            delay: levels.iter().map(|level| level.offset + level.latency + wait(level.period)).collect(),
            discount: levels.iter().map(|l| model.timing().expected_discount(model.discount(), l)).collect(),
            value: model.utility_mean(),
            filled_value,
            carried: carried(model, architecture, orders)?,
            orders: *orders,
        })
    }

    /// How orders are handled.
    pub fn orders(&self) -> Orders {
        self.orders
    }

    /// Joint test of the fills by height and, as far as they are known, of delays, values and discounted values; with the
    /// names of what was tested.
    ///
    /// A height that fills next to nothing has at least the variance that a whole number of pairs with the expected mean
    /// must have; under [`Arrivals::Batches`], of pairs of batches. Left out are means so small that their squares underflow.
    pub fn agreement(&self, simulated: &SimulatedOrders) -> (Option<Agreement>, Vec<&'static str>) {
        let sums = &simulated.sums;
        if let Some(carried) = &self.carried {
            let rows = [Part::Filled, Part::Delay, Part::Worth].map(|part| sums.over_levels(part).transpose());
            let expected = [carried.filled_share, carried.delay, self.value * carried.welfare];
            let seen = sums.estimate.mapped(&DMatrix::from_rows(&rows));
            let expected = DVector::from_row_slice(&expected);
            let agreement = Agreement::test(&seen, None, &expected, &DVector::zeros(rows.len()));
            return (Some(agreement), vec!["fills", "delays", "welfare"]);
        }
        if !self.orders.fills_as_the_tree() {
            return (None, Vec::new());
        }
        let ignores_time = self.orders.priority.ignores_time();
        let value = self.filled_value.filter(|_| self.orders.value.has_light_tail());
        let parts = [
            (Part::Filled, true, "fills"),
            (Part::Delay, ignores_time, "delays"),
            (Part::Value, value.is_some(), "values"),
            (Part::Worth, ignores_time && value.is_some(), "welfare"),
        ];
        // Batches are filled whole, all of them of one size: the share that one pair of them is.
        let size = if let Arrivals::Batches { size } = self.orders.arrivals { size as f64 } else { 1.0 };
        let pair = 2.0 * size / sums.orders;
        let (mut rows, mut expected, mut least) = (Vec::new(), Vec::new(), Vec::new());
        for (part, known, _) in parts {
            for (level, &filled) in self.filled.iter().enumerate().filter(|_| known) {
                let each = match part {
                    Part::Delay => self.delay[level],
                    Part::Value => value.unwrap_or(self.value),
                    Part::Worth => value.unwrap_or(self.value) * self.discount[level],
                    Part::Filled | Part::Neutral => 1.0,
                };
                if 0.0 < each && each < LEAST {
                    continue;
                }
                let pairs = filled / pair;
                let variance = (pair * each).powi(2) * pairs.fract() * (1.0 - pairs.fract());
                let rare = filled > 0.0 && pairs < 1.0;
                rows.push(sums.at(level, part).transpose());
                expected.push(filled * each);
                least.push(if rare { variance.max(f64::MIN_POSITIVE) } else { variance });
            }
        }
        let seen = sums.estimate.mapped(&DMatrix::from_rows(&rows));
        let agreement = Agreement::test(&seen, None, &DVector::from_vec(expected), &DVector::from_vec(least));
        (Some(agreement), parts.iter().filter(|(_, known, _)| *known).map(|(_, _, name)| *name).collect())
    }

    /// Everything on the draws of a simulation whose mean is known: the fills of the closed form, the number of orders and,
    /// where it has a light tail, their value. Weights of the sums row by row, and their means.
    pub(super) fn controls(&self, simulated: &SimulatedOrders) -> (DMatrix<f64>, DVector<f64>) {
        let sums = &simulated.sums;
        let (mut rows, mut known) = (Vec::new(), Vec::new());
        let mut up_to = 0.0;
        for (level, &filled) in self.filled.iter().enumerate() {
            up_to += filled;
            rows.push(sums.at(level, Part::Neutral).transpose());
            known.push(up_to);
        }
        rows.push(sums.of_all(Whole::Arrived).transpose());
        known.push(1.0);
        if !self.orders.value.is_degenerate() && self.orders.value.has_light_tail() {
            rows.push(sums.of_all(Whole::Offered).transpose());
            known.push(self.value);
        }
        (DMatrix::from_rows(&rows), DVector::from_vec(known))
    }

    fn control_variate(&self, model: &Model, simulated: &SimulatedOrders) -> Option<ControlVariate> {
        let sums = &simulated.sums;
        let (controls, known) = self.controls(simulated);
        let corrected = |target: DVector<f64>| Controlled::new(&sums.estimate, &target, &controls, &known);
        let gross = corrected(sums.over_levels(Part::Worth) * model.flow().rate())?;
        Some(ControlVariate {
            gross,
            filled_value: corrected(sums.over_levels(Part::Value)),
            filled_share: corrected(sums.over_levels(Part::Filled)),
        })
    }
}

/// What a chain tells of carried-over orders; nothing where it is out of reach.
fn carried(model: &Model, architecture: &Architecture, orders: &Orders) -> Result<Option<OneHeight>> {
    let (Lifetime::Patience { patience_rate, patience_from }, &[height]) = (orders.lifetime, architecture.heights())
    else {
        return Ok(None);
    };
    let neutral = orders.effective_priority() == Priority::Random && orders.value.has_light_tail();
    let pairs = orders.solver.clears_pairs_only() && orders.solver.success() == 1.0;
    let batched = model.timing().delay() == Delay::Batched;
    if !(neutral && pairs && batched && orders.arrivals == Arrivals::Poisson && patience_rate > 0.0) {
        return Ok(None);
    }
    match carry_over::one_height(model, height, patience_rate, patience_from) {
        Ok(known) => Ok(Some(known)),
        Err(Error::OutOfReach { .. } | Error::Domain { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
