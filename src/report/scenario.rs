//! A scenario in two lines.

use super::Report;
use super::format::{given, number};
use crate::scenario::Scenario;
use std::fmt::Write;

reported! {
    /// Tree, flow, delay and discount in two lines.
    Scenario => |scenario| {
        let mut text = Report::new();
        let _ = writeln!(text, "{}", description(scenario)); // writing into a report cannot fail
        text
    };
}

/// Tree, flow, delay and discount in two lines.
pub(super) fn description(scenario: &Scenario) -> String {
    let tree = scenario.tree();
    let operators = tree.operators().map_or_else(|| number(tree.size_f64(tree.depth())), |n| n.to_string());
    let flow = scenario.flow();
    let components: Vec<String> =
        flow.components().iter().map(|c| format!("{} % {}", given(100.0 * c.share()), c.kind().name())).collect();
    format!(
        "{operators} operator{} (arity {}{}, depth {}); {} orders per unit time over {} assets: {}\n\
         delay {}, discount factor {} per unit time, utility {} per filled order, cost {} per message",
        if operators == "1" { "" } else { "s" },
        if tree.given_pools().is_some() { "up to " } else { "" },
        tree.arity(),
        tree.depth(),
        given(flow.rate()),
        flow.assets(),
        components.join(", "),
        scenario.timing().delay().name(),
        given(scenario.discount().after(1.0)),
        given(scenario.utility_mean()),
        given(scenario.cost_per_message()),
    )
}

/// How many sets of heights there are.
pub(super) fn all_sets(scenario: &Scenario) -> String {
    let heights = scenario.tree().depth() + 1;
    let all = if heights < 20 { ((1 << heights) - 1).to_string() } else { format!("2^{heights} - 1") };
    format!("{all} sets of heights")
}
