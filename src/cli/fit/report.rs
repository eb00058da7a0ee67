//! The numbers of a fit, as `--json` prints them and as the tables show them.

use super::Args;
use pooltree::report::format::number;
use pooltree::ClosedForm;
use pooltree::Result;
use pooltree::fit::Fitted;
use pooltree::network::order_log::{
    Assumptions, Dispersion, EqualActivity, Filling, LogSummary, Malformed, MeetingProfile, Rate, ReplayReport,
};
use serde::Serialize;

/// What `--json` prints.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) log: String,
    pub(super) scenario: String,
    pub(super) unit: String,
    pub(super) rows: Rows,
    /// Runs of time; more than 1 for a log of several replications.
    pub(super) runs: u64,
    pub(super) duration: f64,
    pub(super) assets: usize,
    /// Operators with an ordered pair of assets that have orders.
    pub(super) classes: usize,
    /// Confidence level of all intervals.
    pub(super) level: f64,
    pub(super) rate: Rate,
    pub(super) mean_value: Option<f64>,
    pub(super) operators: Vec<Operator>,
    /// Operators without orders.
    pub(super) silent: Vec<String>,
    pub(super) pairs: Vec<PairRates>,
    pub(super) one_sided_share: f64,
    pub(super) tests: Tests,
    pub(super) meeting: MeetingProfile,
    pub(super) heights: Vec<Height>,
    /// `None` if the log was not replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replay: Option<Replayed>,
    /// Why the log was not replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_replayed: Option<String>,
    pub(super) assumptions: Vec<String>,
}

/// What became of the rows.
#[derive(Serialize)]
#[allow(clippy::struct_field_names)] // the keys of the output
pub(super) struct Rows {
    pub(super) orders: u64,
    pub(super) outside: u64,
    pub(super) malformed: u64,
    pub(super) malformed_rows: Vec<Malformed>,
}

#[derive(Serialize)]
pub(super) struct Operator {
    pub(super) name: String,
    pub(super) share: f64,
    #[serde(flatten)]
    pub(super) rate: Rate,
}

/// A pair of assets: its first side sells the first asset.
#[derive(Serialize)]
pub(super) struct PairRates {
    pub(super) pair: [String; 2],
    pub(super) sides: [Rate; 2],
}

#[derive(Serialize)]
pub(super) struct Tests {
    pub(super) total: Dispersion,
    pub(super) classes: Dispersion,
    pub(super) sides: Sides,
    pub(super) activity: EqualActivity,
    pub(super) joint_p_value: f64,
    pub(super) false_alarm: f64,
    pub(super) rejected: bool,
    /// A sentence for each of the four.
    pub(super) verdicts: [String; 4],
}

#[derive(Serialize)]
pub(super) struct Sides {
    pub(super) chi_square: f64,
    pub(super) pairs: usize,
    pub(super) p_value: f64,
}

/// What the fitted scenario says of a height of the full tree, and the log beside it.
#[derive(Serialize)]
#[allow(clippy::struct_field_names)] // the keys of the output
pub(super) struct Height {
    pub(super) height: u32,
    pub(super) latency: f64,
    pub(super) period: f64,
    pub(super) filling_rate: f64,
    pub(super) filled_share: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replayed: Option<Filling>,
}

#[derive(Serialize)]
pub(super) struct Replayed {
    pub(super) windows: u64,
    pub(super) orders: u64,
    pub(super) left_out: u64,
}

impl Report {
    #[allow(clippy::too_many_arguments)] // the parts, once
    pub(super) fn new(
        args: &Args,
        log: &str,
        summary: &LogSummary,
        fitted: &Fitted,
        notes: Vec<String>,
        found: &Assumptions,
        closed_form: &ClosedForm,
        replay: std::result::Result<ReplayReport, String>,
    ) -> Result<Self> {
        let level = args.level;
        let rate = |orders: u64| summary.rate_of(orders, level).map_err(|e| args.blame(e));
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
        let pair = |pair: &pooltree::fit::Pair| {
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
            log: log.to_owned(),
            scenario: args.output.display().to_string(),
            unit: args.unit.clone(),
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
            tests: tests(found, &args.unit),
            meeting: fitted.profile().clone(),
            heights: heights.collect(),
            replay: seen.map(|s| Replayed { windows: s.windows, orders: s.orders, left_out: s.left_out }),
            not_replayed,
            assumptions: fitted.assumptions().iter().cloned().chain(notes).collect(),
        })
    }

    /// What the scenario file says about itself.
    pub(super) fn about(&self) -> Vec<String> {
        let Rows { orders, outside, malformed, .. } = &self.rows;
        let mut about = vec![
            format!("Written by pooltree fit from the log {}", self.log),
            format!(
                "{orders} orders in {} {} (first to last, or the window given); {malformed} malformed rows and {outside} orders \
                 outside the window left out",
                number(self.duration),
                self.unit
            ),
            "[flow] rates are the counts of the log over that time, of every pair of assets, side and operator"
                .to_owned(),
        ];
        if self.one_sided_share > 0.0 {
            let share = number(100.0 * self.one_sided_share);
            about.push(format!("{share} % of the orders are of pairs with one side only, which never match"));
        }
        if !self.silent.is_empty() {
            about.push(format!("operators without orders: {}", self.silent.join(", ")));
        }
        about
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
