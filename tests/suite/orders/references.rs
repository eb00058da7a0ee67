//! The orders engine against a simulation of the same two-level tree written in another language with another library
//! (`tests/reference/simpy_models.py`): random and by value, one auction at the root and three.
//!
//! With the right mechanism all tests of this file together fail with probability 1e-6 at most: the reference is stored and the
//! seeds are fixed, so that they either always or never do.

use crate::simpy_models::{Case, case};
use pooltree::Scenario;
use pooltree::estimate::{Moments, VectorEstimate};
use pooltree::orders::simulation::{Auction, Edge, Observer, Order, OrdersEngine};
use pooltree::orders::{Lifetime, Orders, Priority, ValueLaw};
use pooltree::pool_tree::{Architecture, Discount};

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 50.0;

/// Figures of one height, as the reference names them.
const PARTS: [&str; 5] = ["filled", "delay", "discount", "value", "utility"];

/// Sums of one replication per order that is expected to come: the parts of both heights, then the fills of the first, second
/// and third auction at the root, then the orders that expire.
struct Figures {
    discount: Discount,
    per_order: f64,
    sums: [f64; 14],
    moments: Moments,
}

impl Observer for Figures {
    fn filled(&mut self, auction: &Auction, _: Edge, orders: &[Order]) {
        for order in orders {
            let delay = auction.ends - order.arrival;
            let discount = (self.discount.ln_factor() * delay).exp();
            let parts = [1.0, delay, discount, order.value, order.value * discount];
            let first = 5 * auction.level;
            self.sums[first..first + 5].iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            if auction.level == 1 {
                self.sums[10 + order.attempts as usize] += 1.0;
            }
        }
    }

    fn expired(&mut self, _: Edge, _: &Order, _: f64) {
        self.sums[13] += 1.0;
    }

    fn waiting(&mut self, _: Edge, _: &[Order]) {}

    fn ended(&mut self, _: u64) {
        self.moments.add(&self.sums.map(|sum| sum * self.per_order));
        self.sums = [0.0; 14];
    }
}

fn simulate(scenario: &Scenario, orders: &Orders, seed: u64, replications: u64) -> VectorEstimate {
    let tree = Architecture::full(scenario.tree());
    let engine = OrdersEngine::new(scenario, &tree, orders).unwrap();
    let observer = || Figures {
        discount: *scenario.discount(),
        per_order: engine.orders_per_replication().recip(),
        sums: [0.0; 14],
        moments: Moments::new(14),
    };
    let mut all = Moments::new(14);
    let fold = |figures: Figures| all.merge(&figures.moments);
    engine.watch_in_parallel(seed, 0..replications, observer, fold, &|_, _| ()).unwrap();
    all.estimate().unwrap()
}

/// Joint test of all figures that do not depend on each other linearly, `later` of the auctions at the root among them.
fn p_value(case: &Case, seen: &VectorEstimate, later: usize) -> f64 {
    let mut names: Vec<String> = (1..=2).flat_map(|h| PARTS.map(|part| format!("{part}_{h}"))).collect();
    let mut at: Vec<usize> = (0..10).collect();
    for auction in 0..later {
        names.push(format!("filled_2_auction_{}", auction + 1));
        at.push(10 + auction);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let pick = nalgebra::DMatrix::from_fn(at.len(), 14, |i, j| f64::from(u8::from(at[i] == j)));
    let agreement = case.agreement_with(&names, &seen.mapped_onto(&pick));
    assert_eq!(agreement.degrees_of_freedom as usize, names.len());
    // Alone, because of its linear dependence on the fills: the share that expires.
    let last = nalgebra::DMatrix::from_fn(1, 14, |_, j| f64::from(u8::from(j == 13)));
    let expired = case.agreement_with(&["expired"], &seen.mapped_onto(&last));
    agreement.p_value.min(expired.p_value)
}

/// The estimate of a linear image of the vector.
trait Mapped {
    fn mapped_onto(&self, rows: &nalgebra::DMatrix<f64>) -> VectorEstimate;
}

impl Mapped for VectorEstimate {
    fn mapped_onto(&self, rows: &nalgebra::DMatrix<f64>) -> VectorEstimate {
        let mean: Vec<f64> = (rows * self.mean()).iter().copied().collect();
        let covariance = rows * self.covariance() * rows.transpose();
        let covariance: Vec<Vec<f64>> = covariance.row_iter().map(|row| row.iter().copied().collect()).collect();
        let plain = serde_json::json!({ "mean": mean, "covariance": covariance, "replications": self.replications() });
        serde_json::from_value(plain).unwrap()
    }
}

fn settings(case: &Case, name: &str) -> (Scenario, Orders) {
    let lifetime = case.number("/lifetime") as u32;
    let priority = if name.contains("highest") { Priority::HighestValue } else { Priority::Random };
    let orders = Orders {
        value: ValueLaw::Exponential,
        priority,
        lifetime: Lifetime::Auctions { lifetime },
        ..Orders::default()
    };
    (case.scenario().parse().unwrap(), orders)
}

#[test]
fn the_same_tree_in_another_language() {
    for (seed, name) in ["tree_random", "tree_highest_value", "tree_random_lifetime_3"].into_iter().enumerate() {
        let case = case(name);
        let (scenario, orders) = settings(&case, name);
        let Lifetime::Auctions { lifetime } = orders.lifetime else { unreachable!() };
        let later = if lifetime > 1 { 2 } else { 0 };
        let replications = if lifetime > 1 { 8_000 } else { 100_000 };
        let run = |scenario: &Scenario, orders: &Orders| {
            p_value(&case, &simulate(scenario, orders, seed as u64, replications), later)
        };
        let p = run(&scenario, &orders);
        println!("{name}: p = {p}");
        assert!(p > BUDGET / COMPARISONS, "{name}: p = {p}");

        let rejects = |what: &str, scenario: &Scenario, orders: &Orders| {
            let p = run(scenario, orders);
            assert!(p < BUDGET / COMPARISONS, "{name}: {what} passes with p = {p}");
        };
        let other = if lifetime == 1 { 2 } else { 4 };
        rejects("one auction more", &scenario, &Orders { lifetime: Lifetime::Auctions { lifetime: other }, ..orders });
        let other = if orders.priority == Priority::Random { Priority::Oldest } else { Priority::Random };
        rejects("another priority", &scenario, &Orders { priority: other, ..orders });
        if orders.priority == Priority::HighestValue {
            let uniform = Orders { value: ValueLaw::Uniform { spread: 1.0 }, ..orders };
            rejects("values of another law", &scenario, &uniform);
        }
        let thicker: Scenario = case.scenario().replace("rate = 16", "rate = 16.8").parse().unwrap();
        rejects("5 % more orders", &thicker, &orders);
        if lifetime > 1 {
            rejects(
                "one auction less",
                &scenario,
                &Orders { lifetime: Lifetime::Auctions { lifetime: lifetime - 1 }, ..orders },
            );
            // As if an order left over had to sit out the next auction.
            let slow: Scenario = case.scenario().replace("0.7]", "0.9]").parse().unwrap();
            rejects("auctions longer than their period", &slow, &orders);
        }
    }
}
