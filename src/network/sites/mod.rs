//! Sites: real operators and the latencies between them.
//!
//! Where they come from: coordinates on the globe ([`Place`], [`Fibre`]) or measured round trips
//! ([`Sites::from_round_trips`]). What follows: the latency of a pool ([`pool_latency`]), compact pools of even size
//! ([`divide`]) and how compact they are beside random ones ([`division_quality`]). A scenario holds a [`Survey`].

mod divide;
#[cfg(feature = "csv")]
mod file;
mod latency;
mod partition;
mod places;
mod quality;
mod round_trips;
mod survey;

pub use divide::divide;
pub use latency::{pool_latencies, pool_latency};
pub use places::{Fibre, Place, PlacesReport};
pub use quality::{HeightQuality, division_quality};
pub use round_trips::{Asymmetry, RoundTripReport};
pub use survey::{Division, Survey};

use crate::error::{Error, Result, shown};
use std::collections::BTreeSet;

/// The largest number of sites: the full matrix takes `8 n²` bytes, 128 MiB here.
pub const MOST_SITES: usize = 4096;

/// The largest latency in milliseconds, some thirty years: sums of so many stay finite and exact enough.
pub const LARGEST_LATENCY: f64 = 1e12;

/// Names of operators and the one-way latency between any two of them, in milliseconds: finite, at least 0, at most
/// [`LARGEST_LATENCY`], the same both ways, 0 from an operator to itself.
///
/// The triangle inequality is not asked for: routes of the internet break it.
///
/// ```
/// use pooltree::network::Sites;
/// let names = ["Bern", "Oslo"].map(String::from).to_vec();
/// let sites = Sites::new(names.clone(), vec![0.0, 9.5, 9.5, 0.0])?;
/// assert_eq!(sites.one_way(1, 0), 9.5);
/// let mistake = Sites::new(names, vec![0.0, 9.5, 9.0, 0.0]).unwrap_err();
/// assert_eq!(mistake.to_string(), "one_way.1.0 = 9: must be one_way.0.1 = 9.5, the same both ways");
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sites {
    names: Vec<String>,
    /// Row by row.
    one_way: Vec<f64>,
}

impl Sites {
    /// Sites with a full matrix of one-way latencies in milliseconds, row by row.
    ///
    /// # Errors
    /// [`Error::Domain`] unless there are 1 to [`MOST_SITES`] names, none empty, no two the same, and the matrix has as many
    /// rows and columns, is symmetric and 0 on the diagonal, its values finite, at least 0 and at most [`LARGEST_LATENCY`].
    pub fn new(names: Vec<String>, one_way: Vec<f64>) -> Result<Self> {
        check_names(&names)?;
        let n = names.len();
        if one_way.len() != n * n {
            return Err(Error::domain(
                "one_way",
                format!("({} values)", one_way.len()),
                format!("{} values, {n} rows of {n}", n * n),
            ));
        }
        for (i, row) in one_way.chunks_exact(n).enumerate() {
            for (j, &value) in row.iter().enumerate() {
                let allowed = if i == j && value != 0.0 {
                    "0 from a site to itself".to_owned()
                } else if !is_latency(value) {
                    format!("finite, at least 0 and at most {}", shown(LARGEST_LATENCY))
                } else if value != one_way[j * n + i] && j < i {
                    format!("one_way.{j}.{i} = {}, the same both ways", shown(one_way[j * n + i]))
                } else {
                    continue;
                };
                return Err(Error::domain(format!("one_way.{i}.{j}"), shown(value), allowed));
            }
        }
        Ok(Self { names, one_way })
    }

    /// Number of sites, at least 1.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The names, in the order given.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Latency in milliseconds from one operator to another, both below [`Sites::len`].
    pub fn one_way(&self, from: usize, to: usize) -> f64 {
        self.row(from)[to]
    }

    /// Latencies in milliseconds from one operator to all.
    pub fn row(&self, from: usize) -> &[f64] {
        let n = self.len();
        &self.one_way[from * n..(from + 1) * n]
    }
}

fn is_latency(value: f64) -> bool {
    (0.0..=LARGEST_LATENCY).contains(&value)
}

/// 1 to [`MOST_SITES`] names, none empty, no two the same.
fn check_names(names: &[String]) -> Result<()> {
    if !(1..=MOST_SITES).contains(&names.len()) {
        return Err(Error::domain("sites", names.len(), format!("from 1 to {MOST_SITES}")));
    }
    let mut seen = BTreeSet::new();
    for (i, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(Error::domain(format!("names.{i}"), shown_text(name), "a name that is not empty"));
        }
        if !seen.insert(name) {
            return Err(Error::domain(format!("names.{i}"), shown_text(name), "different from the names before it"));
        }
    }
    Ok(())
}

/// Text of a file in a message: short, on one line.
fn shown_text(text: &str) -> String {
    let short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.is_empty() { "\"\"".to_owned() } else { short }
}
