//! `pooltree simulate`.

use super::progress::Bar;
use super::{Heights, Sampling, ScenarioFile, Threads, as_flag, json, scenario};
use pooltree::orders::log::Format;
use pooltree::orders::run::Run;
use pooltree::orders::simulation::OrdersEngine;
use pooltree::{Error, Result};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: ScenarioFile,
    #[command(flatten)]
    heights: Heights,
    /// Writes what became of every order to this file: one row an order, `.csv` or, if built with it, `.arrow`.
    #[arg(long, value_name = "LOG")]
    trace: Option<PathBuf>,
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
    let format = args.trace.as_deref().map(log_format).transpose()?;
    if let (Some(trace), Some(file)) = (&args.trace, &args.file.file) {
        refuse_inputs(trace, file)?;
    }
    let bar = Bar::new("replications");
    let run = args.threads.run(|| {
        let watch = |done, all| bar.report("orders", done, all);
        let mut run = Run::simulate(&scenario, &heights, &watch)?;
        if let (Some(path), Some(format)) = (&args.trace, format) {
            // The same orders once more: the same seed gives the same bits.
            let engine = OrdersEngine::with_keepers(&scenario, &heights, scenario.orders(), scenario.keepers())?;
            let watch = |done, all| bar.report("log", done, all);
            let seen = &run.confirmed.simulated;
            run.traced = Some(format.write(path, &engine, seen.seed, 0..seen.replications, &watch)?);
            run.log = Some(path.display().to_string());
        }
        Ok(run)
    })?;
    drop(bar);
    if args.json { json(&run) } else { Ok(run.report().to_string()) }
}

/// Refuses to write over the scenario or a file that it names.
fn refuse_inputs(trace: &Path, file: &Path) -> Result<()> {
    let Ok(real) = std::fs::canonicalize(trace) else { return Ok(()) };
    let read = |input: &Path| std::fs::canonicalize(input).is_ok_and(|input| input == real);
    if read(file) || super::files_named_in(file).iter().any(|input| read(input)) {
        let message = "is read by this command; name another file".to_owned();
        return Err(Error::File { path: trace.display().to_string(), message });
    }
    Ok(())
}

/// Refuses a name that no log can have, before the simulation takes its time.
fn log_format(path: &Path) -> Result<Format> {
    let format = Format::of(path).map_err(|e| as_flag(e, "trace"))?;
    let refuse = |message: String| Err(Error::File { path: path.display().to_string(), message });
    if path.is_dir() {
        return refuse("is a folder; name a file".to_owned());
    }
    // A name alone has the parent "", the current folder.
    match path.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir()) {
        None => Ok(format),
        Some(folder) => refuse(format!("there is no folder {}", folder.display())),
    }
}
