//! Every rule of keeper selection on the same keepers.

use super::format::{given, number, with_error};
use super::{Report, Table};
use crate::keepers::table::{Drawn, Row, Sampled};
use crate::keepers::{self, Keeper, Keepers, Parameters};
use crate::kernels::elementary::log10;
use std::fmt::Write;

/// Keepers up to which the table of winners has a column for each.
const MANY_KEEPERS: usize = 12;

reported! {
    /// The keepers and, rule by rule, who is selected and what it leads to.
    keepers::table::Table => readable;
}

reported! {
    /// The keepers with what they bid and what is known of them.
    Keepers => |keepers| {
        let mut text = Report::new();
        text.push_table(keepers_table(keepers.all()));
        text
    };
}

/// A column of the tables of measures.
struct Measure {
    /// As in the JSON, and in notes.
    key: &'static str,
    title: &'static str,
    exact: fn(&Row) -> Option<f64>,
    seen: fn(&Sampled) -> Option<Drawn>,
}

/// Who is selected.
const WHO: [Measure; 6] = [
    Measure {
        key: "effective_number",
        title: "effective number",
        exact: |row| row.effective_number,
        seen: |seen| seen.effective_number,
    },
    Measure {
        key: "predictability",
        title: "best guess",
        exact: |row| row.predictability,
        seen: |seen| seen.predictability,
    },
    Measure { key: "gini", title: "Gini", exact: |row| row.gini, seen: |seen| seen.gini },
    Measure { key: "expected_wait", title: "wait", exact: |row| row.expected_wait, seen: |seen| seen.expected_wait },
    Measure { key: "effective_pool", title: "pool", exact: |row| row.effective_pool, seen: |seen| seen.effective_pool },
    Measure {
        key: "tie_unfairness",
        title: "tie gap",
        exact: |row| row.tie_unfairness,
        seen: |seen| seen.tie_unfairness,
    },
];

/// What it leads to.
const WHAT: [Measure; 6] = [
    Measure {
        key: "sybil_gain",
        title: "Sybil gain",
        exact: |row| row.sybil_gain,
        seen: |seen| seen.sybil_gain.map(Into::into),
    },
    Measure {
        key: "stake_elasticity",
        title: "elasticity",
        exact: |row| row.stake_elasticity,
        seen: |seen| seen.arc_elasticity.map(Into::into),
    },
    Measure {
        key: "losers_loss",
        title: "losers' loss",
        exact: |row| row.losers_loss,
        seen: |seen| Some(seen.losers_loss),
    },
    Measure { key: "deterrence", title: "deterrence", exact: |row| row.deterrence, seen: |seen| seen.deterrence },
    Measure { key: "executed", title: "executed", exact: |row| row.executed, seen: |seen| seen.executed },
    Measure {
        key: "expected_discount",
        title: "discount",
        exact: |row| row.expected_discount,
        seen: |seen| seen.expected_discount,
    },
];

/// Characters of an id that are shown.
const MOST_OF_ID: usize = 40;

