//! Exponential clocks, in logarithmic time.
//!
//! With `t = e^x` the integrals run over the whole line, and the trapezoidal rule converges geometrically. For `x + iθ`
//!
//! ```text
//! |1 - e^(-z)| ≤ (1 - e^(-Re z))/cos θ,    |z e^(-z)| ≤ Re z e^(-Re z)/cos θ,    z = w e^(x + iθ)
//! ```
//!
//! so that an integrand made of sums of products of at most `m` of these factors and of terms `e^(-z)` grows by
//! `cos^(-m) θ` at most, and the error of step `h` relative to the integral, all terms being positive, is at most
//! `2 cos^(-m) θ/(e^(2πθ/h) - 1)` for every `θ < π/2`.

use super::Point;
use crate::kernels::elementary::{cos, exp, exp_m1, ln};

/// `-ln` of what is left out at either end.
const END: f64 = 40.0;

/// The widest step whose relative error is below `2 e^-36`.
fn step(m: usize) -> f64 {
    const ENOUGH: f64 = 36.0;
    let width = |theta: f64| std::f64::consts::TAU * theta / (ENOUGH - m as f64 * ln(cos(theta)));
    (1..156).map(|i| width(0.01 * f64::from(i))).fold(0.0, f64::max)
}

/// From where a share `e^-40` of the first arrival is left out to where the slowest clock has rung.
fn range(log_rates: &[f64]) -> (f64, f64) {
    let largest = log_rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = log_rates.iter().copied().fold(f64::INFINITY, f64::min);
    let all = largest + ln(log_rates.iter().map(|w| exp(w - largest)).sum::<f64>());
    (-all - END, ln(1.25 * END) - least)
}

pub(super) fn points(log_rates: &[f64], m: usize) -> f64 {
    let (lo, hi) = range(log_rates);
    (hi - lo) / step(m)
}

fn walk(log_rates: &[f64], m: usize, mut at: impl FnMut(f64, f64) -> bool) {
    let (h, (lo, hi)) = (step(m), range(log_rates));
    let last = ((hi - lo) / h).ceil() as usize;
    for k in 0..=last {
        if !at(lo + k as f64 * h, h) {
            return;
        }
    }
}

pub(super) fn first(log_rates: &[f64], m: usize, point: &mut Point, visit: &mut impl FnMut(&Point)) {
    walk(log_rates, m.min(log_rates.len()), |x, h| {
        for (i, w) in log_rates.iter().enumerate() {
            let time = exp(w + x);
            point.after[i] = exp(-time);
            point.before[i] = -exp_m1(-time);
            point.here[i] = if time.is_finite() { h * time * point.after[i] } else { 0.0 };
        }
        // The time at which more than m have rung has an increasing mean failure rate (Birnbaum, Esary and Marshall 1966):
        // P(> t) ≤ P(> s)^(t/s) for t > s, so that what follows is as negligible relative to each keeper's integral.
        if point.is_over(m) {
            return false;
        }
        visit(point);
        true
    });
}

/// The ranking of [`first`] reversed.
pub(super) fn last(log_rates: &[f64], point: &mut Point, visit: &mut impl FnMut(&Point)) {
    let n = log_rates.len();
    first(log_rates, n, point, &mut |point: &Point| {
        // A clock that has not rung yet will rank before.
        let turned = Point { here: point.here.clone(), before: point.after.clone(), after: point.before.clone() };
        visit(&turned);
    });
}
