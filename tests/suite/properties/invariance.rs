//! What a scenario may be called without changing: units, names, order, and the ways to write the same flow.

use super::support::{EXACT, Evaluate, UNDERFLOW, changed, close, config, fixed_periods, rejected, within};
use pooltree::pool_tree::DiscountModel;
use pooltree::pool_tree::{Architecture, Component, Kind};
use pooltree::strategies::{ScenarioOptions, scenario_and_architecture, scenario_and_architecture_with};
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Shares of two evaluations agree, height by height: to `relative`, or to that part of all that is filled.
fn same_shares(found: &ClosedForm, expected: &ClosedForm, relative: f64) -> TestCaseResult {
    prop_assert_eq!(found.by_height.len(), expected.by_height.len());
    close("filled share", found.filled_share, expected.filled_share, relative)?;
    close("unfilled share", found.unfilled_share, expected.unfilled_share, relative)?;
    for (a, b) in found.by_height.iter().zip(&expected.by_height) {
        within("filled at a height", a.filled_share, b.filled_share, relative * expected.filled_share + UNDERFLOW)?;
    }
    Ok(())
}

/// Shares and welfare per order agree. What a height fills is a difference, known to a part of all that is filled.
fn same_per_order(s: &Scenario, found: &ClosedForm, expected: &ClosedForm, relative: f64) -> TestCaseResult {
    same_shares(found, expected, relative)?;
    let worth: f64 = expected.by_height.iter().map(|height| height.expected_discount).fold(0.0, f64::max);
    let error = relative * s.utility_mean() * expected.filled_share * worth;
    within("gross per order", found.gross_per_order, expected.gross_per_order, error + UNDERFLOW)
}

/// Measured in units of time `1/c` as long, all times are `c` times as many and all rates `c` times as few.
fn time_unit(s: &Scenario, a: &Architecture, c: f64, relative: f64, evaluate: Evaluate) -> TestCaseResult {
    let delta = -s.discount().ln_factor();
    let here = changed(s, |parts| parts.discount = DiscountModel::Rate(delta))?;
    let there = changed(s, |parts| {
        parts.rate /= c;
        parts.scale_latencies(c);
        parts.scale_periods(c);
        parts.discount = DiscountModel::Rate(delta / c);
    })?;
    let (here, there) = (evaluate(&here, a)?, evaluate(&there, a)?);
    same_shares(&there, &here, relative)?;
    close("cost", there.cost * c, here.cost, relative)?;
    let mut error = UNDERFLOW;
    for (x, y) in there.by_height.iter().zip(&here.by_height) {
        close("latency", x.latency, y.latency * c, relative)?;
        close("period", x.period, y.period * c, relative)?;
        // An exponent that is rounded makes its exponential wrong by as much as the exponent is large.
        let exponent = (delta * (y.offset + y.latency)).min(746.0);
        let relative = if relative == 0.0 { 0.0 } else { relative + 8.0 * f64::EPSILON * exponent };
        close("discount", x.expected_discount, y.expected_discount, relative)?;
        // What a height fills is a difference, known to a part of all that is filled.
        let worth = s.utility_mean() * s.flow().rate() * here.filled_share * y.expected_discount;
        within("gross at a height", x.gross * c, y.gross, relative * worth + UNDERFLOW)?;
        error += relative * worth;
    }
    within("gross", there.gross * c, here.gross, error)
}

/// Utility and cost in another currency.
fn money_unit(s: &Scenario, a: &Architecture, c: f64, evaluate: Evaluate) -> TestCaseResult {
    let there = changed(s, |parts| {
        parts.utility_mean *= c;
        parts.cost_per_message *= c;
    })?;
    let (here, there) = (evaluate(s, a)?, evaluate(&there, a)?);
    same_shares(&there, &here, 0.0)?;
    // c is a power of two: nothing is rounded.
    close("gross", there.gross, c * here.gross, 0.0)?;
    close("cost", there.cost, c * here.cost, 0.0)?;
    close("net", there.net, c * here.net, 0.0)
}

