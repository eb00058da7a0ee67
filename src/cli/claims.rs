//! `pooltree claims`.

use super::json;
use pooltree::{Result, claims};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The numbers behind every verdict as well.
    #[arg(long)]
    figures: bool,
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let claims = claims::all()?;
    if args.json {
        return json(&claims);
    }
    Ok(if args.figures { claims.report_with_figures() } else { claims.report() }.to_string())
}
