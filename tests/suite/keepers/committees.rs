//! Committees: inclusion, joint inclusion and ranks against enumeration of all orders, limits, and simulation. The tests of
//! agreement together fail by chance with probability 1e-6 at most (fixed seeds, so that they either always or never do).

use approx::assert_relative_eq;
use nalgebra::{DMatrix, DVector};
use pooltree::Error;
use pooltree::estimate::Agreement;
use pooltree::keepers::closed_form::committee::{committee, distortion, expected_rank, joint_inclusion, rank_law};
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::model::{Mechanism, Reading, Rest};
use pooltree::keepers::simulation::committee as simulation;
use pooltree::keepers::{Contest, GasAuction, Keeper, Keepers, Noise, Property, Rule, Score, Task, Ties};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

const REPEAT: Reading = Reading::ExcludeAndRepeat;
const SINGLE: Reading = Reading::SingleDraw;

fn contest(stakes: &[f64], rule: &Rule) -> Contest {
    let keepers = stakes.iter().enumerate();
    let keepers = keepers.map(|(i, &stake)| Keeper { stake, bid: stake, ..Keeper::new(i.to_string()) }).collect();
    Contest::new(&Keepers::new(keepers).unwrap(), rule, &Task::default()).unwrap()
}

fn weighted(weights: &[f64]) -> Contest {
    contest(weights, &Rule::stake_power(1.0))
}

fn noise(scores: &[f64], noise: Noise) -> Contest {
    contest(scores, &Rule::Noise { score: Property::Stake.into(), noise, temperature: 1.0 })
}

fn mixture(weights: &[f64], epsilon: f64) -> Contest {
    contest(weights, &Rule::Mixture { score: Property::Stake.into(), epsilon })
}

fn race(offsets: &[f64], rates: &[f64]) -> Contest {
    let keepers = offsets.iter().zip(rates).enumerate();
    // A bid is not negative; an offset may be.
    let keeper = |(i, (&offset, &stake)): (usize, (&f64, &f64))| Keeper {
        stake,
        bid: offset + 1.0,
        ..Keeper::new(i.to_string())
    };
    let keepers = keepers.map(keeper).collect();
    let offset = Score::from(Property::Bid) - Score::from(1.0);
    let rule = Rule::Race { offset, rate: Property::Stake.into() };
    Contest::new(&Keepers::new(keepers).unwrap(), &rule, &Task::default()).unwrap()
}

/// Every order of `n` with its probability when each next one is drawn by weight from those left, by going through them.
fn orders(weights: &[f64]) -> Vec<(Vec<usize>, f64)> {
    let mut orders = vec![(Vec::new(), 1.0)];
    for _ in 0..weights.len() {
        orders = orders
            .into_iter()
            .flat_map(|(order, p): (Vec<usize>, f64)| {
                let left: Vec<usize> = (0..weights.len()).filter(|i| !order.contains(i)).collect();
                let largest = left.iter().map(|&i| weights[i]).fold(0.0, f64::max);
                let all: f64 = left.iter().map(|&i| weights[i] / largest).sum();
                left.into_iter().map(move |i| {
                    let mut longer = order.clone();
                    longer.push(i);
                    (longer, p * (weights[i] / largest / all))
                })
            })
            .collect();
    }
    orders
}

