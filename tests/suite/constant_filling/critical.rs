//! Critical filling rates and smallest depths.

use super::{factor, level, once, tree};
use crate::properties::support::config;
use approx::assert_relative_eq;
use pooltree::constant_filling::DelayCounting::{self, Cumulative, Own};
use pooltree::constant_filling::closed_form::evaluate;
use pooltree::constant_filling::critical::{
    CriticalRate, Rival, SmallestDepth, against, critical_filling_rate, smallest_depth,
};
use pooltree::constant_filling::{Attempts, Climb, ClimbLevel};
use proptest::prelude::*;
use std::cmp::Ordering;

/// Welfare of the rival pool by the sum formula.
fn rival_welfare(climb: &Climb, rival: Rival, x: f64) -> f64 {
    let all: u64 = climb.levels().iter().map(|l| if let Attempts::Limited(n) = l.attempts { n } else { 1 << 60 }).sum();
    let (rate, attempts) = match rival {
        Rival::Perfect => (1.0, Attempts::Limited(1)),
        Rival::Auctions(n) => (x, Attempts::Limited(n)),
        Rival::AsManyAuctions => (x, Attempts::Limited(all)),
        Rival::Unlimited => (x, Attempts::Unlimited),
    };
    evaluate(&Climb::pool(rate, climb.top().duration, attempts, *climb.discount()).unwrap()).welfare
}

fn lead(climb: &Climb, rival: Rival, x: f64) -> f64 {
    evaluate(&climb.clone().with_filling_rate(x).unwrap()).welfare - rival_welfare(climb, rival, x)
}

/// The root by plain bisection on the difference of two sums.
fn bisected(climb: &Climb, rival: Rival, mut lo: f64, mut hi: f64) -> f64 {
    let sign = lead(climb, rival, lo).signum();
    for _ in 0..200 {
        let middle = 0.5 * (lo + hi);
        if lead(climb, rival, middle).signum() == sign { lo = middle } else { hi = middle }
    }
    lo
}

fn rate(climb: &Climb, rival: Rival) -> CriticalRate {
    critical_filling_rate(climb, rival).unwrap().rate
}

#[test]
fn against_a_perfect_pool() {
    for (levels, expected) in [(2, "0.5858"), (3, "0.3768"), (4, "0.2650")] {
        let climb = tree(levels, 0.5, Cumulative, 0.5);
        let found = critical_filling_rate(&climb, Rival::Perfect).unwrap();
        let CriticalRate::At(root) = found.rate else { panic!("{found:?}") };
        assert_eq!(format!("{:.4}", root.at), expected);
        assert_relative_eq!(root.at, bisected(&climb, Rival::Perfect, 0.01, 0.99), max_relative = 1e-14);
        assert_eq!(found.crossings, [root]);
        assert!(root.rising && root.accuracy < 1e-14);
    }
    // By hand for two levels: X² - 3X + √2 = 0.
    let CriticalRate::At(root) = rate(&tree(2, 0.5, Cumulative, 0.5), Rival::Perfect) else { panic!() };
    assert_relative_eq!(root.at, 2.0 - 2f64.sqrt(), max_relative = 1e-15);
    // One level is never as good as perfect; without discount nothing is.
    assert_eq!(rate(&tree(1, 0.5, Cumulative, 0.5), Rival::Perfect), CriticalRate::Never);
    assert_eq!(rate(&tree(5, 0.5, Cumulative, 1.0), Rival::Perfect), CriticalRate::Never);
}

