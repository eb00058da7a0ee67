//! Filled and unfilled shares of a class whose sides are negative binomial.

use super::angle::{Angle, Pole, Weight};
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p, sin};
use crate::kernels::matched::Sides;
use crate::kernels::quadrature::panel;
use std::f64::consts::PI;

/// From this mean per unit of shape on the shares are their limits.
const ENDLESS: f64 = 1e150;

/// Below this shape the derivative comes from Euler's integral, whose terms are positive there.
const SMALL_SHAPE: f64 = 0.75;

/// Step of Euler's integral.
const STEP: f64 = 0.4;

/// A term or panel below this share of the sum ends it.
const NEGLIGIBLE: f64 = 1e-18;

/// Below this filled share it is integrated instead of subtracted from 1.
const THIN: f64 = 0.01;

/// Most e-foldings of a Gauss panel.
const FOLDINGS: f64 = 8.0;

/// Two shares at least this much apart, relatively, are subtracted.
const APART: f64 = 0.9;

/// The two sides of a swap class whose rates are multiplied by independent Gamma factors of mean 1.
///
/// `sides` are the expected orders per unit of the window; in a window `t` they are `x± = a t, b t`, and
///
/// ```text
/// P(N = n) = (α)_n/n! · (1 + r)^(-α) q^n,      r = x/α,  q = r/(1 + r)
/// ```
///
/// All results depend on `q = √(q+ q-)` of the two sides, that is on the `r = q/(1 - q)` of a class with equal sides, and
/// on how far the sides are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BurstSides {
    pub(crate) sides: Sides,
    /// Shape `α` of the factors.
    pub(crate) shape: f64,
}

/// Two sides as a class with equal ones, and what makes them unequal.
struct Even {
    /// Mean of the equal sides over the shape.
    r: f64,
    /// `ln [(1 - q)² (1 + r+)(1 + r-)]`, `≥ 0`.
    gap: f64,
    /// `|√q+ - √q-|/(√q+ + √q-)`.
    tau: f64,
    /// `1 - τ²`.
    rest: f64,
}

impl Even {
    fn new(first: f64, second: f64) -> Self {
        if first == second {
            return Self { r: first, gap: 0.0, tau: 0.0, rest: 1.0 };
        }
        // Roots of the factors, not of products, which may leave the range.
        let (up, vp, um, vm) = (first.sqrt(), (1.0 + first).sqrt(), second.sqrt(), (1.0 + second).sqrt());
        let r = (up * um) / (1.0 + first + second) * (vp * vm + up * um);
        let gap = ln_1p(((first - second) / (up * vm + um * vp)).powi(2));
        // Times √((1 + r+)(1 + r-)): the differences of √q is (r+ - r-)/(…) over the sum.
        let sum = up * vm + um * vp;
        let tau = ((first - second) / sum).abs() / sum;
        Self { r, gap, tau, rest: 4.0 * (up / sum) * (um / sum) * (vp * vm) }
    }
}

impl BurstSides {
    /// `m(t2) - m(t1)` for `0 ≤ t1 ≤ t2`: the share of the class that a window `t2` fills beyond what windows `t1` inside
    /// it have filled.
    pub(crate) fn filled_between(self, t1: f64, t2: f64) -> f64 {
        if t1 == t2 || self.one_sided() {
            return 0.0;
        }
        if t1 == 0.0 {
            return self.filled(t2);
        }
        let (before, after) = (self.unfilled(t1), self.unfilled(t2));
        if after <= APART * before {
            return before - after;
        }
        let (before, after) = (self.filled(t1), self.filled(t2));
        if before <= APART * after {
            return after - before;
        }
        self.integral(t1, t2)
    }

    /// `m(t)`: the filled share of the class in windows of length `t`.
    pub(crate) fn filled(self, t: f64) -> f64 {
        if t == 0.0 || self.one_sided() {
            return 0.0;
        }
        if self.sides.plus == self.sides.minus {
            let [r, _] = self.per_shape(t);
            let unfilled = self.unfilled(t);
            if unfilled < 1.0 - THIN {
                return 1.0 - unfilled;
            }
            // 1 - g = (1 - h) - D, of which the second is at most half of the first.
            let shape = self.shape;
            let rest = Weight::new(shape, r).mean(|Angle { ln_a, .. }| -exp_m1(shape * ln_a));
            return rest - self.slope_of_equal(r);
        }
        let filled = 1.0 - self.unfilled(t);
        if filled > THIN { filled } else { self.integral(0.0, t) }
    }

    /// `1 - m(t)`: the unfilled share.
    ///
    /// ```text
    /// |x+ - x-|/(x+ + x-) + 2 deficit/(x+ + x-),   deficit = E (small side - large side)^+
    /// deficit = 2 α r (1 + r)/(1 + 2r) · (1 - τ²) e^(-α gap) · (2/π)∫_0^{π/2} cos²θ A^(α-1) tan²θ/(tan²θ + τ²ρ²) dθ
    /// ```
    pub(crate) fn unfilled(self, t: f64) -> f64 {
        if t == 0.0 || self.one_sided() {
            return 1.0;
        }
        let Sides { plus, minus } = self.sides;
        let surplus = (plus - minus).abs() / (plus + minus);
        let even = self.even(t);
        let rho = 1.0 + 2.0 * even.r;
        let closeness = even.rest * exp(-self.shape * even.gap);
        let pole = Pole { at: even.tau * rho, ln_a: even.gap };
        let mean = Weight::new(self.shape, even.r).mean_with_pole(pole);
        // 2α r/(x+ + x-), which is 1 for equal sides.
        let size = if plus == minus { 1.0 } else { self.size(even.r, t) };
        (surplus + 2.0 * size * ((1.0 + even.r) / rho) * closeness * mean).min(1.0)
    }

