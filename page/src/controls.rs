//! The controls that a study has: one for every quantity of its scenario.

mod flow;
mod keepers;
mod timing;

use crate::control::{Choice, Control, Group, Kind};
use crate::edit;
use crate::study::Study;
use pooltree::Scenario;
use pooltree::report::format::{exact, given};
use toml::Value;

pub use keepers::example as example_keepers;

/// All groups, with what they show now. `scenario` is the last valid one.
pub fn groups(study: &Study, scenario: &Scenario) -> Vec<Group> {
    let mut groups = vec![
        group("tree", "Tree", tree(study)),
        flow::group(study, scenario),
        group("discount", "Patience", vec![half_life(study, scenario)]),
        group("cost", "Costs and utility", cost(study, scenario)),
        group("timing", "Latencies, periods and delays", timing::controls(study)),
        group("keepers", "Keepers", keepers::controls(study)),
        group("sites", "Places", sites(study)),
        group("simulation", "Simulation", simulation(study)),
    ];
    groups.retain(|group| !group.controls.is_empty());
    for control in groups.iter_mut().flat_map(|group| &mut group.controls) {
        if control.value.is_empty() {
            control.value = study.get(&control.key).map_or_else(String::new, shown);
        }
    }
    groups
}

/// The control of a key.
pub fn find(groups: &[Group], key: &str) -> Option<Control> {
    groups.iter().flat_map(|group| &group.controls).find(|control| control.key == key).cloned()
}

fn group(id: &'static str, title: &'static str, controls: Vec<Control>) -> Group {
    Group { id, title, add: None, controls }
}

/// A value as a field shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Float(x) => given(*x),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// What a reader typed, as a value of the file; text that is no number stays text, and the library tells what is allowed.
pub fn value(kind: Kind, text: &str) -> Value {
    let text = text.trim();
    match kind {
        Kind::Integer => text.parse::<i64>().map_or_else(|_| number(text), Value::Integer),
        Kind::Number => number(text),
        Kind::Numbers => {
            Value::Array(text.split([',', ' ', ';']).filter(|part| !part.is_empty()).map(number).collect())
        }
        Kind::Choice | Kind::Text => Value::from(text),
    }
}

fn number(text: &str) -> Value {
    text.parse::<f64>().map_or_else(|_| Value::from(text), Value::Float)
}

fn tree(study: &Study) -> Vec<Control> {
    if study.get("tree.pools").is_some() || study.get("tree.arities").is_some() {
        return Vec::new(); // the pools are given: there is nothing to slide
    }
    let sites = study.get("sites").is_some();
    let arity = if sites {
        "Parts into which every pool above the lowest is divided."
    } else {
        "Children of every pool, γ: γ pools of one level make one of the next."
    };
    let depth = if sites {
        "Levels of pools over the places."
    } else {
        "Levels of pools above the operators, k: there are γ^k operators."
    };
    let most = edit::most_divisions(study).map_or(10.0, |most| most as f64);
    vec![
        Control::integer("tree.arity", "Arity γ", arity).linear(2.0, 8.0, 1.0).first(),
        Control::integer("tree.depth", "Depth k", depth).linear(if sites { 1.0 } else { 0.0 }, most, 1.0).first(),
    ]
}

fn half_life(study: &Study, scenario: &Scenario) -> Control {
    let now = study.get("discount.half_life").map_or_else(
        || {
            // ln β = 0: nobody is impatient.
            let rate = -scenario.discount().ln_factor();
            if rate > 0.0 { exact(std::f64::consts::LN_2 / rate) } else { "inf".to_owned() }
        },
        shown,
    );
    let help = "Time after which a filled order is worth half: the smaller, the more impatient are the traders.";
    Control::number("discount.half_life", "Half-life", help).unit("units of time").log(0.01, 100.0).value(now).first()
}

fn cost(study: &Study, scenario: &Scenario) -> Vec<Control> {
    let message = "What one message costs, in units of utility; an auction among m operators sends m².";
    let now = study.number("cost.per_message").unwrap_or(0.0);
    let most = dearest(scenario).max(now);
    let per_message = Control::number("cost.per_message", "Cost per message", message)
        .unit("utility")
        .linear(0.0, most, most / 200.0)
        .value(given(now))
        .first();
    let mean = "Mean utility of a filled order, before the discount.";
    let utility = Control::number("utility.mean", "Utility of an order", mean)
        .linear(0.0, 10.0, 0.1)
        .value(given(study.number("utility.mean").unwrap_or(1.0)));
    vec![per_message, utility]
}

/// A cost at which the messages of the global pool eat all that orders can be worth, to one digit.
fn dearest(scenario: &Scenario) -> f64 {
    let tree = scenario.tree();
    let operators = tree.size_f64(tree.depth());
    let window = scenario
        .schedule(&pooltree::pool_tree::Architecture::global(tree))
        .ok()
        .and_then(|schedule| schedule.levels().last().map(|level| level.period))
        .unwrap_or(1.0);
    let most = scenario.flow().rate() * scenario.utility_mean() * window / (operators * operators);
    let one_digit = format!("{most:.0e}").parse().unwrap_or(1.0);
    if one_digit > 0.0 && f64::is_finite(one_digit) { one_digit } else { 1.0 }
}

fn sites(study: &Study) -> Vec<Control> {
    if study.get("sites.list").is_none() {
        return Vec::new();
    }
    let fibre = "Speed along the shortest way on the globe as a share of the speed of light in vacuum: 2/3 in glass, less for \
                 detours of the cable.";
    let overhead = "Added between any two places.";
    vec![
        Control::number("sites.fibre", "Speed of the cable", fibre)
            .linear(0.1, 1.0, 0.01)
            .value(given(study.number("sites.fibre").unwrap_or(2.0 / 3.0))),
        Control::number("sites.overhead", "Overhead", overhead)
            .unit("milliseconds")
            .linear(0.0, 50.0, 0.5)
            .value(given(study.number("sites.overhead").unwrap_or(0.0))),
    ]
}

fn simulation(study: &Study) -> Vec<Control> {
    use pooltree::estimate::MonteCarlo;
    let default = |key: &str, or: u64| study.get(key).map_or_else(|| or.to_string(), shown);
    let replications = "Windows of the highest active level that are simulated for each architecture.";
    vec![
        Control::integer(
            "monte_carlo.seed",
            "Seed",
            "The same seed gives the same draws, here and on the command line.",
        )
        .value(default("monte_carlo.seed", MonteCarlo::DEFAULT_SEED)),
        Control::integer("monte_carlo.replications", "Replications", replications)
            .log(100.0, 1e6)
            .value(default("monte_carlo.replications", MonteCarlo::DEFAULT_REPLICATIONS)),
    ]
}

const fn choice(value: &'static str, label: &'static str) -> Choice {
    Choice { value, label }
}
