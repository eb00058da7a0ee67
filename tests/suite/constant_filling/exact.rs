//! Numbers of the document, exact rationals, extremes, and mistakes in the input.

use super::{factor, level, once, tree};
use approx::assert_relative_eq;
use num_bigint::BigInt;
use num_rational::BigRational;
use pooltree::constant_filling::DelayCounting::{Cumulative, Own};
use pooltree::constant_filling::closed_form::evaluate;
use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, DelayCounting, chain};

#[test]
fn three_levels_with_delays_a_half_one_and_two() {
    let durations = [0.5, 1.0, 2.0];
    let own = evaluate(&once(0.5, &durations, Own, 0.5)).welfare;
    let cumulative = evaluate(&once(0.5, &durations, Cumulative, 0.5)).welfare;
    // 1/2 β^.5 + 1/4 β + 1/8 β², and 1/2 β^.5 + 1/4 β^1.5 + 1/8 β^3.5.
    let root = 0.5f64.sqrt();
    assert_relative_eq!(own, 0.5 * root + 5.0 / 32.0, max_relative = 1e-15);
    assert_relative_eq!(cumulative, root * (0.5 + 0.125 + 1.0 / 64.0), max_relative = 1e-15);
    assert_eq!(format!("{own:.6} {cumulative:.6}"), "0.509803 0.452990");
}

#[test]
fn one_pool_of_duration_two() {
    let pool = |attempts| evaluate(&Climb::pool(0.5, 2.0, attempts, factor(0.5)).unwrap());
    assert_eq!(pool(Attempts::Limited(1)).welfare, 0.125);
    let unlimited = pool(Attempts::Unlimited);
    assert_relative_eq!(unlimited.welfare, 1.0 / 7.0, max_relative = 1e-15);
    // Geometric: two auctions in the mean, all filled.
    assert_eq!((unlimited.filled_share, unlimited.auctions, unlimited.delay), (1.0, 2.0, 4.0));
}

/// "One additional layer would already suffice": which levels and which delay give which number.
#[test]
fn one_additional_layer() {
    let welfare = |levels, delay| format!("{:.4}", evaluate(&tree(levels, 0.5, delay, 0.5)).welfare);
    assert_eq!([1, 2, 3].map(|k| welfare(k, Cumulative)), ["0.2500", "0.4419", "0.6063"]);
    assert_eq!([1, 2, 3].map(|k| welfare(k, Own)), ["0.2500", "0.4786", "0.6597"]);
    // Two levels with durations 1/2 and 1 are ahead of the pool of the same filling rate, behind the perfect one.
    assert!(evaluate(&tree(2, 0.5, Cumulative, 0.5)).welfare > 0.25);
    assert!(evaluate(&tree(2, 0.5, Cumulative, 0.5)).welfare < 0.5);
}

/// Welfare as a fraction of integers: every fate of an order one by one, with `β = 1/2` and whole durations.
fn rational(levels: &[(i64, i64, u32, u32)], delay: DelayCounting) -> BigRational {
    let ratio = |n: i64, d: i64| BigRational::new(BigInt::from(n), BigInt::from(d));
    let (mut welfare, mut reaching, mut time) = (ratio(0, 1), ratio(1, 1), 0);
    for &(numerator, denominator, duration, attempts) in levels {
        let before = if delay == Own { 0 } else { time };
        for attempt in 1..=attempts {
            time += duration;
            let counted = before + attempt * duration;
            let worth = BigRational::new(BigInt::from(1), BigInt::from(1) << counted);
            welfare += &reaching * ratio(numerator, denominator) * worth;
            reaching *= ratio(denominator - numerator, denominator);
        }
    }
    welfare
}

#[test]
fn exact_rationals() {
    let cases: [&[(i64, i64, u32, u32)]; 5] = [
        &[(1, 2, 1, 1), (1, 2, 2, 1), (1, 2, 4, 1)],
        &[(1, 3, 1, 4), (2, 7, 3, 2), (5, 11, 2, 6)],
        &[(0, 1, 5, 3), (1, 1, 2, 2), (1, 2, 1, 1)],
        &[(1, 1000, 0, 7), (999, 1000, 1, 3)],
        &[(1, 10, 1, 30)],
    ];
    for case in cases {
        for delay in [Own, Cumulative] {
            let levels = case.iter().map(|&(p, q, d, n)| level(p as f64 / q as f64, f64::from(d), u64::from(n)));
            let climb = Climb::new(levels.collect(), delay, factor(0.5)).unwrap();
            let exact = rational(case, delay);
            let exact = nearest(&exact);
            assert_relative_eq!(evaluate(&climb).welfare, exact, max_relative = 4e-15);
            assert_relative_eq!(chain::solve(&climb).unwrap().welfare, exact, max_relative = 4e-15);
        }
    }
}