fn check_enumeration(weights: &[f64]) {
    let n = weights.len();
    let contest = weighted(weights);
    let orders = orders(weights);
    let law = rank_law(&contest, REPEAT).unwrap();
    let mut wanted = DMatrix::zeros(n, n);
    orders.iter().for_each(|(order, p)| order.iter().enumerate().for_each(|(r, &i)| wanted[(i, r)] += p));
    assert_relative_eq!(law, wanted, max_relative = 1e-12, epsilon = 1e-300);
    for m in 0..=n + 1 {
        let exact = committee(&contest, m, REPEAT).unwrap();
        let both = joint_inclusion(&contest, m, SINGLE).unwrap();
        let mut wanted = DMatrix::zeros(n, n);
        for (order, p) in &orders {
            for &i in order.iter().take(m) {
                order.iter().take(m).for_each(|&j| wanted[(i, j)] += p);
            }
        }
        for i in 0..n {
            assert_relative_eq!(exact.inclusion[i], wanted[(i, i)], max_relative = 1e-12, epsilon = 1e-300);
        }
        assert_relative_eq!(both, wanted, max_relative = 1e-12, epsilon = 1e-300);
        assert_eq!(exact.short, if m > n { 1.0 } else { 0.0 });
    }
    for (i, rank) in expected_rank(&contest, REPEAT).unwrap().into_iter().enumerate() {
        let mean: f64 = orders.iter().map(|(o, p)| p * (1 + o.iter().position(|&j| j == i).unwrap()) as f64).sum();
        assert_relative_eq!(rank.unwrap(), mean, max_relative = 1e-12);
    }
}

#[test]
fn weights_against_enumeration() {
    check_enumeration(&[1.0]);
    check_enumeration(&[0.7, 0.2, 0.1]);
    check_enumeration(&[1.0; 6]);
    check_enumeration(&[1e-300, 1e300, 1.0, 3.0, 1e-150]);
    check_enumeration(&[1e300, 1e300, 1e300, 2e-300, 1e-300]);
    check_enumeration(&[1.0, 1e10, 1e20, 1e-10, 1e-20, 2.0, 2.0]);
    check_enumeration(&[0.3, 0.31, 5.0, 0.01, 1e-9, 7e4, 2.0]);
}

#[test]
fn known_numbers() {
    let inclusion = committee(&weighted(&[0.7, 0.2, 0.1]), 2, REPEAT).unwrap().inclusion;
    for (pi, known) in inclusion.into_iter().zip([0.953, 0.689, 0.358]) {
        assert!((pi - known).abs() < 5e-4, "{pi} {known}");
    }
    let single = committee(&noise(&[1.0, 2.0, 3.0], Noise::Uniform), 2, SINGLE).unwrap().inclusion;
    for (pi, known) in single.into_iter().zip([13.0 / 36.0, 7.0 / 9.0, 31.0 / 36.0]) {
        assert!((pi - known).abs() < 1e-14, "{pi} {known}");
    }
}

/// Needs the winner's law of uniform noise.
#[test]
fn uniform_noise_drawn_again() {
    let again = committee(&noise(&[1.0, 2.0, 3.0], Noise::Uniform), 2, REPEAT).unwrap();
    for (pi, known) in again.inclusion.into_iter().zip([0.266, 0.803, 0.931]) {
        assert!((pi - known).abs() < 5e-4, "{pi} {known}");
    }
    assert_eq!(again.short, 0.0);
    let none = committee(&noise(&[1.0, 0.0, 3.0], Noise::Uniform), 3, REPEAT).unwrap();
    assert_relative_eq!(none.inclusion.as_slice(), [1.0, 0.0, 1.0].as_slice(), max_relative = 1e-14);
    assert_relative_eq!(none.short, 1.0, max_relative = 1e-14);
}

/// The law of one selection is the committee of one, whatever the rule. Needs the winner's laws of all rules.
#[test]
fn a_committee_of_one_is_the_winner() {
    let scores = [1.0, 2.5, 0.3, 4.0, 2.5];
    let ring = {
        let keepers = scores.iter().enumerate().map(|(i, &stake)| Keeper { stake, ..Keeper::new(i.to_string()) });
        let task = Task { min_stake: Some(2.0), job: 3 };
        Contest::new(&Keepers::new(keepers.collect()).unwrap(), &Rule::Probe { agent_minimum: 0.5 }, &task).unwrap()
    };
    let contests = [
        noise(&scores, Noise::Uniform),
        noise(&scores, Noise::Exponential),
        noise(&scores, Noise::Frechet),
        race(&[0.0, 0.5, -1.0, 0.2, 0.2], &scores),
        ring,
        mixture(&scores, 0.3),
        weighted(&scores),
        contest(&scores, &Rule::GasAuction(GasAuction::new(10.0, 1.0, 0.5, 2.0).unwrap())),
        contest(&scores, &Rule::by_stake(Ties::Uniform)),
        contest(&scores, &Rule::Flashbots { lambda: 0.0, temperature: 0.7 }),
    ];
    for contest in contests {
        for reading in Reading::ALL {
            let one = committee(&contest, 1, reading).unwrap().inclusion;
            for (pi, p) in one.iter().zip(winner(&contest)) {
                assert!((pi - p).abs() < 1e-12, "{reading:?} {contest:?}: {pi} {p}");
            }
        }
    }
}