fn readable(found: &keepers::table::Table) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    if found.keepers.len() <= MANY_KEEPERS {
        text.push_table(keepers_table(found.keepers.all()));
        let _ = writeln!(text);
    }
    let parameters = &found.parameters.parameters;
    let viable = found.keepers.viable(parameters.min_stake).len();
    let minimum =
        parameters.min_stake.map_or_else(|| "no least stake".to_owned(), |s| format!("least stake {}", given(s)));
    let _ =
        writeln!(text, "{viable} of {} keepers viable ({minimum}); {}\n", found.keepers.len(), execution(parameters));
    if found.rules.iter().all(|row| row.unserved == 1.0) {
        let _ = writeln!(text, "By no rule can anybody be selected: every task is left.\n");
    } else if found.keepers.len() <= MANY_KEEPERS {
        section(&mut text, "Probability to be selected (closed form)", winners(found, |row| Some(&row.winner)));
        if let Some(m) = found.parameters.select {
            let title = format!("Probability to be among the {m} selected ({})", found.parameters.reading.name());
            section(&mut text, &title, winners(found, |row| row.inclusion.as_ref()));
        }
    }
    let is_drawn = found.rules.iter().any(|row| row.monte_carlo.is_some());
    for (title, measures, agreement) in [("Who is selected", &WHO, false), ("What it leads to", &WHAT, true)] {
        section(&mut text, &format!("{title} (closed form)"), exact(found, measures));
        if is_drawn {
            let drawn = simulated(found, measures, agreement);
            section(&mut text, &format!("{title} (simulated ± standard error)"), drawn);
        }
    }
    let mut seen = found.rules.iter().filter_map(|row| row.monte_carlo.as_ref()).peekable();
    if let Some((replications, seed)) = seen.peek().map(|seen| (seen.replications, seen.seed)) {
        let (least, n) = seen.fold((1.0f64, 0), |(p, n), seen| (p.min(seen.agreement.p_value), n + 1));
        let _ = writeln!(
            text,
            "Simulation: {replications} tasks a rule, seed {seed}; smallest of {n} agreement p-values {least:.3}, corrected for \
             their number {:.3}",
            (least * f64::from(n)).min(1.0)
        );
    }
    legend(&mut text, found, is_drawn);
    notes(&mut text, found);
    text
}

/// A table with its title.
fn section(text: &mut Report, title: &str, table: Table) {
    let _ = writeln!(text, "{title}\n");
    text.push_table(table);
    let _ = writeln!(text);
}

/// How executions go on after failures.
fn execution(parameters: &Parameters) -> String {
    let deadline = parameters.deadline.map_or_else(|| "no deadline".to_owned(), |d| format!("deadline {}", given(d)));
    let (retry, reliability) = (parameters.retry.name(), parameters.reliability.name());
    let delay = given(parameters.failure_delay);
    format!("reliability by {reliability}, retry {retry}, failure delay {delay}, {deadline}")
}