/// A fraction in `[2^-40, 1]` as a number, by integer division.
fn nearest(x: &BigRational) -> f64 {
    let scaled: BigInt = (x.numer() << 100) / x.denom();
    scaled.to_string().parse::<f64>().unwrap() / 2f64.powi(100)
}

/// Every quantity of a chain small enough to write down: two attempts of 1/2 at level 1, one of 1/4 at level 2.
#[test]
fn all_expectations_by_hand() {
    let climb = Climb::new(vec![level(0.5, 1.0, 2), level(0.25, 3.0, 1)], Cumulative, factor(1.0)).unwrap();
    for outcome in [evaluate(&climb), chain::solve(&climb).unwrap()] {
        assert_eq!([outcome.welfare, outcome.filled_share, outcome.expired_share], [0.8125, 0.8125, 0.1875]);
        assert_eq!((outcome.waiting_share, outcome.auctions), (0.0, 1.75));
        assert_eq!(outcome.variance, 0.8125 * 0.1875);
        let [low, top] = [&outcome.by_level[0], &outcome.by_level[1]];
        assert_eq!([low.reaching_share, low.filled_share, low.auctions], [1.0, 0.75, 1.5]);
        assert_eq!([top.reaching_share, top.filled_share, top.auctions], [0.25, 0.0625, 0.25]);
        // (1/2 · 1 + 1/4 · 2) / (3/4), and 2 + 3.
        assert_relative_eq!(low.delay, 4.0 / 3.0, max_relative = 1e-15);
        assert_relative_eq!(top.delay, 5.0, max_relative = 1e-15);
        assert_relative_eq!(outcome.delay, (1.0 + 5.0 / 16.0) / 0.8125, max_relative = 1e-15);
    }
}

/// The own delay forgets the retries below: carrying their discount up would give another number.
#[test]
fn own_delay_forgets_the_retries_below() {
    let climb = Climb::new(vec![level(0.5, 1.0, 2), level(0.5, 1.0, 1)], Own, factor(0.5)).unwrap();
    for welfare in [evaluate(&climb).welfare, chain::solve(&climb).unwrap().welfare] {
        assert_relative_eq!(welfare, 0.25 + 0.0625 + 0.125 * 0.5, max_relative = 1e-15);
        let carried = 0.25 + 0.0625 + 0.125 * 0.5 * 0.5;
        assert!((welfare - carried).abs() > 0.03);
    }
}

#[test]
fn a_top_that_fills_nothing_is_waited_at_forever() {
    let top = ClimbLevel { filling_rate: 0.0, duration: 1.0, attempts: Attempts::Unlimited };
    for beta in [0.5, 1.0] {
        let climb = Climb::new(vec![level(0.25, 1.0, 1), top], Cumulative, factor(beta)).unwrap();
        for outcome in [evaluate(&climb), chain::solve(&climb).unwrap()] {
            assert_eq!([outcome.welfare, outcome.filled_share], [0.25 * beta, 0.25]);
            assert_eq!([outcome.expired_share, outcome.waiting_share], [0.0, 0.75]);
            assert_eq!(outcome.auctions, f64::INFINITY);
        }
    }
}

/// Limits that can be written down.
#[test]
fn ends_of_the_range() {
    let pool = |x, n, beta: f64| evaluate(&Climb::pool(x, 1.0, Attempts::Limited(n), factor(beta)).unwrap());
    // A fill once in 1e15 auctions, as many auctions: 1 - 1/e.
    let rare = pool(1e-15, 1_000_000_000_000_000, 1.0);
    assert_relative_eq!(rare.welfare, -(-1f64).exp_m1(), max_relative = 1e-14);
    assert_relative_eq!(rare.expired_share, (-1f64).exp(), max_relative = 1e-14);
    // E[a | a ≤ n] = (1 - 2/e)/(1 - 1/e) / X for a rate X = 1/n.
    let mean = (1.0 - 2.0 / std::f64::consts::E) / (1.0 - 1.0 / std::f64::consts::E) * 1e15;
    assert_relative_eq!(rare.delay, mean, max_relative = 1e-14);
    // Discount 1e-15 an auction and rate 1e-15: X/(2e-15) of it all.
    let slow = Climb::pool(1e-15, 1.0, Attempts::Unlimited, factor(1.0 - 2f64.powi(-50))).unwrap();
    let exact = 1e-15 * (1.0 - 2f64.powi(-50)) / (1e-15 + 2f64.powi(-50) - 1e-15 * 2f64.powi(-50));
    assert_relative_eq!(evaluate(&slow).welfare, exact, max_relative = 1e-14);
    assert_relative_eq!(chain::solve(&slow).unwrap().welfare, exact, max_relative = 1e-14);
    // Nearly everything at once.
    let sure = pool(1.0 - f64::EPSILON, 3, 0.5);
    assert_relative_eq!(sure.welfare, 0.5 * (1.0 - f64::EPSILON) + 0.25 * f64::EPSILON, max_relative = 2e-16);
    assert_relative_eq!(sure.expired_share, f64::EPSILON.powi(3), max_relative = 1e-14);
    assert_eq!(pool(1.0, u64::MAX, 0.5).welfare, 0.5);
    assert_eq!(pool(f64::MIN_POSITIVE, 1, 1.0).welfare, f64::MIN_POSITIVE);
}

