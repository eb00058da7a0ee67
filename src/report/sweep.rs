//! The winner along one key.

use super::format::{exact, number};
use super::{Report, Table};
use crate::explore::sweep::Sweep;
use std::fmt::Write;

reported! {
    /// The winner at every value, beside the full tree, the global pool and the best local pools.
    Sweep => readable;
}

fn readable(sweep: &Sweep) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let _ = writeln!(text, "Net welfare per unit time; margin: to the best of another name\n");
    let optional = |value: Option<f64>| value.map_or(String::new(), number);
    let header = [sweep.key.as_str(), "winner", "heights", "net", "margin", "tree", "global", "local", "local_height"];
    let mut table = Table::new(&header);
    for point in &sweep.points {
        let verdict = &point.verdict;
        table.add_row([
            exact(point.at),
            verdict.winner.clone(),
            verdict.architecture.to_string(),
            number(verdict.net),
            optional(verdict.margin),
            optional(point.tree),
            optional(point.global),
            optional(point.local),
            point.local_height.map_or(String::new(), |height| height.to_string()),
        ]);
    }
    text.push_table(table);
    text
}
