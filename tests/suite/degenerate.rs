//! The degenerate cases and nonsensical constellations, over random trees, rates and timings: ① counterparts on opposite
//! sides of the tree, ② counterparts nearby, and what is left at the ends of every range.
//!
//! "Exactly 0" is exactly 0.

use crate::properties::support::{
    EXACT, Evaluate, UNDERFLOW, changed, classes, close, config, fixed_periods, latency_at, rejected, within,
};
use pooltree::kernels::unfilled::filled_share;
use pooltree::pool_tree::DiscountModel;
use pooltree::pool_tree::closed_form::HeightWelfare;
use pooltree::pool_tree::search::Search;
use pooltree::pool_tree::{Architecture, Component, Delay, Kind, LatencyModel, PeriodModel};
use pooltree::strategies::{ScenarioOptions, scenario_and_architecture, scenario_and_architecture_with};
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use std::f64::consts::PI;

/// The scenario with one component of `kind`; its sides stay as they were.
fn only(s: &Scenario, kind: Kind) -> Result<Scenario, TestCaseError> {
    let component = Component::new(kind, 1.0, s.flow().components()[0].side_share())?;
    Ok(changed(s, |parts| parts.components = vec![component])?)
}

/// The architecture and the root.
fn with_root(s: &Scenario, a: &Architecture) -> Result<Architecture, TestCaseError> {
    let lower = a.heights().iter().copied().filter(|&height| height < s.tree().depth());
    Ok(Architecture::new(s.tree(), lower.chain([s.tree().depth()]))?)
}

fn one_window(s: &Scenario) -> Result<Scenario, TestCaseError> {
    let base = if let PeriodModel::Ratio { base, .. } = s.timing().period().model() { *base } else { 1.0 };
    Ok(changed(s, |parts| parts.period = PeriodModel::Ratio { base, ratio: 1 })?)
}

/// Relative error of `β^t` from the rounding of its exponent, a few units in the last place for the rest.
fn discount_error(s: &Scenario, time: f64) -> f64 {
    8.0 * f64::EPSILON * (1.0 + (-s.discount().ln_factor() * time).min(746.0))
}

fn fills_nothing(height: &HeightWelfare) -> bool {
    (height.filled_share, height.filling_rate, height.gross) == (0.0, 0.0, 0.0)
}

// ① Opposite: both sides in different children of the root.

/// Below the root nothing fills, exactly; without the root nothing at all.
fn opposite_fills_at_the_root_only(s: &Scenario, a: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let welfare = evaluate(s, a)?;
    for height in welfare.by_height.iter().filter(|height| height.height < s.tree().depth()) {
        prop_assert!(fills_nothing(height), "{height:?}");
    }
    if !a.heights().contains(&s.tree().depth()) {
        prop_assert_eq!((welfare.gross, welfare.filled_share, welfare.unfilled_share), (0.0, 0.0, 1.0));
    }
    Ok(())
}

/// gross(tree) = gross(global) · `β^(Σ L_h over the active h in lost)`; idealised, lower auctions take no time.
fn opposite_loses_the_lower_latencies(s: &Scenario, a: &Architecture, lost: &dyn Fn(u32) -> bool) -> TestCaseResult {
    let tree = with_root(s, a)?;
    let (tree_gross, global) =
        (ClosedForm::evaluate(s, &tree)?.gross, ClosedForm::evaluate(s, &Architecture::global(s.tree()))?.gross);
    let time: f64 = tree.heights().iter().filter(|&&h| lost(h)).map(|&h| latency_at(s, h)).sum();
    if s.timing().delay() == Delay::Idealised {
        prop_assert_eq!(tree_gross, global);
        return Ok(());
    }
    let root = latency_at(s, s.tree().depth());
    close("gross", tree_gross, global * s.discount().after(time), discount_error(s, time + root))
}

/// Messages below the root are wasted: net(tree) < net(global) as soon as they cost anything and there are two levels.
fn opposite_tree_earns_less(s: &Scenario) -> TestCaseResult {
    let tree = ClosedForm::evaluate(s, &Architecture::full(s.tree()))?;
    let global = ClosedForm::evaluate(s, &Architecture::global(s.tree()))?;
    prop_assert!(tree.net <= global.net, "{} > {}", tree.net, global.net);
    // Strictly, wherever the wasted messages are more than the rounding of the totals.
    let wasted = tree.cost - global.cost;
    let visible = wasted > 4.0 * f64::EPSILON * (tree.cost + tree.gross + global.gross);
    prop_assert!(!visible || tree.net < global.net);
    Ok(())
}

