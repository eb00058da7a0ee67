//! Reads the reference values that `generate.py` wrote, and holds the crate against them.
//!
//! Used by the test suite (bounds) and by `examples/accuracy.rs` (the table of docs/accuracy.md).

mod auctions;

pub use auctions::auctions;

use pooltree::kernels::skellam::Skellam;
use pooltree::kernels::{bursts, matched, unfilled};
use pooltree::pool_tree::{Architecture, Latency, LatencyModel, PoolTree, RingStatistic};
use pooltree::pool_tree::{Discount, DiscountModel};
use pooltree::{ClosedForm, Scenario};
use serde_json::Value;
use std::collections::BTreeMap;

/// One computed value beside its reference.
pub struct Row {
    /// What was computed.
    pub function: String,
    /// At which arguments, for messages.
    pub at: String,
    pub found: f64,
    pub expected: f64,
}

impl Row {
    /// Relative error; where the reference underflows or is 0, the absolute one.
    pub fn error(&self) -> f64 {
        let difference = (self.found - self.expected).abs();
        if self.expected.abs() > f64::MIN_POSITIVE { difference / self.expected.abs() } else { difference }
    }
}

/// Number of rows, largest error and where, mean error.
pub struct Summary<'a> {
    pub rows: usize,
    pub worst: &'a Row,
    pub mean: f64,
}

/// Rows by function.
pub fn summarise(rows: &[Row]) -> BTreeMap<&str, Summary<'_>> {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(&row.function).or_default().push(row);
    }
    groups
        .into_iter()
        .map(|(function, rows)| {
            let mean = rows.iter().map(|row| row.error()).sum::<f64>() / rows.len() as f64;
            // NaN compares greater than every number here, so that it cannot hide.
            let worst = rows.iter().copied().max_by(|a, b| a.error().total_cmp(&b.error())).unwrap();
            (function, Summary { rows: rows.len(), worst, mean })
        })
        .collect()
}

/// Matches of negative binomial sides.
pub fn bursts() -> Vec<Row> {
    let row = |fields: Vec<&str>| {
        let [shape, a, b, expected] = [1, 2, 3, 4].map(|i| fields[i].parse::<f64>().unwrap());
        let found = match fields[0] {
            "sum_unfilled" | "far_unfilled" if a == b => bursts::unfilled_share(shape, a).unwrap(),
            "sum_unfilled" | "far_unfilled" => bursts::unfilled_share_of_sides(shape, a, b).unwrap(),
            "sum_filled" | "far_filled" if a == b => bursts::filled_share(shape, a).unwrap(),
            "sum_filled" | "far_filled" => bursts::filled_share_between(shape, a, b, 0.0, 1.0).unwrap(),
            "sum_difference" | "far_difference" => bursts::filled_share_between(shape, a, b, 1.0, 2.0).unwrap(),
            "floor" => bursts::unfilled_share_in_large_pools(shape).unwrap(),
            other => panic!("no function {other}"),
        };
        let function = format!("bursts, {}", fields[0].replace('_', " "));
        Row { function, at: format!("shape {shape:e}, {a:e}, {b:e}"), found, expected }
    };
    records(include_str!("bursts.csv")).map(row).collect()
}

