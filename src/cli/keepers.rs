//! `pooltree keepers`.

use super::{Threads, json, own_flag};
use clap::ArgGroup;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::keepers::table::{MOST_KEEPERS, Questions, Table};
use pooltree::keepers::{Keepers, Noise, Parameters, Reading, Reliability, Retry, Ties};
use pooltree::{Error, Result};
use std::path::{Path, PathBuf};

/// Tasks drawn for every rule where nothing else is asked for.
const REPLICATIONS: u64 = 20_000;

#[derive(clap::Args)]
#[command(group(ArgGroup::new("stop").args(["replications", "precision"])))]
pub(super) struct Args {
    /// Keepers (CSV: id,stake,bid,cost,ping,picked,succeeded,active), `-` for standard input [default: a built-in example].
    file: Option<PathBuf>,
    /// Least stake that the task asks for [default: none; 100 for the built-in example].
    #[arg(long, value_name = "STAKE", allow_hyphen_values = true)]
    min_stake: Option<f64>,
    /// Least stake of the probe's agent [default: that of the task].
    #[arg(long, value_name = "STAKE", allow_hyphen_values = true)]
    agent_min_stake: Option<f64>,
    /// Selects so many keepers and adds everybody's probability to be among them.
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    select: Option<usize>,
    /// How several are selected: the rule again after every exclusion, or one draw that ranks all.
    #[arg(long, value_name = "READING", default_value = "exclude-and-repeat", value_parser = names(Reading::ALL.map(Reading::name)))]
    reading: String,
    /// Number of the job: for the probe, and for the hash that breaks ties.
    #[arg(long, default_value_t = 0, allow_hyphen_values = true)]
    job: u64,
    /// Who of equal keepers comes first.
    #[arg(long, default_value = "uniform", value_parser = names(Ties::ALL.map(Ties::name)))]
    tie: String,
    /// How reliability is estimated from the record.
    #[arg(long, default_value = "ratio", value_parser = names(Reliability::NAMED.map(|estimate| estimate.name())))]
    reliability: String,
    /// Discount factor per unit of time of an auction that the selected keeper runs.
    #[arg(long, value_name = "FACTOR", default_value_t = 0.5, allow_hyphen_values = true)]
    beta: f64,
    /// What a failure costs beyond the attempt itself, in units of time.
    #[arg(long, value_name = "TIME", default_value_t = 0.0, allow_hyphen_values = true)]
    failure_delay: f64,
    /// Who tries next after a failure.
    #[arg(long, default_value = "exclude", value_parser = names(Retry::ALL.map(Retry::name)))]
    retry: String,
    /// Time after which an auction is given up [default: never].
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    deadline: Option<f64>,
    /// What the task is worth to a keeper in the gas auction.
    #[arg(long, default_value_t = Parameters::default().value, allow_hyphen_values = true)]
    value: f64,
    /// What a reverted transaction costs whatever its bid.
    #[arg(long, value_name = "COST", default_value_t = Parameters::default().loser_fixed, allow_hyphen_values = true)]
    loser_fixed: f64,
    /// Gas of a revert over the gas of a success.
    #[arg(long, value_name = "SHARE", default_value_t = Parameters::default().loser_share, allow_hyphen_values = true)]
    loser_share: f64,
    /// Least bid of the gas auction.
    #[arg(long, value_name = "BID", default_value_t = Parameters::default().reserve, allow_hyphen_values = true)]
    reserve: f64,
    /// What a unit of time is worth in units of the bid (flashbots).
    #[arg(long, default_value_t = Parameters::default().lambda, allow_hyphen_values = true)]
    lambda: f64,
    /// Scale of Gumbel noise (flashbots, and noise = gumbel).
    #[arg(long, default_value_t = Parameters::default().tau, allow_hyphen_values = true)]
    tau: f64,
    /// Exponent of the stake, `inf` for the largest (power).
    #[arg(long, value_name = "A", default_value_t = Parameters::default().power, allow_hyphen_values = true)]
    power: f64,
    /// Noise that the stake is multiplied by (noise).
    #[arg(long, default_value = "uniform", value_parser = names(Noise::ALL.map(Noise::name)))]
    noise: String,
    /// Share of uniform selection (mixture).
    #[arg(long, default_value_t = Parameters::default().epsilon, allow_hyphen_values = true)]
    epsilon: f64,
    /// Tasks over which the effective pool is counted.
    #[arg(long, value_name = "T", default_value_t = 100, allow_hyphen_values = true)]
    rounds: u64,
    /// Share of its stake that a failure costs a keeper.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, allow_hyphen_values = true)]
    slash: f64,
    /// Tasks drawn for every rule [default: 20000].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    replications: Option<u64>,
    /// Draws until no probability has a 95 % interval of a larger half-width.
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    precision: Option<f64>,
    /// Seed of the simulation.
    #[arg(long, default_value_t = MonteCarlo::DEFAULT_SEED, allow_hyphen_values = true)]
    seed: u64,
    /// Formulas only.
    #[arg(long)]
    no_simulation: bool,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: Threads,
}

