//! Reference values, limits and edge cases.

use super::{auction, law};
use approx::assert_relative_eq;
use pooltree::keepers::closed_form::auction::{
    CommonValue, PrivateValues, deviation_profit, private_deviation_profit, served,
};
use pooltree::keepers::model::{BidFunction, MixedStrategy, ValueLaw};

/// Quadrature over bids and values with 40 digits (tests/reference/auctions.py).
#[test]
fn references() {
    let rows = crate::reference::auctions();
    assert!(rows.len() > 1000, "{}", rows.len());
    for (function, summary) in crate::reference::summarise(&rows) {
        let limit = if function.starts_with("common") { 1e-14 } else { 2e-14 };
        assert!(summary.worst.error() < limit, "{function}: {:e} at {}", summary.worst.error(), summary.worst.at);
    }
}

#[test]
fn all_pay_at_common_value() {
    for n in [2, 3, 10, 1000, 1_000_000, u64::MAX] {
        let outcome = CommonValue::new(&auction([3.0, 0.0, 1.0, 0.0]), n);
        let n = n as f64;
        assert_eq!((outcome.served, outcome.stay_out, outcome.payments), (1.0, 0.0, 3.0));
        assert_relative_eq!(outcome.winner_payment, 3.0 * n / (2.0 * n - 1.0), max_relative = 1e-14);
        assert_relative_eq!(outcome.losers_loss, 3.0 * (n - 1.0) / (2.0 * n - 1.0), max_relative = 1e-14);
        // v u^(n-1) in the mean; equally, each pays v/n for its chance of 1/n.
        assert_relative_eq!(outcome.mean_bid.unwrap(), 3.0 / n, max_relative = 1e-14);
        assert_relative_eq!(outcome.win_given_bid.unwrap(), 1.0 / n, max_relative = 1e-14);
    }
}

/// `α = r = 0`: a Poisson number of bidders of mean `L = ln(1 + v/c)`, whose bids win with probabilities `e^(-t)`, `t` uniform on
/// `(0, L)`.
#[test]
fn many_keepers() {
    for (v, c) in [(1.0, 0.25), (2.0, 1e-9), (1.0, 1e6), (5.0, 5.0)] {
        let outcome = CommonValue::new(&auction([v, c, 0.0, 0.0]), 1_000_000_000_000_000);
        let mean: f64 = (v / c).ln_1p();
        assert_relative_eq!(outcome.bidders, mean, max_relative = 1e-12);
        assert_relative_eq!(outcome.unserved, c / (v + c), max_relative = 1e-12);
        assert_relative_eq!(outcome.payments, v * v / (v + c), max_relative = 1e-12);
        assert_relative_eq!(outcome.protection, v * c / (v + c), max_relative = 1e-12);
        // c ∫_0^L (1 - e^(-t)) dt.
        if c < 10.0 * v {
            assert_relative_eq!(outcome.losers_loss, c * (mean - v / (v + c)), max_relative = 1e-12);
            assert_relative_eq!(outcome.reverted, mean - v / (v + c), max_relative = 1e-12);
        } else {
            // Two bidders in L²/2 of the auctions.
            assert_relative_eq!(outcome.reverted, 0.5 * mean * mean, max_relative = 1e-6);
        }
    }
}

/// Two keepers revert if and only if both bid: `(1 - q)²`, at any `q`.
#[test]
fn no_cancellation() {
    for exponent in -150..=150 {
        let c = 10f64.powi(exponent);
        let two = CommonValue::new(&auction([1.0, c, 0.0, 0.0]), 2);
        let bids = 1.0 / (1.0 + c);
        assert_relative_eq!(two.reverted, bids * bids, max_relative = 4e-14);
        assert_relative_eq!(two.unserved, (c / (1.0 + c)).powi(2), max_relative = 1e-13);
        assert_relative_eq!(two.served, bids * (2.0 - bids), max_relative = 4e-14);
        // H = c/(1 + c - b): ∫ H² = c - c²/(1+c) = c/(1+c), less q².
        assert_relative_eq!(two.losers_loss, c / (1.0 + c) * bids, max_relative = 4e-14);
        // And three: at least two of three, and all three once more.
        let three = CommonValue::new(&auction([1.0, c, 0.0, 0.0]), 3);
        let bids = three.bidders / 3.0;
        assert_relative_eq!(three.reverted, bids * bids * (3.0 - bids), max_relative = 4e-14);
    }
}

/// Nothing is NaN, negative or beyond what is at stake, wherever the parameters are.
#[test]
fn extremes() {
    let amounts = [0.0, 5e-324, 1e-300, 1e-20, 0.5, 1.0, 1e20, 1e300];
    for v in [5e-324, 1e-300, 1.0, 1e300] {
        for c in amounts {
            for share in [0.0, 5e-324, 1e-200, 1e-9, 0.5, 1.0] {
                for r in amounts {
                    for n in [0, 1, 2, 3, 1000, 1_000_000, u64::MAX] {
                        common_holds([v, c, share, r], n);
                    }
                }
            }
        }
    }
}

