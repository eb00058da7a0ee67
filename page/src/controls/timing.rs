//! How long auctions take, and how often they run.

use super::choice;
use crate::control::{Choice, Control};
use crate::study::Study;
use pooltree::report::format::given;

const LATENCIES: [Choice; 3] = [
    choice("proportional", "a power of the pool's size"),
    choice("ring", "distance on the circle"),
    choice("table", "a number for every height"),
];

const OF_SITES: Choice = choice("sites", "between the places");

const STATISTICS: [Choice; 4] = [
    choice("diameter", "the largest distance in the pool"),
    choice("mean-farthest", "the farthest member, on average"),
    choice("random-quorum", "a random quorum"),
    choice("fastest-quorum", "the fastest quorum"),
];

const PERIODS: [Choice; 3] = [
    choice("ratio", "each height a multiple of the one below"),
    choice("back-to-back", "as often as the auctions allow"),
    choice("table", "a number for every height"),
];

const DELAYS: [Choice; 3] = [
    choice("batched", "wait for the batch, and all auctions on the way"),
    choice("cumulative", "all auctions on the way"),
    choice("idealised", "the last auction alone"),
];

pub(super) fn controls(study: &Study) -> Vec<Control> {
    let mut controls = Vec::new();
    latency(study, &mut controls);
    period(study, &mut controls);
    let delay = "What a filled order has waited for: what discounts its utility.";
    controls.push(Control::choice("timing.delay", "Delay", &DELAYS, delay));
    let solving = "Time to collect and match the orders of a batch, added to every latency.";
    controls.push(
        Control::number("timing.solving", "Solving time", solving)
            .unit("units of time")
            .linear(0.0, 1.0, 0.005)
            .value(given(study.number("timing.solving").unwrap_or(0.0))),
    );
    controls
}

fn latency(study: &Study, controls: &mut Vec<Control>) {
    let mut models = LATENCIES.to_vec();
    if study.get("sites").is_some() {
        models.push(OF_SITES);
    }
    let of = "How long the members of a pool take to agree.";
    controls.push(Control::choice("timing.latency.model", "Latency", &models, of));
    let optional = |key: &str, default: f64| given(study.number(key).unwrap_or(default));
    match study.text("timing.latency.model") {
        Some("proportional") => {
            let scale = "Latency of a pool of one operator.";
            let exponent =
                "The latency of a pool of m operators is the scale times m to this power; on a globe one half.";
            controls.push(
                Control::number("timing.latency.scale", "Latency scale", scale).unit("units of time").log(1e-4, 10.0),
            );
            controls.push(
                Control::number("timing.latency.exponent", "Latency exponent", exponent)
                    .linear(0.0, 2.0, 0.05)
                    .value(optional("timing.latency.exponent", 1.0)),
            );
        }
        Some("ring") => {
            statistic(study, controls);
            let spacing = "Time from one operator to the next on the circle.";
            controls.push(
                Control::number("timing.latency.spacing", "Time between neighbours", spacing)
                    .unit("units of time")
                    .log(1e-4, 10.0)
                    .value(optional("timing.latency.spacing", 1.0)),
            );
        }
        Some("sites") => {
            statistic(study, controls);
            let scale = "Units of time per millisecond: 0.001 where times are in seconds.";
            controls.push(
                Control::number("timing.latency.scale", "Unit of time", scale)
                    .unit("units per millisecond")
                    .log(1e-4, 1.0)
                    .value(optional("timing.latency.scale", 1.0)),
            );
        }
        Some("table") => {
            let values = "Latency of height 0, 1, and so on up to the root.";
            controls.push(Control::numbers("timing.latency.values", "Latencies", values).unit("units of time"));
        }
        _ => {}
    }
}

fn statistic(study: &Study, controls: &mut Vec<Control>) {
    let statistic = "For whom a member waits until the pool agrees.";
    controls.push(Control::choice("timing.latency.statistic", "Consensus waits for", &STATISTICS, statistic));
    if study.text("timing.latency.statistic").is_some_and(|name| name.ends_with("quorum")) {
        let quorum = "Share of the members that must have agreed.";
        controls.push(Control::number("timing.latency.quorum", "Quorum", quorum).linear(0.01, 1.0, 0.01));
    }
}

fn period(study: &Study, controls: &mut Vec<Control>) {
    controls.push(Control::choice(
        "timing.period.model",
        "Batch period",
        &PERIODS,
        "How often a pool runs its auction.",
    ));
    match study.text("timing.period.model") {
        Some("ratio") => {
            let base = "Batch period of a single operator.";
            let ratio =
                "How many times as long the period of a parent is as that of its children; 1: one common window.";
            controls.push(
                Control::number("timing.period.base", "Period at height 0", base).unit("units of time").log(1e-4, 10.0),
            );
            controls.push(Control::integer("timing.period.ratio", "Ratio of periods", ratio).linear(1.0, 8.0, 1.0));
        }
        Some("table") => {
            let values = "Batch period of height 0, 1, and so on; each a whole multiple of the one before.";
            controls.push(Control::numbers("timing.period.values", "Batch periods", values).unit("units of time"));
        }
        _ => {}
    }
}
