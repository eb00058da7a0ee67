//! Tails as integrals over one rate: every integrand is positive, so nothing cancels.

use super::mass::pmf;
use crate::kernels::elementary::{exp, exp_m1};
use crate::kernels::pair::Pair;
use crate::kernels::quadrature::panel;

/// Natural logarithms by which the integrand may fall within one panel.
const FALL: f64 = 10.0;

/// `P(K > n)` for `n ≥ 0`, meant for `n` above the mean.
///
/// One more count at rate `a` lifts `K` by one, so `d/da P(K > n) = P(K = n)`; at `a = 0`, `K > n` is impossible:
///
/// ```text
/// P(K > n; a, b) = ∫_0^a P(K = n; x, b) dx
/// ```
pub(super) fn above(n: f64, a: f64, b: f64) -> f64 {
    march(n, a, b, -1.0, |_| 1.0)
}

/// `P(K ≤ n)` for `n ≥ 0`, meant for `n` below the mean: `∫_a^∞ P(K = n; x, b) dx` by the same argument.
pub(super) fn below(n: f64, a: f64, b: f64) -> f64 {
    march(n, a, b, 1.0, |_| 1.0)
}

/// `E max(-K, 0)`, meant for `a ≥ b`.
///
/// It vanishes as `a` grows, and its second derivative in `a` is `P(K = -1)`:
///
/// ```text
/// E max(-K, 0) = ∫_a^∞ (x - a) P(K = -1; x, b) dx
/// ```
pub(super) fn shortfall(a: f64, b: f64) -> f64 {
    march(-1.0, a, b, 1.0, |t| t)
}

/// `∫ weight(t) P(K = n; a + sign t, b) dt` from `t = 0` until nothing is added any more, for `P` falling all the way.
fn march(n: f64, a: f64, b: f64, sign: f64, weight: impl Fn(f64) -> f64) -> f64 {
    // The saddle point's j and w at the rate x.
    let saddle = |x: f64| {
        let w = (n * n + 4.0 * x * b).sqrt();
        (0.5 * (w + n), w)
    };
    let integrand = |t: f64| {
        // At large rates the rounding of x alone would show in P; d ln P/dx = j/x - 1 makes good for what it lost.
        let Pair { hi: x, lo: lost } = Pair::sum(a, sign * t);
        let x = x.max(f64::MIN_POSITIVE); // a - t may even be negative if a is subnormal
        weight(t) * pmf(n, x, b) * exp(lost / x * (saddle(x).0 - x))
    };
    let limit = if sign < 0.0 { a } else { f64::INFINITY };
    let (mut from, mut sum) = (0.0, 0.0);
    while from < limit {
        let x = a + sign * from;
        let (j, w) = saddle(x);
        // -ln P has slope 1 - j/x and curvature (j/x)²/w in x, but slope x - j and curvature x - j + j²/w in ln x. The
        // one whose curvature is taken as constant makes the estimated fall too large rather than too small.
        let width = if sign > 0.0 {
            reach(1.0 - j / x, j / x * (j / x) / w.max(f64::MIN_POSITIVE))
        } else {
            -x * exp_m1(-reach(j - x, x - j + j * (j / w.max(f64::MIN_POSITIVE))))
        };
        let to = (from + width).min(limit);
        let piece = panel(from, to, integrand);
        sum += piece;
        // What follows is smaller still than the last piece.
        from = if piece > 1e-16 * sum { to } else { limit };
    }
    sum
}

/// Where a fall of `slope s + bend s²/2`, both taken as 0 if negative, reaches [`FALL`].
fn reach(slope: f64, bend: f64) -> f64 {
    let (slope, bend) = (slope.max(0.0), bend.max(0.0));
    2.0 * FALL / (slope + (slope * slope + 2.0 * FALL * bend).sqrt())
}