fn records(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

/// Special functions of one or two arguments.
pub fn special_functions() -> Vec<Row> {
    let row = |fields: Vec<&str>| {
        let [a, b, expected] = [1, 2, 3].map(|i| fields[i].parse::<f64>().unwrap());
        // Share of a class with rates a and b that windows of length t fill.
        let share_between = |t: f64| matched::filled_share_between(a, b, 1.0, t).unwrap();
        let found = match fields[0] {
            "unfilled_share" => unfilled::unfilled_share(a).unwrap(),
            "filled_share" => unfilled::filled_share(a).unwrap(),
            "unfilled_share_difference" => unfilled::unfilled_share_difference(a, b).unwrap(),
            "expected_min" => matched::expected_min(a, b).unwrap(),
            "expected_min_share_difference" => share_between(2.0),
            "expected_min_share_difference_close" => share_between(1.0 + 2f64.powi(-20)),
            "batch_filling_rate" => matched::batch_filling_rate(a as u64).unwrap(),
            "mean_batch_filling_rate" => matched::mean_batch_filling_rate(a).unwrap(),
            "mean_over_wait" => Discount::new(DiscountModel::Factor(a)).unwrap().mean_over_wait(b),
            "inverse_filled_share" => unfilled::orders_for_filled_share(a).unwrap(),
            other => panic!("no function {other}"),
        };
        Row { function: fields[0].to_owned(), at: format!("{a:e}, {b:e}"), found, expected }
    };
    records(include_str!("special_functions.csv")).map(row).collect()
}

/// The Skellam law.
pub fn skellam() -> Vec<Row> {
    let row = |fields: Vec<&str>| {
        let [plus, minus] = [1, 2].map(|i| fields[i].parse::<f64>().unwrap());
        let k: i64 = fields[3].parse().unwrap();
        let law = Skellam::new(plus, minus).unwrap();
        let found = match fields[0] {
            "skellam_pmf" => law.pmf(k),
            "skellam_cdf" => law.cdf(k),
            "skellam_sf" => law.sf(k),
            "skellam_abs_moment" => law.mean_abs(),
            other => panic!("no function {other}"),
        };
        Row {
            function: fields[0].to_owned(),
            at: format!("{plus:e}, {minus:e}, {k}"),
            found,
            expected: fields[4].parse().unwrap(),
        }
    };
    records(include_str!("skellam.csv")).map(row).collect()
}

/// Latencies on the ring.
pub fn latency() -> Vec<Row> {
    let row = |fields: Vec<&str>| {
        let quorum = fields[1].parse().unwrap_or(f64::NAN);
        let [arity, depth, height] = [2, 3, 4].map(|i| fields[i].parse::<u32>().unwrap());
        let statistic = match fields[0] {
            "diameter" => RingStatistic::Diameter,
            "mean-farthest" => RingStatistic::MeanFarthest,
            "random-quorum" => RingStatistic::RandomQuorum { quorum },
            "fastest-quorum" => RingStatistic::FastestQuorum { quorum },
            other => panic!("no statistic {other}"),
        };
        let latency = Latency::new(LatencyModel::Ring { statistic, spacing: 1.0 }).unwrap();
        let found = latency.at(&PoolTree::new(arity, depth).unwrap(), height).unwrap();
        let at = format!("quorum {quorum}, γ = {arity}, k = {depth}, h = {height}");
        Row { function: format!("latency, {}", fields[0]), at, found, expected: fields[5].parse().unwrap() }
    };
    records(include_str!("latency.csv")).map(row).collect()
}

/// Welfare of whole scenarios.
pub fn welfare() -> Vec<Row> {
    let mut rows = Vec::new();
    for line in include_str!("welfare.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let id = case["id"].as_str().unwrap();
        let scenario: Scenario = case["scenario"].as_str().unwrap().parse().unwrap_or_else(|e| panic!("{id}: {e}"));
        let heights = case["heights"].as_array().unwrap().iter().map(|h| h.as_u64().unwrap() as u32);
        let architecture = Architecture::new(scenario.tree(), heights).unwrap();
        let found = ClosedForm::evaluate(&scenario, &architecture).unwrap_or_else(|e| panic!("{id}: {e}"));
        let mut push = |name: &str, found: f64, expected: &Value| {
            let expected = expected.as_str().unwrap().parse().unwrap();
            rows.push(Row { function: format!("welfare, {name}"), at: id.to_owned(), found, expected });
        };
        let expected = &case["expected"];
        push("gross", found.gross, &expected["gross"]);
        push("cost", found.cost, &expected["cost"]);
        push("gross per order", found.gross_per_order, &expected["gross_per_order"]);
        push("filled share", found.filled_share, &expected["filled_share"]);
        push("unfilled share", found.unfilled_share, &expected["unfilled_share"]);
        // The difference of two large numbers is held against the larger of them.
        let net = expected["net"].as_str().unwrap().parse::<f64>().unwrap();
        let larger = found.gross.abs().max(found.cost.abs()).max(f64::MIN_POSITIVE);
        rows.push(Row {
            function: "welfare, net over max(gross, cost)".to_owned(),
            at: id.to_owned(),
            found: found.net / larger,
            expected: net / larger,
        });
        let by_height = expected["by_height"].as_array().unwrap();
        assert_eq!(by_height.len(), found.by_height.len(), "{id}");
        for (height, expected) in found.by_height.iter().zip(by_height) {
            let mut push = |name: &str, found: f64, expected: &Value| {
                let expected = expected.as_str().unwrap().parse().unwrap();
                let at = format!("{id}, height {}", height.height);
                rows.push(Row { function: format!("height, {name}"), at, found, expected });
            };
            push("latency", height.latency, &expected["latency"]);
            push("period", height.period, &expected["period"]);
            push("offset", height.offset, &expected["offset"]);
            push("filling rate", height.filling_rate, &expected["filling_rate"]);
            push("filled share", height.filled_share, &expected["filled_share"]);
            push("expected discount", height.expected_discount, &expected["expected_discount"]);
            push("gross", height.gross, &expected["gross"]);
        }
    }
    rows
}
