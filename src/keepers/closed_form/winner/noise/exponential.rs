//! Exponential noise: one integral over the logarithm of the largest product, shared by all entrants.
//!
//! With `x_j = e^s/f_j` the product of entrant `j` is below `e^s` with probability `1 - e^(-x_j)`, so
//!
//! ```text
//! p_i = ∫ x_i e^(-x_i) Π_{j≠i} (1 - e^(-x_j)) ds = ∫ B(x_i) F(s) ds
//! F(s) = Π_j (1 - e^(-x_j)),     B(x) = x/(e^x - 1),     M(s) = d ln F/ds = Σ_j B(x_j)
//! ∂p_i/∂ln f_i = ∫ B(x_i) F(s) (M(s) - B(x_i)) ds
//! ```
//!
//! All terms are positive, `ln F` and `ln B` are concave, so that every integrand has one peak, and the second derivative of
//! its logarithm says how fine the panels must be.

use super::ascending;
use super::ln_ratio;
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p};
use crate::kernels::quadrature::panel;
use crate::kernels::sum::Sum;
use std::sync::LazyLock;

/// Left of the point where the integrand has fallen by this power of e from its peak nothing is left.
const NEGLIGIBLE: f64 = 45.0;

/// `e^(-760)` is 0.
const NOTHING: f64 = -760.0;

/// `x` below this power of e: `1 - e^(-x) = x` to all digits, and `B = 1`.
const TINY: f64 = -38.0;

/// `x` above this power of e: `e^(-x)` is 0.
const HUGE: f64 = 6.62;

/// Longest panel, in units of `s`: the integrands grow beyond `π/2` from the real line.
const LONGEST: f64 = 2.0;

/// Panels in units of the width of the sharpest peak; the 16-point rule errs by 1e-17 of a normal density on such a one.
const WIDTHS: f64 = 4.0;

/// Nodes and weights on `[-1, 1]` of the rule that [`panel`] applies: here one node serves many integrands.
static RULE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let mut nodes = Vec::new();
    panel(-1.0, 1.0, |x| {
        nodes.push(x);
        0.0
    });
    let weight = |k: usize| {
        let mut node = 0..;
        panel(-1.0, 1.0, |_| if node.next() == Some(k) { 1.0 } else { 0.0 })
    };
    nodes.iter().enumerate().map(|(k, &x)| (x, weight(k))).collect()
});

pub(in super::super) fn winner(scores: &[f64]) -> Vec<f64> {
    let order = ascending(scores);
    let mut chances = vec![0.0; order.len()];
    if let Some(entrants) = Entrants::new(scores, &order) {
        entrants.integrate(NOTHING, |weight, point, shares| {
            let scale = weight * exp(point.ln_cdf);
            chances.iter_mut().zip(shares).for_each(|(p, share)| *p += scale * share);
        });
    }
    let mut law = vec![0.0; scores.len()];
    order.iter().zip(chances).for_each(|(&i, p)| law[i] = p);
    law
}

/// Elasticity of every chance in the own score; of a score of 0 the limit, the number of positive ones.
pub(in super::super) fn elasticity(scores: &[f64]) -> Vec<f64> {
    let order = ascending(scores);
    let mut means = vec![Mean::default(); order.len()];
    if let Some(entrants) = Entrants::new(scores, &order) {
        entrants.integrate(f64::NEG_INFINITY, |weight, point, shares| {
            for ((mean, share), ln_f) in means.iter_mut().zip(shares).zip(&entrants.logs) {
                mean.add(ln(weight) + point.ln_cdf + ln_share(point.s - ln_f), (point.slope - share).max(0.0));
            }
        });
    }
    let mut elasticities = vec![order.len() as f64; scores.len()];
    order.iter().zip(means).for_each(|(&i, mean)| elasticities[i] = mean.value);
    elasticities
}

/// A weighted mean with weights too small for numbers.
#[derive(Clone, Copy)]
struct Mean {
    ln_weight: f64,
    value: f64,
}

impl Default for Mean {
    fn default() -> Self {
        Self { ln_weight: f64::NEG_INFINITY, value: 0.0 }
    }
}

impl Mean {
    fn add(&mut self, ln_weight: f64, value: f64) {
        if ln_weight == f64::NEG_INFINITY {
            return;
        }
        let (large, small) = (ln_weight.max(self.ln_weight), ln_weight.min(self.ln_weight));
        self.ln_weight = large + ln_1p(exp(small - large));
        self.value += exp(ln_weight - self.ln_weight) * (value - self.value);
    }
}

/// Positive scores relative to the largest, in ascending order.
struct Entrants {
    scores: Vec<f64>,
    logs: Vec<f64>,
}

