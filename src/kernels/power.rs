//! Products with large integer powers that neither overflow nor underflow before the result does.

use crate::kernels::elementary::log2;

/// `value · base^exponent` for `base ≥ 1`, the power taken in pieces so that no intermediate leaves the range of `f64`
/// unless the result does (`1e-300 · 2^1010` is finite although `2^1010` alone times a rate may not be).
pub(crate) fn times_power(value: f64, base: u32, exponent: i64) -> f64 {
    let base = f64::from(base);
    // The largest n with base^n finite and exactly invertible without becoming subnormal.
    let step = (1000.0 / log2(base)).floor().max(1.0) as i64;
    let mut left = exponent.unsigned_abs() as i64;
    let mut result = value;
    while left > 0 && result != 0.0 && result.is_finite() {
        let n = left.min(step);
        let factor = base.powi(n as i32);
        if exponent > 0 {
            result *= factor;
        } else {
            result /= factor;
        }
        left -= n;
    }
    result
}

/// `value / divisor · base^exponent` (`base^exponent` up to `f64::MAX^2`) where any of the three may be near the ends of the
/// range while the result is not.
pub(crate) fn quotient_times_power(value: f64, divisor: f64, base: u32, exponent: i64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    // The power in pieces, each followed by taking out the power of two that has come up.
    const PIECES: i64 = 4;
    let ((numerator, up), (denominator, down)) = (split(value), split(divisor));
    let (mut result, mut binary) = (numerator / denominator, up - down);
    for piece in 0..PIECES {
        let (mantissa, shift) = split(times_power(result, base, (exponent + piece) / PIECES));
        (result, binary) = (mantissa, binary + shift);
    }
    times_power(result, 2, binary)
}

/// `(m, e)` with `value = m · 2^e`, `1 ≤ m < 2`, for a finite `value > 0`.
fn split(value: f64) -> (f64, i64) {
    if value < f64::MIN_POSITIVE {
        let (m, e) = split(value * 2f64.powi(64));
        return (m, e - 64);
    }
    let exponent = (value.to_bits() >> 52) as i64 - 1023;
    (value / 2f64.powi(exponent as i32), exponent)
}

#[cfg(test)]
mod tests {
    use super::{quotient_times_power, times_power};

    #[test]
    fn exact_across_the_range() {
        assert_eq!(times_power(3.0, 2, 10), 3072.0);
        assert_eq!(times_power(3.0, 2, -1), 1.5);
        assert_eq!(times_power(2f64.powi(-1000), 2, 2000), 2f64.powi(1000));
        assert_eq!(times_power(2f64.powi(1000), 2, -2000), 2f64.powi(-1000));
        assert_eq!(times_power(0.0, 7, 1_000_000), 0.0);
        assert_eq!(times_power(1.0, 4_000_000_000, 60), f64::INFINITY);
        assert_eq!(times_power(1.0, 4_000_000_000, -60), 0.0);
    }

    #[test]
    fn quotients_across_the_range() {
        assert_eq!(quotient_times_power(1e-3, 2f64.powi(1000), 2, 2000), 1e-3 * 2f64.powi(1000));
        assert_eq!(
            quotient_times_power(1e-300, 1e300, 2, 2000),
            quotient_times_power(1e-300, 1e300 / 2f64.powi(999), 2, 1001)
        );
        assert_eq!(quotient_times_power(5e-324, 1.0, 2, 1074), 1.0);
        assert_eq!(quotient_times_power(1e300, 1e-300, 2, 0), f64::INFINITY);
        assert_eq!(quotient_times_power(0.0, 1e-300, 2, 5000), 0.0);
    }
}