#[test]
fn mistakes_name_key_value_and_what_is_allowed() {
    let error = |levels: Vec<ClimbLevel>| Climb::new(levels, Own, factor(0.5)).unwrap_err().to_string();
    let two = |second: ClimbLevel| error(vec![level(0.5, 1.0, 1), second]);
    for x in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(two(level(x, 1.0, 1)), format!("levels.1.filling_rate = {x}: must be from 0 to 1"));
        let mistake = Climb::tree(2, 3, x, Own, factor(0.5)).unwrap_err();
        assert_eq!(mistake.to_string(), format!("filling_rate = {x}: must be from 0 to 1"));
        assert!(tree(2, 0.5, Own, 0.5).with_filling_rate(x).is_err());
    }
    for d in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(two(level(0.5, d, 1)), format!("levels.1.duration = {d}: must be finite and at least 0"));
    }
    assert_eq!(two(level(0.5, 1.0, 0)), "levels.1.attempts = 0: must be an integer of at least 1, or unlimited");
    let endless = ClimbLevel { attempts: Attempts::Unlimited, ..level(0.5, 1.0, 1) };
    assert_eq!(
        error(vec![endless, endless]),
        "levels.0.attempts = unlimited: must be an integer of at least 1 (unlimited at the top only)"
    );
    assert_eq!(error(vec![]), "levels = (0 levels): must be 1 to 1024 levels");
    assert!(error(vec![level(0.5, 1.0, 1); 1025]).contains("(1025 levels)"));
    assert_eq!(
        two(level(0.5, 1e300, u64::MAX)),
        "levels.1.duration = 1e300: twice the time of the climb is not finite in double precision; choose a smaller value"
    );
    let tree_error = |arity, levels| Climb::tree(arity, levels, 0.5, Own, factor(0.5)).unwrap_err().to_string();
    assert_eq!(tree_error(1, 2), "arity = 1: must be an integer of at least 2");
    assert_eq!(tree_error(2, 0), "levels = 0: must be an integer from 1 to 1024");
    let huge = Climb::pool(0.5, 1.0, Attempts::Limited(u64::MAX), factor(0.5)).unwrap();
    let refused = chain::solve(&huge).unwrap_err().to_string();
    assert_eq!(refused, "attempts = 18446744073709551615: must be at most 1024 in all for the matrix form");
    assert_eq!(
        evaluate(&huge).welfare,
        evaluate(&Climb::pool(0.5, 1.0, Attempts::Unlimited, factor(0.5)).unwrap()).welfare
    );
}

#[test]
fn trees_are_recognised() {
    assert_eq!(tree(4, 0.3, Own, 0.5).arity(), Some(2));
    assert_eq!(Climb::tree(3, 900, 0.3, Own, factor(0.5)).unwrap().arity(), Some(3), "durations that underflow");
    assert_eq!(once(0.5, &[0.5, 1.0, 2.0], Own, 0.5).arity(), Some(2));
    assert_eq!(once(0.5, &[1.0], Own, 0.5).arity(), None);
    assert_eq!(once(0.5, &[0.0, 0.0], Own, 0.5).arity(), None);
    assert_eq!(once(0.5, &[1.0, 2.0, 6.0], Own, 0.5).arity(), None);
    assert_eq!(once(0.5, &[2.0, 1.0], Own, 0.5).arity(), None);
    let retries = vec![level(0.5, 1.0, 2), level(0.5, 2.0, 1)];
    assert_eq!(Climb::new(retries, Own, factor(0.5)).unwrap().arity(), None);
}
