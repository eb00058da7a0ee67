//! `pooltree simulate`.

use super::description;
use pooltree::report::Table;
use pooltree::report::format::{given, number, percent, percent_with_error, with_error};
use super::progress::Bar;
use super::{Heights, Sampling, ScenarioFile, Threads, as_flag, json, scenario};
use pooltree::estimate::Controlled;
use pooltree::orders::compare::Confirmed;
use pooltree::orders::log::Format;
use pooltree::orders::simulation::{OrdersEngine, SimulatedOrders};
use pooltree::orders::{Arrivals, Lifetime, Orders, PatienceFrom, SolverModel, ValueLaw};
use pooltree::pool_tree::Architecture;
use pooltree::{Error, Result, Scenario};
use serde::Serialize;
use std::fmt::Write;
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

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    scenario: Scenario,
    heights: Architecture,
    #[serde(flatten)]
    confirmed: Confirmed,
    #[serde(skip_serializing_if = "Option::is_none")]
    traced: Option<u64>,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let scenario = args.sampling.over(scenario(args.file.file.as_deref())?)?;
    let heights = args.heights.of(&scenario)?;
    let format = args.trace.as_deref().map(log_format).transpose()?;
    if let (Some(trace), Some(file)) = (&args.trace, &args.file.file) {
        refuse_inputs(trace, file)?;
    }
    let bar = Bar::new("replications");
    let orders = scenario.orders();
    let (confirmed, traced) = args.threads.run(|| {
        let watch = |done, all| bar.report("orders", done, all);
        let keepers = scenario.keepers();
        let simulated = SimulatedOrders::simulate_with_keepers(
            &scenario,
            &heights,
            orders,
            keepers,
            scenario.monte_carlo(),
            &watch,
        )?;
        let traced = match (&args.trace, format) {
            (Some(path), Some(format)) => {
                // The same orders once more: the same seed gives the same bits.
                let engine = OrdersEngine::with_keepers(&scenario, &heights, orders, keepers)?;
                let watch = |done, all| bar.report("log", done, all);
                Some(format.write(path, &engine, simulated.seed, 0..simulated.replications, &watch)?)
            }
            _ => None,
        };
        Ok((Confirmed::with_keepers(&scenario, &heights, orders, keepers, simulated)?, traced))
    })?;
    drop(bar);
    let report = Report { scenario, heights, confirmed, traced };
    if args.json { json(&report) } else { Ok(readable(&report, args)) }
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

