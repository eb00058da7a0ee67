//! How reliable a keeper is, from its record.

use super::Keeper;
use crate::error::{Result, checked};
use crate::kernels::elementary::exp2;
use serde::Serialize;

/// An estimate of the probability that a keeper executes what it is picked for.
///
/// ```
/// use pooltree::keepers::{Keeper, Reliability};
/// let keeper = Keeper { picked: 8, succeeded: 6, ..Keeper::new("alice") };
/// assert_eq!(Reliability::Ratio.of(&keeper), 0.75);
/// assert_eq!(Reliability::PosteriorMean.of(&keeper), 0.7); // (6 + 1)/(8 + 2)
/// assert_eq!(Reliability::Ratio.of(&Keeper::new("newcomer")), 0.5); // never picked: the posterior mean
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "kebab-case", tag = "estimate")]
pub enum Reliability {
    /// `succeeded / picked`, the document's own; of a keeper never picked the posterior mean.
    #[default]
    Ratio,
    /// `(succeeded + 1) / (picked + 2)`: mean of the Beta posterior from a uniform prior.
    PosteriorMean,
    /// Lower end of Wilson's score interval at `z` standard deviations (Wilson 1927); 0 of a keeper never picked.
    Wilson {
        /// Standard deviations, finite and at least 0; 1.96 for 97.5 % confidence.
        z: f64,
    },
}

impl Reliability {
    /// The estimates that files and flags know by name; Wilson's at 1.96 standard deviations.
    pub const NAMED: [Self; 3] = [Self::Ratio, Self::PosteriorMean, Self::Wilson { z: 1.96 }];

    /// Checks the parameter.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless `z` is finite and at least 0.
    pub fn check(&self) -> Result<()> {
        match *self {
            Self::Wilson { z } => checked("z", z, |z| (0.0..=1e6).contains(&z), "at least 0 and at most 1e6").map(drop),
            Self::Ratio | Self::PosteriorMean => Ok(()),
        }
    }

    /// The name in files and flags.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::PosteriorMean => "posterior-mean",
            Self::Wilson { .. } => "wilson",
        }
    }

    /// The estimate for a keeper.
    pub fn of(&self, keeper: &Keeper) -> f64 {
        let (n, s) = (keeper.picked as f64, keeper.succeeded as f64);
        match *self {
            Self::Ratio if keeper.picked > 0 => s / n,
            Self::Ratio | Self::PosteriorMean => (s + 1.0) / (n + 2.0),
            Self::Wilson { .. } if keeper.picked == 0 => 0.0,
            Self::Wilson { z } => {
                let (share, z2) = (s / n, z * z);
                let middle = share + z2 / (2.0 * n);
                let half = z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
                ((middle - half) / (1.0 + z2 / n)).clamp(0.0, 1.0)
            }
        }
    }

    /// Exponentially weighted ratio of a history, the latest outcome last: an outcome `half_life` picks ago counts half.
    ///
    /// The weights sum to one with the rest on the uniform prior's 1/2 for an empty history only.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless `half_life` is finite and above 0.
    ///
    /// ```
    /// use pooltree::keepers::Reliability;
    /// // Weights 1/4, 1/2, 1 with a half-life of one pick: (1/4 + 1)/(7/4).
    /// assert_eq!(Reliability::of_history(&[true, false, true], 1.0)?, 1.25 / 1.75);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn of_history(outcomes: &[bool], half_life: f64) -> Result<f64> {
        let half_life = checked("half_life", half_life, |t| t > 0.0, "finite and above 0")?;
        let (mut hits, mut all) = (0.0, 0.0);
        for (age, &success) in outcomes.iter().rev().enumerate() {
            let weight = exp2(-(age as f64) / half_life);
            all += weight;
            hits += if success { weight } else { 0.0 };
        }
        Ok(if outcomes.is_empty() { 0.5 } else { hits / all })
    }
}
