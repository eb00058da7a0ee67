//! Bids: the value that an auction fills when it prefers the most valuable orders of the longer side.
//!
//! The shorter side is filled entirely, whatever its orders are worth; of the longer side the most valuable ones are. More
//! orders are not filled than under any other priority, better ones are. Derivations are in docs/models/bids.md, "Bids".

mod lorenz;
mod one_height;

use crate::error::{Result, checked};
use crate::kernels::elementary::exp;
use crate::kernels::matched::expected_min;
use crate::kernels::pair::Pair;
use crate::kernels::quadrature::panel;
use crate::kernels::skellam::Skellam;
use crate::orders::ValueLaw;
use serde::Serialize;

pub use one_height::{OneHeight, one_height};

/// Largest expected number of orders of a side in one window.
const ORDERS_MAX: f64 = 1e15;

/// Beyond this distance of the square roots of the rates the integrand is below `e^(-49)` of its greatest value.
const FAR: f64 = 7.0;

/// What one auction of one class fills, expected; values in units of the mean value of an order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FilledValue {
    /// Orders filled, `2 E min(N+, N-)`, which is also the value that random priority fills.
    pub filled: f64,
    /// Value filled with the most valuable orders first.
    pub value: f64,
    /// `value - filled ≥ 0`, computed on its own.
    pub gain: f64,
    /// Value of a filled order, `value/filled ≥ 1`; 1 where nothing is filled.
    pub match_quality: f64,
}

impl FilledValue {
    fn new(filled: f64, gain: f64) -> Self {
        let match_quality = if filled > 0.0 { 1.0 + gain / filled } else { 1.0 };
        Self { filled, value: filled + gain, gain, match_quality }
    }
}

/// Expected value filled in one window of one class with the most valuable orders first.
///
/// ```text
/// value = E[M + S(N, M)],   M = min(N+, N-), N = max(N+, N-), N± ~ Poisson(x±) independent
/// S(n, m) expected sum of the m greatest of n values: m when all are filled, and in general
///   uniform      m + spread · m (n - m)/(n + 1)                        [0, 1]: m (2n - m + 1)/(2(n + 1))
///   exponential  m (1 + H_n - H_m)                                     H harmonic numbers
///   Pareto       m r(n)/r(m),  r(n) = Γ(n + 1)/Γ(n + 1 - 1/shape)
/// ```
///
/// Computed for every law by one integral of positive terms. An order is filled exactly if fewer of its own side are worth
/// more than there are on the other side; and those worth more than the value that a share `q` of all exceed are
/// `Poisson(q x+)`. With `L(q)` the share of all value that this best share `q` of the orders has,
///
/// ```text
/// value = 2 E min(N+, N-) + gain(x+, x-) + gain(x-, x+)
/// gain(x+, x-) = x+ ∫_0^{x+} [L(a/x+) - a/x+] P(K_a = -1) da,     K_a ~ Skellam(a, x-)
/// L(q) - q:  uniform spread · q(1-q),  exponential q ln(1/q),  Pareto q^(1-1/shape) - q,
///            log-normal Φ(σ - z) - q with Φ(-z) = q
/// ```
///
/// - `x_plus`, `x_minus`: expected orders of either side in the window, in `[0, 1e15]`.
/// - Relative error of `value` below 1e-13 and of `gain` below 1e-12, for each side from `1e-12` to `1e8`
///   (tests/suite/bids.rs); the cost does not depend on the rates.
/// - Source: docs/models/bids.md, "Bids".
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for a rate or a parameter of the law out of range.
///
/// ```
/// use pooltree::orders::{ValueLaw, closed_form::bids::highest_value};
/// // One class, two orders expected a side, exponential values, as the double sum over both counts.
/// let p: Vec<f64> = (0..60).scan((-2.0f64).exp(), |p, n| { let now = *p; *p *= 2.0 / f64::from(n + 1); Some(now) }).collect();
/// let harmonic = |n: usize| (1..=n).map(|i| 1.0 / i as f64).sum::<f64>();
/// let direct: f64 = (0..60).flat_map(|i| (0..60).map(move |j| (i, j))).map(|(i, j): (usize, usize)| {
///     let (n, m) = (i.max(j), i.min(j));
///     p[i] * p[j] * m as f64 * (2.0 + harmonic(n) - harmonic(m))
/// }).sum();
/// let filled = highest_value(2.0, 2.0, &ValueLaw::Exponential)?;
/// assert!((filled.value - direct).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn highest_value(x_plus: f64, x_minus: f64, law: &ValueLaw) -> Result<FilledValue> {
    let side = |key, x| checked(key, x, |x| (0.0..=ORDERS_MAX).contains(&x), "at least 0 and at most 1e15");
    let (x_plus, x_minus) = (side("x_plus", x_plus)?, side("x_minus", x_minus)?);
    law.check()?;
    Ok(FilledValue::new(2.0 * expected_min(x_plus, x_minus)?, gains(x_plus, x_minus, law)?))
}

