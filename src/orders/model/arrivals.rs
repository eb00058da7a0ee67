//! How orders arrive.

use crate::error::{Error, Result, checked};
use serde::Serialize;

/// The most orders that arrive at once.
const LARGEST_BATCH: u64 = 1_000_000;

/// How the two sides of a swap class arrive; the expected rates are those of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Arrivals {
    /// Two independent Poisson processes.
    #[default]
    Poisson,
    /// Poisson processes whose rates are multiplied by independent Gamma factors of mean 1, one for every side of every
    /// class and window of the highest active height, common to all operators: counts are negative binomial.
    Gamma {
        /// Shape of the factor, `> 0`; its variance is `1/shape`.
        shape: f64,
    },
    /// Orders of one side come in batches of `size` at one operator at one time; the batches are Poisson.
    Batches {
        /// Orders in a batch, `≥ 1`.
        size: u64,
    },
}

impl Arrivals {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `1e-6 ≤ shape ≤ 1e12`, `1 ≤ size ≤ 1000000`.
    pub fn check(&self) -> Result<()> {
        match *self {
            Self::Gamma { shape } => {
                checked("shape", shape, |s| (1e-6..=1e12).contains(&s), "at least 1e-6 and at most 1e12").map(|_| ())
            }
            Self::Batches { size } if !(1..=LARGEST_BATCH).contains(&size) => {
                Err(Error::domain("size", size, format!("an integer from 1 to {LARGEST_BATCH}")))
            }
            Self::Poisson | Self::Batches { .. } => Ok(()),
        }
    }
}
