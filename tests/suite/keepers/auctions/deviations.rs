//! Nobody gains by deviating from an equilibrium; from another strategy somebody does.

use super::{BAND, LAWS, auction, law, rng};
use pooltree::estimate::VectorEstimate;
use pooltree::keepers::closed_form::auction::{deviation_profit, private_deviation_profit};
use pooltree::keepers::model::{BidFunction, MixedStrategy, ValueLaw};
use pooltree::keepers::simulation::auction::{Deviator, best_response_regret};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

const REPLICATIONS: u64 = 40_000;

fn mixed(strategy: MixedStrategy) -> impl FnMut(&mut ChaCha8Rng) -> Option<f64> {
    move |rng| if rng.random::<f64>() < strategy.stay_out() { None } else { strategy.quantile(rng.random()) }
}

fn valued(bids: &BidFunction) -> impl FnMut(&mut ChaCha8Rng) -> Option<f64> {
    move |rng| bids.at(bids.law().at_depth(-uniform(rng).ln()) * bids.auction().value())
}

fn uniform<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    1.0 - rng.random::<f64>()
}

/// The largest gain in standard errors.
fn most(seen: &VectorEstimate) -> f64 {
    (0..seen.mean().len()).map(|i| score(seen, i, 0.0)).fold(f64::NEG_INFINITY, f64::max)
}

fn score(seen: &VectorEstimate, i: usize, expected: f64) -> f64 {
    let one = seen.component(i);
    let off = one.mean - expected;
    // What does not vary is exact up to rounding.
    if one.std_error < 1e-13 {
        if off.abs() < 1e-12 { 0.0 } else { off.signum() * f64::INFINITY }
    } else {
        off / one.std_error
    }
}

#[test]
fn common_value() {
    let cases = [[1.0, 0.25, 0.5, 0.125], [1.0, 0.0, 1.0, 0.0], [3.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.25, 0.5]];
    let mut stream = 400;
    for given in cases.map(auction) {
        for n in [2usize, 3, 8] {
            stream += 1;
            let [r, v] = [given.reserve(), given.value()];
            let bids: Vec<f64> = (0..=12).map(|i| r + (v - r) * f64::from(i) / 10.0).collect();
            let strategy = MixedStrategy::new(&given, n as u64);
            let regret = |rival: MixedStrategy, stream| {
                best_response_regret(
                    &given,
                    Deviator { value: v, own: None, deviations: &bids },
                    n - 1,
                    mixed(rival),
                    REPLICATIONS,
                    &mut rng(stream),
                )
                .unwrap()
            };
            let seen = regret(strategy, stream);
            for (i, &bid) in bids.iter().enumerate() {
                let expected = deviation_profit(&given, n as u64, bid).unwrap();
                assert!(expected <= 1e-15 && (bid > v || expected >= -1e-15), "{given:?}, {n}, {bid}: {expected}");
                let z = score(&seen, i, expected);
                assert!(z.abs() < BAND, "{given:?}, {n}, {bid}: {z}");
            }
            assert!(most(&seen) < BAND);
            // As if there were one keeper more: everybody is too timid, and a bid gains.
            let timid = regret(MixedStrategy::new(&given, n as u64 + 1), stream + 50);
            assert!(most(&timid) > BAND, "{given:?}, {n}: {}", most(&timid));
        }
    }
}

#[test]
fn private_values() {
    let mut stream = 500;
    for values in LAWS.map(law) {
        for costs in [[1.0, 0.125, 0.5, 0.25], [1.0, 0.0, 1.0, 0.0]] {
            let given = auction(costs);
            let n = 4usize;
            let bids = BidFunction::new(&given, &values, n as u64).unwrap();
            // Values by their rank, none so low that it hardly ever wins; and one who should stay out where there is one.
            let least = values.depth(bids.threshold().unwrap()).min(1.0);
            let points: Vec<f64> = (0..10).map(|i| values.at_depth(least * f64::from(i + 1) / 10.5)).collect();
            let offers: Vec<f64> = points.iter().map(|&x| bids.at(x).unwrap()).collect();
            let out = if costs[1] > 0.0 { 0.9 * bids.threshold().unwrap() } else { points[9] };
            for x in [points[1], points[6], out] {
                stream += 1;
                let own = bids.at(x);
                let seen = best_response_regret(
                    &given,
                    Deviator { value: x, own, deviations: &offers },
                    n - 1,
                    valued(&bids),
                    REPLICATIONS / 4,
                    &mut rng(stream),
                )
                .unwrap();
                let profit = |bid: f64| private_deviation_profit(&bids, x, bid).unwrap();
                let baseline = own.map_or(0.0, profit);
                for (i, &bid) in offers.iter().enumerate() {
                    let expected = profit(bid) - baseline;
                    assert!(expected < 1e-14, "{values:?}, {given:?}, {x}, {bid}: {expected}");
                    let z = score(&seen, i, expected);
                    assert!(z.abs() < BAND, "{values:?}, {given:?}, {x}, {bid}: {z}");
                }
                assert!(most(&seen) < BAND);
            }
        }
    }
}

/// The first-price bid played where everybody pays its bid.
#[test]
fn first_price_bids_in_an_all_pay_auction() {
    let (all_pay, free) = (auction([1.0, 0.0, 1.0, 0.0]), auction([1.0, 0.0, 0.0, 0.0]));
    let bids = BidFunction::new(&free, &law(ValueLaw::Uniform), 4).unwrap();
    let offers: Vec<f64> = (1..10).map(|i| f64::from(i) / 10.0).collect();
    let seen = best_response_regret(
        &all_pay,
        Deviator { value: 0.5, own: bids.at(0.5), deviations: &offers },
        3,
        valued(&bids),
        REPLICATIONS / 4,
        &mut rng(600),
    )
    .unwrap();
    assert!(most(&seen) > BAND);
}

/// Sure bids: equal ones share, and nobody gains by another.
#[test]
fn bertrand() {
    let given = auction([2.0, 0.0, 0.0, 0.5]);
    let strategy = MixedStrategy::new(&given, 3);
    let bids = [0.5, 1.0, 2.0, 2.5];
    let seen = best_response_regret(
        &given,
        Deviator { value: 2.0, own: Some(2.0), deviations: &bids },
        2,
        mixed(strategy),
        100,
        &mut rng(601),
    )
    .unwrap();
    assert_eq!(seen.mean().as_slice(), [0.0, 0.0, 0.0, -0.5, 0.0]);
    for (bid, expected) in bids.into_iter().zip([0.0, 0.0, 0.0, -0.5]) {
        assert_eq!(deviation_profit(&given, 3, bid).unwrap(), expected);
    }
    assert!(
        best_response_regret(
            &given,
            Deviator { value: f64::NAN, own: None, deviations: &[] },
            2,
            mixed(strategy),
            100,
            &mut rng(1)
        )
        .is_err()
    );
    assert!(
        best_response_regret(
            &given,
            Deviator { value: 1.0, own: None, deviations: &[f64::NAN] },
            2,
            mixed(strategy),
            100,
            &mut rng(1)
        )
        .is_err()
    );
}