/// What either side gains over random priority.
fn gains(x_plus: f64, x_minus: f64, law: &ValueLaw) -> Result<f64> {
    if law.is_degenerate() || x_plus == 0.0 || x_minus == 0.0 {
        return Ok(0.0);
    }
    Ok(gain(x_plus, x_minus, law)? + gain(x_minus, x_plus, law)?)
}

/// `x ∫_0^x [L(a/x) - a/x] P(K_a = -1) da`, both rates above 0.
///
/// `P(K_a = -1)` is close to `e^(-(√a - √b)²)`: panels of unit length in `√a` follow it from the upper end of the range
/// downwards. Near 0, where `L` has a branch point, each is two thirds of what is left, and so they are at the upper end for
/// laws with a branch point there.
fn gain(x: f64, b: f64, law: &ValueLaw) -> Result<f64> {
    let mut failure = None;
    let mut integrand = |a: Pair, q: f64, p: f64| match Skellam::new(a.hi, b) {
        Ok(law_of_k) => {
            // What the rounding of a has lost, by d ln P/da = j/a - 1 at the saddle point.
            let slope = 2.0 * b / (1.0 + (1.0 + 4.0 * a.hi * b).sqrt()) - 1.0;
            lorenz::excess(law, q, p) * law_of_k.pmf(-1) * exp(a.lo * slope)
        }
        Err(error) => {
            failure = Some(error);
            0.0
        }
    };
    let top = (b.sqrt() + FAR).powi(2);
    let low = (x.sqrt().min(b.sqrt()) - FAR).max(0.0).powi(2);
    let mut part = |from: f64, to: f64| {
        if from >= 0.5 * x {
            // From above: the share above is as exact as the distance.
            panel(x - to, x - from, |y| integrand(Pair::sum(x, -y), (x - y) / x, y / x))
        } else {
            panel(from, to, |a| integrand(Pair { hi: a, lo: 0.0 }, a / x, (x - a) / x))
        }
    };
    let below = |a: f64| (a / 3.0).max((a.sqrt() - 1.0).max(0.0).powi(2));
    let (mut a, mut sum) = (x.min(top), 0.0);
    if a == x && lorenz::branches_at_one(law) {
        let mut width = x - below(x);
        a = x - width;
        // The integrand falls at least like the distance from the end: 3^(-2·20) of it is left.
        for _ in 0..20 {
            sum += part(x - width, x - width / 3.0);
            width /= 3.0;
        }
    }
    while a > low {
        let next = below(a).max(low);
        let piece = part(next, a);
        sum += piece;
        // Before the greatest value the pieces are small, too.
        if piece <= 1e-18 * sum && a < 0.5 * x.min(b) || next >= a {
            break;
        }
        a = next;
    }
    failure.map_or(Ok(x * sum), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn thin_windows_by_hand() -> Result<()> {
        // Two orders against one, probability x³/2 either way; the better of two exponential values is worth 1.5.
        for x in [1e-12, 1e-7, 1e-4] {
            let filled = highest_value(x, x, &ValueLaw::Exponential)?;
            assert_relative_eq!(filled.gain, 0.5 * x * x * x, max_relative = 10.0 * x + 1e-13);
            assert_relative_eq!(filled.filled, 2.0 * x * x, max_relative = 10.0 * x + 1e-13);
        }
        Ok(())
    }

    #[test]
    fn nothing_to_choose() -> Result<()> {
        for law in [ValueLaw::Point, ValueLaw::Uniform { spread: 0.0 }, ValueLaw::LogNormal { sigma: 0.0 }] {
            let filled = highest_value(3.0, 2.0, &law)?;
            assert_eq!((filled.gain, filled.match_quality), (0.0, 1.0));
            assert_eq!(filled.filled, 2.0 * expected_min(3.0, 2.0)?);
        }
        assert_eq!(highest_value(0.0, 2.0, &ValueLaw::Exponential)?, FilledValue::new(0.0, 0.0));
        Ok(())
    }

    /// The figures of docs/models/bids.md.
    #[test]
    fn documented_values() -> Result<()> {
        for (x, quality, share) in [(2.0, 1.1963, 0.7348), (32.0, 1.0926, 0.9839)] {
            let filled = highest_value(x, x, &ValueLaw::Exponential)?;
            assert_relative_eq!(filled.match_quality, quality, epsilon = 5e-5);
            assert_relative_eq!(filled.value / (2.0 * x), share, epsilon = 5e-5);
        }
        Ok(())
    }

    #[test]
    fn refuses() {
        for x in [f64::NAN, -1.0, 2e15, f64::INFINITY] {
            assert!(highest_value(x, 1.0, &ValueLaw::Point).is_err());
            assert!(highest_value(1.0, x, &ValueLaw::Exponential).is_err());
        }
        assert!(highest_value(1.0, 1.0, &ValueLaw::Pareto { shape: 1.0 }).is_err());
    }
}
