//! Continuous trading: the always-on pool, without patience, and beside batches.

use super::format::{given, number, percent, percent_with_error, with_error};
use super::{Report, Table};
use crate::always_on::compare::Comparison;
use crate::always_on::growth::{Moment, WithoutPatience};
use crate::always_on::simulation::{SimulatedPool, SimulatedSide};
use crate::always_on::{Outcome, SideOutcome};
use crate::estimate::{Agreement, Estimate};
use crate::orders::continuous as batches;
use std::fmt::Write;

reported! {
    /// Formula, matrix and simulation side by side, for both sides and for the pool.
    Comparison => readable;
    /// What becomes of the orders, exactly, for both sides and for the pool.
    Outcome => exact;
    /// The estimates ± standard error, for both sides and for the pool.
    SimulatedPool => estimated;
    /// How many orders wait at several times after an empty start.
    WithoutPatience => without_patience;
}

reported! {
    /// Batches of several periods beside continuous trading.
    batches::Comparison => beside_batches;
}

/// The p-value of a test, if there was one.
fn tested(agreement: &Agreement) -> String {
    if agreement.degrees_of_freedom == 0 { "too few fills".to_owned() } else { format!("p = {:.3}", agreement.p_value) }
}

fn beside_batches(found: &batches::Comparison) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let latency = given(found.latency);
    let _ = writeln!(text, "Batches on the same flow, patience from arrival, settling takes {latency}\n");
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
    text.push_table(table);
    let _ = writeln!(text);
    let _ = writeln!(
        text,
        "Whoever holds matches back without knowing whose patience is about to end fills no more than continuous trading. What\n\
         batches are meant to end, races for speed, is not in the model."
    );
    text
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

fn readable(comparison: &Comparison) -> Report {
    let Comparison { pool, matrix, monte_carlo, .. } = comparison;
    let mut text = Report::new();
    // Writing into a report cannot fail.
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
    text.push_table(table);
    let _ = writeln!(text);
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

fn without_patience(found: &WithoutPatience) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let (first, second) = (given(found.first_rate), given(found.second_rate));
    let _ = writeln!(text, "Orders per unit time {first} and {second}, without patience\n");
    let _ = writeln!(
        text,
        "{}\n",
        if found.null_recurrent {
            "There is no long run: the queue is null recurrent. It empties again and again, but the time until then has\n\
             no finite mean, and orders pile up as the square root of time: 2 √(λ t/π) of them wait in the mean."
        } else {
            "There is no long run: orders of the faster side pile up for ever, |λ1 - λ2| t of them in the mean."
        }
    );
    let mut table = Table::new(&["time after an empty start", "orders waiting", "per √time", "per time"]);
    for Moment { time, waiting } in &found.growth {
        table.add_row([number(*time), number(*waiting), number(waiting / time.sqrt()), number(waiting / time)]);
    }
    text.push_table(table);
    let _ = writeln!(text, "\nWith a patience rate above 0 every figure has a long-run mean: --patience-rate 1");
    text
}

fn exact(outcome: &Outcome) -> Report {
    let mut table = Table::new(&["", "formula"]);
    for Row { name, exact, .. } in rows() {
        table.add_row([name, exact(outcome)]);
    }
    let mut text = Report::new();
    text.push_table(table);
    text
}

fn estimated(seen: &SimulatedPool) -> Report {
    let mut table = Table::new(&["", "simulation"]);
    for (name, shown) in rows().into_iter().filter_map(|row| Some((row.name, (row.simulated)(seen)?))) {
        table.add_row([name, shown]);
    }
    let mut text = Report::new();
    text.push_table(table);
    let SimulatedPool { replications, seed, .. } = seen;
    // Writing into a report cannot fail.
    let _ = writeln!(text, "\nSimulation: {replications} cycles, seed {seed}, mean ± standard error");
    text
}
