//! A tree over operators of whom only the order is known.

use crate::error::{Error, Result};
use crate::pool_tree::{PoolTree, Pools};

/// The greatest depth at which pools of height 1 still hold `arity` of `n` operators; at least 1, 0 for one operator.
pub(super) fn deepest(n: usize, arity: u32) -> u32 {
    let arity = arity.max(2) as usize;
    let (mut depth, mut least) = (u32::from(n > 1), n / arity);
    while least >= arity {
        (depth, least) = (depth + 1, least / arity);
    }
    depth
}

/// Neighbours in pools whose sizes differ by at most one at every height.
///
/// # Errors
/// [`Error::Domain`] for an arity below 2, and for a depth at which pools are single operators before height 0.
pub(super) fn neighbours(n: usize, arity: u32, depth: u32) -> Result<PoolTree> {
    if arity < 2 {
        return Err(Error::domain("arity", arity, "an integer of at least 2"));
    }
    if u64::from(arity).checked_pow(depth) == Some(n as u64) {
        return PoolTree::new(arity, depth);
    }
    let (mut most, mut left) = (0, n);
    while left > 1 {
        (left, most) = (left.div_ceil(arity as usize), most + 1);
    }
    let least = u32::from(n > 1);
    if !(least..=most).contains(&depth) {
        let allowed = format!("an integer from {least} to {most} for {n} operators divided by {arity}");
        return Err(Error::domain("depth", depth, allowed));
    }
    let mut pools = vec![(0..n).collect::<Vec<usize>>()];
    let mut heights = Vec::new();
    for _ in 1..depth {
        pools = pools.iter().flat_map(|pool| parts(pool, arity as usize)).collect();
        heights.push(pools.clone());
    }
    heights.reverse();
    Ok(PoolTree::given(Pools::new(n, &heights)?))
}

fn parts(pool: &[usize], arity: usize) -> Vec<Vec<usize>> {
    let count = arity.min(pool.len());
    let cut = |i: usize| i * pool.len() / count;
    (0..count).filter_map(|i| pool.get(cut(i)..cut(i + 1))).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pools_of_height_1_hold_the_arity() {
        for arity in 2..6 {
            for n in 2..300 {
                let depth = deepest(n, arity);
                let least = |depth: u32| {
                    let tree = neighbours(n, arity, depth).ok()?;
                    let pools = tree.given_pools().cloned().unwrap_or_else(|| Pools::regular(&tree).unwrap().into());
                    (0..pools.count(1)).map(|pool| pools.range(1, pool).len()).min()
                };
                assert!(least(depth).unwrap() >= (arity as usize).min(n), "{n} {arity}");
                assert!(least(depth + 1).is_none_or(|least| least < arity as usize), "{n} {arity}");
            }
        }
    }

    #[test]
    fn a_power_of_the_arity_is_the_complete_tree() {
        assert_eq!(deepest(8, 2), 3);
        assert_eq!(neighbours(8, 2, 3).unwrap(), PoolTree::new(2, 3).unwrap());
        assert_eq!((deepest(1, 2), neighbours(1, 2, 0).unwrap()), (0, PoolTree::new(2, 0).unwrap()));
        let tree = neighbours(5, 2, 2).unwrap();
        let pools = tree.given_pools().unwrap();
        assert_eq!((pools.members(1, 0), pools.members(1, 1)), (&[0, 1][..], &[2, 3, 4][..]));
        let mistake = neighbours(5, 2, 4).unwrap_err();
        assert_eq!(mistake.to_string(), "depth = 4: must be an integer from 1 to 3 for 5 operators divided by 2");
    }
}
