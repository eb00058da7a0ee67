//! Expected matches `E min(N+, N-)` of two independent Poisson counts, equal or not, and what a single batch fills.

use crate::error::{Error, Result, checked};
use crate::kernels::bessel::i1e_twice;
use crate::kernels::elementary::{exp, exp_m1, ln_1p};
use crate::kernels::pair::Pair;
use crate::kernels::quadrature::panel;
use crate::kernels::unfilled::{drop_between, filled, unfilled};

/// Below this argument the integrand is its limit at 0 to all digits.
const TINY: f64 = 1e-150;

/// A panel that adds less than this share of the sum ends a convergent integral.
const NEGLIGIBLE: f64 = 1e-18;

/// The two sides of a swap class: expected orders per unit of the window in which they are counted.
///
/// All formulas below follow from one identity. With `K = N+ - N-` and both rates scaled by `t`,
///
/// ```text
/// d/dt E min = a P(K < 0) + b P(K > 0)                             (one more + order is filled if K < 0)
/// E min      = ½ { a [P(K ≤ -1) + P(K ≤ -2)] + b [P(K ≥ 1) + P(K ≥ 2)] }
/// ```
///
/// so the filled share `m(t) = 2 E min / (t (a + b))` has the positive derivative
///
/// ```text
/// t m'(t) = 2 √(ab)/(a + b) · e^(-t (√a - √b)²) · e^(-z) I_1(z),   z = 2 t √(ab)
/// ```
///
/// and nothing ever has to be subtracted: shares, differences of shares and unfilled rests are integrals of this one
/// positive function of `ln t`. For `a = b` it is `-x g'(x)`. Derived here from Skellam's law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sides {
    /// Rate `a` of the first side.
    pub(crate) plus: f64,
    /// Rate `b` of the second side.
    pub(crate) minus: f64,
}

impl Sides {
    /// `√(ab)` without overflow or underflow of the product.
    fn geometric_mean(self) -> f64 {
        self.plus.sqrt() * self.minus.sqrt()
    }

    /// `(√a - √b)² = (a - b)² / (a + b + 2√(ab))`, to twice working precision because it ends up in an exponent.
    fn gap(self) -> Pair {
        // Scaled by the larger rate, so that neither products nor squares leave the range.
        let large = self.plus.max(self.minus);
        let small = self.plus.min(self.minus);
        let ratio = Pair { hi: small, lo: 0.0 }.over(large);
        if ratio.hi < f64::MIN_POSITIVE {
            return Pair { hi: large, lo: 0.0 };
        }
        let rest = -ratio + 1.0;
        let root = ratio.root();
        let sum = ratio + (root + root) + 1.0;
        (rest * rest).over_pair(sum) * Pair { hi: large, lo: 0.0 }
    }

    /// `2 √(ab)/(a + b)`, the height of the derivative.
    fn evenness(self) -> f64 {
        let root = self.plus.min(self.minus).sqrt() / self.plus.max(self.minus).sqrt();
        2.0 * root / (1.0 + root * root)
    }

    /// `m(t2) - m(t1)` for `0 ≤ t1 ≤ t2`: the share of the class that a window `t2` fills beyond what windows `t1`
    /// inside it have filled.
    pub(crate) fn filled_between(self, t1: f64, t2: f64) -> f64 {
        if t1 == t2 || self.plus == 0.0 || self.minus == 0.0 {
            0.0
        } else if self.plus == self.minus {
            // The growth of the window is known better than that of the rounded numbers of orders.
            drop_between(self.plus * t1, self.plus * t2, (t2 - t1) / t1)
        } else {
            self.evenness() * self.integral(t1, t2)
        }
    }

    /// `m(t)`: the filled share of the class in windows of length `t`.
    pub(crate) fn filled(self, t: f64) -> f64 {
        if self.plus == self.minus { filled(self.plus * t) } else { self.filled_between(0.0, t) }
    }

