//! `pooltree climb`.

use pooltree::report::Table;
use pooltree::report::format::{number, percent, percent_with_error, with_error};
use super::progress::Bar;
use super::{Threads, as_flag, json, own_flag};
use clap::ArgGroup;
use pooltree::constant_filling::compare::{Comparison, Contest};
use pooltree::constant_filling::critical::{CriticalRate, SmallestDepth};
use pooltree::constant_filling::simulation::SimulatedClimb;
use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, DelayCounting, Outcome};
use pooltree::estimate::{Estimate, MonteCarlo, Stopping};
use pooltree::pool_tree::{Discount, DiscountModel};
use pooltree::{Error, Result, Scenario};
use std::cmp::Ordering;
use std::fmt::Write;

#[derive(clap::Args)]
#[command(group(ArgGroup::new("discounting").args(["factor", "half_life"])))]
#[command(group(ArgGroup::new("shape").args(["arity", "levels"]).multiple(true).conflicts_with("delays")))]
pub(super) struct Args {
    /// Share of what reaches an auction that it fills: one for all levels, or one a level, the lowest first [default: 0.5].
    #[arg(long, value_delimiter = ',', value_name = "X", allow_hyphen_values = true)]
    filling_rate: Option<Vec<f64>>,
    /// Time that an auction takes at each level, the lowest first: `0.5,1,2`.
    #[arg(long, value_delimiter = ',', value_name = "TIMES", allow_hyphen_values = true)]
    delays: Option<Vec<f64>>,
    /// Arity of the tree, its global auction taking one unit of time [default: that of the document, 2].
    #[arg(long, allow_hyphen_values = true)]
    arity: Option<u32>,
    /// Levels of the tree [default: those of the document, 3].
    #[arg(long, allow_hyphen_values = true)]
    levels: Option<u32>,
    /// Auctions before an order moves on: one for all levels, or one a level, the last of which may be `unlimited`
    /// [default: 1].
    #[arg(long, value_delimiter = ',', value_name = "N", allow_hyphen_values = true)]
    attempts: Option<Vec<String>>,
    /// Discount factor per unit of time [default: that of the document, 0.5].
    #[arg(long, allow_hyphen_values = true)]
    factor: Option<f64>,
    /// Time after which half of the utility is left.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    half_life: Option<f64>,
    /// Which delay discounts: that of the auctions of the own level only, or all of it.
    #[arg(long, value_enum, default_value = "cumulative")]
    delay: Counting,
    /// Orders that the simulation draws.
    #[arg(long, value_name = "N", default_value_t = ORDERS, allow_hyphen_values = true)]
    replications: u64,
    /// Seed of the simulation.
    #[arg(long, default_value_t = MonteCarlo::DEFAULT_SEED, allow_hyphen_values = true)]
    seed: u64,
    #[command(flatten)]
    threads: Threads,
    /// Formula and matrix only.
    #[arg(long)]
    no_simulation: bool,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

/// Orders drawn where no number is given: one is drawn in nanoseconds.
const ORDERS: u64 = 1_000_000;

#[derive(Clone, Copy, clap::ValueEnum)]
enum Counting {
    Own,
    Cumulative,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let climb = climb(args).map_err(flag)?;
    let monte_carlo = MonteCarlo::new(args.seed, Stopping::Replications(args.replications)).map_err(flag)?;
    let bar = Bar::new("orders");
    let report = |done, all| bar.report("climb", done, all);
    let comparison =
        args.threads.run(|| Comparison::new(climb, (!args.no_simulation).then_some(&monte_carlo), &report))?;
    drop(bar);
    if args.json {
        return json(&comparison);
    }
    Ok(readable(&comparison))
}

fn climb(args: &Args) -> Result<Climb> {
    let document = Scenario::document();
    let discount = match (args.factor, args.half_life) {
        (Some(factor), _) => Discount::new(DiscountModel::Factor(factor))?,
        (None, Some(time)) => Discount::new(DiscountModel::HalfLife(time))?,
        (None, None) => *document.discount(),
    };
    let delay = match args.delay {
        Counting::Own => DelayCounting::Own,
        Counting::Cumulative => DelayCounting::Cumulative,
    };
    let durations = if let Some(delays) = &args.delays {
        delays.clone()
    } else {
        let arity = args.arity.unwrap_or(document.tree().arity());
        let tree = Climb::tree(arity, args.levels.unwrap_or(document.tree().depth()), 0.0, delay, discount)?;
        tree.levels().iter().map(|level| level.duration).collect()
    };
    let rates = args.filling_rate.clone().unwrap_or(vec![Climb::DOCUMENT_FILLING_RATE]);
    let attempts: Vec<Attempts> = match &args.attempts {
        Some(texts) if texts.len() == 1 && durations.len() > 1 && texts[0].trim() == "unlimited" => {
            let allowed = format!("unlimited at the top only: {}unlimited", "1,".repeat(durations.len() - 1));
            return Err(Error::domain("attempts", "unlimited", allowed));
        }
        Some(texts) => texts.iter().map(|text| text.parse()).collect::<Result<_>>()?,
        None => vec![Attempts::Limited(1)],
    };
    let levels = durations.len();
    let (rates, attempts) = (each("filling_rate", rates, levels)?, each("attempts", attempts, levels)?);
    let level = |((filling_rate, duration), attempts)| ClimbLevel { filling_rate, duration, attempts };
    Climb::new(rates.into_iter().zip(durations).zip(attempts).map(level).collect(), delay, discount)
}

/// One value for all levels, or one a level.
fn each<T: Clone>(key: &str, values: Vec<T>, levels: usize) -> Result<Vec<T>> {
    match values.as_slice() {
        [one] => Ok(vec![one.clone(); levels]),
        _ if values.len() == levels => Ok(values),
        _ => Err(Error::domain(
            key,
            format!("({} values)", values.len()),
            format!("one value, or {levels}: one a level"),
        )),
    }
}

/// The flags are called as the keys, but for one.
fn flag(error: Error) -> Error {
    match &error {
        Error::Domain { key, .. } | Error::NotFinite { key, .. } if key.ends_with("duration") => {
            as_flag(error, "delays")
        }
        _ => own_flag(error),
    }
}

/// The tables and sentences that a person reads.
fn readable(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let climb = &comparison.climb;
    let _ = writeln!(
        text,
        "{} {}, {} delay, discount factor {} per unit time\n\nPer order\n",
        climb.levels().len(),
        if climb.levels().len() == 1 { "level" } else { "levels" },
        climb.delay().name(),
        number(climb.discount().after(1.0)),
    );
    totals(&mut text, comparison);
    let _ = writeln!(text, "\nBy level, the lowest first\n");
    levels(&mut text, comparison);
    if !comparison.rivals.is_empty() {
        let _ = writeln!(text, "\nAgainst one global pool of the duration of the top level\n");
        contests(&mut text, comparison);
    }
    notes(&mut text, comparison);
    text
}

fn totals(text: &mut String, comparison: &Comparison) {
    let simulated = comparison.monte_carlo.as_ref();
    let mut header = vec!["", "formula"];
    header.extend(comparison.matrix.is_some().then_some("matrix"));
    header.extend(simulated.is_some().then_some("simulation"));
    header.extend(simulated.is_some().then_some("agreement"));
    let mut table = Table::new(&header);
    let p = |p_value: f64| format!("p = {p_value:.3}");
    let or_dash = |estimate: Option<Estimate>| {
        estimate.map_or("-".to_owned(), |estimate| with_error(estimate.mean, estimate.std_error))
    };
    type Exact = fn(&Outcome) -> String;
    type Estimated = fn(&SimulatedClimb) -> String;
    let rows: [(&str, Exact, Estimated); 4] = [
        ("welfare", |o| number(o.welfare), |s| with_error(s.welfare, s.std_error)),
        ("filled", |o| percent(o.filled_share), |s| percent_with_error(s.filled_share, s.filled_share_std_error)),
        ("expired", |o| percent(o.expired_share), |s| percent(s.expired_share)),
        ("waiting forever", |o| percent(o.waiting_share), |s| percent(s.waiting_share)),
    ];
    let rows =
        rows.into_iter().filter(|(name, ..)| *name != "waiting forever" || comparison.closed_form.waiting_share > 0.0);
    for (name, exact, estimated) in rows {
        let mut row = vec![name.to_owned(), exact(&comparison.closed_form)];
        row.extend(comparison.matrix.as_ref().map(exact));
        if let Some(confirmed) = simulated {
            row.push(estimated(&confirmed.simulated));
            row.push(match name {
                "welfare" => p(confirmed.welfare_agreement.p_value),
                "filled" => p(confirmed.agreement.p_value),
                _ => String::new(),
            });
        }
        table.add_row(row);
    }
    type Mean = (&'static str, fn(&Outcome) -> f64, fn(&SimulatedClimb) -> Option<Estimate>);
    let means: [Mean; 2] =
        [("auctions", |o| o.auctions, |s| s.auctions), ("delay of a filled order", |o| o.delay, |s| s.delay)];
    for (name, exact, estimated) in means {
        let shown = |outcome: &Outcome| {
            if exact(outcome).is_finite() { number(exact(outcome)) } else { "unlimited".to_owned() }
        };
        let mut row = vec![name.to_owned(), shown(&comparison.closed_form)];
        row.extend(comparison.matrix.as_ref().map(shown));
        row.extend(simulated.into_iter().flat_map(|c| [or_dash(estimated(&c.simulated)), String::new()]));
        table.add_row(row);
    }
    let _ = writeln!(text, "{table}");
}

fn levels(text: &mut String, comparison: &Comparison) {
    let mut header = vec!["level", "filling rate", "duration", "auctions up to", "filled"];
    let (matrix, simulated) = (comparison.matrix.as_ref(), comparison.monte_carlo.as_ref());
    let beside = [("filled, matrix", matrix.is_some()), ("filled, simulated", simulated.is_some())];
    header.extend(beside.iter().filter(|(_, there)| *there).map(|(name, _)| *name));
    header.push("welfare");
    let beside = [("welfare, matrix", matrix.is_some()), ("welfare, simulated", simulated.is_some())];
    header.extend(beside.iter().filter(|(_, there)| *there).map(|(name, _)| *name));
    let mut table = Table::new(&header);
    for (i, (level, exact)) in comparison.climb.levels().iter().zip(&comparison.closed_form.by_level).enumerate() {
        let by_matrix = matrix.and_then(|outcome| outcome.by_level.get(i));
        let by_simulation = simulated.and_then(|confirmed| confirmed.simulated.by_level.get(i));
        let mut row = vec![
            (i + 1).to_string(),
            percent(level.filling_rate),
            number(level.duration),
            level.attempts.to_string(),
            percent(exact.filled_share),
        ];
        row.extend(by_matrix.map(|l| percent(l.filled_share)));
        row.extend(by_simulation.map(|l| percent_with_error(l.filled_share, l.std_error)));
        row.push(number(exact.welfare));
        row.extend(by_matrix.map(|l| number(l.welfare)));
        row.extend(by_simulation.map(|l| with_error(l.welfare, l.welfare_std_error)));
        table.add_row(row);
    }
    let _ = writeln!(text, "{table}");
}

fn contests(text: &mut String, comparison: &Comparison) {
    let tree = comparison.climb.arity().is_some();
    let mut header = vec!["global pool", "welfare", "the climb earns", "at least as much from a filling rate of"];
    header.extend(tree.then_some("more from a depth of"));
    let mut table = Table::new(&header);
    for Contest { rival, welfare, climb_is, critical, smallest_depth } in &comparison.rivals {
        let mut rate = match critical.rate {
            CriticalRate::Always => "0 %: always".to_owned(),
            CriticalRate::Never => "never".to_owned(),
            CriticalRate::At(root) => percent(root.at),
        };
        if critical.crossings.len() > 1 {
            let all: Vec<String> = critical.crossings.iter().map(|root| percent(root.at)).collect();
            let _ = write!(rate, " (the lead changes at {})", all.join(", "));
        }
        let earns = match climb_is {
            Ordering::Greater => "more",
            Ordering::Equal => "as much",
            Ordering::Less => "less",
        };
        let mut row = vec![rival.to_string(), number(*welfare), earns.to_owned(), rate];
        row.extend(smallest_depth.map(|depth| match depth {
            SmallestDepth::Levels(1) => "1 level".to_owned(),
            SmallestDepth::Levels(n) => format!("{n} levels"),
            SmallestDepth::Beyond(n) => format!("over {n} levels"),
            SmallestDepth::Never => "never".to_owned(),
        }));
        table.add_row(row);
    }
    let _ = writeln!(text, "{table}");
}

fn notes(text: &mut String, comparison: &Comparison) {
    let _ = writeln!(text);
    if let Some(reason) = &comparison.matrix_refused {
        let _ = writeln!(text, "No matrix: {reason}");
    }
    if let Some(reason) = &comparison.monte_carlo_refused {
        let _ = writeln!(text, "Not simulated: {reason}");
    }
    if let Some(confirmed) = &comparison.monte_carlo {
        let SimulatedClimb { replications, seed, .. } = confirmed.simulated;
        let _ = writeln!(text, "Simulation: {replications} orders, seed {seed}, mean ± standard error");
    }
    let _ = writeln!(
        text,
        "Note: a constant filling rate is an assumption; `pooltree compare` derives it from the order flow"
    );
}
