//! Whether the auctions of every height are executed.

use super::format::{given, percent};
use super::{Report, Table};
use crate::pool_tree::Execution;
use std::fmt::Write;

reported! {
    /// By height: when an auction is given up, how likely it is executed, and what the delay leaves of its worth.
    Execution => readable;
}

fn readable(execution: &Execution) -> Report {
    let mut text = Report::new();
    let _ = writeln!(text, "Execution of the auctions: least, mean and largest over the pools\n"); // cannot fail
    let mut table = Table::new(&["height", "laws", "deadline", "executed", "mean", "largest", "discounted, mean"]);
    for (height, level) in execution.levels().iter().enumerate() {
        let laws = level.laws();
        let executed = || laws.iter().map(|law| law.probability);
        let mean = |sum: f64| percent(sum / laws.len().max(1) as f64);
        table.add_row([
            height.to_string(),
            laws.len().to_string(),
            given(level.deadline()),
            percent(executed().fold(1.0, f64::min)),
            mean(executed().sum()),
            percent(executed().fold(0.0, f64::max)),
            mean(laws.iter().map(|law| law.discounted).sum()),
        ]);
    }
    text.push_table(table);
    text
}
