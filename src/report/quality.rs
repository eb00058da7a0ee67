//! What early local matching loses once orders differ in value.

use super::format::{exact, number, percent, percent_with_error, with_error};
use super::orders::tail;
use super::scenario::description;
use super::{Report, Table};
use crate::orders::quality::{MatchQuality, Overtaking};
use crate::scenario::Scenario;
use std::fmt::Write;

reported! {
    /// The value of the orders filled at every height, the loss against the global pool, and the impatience that makes up for it.
    MatchQuality => |quality| readable(quality, None);
}

impl MatchQuality {
    /// [`MatchQuality::report`] with the scenario that it was evaluated for.
    pub fn report_for(&self, scenario: &Scenario) -> Report {
        readable(self, Some(scenario))
    }
}

/// A share or a relative difference up to this is what rounding leaves of 0.
const ROUNDING: f64 = 1e-12;

fn readable(quality: &MatchQuality, scenario: Option<&Scenario>) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    if let Some(scenario) = scenario {
        let _ = writeln!(text, "{}", description(scenario));
        let _ = writeln!(text, "values {}; most valuable orders first\n", scenario.orders().value.name());
    }
    let mut rows = Table::new(&["height", "filled", "value of a filled order"]);
    for height in &quality.by_height {
        let value = height.match_quality.map_or("-".to_owned(), |q| with_error(q.mean, q.std_error));
        rows.add_row(vec![height.height.to_string(), percent(height.filled_share), value]);
    }
    let all = &quality.match_quality;
    let filled = quality.by_height.iter().map(|height| height.filled_share).sum();
    rows.add_row(vec!["all".to_owned(), percent(filled), with_error(all.mean, all.std_error)]);
    text.push_table(rows);
    let _ = writeln!(text);
    let _ = writeln!(
        text,
        "Values in units of the mean of all orders; filled shares and the global pool are exact, the rest ± standard error"
    );
    let _ = writeln!(text, "Value of a filled order in the global pool: {}", number(quality.global_match_quality));
    let loss = &quality.loss;
    let nothing = loss.std_error == 0.0 && loss.mean.abs() < ROUNDING;
    let _ = writeln!(
        text,
        "Value that the global pool fills and {} does not, without discount: {}",
        quality.heights,
        if nothing { "none".to_owned() } else { percent_with_error(loss.mean, loss.std_error) }
    );
    let _ = writeln!(
        text,
        "Gross welfare per unit time: {} against {} of the global pool",
        with_error(quality.gross.mean, quality.gross.std_error),
        number(quality.global_gross)
    );
    let _ = writeln!(text, "{}", changes(quality, &quality.overtaking, quality.gross.mean - quality.global_gross));
    let _ = writeln!(
        text,
        "Were all orders worth the same: {}",
        changes(quality, &quality.overtaking_at_equal_values, quality.lead_at_equal_values)
    );
    let factor = quality.variance_ratio.map_or("exactly known".to_owned(), |r| format!("variance / {}", number(r)));
    let _ = writeln!(
        text,
        "Simulation: {} replications, seed {}; filled value with control variates: {factor}",
        quality.replications, quality.seed
    );
    if let Some(note) = scenario.and_then(|scenario| tail(&scenario.orders().value)) {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

/// At which discount factors the lead changes, as a sentence; `lead` tells who has it at that of the scenario.
fn changes(quality: &MatchQuality, overtaking: &[Overtaking], lead: f64) -> String {
    let name = |ahead: bool| if ahead { quality.heights.to_string() } else { "the global pool".to_owned() };
    if overtaking.is_empty() {
        let now = if lead.abs() <= ROUNDING * quality.global_gross {
            "both are worth the same".to_owned()
        } else {
            format!("{} is ahead", name(lead > 0.0))
        };
        return format!("no discount factor at which the lead changes; {now}");
    }
    let change = |change: &Overtaking| {
        let factor =
            if change.std_error > 0.0 { with_error(change.factor, change.std_error) } else { exact(change.factor) };
        let half_life = number(change.half_life);
        format!("{} is ahead below discount factor {factor} (half-life {half_life})", name(change.ahead_below))
    };
    overtaking.iter().map(change).collect::<Vec<_>>().join("; ")
}
