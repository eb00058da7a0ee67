//! Numbers to nearly twice working precision, for exponents: `e^(-x)` is as exact as `x` is absolutely.

use crate::kernels::elementary::exp;
use std::ops::{Add, Mul, Neg};

/// The unevaluated sum `hi + lo`, `|lo|` at most about half a unit in the last place of `hi`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    /// The sum rounded to double precision.
    pub(crate) hi: f64,
    /// What rounding lost.
    pub(crate) lo: f64,
}

impl Pair {
    /// `x + y` without error (Knuth).
    pub(crate) fn sum(x: f64, y: f64) -> Self {
        let hi = x + y;
        let z = hi - x;
        Self { hi, lo: (x - (hi - z)) + (y - z) }
    }

    /// `x · y` without error, short of underflow.
    pub(crate) fn product(x: f64, y: f64) -> Self {
        let hi = x * y;
        Self { hi, lo: x.mul_add(y, -hi) }
    }

    /// `self / y`.
    pub(crate) fn over(self, y: f64) -> Self {
        let hi = self.hi / y;
        let back = Self::product(hi, y);
        Self { hi, lo: ((self.hi - back.hi) - back.lo + self.lo) / y }
    }
}

impl Pair {
    /// `self / y`.
    pub(crate) fn over_pair(self, y: Self) -> Self {
        let hi = self.hi / y.hi;
        let rest = self + -(y * Self { hi, lo: 0.0 });
        Self::sum(hi, rest.hi / y.hi)
    }

    /// `√self` for a number above 0.
    pub(crate) fn root(self) -> Self {
        let hi = self.hi.sqrt();
        let rest = self + -Self::product(hi, hi);
        Self::sum(hi, 0.5 * rest.hi / hi)
    }

    /// `e^(-self)`.
    pub(crate) fn exp_neg(self) -> f64 {
        let rounded = exp(-self.hi);
        // Where the exponential has underflowed the product may be an infinity of the wrong kind.
        if rounded == 0.0 { 0.0 } else { rounded - rounded * self.lo }
    }
}

impl Neg for Pair {
    type Output = Self;

    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Add<f64> for Pair {
    type Output = Self;

    fn add(self, y: f64) -> Self {
        let s = Self::sum(self.hi, y);
        Self::sum(s.hi, s.lo + self.lo)
    }
}

impl Add for Pair {
    type Output = Self;

    fn add(self, y: Self) -> Self {
        let s = Self::sum(self.hi, y.hi);
        Self::sum(s.hi, s.lo + (self.lo + y.lo))
    }
}

impl Mul for Pair {
    type Output = Self;

    fn mul(self, y: Self) -> Self {
        let p = Self::product(self.hi, y.hi);
        Self::sum(p.hi, p.lo + (self.hi * y.lo + self.lo * y.hi))
    }
}

#[cfg(test)]
mod tests {
    use super::Pair;

    #[test]
    fn roots_and_quotients() {
        let two = Pair { hi: 2.0, lo: 0.0 };
        let root = two.root();
        let square = root * root + -2.0;
        assert!((square.hi + square.lo).abs() < 1e-31);
        let third = two.over_pair(Pair { hi: 6.0, lo: 0.0 });
        let rest = third * Pair { hi: 3.0, lo: 0.0 } + -1.0;
        assert!((rest.hi + rest.lo).abs() < 1e-31);
        assert_eq!(Pair { hi: 800.0, lo: 1e-14 }.exp_neg(), 0.0);
    }
}