/// The order of the components means nothing.
fn permutation(s: &Scenario, a: &Architecture, components: Vec<Component>, evaluate: Evaluate) -> TestCaseResult {
    let other = changed(s, |parts| parts.components = components)?;
    same_per_order(s, &evaluate(&other, a)?, &evaluate(s, a)?, 1e-14)
}

/// Each component written as `n` of a `share/n`: other classes, in which orders do not meet those of this one.
fn copies(components: &[Component], n: usize) -> Result<Vec<Component>, TestCaseError> {
    let copy = |c: &Component| Component::new(c.kind().clone(), c.share() / n as f64, c.side_share());
    Ok(components.iter().flat_map(|c| vec![copy(c); n]).collect::<Result<_, _>>()?)
}

/// `n` copies of the same flow side by side are each the flow again.
fn side_by_side(s: &Scenario, a: &Architecture, n: usize, evaluate: Evaluate) -> TestCaseResult {
    let components = copies(s.flow().components(), n)?;
    let other = changed(s, |parts| {
        parts.components = components;
        parts.rate *= n as f64;
    })?;
    same_per_order(s, &evaluate(&other, a)?, &evaluate(s, a)?, 1e-12)
}

/// `a` assets are `a(a-1)/2` pairs, each a flow of its own.
fn assets_are_pairs(s: &Scenario, a: &Architecture, assets: u32, evaluate: Evaluate) -> TestCaseResult {
    let many = changed(s, |parts| parts.assets = assets)?;
    let components = copies(s.flow().components(), (assets * (assets - 1) / 2) as usize)?;
    let pairs = changed(s, |parts| {
        parts.assets = 2;
        parts.components = components;
    })?;
    same_per_order(s, &evaluate(&many, a)?, &evaluate(&pairs, a)?, 1e-12)
}

/// The first component in two parts `p` and `1 - p`.
fn split(s: &Scenario, p: f64) -> pooltree::Result<Scenario> {
    let first = s.flow().components()[0].clone();
    let part = |p: f64| Component::new(first.kind().clone(), first.share() * p, first.side_share());
    let (one, two) = (part(p)?, part(1.0 - p)?);
    changed(s, |parts| {
        parts.components[0] = one;
        parts.components.push(two);
    })
}

/// Orders that are kept apart meet no more often than orders that are not; they meet as often where there was no order
/// on one side anyway, where nothing is split off, and where no counterpart can be met at all.
fn splitting(s: &Scenario, a: &Architecture, p: f64, evaluate: Evaluate) -> TestCaseResult {
    let (whole, parts) = (evaluate(s, a)?, evaluate(&split(s, p)?, a)?);
    prop_assert!(
        parts.filled_share <= whole.filled_share * (1.0 + 2e-13) + UNDERFLOW,
        "{:e} > {:e}",
        parts.filled_share,
        whole.filled_share
    );
    prop_assert!(parts.unfilled_share >= whole.unfilled_share * (1.0 - 2e-13));
    let one_sided = [0.0, 1.0].contains(&s.flow().components()[0].side_share());
    if p == 0.0 || p == 1.0 || one_sided {
        same_per_order(s, &parts, &whole, 1e-12)?;
    }
    Ok(())
}

/// The property that splitting is *not*: no change at all.
fn splitting_changes_nothing(s: &Scenario, a: &Architecture, p: f64, evaluate: Evaluate) -> TestCaseResult {
    same_per_order(s, &evaluate(&split(s, p)?, a)?, &evaluate(s, a)?, 1e-12)
}

/// `nearby` and `opposite` are names for `meet-at`, and all operators of `single-site` are alike.
fn names(s: &Scenario, a: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let depth = s.tree().depth();
    let renamed = s.flow().components().iter().map(|c| {
        let kind = match c.kind().clone() {
            Kind::MeetAt { height } if height == depth => Kind::Opposite,
            Kind::MeetAt { height } => Kind::Nearby { height },
            Kind::Nearby { height } => Kind::MeetAt { height },
            Kind::Opposite => Kind::MeetAt { height: depth },
            Kind::SingleSite { operator } => Kind::SingleSite { operator: operator / 2 },
            other => other,
        };
        Component::new(kind, c.share(), c.side_share())
    });
    let renamed = renamed.collect::<Result<Vec<_>, _>>()?;
    let other = changed(s, |parts| parts.components = renamed)?;
    prop_assert_eq!(evaluate(&other, a)?, evaluate(s, a)?);
    Ok(())
}

