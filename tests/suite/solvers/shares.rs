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

fn simulate(assets: usize, orders: f64, count: usize, model: SolverModel) -> Share {
    Share::of(&left_over(assets, orders, &batches(assets, orders, count, 1), model, 1.0))
}

#[test]
fn pairs_leave_g() {
    for (a, n, count) in [(2, 2.0, 40_000), (3, 1.0, 40_000), (5, 100.0, 20_000), (10, 10.0, 20_000), (10, 1e4, 4000)] {
        let share = simulate(a, n, count, Pairs);
        assert!(share.agrees(pairs_unfilled_share(n, a as u32).unwrap()), "{a} {n} {share:?}");
        // The other bound, one asset more, 4 % more orders.
        assert!(a == 2 || !share.agrees(least_unfilled_share(n, a as u32).unwrap()), "{a} {n} {share:?}");
        assert!(!share.agrees(pairs_unfilled_share(n, a as u32 + 1).unwrap()), "{a} {n} {share:?}");
    }
    let thick = simulate(5, 100.0, 20_000, Pairs);
    assert!(!thick.agrees(pairs_unfilled_share(104.0, 5).unwrap()), "{thick:?}");
}

#[test]
fn imbalances_leave_g() {
    for (a, n, count) in [(3, 2.0, 40_000), (10, 10.0, 20_000), (10, 1000.0, 20_000)] {
        let stuck = |b: &Vec<u64>| imbalances(a, b).iter().map(|d| d.abs()).sum::<i128>() as f64 / 2.0 / n;
        let share = Share::of(&batches(a, n, count, 2).iter().map(stuck).collect::<Vec<_>>());
        assert!(share.agrees(least_unfilled_share(n, a as u32).unwrap()), "{a} {n} {share:?}");
        assert!(!share.agrees(least_unfilled_share(1.04 * n, a as u32).unwrap()), "{a} {n} {share:?}");
    }
}

/// Every solver on the same batches: in order from batch to batch, so without noise; the bound is noisy only in the mean.
#[test]
fn longer_cycles_lie_between() {
    let (a, models) = (10, [Pairs, Cycles { longest: 3 }, Cycles { longest: 4 }, Cycles { longest: 10 }, Unlimited]);
    for (n, count) in [(10.0, 20_000), (100.0, 10_000), (1000.0, 10_000), (10_000.0, 2000)] {
        let batches = batches(a, n, count, 3);
        let shares = models.map(|model| Share::of(&left_over(a, n, &batches, model, 1.0)));
        println!("n/a = {}: {shares:.5?}", n / 10.0);
        for (longer, shorter) in shares[1..].iter().zip(&shares) {
            assert!(longer.mean < shorter.mean, "{shares:?}");
        }
        let least = least_unfilled_share(n, a as u32).unwrap();
        let unlimited = shares[4];
        assert!(unlimited.mean >= least - FAR * unlimited.error, "{least} {shares:?}");
        let within = |share: Share| share.mean + FAR * share.error <= 1.03 * least;
        assert_eq!(within(unlimited), n >= 1000.0, "{least} {shares:?}");
        assert!(!within(shares[0]));
    }
}

/// Shares found independently, to the three digits given.
#[test]
fn reference_shares() {
    for (n, count, expected, rounding) in [(1000.0, 40_000, 0.0571, 5e-5), (10.0, 40_000, 0.813, 5e-4)] {
        let share = simulate(10, n, count, Unlimited);
        println!("{n}: {share:?}, bound {}", least_unfilled_share(n, 10).unwrap());
        assert!((share.mean - expected).abs() <= FAR * share.error + rounding, "{n} {share:?}");
    }
}

#[test]
fn missed_matches_thin_every_solver() {
    let (a, n, s) = (6, 60.0, 0.7);
    let batches = batches(a, n, 20_000, 4);
    for model in [Pairs, Cycles { longest: 3 }, Cycles { longest: 6 }, Unlimited] {
        let all = left_over(a, n, &batches, model, 1.0);
        let some = left_over(a, n, &batches, model, s);
        let arrived: Vec<f64> = batches.iter().map(|b| total(b) as f64 / n).collect();
        // Filled with misses less `s` times filled without, on the same batch.
        let gap = |s: f64| {
            let gaps = (0..all.len()).map(|i| (arrived[i] - some[i]) - s * (arrived[i] - all[i]));
            Share::of(&gaps.collect::<Vec<_>>())
        };
        assert!(gap(s).agrees(0.0), "{model:?} {:?}", gap(s));
        assert!(!gap(1.02 * s).agrees(0.0), "{model:?} {:?}", gap(1.02 * s));
        if model == Pairs {
            let share = Share::of(&some);
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
