//! Search over sets of heights: time per point of a phase diagram, and of the values of all heights in deep trees.
//!
//! Limits, on one core: 250 µs for a point at k = 10 (a diagram of 200 x 200 points in 10 s), 1 s for best and values at
//! k = 60, back to back included.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use pooltree::Scenario;
use pooltree::pool_tree::{Architecture, Model, search::Search};
use std::hint::black_box;

/// Half of the flow uniform, half scale-free; the global auction takes one unit of time.
fn scenario(depth: u32, delay: &str, cost: f64) -> Scenario {
    let scale = 2f64.powi(-(depth as i32));
    format!(
        "tree = {{ arity = 2, depth = {depth} }}
         timing.latency = {{ model = \"proportional\", scale = {scale:e} }}
         timing.period = {{ model = \"ratio\", base = {scale:e}, ratio = 2 }}
         timing.delay = \"{delay}\"
         discount = {{ factor = 0.5 }}
         cost = {{ per_message = {cost:e} }}
         [flow]
         rate = 64.0
         components = [{{ kind = \"uniform\", share = 0.5 }}, {{ kind = \"scale-free\", exponent = 1.0, share = 0.5 }}]"
    )
    .parse()
    .unwrap()
}

/// A point of a phase diagram: model, search, best, second best and every named set.
fn point(scenario: &Scenario) -> f64 {
    let (tree, flow, timing) = (*scenario.tree(), scenario.flow().clone(), scenario.timing().clone());
    let cost = scenario.cost_per_message();
    let model = Model::new(tree, flow, timing, *scenario.discount(), scenario.utility_mean(), cost).unwrap();
    let search = Search::new(&model).unwrap();
    let best = search.best().unwrap();
    let second = search.best_but(&best.architecture).unwrap();
    let named: f64 = Architecture::named(model.tree()).iter().map(|(_, set)| search.net(set).unwrap()).sum();
    best.net + second.map_or(0.0, |second| second.net) + named
}

fn phase(c: &mut Criterion) {
    let mut group = c.benchmark_group("point of a phase diagram, k = 10");
    for (name, delay, cost) in [
        ("batched, cost", "batched", 1e-7),
        ("batched, small cost", "batched", 1e-9),
        ("batched, no cost", "batched", 0.0),
        ("idealised, cost", "idealised", 1e-7),
    ] {
        let scenario = scenario(10, delay, cost);
        group.bench_function(name, |b| b.iter(|| point(black_box(&scenario))));
    }
    group.finish();
}

criterion_group!(benches, phase);
criterion_main!(benches);
