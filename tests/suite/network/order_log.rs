//! Order logs: what is counted, what is tested, what is replayed, and what is said to a log that is none.
//!
//! False-alarm rate of the statistical tests of this file: 1e-6 together; seeds are fixed.

use pooltree::network::order_log::{LogSummary, Options, Replay, ReplayReport, Row, garwood, read, read_with};
use pooltree::pool_tree::Pools;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, Gamma, Poisson};
use std::collections::HashMap;
use std::fmt::Write;

const HEADER: &str = "time,operator,sell,buy,value";

fn log(text: &str, options: &Options) -> LogSummary {
    read(text.as_bytes(), "l.csv", options).unwrap()
}

fn said(bytes: &[u8], options: &Options) -> String {
    read(bytes, "l.csv", options).err().unwrap().to_string()
}

/// Orders of Poisson flows with the given rates until `end`: (rate, operator, sell, buy).
fn poisson(rates: &[(f64, &str, &str, &str)], end: f64, seed: u64) -> String {
    let mut bits = ChaCha8Rng::seed_from_u64(seed);
    let total: f64 = rates.iter().map(|r| r.0).sum();
    let mut text = format!("{HEADER}\n");
    let mut time = 0.0;
    loop {
        let wait: f64 = Exp1.sample(&mut bits);
        time += wait / total;
        if time >= end {
            return text;
        }
        let mut at = bits.random::<f64>() * total;
        let found = rates.iter().find(|r| {
            at -= r.0;
            at < 0.0
        });
        let (_, operator, sell, buy) = found.unwrap_or(&rates[0]);
        writeln!(text, "{time},{operator},{sell},{buy},{}", bits.random::<f64>()).unwrap();
    }
}

const FAIR: [(f64, &str, &str, &str); 8] = [
    (3.0, "a", "x", "y"),
    (3.0, "a", "y", "x"),
    (2.0, "b", "x", "y"),
    (2.0, "b", "y", "x"),
    (1.0, "b", "x", "z"),
    (1.0, "b", "z", "x"),
    (3.0, "c", "y", "z"),
    (3.0, "c", "z", "y"),
];

#[test]
fn a_poisson_log_is_fitted_back() {
    let end = 2000.0;
    let options = Options { window: Some((0.0, end)), ..Options::default() };
    let found = log(&poisson(&FAIR, end, 1), &options);
    assert_eq!((found.classes().len(), found.operators().len(), found.assets().len()), (8, 3, 3));
    assert_eq!(found.observation_time(), end);
    // Bonferroni: 8 classes, 3 operators and the total at 1e-7 each.
    let level = 1.0 - 1e-7;
    for (i, class) in found.classes().iter().enumerate() {
        let name = |number: u32| found.assets()[number as usize].as_str();
        let operator = found.operators()[class.operator as usize].as_str();
        let known = FAIR.iter().find(|f| (f.1, f.2, f.3) == (operator, name(class.sell), name(class.buy))).unwrap().0;
        let rate = found.class_rate(i, level).unwrap();
        assert!(rate.low < known && known < rate.high, "{class:?} {rate:?}");
        // Counter-test: a rate a fifth wrong is seen.
        assert!(rate.high < 1.2 * known || rate.low > known / 1.2, "{rate:?}");
        // Uniform values.
        let sd = (1.0 / 12.0 / class.orders as f64).sqrt();
        assert!((class.mean_value - 0.5).abs() < 6.0 * sd);
    }
    for operator in 0..3 {
        let rate = found.operator_rate(operator, level).unwrap();
        assert!(rate.low < 6.0 && 6.0 < rate.high);
    }
    let orders: u64 = (0..3).map(|operator| found.operator_orders(operator)).sum();
    assert_eq!(orders, found.orders());
    assert!(((0..3).map(|o| found.operator_share(o)).sum::<f64>() - 1.0).abs() < 1e-15);
    let mean: f64 = (0..3).map(|o| found.operator_share(o) * found.operator_mean_value(o).unwrap()).sum();
    assert!((mean - found.mean_value().unwrap()).abs() < 1e-12);
    let assumptions = found.assumptions(1e-6).unwrap();
    assert!(!assumptions.rejected, "{assumptions:?}");
    assert_eq!(assumptions.total.bins, 200);
}

