//! The strategies themselves: everything valid, nothing filtered away, every corner reached, small counterexamples.

use super::support::{changed, config, latency_at};
use pooltree::orders::{Arrivals, Lifetime, Orders, PatienceFrom, SolverModel, ValueLaw};
use pooltree::pool_tree::DiscountModel;
use pooltree::pool_tree::{Architecture, Component, Delay, Kind, LatencyModel, PeriodModel, RingStatistic};
use pooltree::strategies::{
    ScenarioOptions, architecture, component, discount, flow, kind, latency, orders, period, pool_tree, scenario,
    scenario_and_architecture, scenario_and_architecture_with, scenario_with, timing,
};
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use std::collections::BTreeSet;

/// A runner for which the first rejected value is an error.
fn strict() -> TestRunner {
    TestRunner::new(Config { max_local_rejects: 0, failure_persistence: None, cases: 2000, ..config() })
}

fn samples<S: Strategy>(strategy: &S, n: usize) -> Vec<S::Value> {
    let mut runner = strict();
    (0..n).map(|_| strategy.new_tree(&mut runner).expect("nothing is filtered away").current()).collect()
}

#[test]
fn nothing_is_filtered_away() {
    samples(&pool_tree(f64::MAX), 2000);
    samples(&pool_tree(0.0), 100);
    samples(&discount(), 2000);
    samples(&orders(), 2000);
    samples(&scenario(), 2000);
    samples(&scenario_and_architecture(), 2000);
    samples(&scenario_with(ScenarioOptions::default().with_max_operators(f64::MAX)), 500);
    samples(&scenario_with(ScenarioOptions::default().with_max_work(1e4)), 2000);
    for tree in samples(&pool_tree(f64::MAX), 300) {
        samples(&architecture(&tree), 3);
        samples(&latency(&tree), 3);
        samples(&period(&tree), 3);
        samples(&timing(&tree), 3);
        samples(&kind(&tree), 3);
        samples(&component(&tree), 3);
        samples(&flow(&tree), 3);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn parts_fit_their_tree(
        (tree, latency, period, component, max) in (0.0..1e9).prop_flat_map(|max| (pool_tree(max), Just(max)))
            .prop_flat_map(|(tree, max)| (Just(tree.clone()), latency(&tree), period(&tree), component(&tree), Just(max)))
    ) {
        prop_assert!(tree.depth() == 0 || tree.size_f64(tree.depth()) <= max);
        prop_assert_eq!(latency.check(&tree), Ok(()));
        prop_assert_eq!(period.check(&tree), Ok(()));
        prop_assert_eq!(component.check(&tree), Ok(()));
    }

    #[test]
    fn every_architecture_drawn_can_be_evaluated((scenario, architecture) in scenario_and_architecture()) {
        ClosedForm::evaluate(&scenario, &architecture)?;
    }
}

proptest! {
    // Up to a thousand levels with a thousand kinds of classes: fewer cases.
    #![proptest_config(Config { cases: config().cases.div_ceil(8), ..config() })]

    #[test]
    fn trees_beyond_counting_can_be_evaluated(
        (scenario, architecture) in scenario_and_architecture_with(ScenarioOptions::default().with_max_operators(f64::MAX))
    ) {
        // With equal sides: the integrals of unequal ones take their time at half a million pairs of heights.
        let even = scenario.flow().components().iter().map(|c| Component::new(c.kind().clone(), c.share(), 0.5));
        let even = even.collect::<Result<Vec<_>, _>>()?;
        let deep = scenario.tree().depth() > 100;
        let scenario = if deep { changed(&scenario, |parts| parts.components = even)? } else { scenario };
        let welfare = ClosedForm::evaluate(&scenario, &architecture)?;
        prop_assert!(welfare.net.is_finite());
        prop_assert!((0.0..=1.0 + 1e-13).contains(&welfare.filled_share));
    }
}

/// Every corner that the documentation names is reached within 2000 cases.
#[test]
fn corners_are_reached() {
    let mut seen = BTreeSet::new();
    for (scenario, architecture) in samples(&scenario_and_architecture(), 2000) {
        note_corners(&scenario, &architecture, &mut seen);
    }
    let wanted = [
        "depth 0",
        "depth 1",
        "depth above 10",
        "arity 2",
        "arity above 1000",
        "one window",
        "ratio",
        "period table",
        "back to back",
        "idealised",
        "cumulative",
        "batched",
        "proportional",
        "diameter",
        "mean-farthest",
        "random-quorum",
        "fastest-quorum",
        "latency table",
        "no latency",
        "some latency 0",
        "falling latency",
        "solving",
        "no discount",
        "all discount",
        "factor",
        "rate",
        "half-life",
        "rate 1e-12",
        "rate 1e12",
        "many assets",
        "several components",
        "share 0",
        "uniform",
        "meet-at",
        "opposite",
        "nearby",
        "scale-free",
        "circle-distance",
        "single-site",
        "meet at 0",
        "extreme exponent",
        "half the circle",
        "neighbours",
        "one-sided",
        "uneven",
        "no utility",
        "cost",
        "no cost",
        "gap",
        "only 0",
        "global",
        "full",
    ];
    let missing: Vec<&str> = wanted.into_iter().filter(|name| !seen.contains(name)).collect();
    assert!(missing.is_empty(), "never drawn: {missing:?}");
}

fn note_corners(scenario: &Scenario, architecture: &Architecture, seen: &mut BTreeSet<&'static str>) {
    let tree = scenario.tree();
    let timing = scenario.timing();
    let heights = architecture.heights();
    let latencies: Vec<f64> = (0..=tree.depth()).map(|h| latency_at(scenario, h)).collect();
    let components = scenario.flow().components();
    let mut note = |name: &'static str, condition: bool| {
        if condition {
            seen.insert(name);
        }
    };
    note("depth 0", tree.depth() == 0);
    note("depth 1", tree.depth() == 1);
    note("depth above 10", tree.depth() > 10);
    note("arity 2", tree.arity() == 2);
    note("arity above 1000", tree.arity() > 1000);
    match timing.period().model() {
        PeriodModel::Ratio { ratio, .. } => note(if *ratio == 1 { "one window" } else { "ratio" }, true),
        PeriodModel::Table { .. } => note("period table", true),
        PeriodModel::BackToBack => note("back to back", true),
    }
    note(timing.delay().name(), true);
    match timing.latency().model() {
        LatencyModel::Proportional { .. } => note("proportional", true),
        LatencyModel::Table { .. } => note("latency table", true),
        LatencyModel::Ring { statistic, .. } => note(
            match statistic {
                RingStatistic::Diameter => "diameter",
                RingStatistic::MeanFarthest => "mean-farthest",
                RingStatistic::RandomQuorum { .. } => "random-quorum",
                RingStatistic::FastestQuorum { .. } => "fastest-quorum",
            },
            true,
        ),
        LatencyModel::Sites { .. } => note("sites, which are never drawn", true),
    }
    note("no latency", latencies.iter().all(|&l| l == 0.0));
    note("some latency 0", latencies.contains(&0.0) && latencies.iter().any(|&l| l > 0.0));
    note("falling latency", !latencies.is_sorted());
    note("solving", timing.solving() > 0.0);
    note("no discount", scenario.discount().ln_factor() == 0.0);
    note("all discount", scenario.discount().ln_factor() < -700.0);
    match scenario.discount().model() {
        DiscountModel::Factor(_) => note("factor", true),
        DiscountModel::Rate(_) => note("rate", true),
        DiscountModel::HalfLife(_) => note("half-life", true),
    }
    note("rate 1e-12", scenario.flow().rate() == 1e-12);
    note("rate 1e12", scenario.flow().rate() == 1e12);
    note("many assets", scenario.flow().assets() >= 1000);
    note("several components", components.len() > 2);
    for component in components {
        note("share 0", component.share() == 0.0);
        note(component.kind().clone().name(), true);
        note("one-sided", [0.0, 1.0].contains(&component.side_share()));
        note("uneven", component.side_share() > 0.0 && component.side_share() < 0.5);
        match component.kind().clone() {
            Kind::MeetAt { height } => note("meet at 0", height == 0),
            Kind::ScaleFree { exponent } => note("extreme exponent", exponent.abs() > 100.0),
            Kind::CircleDistance { distance } => {
                note("half the circle", Some(distance) == tree.operators().map(|n| n / 2));
                note("neighbours", distance == 1);
            }
            _ => {}
        }
    }
    note("no utility", scenario.utility_mean() == 0.0);
    note("cost", scenario.cost_per_message() > 0.0);
    note("no cost", scenario.cost_per_message() == 0.0);
    note("gap", heights.windows(2).any(|pair| pair[1] > pair[0] + 1));
    note("only 0", heights == [0] && tree.depth() > 0);
    note("global", *architecture == Architecture::global(tree));
    note("full", *architecture == Architecture::full(tree) && tree.depth() > 1);
}

