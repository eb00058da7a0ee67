//! Whether a log is what the model takes it for.

use super::bins::pairs_of;
use super::law::{Coincidences, chi_square_upper, fair_coin};
use super::summary::LogSummary;
use crate::error::{Error, Result, shown};
use serde::Serialize;
use std::collections::BTreeMap;

/// Variance over mean of the counts per bin of time, 1 for Poisson orders at a constant rate.
///
/// The log's time is cut into equal bins. Given its number of orders, a Poisson flow of constant rate puts each into any of
/// the bins independently and with equal chances. The statistic is the number of pairs of orders (of one class, for the pooled
/// test) that share a bin; its null mean, variance and third moment are exact, its law the shifted Gamma with these three.
/// For one group of orders that is the chi-square test with `bins - 1` degrees of freedom. Two-sided:
///
/// ```text
/// p = min(1, 2 min(P(S ≥ s), P(S ≤ s)))
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Dispersion {
    /// Complete bins. The width doubles while the log grows, so it is between half of what was asked for and that; with a
    /// window and one run it is what was asked for.
    pub bins: u32,
    /// Width of a bin in the log's unit of time; 0 if nothing could be tested.
    pub width: f64,
    /// Variance over mean; the mean over classes, weighted by their orders, for the pooled test.
    pub index: f64,
    /// Probability of a deviation as large under the null hypothesis; 1 if nothing can be tested.
    pub p_value: f64,
}

/// The two sides of one pair of assets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Balance {
    /// The asset with the lower number.
    pub x: u32,
    /// The other one.
    pub y: u32,
    /// Orders that offer `x` for `y`.
    pub forward: u64,
    /// Orders that offer `y` for `x`.
    pub backward: u64,
    /// `min(1, 2 P(B ≤ min(forward, backward)))`, `B ~ Binomial(forward + backward, 1/2)`; normal with a correction for
    /// continuity above 100 000 orders.
    pub p_value: f64,
}

/// Sides of all pairs together.
///
/// ```text
/// χ² = Σ (forward - backward)² / (forward + backward)   over the pairs
/// ```
///
/// Null law: chi-square with as many degrees of freedom as pairs. The mean is exact; every even moment of a term is at most
/// that of a squared normal variable, so few orders make the test too mild and never too strict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideBalance {
    /// The statistic.
    pub chi_square: f64,
    /// `P(χ² ≥ statistic)`; 1 without pairs.
    pub p_value: f64,
    /// Pair by pair.
    pub pairs: Vec<Balance>,
}

/// Whether all operators receive orders at the same rate.
///
/// ```text
/// χ² = Σ (N_i - N/n)² / (N/n)   over the n operators
/// ```
///
/// Given `N` the counts are multinomial with equal chances. The p-value is `P(χ² ≥ statistic)`, by the law with the exact first
/// three moments of `χ²`, which tends to chi-square with `n - 1` degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EqualActivity {
    /// The statistic.
    pub chi_square: f64,
    /// `n - 1`, 0 for no operators.
    pub degrees_of_freedom: u64,
    /// Of the statistic; 1 if nothing can be tested.
    pub p_value: f64,
}

/// The assumptions of the model, each with its test, and all of them together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumptions {
    /// All orders Poisson.
    pub total: Dispersion,
    /// The orders of every class Poisson, pooled over classes.
    pub classes: Dispersion,
    /// Equal sides of every pair.
    pub sides: SideBalance,
    /// Equal operators.
    pub activity: EqualActivity,
    /// `min(1, 4 · least of the four p-values)`.
    pub joint_p_value: f64,
    /// Greatest probability of `rejected` for a log that meets all four assumptions (Bonferroni).
    pub false_alarm: f64,
    /// Whether the joint p-value is at most `false_alarm`.
    pub rejected: bool,
}

