//! `pooltree threshold`.

use super::format::{exact, number, table, table_with_text, to_accuracy};
use super::progress::Bar;
use super::{ScenarioFile, Threads, as_flag, json, scenario};
use clap::ArgGroup;
use pooltree::Result;
use pooltree::explore::levels::LevelThresholds;
use pooltree::explore::threshold::Threshold;
use pooltree::explore::{Axis, Contender};
use std::fmt::Write;

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
        return if args.json { json(&threshold) } else { Ok(lead(&threshold)) };
    }
    let levels = args.threads.run(|| LevelThresholds::find(&scenario, &axis, &watch))?;
    drop(bar);
    if args.json { json(&levels) } else { Ok(deaths(&levels)) }
}

fn lead(threshold: &Threshold) -> String {
    let mut text = String::new();
    let ([a, b], [lo, hi], key) = (&threshold.between, threshold.range, &threshold.key);
    let leader = |ahead: &Option<Contender>| ahead.as_ref().map_or("neither".to_owned(), Contender::to_string);
    let [first, last] = &threshold.ahead;
    let _ = writeln!(
        text,
        "{a} against {b}, {key} from {} to {}, scanned at {} points",
        exact(lo),
        exact(hi),
        threshold.scanned
    );
    let _ = writeln!(text, "ahead at the lower end: {}; at the upper end: {}\n", leader(first), leader(last));
    if threshold.crossings.is_empty() {
        let _ = writeln!(text, "Neither overtakes the other in this range.");
        return text;
    }
    let mut rows = table(&[key.as_str(), "accuracy", "ahead beyond", "net there", "how"]);
    for crossing in &threshold.crossings {
        rows.add_row(vec![
            to_accuracy(crossing.at, crossing.accuracy),
            if crossing.accuracy == 0.0 { "exact".to_owned() } else { format!("{:.1e}", crossing.accuracy) },
            crossing.ahead.to_string(),
            number(crossing.net),
            if crossing.leap { "by a leap" } else { "crossing" }.to_owned(),
        ]);
    }
    let _ = writeln!(text, "{rows}");
    text
}

fn deaths(levels: &LevelThresholds) -> String {
    let mut text = String::new();
    let [lo, hi] = levels.range;
    let list = |heights: &[u32]| {
        if heights.is_empty() {
            "none".to_owned()
        } else {
            heights.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
        }
    };
    let _ = writeln!(text, "{} from {} to {}, scanned at {} points", levels.key, exact(lo), exact(hi), levels.scanned);
    let _ = writeln!(text, "levels with a raison d'être at the lower end: {}", list(&levels.alive_at_first));
    let _ = writeln!(text, "levels with a raison d'être at the upper end: {}", list(&levels.alive_at_last));
    for (end, undecided) in [("lower", &levels.undecided_at_first), ("upper", &levels.undecided_at_last)] {
        if !undecided.is_empty() {
            let _ = writeln!(text, "too close to call at the {end} end: {}", list(undecided));
        }
    }
    let _ = writeln!(text);
    if levels.changes.is_empty() {
        let _ = writeln!(text, "No level loses or regains its raison d'être in this range.");
        return text;
    }
    let mut rows = table_with_text(&[levels.key.as_str(), "height", "raison d'être", "because"]);
    for change in &levels.changes {
        let (what, why) = if change.lost { ("lost", "from here on: ") } else { ("back", "until here: ") };
        rows.add_row(vec![
            to_accuracy(change.at, change.accuracy),
            change.height.to_string(),
            what.to_owned(),
            why.to_owned() + &change.reason,
        ]);
    }
    let _ = writeln!(text, "{rows}");
    let lost: Vec<u32> = levels.changes.iter().filter(|change| change.lost).map(|change| change.height).collect();
    let _ = writeln!(text, "Order of loss with growing {}: {}", levels.key, list(&lost));
    text
}