/// The best set is the root alone, if it earns anything.
fn opposite_best_is_global(s: &Scenario) -> TestCaseResult {
    let global = ClosedForm::evaluate(s, &Architecture::global(s.tree()))?;
    if global.gross > UNDERFLOW && global.net > 0.0 {
        let best = Search::new(s)?.best()?;
        prop_assert_eq!(best.architecture, Architecture::global(s.tree()));
        prop_assert_eq!(best.net, global.net);
    }
    Ok(())
}

fn opposite() -> impl Strategy<Value = (Scenario, Architecture)> {
    scenario_and_architecture()
        .prop_filter_map("a valid flow", |(s, a)| only(&s, Kind::Opposite).ok().map(|scenario| (scenario, a)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn opposite_orders_fill_at_the_root_only((s, a) in opposite()) {
        opposite_fills_at_the_root_only(&s, &a, EXACT)?;
    }

    #[test]
    fn opposite_orders_only_lose_time_below_the_root((s, a) in fixed_periods(opposite())) {
        let depth = s.tree().depth();
        opposite_loses_the_lower_latencies(&s, &a, &|height| height < depth)?;
        opposite_loses_the_lower_latencies(&s, &Architecture::full(s.tree()), &|height| height < depth)?;
    }

    #[test]
    fn opposite_orders_pay_for_useless_messages((s, _) in fixed_periods(opposite()), cost in 1e-9..1.0) {
        opposite_tree_earns_less(&changed(&s, |parts| parts.cost_per_message = cost)?)?;
    }

    #[test]
    fn opposite_orders_need_the_root_only((s, _) in fixed_periods(opposite())) {
        opposite_best_is_global(&changed(&s, |parts| parts.cost_per_message = 0.0)?)?;
    }

    #[test]
    fn opposite_orders_need_the_root_only_at_equal_cost_of_levels((s, _) in fixed_periods(opposite()), cost in 1e-9..1.0) {
        let gamma = s.tree().arity();
        opposite_best_is_global(&changed(&s, |parts| {
            parts.period = PeriodModel::Ratio { base: 1.0, ratio: gamma };
            parts.cost_per_message = cost;
        })?)?;
    }
}

/// Back to back the root's window is rounded up to whole windows of the pools below, so that it collects more orders; while
/// nothing is said of the time that the lower auctions take, the useless levels pay.
#[test]
fn back_to_back_a_useless_level_lengthens_the_window() {
    let scenario: Scenario = r#"
        tree = { arity = 2, depth = 2 }
        flow = { rate = 4.0, components = [{ kind = "opposite" }] }
        timing = { latency = { model = "table", values = [0.0, 0.7, 1.0] }, period = { model = "back-to-back" }, delay = "idealised" }
        discount.factor = 0.99
        cost.per_message = 1e-4
    "#
    .parse()
    .expect("a valid scenario");
    let tree = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree())).expect("positive latencies");
    let global = ClosedForm::evaluate(&scenario, &Architecture::global(scenario.tree())).expect("a positive latency");
    // By hand: two classes of one order a side and unit time, windows of 1.4 and 1; gross = 4 (1 - g(T)) · 0.99, cost =
    // 1e-4 (16/T + 8/0.7).
    let by_hand =
        |window: f64, below: f64| 4.0 * filled_share(window).expect("a rate") * 0.99 - 1e-4 * (16.0 / window + below);
    approx::assert_relative_eq!(tree.net, by_hand(1.4, 8.0 / 0.7), max_relative = 1e-14);
    approx::assert_relative_eq!(global.net, by_hand(1.0, 0.0), max_relative = 1e-14);
    approx::assert_relative_eq!(tree.net, 2.16168, max_relative = 5e-6);
    approx::assert_relative_eq!(global.net, 1.88424, max_relative = 5e-6);
    assert!(opposite_tree_earns_less(&scenario).is_err());
}