#[test]
fn single_draws_by_other_routes() {
    // Two exponential times of means 1 and 2: the larger mean wins 2 of 3; three by inclusion-exclusion over the minimum.
    let single = rank_law(&noise(&[1.0, 2.0, 4.0], Noise::Exponential), SINGLE).unwrap();
    // Last: the smallest of exponential times of rates 1, 1/2, 1/4.
    for (i, rate) in [1.0, 0.5, 0.25].into_iter().enumerate() {
        assert_relative_eq!(single[(i, 2)], rate / 1.75, max_relative = 1e-14);
    }
    // First: 1 - Σ rate/(rate + other) + rate/all.
    let first = |a: f64, b: f64, c: f64| 1.0 - a / (a + b) - a / (a + c) + a / (a + b + c);
    assert_relative_eq!(single[(0, 0)], first(1.0, 0.5, 0.25), max_relative = 1e-13);
    // A race: two from time 0, a third one from time 1. Not last for the third: survives neither of them.
    let law = rank_law(&race(&[0.0, 0.0, 1.0], &[1.0, 2.0, 3.0]), SINGLE).unwrap();
    let both_later = (-3.0f64).exp(); // neither of the first two by time 1
    assert_relative_eq!(law[(2, 0)], both_later * 3.0 / 6.0, max_relative = 1e-13);
    // Last: both have arrived before; P(both by 1) and after that inclusion-exclusion.
    let [a, b] = [(-1.0f64).exp(), (-2.0f64).exp()];
    let last = (1.0 - a) * (1.0 - b)
        + a * (1.0 - b) / 4.0
        + b * (1.0 - a) * 2.0 / 5.0
        + a * b * (1.0 / 6.0 * 2.0 / 5.0 + 2.0 / 6.0 * 1.0 / 4.0);
    assert_relative_eq!(law[(2, 2)], last, max_relative = 1e-13);
    for i in 0..3 {
        assert_relative_eq!(law.row(i).sum(), 1.0, max_relative = 1e-13);
        assert_relative_eq!(law.column(i).sum(), 1.0, max_relative = 1e-13);
    }
    // Offsets within a rounding of each other are no offsets.
    let near = committee(&race(&[0.0, 1e-14, 2e-14], &[7.0, 2.0, 1.0]), 2, SINGLE).unwrap();
    let none = committee(&race(&[0.0; 3], &[7.0, 2.0, 1.0]), 2, SINGLE).unwrap();
    for (a, b) in near.inclusion.into_iter().zip(none.inclusion) {
        assert!((a - b).abs() < 1e-12);
    }
}