/// An id as a cell can hold it.
fn cell(id: &str) -> String {
    let mut shown = String::new();
    for character in id.chars().take(MOST_OF_ID) {
        match character {
            '|' => shown.push_str("\\|"),
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    if id.chars().nth(MOST_OF_ID).is_some() {
        shown.push('…');
    }
    shown
}

fn keepers_table(keepers: &[Keeper]) -> Table {
    let mut table = Table::new(&["id", "stake", "bid", "cost", "ping", "picked", "succeeded", "active"]);
    for Keeper { id, stake, bid, cost, ping, picked, succeeded, active } in keepers {
        let numbers = [stake, bid, cost, ping].map(|x| given(*x));
        let row = [cell(id)].into_iter().chain(numbers);
        table.add_row(row.chain([picked.to_string(), succeeded.to_string(), active.to_string()]));
    }
    table
}

/// A column for every keeper.
fn winners(found: &keepers::table::Table, of: impl Fn(&Row) -> Option<&Vec<f64>>) -> Table {
    let ids: Vec<String> = found.keepers.all().iter().map(|keeper| cell(&keeper.id)).collect();
    let ids = ids.iter().map(String::as_str);
    let mut table = Table::new(&["rule"].into_iter().chain(ids).chain(["nobody"]).collect::<Vec<_>>());
    for row in &found.rules {
        let numbers: Vec<String> = of(row)
            .map_or_else(|| vec!["-".to_owned(); found.keepers.len()], |p| p.iter().map(|&p| number(p)).collect());
        table.add_row([row.rule.name().to_owned()].into_iter().chain(numbers).chain([number(row.unserved)]));
    }
    table
}

/// Measures in closed form, a line a rule.
fn exact(found: &keepers::table::Table, measures: &[Measure]) -> Table {
    let titles = measures.iter().map(|measure| measure.title);
    let mut table = Table::new(&["rule"].into_iter().chain(titles).collect::<Vec<_>>());
    for row in &found.rules {
        let numbers = measures.iter().map(|measure| (measure.exact)(row).map_or_else(|| "-".to_owned(), short));
        table.add_row([row.rule.name().to_owned()].into_iter().chain(numbers));
    }
    table
}

/// The same measures drawn.
fn simulated(found: &keepers::table::Table, measures: &[Measure], agreement: bool) -> Table {
    let titles = measures.iter().map(|measure| measure.title);
    let last = agreement.then_some("agreement");
    let mut table = Table::new(&["rule"].into_iter().chain(titles).chain(last).collect::<Vec<_>>());
    for (name, seen) in found.rules.iter().filter_map(|row| Some((row.rule.name(), row.monte_carlo.as_ref()?))) {
        let drawn = |of: Option<Drawn>| of.map_or_else(|| "-".to_owned(), |d| short_with_error(d.mean, d.std_error));
        let numbers = measures.iter().map(|measure| drawn((measure.seen)(seen)));
        let last = agreement.then(|| format!("p = {:.3}", seen.agreement.p_value));
        table.add_row([name.to_owned()].into_iter().chain(numbers).chain(last));
    }
    table
}

/// Four significant digits.
fn short(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let magnitude = log10(x.abs()).floor() as i32;
    if (-3..=5).contains(&magnitude) {
        format!("{x:.*}", (3 - magnitude).clamp(0, 6) as usize)
    } else {
        format!("{x:.2e}")
    }
}

fn short_with_error(mean: f64, error: f64) -> String {
    // An error beyond the digits shown says nothing.
    if error > 1e-5 * mean.abs() { with_error(mean, error) } else { short(mean) }
}

fn legend(text: &mut Report, found: &keepers::table::Table, is_drawn: bool) {
    let questions = &found.parameters;
    let _ = writeln!(
        text,
        "effective number: 1/Σp²; best guess: the greatest chance; wait: mean over the viable keepers of the tasks until one is selected\n\
         pool: keepers selected in {} tasks; tie gap: greatest difference between equal keepers\n\
         Sybil gain: most chance gained by a split of a stake; elasticity: of one's chance in one's stake\n\
         losers' loss: of one auction, in units of value; deterrence: stake lost by a failure\n\
         discount: E[β^S] of an auction executed after S, β = {}",
        questions.rounds,
        given(questions.beta)
    );
    if is_drawn {
        let _ = writeln!(
            text,
            "simulated: the elasticity is for stakes raised by e^0.1; gains and gaps are those of the split and the keepers of the \
             closed form, and may come out below 0"
        );
    }
}

/// What the rules have to say, each note once.
fn notes(text: &mut Report, found: &keepers::table::Table) {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in &found.rules {
        for note in &row.notes {
            match all.iter_mut().find(|(other, _)| other == note) {
                Some((_, rules)) => rules.push(row.rule.name()),
                None => all.push((note, vec![row.rule.name()])),
            }
        }
    }
    for (note, rules) in all {
        let rules = if rules.len() == found.rules.len() { "all rules".to_owned() } else { rules.join(", ") };
        // Keys are those of the JSON; columns have titles.
        let titled = WHO.iter().chain(&WHAT).find_map(|measure| {
            let rest = note.strip_prefix(measure.key)?.strip_prefix(": ")?;
            Some(format!("{}: {rest}", measure.title))
        });
        let _ = writeln!(text, "Note: {rules}: {}", titled.as_deref().unwrap_or(note));
    }
    let questions = &found.parameters;
    if let (Some(m), Some(short)) = (questions.select, found.rules.iter().filter_map(|row| row.short).reduce(f64::max))
        && short > 0.0
    {
        let rules: Vec<String> = found
            .rules
            .iter()
            .filter_map(|row| row.short.filter(|&s| s > 0.0).map(|s| format!("{} {}", row.rule.name(), number(s))))
            .collect();
        let _ = writeln!(text, "Note: probability that fewer than {m} are selected: {}", rules.join(", "));
    }
}
