//! Shares, discounts, welfare and cost: what holds for every scenario and architecture.

use super::support::{EXACT, Evaluate, UNDERFLOW, changed, close, config, fixed_periods, rejected, within};
use pooltree::pool_tree::DiscountModel;
use pooltree::pool_tree::{Architecture, Delay, PeriodModel};
use pooltree::strategies::{discount, scenario_and_architecture};
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// What the kernels promise: relative error of a filled and of an unfilled share.
const KERNEL: f64 = 1e-13;

/// Filled at some height or unfilled: that is all of the orders.
fn shares_are_all(scenario: &Scenario, architecture: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let welfare = evaluate(scenario, architecture)?;
    let filled: f64 = welfare.by_height.iter().map(|height| height.filled_share).sum();
    within("shares by height and the unfilled rest", filled + welfare.unfilled_share, 1.0, 1e-13)?;
    within("the filled share and the unfilled rest", welfare.filled_share + welfare.unfilled_share, 1.0, 1e-13)
}

/// Shares, filling rates and discounts are shares.
fn shares_are_shares(scenario: &Scenario, architecture: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let welfare = evaluate(scenario, architecture)?;
    for height in &welfare.by_height {
        for share in [height.filling_rate, height.filled_share, height.expected_discount] {
            prop_assert!((0.0..=1.0).contains(&share), "{height:?}");
        }
        prop_assert!(height.gross >= 0.0 && height.cost >= 0.0, "{height:?}");
    }
    for share in [welfare.filled_share, welfare.unfilled_share] {
        prop_assert!((0.0..=1.0).contains(&share), "{welfare:?}");
    }
    Ok(())
}

/// Totals are the sums over the heights, net is what is left of gross.
fn totals_add_up(scenario: &Scenario, architecture: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let welfare = evaluate(scenario, architecture)?;
    let sum = |part: &dyn Fn(&pooltree::pool_tree::closed_form::HeightWelfare) -> f64| -> f64 {
        welfare.by_height.iter().map(part).sum()
    };
    prop_assert_eq!(welfare.net, welfare.gross - welfare.cost);
    close("gross", welfare.gross, sum(&|height| height.gross), 1e-14)?;
    close("cost", welfare.cost, sum(&|height| height.cost), 1e-14)?;
    close("gross per order", welfare.gross_per_order * scenario.flow().rate(), welfare.gross, 1e-14)?;
    let heights: Vec<u32> = welfare.by_height.iter().map(|height| height.height).collect();
    prop_assert_eq!(heights, architecture.heights());
    Ok(())
}

/// A filling rate is what the auction fills of what reaches it.
fn filling_rates_are_of_what_arrives(
    scenario: &Scenario,
    architecture: &Architecture,
    evaluate: Evaluate,
) -> TestCaseResult {
    let mut reaching = 1.0;
    for height in evaluate(scenario, architecture)?.by_height {
        // What is left is known up to the rounding of what has been subtracted.
        within("filled", height.filling_rate * reaching, height.filled_share, 1e-13)?;
        reaching -= height.filled_share;
    }
    Ok(())
}

/// Patience is worth something: a larger `β` never lowers gross welfare.
fn monotone_in_discount(
    scenario: &Scenario,
    architecture: &Architecture,
    other: DiscountModel,
    evaluate: Evaluate,
) -> TestCaseResult {
    let otherwise = changed(scenario, |parts| parts.discount = other)?;
    let (mut low, mut high) = (scenario, &otherwise);
    if low.discount().ln_factor() > high.discount().ln_factor() {
        (low, high) = (high, low);
    }
    let (low, high) = (evaluate(low, architecture)?, evaluate(high, architecture)?);
    // The discounts are exact to a few units in the last place each.
    prop_assert!(low.gross <= high.gross * (1.0 + 16.0 * f64::EPSILON), "{:e} > {:e}", low.gross, high.gross);
    prop_assert_eq!(low.filled_share, high.filled_share);
    Ok(())
}

/// More orders in a batch find more counterparts.
fn filled_share_rises(poor: &ClosedForm, rich: &ClosedForm) -> TestCaseResult {
    prop_assert!(
        rich.filled_share >= poor.filled_share * (1.0 - 2.0 * KERNEL) - UNDERFLOW,
        "{:e} < {:e}",
        rich.filled_share,
        poor.filled_share
    );
    prop_assert!(
        rich.unfilled_share <= poor.unfilled_share * (1.0 + 2.0 * KERNEL),
        "{:e} > {:e}",
        rich.unfilled_share,
        poor.unfilled_share
    );
    Ok(())
}

fn monotone_in_rate(
    scenario: &Scenario,
    architecture: &Architecture,
    factor: f64,
    evaluate: Evaluate,
) -> TestCaseResult {
    let richer = changed(scenario, |parts| parts.rate *= factor)?;
    filled_share_rises(&evaluate(scenario, architecture)?, &evaluate(&richer, architecture)?)
}

