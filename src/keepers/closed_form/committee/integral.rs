//! Inclusion, joint inclusion and ranks by integrals over the points of clocks.
//!
//! ```text
//! π_i(m)         = ∫ dP_i(t) P(N_{-i}(t) ≤ m - 1)
//! π_ij(m)        = ∫ [dP_i(t) P_j(t) + dP_j(t) P_i(t)] P(N_{-ij}(t) ≤ m - 2)
//! P(rank of i = r) = ∫ dP_i(t) P(N_{-i}(t) = r - 1)
//! ```
//!
//! `P_i(t)` the probability that clock `i` has rung by `t`, `N_{-i}(t)` how many of the others have. The integrand of
//! `π_ij` is the event that the later of the two rings at `t`.

use super::clock::{Clocks, Point};
use super::others::Chances;
use crate::error::{Error, Result};
use crate::kernels::elementary::log2;
use nalgebra::DMatrix;

/// A clock that has rung with a smaller probability changes no tail below `m` by more than that share of it.
const SILENT: f64 = 1e-18;

/// Multiplications that a call may cost at most: about a minute.
const MOST_WORK: f64 = 5e10;

fn reachable(clocks: &Clocks, per_point: f64, what: &str) -> Result<()> {
    let work = clocks.most_points() * per_point;
    if work <= MOST_WORK {
        return Ok(());
    }
    let reason =
        format!("{what} of {} keepers takes about {work:.0e} multiplications, above {MOST_WORK:.0e}", clocks.len());
    Err(Error::OutOfReach { reason })
}

fn running(point: &Point) -> Vec<usize> {
    (0..point.before.len()).filter(|&i| point.before[i] > SILENT).collect()
}

/// Whether no more than `terms - 1` of them have rung but for a share `1e-18`: `P(N ≥ k) ≤ (Σp)^k/k!`.
fn all_within(point: &Point, terms: usize) -> bool {
    let rung: f64 = point.before.iter().sum();
    // Once it has fallen this low the bound only falls.
    let mut bound = 1.0;
    (1..=terms).any(|k| {
        bound *= rung / k as f64;
        bound <= SILENT
    })
}

fn tail(law: &[f64]) -> f64 {
    law.iter().sum()
}

/// `π_i(m)`, `0 < m < n`.
pub(super) fn inclusion(clocks: &Clocks, m: usize) -> Vec<f64> {
    let mut inclusion = vec![0.0; clocks.len()];
    clocks.each(m, |point| {
        if all_within(point, m) {
            inclusion.iter_mut().zip(&point.here).for_each(|(pi, here)| *pi += here);
            return;
        }
        let chances = Chances { before: &point.before, after: &point.after };
        let running = running(point);
        let among_all = tail(&chances.law(&running, m));
        let mut tails = vec![among_all; clocks.len()];
        chances.without_one(&chances.law(&[], m), &running, &mut |i, law| tails[i] = tail(law));
        for (i, tail) in tails.iter().enumerate() {
            inclusion[i] += point.here[i] * tail;
        }
    });
    inclusion
}

/// `π_ij(m)` off the diagonal, `1 < m < n`.
///
/// # Errors
/// [`Error::OutOfReach`] where it would take too long.
pub(super) fn joint(clocks: &Clocks, m: usize) -> Result<DMatrix<f64>> {
    let n = clocks.len();
    let size = n as f64;
    reachable(clocks, size * size * log2(size) * m as f64, "joint inclusion")?;
    let mut joint = DMatrix::zeros(n, n);
    clocks.each(m, |point| {
        let chances = Chances { before: &point.before, after: &point.after };
        let mut add = |i: usize, j: usize, tail: f64| {
            joint[(i, j)] += (point.here[i] * point.before[j] + point.here[j] * point.before[i]) * tail;
        };
        let running = running(point);
        let silent: Vec<usize> = (0..n).filter(|i| point.before[*i] <= SILENT).collect();
        let none = chances.law(&[], m - 1);
        let among_all = tail(&chances.law(&running, m - 1));
        for (k, &j) in silent.iter().enumerate() {
            silent[..k].iter().for_each(|&i| add(i, j, among_all));
        }
        if !silent.is_empty() && !running.is_empty() {
            chances.without_one(&none, &running, &mut |i, law| silent.iter().for_each(|&j| add(i, j, tail(law))));
        }
        chances.without_two(&none, &running, &mut |i, j, law| add(i, j, tail(law)));
    });
    // Each pair was met in one order, which may differ from point to point.
    Ok(&joint + joint.transpose())
}

/// `P(rank of i = r)` at `(i, r - 1)`.
///
/// # Errors
/// [`Error::OutOfReach`] where it would take too long.
pub(super) fn ranks(clocks: &Clocks) -> Result<DMatrix<f64>> {
    let n = clocks.len();
    let size = n as f64;
    reachable(clocks, size * size * log2(size).max(1.0), "the law of ranks")?;
    let mut ranks = DMatrix::zeros(n, n);
    let all: Vec<usize> = (0..n).collect();
    clocks.each(n, |point| {
        let chances = Chances { before: &point.before, after: &point.after };
        chances.without_one(&chances.law(&[], n), &all, &mut |i, law| {
            law.iter().enumerate().for_each(|(r, p)| ranks[(i, r)] += point.here[i] * p);
        });
    });
    Ok(ranks)
}
