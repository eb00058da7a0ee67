//! What holds of every rule.

use super::{contest, flashbots, mixture, monotone, noise, race, ring, staked};
use approx::assert_relative_eq;
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::{Contest, Keepers, Noise, Rule, Task, Ties};
use proptest::prelude::*;

/// Stakes with ties, zeros and very different sizes, of which one at least is positive.
fn stakes() -> impl Strategy<Value = Vec<f64>> {
    let stake = prop_oneof![
        4 => (1..6u8).prop_map(f64::from),
        2 => 0.5..20.0f64,
        1 => Just(0.0),
        1 => (-300.0..300.0f64).prop_map(|d| 10f64.powf(d)),
        1 => prop_oneof![Just(1e300), Just(1e-300), Just(1.0 + f64::EPSILON), Just(5e-324), Just(f64::MAX)],
    ];
    prop::collection::vec(stake, 1..12).prop_filter("one is positive", |all| all.iter().any(|&s| s > 0.0))
}

/// Stakes of one size, also when multiplied by a large factor.
fn moderate() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![2 => 0.01..100.0f64, 1 => (1..4u8).prop_map(f64::from)], 1..12)
}

fn rule() -> impl Strategy<Value = Rule> {
    let any = monotone().len();
    (0..any).prop_map(|k| monotone()[k].clone())
}

/// Every other mechanism, of the same numbers.
fn others(x: &[f64], y: &[f64]) -> [Contest; 4] {
    [
        contest(x, &Rule::uniform()),
        race(x, &y.iter().map(|r| r.max(1e-6)).collect::<Vec<_>>()),
        flashbots(x, y, 0.7),
        flashbots(y, x, 1e-3),
    ]
}

