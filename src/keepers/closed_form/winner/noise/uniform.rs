//! Uniform noise: piecewise polynomials between the scores, each positive.
//!
//! With the scores in ascending order `a_1 ≤ … ≤ a_n`, `a_0 = 0` and `m = n - k + 1`, the largest product lies between
//! `a_(k-1)` and `a_k` and belongs to a given one of the `m` entrants who can reach so far with probability
//!
//! ```text
//! I_k = ∫_{a_(k-1)}^{a_k} v^(m-1) dv / Π_{j≥k} a_j = P_k (1 - (a_(k-1)/a_k)^m)/m,     P_k = Π_{j>k} a_k/a_j
//! p_i = Σ_{k≤i} I_k,        ∂ln p_i/∂ln f_i = Σ_{k≤i} (m - 1) I_k / p_i
//! ```
//!
//! the same for each of them, because `1/f_i` of the own density stands where the own factor is missing.

use super::{ascending, ln_ratio};
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p};
use crate::kernels::sum::Sum;

pub(in super::super) fn winner(scores: &[f64]) -> Vec<f64> {
    let order = ascending(scores);
    let mut law = vec![0.0; scores.len()];
    let mut p = Sum::default();
    for (&i, ln_piece) in order.iter().zip(ln_pieces(scores, &order)) {
        p.add(exp(ln_piece));
        law[i] = p.value();
    }
    law
}

/// Elasticity of every chance in the own score; of a score of 0 the limit, the number of positive ones.
pub(in super::super) fn elasticity(scores: &[f64]) -> Vec<f64> {
    let order = ascending(scores);
    let mut elasticities = vec![order.len() as f64; scores.len()];
    // A mean of m - 1 with weights that may be too small for a number: only their quotients are formed.
    let (mut mean, mut ln_p) = (0.0, f64::NEG_INFINITY);
    for (k, (&i, ln_piece)) in order.iter().zip(ln_pieces(scores, &order)).enumerate() {
        if ln_piece > f64::NEG_INFINITY {
            let (large, small) = (ln_piece.max(ln_p), ln_piece.min(ln_p));
            ln_p = large + ln_1p(exp(small - large));
            mean += exp(ln_piece - ln_p) * ((order.len() - 1 - k) as f64 - mean);
        }
        elasticities[i] = mean;
    }
    elasticities
}

/// `ln I_k`, minus infinity for an empty piece.
fn ln_pieces(scores: &[f64], order: &[usize]) -> Vec<f64> {
    let n = order.len();
    let mut pieces = vec![0.0; n];
    let mut ln_product = Sum::default();
    // From the largest score down: P_k = P_(k+1) (a_k/a_(k+1))^(n-k).
    for k in (0..n).rev() {
        let (m, own) = ((n - k) as f64, scores[order[k]]);
        if let Some(&above) = order.get(k + 1) {
            ln_product.add((m - 1.0) * ln_ratio(own, scores[above]));
        }
        let covered = if k == 0 { f64::NEG_INFINITY } else { m * ln_ratio(scores[order[k - 1]], own) };
        pieces[k] = ln_product.value() - ln(m) + ln_of_rest(covered);
    }
    pieces
}

/// `ln(1 - e^x)` for `x ≤ 0`.
fn ln_of_rest(x: f64) -> f64 {
    if x > -std::f64::consts::LN_2 { ln(-exp_m1(x)) } else { ln_1p(-exp(x)) }
}
