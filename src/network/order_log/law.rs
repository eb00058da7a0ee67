//! The null laws of the tests.

use crate::kernels::elementary::cbrt;
use crate::kernels::tails::{beta_lower, erfc, gamma_tails};

/// Above this shape the cube root of a Gamma variable is normal for every purpose here (Wilson and Hilferty).
const LARGE: f64 = 1e6;

/// `P(Z > z)` of the standard normal law.
pub(super) fn normal_upper(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// `P(G > x)` of the Gamma law with the given shape and scale 1.
pub(super) fn gamma_upper(shape: f64, x: f64) -> f64 {
    if !(x > 0.0 && shape > 0.0) {
        1.0
    } else if shape > LARGE {
        normal_upper(wilson_hilferty(shape, x))
    } else {
        gamma_tails(shape, x).1
    }
}

/// `P(G < x)`.
pub(super) fn gamma_lower(shape: f64, x: f64) -> f64 {
    if !(x > 0.0 && shape > 0.0) {
        0.0
    } else if shape > LARGE {
        normal_upper(-wilson_hilferty(shape, x))
    } else {
        gamma_tails(shape, x).0
    }
}

fn wilson_hilferty(shape: f64, x: f64) -> f64 {
    (cbrt(x / shape) - 1.0 + 1.0 / (9.0 * shape)) * 3.0 * shape.sqrt()
}

/// `P(χ² > x)` with `degrees` degrees of freedom; 1 with none.
pub(super) fn chi_square_upper(degrees: f64, x: f64) -> f64 {
    gamma_upper(0.5 * degrees, 0.5 * x)
}

/// Two-sided p-value of `a` against `b` under a fair coin, `min(1, 2 P(B ≤ min(a, b)))`, `B ~ Binomial(a + b, 1/2)`.
pub(super) fn fair_coin(a: u64, b: u64) -> f64 {
    const MANY: u64 = 100_000;
    let (least, n) = (a.min(b) as f64, (a + b) as f64);
    let lower = if a + b > MANY {
        normal_upper((0.5 * n - least - 0.5) / (0.5 * n.sqrt()))
    } else {
        // P(B ≤ m) = I_{1/2}(n - m, m + 1); for n = 2 m there is no need of it, 2 P(B ≤ m) > 1.
        if a == b { 1.0 } else { beta_lower(n - least, least + 1.0, 0.5, 0.5) }
    };
    (2.0 * lower).clamp(0.0, 1.0)
}

/// Pairs of orders that fall in the same of `cells` equally likely cells, summed over independent groups of given sizes.
///
/// In a group of `n` two orders share a cell with probability `p = 1/cells`, pair by pair independently; three orders do not
/// make three independent pairs. So the sum has exactly the cumulants
///
/// ```text
/// mean      Σ C(n, 2) p
/// variance  Σ C(n, 2) p (1 - p)
/// third     Σ C(n, 2) p (1 - p)(1 - 2p) + 6 C(n, 3) p² (1 - p)
/// ```
///
/// and its law is taken as the shifted Gamma law with these three (Pearson's type III), with a correction for continuity. For
/// one group that is the chi-square test of equal cells, of which it is the exact limit; many small groups make it normal.
pub(super) struct Coincidences {
    cells: f64,
    orders: f64,
    choices: f64,
    triples: f64,
}

impl Coincidences {
    pub(super) fn new(cells: f64, sizes: impl Iterator<Item = u64>) -> Self {
        let mut law = Self { cells, orders: 0.0, choices: 0.0, triples: 0.0 };
        for n in sizes.map(|n| n as f64) {
            law.orders += n;
            law.choices += 0.5 * n * (n - 1.0);
            law.triples += n * (n - 1.0) * (n - 2.0) / 6.0;
        }
        law
    }

    /// Whether anything can vary.
    pub(super) fn testable(&self) -> bool {
        self.choices > 0.0 && self.cells >= 2.0
    }

    /// Variance over mean of the counts per cell, the mean of the groups' weighted by their size; 1 is Poisson.
    pub(super) fn index(&self, pairs: f64) -> f64 {
        if !self.testable() {
            return 1.0;
        }
        1.0 + 2.0 * (self.cells * pairs - self.choices) / (self.orders * (self.cells - 1.0))
    }

    /// `P(sum ≥ pairs)` and `P(sum ≤ pairs)`.
    pub(super) fn tails(&self, pairs: f64) -> (f64, f64) {
        if !self.testable() {
            return (1.0, 1.0);
        }
        let p = 1.0 / self.cells;
        let deviation = pairs - self.choices * p;
        let variance = self.choices * p * (1.0 - p);
        let third = self.choices * p * (1.0 - p) * (1.0 - 2.0 * p) + 6.0 * self.triples * p * p * (1.0 - p);
        let sd = variance.sqrt();
        let (above, below) = ((deviation - 0.5) / sd, (deviation + 0.5) / sd);
        let skewness = third / (variance * sd);
        if !(skewness > 1e-6) {
            return (normal_upper(above), normal_upper(-below));
        }
        let shape = 4.0 / (skewness * skewness);
        let place = |z: f64| shape + z * shape.sqrt();
        (gamma_upper(shape, place(above)), gamma_lower(shape, place(below)))
    }
}