/// Counts of windows whose rate is drawn anew from a Gamma law of shape 4, and the same at the mean rate.
#[test]
fn bursts_are_flagged_and_poisson_orders_are_not() {
    for (bursty, seed) in [(false, 2), (true, 3)] {
        let mut bits = ChaCha8Rng::seed_from_u64(seed);
        let gamma = Gamma::new(4.0, 0.25).unwrap();
        let mut text = format!("{HEADER}\n");
        for window in 0..400 {
            let scale: f64 = if bursty { gamma.sample(&mut bits) } else { 1.0 };
            let n = Poisson::new(40.0 * scale).unwrap().sample(&mut bits) as usize;
            let mut times: Vec<f64> = (0..n).map(|_| f64::from(window) + bits.random::<f64>()).collect();
            times.sort_by(f64::total_cmp);
            for time in times {
                let (sell, buy) = if bits.random::<bool>() { ("x", "y") } else { ("y", "x") };
                writeln!(text, "{time},{},{sell},{buy},1", bits.random_range(0..5)).unwrap();
            }
        }
        // With a window and without.
        for window in [Some((0.0, 400.0)), None] {
            let found = log(&text, &Options { window, ..Options::default() }).assumptions(1e-6).unwrap();
            assert_eq!(found.rejected, bursty, "{found:?}");
            assert_eq!(found.total.p_value < 1e-7 && found.classes.p_value < 1e-7, bursty);
            assert!(found.sides.p_value > 1e-7 && found.activity.p_value > 1e-7);
            assert!(found.total.bins <= 200 && found.total.bins >= 100);
            if bursty {
                // Two windows a bin, each of mean 40 and variance 40 + 40²/4: index 1 + 40/4.
                assert!((found.total.index - 11.0).abs() < 6.0 || window.is_none(), "{}", found.total.index);
            }
        }
    }
}

#[test]
fn unequal_sides_and_operators_are_flagged() {
    let mut rates = FAIR;
    (rates[0].0, rates[1].0) = (3.5, 2.5);
    let found = log(&poisson(&rates, 2000.0, 4), &Options::default()).assumptions(1e-6).unwrap();
    assert!(
        found.rejected && found.sides.p_value < 1e-7 && found.total.p_value > 1e-7 && found.activity.p_value > 1e-7
    );
    assert!(found.sides.pairs.iter().filter(|pair| pair.p_value < 1e-7).count() == 1);
    let mut rates = FAIR;
    rates.iter_mut().for_each(|rate| rate.0 *= if rate.1 == "a" { 1.2 } else { 1.0 });
    let found = log(&poisson(&rates, 2000.0, 5), &Options::default()).assumptions(1e-6).unwrap();
    assert!(found.rejected && found.activity.p_value < 1e-7 && found.sides.p_value > 1e-7);
}

/// Few orders: p-values at most as often small as they say, within an exact band; no p-value is wildly too small.
#[test]
fn small_p_values_are_rare_in_logs_without_fault() {
    let (mut joint, mut pooled, runs) = (0, 0, 2000);
    for seed in 0..runs {
        let text = poisson(&FAIR, 8.0, 1000 + seed);
        let found = log(&text, &Options { bins: 20, ..Options::default() }).assumptions(0.1).unwrap();
        joint += u64::from(found.rejected);
        pooled += u64::from(found.classes.p_value <= 0.05);
    }
    // Binomial(2000, 0.1) exceeds 270 and Binomial(2000, 0.05) exceeds 160 with less than 1e-6; the lower ends that they do move.
    assert!((40..=270).contains(&joint), "{joint}");
    assert!((40..=160).contains(&pooled), "{pooled}");
}

