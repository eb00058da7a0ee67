//! How much of all value the best orders have.

use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p};
use crate::kernels::quadrature::panel;
use crate::kernels::tails::{erfc, erfc_inv};
use crate::orders::ValueLaw;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2, TAU};

/// `L(q) - q ≥ 0`, `L(q)` the share of all value that the best share `q` of the orders has: the Lorenz curve from above.
///
/// `p = 1 - q`, given on its own so that nothing cancels where it is small.
pub(super) fn excess(law: &ValueLaw, q: f64, p: f64) -> f64 {
    if !(q > 0.0 && p > 0.0) {
        return 0.0;
    }
    match *law {
        ValueLaw::Point => 0.0,
        ValueLaw::Uniform { spread } => spread * q * p,
        ValueLaw::Exponential => -q * ln_of(q, p),
        ValueLaw::Pareto { shape } => q * exp_m1(-ln_of(q, p) / shape),
        ValueLaw::LogNormal { sigma } => log_normal(q, p, sigma),
    }
}

/// Whether [`excess`] has a branch point at `q = 1`, as it has at `q = 0`.
pub(super) fn branches_at_one(law: &ValueLaw) -> bool {
    matches!(law, ValueLaw::LogNormal { .. })
}

/// `ln q`.
fn ln_of(q: f64, p: f64) -> f64 {
    if p < 0.5 { ln_1p(-p) } else { ln(q) }
}

/// `Φ(z) - Φ(z - σ)`, `Φ(-z) = q`.
fn log_normal(q: f64, p: f64, sigma: f64) -> f64 {
    let z = if q < 0.5 { SQRT_2 * erfc_inv(2.0 * q) } else { -SQRT_2 * erfc_inv(2.0 * p) };
    let tail = |z: f64| 0.5 * erfc(z * FRAC_1_SQRT_2);
    if sigma <= 0.5 {
        panel(z - sigma, z, |t| exp(-0.5 * t * t) / TAU.sqrt())
    } else if z <= 0.0 {
        p - tail(sigma - z)
    } else {
        tail(z - sigma) - q
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementary::pow;
    use approx::assert_relative_eq;

    /// The mean value above a quantile, by quadrature of the quantile function.
    #[test]
    fn shares_of_value_by_quadrature() {
        type Quantiles = fn(f64) -> f64;
        let laws: [(ValueLaw, Quantiles); 3] = [
            (ValueLaw::Uniform { spread: 0.5 }, |q| 1.5 - q),
            (ValueLaw::Exponential, |q| -ln(q)),
            (ValueLaw::Pareto { shape: 2.5 }, |q| 0.6 * pow(q, -0.4)),
        ];
        for (law, value) in laws {
            for (q1, q2) in [(0.1, 0.3), (0.5, 0.7), (0.9, 0.999)] {
                let share = excess(&law, q2, 1.0 - q2) - excess(&law, q1, 1.0 - q1) + q2 - q1;
                assert_relative_eq!(share, panel(q1, q2, value), max_relative = 1e-13);
            }
        }
    }

    #[test]
    fn log_normal_values() {
        // Median: Φ(σ) - 1/2. Φ(1) = 0.8413447460685429…, Φ(1/2) = 0.6914624612740131….
        assert_relative_eq!(log_normal(0.5, 0.5, 1.0), 0.341_344_746_068_542_9, max_relative = 1e-15);
        assert_relative_eq!(log_normal(0.5, 0.5, 0.5), 0.191_462_461_274_013_1, max_relative = 1e-15);
        // Both sides of the switch of method, near both ends: L(q) - q is symmetric under z -> σ - z.
        for z in [-7.0f64, -3.0, 0.3, 2.0, 7.0] {
            let share = |z: f64| 0.5 * erfc(z * FRAC_1_SQRT_2);
            let at = |z: f64, sigma: f64| log_normal(share(z), share(-z), sigma);
            assert_relative_eq!(at(z, 0.5), at(z, 0.5 * (1.0 + 1e-15)), max_relative = 1e-13);
            assert_relative_eq!(at(z, 1.5), at(1.5 - z, 1.5), max_relative = 1e-13);
        }
    }
}