impl LogSummary {
    /// Tests dispersion, sides and operators, with the probability `false_alarm` to reject a log without fault.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `0 < false_alarm < 1`.
    ///
    /// ```
    /// use pooltree::network::order_log::{Options, read};
    /// // Nine orders one way, one the other: 2 (1 + 10) / 2^10.
    /// let mut text = String::from("time,operator,sell,buy,value\n0,a,usd,eth,1\n");
    /// (1..10).for_each(|t| text += &format!("{t},a,eth,usd,1\n"));
    /// let found = read(text.as_bytes(), "log.csv", &Options::default())?.assumptions(1e-3)?;
    /// assert!((found.sides.pairs[0].p_value - 22.0 / 1024.0).abs() < 1e-12);
    /// assert_eq!(found.sides.chi_square, 6.4);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn assumptions(&self, false_alarm: f64) -> Result<Assumptions> {
        if !(false_alarm > 0.0 && false_alarm < 1.0) {
            return Err(Error::domain("false_alarm", shown(false_alarm), "above 0 and below 1"));
        }
        let binned = &self.binned;
        let pairs = binned.total.iter().map(|&n| pairs_of(n)).sum();
        let orders = binned.total.iter().map(|&n| u64::from(n)).sum();
        let total = self.dispersion(pairs, std::iter::once(orders));
        let inside = self.classes().iter().zip(&binned.beyond).map(|(class, &n)| class.orders - u64::from(n));
        let classes = self.dispersion(binned.pairs, inside);
        let (sides, activity) = (self.sides(), self.activity());
        let least = total.p_value.min(classes.p_value).min(sides.p_value).min(activity.p_value);
        let joint_p_value = (4.0 * least).min(1.0);
        let rejected = joint_p_value <= false_alarm;
        Ok(Assumptions { total, classes, sides, activity, joint_p_value, false_alarm, rejected })
    }

    fn dispersion(&self, pairs: u128, sizes: impl Iterator<Item = u64>) -> Dispersion {
        let (bins, width) = (self.binned.bins, self.binned.width);
        let law = Coincidences::new(f64::from(bins.max(1)), sizes);
        let (above, below) = law.tails(pairs as f64);
        let p_value = if law.testable() { (2.0 * above.min(below)).min(1.0) } else { 1.0 };
        Dispersion { bins, width, index: law.index(pairs as f64), p_value }
    }

    fn sides(&self) -> SideBalance {
        let mut counts: BTreeMap<(u32, u32), (u64, u64)> = BTreeMap::new();
        for class in self.classes() {
            let pair = counts.entry((class.sell.min(class.buy), class.sell.max(class.buy))).or_default();
            *(if class.sell < class.buy { &mut pair.0 } else { &mut pair.1 }) += class.orders;
        }
        let pairs: Vec<Balance> = counts
            .into_iter()
            .map(|((x, y), (forward, backward))| Balance {
                x,
                y,
                forward,
                backward,
                p_value: fair_coin(forward, backward),
            })
            .collect();
        let term = |pair: &Balance| {
            (pair.forward.abs_diff(pair.backward) as f64).powi(2) / (pair.forward + pair.backward).max(1) as f64
        };
        let chi_square: f64 = pairs.iter().map(term).sum();
        SideBalance { chi_square, p_value: chi_square_upper(pairs.len() as f64, chi_square), pairs }
    }

    fn activity(&self) -> EqualActivity {
        let n = self.operators().len();
        let counts = (0..n).map(|operator| self.operator_orders(operator));
        let pairs: f64 = counts.clone().map(|n| 0.5 * n as f64 * (n as f64 - 1.0)).sum();
        let law = Coincidences::new(n as f64, std::iter::once(self.orders()));
        let mean = self.orders() as f64 / n.max(1) as f64;
        let chi_square = if mean > 0.0 { counts.map(|n| (n as f64 - mean).powi(2)).sum::<f64>() / mean } else { 0.0 };
        EqualActivity { chi_square, degrees_of_freedom: n.saturating_sub(1) as u64, p_value: law.tails(pairs).0 }
    }
}