/// The bins by hand: all counts per bin of the width that was reached.
#[test]
fn bins_are_those_of_a_second_look() {
    for (seed, bins) in [(6, 2), (7, 3), (8, 10), (9, 200), (10, 64)] {
        let text = poisson(&FAIR, 20.0, seed);
        let found = log(&text, &Options { bins, ..Options::default() }).assumptions(0.5).unwrap();
        let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let time = |row: &Vec<&str>| row[0].parse::<f64>().unwrap() - rows[0][0].parse::<f64>().unwrap();
        let (n, width) = (found.total.bins, found.total.width);
        assert!(2 * n + 2 > bins && n <= bins, "{n} of {bins}");
        let mut counts: HashMap<String, Vec<f64>> = HashMap::new();
        for row in &rows {
            let bin = (time(row) / width) as usize;
            for key in [row[1..4].join(","), String::new()] {
                let counts = counts.entry(key).or_insert_with(|| vec![0.0; n as usize]);
                if let Some(count) = counts.get_mut(bin) {
                    *count += 1.0;
                }
            }
        }
        // Size-weighted mean of variance over mean.
        let index = |of: &dyn Fn(&String) -> bool| {
            let (mut sum, mut orders) = (0.0, 0.0);
            for counts in counts.iter().filter(|(key, _)| of(key)).map(|(_, counts)| counts) {
                let mean = counts.iter().sum::<f64>() / f64::from(n);
                sum += counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / f64::from(n - 1) * f64::from(n);
                orders += mean * f64::from(n);
            }
            sum / orders
        };
        if n >= 2 {
            assert!((found.total.index - index(&|key| key.is_empty())).abs() < 1e-9);
            assert!((found.classes.index - index(&|key| !key.is_empty())).abs() < 1e-9);
        }
    }
}

/// P(N ≤ n) of a Poisson law, summed.
fn poisson_cdf(n: u64, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    for i in 1..=n {
        term *= mean / i as f64;
        sum += term;
    }
    sum
}

#[test]
fn garwood_has_its_tails_and_its_coverage() {
    for level in [0.5, 0.95, 0.999, 1.0 - 1e-6] {
        let tail = 0.5 * (1.0 - level);
        for n in [0, 1, 2, 7, 30, 200] {
            let (low, high) = garwood(n, level).unwrap();
            assert!((poisson_cdf(n, high) / tail - 1.0).abs() < 1e-6, "{n} {level}");
            if n > 0 && tail > 1e-6 {
                assert!(((1.0 - poisson_cdf(n - 1, low)) / tail - 1.0).abs() < 1e-6, "{n} {level}");
            }
        }
        // Exact coverage on a grid of means: at least the level; that of n ± z √n is not.
        let (mut wald_fails, z) = (false, 1.96);
        for mean in (1..200).map(|i| 0.1 * f64::from(i)) {
            let (mut covered, mut wald) = (0.0, 0.0);
            for n in 0..200 {
                let p = poisson_cdf(n, mean) - if n > 0 { poisson_cdf(n - 1, mean) } else { 0.0 };
                let (low, high) = garwood(n, level).unwrap();
                covered += if low <= mean && mean <= high { p } else { 0.0 };
                wald += if (n as f64 - mean).abs() <= z * (n as f64).sqrt() { p } else { 0.0 };
            }
            assert!(covered >= level - 1e-9, "{mean} {level} {covered}");
            wald_fails |= wald < 0.95;
        }
        assert!(wald_fails);
    }
    // The series takes over without a step.
    let (a, b) = (garwood(999_998, 0.999).unwrap(), garwood(1_000_002, 0.999).unwrap());
    for (a, b) in [(a.0, b.0), (a.1, b.1)] {
        assert!((b - a - 4.0).abs() < 0.02, "{a} {b}");
    }
    for level in [0.0, 1.0, -1.0, 2.0, f64::NAN] {
        assert!(garwood(3, level).is_err());
    }
}

