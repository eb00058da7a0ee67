//! `pooltree quality`.

use super::progress::Bar;
use super::{Heights, Sampling, ScenarioFile, Threads, json, scenario};
use pooltree::orders::quality::MatchQuality;
use pooltree::{Result, Scenario};
use serde::Serialize;

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
    Ok(quality.report_for(&scenario).to_string())
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    scenario: Scenario,
    #[serde(flatten)]
    quality: MatchQuality,
}
