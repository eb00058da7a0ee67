//! `pooltree compare`.

use super::progress::Bar;
use super::{Sampling, ScenarioFile, Threads, heights_flag, json, scenario};
use pooltree::Result;
use pooltree::compare::Comparison;

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
    if args.json { json(&comparison) } else { Ok(comparison.report().to_string()) }
}