/// Two operators with opposite orders meet where their branches do; orders without a counterpart never.
#[test]
fn orders_meet_at_the_height_of_their_operators() {
    let heights = [vec![vec![0, 3], vec![1, 4], vec![5], vec![2, 6]], vec![vec![0, 1, 3, 4], vec![2, 5, 6]]];
    let pools = Pools::new(7, &heights).unwrap();
    let operators: Vec<String> = (0..7).map(|i| i.to_string()).collect();
    let options = Options { operators, ..Options::default() };
    for a in 0..7 {
        for b in 0..7 {
            let text = format!("{HEADER}\n0,{a},x,y,1\n1,{b},y,x,1\n2,{a},x,z,1\n3,{b},x,y,1\n");
            let found = log(&text, &options).meeting_profile(&pools).unwrap();
            // The second order can also be matched at its own operator, by the fourth.
            assert_eq!(found.shares[0], 0.5);
            assert_eq!(found.unmatched, 0.5);
            let text = format!("{HEADER}\n0,{a},x,y,1\n1,{b},y,x,1\n2,{a},x,z,1\n3,{b},z,y,1\n");
            let found = log(&text, &options).meeting_profile(&pools).unwrap();
            let mut wanted = vec![0.0; 4];
            wanted[pools.meeting_height(a, b) as usize] = 0.5;
            assert_eq!((found.shares, found.unmatched), (wanted, 0.5));
        }
    }
    let few = Pools::new(2, &[]).unwrap();
    let text = format!("{HEADER}\n0,1,x,y,1\n");
    let refused = log(&text, &options).meeting_profile(&few).unwrap_err().to_string();
    assert_eq!(refused, "pools.operators = 2: must be 7, as in the log");
}

/// Every batch as a list of orders, matched one by one from the lowest height up.
fn by_hand(rows: &[Row], pools: &Pools, heights: &[u32], periods: &[f64], windows: usize) -> Vec<(u64, u64, u64, f64)> {
    let root = *periods.last().unwrap();
    let mut waiting: Vec<Row> = rows.iter().copied().filter(|row| row.time < root * windows as f64).collect();
    let mut found = Vec::new();
    for (&height, &period) in heights.iter().zip(periods) {
        let mut batches: HashMap<(usize, u64), Vec<Row>> = HashMap::new();
        for row in waiting.drain(..) {
            let key = (pools.pool_of(height, row.operator as usize), (row.time / period) as u64);
            batches.entry(key).or_default().push(row);
        }
        let (mut filled, mut reached, mut rates) = (0, 0, 0.0);
        for batch in batches.values() {
            let mut left: Vec<Row> = Vec::new();
            for row in batch {
                match left.iter().position(|other| (other.sell, other.buy) == (row.buy, row.sell)) {
                    Some(i) => drop(left.swap_remove(i)),
                    None => left.push(*row),
                }
            }
            filled += (batch.len() - left.len()) as u64;
            reached += batch.len() as u64;
            rates += (batch.len() - left.len()) as f64 / batch.len() as f64;
            waiting.extend(left);
        }
        found.push((filled, reached, batches.len() as u64, rates / batches.len().max(1) as f64));
    }
    found
}

fn replay(rows: &[Row], pools: &Pools, heights: &[u32], periods: &[f64], end: f64) -> ReplayReport {
    let mut replay = Replay::new(pools, heights, periods, Some((0.0, end))).unwrap();
    rows.iter().for_each(|row| replay.push(row).unwrap());
    replay.finish().unwrap()
}

