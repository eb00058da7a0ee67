//! Keepers who run the auctions of the tree: closed form, orders engine, search and scenario section.

mod deadlines;
mod determinism;
mod engine;
mod outages;
mod perfect;
mod recursion;
mod search;
mod section;

use pooltree::Scenario;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::Orders;
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::pool_tree::Architecture;
use std::fmt::Write;

/// All but the keepers of a scenario.
fn frame(tree: [u32; 2], rate: f64, component: &str, period: &str, delay: &str) -> String {
    let [arity, depth] = tree;
    format!(
        "tree = {{ arity = {arity}, depth = {depth} }}
         flow = {{ rate = {rate:e}, components = [{component}] }}
         timing.latency = {{ model = \"proportional\", scale = 0.1 }}
         timing.period = {{ {period} }}
         timing.delay = \"{delay}\"
         discount = {{ half_life = 0.8 }}\n"
    )
}

/// The document's scenario without its keepers, as text.
const DOCUMENT: &str = "
    tree = { arity = 2, depth = 3 }
    flow = { rate = 64.0 }
    timing.latency = { model = \"proportional\", scale = 0.125 }
    timing.period = { model = \"ratio\", base = 0.125, ratio = 2 }
    timing.delay = \"batched\"
    discount = { factor = 0.5 }
";

/// A section `[keepers]` with `settings` and `n` keepers: successes out of 20, ping and stake of the `i`-th by `of`.
fn section(settings: &str, n: usize, of: impl Fn(usize) -> (u32, f64, f64)) -> String {
    let mut text = format!("[keepers]\n{settings}\nlist = [\n");
    for i in 0..n {
        let (succeeded, ping, stake) = of(i);
        let record = format!("picked = 20, succeeded = {succeeded}, ping = {ping:?}, stake = {stake:?}");
        writeln!(text, "  {{ id = \"k{i}\", {record} }},").unwrap();
    }
    text + "]\n"
}

/// Keepers that differ in everything.
fn motley(i: usize) -> (u32, f64, f64) {
    ([18, 9, 20, 13, 16, 19, 5, 11][i % 8], 0.02 * ((i * 5) % 7) as f64, 1.0 + ((i * 3) % 8) as f64)
}

fn read(text: &str) -> Scenario {
    text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn heights(scenario: &Scenario, heights: &[u32]) -> Architecture {
    Architecture::new(scenario.tree(), heights.iter().copied()).unwrap()
}

fn replications(seed: u64, n: u64) -> MonteCarlo {
    MonteCarlo::new(seed, Stopping::Replications(n)).unwrap()
}

fn run(scenario: &Scenario, architecture: &Architecture, orders: &Orders, seed: u64, n: u64) -> SimulatedOrders {
    let keepers = scenario.keepers();
    let monte_carlo = replications(seed, n);
    SimulatedOrders::simulate_with_keepers(scenario, architecture, orders, keepers, &monte_carlo, &|_, _| ()).unwrap()
}
