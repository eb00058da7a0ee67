//! How a log is to be read.

use super::names::{Names, shown};
use crate::error::{Error, Result};
use serde::Serialize;
use std::collections::HashSet;

/// How a log is to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Malformed rows are counted and left out; otherwise the first one is an error. Default `false`.
    pub skip_malformed: bool,
    /// Names of the operators, which are numbered in this order; any other name is malformed. None given, which is the
    /// default: every name is an operator, in the order of appearance.
    pub operators: Vec<String>,
    /// Where the operators are given: a name that is none of them may be the number of one, from 0; in a log of `pooltree simulate
    /// --trace`, which has no names, a number is first of all that. Default `false`.
    pub by_number: bool,
    /// Time observed, from the first value on and before the second, in every run. Orders outside are counted apart and
    /// left out. Default: from the first order to the last.
    pub window: Option<(f64, f64)>,
    /// Most bins of time for the tests of dispersion, 2 to 65 536; default 200.
    pub bins: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { skip_malformed: false, operators: Vec::new(), by_number: false, window: None, bins: 200 }
    }
}

impl Options {
    pub(super) fn check(&self) -> Result<()> {
        if !(2..=65_536).contains(&self.bins) {
            return Err(Error::domain("bins", self.bins, "an integer from 2 to 65536"));
        }
        let mut seen = HashSet::new();
        for name in &self.operators {
            if !(Names::text(name.as_bytes()).is_some() && seen.insert(name) && seen.len() <= MOST_OPERATORS) {
                let allowed = format!("different names of 1 to 256 bytes, at most {MOST_OPERATORS}");
                return Err(Error::domain("operators", shown(name.as_bytes()), allowed));
            }
        }
        if let Some((from, to)) = self.window {
            // Differences and products of times in this range stay finite.
            if !(from.abs() <= LATEST && to.abs() <= LATEST && to - from >= SHORTEST) {
                let allowed = "two times, the second one later, at most 1e300 apart from 0";
                return Err(Error::domain("window", format!("({from:e}, {to:e})"), allowed));
            }
        }
        Ok(())
    }
}

pub(super) const MOST_OPERATORS: usize = 65_536;

/// The latest time.
pub(super) const LATEST: f64 = 1e300;

/// The shortest observation, so that rates are finite.
pub(super) const SHORTEST: f64 = 1e-280;

/// A row that is no order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Malformed {
    /// Line of the file, from 1; the first of the blank lines before the row, if there are any.
    pub line: u64,
    /// Column, value and what is allowed.
    pub reason: String,
}
