//! Batch periods: how often a pool of each height runs its auction.

use crate::error::{Error, Result, checked, shown};
use crate::pool_tree::PoolTree;
use serde::Serialize;

/// Relative tolerance within which two periods count as nested.
const NESTED: f64 = 1e-9;

/// Tolerance below which a latency still fits a whole number of periods.
const FITS: f64 = 1e-9;

/// How the periods `T_h > 0` arise; every active period is a whole multiple of the next lower active one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum PeriodModel {
    /// `T_h = base · ratio^h`; ratio 1 is one common cohort window.
    Ratio {
        /// Period of height 0, in units of time, `> 0`.
        base: f64,
        /// Whole growth per height, `≥ 1`.
        ratio: u32,
    },
    /// One period per height `0..=k`, consecutive ones nested.
    Table {
        /// Periods in units of time.
        values: Vec<f64>,
    },
    /// Every pool starts its next auction when the last one ends: over the active heights `T = L` at the lowest, then the
    /// smallest multiple of the period below that the latency fits into.
    BackToBack,
}

/// A valid [`PeriodModel`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Period {
    model: PeriodModel,
    /// The periods of a table as whole multiples of each other; empty for other models.
    #[serde(skip)]
    multiples: Vec<f64>,
}

impl Period {
    /// Checks what can be checked without a tree.
    ///
    /// # Errors
    /// [`Error::Domain`] unless base, ratio and values are finite and positive and consecutive values nested (whole
    /// multiples, relative tolerance 1e-9).
    pub fn new(model: PeriodModel) -> Result<Self> {
        match &model {
            PeriodModel::Ratio { base, ratio } => {
                checked("base", *base, |t| t > 0.0, "finite and above 0")?;
                if *ratio < 1 {
                    return Err(Error::domain("ratio", ratio, "an integer of at least 1"));
                }
            }
            PeriodModel::Table { values } => {
                for (h, &value) in values.iter().enumerate() {
                    checked(&format!("values.{h}"), value, |t| t > 0.0, "finite and above 0")?;
                }
                for (h, pair) in values.windows(2).enumerate() {
                    let multiple = pair[1] / pair[0];
                    let whole = multiple.round();
                    if !(whole >= 1.0 && (multiple - whole).abs() <= NESTED * whole) {
                        let allowed = format!("a whole multiple of values.{h} = {} (periods nest)", shown(pair[0]));
                        return Err(Error::domain(format!("values.{}", h + 1), shown(pair[1]), allowed));
                    }
                }
            }
            PeriodModel::BackToBack => {}
        }
        let multiples = if let PeriodModel::Table { values } = &model { whole_multiples(values) } else { Vec::new() };
        Ok(Self { model, multiples })
    }

    /// As given.
    pub fn model(&self) -> &PeriodModel {
        &self.model
    }

    /// Whether the period of a height depends on which lower heights are active.
    pub fn depends_on_lower_heights(&self) -> bool {
        matches!(self.model, PeriodModel::BackToBack)
    }

    /// Checks the model against a tree: table length, and every period finite.
    ///
    /// # Errors
    /// [`Error::Domain`] for a table that does not have one value per height, [`Error::NotFinite`] for a ratio that
    /// overflows at the root.
    pub fn check(&self, tree: &PoolTree) -> Result<()> {
        match &self.model {
            PeriodModel::Ratio { base, ratio } => {
                let root = |base: f64| crate::kernels::power::times_power(base, *ratio, i64::from(tree.depth()));
                let what = || format!("the root's period {} · {ratio}^{}", shown(*base), tree.depth());
                if !root(1.0).is_finite() {
                    Err(Error::not_finite("ratio", f64::from(*ratio), what()))
                } else if !root(*base).is_finite() {
                    Err(Error::not_finite("base", *base, what()))
                } else {
                    Ok(())
                }
            }
            PeriodModel::Table { values } => super::latency::check_table_length(values.len(), tree),
            PeriodModel::BackToBack => Ok(()),
        }
    }

    /// The period of `height`, given its latency and the period of the next lower active height.
    ///
    /// # Errors
    /// [`Error::Domain`] on `timing.latency` if auctions run back to back at a height without latency.
    pub(crate) fn at(&self, height: u32, latency: f64, below: Option<f64>) -> Result<f64> {
        match &self.model {
            PeriodModel::Ratio { base, ratio } => {
                Ok(crate::kernels::power::times_power(*base, *ratio, i64::from(height)))
            }
            PeriodModel::Table { .. } => Ok(self.multiples[height as usize]),
            PeriodModel::BackToBack => {
                if latency > 0.0 {
                    Ok(below.map_or(latency, |below| below * (latency / below - FITS).ceil().max(1.0)))
                } else {
                    let key = format!("timing.latency at height {height}");
                    Err(Error::domain(key, latency, "above 0 where auctions run back to back"))
                }
            }
        }
    }
}

/// The periods of a table with each one a whole multiple of the one before, but for its own rounding: within the tolerance
/// a period must not be shorter than the one below it, nor drift away from what a simulation of whole windows sees.
fn whole_multiples(values: &[f64]) -> Vec<f64> {
    let mut periods: Vec<f64> = Vec::with_capacity(values.len());
    for &value in values {
        let period = periods.last().map_or(value, |below| {
            let exact = below * (value / below).round();
            let rounding = 4.0 * f64::EPSILON * value;
            if value >= *below && (exact - value).abs() <= rounding { value } else { exact }
        });
        periods.push(period);
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_of_a_table_never_shrink_with_the_height() -> Result<()> {
        let sum = 0.1 + 0.2; // one rounding above 0.3
        for values in [vec![sum, sum, 0.3, 0.6], vec![1.0, 1.0, 0.999_999_999_5, 3.0]] {
            let period = Period::new(PeriodModel::Table { values: values.clone() })?;
            assert_eq!(period.model(), &PeriodModel::Table { values });
            assert!(period.multiples.is_sorted(), "{:?}", period.multiples);
            assert_eq!(period.multiples[2], period.multiples[1]);
        }
        // Ordinary decimals stay as they are.
        let period = Period::new(PeriodModel::Table { values: vec![0.1, 0.3, 0.9] })?;
        assert_eq!(period.multiples, [0.1, 0.3, 0.9]);
        Ok(())
    }
}
