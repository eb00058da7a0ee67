//! By hand and by enumeration.

use super::{Cycles, Pairs, Unlimited, batch, clear, clearing, is_circulation, total};
use pooltree::orders::simulation::solver::Clearing;
use pooltree::orders::{Solver, SolverModel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn filled(assets: usize, model: SolverModel, edges: &[(usize, usize, u64)]) -> u64 {
    total(&clear(assets, model, &batch(assets, edges), 1))
}

#[test]
fn a_cycle_is_found_from_its_length_on() {
    for length in 3..=9 {
        let edges: Vec<_> = (0..length).map(|i| (i, (i + 1) % length, 5)).collect();
        assert_eq!(filled(length, Pairs, &edges), 0);
        assert_eq!(filled(length, Unlimited, &edges), 5 * length as u64);
        for longest in 2..=12 {
            let expected = if longest as usize >= length { 5 * length as u64 } else { 0 };
            assert_eq!(filled(length, Cycles { longest }, &edges), expected, "{length} {longest}");
        }
    }
}

#[test]
fn beyond_one_word_of_assets() {
    let edges: Vec<_> = (0..200).map(|i| (i, (i + 1) % 200, 3)).collect();
    assert_eq!(filled(200, Cycles { longest: 199 }, &edges), 0);
    assert_eq!(filled(200, Cycles { longest: 200 }, &edges), 600);
    assert_eq!(filled(200, Unlimited, &edges), 600);
}

#[test]
fn two_triangles_that_share_an_asset_are_no_cycle_of_six_and_yet_cleared() {
    let edges = [(0, 1, 1), (1, 2, 1), (2, 0, 1), (0, 3, 1), (3, 4, 1), (4, 0, 1)];
    assert_eq!(filled(5, Cycles { longest: 3 }, &edges), 6);
}

#[test]
fn simple_cycles_only() {
    // Without (2, 0) and (3, 4): walks of six steps that would pass asset 0 twice do not close.
    let edges = [(0, 1, 2), (1, 2, 1), (0, 3, 2), (4, 0, 1), (2, 4, 1)];
    assert_eq!(filled(5, Cycles { longest: 5 }, &edges), 4, "0 1 2 4");
}

#[test]
fn greedy_is_not_optimal() {
    // A pair in the middle of a cycle of six: 0 → 1 → 2 → 3 → 4 → 5 → 0 and 1 → 0.
    let mut edges: Vec<_> = (0..6).map(|i| (i, (i + 1) % 6, 1)).collect();
    edges.push((1, 0, 1));
    assert_eq!(filled(6, Pairs, &edges), 2);
    assert_eq!(filled(6, Cycles { longest: 6 }, &edges), 2);
    assert_eq!(filled(6, Unlimited, &edges), 6);
    // The triangle uses up an order of each of three cycles of four.
    let edges = [(0, 1, 1), (1, 2, 1), (2, 0, 1), (1, 3, 1), (3, 4, 1), (4, 0, 1), (2, 5, 1), (5, 6, 1), (6, 1, 1)];
    assert_eq!(filled(7, Cycles { longest: 7 }, &edges), 3);
    assert_eq!(filled(7, Unlimited, &edges), 8);
}

#[test]
fn clearing_pairs_first_can_cost_orders() {
    let edges = [(0, 1, 1), (1, 0, 1), (0, 2, 1), (2, 1, 1)];
    assert_eq!(filled(3, Cycles { longest: 3 }, &edges), 2);
    assert_eq!(filled(3, Unlimited, &edges), 3);
}

#[test]
fn orders_for_the_same_asset_are_no_swaps() {
    for model in [Pairs, Cycles { longest: 3 }, Unlimited] {
        let filled = clear(3, model, &batch(3, &[(0, 0, 9), (1, 1, 1), (0, 1, 2), (1, 0, 3)]), 1);
        assert_eq!(filled, batch(3, &[(0, 1, 2), (1, 0, 2)]), "{model:?}");
    }
}

#[test]
fn counts_as_large_as_allowed() {
    let half = 1 << 61;
    for model in [Pairs, Cycles { longest: 3 }, Unlimited] {
        assert_eq!(total(&clear(2, model, &[0, half, half, 0], 1)), 1 << 62);
        let mut filled = [0; 4];
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut c = clearing(2, model, 1.0);
        assert!(c.clear(&[0, half, half + 1, 0], &mut filled, &mut rng).is_err());
        assert!(c.clear(&[0, u64::MAX, u64::MAX, 0], &mut filled, &mut rng).is_err());
        assert!(c.clear(&[0; 3], &mut filled, &mut rng).is_err());
        assert!(c.clear(&[0; 4], &mut filled[..3], &mut rng).is_err());
    }
    let third = (1 << 62) / 3;
    assert_eq!(filled(3, Unlimited, &[(0, 1, third), (1, 2, third), (2, 0, third)]), 3 * third);
}

#[test]
fn numbers_of_assets() {
    for (assets, accepted) in [(0, false), (1, false), (2, true), (1024, true), (1025, false), (u32::MAX, false)] {
        assert_eq!(Clearing::new(assets, &Solver::default()).is_ok(), accepted, "{assets}");
    }
}

/// The most orders that any `f ≤ orders` with balanced assets fills, by trying all.
fn enumerated(assets: usize, orders: &[u64]) -> u64 {
    let edges: Vec<_> = (0..assets * assets).filter(|&e| orders[e] > 0).collect();
    let mut f = vec![0; assets * assets];
    let mut most = 0;
    loop {
        if is_circulation(assets, &f) {
            most = most.max(total(&f));
        }
        let Some(&e) = edges.iter().find(|&&e| f[e] < orders[e]) else { return most };
        edges.iter().take_while(|&&before| before != e).for_each(|&before| f[before] = 0);
        f[e] += 1;
    }
}

fn unlimited_is_optimal(assets: usize, most: u64, instances: impl Iterator<Item = u64>) {
    let edges = assets * (assets - 1);
    let (mut unlimited, mut greedy) = (clearing(assets, Unlimited, 1.0), clearing(assets, Cycles { longest: 9 }, 1.0));
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let (mut filled, mut less) = (vec![0; assets * assets], 0);
    for mut code in instances {
        let mut orders = vec![0; assets * assets];
        for e in 0..edges {
            // Off the diagonal, row by row.
            orders
                [e / (assets - 1) * assets + (e % (assets - 1)) + usize::from(e % (assets - 1) >= e / (assets - 1))] =
                code % (most + 1);
            code /= most + 1;
        }
        let best = enumerated(assets, &orders);
        unlimited.clear(&orders, &mut filled, &mut rng).unwrap();
        assert!(is_circulation(assets, &filled));
        assert_eq!(total(&filled), best, "{orders:?}");
        greedy.clear(&orders, &mut filled, &mut rng).unwrap();
        assert!(total(&filled) <= best, "{orders:?}");
        less += u32::from(total(&filled) < best);
    }
    assert!(less > 0, "the enumeration would notice a solver that is not optimal");
}

#[test]
fn three_assets_enumerated() {
    unlimited_is_optimal(3, 3, 0..4_u64.pow(6));
}

#[test]
fn four_assets_enumerated() {
    unlimited_is_optimal(4, 1, 0..2_u64.pow(12));
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    unlimited_is_optimal(4, 2, (0..300).map(move |_| rng.next_u64() % 3_u64.pow(12)));
}

#[test]
fn without_misses_pairs_draw_nothing_and_the_rest_one_order_of_assets() {
    let orders = batch(5, &[(0, 1, 90), (1, 0, 80), (1, 2, 70), (2, 0, 60), (3, 4, 50), (4, 2, 40), (2, 3, 30)]);
    let after = |model, orders: &[u64], success| {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut filled = vec![0; 25];
        clearing(5, model, success).clear(orders, &mut filled, &mut rng).unwrap();
        rng.next_u64()
    };
    let untouched = ChaCha8Rng::seed_from_u64(4).next_u64();
    assert_eq!(after(Pairs, &orders, 1.0), untouched);
    assert_eq!(after(Cycles { longest: 2 }, &orders, 1.0), untouched);
    assert_ne!(after(Pairs, &orders, 0.5), untouched);
    for model in [Cycles { longest: 4 }, Unlimited] {
        assert_eq!(after(model, &orders, 1.0), after(model, &[0; 25], 0.5), "{model:?}");
        assert_ne!(after(model, &orders, 1.0), after(model, &orders, 0.5), "{model:?}");
    }
}

#[test]
fn nothing_is_found_by_a_solver_that_always_misses() {
    let orders = batch(3, &[(0, 1, 9), (1, 0, 8), (1, 2, 7), (2, 0, 6)]);
    for model in [Pairs, Cycles { longest: 3 }, Unlimited] {
        let mut filled = vec![1; 9];
        clearing(3, model, 0.0).clear(&orders, &mut filled, &mut ChaCha8Rng::seed_from_u64(5)).unwrap();
        assert_eq!(total(&filled), 0);
    }
}
