//! Chances proportional to weights, whatever their scale.

use crate::kernels::elementary::exp;

/// The weights of `e^(log weight)` up to a common factor, the largest 1; all 0 where nobody has one.
pub(super) fn weights(log_weights: &[f64]) -> Vec<f64> {
    let largest = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return vec![0.0; log_weights.len()];
    }
    log_weights.iter().map(|w| exp(w - largest)).collect()
}

/// `w_i / Σ w`.
pub(super) fn shares(log_weights: &[f64]) -> Vec<f64> {
    let mut shares = weights(log_weights);
    let all = shares.iter().copied().collect::<crate::kernels::sum::Sum>().value();
    if all > 0.0 {
        shares.iter_mut().for_each(|share| *share /= all);
    }
    shares
}
