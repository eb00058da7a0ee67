//! What holds for all parameters.

use super::{auction, law};
use pooltree::keepers::closed_form::auction::{CommonValue, PrivateValues, deviation_profit, private_deviation_profit};
use pooltree::keepers::model::{BidFunction, MixedStrategy, ValueLaw};
use proptest::prelude::*;

/// Amounts, often at the ends.
fn amount() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1e-12), Just(1.0), 0.0..2.0, (-30.0..6.0).prop_map(f64::exp)]
}

fn share() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), Just(1e-12), 0.0..=1.0]
}

fn keepers() -> impl Strategy<Value = u64> {
    prop_oneof![0..4u64, 2..40u64, Just(1_000_000)]
}

fn values() -> impl Strategy<Value = ValueLaw> {
    prop_oneof![
        Just(ValueLaw::Uniform),
        Just(ValueLaw::Exponential),
        (-4.0..8.0).prop_map(|e| ValueLaw::Power { exponent: f64::exp(e) }),
        (0.05..20.0).prop_map(|e| ValueLaw::Pareto { shape: 1.0 + e }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Profits are 0 on the whole support and below above it; the reserve, the fixed cost and the value only shift the scale.
    #[test]
    fn common_value(c in amount(), a in share(), r in 0.0..1.2, n in keepers(), u in 0.0..=1.0, scale in -40i32..40) {
        let given = auction([1.0, c, a, r]);
        let outcome = CommonValue::new(&given, n);
        let accounts = outcome.winner_payment + outcome.losers_loss;
        prop_assert!((accounts - outcome.payments).abs() <= 1e-14 * outcome.payments);
        prop_assert!((outcome.payments - outcome.served).abs() <= 1e-14 || n < 2);
        prop_assert!((outcome.served + outcome.unserved - 1.0).abs() < 1e-15);
        // The bidders are the winner and the losers.
        prop_assert!((outcome.served + outcome.reverted - outcome.bidders).abs() <= 1e-13 * outcome.bidders);
        let strategy = MixedStrategy::new(&given, n);
        if let (Some(bid), true) = (strategy.quantile(u), n > 1) {
            prop_assert!(deviation_profit(&given, n, bid).unwrap().abs() <= 1e-14 * (1.0 + c));
            prop_assert!(deviation_profit(&given, n, bid + 1.0).unwrap() < 1e-14);
            if strategy.sure_bid().is_none() && n < 100 {
                let back = (strategy.cdf(bid) - strategy.stay_out()) / strategy.participation();
                // Where a bid moves by less than its last place nothing can be told.
                let wide = strategy.cdf(bid * (1.0 + 1e-13)) - strategy.cdf(bid * (1.0 - 1e-13));
                prop_assert!((back - u).abs() <= 1e-12 + (4e-16 + 2.0 * wide) / strategy.participation(), "{} {}", back, u);
            }
        }
        let unit = f64::from(scale).exp2();
        let other = CommonValue::new(&auction([unit, c * unit, a, r * unit]), n);
        prop_assert!((other.losers_loss / unit - outcome.losers_loss).abs() <= 1e-14 * outcome.losers_loss);
        prop_assert_eq!(other.unserved, outcome.unserved);
    }

    /// More keepers, less participation of each, and dearer reverts, fewer tasks served.
    #[test]
    fn monotone_at_common_value(c in amount(), a in share(), r in 0.0..1.0, n in 2..1000u64) {
        let [one, more] = [n, n + 1].map(|n| CommonValue::new(&auction([1.0, c, a, r]), n));
        prop_assert!(more.stay_out >= one.stay_out * (1.0 - 1e-14));
        prop_assert!(more.served <= one.served * (1.0 + 1e-14));
        let dearer = CommonValue::new(&auction([1.0, c + 0.125, a, r]), n);
        prop_assert!(dearer.served <= one.served * (1.0 + 1e-14));
        prop_assert!(dearer.protection >= one.protection * (1.0 - 1e-14));
    }

    /// Revenue equivalence: without a reserve, what is paid in all does not depend on α.
    #[test]
    fn payments_do_not_depend_on_the_share(values in values(), c in amount(), a in share(), n in 2..30u64) {
        let outcome = |share| PrivateValues::new(&auction([1.0, c, share, 0.0]), &law(values), n).unwrap();
        let (free, paid) = (outcome(0.0), outcome(a));
        prop_assert!((free.payments - paid.payments).abs() <= 1e-13 * free.payments);
        prop_assert!((free.profit - paid.profit).abs() <= 1e-13 * free.profit);
        prop_assert!((paid.winner_payment + paid.losers_loss - paid.payments).abs() <= 1e-11 * paid.payments,
            "{:?}", paid);
    }

    #[test]
    fn private_values(values in values(), c in amount(), a in share(), r in amount(), n in keepers(), at in 0.0..1.0) {
        let given = auction([1.0, c, a, r]);
        let outcome = PrivateValues::new(&given, &law(values), n).unwrap();
        for share in [outcome.served, outcome.unserved, outcome.efficiency] {
            prop_assert!((0.0..=1.0).contains(&share), "{:?}", outcome);
        }
        prop_assert!((outcome.served + outcome.unserved - 1.0).abs() < 1e-14);
        prop_assert!((outcome.served + outcome.reverted - outcome.bidders).abs() <= 1e-12 * outcome.bidders);
        let accounts = outcome.winner_payment + outcome.losers_loss;
        prop_assert!((accounts - outcome.payments).abs() <= 1e-11 * outcome.payments, "{:?}", outcome);
        prop_assert!(outcome.winner_value <= outcome.largest_value * (1.0 + 1e-12), "{:?}", outcome);
        prop_assert!(outcome.profit >= 0.0);
        if n == 0 {
            return Ok(());
        }
        let bids = BidFunction::new(&given, &law(values), n).unwrap();
        let x = law(values).at_depth(3.0 * at);
        let (bid, higher) = (bids.at(x), bids.at(x * 1.125));
        prop_assert!(higher.unwrap_or(0.0) >= bid.unwrap_or(0.0) * (1.0 - 1e-13));
        if let Some(bid) = bid {
            prop_assert!(bid >= r && bid <= x * (1.0 + 1e-13), "{} {}", bid, x);
            let profit = private_deviation_profit(&bids, x, bid).unwrap();
            prop_assert!(profit >= -1e-13 * (1.0 + c + x));
            for other in [0.5, 0.9, 1.1, 2.0] {
                let other = r + (bid - r + 1e-3) * other;
                let gain = private_deviation_profit(&bids, x, other).unwrap() - profit;
                prop_assert!(gain <= 1e-12 * (1.0 + c + x), "{} instead of {}: {}", other, bid, gain);
            }
        }
    }
}

/// With a reserve they do depend on it.
#[test]
fn payments_depend_on_the_share_where_there_is_a_reserve() {
    let paid = |share| {
        let outcome = PrivateValues::new(&auction([1.0, 0.125, share, 0.25]), &law(ValueLaw::Uniform), 3).unwrap();
        outcome.payments
    };
    assert!((paid(0.0) - paid(1.0)).abs() > 1e-3, "{} {}", paid(0.0), paid(1.0));
}