#[test]
fn rejects_losing_the_latency_of_the_root_twice() {
    assert!(rejected(&fixed_periods(opposite()), |(s, a)| opposite_loses_the_lower_latencies(&s, &a, &|_| true)));
    assert!(rejected(&fixed_periods(opposite()), |(s, a)| opposite_loses_the_lower_latencies(&s, &a, &|_| false)));
}

/// The back-of-the-envelope model: every auction fills half of what reaches it, whoever it is.
fn constant_filling_rate(s: &Scenario, a: &Architecture) -> pooltree::Result<ClosedForm> {
    let mut welfare = ClosedForm::evaluate(s, a)?;
    let mut left = 1.0;
    for height in &mut welfare.by_height {
        (height.filling_rate, height.filled_share) = (0.5, 0.5 * left);
        left *= 0.5;
    }
    (welfare.filled_share, welfare.unfilled_share) = (1.0 - left, left);
    Ok(welfare)
}

#[test]
fn rejects_a_constant_filling_rate_of_opposite_orders() {
    assert!(rejected(&opposite(), |(s, a)| opposite_fills_at_the_root_only(&s, &a, &constant_filling_rate)));
}

#[test]
fn rejects_opposite_orders_that_are_spread() {
    let spread = |(s, _): (Scenario, Architecture)| {
        opposite_best_is_global(&changed(&only(&s, Kind::Uniform)?, |parts| parts.cost_per_message = 0.0)?)
    };
    assert!(rejected(&fixed_periods(opposite()), spread));
}

// ② Nearby: both sides inside a pool of height j, or at one operator.

/// One common window: everything fills at the lowest active height at which it can, and exactly as much as pools of that
/// height alone fill.
fn nearby_needs_one_level(s: &Scenario, a: &Architecture, j: u32, evaluate: Evaluate) -> TestCaseResult {
    let welfare = evaluate(s, a)?;
    let Some(lowest) = a.heights().iter().copied().find(|&height| height >= j) else {
        prop_assert_eq!((welfare.filled_share, welfare.unfilled_share), (0.0, 1.0));
        return Ok(());
    };
    let local = evaluate(s, &Architecture::local(s.tree(), lowest)?)?;
    for height in welfare.by_height.iter().filter(|height| height.height != lowest) {
        prop_assert!(fills_nothing(height), "{height:?}, all others at {lowest}");
    }
    prop_assert_eq!((welfare.filled_share, welfare.unfilled_share), (local.filled_share, local.unfilled_share));
    // Welfare differs by the time that the lower auctions take, if any.
    let lower = welfare.by_height.iter().filter(|height| height.height < lowest);
    let time = if s.timing().delay() == Delay::Idealised { 0.0 } else { lower.map(|height| height.latency).sum() };
    if time == 0.0 {
        prop_assert_eq!(welfare.gross, local.gross);
    }
    let error = discount_error(s, time + latency_at(s, lowest));
    close("gross", welfare.gross, local.gross * s.discount().after(time), error)
}

/// Windows that grow with the height: higher levels go on filling, `(1 - r^(-Δ/2)) / √(πx)`, which vanishes only as the
/// root of the number of orders.
fn nearby_with_growing_windows(s: &Scenario, j: u32, ratio: u32, x: f64, power: f64) -> TestCaseResult {
    let tree = s.tree().clone();
    let mut scenario = changed(s, |parts| {
        parts.rate = 1.0;
        parts.components = vec![Component::new(Kind::Nearby { height: j }, 1.0, 0.5).expect("a component")];
        parts.period = PeriodModel::Ratio { base: 1.0, ratio };
    })?;
    // x orders a side in the windows of height j.
    let one = (classes(&scenario)[0].rate)(j) / 2.0 * f64::from(ratio).powi(j as i32);
    scenario = changed(&scenario, |parts| parts.rate = x / one)?;
    let above = ClosedForm::evaluate(&scenario, &Architecture::new(&tree, j..=tree.depth())?)?.by_height;
    for (below, height) in above.iter().skip(1).enumerate() {
        prop_assert!(height.filled_share > 0.0, "{height:?}");
        let x = x * f64::from(ratio).powi(below as i32);
        let leading = (1.0 - f64::from(ratio).powf(-0.5)) / PI.sqrt() * x.powf(power);
        // g(x) = (1 - 1/(16x) …)/√(πx): the next term is at most .14/x of the leading one for r ≥ 2.
        close("filled at a higher level", height.filled_share, leading, 0.15 / x + 4e-13)?;
    }
    Ok(())
}

