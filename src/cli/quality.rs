//! `pooltree quality`.

use super::compare::description;
use super::format::{exact, number, percent, percent_with_error, table, with_error};
use super::progress::Bar;
use super::{Sampling, ScenarioFile, Threads, as_flag, json, scenario};
use pooltree::orders::quality::{MatchQuality, Overtaking};
use pooltree::pool_tree::Architecture;
use pooltree::{Result, Scenario};
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    /// Heights that hold auctions, `1,3` [default: the full tree].
    #[arg(long, value_delimiter = ',', value_name = "HEIGHTS", allow_hyphen_values = true)]
    heights: Option<Vec<u32>>,
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
    let heights = match &args.heights {
        None => Architecture::full(scenario.tree()),
        Some(heights) => {
            Architecture::new(scenario.tree(), heights.iter().copied()).map_err(|e| as_flag(e, "heights"))?
        }
    };
    let bar = Bar::new("replications");
    let watch = |done, all| bar.report("orders", done, all);
    let quality = args.threads.run(|| MatchQuality::evaluate(&scenario, &heights, &watch))?;
    drop(bar);
    if args.json { json(&quality) } else { Ok(readable(&scenario, &quality)) }
}

fn readable(scenario: &Scenario, quality: &MatchQuality) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{}", description(scenario));
    let _ = writeln!(text, "values {}; most valuable orders first\n", scenario.orders().value.name());
    let mut rows = table(&["height", "filled", "value of a filled order"]);
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
    let _ = writeln!(
        text,
        "Value that the global pool fills and {} does not, without discount: {}",
        quality.heights,
        percent_with_error(quality.loss.mean, quality.loss.std_error)
    );
    let _ = writeln!(
        text,
        "Gross welfare per unit time: {} against {} of the global pool",
        with_error(quality.gross.mean, quality.gross.std_error),
        number(quality.global_gross)
    );
    let _ = writeln!(text, "{}", changes(&quality.heights, &quality.overtaking));
    let at_equal_values = changes(&quality.heights, &quality.overtaking_at_equal_values);
    let _ = writeln!(text, "Were all orders worth the same: {at_equal_values}");
    let factor = quality.variance_ratio.map_or("exactly known".to_owned(), |r| format!("variance / {}", number(r)));
    let _ = writeln!(
        text,
        "Simulation: {} replications, seed {}; filled value with control variates: {factor}",
        quality.replications, quality.seed
    );
    text
}

/// At which discount factors the lead changes, as a sentence.
fn changes(heights: &Architecture, overtaking: &[Overtaking]) -> String {
    if overtaking.is_empty() {
        return "no discount factor at which the lead changes".to_owned();
    }
    let change = |change: &Overtaking| {
        let below = if change.ahead_below { heights.to_string() } else { "the global pool".to_owned() };
        let factor =
            if change.std_error > 0.0 { with_error(change.factor, change.std_error) } else { exact(change.factor) };
        format!("{below} is ahead below discount factor {factor} (half-life {})", number(change.half_life))
    };
    overtaking.iter().map(change).collect::<Vec<_>>().join("; ")
}