fn sums_to_one(law: &[f64]) -> Result<(), TestCaseError> {
    prop_assert!(law.iter().all(|p| (0.0..=1.0 + 1e-12).contains(p)), "{:?}", law);
    prop_assert!((law.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{:?}", law);
    Ok(())
}

proptest! {
    #[test]
    fn probabilities_sum_to_one(stakes in stakes(), rule in rule()) {
        sums_to_one(&winner(&contest(&stakes, &rule)))?;
    }

    #[test]
    fn probabilities_of_other_mechanisms_sum_to_one(pairs in prop::collection::vec((0.0..9.0f64, 0.0..9.0f64), 1..9)) {
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        for contest in others(&x, &y) {
            sums_to_one(&winner(&contest))?;
        }
        let least = x[0];
        let law = winner(&ring(&x, least, 0.0, 1));
        sums_to_one(&law)?;
        prop_assert!(law.iter().zip(&x).all(|(p, s)| (*p > 0.0) == (*s >= least)));
    }

    #[test]
    fn extreme_races_have_a_law(pairs in prop::collection::vec((-308.0..308.0f64, -308.0..308.0f64, any::<bool>()), 1..9)) {
        let offsets: Vec<f64> = pairs.iter().map(|(d, _, sign)| if *sign { 10f64.powf(*d) } else { -10f64.powf(*d) }).collect();
        let rates: Vec<f64> = pairs.iter().map(|(_, d, _)| 10f64.powf(*d)).collect();
        sums_to_one(&winner(&race(&offsets, &rates)))?;
    }

    #[test]
    fn order_does_not_matter(stakes in stakes(), rule in rule(), turn in 0..12usize, seed: u64) {
        let by_place = [Ties::FileOrder, Ties::Hash, Ties::LeastExecuted].map(Rule::by_stake);
        prop_assume!(!by_place.contains(&rule));
        let mut order: Vec<usize> = (0..stakes.len()).collect();
        order.rotate_left(turn % stakes.len());
        order.sort_by_key(|&i| (i as u64).wrapping_mul(seed | 1).rotate_left(17));
        let permuted: Vec<f64> = order.iter().map(|&i| stakes[i]).collect();
        let (law, moved) = (winner(&contest(&stakes, &rule)), winner(&contest(&permuted, &rule)));
        for (&i, p) in order.iter().zip(moved) {
            assert_relative_eq!(p, law[i], max_relative = 1e-12);
        }
    }

    #[test]
    fn a_ring_may_be_turned(stakes in prop::collection::vec((0..4u8).prop_map(f64::from), 1..9), turn in 0..9usize, least in 0..6u8) {
        let law = |stakes: &[f64]| winner(&ring(stakes, f64::from(least), 1.0, 0));
        let turn = turn % stakes.len();
        let (mut turned, mut expected) = (stakes.clone(), law(&stakes));
        turned.rotate_left(turn);
        expected.rotate_left(turn);
        prop_assert_eq!(law(&turned), expected);
    }

    #[test]
    fn units_do_not_matter(stakes in moderate(), rule in rule(), scale in -297.0..297.0f64) {
        let scale = 10f64.powf(scale);
        let scaled: Vec<f64> = stakes.iter().map(|s| s * scale).collect();
        // A factor that is no power of two may round two nearly equal stakes into a tie, or apart.
        let tied = |all: &[f64]| (0..all.len()).map(|i| all.iter().filter(|&&s| s == all[i]).count()).collect::<Vec<_>>();
        prop_assume!(tied(&stakes) == tied(&scaled));
        let (law, other) = (winner(&contest(&stakes, &rule)), winner(&contest(&scaled, &rule)));
        for (p, q) in law.iter().zip(&other) {
            assert_relative_eq!(p, q, max_relative = 1e-12);
        }
        // By a power of two nothing is rounded but the sums of logarithms.
        let exact: Vec<f64> = stakes.iter().map(|s| s * scale.log2().round().exp2()).collect();
        for (p, q) in law.iter().zip(winner(&contest(&exact, &rule))) {
            assert_relative_eq!(*p, q, max_relative = 1e-13);
        }
    }

    #[test]
    fn more_stake_is_no_loss(stakes in stakes(), rule in rule(), i in 0..12usize, factor in prop_oneof![Just(1.0 + 1e-9), 1.0..3.0f64, Just(1e9)]) {
        let i = i % stakes.len();
        let mut more = stakes.clone();
        more[i] = (more[i].max(1e-300) * factor).min(f64::MAX);
        let (law, grown) = (winner(&contest(&stakes, &rule)), winner(&contest(&more, &rule)));
        prop_assert!(grown[i] >= law[i] * (1.0 - 1e-12) - 1e-290, "{:?} {:?}", law, grown);
        for j in (0..stakes.len()).filter(|&j| j != i) {
            prop_assert!(grown[j] <= law[j] * (1.0 + 1e-12) + 1e-290, "{} of {:?} {:?}", j, law, grown);
        }
    }

    #[test]
    fn proportional_weights_do_not_see_mergers(stakes in moderate()) {
        prop_assume!(stakes.len() > 1);
        for rule in [Rule::stake_power(1.0), noise(Noise::Frechet), noise(Noise::Gumbel), mixture(0.0)] {
            let (merged, rest) = (stakes[0] + stakes[1], &stakes[2..]);
            let law = winner(&contest(&stakes, &rule));
            let after = winner(&contest(&[&[merged], rest].concat(), &rule));
            assert_relative_eq!(law[0] + law[1], after[0], max_relative = 1e-13);
            for (p, q) in law[2..].iter().zip(&after[1..]) {
                assert_relative_eq!(p, q, max_relative = 1e-13);
            }
        }
        // At power 1/2 they do: two halves have more than the whole.
        let halves = winner(&contest(&[&[1.0, 1.0][..], &stakes].concat(), &Rule::stake_power(0.5)));
        prop_assert!(halves[0] + halves[1] > winner(&contest(&[&[2.0][..], &stakes].concat(), &Rule::stake_power(0.5)))[0]);
    }

    #[test]
    fn under_staked_keepers_change_nothing(stakes in moderate(), rule in rule(), cheap in 0.0..0.009f64) {
        let task = Task { min_stake: Some(0.01), job: 0 };
        let law = |stakes: &[f64]| winner(&Contest::new(&staked(stakes), &rule, &task).unwrap());
        let with: Vec<f64> = stakes.iter().copied().chain([cheap]).collect();
        prop_assert_eq!(law(&with), law(&stakes));
    }

    #[test]
    fn the_excluded_leave_the_contest_of_the_rest(stakes in stakes(), rule in rule(), i in 0..12usize) {
        let i = i % stakes.len();
        let all = staked(&stakes);
        let rest = Keepers::new(all.all().iter().enumerate().filter(|&(j, _)| j != i).map(|(_, k)| k.clone()).collect());
        // Where the rest has no weight there is no such contest.
        if let Ok(contest) = Contest::new(&rest.unwrap(), &rule, &Task::default()) {
            let left = Contest::new(&all, &rule, &Task::default()).unwrap().without(i);
            for (p, q) in winner(&left).iter().zip(winner(&contest)) {
                assert_relative_eq!(*p, q, max_relative = 1e-12);
            }
        }
    }
}