/// Counterparts `d` operators apart are near each other, yet disconnected pools of height `h` cut off a share `d/γ^h` of
/// them, and every further level fills some.
fn circle_distance_needs_the_tree(s: &Scenario, distance: u64, evaluate: Evaluate) -> TestCaseResult {
    let tree = s.tree().clone();
    for height in 0..tree.depth() {
        let welfare = evaluate(s, &Architecture::local(&tree, height)?)?;
        let cut = (distance as f64 / tree.size_f64(height)).min(1.0);
        prop_assert!(welfare.unfilled_share >= cut * (1.0 - 1e-14), "{} < {cut}", welfare.unfilled_share);
    }
    let all = evaluate(s, &Architecture::new(&tree, 0..=tree.depth())?)?;
    for class in classes(s) {
        let height = &all.by_height[class.meets_at as usize];
        prop_assert!(height.filled_share > 0.0, "{height:?}, where a share {} of the pairs meets", class.share);
    }
    Ok(())
}

/// Cases with one component that meets at `j`: nearby, or for `j = 0` also at one operator.
fn nearby() -> impl Strategy<Value = (Scenario, Architecture, u32)> {
    (scenario_and_architecture(), 0u32..=20, any::<bool>()).prop_filter_map("a valid flow", |((s, a), j, site)| {
        let j = j % (s.tree().depth() + 1);
        let kind = match (j, site) {
            (0, true) => Kind::SingleSite { operator: s.tree().operators()? - 1 },
            (_, true) => Kind::MeetAt { height: j },
            (_, false) => Kind::Nearby { height: j },
        };
        Some((only(&one_window(&s).ok()?, kind).ok()?, a, j))
    })
}

/// Cases whose operators can be counted, of depth 1 at least.
fn countable() -> impl Strategy<Value = (Scenario, Architecture)> {
    scenario_and_architecture_with(ScenarioOptions::default().with_max_operators(4096.0)).prop_map(|(s, a)| {
        let tree = s.tree().clone();
        if tree.depth() > 0 {
            return (s, a);
        }
        let document = Scenario::document();
        let all = Architecture::full(document.tree());
        (document, all)
    })
}

/// One window, two equal sides `d` operators apart, and not so few orders that their pairs underflow.
fn apart(s: &Scenario, position: f64) -> Result<(Scenario, u64), TestCaseError> {
    let half = s.tree().size_f64(s.tree().depth()) / 2.0;
    let distance = ((position * half) as u64).max(1);
    let component = Component::new(Kind::CircleDistance { distance }, 1.0, 0.5)?;
    let scenario = changed(&one_window(s)?, |parts| parts.components = vec![component])?;
    Ok((scenario, distance))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nearby_orders_need_one_level((s, a, j) in nearby()) {
        nearby_needs_one_level(&s, &a, j, EXACT)?;
        nearby_needs_one_level(&s, &Architecture::full(s.tree()), j, EXACT)?;
    }

    #[test]
    fn nearby_orders_without_lower_latencies_lose_nothing((s, a, j) in nearby()) {
        let depth = s.tree().depth();
        let values: Vec<f64> = (0..=depth).map(|h| if h < j { 0.0 } else { latency_at(&s, h) }).collect();
        let quick = changed(&s, |parts| {
            parts.latency = LatencyModel::Table { values };
            parts.solving = 0.0;
        })?;
        nearby_needs_one_level(&quick, &a, j, EXACT)?;
        let tree = Architecture::new(quick.tree(), 0..=depth)?;
        let (all, local) = (ClosedForm::evaluate(&quick, &tree)?, ClosedForm::evaluate(&quick, &Architecture::local(quick.tree(), j)?)?);
        prop_assert_eq!(all.gross, local.gross);
    }

    #[test]
    fn nearby_orders_go_on_filling_in_longer_windows(
        (s, _) in countable(), j in 0u32..=12, ratio in 2u32..=5, exponent in 2.0..8.0
    ) {
        nearby_with_growing_windows(&s, j % (s.tree().depth() + 1), ratio, 10f64.powf(exponent), -0.5)?;
    }

    #[test]
    fn neighbours_need_the_tree((s, _) in countable(), position in prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0]) {
        let (scenario, distance) = apart(&s, position)?;
        circle_distance_needs_the_tree(&scenario, distance, EXACT)?;
    }
}

