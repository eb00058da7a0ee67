//! The best periods.

use super::format::{number, percent};
use super::{Report, Table};
use crate::explore::periods::{BestPeriods, Optimum};
use std::fmt::Write;

reported! {
    /// The best base and ratio of periods of every subject, with what comes of them.
    BestPeriods => readable;
}

/// Periods listed in full up to this many.
const MANY: usize = 4;

fn readable(periods: &BestPeriods) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    if !periods.subjects.is_empty() {
        let _ = writeln!(text, "Best periods: base · ratio^height, ratios 1 to {}\n", periods.max_ratio);
        let header = ["subject", "ratio", "base or window", "periods", "net", "gross", "cost", "filled", "pipelined"];
        let mut table = Table::new(&header);
        for subject in &periods.subjects {
            let Some(found) = subject.outcome.found() else { continue };
            table.add_row(vec![
                format!("{} {}", subject.name, found.architecture),
                found.ratio.map_or("-".to_owned(), |ratio| ratio.to_string()),
                number(found.base),
                listed(found),
                number(found.net),
                number(found.gross),
                number(found.cost),
                percent(found.filled_share),
                if found.pipelined { "yes" } else { "no" }.to_owned(),
            ]);
        }
        text.push_table(table);
        let _ = writeln!(text);
        for subject in &periods.subjects {
            if let Some(reason) = subject.outcome.reason() {
                let _ = writeln!(text, "{}: {reason}", subject.name);
            }
        }
    }
    for note in &periods.notes {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

fn listed(found: &Optimum) -> String {
    let shown: Vec<String> = found.periods.iter().copied().map(number).collect();
    match shown.as_slice() {
        [first, second, .., last] if shown.len() > MANY => format!("{first}, {second}, …, {last}"),
        _ => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use crate::Scenario;
    use crate::explore::periods::BestPeriods;

    #[test]
    fn every_subject_has_its_row() -> crate::Result<()> {
        let text = BestPeriods::new(&Scenario::document(), 4, &|_, _| ())?.report().to_string();
        for name in ["tree {1, …, 3}", "global {3}", "local-1 {1}", "local-2 {2}", "best {"] {
            assert!(text.lines().any(|line| line.contains(name)), "{text}");
        }
        Ok(())
    }
}
