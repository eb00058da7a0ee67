//! `pooltree always-on`.

use super::progress::Bar;
use super::{Threads, as_flag, json, own_flag};
use clap::ArgGroup;
use pooltree::always_on::AlwaysOn;
use pooltree::always_on::compare::Comparison;
use pooltree::always_on::growth::WithoutPatience;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::continuous as batches;
use pooltree::pool_tree::{Discount, DiscountModel};
use pooltree::report::format::given;
use pooltree::{Error, Result, Scenario};
use serde::Serialize;

#[derive(clap::Args)]
#[command(group(ArgGroup::new("discounting").args(["factor", "half_life"])))]
#[command(group(ArgGroup::new("stop").args(["replications", "precision"])))]
pub(super) struct Args {
    /// Orders per unit of time of the two sides: `4,3`.
    #[arg(long, value_delimiter = ',', value_name = "RATES", required = true, allow_hyphen_values = true)]
    rates: Vec<f64>,
    /// Rate at which every waiting order loses patience, one over its mean patience; 0: orders wait for ever.
    #[arg(long, value_name = "RATE", required = true, allow_hyphen_values = true)]
    patience_rate: f64,
    /// Discount factor per unit of time [default: that of the document, 0.5].
    #[arg(long, allow_hyphen_values = true)]
    factor: Option<f64>,
    /// Time after which half of the utility is left.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    half_life: Option<f64>,
    /// Sets batches with these periods beside the pool, `0.1,1,5`: the same flow, patience from arrival.
    #[arg(long, value_delimiter = ',', value_name = "TIMES", allow_hyphen_values = true)]
    periods: Option<Vec<f64>>,
    /// Time that settling a match takes, in batches and in continuous trading alike [default: 0].
    #[arg(long, value_name = "TIME", requires = "periods", allow_hyphen_values = true)]
    latency: Option<f64>,
    /// Cycles that the simulation draws, from one balanced pool to the next [default: 100000].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    replications: Option<u64>,
    /// Simulates until the 95 % interval of the discounted welfare has this relative half-width.
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    precision: Option<f64>,
    /// Seed of the simulation.
    #[arg(long, default_value_t = MonteCarlo::DEFAULT_SEED, allow_hyphen_values = true)]
    seed: u64,
    #[command(flatten)]
    threads: Threads,
    /// Formula and matrix only.
    #[arg(long)]
    no_simulation: bool,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// Cycles drawn where no number is given: one of a hundred orders takes microseconds.
const CYCLES: u64 = 100_000;

pub(super) fn run(args: &Args) -> Result<String> {
    let [first, second] = *args.rates.as_slice() else {
        let values = format!("({} given)", args.rates.len());
        return Err(Error::domain(
            "--rates",
            values,
            "two values: orders per unit of time of one side and of the other",
        ));
    };
    let discount = match (args.factor, args.half_life) {
        (Some(factor), _) => Discount::new(DiscountModel::Factor(factor)).map_err(own_flag)?,
        (None, Some(time)) => Discount::new(DiscountModel::HalfLife(time)).map_err(own_flag)?,
        (None, None) => *Scenario::document().discount(),
    };
    let stopping = match (args.replications, args.precision) {
        (_, Some(precision)) => Stopping::Precision(precision),
        (n, None) => Stopping::Replications(n.unwrap_or(CYCLES)),
    };
    let monte_carlo = MonteCarlo::new(args.seed, stopping).map_err(own_flag)?;
    let patience_rate = args.patience_rate;
    if !(patience_rate >= 0.0 && patience_rate.is_finite()) {
        return Err(Error::domain("--patience-rate", given(patience_rate), "finite and at least 0"));
    }
    // A pool without patience has rates like any other, only no stationary law.
    let any = if patience_rate > 0.0 { patience_rate } else { first.max(second).clamp(f64::MIN_POSITIVE, f64::MAX) };
    let pool = AlwaysOn::new(first, second, any).map_err(rates)?;
    if patience_rate == 0.0 && args.periods.is_some() {
        return Err(Error::domain(
            "--patience-rate",
            0,
            "above 0 beside --periods: without patience there is no long run",
        ));
    }
    if patience_rate == 0.0 {
        let growth = WithoutPatience::new(first, second).map_err(rates)?;
        return if args.json { json(&growth) } else { Ok(growth.report().to_string()) };
    }
    let bar = Bar::new("cycles");
    let report = |done, all| bar.report("always-on", done, all);
    let comparison =
        args.threads.run(|| Comparison::new(pool, discount, (!args.no_simulation).then_some(&monte_carlo), &report))?;
    let batches = match &args.periods {
        None => None,
        Some(periods) => {
            let simulate = (!args.no_simulation).then(|| MonteCarlo::new(args.seed, batches_stopping(args)));
            let simulate = simulate.transpose().map_err(own_flag)?;
            let report = |done, all| bar.report("batches", done, all);
            let latency = args.latency.unwrap_or(0.0);
            let compare = || batches::compare(&pool, latency, periods, &discount, simulate.as_ref(), &report);
            Some(args.threads.run(compare).map_err(batches_flag)?)
        }
    };
    drop(bar);
    if !comparison.closed_form.welfare_rate.is_finite() {
        let (value, what) = (given(first.max(second)), "the welfare per unit of time".to_owned());
        return Err(Error::NotFinite { key: "--rates".to_owned(), value, what });
    }
    if args.json {
        return json(&Report { comparison, batches });
    }
    let beside = batches.map_or(String::new(), |batches| format!("\n{}", batches.report()));
    Ok(comparison.report().to_string() + &beside)
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    comparison: Comparison,
    #[serde(skip_serializing_if = "Option::is_none")]
    batches: Option<batches::Comparison>,
}

/// Replications of batches where a number of cycles was given or none: a stretch holds many windows.
fn batches_stopping(args: &Args) -> Stopping {
    match args.precision {
        Some(precision) => Stopping::Precision(precision),
        None => Stopping::Replications((args.replications.unwrap_or(CYCLES) / 100).max(100)),
    }
}

/// Errors of batches name the flag that holds the value.
fn batches_flag(error: Error) -> Error {
    match &error {
        Error::Domain { key, .. } | Error::NotFinite { key, .. } if key.ends_with("period") => {
            as_flag(error, "periods")
        }
        Error::Domain { key, .. } | Error::NotFinite { key, .. } if key.ends_with("latency") => {
            as_flag(error, "latency")
        }
        _ => rates(error),
    }
}

/// Both rates come from one flag.
fn rates(error: Error) -> Error {
    match error {
        Error::Domain { key, value, allowed } if key.ends_with("_rate") => {
            let allowed = allowed.replace("first_rate", "that of the other side");
            as_flag(Error::Domain { key, value, allowed }, "rates")
        }
        other => other,
    }
}
