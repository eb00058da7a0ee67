//! Gauss-Legendre quadrature on one panel, nodes computed once.

use crate::kernels::elementary::cos;
use std::sync::LazyLock;

/// Number of nodes of [`panel`].
pub(crate) const NODES: usize = 16;

/// Positive nodes of the 16-point rule on `[-1, 1]` with their weights, by Newton's method on the Legendre polynomial.
static RULE: LazyLock<[(f64, f64); NODES / 2]> = LazyLock::new(|| {
    let n = NODES as f64;
    let mut rule = [(0.0, 0.0); NODES / 2];
    for (i, slot) in rule.iter_mut().enumerate() {
        // Tricomi's estimate is within the basin of Newton's method for every root.
        let mut x = cos(std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5));
        let mut slope = 0.0;
        for _ in 0..8 {
            let (mut p, mut previous) = (1.0, 0.0);
            for j in 1..=NODES {
                let j = j as f64;
                (p, previous) = (((2.0 * j - 1.0) * x * p - (j - 1.0) * previous) / j, p);
            }
            slope = n * (x * p - previous) / (x * x - 1.0);
            x -= p / slope;
        }
        *slot = (x, 2.0 / ((1.0 - x * x) * slope * slope));
    }
    rule
});

/// `∫_lo^hi f` by the 16-point Gauss-Legendre rule: exact for polynomials up to degree 31.
///
/// The caller chooses panels on which `f` is analytic well beyond the ends; the sum of a positive `f` has no
/// cancellation.
pub(crate) fn panel(lo: f64, hi: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    let half = 0.5 * (hi - lo);
    let middle = lo + half;
    let mut sum = 0.0;
    for &(x, w) in RULE.iter() {
        sum += w * (f(middle - half * x) + f(middle + half * x));
    }
    half * sum
}
