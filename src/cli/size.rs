//! `pooltree size`.

use super::{ScenarioFile, json, own_flag, scenario};
use pooltree::explore::sizing::Sizing;
use pooltree::{Error, Result};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    /// The wanted share of the orders, at least 0 and below 1.
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    filled: f64,
    /// Windows and arity for pools of this height only [default: windows for all heights, arity for the root].
    #[arg(long, value_name = "H", allow_hyphen_values = true)]
    height: Option<u32>,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(args.file.file.as_deref())?;
    let sizing = Sizing::new(&scenario, args.filled, args.height).map_err(|error| match &error {
        Error::Domain { key, .. } if key == "filled" || key == "height" => own_flag(error),
        _ => error,
    })?;
    if args.json { json(&sizing) } else { Ok(sizing.report_for(&scenario).to_string()) }
}
