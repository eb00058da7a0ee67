//! Counts engine: time per leaf and class beside one `u64` of the same generator in the same run.
//!
//! To reach: at most 4 times that `u64` on one thread; at least 1.8 times faster on two threads. The ratios are printed
//! before criterion's own figures.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pooltree::Scenario;
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::simulation::CountsEngine;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::hint::black_box;
use std::time::Instant;

/// A binary tree with one cohort window and every height from 1 on active; `rate` orders per leaf and window.
fn engine(depth: u32, rate: f64, assets: u32) -> CountsEngine {
    let total = rate * 2f64.powi(depth as i32) * f64::from(assets * (assets - 1) / 2);
    let scenario: Scenario = format!(
        "tree = {{ arity = 2, depth = {depth} }}
         flow = {{ rate = {total:e}, assets = {assets} }}
         timing.latency = {{ model = \"proportional\", scale = 0.0 }}
         timing.period = {{ model = \"ratio\", base = 1.0, ratio = 1 }}
         timing.delay = \"idealised\"
         discount = {{ factor = 0.5 }}"
    )
    .parse()
    .unwrap();
    let heights = Architecture::new(scenario.tree(), 0..=depth).unwrap();
    CountsEngine::new(&scenario, &heights).unwrap()
}

fn draws(engine: &CountsEngine, replications: u64) -> f64 {
    engine.draws_per_replication() * replications as f64
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

const WORDS: u64 = 1 << 16;

fn words(rng: &mut ChaCha8Rng) -> u64 {
    (0..WORDS).fold(0, |sum, _| sum ^ rng.next_u64())
}

fn figures(c: &mut Criterion) {
    let mut group = c.benchmark_group("counts");
    group.sample_size(20);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    group.throughput(Throughput::Elements(WORDS));
    group.bench_function("one u64", |b| b.iter(|| words(&mut rng)));
    for (name, depth, rate, assets) in [
        ("k = 10", 10, 2.0, 2),
        ("k = 16", 16, 2.0, 2),
        ("k = 10, 10 orders a side", 10, 20.0, 2),
        ("k = 10, 4 assets", 10, 2.0, 4),
    ] {
        let engine = engine(depth, rate, assets);
        let replications = (1 << 22) / engine.draws_per_replication() as u64;
        group.throughput(Throughput::Elements(draws(&engine, replications) as u64));
        for threads in [1, 2] {
            let pool = pool(threads);
            group.bench_function(format!("{name}, {threads} thread(s)"), |b| {
                b.iter(|| pool.install(|| engine.run(black_box(1), 0..replications).unwrap()));
            });
        }
    }
    group.finish();
}

/// Medians of pairs taken in turn, so that a machine that changes its speed changes both.
fn ratios(_: &mut Criterion) {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (one, two) = (pool(1), pool(2));
    println!("\nratios, medians of 31 pairs taken in turn");
    for (depth, rate) in [(10, 2.0), (16, 2.0), (10, 8.0), (10, 20.0)] {
        let engine = engine(depth, rate, 2);
        let replications = (1 << 23) / engine.draws_per_replication() as u64;
        let per_leaf = draws(&engine, replications);
        let (mut to_word, mut speed_up) = (Vec::new(), Vec::new());
        for _ in 0..31 {
            let word = time(&mut || (0..32).for_each(|_| _ = black_box(words(&mut rng)))) / (32 * WORDS) as f64;
            let alone = time(&mut || _ = one.install(|| engine.run(1, 0..replications).unwrap()));
            let both = time(&mut || _ = two.install(|| engine.run(1, 0..replications).unwrap()));
            to_word.push(alone / per_leaf / word);
            speed_up.push(alone / both);
        }
        println!(
            "k = {depth}, {} orders a side and leaf: {:.2} u64 per leaf and class (limit 4), two threads {:.2} times faster (limit 1.8)",
            rate / 2.0,
            median(to_word),
            median(speed_up)
        );
    }
}

/// Peak memory of this process so far, where the system tells it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:").map(|peak| peak.trim().to_owned()))
}

/// Flat from 2^10 to 2^24 operators: batches are visited depth first.
fn memory(_: &mut Criterion) {
    for depth in [10, 24] {
        let engine = engine(depth, 2.0, 2);
        let replications = ((1 << 24) / engine.draws_per_replication() as u64).max(2);
        black_box(engine.run(1, 0..replications).unwrap());
        println!("k = {depth}, all heights active: peak memory {}", peak_memory().unwrap_or("unknown".to_owned()));
    }
}

criterion_group!(benches, memory, ratios, figures);
criterion_main!(benches);
