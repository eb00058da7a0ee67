//! The Skellam distribution: the difference of two independent Poisson counts, accurate in both tails at every rate.

pub(crate) mod deviance;
mod mass;
mod tail;
#[cfg(test)]
mod tests;
mod traits;

use crate::error::{Error, Result, checked};
use crate::kernels::bessel::i0e_plus_i1e_twice;
use crate::kernels::elementary::{ln, ln_1p};
use crate::kernels::tails::erfc_inv;
use mass::{distance, saddle};
use serde::{Deserialize, Serialize};
use statrs::statistics::{Max, Min};
use std::f64::consts::SQRT_2;
use std::fmt;

/// Largest rate: integers up to a thousand times this large are still doubles, and so are all likely counts.
const RATE_MAX: f64 = 1e15;

/// The law of `K = N⁺ - N⁻` for independent Poisson counts `N⁺`, `N⁻`.
///
/// ```text
/// P(K = k) = exp(-x⁺ - x⁻) (x⁺/x⁻)^(k/2) I_|k|(2 √(x⁺ x⁻))
/// ```
///
/// `x⁺`, `x⁻`: the rates, expected counts, in `[0, 1e15]`; a rate of 0 is allowed and leaves a (mirrored) Poisson
/// distribution, two leave the point mass at 0. `I_k`: modified Bessel function.
///
/// Source: Skellam 1946, *The frequency distribution of the difference between two Poisson variates belonging to
/// different populations*. Probabilities, both tails and the mean absolute value are correct to a relative error below
/// 1e-14 down to 1e-290.
///
/// ```
/// use pooltree::kernels::skellam::Skellam;
///
/// // exp(-2) I_0(2), from the table in Abramowitz & Stegun 9.8.
/// let flow = Skellam::new(1.0, 1.0)?;
/// assert!((flow.pmf(0) - 0.308_508_322_5).abs() < 1e-10);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Rates")]
pub struct Skellam {
    rate_plus: f64,
    rate_minus: f64,
}

/// The serialised form, not yet validated.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rates {
    rate_plus: f64,
    rate_minus: f64,
}

impl TryFrom<Rates> for Skellam {
    type Error = Error;

    fn try_from(rates: Rates) -> Result<Self> {
        Self::new(rates.rate_plus, rates.rate_minus)
    }
}

impl fmt::Display for Skellam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Skellam({}, {})", self.rate_plus, self.rate_minus)
    }
}

impl Skellam {
    /// The difference of a count with mean `rate_plus` and one with mean `rate_minus`.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] naming the rate that is not in `[0, 1e15]`.
    pub fn new(rate_plus: f64, rate_minus: f64) -> Result<Self> {
        let rate =
            |key, value| checked(key, value, |x| (0.0..=RATE_MAX).contains(&x), "a rate in [0, 1e15]").map(f64::abs);
        Ok(Self { rate_plus: rate("rate_plus", rate_plus)?, rate_minus: rate("rate_minus", rate_minus)? })
    }

    /// `x⁺`, the expectation of the count that is added.
    pub fn rate_plus(&self) -> f64 {
        self.rate_plus
    }

    /// `x⁻`, the expectation of the count that is subtracted.
    pub fn rate_minus(&self) -> f64 {
        self.rate_minus
    }

