//! The weight of one side of the stationary law, as an integral of positive terms.

use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p};
use crate::kernels::quadrature::panel;
use crate::kernels::stirling::stirling;

/// Exponent at which the integrand is cut: what lies beyond is below 1e-18 of the integral.
const CUT: f64 = 45.0;

/// Panels of 16 nodes each over the range where the integrand is not cut.
const PANELS: u32 = 48;

/// The integral `J(a, c) = ∫_0^1 w^(c-1) e^(a(1-w)) dw`, `a ≥ 0`, `c ≥ 1`, and a mean under its integrand.
///
/// In `r = ln w` the integrand is analytic, and log-concave. Its maximum is inside if `a > c`; there
/// it is `e^peak`, `peak = c φ(ln(a/c))`, and `s = r + ln(a/c)` leaves `exp(-c φ(s))`, `φ(s) = e^s - 1 - s`. Otherwise the
/// maximum 1 is at the end `r = 0`, and `exp(-[(c - a)|r| + a φ(r)])` is what is integrated. No exponent has terms that
/// cancel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    /// `a`.
    rate: f64,
    /// `c`.
    order: f64,
    /// `c - a`, without the rounding of `c`.
    gap: f64,
    /// The logarithm of the greatest value of the integrand.
    pub(super) peak: f64,
    /// `ln J - peak`.
    pub(super) ln_rest: f64,
    /// Mean of `1 - w`.
    pub(super) spent: f64,
}

impl Side {
    /// `J(a, b + 1 + extra)`; `extra ≥ 0` may be infinite, where `J` is 0.
    pub(super) fn new(a: f64, b: f64, extra: f64) -> Self {
        let (order, gap) = (b + 1.0 + extra, (b - a) + 1.0 + extra);
        if order.is_infinite() {
            return Self { rate: a, order, gap, peak: 0.0, ln_rest: f64::NEG_INFINITY, spent: 0.0 };
        }
        let (peak, sum, spent) = if gap >= 0.0 {
            let exponent = |r: f64| gap * -r + a * phi(r);
            let low = -reach(order, |r| exponent(-r));
            let f = |r: f64| exp(-exponent(r));
            (0.0, integral(low, 0.0, f), integral(low, 0.0, |r| -exp_m1(r) * f(r)))
        } else {
            let end = ln_1p(-gap / order);
            let low = -reach(order, |s| order * phi(-s));
            let high = reach(order, |s| order * phi(s)).min(end);
            let f = |s: f64| exp(-order * phi(s));
            (order * phi(end), integral(low, high, f), integral(low, high, |s| -exp_m1(s - end) * f(s)))
        };
        Self { rate: a, order, gap, peak, ln_rest: ln(sum), spent: spent / sum }
    }

    /// `ln(t_n) - peak` of the weight `t_n = Π_{i=1}^n a/(c - 1 + i)`, `n ≥ 1`.
    pub(super) fn ln_weight(&self, n: f64) -> f64 {
        let (a, c) = (self.rate, self.order);
        if a == 0.0 {
            return f64::NEG_INFINITY;
        }
        let steps = if self.gap >= 0.0 {
            // Down from the first term, at first by the factor a/c.
            (c + n) * phi(-ln_1p(n / c)) + n * self.steepness()
        } else {
            (c + n) * phi(ln_1p((-self.gap - n) / (c + n)))
        };
        0.5 * ln_1p(n / c) + stirling(c) - stirling(c + n) - steps
    }

    /// `ln(c/a) ≥ 0`, where `a ≤ c`.
    fn steepness(&self) -> f64 {
        ln_1p(self.gap / self.rate).min(ln(self.order) - ln(self.rate)).max(0.0)
    }

    /// `peak - plain.peak` of the same rate with `extra` added to the order: without cancellation where both are large.
    pub(super) fn peak_above(&self, plain: &Self, extra: f64) -> f64 {
        if self.gap >= 0.0 {
            return self.peak - plain.peak;
        }
        self.order * phi(-ln_1p(extra / plain.order)) - extra * ln_1p(-plain.gap / plain.order)
    }
}

/// `e^s - 1 - s ≥ 0`, without cancellation.
fn phi(s: f64) -> f64 {
    if s.abs() > 0.5 {
        return exp_m1(s) - s;
    }
    let series = (3..=18).rev().fold(1.0, |sum, k| 1.0 + s / f64::from(k) * sum);
    0.5 * s * s * series
}

/// Where an increasing exponent passes [`CUT`].
fn reach(order: f64, exponent: impl Fn(f64) -> f64) -> f64 {
    let mut high = order.recip();
    while exponent(high) < CUT {
        high *= 2.0;
    }
    let mut low = 0.5 * high;
    for _ in 0..20 {
        let middle = 0.5 * (low + high);
        if exponent(middle) < CUT { low = middle } else { high = middle }
    }
    high
}

fn integral(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let width = (high - low) / f64::from(PANELS);
    let edge = |i: u32| if i == PANELS { high } else { low + width * f64::from(i) };
    (0..PANELS).map(|i| panel(edge(i), edge(i + 1), &f)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn integrals_by_hand() {
        // c = 1: (e^a - 1)/a; a = 0: 1/c.
        for a in [1e-12f64, 0.3, 1.0, 1.5, 30.0, 600.0] {
            let side = Side::new(a, 0.0, 0.0);
            assert_relative_eq!(side.peak + side.ln_rest, ln(exp_m1(a) / a), epsilon = 1e-13, max_relative = 1e-14);
        }
        for b in [0.0f64, 1e-9, 0.7, 40.0, 1e9] {
            assert_relative_eq!(exp(Side::new(0.0, b, 0.0).ln_rest), (b + 1.0).recip(), max_relative = 1e-13);
        }
    }
}