fn readable(report: &Report, args: &Args) -> String {
    let Report { scenario, heights, confirmed, traced } = report;
    let seen = &confirmed.simulated;
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{}\n{}\n", description(scenario), handling(scenario.orders()));
    let _ = writeln!(text, "Auctions at heights {heights}, order by order ± standard error\n");
    let mut by_height = Table::new(&["height", "filled", "gross", "mean delay", "mean value"]);
    let optional = |mean: Option<f64>, error: Option<f64>| match (mean, error) {
        (Some(mean), Some(error)) => with_error(mean, error),
        (Some(mean), None) => format!("{} ± ?", number(mean)),
        _ => "-".to_owned(),
    };
    for height in &seen.by_height {
        by_height.add_row(vec![
            height.height.to_string(),
            percent_with_error(height.filled_share, height.std_error),
            with_error(height.gross, height.gross_std_error),
            optional(height.mean_delay, height.mean_delay_std_error),
            optional(height.mean_value, height.mean_value_std_error),
        ]);
    }
    by_height.add_row(vec![
        "all".to_owned(),
        percent_with_error(seen.filled_share, seen.filled_share_std_error),
        with_error(seen.gross, seen.std_error),
        optional(seen.mean_delay, seen.mean_delay_std_error),
        optional(seen.mean_value, seen.mean_value_std_error),
    ]);
    let _ = writeln!(text, "{by_height}\n");
    let _ = writeln!(text, "Expired: {}", percent_with_error(seen.expired_share, seen.expired_share_std_error));
    if !scenario.orders().lifetime.is_one_auction() {
        let _ = writeln!(
            text,
            "Left over for later auctions of the highest height: {} orders on average",
            number(seen.mean_carried_over)
        );
    }
    if let Some(agreement) = &confirmed.agreement {
        let _ = if agreement.degrees_of_freedom == 0 && confirmed.tested.is_empty() {
            writeln!(text, "Agreement with the closed form: not tested, too few orders were to be filled")
        } else {
            let (tested, p) = (confirmed.tested.join(", "), agreement.p_value);
            writeln!(text, "Agreement with the closed form ({tested}; all heights): p = {p:.3}")
        };
    }
    if let Some(control) = &confirmed.control_variate {
        let shown = |controlled: &Controlled, written: fn(f64, f64) -> String| {
            let gain =
                controlled.variance_ratio.map_or("exactly known".to_owned(), |r| format!("variance / {}", number(r)));
            format!("{} ({gain})", written(controlled.estimate.mean, controlled.estimate.std_error))
        };
        let filled = control.filled_share.as_ref();
        let filled = filled.map_or(String::new(), |c| format!(", filled {}", shown(c, percent_with_error)));
        let gross = shown(&control.gross, with_error);
        let _ = writeln!(text, "With the closed form of the tree as control variate: gross {gross}{filled}");
    }
    let account = &seen.account;
    let carried = if account.carried_in > 0 { format!(" + {} carried in", account.carried_in) } else { String::new() };
    let _ = writeln!(
        text,
        "Account: {} arrived{carried} = {} filled + {} expired + {} waiting",
        account.arrived, account.filled, account.expired, account.waiting
    );
    let windows = match (seen.windows, seen.warm_up) {
        (1, 0) => String::new(),
        (1, warm_up) => format!(" of one window after {warm_up} that do not count"),
        (windows, warm_up) => format!(" of {windows} windows after {warm_up} that do not count"),
    };
    let _ = writeln!(text, "Simulation: {} replications{windows}, seed {}", seen.replications, seen.seed);
    if let Some(precision) = &seen.precision {
        let reached = precision.reached.map_or("none".to_owned(), percent);
        let capped = if precision.capped {
            " (cut: out of reach, or no fill was seen that would tell how long to run)"
        } else {
            ""
        };
        let _ = writeln!(text, "Precision: {} wanted, {reached} reached{capped}", percent(precision.target));
    }
    if let (Some(traced), Some(path)) = (traced, &args.trace) {
        let _ = writeln!(text, "Log: {traced} orders in {}", path.display());
    }
    for note in notes(scenario.orders()) {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

/// What to know before believing an estimate.
fn notes(orders: &Orders) -> impl Iterator<Item = &'static str> {
    let endless = matches!(orders.lifetime, Lifetime::Patience { patience_rate: 0.0, .. });
    let note = "no order ever leaves unfilled: orders pile up, and all figures depend on the number of windows";
    endless.then_some(note).into_iter().chain(tail(&orders.value))
}

/// What is to be known of the tail of the values.
pub(super) fn tail(law: &ValueLaw) -> Option<&'static str> {
    match law {
        ValueLaw::Pareto { shape } if *shape <= 2.0 => Some(
            "values have no finite variance: standard errors of welfare and of values are no measure of what they may be off",
        ),
        law if !law.has_light_tail() => Some(
            "values have a heavy tail: standard errors of welfare and of values are too small unless very many orders are filled",
        ),
        _ => None,
    }
}

/// How orders are handled, in a line.
fn handling(orders: &Orders) -> String {
    let arrivals = match orders.arrivals {
        Arrivals::Gamma { shape } => format!("Poisson with rates mixed by Gamma({})", given(shape)),
        Arrivals::Batches { size } => format!("Poisson in batches of {size}"),
        _ => "Poisson".to_owned(),
    };
    let value = match orders.value {
        ValueLaw::Uniform { spread } => format!("uniform ± {} %", given(100.0 * spread)),
        ValueLaw::LogNormal { sigma } => format!("log-normal, sigma {}", given(sigma)),
        ValueLaw::Pareto { shape } => format!("Pareto, shape {}", given(shape)),
        law => law.name().to_owned(),
    };
    let solver = match orders.solver.model() {
        SolverModel::Cycles { longest } => format!("cycles up to {longest}"),
        SolverModel::Unlimited => "cycles of any length".to_owned(),
        _ => "pairs".to_owned(),
    };
    let success = match orders.solver.success() {
        1.0 => String::new(),
        success => format!(", each found with probability {}", given(success)),
    };
    let lifetime = match orders.lifetime {
        Lifetime::Auctions { lifetime: 1 } => "one auction at the highest height".to_owned(),
        Lifetime::Auctions { lifetime } => format!("{lifetime} auctions at the highest height"),
        Lifetime::Patience { patience_rate: 0.0, .. } => "without end".to_owned(),
        Lifetime::Patience { patience_rate, patience_from } => {
            let from = if patience_from == PatienceFrom::Root { "the highest height" } else { "arrival" };
            format!("patience lost at rate {} from {from} on", given(patience_rate))
        }
        _ => String::new(),
    };
    format!(
        "arrivals {arrivals}; values {value}; priority {}; solver {solver}{success}; lifetime {lifetime}",
        orders.priority.name()
    )
}