#[test]
fn sums_of_every_route() {
    let scores = [1.0, 2.5, 0.3, 4.0, 2.5, 1e-5];
    let offsets = [0.0, 0.5, -1.0, 0.2, 0.2, 3.0];
    let contests = [
        noise(&scores, Noise::Uniform),
        noise(&scores, Noise::Exponential),
        race(&offsets, &scores),
        weighted(&scores),
        mixture(&scores, 0.3),
        contest(&scores, &Rule::by_stake(Ties::Uniform)),
        contest(&scores, &Rule::Uniform { rest: Rest::Cyclic }),
    ];
    for contest in contests {
        let law = rank_law(&contest, SINGLE).unwrap();
        let mean = expected_rank(&contest, SINGLE).unwrap();
        assert_relative_eq!(mean.iter().map(|rank| rank.unwrap()).sum::<f64>(), 21.0, max_relative = 1e-12);
        for m in 1..=6 {
            let exact = committee(&contest, m, SINGLE).unwrap();
            let both = joint_inclusion(&contest, m, SINGLE).unwrap();
            assert_relative_eq!(exact.inclusion.iter().sum::<f64>(), m as f64, max_relative = 1e-12);
            for i in 0..6 {
                assert!((law.row(i).iter().take(m).sum::<f64>() - exact.inclusion[i]).abs() < 1e-13);
                assert!((both.row(i).sum() - m as f64 * exact.inclusion[i]).abs() < 1e-12, "{contest:?} {m}");
            }
        }
    }
}

#[test]
fn hundreds_of_keepers() {
    let weights: Vec<f64> = (0..500).map(|i| (f64::from(i * 7919 % 500) / 50.0).exp()).collect();
    let start = Instant::now();
    let exact = committee(&weighted(&weights), 50, REPEAT).unwrap();
    println!("500 keepers, 50 selected: {:?}", start.elapsed());
    assert_relative_eq!(exact.inclusion.iter().sum::<f64>(), 50.0, max_relative = 1e-13);
    let ranks = [1, 249, 499].map(|m| (m, committee(&weighted(&weights), m, REPEAT).unwrap().inclusion));
    for (m, inclusion) in ranks {
        assert_relative_eq!(inclusion.iter().sum::<f64>(), m as f64, max_relative = 1e-13);
    }
    println!("and 1, 249, 499: {:?}", start.elapsed());
    for (kind, m) in [(Noise::Uniform, 20), (Noise::Exponential, 20)] {
        let start = Instant::now();
        let inclusion = committee(&noise(&weights[..100], kind), m, SINGLE).unwrap().inclusion;
        println!("100 keepers, {}: {:?}", kind.name(), start.elapsed());
        assert_relative_eq!(inclusion.iter().sum::<f64>(), m as f64, max_relative = 1e-12);
    }
    let start = Instant::now();
    let offsets: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.01).collect();
    let inclusion = committee(&race(&offsets, &weights[..100]), 20, SINGLE).unwrap().inclusion;
    println!("100 keepers, race: {:?}", start.elapsed());
    assert_relative_eq!(inclusion.iter().sum::<f64>(), 20.0, max_relative = 1e-12);
    // Softmax so sharp that it is a fixed order.
    let sharp = contest(&weights, &Rule::Flashbots { lambda: 0.0, temperature: 1e-9 });
    let fixed = committee(&contest(&weights, &Rule::by_stake(Ties::FileOrder)), 50, REPEAT).unwrap();
    assert_eq!(committee(&sharp, 50, REPEAT).unwrap(), fixed);
}

