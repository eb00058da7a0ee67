//! How long an order stays that is not filled.

use crate::error::{Error, Result, checked};
use serde::Serialize;

/// From when on an order may lose patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatienceFrom {
    /// From the start of its first auction at the highest active height on: only orders stuck there lose patience.
    #[default]
    Root,
    /// From its arrival on, wherever it is.
    Arrival,
}

/// How long an order stays in the pool of the highest active height, whose further auctions it takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Lifetime {
    /// For this many auctions of that pool, `≥ 1`; then it expires.
    Auctions {
        /// Number of auctions.
        lifetime: u32,
    },
    /// For an exponential time of mean `1/patience_rate`; it may expire between auctions.
    Patience {
        /// Rate `θ ≥ 0` at which an order loses patience; 0: it stays for ever.
        patience_rate: f64,
        /// From when on.
        patience_from: PatienceFrom,
    },
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::Auctions { lifetime: 1 }
    }
}

impl Lifetime {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `lifetime ≥ 1`, `patience_rate` is finite and `≥ 0`.
    pub fn check(&self) -> Result<()> {
        match *self {
            Self::Auctions { lifetime: 0 } => Err(Error::domain("lifetime", 0, "an integer of at least 1")),
            Self::Auctions { .. } => Ok(()),
            Self::Patience { patience_rate, .. } => {
                checked("patience_rate", patience_rate, |r| r >= 0.0, "finite and at least 0").map(|_| ())
            }
        }
    }

    /// Whether no order sees a second auction of the same pool.
    pub fn is_one_auction(&self) -> bool {
        matches!(self, Self::Auctions { lifetime: 1 })
    }
}