fn names<const N: usize>(names: [&'static str; N]) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(names)
}

/// The value of a name that was checked when the arguments were read.
fn named<T: Copy + Default>(text: &str, all: &[T], name: impl Fn(&T) -> &'static str) -> T {
    all.iter().find(|value| name(value) == text).copied().unwrap_or_default()
}

pub(super) fn run(args: &Args) -> Result<String> {
    let (keepers, default_minimum) = register(args.file.as_deref())?;
    let parameters = Parameters {
        min_stake: args.min_stake.or(default_minimum),
        agent_min_stake: args.agent_min_stake,
        job: args.job,
        tie: named(&args.tie, &Ties::ALL, |tie| tie.name()),
        reliability: named(&args.reliability, &Reliability::NAMED, Reliability::name),
        power: args.power,
        noise: Noise::ALL.into_iter().find(|noise| noise.name() == args.noise).unwrap_or(Noise::Uniform),
        tau: args.tau,
        lambda: args.lambda,
        epsilon: args.epsilon,
        value: args.value,
        loser_fixed: args.loser_fixed,
        loser_share: args.loser_share,
        reserve: args.reserve,
        retry: named(&args.retry, &Retry::ALL, |retry| retry.name()),
        failure_delay: args.failure_delay,
        deadline: args.deadline,
    };
    let reading = named(&args.reading, &Reading::ALL, |reading| reading.name());
    let Args { beta, rounds, select, slash, .. } = *args;
    let questions = Questions { parameters, beta, rounds, select, reading, slash };
    questions.check().map_err(own_flag)?;
    let stopping = match (args.replications, args.precision) {
        (_, Some(precision)) => Stopping::Precision(precision),
        (replications, None) => Stopping::Replications(replications.unwrap_or(REPLICATIONS)),
    };
    let monte_carlo = MonteCarlo::new(args.seed, stopping).map_err(own_flag)?;
    let simulate = (!args.no_simulation).then_some(&monte_carlo);
    let bar = super::progress::Bar::new("rules");
    let report = |done, all| bar.report("keepers", done, all);
    let found =
        args.threads.run(|| Table::new(keepers, questions, simulate, &report)).map_err(|error| match error {
            // Below the least one of the table: the only flag that is looked at there.
            Error::Domain { ref key, .. } if key == "precision" => own_flag(error),
            other => other,
        })?;
    drop(bar);
    if args.json {
        return json(&found);
    }
    let source = match args.file.as_deref() {
        None => "Example keepers (give a CSV file with the same columns for your own)".to_owned(),
        Some(path) if path == Path::new("-") => format!("Keepers of {}", super::STANDARD_INPUT),
        Some(path) => format!("Keepers of {}", path.display()),
    };
    Ok(format!("{source}\n\n{}", found.report()))
}

/// The keepers, and the least stake that goes with them.
fn register(file: Option<&Path>) -> Result<(Keepers, Option<f64>)> {
    let Some(path) = file else { return Ok((Keepers::example(), Some(Keepers::EXAMPLE_MIN_STAKE))) };
    if path == Path::new("-") {
        return Ok((Keepers::from_csv(std::io::stdin().lock(), super::STANDARD_INPUT, MOST_KEEPERS)?, None));
    }
    if path.is_dir() {
        let message = "is a folder; name a CSV file".to_owned();
        return Err(Error::File { path: path.display().to_string(), message });
    }
    Ok((Keepers::from_file(path, MOST_KEEPERS)?, None))
}
