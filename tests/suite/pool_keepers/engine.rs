//! The closed form of failing auctions against the orders engine, which draws every order and every attempt.
//!
//! One error budget for the whole file: with the right formulas all its tests together fail with probability 1e-6 at most (a
//! fixed set of seeds, so that they either always or never do).

use super::{DOCUMENT, frame, heights, motley, read, run, section};
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::estimate::Estimate;
use pooltree::orders::compare::Confirmed;
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::orders::{Arrivals, Orders, Priority, ValueLaw};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const TESTS: f64 = 2000.0;

/// Standard errors that a normal variable exceeds with probability `BUDGET / TESTS`, both sides.
const Z: f64 = 6.22;

const REPLICATIONS: u64 = 2000;

const RULES: [&str; 12] = [
    "rule = \"uniform\"",
    "rule = \"by-stake\"",
    "rule = \"stake-weighted\"",
    "rule = \"probe\"\nmin_stake = 2.5",
    "rule = \"by-count\"\ntie = \"hash\"",
    "rule = \"power\"\npower = 2",
    "rule = \"noise\"\nnoise = \"frechet\"",
    "rule = \"mixture\"\nepsilon = 0.3",
    "rule = \"flashbots\"\nlambda = 2.0\ntau = 0.2",
    "rule = \"by-reliability\"\ntie = \"least-executed\"",
    "rule = \"power\"\npower = inf",
    "rule = \"gas-auction\"",
];

const RETRIES: [&str; 6] = [
    "",
    "failure_delay = 0.1\ndeadline = 0.25",
    "retry = \"same\"\ndeadline = 0.3\nfailure_delay = 0.05",
    "retry = \"redraw\"\ndeadline = 0.4\nfailure_delay = 0.1",
    "failure_delay = 0.05",
    "retry = \"redraw\"\ndeadline = 0.12\nfailure_delay = 0.01",
];

fn cases() -> Vec<(Scenario, Architecture)> {
    let mut cases = Vec::new();
    for (i, rule) in RULES.iter().enumerate() {
        for (j, retry) in RETRIES.iter().enumerate() {
            let tree: [u32; 2] = [[2, 3], [3, 2]][(i + j) % 2];
            let component = COMPONENTS[(5 * i + j) % COMPONENTS.len()];
            let period = PERIODS[(i + j / 2) % PERIODS.len()];
            let delay = ["idealised", "cumulative", "batched"][(i + 2 * j) % 3];
            let operators = (i + j) % 2 == 0;
            let n = if operators { tree[0].pow(tree[1]) as usize } else { 3 + (i + j) % 3 };
            let assignment = if operators { "assignment = \"operators\"" } else { "" };
            let text = frame(tree, [25.0, 60.0][i % 2], component, period, delay)
                + &section(&format!("{rule}\n{retry}\n{assignment}"), n, motley);
            let scenario = read(&text);
            let depth = tree[1];
            let sets = [vec![1, depth], (1..=depth).collect(), vec![depth], (0..=depth).collect()];
            let architecture = heights(&scenario, &sets[(i + j) % sets.len()]);
            cases.push((scenario, architecture));
        }
    }
    cases
}

fn z(what: &str, seen: f64, std_error: f64, expected: f64) {
    let off = (seen - expected).abs();
    assert!(
        off <= Z * std_error + 1e-12,
        "{what}: {seen} is not {expected}, off by {} standard errors",
        off / std_error
    );
}

fn agrees(scenario: &Scenario, welfare: &ClosedForm, seen: &SimulatedOrders) {
    z("gross", seen.gross, seen.std_error, welfare.gross);
    z("fills", seen.filled_share, seen.filled_share_std_error, welfare.filled_share);
    z("expired", seen.expired_share, seen.expired_share_std_error, welfare.unfilled_share);
    for (seen, known) in seen.by_height.iter().zip(&welfare.by_height) {
        z("fills", seen.filled_share, seen.std_error, known.filled_share);
        z("gross", seen.gross, seen.gross_std_error, known.gross);
        if let Some(common) = scenario.execution().unwrap().at(known.height).common() {
            z("executions", seen.executed.unwrap(), seen.executed_std_error.unwrap(), common.probability);
        }
    }
}

