//! The discount factor.

use crate::error::{Result, checked};
use crate::kernels::elementary::{exp, exp_m1, ln};
use serde::Serialize;

/// The discount factor `β ∈ (0, 1]` per unit time, kept as it was given and as `ln β`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(into = "DiscountModel")]
pub struct Discount {
    model: DiscountModel,
    ln_factor: f64,
}

/// The three ways to state a discount.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountModel {
    /// `β`: what a unit of utility is worth after one unit of time.
    Factor(f64),
    /// `δ = -ln β ≥ 0`.
    Rate(f64),
    /// Time after which half of the utility is left, `> 0`.
    HalfLife(f64),
}

impl From<Discount> for DiscountModel {
    fn from(discount: Discount) -> Self {
        discount.model
    }
}

impl Discount {
    /// The discount stated by `model`.
    ///
    /// # Errors
    /// [`crate::Error::Domain`] unless `0 < factor ≤ 1`, `rate ≥ 0`, or `half_life > 0`, and finite.
    pub fn new(model: DiscountModel) -> Result<Self> {
        let ln_factor = match model {
            DiscountModel::Factor(factor) => {
                ln(checked("factor", factor, |b| b > 0.0 && b <= 1.0, "above 0 and at most 1")?)
            }
            DiscountModel::Rate(rate) => -checked("rate", rate, |d| d >= 0.0, "finite and at least 0")?,
            DiscountModel::HalfLife(time) => {
                let rate = |t: f64| t.recip() * std::f64::consts::LN_2;
                -rate(checked("half_life", time, |t| t > 0.0 && rate(t).is_finite(), "finite and above 1e-308")?)
            }
        };
        Ok(Self { model, ln_factor })
    }

    /// As given.
    pub fn model(&self) -> DiscountModel {
        self.model
    }

    /// `ln β ≤ 0`.
    pub fn ln_factor(&self) -> f64 {
        self.ln_factor
    }

    /// `β^time` for a finite `time ≥ 0`; underflows to 0.
    pub fn after(&self, time: f64) -> f64 {
        exp(self.ln_factor * time)
    }

    /// Mean of `β^U` over a wait `U` uniform on `(0, period)`.
    ///
    /// ```text
    /// ω(T) = (1 - β^T) / (T ln(1/β)),   ω = 1 at β = 1
    /// ```
    ///
    /// ```
    /// # use pooltree::pool_tree::{Discount, DiscountModel};
    /// let half = Discount::new(DiscountModel::Factor(0.5))?;
    /// let midpoint: f64 = (0..1000).map(|i| half.after(2.0 * (f64::from(i) + 0.5) / 1000.0)).sum::<f64>() / 1000.0;
    /// assert!((half.mean_over_wait(2.0) - midpoint).abs() < 1e-6);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn mean_over_wait(&self, period: f64) -> f64 {
        let exponent = self.ln_factor * period;
        if exponent == 0.0 { 1.0 } else { exp_m1(exponent) / exponent }
    }
}