fn common_holds(given: [f64; 4], n: u64) {
    let [v, ..] = given;
    let given = auction(given);
    let outcome = CommonValue::new(&given, n);
    let at = format!("{given:?}, {n}: {outcome:?}");
    let shares = [outcome.served, outcome.unserved, outcome.stay_out, outcome.win_given_bid.unwrap_or(0.0)];
    assert!(shares.iter().all(|share| (0.0..=1.0 + 1e-15).contains(share)), "{at}");
    assert!((outcome.served + outcome.unserved - 1.0).abs() < 1e-15, "{at}");
    let amounts = [outcome.payments, outcome.winner_payment, outcome.losers_loss, outcome.profit, outcome.protection];
    assert!(amounts.iter().all(|&amount| amount >= 0.0 && amount <= v), "{at}");
    assert!(outcome.bidders >= 0.0 && outcome.reverted >= 0.0, "{at}");
    assert!(outcome.bidders <= n as f64 && outcome.reverted <= outcome.bidders, "{at}");
    assert_eq!(served(&given, n), outcome.served);
    for bid in [outcome.winning_bid, outcome.mean_bid].into_iter().flatten() {
        assert!(bid <= v * (1.0 + 1e-13), "{at}");
    }
    let strategy = MixedStrategy::new(&given, n);
    for u in [0.0, 1e-300, 0.5, 1.0] {
        let bid = strategy.quantile(u);
        assert_eq!(bid.is_some(), outcome.mean_bid.is_some(), "{at}");
        assert!(bid.is_none_or(|bid| bid >= given.reserve() && bid <= v), "{at}");
    }
}

#[test]
fn edge_cases_at_common_value() {
    let given = auction([1.0, 0.5, 0.5, 0.25]);
    let nobody = CommonValue::new(&given, 0);
    assert_eq!((nobody.served, nobody.bidders, nobody.protection, nobody.mean_bid), (0.0, 0.0, 0.0, None));
    let alone = CommonValue::new(&given, 1);
    assert_eq!((alone.served, alone.payments, alone.profit, alone.reverted), (1.0, 0.25, 0.75, 0.0));
    for reserve in [1.0, 1.5] {
        let dear = auction([1.0, 0.5, 0.5, reserve]);
        assert_eq!(CommonValue::new(&dear, 1).served, f64::from(u8::from(reserve <= 1.0)));
        let several = CommonValue::new(&dear, 4);
        assert_eq!((several.served, several.stay_out, several.payments), (0.0, 1.0, 0.0));
        assert_eq!(several.protection, if reserve > 1.0 { 0.0 } else { 1.0 });
    }
    let bertrand = CommonValue::new(&given.without_reverts(), 4);
    assert_eq!((bertrand.served, bertrand.payments, bertrand.losers_loss), (1.0, 1.0, 0.0));
    assert_eq!((bertrand.reverted, bertrand.profit, bertrand.winning_bid), (3.0, 0.0, Some(1.0)));
    assert!(deviation_profit(&given, 4, 0.2).is_err() && deviation_profit(&given, 4, f64::NAN).is_err());
    assert_eq!(deviation_profit(&given.without_reverts(), 4, 0.5).unwrap(), 0.0);
    assert_eq!(deviation_profit(&given.without_reverts(), 4, 1.5).unwrap(), -0.5);
}

/// The limit `c → 0` of cheap reverts is Flashbots.
#[test]
fn cheap_reverts() {
    let outcome = CommonValue::new(&auction([1.0, 1e-200, 0.0, 0.125]), 3);
    assert_relative_eq!(outcome.payments, 1.0, max_relative = 1e-15);
    assert!(outcome.losers_loss < 1e-90 && outcome.protection < 1e-290);
}

#[test]
fn uniform_values() {
    for n in [2, 3, 7, 50] {
        for share in [0.0, 0.25, 1.0] {
            let given = auction([2.0, 0.0, share, 0.0]);
            let bids = BidFunction::new(&given, &law(ValueLaw::Uniform), n).unwrap();
            let k = n as f64;
            for x in [1e-3, 0.1, 0.5, 0.9, 1.0 - 1e-9, 1.0] {
                let won = f64::powf(x, k - 1.0);
                let expected = 2.0 * (k - 1.0) / k * (x * won) / (won + share * (1.0 - won));
                assert_relative_eq!(bids.at(2.0 * x).unwrap(), expected, max_relative = 4e-14);
            }
            let outcome = PrivateValues::new(&given, &law(ValueLaw::Uniform), n).unwrap();
            assert_relative_eq!(outcome.payments, 2.0 * (k - 1.0) / (k + 1.0), max_relative = 1e-14);
            assert_relative_eq!(outcome.profit, 2.0 / (k * (k + 1.0)), max_relative = 1e-14);
            assert_eq!((outcome.served, outcome.efficiency), (1.0, 1.0));
            if share == 1.0 {
                // All pay: (n-1)/n x^n, won with x^(n-1).
                assert_relative_eq!(outcome.winner_payment, 2.0 * (k - 1.0) / (2.0 * k), max_relative = 1e-13);
            }
        }
    }
}

