//! Closed form: time per evaluation. No limit is promised; the tables of docs/performance.md come from here.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use pooltree::kernels::{matched, unfilled};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};
use std::hint::black_box;

fn scenario(depth: u32, component: &str) -> Scenario {
    // The global auction takes one unit of time; each level of the tree is twice as fast as its parent.
    let scale = 2f64.powi(-(depth as i32));
    format!(
        "tree = {{ arity = 2, depth = {depth} }}
         flow = {{ rate = 64.0, components = [{component}] }}
         timing.latency = {{ model = \"proportional\", scale = {scale:e} }}
         timing.period = {{ model = \"ratio\", base = {scale:e}, ratio = 2 }}
         timing.delay = \"batched\"
         discount = {{ factor = 0.5 }}"
    )
    .parse()
    .unwrap()
}

fn welfare(c: &mut Criterion) {
    let mut group = c.benchmark_group("closed form");
    for (name, component) in [
        ("uniform", "{ kind = \"uniform\" }"),
        ("scale-free", "{ kind = \"scale-free\", exponent = 1.0 }"),
        ("unequal sides", "{ kind = \"uniform\", side_share = 0.45 }"),
    ] {
        for depth in [3, 10, 100, 1000] {
            let scenario = scenario(depth, component);
            let tree = Architecture::full(scenario.tree());
            group.sample_size(if depth > 100 { 10 } else { 50 });
            group.bench_function(format!("{name}, k = {depth}"), |b| {
                b.iter(|| ClosedForm::evaluate(black_box(&scenario), &tree).unwrap());
            });
        }
    }
    group.finish();
}

fn kernels(c: &mut Criterion) {
    let mut group = c.benchmark_group("kernels");
    for x in [0.1, 3.0, 100.0] {
        group.bench_function(format!("unfilled_share({x})"), |b| b.iter(|| unfilled::unfilled_share(black_box(x))));
        group.bench_function(format!("expected_min({x}, {})", 1.5 * x), |b| {
            b.iter(|| matched::expected_min(black_box(x), black_box(1.5 * x)));
        });
    }
    group.finish();
}

criterion_group!(benches, welfare, kernels);
criterion_main!(benches);
