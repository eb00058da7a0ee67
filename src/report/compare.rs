//! Architectures side by side.

use super::closed_form::{BY_HEIGHT, cells};
use super::format::{number, percent, percent_with_error, with_error};
use super::scenario::{all_sets, description};
use super::{Report, Table};
use crate::compare::{Compared, Comparison, Confirmed};
use crate::pool_tree::Architecture;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::HeightValue;
use std::fmt::Write;

reported! {
    /// What `pooltree compare` prints: welfare of the architectures, their heights, who wins, and what to know before believing it.
    Comparison => readable;
    /// One architecture: its line of the comparison, its heights, and why it was not simulated.
    Compared => one;
    /// The estimates, and how well they agree with what is known exactly.
    Confirmed => confirmed;
}

/// The tables and sentences that a person reads.
fn readable(comparison: &Comparison) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let _ = writeln!(text, "{}\n", description(&comparison.scenario));
    let simulated = comparison.architectures.iter().any(|compared| compared.monte_carlo.is_some());
    let beside = if simulated { " beside Monte Carlo ± standard error" } else { "" };
    let _ = writeln!(text, "Welfare per unit time (closed form{beside})\n");
    welfare_table(&mut text, &comparison.architectures);
    for compared in &comparison.architectures {
        if compared.architecture.heights().len() > 1 {
            let _ = writeln!(text, "By height: {} {}\n", compared.name, compared.architecture);
            let values = if compared.name == "tree" { comparison.levels.as_slice() } else { &[] };
            height_table(&mut text, compared, values);
        }
    }
    outages_table(&mut text, &comparison.architectures);
    verdict(&mut text, comparison);
    text
}

/// The architectures side by side; in deep trees without the local pools that earn next to nothing.
fn welfare_table(text: &mut Report, architectures: &[Compared]) {
    let simulated = architectures.iter().any(|compared| compared.monte_carlo.is_some());
    let exact = ["architecture", "gross", "cost", "net", "gross/order", "net/order", "filled"];
    let estimated = ["gross, simulated", "filled, simulated", "agreement"];
    let header: Vec<&str> = exact.into_iter().chain(estimated.into_iter().filter(|_| simulated)).collect();
    let mut table = Table::new(&header);
    let best = architectures.iter().map(|compared| compared.closed_form.gross).fold(0.0, f64::max);
    let negligible =
        |compared: &Compared| compared.closed_form.gross <= 1e-6 * best && compared.name.starts_with("local");
    let mut left_out = 0;
    for compared in architectures {
        if architectures.len() > MANY_ROWS && negligible(compared) {
            left_out += 1;
            continue;
        }
        let ClosedForm { gross, cost, net, gross_per_order, net_per_order, filled_share, .. } = compared.closed_form;
        let name = format!("{} {}", compared.name, compared.architecture);
        let mut row: Vec<String> =
            std::iter::once(name).chain([gross, cost, net, gross_per_order, net_per_order].map(number)).collect();
        row.push(percent(filled_share));
        if let Some(confirmed) = &compared.monte_carlo {
            let simulated = &confirmed.simulated;
            row.push(with_error(simulated.gross, simulated.std_error));
            row.push(percent_with_error(simulated.filled_share, simulated.filled_share_std_error));
            row.push(format!("p = {:.3}", confirmed.agreement.p_value));
        } else if simulated {
            row.extend(["-"; 3].map(str::to_owned));
        }
        table.add_row(row);
    }
    text.push_table(table);
    if left_out > 0 {
        let _ =
            writeln!(text, "({left_out} local architectures that earn less than a millionth of the best are left out)");
    }
    let _ = writeln!(text);
}

/// One line of the comparison, with what belongs to it.
fn one(compared: &Compared) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let simulated = if compared.monte_carlo.is_some() { " beside Monte Carlo ± standard error" } else { "" };
    let _ = writeln!(text, "Welfare per unit time (closed form{simulated})\n");
    let one = std::slice::from_ref(compared);
    welfare_table(&mut text, one);
    height_table(&mut text, compared, &[]);
    outages_table(&mut text, one);
    refused(&mut text, one);
    text
}

/// A simulation with its agreement.
fn confirmed(confirmed: &Confirmed) -> Report {
    let mut text = confirmed.simulated.report();
    let agreement = &confirmed.agreement;
    let _ = if agreement.degrees_of_freedom == 0 {
        writeln!(text, "Agreement with the closed form: not tested, nothing is known exactly")
    } else {
        writeln!(text, "Agreement with the closed form: p = {:.3}", agreement.p_value)
    };
    text
}

