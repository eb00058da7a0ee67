//! Division into compact pools: clusters, intervals, the best by enumeration, pools by lot.
//!
//! Three means are compared at [`BAND`] standard errors: together fewer than 1e-6 of the seeds give a false alarm.

use super::{of_function, of_points, of_ring};
use pooltree::network::sites::{Sites, divide, division_quality};
use pooltree::pool_tree::Pools;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// Two-sided 1.2e-7 of a normal law.
const BAND: f64 = 5.3;

fn random_points(n: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| [rng.random(), rng.random()]).collect()
}

fn pools_of(pools: &Pools, height: u32) -> Vec<Vec<usize>> {
    (0..pools.count(height)).map(|pool| pools.members(height, pool).to_vec()).collect()
}

fn sum_inside(sites: &Sites, pools: &[Vec<usize>]) -> f64 {
    let inside = |pool: &Vec<usize>| -> f64 {
        pool.iter().map(|&a| pool.iter().map(|&b| sites.one_way(a, b)).sum::<f64>()).sum::<f64>() / 2.0
    };
    pools.iter().map(inside).sum()
}

#[test]
fn separated_clusters_are_found() {
    // 4 continents of 4 countries of 4 operators, shuffled.
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut at: Vec<usize> = (0..64).collect();
    at.shuffle(&mut rng);
    let jitter = random_points(64, 3);
    let corner = |i: usize, scale: f64| [scale * (i % 2) as f64, scale * (i / 2) as f64];
    let point = |(i, &own): (usize, &usize)| {
        let (c, d) = (corner(own / 16, 1000.0), corner(own / 4 % 4, 100.0));
        [c[0] + d[0] + jitter[i][0], c[1] + d[1] + jitter[i][1]]
    };
    let sites = of_points(&at.iter().enumerate().map(point).collect::<Vec<_>>());
    for (arities, depth) in [(&[4, 4][..], 3), (&[4, 4, 4], 3)] {
        let pools = divide(&sites, arities).unwrap();
        assert_eq!(pools.depth(), depth);
        for (height, size) in [(1, 4), (2, 16)] {
            for pool in pools_of(&pools, height) {
                let clusters: BTreeSet<usize> = pool.iter().map(|&i| at[i] / size).collect();
                assert_eq!((clusters.len(), pool.len()), (1, size));
            }
        }
    }
}

#[test]
fn pools_on_a_line_are_intervals() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    for (n, arity) in [(12, 3), (40, 4), (41, 4), (100, 2), (60, 7)] {
        let at: Vec<f64> = (0..n).map(|_| rng.random_range(0.0..100.0)).collect();
        let sites = of_function(n, |a, b| (at[a] - at[b]).abs());
        let mut pools: Vec<Vec<f64>> = pools_of(&divide(&sites, &[arity]).unwrap(), 1)
            .iter()
            .map(|p| p.iter().map(|&i| at[i]).collect())
            .collect();
        pools.iter_mut().for_each(|pool| pool.sort_by(f64::total_cmp));
        pools.sort_by(|a, b| a[0].total_cmp(&b[0]));
        assert!(pools.windows(2).all(|two| two[0].last().unwrap() < &two[1][0]), "{n} {arity}: {pools:?}");
    }
}

/// Arcs of equal length have the smallest sum on a circle.
#[test]
fn pools_on_a_circle_are_arcs() {
    let sites = of_ring(64, 1.0);
    let pools = divide(&sites, &[4, 4]).unwrap();
    let quality = division_quality(&sites, &pools, 100, 1).unwrap();
    let diameters: Vec<[f64; 2]> = quality.iter().map(|q| [q.mean_diameter, q.largest_diameter]).collect();
    assert_eq!(diameters, [[3.0; 2], [15.0; 2], [32.0; 2]]);
}

