//! Scores times uniform noise, in the logarithm of the product.
//!
//! Between two scores all probabilities are polynomials of the product `y`, of degree `d` at most for `d` scores above; in
//! `x = ln y` panels of width `15/d` keep the growth `e^(d Re x)` on Bernstein's ellipse of the 16-point rule in bounds.

use super::Point;
use crate::kernels::elementary::{exp, exp_m1};
use crate::kernels::quadrature::panel;

/// `-ln` of what is left out below the least score.
const END: f64 = 40.0;

fn pieces(log_scores: &[f64]) -> Vec<(f64, f64, usize)> {
    let mut sorted = log_scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(&least) = sorted.first() else { return Vec::new() };
    let mut lo = least - END;
    let mut pieces = Vec::new();
    for (k, &hi) in sorted.iter().enumerate() {
        if hi > lo {
            let width = (15.0 / (sorted.len() - k) as f64).min(0.7);
            pieces.push((lo, hi, ((hi - lo) / width).ceil() as usize));
            lo = hi;
        }
    }
    pieces
}

pub(super) fn points(log_scores: &[f64]) -> f64 {
    16.0 * pieces(log_scores).iter().map(|piece| piece.2 as f64).sum::<f64>()
}

pub(super) fn uniform(log_scores: &[f64], point: &mut Point, visit: &mut impl FnMut(&Point)) {
    for (lo, hi, panels) in pieces(log_scores) {
        let width = (hi - lo) / panels as f64;
        for k in 0..panels {
            let from = lo + k as f64 * width;
            weighted(from, if k + 1 == panels { hi } else { from + width }, |x, weight| {
                for (i, &f) in log_scores.iter().enumerate() {
                    let below = x < f;
                    point.before[i] = if below { -exp_m1(x - f) } else { 0.0 };
                    point.after[i] = if below { exp(x - f) } else { 1.0 };
                    point.here[i] = if below { weight * point.after[i] } else { 0.0 };
                }
                visit(point);
            });
        }
    }
}

/// Nodes and weights of one panel of the 16-point rule.
pub(super) fn weighted(lo: f64, hi: f64, mut visit: impl FnMut(f64, f64)) {
    for (x, weight) in nodes() {
        visit(lo + (hi - lo) * x, (hi - lo) * weight);
    }
}

/// The rule on `[0, 1]`: a weight is the integral of the Lagrange polynomial, which the rule itself takes exactly.
fn nodes() -> &'static [(f64, f64)] {
    static NODES: std::sync::LazyLock<Vec<(f64, f64)>> = std::sync::LazyLock::new(|| {
        let mut nodes = Vec::new();
        panel(0.0, 1.0, |x| {
            nodes.push(x);
            0.0
        });
        let is = |node: f64, x: f64| if x == node { 1.0 } else { 0.0 };
        nodes.iter().map(|&node| (node, panel(0.0, 1.0, |x| is(node, x)))).collect()
    });
    &NODES
}