    /// `1 - m(t)`: the unfilled share, which tends to `|a - b|/(a + b)` in long windows.
    pub(crate) fn unfilled(self, t: f64) -> f64 {
        if self.plus == self.minus {
            return unfilled(self.plus * t);
        }
        let filled = self.filled(t);
        if filled <= 0.5 {
            return 1.0 - filled;
        }
        let surplus = (self.plus - self.minus).abs() / (self.plus + self.minus);
        surplus + self.evenness() * self.integral(t, f64::INFINITY)
    }

    /// `∫_{t1}^{t2} e^(-D t) i(t) dt/t` with `D = (√a - √b)²`, `i(t) = e^(-z) I_1(z)`, `z = 2 t √(ab)`.
    ///
    /// Gauss panels in `ln t`: each spans at most a factor 2 (the branch points of the integrand are `π/2` away in
    /// `ln t`) and eight e-foldings of the exponential. The first panel from 0 is taken in `t`, in which the integrand
    /// is entire.
    fn integral(self, t1: f64, t2: f64) -> f64 {
        let mean = self.geometric_mean();
        let exact = self.gap();
        let gap = exact.hi;
        let (mut t, mut sum) = (t1, 0.0);
        if t == 0.0 {
            t = t2.min(1.0 / (gap + 2.0 * mean));
            // The limit at 0 where `mean · t` may be subnormal.
            let at = |t: f64| if (gap + mean) * t < TINY { mean } else { exp(-gap * t) * i1e_twice(mean * t) / t };
            sum = panel(0.0, t, at);
        }
        while t < t2 {
            let end = t2.min(2.0 * t).min(t + 8.0 / gap);
            if end <= t {
                break; // the exponential has died out within one rounding of t
            }
            // Relative to the start of the panel the exponent is small, and so is the error of rounding it.
            let inside = panel(0.0, ln_1p((end - t) / t), |u| {
                let growth = exp_m1(u);
                exp(-gap * t * growth) * i1e_twice(mean * (t + t * growth))
            });
            let part = (exact * Pair { hi: t, lo: 0.0 }).exp_neg() * inside;
            sum += part;
            t = end;
            if part <= NEGLIGIBLE * sum {
                break;
            }
        }
        sum
    }
}

/// Expected number of pairs `E min(N+, N-)` for `N+ ~ Poisson(a)`, `N- ~ Poisson(b)` independent.
///
/// ```text
/// a = b = x:  x (1 - g(x))
/// else:       (a + b)/2 · m,  m = 2√(ab)/(a+b) ∫_0^1 e^(-t(√a-√b)²) e^(-z) I_1(z) dt/t,  z = 2t√(ab)
/// ```
///
/// - `a`, `b`: expected orders of each side in the window, `≥ 0`. `0` if either is 0.
/// - Relative error 1e-13 for rates up to 1e12, however unequal (docs/accuracy.md).
/// - Source: *Operator pool trees*, "the crux: filling rate"; the integral is derived in docs/models/filling.md.
///
/// # Errors
/// [`Error::Domain`] unless both rates are finite and `≥ 0`.
///
/// ```
/// # use pooltree::kernels::matched::expected_min;
/// // Σ_j P(N+ ≥ j) P(N- ≥ j) at rates 1 and 2, term by term.
/// let tail = |rate: f64, j: u32| -> f64 {
///     let mut p = (-rate).exp();
///     let mut below = 0.0;
///     for n in 0..j { below += p; p *= rate / f64::from(n + 1); }
///     1.0 - below
/// };
/// let direct: f64 = (1..30).map(|j| tail(1.0, j) * tail(2.0, j)).sum();
/// assert!((expected_min(1.0, 2.0)? - direct).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn expected_min(a: f64, b: f64) -> Result<f64> {
    let side = |name, rate| checked(name, rate, |r| r >= 0.0, "finite and at least 0");
    let sides = Sides { plus: side("first rate", a)?, minus: side("second rate", b)? };
    if a == b {
        Ok(a * filled(a))
    } else if a == 0.0 || b == 0.0 {
        Ok(0.0)
    } else {
        Ok(sides.geometric_mean() * sides.integral(0.0, 1.0))
    }
}