/// Every division of `n` into parts of even size, by the part of each: the first of a part opens it.
fn all_divisions(n: usize, count: usize) -> Vec<Vec<Vec<usize>>> {
    let mut all = vec![Vec::<Vec<usize>>::new()];
    for i in 0..n {
        let mut next = Vec::new();
        for parts in all {
            for part in 0..parts.len() {
                let mut own = parts.clone();
                own[part].push(i);
                next.push(own);
            }
            if parts.len() < count {
                let mut own = parts;
                own.push(vec![i]);
                next.push(own);
            }
        }
        all = next;
    }
    let even = |part: &Vec<usize>| part.len() == n / count || part.len() == n.div_ceil(count);
    all.retain(|parts| parts.len() == count && parts.iter().all(even));
    all
}

/// Up to eight sites: the smallest sum of all divisions, on the plane and on matrices without geometry.
#[test]
fn the_best_division_by_enumeration_is_found() {
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    for n in 3..=8 {
        for count in 2..n {
            let all = all_divisions(n, count);
            for trial in 0..20 {
                let sites = if trial % 2 == 0 {
                    of_points(&random_points(n, trial))
                } else {
                    let any: Vec<f64> = (0..n * n).map(|_| rng.random()).collect();
                    of_function(n, |a, b| if a == b { 0.0 } else { any[a.min(b) * n + a.max(b)] })
                };
                let best = all.iter().map(|parts| sum_inside(&sites, parts)).fold(f64::INFINITY, f64::min);
                let found = sum_inside(&sites, &pools_of(&divide(&sites, &[count as u32]).unwrap(), 1));
                assert!(found <= best * (1.0 + 1e-12), "{n} sites, {count} parts, trial {trial}: {found} {best}");
            }
        }
    }
    // 8!/(4! 4! 2!) and 8!/(3! 3! 2! 2!): the enumeration counts.
    assert_eq!((all_divisions(8, 2).len(), all_divisions(8, 3).len()), (35, 280));
}

#[test]
fn sizes_differ_by_at_most_one_and_heights_are_nested() {
    for (n, arities) in [(7, &[2, 2][..]), (100, &[3, 5]), (64, &[4, 4, 4]), (65, &[8]), (10, &[3, 2, 2]), (5, &[9])] {
        let sites = of_points(&random_points(n, n as u64));
        let pools = divide(&sites, arities).unwrap();
        assert_eq!(pools.operators(), n);
        for height in 1..=pools.depth() {
            for pool in 0..pools.count(height) {
                let sizes: Vec<usize> =
                    pools.children(height, pool).map(|child| pools.members(height - 1, child).len()).collect();
                let wanted = arities.get((pools.depth() - height) as usize);
                let members = pools.members(height, pool).len();
                if let Some(&arity) = wanted {
                    assert_eq!(sizes.len(), members.min(arity as usize));
                    assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
                }
            }
        }
    }
    // Nobody left to divide, and the tree of one pool.
    let sites = of_points(&random_points(5, 1));
    assert_eq!(divide(&sites, &[]).unwrap(), Pools::new(5, &[]).unwrap());
    assert_eq!(divide(&sites, &[9]).unwrap(), Pools::new(5, &[]).unwrap());
    let said = |arities: &[u32]| divide(&sites, arities).unwrap_err().to_string();
    assert_eq!(said(&[2, 1]), "arities.1 = 1: must be at least 2");
    assert_eq!(said(&[0]), "arities.0 = 0: must be at least 2");
    assert_eq!(said(&[3, 2, 2]), "arities.2 = 2: must be left out, since every pool is one operator by then");
    // All at one place: still even, still the same every time.
    let together = of_function(9, |_, _| 0.0);
    let pools = divide(&together, &[2, 2]).unwrap();
    assert_eq!(pools_of(&pools, 2).iter().map(Vec::len).collect::<BTreeSet<_>>(), BTreeSet::from([4, 5]));
}

