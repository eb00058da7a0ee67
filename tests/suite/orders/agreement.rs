//! The orders engine against the closed forms: fills, delays, values and welfare, as far as each is known.
//!
//! One error budget for the whole file: with the right formulas all its tests together fail with probability 1e-6 at most (a
//! fixed set of seeds, so that they either always or never do).

use super::{by_value, heights, run, scenario};
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::Scenario;
use pooltree::orders::compare::{Confirmed, Known};
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::orders::{Arrivals, Orders, Priority, ValueLaw};
use pooltree::pool_tree::Architecture;

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const TESTS: f64 = 1000.0;

const REPLICATIONS: u64 = 2000;

const ARRIVALS: [Arrivals; 3] = [Arrivals::Poisson, Arrivals::Gamma { shape: 4.0 }, Arrivals::Batches { size: 3 }];

const PRIORITIES: [(Priority, ValueLaw); 5] = [
    (Priority::Random, ValueLaw::Exponential),
    (Priority::HighestValue, ValueLaw::Uniform { spread: 1.0 }),
    (Priority::HighestValue, ValueLaw::Exponential),
    (Priority::Oldest, ValueLaw::Uniform { spread: 0.5 }),
    (Priority::Newest, ValueLaw::Point),
];

/// The grid: all components, period and delay models, several architectures of each tree.
fn cases() -> Vec<(Scenario, Architecture)> {
    let trees = [([2, 3], [vec![1, 2, 3], vec![1], vec![0, 2]]), ([3, 2], [vec![1, 2], vec![2], vec![0, 1, 2]])];
    let mut cases = Vec::new();
    for (i, component) in COMPONENTS.iter().enumerate() {
        for (j, period) in PERIODS.iter().enumerate() {
            for (tree, sets) in &trees {
                for (l, set) in sets.iter().enumerate() {
                    let rate = [12.0, 60.0, 400.0][(i + j + l) % 3];
                    let assets = [2, 3][(i + j) % 2];
                    let delay = ["idealised", "cumulative", "batched"][(i + l) % 3];
                    let scenario = scenario(*tree, rate, assets, component, period, delay);
                    let architecture = heights(&scenario, set);
                    cases.push((scenario, architecture));
                }
            }
        }
    }
    cases
}

#[test]
fn every_model_agrees() {
    let cases = cases();
    assert!(cases.len() * ARRIVALS.len() < 600);
    let mut p_values = Vec::new();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    for (i, (scenario, architecture)) in cases.iter().enumerate() {
        for (j, arrivals) in ARRIVALS.into_iter().enumerate() {
            // 5 and 3 have no common divisor with each other nor with the periods of the grid in one: all combinations.
            let (priority, value) = PRIORITIES[(i + i / 5 + j) % PRIORITIES.len()];
            let orders = Orders { arrivals, priority, value, ..Orders::default() };
            let simulated = run(scenario, architecture, &orders, (3 * i + j) as u64, REPLICATIONS);
            assert!(simulated.account.balances());
            let confirmed = Confirmed::new(scenario, architecture, &orders, simulated).unwrap();
            let agreement = confirmed.agreement.unwrap();
            let p = agreement.p_value;
            assert!(p > BUDGET / TESTS, "{scenario:?} {architecture} {orders:?}: {agreement:?}");
            if agreement.degrees_of_freedom > 0 {
                p_values.push(p);
            }
            confirmed.tested.iter().for_each(|name| *seen.entry(name).or_default() += 1);
        }
    }
    assert_eq!(seen.into_keys().collect::<Vec<_>>(), ["delays", "fills", "values", "welfare"]);
    // The p-values must also look uniform: not too many small ones, and not all large either.
    let n = p_values.len() as f64;
    for level in [0.01, 0.1, 0.5, 0.9] {
        let below = p_values.iter().filter(|p| **p < level).count() as f64;
        let sigma = (n * level * (1.0 - level)).sqrt();
        assert!((below - n * level).abs() < 6.5 * sigma, "{below} of {n} p-values below {level}");
    }
}

/// Several windows in a replication, windows before them that do not count: the same law.
#[test]
fn stretches_agree() {
    for (i, (windows, warm_up)) in [(1, 2), (5, 0), (7, 3)].into_iter().enumerate() {
        for arrivals in ARRIVALS {
            for delay in ["idealised", "cumulative", "batched"] {
                let component = "{ kind = \"uniform\", share = 0.7 }, { kind = \"meet-at\", height = 2, share = 0.3 }";
                let scenario = scenario([2, 2], 50.0, 2, component, "model = \"ratio\", base = 0.1, ratio = 3", delay);
                let mut orders = Orders { arrivals, ..by_value() };
                orders.stretch.windows = Some(windows);
                orders.stretch.warm_up = Some(warm_up);
                let tree = Architecture::full(scenario.tree());
                let simulated = run(&scenario, &tree, &orders, i as u64, REPLICATIONS);
                let confirmed = Confirmed::new(&scenario, &tree, &orders, simulated).unwrap();
                let agreement = confirmed.agreement.unwrap();
                assert!(agreement.p_value > BUDGET / TESTS, "{orders:?}: {agreement:?}");
            }
        }
    }
}

/// A scenario with what is known of it and a simulation.
struct Bench {
    known: Known,
    simulated: SimulatedOrders,
}

