//! The numbers of a fit in one place.

use super::{Fitted, Pair, Unit};
use crate::error::Result;
use crate::network::order_log::{
    Assumptions, Dispersion, EqualActivity, Filling, LogSummary, Malformed, MeetingProfile, Rate, ReplayReport,
};
use crate::pool_tree::closed_form::ClosedForm;
use crate::report::format::number;
use serde::Serialize;

/// A log and the scenario that was fitted to it; serialises to the JSON of `pooltree fit --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitReport {
    /// Name of the log.
    pub log: String,
    /// Name of the scenario file.
    pub scenario: String,
    /// Unit of all times.
    pub unit: String,
    /// What became of the rows of the log.
    pub rows: Rows,
    /// Runs of time; more than 1 for a log of several replications.
    pub runs: u64,
    /// Time observed.
    pub duration: f64,
    /// Number of assets.
    pub assets: usize,
    /// Operators with an ordered pair of assets that have orders.
    pub classes: usize,
    /// Confidence level of all intervals.
    pub level: f64,
    /// Rate of all orders.
    pub rate: Rate,
    /// Mean value of an order; none where the log has no values.
    pub mean_value: Option<f64>,
    /// The operators of the scenario.
    pub operators: Vec<Operator>,
    /// Operators without orders.
    pub silent: Vec<String>,
    /// The pairs of assets that are traded.
    pub pairs: Vec<PairRates>,
    /// Share of the orders of pairs of which the log has one side only.
    pub one_sided_share: f64,
    /// The assumptions of the model, tested.
    pub tests: Tests,
    /// At which heights the orders could be matched.
    pub meeting: MeetingProfile,
    /// The full tree on the fitted flow, by height.
    pub heights: Vec<Height>,
    /// `None` if the log was not replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replayed>,
    /// Why the log was not replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_replayed: Option<String>,
    /// What the log does not tell, a sentence each.
    pub assumptions: Vec<String>,
}

/// What became of the rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(clippy::struct_field_names)] // the keys of the output
pub struct Rows {
    /// Orders.
    pub orders: u64,
    /// Orders outside the time observed.
    pub outside: u64,
    /// Rows that are no orders.
    pub malformed: u64,
    /// The first of them.
    pub malformed_rows: Vec<Malformed>,
}

/// An operator with its rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operator {
    /// Its name.
    pub name: String,
    /// Its share of the orders.
    pub share: f64,
    /// Its rate.
    #[serde(flatten)]
    pub rate: Rate,
}

/// A pair of assets: its first side sells the first asset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairRates {
    /// The two assets.
    pub pair: [String; 2],
    /// Rates of the two sides.
    pub sides: [Rate; 2],
}

/// The four tests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tests {
    /// All orders together.
    pub total: Dispersion,
    /// The orders of every class.
    pub classes: Dispersion,
    /// The two sides of all pairs.
    pub sides: Sides,
    /// The operators.
    pub activity: EqualActivity,
    /// Of all four.
    pub joint_p_value: f64,
    /// Greatest probability of a rejection for a log that meets all four.
    pub false_alarm: f64,
    /// Whether they are rejected.
    pub rejected: bool,
    /// A sentence for each of the four.
    pub verdicts: [String; 4],
}

/// The test of equal sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sides {
    /// The statistic.
    pub chi_square: f64,
    /// Number of pairs.
    pub pairs: usize,
    /// Its p-value.
    pub p_value: f64,
}

/// What the fitted scenario says of a height of the full tree, and the log beside it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(clippy::struct_field_names)] // the keys of the output
pub struct Height {
    /// The height.
    pub height: u32,
    /// Consensus latency.
    pub latency: f64,
    /// Batch period.
    pub period: f64,
    /// Share of the orders reaching the auctions that they fill.
    pub filling_rate: f64,
    /// Share of all orders filled here.
    pub filled_share: f64,
    /// What the orders of the log fill here, order by order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Filling>,
}

/// The log once more, order by order, through the windows of the fitted scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    /// Windows of the highest auction.
    pub windows: u64,
    /// Orders.
    pub orders: u64,
    /// Orders outside complete windows.
    pub left_out: u64,
}

/// What a report says of a fit beside its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Sources {
    /// Name of the log.
    pub log: String,
    /// Name of the scenario file.
    pub scenario: String,
    /// Unit of the log's times.
    pub unit: Unit,
    /// Confidence level of all intervals, above 0 and below 1.
    pub level: f64,
    /// What was assumed beside the fit, such as about its sites.
    pub notes: Vec<String>,
}