/// Which side is the first is a convention.
fn sides(s: &Scenario, a: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    // From 1/2 on, 1 - s is exact.
    let larger = |c: &Component| c.side_share().max(1.0 - c.side_share());
    let with = |side: &dyn Fn(&Component) -> f64| -> Result<Scenario, TestCaseError> {
        let components = s.flow().components().iter().map(|c| Component::new(c.kind().clone(), c.share(), side(c)));
        let components = components.collect::<Result<Vec<_>, _>>()?;
        Ok(changed(s, |parts| parts.components = components)?)
    };
    let (one, other) = (with(&larger)?, with(&|c| 1.0 - larger(c))?);
    prop_assert_eq!(evaluate(&one, a)?, evaluate(&other, a)?);
    Ok(())
}

/// `scale-free` is the mixture of `meet-at` with shares `∝ (γ^j - γ^(j-1)) γ^(-s j)`.
fn scale_free_is_a_mixture(s: &Scenario, a: &Architecture, exponent: f64, evaluate: Evaluate) -> TestCaseResult {
    let depth = s.tree().depth();
    if depth == 0 {
        return Ok(());
    }
    let arity = f64::from(s.tree().arity());
    let weight = |j: u32| (arity.powi(j as i32) - arity.powi(j as i32 - 1)) * arity.powf(-exponent * f64::from(j));
    let total: f64 = (1..=depth).map(weight).sum();
    let first = s.flow().components()[0].clone();
    let part = |kind: Kind, part: f64| Component::new(kind, first.share() * part, first.side_share());
    let name = part(Kind::ScaleFree { exponent }, 1.0)?;
    let mixture =
        (1..=depth).map(|j| part(Kind::MeetAt { height: j }, weight(j) / total)).collect::<Result<Vec<_>, _>>()?;
    let named = changed(s, |parts| parts.components[0] = name)?;
    let mixed = changed(s, |parts| {
        parts.components.splice(0..1, mixture);
    })?;
    same_per_order(s, &evaluate(&named, a)?, &evaluate(&mixed, a)?, 1e-12)
}

fn power_of_two() -> impl Strategy<Value = f64> {
    (-20i32..=20).prop_map(|n| 2f64.powi(n))
}

fn any_factor() -> impl Strategy<Value = f64> {
    prop_oneof![Just(60.0), Just(1e-3), (-6.0..6.0).prop_map(|e| 10f64.powf(e))]
}

/// A part of 0, of 1, or in between.
fn part() -> impl Strategy<Value = f64> {
    prop_oneof![2 => Just(0.5), 1 => Just(0.0), 1 => Just(1.0), 2 => 0.0..=1.0]
}

/// Cases with the components of the flow shuffled.
fn shuffled() -> impl Strategy<Value = ((Scenario, Architecture), Vec<Component>)> {
    scenario_and_architecture().prop_flat_map(|(s, a)| {
        let components = s.flow().components().to_vec();
        (Just((s, a)), Just(components).prop_shuffle())
    })
}

