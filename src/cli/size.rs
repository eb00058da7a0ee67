//! `pooltree size`.

use super::description;
use pooltree::report::Table;
use pooltree::report::format::{number, percent};
use super::{ScenarioFile, json, own_flag, scenario};
use pooltree::explore::sizing::{ArityFor, Reached, Sizing};
use pooltree::{Error, Result, Scenario};
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    /// The wanted share of the orders, at least 0 and below 1.
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    filled: f64,
    /// Windows and arity for pools of this height only [default: windows for all heights, arity for the root].
    #[arg(long, value_name = "H", allow_hyphen_values = true)]
    height: Option<u32>,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(args.file.file.as_deref())?;
    let sizing = Sizing::new(&scenario, args.filled, args.height).map_err(|error| match &error {
        Error::Domain { key, .. } if key == "filled" || key == "height" => own_flag(error),
        _ => error,
    })?;
    if args.json {
        return json(&sizing);
    }
    Ok(readable(&scenario, &sizing, args.height))
}

fn readable(scenario: &Scenario, sizing: &Sizing, height: Option<u32>) -> String {
    let mut text = String::new();
    let wanted = percent(sizing.filled);
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{}\n", description(scenario));
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
            operators(scenario, pools.height),
            number(pools.period),
            percent(pools.filled_share)
        ),
        Reached::OutOfReach { at_most } => out_of_reach(*at_most),
    };
    let _ = writeln!(text, "Smallest pools, each height with its own period: {pools}\n");
    let _ = writeln!(text, "Smallest window by height\n");
    let mut windows = Table::new(&["height", "operators", "window"]);
    for at in &sizing.windows {
        let window = match &at.window {
            Reached::With(window) => number(window.period),
            Reached::OutOfReach { at_most } => out_of_reach(*at_most),
        };
        windows.add_row(vec![at.height.to_string(), operators(scenario, at.height), window]);
    }
    let _ = writeln!(text, "{windows}\n");
    let height = height.unwrap_or(scenario.tree().depth());
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
