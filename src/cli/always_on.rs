//! `pooltree always-on`.

use pooltree::report::Table;
use pooltree::report::format::{given, number, percent, percent_with_error, with_error};
use super::progress::Bar;
use super::{Threads, as_flag, json, own_flag};
use clap::ArgGroup;
use pooltree::always_on::compare::Comparison;
use pooltree::always_on::growth::waiting_without_patience;
use pooltree::always_on::simulation::{SimulatedPool, SimulatedSide};
use pooltree::always_on::{AlwaysOn, Outcome, SideOutcome};
use pooltree::estimate::{Agreement, Estimate, MonteCarlo, Stopping};
use pooltree::orders::continuous as batches;
use pooltree::pool_tree::{Discount, DiscountModel};
use pooltree::{Error, Result, Scenario};
use serde::Serialize;
use std::fmt::Write;

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
        let growth = WithoutPatience::new(first, second)?;
        return if args.json { json(&growth) } else { Ok(growth.readable()) };
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
    let mut text = readable(&comparison);
    if let Some(batches) = &batches {
        text += &beside_batches(batches, args.latency.unwrap_or(0.0));
    }
    Ok(text)
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

/// The p-value of a test, if there was one.
fn tested(agreement: &Agreement) -> String {
    if agreement.degrees_of_freedom == 0 { "too few fills".to_owned() } else { format!("p = {:.3}", agreement.p_value) }
}

/// Batches of several periods beside continuous trading.
fn beside_batches(found: &batches::Comparison, latency: f64) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "\nBatches on the same flow, patience from arrival, settling takes {}\n", given(latency));
    let simulated = found.batches.iter().any(|batch| batch.monte_carlo.is_some());
    let mut header = vec!["", "filled", "welfare", "mean delay"];
    header.extend(simulated.then_some(["filled, simulated", "welfare, simulated", "agreement"]).into_iter().flatten());
    let mut table = Table::new(&header);
    let on = &found.always_on;
    for (name, welfare, delay) in [
        ("always on, longest-waiting first", on.welfare, number(on.mean_delay)),
        ("always on, random", on.welfare_random, String::new()),
    ] {
        let mut row = vec![name.to_owned(), percent(on.filled_share), number(welfare), delay];
        row.resize(header.len(), String::new());
        table.add_row(row);
    }
    for batch in &found.batches {
        let exact = &batch.outcome;
        let name = format!("batches of {}, random", given(batch.period));
        let mut row = vec![name, percent(exact.filled_share), number(exact.welfare), number(exact.mean_delay)];
        if let Some(seen) = &batch.monte_carlo {
            row.extend([share(seen.filled_share), size(seen.welfare), tested(&seen.agreement)]);
        }
        table.add_row(row);
    }
    let _ = writeln!(text, "{table}\n");
    let _ = writeln!(
        text,
        "Whoever holds matches back without knowing whose patience is about to end fills no more than continuous trading. What\n\
         batches are meant to end, races for speed, is not in the model."
    );
    text
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

/// A row of the table: its name, the exact figure, and the simulated one.
struct Row {
    name: String,
    exact: fn(&Outcome) -> String,
    simulated: fn(&SimulatedPool) -> Option<String>,
}

fn share(estimate: Estimate) -> String {
    percent_with_error(estimate.mean, estimate.std_error)
}

fn size(estimate: Estimate) -> String {
    with_error(estimate.mean, estimate.std_error)
}

/// The rows of one side; a function pointer cannot know which side it is of.
macro_rules! side_rows {
    ($name:literal, $side:ident) => {{
        fn exact(outcome: &Outcome) -> &SideOutcome {
            &outcome.$side
        }
        fn simulated(pool: &SimulatedPool) -> Option<&SimulatedSide> {
            pool.$side.as_ref()
        }
        [
            row($name, "unfilled", |o| percent(exact(o).unfilled_share), |s| Some(share(simulated(s)?.unfilled_share))),
            row($name, "filled at once", |o| percent(exact(o).filled_at_once), |_| None),
            row($name, "waiting", |o| number(exact(o).waiting), |s| Some(size(simulated(s)?.waiting))),
            row($name, "discounted welfare", |o| number(exact(o).welfare), |s| Some(size(simulated(s)?.welfare))),
        ]
    }};
}

fn row(of: &str, name: &str, exact: fn(&Outcome) -> String, simulated: fn(&SimulatedPool) -> Option<String>) -> Row {
    Row { name: format!("{of}: {name}"), exact, simulated }
}

fn rows() -> Vec<Row> {
    let all = [
        row("both sides", "unfilled", |o| percent(o.unfilled_share), |s| Some(share(s.unfilled_share))),
        row("both sides", "waiting", |o| number(o.waiting), |s| Some(size(s.waiting))),
        row("both sides", "discounted welfare", |o| number(o.welfare), |s| Some(size(s.welfare))),
        row("pool", "balanced, none waiting", |o| percent(o.balanced_share), |s| Some(share(s.balanced_share))),
        row("pool", "mean imbalance", |o| number(imbalance(o)), |_| None),
    ];
    side_rows!("first side", first).into_iter().chain(side_rows!("second side", second)).chain(all).collect()
}

