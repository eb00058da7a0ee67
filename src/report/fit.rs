//! A scenario fitted to a log of orders.

use super::format::{given, number, percent, percent_with_error};
use super::{Report, Table};
use crate::fit::{FitReport, Fitted, Rows};
use crate::network::order_log::{MeetingProfile, Rate};
use std::fmt::Write;

reported! {
    /// The rates of pairs and operators, whether the assumptions of the model are met, and what the fitted tree fills beside what
    /// the log itself fills.
    FitReport => readable;
}

reported! {
    /// The pairs of assets, the heights at which orders could be matched, and what was assumed.
    Fitted => fitted;
}

impl FitReport {
    /// What the scenario file says about itself.
    pub fn about(&self) -> Vec<String> {
        let Rows { orders, outside, malformed, .. } = &self.rows;
        let mut about = vec![
            format!("Written by pooltree fit from the log {}", self.log),
            format!(
                "{orders} orders in {} {} (first to last, or the window given); {malformed} malformed rows and {outside} orders \
                 outside the window left out",
                number(self.duration),
                self.unit
            ),
            "[flow] rates are the counts of the log over that time, of every pair of assets, side and operator"
                .to_owned(),
        ];
        if self.one_sided_share > 0.0 {
            let share = number(100.0 * self.one_sided_share);
            about.push(format!("{share} % of the orders are of pairs with one side only, which never match"));
        }
        if !self.silent.is_empty() {
            about.push(format!("operators without orders: {}", self.silent.join(", ")));
        }
        about
    }
}

/// Rows of a table that may be long.
const MOST_ROWS: usize = 10;

/// Malformed rows that are shown.
const MOST_MALFORMED: usize = 5;

fn readable(report: &FitReport) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    rows(&mut text, report);
    pairs(&mut text, report);
    operators(&mut text, report);
    tests(&mut text, report);
    profile(&mut text, &report.meeting);
    heights(&mut text, report);
    for assumption in &report.assumptions {
        let _ = writeln!(text, "Assumed: {assumption}");
    }
    let _ = writeln!(text, "Scenario: {}", report.scenario);
    text
}

fn rows(text: &mut Report, report: &FitReport) {
    let malformed = report.rows.malformed;
    let _ = writeln!(text, "{}: {} orders, {malformed} malformed rows skipped", report.log, report.rows.orders);
    for row in report.rows.malformed_rows.iter().take(MOST_MALFORMED) {
        let _ = writeln!(text, "  line {}: {}", row.line, row.reason);
    }
    let shown = report.rows.malformed_rows.len().min(MOST_MALFORMED) as u64;
    if malformed > shown {
        let _ = writeln!(text, "  and {} more", malformed - shown);
    }
    if report.rows.malformed > report.rows.orders {
        let _ = writeln!(text, "More rows are malformed than not: what follows is about the few that are left");
    }
    if report.rows.outside > 0 {
        let _ = writeln!(text, "{} orders outside the window left out", report.rows.outside);
    }
    let runs = if report.runs > 1 { format!(" in {} runs", report.runs) } else { String::new() };
    let _ = writeln!(
        text,
        "{} {}{runs}; {} operators, {} assets, {} classes (operator, sell, buy)",
        number(report.duration),
        report.unit,
        report.operators.len(),
        report.assets,
        report.classes
    );
    let level = given(100.0 * report.level);
    let _ =
        writeln!(text, "Rate {} per {}; intervals in brackets: {level} %", with_interval(&report.rate), report.unit);
    if let Some(mean) = report.mean_value {
        let _ = writeln!(text, "Mean value of an order {}", number(mean));
    }
    if !report.silent.is_empty() {
        let names: Vec<&str> = report.silent.iter().take(MOST_ROWS).map(String::as_str).collect();
        let more = report.silent.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(text, "Without orders: {}{more}", names.join(", "));
    }
    if report.one_sided_share > 0.0 {
        let share = percent(report.one_sided_share);
        let _ = writeln!(text, "{share} of the orders are of pairs with one side only: they never match");
    }
    let _ = writeln!(text);
}

fn with_interval(rate: &Rate) -> String {
    format!("{} [{}, {}]", number(rate.rate), number(rate.low), number(rate.high))
}

/// The rows with the most orders.
fn largest<T>(all: &[T], orders: impl Fn(&T) -> u64) -> Vec<&T> {
    let mut rows: Vec<&T> = all.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(orders(row)));
    rows.truncate(MOST_ROWS);
    rows
}

fn left_out(text: &mut Report, all: usize, what: &str) {
    if all > MOST_ROWS {
        let _ = writeln!(text, "(further {what} with fewer orders, {}, are left out here)", all - MOST_ROWS);
    }
    let _ = writeln!(text);
}

