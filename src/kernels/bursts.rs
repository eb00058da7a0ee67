//! Expected matches of two counts whose rates are themselves random: Gamma mixed Poisson, that is negative binomial.
//!
//! The rate of each side is multiplied by its own Gamma factor of mean 1 and shape `α`, variance `1/α`: in busy times orders
//! come thick, but not on both sides at once. With mean `x` a side counts
//!
//! ```text
//! P(N = n) = (α)_n/n! · (1 + r)^(-α) (r/(1 + r))^n,      r = x/α
//! ```
//!
//! Then no pool is large enough to match all: in ever larger ones the law of large numbers leaves the factors themselves
//! unequal ([`unfilled_share_in_large_pools`]). `α → ∞` is the Poisson law of [`crate::kernels::unfilled`] and
//! [`crate::kernels::matched`].

mod angle;
mod sides;

#[cfg(test)]
mod tests;

use crate::error::{Result, checked};
use crate::kernels::matched::{Sides, central_binomial_series};

pub(crate) use sides::BurstSides;

/// From this argument on Stirling's series is exact to all digits.
const LARGE: f64 = 128.0;

/// The unfilled share of a batch with equal sides under bursts.
///
/// ```text
/// g_α(x) = E|N+ - N-|/(2x) = (1 + r)/(1 + 2r) · ₂F₁(1 - α, 1/2; 2; 4r(1 + r)/(1 + 2r)²)
///        = (1 + r)/(1 + 2r) · (4/π) ∫_0^{π/2} cos²θ (cos²θ + sin²θ/(1 + 2r)²)^(α-1) dθ
/// ```
///
/// - `shape`: `α`, from `1e-6` to `1e12`, dimensionless; `x`: expected orders per side and window, `≥ 0`; `r = x/α`.
/// - Falls from 1 at `x = 0` to `Γ(α + 1/2)/(√π Γ(α + 1))` as `x → ∞`; elementary for integer `α`; `α → ∞` gives
///   [`crate::kernels::unfilled::unfilled_share`].
/// - Relative error 1e-13 against direct sums over both laws (docs/accuracy.md).
/// - Source: *Operator pool trees* assumes Poisson sides; derived in docs/models/bursts.md, "Bursts".
///
/// # Errors
/// [`crate::Error::Domain`] unless `shape` is in its range and `x` is finite and `≥ 0`.
///
/// ```
/// # use pooltree::kernels::bursts::unfilled_share;
/// // Shape 1: both sides are geometric, P(N ≥ j) = q^j, so E min = Σ q^(2j) = q²/(1 - q²) with q = x/(1 + x).
/// let (x, q): (f64, f64) = (3.0, 0.75);
/// assert!((unfilled_share(1.0, x)? - (1.0 - q * q / (1.0 - q * q) / x)).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn unfilled_share(shape: f64, x: f64) -> Result<f64> {
    Ok(equal(shape)?.unfilled(orders("orders per side", x)?))
}

/// The filled share `1 - g_α(x)`, without cancellation for small `x` (there it is `x - …`) or small `α`.
///
/// # Errors
/// As [`unfilled_share`].
///
/// ```
/// # use pooltree::kernels::bursts::filled_share;
/// // Rare orders: P(N+ ≥ 1, N- ≥ 1)/x with P(N ≥ 1) = 1 - (1 + x/α)^-α, here x(1 - …) to first order.
/// assert!((filled_share(4.0, 1e-9)? / 1e-9 - 1.0).abs() < 1e-8);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn filled_share(shape: f64, x: f64) -> Result<f64> {
    Ok(equal(shape)?.filled(orders("orders per side", x)?))
}

/// The unfilled share of a batch with any two sides under bursts: `1 - 2 E min(N+, N-)/(a + b)`.
///
/// - `shape`: `α`, from `1e-6` to `1e12`; `a`, `b`: expected orders of either side in the window, `≥ 0`. `1` if either is 0.
/// - Never cancels: the surplus `|a - b|/(a + b)` plus a positive integral. Derived in docs/models/bursts.md, "Bursts".
///
/// # Errors
/// [`crate::Error::Domain`] unless `shape` is in its range and both rates are finite and `≥ 0`.
///
/// ```
/// # use pooltree::kernels::bursts::unfilled_share_of_sides;
/// // Shape 1: geometric sides with q = 2/3 and 4/5, E min = q₁q₂/(1 - q₁q₂) = (8/15)/(7/15).
/// assert!((unfilled_share_of_sides(1.0, 2.0, 4.0)? - (1.0 - 2.0 * (8.0 / 7.0) / 6.0)).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn unfilled_share_of_sides(shape: f64, a: f64, b: f64) -> Result<f64> {
    Ok(unequal(shape, a, b)?.unfilled(1.0))
}

