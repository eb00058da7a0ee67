//! Properties of the exact routes over random climbs.

use super::{climb, counting, discount, duration, factor, level, level as level_of, rate, tree};
use crate::properties::support::{close, config, rejected, within};
use pooltree::constant_filling::DelayCounting::{Cumulative, Own};
use pooltree::constant_filling::closed_form::evaluate;
use pooltree::constant_filling::compare::Comparison;
use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, Outcome, chain};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::pool_tree::{Discount, DiscountModel};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// All numbers of two outcomes agree.
fn same(found: &Outcome, expected: &Outcome) -> TestCaseResult {
    close("welfare", found.welfare, expected.welfare, 1e-13)?;
    within("variance", found.variance, expected.variance, 1e-13)?;
    close("filled", found.filled_share, expected.filled_share, 1e-13)?;
    close("expired", found.expired_share, expected.expired_share, 1e-13)?;
    close("waiting", found.waiting_share, expected.waiting_share, 1e-13)?;
    close("auctions", found.auctions, expected.auctions, 1e-13)?;
    close("delay", found.delay, expected.delay, 1e-13)?;
    for (found, expected) in found.by_level.iter().zip(&expected.by_level) {
        close("level, reaching", found.reaching_share, expected.reaching_share, 1e-13)?;
        close("level, filled", found.filled_share, expected.filled_share, 1e-13)?;
        close("level, welfare", found.welfare, expected.welfare, 1e-13)?;
        close("level, auctions", found.auctions, expected.auctions, 1e-13)?;
        close("level, delay", found.delay, expected.delay, 1e-13)?;
    }
    Ok(())
}

/// `by_formula` is what the matrix says.
fn formula_is_matrix(climb: &Climb, by_formula: &dyn Fn(&Climb) -> Outcome) -> TestCaseResult {
    same(&by_formula(climb), &chain::solve(climb).unwrap())
}

