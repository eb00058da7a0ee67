//! Loader's deviance to nearly twice working precision.
//!
//! A probability of `1e-290` is `exp(-667)`: rounding the exponent to double precision alone would cost `7e-14`. So
//! the exponent is carried as an unevaluated sum of two doubles.

use crate::kernels::pair::Pair;
use std::sync::LazyLock;

/// `ln(1 + i/16)` for `i = 0..16`, and `ln 2` at the end, from `ln r = 2 artanh((r - 1)/(r + 1))`.
static LOGS: LazyLock<[Pair; 17]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let i = i as f64;
        let z = Pair::sum(i, 0.0).over(32.0 + i);
        let square = z * z;
        // z ≤ 1/3: forty terms leave 3^-82.
        let series = (0..40)
            .rev()
            .fold(Pair::sum(0.0, 0.0), |sum, k| sum * square + Pair::sum(2.0, 0.0).over(2.0 * f64::from(k) + 1.0));
        z * series
    })
});

/// The deviance `j ln(j/mu) + mu - j ≥ 0` of a mean `mu` from `j = mu + d`, for `j/mu` between `2^-41` and `2^41`
/// (Loader 2000, `bd0`).
///
/// With `j = mu c (1 + f)`, `c` having five significant bits, it is exactly
///
/// ```text
/// mu c h(f) + j ln c - mu (c - 1),   h(f) = (1 + f) ln(1 + f) - f
/// ```
///
/// and near `j = mu`, where the other two terms would cancel, `c = 1` removes them.
pub(crate) fn deviance(d: Pair, mu: f64) -> Pair {
    // Below, the deviance is less than 1e-260: nothing beside the other term, and no division by zero.
    if mu < 1e-280 {
        return Pair { hi: 0.0, lo: 0.0 };
    }
    let e = d.hi / mu;
    if e.abs() < 1.0 / 16.0 {
        return near(d, mu);
    }
    // The nearest double with four bits behind the leading one.
    let bits = ((1.0 + e).to_bits() + (1 << 47)) & !((1 << 48) - 1);
    let c = f64::from_bits(bits);
    let exponent = (bits >> 52) as f64 - 1023.0;
    let ln_c = LOGS[16] * Pair::sum(exponent, 0.0) + LOGS[(bits >> 48) as usize & 15];
    let shift = -Pair::product(mu, c - 1.0);
    near(d + shift, mu * c) + ((d + mu) * ln_c + shift)
}

/// `mu h(d/mu) = d²/(2 mu) · Σ_i (-e)^i / T_(i+1)`, `e = d/mu`, `T` the triangular numbers, for `|e| ≤ 1/16`.
///
/// Only the leading term needs more than double precision: the rest is at most 1/47 of it.
fn near(d: Pair, mu: f64) -> Pair {
    let e = d.hi / mu;
    let square = Pair::product(d.hi, d.hi);
    let lead = Pair { hi: square.hi, lo: square.lo + 2.0 * d.hi * d.lo }.over(2.0 * mu);
    let head = 1.0 / 3.0 - e * (1.0 / 6.0 - e * (1.0 / 10.0 - e * (1.0 / 15.0 - e * (1.0 / 21.0))));
    let series = if e.abs() < 1.0 / 1024.0 {
        head
    } else {
        let tail = 1.0 / 28.0 - e * (1.0 / 36.0 - e * (1.0 / 45.0 - e * (1.0 / 55.0)));
        let end = 1.0 / 66.0 - e * (1.0 / 78.0 - e * (1.0 / 91.0 - e * (1.0 / 105.0)));
        let e4 = (e * e) * (e * e);
        head - e4 * e * (tail + e4 * end)
    };
    let s = Pair::sum(lead.hi, -lead.hi * (e * series));
    Pair { hi: s.hi, lo: s.lo + lead.lo }
}
