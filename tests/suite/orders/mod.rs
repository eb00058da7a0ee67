//! The orders engine: against everything that is known exactly, against its own rules order by order, against simulations in
//! another language, and at the ends of its ranges.

mod agreement;
mod carry_over;
mod conservation;
mod determinism;
mod faults;
mod log;
mod network;
mod quality;
mod references;
mod short_runs;
mod solvers;
mod utility;
mod watcher;

use pooltree::Scenario;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::orders::{Orders, Priority, ValueLaw};
use pooltree::pool_tree::Architecture;

/// A scenario of `arity` and `depth` with the lines of the other sections that differ from test to test.
fn scenario(tree: [u32; 2], rate: f64, assets: u32, component: &str, period: &str, delay: &str) -> Scenario {
    format!(
        "tree = {{ arity = {}, depth = {} }}
         flow = {{ rate = {rate:e}, assets = {assets}, components = [{component}] }}
         timing.latency = {{ model = \"proportional\", scale = 0.1 }}
         timing.period = {{ {period} }}
         timing.delay = \"{delay}\"
         discount = {{ half_life = 0.8 }}",
        tree[0], tree[1]
    )
    .parse()
    .unwrap()
}

/// One pool of two operators: uniform flow, the window and the latency given.
fn one_pool(rate: f64, assets: u32, side_share: f64, period: f64, latency: f64) -> Scenario {
    format!(
        "tree = {{ arity = 2, depth = 1 }}
         flow = {{ rate = {rate:e}, assets = {assets}, components = [{{ kind = \"uniform\", side_share = {side_share} }}] }}
         timing.latency = {{ model = \"table\", values = [0.0, {latency:e}] }}
         timing.period = {{ model = \"ratio\", base = {period:e}, ratio = 1 }}
         timing.delay = \"batched\"
         discount = {{ factor = 0.5 }}"
    )
    .parse()
    .unwrap()
}

fn heights(scenario: &Scenario, heights: &[u32]) -> Architecture {
    Architecture::new(scenario.tree(), heights.iter().copied()).unwrap()
}

fn run(
    scenario: &Scenario,
    architecture: &Architecture,
    orders: &Orders,
    seed: u64,
    replications: u64,
) -> SimulatedOrders {
    let monte_carlo = MonteCarlo::new(seed, Stopping::Replications(replications)).unwrap();
    SimulatedOrders::simulate(scenario, architecture, orders, &monte_carlo, &|_, _| ()).unwrap()
}

/// The most valuable first, with exponential values.
fn by_value() -> Orders {
    Orders { value: ValueLaw::Exponential, priority: Priority::HighestValue, ..Orders::default() }
}