#[test]
fn rejects_wrong_formulas() {
    let other_delay = |climb: &Climb| {
        let other = if climb.delay() == Own { Cumulative } else { Own };
        evaluate(&Climb::new(climb.levels().to_vec(), other, *climb.discount()).unwrap())
    };
    let one_attempt_less = |climb: &Climb| {
        let less = |level: &ClimbLevel| match level.attempts {
            Attempts::Limited(n) if n > 1 => ClimbLevel { attempts: Attempts::Limited(n - 1), ..*level },
            _ => *level,
        };
        let levels = climb.levels().iter().map(less).collect();
        evaluate(&Climb::new(levels, climb.delay(), *climb.discount()).unwrap())
    };
    let slower = |climb: &Climb| {
        let mut levels = climb.levels().to_vec();
        levels.iter_mut().for_each(|level| level.duration *= 1.0 + 1e-9);
        evaluate(&Climb::new(levels, climb.delay(), *climb.discount()).unwrap())
    };
    type Formula<'a> = &'a dyn Fn(&Climb) -> Outcome;
    let wrong: [(&str, Formula); 3] = [
        ("the other delay", &other_delay),
        ("one attempt less", &one_attempt_less),
        ("durations off by 1e-9", &slower),
    ];
    for (what, by_formula) in wrong {
        assert!(rejected(&climb(12), |climb| formula_is_matrix(&climb, by_formula)), "{what} passes");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sum_is_matrix(climb in climb(12)) {
        formula_is_matrix(&climb, &evaluate)?;
    }

    #[test]
    fn shares_sum_to_one(climb in climb(u64::MAX >> 8)) {
        let outcome = evaluate(&climb);
        within("shares", outcome.filled_share + outcome.expired_share + outcome.waiting_share, 1.0, 1e-14)?;
        prop_assert!((0.0..=1.0 + 1e-15).contains(&outcome.welfare) && outcome.welfare <= outcome.filled_share * (1.0 + 1e-14));
        prop_assert!(outcome.variance >= 0.0 && outcome.variance <= 0.25 + 1e-15);
        let parts: f64 = outcome.by_level.iter().map(|level| level.welfare).sum();
        close("welfare by level", parts, outcome.welfare, 1e-14)?;
    }

    /// X = 0 fills nothing; X = 1 fills everything in the first auction; without discount only the fills count.
    #[test]
    fn limits(climb in climb(50)) {
        let nothing = evaluate(&climb.clone().with_filling_rate(0.0).unwrap());
        prop_assert_eq!((nothing.welfare, nothing.filled_share, nothing.delay), (0.0, 0.0, 0.0));
        prop_assert_eq!(nothing.expired_share + nothing.waiting_share, 1.0);
        let everything = evaluate(&climb.clone().with_filling_rate(1.0).unwrap());
        let first = climb.levels()[0];
        close("at once", everything.welfare, climb.discount().after(first.duration), 1e-15)?;
        prop_assert_eq!((everything.filled_share, everything.auctions), (1.0, 1.0));
        let patient = evaluate(&Climb::new(climb.levels().to_vec(), climb.delay(), factor(1.0)).unwrap());
        close("without discount", patient.welfare, patient.filled_share, 1e-14)?;
    }

    /// If all delay counts, every filling rate raises welfare: being filled now beats whatever comes later.
    #[test]
    fn cumulative_welfare_rises_with_every_filling_rate(
        climb in climb(6), at in any::<prop::sample::Index>(), more in 0.0..1.0f64,
    ) {
        let mut levels = climb.levels().to_vec();
        let level = &mut levels[at.index(climb.levels().len())];
        level.filling_rate += more * (1.0 - level.filling_rate);
        let raise = |levels| evaluate(&Climb::new(levels, Cumulative, *climb.discount()).unwrap()).welfare;
        prop_assert!(raise(levels) >= raise(climb.levels().to_vec()) * (1.0 - 1e-14));
    }

    /// If only the own delay counts, that holds where the auctions above are no faster: for a tree.
    #[test]
    fn trees_earn_more_at_a_higher_rate(levels in 1..9u32, delay in counting(), beta in discount(), x in rate(), y in rate()) {
        let welfare = |x| evaluate(&tree(levels, x, delay, beta)).welfare;
        prop_assert!(welfare(x.max(y)) >= welfare(x.min(y)) * (1.0 - 1e-14));
    }

    /// A level of n + m auctions is a level of n below one of m, if all delay counts.
    #[test]
    fn levels_split(x in rate(), d in duration(), n in 1..200u64, m in 1..200u64, beta in discount()) {
        let whole = Climb::new(vec![level(x, d, n + m)], Cumulative, factor(beta)).unwrap();
        let split = Climb::new(vec![level(x, d, n), level(x, d, m)], Cumulative, factor(beta)).unwrap();
        let (whole, split) = (evaluate(&whole), evaluate(&split));
        close("welfare", split.welfare, whole.welfare, 1e-13)?;
        close("filled", split.filled_share, whole.filled_share, 1e-13)?;
        close("expired", split.expired_share, whole.expired_share, 1e-13)?;
        close("auctions", split.auctions, whole.auctions, 1e-13)?;
        close("delay", split.delay, whole.delay, 1e-13)?;
    }

    /// Splitting the unlimited top, too: W = ψ_n + φ_n W.
    #[test]
    fn unlimited_is_any_number_and_unlimited(x in 1e-6..1.0f64, d in duration(), n in 1..1000u64, beta in discount()) {
        let top = ClimbLevel { filling_rate: x, duration: d, attempts: Attempts::Unlimited };
        let whole = Climb::new(vec![top], Cumulative, factor(beta)).unwrap();
        let split = Climb::new(vec![level(x, d, n), top], Cumulative, factor(beta)).unwrap();
        close("welfare", evaluate(&split).welfare, evaluate(&whole).welfare, 1e-13)?;
        // A patience of 1e12 auctions is no different, as 1e-6 of the orders are filled in each.
        let long = Climb::new(vec![level(x, d, 1_000_000_000_000)], Cumulative, factor(beta)).unwrap();
        same(&evaluate(&long), &evaluate(&whole))?;
    }

    /// Only the products of durations and ln β count.
    #[test]
    fn the_unit_of_time_does_not_matter(climb in climb(30), unit in 0.01..100.0f64) {
        let rescaled = climb.levels().iter().map(|l| ClimbLevel { duration: l.duration * unit, ..*l }).collect();
        let discount = Discount::new(DiscountModel::Rate(-climb.discount().ln_factor() / unit)).unwrap();
        let rescaled = evaluate(&Climb::new(rescaled, climb.delay(), discount).unwrap());
        let outcome = evaluate(&climb);
        within("welfare", rescaled.welfare, outcome.welfare, 1e-13)?;
        within("delay", rescaled.delay, outcome.delay * unit, 1e-12 * outcome.delay * unit)?;
    }
}

/// Climbs at the ends of what numbers can hold.
fn extreme() -> impl Strategy<Value = Climb> {
    use proptest::sample::select;
    let rates = vec![0.0, 5e-324, 1e-300, 1e-17, 1e-3, 0.5, 1.0 - f64::EPSILON, 1.0];
    let level = (select(rates), select(vec![0.0, 5e-324, 1e-300, 1.0, 1e300]), select(vec![1, 2, 300, u64::MAX]));
    let discounts = vec![
        DiscountModel::Factor(1.0),
        DiscountModel::Factor(1.0 - f64::EPSILON),
        DiscountModel::Factor(0.5),
        DiscountModel::Factor(5e-324),
        DiscountModel::Rate(1e-300),
        DiscountModel::Rate(1e300),
    ];
    let climb = (proptest::collection::vec(level, 1..=4), any::<bool>(), any::<bool>(), counting(), select(discounts));
    climb.prop_filter_map("a time that is not finite", |(levels, equal, unlimited, delay, discount)| {
        let rate = |x| if equal { levels[0].0 } else { x };
        let mut levels: Vec<ClimbLevel> = levels.iter().map(|&(x, d, n)| level_of(rate(x), d, n)).collect();
        if unlimited {
            levels.last_mut()?.attempts = Attempts::Unlimited;
        }
        Climb::new(levels, delay, Discount::new(discount).ok()?).ok()
    })
}

proptest! {
    #![proptest_config(config())]

    /// No number is NaN, and none of those printed is infinite: JSON would show a null.
    #[test]
    fn extremes_give_numbers(climb in extreme()) {
        let settings = MonteCarlo::new(1, Stopping::Replications(50)).unwrap();
        let comparison = Comparison::new(climb, Some(&settings), &|_, _| ()).unwrap();
        let text = serde_json::to_string(&comparison).unwrap();
        prop_assert!(!text.contains("null"), "{text}");
        let exact = &comparison.closed_form;
        prop_assert!(!exact.auctions.is_nan() && exact.by_level.iter().all(|level| !level.auctions.is_nan()));
        let Some(confirmed) = comparison.monte_carlo else { return Ok(()) }; // refused
        prop_assert!(confirmed.agreement.p_value > 1e-9, "{:?} {:?}", comparison.climb, confirmed.agreement);
        prop_assert!(confirmed.welfare_agreement.p_value > 1e-9, "{:?} {:?}", comparison.climb, confirmed.welfare_agreement);
    }
}

/// If only the own delay counts and a level above is faster, being filled early is worse than being filled late.
#[test]
fn own_welfare_may_fall_with_the_filling_rate() {
    let welfare = |x| evaluate(&super::once(x, &[10.0, 0.0], Own, 0.5)).welfare;
    assert!(welfare(0.5) > 100.0 * welfare(1.0));
}