/// The share of a class's orders that windows of length `t2` fill beyond what windows of length `t1` inside them have filled.
///
/// ```text
/// m(t2) - m(t1),   m(t) = 2 E min(N+, N-) / (t (a + b)),   N+ ~ Poisson(t a), N- ~ Poisson(t b)
/// ```
///
/// - `a`, `b`: orders of either side per unit time, `≥ 0`; `0 ≤ t1 ≤ t2` in units of time.
/// - Relative error 1e-13, however close the windows are (docs/accuracy.md).
///
/// # Errors
/// [`Error::Domain`] unless all four are finite and `≥ 0` and `t1 ≤ t2`.
///
/// ```
/// # use pooltree::kernels::{matched::filled_share_between, unfilled::unfilled_share};
/// // Equal rates: the drop of the unfilled share.
/// let direct = unfilled_share(2.0)? - unfilled_share(4.0)?;
/// assert!((filled_share_between(1.0, 1.0, 2.0, 4.0)? - direct).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn filled_share_between(a: f64, b: f64, t1: f64, t2: f64) -> Result<f64> {
    let non_negative = |name, value| checked(name, value, |v| v >= 0.0, "finite and at least 0");
    let sides = Sides { plus: non_negative("first rate", a)?, minus: non_negative("second rate", b)? };
    let t1 = non_negative("shorter window", t1)?;
    let t2 = checked("longer window", t2, |t| t >= t1, "finite and at least the shorter window")?;
    Ok(sides.filled_between(t1, t2))
}

/// The filled share of a batch of exactly `n` orders whose sides are fair coin flips: the document's
/// `X = Σ |O| p̂(O) / |B_n|` for pairwise swaps.
///
/// ```text
/// 1 - E|2B - n|/n,   B ~ Binomial(n, 1/2),   E|2B - n| = 2 ⌈n/2⌉ C(n, ⌈n/2⌉) / 2^n     (de Moivre 1730)
/// ```
///
/// # Errors
/// [`Error::Domain`] for an empty batch, which has no filling rate.
///
/// ```
/// # use pooltree::kernels::matched::batch_filling_rate;
/// assert_eq!(batch_filling_rate(1)?, 0.0);
/// assert_eq!(batch_filling_rate(2)?, 0.5); // both sides differ half of the time, then all is filled
/// assert_eq!(batch_filling_rate(3)?, 0.5); // three of the same side: 1/4; else two of three
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn batch_filling_rate(n: u64) -> Result<f64> {
    if n == 0 {
        return Err(Error::domain("orders in the batch", n, "at least 1"));
    }
    Ok(1.0 - expected_surplus_share(n))
}

/// Below this `m` the central binomial probability is a product.
const PRODUCT: u64 = 1000;

/// `C(2m, m) / 4^m`.
fn central_binomial(m: u64) -> f64 {
    if m <= PRODUCT {
        return (1..=m).fold(1.0, |p, i| p * (2 * i - 1) as f64 / (2 * i) as f64);
    }
    central_binomial_series(m as f64)
}

/// `Γ(m + 1/2) / (√π Γ(m + 1))` for `m ≥ 128` by Stirling's series; the next term is below 1e-16 there.
pub(crate) fn central_binomial_series(m: f64) -> f64 {
    polynomial_in_reciprocal(m) / (std::f64::consts::PI * m).sqrt()
}

fn polynomial_in_reciprocal(m: f64) -> f64 {
    crate::kernels::bessel::polynomial(
        &[1.0, -1.0 / 8.0, 1.0 / 128.0, 5.0 / 1024.0, -21.0 / 32768.0, -399.0 / 262_144.0],
        1.0 / m,
    )
}

/// `E|2B - n|/n` for `n ≥ 1`: an odd batch has the surplus of the even one above it, over one order less.
fn expected_surplus_share(n: u64) -> f64 {
    let m = n.div_ceil(2);
    let even = central_binomial(m);
    if n.is_multiple_of(2) { even } else { even * (n as f64 + 1.0) / n as f64 }
}

