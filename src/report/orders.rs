//! Orders, one by one.

use super::format::{given, number, percent, percent_with_error, with_error};
use super::scenario::description;
use super::{Report, Table};
use crate::estimate::Controlled;
use crate::orders::compare::Confirmed;
use crate::orders::run::Run;
use crate::orders::simulation::SimulatedOrders;
use crate::orders::{Arrivals, Lifetime, Orders, PatienceFrom, SolverModel, ValueLaw};
use std::fmt::Write;

reported! {
    /// What was simulated, what became of the orders by height and in all, and how well it agrees with what is known exactly.
    Run => readable;
}

reported! {
    /// What became of the orders by height and in all, and how well it agrees with what is known exactly.
    Confirmed => |confirmed| {
        let mut text = Report::new();
        let seen = &confirmed.simulated;
        outcome(&mut text, seen, seen.mean_carried_over > 0.0);
        agreement(&mut text, confirmed);
        account(&mut text, seen);
        text
    };
}

reported! {
    /// What became of the orders, by height and in all.
    SimulatedOrders => |seen| {
        let mut text = Report::new();
        outcome(&mut text, seen, seen.mean_carried_over > 0.0);
        account(&mut text, seen);
        text
    };
}

fn readable(run: &Run) -> Report {
    let Run { scenario, heights, confirmed, traced, log } = run;
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let _ = writeln!(text, "{}\n{}\n", description(scenario), handling(scenario.orders()));
    let _ = writeln!(text, "Auctions at heights {heights}, order by order ± standard error\n");
    outcome(&mut text, &confirmed.simulated, !scenario.orders().lifetime.is_one_auction());
    agreement(&mut text, confirmed);
    account(&mut text, &confirmed.simulated);
    if let Some(traced) = traced {
        let log = log.as_ref().map_or(String::new(), |log| format!(" in {log}"));
        let _ = writeln!(text, "Log: {traced} orders{log}");
    }
    for note in notes(scenario.orders()) {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

/// Fills, welfare, delays and values; `carried`: whether orders may be left over for later auctions.
fn outcome(text: &mut Report, seen: &SimulatedOrders, carried: bool) {
    let mut by_height = Table::new(&["height", "filled", "gross", "mean delay", "mean value"]);
    let optional = |mean: Option<f64>, error: Option<f64>| match (mean, error) {
        (Some(mean), Some(error)) => with_error(mean, error),
        (Some(mean), None) => format!("{} ± ?", number(mean)),
        _ => "-".to_owned(),
    };
    for height in &seen.by_height {
        by_height.add_row([
            height.height.to_string(),
            percent_with_error(height.filled_share, height.std_error),
            with_error(height.gross, height.gross_std_error),
            optional(height.mean_delay, height.mean_delay_std_error),
            optional(height.mean_value, height.mean_value_std_error),
        ]);
    }
    by_height.add_row([
        "all".to_owned(),
        percent_with_error(seen.filled_share, seen.filled_share_std_error),
        with_error(seen.gross, seen.std_error),
        optional(seen.mean_delay, seen.mean_delay_std_error),
        optional(seen.mean_value, seen.mean_value_std_error),
    ]);
    text.push_table(by_height);
    let _ = writeln!(text, "\nExpired: {}", percent_with_error(seen.expired_share, seen.expired_share_std_error));
    if carried {
        let _ = writeln!(
            text,
            "Left over for later auctions of the highest height: {} orders on average",
            number(seen.mean_carried_over)
        );
    }
}

/// What closed forms say of it.
fn agreement(text: &mut Report, confirmed: &Confirmed) {
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
}

/// Every single order, and how long the simulation ran.
fn account(text: &mut Report, seen: &SimulatedOrders) {
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
    };
    format!(
        "arrivals {arrivals}; values {value}; priority {}; solver {solver}{success}; lifetime {lifetime}",
        orders.priority.name()
    )
}
