//! What Stirling's formula leaves out.

use super::elementary::ln_1p;

/// `ln Γ(x + 1) - [(x + 1/2) ln x - x + ln(2π)/2]`, `x > 0` (Abramowitz & Stegun 6.1.41).
pub(crate) fn stirling(x: f64) -> f64 {
    if x < 16.0 {
        return (x + 0.5) * ln_1p(x.recip()) - 1.0 + stirling(x + 1.0);
    }
    let y = (x * x).recip();
    (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0)))) / x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementary::ln;

    #[test]
    fn stirling_by_factorials() {
        let exact =
            |x: f64, ln_factorial: f64| ln_factorial - ((x + 0.5) * ln(x) - x + 0.5 * ln(std::f64::consts::TAU));
        let half = std::f64::consts::PI.sqrt() / 2.0;
        for (x, factorial) in [(0.5, half), (1.0, 1.0f64), (2.0, 2.0), (5.0, 120.0), (10.0, 3_628_800.0)] {
            assert!((stirling(x) - exact(x, ln(factorial))).abs() < 1e-14);
        }
    }
}
