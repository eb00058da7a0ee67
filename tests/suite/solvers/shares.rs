//! Unfilled shares of Poisson batches against `g(n/(a(a-1)))` and `g(n/a)`.
//!
//! Fixed seeds; every band is 6 standard errors wide on either side (probability 2e-9), and there are fewer than 100.

use super::{Cycles, Pairs, Unlimited, batch, clear, clearing, imbalances, total};
use pooltree::orders::SolverModel;
use pooltree::orders::closed_form::cycles::{least_unfilled_share, pairs_unfilled_share};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Poisson};

const FAR: f64 = 6.0;

/// Mean over batches of the orders left over per order expected, with its standard error.
#[derive(Debug, Clone, Copy)]
struct Share {
    mean: f64,
    error: f64,
}

impl Share {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Self { mean, error: (square / n).sqrt() }
    }

    /// The same mean with less noise: what is left over goes up and down with what arrives, whose mean is known to be 1.
    fn adjusted(values: &[f64], arrived: &[f64]) -> Self {
        let (v, t) = (Self::of(values).mean, Self::of(arrived).mean);
        let products = |x: &[f64], m: f64| x.iter().zip(arrived).map(|(x, a)| (x - m) * (a - t)).sum::<f64>();
        let slope = products(values, v) / products(arrived, t);
        Self::of(&values.iter().zip(arrived).map(|(v, a)| v - slope * (a - 1.0)).collect::<Vec<_>>())
    }

    fn agrees(self, claimed: f64) -> bool {
        (self.mean - claimed).abs() <= FAR * self.error
    }
}

fn batches(assets: usize, orders: f64, count: usize, seed: u64) -> Vec<Vec<u64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let edge: Poisson<f64> = Poisson::new(orders / (assets * (assets - 1)) as f64).unwrap();
    (0..count)
        .map(|_| {
            let draw = |e| if e / assets == e % assets { 0 } else { edge.sample(&mut rng) as u64 };
            (0..assets * assets).map(draw).collect()
        })
        .collect()
}

/// Orders left over by a solver, batch by batch, per order expected.
fn left_over(assets: usize, orders: f64, batches: &[Vec<u64>], model: SolverModel, success: f64) -> Vec<f64> {
    let mut clearing = clearing(assets, model, success);
    let mut rng = ChaCha8Rng::seed_from_u64(99);
    let mut filled = vec![0; assets * assets];
    let mut left = |batch: &Vec<u64>| {
        clearing.clear(batch, &mut filled, &mut rng).unwrap();
        (total(batch) - total(&filled)) as f64 / orders
    };
    batches.iter().map(&mut left).collect()
}

/// Orders that no solver can fill because of the imbalances of their assets.
fn stuck(assets: usize, orders: f64, batches: &[Vec<u64>]) -> Vec<f64> {
    let half = |b: &Vec<u64>| imbalances(assets, b).iter().map(|d| d.abs()).sum::<i128>() as f64 / 2.0 / orders;
    batches.iter().map(half).collect()
}

fn arrived(orders: f64, batches: &[Vec<u64>]) -> Vec<f64> {
    batches.iter().map(|b| total(b) as f64 / orders).collect()
}

#[test]
fn pairs_leave_g() {
    for (a, n, count) in [(2, 2.0, 20_000), (3, 1.0, 80_000), (5, 100.0, 20_000), (10, 10.0, 80_000), (10, 1e4, 4000)] {
        let batches = batches(a, n, count, 1);
        let left = left_over(a, n, &batches, Pairs, 1.0);
        let share = Share::adjusted(&left, &arrived(n, &batches));
        let claimed = |n, a| pairs_unfilled_share(n, a as u32).unwrap();
        assert!(share.agrees(claimed(n, a)), "{a} {n} {share:?} {}", claimed(n, a));
        // One asset more, 15 % more orders, the other bound.
        assert!(!share.agrees(claimed(n, a + 1)), "{a} {n} {share:?}");
        assert!(!share.agrees(claimed(1.15 * n, a)), "{a} {n} {share:?}");
        assert!(a == 2 || !share.agrees(least_unfilled_share(n, a as u32).unwrap()), "{a} {n} {share:?}");
    }
}

#[test]
fn imbalances_leave_g() {
    for (a, n, count) in [(3, 2.0, 320_000), (10, 10.0, 40_000), (10, 1000.0, 40_000)] {
        let batches = batches(a, n, count, 2);
        let share = Share::adjusted(&stuck(a, n, &batches), &arrived(n, &batches));
        let claimed = |n| least_unfilled_share(n, a as u32).unwrap();
        assert!(share.agrees(claimed(n)), "{a} {n} {share:?} {}", claimed(n));
        assert!(!share.agrees(claimed(1.04 * n)), "{a} {n} {share:?}");
    }
}