fn monotone_in_period(
    scenario: &Scenario,
    architecture: &Architecture,
    factor: f64,
    evaluate: Evaluate,
) -> TestCaseResult {
    let longer = changed(scenario, |parts| parts.scale_periods(factor))?;
    filled_share_rises(&evaluate(scenario, architecture)?, &evaluate(&longer, architecture)?)
}

/// Matching one to one never changes an imbalance: what the lower auctions did cannot be seen at the top.
fn top_decides(scenario: &Scenario, architecture: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let top = architecture.heights().last().copied();
    let alone = evaluate(scenario, &Architecture::new(scenario.tree(), top)?)?;
    let all = evaluate(scenario, architecture)?;
    close("filled up to the top", all.filled_share, alone.filled_share, 2.0 * KERNEL)?;
    prop_assert_eq!(all.unfilled_share, alone.unfilled_share);
    Ok(())
}

/// `κ Σ_{h ∈ A} γ^(k-h) γ^(2h) / T_h`: one message from everyone to everyone in every auction.
fn cost_counts_messages(scenario: &Scenario, architecture: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let tree = scenario.tree();
    let welfare = evaluate(scenario, architecture)?;
    for height in &welfare.by_height {
        let pools = tree.size_f64(tree.depth() - height.height);
        let messages = tree.size_f64(height.height).powi(2);
        close("cost", height.cost, scenario.cost_per_message() * pools * messages / height.period, 1e-14)?;
    }
    let dearer = changed(scenario, |parts| parts.cost_per_message *= 3.0)?;
    let dearer = evaluate(&dearer, architecture)?;
    close("three times the cost", dearer.cost, 3.0 * welfare.cost, 1e-14)?;
    prop_assert_eq!(dearer.gross, welfare.gross);
    Ok(())
}

/// Gross welfare is linear in the mean utility.
fn linear_in_utility(
    scenario: &Scenario,
    architecture: &Architecture,
    factor: f64,
    evaluate: Evaluate,
) -> TestCaseResult {
    let richer = changed(scenario, |parts| parts.utility_mean *= factor)?;
    let none = changed(scenario, |parts| parts.utility_mean = 0.0)?;
    let (welfare, richer) = (evaluate(scenario, architecture)?, evaluate(&richer, architecture)?);
    close("gross", richer.gross, factor * welfare.gross, 1e-14)?;
    prop_assert_eq!(evaluate(&none, architecture)?.gross, 0.0);
    Ok(())
}

/// At `β = 1` welfare is fills.
fn without_discount(scenario: &Scenario, architecture: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let patient = changed(scenario, |parts| parts.discount = DiscountModel::Factor(1.0))?;
    let welfare = evaluate(&patient, architecture)?;
    let fills = patient.utility_mean() * patient.flow().rate() * welfare.filled_share;
    close("gross", welfare.gross, fills, 1e-14)
}

/// Each delay model counts more than the one before.
fn delays_are_ordered(scenario: &Scenario, architecture: &Architecture, evaluate: Evaluate) -> TestCaseResult {
    let gross = |delay: Delay| -> Result<f64, TestCaseError> {
        Ok(evaluate(&changed(scenario, |parts| parts.delay = delay)?, architecture)?.gross)
    };
    let [idealised, cumulative, batched] =
        [gross(Delay::Idealised)?, gross(Delay::Cumulative)?, gross(Delay::Batched)?];
    prop_assert!(idealised >= cumulative && cumulative >= batched, "{idealised} {cumulative} {batched}");
    Ok(())
}

/// A factor from 1 to 1e6.
fn factor() -> impl Strategy<Value = f64> {
    prop_oneof![Just(2.0), Just(1.0 + 1e-9), (0.0..6.0).prop_map(|e| 10f64.powf(e))]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn shares_by_height_and_unfilled_rest_are_all((s, a) in scenario_and_architecture()) {
        shares_are_all(&s, &a, EXACT)?;
    }

    #[test]
    fn shares_lie_between_0_and_1((s, a) in scenario_and_architecture()) {
        shares_are_shares(&s, &a, EXACT)?;
    }

    #[test]
    fn totals_are_sums((s, a) in scenario_and_architecture()) {
        totals_add_up(&s, &a, EXACT)?;
    }

    #[test]
    fn filling_rates_times_arrivals_are_fills((s, a) in scenario_and_architecture()) {
        filling_rates_are_of_what_arrives(&s, &a, EXACT)?;
    }

    #[test]
    fn gross_never_falls_with_the_discount_factor((s, a) in scenario_and_architecture(), other in discount()) {
        monotone_in_discount(&s, &a, other.model(), EXACT)?;
    }

    #[test]
    fn gross_is_linear_in_utility((s, a) in scenario_and_architecture(), c in factor()) {
        linear_in_utility(&s, &a, c, EXACT)?;
    }

    #[test]
    fn filled_share_never_falls_with_the_rate((s, a) in scenario_and_architecture(), c in factor()) {
        monotone_in_rate(&s, &a, c, EXACT)?;
    }

    #[test]
    fn filled_share_never_falls_with_the_periods((s, a) in fixed_periods(scenario_and_architecture()), c in factor()) {
        monotone_in_period(&s, &a, c, EXACT)?;
    }

    #[test]
    fn lower_heights_do_not_change_what_is_filled((s, a) in fixed_periods(scenario_and_architecture())) {
        top_decides(&s, &a, EXACT)?;
    }

    #[test]
    fn cost_is_messages_times_their_price((s, a) in scenario_and_architecture()) {
        cost_counts_messages(&s, &a, EXACT)?;
    }

    #[test]
    fn without_discount_welfare_is_fills((s, a) in scenario_and_architecture()) {
        without_discount(&s, &a, EXACT)?;
    }

    #[test]
    fn every_further_delay_costs((s, a) in scenario_and_architecture()) {
        delays_are_ordered(&s, &a, EXACT)?;
    }
}