#[test]
fn every_rule_agrees() {
    let cases = cases();
    let mut p_values = Vec::new();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    for (i, (scenario, architecture)) in cases.iter().enumerate() {
        let orders = Orders::default();
        let simulated = run(scenario, architecture, &orders, i as u64, REPLICATIONS);
        assert!(simulated.account.balances());
        agrees(scenario, &ClosedForm::evaluate(scenario, architecture).unwrap(), &simulated);
        let confirmed =
            Confirmed::with_keepers(scenario, architecture, &orders, scenario.keepers(), simulated).unwrap();
        let agreement = confirmed.agreement.unwrap();
        assert!(agreement.p_value > BUDGET / TESTS, "{i}: {scenario:?} {architecture}: {agreement:?}");
        if agreement.degrees_of_freedom > 0 {
            p_values.push(agreement.p_value);
        }
        confirmed.tested.iter().for_each(|name| *seen.entry(name).or_default() += 1);
    }
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), ["executions", "fills", "values", "welfare"], "{seen:?}");
    // The p-values must also look uniform.
    let n = p_values.len() as f64;
    assert!(n > 60.0);
    for level in [0.01, 0.1, 0.5, 0.9] {
        let below = p_values.iter().filter(|p| **p < level).count() as f64;
        let sigma = (n * level * (1.0 - level)).sqrt();
        assert!((below - n * level).abs() < 6.5 * sigma, "{below} of {n} p-values below {level}");
    }
}

/// Bursts, batches, values and priorities beside keepers who differ from pool to pool.
#[test]
fn every_arrival_agrees() {
    let settings = "assignment = \"operators\"\nrule = \"by-stake\"\nfailure_delay = 0.2";
    // One half of the operators fails and is slow, the other does not, and one operator has a flow of its own.
    let halves = |i: usize| if i < 4 { (4, 0.6, 1.0) } else { (19, 0.0, 1.0) };
    let component = "{ kind = \"uniform\", share = 0.5 }, { kind = \"single-site\", operator = 1, share = 0.5 }";
    let arrivals = [Arrivals::Poisson, Arrivals::Gamma { shape: 0.5 }, Arrivals::Batches { size: 4 }];
    for (i, arrivals) in arrivals.into_iter().enumerate() {
        for (j, priority) in [Priority::Random, Priority::Oldest, Priority::HighestValue].into_iter().enumerate() {
            let text = frame([2, 3], 50.0, component, PERIODS[0], "batched") + &section(settings, 8, halves);
            let scenario = read(&text);
            let set = heights(&scenario, [&[1u32, 2, 3][..], &[1, 3], &[3]][j]);
            let orders = Orders { arrivals, priority, value: ValueLaw::Uniform { spread: 0.5 }, ..Orders::default() };
            let simulated = run(&scenario, &set, &orders, (100 + 3 * i + j) as u64, 5 * REPLICATIONS);
            let confirmed = Confirmed::with_keepers(&scenario, &set, &orders, scenario.keepers(), simulated).unwrap();
            let agreement = confirmed.agreement.unwrap();
            assert!(agreement.p_value > BUDGET / TESTS, "{orders:?} {set}: {agreement:?} {:?}", confirmed.tested);
        }
    }
}

/// Windows of a stretch follow each other without memory.
#[test]
fn stretches_agree() {
    for (windows, warm_up) in [(1, 2), (5, 0), (4, 3)] {
        let text = frame([2, 2], 40.0, COMPONENTS[0], PERIODS[0], "batched")
            + &section("failure_delay = 0.1\nassignment = \"operators\"", 4, motley);
        let scenario = read(&text);
        let set = heights(&scenario, &[1, 2]);
        let mut orders = Orders::default();
        orders.stretch.windows = Some(windows);
        orders.stretch.warm_up = Some(warm_up);
        let simulated = run(&scenario, &set, &orders, windows, REPLICATIONS);
        let auctions = REPLICATIONS * windows * (2 * 2 + 1);
        assert_eq!(simulated.account.auctions, auctions, "two pools in two windows, and the root");
        let confirmed = Confirmed::with_keepers(&scenario, &set, &orders, scenario.keepers(), simulated).unwrap();
        assert!(confirmed.agreement.unwrap().p_value > BUDGET / TESTS);
    }
}

