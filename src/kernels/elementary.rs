//! Elementary functions with the same bits on every platform.
//!
//! The methods of `f64` call whatever mathematical library the platform has: `x.exp()` on Linux and in WebAssembly differ in
//! their last digits, and so would everything computed from them. The crate `pxfm` computes them by additions, products and
//! roots alone, which IEEE 754 fixes, and rounds them as the exact results would be rounded, so that it does not matter
//! whether a processor fuses products and sums. The library calls these functions and never the methods, which
//! `clippy.toml` forbids. `√x`, `|x|`, rounding to integers and integer powers (`powi`: products) are the same everywhere
//! and stay methods.

/// `e^x`.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    pxfm::f_exp(x)
}

/// `e^x - 1`.
#[inline]
pub(crate) fn exp_m1(x: f64) -> f64 {
    pxfm::f_expm1(x)
}

/// `2^x`.
#[inline]
pub(crate) fn exp2(x: f64) -> f64 {
    pxfm::f_exp2(x)
}

/// `ln x`.
#[inline]
pub(crate) fn ln(x: f64) -> f64 {
    pxfm::f_log(x)
}

/// `ln(1 + x)`.
#[inline]
pub(crate) fn ln_1p(x: f64) -> f64 {
    pxfm::f_log1p(x)
}

/// `log₂ x`.
#[inline]
pub(crate) fn log2(x: f64) -> f64 {
    pxfm::f_log2(x)
}

/// `log₁₀ x`.
#[inline]
pub(crate) fn log10(x: f64) -> f64 {
    pxfm::f_log10(x)
}

/// `x^y`. Takes several times as long as [`exp`] and [`ln`] together, because it loses no digit where they would.
#[inline]
pub(crate) fn pow(x: f64, y: f64) -> f64 {
    // Exact roots and squares; at these exponents `pxfm` 0.1 fails at the upper end of the range.
    match y {
        0.5 => x.sqrt(),
        -0.5 => x.sqrt().recip(),
        2.0 => x * x,
        -2.0 => x.recip() / x,
        _ => pxfm::f_pow(x, y),
    }
}

/// `∛x`.
#[cfg(any(feature = "csv", test))]
#[inline]
pub(crate) fn cbrt(x: f64) -> f64 {
    pxfm::f_cbrt(x)
}

/// `sin x`.
#[inline]
pub(crate) fn sin(x: f64) -> f64 {
    pxfm::f_sin(x)
}

/// `cos x`.
#[inline]
pub(crate) fn cos(x: f64) -> f64 {
    pxfm::f_cos(x)
}

/// `(sin x, cos x)`.
#[cfg(feature = "figures")]
#[inline]
pub(crate) fn sin_cos(x: f64) -> (f64, f64) {
    pxfm::f_sincos(x)
}

/// `arcsin x`.
#[inline]
pub(crate) fn asin(x: f64) -> f64 {
    pxfm::f_asin(x)
}

/// `sinh x`.
#[inline]
pub(crate) fn sinh(x: f64) -> f64 {
    pxfm::f_sinh(x)
}

/// `cosh x`.
#[inline]
pub(crate) fn cosh(x: f64) -> f64 {
    pxfm::f_cosh(x)
}