    /// `t m'(t) = 2/(x+ + x-) · Σ_n n P(N+ = n) P(N- = n)`.
    fn slope(self, t: f64) -> f64 {
        let even = self.even(t);
        self.size(even.r, t) * exp(-self.shape * even.gap) * self.slope_of_equal(even.r)
    }

    /// `2 α r/(x+ + x-)`.
    fn size(self, r: f64, t: f64) -> f64 {
        let [first, second] = self.per_shape(t);
        2.0 * r / (first + second)
    }

    /// `-x g'(x)` of equal sides with mean `x = αr`.
    fn slope_of_equal(self, r: f64) -> f64 {
        if self.shape < SMALL_SHAPE {
            return euler(self.shape, r);
        }
        let shape = self.shape;
        let inverse = 1.0 / (1.0 + 2.0 * r);
        let level = (2.0 * shape - 1.0) + 2.0 * (shape - 1.0) * inverse;
        let mean = Weight::new(shape, r).mean(|Angle { sin2, cos2, ln_a }| {
            exp((shape - 2.0) * ln_a) * sin2 * (cos2 * level + sin2 * inverse * inverse)
        });
        2.0 * (r * inverse) * inverse * mean
    }

    /// `∫_{t1}^{t2} t m'(t) dt/t`: Gauss panels in `ln t`, the first from 0 in `t`; each a factor 2 at most and not more
    /// than a few e-foldings, of which there are `(√a - √b)²` a unit of time at most.
    fn integral(self, t1: f64, t2: f64) -> f64 {
        let Sides { plus, minus } = self.sides;
        let gap = (plus.sqrt() - minus.sqrt()).powi(2);
        let large = plus.max(minus);
        let (mut t, mut sum) = (t1, 0.0);
        if t == 0.0 {
            // The branch point nearest to 0 is where 1 + r+ + r- = 0.
            t = t2.min(1.0 / (4.0 * large)).min(0.125 * self.shape / large);
            sum = panel(0.0, t, |t| if t > 0.0 { self.slope(t) / t } else { 0.0 });
        }
        while t < t2 {
            let mut end = t2.min(2.0 * t);
            if self.shape * (self.even(end).gap - self.even(t).gap) > FOLDINGS {
                end = end.min(t + FOLDINGS / gap);
            }
            if end <= t {
                break;
            }
            let part = panel(0.0, ln_1p((end - t) / t), |u| self.slope(t + t * exp_m1(u)));
            sum += part;
            t = end;
            if part <= NEGLIGIBLE * sum {
                break;
            }
        }
        sum
    }

    fn one_sided(self) -> bool {
        self.sides.plus == 0.0 || self.sides.minus == 0.0
    }

    fn even(self, t: f64) -> Even {
        let [first, second] = self.per_shape(t);
        Even::new(first, second)
    }

    /// Expected orders of either side in a window `t`, over the shape; an endless window is cut, which keeps their ratio.
    fn per_shape(self, t: f64) -> [f64; 2] {
        let Sides { plus, minus } = self.sides;
        let t = t.min(ENDLESS * self.shape / plus.max(minus));
        [plus * t / self.shape, minus * t / self.shape]
    }
}

/// `-x g'(x)` for a shape below 1 by Euler's integral of `F = ₂F₁(1-α, 1-α; 2; q²)`.
///
/// ```text
/// -x g'(x) = α r/(1+r)² · ((1+r)/(1+2r))^(2α) · F
/// F        = sin(πα)/(πα) ∫_0^1 u^(-α) (1-u)^α (1 - q² u)^(α-1) du,      u = 1/(1 + e^(-s)),  ds by the trapezoidal rule
/// ```
fn euler(shape: f64, r: f64) -> f64 {
    // 1 - q²
    let rest = ((1.0 + 2.0 * r) / (1.0 + r)) / (1.0 + r);
    let at = |s: f64| {
        // u and 1 - u, both without cancellation.
        let small = exp(-s.abs()) / (1.0 + exp(-s.abs()));
        let large = 1.0 / (1.0 + exp(-s.abs()));
        let (u, v) = if s < 0.0 { (small, large) } else { (large, small) };
        u * v * exp(shape * ln(v / u)) * exp((shape - 1.0) * ln(v + u * rest))
    };
    let mut sum = at(0.0);
    for direction in [-STEP, STEP] {
        let mut last = f64::INFINITY;
        for k in 1.. {
            let term = at(direction * f64::from(k));
            sum += term;
            if term <= NEGLIGIBLE * sum && term <= last {
                break;
            }
            last = term;
        }
    }
    let front = shape * (r / (1.0 + r)) / (1.0 + r) * exp(2.0 * shape * ln_1p(-r / (1.0 + 2.0 * r)));
    front * sin(PI * shape) / (PI * shape) * STEP * sum
}