#[test]
fn rejects_nearby_orders_in_longer_windows() {
    // With r = 2 higher levels do fill.
    let longer = |(s, a, j): (Scenario, Architecture, u32)| {
        let longer = changed(&s, |parts| parts.period = PeriodModel::Ratio { base: 1.0, ratio: 2 })?;
        nearby_needs_one_level(&longer, &a, j, EXACT)
    };
    assert!(rejected(&nearby(), longer));
    assert!(rejected(&nearby(), |(s, a, j)| nearby_needs_one_level(&s, &a, j, &constant_filling_rate)));
}

#[test]
fn rejects_higher_levels_that_vanish_faster() {
    let cases = (countable(), 0u32..=12, 2u32..=5, 2.0..8.0);
    assert!(rejected(&cases, |((s, _), j, ratio, exponent)| {
        nearby_with_growing_windows(&s, j % (s.tree().depth() + 1), ratio, 10f64.powf(exponent), -1.0)
    }));
}

#[test]
fn rejects_neighbours_that_meet_in_their_pool() {
    let nearby = |s: &Scenario, a: &Architecture| {
        let component = Component::new(Kind::Nearby { height: 1 }, 1.0, 0.5)?;
        ClosedForm::evaluate(changed(s, |parts| parts.components = vec![component])?.model(), a)
    };
    assert!(rejected(&countable(), |(s, _)| {
        let (scenario, distance) = apart(&s, 0.0)?;
        circle_distance_needs_the_tree(&scenario, distance, &nearby)
    }));
}

// The ends of every range.

/// One operator: all architectures and all kinds of flow are the same pool of one, which sends itself one message.
fn depth_0(s: &Scenario, evaluate: Evaluate) -> TestCaseResult {
    let tree = s.tree().clone();
    let only_set = Architecture::global(&tree);
    prop_assert_eq!(&Architecture::full(&tree), &only_set);
    let kinds = [
        Kind::Uniform,
        Kind::MeetAt { height: 0 },
        Kind::Nearby { height: 0 },
        Kind::Opposite,
        Kind::SingleSite { operator: 0 },
    ];
    let alike: Vec<ClosedForm> = kinds
        .into_iter()
        .map(|kind| Ok(evaluate(&only(s, kind)?, &only_set)?))
        .collect::<Result<_, TestCaseError>>()?;
    for other in &alike[1..] {
        prop_assert_eq!(other, &alike[0]);
    }
    let pool = &alike[0].by_height[0];
    close("cost", alike[0].cost, s.cost_per_message() / pool.period, 1e-15)?;
    prop_assert_eq!(pool.offset, 0.0);
    let even = changed(s, |parts| {
        parts.components = vec![Component::new(Kind::Uniform, 1.0, 0.5).expect("a component")];
    })?;
    let (rate, assets) = (s.flow().rate(), f64::from(s.flow().assets()));
    let x = rate * pool.period / (assets * (assets - 1.0));
    let filled = filled_share(x)?;
    let welfare = evaluate(&even, &only_set)?;
    close("filled", welfare.filled_share, filled, 2e-13)?;
    close("gross", welfare.gross, s.utility_mean() * rate * filled * pool.expected_discount, 2e-13)
}

/// `X = 0`: without a second side nothing fills, exactly, and every message is wasted.
fn one_sided(s: &Scenario, a: &Architecture, side_share: f64, evaluate: Evaluate) -> TestCaseResult {
    let components = s.flow().components().iter().map(|c| Component::new(c.kind().clone(), c.share(), side_share));
    let components = components.collect::<pooltree::Result<Vec<_>>>()?;
    let welfare = evaluate(&changed(s, |parts| parts.components = components)?, a)?;
    for height in &welfare.by_height {
        prop_assert!(fills_nothing(height), "{height:?}");
    }
    prop_assert_eq!((welfare.gross, welfare.filled_share), (0.0, 0.0));
    prop_assert_eq!(welfare.net, -welfare.cost);
    within("unfilled", welfare.unfilled_share, 1.0, 1e-15)
}

