//! `pooltree climb`.

use super::progress::Bar;
use super::{Threads, as_flag, json, own_flag};
use clap::ArgGroup;
use pooltree::constant_filling::compare::Comparison;
use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, DelayCounting};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::pool_tree::{Discount, DiscountModel};
use pooltree::{Error, Result, Scenario};

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
    if args.json { json(&comparison) } else { Ok(comparison.report().to_string()) }
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
