//! What holds for every batch.

use super::{Cycles, Pairs, Unlimited, batch, clear, clearing, imbalances, is_circulation, total};
use pooltree::orders::SolverModel;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Batches of 2 to 9 assets: empty, thin and thick, with dead ends and with very unequal edges.
fn batches() -> impl Strategy<Value = (usize, Vec<u64>)> {
    let count = prop_oneof![4 => Just(0), 3 => Just(1_u64), 3 => 0..6_u64, 1 => 0..1_000_000_u64, 1 => 0..1_u64 << 50];
    (2..10_usize).prop_flat_map(move |a| (Just(a), prop::collection::vec(count.clone(), a * a)))
}

fn models() -> impl Strategy<Value = SolverModel> {
    prop_oneof![Just(Pairs), (2..12_u32).prop_map(|longest| Cycles { longest }), Just(Unlimited)]
}

/// Whether orders are left over, along which more could be filled if some fills were taken back: a cycle of positive
/// gain in the residual graph, 1 for a further order and -1 for one taken back. There is none exactly at an optimum.
fn can_be_improved(assets: usize, orders: &[u64], filled: &[u64]) -> bool {
    const NONE: i64 = i64::MIN / 2;
    let gain = |x: usize, y: usize| {
        let more = x != y && filled[x * assets + y] < orders[x * assets + y];
        if more {
            1
        } else if filled[y * assets + x] > 0 {
            -1
        } else {
            NONE
        }
    };
    // The greatest gain of a walk from anywhere: it still grows after `assets` rounds only along a gainful cycle.
    let mut best = vec![0; assets];
    for _ in 0..assets {
        best = (0..assets).map(|y| (0..assets).map(|x| best[x] + gain(x, y)).max().unwrap().max(best[y])).collect();
    }
    (0..assets).any(|y| (0..assets).any(|x| best[x] + gain(x, y) > best[y]))
}

/// Whether the orders left over contain a cycle of at most `longest` orders.
fn has_cycle(assets: usize, orders: &[u64], filled: &[u64], longest: u32) -> bool {
    let leads = |x: usize, y: usize| x != y && filled[x * assets + y] < orders[x * assets + y];
    (0..assets).any(|start| {
        let mut at = vec![false; assets];
        at[start] = true;
        (0..longest).any(|_| {
            at = (0..assets).map(|y| (0..assets).any(|x| at[x] && leads(x, y))).collect();
            at[start]
        })
    })
}

proptest! {
    #[test]
    fn fills_are_circulations((a, orders) in batches(), model in models(), success in prop_oneof![Just(1.0), 0.0..1.0], seed: u64) {
        let mut filled = vec![9; a * a];
        let mut solver = clearing(a, model, success);
        solver.clear(&orders, &mut filled, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        prop_assert!(is_circulation(a, &filled));
        prop_assert!(filled.iter().zip(&orders).all(|(f, n)| f <= n));
        prop_assert!((0..a).all(|x| filled[x * a + x] == 0));
        // The workspace keeps nothing from the batch before.
        let again = filled.clone();
        solver.clear(&orders, &mut filled, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        prop_assert_eq!(filled, again);
    }

    #[test]
    fn pairs_are_the_smaller_side((a, orders) in batches(), seed: u64) {
        for model in [Pairs, Cycles { longest: 2 }] {
            let filled = clear(a, model, &orders, seed);
            for (x, y) in (0..a).flat_map(|x| (0..a).map(move |y| (x, y))).filter(|(x, y)| x != y) {
                prop_assert_eq!(filled[x * a + y], orders[x * a + y].min(orders[y * a + x]));
            }
        }
    }

    #[test]
    fn unlimited_cannot_be_improved((a, orders) in batches(), seed: u64) {
        let most = clear(a, Unlimited, &orders, seed);
        prop_assert!(!can_be_improved(a, &orders, &most));
        // Never less than the imbalances leave over, never less than greedy.
        let off_diagonal: u64 = total(&orders) - (0..a).map(|x| orders[x * a + x]).sum::<u64>();
        let stuck: i128 = imbalances(a, &orders).iter().map(|d| d.abs()).sum::<i128>() / 2;
        prop_assert!(i128::from(off_diagonal - total(&most)) >= stuck);
        let greedy = clear(a, Cycles { longest: a as u32 }, &orders, seed);
        prop_assert!(total(&greedy) <= total(&most));
    }

    #[test]
    fn no_short_cycle_is_left((a, orders) in batches(), longest in 2..12_u32, seed: u64) {
        let filled = clear(a, Cycles { longest }, &orders, seed);
        prop_assert!(!has_cycle(a, &orders, &filled, longest));
    }

    #[test]
    fn longer_cycles_only_add((a, orders) in batches(), success in prop_oneof![Just(1.0), 0.0..1.0], seed: u64) {
        let mut before = vec![0; a * a];
        for longest in 2..=a as u32 + 1 {
            let mut filled = vec![0; a * a];
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            clearing(a, Cycles { longest }, success).clear(&orders, &mut filled, &mut rng).unwrap();
            prop_assert!(before.iter().zip(&filled).all(|(b, f)| b <= f));
            before = filled;
        }
    }
}

#[test]
fn rejects_what_is_not_optimal() {
    let orders = batch(3, &[(0, 1, 1), (1, 0, 1), (0, 2, 1), (2, 1, 1)]);
    assert!(can_be_improved(3, &orders, &clear(3, Cycles { longest: 3 }, &orders, 1)));
    assert!(has_cycle(3, &batch(3, &[(0, 1, 1), (1, 2, 1), (2, 0, 1)]), &[0; 9], 3));
}

#[test]
fn rejects_a_monotony_that_does_not_hold() {
    // More orders never fill fewer with an optimum, but can with a greedy solver: a further pair breaks a cycle of six.
    let mut edges: Vec<_> = (0..6).map(|i| (i, (i + 1) % 6, 1)).collect();
    let fewer = total(&clear(6, Cycles { longest: 6 }, &batch(6, &edges), 1));
    edges.push((1, 0, 1));
    assert!(total(&clear(6, Cycles { longest: 6 }, &batch(6, &edges), 1)) < fewer);
}