/// The mean imbalance, without what rounding leaves of 0.
fn imbalance(outcome: &Outcome) -> f64 {
    if outcome.imbalance.abs() <= 1e-12 * outcome.waiting { 0.0 } else { outcome.imbalance }
}

/// The table and sentences that a person reads.
fn readable(comparison: &Comparison) -> String {
    let Comparison { pool, matrix, monte_carlo, .. } = comparison;
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(
        text,
        "Orders per unit time {} and {}, patience rate {}: {} and {} orders in one patience time; \
         discount factor {} per unit time\n\nWelfare per order worth 1, waiting in orders\n",
        given(pool.first_rate()),
        given(pool.second_rate()),
        given(pool.patience_rate()),
        number(pool.first_per_patience()),
        number(pool.second_per_patience()),
        number(comparison.discount.after(1.0)),
    );
    let mut header = vec!["", "formula"];
    header.extend(matrix.is_some().then_some("matrix"));
    header.extend(monte_carlo.is_some().then_some("simulation"));
    let mut table = Table::new(&header);
    for Row { name, exact, simulated } in rows() {
        let mut row = vec![name, exact(&comparison.closed_form)];
        row.extend(matrix.as_ref().map(exact));
        row.extend(monte_carlo.as_ref().map(|c| simulated(&c.simulated).unwrap_or("-".to_owned())));
        table.add_row(row);
    }
    let _ = writeln!(text, "{table}\n");
    if let Some(reason) = &comparison.matrix_refused {
        let _ = writeln!(text, "No matrix: {reason}");
    }
    if let Some(reason) = &comparison.monte_carlo_refused {
        let _ = writeln!(text, "Not simulated: {reason}");
    }
    if let Some(confirmed) = monte_carlo {
        let SimulatedPool { replications, seed, precision, .. } = &confirmed.simulated;
        if let Some(precision) = precision.filter(|precision| precision.capped) {
            let reached =
                precision.reached.map_or("no fill was seen".to_owned(), |r| format!("reached {}", percent(r)));
            let _ = writeln!(text, "Precision {} is out of reach: {reached}", percent(precision.target));
        }
        let agreement = if confirmed.agreement.degrees_of_freedom == 0 {
            "too short a run for its errors to be trusted, and for a test".to_owned()
        } else {
            format!("agreement of its figures with the formula p = {:.3}", confirmed.agreement.p_value)
        };
        let _ = writeln!(text, "Simulation: {replications} cycles, seed {seed}, mean ± standard error; {agreement}");
    }
    text
}

/// What happens where no order ever loses patience; serialises to the JSON of `--patience-rate 0`.
#[derive(Serialize)]
struct WithoutPatience {
    first_rate: f64,
    second_rate: f64,
    patience_rate: f64,
    /// Equal rates: the pool is balanced again and again, but after times of infinite mean.
    null_recurrent: bool,
    growth: Vec<Moment>,
}

/// The queue at one time after an empty start.
#[derive(Serialize)]
struct Moment {
    time: f64,
    waiting: f64,
}

impl WithoutPatience {
    /// Expected orders of the faster side at the times that are shown: each hundred times the one before.
    const ORDERS: [f64; 5] = [1.0, 1e2, 1e4, 1e6, 1e8];

    fn new(first_rate: f64, second_rate: f64) -> Result<Self> {
        let times = Self::ORDERS.map(|orders| orders / first_rate.max(second_rate)).into_iter();
        let growth = times
            .filter(|time| time.is_finite())
            .map(|time| Ok(Moment { time, waiting: waiting_without_patience(first_rate, second_rate, time)? }))
            .collect::<Result<_>>()
            .map_err(rates)?;
        Ok(Self { first_rate, second_rate, patience_rate: 0.0, null_recurrent: first_rate == second_rate, growth })
    }

    fn readable(&self) -> String {
        let mut text = String::new();
        let (first, second) = (given(self.first_rate), given(self.second_rate));
        let _ = writeln!(text, "Orders per unit time {first} and {second}, without patience\n");
        let _ = writeln!(
            text,
            "{}\n",
            if self.null_recurrent {
                "There is no long run: the queue is null recurrent. It empties again and again, but the time until then has\n\
                 no finite mean, and orders pile up as the square root of time: 2 √(λ t/π) of them wait in the mean."
            } else {
                "There is no long run: orders of the faster side pile up for ever, |λ1 - λ2| t of them in the mean."
            }
        );
        let mut table = Table::new(&["time after an empty start", "orders waiting", "per √time", "per time"]);
        for Moment { time, waiting } in &self.growth {
            table.add_row([number(*time), number(*waiting), number(waiting / time.sqrt()), number(waiting / time)]);
        }
        let _ = writeln!(
            text,
            "{table}\n\nWith a patience rate above 0 every figure has a long-run mean: --patience-rate 1"
        );
        text
    }
}
