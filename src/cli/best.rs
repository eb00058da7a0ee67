//! `pooltree best`.

use super::format::{number, table_with_text};
use super::{ScenarioFile, json, scenario};
use pooltree::pool_tree::search::{Best, HeightValue, Search};
use pooltree::{Result, Scenario};
use serde::Serialize;
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
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
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(args.file.file.as_deref())?;
    let search = Search::new(&scenario)?;
    let report = Report { best: search.best()?, levels: search.raison_d_etre()? };
    if args.json { json(&report) } else { Ok(readable(&scenario, &report)) }
}

fn readable(scenario: &Scenario, report: &Report) -> String {
    let mut text = super::compare::description(scenario) + "\n\n";
    let Report { best, levels } = report;
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
    text
}