fn pairs(text: &mut Report, report: &FitReport) {
    let mut table = Table::new(&["pair", "orders", "rate, first sold", "rate, second sold"]);
    let orders = |sides: &[Rate; 2]| sides.iter().map(|side| side.orders).sum::<u64>();
    for row in largest(&report.pairs, |row| orders(&row.sides)) {
        let [first, second] = &row.sides;
        table.add_row([
            plain(&row.pair.join(" / ")),
            orders(&row.sides).to_string(),
            with_interval(first),
            with_interval(second),
        ]);
    }
    let _ = writeln!(text, "Rates of pairs of assets\n");
    text.push_table(table);
    left_out(text, report.pairs.len(), "pairs");
}

fn operators(text: &mut Report, report: &FitReport) {
    let mut table = Table::new(&["operator", "orders", "share", "rate"]);
    for row in largest(&report.operators, |row| row.rate.orders) {
        table.add_row([plain(&row.name), row.rate.orders.to_string(), percent(row.share), with_interval(&row.rate)]);
    }
    let _ = writeln!(text, "Rates of operators\n");
    text.push_table(table);
    left_out(text, report.operators.len(), "operators");
}

fn tests(text: &mut Report, report: &FitReport) {
    let tests = &report.tests;
    let mut table = Table::with_sentences(&["test", "p", "verdict"]);
    let p_values = [tests.total.p_value, tests.classes.p_value, tests.sides.p_value, tests.activity.p_value];
    let names = ["all orders Poisson", "classes Poisson", "equal sides", "equal activity"];
    for ((name, p), verdict) in names.iter().zip(p_values).zip(&tests.verdicts) {
        table.add_row([(*name).to_owned(), number(p), verdict.clone()]);
    }
    let rate = given(100.0 * tests.false_alarm);
    let all = if tests.rejected { "not all are met" } else { "nothing speaks against them" };
    let _ = writeln!(text, "Assumptions: {all}, at a joint false-alarm rate of {rate} %\n");
    text.push_table(table);
    if tests.rejected && tests.verdicts[0].starts_with("bursty") {
        let _ = writeln!(text, "The fitted flow is Poisson: it has no bursts; section [orders] has arrivals that do");
    }
    let _ = writeln!(text);
}

fn profile(text: &mut Report, profile: &MeetingProfile) {
    let mut table = Table::new(&["height", "orders"]);
    for (height, share) in profile.shares.iter().enumerate() {
        table.add_row([height.to_string(), percent(*share)]);
    }
    table.add_row(["none".to_owned(), percent(profile.unmatched)]);
    let _ = writeln!(text, "Lowest height with a counterpart in the same pool, in windows of any length\n");
    text.push_table(table);
    let _ = writeln!(text);
}

fn heights(text: &mut Report, report: &FitReport) {
    let mut header = vec!["height", "latency", "period", "filling rate, fitted", "filled, fitted"];
    let replayed = report.replay.is_some();
    header.extend(["filling rate, log", "filled, log", "X, log"].into_iter().filter(|_| replayed));
    let mut table = Table::new(&header);
    for row in &report.heights {
        let mut cells = vec![
            row.height.to_string(),
            number(row.latency),
            number(row.period),
            percent(row.filling_rate),
            percent(row.filled_share),
        ];
        if let Some(seen) = &row.replayed {
            cells.push(percent_with_error(seen.filling_rate, seen.filling_rate_std_error));
            cells.push(percent_with_error(seen.share, seen.share_std_error));
            cells.push(percent_with_error(seen.mean_filling_rate, seen.mean_filling_rate_std_error));
        }
        table.add_row(cells);
    }
    let beside = if replayed { ", the log itself beside it ± standard error" } else { "" };
    let _ = writeln!(text, "The full tree on the fitted flow (closed form){beside}\n");
    text.push_table(table);
    if let Some(replay) = &report.replay {
        let _ = writeln!(
            text,
            "filling rate: filled over reached, all batches together; X: the share of a batch that is filled, mean over batches\n\
             {} windows of the highest auction with {} orders replayed; {} outside complete windows left out",
            replay.windows, replay.orders, replay.left_out
        );
    }
    if let Some(reason) = &report.not_replayed {
        let _ = writeln!(text, "Not replayed: {reason}");
    }
    let _ = writeln!(text);
}

/// A name on one line.
fn plain(name: &str) -> String {
    name.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}

fn fitted(fitted: &Fitted) -> Report {
    let mut text = fitted.scenario().report();
    // Writing into a report cannot fail.
    let _ = writeln!(text);
    let mut table = Table::new(&["pair", "orders, first sold", "orders, second sold"]);
    for pair in largest(fitted.pairs(), |pair| pair.orders.iter().sum()) {
        let [first, second] = pair.orders.map(|orders| orders.to_string());
        table.add_row([plain(&pair.assets.join(" / ")), first, second]);
    }
    text.push_table(table);
    left_out(&mut text, fitted.pairs().len(), "pairs");
    profile(&mut text, fitted.profile());
    for assumption in fitted.assumptions() {
        let _ = writeln!(text, "Assumed: {assumption}");
    }
    text
}
