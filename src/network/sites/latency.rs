//! Consensus latency of a pool of sites.

use super::Sites;
use crate::error::{Error, Result, checked};
use crate::kernels::sum::Sum;
use crate::pool_tree::Pools;
use crate::pool_tree::RingStatistic;

/// Consensus latency in milliseconds of a pool, by what consensus waits for. With `d_1 ≤ … ≤ d_m` the latencies from a
/// proposer to the members, its own 0 included, and `q = min(m, ⌊quorum · m + 1e-9⌋ + 1)`:
///
/// ```text
/// diameter           the largest latency between two members
/// mean farthest      mean over proposers of d_m
/// random quorum      mean over proposers of Σ_{i ≥ q} d_i C(i-1, q-1)/C(m, q)
/// fastest quorum     mean over proposers of d_q
/// ```
///
/// Source: *Operator pool trees*, where operators are on a circle; on a matrix of circle distances the numbers are the same.
///
/// # Errors
/// [`Error::Domain`] for no members, a member that does not exist or is there twice, or a quorum outside `(0, 1]`.
///
/// ```
/// use pooltree::network::sites::{Sites, pool_latency};
/// use pooltree::pool_tree::RingStatistic;
/// // At 0, 1 and 5 on a line.
/// let names = ["a", "b", "c"].map(String::from).to_vec();
/// let sites = Sites::new(names, vec![0.0, 1.0, 5.0, 1.0, 0.0, 4.0, 5.0, 4.0, 0.0])?;
/// let latency = |statistic| pool_latency(&sites, &[0, 1, 2], statistic);
/// assert_eq!(latency(RingStatistic::Diameter)?, 5.0);
/// assert_eq!(latency(RingStatistic::MeanFarthest)?, (5.0 + 4.0 + 5.0) / 3.0);
/// // Two of three: the nearest other; or a pair at random, whose farther is 1, 5, 5 for the first proposer.
/// assert_eq!(latency(RingStatistic::FastestQuorum { quorum: 0.5 })?, (1.0 + 1.0 + 4.0) / 3.0);
/// let random = latency(RingStatistic::RandomQuorum { quorum: 0.5 })?;
/// assert!((random - ((1.0 + 5.0 + 5.0) + (1.0 + 4.0 + 4.0) + (5.0 + 5.0 + 4.0)) / 9.0).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn pool_latency(sites: &Sites, members: &[usize], statistic: RingStatistic) -> Result<f64> {
    check_quorum(statistic)?;
    if members.is_empty() {
        return Err(Error::domain("members", "(none)", "at least one site"));
    }
    let mut seen = vec![false; sites.len()];
    for &member in members {
        match seen.get_mut(member) {
            None => return Err(Error::domain("members", member, format!("sites 0 to {}", sites.len() - 1))),
            Some(true) => return Err(Error::domain("members", member, "sites that are there once")),
            Some(new) => *new = true,
        }
    }
    Ok(latency(sites, members, statistic))
}

/// [`pool_latency`] of every pool, by height `0..=k` and index.
///
/// # Errors
/// [`Error::Domain`] unless the pools are of as many operators as there are sites, or for a quorum outside `(0, 1]`.
pub fn pool_latencies(sites: &Sites, pools: &Pools, statistic: RingStatistic) -> Result<Vec<Vec<f64>>> {
    check_quorum(statistic)?;
    check_operators(sites, pools)?;
    let of_height =
        |height| (0..pools.count(height)).map(|pool| latency(sites, pools.members(height, pool), statistic)).collect();
    Ok((0..=pools.depth()).map(of_height).collect())
}

/// Pools of as many operators as there are sites.
pub(super) fn check_operators(sites: &Sites, pools: &Pools) -> Result<()> {
    if pools.operators() == sites.len() {
        Ok(())
    } else {
        let given = format!("(of {} operators)", pools.operators());
        Err(Error::domain("pools", given, format!("of {} operators, one at each site", sites.len())))
    }
}

fn check_quorum(statistic: RingStatistic) -> Result<()> {
    if let RingStatistic::RandomQuorum { quorum } | RingStatistic::FastestQuorum { quorum } = statistic {
        checked("quorum", quorum, |q| q > 0.0 && q <= 1.0, "above 0 and at most 1")?;
    }
    Ok(())
}

/// The largest latency between two members.
pub(super) fn diameter(sites: &Sites, members: &[usize]) -> f64 {
    let farthest = |(i, &a): (usize, &usize)| {
        let row = sites.row(a);
        members[..i].iter().map(|&b| row[b]).fold(0.0, f64::max)
    };
    members.iter().enumerate().map(farthest).fold(0.0, f64::max)
}

fn latency(sites: &Sites, members: &[usize], statistic: RingStatistic) -> f64 {
    let m = members.len();
    let size = |quorum: f64| (((quorum * m as f64 + 1e-9).floor() as usize) + 1).min(m);
    match statistic {
        RingStatistic::Diameter => diameter(sites, members),
        RingStatistic::MeanFarthest => mean(sites, members, |d| d.iter().copied().fold(0.0, f64::max)),
        RingStatistic::FastestQuorum { quorum } => {
            let q = size(quorum);
            mean(sites, members, |d| *d.select_nth_unstable_by(q - 1, f64::total_cmp).1)
        }
        RingStatistic::RandomQuorum { quorum } => {
            let weights = farthest_chosen(m, size(quorum));
            mean(sites, members, |d| {
                d.sort_unstable_by(f64::total_cmp);
                d.iter().zip(&weights).map(|(d, weight)| d * weight).collect::<Sum>().value()
            })
        }
    }
}

/// Mean over the proposers of a function of their latencies to the members.
fn mean(sites: &Sites, members: &[usize], of: impl Fn(&mut [f64]) -> f64) -> f64 {
    let mut latencies = Vec::with_capacity(members.len());
    let mut one = |&proposer: &usize| {
        let row = sites.row(proposer);
        latencies.clear();
        latencies.extend(members.iter().map(|&member| row[member]));
        of(&mut latencies)
    };
    members.iter().map(&mut one).collect::<Sum>().value() / members.len() as f64
}

/// Chance that the `i`-th nearest of `m` is the farthest of `q` chosen: `C(i-1, q-1)/C(m, q)`, from `q/m` at `i = m`
/// downwards, so that nothing overflows.
fn farthest_chosen(m: usize, q: usize) -> Vec<f64> {
    let mut weights = vec![0.0; m];
    let mut weight = q as f64 / m as f64;
    for i in (q..=m).rev() {
        weights[i - 1] = weight;
        if i > 1 {
            weight *= (i - q) as f64 / (i - 1) as f64;
        }
    }
    weights
}
