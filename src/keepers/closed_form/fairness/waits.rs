//! How long a keeper waits until it is selected.

use super::Law;
use crate::error::{Result, checked};
use crate::kernels::elementary::ln_1p;

/// Few roundings, relative.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

impl Law {
    /// Mean number of tasks until each keeper is selected, that task included; `None` for one who never is.
    ///
    /// ```text
    /// P(wait > t) = (1 - p_i)^t,     E[wait] = 1/p_i
    /// ```
    ///
    /// In tasks for which somebody is selected; divide by [`Law::somebody`] for tasks of any kind.
    ///
    /// Source: geometric law.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// assert_eq!(Law::new(&[0.25, 0.75, 0.0])?.mean_waits(), [Some(4.0), Some(4.0 / 3.0), None]);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn mean_waits(&self) -> Vec<Option<f64>> {
        let wait = |&p: &f64| Some(p.recip()).filter(|wait| wait.is_finite());
        self.shares().iter().map(wait).collect()
    }

    /// Mean over the keepers of the mean number of tasks until they are selected; `None` where it is infinite or there
    /// are no keepers.
    ///
    /// ```text
    /// (1/n) Σ_i 1/p_i ≥ n
    /// ```
    ///
    /// Equality for equal chances only. Source: geometric law and Jensen's inequality.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// assert_eq!(Law::new(&[0.25, 0.75])?.mean_wait(), Some(8.0 / 3.0));
    /// assert_eq!(Law::new(&[1.0, 0.0])?.mean_wait(), None);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn mean_wait(&self) -> Option<f64> {
        let n = self.size() as f64;
        let waits = self.mean_waits().into_iter().map(|wait| Some(wait? / n)).sum::<Option<f64>>()?;
        (waits > 0.0 && waits.is_finite()).then_some(waits)
    }

    /// Smallest number of tasks within which each keeper is selected with probability at least `u`; `None` for one who
    /// never is, or where `u = 1` and others are selected, too.
    ///
    /// ```text
    /// ⌈ln(1 - u)/ln(1 - p_i)⌉,     at least 1
    /// ```
    ///
    /// `0 ≤ u ≤ 1`. Whole numbers, exact below 2^53 but for values of `u` within rounding of a step of the law.
    ///
    /// Source: geometric law.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for a `u` outside `[0, 1]`.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// // One in four: 1 - .75^4 = .684, 1 - .75^5 = .763.
    /// assert_eq!(Law::new(&[0.25, 0.75])?.wait_quantiles(0.75)?, [Some(5.0), Some(1.0)]);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn wait_quantiles(&self, u: f64) -> Result<Vec<Option<f64>>> {
        checked("u", u, |u| (0.0..=1.0).contains(&u), "at least 0 and at most 1")?;
        let quantile = |&p: &f64| {
            if p >= 1.0 {
                return Some(1.0);
            }
            let tasks = ln_1p(-u) / ln_1p(-p); // 0/0 for u = p = 0, infinite for p = 0 or u = 1
            (p > 0.0 && tasks.is_finite()).then(|| (tasks * (1.0 - ROUNDING)).ceil().max(1.0))
        };
        Ok(self.shares().iter().map(quantile).collect())
    }
}
