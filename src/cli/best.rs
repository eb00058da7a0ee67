//! `pooltree best`.

use super::format::{number, table_with_text};
use super::{ScenarioFile, json, scenario};
use pooltree::explore::periods::BestPeriods;
use pooltree::pool_tree::search::{Best, HeightValue, Search};
use pooltree::{Result, Scenario};
use serde::Serialize;
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    /// The best base and ratio of periods as well, and the best window of the global and of local pools.
    #[arg(long)]
    periods: bool,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

/// What `pooltree best --json` prints.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    best: Best,
    levels: Vec<HeightValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    periods: Option<BestPeriods>,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(args.file.file.as_deref())?;
    let search = Search::new(&scenario)?;
    let ratio = BestPeriods::default_max_ratio(&scenario);
    let periods = args.periods.then(|| BestPeriods::new(&scenario, ratio)).transpose()?;
    let report = Report { best: search.best()?, levels: search.raison_d_etre()?, periods };
    if args.json { json(&report) } else { Ok(readable(&scenario, &report)) }
}

fn readable(scenario: &Scenario, report: &Report) -> String {
    let mut text = super::compare::description(scenario) + "\n\n";
    let Report { best, levels, periods } = report;
    let _ = writeln!(
        text,
        "Best of all {}: {}, net {}\n",
        super::compare::all_sets(scenario),
        best.architecture,
        number(best.net)
    );
    let mut rows = table_with_text(&["height", "value", "raison d'être"]);
    for level in levels {
        rows.add_row(vec![level.height.to_string(), number(level.value), level.explain()]);
    }
    let _ = writeln!(text, "{rows}");
    let _ = writeln!(text, "value: greatest net of all sets with the height minus that of all sets without it");
    let nonsense: Vec<String> =
        levels.iter().filter(|level| level.value <= 0.0).map(|level| level.height.to_string()).collect();
    let nonsense = if nonsense.is_empty() { "none".to_owned() } else { nonsense.join(", ") };
    let _ = writeln!(text, "\nLevels without a raison d'être: {nonsense}");
    if let Some(periods) = periods {
        let _ = write!(text, "\n{}", super::periods::readable(periods));
    }
    text
}
