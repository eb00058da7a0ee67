//! How long it takes until every keeper has been selected.

use super::Law;
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p};

/// First step of the trapezoidal rule in the logarithm of time, and how often it may be halved.
const STEP: f64 = 0.125;
const HALVINGS: u32 = 6;

/// Relative change by the last halving at which one stops; the error of the rule falls faster than its square.
const CLOSE: f64 = 1e-9;

/// Times below `e^(-42)` of the slowest keeper's mean wait add less than 1e-18 of the result.
const BELOW: f64 = 42.0;

impl Law {
    /// Mean number of tasks until every keeper has been selected at least once; `None` where one never is, or without
    /// keepers.
    ///
    /// ```text
    /// E = ∫_0^∞ 1 - Π_i (1 - e^(-p_i t)) dt
    /// ```
    ///
    /// If tasks come as a Poisson process of rate 1, keepers are selected as independent Poisson processes of rates `p_i`,
    /// and the integrand is the probability that one of them is still missing at time `t`. The number of tasks that this
    /// takes does not depend on the gaps between them, whose mean is 1, so that its mean is the same number (Wald). With
    /// `n` equal keepers `E = n H_n`. In tasks for which somebody is selected.
    ///
    /// Relative error below 1e-12 for up to thousands of keepers whose probabilities span any number of decades.
    ///
    /// Source: Flajolet, Gardy and Thimonier 1992, *Birthday paradox, coupon collectors*, section 3.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// // 1/p + 1/q - 1 for two: after the first task one waits for the other.
    /// let law = Law::new(&[0.2, 0.8])?;
    /// assert!((law.all_selected().unwrap() - 5.25).abs() < 1e-12);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn all_selected(&self) -> Option<f64> {
        let rarest = self.shares().iter().copied().fold(f64::INFINITY, f64::min);
        let scale = rarest.recip();
        if !(scale > 0.0 && scale.is_finite()) {
            return None; // somebody is never selected, or there is nobody
        }
        if self.size() == 1 {
            return Some(1.0);
        }
        // In units of the slowest keeper's mean wait, so that nothing overflows.
        let rates: Vec<f64> = self.shares().iter().map(|p| p / rarest).collect();
        let mut step = STEP;
        let mut nodes = nodes(&rates, step, 0.0);
        let mut integral = step * nodes;
        for _ in 0..HALVINGS {
            nodes += self::nodes(&rates, step, 0.5 * step);
            step *= 0.5;
            let finer = step * nodes;
            let change = (finer - integral).abs();
            integral = finer;
            if change <= CLOSE * finer {
                break;
            }
        }
        Some(integral * scale).filter(|e| e.is_finite())
    }
}

/// Sum of `t P(somebody is missing at t)` over a grid of `ln t` that starts at `shift`: the trapezoidal rule of an entire
/// function that vanishes at both ends.
fn nodes(rates: &[f64], step: f64, shift: f64) -> f64 {
    let mut sum = 0.0;
    let mut k = 0u32;
    loop {
        let t = exp(shift - BELOW + f64::from(k) * step);
        let missing = missing(rates, t);
        sum += t * missing;
        if t > 1.0 && t * missing < 1e-19 {
            return sum;
        }
        k += 1;
    }
}

/// `1 - Π (1 - e^(-r t))`.
fn missing(rates: &[f64], t: f64) -> f64 {
    let mut ln_none = 0.0;
    for rate in rates {
        let gone = -exp_m1(-rate * t);
        ln_none += if gone < 0.5 { ln(gone) } else { ln_1p(-exp(-rate * t)) };
        if ln_none < -50.0 {
            return 1.0;
        }
    }
    -exp_m1(ln_none)
}