/// `X → 1`: with many orders of two equal sides the lowest active height at which they meet fills all, and the welfare is
/// that of its discount.
fn thick(s: &Scenario, a: &Architecture, kind: Kind, meets_at: u32, evaluate: Evaluate) -> TestCaseResult {
    let even = Component::new(kind, 1.0, 0.5)?;
    let scenario = changed(s, |parts| {
        parts.components = vec![even];
        parts.rate = 1.0;
        parts.utility_mean = 1.0;
    })?;
    let scheduled = scenario.schedule(a)?;
    let Some(lowest) = scheduled.levels().iter().position(|level| level.height >= meets_at) else { return Ok(()) };
    let level = scheduled.levels()[lowest];
    let one = (classes(&scenario)[0].rate)(level.height) / 2.0 * level.period;
    let x = 1e16;
    let welfare = evaluate(&changed(&scenario, |parts| parts.rate = x / one)?, a)?;
    let rest = 1.0 / (PI * x).sqrt();
    let at = &welfare.by_height[lowest];
    within("filling rate", at.filling_rate, 1.0, 1.001 * rest)?;
    prop_assert!(at.filling_rate < 1.0);
    // What is left may still be filled above, at most at once.
    within("gross per order", welfare.gross_per_order, at.expected_discount, 1.001 * rest)
}

/// `β = 1`: time costs nothing, welfare is fills under every delay model.
fn patient(s: &Scenario, a: &Architecture) -> TestCaseResult {
    for delay in Delay::ALL {
        let patient = changed(s, |parts| {
            parts.discount = DiscountModel::Rate(0.0);
            parts.delay = delay;
        })?;
        let welfare = ClosedForm::evaluate(&patient, a)?;
        prop_assert!(welfare.by_height.iter().all(|height| height.expected_discount == 1.0));
        close("gross", welfare.gross, s.utility_mean() * s.flow().rate() * welfare.filled_share, 1e-14)?;
    }
    Ok(())
}

/// `β → 0`: only what is filled without any delay is worth anything; under `batched` it waits for its batch, and its worth
/// falls as `1/(T ln(1/β))`.
fn impatient(s: &Scenario, a: &Architecture, wait: &dyn Fn(f64, f64) -> f64) -> TestCaseResult {
    const DELTA: f64 = 1e100;
    let impatient = changed(s, |parts| parts.discount = DiscountModel::Rate(DELTA))?;
    let welfare = ClosedForm::evaluate(&impatient, a)?;
    let batched = s.timing().delay() == Delay::Batched;
    let at_once = welfare.by_height.iter().filter(|height| height.offset + height.latency == 0.0);
    let worth: f64 = at_once.map(|h| h.filled_share * if batched { wait(DELTA, h.period) } else { 1.0 }).sum();
    close("gross", welfare.gross, s.utility_mean() * s.flow().rate() * worth, 1e-14)?;
    let delayed = welfare.by_height.iter().all(|height| height.offset + height.latency > 0.0);
    prop_assert!(!delayed || welfare.gross == 0.0, "{}", welfare.gross);
    Ok(())
}

/// `Λ → 0`: an order alone is worth nothing; down to the smallest number there is.
fn lonely(s: &Scenario, a: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let longest = evaluate(s, a)?.by_height.last().map_or(1.0, |top| top.period);
    let mut before = f64::INFINITY;
    for orders in [1e-6, 1e-9, 1e-12, 1e-100, 1e-300, f64::MIN_POSITIVE, 1e-322, 5e-324] {
        // The smallest rate there is may still bring more orders in a long window.
        let rate = (orders / longest).max(5e-324);
        let alone = changed(s, |parts| {
            parts.rate = rate;
            parts.cost_per_message = 0.0; // a cost per order would overflow
        })?;
        let welfare = evaluate(&alone, a)?;
        let filled = welfare.filled_share;
        // Of the orders in the window, at most this many find another.
        let orders = (rate * longest).max(5e-324);
        prop_assert!((0.0..=orders).contains(&filled), "{filled:e} of {orders:e}");
        prop_assert!(filled <= before + UNDERFLOW, "{filled:e} > {before:e} of {orders:e}");
        within("unfilled", welfare.unfilled_share, 1.0, orders + 1e-15)?;
        // Welfare below the normal numbers has no digits left.
        let most = if welfare.gross < UNDERFLOW { f64::MAX } else { s.utility_mean() * filled * (1.0 + 1e-9) };
        prop_assert!((0.0..=most).contains(&welfare.gross_per_order), "{welfare:?}");
        before = filled;
    }
    Ok(())
}