#[test]
fn a_replay_is_what_a_matcher_of_single_orders_does() {
    let pools =
        Pools::new(7, &[vec![vec![0, 3], vec![1, 4], vec![5], vec![2, 6]], vec![vec![0, 1, 3, 4], vec![2, 5, 6]]]);
    let pools = pools.unwrap();
    let settings: [(&[u32], &[f64]); 4] =
        [(&[0, 1, 2, 3], &[0.5, 1.0, 1.0, 4.0]), (&[1, 3], &[0.25, 2.0]), (&[3], &[3.0]), (&[0, 2], &[1.0, 1.0])];
    for (seed, mean) in [(11, 0.2), (12, 0.02), (13, 3.0)] {
        let mut bits = ChaCha8Rng::seed_from_u64(seed);
        let (mut time, mut rows) = (0.0, Vec::new());
        while time < 100.0 {
            let sell = bits.random_range(0..3);
            let buy = (sell + bits.random_range(1..3)) % 3;
            rows.push(Row { run: 0, time, operator: bits.random_range(0..7), sell, buy, value: 1.0 });
            let wait: f64 = Exp1.sample(&mut bits);
            time += mean * wait;
        }
        for (heights, periods) in settings {
            let windows = (100.0 / periods.last().unwrap()) as usize;
            let report = replay(&rows, &pools, heights, periods, 100.0);
            let wanted = by_hand(&rows, &pools, heights, periods, windows);
            assert_eq!(report.windows, windows as u64);
            assert_eq!(report.orders + report.left_out, rows.len() as u64);
            for (found, wanted) in report.heights.iter().zip(wanted) {
                assert_eq!((found.filled, found.reached, found.batches), (wanted.0, wanted.1, wanted.2));
                assert!((found.mean_filling_rate - wanted.3).abs() < 1e-12);
                assert!((found.share - found.filled as f64 / report.orders as f64).abs() < 1e-15);
            }
        }
    }
}

/// One pool, one pair: a share 1 - g(x) is filled, within 5 standard errors; of half the rate it would not be.
#[test]
fn a_replay_of_a_poisson_log_fills_what_the_closed_form_says() {
    let text = poisson(&[(1.0, "a", "x", "y"), (1.0, "b", "y", "x")], 20_000.0, 14);
    let pools = Pools::new(2, &[]).unwrap();
    let mut replay = Replay::new(&pools, &[1], &[1.0], Some((0.0, 20_000.0))).unwrap();
    read_with(text.as_bytes(), "l.csv", &Options::default(), |row| replay.push(row)).unwrap();
    let report = replay.finish().unwrap();
    let found = report.heights[0];
    // g(1) = e^-2 (I_0(2) + I_1(2)); the mean over nonempty batches is .365 (both to the digits of the tables).
    let filled = 1.0 - (-2.0_f64).exp() * (2.279_585_302_336_067 + 1.590_636_854_637_329);
    assert!((found.filling_rate - filled).abs() < 5.0 * found.filling_rate_std_error, "{found:?}");
    assert!((found.mean_filling_rate - 0.365).abs() < 5.0 * found.mean_filling_rate_std_error + 5e-4, "{found:?}");
    assert!(found.filling_rate_std_error < 0.006 && (filled - 0.365).abs() > 0.1);
}

#[test]
fn runs_and_gaps_are_root_windows_of_their_own() {
    let pools = Pools::new(1, &[]).unwrap();
    let row = |run, time, sell| Row { run, time, operator: 0, sell, buy: 1 - sell, value: 1.0 };
    let rows = [row(0, 0.5, 0), row(0, 5.5, 1), row(1, 5.6, 0), row(1, 5.7, 1), row(1, 9.0, 1), row(2, -1.0, 0)];
    let report = replay(&rows, &pools, &[0], &[1.0], 8.0);
    assert_eq!((report.windows, report.orders, report.left_out), (24, 4, 2));
    assert_eq!((report.heights[0].filled, report.heights[0].batches), (2, 3));
    // Without a window the last of each run is left out.
    let mut open = Replay::new(&pools, &[0], &[1.0], None).unwrap();
    rows.iter().for_each(|row| open.push(row).unwrap());
    let report = open.finish().unwrap();
    assert_eq!((report.windows, report.orders, report.left_out), (5 + 3, 3, 3));
    let few = Replay::new(&pools, &[0], &[1.0], None).unwrap().finish().unwrap_err();
    assert_eq!(few.to_string(), "root windows = 0: must be at least 2 that are complete");
}