/// The mean of [`batch_filling_rate`] over nonempty batches with `x` expected orders a side.
///
/// Not the ratio of expectations that [`crate::kernels::unfilled::filled_share`] is: thin batches count as much as
/// thick ones here (.365 against .476 at `x = 1`). Cost `O(√x)`.
///
/// # Errors
/// [`Error::Domain`] unless `0 < x ≤ 1e12` (at `x = 0` no batch is nonempty).
///
/// ```
/// # use pooltree::kernels::matched::{batch_filling_rate, mean_batch_filling_rate};
/// // Thin batches: two orders with probability x against one, half of them filled.
/// assert!((mean_batch_filling_rate(1e-6)? / 0.5e-6 - 1.0).abs() < 1e-5);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn mean_batch_filling_rate(x: f64) -> Result<f64> {
    let x = checked("orders per side", x, |x| x > 0.0 && x <= 1e12, "above 0 and at most 1e12")?;
    // Poisson weights of the batch size relative to the mode, outwards until they vanish; empty batches left out.
    let rate = 2.0 * x;
    let mode = (rate.floor() as u64).max(1);
    let mut weights = 0.0;
    let mut filled = 0.0;
    let mut add = |n: u64, weight: f64| {
        weights += weight;
        filled += weight * (1.0 - expected_surplus_share(n));
    };
    let mut weight = 1.0;
    for n in (1..=mode).rev() {
        add(n, weight);
        weight *= n as f64 / rate;
        if weight < NEGLIGIBLE {
            break;
        }
    }
    weight = 1.0;
    for n in mode + 1.. {
        weight *= rate / n as f64;
        add(n, weight);
        // Relative to what is filled, too: at tiny rates all that is filled comes from rare batches of two.
        if weight < NEGLIGIBLE * rate.min(1.0) {
            break;
        }
    }
    Ok(filled / weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn documented_values() -> Result<()> {
        assert_relative_eq!(mean_batch_filling_rate(1.0)?, 0.365, epsilon = 5e-4);
        assert_relative_eq!(filled(1.0), 0.476, epsilon = 5e-4);
        Ok(())
    }

    #[test]
    fn de_moivre_by_enumeration() -> Result<()> {
        for n in 1..=16u32 {
            let surplus: f64 =
                (0..1u32 << n).map(|flips| (2.0 * f64::from(flips.count_ones()) - f64::from(n)).abs()).sum();
            let direct = 1.0 - surplus / f64::from(n) / f64::from(1u32 << n);
            assert_relative_eq!(batch_filling_rate(u64::from(n))?, direct, epsilon = 1e-15);
        }
        let (product, series) = (central_binomial(PRODUCT), polynomial_in_reciprocal(PRODUCT as f64));
        assert_relative_eq!(product, series / (std::f64::consts::PI * PRODUCT as f64).sqrt(), max_relative = 1e-14);
        Ok(())
    }

    #[test]
    fn equal_rates_are_the_limit_of_unequal_ones() -> Result<()> {
        for x in [1e-9, 0.3, 1.0, 17.0, 19.0, 1e4, 1e9] {
            let near = expected_min(x * (1.0 - 1e-12), x * (1.0 + 1e-12))?;
            assert_relative_eq!(near, expected_min(x, x)?, max_relative = 1e-11);
        }
        Ok(())
    }

    #[test]
    fn one_side_only_matches_nothing() -> Result<()> {
        assert_eq!(expected_min(0.0, 5.0)?, 0.0);
        assert_eq!(expected_min(0.0, 0.0)?, 0.0);
        let side = Sides { plus: 0.0, minus: 2.0 };
        assert_eq!(side.unfilled(3.0), 1.0);
        assert!(expected_min(f64::NAN, 1.0).is_err());
        Ok(())
    }

    #[test]
    fn lopsided_sides_fill_the_small_one() -> Result<()> {
        assert_relative_eq!(expected_min(1e-12, 1e12)?, 1e-12, max_relative = 1e-14);
        assert_relative_eq!(expected_min(3.0, 1e12)?, 3.0, max_relative = 1e-14);
        Ok(())
    }
}