/// A closed form with something wrong.
fn wrong(
    spoil: impl Fn(&Scenario, &mut ClosedForm),
) -> impl Fn(&Scenario, &Architecture) -> pooltree::Result<ClosedForm> {
    move |scenario, architecture| {
        let mut welfare = ClosedForm::evaluate(scenario, architecture)?;
        spoil(scenario, &mut welfare);
        Ok(welfare)
    }
}

#[test]
fn rejects_an_unfilled_rest_of_the_lowest_level() {
    let first = wrong(|_, w| w.unfilled_share = 1.0 - w.by_height[0].filled_share);
    assert!(rejected(&scenario_and_architecture(), |(s, a)| shares_are_all(&s, &a, &first)));
}

#[test]
fn rejects_filling_rates_of_all_orders() {
    let of_all = wrong(|_, w| w.by_height.iter_mut().for_each(|h| h.filling_rate = h.filled_share));
    assert!(rejected(&scenario_and_architecture(), |(s, a)| filling_rates_are_of_what_arrives(&s, &a, &of_all)));
}

#[test]
fn rejects_a_discount_of_the_wrong_sign() {
    let grown = wrong(|_, w| w.by_height.iter_mut().for_each(|h| h.expected_discount = h.expected_discount.recip()));
    assert!(rejected(&scenario_and_architecture(), |(s, a)| shares_are_shares(&s, &a, &grown)));
    let gained = wrong(|s, w| w.gross *= (-s.discount().ln_factor()).min(1.0));
    let cases = (scenario_and_architecture(), discount());
    assert!(rejected(&cases, |((s, a), other)| monotone_in_discount(&s, &a, other.model(), &gained)));
}

#[test]
fn rejects_linear_messages() {
    // m messages in a pool of m instead of m².
    let linear = wrong(|s, w| w.by_height.iter_mut().for_each(|h| h.cost /= s.tree().size_f64(h.height)));
    assert!(rejected(&scenario_and_architecture(), |(s, a)| cost_counts_messages(&s, &a, &linear)));
}

#[test]
fn rejects_a_constant_filling_rate() {
    // The back-of-the-envelope model: every auction fills half of what reaches it.
    let constant = wrong(|_, w| {
        let mut left = 1.0;
        for height in &mut w.by_height {
            height.filled_share = 0.5 * left;
            left -= height.filled_share;
        }
        (w.filled_share, w.unfilled_share) = (1.0 - left, left);
    });
    let cases = fixed_periods(scenario_and_architecture());
    assert!(rejected(&cases, |(s, a)| top_decides(&s, &a, &constant)));
}

#[test]
fn rejects_fills_that_fall_with_the_rate() {
    let crowded = wrong(|s, w| {
        w.filled_share /= 1.0 + s.flow().rate();
        w.unfilled_share = 1.0 - w.filled_share;
    });
    let cases = (scenario_and_architecture(), factor());
    assert!(rejected(&cases, |((s, a), c)| monotone_in_rate(&s, &a, c, &crowded)));
}

#[test]
fn rejects_a_wait_that_is_not_discounted() {
    let no_wait = |s: &Scenario, a: &Architecture| {
        let mut welfare = ClosedForm::evaluate(s, a)?;
        if s.timing().delay() == Delay::Batched {
            welfare.gross *= 1.0 + welfare.by_height[0].period;
        }
        Ok(welfare)
    };
    assert!(rejected(&scenario_and_architecture(), |(s, a)| delays_are_ordered(&s, &a, &no_wait)));
    assert!(rejected(&scenario_and_architecture(), |(s, a)| without_discount(&s, &a, &no_wait)));
}

/// The one case where a longer window lets lower auctions take from higher ones: back to back the periods depend on the
/// heights, and with them what is filled up to the top.
#[test]
fn back_to_back_the_lower_heights_do_matter() {
    let scenario: Scenario = r#"
        tree = { arity = 2, depth = 1 }
        flow.rate = 4.0
        timing = { latency = { model = "table", values = [0.75, 1.0] }, period = { model = "back-to-back" }, delay = "batched" }
        discount.factor = 0.5
    "#
    .parse()
    .expect("a valid scenario");
    assert!(matches!(scenario.timing().period().model(), PeriodModel::BackToBack));
    let both = Architecture::new(scenario.tree(), [0, 1]).expect("both heights");
    assert!(top_decides(&scenario, &both, EXACT).is_err());
}
