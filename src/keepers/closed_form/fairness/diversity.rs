//! How many keepers there are in effect, and how unequal they are.

use super::Law;
use crate::error::{Result, checked};
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p, pow};
use crate::kernels::sum::Sum;

/// Orders this close to 1 take the form that is continuous there.
const NEAR_ONE: f64 = 0.1;

impl Law {
    /// Effective number of keepers of order `q`, the Hill number; `None` for the law of nobody.
    ///
    /// ```text
    /// N_q = (Σ p_i^q)^(1/(1-q))
    /// N_0 = number of keepers with p_i > 0,  N_1 = e^(-Σ p_i ln p_i),  N_2 = 1/Σ p_i²,  N_∞ = 1/max p_i
    /// ```
    ///
    /// `q ≥ 0`, infinity allowed. `1 ≤ N_∞ ≤ N_q ≤ N_0`, falling in `q`; `n` equal keepers give `n` for every `q`. Near
    /// `q = 1` the sum is taken as `1 + Σ p_i (e^((q-1) ln p_i) - 1)`, which does not cancel.
    ///
    /// Source: Hill 1973, *Diversity and evenness*, equation (3).
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for a negative order or NaN.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// let law = Law::new(&[0.5, 0.25, 0.25])?;
    /// // Entropy 3/2 ln 2, sum of squares 3/8.
    /// assert!((law.hill(1.0)?.unwrap() - 2f64.powf(1.5)).abs() < 1e-14);
    /// assert!((law.hill(2.0)?.unwrap() - 8.0 / 3.0).abs() < 1e-14);
    /// assert_eq!(law.hill(f64::INFINITY)?, Some(2.0));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn hill(&self, q: f64) -> Result<Option<f64>> {
        if q != f64::INFINITY {
            checked("q", q, |q| q >= 0.0, "at least 0, or inf")?;
        }
        Ok(self.if_any(|| self.hill_number(q)))
    }

    fn hill_number(&self, q: f64) -> f64 {
        let positive = || self.shares().iter().copied().filter(|&p| p > 0.0);
        let sum = |of: &dyn Fn(f64) -> f64| positive().map(of).collect::<Sum>().value();
        let largest = self.largest();
        let number = if q == 0.0 {
            positive().count() as f64
        } else if q == 1.0 {
            exp(-sum(&|p| p * ln(p)))
        } else if q == 2.0 {
            sum(&|p| p * p).recip()
        } else if q == f64::INFINITY {
            largest.recip()
        } else if (q - 1.0).abs() < NEAR_ONE {
            let excess = sum(&|p| p * exp_m1((q - 1.0) * ln(p)));
            exp(ln_1p(excess) / (1.0 - q))
        } else {
            // Relative to the largest, so that no power underflows altogether.
            let rest = ln(sum(&|p| pow(p / largest, q)));
            exp((q * ln(largest) + rest) / (1.0 - q))
        };
        number.max(1.0)
    }

    /// Gini coefficient of the shares, those of keepers who are never selected among them; `None` for the law of nobody.
    ///
    /// ```text
    /// G = Σ_k (2k - n - 1) p_(k) / n,     p_(1) ≤ … ≤ p_(n)
    /// ```
    ///
    /// 0 where all are equal, `1 - 1/n` where one of `n` has everything.
    ///
    /// Source: half the relative mean difference, summed by ranks (Gini 1912).
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// // Mean absolute difference over 9 pairs: 2 (1/3 + 1/6 + 1/6)/9, over twice the mean 1/3.
    /// let law = Law::new(&[1.0 / 6.0, 0.5, 1.0 / 3.0])?;
    /// assert!((law.gini().unwrap() - 2.0 / 9.0).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn gini(&self) -> Option<f64> {
        self.if_any(|| {
            let n = self.size() as f64;
            let terms = self.descending().into_iter().enumerate().map(|(k, p)| (n - 1.0 - 2.0 * k as f64) * p);
            (terms.collect::<Sum>().value() / n).max(0.0)
        })
    }

    /// Jain's fairness index; `None` for the law of nobody.
    ///
    /// ```text
    /// J = (Σ p)²/(n Σ p²) = N_2/n
    /// ```
    ///
    /// From `1/n`, where one of `n` keepers has everything, to 1, where all are equal.
    ///
    /// Source: Jain, Chiu and Hawe 1984, *A quantitative measure of fairness*, definition 1.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// // Two of five share everything.
    /// assert!((Law::new(&[0.5, 0.5, 0.0, 0.0, 0.0])?.jain().unwrap() - 0.4).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn jain(&self) -> Option<f64> {
        self.if_any(|| (self.hill_number(2.0) / self.size() as f64).min(1.0))
    }

    /// Nakamoto coefficient: the smallest number of keepers that together have more than half; `None` for the law of
    /// nobody.
    ///
    /// ```text
    /// min { g : p_(1) + … + p_(g) > 1/2 },     p_(1) ≥ p_(2) ≥ …
    /// ```
    ///
    /// A sum within rounding of one half counts as half.
    ///
    /// Source: Srinivasan and Lee 2017, *Quantifying decentralization*.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// // Three of six equal ones have half, not more.
    /// assert_eq!(Law::new(&[1.0 / 6.0; 6])?.nakamoto(), Some(4));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn nakamoto(&self) -> Option<usize> {
        self.if_any(|| {
            let half = 0.5 + self.size() as f64 * f64::EPSILON;
            let mut mass = Sum::default();
            let holds = |&p: &f64| {
                mass.add(p);
                mass.value() > half
            };
            self.descending().iter().position(holds).map_or(self.size(), |g| g + 1)
        })
    }
}
