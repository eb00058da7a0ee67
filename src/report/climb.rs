//! One order's climb at a constant filling rate.

use super::format::{number, percent, percent_with_error, with_error};
use super::{Report, Table};
use crate::constant_filling::Outcome;
use crate::constant_filling::compare::{Comparison, Contest};
use crate::constant_filling::critical::{CriticalRate, SmallestDepth};
use crate::constant_filling::simulation::SimulatedClimb;
use crate::estimate::Estimate;
use std::cmp::Ordering;
use std::fmt::Write;

reported! {
    /// Formula, matrix and simulation side by side, in all and by level, and the climb against one global pool.
    Comparison => readable;
    /// What becomes of an order, exactly, in all and by level, the lowest first.
    Outcome => exact;
    /// The estimates ± standard error, in all and by level, the lowest first.
    SimulatedClimb => estimated;
}

fn readable(comparison: &Comparison) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
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

fn totals(text: &mut Report, comparison: &Comparison) {
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
    text.push_table(table);
}

fn levels(text: &mut Report, comparison: &Comparison) {
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
    text.push_table(table);
}

fn contests(text: &mut Report, comparison: &Comparison) {
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
    text.push_table(table);
}

fn notes(text: &mut Report, comparison: &Comparison) {
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

fn exact(outcome: &Outcome) -> Report {
    let mut text = Report::new();
    let unlimited = |x: f64| if x.is_finite() { number(x) } else { "unlimited".to_owned() };
    let mut table = Table::new(&["level", "reaching", "filled", "welfare", "auctions", "delay"]);
    for (i, level) in outcome.by_level.iter().enumerate() {
        let shares = [level.reaching_share, level.filled_share].map(percent);
        let [auctions, delay] = [level.auctions, level.delay].map(unlimited);
        let [reaching, filled] = shares;
        table.add_row([(i + 1).to_string(), reaching, filled, number(level.welfare), auctions, delay]);
    }
    let [auctions, delay] = [outcome.auctions, outcome.delay].map(unlimited);
    let filled = percent(outcome.filled_share);
    table.add_row(["all".to_owned(), percent(1.0), filled, number(outcome.welfare), auctions, delay]);
    text.push_table(table);
    // Writing into a report cannot fail.
    let _ = writeln!(text, "\nExpired: {}", percent(outcome.expired_share));
    if outcome.waiting_share > 0.0 {
        let _ = writeln!(text, "Waiting forever: {}", percent(outcome.waiting_share));
    }
    text
}

fn estimated(seen: &SimulatedClimb) -> Report {
    let mut text = Report::new();
    let mut table = Table::new(&["level", "filled", "welfare"]);
    for (i, level) in seen.by_level.iter().enumerate() {
        let filled = percent_with_error(level.filled_share, level.std_error);
        table.add_row([(i + 1).to_string(), filled, with_error(level.welfare, level.welfare_std_error)]);
    }
    let filled = percent_with_error(seen.filled_share, seen.filled_share_std_error);
    table.add_row(["all".to_owned(), filled, with_error(seen.welfare, seen.std_error)]);
    text.push_table(table);
    // Writing into a report cannot fail.
    let _ = writeln!(text, "\nExpired: {}", percent(seen.expired_share));
    let SimulatedClimb { replications, seed, .. } = seen;
    let _ = writeln!(text, "Simulation: {replications} orders, seed {seed}, mean ± standard error");
    text
}
