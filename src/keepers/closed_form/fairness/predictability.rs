//! How well the selection can be guessed.

use super::Law;
use crate::kernels::elementary::log2;
use crate::kernels::sum::Sum;

impl Law {
    /// Probability that the best single guess is right, `max p_i`; `None` for the law of nobody.
    ///
    /// 1 for a deterministic rule without ties, whose inputs are public; `1/n` for the uniform rule.
    ///
    /// Source: *Keeper selection*, "Overview" (deterministic rules are predictable).
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// assert_eq!(Law::new(&[0.25, 0.75])?.best_guess(), Some(0.75));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn best_guess(&self) -> Option<f64> {
        self.if_any(|| self.largest())
    }

    /// Probability that the selected keeper is one of the `g` likeliest; `None` for the law of nobody.
    ///
    /// ```text
    /// p_(1) + … + p_(g),     p_(1) ≥ p_(2) ≥ …
    /// ```
    ///
    /// 0 for `g = 0`, 1 from the number of keepers on. Source: definition.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// assert_eq!(Law::new(&[0.25, 0.125, 0.5, 0.125])?.top_mass(2), Some(0.75));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn top_mass(&self, g: usize) -> Option<f64> {
        let top = || self.descending().into_iter().take(g).collect::<Sum>().value().min(1.0);
        self.if_any(|| if g >= self.size() { 1.0 } else { top() })
    }

    /// Min-entropy `-log2 max p_i` in bits: an attacker's best guess is right with probability `2^(-H)`; `None` for the
    /// law of nobody.
    ///
    /// Source: Rényi 1961, order infinity.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// assert_eq!(Law::new(&[0.125; 8])?.min_entropy(), Some(3.0));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn min_entropy(&self) -> Option<f64> {
        self.if_any(|| log2(self.largest().recip()).max(0.0))
    }

    /// Shannon entropy `-Σ p_i log2 p_i` in bits; `None` for the law of nobody.
    ///
    /// Source: Shannon 1948, section 6.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// assert_eq!(Law::new(&[0.5, 0.25, 0.25, 0.0])?.entropy(), Some(1.5));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn entropy(&self) -> Option<f64> {
        let term = |&p: &f64| if p > 0.0 { p * log2(p.recip()) } else { 0.0 };
        self.if_any(|| self.shares().iter().map(term).collect::<Sum>().value().max(0.0))
    }

    /// Guesswork: expected number of guesses, likeliest first, until the selected keeper is named; `None` for the law of
    /// nobody.
    ///
    /// ```text
    /// Σ_k k p_(k),     p_(1) ≥ p_(2) ≥ …
    /// ```
    ///
    /// From 1 to `(n + 1)/2`, the latter for equal chances.
    ///
    /// Source: Massey 1994, *Guessing and entropy*.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::fairness::Law;
    /// assert_eq!(Law::new(&[0.25, 0.5, 0.25])?.guesswork(), Some(1.75));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn guesswork(&self) -> Option<f64> {
        self.if_any(|| {
            let terms = self.descending().into_iter().enumerate().map(|(k, p)| (k + 1) as f64 * p);
            terms.collect::<Sum>().value().max(1.0)
        })
    }
}