/// On the same batches every longer length leaves fewer orders, and none fewer than are stuck: without noise.
#[test]
fn longer_cycles_lie_between() {
    let (a, models) = (10, [Pairs, Cycles { longest: 3 }, Cycles { longest: 4 }, Cycles { longest: 10 }, Unlimited]);
    for (n, count) in [(10.0, 20_000), (100.0, 10_000), (1000.0, 10_000), (10_000.0, 2000)] {
        let batches = batches(a, n, count, 3);
        let (stuck, arrived) = (stuck(a, n, &batches), arrived(n, &batches));
        let left = models.map(|model| left_over(a, n, &batches, model, 1.0));
        let shares = left.each_ref().map(|left| Share::adjusted(left, &arrived));
        println!("n/a = {}: {shares:.5?}", n / 10.0);
        for (longer, shorter) in shares[1..].iter().zip(&shares) {
            assert!(longer.mean < shorter.mean, "{shares:?}");
        }
        assert!(left[4].iter().zip(&stuck).all(|(left, stuck)| *left >= stuck - 1e-12));
        let least = least_unfilled_share(n, a as u32).unwrap();
        let beyond = |left: &[f64]| Share::of(&left.iter().zip(&stuck).map(|(l, s)| l - s).collect::<Vec<_>>());
        let within = |share: Share| share.mean + FAR * share.error <= 0.03 * least;
        println!("    unlimited beyond the bound {least:.5}: {:?}", beyond(&left[4]));
        assert_eq!(within(beyond(&left[4])), n >= 1000.0, "{n}");
        assert!(left[..4].iter().all(|left| !within(beyond(left))), "{n}");
    }
}

/// What a maximum circulation leaves beyond the stuck orders, ten assets: (n/a, mean, standard error) by linear
/// programming, tests/reference/circulation.py.
const BEYOND: [(f64, f64, f64); 3] = [(1.0, 0.2736, 0.0012), (10.0, 0.02096, 2.1e-4), (100.0, 3.4e-5, 4.3e-6)];

#[test]
fn reference_shares() {
    for (per_asset, expected, its_error) in BEYOND {
        let n = 10.0 * per_asset;
        let batches = batches(10, n, 20_000, 5);
        let stuck = stuck(10, n, &batches);
        let beyond = |model| {
            let left = left_over(10, n, &batches, model, 1.0);
            Share::of(&left.iter().zip(&stuck).map(|(l, s)| l - s).collect::<Vec<_>>())
        };
        let agrees = |share: Share| (share.mean - expected).abs() <= FAR * share.error.hypot(its_error);
        assert!(agrees(beyond(Unlimited)), "{n} {:?}", beyond(Unlimited));
        assert!(!agrees(beyond(Cycles { longest: 10 })), "{n} {:?}", beyond(Cycles { longest: 10 }));
    }
}

#[test]
fn missed_matches_thin_every_solver() {
    let (a, n, s) = (6, 60.0, 0.7);
    let batches = batches(a, n, 20_000, 4);
    for model in [Pairs, Cycles { longest: 3 }, Cycles { longest: 6 }, Unlimited] {
        let all = left_over(a, n, &batches, model, 1.0);
        let some = left_over(a, n, &batches, model, s);
        let arrived = arrived(n, &batches);
        // Filled with misses less `s` times filled without, on the same batch.
        let gap = |s: f64| {
            let gaps = (0..all.len()).map(|i| (arrived[i] - some[i]) - s * (arrived[i] - all[i]));
            Share::of(&gaps.collect::<Vec<_>>())
        };
        assert!(gap(s).agrees(0.0), "{model:?} {:?}", gap(s));
        assert!(!gap(1.02 * s).agrees(0.0), "{model:?} {:?}", gap(1.02 * s));
        if model == Pairs {
            let share = Share::adjusted(&some, &arrived);
            let g = pairs_unfilled_share(n, a as u32).unwrap();
            assert!(share.agrees(1.0 - s * (1.0 - g)), "{share:?}");
            assert!(!share.agrees(1.0 - 0.97 * s * (1.0 - g)), "{share:?}");
        }
    }
}

/// Two triangles want the same order: either is taken as often.
#[test]
fn names_make_no_difference() {
    let (draws, half) = (20_000, 10_000.0);
    let orders = batch(4, &[(0, 1, 1), (1, 2, 1), (2, 0, 1), (1, 3, 1), (3, 0, 1)]);
    for model in [Cycles { longest: 3 }, Unlimited] {
        let first: u64 = (0..draws).map(|seed| clear(4, model, &orders, seed)[6]).sum();
        // A rule by name would take one of them always: 100 standard errors away.
        assert!((first as f64 - half).abs() < FAR * (draws as f64 / 4.0).sqrt(), "{model:?} {first}");
    }
}
