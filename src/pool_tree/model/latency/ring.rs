//! Latency on a circle of operators at unit spacing: a pool below the root is an arc of neighbours, the root is the whole
//! circle.
//!
//! `c(d)` is the number of members within distance `d` of the proposer, itself included. On an arc the proposer has `a`
//! members on its short and `b = m - 1 - a` on its long side, so `c(d) = 1 + min(d, a) + min(d, b)`; on the circle every
//! proposer sees `c(d) = min(m, 1 + 2d)`. All results are derived in docs/models/welfare.md.

use crate::kernels::elementary::{ln, ln_1p};
use crate::pool_tree::RingStatistic;

/// Arc of neighbours, or the whole circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Arc,
    Circle,
}

/// A quorum sum stops at terms below this share of 1.
const NEGLIGIBLE: f64 = 1e-20;

/// The longest quorum sum that is carried out.
const LONGEST: f64 = 1e7;

/// Latency of a pool of `m` operators at unit spacing.
pub(super) fn latency(statistic: RingStatistic, shape: Shape, m: f64) -> f64 {
    if m == 1.0 {
        return 0.0;
    }
    let farthest_on_circle = (m / 2.0).floor();
    match (statistic, shape) {
        (RingStatistic::Diameter, Shape::Arc) => m - 1.0,
        (RingStatistic::Diameter | RingStatistic::MeanFarthest, Shape::Circle) => farthest_on_circle,
        (RingStatistic::MeanFarthest, Shape::Arc) => mean_farthest(m),
        (RingStatistic::FastestQuorum { quorum }, Shape::Circle) => (members(quorum, m) / 2.0).floor(),
        (RingStatistic::FastestQuorum { quorum }, Shape::Arc) => {
            // ⌊q/2⌋ on the spot, q - 1 - a for the proposers with a < ⌊q/2⌋ members on their short side.
            let q = members(quorum, m);
            let half = (q / 2.0).floor();
            half / m * (2.0 * q - 1.0 - 3.0 * half + m)
        }
        (RingStatistic::RandomQuorum { quorum }, Shape::Circle) => {
            // c(d) = 1 + 2d runs through the odd numbers below m.
            farthest_on_circle - quorum_sum(m, members(quorum, m), |_| 0.0)
        }
        (RingStatistic::RandomQuorum { quorum }, Shape::Arc) => random_quorum_on_arc(quorum, m),
    }
}

/// Mean over the members of an arc of the distance to its farther end.
fn mean_farthest(m: f64) -> f64 {
    // Odd sizes beyond 2^53 are even in f64; the two formulas agree there to rounding.
    if m % 2.0 == 0.0 { (3.0 * m - 2.0) / 4.0 } else { (3.0 * m + 1.0) * (m - 1.0) / (4.0 * m) }
}

/// Size `q` of the quorum in a pool of `m`.
fn members(quorum: f64, m: f64) -> f64 {
    ((quorum * m + 1e-9).floor() + 1.0).min(m)
}

/// Whether the sum for a random quorum ends within [`LONGEST`] terms.
pub(super) fn random_quorum_in_reach(quorum: f64, m: f64) -> bool {
    let per_step = -ln_1p(-members(quorum, m) / m);
    m.min(-ln(NEGLIGIBLE) / per_step) <= LONGEST
}

/// `Σ_{odd c < m} P(c) + Σ_{even c < m} w(c) P(c)` with `P(c) = C(c, q)/C(m, q)`, the chance that all chosen lie among `c`
/// given members; downwards from `c = m` by `P(c - 1) = P(c) (c - q)/c`, so that nothing overflows.
fn quorum_sum(m: f64, q: f64, even_weight: impl Fn(f64) -> f64) -> f64 {
    let mut odd = m % 2.0 == 1.0;
    let (mut c, mut p, mut sum) = (m, 1.0, 0.0);
    while c > q && p > NEGLIGIBLE {
        p *= (c - q) / c;
        c -= 1.0;
        odd = !odd;
        sum += if odd { p } else { even_weight(c) * p };
    }
    sum
}

/// Expected distance to the farthest of a random quorum, mean over the proposers of an arc.
///
/// `E max = b - Σ_{d < b} P(c(d))` for a proposer with `a ≤ b` members on its sides. Summed over the proposers, an odd
/// count `c < m` occurs once for each of the `m`, an even one only for the `c` proposers with `2a + 1 ≤ c` (below that,
/// members leave in twos from `c = 2a + 1` on). Hence, with the mean of `b` known,
///
/// ```text
/// E = mean farthest - Σ_{odd c < m} P(c) - Σ_{even c < m} (c/m) P(c)
/// ```
fn random_quorum_on_arc(quorum: f64, m: f64) -> f64 {
    mean_farthest(m) - quorum_sum(m, members(quorum, m), |c| c / m)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every proposer, every distance, binomials as products.
    fn by_enumeration(statistic: RingStatistic, circle: bool, m: usize) -> f64 {
        let distance = |p: usize, i: usize| {
            let d = p.abs_diff(i);
            (if circle { d.min(m - d) } else { d }) as f64
        };
        let mut total = 0.0;
        for p in 0..m {
            let mut distances: Vec<f64> = (0..m).map(|i| distance(p, i)).collect();
            distances.sort_by(f64::total_cmp);
            total += match statistic {
                RingStatistic::Diameter => unreachable!("has no proposer"),
                RingStatistic::MeanFarthest => distances[m - 1],
                RingStatistic::FastestQuorum { quorum } => distances[members(quorum, m as f64) as usize - 1],
                RingStatistic::RandomQuorum { quorum } => {
                    // The largest of q drawn from the sorted list is the i-th with probability C(i, q-1)/C(m, q).
                    let q = members(quorum, m as f64) as usize;
                    let choose = |n: usize, r: usize| -> f64 {
                        if r > n { 0.0 } else { (0..r).map(|j| (n - j) as f64 / (r - j) as f64).product() }
                    };
                    (0..m).map(|i| distances[i] * choose(i, q - 1) / choose(m, q)).sum()
                }
            };
        }
        total / m as f64
    }

    #[test]
    fn every_statistic_by_enumeration() {
        for m in 2..=40 {
            for quorum in [0.01, 0.3, 0.5, 0.6667, 0.9, 1.0] {
                for statistic in [
                    RingStatistic::MeanFarthest,
                    RingStatistic::FastestQuorum { quorum },
                    RingStatistic::RandomQuorum { quorum },
                ] {
                    for (shape, circle) in [(Shape::Arc, false), (Shape::Circle, true)] {
                        let expected = by_enumeration(statistic, circle, m);
                        let found = latency(statistic, shape, m as f64);
                        approx::assert_relative_eq!(found, expected, max_relative = 1e-12);
                    }
                }
            }
        }
    }

    #[test]
    fn a_pool_of_more_operators_than_a_square_root_can_hold() {
        let m = 2f64.powi(1000);
        let quorum = 2.0 / 3.0;
        // q = 2m/3, half of it on the spot for the middle third: (1/3)(4/3 - 1 + 1)m.
        let found = latency(RingStatistic::FastestQuorum { quorum }, Shape::Arc, m) / m;
        approx::assert_relative_eq!(found, 4.0 / 9.0, max_relative = 1e-12);
    }
}