#[test]
fn weights_of_0_and_nobody() {
    let some = weighted(&[2.0, 0.0, 1.0, 0.0]);
    for m in [3, 4, 9, usize::MAX] {
        let exact = committee(&some, m, REPEAT).unwrap();
        assert_eq!((exact.inclusion.as_slice(), exact.short), ([1.0, 0.0, 1.0, 0.0].as_slice(), 1.0));
    }
    assert_eq!(committee(&some, 2, REPEAT).unwrap().short, 0.0);
    assert_eq!(expected_rank(&some, REPEAT).unwrap()[1], None);
    let even = distortion(&some, 1, REPEAT).unwrap();
    assert_eq!([even[1], even[3]], [None; 2]);
    for ratio in [even[0], even[2]] {
        assert_relative_eq!(ratio.unwrap(), 1.0, max_relative = 1e-14);
    }
    // A mixture goes on among those without a weight, at random.
    let mixed = mixture(&[2.0, 0.0, 1.0, 0.0], 0.0);
    for reading in Reading::ALL {
        let exact = committee(&mixed, 3, reading).unwrap();
        assert_eq!((exact.inclusion.as_slice(), exact.short), ([1.0, 0.5, 1.0, 0.5].as_slice(), 0.0));
    }
    let rules = [
        Rule::uniform(),
        Rule::stake_power(1.0),
        Rule::by_stake(Ties::Hash),
        Rule::Uniform { rest: Rest::Cyclic },
        Rule::Probe { agent_minimum: 0.0 },
        Rule::Noise { score: Property::Stake.into(), noise: Noise::Uniform, temperature: 1.0 },
        Rule::Race { offset: Property::Bid.into(), rate: Property::Stake.into() },
        Rule::GasAuction(GasAuction::new(1.0, 0.0, 0.0, 0.0).unwrap()),
        Rule::Mixture { score: Property::Stake.into(), epsilon: 0.5 },
    ];
    for rule in rules {
        let nobody = contest(&[], &rule);
        for reading in Reading::ALL {
            let exact = committee(&nobody, 2, reading).unwrap();
            assert_eq!((exact.inclusion.len(), exact.short), (0, 1.0), "{rule:?}");
            assert_eq!(committee(&nobody, 0, reading).unwrap().short, 0.0, "{rule:?}");
            assert!(joint_inclusion(&nobody, 2, reading).unwrap().is_empty());
            assert!(rank_law(&nobody, reading).unwrap().is_empty());
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            assert!(simulation::select_several(&nobody, 2, reading, &mut rng).is_empty());
        }
    }
}