/// No more auctions: a tree always wins. Unlimited ones: only an impatient flow wants the tree at every rate.
#[test]
fn against_the_same_filling_rate() {
    for levels in 1..8 {
        for beta in [0.01, 0.5, 0.99, 1.0 - 1e-12, 1.0] {
            for delay in [Own, Cumulative] {
                let climb = tree(levels, 0.5, delay, beta);
                for auctions in 1..=u64::from(levels) {
                    assert_eq!(
                        rate(&climb, Rival::Auctions(auctions)),
                        CriticalRate::Always,
                        "{levels} {beta} {auctions}"
                    );
                }
                assert_eq!(rate(&climb, Rival::AsManyAuctions), CriticalRate::Always);
            }
        }
    }
    let unlimited = |levels, beta| rate(&tree(levels, 0.5, Cumulative, beta), Rival::Unlimited);
    assert_eq!(unlimited(2, 0.5), CriticalRate::Always);
    assert_eq!(unlimited(2, 1.0), CriticalRate::Never);
    let CriticalRate::At(root) = unlimited(2, 0.95) else { panic!() };
    assert_relative_eq!(
        root.at,
        bisected(&tree(2, 0.5, Cumulative, 0.95), Rival::Unlimited, 0.1, 0.99),
        max_relative = 1e-13
    );
    // The threshold in β: at X -> 0 the tree earns X Σ β^D, the pool X β/(1-β).
    let vanishing = |beta: f64| beta.powf(0.5) + beta.powf(1.5) - beta / (1.0 - beta);
    let (mut lo, mut hi) = (0.1, 0.9);
    for _ in 0..100 {
        let middle = 0.5 * (lo + hi);
        if vanishing(middle) > 0.0 { lo = middle } else { hi = middle }
    }
    assert_eq!(format!("{lo:.4}"), "0.5249");
    assert_eq!(unlimited(2, lo - 1e-6), CriticalRate::Always);
    let CriticalRate::At(root) = unlimited(2, lo + 1e-6) else { panic!() };
    assert!(root.at < 1e-4);
    // One auction more than the tree has is enough for a patient flow to prefer the pool at low rates.
    assert!(matches!(rate(&tree(2, 0.5, Cumulative, 0.9), Rival::Auctions(3)), CriticalRate::At(_)));
}

/// Near `β = 1` and near `X = 1` the difference is far below the rounding of either welfare.
#[test]
fn differences_below_rounding() {
    let climb = tree(3, 0.5, Cumulative, 1.0 - 2f64.powi(-40));
    let CriticalRate::At(root) = rate(&climb, Rival::Perfect) else { panic!() };
    // To first order in ε = 1 - β: q³ = ε (3/4 + …), from 1 - 1/4 gained by an order filled at once.
    let q = 1.0 - root.at;
    let gained = 0.75 * (1.0 - q) + q * (1.0 - q) * 0.25 - q * q * (1.0 - q) * 0.75;
    assert_relative_eq!(q.powi(3), 2f64.powi(-40) * gained, max_relative = 1e-3);
    let deep = tree(200, 0.5, Cumulative, 0.5);
    let CriticalRate::At(root) = rate(&deep, Rival::Perfect) else { panic!() };
    assert_relative_eq!(root.at, bisected(&deep, Rival::Perfect, 1e-6, 0.5), max_relative = 1e-13);
}

/// A climb that is no tree may change places with its rival more than once.
#[test]
fn several_crossings() {
    let climb = once(0.5, &[0.995, 1.205, 0.1, 1.0], Cumulative, 0.5);
    let found = critical_filling_rate(&climb, Rival::AsManyAuctions).unwrap();
    let [falling, rising] = found.crossings.as_slice() else { panic!("{found:?}") };
    assert!(!falling.rising && rising.rising);
    assert_eq!(found.rate, CriticalRate::At(*rising));
    assert_relative_eq!(falling.at, bisected(&climb, Rival::AsManyAuctions, 0.1, 0.8), max_relative = 1e-12);
    assert_relative_eq!(rising.at, bisected(&climb, Rival::AsManyAuctions, 0.8, 0.999), max_relative = 1e-12);
    // Where the rival is ahead near 1, there is no rate from which on the climb is; the crossings remain.
    let slow = once(0.5, &[1.1, 0.1, 1.0], Cumulative, 0.5);
    let found = critical_filling_rate(&slow, Rival::AsManyAuctions).unwrap();
    assert_eq!((found.rate, found.crossings.len()), (CriticalRate::Never, 1));
}