/// The share of a class's orders that windows of length `t2` fill beyond what windows of length `t1` inside them have filled.
///
/// ```text
/// m(t2) - m(t1),   m(t) = 2 E min(N+, N-)/(t (a + b)),   t m'(t) = 2/(t (a + b)) · Σ_n n P(N+ = n) P(N- = n)
/// ```
///
/// - `shape`: `α`, from `1e-6` to `1e12`; `a`, `b`: orders of either side per unit time, `≥ 0`; `0 ≤ t1 ≤ t2` in units of
///   time. With `t1 = 0` the filled share itself.
/// - However close the windows are, or the share to its limit, the relative error stays below 1e-12: an integral of the
///   positive derivative where a plain difference would lose more than a digit.
///
/// # Errors
/// [`crate::Error::Domain`] unless `shape` is in its range, all others are finite and `≥ 0`, and `t1 ≤ t2`.
///
/// ```
/// # use pooltree::kernels::bursts::filled_share_between;
/// // Shape 1, equal sides x: E min = x²/(1 + 2x), so the filled share is x/(1 + 2x) = 1/2 - 1/(2(1 + 2x)).
/// let found = filled_share_between(1.0, 1.0, 1.0, 1e9, 2e9)?;
/// let direct = (1.0 / (1.0 + 2e9) - 1.0 / (1.0 + 4e9)) / 2.0;
/// assert!((found / direct - 1.0).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn filled_share_between(shape: f64, a: f64, b: f64, t1: f64, t2: f64) -> Result<f64> {
    let sides = unequal(shape, a, b)?;
    let t1 = orders("shorter window", t1)?;
    let t2 = checked("longer window", t2, |t| t >= t1, "finite and at least the shorter window")?;
    Ok(sides.filled_between(t1, t2))
}

/// The share that bursts leave unfilled in however large a pool, sides equal on average.
///
/// ```text
/// lim_{x → ∞} g_α(x) = E|G+ - G-|/2 = Γ(α + 1/2)/(√π Γ(α + 1)),    G± ~ Gamma(α, mean 1) independent
/// ```
///
/// `~ 1/√(πα)` for large shapes: as unfilled as `α` Poisson orders a side leave a pool. 1/2 at shape 1, 35/128 at 4.
///
/// # Errors
/// [`crate::Error::Domain`] unless `1e-6 ≤ shape ≤ 1e12`.
///
/// ```
/// # use pooltree::kernels::bursts::unfilled_share_in_large_pools;
/// // For integer shapes C(2α, α)/4^α, the chance that 2α fair coins fall evenly.
/// assert!((unfilled_share_in_large_pools(4.0)? - 70.0 / 256.0).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn unfilled_share_in_large_pools(shape: f64) -> Result<f64> {
    let mut shape = checked_shape(shape)?;
    let mut product = 1.0;
    while shape < LARGE {
        product *= (shape + 1.0) / (shape + 0.5);
        shape += 1.0;
    }
    Ok(product * central_binomial_series(shape))
}

fn checked_shape(shape: f64) -> Result<f64> {
    checked("shape", shape, |s| (1e-6..=1e12).contains(&s), "at least 1e-6 and at most 1e12")
}

fn orders(name: &str, value: f64) -> Result<f64> {
    checked(name, value, |v| v >= 0.0, "finite and at least 0")
}

fn equal(shape: f64) -> Result<BurstSides> {
    Ok(BurstSides { sides: Sides { plus: 1.0, minus: 1.0 }, shape: checked_shape(shape)? })
}

fn unequal(shape: f64, a: f64, b: f64) -> Result<BurstSides> {
    let sides = Sides { plus: orders("first rate", a)?, minus: orders("second rate", b)? };
    Ok(BurstSides { sides, shape: checked_shape(shape)? })
}