#[test]
fn replays_that_mean_nothing_are_refused() {
    let pools = Pools::new(2, &[]).unwrap();
    let refused = |heights: &[u32], periods: &[f64], window| {
        Replay::new(&pools, heights, periods, window).err().unwrap().to_string()
    };
    assert_eq!(refused(&[], &[], None), "heights = []: must be at least one height, ascending, from 0 to 1");
    assert_eq!(
        refused(&[1, 1], &[1.0; 2], None),
        "heights = [1, 1]: must be at least one height, ascending, from 0 to 1"
    );
    assert_eq!(refused(&[2], &[1.0], None), "heights = [2]: must be at least one height, ascending, from 0 to 1");
    assert_eq!(refused(&[1], &[], None), "periods = []: must be 1 values");
    assert_eq!(refused(&[1], &[f64::NAN], None), "periods.0 = NaN: must be finite and above 0");
    let multiple = "periods.1 = 2.5: must be an integer multiple of the period below, 1";
    assert_eq!(refused(&[0, 1], &[1.0, 2.5], None), multiple);
    assert!(refused(&[1], &[1.0], Some((1.0, 1.0))).starts_with("window = (1e0, 1e0)"));
    let mut replay = Replay::new(&pools, &[1], &[1.0], None).unwrap();
    let row = Row { run: 0, time: 1.0, operator: 0, sell: 0, buy: 1, value: 1.0 };
    replay.push(&row).unwrap();
    let mut push = |row| replay.push(&row).unwrap_err().to_string();
    assert_eq!(push(Row { operator: 2, ..row }), "operator = 2: must be below 2");
    assert_eq!(push(Row { buy: 0, ..row }), "buy = 0: must be another asset than sell");
    assert_eq!(push(Row { time: 0.5, ..row }), "time = 0.5: must be finite, and at least that of the order before");
    assert_eq!(push(Row { time: 1e300, ..row }), "time = 1e300: must be within 2^53 windows of 1");
}

#[test]
fn a_malformed_row_is_told_with_line_column_and_what_is_allowed() {
    let time = "must be a number, at least 0 and at most 1e300";
    let name = "must be a name of 1 to 256 bytes";
    let cases = [
        ("-1,a,x,y,1", format!("time = -1: {time}")),
        (",a,x,y,1", format!("time = \"\": {time}")),
        ("noon,a,x,y,1", format!("time = noon: {time}")),
        ("NaN,a,x,y,1", format!("time = NaN: {time}")),
        ("inf,a,x,y,1", format!("time = inf: {time}")),
        ("2,a,x,y,1", "time = 2: must be at least that of the row before, 3".into()),
        ("4,,x,y,1", format!("operator = \"\": {name}")),
        ("4,a, ,y,1", format!("sell = \"\": {name}")),
        ("4,a,x,x,1", "buy = x: must be another asset than sell".into()),
        ("4,a,x,y,-1", "value = -1: must be a number, finite and at least 0".into()),
        ("4,a,x,y,1e999", "value = 1e999: must be a number, finite and at least 0".into()),
        ("4,a,x,y", "row = 4 values: must be 5 values".into()),
        ("4,a,x,y,1,", "row = 6 values: must be 5 values".into()),
    ];
    for (row, wanted) in &cases {
        let text = format!("{HEADER}\n3,a,x,y,1\n{row}\n5,a,y,x,1\n");
        assert_eq!(said(text.as_bytes(), &Options::default()), format!("l.csv: line 3: {wanted}"), "{row}");
        let found = log(&text, &Options { skip_malformed: true, ..Options::default() });
        assert_eq!((found.orders(), found.malformed()), (2, 1));
        assert_eq!((found.malformed_rows()[0].line, &found.malformed_rows()[0].reason), (3, wanted));
        assert_eq!((found.operators().len(), found.assets().len()), (1, 2));
    }
    let bad = b"time,operator,sell,buy,value\n1,\xff,x,y,1\n";
    assert_eq!(said(bad, &Options::default()), format!("l.csv: line 2: operator = \u{fffd}: {name}"));
    let blank = format!("{HEADER}\n\n\n1,a,x,x,1\n");
    assert_eq!(said(blank.as_bytes(), &Options::default()), "l.csv: line 2: buy = x: must be another asset than sell");
    // All are counted, 20 kept.
    let many = format!("{HEADER}\n{}", "x\n".repeat(1000));
    let found = log(&many, &Options { skip_malformed: true, ..Options::default() });
    assert_eq!((found.malformed(), found.malformed_rows().len(), found.orders()), (1000, 20, 0));
    assert_eq!(found.malformed_rows()[19].line, 21);
    assert!(found.rate(0.9).is_err() && found.mean_value().is_none() && !found.assumptions(0.1).unwrap().rejected);
}

