//! `pooltree threshold`.

use super::progress::Bar;
use super::{ScenarioFile, Threads, as_flag, json, scenario};
use clap::ArgGroup;
use pooltree::Result;
use pooltree::explore::levels::LevelThresholds;
use pooltree::explore::threshold::Threshold;
use pooltree::explore::{Axis, Contender};

#[derive(clap::Args)]
#[command(group(ArgGroup::new("what").args(["between", "levels"]).required(true)))]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    /// The scenario key and its range, `discount.half_life=0.1..10`; with `:log` scanned by equal ratios, with `:N` at N points.
    #[arg(long, value_name = "KEY=LO..HI", allow_hyphen_values = true)]
    vary: String,
    /// Two architectures: tree, global, local-HEIGHT, or heights such as 1,3.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    between: Option<Vec<String>>,
    /// Instead of two architectures: where every level loses its raison d'être.
    #[arg(long)]
    levels: bool,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: Threads,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = scenario(args.file.file.as_deref())?;
    let axis: Axis = args.vary.parse().map_err(|e| as_flag(e, "vary"))?;
    let bar = Bar::new("points");
    let watch = |done, all| bar.report("scan", done, all);
    if let Some([a, b]) = args.between.as_deref() {
        let contender = |text: &String| text.parse::<Contender>().map_err(|e| as_flag(e, "between"));
        let between = [contender(a)?, contender(b)?];
        let threshold = args.threads.run(|| Threshold::find(&scenario, &axis, between, &watch))?;
        drop(bar);
        return if args.json { json(&threshold) } else { Ok(threshold.report().to_string()) };
    }
    let levels = args.threads.run(|| LevelThresholds::find(&scenario, &axis, &watch))?;
    drop(bar);
    if args.json { json(&levels) } else { Ok(levels.report().to_string()) }
}
