//! What fills where in the limits: few orders, many orders, and a uniform flow between them. The expected shares are
//! counted class by class and operator by operator in [`classes`].

use super::support::{Classes, EXACT, Evaluate, changed, classes, close, config, rejected, within};
use pooltree::kernels::unfilled::unfilled_share;
use pooltree::pool_tree::{Architecture, Component, Kind, LatencyModel, PeriodModel, PoolTree};
use pooltree::strategies::{ScenarioOptions, pool_tree, scenario_and_architecture_with};
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use std::f64::consts::PI;

/// Trees whose operators can be counted one by one.
fn countable() -> impl Strategy<Value = (Scenario, Architecture)> {
    scenario_and_architecture_with(ScenarioOptions::default().with_max_operators(4096.0))
}

/// Periods of the active heights.
fn periods(s: &Scenario, a: &Architecture) -> Result<Vec<f64>, TestCaseError> {
    Ok(s.schedule(a)?.levels().iter().map(|level| level.period).collect())
}

/// `Λ → ∞`: all that can be filled, twice the smaller side, is filled at the lowest active height at which it meets.
///
/// A class of `X` orders in its window leaves at most `1/√X` of them unfilled beyond its surplus (Jensen).
fn many_orders(s: &Scenario, a: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let (tree, assets) = (s.tree(), f64::from(s.flow().assets()));
    let shortest = periods(s, a)?.into_iter().fold(f64::INFINITY, f64::min);
    let most_classes = assets * (assets - 1.0) * tree.size_f64(tree.depth()) * f64::from(tree.arity());
    let orders = 1e14;
    let busy = changed(s, |parts| {
        parts.rate = orders * most_classes / shortest;
        parts.utility_mean = 1.0;
    })?;
    let mut expected = vec![0.0; a.heights().len()];
    let mut rest = 0.0;
    for class in classes(&busy) {
        if let Some(lowest) = a.heights().iter().position(|&height| height >= class.meets_at) {
            expected[lowest] += class.share * 2.0 * class.side_share.min(1.0 - class.side_share);
            rest += (class.share / orders).sqrt();
        }
    }
    let welfare = evaluate(&busy, a)?;
    for (height, expected) in welfare.by_height.iter().zip(&expected) {
        within("filled at a height", height.filled_share, *expected, rest + 1e-13)?;
    }
    within("filled", welfare.filled_share, expected.iter().sum(), rest + 1e-13)
}

/// `Λ → 0`: an order finds the one counterpart that happens to be there, `2 x+ x- / (x+ + x-)`; the share filled falls as
/// the rate.
fn few_orders(s: &Scenario, a: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    const ORDERS: f64 = 1e-9;
    let periods = periods(s, a)?;
    let quiet = changed(s, |parts| parts.rate = ORDERS / periods[periods.len() - 1])?;
    // Up to each height; the next term is of the order of the number of orders.
    let up_to = |i: usize| -> f64 {
        let height = a.heights()[i];
        let share = |class: &Classes| {
            let sides = 2.0 * class.side_share * (1.0 - class.side_share);
            let orders = (class.rate)(height) * periods[i];
            class.share * sides * orders
        };
        classes(&quiet).iter().filter(|class| class.meets_at <= height).map(share).sum()
    };
    let welfare = evaluate(&quiet, a)?;
    let mut filled = 0.0;
    for (i, height) in welfare.by_height.iter().enumerate() {
        filled += height.filled_share;
        close("filled up to a height", filled, up_to(i), 4.0 * ORDERS)?;
    }
    close("filled", welfare.filled_share, up_to(periods.len() - 1), 4.0 * ORDERS)?;
    let quieter = changed(&quiet, |parts| parts.rate /= 1024.0)?;
    close(
        "filled at a smaller rate",
        1024.0 * evaluate(&quieter, a)?.filled_share,
        welfare.filled_share,
        4.0 * ORDERS,
    )?;
    // Kept apart in halves, orders meet half as often.
    let component = s.flow().components()[0].clone();
    let halves = Component::new(component.kind().clone(), 0.5, component.side_share())?;
    let whole = changed(&quiet, |parts| parts.components = copies_of(&component))?;
    let apart = changed(&quiet, |parts| parts.components = vec![halves; 2])?;
    close("in halves", 2.0 * evaluate(&apart, a)?.filled_share, evaluate(&whole, a)?.filled_share, 4.0 * ORDERS)
}

fn copies_of(component: &Component) -> Vec<Component> {
    Component::new(component.kind().clone(), 1.0, component.side_share()).into_iter().collect()
}

