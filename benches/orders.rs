//! Orders engine: orders per second on one thread, by priority, lifetime, value law, solver and arrivals, and peak memory.
//!
//! To reach with the document's tree of three levels, neutral priority: 20 million orders a second on one thread, that is at
//! most 20 times one `u64` of the same generator at 2.5 ns; every other way to handle orders at most 4 times the time of
//! the neutral one, but for solvers beyond pairs. Memory does not grow with the number of orders seen. The figures are
//! printed before criterion's own.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pooltree::Scenario;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::simulation::{OrdersEngine, SimulatedOrders};
use pooltree::pool_tree::Architecture;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::hint::black_box;
use std::time::Instant;

/// Ways to handle orders, as in a scenario file.
const HANDLING: [(&str, &str); 15] = [
    ("neutral", ""),
    ("highest-value, exponential", "priority = \"highest-value\"\nvalue.law = \"exponential\""),
    ("highest-value, uniform", "priority = \"highest-value\"\nvalue.law = \"uniform\""),
    ("random, log-normal", "value = { law = \"log-normal\", sigma = 0.5 }"),
    ("random, Pareto", "value = { law = \"pareto\", shape = 3.0 }"),
    ("oldest", "priority = \"oldest\""),
    ("newest", "priority = \"newest\""),
    ("lifetime of 3 auctions", "lifetime = 3"),
    ("patience from the root", "patience_rate = 1.0"),
    ("patience from arrival", "patience_rate = 1.0\npatience_from = \"arrival\""),
    ("gamma, shape 4", "arrivals = { model = \"gamma\", shape = 4.0 }"),
    ("batches of 5", "arrivals = { model = \"batches\", size = 5 }"),
    ("pairs, half of them found", "solver = { model = \"pairs\", success = 0.5 }"),
    ("4 assets, cycles up to 3", "solver = { model = \"cycles\", longest = 3 }"),
    ("4 assets, unlimited", "solver = { model = \"unlimited\" }"),
];

/// The eight operators of the document, with `rate` orders in a window of the root.
fn scenario(rate: f64, handling: &str) -> Scenario {
    let assets = if handling.contains("cycles") || handling.contains("unlimited") { 4 } else { 2 };
    format!(
        "tree = {{ arity = 2, depth = 3 }}
         flow = {{ rate = {rate:e}, assets = {assets} }}
         timing.latency = {{ model = \"proportional\", scale = 0.125 }}
         timing.period = {{ model = \"ratio\", base = 0.125, ratio = 2 }}
         timing.delay = \"batched\"
         discount = {{ factor = 0.5 }}
         [orders]\n{handling}"
    )
    .parse()
    .unwrap()
}

/// Simulates a million orders or more; returns the number of orders that passed, warm-up included.
///
/// A run of fewer than 1000 replications draws further ones for its covariance where that is cheap: there are 1000 then.
fn run(scenario: &Scenario, pool: &rayon::ThreadPool) -> f64 {
    let tree = Architecture::full(scenario.tree());
    let engine = OrdersEngine::new(scenario, &tree, scenario.orders()).unwrap();
    let (windows, warm_up) = engine.windows();
    let one = (windows + warm_up) as f64 * scenario.flow().rate();
    let least = if engine.work_per_replication() * 1000.0 <= 5e7 { 1000.0 } else { 2.0 };
    let replications = (1e6 / one).ceil().max(least);
    let monte_carlo = MonteCarlo::new(1, Stopping::Replications(replications as u64)).unwrap();
    let simulate = || SimulatedOrders::simulate(scenario, &tree, scenario.orders(), &monte_carlo, &|_, _| ());
    black_box(pool.install(simulate).unwrap());
    one * replications
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

const WORDS: u64 = 1 << 20;

fn words(rng: &mut ChaCha8Rng) -> u64 {
    (0..WORDS).fold(0, |sum, _| sum ^ rng.next_u64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Seconds per unit of what `work` says it has done.
fn time(work: &mut dyn FnMut() -> f64) -> f64 {
    let start = Instant::now();
    let done = work();
    start.elapsed().as_secs_f64() / done
}

fn figures(_: &mut Criterion) {
    let (one, two) = (pool(1), pool(2));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    println!("\nmedians of 15 rounds in which all take turns");
    for rate in [64.0, 640.0, 6400.0] {
        let scenarios = HANDLING.map(|(_, handling)| scenario(rate, handling));
        let mut times = vec![Vec::new(); HANDLING.len()];
        let (mut to_word, mut speed_up) = (Vec::new(), Vec::new());
        for _ in 0..15 {
            let word = time(&mut || {
                black_box(words(&mut rng));
                WORDS as f64
            });
            for (scenario, times) in scenarios.iter().zip(&mut times) {
                times.push(time(&mut || run(scenario, &one)));
            }
            let neutral = *times[0].last().unwrap();
            to_word.push(neutral / word);
            speed_up.push(neutral / time(&mut || run(&scenarios[0], &two)));
        }
        let neutral = median(times[0].clone());
        println!(
            "{rate} orders a root window: neutral {:.1} million orders/s on one thread (limit 20), {:.1} u64 an order \
             (limit 20), two threads {:.2} times faster",
            1e-6 / neutral,
            median(to_word),
            median(speed_up)
        );
        for ((name, _), own) in HANDLING.iter().zip(&times).skip(1) {
            let ratios = own.iter().zip(&times[0]).map(|(own, neutral)| own / neutral).collect();
            println!(
                "    {name}: {:.1} million orders/s, {:.2} times neutral",
                1e-6 / median(own.clone()),
                median(ratios)
            );
        }
    }
    println!("peak memory after {:.1e} orders: {}", run_many(1e5, &one), peak_memory());
    println!("peak memory after {:.1e} orders: {}", run_many(1e8, &one), peak_memory());
}

/// Simulates about that many orders of the document's tree.
fn run_many(orders: f64, pool: &rayon::ThreadPool) -> f64 {
    let scenario = scenario(64.0, "");
    let tree = Architecture::full(scenario.tree());
    let monte_carlo = MonteCarlo::new(1, Stopping::Replications((orders / 64.0) as u64)).unwrap();
    let simulate = || SimulatedOrders::simulate(&scenario, &tree, scenario.orders(), &monte_carlo, &|_, _| ());
    pool.install(simulate).unwrap().account.arrived as f64
}

/// Peak memory of this process so far, where the system tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:").map(|peak| peak.trim().to_owned()));
    peak.unwrap_or_else(|| "not told by this system".to_owned())
}

fn each(c: &mut Criterion) {
    let mut group = c.benchmark_group("orders");
    group.sample_size(10);
    let one = pool(1);
    for (name, handling) in HANDLING {
        let scenario = scenario(640.0, handling);
        group.throughput(Throughput::Elements(run(&scenario, &one) as u64));
        group.bench_function(name, |b| b.iter(|| run(&scenario, &one)));
    }
    group.finish();
}

criterion_group!(benches, figures, each);
criterion_main!(benches);
