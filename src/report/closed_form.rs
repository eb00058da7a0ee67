//! Welfare of one architecture, exact and estimated.

use super::format::{number, percent, percent_with_error, with_error};
use super::{Report, Table};
use crate::pool_tree::closed_form::{ClosedForm, HeightWelfare};
use crate::pool_tree::simulation::SimulatedWelfare;
use std::fmt::Write;

reported! {
    /// Welfare, cost and filled share, in all and by height.
    ClosedForm => exact;
}

reported! {
    /// The estimates ± standard error, in all and by height.
    SimulatedWelfare => estimated;
}

fn exact(welfare: &ClosedForm) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let _ = writeln!(text, "Welfare per unit time (closed form)\n");
    let mut table = Table::new(&["", "gross", "cost", "net", "filled", "unfilled"]);
    let ClosedForm { gross, cost, net, gross_per_order, net_per_order, filled_share, unfilled_share, .. } = *welfare;
    let shares = [filled_share, unfilled_share].map(percent);
    table.add_row(["all orders".to_owned()].into_iter().chain([gross, cost, net].map(number)).chain(shares));
    let per_order = [number(gross_per_order), "-".to_owned(), number(net_per_order)];
    table.add_row(["per order".to_owned()].into_iter().chain(per_order).chain(["-".to_owned(), "-".to_owned()]));
    text.push_table(table);
    let _ = writeln!(text, "\nBy height\n");
    let by_keepers = welfare.by_height.iter().any(|height| height.executed < 1.0);
    let mut header = BY_HEIGHT.to_vec();
    header.extend(by_keepers.then_some("executed"));
    let mut table = Table::new(&header);
    for height in &welfare.by_height {
        let mut row = cells(height);
        row.extend(by_keepers.then(|| percent(height.executed)));
        table.add_row(row);
    }
    text.push_table(table);
    text
}

/// What every table of heights begins with.
pub(super) const BY_HEIGHT: [&str; 8] =
    ["height", "latency", "period", "discount", "filling rate", "filled", "gross", "cost"];

/// The cells of a height under [`BY_HEIGHT`].
pub(super) fn cells(height: &HeightWelfare) -> Vec<String> {
    vec![
        height.height.to_string(),
        number(height.latency),
        number(height.period),
        number(height.expected_discount),
        percent(height.filling_rate),
        percent(height.filled_share),
        number(height.gross),
        number(height.cost),
    ]
}

fn estimated(seen: &SimulatedWelfare) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let _ = writeln!(text, "Gross welfare per unit time (simulated ± standard error)\n");
    let mut table = Table::new(&["", "gross", "95 % interval", "per order", "filled"]);
    let [low, high] = seen.ci95;
    table.add_row([
        "all orders".to_owned(),
        with_error(seen.gross, seen.std_error),
        format!("{} to {}", number(low), number(high)),
        number(seen.gross_per_order),
        percent_with_error(seen.filled_share, seen.filled_share_std_error),
    ]);
    text.push_table(table);
    let _ = writeln!(text, "\nBy height\n");
    let mut table = Table::new(&["height", "filled"]);
    for height in &seen.by_height {
        table.add_row([height.height.to_string(), percent_with_error(height.filled_share, height.std_error)]);
    }
    text.push_table(table);
    let _ = writeln!(text, "\nSimulation: {} replications, seed {}", seen.replications, seen.seed);
    if let Some(precision) = &seen.precision {
        let reached = precision.reached.map_or("none".to_owned(), percent);
        let capped = if precision.capped { ", cut short" } else { "" };
        let _ = writeln!(text, "Precision: {} wanted, {reached} reached{capped}", percent(precision.target));
    }
    text
}