/// Cases whose flow is repeated many times: fewer levels.
fn shallow() -> impl Strategy<Value = (Scenario, Architecture)> {
    scenario_and_architecture_with(ScenarioOptions::default().with_max_depth(6))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn doubling_the_unit_of_time_changes_no_bit((s, a) in scenario_and_architecture(), c in power_of_two()) {
        time_unit(&s, &a, c, 0.0, EXACT)?;
    }

    // Back to back a period is a whole number of shorter ones, which rounding may make one more or less: the powers of two
    // above check that.
    #[test]
    fn the_unit_of_time_is_free((s, a) in fixed_periods(scenario_and_architecture()), c in any_factor()) {
        time_unit(&s, &a, c, 1e-12, EXACT)?;
    }

    #[test]
    fn the_unit_of_utility_is_free((s, a) in scenario_and_architecture(), c in power_of_two()) {
        money_unit(&s, &a, c, EXACT)?;
    }

    #[test]
    fn components_may_be_permuted(((s, a), components) in shuffled()) {
        permutation(&s, &a, components, EXACT)?;
    }

    #[test]
    fn n_flows_side_by_side_are_each_the_flow((s, a) in shallow(), n in 1usize..=12) {
        side_by_side(&s, &a, n, EXACT)?;
    }

    #[test]
    fn assets_are_pairs_of_assets((s, a) in shallow(), assets in 2u32..=6) {
        assets_are_pairs(&s, &a, assets, EXACT)?;
    }

    #[test]
    fn keeping_orders_apart_never_helps((s, a) in scenario_and_architecture(), p in part()) {
        splitting(&s, &a, p, EXACT)?;
    }

    #[test]
    fn nearby_and_opposite_are_meet_at((s, a) in scenario_and_architecture()) {
        names(&s, &a, EXACT)?;
    }

    #[test]
    fn the_first_side_is_a_convention((s, a) in scenario_and_architecture()) {
        sides(&s, &a, EXACT)?;
    }

    #[test]
    fn scale_free_is_a_mixture_of_meet_at((s, a) in scenario_and_architecture(), exponent in -3.0..3.0) {
        scale_free_is_a_mixture(&s, &a, exponent, EXACT)?;
    }
}

#[test]
fn rejects_welfare_that_knows_its_unit_of_time() {
    // A discount of one step a height, whatever the latency.
    let steps = |s: &Scenario, a: &Architecture| {
        let mut welfare = ClosedForm::evaluate(s, a)?;
        welfare.by_height.iter_mut().for_each(|h| h.expected_discount = s.discount().after(f64::from(h.height)));
        Ok(welfare)
    };
    let cases = (scenario_and_architecture(), power_of_two());
    assert!(rejected(&cases, |((s, a), c)| time_unit(&s, &a, c, 0.0, &steps)));
    // Gross welfare per window instead of per unit time.
    let per_window = |s: &Scenario, a: &Architecture| {
        let mut welfare = ClosedForm::evaluate(s, a)?;
        welfare.gross *= welfare.by_height[0].period;
        Ok(welfare)
    };
    assert!(rejected(&cases, |((s, a), c)| time_unit(&s, &a, c, 1e-12, &per_window)));
}

#[test]
fn rejects_a_flow_of_which_only_the_first_component_counts() {
    let first = |s: &Scenario, a: &Architecture| {
        let alone =
            Component::new(s.flow().components()[0].kind().clone(), 1.0, s.flow().components()[0].side_share())?;
        ClosedForm::evaluate(changed(s, |parts| parts.components = vec![alone])?.model(), a)
    };
    assert!(rejected(&shuffled(), |((s, a), components)| permutation(&s, &a, components, &first)));
    assert!(rejected(&(shallow(), 0.0..3.0), |((s, a), e)| scale_free_is_a_mixture(&s, &a, e, &first)));
}

#[test]
fn rejects_splitting_without_consequence() {
    let cases = (scenario_and_architecture(), part());
    assert!(rejected(&cases, |((s, a), p)| splitting_changes_nothing(&s, &a, p, EXACT)));
}

#[test]
fn rejects_assets_that_all_match_each_other() {
    let one_pair =
        |s: &Scenario, a: &Architecture| ClosedForm::evaluate(changed(s, |parts| parts.assets = 2)?.model(), a);
    assert!(rejected(&(shallow(), 3u32..=6), |((s, a), assets)| assets_are_pairs(&s, &a, assets, &one_pair)));
}

#[test]
fn rejects_opposite_below_the_root() {
    let one_lower = |s: &Scenario, a: &Architecture| {
        let lower = |c: &Component| {
            let height = s.tree().depth().saturating_sub(1);
            let kind = if c.kind().clone() == Kind::Opposite { Kind::MeetAt { height } } else { c.kind().clone() };
            Component::new(kind, c.share(), c.side_share())
        };
        let components = s.flow().components().iter().map(lower).collect::<Result<_, _>>()?;
        ClosedForm::evaluate(changed(s, |parts| parts.components = components)?.model(), a)
    };
    assert!(rejected(&scenario_and_architecture(), |(s, a)| names(&s, &a, &one_lower)));
}
