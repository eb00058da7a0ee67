//! Tails of the laws that tests and intervals use: normal, Gamma (and with it chi-square), beta (and with it F, Student and
//! binomial), with the same bits on every platform (see [`elementary`](super::elementary)).

use super::elementary::{exp, ln};
use super::pair::Pair;
use super::skellam::deviance::deviance;
use super::stirling::stirling;
use std::f64::consts::TAU;

/// `2/√π ∫_x^∞ e^(-t²) dt`.
pub(crate) fn erfc(x: f64) -> f64 {
    pxfm::f_erfc(x)
}

/// The `x` with `erfc(x) = p`, `0 ≤ p ≤ 2`.
pub(crate) fn erfc_inv(p: f64) -> f64 {
    pxfm::f_erfcinv(p)
}

/// `P(G ≤ x)` and `P(G > x)` of the Gamma law with `shape > 0` and scale 1, `x ≥ 0`; the smaller one to a relative error of
/// about 1e-14.
///
/// ```text
/// P(G ≤ x) = w (1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …)           w = x^a e^(-x)/Γ(a + 1)
/// P(G > x) = w a/(x + 1 - a - 1 (1 - a)/(x + 3 - a - 2 (2 - a)/…))
/// ```
///
/// Abramowitz & Stegun 6.5.29 and, as a contracted fraction, 6.5.31; `w` at the saddle point (Loader 2000).
pub(crate) fn gamma_tails(shape: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    } else if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    let weight = saddle(Pair::sum(shape, -x), shape, x, Pair { hi: stirling(shape), lo: 0.0 }) / (TAU * shape).sqrt();
    if x < shape + 1.0 {
        let (mut term, mut sum, mut k) = (1.0, 1.0, shape);
        while term > 1e-17 * sum {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        let lower = (weight * sum).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let fraction = fraction(x + 1.0 - shape, |k| (k * (shape - k), x + 1.0 - shape + 2.0 * k));
        let upper = (weight * shape / fraction).min(1.0);
        (1.0 - upper, upper)
    }
}

/// `P(B ≤ x)` of the beta law with parameters `a, b > 0`, `0 ≤ x ≤ 1`, `y = 1 - x` given on its own so that nothing cancels;
/// it or its complement to a relative error of about 1e-14.
///
/// On the side of the mean where it converges, the continued fraction of `DiDonato` and Morris 1992 (*Significant digit
/// computation of the incomplete beta function ratios*, equation 9), in which nothing cancels near `x = 1`.
pub(crate) fn beta_lower(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if y <= 0.0 {
        1.0
    } else if a * y < b * x {
        1.0 - beta_front(b, a, y, x) / beta_fraction(b, a, y, x)
    } else {
        beta_front(a, b, x, y) / beta_fraction(a, b, x, y)
    }
    .clamp(0.0, 1.0)
}

/// `x^a y^b Γ(a + b)/(Γ(a) Γ(b))`, at the saddle point.
fn beta_front(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    // a - n x, and b - n y is the opposite.
    let off = Pair::product(a, y) + -Pair::product(b, x);
    let corrections = Pair::sum(stirling(a), stirling(b)) + -stirling(n);
    let other = exponent(-off, b, n * y);
    saddle(off, a, n * x, corrections + other) * (a * b / (TAU * n)).sqrt()
}

fn beta_fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let off = a * y - b * x;
    fraction(a / (a + 1.0) * (off + 1.0), |n| {
        let (before, after) = (a + 2.0 * n - 1.0, a + 2.0 * n + 1.0);
        let numerator = (a + n - 1.0) / before * ((a + b + n - 1.0) / before) * n * (b - n) * x * x;
        (numerator, n + n * (b - n) * x / before + (a + n) / after * (off + 1.0 + n * (1.0 + y)))
    })
}

/// `e^(-D(j, μ) - rest)`, `D(j, μ) = j ln(j/μ) + μ - j`, from `off = j - μ`.
fn saddle(off: Pair, j: f64, mu: f64, rest: Pair) -> f64 {
    (exponent(off, j, mu) + rest).exp_neg()
}

fn exponent(off: Pair, j: f64, mu: f64) -> Pair {
    let ratio = j / mu;
    if ratio > 1e-12 && ratio < 1e12 {
        deviance(off, mu)
    } else {
        // The ratio itself may overflow.
        Pair { hi: j * (ln(j) - ln(mu)) - off.hi, lo: 0.0 }
    }
}

/// `b₀ + a₁/(b₁ + a₂/(b₂ + …))`, `term(k) = (a_k, b_k)` (Lentz's method as modified by Thompson and Barnett 1986).
fn fraction(b0: f64, term: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-290;
    const MOST: u32 = 100_000; // some √(10^6) are needed for the largest parameters
    let away = |x: f64| if x.abs() < TINY { TINY } else { x };
    let mut value = away(b0);
    let (mut c, mut d) = (value, 0.0);
    for k in 1..=MOST {
        let (numerator, b) = term(f64::from(k));
        d = away(b + numerator * d).recip();
        c = away(b + numerator / c);
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 0.5 * f64::EPSILON {
            break;
        }
    }
    value
}

