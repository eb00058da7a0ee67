//! Exponentially scaled Bessel functions: the crate's function where the argument is moderate, the asymptotic series
//! where that is faster and as exact.

/// Terms of the asymptotic series. At `z = 2 · FAR` the first omitted one is below 1e-18.
const TERMS: usize = 17;

/// From this `x` on `e^(-2x) I_ν(2x)` comes from its asymptotic series.
pub(crate) const FAR: f64 = 18.0;

/// Coefficients of `√(2πz) e^(-z) I_ν(z) ~ Σ c_k / z^k`, `c_k / c_(k-1) = ((2k-1)² - 4ν²) / (8k)`
/// (Abramowitz & Stegun 9.7.1).
const fn asymptotic(four_nu_squared: f64) -> [f64; TERMS] {
    let mut c = [1.0; TERMS];
    let mut k = 1;
    while k < TERMS {
        let odd = (2 * k - 1) as f64;
        c[k] = c[k - 1] * (odd * odd - four_nu_squared) / (8 * k) as f64;
        k += 1;
    }
    c
}

const ORDER_ZERO: [f64; TERMS] = asymptotic(0.0);
const ORDER_ONE: [f64; TERMS] = asymptotic(4.0);
const BOTH: [f64; TERMS] = {
    let mut c = ORDER_ZERO;
    let mut k = 0;
    while k < TERMS {
        c[k] += ORDER_ONE[k];
        k += 1;
    }
    c
};

/// `c[0] + c[1] t + c[2] t² + …` (Horner).
pub(crate) fn polynomial(c: &[f64], t: f64) -> f64 {
    c.iter().rev().fold(0.0, |sum, &c| sum * t + c)
}

/// `e^(-2x) I_1(2x)` for `x ≥ 0`.
pub(crate) fn i1e_twice(x: f64) -> f64 {
    if x < FAR {
        pxfm::f_i1e(2.0 * x)
    } else {
        // 2x may overflow where √x does not.
        polynomial(&ORDER_ONE, 0.5 / x) / ((4.0 * std::f64::consts::PI).sqrt() * x.sqrt())
    }
}

/// `e^(-2x) [I_0(2x) + I_1(2x)]` for `x ≥ 0`, without the help of a power series near 0.
pub(crate) fn i0e_plus_i1e_twice(x: f64) -> f64 {
    if x < FAR {
        pxfm::f_i0e(2.0 * x) + pxfm::f_i1e(2.0 * x)
    } else {
        polynomial(&BOTH, 0.5 / x) / ((4.0 * std::f64::consts::PI).sqrt() * x.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_switch_agree() {
        let below = FAR * (1.0 - f64::EPSILON);
        approx::assert_relative_eq!(i1e_twice(below), i1e_twice(FAR), max_relative = 2e-15);
        approx::assert_relative_eq!(i0e_plus_i1e_twice(below), i0e_plus_i1e_twice(FAR), max_relative = 2e-15);
    }

    #[test]
    fn leading_term_far_out() {
        let x = 1e300;
        approx::assert_relative_eq!(i1e_twice(x), 0.5 / (std::f64::consts::PI * x).sqrt(), max_relative = 1e-15);
    }
}
