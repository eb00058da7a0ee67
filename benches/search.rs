//! Search over sets of heights: time per point of a phase diagram, and of the values of all heights in deep trees.
//!
//! Limits, on one core: 250 µs for a point at k = 10, 10 s for a diagram of 200 x 200 points, 1 s for best and values at
//! k = 60, back to back included.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use pooltree::Scenario;
use pooltree::explore::phase::Phase;
use pooltree::explore::verdict::Among;
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
    let (tree, flow, timing) = (scenario.tree().clone(), scenario.flow().clone(), scenario.timing().clone());
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

/// Locality exponent × half-life, 200 × 200 points at k = 10, on one thread.
fn diagram(c: &mut Criterion) {
    let mut group = c.benchmark_group("phase diagram, 200 x 200, k = 10, one thread");
    group.sample_size(10);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let x = "flow.components.1.exponent=-2..4:200".parse().unwrap();
    let y = "discount.half_life=0.05..50:log:200".parse().unwrap();
    for (name, side_share) in [("equal sides", 0.5), ("unequal sides", 0.4)] {
        let scenario = scenario(10, "batched", 1e-7);
        let open = scenario.leave_open(&["flow.components.0.side_share"]).unwrap();
        let scenario = open.at(&[side_share]).unwrap();
        let run = || Phase::run(black_box(&scenario), &x, &y, &Among::All, &|_, _| ()).unwrap();
        group.bench_function(name, |b| b.iter(|| one.install(run)));
    }
    group.finish();
}

/// Best set and the value of every height.
fn verdict(scenario: &Scenario) -> f64 {
    let search = Search::new(scenario).unwrap();
    search.best().unwrap().net + search.raison_d_etre().unwrap().iter().map(|level| level.value).sum::<f64>()
}

/// The same tree with auctions back to back, its latency growing as `2^(exponent · h)`.
fn back_to_back(depth: u32, exponent: f64, cost: f64) -> Scenario {
    let mut table: toml::Table = toml::to_string(&scenario(depth, "batched", cost)).unwrap().parse().unwrap();
    let timing = table["timing"].as_table_mut().unwrap();
    let scale = 2f64.powf(-exponent * f64::from(depth));
    let latency = format!("model = \"proportional\"\nscale = {scale:e}\nexponent = {exponent:e}");
    timing.insert("latency".to_owned(), latency.parse::<toml::Table>().unwrap().into());
    timing.insert("period".to_owned(), "model = \"back-to-back\"".parse::<toml::Table>().unwrap().into());
    table.to_string().parse().unwrap()
}

fn deep(c: &mut Criterion) {
    let mut group = c.benchmark_group("best and values");
    group.sample_size(10);
    for (name, scenario) in [
        ("k = 10", scenario(10, "batched", 1e-7)),
        ("k = 60", scenario(60, "batched", 1e-39)),
        ("k = 60, no cost", scenario(60, "batched", 0.0)),
        ("k = 1000, no cost", scenario(1000, "batched", 0.0)),
        ("k = 60, back to back", back_to_back(60, 1.0, 1e-39)),
        ("k = 30, back to back, exponent 1/2", back_to_back(30, 0.5, 1e-20)),
    ] {
        group.bench_function(name, |b| b.iter(|| verdict(black_box(&scenario))));
    }
    group.finish();
}

criterion_group!(benches, phase, diagram, deep);
criterion_main!(benches);
