//! `pooltree compare`.

use super::format::{given, number, percent, percent_with_error, table, with_error};
use super::progress::Bar;
use super::{Sampling, ScenarioFile, Threads, heights_flag, json, scenario};
use pooltree::compare::{Compared, Comparison};
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::closed_form::ClosedForm;
use pooltree::pool_tree::search::HeightValue;
use pooltree::{Result, Scenario};
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    /// Compares one more architecture, called `custom`, with auctions at these heights: `1,3`.
    #[arg(long, value_delimiter = ',', value_name = "HEIGHTS", allow_hyphen_values = true)]
    heights: Option<Vec<u32>>,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
    /// Closed form only.
    #[arg(long)]
    no_simulation: bool,
    #[command(flatten)]
    sampling: Sampling,
    #[command(flatten)]
    threads: Threads,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = args.sampling.over(scenario(args.file.file.as_deref())?)?;
    let custom = args.heights.as_deref().map(|heights| heights_flag(&scenario, heights)).transpose()?;
    let bar = Bar::new("replications");
    let report = |name: &str, done, all| bar.report(name, done, all);
    let comparison =
        args.threads.run(|| Comparison::new(&scenario, custom.clone(), (!args.no_simulation).then_some(&report)))?;
    drop(bar);
    if args.json {
        return json(&comparison);
    }
    Ok(readable(&comparison))
}

/// The tables and sentences that a person reads.
fn readable(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
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

/// Tree, flow, delay and discount in two lines.
pub(super) fn description(scenario: &Scenario) -> String {
    let tree = scenario.tree();
    let operators = tree.operators().map_or_else(|| number(tree.size_f64(tree.depth())), |n| n.to_string());
    let flow = scenario.flow();
    let components: Vec<String> =
        flow.components().iter().map(|c| format!("{} % {}", given(100.0 * c.share()), c.kind().name())).collect();
    format!(
        "{operators} operator{} (arity {}{}, depth {}); {} orders per unit time over {} assets: {}\n\
         delay {}, discount factor {} per unit time, utility {} per filled order, cost {} per message",
        if operators == "1" { "" } else { "s" },
        if tree.given_pools().is_some() { "up to " } else { "" },
        tree.arity(),
        tree.depth(),
        given(flow.rate()),
        flow.assets(),
        components.join(", "),
        scenario.timing().delay().name(),
        given(scenario.discount().after(1.0)),
        given(scenario.utility_mean()),
        given(scenario.cost_per_message()),
    )
}

/// How many sets of heights there are.
pub(super) fn all_sets(scenario: &Scenario) -> String {
    let heights = scenario.tree().depth() + 1;
    let all = if heights < 20 { ((1 << heights) - 1).to_string() } else { format!("2^{heights} - 1") };
    format!("{all} sets of heights")
}

/// The architectures side by side; in deep trees without the local pools that earn next to nothing.
fn welfare_table(text: &mut String, architectures: &[Compared]) {
    let simulated = architectures.iter().any(|compared| compared.monte_carlo.is_some());
    let exact = ["architecture", "gross", "cost", "net", "gross/order", "net/order", "filled"];
    let estimated = ["gross, simulated", "filled, simulated", "agreement"];
    let header: Vec<&str> = exact.into_iter().chain(estimated.into_iter().filter(|_| simulated)).collect();
    let mut table = table(&header);
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
    let _ = writeln!(text, "{table}");
    if left_out > 0 {
        let _ =
            writeln!(text, "({left_out} local architectures that earn less than a millionth of the best are left out)");
    }
    let _ = writeln!(text);
}

/// What common outages make of it, where they are known.
fn outages_table(text: &mut String, architectures: &[Compared]) {
    let mut table = table(&["architecture", "gross", "change", "net", "filled", "change", "filled by height"]);
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
        let _ = writeln!(text, "Keepers down in all their pools at once (closed form)\n\n{table}");
        let _ = writeln!(text, "change: against failures that are independent, as in the tables above\n");
    }
}

/// Rows beyond which a table leaves out heights that earn next to nothing.
const MANY_ROWS: usize = 40;

/// The heights of one architecture; `values` holds their raison d'être where it is known.
fn height_table(text: &mut String, compared: &Compared, values: &[HeightValue]) {
    let simulated = compared.monte_carlo.as_ref().map(|confirmed| &confirmed.simulated.by_height);
    let mut header = vec!["height", "latency", "period", "discount", "filling rate", "filled", "gross", "cost"];
    header.extend((!values.is_empty()).then_some("value"));
    header.extend(simulated.map(|_| "filled, simulated"));
    let mut table = table(&header);
    let by_height = &compared.closed_form.by_height;
    let mut left_out = 0;
    for (i, height) in by_height.iter().enumerate() {
        if by_height.len() > MANY_ROWS && height.gross <= 1e-6 * compared.closed_form.gross {
            left_out += 1;
            continue;
        }
        let mut row = vec![
            height.height.to_string(),
            number(height.latency),
            number(height.period),
            number(height.expected_discount),
            percent(height.filling_rate),
            percent(height.filled_share),
            number(height.gross),
            number(height.cost),
        ];
        row.extend(values.iter().find(|level| level.height == height.height).map(|level| number(level.value)));
        if let Some(fills) = simulated.and_then(|by_height| by_height.get(i)) {
            row.push(percent_with_error(fills.filled_share, fills.std_error));
        }
        table.add_row(row);
    }
    let _ = writeln!(text, "{table}");
    if !values.is_empty() {
        let _ = writeln!(text, "value: greatest net of all sets with the height minus that of all sets without it");
    }
    if left_out > 0 {
        let _ = writeln!(text, "({left_out} heights that earn less than a millionth of gross are left out)");
    }
    let _ = writeln!(text);
}

fn verdict(text: &mut String, comparison: &Comparison) {
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
    for compared in &comparison.architectures {
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
