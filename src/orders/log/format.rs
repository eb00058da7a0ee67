//! Logs as files of several formats.

use crate::error::{Error, Result};
use crate::orders::simulation::OrdersEngine;
use crate::progress::Progress;
use std::ops::Range;
use std::path::Path;

/// File formats that this build can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values with a header, `.csv`.
    #[cfg(feature = "csv")]
    Csv,
    /// Arrow IPC file (Feather version 2), `.arrow` or `.feather`.
    #[cfg(feature = "arrow")]
    Arrow,
}

impl Format {
    /// The format that goes with the ending of a file's name.
    ///
    /// # Errors
    /// [`Error::Domain`] for an ending that this build has no format for.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending {
            #[cfg(feature = "csv")]
            "csv" => Ok(Self::Csv),
            #[cfg(feature = "arrow")]
            "arrow" | "feather" => Ok(Self::Arrow),
            _ => {
                let arrow =
                    if cfg!(feature = "arrow") { ", .arrow or .feather" } else { " (.arrow with feature \"arrow\")" };
                Err(Error::domain("log", path.display(), format!("a file whose name ends in .csv{arrow}")))
            }
        }
    }

    /// Writes the log of replications `range` of `engine` under `seed` to a file; returns the number of orders.
    ///
    /// The file appears under its name when it is complete; until then it is called `PATH.PID.partial`, and is removed if
    /// something goes wrong.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be written; [`Error::Domain`] unless the range starts at a multiple of the block length.
    pub fn write(
        self,
        path: &Path,
        engine: &OrdersEngine,
        seed: u64,
        range: Range<u64>,
        progress: Progress,
    ) -> Result<u64> {
        match self {
            #[cfg(feature = "csv")]
            Self::Csv => super::csv::write(path, engine, seed, range, progress),
            #[cfg(feature = "arrow")]
            Self::Arrow => super::arrow::write(path, engine, seed, range, progress),
        }
    }
}
