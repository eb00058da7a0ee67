//! A phase diagram in letters.

use super::format::{exact, number, percent};
use super::{Report, Table};
use crate::explore::Spacing;
use crate::explore::phase::Phase;
use crate::pool_tree::Architecture;
use std::collections::BTreeMap;
use std::fmt::Write;

reported! {
    /// The diagram in letters, `y` upwards, with the sets that they stand for and how much of it they win.
    Phase => drawn;
}

/// Columns and rows of the largest map that is drawn.
const MAP: [usize; 2] = [100, 50];

fn drawn(phase: &Phase) -> Report {
    let pick = |n: usize, most: usize| -> Vec<usize> { (0..n).step_by(n.div_ceil(most).max(1)).collect() };
    let (columns, rows) = (pick(phase.x.len(), MAP[0]), pick(phase.y.len(), MAP[1]));
    let legend = Legend::new(phase);
    let mut text = Report::new();
    let range = |key: &str, values: &[f64], spacing: Spacing| {
        let end = |value: Option<&f64>| value.map_or(String::new(), |x| exact(*x));
        let spacing = if spacing == Spacing::Logarithmic { ", logarithmic" } else { "" };
        format!("{key}: {} to {} ({} points{spacing})", end(values.first()), end(values.last()), values.len())
    };
    let [x, y] = phase.spacing;
    // Writing into a report or a string cannot fail.
    let _ = writeln!(text, "to the right {}", range(&phase.x_key, &phase.x, x));
    let _ = writeln!(text, "upwards {}\n", range(&phase.y_key, &phase.y, y));
    let mut map = String::new();
    for (from_top, &j) in rows.iter().rev().enumerate() {
        let row: String = columns.iter().map(|&i| legend.letter(&phase.winner[j][i], &phase.heights[j][i])).collect();
        let tick = if from_top % 5 == 0 || from_top + 1 == rows.len() { number(phase.y[j]) } else { String::new() };
        let _ = writeln!(map, "{tick:>11} {row}");
    }
    // Every twentieth column has its value below.
    let tick = |&i: &usize| format!("{:<20}", format!("|{}", number(phase.x[i])));
    let ticks: Vec<String> = columns.iter().step_by(20).map(tick).collect();
    let _ = writeln!(map, "{:>11} {}", "", ticks.concat().trim_end());
    text.push_drawing(map);
    if columns.len() < phase.x.len() || rows.len() < phase.y.len() {
        let _ = writeln!(text, "(not every point is drawn; --csv and --json have all)");
    }
    let _ = writeln!(text);
    text.push_table(legend.table(phase.x.len() * phase.y.len()));
    let margins = || phase.margin.iter().flatten().flatten().copied();
    if let Some(least) = margins().reduce(f64::min) {
        let _ = writeln!(text, "smallest margin to the best of another name: {}", number(least));
    }
    let ties = margins().filter(|margin| *margin == 0.0).count();
    if ties > 0 {
        let _ = writeln!(text, "{ties} points are ties: a set of another name does as well");
    }
    text
}

/// A letter for every winning set: G, T and a digit for those with a name, small ones for the others, the most frequent first.
struct Legend<'a> {
    sets: Vec<(&'a str, &'a Architecture, usize)>,
}

impl<'a> Legend<'a> {
    fn new(phase: &'a Phase) -> Self {
        let mut counts: BTreeMap<(&str, &Architecture), usize> = BTreeMap::new();
        // On trees of different depth one name stands for different sets.
        for (name, set) in phase.winner.iter().flatten().zip(phase.heights.iter().flatten()) {
            *counts.entry((name, set)).or_default() += 1;
        }
        let mut sets: Vec<_> = counts.into_iter().map(|((name, set), count)| (name, set, count)).collect();
        sets.sort_by(|a, b| b.2.cmp(&a.2).then(a.cmp(b)));
        Self { sets }
    }

    fn letter(&self, name: &str, set: &Architecture) -> char {
        let named = |name: &str| match name {
            "global" => Some('G'),
            "tree" => Some('T'),
            other => other.strip_prefix("local-").and_then(|height| height.parse().ok()).filter(char::is_ascii_digit),
        };
        named(name).unwrap_or_else(|| {
            let mut others = self.sets.iter().filter(|(other, ..)| named(other).is_none());
            let place = others.position(|(_, other, _)| *other == set);
            place.and_then(|i| ('a'..='z').nth(i)).unwrap_or('*')
        })
    }

    fn table(&self, points: usize) -> Table {
        let mut rows = Table::new(&["", "winner", "heights", "share of the points"]);
        for (name, set, count) in self.sets.iter().take(LEGEND) {
            let share = percent(*count as f64 / points as f64);
            rows.add_row(vec![self.letter(name, set).to_string(), (*name).to_owned(), set.to_string(), share]);
        }
        if self.sets.len() > LEGEND {
            let rest: usize = self.sets[LEGEND..].iter().map(|set| set.2).sum();
            let share = percent(rest as f64 / points as f64);
            rows.add_row(vec![
                String::new(),
                format!("({} more sets)", self.sets.len() - LEGEND),
                String::new(),
                share,
            ]);
        }
        rows
    }
}

/// Sets that the legend lists.
const LEGEND: usize = 20;