/// Likewise of the orders.
#[test]
fn corners_of_the_orders_are_reached() {
    let mut seen = BTreeSet::new();
    for orders in samples(&orders(), 2000) {
        assert_eq!(orders.check(), Ok(()));
        let mut note = |name: &'static str, condition: bool| {
            if condition {
                seen.insert(name);
            }
        };
        note(orders.priority.name(), true);
        note(orders.value.name(), true);
        note("default", orders == Orders::default());
        note("fills as the tree", orders.fills_as_the_tree());
        match orders.arrivals {
            Arrivals::Gamma { shape } => {
                note("least shape", shape == 1e-6);
                note("largest shape", shape == 1e12);
            }
            Arrivals::Batches { size } => {
                note("batches of one", size == 1);
                note("largest batches", size == 1_000_000);
            }
            _ => note("poisson", true),
        }
        match orders.value {
            ValueLaw::Uniform { spread } => {
                note("spread 0", spread == 0.0);
                note("spread 1", spread == 1.0);
            }
            ValueLaw::LogNormal { sigma } => {
                note("sigma 0", sigma == 0.0);
                note("sigma 5", sigma == 5.0);
            }
            ValueLaw::Pareto { shape } => {
                note("hardly a mean", shape < 1.0 + 1e-12);
                note("no variance", shape == 2.0);
            }
            _ => {}
        }
        match orders.solver.model() {
            SolverModel::Cycles { longest } => note(if longest == 2 { "cycles of two" } else { "cycles" }, true),
            SolverModel::Unlimited => note("unlimited", true),
            _ => note("pairs", true),
        }
        note("never found", orders.solver.success() == 0.0);
        note("always found", orders.solver.success() == 1.0);
        match orders.lifetime {
            Lifetime::Auctions { lifetime } => note(if lifetime == 1 { "one auction" } else { "more auctions" }, true),
            Lifetime::Patience { patience_rate, patience_from } => {
                note("for ever", patience_rate == 0.0);
                note("lost at once", patience_rate == 1e300);
                note("from arrival", patience_from == PatienceFrom::Arrival);
                note("from the root", patience_from == PatienceFrom::Root);
            }
            _ => {}
        }
        note("windows given", orders.stretch.windows.is_some());
        note("windows chosen", orders.stretch.windows.is_none());
        note("no warm-up", orders.stretch.warm_up == Some(0));
    }
    assert_eq!(seen.len(), 4 + 5 + 2 + 5 + 6 + 6 + 6 + 3, "{seen:?}");
}