/// Expected largest of n: `n a/(n a + 1)`, the harmonic number, `Γ(n+1) Γ(1-1/a)/Γ(n+1-1/a)`.
#[test]
fn largest_values() {
    let none = auction([1.0, 0.0, 0.0, 0.0]);
    let largest = |values, n| PrivateValues::new(&none, &law(values), n).unwrap().largest_value;
    for n in [1u64, 2, 5, 100, 1_000_000] {
        let k = n as f64;
        for exponent in [0.01, 0.5, 3.0, 1e6] {
            let expected = k * exponent / (k * exponent + 1.0);
            assert_relative_eq!(largest(ValueLaw::Power { exponent }, n), expected, max_relative = 2e-14);
        }
        let harmonic: f64 = (1..=n).rev().map(|i| 1.0 / i as f64).sum();
        assert_relative_eq!(largest(ValueLaw::Exponential, n), harmonic, max_relative = 2e-14);
        for shape in [1.01, 1.5, 3.0, 1e6] {
            let product: f64 = (1..=n).map(|i| -(-1.0 / (shape * i as f64)).ln_1p()).sum();
            assert_relative_eq!(largest(ValueLaw::Pareto { shape }, n), product.exp(), max_relative = 1e-12);
        }
    }
}

#[test]
fn edge_cases_with_private_values() {
    let uniform = law(ValueLaw::Uniform);
    let given = auction([1.0, 0.1, 0.5, 0.25]);
    let nobody = PrivateValues::new(&given, &uniform, 0).unwrap();
    assert_eq!((nobody.served, nobody.efficiency, nobody.threshold), (0.0, 0.0, None));
    let alone = PrivateValues::new(&given, &uniform, 1).unwrap();
    assert_eq!((alone.served, alone.payments, alone.threshold), (0.75, 0.1875, Some(0.25)));
    assert_relative_eq!(alone.profit, 0.5 * 0.75 * 0.75, max_relative = 1e-15);
    assert_relative_eq!(alone.efficiency, 0.5 * (1.0 - 0.0625) / 0.5, max_relative = 1e-15);
    let dear = PrivateValues::new(&auction([1.0, 0.1, 0.5, 1.0]), &uniform, 3).unwrap();
    assert_eq!((dear.served, dear.payments, dear.threshold), (0.0, 0.0, None));
    assert_relative_eq!(dear.largest_value, 0.75, max_relative = 1e-14);
    // No reserve in the way: without reverts the least value of a Pareto law is bid itself.
    let pareto = law(ValueLaw::Pareto { shape: 2.0 });
    let bids = BidFunction::new(&auction([1.0, 0.0, 0.0, 0.5]), &pareto, 4).unwrap();
    assert_eq!((bids.threshold(), bids.at(1.0)), (Some(1.0), Some(1.0)));
    let bids = BidFunction::new(&auction([1.0, 0.0, 0.5, 0.0]), &pareto, 4).unwrap();
    assert_eq!((bids.threshold(), bids.at(1.0)), (Some(1.0), Some(0.0)));
    assert_eq!((bids.at(0.5), bids.at(f64::NAN), bids.at(f64::INFINITY)), (None, None, None));
    // Where losing costs something the least bid is the reserve.
    for values in super::LAWS {
        let bids = BidFunction::new(&given, &law(values), 3).unwrap();
        let least = bids.threshold().unwrap();
        assert_relative_eq!(bids.at(least * (1.0 + 1e-15)).unwrap(), 0.25, max_relative = 1e-13);
        assert_eq!(bids.at(least * (1.0 - 1e-12)), None);
        // G(t)(t - r) = (1 - G(t))(c + αr).
        assert_relative_eq!(private_deviation_profit(&bids, least, 0.25).unwrap() + 1.0, 1.0, max_relative = 1e-14);
    }
    for bad in [
        ValueLaw::Power { exponent: 0.0 },
        ValueLaw::Power { exponent: f64::NAN },
        ValueLaw::Pareto { shape: 1.0 },
        ValueLaw::Pareto { shape: f64::INFINITY },
    ] {
        assert!(pooltree::keepers::model::PrivateValue::new(bad).is_err(), "{bad:?}");
    }
    let far = auction([1e-200, 1.0, 0.0, 0.0]);
    assert!(PrivateValues::new(&far, &uniform, 2).is_err());
}
