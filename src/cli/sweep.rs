//! `pooltree sweep` and `pooltree phase`.

use super::progress::Bar;
use super::{ScenarioFile, Threads, as_flag, json, scenario};
use clap::ArgGroup;
use pooltree::explore::phase::Phase;
use pooltree::explore::sweep::Sweep;
use pooltree::explore::verdict::Among;
use pooltree::explore::{Axis, Contender};
use pooltree::pool_tree::Architecture;
use pooltree::{Error, Result};

/// What both commands take.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("format").args(["json", "csv"])))]
struct Common {
    #[command(flatten)]
    file: ScenarioFile,
    /// Only these compete, instead of all sets of heights: tree, global, local-HEIGHT, heights such as 1+3.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    among: Vec<String>,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Comma-separated values, one line per point.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    threads: Threads,
}

impl Common {
    fn among(&self) -> Result<Among> {
        let contender = |text: &String| text.parse::<Contender>().map_err(|e| as_flag(e, "among"));
        let these: Vec<Contender> = self.among.iter().map(contender).collect::<Result<_>>()?;
        Ok(if these.is_empty() { Among::All } else { Among::These(these) })
    }
}

#[derive(clap::Args)]
pub(super) struct SweepArgs {
    #[command(flatten)]
    common: Common,
    /// The scenario key and its values, `discount.half_life=0.1..10:log:50`; without a number of points 50.
    #[arg(long, value_name = "KEY=LO..HI:N", allow_hyphen_values = true)]
    vary: String,
}

#[derive(clap::Args)]
pub(super) struct PhaseArgs {
    #[command(flatten)]
    common: Common,
    /// The key along a row and its values, `flow.components.0.exponent=-1..3:60`; without a number of points 40.
    #[arg(long, value_name = "KEY=LO..HI:N", allow_hyphen_values = true)]
    x: String,
    /// The key from row to row and its values, `discount.half_life=0.1..10:log:30`; without a number of points 40.
    #[arg(long, value_name = "KEY=LO..HI:N", allow_hyphen_values = true)]
    y: String,
}

pub(super) fn sweep(args: &SweepArgs) -> Result<String> {
    let common = &args.common;
    let scenario = scenario(common.file.file.as_deref())?;
    let axis: Axis = args.vary.parse().map_err(|e| as_flag(e, "vary"))?;
    let among = common.among()?;
    let bar = Bar::new("points");
    let watch = |done, all| bar.report("sweep", done, all);
    let sweep = common.threads.run(|| Sweep::run(&scenario, &axis, &among, &watch))?;
    drop(bar);
    if common.json {
        return json(&sweep);
    }
    if !common.csv {
        return Ok(sweep.report().to_string());
    }
    let optional = |value: Option<f64>| value.map_or(String::new(), |x| x.to_string());
    let header = [sweep.key.as_str(), "winner", "heights", "net", "margin", "tree", "global", "local", "local_height"];
    let rows = sweep.points.iter().map(|point| {
        let verdict = &point.verdict;
        vec![
            point.at.to_string(),
            verdict.winner.clone(),
            heights(&verdict.architecture),
            verdict.net.to_string(),
            optional(verdict.margin),
            optional(point.tree),
            optional(point.global),
            optional(point.local),
            point.local_height.map_or(String::new(), |height| height.to_string()),
        ]
    });
    csv(&header, rows)
}

pub(super) fn phase(args: &PhaseArgs) -> Result<String> {
    let common = &args.common;
    let scenario = scenario(common.file.file.as_deref())?;
    let x: Axis = args.x.parse().map_err(|e| as_flag(e, "x"))?;
    let y: Axis = args.y.parse().map_err(|e| as_flag(e, "y"))?;
    let among = common.among()?;
    let bar = Bar::new("points");
    let watch = |done, all| bar.report("phase", done, all);
    let phase = common.threads.run(|| Phase::run(&scenario, &x, &y, &among, &watch))?;
    drop(bar);
    if common.json {
        return json(&phase);
    }
    if !common.csv {
        return Ok(phase.report().to_string());
    }
    let cells =
        phase.y.iter().enumerate().flat_map(|(j, y)| phase.x.iter().enumerate().map(move |(i, x)| (i, j, x, y)));
    let rows = cells.map(|(i, j, x, y)| {
        vec![
            x.to_string(),
            y.to_string(),
            phase.winner[j][i].clone(),
            heights(&phase.heights[j][i]),
            phase.net[j][i].to_string(),
            phase.margin[j][i].map_or(String::new(), |margin| margin.to_string()),
        ]
    });
    csv(&[&phase.x_key, &phase.y_key, "winner", "heights", "net", "margin"], rows)
}

/// A set of heights, in a form without commas for a file.
fn heights(architecture: &Architecture) -> String {
    architecture.heights().iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

fn csv(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String> {
    let failed = |e: String| Error::domain("--csv", "", e);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(|e| failed(e.to_string()))?;
    for row in rows {
        writer.write_record(row).map_err(|e| failed(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| failed(e.to_string()))
}