#[test]
fn a_wrong_header_is_told() {
    let columns = "the columns are time,operator,sell,buy,value";
    for (header, wanted) in [
        ("", format!("column time: missing; {columns}")),
        ("time,operator,sell,buy", format!("column value: missing; {columns}")),
        ("time,operator,sell,buy,value,note", format!("column note: unknown; {columns}")),
        ("time,operator,sell,buy,value,buy", format!("column buy: there twice; {columns}")),
        (
            "arrival,time,operator,sell,buy,value",
            "column arrival: beside time, which means the same; must be one of them".into(),
        ),
    ] {
        assert_eq!(said(header.as_bytes(), &Options::default()), format!("l.csv: {wanted}"));
    }
}

#[test]
fn layout_does_not_matter() {
    let wanted = log("time,operator,sell,buy,value\n1,a,x,y,2\n3,b,y,x,1\n", &Options::default());
    for text in [
        "value,buy,sell,operator,time\n2,y,x,a,1\n1,x,y,b,3",
        " time , operator,sell,buy,value\r\n\r\n1 , a ,x,y,2\r\n\"3\",\"b\",y,x,1e0\r\n",
        "\u{feff}time,operator,sell,buy,value\n1,a,x,y,2\n3,b,y,x,1\n",
    ] {
        let found = log(text, &Options::default());
        assert_eq!((found.classes(), found.operators()), (wanted.classes(), wanted.operators()), "{text:?}");
    }
}

#[test]
fn operators_and_windows_are_those_given() {
    let text = "time,operator,sell,buy,value\n1,b,x,y,2\n3,a,y,x,1\n9,a,y,x,1\n";
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let options = Options { operators: names(&["a", "b", "c"]), window: Some((2.0, 9.0)), ..Options::default() };
    let found = log(text, &options);
    assert_eq!((found.orders(), found.outside(), found.operators().len()), (1, 2, 3));
    assert_eq!((found.operator_orders(0), found.operator_orders(1), found.observation_time()), (1, 0, 7.0));
    let other = Options { operators: names(&["a"]), ..Options::default() };
    assert_eq!(said(text.as_bytes(), &other), "l.csv: line 2: operator = b: must be one of the operators given");
    for (options, key) in [
        (Options { operators: names(&["a", "a"]), ..Options::default() }, "operators = a"),
        (Options { operators: names(&[""]), ..Options::default() }, "operators = \"\""),
        (Options { bins: 1, ..Options::default() }, "bins = 1"),
        (Options { window: Some((1.0, f64::NAN)), ..Options::default() }, "window = (1e0, NaN)"),
    ] {
        assert!(said(text.as_bytes(), &options).starts_with(key));
    }
}

