//! The probability mass: a power series for few counts, a saddle point with Debye's expansion for many.
//!
//! Throughout, `a` and `b` are the rates and `n` is an integer as a double.

use super::deviance::deviance;
use crate::kernels::elementary::{exp, ln, ln_1p, pow};
use crate::kernels::pair::Pair;
use statrs::function::factorial::factorial;
use std::f64::consts::TAU;
use std::sync::LazyLock;

/// From this `w = √(n² + 4ab)` on, Debye's expansion is good to double precision.
const DEBYE_FROM: f64 = 36.0;

/// Orders of Debye's expansion kept.
const ORDERS: usize = 15;

/// `p_k(s)`, lowest power first, where `U_k(p) = p^k p_k(p²)` are Debye's polynomials (Abramowitz & Stegun 9.3.10).
///
/// Their recurrence maps `p^m` to `(m/2 + 1/(8(m+1))) p^(m+1) - (m/2 + 5/(8(m+3))) p^(m+3)`. Signs alternate, so the
/// coefficients add up without cancellation.
static DEBYE: LazyLock<[[f64; ORDERS + 1]; ORDERS + 1]> = LazyLock::new(|| {
    let mut table = [[0.0; ORDERS + 1]; ORDERS + 1];
    table[0][0] = 1.0;
    for k in 0..ORDERS {
        for i in 0..=k {
            let (m, c) = ((k + 2 * i) as f64, table[k][i]);
            table[k + 1][i] += c * (0.5 * m + 0.125 / (m + 1.0));
            table[k + 1][i + 1] -= c * (0.5 * m + 0.625 / (m + 3.0));
        }
    }
    table
});

/// `n - (a - b)`, the distance from the mean, rounded only in the second double.
pub(super) fn distance(n: f64, a: f64, b: f64) -> Pair {
    Pair::sum(n, -a) + b
}

/// `P(K = n) = exp(-exponent) (1 + excess) / √(2π w)`.
pub(super) struct Saddle {
    /// The deviances of the most likely pair of counts with difference `n`.
    pub(super) exponent: Pair,
    /// `w = √(n² + 4ab)`, the sum of these counts.
    pub(super) w: f64,
    /// Debye's expansion after its leading 1.
    pub(super) excess: f64,
}

/// The saddle-point form at `n ≥ 0`; nothing if `w` is too small for it.
///
/// ```text
/// exponent = min over j of D(j, a) + D(j - n, b),  attained at j = (w + n)/2,   D(j, mu) = j ln(j/mu) + mu - j
/// ```
///
/// An error of the minimiser enters squared; it is enough to know the smaller of the two deviations
/// `j - a` and `j - n - b` in double precision if the other follows exactly: they differ by `n - (a - b)`.
pub(super) fn saddle(n: f64, a: f64, b: f64) -> Option<Saddle> {
    let square = n * n + 4.0 * a * b;
    let w = square.sqrt();
    if w < DEBYE_FROM {
        return None;
    }
    let j = 0.5 * (w + n);
    let tilt = j / a;
    let exponent = if tilt > 1e-12 && tilt < 1e12 {
        // j - a = (w - (2a - n))/2 and the mirror image, each in the form that does not cancel.
        let delta = distance(n, a, b);
        let gap = 2.0 * a - n;
        let plus = if gap >= 0.0 { 2.0 * a * delta.hi / (gap + w) } else { 0.5 * (w - gap) };
        let minus = -2.0 * b * delta.hi / (2.0 * b + n + w);
        let (plus, minus) = if minus.abs() <= plus.abs() {
            (delta + minus, Pair::sum(minus, 0.0))
        } else {
            (Pair::sum(plus, 0.0), -delta + plus)
        };
        deviance(plus, a) + deviance(minus, b)
    } else {
        // So far out nothing cancels, and the probability is below 1e-300.
        Pair { hi: n * (ln(j) - ln(a)) + (a + b - w), lo: 0.0 }
    };
    // |U_k(p) / p^k| is about (k-1)! / 2^k at most.
    let s = n * n / square;
    let (mut excess, mut power, mut bound) = (0.0, 1.0, 0.5 / w);
    for (k, coefficients) in DEBYE.iter().enumerate().skip(1) {
        power /= w;
        excess += power * coefficients[..=k].iter().rev().fold(0.0, |sum, c| sum * s + c);
        bound *= 0.5 * k as f64 / w;
        if bound < 1e-18 {
            break;
        }
    }
    Some(Saddle { exponent, w, excess })
}

/// `Σ_{i ≥ 1} (ab)^i n! / (i! (n+i)!)`: what the power series of `I_n` adds to its first term.
fn series(n: f64, ab: f64) -> f64 {
    let (mut term, mut sum, mut i) = (1.0, 0.0, 0.0);
    loop {
        i += 1.0;
        term *= ab / (i * (n + i));
        sum += term;
        if term <= 1e-17 * sum {
            return sum;
        }
    }
}

/// `P(K = n)`.
pub(super) fn pmf(n: f64, a: f64, b: f64) -> f64 {
    if n < 0.0 {
        return pmf(-n, b, a);
    }
    if let Some(Saddle { exponent, w, excess }) = saddle(n, a, b) {
        return exp(-exponent.hi) * (1.0 - exponent.lo) * (1.0 + excess) / (TAU * w).sqrt();
    }
    // With n and 2√(ab) below 36, beyond this every probability is below 1e-320.
    if a + b > 1000.0 {
        return 0.0;
    }
    // Half of each exponent at a time, so that no factor underflows before the product does.
    let half = exp(-0.5 * a) * exp(-0.5 * b);
    half * (pow(a, n) / factorial(n as u64) * (1.0 + series(n, a * b))) * half
}

/// `ln P(K = n)`.
pub(super) fn ln_pmf(n: f64, a: f64, b: f64) -> f64 {
    if n < 0.0 {
        return ln_pmf(-n, b, a);
    }
    if let Some(Saddle { exponent, w, excess }) = saddle(n, a, b) {
        return ln_1p(excess) - 0.5 * ln(TAU * w) - exponent.hi;
    }
    let power = if n > 0.0 { n * ln(a) - ln(factorial(n as u64)) } else { 0.0 };
    power - (a + b) + ln_1p(series(n, a * b))
}