#[test]
fn many_attempts_a_level() {
    // Long stretches are summed, short ones auction by auction: the same root.
    for attempts in [60, 70, 5000] {
        let levels = vec![level(0.5, 0.01, attempts), level(0.5, 0.1, attempts), level(0.5, 1.0, attempts)];
        let climb = Climb::new(levels, Cumulative, factor(0.5)).unwrap();
        for rival in [Rival::Perfect, Rival::Unlimited, Rival::Auctions(4 * attempts)] {
            match rate(&climb, rival) {
                CriticalRate::At(root) => {
                    let [lo, hi] = [0.5 * root.at, (2.0 * root.at).min(0.999)];
                    assert_relative_eq!(root.at, bisected(&climb, rival, lo, hi), max_relative = 1e-9);
                }
                CriticalRate::Always => {
                    (1..100).for_each(|i| assert!(lead(&climb, rival, 0.01 * f64::from(i)) > -1e-15));
                }
                CriticalRate::Never => panic!("{rival}"),
            }
        }
    }
}

#[test]
fn the_document_needs_one_or_two_layers() {
    let climb = tree(2, 0.5, Cumulative, 0.5);
    assert_eq!(against(&climb, Rival::Auctions(1)), Ok(Ordering::Greater));
    assert_eq!(against(&climb, Rival::Perfect), Ok(Ordering::Less));
    assert_eq!(against(&tree(3, 0.5, Cumulative, 0.5), Rival::Perfect), Ok(Ordering::Greater));
    assert_eq!(against(&tree(1, 0.5, Cumulative, 0.5), Rival::Auctions(1)), Ok(Ordering::Equal));
    assert_eq!(against(&tree(3, 0.0, Cumulative, 0.5), Rival::Perfect), Ok(Ordering::Less));
    assert_eq!(against(&tree(3, 0.0, Cumulative, 0.5), Rival::Unlimited), Ok(Ordering::Equal));
    assert_eq!(smallest_depth(&climb, Rival::Perfect), Ok(SmallestDepth::Levels(3)));
    assert_eq!(smallest_depth(&climb, Rival::Auctions(1)), Ok(SmallestDepth::Levels(2)));
    // "For values below 50 % a deeper tree": 30 % needs four levels.
    let low = climb.with_filling_rate(0.3).unwrap();
    assert_eq!(smallest_depth(&low, Rival::Perfect), Ok(SmallestDepth::Levels(4)));
}

/// The smallest depth by trying one after the other with the sum formula.
fn tried(arity: u32, x: f64, delay: DelayCounting, beta: f64, rival: Rival) -> Option<u64> {
    (1..=1000)
        .find(|&n| {
            let climb = Climb::tree(arity, n, x, delay, factor(beta)).unwrap();
            let (own, other) = (evaluate(&climb).welfare, rival_welfare(&climb, rival, x));
            own > other * (1.0 + 1e-13)
        })
        .map(u64::from)
}

#[test]
fn slow_filling_takes_many_levels() {
    for (x, arity, beta) in [(0.01, 2, 0.5), (0.002, 2, 0.9), (0.01, 3, 0.999), (0.05, 10, 0.3), (0.002, 7, 0.5)] {
        for delay in [Own, Cumulative] {
            for rival in [Rival::Perfect, Rival::Unlimited] {
                let climb = Climb::tree(arity, 2, x, delay, factor(beta)).unwrap();
                let expected = tried(arity, x, delay, beta, rival).map_or(SmallestDepth::Never, SmallestDepth::Levels);
                let found = smallest_depth(&climb, rival).unwrap();
                match found {
                    SmallestDepth::Levels(n) if n > 1000 => assert_eq!(expected, SmallestDepth::Never, "not tried"),
                    _ => assert_eq!(found, expected, "{x} {arity} {beta} {delay:?} {rival}"),
                }
            }
        }
    }
    // About ln 2 / X levels against the perfect pool at β = 1/2, with a correction for the levels that take time.
    let rare = |x| smallest_depth(&tree(2, x, Cumulative, 0.5), Rival::Perfect).unwrap();
    let SmallestDepth::Levels(n) = rare(1e-9) else { panic!() };
    assert!((n as f64 * 1e-9 / std::f64::consts::LN_2 - 1.0).abs() < 1e-6, "{n}");
    assert_eq!(rare(1e-17), SmallestDepth::Beyond(1 << 53));
}

