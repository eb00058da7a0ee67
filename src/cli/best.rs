//! `pooltree best`.

use super::progress::Bar;
use super::{ScenarioFile, Threads, json, own_flag, scenario};
use pooltree::explore::best::BestSet;
use pooltree::explore::periods::BestPeriods;
use pooltree::{Error, Result};

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

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(args.file.file.as_deref())?;
    let ratio = args.periods.then(|| args.max_ratio.unwrap_or(BestPeriods::default_max_ratio(&scenario)));
    let bar = Bar::new("steps");
    let watch = |done, all| bar.report("periods", done, all);
    let best = args.threads.run(|| BestSet::find(&scenario, ratio, &watch)).map_err(|error| match &error {
        Error::Domain { key, .. } if key == "max_ratio" => own_flag(error),
        _ => error,
    })?;
    drop(bar);
    if args.json { json(&best) } else { Ok(best.report().to_string()) }
}
