//! Where orders come from.

use super::{choice, shown};
use crate::control::{Add, Choice, Control, Group};
use crate::study::Study;
use pooltree::Scenario;
use pooltree::report::format::given;

const KINDS: [Choice; 7] = [
    choice("uniform", "spread evenly"),
    choice("scale-free", "mostly nearby (scale-free)"),
    choice("meet-at", "meet at one level"),
    choice("nearby", "in the same small pool"),
    choice("opposite", "on opposite sides"),
    choice("circle-distance", "at a distance on the circle"),
    choice("single-site", "at one operator"),
];

/// Rate, assets, and the components of the mixture.
pub(super) fn group(study: &Study, scenario: &Scenario) -> Group {
    let rate = "Orders that arrive at all operators together, both sides of all pairs.";
    let assets = "Assets n; the n (n - 1)/2 pairs of them are equally active.";
    let mut controls = vec![
        Control::number("flow.rate", "Order rate", rate).unit("orders per unit of time").log(1.0, 1e5).first(),
        Control::integer("flow.assets", "Assets", assets)
            .linear(2.0, 20.0, 1.0)
            .value(study.get("flow.assets").map_or_else(|| "2".to_owned(), shown)),
    ];
    let components = study.len("flow.components");
    for i in 0..components {
        component(study, scenario, i, components, &mut controls);
    }
    let add = (components < 6).then_some(Add { key: "flow.components", label: "Add a component" });
    Group { id: "flow", title: "Order flow", add, controls }
}

fn component(study: &Study, scenario: &Scenario, i: usize, all: usize, controls: &mut Vec<Control>) {
    let at = format!("flow.components.{i}");
    let of = |what: &str| if all == 1 { what.to_owned() } else { format!("{}: {what}", i + 1) };
    let depth = f64::from(scenario.tree().depth());
    let kind = study.text(&format!("{at}.kind")).unwrap_or("uniform").to_owned();
    let own = [choice("custom", "as given in the file")];
    let names: &[Choice] = if kind == "custom" { &own } else { &KINDS };
    let mut first =
        Control::choice(format!("{at}.kind"), of("Counterparts are"), names, "Where the two sides of a trade arrive.");
    first.value.clone_from(&kind);
    first.remove = (all > 1).then(|| at.clone());
    controls.push(first);
    if all > 1 {
        let share = "Share of all orders; the other components keep their proportions.";
        let now = study.number(&format!("{at}.share")).unwrap_or(1.0);
        controls
            .push(Control::number(format!("{at}.share"), of("Share"), share).linear(0.0, 1.0, 0.01).value(given(now)));
    }
    match kind.as_str() {
        "meet-at" | "nearby" => {
            let height =
                "The two sides arrive in two different children of one pool of this height; 0: at one operator.";
            controls.push(
                Control::integer(format!("{at}.height"), of("Height of their pool"), height).linear(0.0, depth, 1.0),
            );
        }
        "scale-free" => {
            let exponent = "Every pair of operators is as likely as others times m to the minus this power, m the operators of \
                            the smallest pool that holds both: the greater, the closer.";
            controls.push(Control::number(format!("{at}.exponent"), of("Exponent"), exponent).linear(-2.0, 4.0, 0.05));
        }
        "circle-distance" => {
            let half = scenario.tree().operators().map_or(1e6, |n| (n / 2).max(1) as f64);
            let distance = "Operators from one side of the trade to the other, along the circle.";
            controls.push(Control::integer(format!("{at}.distance"), of("Distance"), distance).linear(1.0, half, 1.0));
        }
        "single-site" => {
            let last = scenario.tree().operators().map_or(1e6, |n| n as f64) - 1.0;
            let operator = "The operator at which both sides arrive.";
            controls.push(Control::integer(format!("{at}.operator"), of("Operator"), operator).linear(0.0, last, 1.0));
        }
        _ => {}
    }
    if kind != "custom" {
        let side = "Share of the orders of a pair that are on its first side; 0.5: both sides are equally active.";
        let now = study.number(&format!("{at}.side_share")).unwrap_or(0.5);
        controls.push(
            Control::number(format!("{at}.side_share"), of("Share of the first side"), side)
                .linear(0.0, 1.0, 0.01)
                .value(given(now)),
        );
    }
}
