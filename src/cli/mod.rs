//! Arguments, progress and output of the command; everything else is the library's.

mod always_on;
mod best;
mod claims;
mod climb;
mod compare;
mod fit;
mod keepers;
mod network;
mod output;
mod plot;
mod progress;
mod quality;
mod simulate;
mod size;
mod sweep;
mod threshold;

use clap::{ArgGroup, Parser, Subcommand};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::pool_tree::Architecture;
use pooltree::{Error, Scenario};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Trees of operator pools that run batch auctions: exact expected welfare beside the simulation that confirms it.
#[derive(Parser)]
#[command(name = "pooltree", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Full tree, global pool and local pools on the same order flow, closed form beside Monte Carlo.
    Compare(compare::Args),
    /// Order by order: lifetimes, values and priorities, cycles of swaps, bursts; the section [orders] of the scenario.
    Simulate(simulate::Args),
    /// What early local matching loses once orders differ in value, and the impatience that makes up for it.
    Quality(quality::Args),
    /// The best of all sets of heights, and what every height is worth.
    Best(best::Args),
    /// At which value of a scenario key one architecture overtakes another, or a level loses its raison d'être.
    Threshold(threshold::Args),
    /// The winner along one scenario key.
    Sweep(sweep::SweepArgs),
    /// The winner over two scenario keys.
    Phase(sweep::PhaseArgs),
    /// Pools, latencies and compactness of a network of given pools, and how far the symmetric circle is from it.
    Network(network::Args),
    /// Orders per window, pool, window and arity that it takes to fill a wanted share of the orders.
    Size(size::Args),
    /// What the document claims, and what comes out.
    Claims(claims::Args),
    /// One order's climb at a constant filling rate: formula, matrix and simulation side by side, and critical filling rates.
    Climb(climb::Args),
    /// Every rule of keeper selection on the same keepers: laws, fairness, attacks, execution.
    Keepers(Box<keepers::Args>),
    /// A scenario from a log of orders and the places of the operators, and how well it describes the log.
    Fit(Box<fit::Args>),
    /// Pictures of all that, as SVG and PNG files.
    Plot(plot::Args),
    /// Continuous trading instead of batches: orders that are matched at once, wait, and lose patience.
    AlwaysOn(always_on::Args),
}