/// Counterparts `d` operators apart: with many orders pools of height `h` fill `max(0, 1 - d/γ^h)`, the root all.
fn circle(s: &Scenario, distance: u64, height: u32, evaluate: Evaluate) -> TestCaseResult {
    let tree = s.tree().clone();
    let component = Component::new(Kind::CircleDistance { distance }, 1.0, 0.5)?;
    let local = Architecture::local(&tree, height)?;
    let period = periods(s, &local)?[0];
    let x = 1e12;
    let ordered_pairs = if 2 * distance == tree.size(tree.depth()).unwrap_or(0) { 1.0 } else { 2.0 };
    let busy = changed(s, |parts| {
        parts.assets = 2;
        parts.components = vec![component];
        parts.rate = 2.0 * x * ordered_pairs * tree.size_f64(tree.depth()) / period;
    })?;
    let meet = if height == tree.depth() { 1.0 } else { (1.0 - distance as f64 / tree.size_f64(height)).max(0.0) };
    let counted: f64 = classes(&busy).iter().filter(|class| class.meets_at <= height).map(|class| class.share).sum();
    within("counted pairs", counted, meet, 1e-13)?;
    let welfare = evaluate(&busy, &local)?;
    // The classes that meet fill 1 - 1/√(πx).
    within("filled", welfare.filled_share, meet * (1.0 - 1.0 / (PI * x).sqrt()), 2e-13)?;
    within("cut off by the seams", welfare.unfilled_share, 1.0 - meet * (1.0 - 1.0 / (PI * x).sqrt()), 2e-13)
}

/// A full tree with a uniform flow of two equal sides, `x` orders a side in a pool and window of height 0.
fn uniform(tree: &PoolTree, ratio: u32, x: f64) -> pooltree::Result<Scenario> {
    changed(&Scenario::document(), |parts| {
        parts.tree = tree.clone();
        parts.rate = 2.0 * x * tree.size_f64(tree.depth());
        parts.latency = LatencyModel::Proportional { scale: 0.0, exponent: 0.0 };
        parts.period = PeriodModel::Ratio { base: 1.0, ratio };
    })
}

/// `X_h = 1 - g(x_h)/g(x_h')`.
fn uniform_filling_rates(tree: &PoolTree, ratio: u32, x: f64, a: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let mut left = 1.0;
    for height in evaluate(&uniform(tree, ratio, x)?, a)?.by_height {
        let growth = f64::from(tree.arity() * ratio);
        let unfilled = unfilled_share(x * growth.powi(height.height as i32))?;
        // Relative error of either g, and of what the ratio leaves.
        within("filling rate", height.filling_rate, 1.0 - unfilled / left, 4e-13)?;
        left = unfilled;
    }
    Ok(())
}

/// `X_h → 1 - 1/√(γr)`, from below as `(1 - 1/(γr)) / (16 x √(γr))`; the document's tree `r = γ`: `1 - 1/γ`, one common
/// window `r = 1`: `1 - γ^(-1/2)`.
fn limit_of_filling_rates(
    tree: &PoolTree,
    ratio: u32,
    x: f64,
    evaluate: Evaluate,
    limit: &dyn Fn(f64) -> f64,
) -> TestCaseResult {
    let all = Architecture::new(tree, 0..=tree.depth())?;
    let growth = f64::from(tree.arity()) * f64::from(ratio);
    for (lower, height) in evaluate(&uniform(tree, ratio, x)?, &all)?.by_height.iter().skip(1).enumerate() {
        let below = x * growth.powi(lower as i32);
        let first_order = (1.0 - 1.0 / growth) / (16.0 * below * growth.sqrt());
        // The second-order term of g is -3/(512 x²).
        let error = 0.02 / (below * below) + 4e-13;
        within("filling rate", height.filling_rate, limit(growth) - first_order, error)?;
    }
    Ok(())
}

fn tree_distance_height() -> impl Strategy<Value = ((Scenario, Architecture), f64, u32)> {
    (countable(), prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0], 0u32..=12)
}

/// Fits a distance and a height to a tree of at least two operators without delay of its own.
fn with_distance(s: &Scenario, position: f64, height: u32) -> Option<(u64, u32)> {
    let half = s.tree().operators()? / 2;
    (half > 0).then(|| (((position * half as f64) as u64).clamp(1, half), height % (s.tree().depth() + 1)))
}

