//! Means over an angle of powers of `A(θ) = cos²θ + sin²θ/ρ²`, to which everything about two negative binomial counts
//! reduces.

use crate::kernels::elementary::{asin, atanh, cos, cosh, exp, exp_m1, ln, ln_1p, sin, sinh};
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Intervals of the periodic rule on `[0, π/2]`.
const INTERVALS: usize = 32;

/// Largest `ρ` of the periodic rule: the branch points of the integrand are `artanh(1/ρ)` off the real axis.
const NARROW: f64 = 3.0;

/// Largest exponent `-α A''/2` of the periodic rule: beyond, the peak at 0 is thinner than its nodes.
const FLAT: f64 = 80.0;

/// Step of the rule in `s`, `tan θ = σ sinh s`.
const STEP: f64 = 0.125;

/// Nodes of that rule; the slowest integrand falls as `e^(-s/2)`.
const NODES: usize = 704;

/// A term below this share of the sum ends it.
const NEGLIGIBLE: f64 = 1e-18;

/// Poles farther off the real line than this (as the sine of the imaginary part of `s`) do not touch the sum.
const NEAR: f64 = 0.7;

/// Poles at which the power has grown to more than `e` to this do not touch the periodic sum.
const GROWN: f64 = 20.0;

/// `(sin²θ, cos²θ)` at the nodes of the periodic rule.
static CIRCLE: LazyLock<[(f64, f64); INTERVALS + 1]> = LazyLock::new(|| {
    let mut nodes = [(1.0, 0.0); INTERVALS + 1];
    for (k, node) in nodes.iter_mut().take(INTERVALS).enumerate() {
        let angle = 0.5 * PI * k as f64 / INTERVALS as f64;
        *node = (sin(angle).powi(2), cos(angle).powi(2));
    }
    nodes
});

/// `(sinh s, cosh s)` at the nodes of the rule in `s`.
static LINE: LazyLock<Vec<(f64, f64)>> =
    LazyLock::new(|| (0..NODES).map(|k| STEP * k as f64).map(|s| (sinh(s), cosh(s))).collect());

/// What an integrand may depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Angle {
    /// `sin²θ`.
    pub(super) sin2: f64,
    /// `cos²θ`.
    pub(super) cos2: f64,
    /// `ln A`.
    pub(super) ln_a: f64,
}

/// The weight `A^α`: its power and its flatness.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weight {
    shape: f64,
    /// `1 - 1/ρ²`.
    kappa: f64,
    /// `1/ρ²`.
    rest: f64,
    periodic: bool,
}

/// A factor `tan²θ / (tan²θ + p²)` of the integrand, and what the rest of it is at the pole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pole {
    /// `p ≥ 0`.
    pub(super) at: f64,
    /// `ln A` at `tan²θ = -p²`.
    pub(super) ln_a: f64,
}

impl Weight {
    /// `α > 0`, `ρ = 1 + 2r` for a mean of `r` orders per unit of shape, `r ≥ 0`.
    pub(super) fn new(shape: f64, r: f64) -> Self {
        let rho = 1.0 + 2.0 * r;
        let kappa = 4.0 * (r / rho) * ((1.0 + r) / rho);
        Self { shape, kappa, rest: 1.0 / (rho * rho), periodic: rho <= NARROW && shape * kappa <= FLAT }
    }

    /// `(2/π) ∫_0^{π/2} f(θ) dθ` for a positive `f` made of `A^α` and trigonometric polynomials.
    ///
    /// The trapezoidal rule, which converges geometrically: in `θ` itself where the integrand is smooth on the scale of
    /// the circle, else in `s` with `tan θ = σ sinh s`, `σ = (1 + ακ)^(-1/2)` the width of the peak.
    pub(super) fn mean(self, f: impl Fn(Angle) -> f64) -> f64 {
        if self.periodic {
            let at = |k: usize| {
                let (sin2, cos2) = CIRCLE[k];
                f(self.angle(sin2, cos2))
            };
            let inner: f64 = (1..INTERVALS).map(at).sum();
            return (inner + 0.5 * (at(0) + at(INTERVALS))) / INTERVALS as f64;
        }
        let width = self.width();
        let mut sum = 0.5 * f(self.angle(0.0, 1.0));
        let mut last = sum;
        for &(sinh, cosh) in &LINE[1..] {
            let tan = width * sinh;
            let cos2 = 1.0 / (1.0 + tan * tan);
            let term = f(self.angle(tan * tan * cos2, cos2)) * cosh * cos2;
            sum += term;
            if term <= NEGLIGIBLE * sum && term <= last {
                break;
            }
            last = term;
        }
        sum * width * STEP * 2.0 / PI
    }

    /// The mean of `cos²θ A^(α-1) tan²θ/(tan²θ + p²)`.
    ///
    /// A pole close to the real line is added back by its residue: for a step `h` the trapezoidal rule misses
    /// `2π · 2 residue/(e^(2πy/h) - 1)` at a distance `y`, exactly.
    pub(super) fn mean_with_pole(self, pole: Pole) -> f64 {
        let square = pole.at * pole.at;
        let power = self.shape - 1.0;
        let sum = self.mean(|Angle { sin2, cos2, ln_a }| {
            if sin2 == 0.0 && square == 0.0 {
                return 1.0;
            }
            let share = sin2 / (sin2 + square * cos2);
            share * cos2 * exp(power * ln_a)
        });
        if square == 0.0 {
            return sum;
        }
        let distance = if self.periodic {
            let near = pole.at < 1.0 && self.shape * pole.ln_a <= GROWN;
            near.then(|| 4.0 * INTERVALS as f64 * atanh(pole.at))
        } else {
            let sine = pole.at / self.width();
            (sine < NEAR).then(|| 2.0 * PI / STEP * asin(sine))
        };
        let missed = distance.map_or(0.0, |distance| {
            let cos2 = 1.0 / (1.0 - square);
            2.0 * pole.at * cos2 * cos2 * exp(power * pole.ln_a) / exp_m1(distance)
        });
        sum + missed
    }

    fn width(self) -> f64 {
        1.0 / (1.0 + self.shape * self.kappa).sqrt()
    }

    fn angle(self, sin2: f64, cos2: f64) -> Angle {
        let drop = self.kappa * sin2;
        let ln_a = if drop < 0.5 { ln_1p(-drop) } else { ln(cos2 + sin2 * self.rest) };
        Angle { sin2, cos2, ln_a }
    }
}