#[test]
fn limits_are_told() {
    let mut text = format!("{HEADER}\n");
    (0..4097).for_each(|i| writeln!(text, "0,a,x{i},y,1").unwrap());
    let skip = Options { skip_malformed: true, ..Options::default() };
    assert_eq!(
        said(text.as_bytes(), &skip),
        "l.csv: line 4097: assets = more than 4096: must be at most 4096 in a log"
    );
    let mut text = format!("{HEADER}\n");
    (0..65_537).for_each(|i| writeln!(text, "0,{i},x,y,1").unwrap());
    let wanted = "l.csv: line 65538: operators = more than 65536: must be at most 65536 in a log";
    assert_eq!(said(text.as_bytes(), &skip), wanted);
    let open = format!("{HEADER}\n0,\"a,x,y,1\n{}", "1,a,x,y,1\n".repeat(400_000));
    assert!(said(open.as_bytes(), &skip).contains("a row longer than 1 MiB"));
}

#[test]
fn a_log_of_this_crate_has_a_run_for_every_replication() {
    let text = "replication,order,arrival,operator,sell,buy,value,outcome,height,pool,end,delay\n\
        0,0,-0.5,3,0,1,1,filled,1,0,2,1.5\n0,1,1.5,3,1,0,1,expired,,,,\n1,0,0.25,2,0,1,1,waiting,,,,\n1,1,1.25,2,0,1,1,waiting,,,,\n";
    let found = log(text, &Options::default());
    assert_eq!((found.orders(), found.runs(), found.observation_time()), (4, 2, 3.0));
    let found = log(text, &Options { window: Some((0.0, 2.0)), ..Options::default() });
    assert_eq!((found.orders(), found.outside(), found.runs(), found.observation_time()), (3, 1, 2, 4.0));
    assert_eq!(found.ends(), Some((0.25, 1.5)));
    // Counted from 0 on, replications that are left out had no orders; other numbers are names.
    let window = Options { window: Some((0.0, 2.0)), ..Options::default() };
    let runs = |from: u64, to: u64| {
        let text = text.replace("\n0,", &format!("\n{from},")).replace("\n1,", &format!("\n{to},"));
        let found = log(&text, &window);
        (found.runs(), found.observation_time())
    };
    assert_eq!((runs(0, 5), runs(3, 5), runs(7, 2)), ((6, 12.0), (2, 4.0), (2, 4.0)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), skip in any::<bool>()) {
        let options = Options { skip_malformed: skip, ..Options::default() };
        let _ = read(bytes.as_slice(), "l.csv", &options);
        let with_header = [HEADER.as_bytes(), b"\n", &bytes].concat();
        let _ = read(with_header.as_slice(), "l.csv", &options);
    }

    /// Rows of odd numbers: no panic, no NaN.
    #[test]
    fn no_rows_make_it_panic_or_nan(
        rows in proptest::collection::vec(("(0|1|1e-320|5e-324|1e300|7.5|x|1e-300)", "[ab\"]", "[xy]", "[xyz]", "(1|1e308|0|-1)"), 0..40),
        sorted in any::<bool>(),
        bins in 2_u32..20,
    ) {
        let mut rows = rows;
        if sorted {
            rows.sort_by(|a, b| a.0.parse::<f64>().unwrap_or(0.0).total_cmp(&b.0.parse().unwrap_or(0.0)));
        }
        let mut text = format!("{HEADER}\n");
        rows.iter().for_each(|r| writeln!(text, "{},{},{},{},{}", r.0, r.1, r.2, r.3, r.4).unwrap());
        let options = Options { skip_malformed: true, bins, ..Options::default() };
        if let Ok(found) = read(text.as_bytes(), "l.csv", &options) {
            let tests = found.assumptions(0.01).unwrap();
            let p = [tests.total.p_value, tests.classes.p_value, tests.sides.p_value, tests.activity.p_value, tests.joint_p_value];
            prop_assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{:?}", tests);
            prop_assert!(tests.total.index.is_finite() && tests.classes.index.is_finite());
            if let Ok(rate) = found.rate(0.99) {
                prop_assert!(rate.low <= rate.rate && rate.rate <= rate.high && rate.high.is_finite());
            }
            prop_assert!(found.mean_value().is_none_or(f64::is_finite));
        }
    }
}