/// Kinds whose classes all meet at one height.
fn meeting_at_one_height() -> impl Strategy<Value = (Scenario, Architecture, Kind, u32)> {
    (countable(), 0u32..=12, 0..4).prop_map(|((s, a), j, which)| {
        let j = j % (s.tree().depth() + 1);
        let (kind, meets_at) = match which {
            0 => (Kind::Uniform, 0),
            1 => (Kind::SingleSite { operator: 0 }, 0),
            2 => (Kind::Opposite, s.tree().depth()),
            _ => (Kind::MeetAt { height: j }, j),
        };
        (s, a, kind, meets_at)
    })
}

fn exact_wait(delta: f64, period: f64) -> f64 {
    1.0 / (delta * period)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_operator_is_one_pool((s, _) in scenario_and_architecture_with(ScenarioOptions::default().with_max_depth(0))) {
        depth_0(&s, EXACT)?;
        if !s.timing().period().depends_on_lower_heights() {
            let best = Search::new(&s)?.best()?;
            prop_assert_eq!(best.architecture.heights(), [0]);
        }
    }

    #[test]
    fn one_side_alone_fills_nothing((s, a) in scenario_and_architecture(), side_share in prop_oneof![Just(0.0), Just(1.0)]) {
        one_sided(&s, &a, side_share, EXACT)?;
    }

    #[test]
    fn many_orders_all_fill_where_they_meet((s, a, kind, meets_at) in meeting_at_one_height()) {
        thick(&s, &a, kind, meets_at, EXACT)?;
    }

    #[test]
    fn without_discount_only_fills_count((s, a) in scenario_and_architecture()) {
        patient(&s, &a)?;
    }

    #[test]
    fn with_all_discount_only_the_moment_counts((s, a) in scenario_and_architecture()) {
        impatient(&s, &a, &exact_wait)?;
    }

    #[test]
    fn an_order_alone_is_worth_nothing((s, a) in scenario_and_architecture()) {
        lonely(&s, &a, EXACT)?;
    }
}

#[test]
fn rejects_waits_that_cost_nothing_or_everything() {
    assert!(rejected(&scenario_and_architecture(), |(s, a)| impatient(&s, &a, &|_, _| 1.0)));
    assert!(
        rejected(&scenario_and_architecture(), |(s, a)| impatient(&s, &a, &|delta, period| (delta * period).powi(-2)))
    );
    assert!(rejected(&scenario_and_architecture(), |(s, a)| impatient(&s, &a, &|_, _| 0.0)));
}

#[test]
fn rejects_constant_filling_rates_at_the_ends() {
    assert!(rejected(&scenario_and_architecture(), |(s, a)| one_sided(&s, &a, 0.0, &constant_filling_rate)));
    assert!(rejected(&scenario_and_architecture(), |(s, a)| lonely(&s, &a, &constant_filling_rate)));
    assert!(rejected(&meeting_at_one_height(), |(s, a, kind, at)| thick(&s, &a, kind, at, &constant_filling_rate)));
}

/// Shares that add up to one rounding above 1 leave no share above 1.
#[test]
fn shares_of_awkward_components_stay_below_one() {
    let component = |kind, share, side| Component::new(kind, share, side).unwrap();
    let s = changed(&Scenario::document(), |parts| {
        parts.components = vec![
            component(Kind::SingleSite { operator: 0 }, 0.609_656_412_747_137_4, 0.0),
            component(Kind::Uniform, 2.453_229_199_873_647e-12, 0.5),
            component(Kind::CircleDistance { distance: 3 }, 0.390_343_587_247_956_2, 0.5),
            component(Kind::Uniform, 2.453_229_199_873_647e-12, 0.5),
        ];
        parts.period = PeriodModel::Ratio { base: 1e-12, ratio: 1 };
    });
    let welfare = ClosedForm::evaluate(&s.unwrap(), &Architecture::new(Scenario::document().tree(), [0]).unwrap());
    assert!(welfare.is_ok_and(|w| w.unfilled_share <= 1.0 && w.unfilled_share > 0.999_999));
}
