//! Solvers: time per batch, and beside that of pairs in the same run.
//!
//! To reach with 10 assets, whatever the number of orders: cycles of up to 6 in at most 100 times the time of pairs, a
//! maximum circulation in at most 1 ms. The ratios are printed before criterion's own figures.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pooltree::orders::simulation::solver::Clearing;
use pooltree::orders::{Solver, SolverModel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Poisson};
use std::hint::black_box;
use std::time::Instant;

const MODELS: [(&str, SolverModel); 5] = [
    ("pairs", SolverModel::Pairs),
    ("up to 3", SolverModel::Cycles { longest: 3 }),
    ("up to 4", SolverModel::Cycles { longest: 4 }),
    ("up to 6", SolverModel::Cycles { longest: 6 }),
    ("unlimited", SolverModel::Unlimited),
];

const SIZES: [(usize, f64); 9] =
    [(3, 100.0), (5, 100.0), (10, 10.0), (10, 100.0), (10, 1e3), (10, 1e4), (10, 1e5), (20, 400.0), (20, 1e5)];

const BATCHES: usize = 256;

/// Poisson batches, all directed edges alike.
fn batches(assets: usize, orders: f64) -> Vec<Vec<u64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let edge: Poisson<f64> = Poisson::new(orders / (assets * (assets - 1)) as f64).unwrap();
    let mut draw = |e: usize| if e / assets == e % assets { 0 } else { edge.sample(&mut rng) as u64 };
    (0..BATCHES).map(|_| (0..assets * assets).map(&mut draw).collect()).collect()
}

/// Clears all batches with one workspace.
struct Run {
    clearing: Clearing,
    filled: Vec<u64>,
    rng: ChaCha8Rng,
}

impl Run {
    fn new(assets: usize, model: SolverModel) -> Self {
        let clearing = Clearing::new(assets as u32, &Solver::new(model, 1.0).unwrap()).unwrap();
        Self { clearing, filled: vec![0; assets * assets], rng: ChaCha8Rng::seed_from_u64(2) }
    }

    fn clear(&mut self, batches: &[Vec<u64>]) {
        for batch in batches {
            self.clearing.clear(black_box(batch), &mut self.filled, &mut self.rng).unwrap();
            black_box(&self.filled);
        }
    }
}

/// Medians of 15 rounds in which every solver takes its turn.
fn ratios(_: &mut Criterion) {
    println!("\nmicroseconds a batch (times that of pairs), medians of 15 rounds");
    for (assets, orders) in SIZES {
        let batches = batches(assets, orders);
        let mut runs = MODELS.map(|(name, model)| (name, Run::new(assets, model), Vec::new()));
        for _ in 0..15 {
            for (_, run, times) in &mut runs {
                let start = Instant::now();
                run.clear(&batches);
                times.push(start.elapsed().as_secs_f64() * 1e6 / BATCHES as f64);
            }
        }
        let medians = runs.map(|(name, _, mut times)| {
            times.sort_by(f64::total_cmp);
            (name, times[times.len() / 2])
        });
        let shown = medians.map(|(name, time)| format!("{name} {time:.2} ({:.0})", time / medians[0].1));
        println!("{assets} assets, {orders} orders: {}", shown.join(", "));
    }
}

fn figures(c: &mut Criterion) {
    let mut group = c.benchmark_group("solvers");
    group.sample_size(20).throughput(Throughput::Elements(BATCHES as u64));
    for (assets, orders) in [(3, 100.0), (10, 100.0), (10, 1e4)] {
        let batches = batches(assets, orders);
        for (name, model) in MODELS {
            let mut run = Run::new(assets, model);
            group.bench_function(format!("{assets} assets, {orders} orders, {name}"), |b| {
                b.iter(|| run.clear(&batches));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, ratios, figures);
criterion_main!(benches);
