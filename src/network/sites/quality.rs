//! How compact the pools of a division are, beside pools of the same sizes made by lot.

use super::Sites;
use super::latency::{check_operators, diameter};
use crate::error::{Error, Result};
use crate::estimate::{Estimate, Moments};
use crate::pool_tree::Pools;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The largest number of pairs of sites that are looked up.
const MOST_PAIRS: f64 = 1e12;

/// Diameters in milliseconds of the pools of one height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeightQuality {
    /// Height of the pools, from 1 to the root's.
    pub height: u32,
    /// Number of pools.
    pub pools: usize,
    /// Mean of the diameters, every pool the same weight.
    pub mean_diameter: f64,
    /// The largest diameter.
    pub largest_diameter: f64,
    /// The mean diameter in a tree of the same pool sizes whose operators are placed by lot.
    pub random_mean: Estimate,
    /// The largest diameter there.
    pub random_largest: Estimate,
}

/// Mean and largest diameter of the pools of heights `1..=k`, and what they are on average when the operators are placed in
/// the same tree uniformly by lot; `replications` placements, the same for the same `seed`.
///
/// # Errors
/// [`Error::Domain`] for fewer than two replications, or pools of another number of operators;
/// [`Error::OutOfReach`] for more than 1e12 pairs of sites to look up.
///
/// ```
/// use pooltree::network::sites::{Sites, divide, division_quality};
/// // Two pairs, 1 ms inside, 7 ms between them.
/// let far = |a: usize, b: usize| if a == b { 0.0 } else if a / 2 == b / 2 { 1.0 } else { 7.0 };
/// let names = ["a", "b", "c", "d"].map(String::from).to_vec();
/// let sites = Sites::new(names, (0..16).map(|i| far(i / 4, i % 4)).collect())?;
/// let quality = division_quality(&sites, &divide(&sites, &[2])?, 10_000, 1)?;
/// assert_eq!((quality[0].mean_diameter, quality[0].largest_diameter), (1.0, 1.0));
/// // One of the three ways to make two pairs is this one: (1 + 7 + 7)/3 by lot.
/// assert!((quality[0].random_mean.mean - 5.0).abs() < 5.0 * quality[0].random_mean.std_error);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn division_quality(sites: &Sites, pools: &Pools, replications: u64, seed: u64) -> Result<Vec<HeightQuality>> {
    check_operators(sites, pools)?;
    if replications < 2 {
        return Err(Error::domain("replications", replications, "an integer of at least 2"));
    }
    // The root is the same whoever is placed where.
    let below = 1..pools.depth();
    let pairs = below.clone().map(|height| pools.messages(height) / 2.0).sum::<f64>() * replications as f64;
    if !(pairs <= MOST_PAIRS) {
        let reason =
            format!("{replications} replications look up {pairs:.1e} pairs of sites; at most 1e12 are allowed");
        return Err(Error::OutOfReach { reason });
    }
    let mut order: Vec<usize> = (0..sites.len()).collect();
    order.sort_unstable_by_key(|&operator| pools.place(operator));
    let own: Vec<[f64; 2]> = (1..=pools.depth()).map(|height| diameters(sites, pools, height, &order)).collect();
    let root = own.last().copied().unwrap_or_default();

    if own.is_empty() {
        return Ok(Vec::new()); // one operator, in no pool but the root
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut moments = Moments::new(2 * own.len());
    for _ in 0..replications {
        order.shuffle(&mut rng);
        let mut drawn: Vec<f64> = below.clone().flat_map(|height| diameters(sites, pools, height, &order)).collect();
        drawn.extend(root);
        moments.add(&drawn);
    }
    let random = moments.estimate()?;
    let quality = |(i, [mean_diameter, largest_diameter]): (usize, [f64; 2])| HeightQuality {
        height: i as u32 + 1,
        pools: pools.count(i as u32 + 1),
        mean_diameter,
        largest_diameter,
        random_mean: random.component(2 * i),
        random_largest: random.component(2 * i + 1),
    };
    Ok(own.into_iter().enumerate().map(quality).collect())
}

/// Mean and largest diameter of the pools of a height, with these operators at the places in tree order.
fn diameters(sites: &Sites, pools: &Pools, height: u32, order: &[usize]) -> [f64; 2] {
    let count = pools.count(height);
    let (mut sum, mut largest) = (0.0, 0.0f64);
    for pool in 0..count {
        let own = diameter(sites, &order[pools.range(height, pool)]);
        sum += own;
        largest = largest.max(own);
    }
    [sum / count as f64, largest]
}