/// Executions or failures so rare that a run sees a few of them, or none, raise no alarm.
#[test]
fn rare_events_raise_no_alarm() {
    let keeper = |picked: u64, succeeded: u64| {
        format!("[keepers]\nlist = [{{ id = \"a\", picked = {picked}, succeeded = {succeeded}, ping = 0.1 }}]\n")
    };
    let component = "{ kind = \"meet-at\", height = 1 }";
    let one_window = "model = \"ratio\", base = 1.0, ratio = 1";
    for (component, active) in [(component, &[1u32, 2][..]), ("{ kind = \"uniform\" }", &[2]), (component, &[1])] {
        for picked in [1000, 3000, 10_000, 30_000, 100_000, 10_000_000] {
            for succeeded in [1, picked - 1] {
                let text = frame([2, 2], 100.0, component, one_window, "batched") + &keeper(picked, succeeded);
                let scenario = read(&text);
                let set = heights(&scenario, active);
                for seed in 0..2 {
                    for n in [200, 2000] {
                        let seen = run(&scenario, &set, &Orders::default(), seed, n);
                        let confirmed =
                            Confirmed::with_keepers(&scenario, &set, &Orders::default(), scenario.keepers(), seen)
                                .unwrap();
                        let agreement = confirmed.agreement.unwrap();
                        let what = format!("{succeeded} of {picked}, {set}, {n} replications, seed {seed}");
                        assert!(agreement.p_value > BUDGET / TESTS, "{what}: {agreement:?} {:?}", confirmed.tested);
                    }
                }
            }
        }
    }
}

/// Far from what was seen, by the measure of [`z`].
fn rejected(what: &str, seen: &Estimate, expected: f64) {
    let off = (seen.mean - expected).abs() / seen.std_error;
    assert!(off > Z, "{what} passes: {expected} against {}, off by {off} standard errors", seen.mean);
}

#[test]
fn wrong_formulas_are_rejected() {
    let text =
        DOCUMENT.to_owned() + &section("rule = \"uniform\"\nfailure_delay = 0.2", 3, |i| ([9, 12, 6][i], 0.1, 1.0));
    let scenario = read(&text);
    let tree = Architecture::full(scenario.tree());
    let seen = run(&scenario, &tree, &Orders::default(), 11, REPLICATIONS);
    let right = ClosedForm::evaluate(&scenario, &tree).unwrap();
    agrees(&scenario, &right, &seen);
    let gross = Estimate { mean: seen.gross, std_error: seen.std_error, replications: REPLICATIONS };
    let plain = ClosedForm::evaluate(&scenario.model().clone().without_execution(), &tree).unwrap();
    let execution = scenario.execution().unwrap();
    // Without the backlog, only what a height itself would fill.
    let without_backlog = |i: usize| {
        let e = execution.at(right.by_height[i].height).at(0).probability;
        e * plain.by_height[i].filled_share
    };
    let worth = |i: usize| 64.0 * right.by_height[i].expected_discount;
    rejected("no backlog", &gross, (0..3).map(|i| without_backlog(i) * worth(i)).sum());
    for (i, height) in seen.by_height.iter().enumerate().skip(1) {
        let fills = Estimate { mean: height.filled_share, std_error: height.std_error, replications: REPLICATIONS };
        rejected("no backlog", &fills, without_backlog(i));
    }
    // Parents that start as if no time passed before a child gives up.
    let mut waited = 0.0;
    let mut no_deadline = 0.0;
    for height in &right.by_height {
        no_deadline += height.gross / scenario.discount().after(waited);
        waited += height.deadline;
    }
    assert!(waited > 0.5);
    rejected("no deadline in the offsets", &gross, no_deadline);
    // Executions that take no time.
    let at_once = |height: &pooltree::pool_tree::closed_form::HeightWelfare| {
        let law = execution.at(height.height).at(0);
        height.gross * law.probability / law.discounted
    };
    rejected("V replaced by e", &gross, right.by_height.iter().map(at_once).sum());
    // A dropped level: every auction executed.
    rejected("no failures", &gross, plain.gross);
    for height in &seen.by_height {
        let own = Estimate {
            mean: height.executed.unwrap(),
            std_error: height.executed_std_error.unwrap(),
            replications: REPLICATIONS,
        };
        rejected("only the first attempt", &own, 0.45);
    }
}