/// Names go with the sites: the pools are the same sets whatever the order of the rows.
#[test]
fn the_order_of_the_sites_does_not_matter() {
    let points = random_points(90, 4);
    let mut order: Vec<usize> = (0..90).collect();
    let sets = |pools: &Pools, order: &[usize], height| -> BTreeSet<BTreeSet<usize>> {
        pools_of(pools, height).iter().map(|pool| pool.iter().map(|&i| order[i]).collect()).collect()
    };
    let first = divide(&of_points(&points), &[3, 4]).unwrap();
    let natural = order.clone();
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    for _ in 0..5 {
        order.shuffle(&mut rng);
        let shuffled: Vec<[f64; 2]> = order.iter().map(|&i| points[i]).collect();
        let pools = divide(&of_points(&shuffled), &[3, 4]).unwrap();
        for height in 1..=3 {
            assert_eq!(sets(&pools, &order, height), sets(&first, &natural, height));
        }
    }
    assert_eq!(divide(&of_points(&points), &[3, 4]).unwrap(), first);
}

#[test]
fn a_division_is_better_than_one_by_lot() {
    let sites = of_points(&random_points(256, 9));
    let start = std::time::Instant::now();
    let pools = divide(&sites, &[4, 4, 4]).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds < 5.0, "{seconds} s");
    let quality = division_quality(&sites, &pools, 200, 7).unwrap();
    assert_eq!(quality.iter().map(|q| (q.height, q.pools)).collect::<Vec<_>>(), [(1, 64), (2, 16), (3, 4), (4, 1)]);
    for q in &quality[..3] {
        assert!(q.mean_diameter < 0.65 * q.random_mean.mean, "{q:?}");
        assert!(q.largest_diameter < 0.75 * q.random_largest.mean, "{q:?}");
        assert!(q.random_mean.std_error > 0.0 && q.random_mean.replications == 200);
        assert!(q.mean_diameter <= q.largest_diameter);
    }
    // The root is what it is, without error.
    let root = quality[3];
    assert_eq!([root.random_mean.mean, root.random_largest.mean], [root.largest_diameter; 2]);
    assert_eq!([root.random_mean.std_error, root.random_largest.std_error], [0.0; 2]);
    assert_eq!(division_quality(&sites, &pools, 200, 7).unwrap(), quality);
    // A division by lot is no better than lot: its mean lies among the others.
    let mut order: Vec<usize> = (0..256).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
    let by_lot = Pools::new(256, &[order.chunks(16).map(<[usize]>::to_vec).collect()]).unwrap();
    let q = division_quality(&sites, &by_lot, 200, 7).unwrap()[0];
    // In standard deviations of a single division.
    assert!((q.mean_diameter - q.random_mean.mean).abs() < BAND * q.random_mean.std_error * 200f64.sqrt(), "{q:?}");
}

/// Six sites in two threes: the mean by lot is that of the ten divisions.
#[test]
fn the_mean_by_lot_is_that_of_all_divisions() {
    let sites = of_points(&random_points(6, 12));
    let pools = divide(&sites, &[2]).unwrap();
    let q = division_quality(&sites, &pools, 20_000, 3).unwrap()[0];
    let diameter = |pool: &Vec<usize>| {
        pool.iter()
            .flat_map(|&a| pool.iter().map(move |&b| (a, b)))
            .map(|(a, b)| sites.one_way(a, b))
            .fold(0.0, f64::max)
    };
    let all: Vec<[f64; 2]> =
        all_divisions(6, 2).iter().map(|parts| [diameter(&parts[0]), diameter(&parts[1])]).collect();
    let mean = all.iter().map(|[a, b]| (a + b) / 2.0).sum::<f64>() / 10.0;
    let largest = all.iter().map(|[a, b]| a.max(*b)).sum::<f64>() / 10.0;
    assert_eq!(all.len(), 10);
    assert!((q.random_mean.mean - mean).abs() < BAND * q.random_mean.std_error, "{q:?} {mean}");
    assert!((q.random_largest.mean - largest).abs() < BAND * q.random_largest.std_error, "{q:?} {largest}");
    // The mean of the largest is not the mean of the mean: the test would tell.
    assert!((q.random_largest.mean - mean).abs() > BAND * q.random_largest.std_error);
    let said = |replications| division_quality(&sites, &pools, replications, 1).unwrap_err().to_string();
    assert_eq!(said(1), "replications = 1: must be an integer of at least 2");
    assert!(
        said(u64::MAX).starts_with("out of reach: 18446744073709551615 replications look up "),
        "{}",
        said(u64::MAX)
    );
}
