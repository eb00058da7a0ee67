//! A network of given pools.

use super::format::{given, number};
use super::scenario::description;
use super::{Report, Table};
use crate::explore::network::{HeightReport, Law, NetworkReport, Spread};
use crate::pool_tree::{LatencyModel, RingStatistic};
use crate::scenario::Scenario;
use std::fmt::Write;

reported! {
    /// Pools and latencies of every height, how compact the pools are, and how far the symmetric networks are from it.
    NetworkReport => |report| readable(report, false);
}

impl NetworkReport {
    /// [`NetworkReport::report`] with the operators of every pool.
    pub fn report_with_pools(&self) -> Report {
        readable(self, true)
    }
}

fn readable(report: &NetworkReport, with_members: bool) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let _ = writeln!(text, "{}\n{}\n", description(&report.scenario), sites(&report.scenario));
    let _ = writeln!(text, "Pools, and their latencies per pool: least, mean, largest\n");
    pools_table(&mut text, report);
    division_table(&mut text, report);
    if with_members {
        members(&mut text, report);
    }
    beside(&mut text, report);
    for note in &report.notes {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

/// Where the latencies come from, in a line.
fn sites(scenario: &Scenario) -> String {
    let from = match scenario.sites().map(|survey| survey.places()) {
        None => "operators without places".to_owned(),
        Some(None) => "measured latencies between operators".to_owned(),
        Some(Some((_, fibre))) => {
            let share = given((1e6 * fibre.share()).round() / 1e6);
            format!("operators at places, {share} of the speed of light, {} ms overhead", given(fibre.overhead()))
        }
    };
    let waits = match scenario.timing().latency().model() {
        LatencyModel::Sites { statistic, scale, .. } => {
            format!("consensus {}, {} units of time per millisecond", name(*statistic), given(*scale))
        }
        LatencyModel::Ring { statistic, .. } => format!("latencies of a circle, consensus {}", name(*statistic)),
        LatencyModel::Proportional { .. } => "latencies proportional to a power of the operators".to_owned(),
        LatencyModel::Table { .. } => "latencies from a table".to_owned(),
    };
    format!("{from}; {waits}")
}

fn name(statistic: RingStatistic) -> &'static str {
    match statistic {
        RingStatistic::Diameter => "diameter",
        RingStatistic::MeanFarthest => "mean-farthest",
        RingStatistic::RandomQuorum { .. } => "random-quorum",
        RingStatistic::FastestQuorum { .. } => "fastest-quorum",
    }
}

/// A count that may be a mean.
fn count(x: f64) -> String {
    if x.fract() == 0.0 { format!("{x}") } else { format!("{x:.2}") }
}

/// The operators of a pool, least and most.
fn operators(height: &HeightReport) -> String {
    let Spread { least, largest, .. } = height.operators;
    if least == largest { count(least) } else { format!("{}-{}", count(least), count(largest)) }
}

fn pools_table(text: &mut Report, report: &NetworkReport) {
    let in_milliseconds = report.by_height.iter().any(|height| height.milliseconds.is_some());
    let header = ["height", "pools", "operators", "least", "mean", "largest", "least, ms", "mean, ms", "largest, ms"];
    let mut rows = Table::new(if in_milliseconds { &header } else { &header[..6] });
    for height in report.by_height.iter().skip(usize::from(report.by_height.len() > 1)) {
        let mut row = vec![height.height.to_string(), height.pools.to_string(), operators(height)];
        for spread in std::iter::once(height.latency).chain(height.milliseconds) {
            row.extend([spread.least, spread.mean, spread.largest].map(number));
        }
        rows.add_row(row);
    }
    text.push_table(rows);
    let _ = writeln!(text);
}

fn division_table(text: &mut Report, report: &NetworkReport) {
    let mut rows = Table::new(&["height", "mean", "largest", "mean by lot", "largest by lot", "mean / by lot"]);
    for height in &report.by_height {
        let Some(division) = &height.division else { continue };
        let random = [division.random_mean, division.random_largest].map(|random| number(random.mean));
        let mut row = vec![height.height.to_string()];
        row.extend([division.mean_diameter, division.largest_diameter].map(number));
        row.extend(random);
        row.push(division.ratio.map_or("-".to_owned(), number));
        rows.add_row(row);
    }
    if !rows.is_empty() {
        let drawn =
            report.by_height.iter().find_map(|height| height.division).map_or(0, |d| d.random_mean.replications);
        let _ = writeln!(text, "Diameters in ms, beside pools of the same sizes by lot (mean of {drawn} draws)\n");
        text.push_table(rows);
        let _ = writeln!(text);
    }
}

fn members(text: &mut Report, report: &NetworkReport) {
    for height in report.by_height.iter().skip(1).rev().skip(1) {
        let _ = writeln!(text, "Pools of height {}\n", height.height);
        for pool in &height.members {
            let _ = writeln!(text, "- {} (latency {})", pool.operators.join(", "), number(pool.latency));
        }
        let _ = writeln!(text);
    }
}

/// A law as a column and a row are headed.
fn law_name(law: &Law) -> String {
    match law {
        Law::Mean => "mean of the height".to_owned(),
        Law::Circle { .. } => "circle".to_owned(),
        Law::Power { exponent } => format!("m^{}", given(*exponent)),
        Law::Fitted { exponent } => format!("m^{exponent:.3}, fitted"),
    }
}

fn beside(text: &mut Report, report: &NetworkReport) {
    let beside = &report.beside;
    let laws: Vec<_> = beside.laws.iter().filter(|law| law.law != Law::Mean).collect();
    if !laws.is_empty() {
        let _ = writeln!(text, "Beside a symmetric network: its latency over the mean of the real one\n");
        let names: Vec<String> = laws.iter().map(|law| law_name(&law.law)).collect();
        let header: Vec<&str> =
            ["height", "operators", "mean latency"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let mut rows = Table::new(&header);
        for height in report.by_height.iter().skip(1) {
            let mut row = vec![height.height.to_string(), count(height.operators.mean), number(height.latency.mean)];
            let at = height.height as usize;
            row.extend(laws.iter().map(|law| law.ratios[at].map_or("-".to_owned(), |ratio| format!("{ratio:.3}"))));
            rows.add_row(row);
        }
        text.push_table(rows);
        let _ = writeln!(
            text,
            "circle and m^e: as fast as the real network at the root; fitted: by least squares on logarithms\n"
        );
    }
    if let Some(exponent) = beside.exponent {
        let _ = writeln!(text, "Latency grows as m^{exponent:.3} (1: the circle of the document, 0.5: the globe)\n");
    }
    let Some(best) = &beside.best else { return };
    let _ = writeln!(text, "What each would recommend, and what that earns on the real network, net per unit time\n");
    let mut rows = Table::new(&["latencies", "best heights", "net there", "net here", "loss"]);
    let own = number(best.net);
    let best_heights = best.architecture.to_string();
    rows.add_row(vec!["the network's own".to_owned(), best_heights, own.clone(), own, "0".to_owned()]);
    for law in &beside.laws {
        let Some(verdict) = &law.verdict else { continue };
        let optional = |value: Option<f64>| value.map_or("-".to_owned(), number);
        let believed = &verdict.believed;
        rows.add_row(vec![
            law_name(&law.law),
            believed.architecture.to_string(),
            number(believed.net),
            optional(verdict.net),
            optional(verdict.loss),
        ]);
    }
    text.push_table(rows);
}