/// What all integrands share at one `s`.
struct Point {
    s: f64,
    /// `ln F`.
    ln_cdf: f64,
    /// `M`.
    slope: f64,
    /// `-dM/ds`.
    curvature: f64,
}

impl Entrants {
    fn new(scores: &[f64], order: &[usize]) -> Option<Self> {
        let largest = scores[*order.last()?];
        let relative = order.iter().map(|&i| scores[i] / largest).collect();
        Some(Self { scores: relative, logs: order.iter().map(|&i| ln_ratio(scores[i], largest)).collect() })
    }

    /// The point `s`, and in `shares` every `B(x_j)`.
    fn at(&self, s: f64, shares: &mut [f64]) -> Point {
        let level = exp(s);
        let (mut ln_cdf, mut slope, mut curvature) = (Sum::default(), 0.0, 0.0);
        for ((&f, &ln_f), share) in self.scores.iter().zip(&self.logs).zip(shares) {
            let ln_x = s - ln_f;
            if ln_x < TINY {
                ln_cdf.add(ln_x);
                *share = 1.0;
            } else if ln_x > HUGE {
                *share = 0.0;
            } else {
                // The quotient is exact to all digits, the difference of logarithms is not: it is for subnormal numbers.
                let x = if f.min(level) > super::SMALL { level / f } else { exp(ln_x) };
                let (above, below) = (exp(-x), -exp_m1(-x));
                ln_cdf.add(if above > 0.5 { ln(below) } else { ln_1p(-above) });
                *share = x * above / below;
                curvature += *share * (*share + x - 1.0).max(0.0);
            }
            slope += *share;
        }
        Point { s, ln_cdf: ln_cdf.value(), slope, curvature }
    }

    /// Calls `visit` with weight, point and shares at every node of the integral over `s`, from where `ln F` reaches `least` or
    /// the integrand of the smallest score, and with it all others, begins to count.
    fn integrate(&self, least: f64, mut visit: impl FnMut(f64, &Point, &[f64])) {
        let n = self.logs.len();
        let mut shares = vec![0.0; n];
        // x = 50 + ln n: there all products are below e^s but for 1e-21.
        let end = ln(50.0 + ln(n as f64));
        let mut s = self.start(least, end, &mut shares);
        while s < end {
            let point = self.at(s, &mut shares);
            // Of the peak of an entrant whose own x is large, x = M + 1 at the peak; and of the largest one's tail.
            let sharpness = 1.0 + 2.0 * point.slope + point.curvature + exp(s);
            let half = 0.5 * LONGEST.min(WIDTHS / sharpness.sqrt()).min(end - s);
            for &(node, weight) in RULE.iter() {
                let point = self.at(s + half * (1.0 + node), &mut shares);
                visit(half * weight, &point, &shares);
            }
            let next = s + 2.0 * half;
            s = if next > s { next } else { end };
        }
    }

    fn start(&self, least: f64, end: f64, shares: &mut [f64]) -> f64 {
        let lowest = self.logs[0];
        // Of the smallest score: x/(1 - e^(-x)) = M + 1 at the peak, so x ≤ n + 1.
        let rises = |s: f64, shares: &mut [f64]| {
            let x = exp(s - lowest);
            self.at(s, shares).slope + 1.0 > x / -exp_m1(-x)
        };
        let highest = lowest + ln(self.logs.len() as f64 + 2.0);
        let peak = bisect(lowest - 7.0, highest, |s| rises(s, shares));
        let height = |s: f64, shares: &mut [f64]| self.at(s, shares).ln_cdf + ln_share(s - lowest);
        let enough = height(peak, shares) - NEGLIGIBLE;
        let mut left = peak - 1.0;
        while height(left, shares) > enough {
            left -= 2.0 * (peak - left); // F falls at least like e^s
        }
        let start = bisect(left, peak, |s| height(s, shares) < enough);
        if self.at(start, shares).ln_cdf >= least {
            return start;
        }
        bisect(start, end, |s| self.at(s, shares).ln_cdf < least)
    }
}

/// `ln B(x)`, also where `e^x` is no number.
fn ln_share(ln_x: f64) -> f64 {
    let x = exp(ln_x);
    if ln_x < TINY { 0.0 } else { ln_x - x - ln(-exp_m1(-x)) }
}

/// Where `before` turns false, to a millionth of the range.
fn bisect(mut lo: f64, mut hi: f64, mut before: impl FnMut(f64) -> bool) -> f64 {
    for _ in 0..24 {
        let middle = 0.5 * (lo + hi);
        if before(middle) {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    lo
}
