//! Keepers: fairness, predictability, waits and incentives. With the right formulas all tests of this file together fail
//! with probability 1e-6 at most (fixed seeds, so that they either always or never do).

use approx::assert_relative_eq;
use nalgebra::{DMatrix, DVector};
use pooltree::estimate::Moments;
use pooltree::keepers::closed_form::fairness::{
    Elasticity, Law, shrink, shrink_mean_field, stake_elasticities, stake_elasticity, tie_unfairness,
};
use pooltree::keepers::simulation::attacks::{Urn, shrinking_pool};
use pooltree::keepers::{Contest, Keeper, Keepers, Noise, Property, Rule, Score, Task, Ties};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Standard errors that a normal deviate exceeds with probability 8e-11; fewer than 1000 comparisons, of means of 2000 or
/// more numbers, are made.
const FAR: f64 = 6.5;

const HALF: [f64; 5] = [0.5, 0.25, 0.125, 0.0625, 0.0625];

fn law(p: &[f64]) -> Law {
    Law::new(p).unwrap()
}

fn shares(weights: &[f64]) -> Law {
    let all: f64 = weights.iter().sum();
    law(&weights.iter().map(|w| w / all).collect::<Vec<_>>())
}

fn staked(stakes: &[f64]) -> Keepers {
    let keeper = |(i, &stake)| Keeper { stake, ..Keeper::new(format!("k{i}")) };
    Keepers::new(stakes.iter().enumerate().map(keeper).collect()).unwrap()
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Mean and standard error of numbers drawn one by one.
fn mean(n: u32, mut draw: impl FnMut() -> f64) -> [f64; 2] {
    let mut moments = Moments::new(1);
    (0..n).for_each(|_| moments.add(&[draw()]));
    let estimate = moments.estimate().unwrap().component(0);
    [estimate.mean, estimate.std_error]
}

fn agrees([mean, error]: [f64; 2], claimed: f64) -> bool {
    (mean - claimed).abs() <= FAR * error
}

#[test]
fn hill_numbers_of_an_example() {
    let exact = [
        (0.0, 5.0),
        (0.5, 4.246_320_343_559_643),
        (0.9, 3.769_238_133_197_282_7),
        (0.999_999, 3.668_017_150_350_036_9),
        (1.0, 1.875f64.exp2()),
        (1.000_001, 3.668_015_195_288_018),
        (1.1, 3.573_641_722_104_407_3),
        (2.0, 1.0 / (0.25 + 0.0625 + 1.0 / 64.0 + 2.0 / 256.0)),
        (3.0, 2.643_815_631_270_488_3),
        (50.0, 2.028_492_773_934_654_5),
        (f64::INFINITY, 2.0),
    ];
    for (q, number) in exact {
        assert_relative_eq!(law(&HALF).hill(q).unwrap().unwrap(), number, max_relative = 1e-14);
    }
    for q in [-0.1, f64::NAN, f64::NEG_INFINITY] {
        assert!(law(&HALF).hill(q).is_err());
    }
}

#[test]
fn hill_numbers_are_continuous_where_forms_meet() {
    for q in [1e-9, 0.9, 1.0, 1.1, 2.0, 3.0] {
        let at = |q: f64| law(&[0.9, 0.09, 0.009, 0.001]).hill(q).unwrap().unwrap();
        assert_relative_eq!(at(q), at(q + 1e-12), max_relative = 1e-11);
        assert_relative_eq!(at(q), at(q - 1e-12), max_relative = 1e-11);
    }
    // Orders so high that every power underflows.
    let flat = law(&[1e-3; 1000]);
    for q in [1e3, 1e6, 1e300] {
        assert_relative_eq!(flat.hill(q).unwrap().unwrap(), 1000.0, max_relative = 1e-10);
    }
}

#[test]
fn one_keeper_and_nobody() {
    let one = law(&[1.0]);
    for q in [0.0, 0.3, 1.0, 2.0, 1e9, f64::INFINITY] {
        assert_eq!(one.hill(q).unwrap(), Some(1.0));
    }
    assert_eq!((one.gini(), one.jain(), one.nakamoto()), (Some(0.0), Some(1.0), Some(1)));
    assert_eq!((one.entropy(), one.min_entropy(), one.guesswork()), (Some(0.0), Some(0.0), Some(1.0)));
    assert_eq!((one.mean_wait(), one.all_selected()), (Some(1.0), Some(1.0)));
    assert_eq!(one.effective_pool(u64::MAX), 1.0);
    for p in [&[][..], &[0.0, 0.0]] {
        let none = law(p);
        assert!(none.nobody() && none.shares().iter().all(|&p| p == 0.0));
        assert_eq!((none.hill(1.0).unwrap(), none.gini(), none.jain(), none.nakamoto()), (None, None, None, None));
        assert_eq!((none.best_guess(), none.top_mass(3), none.min_entropy()), (None, None, None));
        assert_eq!((none.entropy(), none.guesswork(), none.mean_wait(), none.all_selected()), (None, None, None, None));
        assert_eq!(none.effective_pool(10), 0.0);
        assert!(none.wait_quantiles(0.0).unwrap().iter().all(Option::is_none));
        assert_eq!(none.selected_sets(5).unwrap()[0], 1.0);
    }
    for p in [&[-0.1, 1.0][..], &[f64::NAN], &[f64::INFINITY], &[0.6, 0.6]] {
        assert!(Law::new(p).is_err());
    }
    // Subnormal probabilities keep their proportion.
    assert_relative_eq!(law(&[3e-320, 1e-320]).shares()[0], 0.75, max_relative = 1e-3);
}

#[test]
fn waits_are_geometric() {
    let law = law(&[0.2, 0.8, 0.0]);
    for u in [0.0, 0.1, 0.2, 0.5, 0.9, 0.999_999] {
        for (&p, tasks) in law.shares().iter().zip(law.wait_quantiles(u).unwrap()) {
            let within = |t: f64| 1.0 - (1.0 - p).powf(t);
            match tasks {
                None => assert_eq!(p, 0.0),
                Some(t) => assert!(within(t) >= u - 1e-15 && (t == 1.0 || within(t - 1.0) < u), "{p} {u} {t}"),
            }
        }
    }
    assert_eq!(law.wait_quantiles(1.0).unwrap(), [None, None, None]);
    // A step of the law: 3/4 within two tasks of 1/2, not three.
    assert_eq!(shares(&[1.0, 1.0]).wait_quantiles(0.75).unwrap(), [Some(2.0); 2]);
    let urn = Urn::new(&[0.2, 0.8]).unwrap();
    let mut rng = rng(1);
    let seen = mean(20_000, || urn.until(0, &mut rng).unwrap() as f64);
    assert!(agrees(seen, law.mean_waits()[0].unwrap()), "{seen:?}");
    assert!(!agrees(seen, 4.0), "tasks before the one that falls on it");
}

/// Mean time to absorption of the chain on the sets of keepers that were selected.
fn by_absorption(p: &[f64]) -> f64 {
    let all = (1usize << p.len()) - 1;
    let mut transient = DMatrix::identity(all, all); // all sets but the full one
    for set in 0..all {
        for (i, p) in p.iter().enumerate() {
            let next = set | 1 << i;
            if next < all {
                transient[(set, next)] -= p;
            }
        }
    }
    transient.lu().solve(&DVector::from_element(all, 1.0)).unwrap()[0]
}

#[test]
fn time_until_all_is_that_of_the_absorbing_chain() {
    let laws: [&[f64]; 6] = [
        &[0.5, 0.5],
        &[0.999, 0.001],
        &[0.1, 0.2, 0.3, 0.4],
        &[0.2; 5],
        &HALF,
        &[0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.04, 0.01],
    ];
    for p in laws {
        assert_relative_eq!(law(p).all_selected().unwrap(), by_absorption(p), max_relative = 1e-12);
    }
}

#[test]
fn time_until_all_by_other_routes() {
    // n H_n for equal chances; inclusion-exclusion and tanh-sinh quadrature with 20 to 30 digits (mpmath) for others.
    for n in [2u32, 10, 100, 500, 2000] {
        let harmonic: f64 = (1..=n).rev().map(|k| f64::from(k).recip()).sum();
        let equal = shares(&vec![1.0; n as usize]);
        assert_relative_eq!(equal.all_selected().unwrap(), f64::from(n) * harmonic, max_relative = 1e-12);
    }
    let decades = shares(&[1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5]);
    assert_relative_eq!(decades.all_selected().unwrap(), 112_123.001_630_332_41, max_relative = 1e-12);
    let twelve = shares(&(1..=12).map(f64::from).collect::<Vec<_>>());
    assert_relative_eq!(twelve.all_selected().unwrap(), 97.871_958_309_712_7, max_relative = 1e-12);
    let geometric = shares(&(0..200).map(|i| 1.05f64.powi(i)).collect::<Vec<_>>());
    assert_relative_eq!(geometric.all_selected().unwrap(), 882_115.811_407_152_9, max_relative = 1e-12);
    // Two, one of them hardly ever: 1/p + 1/q - 1.
    assert_relative_eq!(law(&[1e-300, 1.0]).all_selected().unwrap(), 1e300, max_relative = 1e-12);
    assert_eq!(law(&[1.0, 0.0]).all_selected(), None);
    assert_eq!(law(&[1.0, 5e-324]).all_selected(), None, "beyond double precision");
}

#[test]
fn time_until_all_is_what_is_drawn() {
    let p = [0.4, 0.3, 0.2, 0.1];
    let urn = Urn::new(&p).unwrap();
    let mut rng = rng(2);
    let seen = mean(40_000, || urn.until_all(&mut rng).unwrap() as f64);
    assert!(agrees(seen, law(&p).all_selected().unwrap()), "{seen:?}");
    assert!(!agrees(seen, law(&[0.25; 4]).all_selected().unwrap()), "equal chances would pass");
    assert!(!agrees(seen, 10.0), "the wait for the rarest would pass");
}

#[test]
fn effective_pool_is_what_is_drawn() {
    let p = [0.6, 0.3, 0.06, 0.04, 0.0];
    let urn = Urn::new(&p).unwrap();
    let mut rng = rng(3);
    for rounds in [0, 1, 2, 10, 60] {
        let seen = mean(20_000, || urn.selected(rounds, &mut rng).iter().filter(|&&seen| seen).count() as f64);
        let exact = law(&p).effective_pool(rounds);
        assert!((seen[0] - exact).abs() <= FAR * seen[1] + 1e-12, "{rounds} {seen:?} {exact}");
        if (2..=10).contains(&rounds) {
            assert!(!agrees(seen, law(&p).effective_pool(rounds - 1)), "one task fewer would pass");
        }
    }
}

#[test]
fn effective_pool_over_enormous_horizons() {
    let rare = law(&[1.0, 1e-18]);
    assert_relative_eq!(rare.effective_pool(1_000_000_000_000_000_000), 2.0 - (-1f64).exp(), max_relative = 1e-15);
    assert_relative_eq!(rare.effective_pool(1000) - 1.0, 1e-15, max_relative = 0.3); // one ulp of 1
    assert_eq!(law(&[0.5, 0.5]).effective_pool(u64::MAX), 2.0);
}

#[test]
fn sets_that_are_selected_by_enumeration() {
    let p = [0.5, 0.3, 0.15, 0.05];
    for rounds in 0..=5u32 {
        let mut exact = vec![0.0; 16];
        for mut tasks in 0..4usize.pow(rounds) {
            let (mut set, mut chance) = (0, 1.0);
            for _ in 0..rounds {
                set |= 1 << (tasks % 4);
                chance *= p[tasks % 4];
                tasks /= 4;
            }
            exact[set] += chance;
        }
        let sets = law(&p).selected_sets(u64::from(rounds)).unwrap();
        for (set, exact) in sets.iter().zip(exact) {
            assert!((set - exact).abs() < 1e-14, "{rounds} {set} {exact}");
        }
    }
    assert!(law(&[1.0 / 13.0; 13]).selected_sets(1).is_err());
}

fn uniform(set: &[usize]) -> pooltree::Result<Law> {
    Law::new(&vec![1.0 / set.len() as f64; set.len()])
}

#[test]
fn shrinking_pool_is_what_is_drawn() {
    let weights = [5.0, 3.0, 1.0, 1.0, 0.5, 0.1];
    let of = |set: &[usize]| set.iter().map(|&i| weights[i]).collect::<Vec<_>>();
    let exact = shrink(6, 8, 4, |set| Ok(shares(&of(set)))).unwrap();
    assert_relative_eq!(exact.sets.iter().sum::<f64>(), 1.0, max_relative = 1e-12);
    assert_relative_eq!(exact.expected[1], shares(&weights).effective_pool(8), max_relative = 1e-12);
    let mut rng = rng(4);
    let mut moments = Moments::new(5);
    for _ in 0..20_000 {
        let draw = |set: &[usize], rng: &mut ChaCha8Rng| Some(Urn::new(&of(set)).unwrap().draw(rng));
        let sizes = shrinking_pool(6, 8, 4, draw, &mut rng);
        moments.add(&sizes.iter().map(|&n| n as f64).collect::<Vec<_>>());
    }
    let estimate = moments.estimate().unwrap();
    let mean_field = shrink_mean_field(&weights, 8, 4).unwrap();
    for (t, &of_mean_field) in mean_field.iter().enumerate().take(5).skip(1) {
        let seen = [estimate.component(t).mean, estimate.component(t).std_error];
        assert!(agrees(seen, exact.expected[t]), "{t} {seen:?} {:?}", exact.expected);
        if t > 1 {
            assert!(!agrees(seen, exact.expected[t - 1]), "one period fewer would pass");
            assert_relative_eq!(of_mean_field, exact.expected[t], max_relative = 0.1);
        }
    }
    assert_relative_eq!(mean_field[1], exact.expected[1], max_relative = 1e-13);
}

#[test]
fn shrinking_pools_end() {
    // With one task a period one keeper is left, whoever it is.
    let one = shrink(4, 1, 3, uniform).unwrap();
    assert_eq!(one.expected, [4.0, 1.0, 1.0, 1.0]);
    assert_relative_eq!(one.sets[8], 0.25, max_relative = 1e-15);
    // Two keepers, T tasks: both stay with 1 - 2^(1-T), so that the mean falls to 1 geometrically.
    let two = shrink(2, 5, 40, uniform).unwrap();
    for (t, n) in two.expected.iter().enumerate() {
        assert_relative_eq!(*n, 1.0 + (1.0 - 1.0 / 16.0f64).powi(t as i32), max_relative = 1e-13);
    }
    // Nobody is selected: all leave.
    assert_eq!(shrink(3, 9, 1, |set| Law::new(&vec![0.0; set.len()])).unwrap().expected, [3.0, 0.0]);
    assert_eq!(shrink(0, 1, 2, uniform).unwrap().expected, [0.0; 3]);
    assert!(shrink(13, 1, 1, uniform).is_err());
    assert!(shrink(2, 1, 1, |_| Law::new(&[1.0])).is_err(), "a law of another number of keepers");
    // Equal weights in the mean field: n (1 - (1 - 1/n)^T) at first.
    let many = shrink_mean_field(&[1.0; 1000], 1000, 1).unwrap();
    assert_relative_eq!(many[1], 1000.0 * (1.0 - 0.999f64.powi(1000)), max_relative = 1e-12);
    assert!(shrink_mean_field(&[-1.0], 1, 1).is_err() && shrink_mean_field(&[f64::MAX, f64::MAX], 1, 1).is_err());
}

#[test]
fn only_equal_keepers_are_ties() {
    let keeper = |id: &str, stake, ping| Keeper { stake, ping, ..Keeper::new(id) };
    let keepers = [keeper("a", 1.0, 0.0), keeper("b", 1.0, 0.0), keeper("c", 1.0, 2.0), keeper("d", 9.0, 0.0)];
    let keepers = Keepers::new(keepers.to_vec()).unwrap();
    let unfair = |p: &[f64]| tie_unfairness(&keepers, &[0, 1, 2, 3], &law(p)).unwrap();
    assert_eq!(unfair(&[0.25, 0.25, 0.0, 0.5]), 0.0);
    assert_relative_eq!(unfair(&[0.3, 0.1, 0.0, 0.6]), 0.2, max_relative = 1e-14);
    assert_relative_eq!(unfair(&[0.15, 0.05, 0.0, 0.3]), 0.2, max_relative = 1e-14); // given that somebody is
    assert_eq!(tie_unfairness(&keepers, &[3], &law(&[1.0])).unwrap(), 0.0);
    assert!(tie_unfairness(&keepers, &[4], &law(&[1.0])).is_err());
    assert!(tie_unfairness(&keepers, &[0, 1], &law(&[1.0])).is_err());
}

#[test]
fn elasticities_of_the_power_family() {
    let keepers = staked(&[1.0, 2.0, 3.0, 3.0, 10.0]);
    for a in [0.0, 0.3, 1.0, 2.0, 7.5, 40.0] {
        let all = stake_elasticities(&keepers, &Rule::stake_power(a), &Task::default()).unwrap();
        let mut mean = 0.0;
        for (p, e) in all.law.shares().iter().zip(&all.each) {
            let Elasticity::Smooth { value, error } = *e else { panic!("{a}: {e:?}") };
            let off = (value - a * (1.0 - p)).abs();
            assert!(off <= 1e-8 * a.max(1.0) && off <= 10.0 * error && error < 1e-7 * a.max(1.0), "{a} {p} {e:?}");
            assert!(
                (value - a * (1.0 - p) * 1.001).abs() > 1e-8 || value.abs() < 1e-5,
                "one in a thousand off would pass"
            );
            mean += p * a * (1.0 - p);
        }
        assert!((all.mean().unwrap() - mean).abs() < 1e-8 * a.max(1.0));
    }
    let gumbel = Rule::Noise { score: Property::Stake.into(), noise: Noise::Gumbel, temperature: 0.25 };
    let e = stake_elasticity(&keepers, &gumbel, &Task::default(), 4).unwrap().value().unwrap();
    let p = stake_elasticities(&keepers, &gumbel, &Task::default()).unwrap().law.shares()[4];
    assert!((e - 4.0 * (1.0 - p)).abs() < 1e-8);
}

#[test]
fn elasticities_of_rules_that_ignore_the_stake() {
    let keepers = staked(&[1.0, 2.0, 3.0]);
    for rule in [Rule::uniform(), Rule::Flashbots { lambda: 1.0, temperature: 1.0 }] {
        let all = stake_elasticities(&keepers, &rule, &Task::default()).unwrap();
        assert_eq!(all.mean(), Some(0.0));
    }
}

/// The law of uniform noise: 2, 13/11 and 13/23 on stakes of 1, 2 and 3.
#[test]
fn elasticities_of_uniform_noise() {
    let rule = Rule::Noise { score: Property::Stake.into(), noise: Noise::Uniform, temperature: 1.0 };
    let all = stake_elasticities(&staked(&[1.0, 2.0, 3.0]), &rule, &Task::default()).unwrap();
    for (e, exact) in all.each.iter().zip([2.0, 13.0 / 11.0, 13.0 / 23.0]) {
        let value = e.value().unwrap();
        assert!((value - exact).abs() < 1e-7, "{e:?} {exact}");
    }
}

#[test]
fn jumps_and_kinks_are_told() {
    let keepers = staked(&[2.0, 3.0, 3.0, 0.0]);
    let task = Task::default();
    let of = |rule: &Rule, task: &Task, i| stake_elasticity(&keepers, rule, task, i).unwrap();
    // A tie of the largest stakes: up to 1, down to 0.
    let best = Rule::by_stake(Ties::Uniform);
    assert_eq!(of(&best, &task, 1), Elasticity::Jump { down: None, up: None });
    assert_eq!(of(&best, &task, 0), Elasticity::Undefined, "never selected");
    assert_eq!(of(&Rule::uniform(), &task, 3), Elasticity::Undefined, "no stake");
    let first = Rule::by_stake(Ties::FileOrder);
    assert!(matches!(of(&first, &task, 1), Elasticity::Jump { down: None, up: Some(0.0) }));
    // Just at the minimum.
    let minimum = Task { min_stake: Some(2.0), ..task };
    let Elasticity::Jump { down: None, up: Some(up) } = of(&Rule::stake_power(1.0), &minimum, 0) else { panic!() };
    assert!((up - 0.75).abs() < 1e-8);
    let all = stake_elasticities(&keepers, &Rule::stake_power(1.0), &minimum).unwrap();
    assert_eq!(all.mean(), None);
    assert!((all.mean_upward().unwrap() - (0.25 * 0.75 + 2.0 * 0.375 * 0.625)).abs() < 1e-8);
    // A weight with a cap: nothing is gained beyond it.
    let capped = Rule::Weighted { score: Score::from(Property::Stake).min(3.0.into()), power: 1.0 };
    let Elasticity::Kink { down, up } = of(&capped, &task, 1) else { panic!("{:?}", of(&capped, &task, 1)) };
    assert!((down - 0.625).abs() < 1e-7 && up.abs() < 1e-7);
    // The same cap within the largest step of another keeper is no kink there.
    let capped = Rule::Weighted { score: Score::from(Property::Stake).min(2.1.into()), power: 1.0 };
    let e = of(&capped, &task, 0).value().unwrap();
    assert!((e - (1.0 - 2.0 / 6.2)).abs() < 1e-7, "{e}");
    assert!(stake_elasticity(&keepers, &best, &task, 4).is_err());
    let contest = Contest::new(&staked(&[]), &best, &task).unwrap();
    assert!(Law::of(&contest).unwrap().nobody());
    assert_eq!(stake_elasticities(&staked(&[]), &best, &task).unwrap().mean(), None);
}

/// Weights with zeros, equal ones, and many decades between others.
fn weights() -> impl Strategy<Value = Vec<f64>> {
    let weight = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64, (-12.0..0.0f64).prop_map(|x| 10f64.powf(x))];
    proptest::collection::vec(weight, 1..12).prop_filter("one positive", |w| w.iter().any(|&w| w > 0.0))
}