/// `artanh x`.
#[inline]
pub(crate) fn atanh(x: f64) -> f64 {
    pxfm::f_atanh(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    /// Units in the last place between two numbers.
    fn ulps(a: f64, b: f64) -> u64 {
        let place = |x: f64| if x < 0.0 { -((-x).to_bits() as i64) } else { x.abs().to_bits() as i64 };
        if a.is_nan() && b.is_nan() { 0 } else { place(a).abs_diff(place(b)) }
    }

    /// The platform's own functions, which are good to a unit or two in the last place.
    #[test]
    #[allow(clippy::disallowed_methods)]
    fn as_the_platform_has_them() {
        type Function = fn(f64) -> f64;
        let functions: [(Function, Function); 13] = [
            (exp, f64::exp),
            (exp_m1, f64::exp_m1),
            (exp2, f64::exp2),
            (ln, f64::ln),
            (ln_1p, f64::ln_1p),
            (log2, f64::log2),
            (log10, f64::log10),
            (cbrt, f64::cbrt),
            (sin, f64::sin),
            (cos, f64::cos),
            (asin, f64::asin),
            (sinh, f64::sinh),
            (cosh, f64::cosh),
        ];
        let mut points = vec![0.0, 5e-324, 1e-310, f64::MIN_POSITIVE, 1e-17, 1.0, f64::MAX, f64::INFINITY, f64::NAN];
        points.extend([1.0 - f64::EPSILON, 37.0, 708.3, 709.7, 709.8, 740.0, 745.1, 745.2, 746.0, 1022.0, 1074.0]);
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        points.extend((0..20_000).map(|_| f64::from_bits(rng.random::<u64>() >> 1)));
        points.extend((0..20_000).map(|i| rng.random::<f64>() * 2f64.powi(i % 60 - 49)));
        for x in points.iter().flat_map(|&x| [x, -x]) {
            for (k, (ours, platform)) in functions.iter().enumerate() {
                assert!(ulps(ours(x), platform(x)) <= 2, "function {k} at {x:e}: {:e}, {:e}", ours(x), platform(x));
            }
            // Around 0 alone: near 1 some platforms lose most digits of artanh.
            assert!(x.abs() > 0.1 || ulps(atanh(x), x.atanh()) <= 3, "{x:e}");
            assert!(!(x > 0.0 && x < 1.0) || ulps(atanh(x), 0.5 * ln_1p(2.0 * x / (1.0 - x))) <= 4, "{x:e}");
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods)]
    fn powers_over_the_whole_range() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
        let exponents = [-3.0, -2.0, -1.5, -1.0, -0.5, -0.3, 0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 100.0];
        for i in 0..20_000 {
            let x = f64::from_bits(rng.random_range(0..=f64::INFINITY.to_bits()));
            let y = if i % 2 == 0 {
                exponents[i / 2 % exponents.len()]
            } else {
                2200.0 * (rng.random::<f64>() - 0.5) / log2(x).abs()
            };
            assert!(ulps(pow(x, y), x.powf(y)) <= 2, "{x:e}^{y:e}: {:e}, {:e}", pow(x, y), x.powf(y));
        }
        assert_eq!(pow(2f64.powi(1022), -0.5), 2f64.powi(-511));
        assert_eq!([pow(0.0, 0.0), pow(0.0, 0.3), pow(0.0, -0.3), pow(-8.0, 3.0)], [1.0, 0.0, f64::INFINITY, -512.0]);
    }

    /// Numbers and their last digits, fixed for good: what another platform must find as well.
    #[test]
    fn fixed_bits() {
        let digest = |f: &dyn Fn(f64) -> f64| {
            (1..=1000u64).fold(0u64, |digest, i| {
                digest.rotate_left(5).wrapping_mul(0x2545_F491_4F6C_DD1D) ^ f(i as f64 / 1001.0).to_bits()
            })
        };
        let digests = [
            digest(&|x| exp(20.0 * x - 10.0)),
            digest(&|x| exp_m1(2.0 * x - 1.0)),
            digest(&ln),
            digest(&ln_1p),
            digest(&|x| pow(10.0 * x, 3.0 * x - 1.0)),
            digest(&|x| sin(10.0 * x) + cos(3.0 * x)),
        ];
        let expected = [
            0xFEF6_CA5C_D1B3_D3A4,
            0x4898_96EF_B7E4_58E5,
            0x53B6_C973_B562_BAED,
            0x63F4_ED5C_DA23_EF34,
            0x372E_E5BE_465E_CFD8,
            0x4411_BF58_ABFA_E5F7,
        ];
        assert_eq!(digests, expected);
    }
}
