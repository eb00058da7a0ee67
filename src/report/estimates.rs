//! Single estimates and tests.

use super::format::{number, with_error};
use super::{Report, Table};
use crate::estimate::{Agreement, Estimate};
use crate::explore::verdict::Verdict;
use crate::orders::utility::SimulatedUtility;
use std::fmt::Write;

reported! {
    /// The mean ± standard error, and its 95 % interval.
    Estimate => |estimate| {
        let mut text = Report::new();
        let [low, high] = estimate.ci95().map(number);
        let shown = with_error(estimate.mean, estimate.std_error);
        // Writing into a report cannot fail.
        let _ = writeln!(text, "{shown}, 95 % interval {low} to {high}, {} replications", estimate.replications);
        text
    };
}

reported! {
    /// The p-value, with the degrees of freedom of the test.
    Agreement => |agreement| {
        let mut text = Report::new();
        // Writing into a report cannot fail.
        let _ = match agreement.degrees_of_freedom {
            0 => writeln!(text, "Not tested: nothing is known, or too little was seen"),
            n => writeln!(text, "p = {:.3}, {n} degree{} of freedom", agreement.p_value, if n == 1 { "" } else { "s" }),
        };
        text
    };
}

reported! {
    /// The winner, its heights and its net welfare, in a line.
    Verdict => |verdict| {
        let mut text = Report::new();
        let Verdict { winner, architecture, net, margin } = verdict;
        let margin = margin.map_or(String::new(), |margin| format!(", {} ahead of the best of another name", number(margin)));
        let _ = writeln!(text, "Winner: {winner} {architecture}, net {}{margin}", number(*net)); // cannot fail
        text
    };
}

reported! {
    /// Utility and auctions per unit of time, in all and by height from the lowest on.
    SimulatedUtility => |seen| {
        let mut text = Report::new();
        let mut table = Table::new(&["per unit of time", "simulated ± standard error"]);
        let mut row = |name: String, estimate: &Estimate| {
            table.add_row([name, with_error(estimate.mean, estimate.std_error)]);
        };
        row("utility".to_owned(), &seen.gross);
        let of_height = |i: usize| format!("utility, auction {} of {}", i + 1, seen.by_height.len());
        seen.by_height.iter().enumerate().for_each(|(i, estimate)| row(of_height(i), estimate));
        row("auctions that fill".to_owned(), &seen.auctions);
        text.push_table(table);
        text
    };
}