proptest! {
    #[test]
    fn hill_numbers_are_ordered(weights in weights(), q in 0.0..5.0f64) {
        let law = shares(&weights);
        let number = |q: f64| law.hill(q).unwrap().unwrap();
        let orders = [f64::INFINITY, q.max(2.0) + 1.0, 2.0, 1.0, q.min(1.0), 0.0];
        for pair in orders.windows(2) {
            prop_assert!(number(pair[0]) <= number(pair[1]) * (1.0 + 1e-12));
        }
        prop_assert!(number(f64::INFINITY) >= 1.0);
        let n = law.size() as f64;
        prop_assert!((0.0..=1.0 - 1.0 / n + 1e-12).contains(&law.gini().unwrap()));
        prop_assert!((law.jain().unwrap() * n / number(2.0) - 1.0).abs() < 1e-12);
        prop_assert!((law.entropy().unwrap().exp2() / number(1.0) - 1.0).abs() < 1e-12);
        let guesses = law.guesswork().unwrap();
        prop_assert!(guesses >= 1.0 && guesses <= 0.5 * (n + 1.0) * (1.0 + 1e-12));
        // Massey: at least 2^H/4 + 1 guesses from 2 bits on.
        if law.entropy().unwrap() >= 2.0 {
            prop_assert!(guesses >= number(1.0) / 4.0 + 1.0 - 1e-12);
        }
    }

    #[test]
    fn nothing_depends_on_the_order(weights in weights(), turn in 0usize..12, rounds in 0u64..1_000_000) {
        let mut turned = weights.clone();
        turned.rotate_left(turn % weights.len());
        turned.reverse();
        let [one, other] = [shares(&weights), shares(&turned)];
        let numbers = |law: &Law| {
            let waits = law.mean_wait().zip(law.all_selected()).unwrap_or((1.0, 1.0));
            [
                law.hill(0.7).unwrap().unwrap(), law.gini().unwrap() + 1.0, law.jain().unwrap(), law.best_guess().unwrap(),
                law.top_mass(2).unwrap(), law.entropy().unwrap() + 1.0, law.guesswork().unwrap(), waits.0, waits.1,
                law.effective_pool(rounds) + 1.0,
            ]
        };
        for (a, b) in numbers(&one).into_iter().zip(numbers(&other)) {
            prop_assert!((a / b - 1.0).abs() < 1e-11, "{a} {b}");
        }
        prop_assert_eq!(one.nakamoto(), other.nakamoto());
    }

    #[test]
    fn only_proportions_count(weights in weights(), served in 1e-6..1.0f64) {
        let whole = shares(&weights);
        let part = law(&whole.shares().iter().map(|p| p * served).collect::<Vec<_>>());
        prop_assert!((part.somebody() / served - 1.0).abs() < 1e-12);
        for (a, b) in whole.shares().iter().zip(part.shares()) {
            prop_assert!((a - b).abs() <= 1e-15);
        }
    }

    #[test]
    fn pools_and_waits_are_consistent(weights in weights(), rounds in 1u64..1000) {
        let law = shares(&weights);
        let pool = law.effective_pool(rounds);
        prop_assert!(pool >= 1.0 - 1e-12 && pool <= law.hill(0.0).unwrap().unwrap() + 1e-12);
        prop_assert!(pool <= law.effective_pool(rounds + 1) + 1e-12);
        prop_assert!((law.effective_pool(1) - 1.0).abs() < 1e-12);
        if let (Some(mean), Some(all)) = (law.mean_wait(), law.all_selected()) {
            let n = law.size() as f64;
            prop_assert!(mean >= n * (1.0 - 1e-12));
            let slowest = law.mean_waits().into_iter().flatten().fold(0.0, f64::max);
            prop_assert!(all >= slowest * (1.0 - 1e-12) && all <= n * mean * (1.0 + 1e-12));
        }
        if law.size() <= 8 {
            let sets = law.selected_sets(rounds).unwrap();
            let total: f64 = sets.iter().sum();
            let size: f64 = sets.iter().enumerate().map(|(set, p)| f64::from(set.count_ones()) * p).sum();
            prop_assert!((total - 1.0).abs() < 1e-11 && (size - pool).abs() < 1e-11);
        }
    }
}