/// What is left of a scenario that fails `property` after shrinking.
fn smallest(property: impl Fn(&Scenario) -> bool) -> Scenario {
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..config() };
    let result = TestRunner::new(config).run(&scenario(), |scenario| {
        prop_assert!(property(&scenario));
        Ok(())
    });
    match result {
        Err(TestError::Fail(_, scenario)) => scenario,
        other => panic!("should have failed: {other:?}"),
    }
}

#[test]
fn counterexamples_are_small() {
    let anything = smallest(|_| false);
    assert_eq!((anything.tree().arity(), anything.tree().depth()), (2, 0));
    assert_eq!(anything.flow().rate(), 1.0);
    assert_eq!(anything.flow().components().len(), 1);
    assert_eq!(anything.flow().components()[0].kind().clone(), Kind::Uniform);
    assert_eq!(anything.flow().components()[0].side_share(), 0.5);
    assert_eq!(anything.timing().delay(), Delay::ALL[0]);
    assert_eq!((anything.utility_mean(), anything.cost_per_message()), (1.0, 0.0));
    assert_eq!(anything.orders(), &Orders::default());

    let deep = smallest(|scenario| scenario.tree().depth() < 3);
    assert_eq!((deep.tree().arity(), deep.tree().depth()), (2, 3));

    let local = smallest(|scenario| {
        !scenario.flow().components().iter().any(|c| matches!(c.kind().clone(), Kind::MeetAt { height } if height >= 2))
    });
    assert_eq!((local.tree().depth(), local.flow().components().len()), (2, 1), "{local:?}");
}