fn with_one_window(s: &Scenario) -> pooltree::Result<Scenario> {
    changed(s, |parts| parts.period = PeriodModel::Ratio { base: 1.0, ratio: 1 })
}

fn exact_limit(growth: f64) -> f64 {
    1.0 - 1.0 / growth.sqrt()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn many_orders_fill_where_they_first_meet((s, a) in countable()) {
        many_orders(&s, &a, EXACT)?;
    }

    #[test]
    fn few_orders_fill_as_their_rate((s, a) in countable()) {
        few_orders(&s, &a, EXACT)?;
    }

    #[test]
    fn neighbours_are_cut_by_the_seams(((s, _), position, height) in tree_distance_height()) {
        if let Some((distance, height)) = with_distance(&s, position, height) {
            circle(&with_one_window(&s)?, distance, height, EXACT)?;
        }
    }

    #[test]
    fn uniform_flow_fills_by_the_ratio_of_unfilled_shares(
        (tree, a) in pool_tree(1e6).prop_flat_map(|tree| (Just(tree.clone()), pooltree::strategies::architecture(&tree))),
        ratio in 1u32..=5,
        exponent in -6.0..6.0,
    ) {
        uniform_filling_rates(&tree, ratio, 10f64.powf(exponent), &a, EXACT)?;
    }

    #[test]
    fn the_missing_value_of_x(tree in pool_tree(1e6), ratio in 1u32..=6, exponent in 1.7..7.0) {
        limit_of_filling_rates(&tree, ratio, 10f64.powf(exponent), EXACT, &exact_limit)?;
    }

    #[test]
    fn children_as_much_faster_as_they_are_smaller(tree in pool_tree(1e6), exponent in 1.7..7.0) {
        let limit = 1.0 - 1.0 / f64::from(tree.arity());
        limit_of_filling_rates(&tree, tree.arity(), 10f64.powf(exponent), EXACT, &|_| limit)?;
    }

    #[test]
    fn one_common_window(tree in pool_tree(1e6), exponent in 1.7..7.0) {
        let limit = 1.0 - f64::from(tree.arity()).powf(-0.5);
        limit_of_filling_rates(&tree, 1, 10f64.powf(exponent), EXACT, &|_| limit)?;
    }
}

#[test]
fn rejects_the_limit_without_its_root() {
    let cases = (pool_tree(1e6), 1u32..=6, 1.7..7.0);
    let without_root = |growth: f64| 1.0 - 1.0 / growth;
    assert!(rejected(&cases, |(tree, ratio, e)| {
        limit_of_filling_rates(&tree, ratio, 10f64.powf(e), EXACT, &without_root)
    }));
    // The first-order term has a sign, too.
    let other_side = |s: &Scenario, a: &Architecture| {
        let mut welfare = ClosedForm::evaluate(s, a)?;
        for height in &mut welfare.by_height {
            let growth = f64::from(s.tree().arity()) * height.period.max(1.0);
            height.filling_rate = 2.0 * exact_limit(growth) - height.filling_rate;
        }
        Ok(welfare)
    };
    assert!(rejected(&cases, |(tree, _, e)| limit_of_filling_rates(
        &tree,
        1,
        10f64.powf(e),
        &other_side,
        &exact_limit
    )));
}

#[test]
fn rejects_orders_that_wait_for_the_root() {
    let at_the_top = |s: &Scenario, a: &Architecture| {
        let mut welfare = ClosedForm::evaluate(s, a)?;
        let (top, lower) = (welfare.by_height.len() - 1, welfare.filled_share);
        welfare.by_height.iter_mut().for_each(|h| h.filled_share = 0.0);
        welfare.by_height[top].filled_share = lower;
        Ok(welfare)
    };
    assert!(rejected(&countable(), |(s, a)| many_orders(&s, &a, &at_the_top)));
    assert!(rejected(&countable(), |(s, a)| few_orders(&s, &a, &at_the_top)));
}

#[test]
fn rejects_seams_that_cut_nobody() {
    let seamless = |s: &Scenario, a: &Architecture| {
        let uniform = Component::new(Kind::SingleSite { operator: 0 }, 1.0, 0.5)?;
        ClosedForm::evaluate(changed(s, |parts| parts.components = vec![uniform])?.model(), a)
    };
    assert!(rejected(&tree_distance_height(), |((s, _), position, height)| {
        match with_distance(&s, position, height) {
            Some((distance, height)) => circle(&with_one_window(&s)?, distance, height, &seamless),
            None => Ok(()),
        }
    }));
}
