//! The best set of heights, and what every height is worth.

use super::format::{number, percent};
use super::scenario::{all_sets, description};
use super::{Report, Table};
use crate::explore::best::BestSet;
use crate::pool_tree::search::{Best, Enumerated, Enumeration, HeightValues};
use std::fmt::Write;

reported! {
    /// The best and the second best set, the value of every height with the reason, and the best periods if they were searched.
    BestSet => readable;
}

reported! {
    /// The set and its net welfare, in a line.
    Best => |best| {
        let mut text = Report::new();
        let _ = writeln!(text, "Best heights: {}, net {}", best.architecture, number(best.net)); // cannot fail
        text
    };
}

reported! {
    /// What every height is worth, and why.
    HeightValues => |levels| {
        let mut text = Report::new();
        values(&mut text, levels);
        nonsense(&mut text, levels);
        text
    };
}

reported! {
    /// The sets that earn most, the best one first.
    Enumeration => sets;
}

/// Sets that are shown.
const MOST_SETS: usize = 10;

fn sets(all: &Enumeration) -> Report {
    let mut text = Report::new();
    let mut sets: Vec<&Enumerated> = all.sets().iter().collect();
    sets.sort_by(|a, b| b.net.total_cmp(&a.net));
    let mut table = Table::new(&["heights", "net", "gross", "cost", "filled"]);
    for set in sets.iter().take(MOST_SETS) {
        let [net, gross, cost] = [set.net, set.gross, set.cost].map(number);
        table.add_row([set.architecture.to_string(), net, gross, cost, percent(set.filled_share)]);
    }
    text.push_table(table);
    if sets.len() > MOST_SETS {
        let _ = writeln!(text, "({} more sets earn less)", sets.len() - MOST_SETS); // writing into a report cannot fail
    }
    text
}

fn readable(found: &BestSet) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let BestSet { scenario, heights, net, gross, cost, filled_share, second, levels, periods } = found;
    let _ = writeln!(text, "{}\n", description(scenario));
    let all = all_sets(scenario);
    let _ = writeln!(text, "Best of all {all}: {heights}, net {}", number(*net));
    let (gross, cost, filled) = (number(*gross), number(*cost), percent(*filled_share));
    let _ = writeln!(text, "gross {gross}, cost {cost}, {filled} of all orders filled");
    if let Some(Best { architecture, net }) = second {
        let _ = writeln!(text, "Second best: {architecture}, net {}", number(*net));
    }
    let _ = writeln!(text);
    values(&mut text, levels);
    if heights.heights().first() == Some(&0) && scenario.tree().depth() > 0 {
        let _ =
            writeln!(text, "height 0, auctions of single operators, is in the best set but no level of the full tree");
    }
    nonsense(&mut text, levels);
    if let Some(periods) = periods {
        let _ = writeln!(text);
        text.append(periods.report());
    }
    text
}

fn values(text: &mut Report, levels: &HeightValues) {
    let mut rows = Table::with_sentences(&["height", "value", "raison d'être"]);
    for level in levels {
        rows.add_row([level.height.to_string(), number(level.value), level.explain()]);
    }
    text.push_table(rows);
    let _ = writeln!(text, "value: greatest net of all sets with the height minus that of all sets without it");
}

fn nonsense(text: &mut Report, levels: &HeightValues) {
    let nonsense: Vec<String> = levels.without_raison_d_etre().iter().map(u32::to_string).collect();
    let nonsense = if nonsense.is_empty() { "none".to_owned() } else { nonsense.join(", ") };
    let _ = writeln!(text, "\nLevels without a raison d'être: {nonsense}");
}