/// What common outages make of it, where they are known.
fn outages_table(text: &mut Report, architectures: &[Compared]) {
    let mut table = Table::new(&["architecture", "gross", "change", "net", "filled", "change", "filled by height"]);
    for Compared { name, architecture, closed_form, common_outages, .. } in architectures {
        let Some(common) = common_outages else { continue };
        let change =
            |common: f64, alone: f64| if (common - alone).abs() <= 1e-12 * alone.abs() { 0.0 } else { common - alone };
        let by_height: Vec<String> = common.by_height.iter().map(|height| percent(height.filled_share)).collect();
        table.add_row([
            format!("{name} {architecture}"),
            number(common.gross),
            number(change(common.gross, closed_form.gross)),
            number(common.net),
            percent(common.filled_share),
            percent(change(common.filled_share, closed_form.filled_share)),
            by_height.join(", "),
        ]);
    }
    if !table.is_empty() {
        let _ = writeln!(text, "Keepers down in all their pools at once (closed form)\n");
        text.push_table(table);
        let _ = writeln!(text, "change: against failures that are independent, as in the tables above\n");
    }
}

/// Rows beyond which a table leaves out heights that earn next to nothing.
const MANY_ROWS: usize = 40;

/// The heights of one architecture; `values` holds their raison d'être where it is known.
fn height_table(text: &mut Report, compared: &Compared, values: &[HeightValue]) {
    let simulated = compared.monte_carlo.as_ref().map(|confirmed| &confirmed.simulated.by_height);
    let mut header = BY_HEIGHT.to_vec();
    header.extend((!values.is_empty()).then_some("value"));
    header.extend(simulated.map(|_| "filled, simulated"));
    let mut table = Table::new(&header);
    let by_height = &compared.closed_form.by_height;
    let mut left_out = 0;
    for (i, height) in by_height.iter().enumerate() {
        if by_height.len() > MANY_ROWS && height.gross <= 1e-6 * compared.closed_form.gross {
            left_out += 1;
            continue;
        }
        let mut row = cells(height);
        row.extend(values.iter().find(|level| level.height == height.height).map(|level| number(level.value)));
        if let Some(fills) = simulated.and_then(|by_height| by_height.get(i)) {
            row.push(percent_with_error(fills.filled_share, fills.std_error));
        }
        table.add_row(row);
    }
    text.push_table(table);
    if !values.is_empty() {
        let _ = writeln!(text, "value: greatest net of all sets with the height minus that of all sets without it");
    }
    if left_out > 0 {
        let _ = writeln!(text, "({left_out} heights that earn less than a millionth of gross are left out)");
    }
    let _ = writeln!(text);
}

fn verdict(text: &mut Report, comparison: &Comparison) {
    if let Some(winner) = comparison.winner() {
        let _ = writeln!(
            text,
            "Winner of these {}: {} {}, net {}",
            comparison.architectures.len(),
            winner.name,
            winner.architecture,
            number(winner.closed_form.net)
        );
    }
    if let Some(best) = &comparison.best {
        let all = all_sets(&comparison.scenario);
        let _ = writeln!(text, "Best of all {all}: {}, net {}", best.architecture, number(best.net));
        let nonsense = comparison.without_raison_d_etre.iter().flatten().copied();
        let nonsense = Architecture::new(comparison.scenario.tree(), nonsense);
        let nonsense = nonsense.map_or("none".to_owned(), |heights| heights.to_string());
        let _ = writeln!(text, "Levels without a raison d'être: {nonsense}");
    }
    refused(text, &comparison.architectures);
    let simulations = comparison.architectures.iter().filter_map(|c| c.monte_carlo.as_ref());
    if let Some(first) = simulations.clone().next() {
        let number_of = simulations.clone().count();
        let worst = simulations.map(|c| c.agreement.p_value).fold(1.0, f64::min);
        let corrected = (worst * number_of as f64).min(1.0);
        let _ = writeln!(
            text,
            "Simulation: seed {} for every architecture; smallest of {number_of} agreement p-values {worst:.3}, \
             corrected for their number {corrected:.3}",
            first.simulated.seed
        );
    }
    for note in &comparison.notes {
        let _ = writeln!(text, "Note: {note}");
    }
}

/// What could not be simulated, or not as precisely as was asked for.
fn refused(text: &mut Report, architectures: &[Compared]) {
    for compared in architectures {
        if let Some(reason) = &compared.monte_carlo_refused {
            let _ = writeln!(text, "Not simulated: {}: {reason}", compared.name);
        }
        if let Some(precision) = compared.monte_carlo.as_ref().and_then(|c| c.simulated.precision).filter(|p| p.capped)
        {
            let reached =
                precision.reached.map_or("no fill was seen".to_owned(), |r| format!("reached {}", percent(r)));
            let _ = writeln!(
                text,
                "Precision {} of {} is out of reach: {reached}",
                percent(precision.target),
                compared.name
            );
        }
    }
}
