//! The law of a selection.

use super::super::winner;
use crate::error::{Error, Result, checked};
use crate::keepers::model::Contest;
use crate::kernels::sum::Sum;

/// Rounding that a sum of probabilities may have on top of 1.
const ROUNDING: f64 = 1e-9;

/// Probabilities that each of several keepers is selected, given that somebody is.
///
/// ```
/// use pooltree::keepers::closed_form::fairness::Law;
/// // Selected with 3/10 and 1/10, nobody with 6/10: 3 : 1 among the selected.
/// let law = Law::new(&[0.3, 0.1, 0.0])?;
/// assert!((law.shares()[0] - 0.75).abs() < 1e-15 && law.shares()[2] == 0.0);
/// assert!((law.somebody() - 0.4).abs() < 1e-15);
/// assert!(Law::new(&[0.7, 0.7]).is_err());
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    shares: Vec<f64>,
    somebody: f64,
}

impl Law {
    /// The law of probabilities `p_i`, each at least 0, that sum to at most 1. What is missing to 1 is the probability
    /// that nobody is selected; all 0 is the law of nobody.
    ///
    /// # Errors
    /// [`Error::Domain`] for a number that is no probability, or a sum above 1 by more than rounding (1e-9).
    pub fn new(p: &[f64]) -> Result<Self> {
        for (i, &p) in p.iter().enumerate() {
            let within = |p| (0.0..=1.0 + ROUNDING).contains(&p);
            checked(&format!("p.{i}"), p, within, "a probability")?;
        }
        let all = p.iter().copied().collect::<Sum>().value();
        if !(all <= 1.0 + ROUNDING) {
            return Err(Error::domain("sum of p", all, "at most 1"));
        }
        let shares = if all > 0.0 { normalised(p, all) } else { vec![0.0; p.len()] };
        Ok(Self { shares, somebody: all.min(1.0) })
    }

    /// The law of the winner of a contest, in the order of its entrants.
    ///
    /// # Errors
    /// As [`Law::new`]; none for a contest whose law can be worked out.
    pub fn of(contest: &Contest) -> Result<Self> {
        Self::new(&winner(contest))
    }

    /// Probability of each keeper, given that somebody is selected; all 0 for the law of nobody.
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// Probability that somebody is selected.
    pub fn somebody(&self) -> f64 {
        self.somebody
    }

    /// How many keepers the law is about, those who are never selected among them.
    pub fn size(&self) -> usize {
        self.shares.len()
    }

    /// Whether nobody is ever selected.
    pub fn nobody(&self) -> bool {
        self.somebody == 0.0
    }

    /// The shares from the largest to the smallest.
    pub(super) fn descending(&self) -> Vec<f64> {
        let mut sorted = self.shares.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        sorted
    }

    pub(super) fn largest(&self) -> f64 {
        self.shares.iter().copied().fold(0.0, f64::max)
    }

    /// `Some(of)` unless nobody is ever selected.
    pub(super) fn if_any<T>(&self, of: impl FnOnce() -> T) -> Option<T> {
        (!self.nobody()).then(of)
    }
}

/// Subnormal probabilities are scaled up first: their quotients would lose digits.
fn normalised(p: &[f64], all: f64) -> Vec<f64> {
    const SMALL: f64 = 1e-280;
    const LARGE: f64 = 1e300;
    if all >= SMALL {
        return p.iter().map(|p| (p / all).min(1.0)).collect();
    }
    let scaled: Vec<f64> = p.iter().map(|p| p * LARGE).collect();
    let all = scaled.iter().copied().collect::<Sum>().value();
    scaled.iter().map(|p| (p / all).min(1.0)).collect()
}