impl Bench {
    /// What is known under `claimed` beside a simulation under `orders`.
    fn new(scenario: &Scenario, architecture: &Architecture, orders: &Orders, claimed: &Orders) -> Self {
        let simulated = run(scenario, architecture, orders, 99, REPLICATIONS);
        Self { known: Known::new(scenario, architecture, claimed).unwrap(), simulated }
    }

    fn p_value(&self, known: &Known) -> f64 {
        known.agreement(&self.simulated).0.unwrap().p_value
    }

    fn accepts(&self) {
        let p = self.p_value(&self.known);
        assert!(p > BUDGET / TESTS, "the right formula fails with p = {p}");
    }

    fn rejects(&self, what: &str, change: impl FnOnce(&mut Known)) {
        let mut wrong = self.known.clone();
        change(&mut wrong);
        let p = self.p_value(&wrong);
        assert!(p < BUDGET / TESTS, "{what} passes with p = {p}");
    }
}

#[test]
fn wrong_times_are_rejected() {
    let scenario = Scenario::document();
    let tree = Architecture::full(scenario.tree());
    let schedule = scenario.schedule(&tree).unwrap();
    let levels = schedule.levels();
    let rate = -scenario.discount().ln_factor();
    for orders in [Orders::default(), Orders { value: ValueLaw::Exponential, ..Orders::default() }, by_value()] {
        let bench = Bench::new(&scenario, &tree, &orders, &orders);
        bench.accepts();
        bench.rejects("no offset", |known| {
            for (i, level) in levels.iter().enumerate() {
                known.delay[i] -= level.offset;
                known.discount[i] *= (rate * level.offset).exp();
            }
        });
        bench.rejects("no wait for the window's end", |known| {
            for (i, level) in levels.iter().enumerate() {
                known.delay[i] -= 0.5 * level.period;
            }
        });
        bench.rejects("fills exchanged", |known| known.filled.swap(1, 2));
        if orders.effective_priority().ignores_value() {
            bench.rejects("the discount of the mean delay", |known| {
                for i in 0..levels.len() {
                    known.discount[i] = (-rate * known.delay[i]).exp();
                }
            });
        }
    }
    // The delays of oldest and newest first are not those of a uniform wait.
    for priority in [Priority::Oldest, Priority::Newest] {
        let orders = Orders { priority, ..Orders::default() };
        Bench::new(&scenario, &tree, &orders, &orders).accepts();
        let bench = Bench::new(&scenario, &tree, &orders, &Orders::default());
        bench.rejects("a uniform wait", |_| ());
    }
}

#[test]
fn wrong_arrivals_and_values_are_rejected() {
    let scenario = Scenario::document();
    let tree = Architecture::full(scenario.tree());
    for arrivals in [Arrivals::Gamma { shape: 4.0 }, Arrivals::Batches { size: 3 }] {
        let orders = Orders { arrivals, ..Orders::default() };
        let bench = Bench::new(&scenario, &tree, &orders, &orders);
        bench.accepts();
        let poisson = Known::new(&scenario, &tree, &Orders::default()).unwrap();
        bench.rejects("fills of Poisson sides", |known| known.filled = poisson.filled);
    }
    let steady = Bench::new(&scenario, &tree, &Orders::default(), &Orders::default());
    let bursts = Orders { arrivals: Arrivals::Gamma { shape: 40.0 }, ..Orders::default() };
    let bursts = Known::new(&scenario, &tree, &bursts).unwrap();
    steady.rejects("fills of slightly varying rates", |known| known.filled = bursts.filled);
    for height in [1, 3] {
        let local = Architecture::local(scenario.tree(), height).unwrap();
        let bench = Bench::new(&scenario, &local, &by_value(), &by_value());
        bench.accepts();
        assert!(bench.known.filled_value.unwrap() > 1.01);
        bench.rejects("the mean value", |known| known.filled_value = Some(1.0));
        if height == 3 {
            continue; // where nine in ten are filled, one law is worth much the same as the other
        }
        let uniform = Orders { value: ValueLaw::Uniform { spread: 1.0 }, ..by_value() };
        let uniform = Known::new(&scenario, &local, &uniform).unwrap();
        bench.rejects("the values of another law", |known| known.filled_value = uniform.filled_value);
    }
}

/// Batches so rare that a run need not see any of them filled: no contradiction. A batch fills as many pairs as it has orders,
/// so that far fewer fills are as likely as their number suggests.
#[test]
fn rare_batches_are_no_contradiction() {
    let scenario = super::one_pool(20.0, 2, 0.5, 1.0, 0.5);
    let global = Architecture::global(scenario.tree());
    let orders = Orders { arrivals: Arrivals::Batches { size: 1000 }, ..Orders::default() };
    for seed in 0..20 {
        let simulated = run(&scenario, &global, &orders, seed, REPLICATIONS);
        let agreement = Confirmed::new(&scenario, &global, &orders, simulated).unwrap().agreement.unwrap();
        assert!(agreement.p_value > BUDGET / TESTS, "{agreement:?}");
    }
    // Fills that must have been seen are still missed.
    let simulated = run(&scenario, &global, &orders, 1, REPLICATIONS);
    let mut known = Known::new(&scenario, &global, &orders).unwrap();
    known.filled[0] *= 1e3;
    assert!(known.agreement(&simulated).0.unwrap().p_value < BUDGET / TESTS);
}
