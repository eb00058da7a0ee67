//! `pooltree best`.

use super::format::{number, percent, table_with_text};
use super::progress::Bar;
use super::{ScenarioFile, Threads, json, own_flag, scenario};
use pooltree::explore::periods::BestPeriods;
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::search::{Best, HeightValue, Search};
use pooltree::{ClosedForm, Error, Result, Scenario};
use serde::Serialize;
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    /// The best base and ratio of periods as well, and the best window of the global and of local pools.
    #[arg(long)]
    periods: bool,
    /// Periods grow from height to height by whole ratios up to this one [default: the arity, but from 16 to 64].
    #[arg(long, value_name = "R", requires = "periods", allow_hyphen_values = true)]
    max_ratio: Option<u32>,
    #[command(flatten)]
    threads: Threads,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

/// What `pooltree best --json` prints.
#[derive(Serialize)]
struct Report {
    heights: Architecture,
    net: f64,
    gross: f64,
    cost: f64,
    filled_share: f64,
    /// The best of all other sets.
    second: Option<Best>,
    levels: Vec<HeightValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    periods: Option<BestPeriods>,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(args.file.file.as_deref())?;
    let search = Search::new(&scenario)?;
    let best = search.best()?;
    let welfare = ClosedForm::evaluate(&scenario, &best.architecture)?;
    let second = search.best_but(&best.architecture)?;
    let levels = search.raison_d_etre()?;
    let ratio = args.max_ratio.unwrap_or(BestPeriods::default_max_ratio(&scenario));
    let bar = Bar::new("steps");
    let watch = |done, all| bar.report("periods", done, all);
    let periods = || args.periods.then(|| BestPeriods::new(&scenario, ratio, &watch)).transpose();
    let periods = args.threads.run(periods).map_err(|error| match &error {
        Error::Domain { key, .. } if key == "max_ratio" => own_flag(error),
        _ => error,
    })?;
    drop(bar);
    let Best { architecture, net } = best;
    let ClosedForm { gross, cost, filled_share, .. } = welfare;
    let report = Report { heights: architecture, net, gross, cost, filled_share, second, levels, periods };
    if args.json { json(&report) } else { Ok(readable(&scenario, &report)) }
}

fn readable(scenario: &Scenario, report: &Report) -> String {
    let mut text = super::compare::description(scenario) + "\n\n";
    let Report { heights, net, gross, cost, filled_share, second, levels, periods } = report;
    let all = super::compare::all_sets(scenario);
    let _ = writeln!(text, "Best of all {all}: {heights}, net {}", number(*net));
    let (gross, cost, filled) = (number(*gross), number(*cost), percent(*filled_share));
    let _ = writeln!(text, "gross {gross}, cost {cost}, {filled} of all orders filled");
    if let Some(Best { architecture, net }) = second {
        let _ = writeln!(text, "Second best: {architecture}, net {}", number(*net));
    }
    let _ = writeln!(text);
    let mut rows = table_with_text(&["height", "value", "raison d'être"]);
    for level in levels {
        rows.add_row(vec![level.height.to_string(), number(level.value), level.explain()]);
    }
    let _ = writeln!(text, "{rows}");
    let _ = writeln!(text, "value: greatest net of all sets with the height minus that of all sets without it");
    if heights.heights().first() == Some(&0) && scenario.tree().depth() > 0 {
        let _ =
            writeln!(text, "height 0, auctions of single operators, is in the best set but no level of the full tree");
    }
    let nonsense: Vec<String> =
        levels.iter().filter(|level| level.value <= 0.0).map(|level| level.height.to_string()).collect();
    let nonsense = if nonsense.is_empty() { "none".to_owned() } else { nonsense.join(", ") };
    let _ = writeln!(text, "\nLevels without a raison d'être: {nonsense}");
    if let Some(periods) = periods {
        let _ = write!(text, "\n{}", super::periods::readable(periods));
    }
    text
}