#[test]
fn depths_at_the_ends() {
    let depth = |x, beta, rival| smallest_depth(&tree(2, x, Cumulative, beta), rival).unwrap();
    for rival in Rival::NAMED {
        assert_eq!(depth(0.0, 0.5, rival), SmallestDepth::Never, "nothing is ever filled");
        assert_eq!(depth(1.0, 0.5, rival), SmallestDepth::Levels(2), "faster is better");
        assert_eq!(depth(1.0, 1.0, rival), SmallestDepth::Never, "all the same");
    }
    // Without discount only the number of auctions counts.
    assert_eq!(depth(0.3, 1.0, Rival::Perfect), SmallestDepth::Never);
    assert_eq!(depth(0.3, 1.0, Rival::Unlimited), SmallestDepth::Never);
    assert_eq!(depth(0.3, 1.0, Rival::AsManyAuctions), SmallestDepth::Never);
    assert_eq!(depth(0.3, 1.0, Rival::Auctions(1)), SmallestDepth::Levels(2));
    assert_eq!(depth(0.3, 1.0, Rival::Auctions(5000)), SmallestDepth::Levels(5001));
    assert_eq!(depth(0.3, 1.0, Rival::Auctions(u64::MAX)), SmallestDepth::Beyond(1 << 53));
    // An unlimited root beats the single auction by itself.
    let top = ClimbLevel { filling_rate: 0.3, duration: 1.0, attempts: Attempts::Unlimited };
    let retrying = Climb::new(vec![level(0.3, 0.5, 1), top], Cumulative, factor(0.5)).unwrap();
    assert_eq!(smallest_depth(&retrying, Rival::Auctions(1)), Ok(SmallestDepth::Levels(1)));
    assert_eq!(smallest_depth(&retrying, Rival::Unlimited), Ok(SmallestDepth::Levels(2)));
}

#[test]
fn mistakes() {
    let two_rates = Climb::new(vec![level(0.5, 0.5, 1), level(0.4, 1.0, 1)], Cumulative, factor(0.5)).unwrap();
    let message = |error: pooltree::Error| error.to_string();
    assert_eq!(
        smallest_depth(&two_rates, Rival::Perfect).map_err(message).unwrap_err(),
        "filling_rate = (several): must be the same at all levels"
    );
    assert!(against(&two_rates, Rival::Perfect).is_err());
    let no_tree = once(0.5, &[1.0, 1.5], Cumulative, 0.5);
    assert!(
        message(smallest_depth(&no_tree, Rival::Perfect).unwrap_err())
            .starts_with("levels = (2 levels): must be those of a tree")
    );
    let none = critical_filling_rate(&no_tree, Rival::Auctions(0)).unwrap_err();
    assert_eq!(message(none), "auctions = 0: must be an integer of at least 1");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases.div_ceil(4), ..config() })]

    /// For trees there is at most one crossing, and it is where two sums have the same value.
    #[test]
    fn trees_cross_at_most_once(
        arity in 2..6u32, levels in 1..7u32, delay in super::counting(), beta in 0.05..0.999f64, which in 0..5usize, more in 1..9u64,
    ) {
        let climb = Climb::tree(arity, levels, 0.5, delay, factor(beta)).unwrap();
        let rival = Rival::NAMED.get(which).copied().unwrap_or(Rival::Auctions(u64::from(levels) + more));
        let found = critical_filling_rate(&climb, rival).unwrap();
        prop_assert!(found.crossings.len() <= 1);
        let ahead = |x: f64| lead(&climb, rival, x) > -1e-12 * x;
        match found.rate {
            CriticalRate::Always => prop_assert!((1..50).all(|i| ahead(0.02 * f64::from(i)))),
            CriticalRate::Never => prop_assert!(!ahead(0.999) || levels == 1),
            CriticalRate::At(root) => {
                prop_assert!(ahead(root.at + 0.01 * (1.0 - root.at)));
                prop_assert!(!ahead(0.99 * root.at) || root.at < 1e-6);
            }
        }
    }

    #[test]
    fn the_smallest_depth_is_the_first_of_all(
        arity in 2..6u32, x in 0.02..1.0f64, delay in super::counting(), beta in 0.05..0.999f64, which in 0..4usize,
    ) {
        let rival = Rival::NAMED[which];
        let climb = Climb::tree(arity, 3, x, delay, factor(beta)).unwrap();
        let expected = tried(arity, x, delay, beta, rival).map_or(SmallestDepth::Never, SmallestDepth::Levels);
        prop_assert_eq!(smallest_depth(&climb, rival).unwrap(), expected);
    }
}
