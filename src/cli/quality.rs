//! `pooltree quality`.

use super::description;
use pooltree::report::Table;
use pooltree::report::format::{exact, number, percent, percent_with_error, with_error};
use super::progress::Bar;
use super::simulate::tail;
use super::{Heights, Sampling, ScenarioFile, Threads, json, scenario};
use pooltree::orders::quality::{MatchQuality, Overtaking};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Error, Result, Scenario};
use serde::Serialize;
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    #[command(flatten)]
    heights: Heights,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sampling: Sampling,
    #[command(flatten)]
    threads: Threads,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = args.sampling.over(scenario(args.file.file.as_deref())?)?;
    let heights = args.heights.of(&scenario)?;
    let bar = Bar::new("replications");
    let watch = |done, all| bar.report("orders", done, all);
    let quality = args.threads.run(|| MatchQuality::evaluate(&scenario, &heights, &watch))?;
    drop(bar);
    if args.json {
        return json(&Report { scenario, quality });
    }
    let gross = |heights: &Architecture| Ok::<f64, Error>(ClosedForm::evaluate(&scenario, heights)?.gross);
    let lead = gross(&heights)? - gross(&Architecture::global(scenario.tree()))?;
    Ok(readable(&scenario, &quality, lead))
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    scenario: Scenario,
    #[serde(flatten)]
    quality: MatchQuality,
}

/// A share or a relative difference up to this is what rounding leaves of 0.
const ROUNDING: f64 = 1e-12;

/// `lead_at_equal_values`: gross welfare minus that of the global pool, were all orders worth the same.
fn readable(scenario: &Scenario, quality: &MatchQuality, lead_at_equal_values: f64) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{}", description(scenario));
    let _ = writeln!(text, "values {}; most valuable orders first\n", scenario.orders().value.name());
    let mut rows = Table::new(&["height", "filled", "value of a filled order"]);
    for height in &quality.by_height {
        let value = height.match_quality.map_or("-".to_owned(), |q| with_error(q.mean, q.std_error));
        rows.add_row(vec![height.height.to_string(), percent(height.filled_share), value]);
    }
    let all = &quality.match_quality;
    let filled = quality.by_height.iter().map(|height| height.filled_share).sum();
    rows.add_row(vec!["all".to_owned(), percent(filled), with_error(all.mean, all.std_error)]);
    let _ = writeln!(text, "{rows}\n");
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
        changes(quality, &quality.overtaking_at_equal_values, lead_at_equal_values)
    );
    let factor = quality.variance_ratio.map_or("exactly known".to_owned(), |r| format!("variance / {}", number(r)));
    let _ = writeln!(
        text,
        "Simulation: {} replications, seed {}; filled value with control variates: {factor}",
        quality.replications, quality.seed
    );
    if let Some(note) = tail(&scenario.orders().value) {
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
