//! The unfilled share `g(x)` of a batch whose two sides bring `x` orders each on average.

use crate::error::{Error, Result, checked};
use crate::kernels::bessel::{i0e_plus_i1e_twice, i1e_twice, polynomial};
use crate::kernels::elementary::{exp, ln, ln_1p};
use crate::kernels::quadrature::panel;
use num_traits::{FromPrimitive, Num};

/// Below this `x` the power series is as exact as the Bessel functions and does not cancel in `1 - g`.
const NEAR: f64 = 0.5;

/// Terms of the power series: at `x = NEAR` the first omitted one is below 1e-18.
const TERMS: usize = 24;

/// `(-1)^n Catalan_n / n!`, from `Catalan_(n+1) / Catalan_n = 2(2n+1)/(n+2)`.
const CATALAN: [f64; TERMS] = {
    let mut c = [1.0; TERMS];
    let mut n = 0;
    while n + 1 < TERMS {
        c[n + 1] = -c[n] * (2 * (2 * n + 1)) as f64 / ((n + 2) * (n + 1)) as f64;
        n += 1;
    }
    c
};

/// The unfilled share of a batch: the expected share of orders without a counterpart.
///
/// ```text
/// g(x) = E|N+ - N-| / (2x) = e^(-2x) [I_0(2x) + I_1(2x)],   N± ~ Poisson(x) independent
///      = Σ_n (-1)^n Catalan_n x^n / n!                      small x
///      ~ 1/√(πx) (1 - 1/(16x) - …)                          large x
/// ```
///
/// - `x`: expected orders per side and window, `≥ 0`, dimensionless. `g(0) = 1`: a first order never finds a
///   counterpart.
/// - Relative error below 1e-15 in most of the range, 1e-13 promised on `[0, 1e12]` (docs/accuracy.md).
/// - Source: "the crux: filling rate" of *Operator pool trees* leaves the value open; this is the mean of a Skellam
///   law's absolute value (Skellam 1946).
///
/// # Errors
/// [`Error::Domain`] unless `x` is finite and `≥ 0`.
///
/// ```
/// // A direct sum over both Poisson laws at x = 1: E|N+ - N-| / 2.
/// let p: Vec<f64> = (0..40).scan(0.36787944117144233, |p, n| { let now = *p; *p /= (n + 1) as f64; Some(now) }).collect();
/// let direct: f64 = (0..40).flat_map(|i| (0..40).map(move |j| (i, j)))
///     .map(|(i, j)| p[i] * p[j] * (i as f64 - j as f64).abs() / 2.0).sum();
/// let g = pooltree::kernels::unfilled::unfilled_share(1.0)?;
/// assert!((g - direct).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn unfilled_share(x: f64) -> Result<f64> {
    Ok(unfilled(orders(x)?))
}

/// The filled share `1 - g(x)` of a batch, without cancellation for small `x` (there it is `x - x² + …`).
///
/// This is the ratio of expectations "expected filled orders over expected orders" for one class with equal sides; the
/// mean over batches is [`crate::kernels::matched::mean_batch_filling_rate`].
///
/// # Errors
/// [`Error::Domain`] unless `x` is finite and `≥ 0`.
///
/// ```
/// # use pooltree::kernels::unfilled::filled_share;
/// // The pool that fills half of its orders needs 1.1178… orders a side and window.
/// assert!((filled_share(1.11782907632411)? - 0.5).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn filled_share(x: f64) -> Result<f64> {
    Ok(filled(orders(x)?))
}

/// `g(x) - g(y)`: the share filled by a second auction on windows of `y` orders a side after a first on `x`, relative
/// error 1e-13 however close or large the two are.
///
/// ```text
/// g(x) - g(y) = ∫_x^y e^(-2t) I_1(2t) dt/t        (from g' = -e^(-2x) I_1(2x) / x)
/// ```
///
/// # Errors
/// [`Error::Domain`] unless both are finite and `≥ 0`.
///
/// ```
/// # use pooltree::kernels::unfilled::unfilled_share_difference;
/// // Far out the difference of the leading terms 1/√(πx), here expanded by hand: (y - x) / (2 √π x^1.5).
/// let d = unfilled_share_difference(1e12, 1e12 + 1.0)?;
/// assert!((d / (0.5 / std::f64::consts::PI.sqrt() * 1e-18) - 1.0).abs() < 1e-11);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn unfilled_share_difference(x: f64, y: f64) -> Result<f64> {
    let (x, y) = (orders(x)?, orders(y)?);
    Ok(if x <= y { drop_between(x, y, (y - x) / x) } else { -drop_between(y, x, (x - y) / y) })
}

