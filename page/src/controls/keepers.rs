//! Who runs the auctions.

use super::{choice, shown};
use crate::control::{Choice, Control};
use crate::study::Study;
use pooltree::keepers::Keepers;
use pooltree::report::format::given;
use toml::{Table, Value};

const RULES: [Choice; 13] = [
    choice("", "nobody: every auction runs at once and for sure"),
    choice("uniform", "uniformly at random"),
    choice("stake-weighted", "at random, by stake"),
    choice("power", "at random, by a power of the stake"),
    choice("mixture", "by stake, sometimes uniformly"),
    choice("noise", "the largest stake times noise"),
    choice("probe", "the probe of the agent"),
    choice("by-stake", "the largest stake"),
    choice("by-bid", "the highest bid"),
    choice("by-reliability", "the most reliable"),
    choice("by-count", "in turn: the least often executed"),
    choice("gas-auction", "a gas auction"),
    choice("flashbots", "Flashbots"),
];

const RETRIES: [Choice; 3] = [
    choice("exclude", "another keeper"),
    choice("redraw", "the rule again, among all"),
    choice("same", "the same keeper"),
];

const OUTAGES: [Choice; 2] =
    [choice("independent", "every attempt by itself"), choice("common", "a keeper that is down is down everywhere")];

pub(super) fn controls(study: &Study) -> Vec<Control> {
    let rule = "By which rule a keeper is selected to run an auction; keepers fail and take time.";
    let now = study.get("keepers").map_or("", |_| study.text("keepers.rule").unwrap_or("uniform"));
    let mut controls = vec![Control::choice("keepers.rule", "Keeper rule", &RULES, rule).value(now)];
    if study.get("keepers").is_none() {
        return controls;
    }
    let optional = |key: &str, default: f64| given(study.number(key).unwrap_or(default));
    let named = |key: &str, default: &str| study.get(key).map_or_else(|| default.to_owned(), shown);
    match now {
        "power" => {
            let power = "0: uniform; 1: by stake; the greater, the surer the largest stake.";
            controls.push(
                Control::number("keepers.power", "Power of the stake", power)
                    .linear(0.0, 4.0, 0.05)
                    .value(optional("keepers.power", 0.5)),
            );
        }
        "mixture" => {
            let epsilon = "Share of the selections that are uniform.";
            controls.push(
                Control::number("keepers.epsilon", "Uniform share", epsilon)
                    .linear(0.0, 1.0, 0.01)
                    .value(optional("keepers.epsilon", 0.1)),
            );
        }
        "flashbots" => {
            let lambda = "What a unit of ping is worth, in units of the bid.";
            let tau = "Scale of the noise on the score.";
            controls.push(
                Control::number("keepers.lambda", "Weight of the ping", lambda)
                    .linear(0.0, 10.0, 0.1)
                    .value(optional("keepers.lambda", 1.0)),
            );
            controls
                .push(Control::number("keepers.tau", "Noise", tau).log(0.01, 10.0).value(optional("keepers.tau", 1.0)));
        }
        "gas-auction" => {
            let value = "What executing is worth to a keeper.";
            let reserve = "Least bid.";
            controls.push(
                Control::number("keepers.value", "Value of the task", value)
                    .log(0.01, 100.0)
                    .value(optional("keepers.value", 1.0)),
            );
            controls.push(
                Control::number("keepers.reserve", "Reserve", reserve)
                    .linear(0.0, 1.0, 0.01)
                    .value(optional("keepers.reserve", 0.1)),
            );
        }
        _ => {}
    }
    let failure = "What a failed attempt costs, beyond the attempt itself.";
    let deadline =
        "From the start of the attempts on; after it the auction is given up, and its orders go to the parent.";
    let outages = "Whether failures have to do with each other.";
    controls.push(
        Control::number("keepers.failure_delay", "Delay of a failure", failure)
            .unit("units of time")
            .linear(0.0, 1.0, 0.005)
            .value(optional("keepers.failure_delay", 0.0)),
    );
    let now = study.get("keepers.deadline").map_or_else(String::new, shown);
    controls.push(
        Control::number("keepers.deadline", "Deadline", deadline).unit("units of time").log(0.01, 10.0).value(now),
    );
    controls.push(
        Control::choice("keepers.retry", "After a failure tries", &RETRIES, "Who tries next.")
            .value(named("keepers.retry", "exclude")),
    );
    controls.push(
        Control::choice("keepers.outages", "Failures", &OUTAGES, outages)
            .value(named("keepers.outages", "independent")),
    );
    controls
}

/// The section that a reader gets who turns keepers on: the library's example of them.
pub fn example(rule: &str) -> Value {
    let keepers = Keepers::example();
    let list = keepers.all().iter().map(|keeper| {
        let mut row = Table::new();
        row.insert("id".to_owned(), keeper.id.clone().into());
        for (key, x) in [("stake", keeper.stake), ("bid", keeper.bid), ("cost", keeper.cost), ("ping", keeper.ping)] {
            row.insert(key.to_owned(), x.into());
        }
        for (key, n) in [("picked", keeper.picked), ("succeeded", keeper.succeeded)] {
            row.insert(key.to_owned(), Value::Integer(n.cast_signed()));
        }
        if !keeper.active {
            row.insert("active".to_owned(), false.into());
        }
        Value::Table(row)
    });
    let mut section = Table::new();
    section.insert("rule".to_owned(), rule.into());
    section.insert("failure_delay".to_owned(), 0.1.into());
    section.insert("deadline".to_owned(), 0.5.into());
    section.insert("min_stake".to_owned(), Keepers::EXAMPLE_MIN_STAKE.into());
    section.insert("list".to_owned(), Value::Array(list.collect()));
    Value::Table(section)
}