    /// `P(K = k)`.
    ///
    /// For `w = √(k² + 4 x⁺ x⁻) ≥ 36`, at the saddle point, with the deviances summed to twice double precision:
    ///
    /// ```text
    /// P(K = k) = exp(-D(j⁺, x⁺) - D(j⁻, x⁻)) / √(2π w) · Σ_i U_i(k/w) / k^i
    /// j^± = (w ± k)/2,   D(j, x) = j ln(j/x) + x - j
    /// ```
    ///
    /// `U_i`: Debye's polynomials; otherwise by the power series of `I_k`. Sources: Abramowitz & Stegun 9.7.7 (with
    /// its `ν η` rewritten as deviances) and 9.6.10; Loader 2000, *Fast and accurate computation of binomial
    /// probabilities*, for the deviances.
    ///
    /// ```
    /// # use pooltree::kernels::skellam::Skellam;
    /// // Without a count to subtract: a Poisson count, exp(-3) 3²/2.
    /// assert!((Skellam::new(3.0, 0.0)?.pmf(2) - 0.224_041_807_655_387_75).abs() < 1e-16);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn pmf(&self, k: i64) -> f64 {
        let (n, a, b) = (k as f64, self.rate_plus, self.rate_minus);
        mass::pmf(n, a, b).min(1.0)
    }

    /// `ln P(K = k)`, where [`pmf`](Self::pmf) would underflow, too; `-∞` where `K = k` is impossible.
    ///
    /// ```
    /// # use pooltree::kernels::skellam::Skellam;
    /// // A Poisson count of 0.
    /// assert_eq!(Skellam::new(1e6, 0.0)?.ln_pmf(0), -1e6);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn ln_pmf(&self, k: i64) -> f64 {
        let (n, a, b) = (k as f64, self.rate_plus, self.rate_minus);
        mass::ln_pmf(n, a, b).min(0.0)
    }

    /// `P(K ≤ k)`.
    ///
    /// The smaller tail is an integral with a positive integrand (derived here: one more count at rate `x` moves `K`
    /// by one, so a tail's derivative in a rate is a probability), the larger one is 1 minus it:
    ///
    /// ```text
    /// P(K > k) = ∫_0^x⁺ P(K = k; x, x⁻) dx,   P(K ≤ k) = ∫_x⁺^∞ P(K = k; x, x⁻) dx   for k ≥ 0
    /// ```
    ///
    /// and mirrored, `P(K ≤ k; x⁺, x⁻) = P(K ≥ -k; x⁻, x⁺)`, for `k < 0`.
    ///
    /// ```
    /// # use pooltree::kernels::skellam::Skellam;
    /// // Poisson: no count or one, 4 exp(-3).
    /// assert!((Skellam::new(3.0, 0.0)?.cdf(1) - 4.0 * (-3.0_f64).exp()).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn cdf(&self, k: i64) -> f64 {
        self.tails(k).0
    }

    /// `P(K > k)`, without cancellation where it is small; see [`cdf`](Self::cdf).
    ///
    /// ```
    /// # use pooltree::kernels::skellam::Skellam;
    /// // At tiny rates, K > 1 is two counts: x²/2.
    /// assert!((Skellam::new(1e-8, 0.0)?.sf(1) / 0.5e-16 - 1.0).abs() < 1e-8);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn sf(&self, k: i64) -> f64 {
        self.tails(k).1
    }

    /// `P(K ≤ k)` and `P(K > k)`, the one on the far side of the mean directly and the other as its complement.
    fn tails(&self, k: i64) -> (f64, f64) {
        let (a, b) = (self.rate_plus, self.rate_minus);
        // `!k` is `-k - 1`: `K > k` is `-K ≤ !k`.
        let (n, mirrored) = (k as f64, !k as f64);
        if n + 0.5 >= self.mean() {
            let sf = if k >= 0 { tail::above(n, a, b) } else { tail::below(mirrored, b, a) }.min(1.0);
            (1.0 - sf, sf)
        } else {
            let cdf = if k >= 0 { tail::below(n, a, b) } else { tail::above(mirrored, b, a) }.min(1.0);
            (cdf, 1.0 - cdf)
        }
    }

    /// `E K = x⁺ - x⁻`.
    pub fn mean(&self) -> f64 {
        self.rate_plus - self.rate_minus
    }

    /// `Var K = x⁺ + x⁻`.
    pub fn variance(&self) -> f64 {
        self.rate_plus + self.rate_minus
    }

    /// `(x⁺ - x⁻) / (x⁺ + x⁻)^(3/2)`; nothing for the point mass, whose shape has no meaning.
    pub fn skewness(&self) -> Option<f64> {
        let variance = self.variance();
        (variance > 0.0).then(|| self.mean() / variance / variance.sqrt())
    }

    /// `1 / (x⁺ + x⁻)`, the kurtosis beyond the normal distribution's 3; nothing for the point mass.
    pub fn excess_kurtosis(&self) -> Option<f64> {
        let variance = self.variance();
        (variance > 0.0).then(|| variance.recip())
    }

    /// `E |K|`.
    ///
    /// ```text
    /// E |K| = |x⁺ - x⁻| + 2 ∫_hi^∞ (x - hi) P(K = 1; lo, x) dx,   lo ≤ hi the two rates
    /// E |K| = 2x exp(-2x) (I_0(2x) + I_1(2x))                     if both are x
    /// ```
    ///
    /// The first is derived here like the tails in [`cdf`](Self::cdf), and like them adds positive terms only; the
    /// second: Ramasubban 1958, *The mean difference and the mean deviation of some discontinuous distributions*.
    ///
    /// ```
    /// # use pooltree::kernels::skellam::Skellam;
    /// // The double sum of |i - j| exp(-3) 2^i / (i! j!).
    /// assert!((Skellam::new(2.0, 1.0)?.mean_abs() - 1.535_181_495_035_704_9).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn mean_abs(&self) -> f64 {
        let (lo, hi) = (self.rate_plus.min(self.rate_minus), self.rate_plus.max(self.rate_minus));
        if lo == hi {
            return 2.0 * hi * i0e_plus_i1e_twice(hi);
        }
        (hi - lo) + 2.0 * tail::shortfall(hi, lo)
    }

    /// The most likely value; the larger one where two are.
    ///
    /// It is one of the two integers around the mean (Darroch 1964, whose law for sums of independent trials holds in
    /// the limit), and which one is decided by their probabilities.
    ///
    /// ```
    /// # use pooltree::kernels::skellam::Skellam;
    /// // Poisson counts have their mode at the integer part of the mean.
    /// assert_eq!(Skellam::new(0.0, 7.9)?.mode(), -7);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn mode(&self) -> i64 {
        let (a, b) = (self.rate_plus, self.rate_minus);
        let mean = distance(0.0, b, a);
        let below = if mean.hi == mean.hi.floor() && mean.lo < 0.0 { mean.hi - 1.0 } else { mean.hi.floor() };
        if mean.hi == below && mean.lo == 0.0 {
            return below as i64;
        }
        // At large rates the two probabilities agree in most digits: compare the terms that differ.
        let saddle = |n: f64| if n < 0.0 { saddle(-n, b, a) } else { saddle(n, a, b) };
        let rises = match (saddle(below), saddle(below + 1.0)) {
            (Some(x), Some(y)) => {
                let widths = 0.25 * ln_1p((2.0 * below + 1.0) / x.w / x.w);
                x.exponent.hi + ln_1p(y.excess) - ln_1p(x.excess) >= y.exponent.hi + widths
            }
            _ => self.pmf(below as i64 + 1) >= self.pmf(below as i64),
        };
        below as i64 + i64::from(rises)
    }

    /// The `p`-quantile: the smallest `k` with `cdf(k) ≥ p`; the ends of the support at 0 and 1, where `i64::MIN` and
    /// `i64::MAX` stand for the infinities.
    ///
    /// ```
    /// # use pooltree::kernels::skellam::Skellam;
    /// let flow = Skellam::new(3.0, 3.0)?;
    /// assert_eq!(flow.inverse_cdf(0.5)?, 0);
    /// assert_eq!(flow.inverse_cdf(flow.cdf(-4))?, -4);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] if `p` is not in `[0, 1]`.
    pub fn inverse_cdf(&self, p: f64) -> Result<i64> {
        checked("p", p, |p| (0.0..=1.0).contains(&p), "a probability in [0, 1]").map(|p| self.quantile(p))
    }

    /// [`inverse_cdf`](Self::inverse_cdf) for a valid `p`: Newton's method on the logarithm of the smaller tail, which
    /// is concave, within a bracket `cdf(lo) < p ≤ cdf(hi)`.
    fn quantile(&self, p: f64) -> i64 {
        if p <= 0.0 {
            return self.min();
        } else if p >= 1.0 {
            return self.max();
        }
        let (mut lo, mut hi) = (self.min().saturating_sub(1), self.max());
        let (z, deviation) = (-SQRT_2 * erfc_inv(2.0 * p), self.variance().sqrt());
        let mut guess = self.mean() + z * deviation + self.skewness().unwrap_or(0.0) * deviation * (z * z - 1.0) / 6.0;
        for round in 0.. {
            if lo.saturating_add(1) >= hi {
                break;
            }
            let middle = lo.midpoint(hi);
            // Far out, where the tail underflows, and if Newton's method is slow, halve the bracket.
            let k = if guess.is_finite() && round < 30 { guess.ceil() as i64 } else { middle };
            let k = k.clamp(lo + 1, hi - 1);
            let (cdf, sf) = self.tails(k);
            // Above one half, `cdf ≥ p` as rounded is `sf ≤ 1 - p` with half a unit in the last place to spare. A tail's
            // slope is taken to its next larger value, as the next smaller one would be known from a difference only.
            let (small, target, next, sign) = if p > 0.5 {
                (sf, 1.0 - p + 0.25 * f64::EPSILON, self.pmf(k), 1.0)
            } else {
                (cdf, p, self.pmf(k + 1), -1.0)
            };
            guess = k as f64 + sign * ln(small / target) / ln_1p(next / small);
            if cdf >= p {
                hi = k;
            } else {
                lo = k;
            }
        }
        hi
    }
}