/// 97.5 % quantile of Student's law with `degrees ≥ 1` degrees of freedom, to a relative error of a few 1e-15.
///
/// Newton's method on the logarithm of the tail as a function of that of `t`, whose limit for small degrees is a line, from
/// the first terms of Abramowitz & Stegun 26.7.5.
pub(crate) fn student_975(degrees: f64) -> f64 {
    const TERMS: [f64; 5] = [1.959_963_984_540_054, 2.372_271_234_5, 2.822_501_417_2, 2.555_852_158_8, 1.589_541_1];
    let mut t = TERMS.iter().rev().fold(0.0, |sum, term| sum / degrees + term);
    for _ in 0..20 {
        let square = t * t;
        let [x, y] = [degrees, square].map(|part| part / (degrees + square));
        let (a, b) = (0.5 * degrees, 0.5);
        let tails = beta_lower(a, b, x, y);
        let step = ln(tails / 0.05) * tails / (2.0 * beta_front(a, b, x, y));
        t *= exp(step);
        if step.abs() < 1e-14 {
            break;
        }
    }
    t
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, clippy::excessive_precision)] // reference values as they were printed
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn numbers_next_to_nothing() {
        for x in [5e-324, 1e-313, 1e-310, 1e-300] {
            // P(G ≤ x) = 2 √(x/π) at shape 1/2, and P(B > 1 - y) = 2 Γ(a + 1/2)/(Γ(a) √π) √y: at a = 1 √y.
            assert_relative_eq!(gamma_tails(0.5, x).0, 2.0 * (x / std::f64::consts::PI).sqrt(), max_relative = 1e-12);
            assert_eq!(
                (gamma_tails(0.5, x).1, beta_lower(1.0, 0.5, 1.0, x), beta_lower(500.0, 0.5, 1.0, x)),
                (1.0, 1.0, 1.0)
            );
            assert_relative_eq!(beta_lower(0.5, 1.0, x, 1.0), x.sqrt(), max_relative = 1e-12);
        }
    }

    /// Reference values to 40 digits with mpmath: `gammainc(a, x, regularized=True)` and `betainc`.
    #[test]
    fn tails_of_reference() {
        for (a, x, lower, upper) in GAMMA {
            let found = gamma_tails(a, x);
            assert_relative_eq!(found.0, lower, max_relative = 2e-14);
            assert_relative_eq!(found.1, upper, max_relative = 2e-14);
        }
        for (a, b, x, lower) in BETA {
            assert_relative_eq!(beta_lower(a, b, x, 1.0 - x), lower, max_relative = 2e-14);
        }
        assert_eq!(gamma_tails(2.5, f64::INFINITY), (1.0, 0.0));
        assert_eq!([beta_lower(2.0, 3.0, 0.0, 1.0), beta_lower(2.0, 3.0, 1.0, 0.0)], [0.0, 1.0]);
    }

    /// Reference values to 17 digits with mpmath: the root of `betainc(n/2, 1/2, 0, n/(n + t²), regularized=True) = 0.05`.
    #[test]
    fn quantiles_of_reference() {
        for (degrees, t) in STUDENT {
            assert_relative_eq!(student_975(degrees), t, max_relative = 5e-15);
        }
    }

    const GAMMA: [(f64, f64, f64, f64); 14] = [
        (0.5, 0.125, 0.38292492254802621, 0.61707507745197379),
        (0.5, 30.0, 0.99999999999999051, 9.4857375710738484e-15),
        (1.0, 1.953125e-3, 1.9512188925245273e-3, 0.99804878110747547),
        (1.0, 50.0, 1.0, 1.9287498479639178e-22),
        (2.5, 2.5, 0.58411981300449208, 0.41588018699550792),
        (2.5, 200.0, 1.0, 2.9666446590828849e-84),
        (7.0, 3.0, 0.033508535308841207, 0.96649146469115879),
        (10.5, 10.0, 0.47873874951604762, 0.52126125048395238),
        (10.5, 40.0, 0.99999999192518987, 8.0748101326348194e-9),
        (64.0, 80.5, 0.97433803186427863, 0.025661968135721367),
        (64.0, 20.0, 4.3157462838092868e-15, 0.99999999999999568),
        (500.5, 500.0, 0.49702578273187049, 0.50297421726812951),
        (500.5, 800.0, 1.0, 2.2076928650120161e-30),
        (1.0e+5, 1.01e+5, 0.99919157848707441, 8.0842151292559073e-4),
    ];
    const BETA: [(f64, f64, f64, f64); 12] = [
        (0.5, 0.5, 0.25, 0.33333333333333333),
        (5.0, 0.5, 0.5, 0.010119559735433715),
        (5.0, 0.5, 0.9375, 0.43323603272438049),
        (49.0, 1.5, 0.875, 4.3195342986230232e-3),
        (49.0, 1.5, 0.984375, 0.67051176645883256),
        (49.5, 4.0, 0.5, 3.7936475855938705e-12),
        (4999.0, 3.5, 0.9921875, 2.870027203739242e-14),
        (4999.0, 3.5, 0.99951171875, 0.67408646206592804),
        (4999.5, 10.0, 0.9990234375, 0.9720175673136212),
        (500.0, 500.0, 0.5, 0.5),
        (500.0, 520.0, 0.4375, 3.6312139822215317e-4),
        (30.0, 2.0, 0.9999990463256836, 0.99999999957709276),
    ];
    const STUDENT: [(f64, f64); 12] = [
        (1.0, 12.706204736174705),
        (2.0, 4.3026527297494639),
        (3.0, 3.1824463052837096),
        (4.0, 2.7764451051977944),
        (5.0, 2.5705818356363155),
        (9.0, 2.2621571627982055),
        (10.0, 2.2281388519862747),
        (29.0, 2.0452296421327043),
        (99.0, 1.9842169515864175),
        (999.0, 1.96234146113345),
        (9999.0, 1.9602012636213577),
        (1.0e+5, 1.9599877075346096),
    ];
}
