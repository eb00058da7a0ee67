//! Compact pools of even size by recursive division.

use super::Sites;
use super::partition::{Distances, partition};
use crate::error::{Error, Result};
use crate::pool_tree::Pools;
use rayon::prelude::*;

/// Divides the sites into a tree of compact pools: all of them into `arities[0]` parts, each of these into `arities[1]`, and
/// so on from the root down; the operators themselves are the pools of height 0.
///
/// The sizes of the parts of a pool differ by at most one; a pool of fewer members than the arity is divided into single
/// operators. The last division may be left out if it is the one into single operators: 8 sites give the same tree for
/// `[2, 2]` and `[2, 2, 2]`.
///
/// Each division looks for the smallest sum of latencies between members of the same part,
///
/// ```text
/// Σ_parts Σ_{a < b in the part} latency(a, b)
/// ```
///
/// among all divisions into parts of even size, by exchanging pairs until no exchange helps (after B. W. Kernighan and
/// S. Lin, "An efficient heuristic procedure for partitioning graphs", Bell System Technical Journal 49 (1970), 291-307),
/// from several starts, of which the best is taken. This is a heuristic: the smallest sum is not promised. The result is
/// always the same, and does not depend on the order of the sites unless two of them have the same latencies to the others.
/// Pools are in the order of their first operators.
///
/// # Errors
/// [`Error::Domain`] for an arity below 2, and one for which no pool of two operators is left.
///
/// ```
/// use pooltree::network::sites::{Sites, divide};
/// // On a line, at 0, 10, 1, 11, 2, 12.
/// let at = [0.0f64, 10.0, 1.0, 11.0, 2.0, 12.0];
/// let names = at.map(|x| x.to_string()).to_vec();
/// let sites = Sites::new(names, at.iter().flat_map(|a| at.map(|b| (a - b).abs())).collect())?;
/// let pools = divide(&sites, &[2])?;
/// assert_eq!((pools.members(1, 0), pools.members(1, 1)), (&[0, 2, 4][..], &[1, 3, 5][..]));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn divide(sites: &Sites, arities: &[u32]) -> Result<Pools> {
    let mut heights: Vec<Vec<Vec<usize>>> = Vec::new();
    let mut pools = vec![by_latencies(sites)];
    for (i, &arity) in arities.iter().enumerate() {
        let key = || format!("arities.{i}");
        if arity < 2 {
            return Err(Error::domain(key(), arity, "at least 2"));
        }
        if pools.iter().all(|pool| pool.len() == 1) {
            return Err(Error::domain(key(), arity, "left out, since every pool is one operator by then"));
        }
        let parts = |pool: &Vec<usize>| -> Vec<Vec<usize>> { parts(sites, pool, arity as usize) };
        pools = pools.par_iter().flat_map_iter(parts).collect();
        heights.push(pools.clone());
    }
    if heights.last().is_some_and(|last| last.iter().all(|pool| pool.len() == 1)) {
        heights.pop(); // height 0
    }
    heights.reverse();
    for pools in &mut heights {
        pools.iter_mut().for_each(|pool| pool.sort_unstable());
        pools.sort_unstable();
    }
    Pools::new(sites.len(), &heights)
}

/// All sites in an order that does not depend on the one in which they are given, up to ties: by the sum of the latencies,
/// among equals by the latencies from the smallest on.
fn by_latencies(sites: &Sites) -> Vec<usize> {
    let sorted = |i: usize| {
        let mut row = sites.row(i).to_vec();
        row.sort_unstable_by(f64::total_cmp);
        (row.iter().sum::<f64>(), row)
    };
    let rows: Vec<(f64, Vec<f64>)> = (0..sites.len()).into_par_iter().map(sorted).collect();
    let mut order: Vec<usize> = (0..sites.len()).collect();
    order.sort_by(|&a, &b| {
        let ((sum_a, row_a), (sum_b, row_b)) = (&rows[a], &rows[b]);
        let unequal = || row_a.iter().zip(row_b).map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne());
        sum_a.total_cmp(sum_b).then_with(|| unequal().unwrap_or(std::cmp::Ordering::Equal))
    });
    order
}

/// The parts of one pool, members in the order of the pool.
fn parts(sites: &Sites, pool: &[usize], arity: usize) -> Vec<Vec<usize>> {
    let count = arity.min(pool.len());
    if count == pool.len() {
        return pool.iter().map(|&site| vec![site]).collect();
    }
    let part_of = partition(&Distances::new(sites, pool), count);
    let mut parts = vec![Vec::new(); count];
    pool.iter().zip(part_of).for_each(|(&site, part)| parts[part].push(site));
    parts
}
