//! Auctions played against the formulas.

use super::{ALARM, LAWS, auction, law, rng};
use nalgebra::DVector;
use pooltree::estimate::{Agreement, VectorEstimate};
use pooltree::keepers::GasAuction;
use pooltree::keepers::closed_form::auction::{CommonValue, PrivateValues, served};
use pooltree::keepers::simulation::auction::{self as played, select};

const REPLICATIONS: u64 = 40_000;

/// Value, fixed cost, share and reserve: ordinary, and the corners.
const COSTS: [[f64; 4]; 8] = [
    [1.0, 0.25, 0.5, 0.125],
    [3.0, 1.0, 0.0, 0.0],
    [1.0, 0.0, 1.0, 0.0],
    [1.0, 0.0, 0.25, 0.5],
    [1.0, 1.0, 1.0, 0.75],
    [2.0, 0.0, 0.0, 0.5],
    [1.0, 0.01, 0.9, 0.0],
    [1.0, 0.5, 0.5, 1.5],
];

fn common(given: &GasAuction, n: u64) -> Vec<f64> {
    let outcome = CommonValue::new(given, n);
    let keepers = (n as f64).max(1.0);
    vec![
        outcome.served,
        outcome.unserved,
        outcome.bidders,
        outcome.reverted,
        outcome.payments,
        outcome.winner_payment,
        outcome.losers_loss,
        given.value() * outcome.served / keepers,
        outcome.payments / keepers,
    ]
}

fn private(outcome: &PrivateValues) -> Vec<f64> {
    let keepers = (outcome.keepers as f64).max(1.0);
    vec![
        outcome.served,
        outcome.unserved,
        outcome.bidders,
        outcome.reverted,
        outcome.payments,
        outcome.winner_payment,
        outcome.losers_loss,
        outcome.winner_value / keepers,
        outcome.winner_value / keepers - outcome.profit,
        outcome.winner_value,
        outcome.largest_value,
    ]
}

/// The joint test; a count of mean `μ` varies by `{μ}(1 - {μ})` at least.
fn agreement(seen: &VectorEstimate, expected: Vec<f64>) -> f64 {
    let least = |i: usize, mean: f64| if i < 4 { mean.fract() * (1.0 - mean.fract()) } else { 0.0 };
    let least = DVector::from_iterator(expected.len(), expected.iter().enumerate().map(|(i, &mean)| least(i, mean)));
    Agreement::test(seen, None, &DVector::from_vec(expected), &least).p_value
}

#[test]
fn common_value() {
    let mut stream = 0;
    for given in COSTS.map(auction) {
        for n in [0usize, 1, 2, 3, 8, 40] {
            stream += 1;
            let seen = played::common_value(&given, n, REPLICATIONS / (1 + n as u64 / 8), &mut rng(stream)).unwrap();
            let p = agreement(&seen, common(&given, n as u64));
            assert!(p > ALARM, "{given:?}, {n}: {p:e}\n{}\n{:?}", seen.mean(), common(&given, n as u64));
        }
    }
}

/// The formulas of one keeper more, or payments as if nobody's were lost, are told apart at this size.
#[test]
fn wrong_formulas_are_rejected() {
    let given = auction(COSTS[0]);
    let seen = played::common_value(&given, 3, REPLICATIONS, &mut rng(100)).unwrap();
    assert!(agreement(&seen, common(&given, 3)) > ALARM);
    let outcome = CommonValue::new(&given, 3);
    let wrong = |change: &dyn Fn(&mut Vec<f64>)| {
        let mut expected = common(&given, 3);
        change(&mut expected);
        agreement(&seen, expected)
    };
    assert!(agreement(&seen, common(&given, 4)) < ALARM, "q with exponent 1/n");
    assert!(wrong(&|e| e[4] = given.value()) < ALARM, "always served");
    assert!(wrong(&|e| e[6] += outcome.unserved * given.value() * 0.25) < ALARM, "losers' loss without - q^n");
    assert!(wrong(&|e| e[3] = outcome.bidders - 1.0) < ALARM, "somebody always wins");

    let given = auction([1.0, 0.125, 0.5, 0.25]);
    let uniform = law(pooltree::keepers::model::ValueLaw::Uniform);
    let seen = played::private_values(&given, &uniform, 3, REPLICATIONS, &mut rng(101)).unwrap();
    let right = PrivateValues::new(&given, &uniform, 3).unwrap();
    assert!(agreement(&seen, private(&right)) > ALARM);
    // Payments do depend on α where there is a reserve.
    let other = PrivateValues::new(&auction([1.0, 0.125, 0.0, 0.25]), &uniform, 3).unwrap();
    let mut expected = private(&right);
    expected[4] = other.payments;
    assert!(agreement(&seen, expected) < ALARM);
    let mut expected = private(&right);
    expected[6] *= 1.05;
    assert!(agreement(&seen, expected) < ALARM);
}

#[test]
fn private_values() {
    let mut stream = 200;
    for values in LAWS.map(law) {
        for costs in [[1.0, 0.125, 0.5, 0.25], [2.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.75], [1.0, 0.5, 0.0, 0.0]] {
            for n in [2, 5] {
                stream += 1;
                let given = auction(costs);
                let seen = played::private_values(&given, &values, n, REPLICATIONS / 2, &mut rng(stream)).unwrap();
                let outcome = PrivateValues::new(&given, &values, n as u64).unwrap();
                let p = agreement(&seen, private(&outcome));
                assert!(p > ALARM, "{values:?}, {given:?}, {n}: {p:e}\n{}\n{outcome:?}", seen.mean());
            }
        }
        let given = auction([1.0, 0.125, 0.5, 0.25]);
        for n in [0, 1] {
            stream += 1;
            let seen = played::private_values(&given, &values, n, REPLICATIONS, &mut rng(stream)).unwrap();
            let outcome = PrivateValues::new(&given, &values, n as u64).unwrap();
            let p = agreement(&seen, private(&outcome));
            assert!(p > ALARM, "{values:?}, {n}: {p:e}\n{}\n{outcome:?}", seen.mean());
        }
    }
}

/// Every keeper wins alike, also where all bid the same, and the rest is nobody.
#[test]
fn selection() {
    for (stream, costs) in [COSTS[0], COSTS[5], COSTS[7]].into_iter().enumerate() {
        let given = auction(costs);
        let n = 4;
        let mut counts = pooltree::estimate::Moments::new(n);
        let mut rng = rng(300 + stream as u64);
        for _ in 0..REPLICATIONS {
            let winner = select(&given, n, &mut rng);
            let mut one = [0.0; 4];
            if let Some(i) = winner {
                one[i] = 1.0;
            }
            counts.add(&one);
        }
        let seen = counts.estimate().unwrap();
        let p = agreement(&seen, vec![served(&given, n as u64) / n as f64; n]);
        assert!(p > ALARM, "{given:?}: {p:e}");
    }
    assert_eq!(select(&auction(COSTS[0]), 0, &mut rng(303)), None);
    assert_eq!(select(&auction(COSTS[0]), 1, &mut rng(303)), Some(0));
}

#[test]
fn same_seed_same_numbers() {
    let given = auction(COSTS[0]);
    let run = || played::common_value(&given, 5, 100, &mut rng(7)).unwrap();
    assert_eq!(run(), run());
    assert!(played::common_value(&given, 5, 1, &mut rng(7)).is_err());
}
