//! Keepers: time per law, per drawn selection and execution, and of the tree whose auctions keepers run.
//!
//! To reach: inclusion of all of 500 keepers in committees of 50 in under a second; a closed form of the document's tree with
//! the execution of its auctions in at most 4 times the time without. The figures are printed before criterion's own.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use pooltree::keepers::closed_form::committee::committee;
use pooltree::keepers::closed_form::execution::executed;
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::simulation::Selector;
use pooltree::keepers::simulation::execution::Execution;
use pooltree::keepers::table::{Questions, Table};
use pooltree::keepers::{
    Attempts, Contest, Executor, Keeper, Keepers, Noise, Parameters, Property, Reading, Rule, RuleName, Task,
};
use pooltree::orders::Orders;
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::pool_keepers::{Assignment, Outages, PoolKeepers};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Keepers whose stakes span two decades.
fn keepers(n: usize) -> Keepers {
    let keeper = |i: usize| Keeper {
        stake: 10f64.powf(2.0 * (i as f64 * 0.618_034).fract()),
        ping: 0.01 * (i % 7) as f64,
        picked: 20,
        succeeded: 14 + (i % 7) as u64,
        bid: (i % 5) as f64,
        ..Keeper::new(i.to_string())
    };
    Keepers::new((0..n).map(keeper).collect()).unwrap()
}

fn contest(n: usize, rule: &Rule) -> Contest {
    Contest::new(&keepers(n), rule, &Task::default()).unwrap()
}

fn executors(contest: &Contest, keepers: &Keepers) -> Vec<Executor> {
    let executor = |&i: &usize| Executor::new(&keepers.all()[i], pooltree::keepers::Reliability::Ratio);
    contest.entrants().iter().map(executor).collect()
}

fn noise(noise: Noise) -> Rule {
    Rule::Noise { score: Property::Stake.into(), noise, temperature: 1.0 }
}

/// The document's eight operators as keepers of their own pools.
fn kept() -> Scenario {
    let eight = PoolKeepers::new(
        keepers(8),
        Assignment::Operators,
        Outages::Independent,
        RuleName::StakeWeighted,
        Parameters::default(),
    );
    Scenario::document().with_keepers(eight.unwrap()).unwrap()
}

/// The shortest of some times.
fn shortest(times: usize, mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..times).map(time).min().unwrap()
}

fn limits(_: &mut Criterion) {
    let weighted = contest(500, &Rule::stake_power(1.0));
    let time = shortest(3, || drop(black_box(committee(&weighted, 50, Reading::ExcludeAndRepeat).unwrap())));
    println!("inclusion of 500 keepers, 50 selected: {:.1} ms (limit 1000)", 1e3 * time.as_secs_f64());
    let (kept, plain) = (kept(), Scenario::document());
    let tree = Architecture::full(plain.tree());
    let evaluate = |scenario: &Scenario| {
        shortest(50, || (0..100).for_each(|_| drop(black_box(ClosedForm::evaluate(scenario, &tree).unwrap()))))
    };
    let ratio = evaluate(&kept).as_secs_f64() / evaluate(&plain).as_secs_f64();
    println!("closed form of the document's tree with keepers over that without: {ratio:.2} (limit 4)");
    let simulate = |scenario: &Scenario| {
        shortest(3, || {
            let all = SimulatedOrders::simulate_with_keepers(
                scenario,
                &tree,
                &Orders::default(),
                scenario.keepers(),
                scenario.monte_carlo(),
                &|_, _| (),
            );
            drop(black_box(all.unwrap()));
        })
    };
    let ratio = simulate(&kept).as_secs_f64() / simulate(&plain).as_secs_f64();
    println!("order-by-order simulation of the document's tree with keepers over that without: {ratio:.2}");
}

fn laws(c: &mut Criterion) {
    let mut group = c.benchmark_group("keepers");
    group.sample_size(20);
    for (name, rule) in [
        ("stake-weighted", Rule::stake_power(1.0)),
        ("uniform noise", noise(Noise::Uniform)),
        ("exponential noise", noise(Noise::Exponential)),
    ] {
        for n in [10, 1000] {
            let contest = contest(n, &rule);
            group.bench_function(format!("winner, {name}, n = {n}"), |b| b.iter(|| winner(black_box(&contest))));
        }
    }
    for n in [8, 200] {
        let contest = contest(n, &Rule::stake_power(1.0));
        let executors = executors(&contest, &keepers(n));
        let discount = *Scenario::document().discount();
        group.bench_function(format!("executed, stake-weighted, n = {n}"), |b| {
            b.iter(|| executed(black_box(&contest), &executors, &Attempts::default(), &discount).unwrap());
        });
    }
    group.bench_function("table of the example", |b| {
        b.iter(|| Table::new(Keepers::example(), Questions::default(), None, &|_, _| ()).unwrap());
    });
    group.finish();
}

fn draws(c: &mut Criterion) {
    let mut group = c.benchmark_group("draws");
    for (name, rule) in [("stake-weighted", Rule::stake_power(1.0)), ("uniform noise", noise(Noise::Uniform))] {
        let contest = contest(8, &rule);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut selector = Selector::new(&contest);
        group.bench_function(format!("selection, {name}, n = 8"), |b| b.iter(|| selector.draw(&mut rng)));
        let executors = executors(&contest, &keepers(8));
        let mut execution = Execution::new(&contest, &executors, &Attempts::default()).unwrap();
        group.bench_function(format!("execution, {name}, n = 8"), |b| b.iter(|| execution.draw(&mut rng).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, limits, laws, draws);
criterion_main!(benches);