/// Runs the command line; exit status 0, 2 for a mistake in the input, 1 if the output cannot be written.
pub(crate) fn run() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Compare(args) => compare::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Quality(args) => quality::run(&args),
        Command::Best(args) => best::run(&args),
        Command::Threshold(args) => threshold::run(&args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Phase(args) => sweep::phase(&args),
        Command::Network(args) => network::run(&args),
        Command::Size(args) => size::run(&args),
        Command::Claims(args) => claims::run(&args),
        Command::Climb(args) => climb::run(&args),
        Command::Keepers(args) => keepers::run(&args),
        Command::Fit(args) => fit::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::AlwaysOn(args) => always_on::run(&args),
    };
    let text = match result {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    // One write at the very end: whatever interrupts the command leaves no half output.
    match output::write(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: standard output: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What errors call a scenario that comes from there.
const STANDARD_INPUT: &str = "standard input";

/// The scenario of `file`, of standard input for `-`, or of the document where no file is given.
fn scenario(file: Option<&Path>) -> Result<Scenario, Error> {
    match file {
        None => Ok(Scenario::document()),
        Some(path) if path == Path::new("-") => Scenario::from_reader(std::io::stdin().lock(), STANDARD_INPUT),
        Some(path) => Scenario::from_file(path),
    }
    .map_err(|error| in_file(error, file))
}

/// The files that a scenario file names, as far as it can be read.
fn files_named_in(file: &Path) -> Vec<PathBuf> {
    fn visit(value: &toml::Value, folder: &Path, found: &mut Vec<PathBuf>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    match value.as_str().filter(|_| ["places", "round_trips", "file"].contains(&key.as_str())) {
                        Some(name) => found.push(folder.join(name)),
                        None => visit(value, folder, found),
                    }
                }
            }
            toml::Value::Array(array) => array.iter().for_each(|value| visit(value, folder, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    let table = std::fs::read_to_string(file).ok().and_then(|text| text.parse::<toml::Table>().ok());
    if let Some(table) = table {
        visit(&toml::Value::Table(table), file.parent().unwrap_or(Path::new("")), &mut found);
    }
    found
}

/// Names the file in front of an error in its contents.
fn in_file(error: Error, file: Option<&Path>) -> Error {
    match (error, file) {
        (Error::File { path, message }, _) => Error::File { path, message },
        (error, Some(path)) => {
            let name = if path == Path::new("-") { STANDARD_INPUT.to_owned() } else { path.display().to_string() };
            Error::File { path: name, message: error.to_string() }
        }
        (error, None) => error,
    }
}

/// The file argument that every command takes.
#[derive(clap::Args)]
struct ScenarioFile {
    /// Scenario file (TOML), `-` for standard input [default: the eight operators of the document].
    file: Option<PathBuf>,
}

/// Which heights hold auctions.
#[derive(clap::Args)]
struct Heights {
    /// Heights that hold auctions, `1,3` [default: the full tree].
    #[arg(long, value_delimiter = ',', value_name = "HEIGHTS", allow_hyphen_values = true)]
    heights: Option<Vec<u32>>,
}

impl Heights {
    /// The heights given, or the full tree.
    fn of(&self, scenario: &Scenario) -> Result<Architecture, Error> {
        match &self.heights {
            None => Ok(Architecture::full(scenario.tree())),
            Some(heights) => heights_flag(scenario, heights),
        }
    }
}

/// The architecture that `--heights` names.
fn heights_flag(scenario: &Scenario, heights: &[u32]) -> Result<Architecture, Error> {
    Architecture::new(scenario.tree(), heights.iter().copied()).map_err(|e| as_flag(e, "heights"))
}

/// How long a simulation runs and from which seed; flags override the file.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("stop").args(["replications", "precision"])))]
struct Sampling {
    /// Number of replications of the simulation.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    replications: Option<u64>,
    /// Simulates until the 95 % interval of gross welfare has this relative half-width.
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    precision: Option<f64>,
    /// Seed of the simulation.
    #[arg(long, allow_hyphen_values = true)]
    seed: Option<u64>,
}

impl Sampling {
    /// The scenario with what the flags say.
    fn over(&self, scenario: Scenario) -> Result<Scenario, Error> {
        let given = *scenario.monte_carlo();
        let stopping = match (self.replications, self.precision) {
            (Some(n), _) => Stopping::Replications(n),
            (None, Some(p)) => Stopping::Precision(p),
            (None, None) => given.stopping(),
        };
        let monte_carlo = MonteCarlo::new(self.seed.unwrap_or(given.seed()), stopping).map_err(own_flag)?;
        Ok(scenario.with_monte_carlo(monte_carlo))
    }
}

/// How many threads a command uses.
#[derive(clap::Args)]
struct Threads {
    /// Number of threads; the result does not depend on it [default: all cores].
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024), allow_hyphen_values = true)]
    threads: Option<u16>,
}

impl Threads {
    /// Runs `work` on that many threads.
    fn run<T: Send>(&self, work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
        match rayon::ThreadPoolBuilder::new().num_threads(self.threads.map_or(0, usize::from)).build() {
            Ok(pool) => pool.install(work),
            Err(error) => Err(Error::domain("--threads", self.threads.unwrap_or(0), error.to_string())),
        }
    }
}

/// The JSON text of a result.
fn json(result: &impl serde::Serialize) -> Result<String, Error> {
    let json = serde_json::to_string_pretty(result);
    json.map(|text| text + "\n").map_err(|e| Error::domain("--json", "", e.to_string()))
}

/// An error about a value that came from a flag names the flag.
fn as_flag(error: Error, flag: &str) -> Error {
    match error {
        Error::Domain { value, allowed, .. } => Error::Domain { key: format!("--{flag}"), value, allowed },
        Error::NotFinite { value, what, .. } => Error::NotFinite { key: format!("--{flag}"), value, what },
        other => other,
    }
}

/// An error of a constructor whose keys end in the names of the flags.
fn own_flag(error: Error) -> Error {
    let (Error::Domain { key, .. } | Error::NotFinite { key, .. }) = &error else { return error };
    let flag = key.rsplit('.').next().unwrap_or(key).replace('_', "-");
    as_flag(error, &flag)
}