/// Sizing: the expected orders per side and window that a pool needs to fill the share `filled` of its orders, the
/// inverse of [`filled_share`].
///
/// # Errors
/// [`Error::Domain`] unless `0 ≤ filled < 1`.
///
/// ```
/// # use pooltree::kernels::unfilled::orders_for_filled_share;
/// assert!((orders_for_filled_share(2.0 / 3.0)? - 2.73006527921466).abs() < 1e-13);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn orders_for_filled_share(filled: f64) -> Result<f64> {
    let wanted = checked("filled", filled, |f| (0.0..1.0).contains(&f), "at least 0 and below 1")?;
    if wanted == 0.0 {
        return Ok(0.0);
    }
    // Newton's method in ln x on whichever of ln(1 - g), ln g is the small one; both are concave in ln x.
    let mut x = if wanted <= 0.5 { wanted / (1.0 - wanted) } else { (1.0 - wanted).powi(-2) / std::f64::consts::PI };
    for _ in 0..60 {
        let step = if wanted <= 0.5 {
            let f = self::filled(x);
            ln(f / wanted) * f / i1e_twice(x)
        } else {
            let g = unfilled(x);
            -ln(g / (1.0 - wanted)) * g / i1e_twice(x)
        };
        x *= exp((-step).clamp(-2.0, 2.0));
        if step.abs() < 1e-15 {
            break;
        }
    }
    Ok(x)
}

fn orders(x: f64) -> Result<f64> {
    checked("orders per side", x, |x| x >= 0.0, "finite and at least 0")
}

/// [`unfilled_share`] for an argument known to be valid.
pub(crate) fn unfilled(x: f64) -> f64 {
    if x < NEAR { polynomial(&CATALAN, x) } else { i0e_plus_i1e_twice(x) }
}

/// [`filled_share`] for an argument known to be valid.
pub(crate) fn filled(x: f64) -> f64 {
    if x < NEAR { -x * polynomial(&CATALAN[1..], x) } else { 1.0 - i0e_plus_i1e_twice(x) }
}

/// `g(x) - g(y)` for `0 ≤ x ≤ y = x (1 + growth)`, all terms positive.
///
/// Where the two values differ by a tenth or more, on either side of 1, a plain difference loses at most one and a half
/// digits; where they are closer, `y < 1.3 x`, one Gauss panel in `ln t` integrates the derivative.
pub(crate) fn drop_between(x: f64, y: f64, growth: f64) -> f64 {
    if growth == 0.0 || y == 0.0 {
        return 0.0;
    }
    if y < NEAR {
        let (fx, fy) = (filled(x), filled(y));
        if fx <= 0.9 * fy {
            return fy - fx;
        }
    } else {
        let (gx, gy) = (unfilled(x), unfilled(y));
        if gy <= 0.9 * gx {
            return gx - gy;
        }
        let (fx, fy) = (filled(x), 1.0 - gy);
        if fx <= 0.9 * fy {
            return fy - fx;
        }
    }
    panel(0.0, ln_1p(growth), |u| i1e_twice(x * exp(u)))
}

/// The power series of `g` to a given number of terms, over any field: on exact rationals it is exact.
///
/// ```text
/// Σ_{n < terms} (-1)^n Catalan_n x^n / n!
/// ```
///
/// # Errors
/// [`Error::Domain`] if an index does not fit the number type.
pub fn unfilled_share_series<T: Num + Clone + FromPrimitive>(x: &T, terms: u32) -> Result<T> {
    let number =
        |n: u32| T::from_u32(n).ok_or_else(|| Error::domain("terms", terms, "representable in the number type"));
    let mut sum = T::zero();
    let mut term = T::one();
    for n in 0..terms {
        sum = sum + term.clone();
        let factor = number(2 * (2 * n + 1))? / number((n + 2) * (n + 1))?;
        term = T::zero() - term * x.clone() * factor;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use num_rational::Ratio;
    use num_traits::ToPrimitive;

    #[test]
    fn both_sides_of_the_switch_agree() {
        let below = NEAR * (1.0 - f64::EPSILON);
        approx::assert_relative_eq!(unfilled(below), unfilled(NEAR), max_relative = 1e-15);
        approx::assert_relative_eq!(filled(below), filled(NEAR), max_relative = 2e-15);
    }

    #[test]
    fn exact_rationals() -> Result<()> {
        for (numerator, denominator) in [(1, 1024), (1, 7), (2, 5)] {
            let x = Ratio::new(BigInt::from(numerator), BigInt::from(denominator));
            let exact = unfilled_share_series(&x, 40)?;
            let x = f64::from(numerator) / f64::from(denominator);
            approx::assert_relative_eq!(unfilled(x), exact.to_f64().unwrap(), max_relative = 4e-16);
            let rest = (Ratio::from_integer(BigInt::from(1)) - exact).to_f64().unwrap();
            approx::assert_relative_eq!(filled(x), rest, max_relative = 4e-16);
        }
        Ok(())
    }

    #[test]
    fn refuses_what_is_no_rate() {
        for x in [f64::NAN, -1.0, f64::INFINITY, -f64::MIN_POSITIVE] {
            assert!(unfilled_share(x).is_err(), "{x}");
        }
        assert_eq!(unfilled_share(0.0), Ok(1.0));
        assert_eq!(filled_share(0.0), Ok(0.0));
        assert!(unfilled_share(f64::MAX).is_ok_and(|g| g > 0.0));
        assert!(orders_for_filled_share(1.0).is_err());
    }

    #[test]
    fn sizing_inverts() -> Result<()> {
        for f in [1e-300, 1e-9, 0.1, 0.5, 0.500_001, 0.9, 0.999_999] {
            let x = orders_for_filled_share(f)?;
            approx::assert_relative_eq!(filled(x), f, max_relative = 1e-14);
        }
        Ok(())
    }
}
