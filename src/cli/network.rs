//! `pooltree network`.

use super::{Threads, json, scenario};
use pooltree::Result;
use pooltree::explore::network::NetworkReport;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Scenario file (TOML) with a section [sites] or with tree.pools, `-` for standard input.
    file: PathBuf,
    /// Lists the operators of every pool.
    #[arg(long)]
    pools: bool,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: Threads,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(Some(&args.file))?;
    let report = args.threads.run(|| NetworkReport::new(&scenario))?;
    if args.json {
        return json(&report);
    }
    Ok(if args.pools { report.report_with_pools() } else { report.report() }.to_string())
}