#[test]
fn deterministic_and_uniform_rules() {
    let tied = contest(&[3.0, 5.0, 3.0, 1.0, 3.0], &Rule::by_stake(Ties::Uniform));
    for reading in Reading::ALL {
        let third = 1.0 / 3.0;
        assert_eq!(committee(&tied, 2, reading).unwrap().inclusion, [third, 1.0, third, 0.0, third]);
        let both = joint_inclusion(&tied, 3, reading).unwrap();
        assert_relative_eq!(both[(0, 2)], third, max_relative = 1e-15);
        assert_relative_eq!(both[(0, 1)], 2.0 * third, max_relative = 1e-15);
        assert_eq!(both[(0, 3)], 0.0);
        assert_eq!(expected_rank(&tied, reading).unwrap(), [3.0, 1.0, 3.0, 5.0, 3.0].map(Some));
        let uniform = contest(&[1.0; 5], &Rule::uniform());
        assert_eq!(committee(&uniform, 2, reading).unwrap().inclusion, [0.4; 5]);
        assert_relative_eq!(joint_inclusion(&uniform, 2, reading).unwrap()[(0, 3)], 0.1, max_relative = 1e-15);
    }
    let cyclic = contest(&[1.0; 5], &Rule::Uniform { rest: Rest::Cyclic });
    assert_relative_eq!(joint_inclusion(&cyclic, 2, REPEAT).unwrap()[(0, 1)], 0.1, max_relative = 1e-15);
    let file = contest(&[3.0, 5.0, 3.0, 1.0, 3.0], &Rule::by_stake(Ties::FileOrder));
    assert_eq!(committee(&file, 3, REPEAT).unwrap().inclusion, [1.0, 1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn probes_of_one_start() {
    let keepers =
        [5.0, 1.0, 1.0, 6.0].iter().enumerate().map(|(i, &stake)| Keeper { stake, ..Keeper::new(i.to_string()) });
    let keepers = Keepers::new(keepers.collect()).unwrap();
    let rule = Rule::Probe { agent_minimum: 0.5 };
    let contest = Contest::new(&keepers, &rule, &Task { min_stake: Some(3.0), job: 0 }).unwrap();
    let law = rank_law(&contest, SINGLE).unwrap();
    // Starts 1, 2, 3 meet the last one first, start 0 the first one; then the under-staked ones, from starts 2 alone the second of them.
    assert_eq!([law[(3, 0)], law[(0, 0)], law[(1, 2)], law[(2, 2)]], [0.75, 0.25, 0.75, 0.25]);
}

/// A gas auction is run again among those left; one keeper alone is served for certain. Needs the auction's law.
#[test]
fn gas_auctions_may_fall_short() {
    let auction = GasAuction::new(10.0, 1.0, 0.5, 2.0).unwrap();
    let contest = contest(&[1.0; 4], &Rule::GasAuction(auction));
    let unserved = |n: f64| (2.0f64 / 10.0).powf(n / (n - 1.0)); // H(2) = (1 + 1)/(11 - 1)
    let again = committee(&contest, 2, REPEAT).unwrap();
    assert_relative_eq!(again.short, 1.0 - (1.0 - unserved(4.0)) * (1.0 - unserved(3.0)), max_relative = 1e-12);
    assert_relative_eq!(
        again.inclusion.iter().sum::<f64>(),
        (1.0 - unserved(4.0)) * (2.0 - unserved(3.0)),
        max_relative = 1e-12
    );
}

#[test]
fn gas_auctions_of_one_draw() {
    let auction = GasAuction::new(10.0, 1.0, 0.5, 2.0).unwrap();
    let contest = contest(&[1.0; 4], &Rule::GasAuction(auction));
    let q = 0.2f64.powf(1.0 / 3.0);
    let exact = committee(&contest, 2, SINGLE).unwrap();
    let (none, one) = (q.powi(4), 4.0 * q.powi(3) * (1.0 - q));
    assert_relative_eq!(exact.short, none + one, max_relative = 1e-12);
    assert_relative_eq!(exact.inclusion[1], (2.0 - 2.0 * none - one) / 4.0, max_relative = 1e-12);
    // Two given keepers are both among the first four where both bid.
    assert_relative_eq!(joint_inclusion(&contest, 4, SINGLE).unwrap()[(0, 1)], (1.0 - q).powi(2), max_relative = 1e-12);
}

#[test]
fn sets_reach_as_far_as_they_say() {
    let weights: Vec<f64> = (1..=16).map(f64::from).collect();
    let exact = committee(&mixture(&weights, 0.25), 16, REPEAT).unwrap();
    exact.inclusion.iter().for_each(|pi| assert_relative_eq!(*pi, 1.0, max_relative = 1e-12));
    let half = committee(&mixture(&weights, 0.25), 8, REPEAT).unwrap();
    assert_relative_eq!(half.inclusion.iter().sum::<f64>(), 8.0, max_relative = 1e-12);
    let more: Vec<f64> = (1..=40).map(f64::from).collect();
    assert!(committee(&mixture(&more, 0.25), 3, REPEAT).is_ok());
    assert!(matches!(committee(&mixture(&more, 0.25), 9, REPEAT), Err(Error::OutOfReach { .. })));
    // Two of a mixture by hand: after the other, from what is left.
    let p = |w: f64, all: f64, n: f64| 0.75 * w / all + 0.25 / n;
    let two = committee(&mixture(&[1.0, 2.0, 3.0], 0.25), 2, REPEAT).unwrap();
    let by_hand = p(1.0, 6.0, 3.0) + p(2.0, 6.0, 3.0) * p(1.0, 4.0, 2.0) + p(3.0, 6.0, 3.0) * p(1.0, 3.0, 2.0);
    assert_relative_eq!(two.inclusion[0], by_hand, max_relative = 1e-14);
    // Without a uniform part the recursion is the integral.
    let almost = committee(&mixture(&[1.0, 2.0, 3.0, 9.0], 1e-300), 2, REPEAT).unwrap().inclusion;
    let weights = committee(&weighted(&[1.0, 2.0, 3.0, 9.0]), 2, REPEAT).unwrap().inclusion;
    assert_relative_eq!(almost.as_slice(), weights.as_slice(), max_relative = 1e-13);
}

/// The ratio of two inclusions rises where larger weights have filled the first places.
#[test]
fn ratios_need_not_fall() {
    let contest = weighted(&[100.0, 100.0, 2.0, 1.0]);
    let ratio = |m| {
        let inclusion = committee(&contest, m, REPEAT).unwrap().inclusion;
        inclusion[2] / inclusion[3]
    };
    let ratios = [1, 2, 3, 4].map(ratio);
    println!("{ratios:?}");
    assert!(ratios[1] < ratios[0] - 1e-3 && ratios[2] > ratios[1] + 1e-3, "{ratios:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ratios_are_between_1_and_that_of_weights(
        logs in proptest::collection::vec(prop_oneof![Just(0.0), -2.0..2.0, -300.0..300.0f64], 2..12),
        m in 1usize..12,
    ) {
        let weights: Vec<f64> = logs.iter().map(|w| 10f64.powf(*w)).collect();
        let m = m.min(weights.len());
        let exact = committee(&weighted(&weights), m, REPEAT).unwrap();
        prop_assert!((exact.inclusion.iter().sum::<f64>() / m as f64 - 1.0).abs() < 1e-12);
        for (i, a) in exact.inclusion.iter().enumerate() {
            prop_assert!(*a > 0.0 || weights[i] < 1e-290 * weights.iter().copied().fold(0.0, f64::max));
            for (j, b) in exact.inclusion.iter().enumerate().filter(|(j, b)| weights[i] >= weights[*j] && **b > 1e-290) {
                prop_assert!(a / b >= 1.0 - 1e-12, "{a} {b}");
                prop_assert!(a / b <= weights[i] / weights[j] * (1.0 + 1e-12), "{a} {b}");
            }
        }
    }
}

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 30.0;
const DRAWS: u64 = 40_000;

fn agrees(contest: &Contest, m: usize, reading: Reading, claimed: &[f64], seed: u64) -> bool {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let estimate = simulation::inclusion(contest, m, reading, DRAWS, &mut rng).unwrap();
    let expected = DVector::from_row_slice(claimed);
    let least = expected.map(|pi| if pi > 1.0 - 1e-12 { 0.0 } else { pi * (1.0 - pi) });
    Agreement::test(&estimate, None, &expected, &least).p_value > BUDGET / COMPARISONS
}

#[test]
fn single_draws_agree() {
    let scores = [1.0, 2.5, 0.3, 4.0, 2.5];
    let ring = {
        let keepers = scores.iter().enumerate().map(|(i, &stake)| Keeper { stake, ..Keeper::new(i.to_string()) });
        let task = Task { min_stake: Some(2.0), job: 3 };
        Contest::new(&Keepers::new(keepers.collect()).unwrap(), &Rule::Probe { agent_minimum: 0.5 }, &task).unwrap()
    };
    let contests = [
        noise(&scores, Noise::Uniform),
        noise(&scores, Noise::Exponential),
        noise(&scores, Noise::Frechet),
        race(&[0.0, 0.5, -1.0, 0.2, 0.2], &scores),
        ring,
        mixture(&[1.0, 2.5, 0.0, 4.0, 0.0], 0.3),
        weighted(&scores),
        contest(&scores, &Rule::GasAuction(GasAuction::new(10.0, 1.0, 0.5, 2.0).unwrap())),
        contest(&scores, &Rule::by_stake(Ties::Uniform)),
        contest(&scores, &Rule::Uniform { rest: Rest::Cyclic }),
        contest(&scores, &Rule::Flashbots { lambda: 0.0, temperature: 0.7 }),
    ];
    for (seed, contest) in contests.iter().enumerate() {
        for m in [2, 3] {
            let exact = committee(contest, m, SINGLE).unwrap();
            assert!(agrees(contest, m, SINGLE, &exact.inclusion, seed as u64), "{contest:?} {exact:?}");
        }
    }
}

/// Bids of the value where losing is free, also if the reserve takes all of it; none where a revert costs anything then.
#[test]
fn reserves_of_the_whole_value() {
    for (fixed, selected) in [(0.0, 1.0), (1e-9, 0.0)] {
        let auction = GasAuction::new(0.1, fixed, 0.0, 0.1).unwrap();
        for n in [2, 3] {
            let contest = contest(&vec![1.0; n], &Rule::GasAuction(auction));
            for reading in [SINGLE, REPEAT] {
                // Under exclude-and-repeat the last one left is alone, which nothing deters; but the first selection fails.
                let found = committee(&contest, n, reading).unwrap();
                assert_eq!(found.inclusion, vec![selected; n], "{reading:?} {found:?}");
                assert_eq!(found.short, 1.0 - selected, "{reading:?} {found:?}");
                assert!(agrees(&contest, n, reading, &found.inclusion, 200));
            }
        }
    }
}

/// The race of exponential times is exclude-and-repeat by weight, and neither is proportional to weight.
#[test]
fn the_race_agrees_and_proportional_inclusion_is_rejected() {
    let weights = [7.0, 2.0, 1.0, 4.0];
    let contest = weighted(&weights);
    let exact = committee(&contest, 2, REPEAT).unwrap().inclusion;
    assert!(agrees(&contest, 2, SINGLE, &exact, 100), "the right formula passes");
    let proportional: Vec<f64> = weights.iter().map(|w| (2.0 * w / 14.0).min(0.999)).collect();
    assert!(!agrees(&contest, 2, SINGLE, &proportional, 100), "proportional inclusion passes");
    let noisy = noise(&weights, Noise::Uniform);
    assert!(!agrees(&noisy, 2, SINGLE, &exact, 101), "uniform noise passes for proportional weights");
}

/// Exclude-and-repeat, drawn step by step. Needs the draw of a single selection and all laws of winners.
#[test]
fn repeated_selections_agree() {
    let scores = [1.0, 2.5, 0.3, 4.0, 2.5];
    let ring = {
        let keepers = scores.iter().enumerate().map(|(i, &stake)| Keeper { stake, ..Keeper::new(i.to_string()) });
        let task = Task { min_stake: Some(2.0), job: 3 };
        Contest::new(&Keepers::new(keepers.collect()).unwrap(), &Rule::Probe { agent_minimum: 0.5 }, &task).unwrap()
    };
    let contests = [
        weighted(&scores),
        noise(&scores, Noise::Uniform),
        noise(&scores, Noise::Exponential),
        mixture(&[1.0, 2.5, 0.0, 4.0, 0.0], 0.3),
        ring,
        race(&[0.0, 0.5, -1.0, 0.2, 0.2], &scores),
        contest(&scores, &Rule::GasAuction(GasAuction::new(10.0, 1.0, 0.5, 2.0).unwrap())),
    ];
    for (seed, contest) in contests.iter().enumerate() {
        let exact = committee(contest, 3, REPEAT).unwrap();
        assert!(agrees(contest, 3, REPEAT, &exact.inclusion, 200 + seed as u64), "{contest:?} {exact:?}");
    }
}

#[test]
fn tiny_weights_are_drawn() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let logs = [1e-300f64.ln(), f64::NEG_INFINITY, 1e300f64.ln(), 1.0];
    for _ in 0..100 {
        assert_eq!(simulation::race(&logs, 9, &mut rng), [2, 3, 0]);
        assert_eq!(simulation::race(&logs, 2, &mut rng), [2, 3]);
        assert!(simulation::race(&logs, 0, &mut rng).is_empty());
    }
    let contest =
        contest(&[1.0, 2.0], &Rule::Noise { score: Score::from(1.0), noise: Noise::Gumbel, temperature: 1.0 });
    assert!(matches!(contest.mechanism(), Mechanism::Gumbel { .. }));
    assert_eq!(simulation::rank_once(&contest, &mut rng).len(), 2);
}
