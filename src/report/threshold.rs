//! Where along one key the lead changes, and where levels lose their raison d'être.

use super::format::{exact, number, to_accuracy};
use super::{Report, Table};
use crate::explore::Contender;
use crate::explore::levels::LevelThresholds;
use crate::explore::threshold::Threshold;
use std::fmt::Write;

reported! {
    /// Who is ahead at either end, and every value at which the lead changes.
    Threshold => lead;
    /// The levels with a raison d'être at either end, every loss and return, and why.
    LevelThresholds => deaths;
}

fn lead(threshold: &Threshold) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let ([a, b], [lo, hi], key) = (&threshold.between, threshold.range, &threshold.key);
    let leader = |ahead: &Option<Contender>| ahead.as_ref().map_or("neither".to_owned(), Contender::to_string);
    let [first, last] = &threshold.ahead;
    let _ = writeln!(
        text,
        "{a} against {b}, {key} from {} to {}, scanned at {} points",
        exact(lo),
        exact(hi),
        threshold.scanned
    );
    let _ = writeln!(text, "ahead at the lower end: {}; at the upper end: {}\n", leader(first), leader(last));
    if threshold.crossings.is_empty() {
        let _ = writeln!(text, "Neither overtakes the other in this range.");
        return text;
    }
    let mut rows = Table::new(&[key.as_str(), "accuracy", "ahead beyond", "net there", "how"]);
    for crossing in &threshold.crossings {
        rows.add_row(vec![
            to_accuracy(crossing.at, crossing.accuracy),
            if crossing.accuracy == 0.0 { "exact".to_owned() } else { format!("{:.1e}", crossing.accuracy) },
            crossing.ahead.to_string(),
            number(crossing.net),
            if crossing.leap { "by a leap" } else { "crossing" }.to_owned(),
        ]);
    }
    text.push_table(rows);
    text
}

fn deaths(levels: &LevelThresholds) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let [lo, hi] = levels.range;
    let list = |heights: &[u32]| {
        if heights.is_empty() {
            "none".to_owned()
        } else {
            heights.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
        }
    };
    let _ = writeln!(text, "{} from {} to {}, scanned at {} points", levels.key, exact(lo), exact(hi), levels.scanned);
    let _ = writeln!(text, "levels with a raison d'être at the lower end: {}", list(&levels.alive_at_first));
    let _ = writeln!(text, "levels with a raison d'être at the upper end: {}", list(&levels.alive_at_last));
    for (end, undecided) in [("lower", &levels.undecided_at_first), ("upper", &levels.undecided_at_last)] {
        if !undecided.is_empty() {
            let _ = writeln!(text, "too close to call at the {end} end: {}", list(undecided));
        }
    }
    let _ = writeln!(text);
    if levels.changes.is_empty() {
        let _ = writeln!(text, "No level loses or regains its raison d'être in this range.");
        return text;
    }
    let mut rows = Table::with_sentences(&[levels.key.as_str(), "height", "raison d'être", "because"]);
    for change in &levels.changes {
        let (what, why) = if change.lost { ("lost", "from here on: ") } else { ("back", "until here: ") };
        rows.add_row(vec![
            to_accuracy(change.at, change.accuracy),
            change.height.to_string(),
            what.to_owned(),
            why.to_owned() + &change.reason,
        ]);
    }
    text.push_table(rows);
    let lost: Vec<u32> = levels.changes.iter().filter(|change| change.lost).map(|change| change.height).collect();
    let _ = writeln!(text, "Order of loss with growing {}: {}", levels.key, list(&lost));
    text
}