impl FitReport {
    /// Sums up a fit: `assumptions` tested on the log, the full tree of the fitted scenario in `closed_form`, and the log's own
    /// fills in `replay`, or why there are none.
    ///
    /// # Errors
    /// As [`LogSummary::rate`] for the level.
    pub fn new(
        sources: Sources,
        summary: &LogSummary,
        fitted: &Fitted,
        assumptions: &Assumptions,
        closed_form: &ClosedForm,
        replay: std::result::Result<ReplayReport, String>,
    ) -> Result<Self> {
        let Sources { log, scenario, unit, level, notes } = sources;
        let rate = |orders: u64| summary.rate_of(orders, level);
        let mut orders = vec![0; fitted.operators().len()];
        for (operator, &to) in fitted.operator_of().iter().enumerate() {
            if let Some(sum) = orders.get_mut(to) {
                *sum += summary.operator_orders(operator);
            }
        }
        let operator = |(name, orders): (&String, u64)| {
            let share = orders as f64 / summary.orders().max(1) as f64;
            Ok(Operator { name: name.clone(), share, rate: rate(orders)? })
        };
        let pair = |pair: &Pair| {
            let [first, second] = pair.orders;
            Ok(PairRates { pair: pair.assets.clone(), sides: [rate(first)?, rate(second)?] })
        };
        let (seen, not_replayed) = match replay {
            Ok(seen) => (Some(seen), None),
            Err(reason) => (None, Some(reason)),
        };
        let of_height = |height: u32| seen.as_ref()?.heights.iter().find(|own| own.height == height).copied();
        let heights = closed_form.by_height.iter().map(|own| Height {
            height: own.height,
            latency: own.latency,
            period: own.period,
            filling_rate: own.filling_rate,
            filled_share: own.filled_share,
            replayed: of_height(own.height),
        });
        Ok(Self {
            log,
            scenario,
            unit: unit.name().to_owned(),
            rows: Rows {
                orders: summary.orders(),
                outside: summary.outside(),
                malformed: summary.malformed(),
                malformed_rows: summary.malformed_rows().to_vec(),
            },
            runs: summary.runs(),
            duration: summary.observation_time(),
            assets: summary.assets().len(),
            classes: summary.classes().len(),
            level,
            rate: rate(summary.orders())?,
            mean_value: summary.mean_value(),
            operators: fitted.operators().iter().zip(orders).map(operator).collect::<Result<_>>()?,
            silent: fitted.silent().to_vec(),
            pairs: fitted.pairs().iter().map(pair).collect::<Result<_>>()?,
            one_sided_share: fitted.one_sided_share(),
            tests: tests(assumptions, unit.name()),
            meeting: fitted.profile().clone(),
            heights: heights.collect(),
            replay: seen.map(|s| Replayed { windows: s.windows, orders: s.orders, left_out: s.left_out }),
            not_replayed,
            assumptions: fitted.assumptions().iter().cloned().chain(notes).collect(),
        })
    }
}

/// The tests and what they mean; each remark at a fourth of the joint false-alarm rate.
fn tests(found: &Assumptions, unit: &str) -> Tests {
    let is_seen = |p: f64| 4.0 * p <= found.false_alarm;
    let dispersion = |test: &Dispersion, what: &str| match (test.width > 0.0, is_seen(test.p_value)) {
        (false, _) => format!("{what}: too few to tell"),
        (true, false) => format!("{what}: as Poisson orders of a constant rate would come"),
        (true, true) => {
            let (word, index, width) =
                (if test.index > 1.0 { "bursty" } else { "too even" }, number(test.index), number(test.width));
            format!(
                "{word}: {what} per {width} {unit} vary {index} times as much as Poisson counts (variance over mean)"
            )
        }
    };
    let sides = if is_seen(found.sides.p_value) {
        "unequal: the two sides of pairs differ by more than chance; the scenario has the rates of both"
    } else {
        "the two sides of pairs are equal, as far as chance lets one see"
    };
    let activity = if is_seen(found.activity.p_value) {
        "unequal: operators differ in activity by more than chance; the scenario has the rates of all"
    } else {
        "operators are equally active, as far as chance lets one see"
    };
    Tests {
        total: found.total,
        classes: found.classes,
        sides: Sides {
            chi_square: found.sides.chi_square,
            pairs: found.sides.pairs.len(),
            p_value: found.sides.p_value,
        },
        activity: found.activity,
        joint_p_value: found.joint_p_value,
        false_alarm: found.false_alarm,
        rejected: found.rejected,
        verdicts: [
            dispersion(&found.total, "all orders"),
            dispersion(&found.classes, "orders of a class"),
            sides.to_owned(),
            activity.to_owned(),
        ],
    }
}
