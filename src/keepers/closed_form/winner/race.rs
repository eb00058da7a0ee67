//! The race of exponential arrivals with offsets.
//!
//! With offsets in ascending order, `Λ_k` the total rate of the first `k` and `H_k` the expected number of arrivals before
//! the `k`th offset, the first arrival falls between offsets `k` and `k + 1` with probability
//! `W_k = e^(-H_k) (1 - e^(-Λ_k (o_(k+1) - o_k)))`, and is then `i ≤ k` with probability `λ_i/Λ_k`. The sums over `k`
//! follow from the last one down:
//!
//! ```text
//! T_k = W_k + T_(k+1) Λ_k/Λ_(k+1),      p_(k) = λ_(k)/Λ_k · T_k
//! ```
//!
//! `T_k ≤ 1` is the probability that the first arrival comes after offset `k` and is of the first `k`. All terms are positive,
//! all quotients at most 1.

use crate::kernels::elementary::{exp, exp_m1, exp2, log2};
use crate::kernels::sum::Sum;

/// `e^(-800)` is 0.
const NOTHING: f64 = 800.0;

pub(super) fn winner(offsets: &[f64], rates: &[f64]) -> Vec<f64> {
    let n = offsets.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| offsets[i].total_cmp(&offsets[j]));
    // A power of two keeps the sum of the rates finite and changes no quotient.
    let scale = if rates.iter().sum::<f64>().is_finite() { 1.0 } else { exp2(log2(2.0 * n as f64).ceil()) };
    let (mut total, mut hazard) = (Sum::default(), Sum::default());
    let mut intervals = Vec::with_capacity(n);
    for (k, &i) in order.iter().enumerate() {
        total.add(rates[i] / scale);
        let passed = hazard.value();
        let length = order.get(k + 1).map_or(f64::INFINITY, |&next| offsets[next] - offsets[i]);
        // Rates are positive, but a quotient by the scale may not be.
        let expected = if total.value() > 0.0 { total.value() * length * scale } else { 0.0 };
        intervals.push((total.value(), exp(-passed) * -exp_m1(-expected)));
        if passed + expected > NOTHING {
            break; // whoever starts later comes too late
        }
        hazard.add(expected);
    }
    let mut law = vec![0.0; n];
    let (mut later, mut above) = (0.0, f64::INFINITY);
    for (&i, &(total, within)) in order.iter().zip(&intervals).rev().filter(|(_, (total, _))| *total > 0.0) {
        later = within + later * (total / above);
        above = total;
        law[i] = rates[i] / scale / total * later;
    }
    law
}
