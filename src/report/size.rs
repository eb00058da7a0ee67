//! What it takes to fill a wanted share of the orders.

use super::format::{given, number, percent};
use super::scenario::description;
use super::{Report, Table};
use crate::explore::sizing::{ArityFor, Reached, Sizing};
use crate::scenario::Scenario;
use std::fmt::Write;

reported! {
    /// The smallest pools, windows and arities that fill the wanted share.
    Sizing => |sizing| readable(sizing, None);
}

impl Sizing {
    /// [`Sizing::report`] with the scenario that it was made for, and the operators of its pools.
    pub fn report_for(&self, scenario: &Scenario) -> Report {
        readable(self, Some(scenario))
    }
}

fn readable(sizing: &Sizing, scenario: Option<&Scenario>) -> Report {
    let mut text = Report::new();
    let wanted = percent(sizing.filled);
    // Writing into a report cannot fail.
    if let Some(scenario) = scenario {
        let _ = writeln!(text, "{}\n", description(scenario));
    }
    let _ = writeln!(text, "Wanted: {wanted} of all orders filled\n");
    let _ = writeln!(
        text,
        "Orders per side and window, for one class with equal sides: {}",
        number(sizing.orders_per_side)
    );
    let pools = match &sizing.pools {
        Reached::With(pools) => format!(
            "height {}, {} operators, period {}: {} filled",
            pools.height,
            scenario.map_or_else(|| given(pools.operators), |scenario| operators(scenario, pools.height)),
            number(pools.period),
            percent(pools.filled_share)
        ),
        Reached::OutOfReach { at_most } => out_of_reach(*at_most),
    };
    let _ = writeln!(text, "Smallest pools, each height with its own period: {pools}\n");
    let _ = writeln!(text, "Smallest window by height\n");
    let header: Vec<&str> = ["height"].into_iter().chain(scenario.map(|_| "operators")).chain(["window"]).collect();
    let mut windows = Table::new(&header);
    for at in &sizing.windows {
        let window = match &at.window {
            Reached::With(window) => number(window.period),
            Reached::OutOfReach { at_most } => out_of_reach(*at_most),
        };
        let operators = scenario.map(|scenario| operators(scenario, at.height));
        windows.add_row([at.height.to_string()].into_iter().chain(operators).chain([window]));
    }
    text.push_table(windows);
    let _ = writeln!(text);
    // The height asked for, or the last of all.
    let height = sizing.windows.last().map_or(0, |at| at.height);
    let arity = |reached: &Reached<ArityFor>| match reached {
        Reached::With(found) => format!("{} ({})", found.arity, percent(found.share)),
        Reached::OutOfReach { at_most } => out_of_reach(*at_most),
    };
    let thick = |reached: &Reached<u32>| match reached {
        Reached::With(arity) => arity.to_string(),
        Reached::OutOfReach { at_most } => out_of_reach(*at_most),
    };
    let _ = writeln!(text, "Smallest arity of 2 to 64, depth and periods unchanged");
    let _ = writeln!(text, "- at which pools of height {height} fill {wanted}: {}", arity(&sizing.arity));
    let _ = writeln!(
        text,
        "- at which auctions of height {height} of the full tree fill {wanted} of what reaches them: {}",
        arity(&sizing.arity_by_filling_rate)
    );
    let _ = writeln!(text, "Smallest arity whose thick pools fill {wanted} at every level of a uniform flow");
    let _ = writeln!(text, "- where a child is γ times as fast as its parent: {}", thick(&sizing.thick_arity));
    let _ = writeln!(text, "- with one common window: {}", thick(&sizing.thick_arity_one_window));
    text
}

/// Operators in a pool of `height`.
fn operators(scenario: &Scenario, height: u32) -> String {
    let tree = scenario.tree();
    tree.size(height).map_or_else(|| number(tree.size_f64(height)), |operators| operators.to_string())
}

fn out_of_reach(at_most: f64) -> String {
    format!("out of reach: at most {}", percent(at_most))
}
