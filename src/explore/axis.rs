//! A range of values for one key of a scenario.

use crate::error::{Error, Result, shown};
use crate::kernels::elementary::{exp, ln};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The most points of one axis.
pub const MOST_POINTS: u32 = 100_000;

/// How the points of an axis lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Equal differences.
    Linear,
    /// Equal ratios.
    Logarithmic,
}

/// `KEY=LO..HI`, optionally `:log`, optionally `:N`: the range of one scenario key.
///
/// ```
/// use pooltree::explore::Axis;
/// let axis: Axis = "discount.half_life=0.1..10:log:5".parse()?;
/// let points = axis.points(2, false);
/// assert_eq!((points[0], points[4]), (0.1, 10.0));
/// assert!((points[2] - 1.0).abs() < 1e-15);
/// let depths: Axis = "tree.depth=1..4".parse()?;
/// assert_eq!(depths.points(100, true), [1.0, 2.0, 3.0, 4.0]); // whole numbers are not repeated
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    key: String,
    range: [f64; 2],
    spacing: Spacing,
    count: Option<u32>,
}

impl Axis {
    /// The dotted `key` from `lo` to `hi`, both included; `count` points unless whoever uses the axis is to choose.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the key is not empty, `lo < hi` are finite, `lo > 0` for logarithmic spacing, and
    /// `2 ≤ count ≤` [`MOST_POINTS`].
    pub fn new(
        key: impl Into<String>,
        [lo, hi]: [f64; 2],
        spacing: Spacing,
        count: impl Into<Option<u32>>,
    ) -> Result<Self> {
        let (key, count) = (key.into(), count.into());
        if key.is_empty() {
            return Err(Error::domain("key", "\"\"", "a dotted key of the scenario"));
        }
        if !(lo < hi && lo.is_finite() && hi.is_finite()) {
            let range = format!("{}..{}", shown(lo), shown(hi));
            return Err(Error::domain(key, range, "LO..HI with finite LO below HI"));
        }
        if spacing == Spacing::Logarithmic && !(lo > 0.0) {
            let range = format!("{}..{}:log", shown(lo), shown(hi));
            return Err(Error::domain(key, range, "LO..HI with LO above 0 for logarithmic spacing"));
        }
        if let Some(n) = count.filter(|n| !(2..=MOST_POINTS).contains(n)) {
            return Err(Error::domain(key, format!("({n} points)"), format!("from 2 to {MOST_POINTS} points")));
        }
        Ok(Self { key, range: [lo, hi], spacing, count })
    }

    /// The dotted key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Both ends.
    pub fn range(&self) -> [f64; 2] {
        self.range
    }

    /// How the points lie.
    pub fn spacing(&self) -> Spacing {
        self.spacing
    }

    /// The points from end to end, `default` of them if the axis does not say how many. For a key that takes `whole` numbers
    /// they are rounded into the range, and none is repeated; without a count they are all whole numbers of the range if
    /// these are not more than `default`.
    pub fn points(&self, default: u32, whole: bool) -> Vec<f64> {
        let [lo, hi] = self.range;
        let (first, last) = (lo.ceil(), hi.floor());
        if whole && first > last {
            return Vec::new();
        }
        let count = match self.count {
            None if whole && last - first < f64::from(default) => {
                return (0..=(last - first) as i64).map(|i| first + i as f64).collect();
            }
            count => count.unwrap_or(default).max(2),
        };
        let between = |i: u32| {
            let t = f64::from(i) / f64::from(count - 1);
            match self.spacing {
                Spacing::Linear => lo * (1.0 - t) + hi * t, // no difference that overflows
                Spacing::Logarithmic => exp(ln(lo) * (1.0 - t) + ln(hi) * t),
            }
        };
        // The ends as they were given; in between twelve digits, so that round values come out round, unless the range is
        // so narrow that this would make points coincide.
        let step = (hi - lo) / f64::from(count);
        let short = |x: f64| {
            let short = format!("{x:.11e}").parse().unwrap_or(x);
            if (short - x).abs() < 1e-3 * step || self.spacing == Spacing::Logarithmic { short } else { x }
        };
        let at = |i: u32| {
            if i == 0 {
                lo
            } else if i == count - 1 {
                hi
            } else {
                short(between(i)).clamp(lo, hi)
            }
        };
        let mut points: Vec<f64> = (0..count).map(at).collect();
        if whole {
            points.iter_mut().for_each(|x| *x = x.round().clamp(first, last));
        }
        points.dedup();
        points
    }
}

impl FromStr for Axis {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let shown = if text.is_empty() { "\"\"" } else { text };
        let malformed = || Error::domain("axis", shown, "KEY=LO..HI, KEY=LO..HI:N or KEY=LO..HI:log:N");
        let (key, rest) = text.split_once('=').ok_or_else(malformed)?;
        let mut parts = rest.split(':');
        let (lo, hi) = parts.next().and_then(|range| range.split_once("..")).ok_or_else(malformed)?;
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| malformed());
        let (mut spacing, mut next) = (Spacing::Linear, parts.next());
        if next.is_some_and(|part| part.trim() == "log") {
            (spacing, next) = (Spacing::Logarithmic, parts.next());
        }
        let count = next.map(|n| n.trim().parse::<u32>().map_err(|_| malformed())).transpose()?;
        if key.trim().is_empty() {
            return Err(malformed());
        }
        if parts.next().is_some() {
            return Err(malformed());
        }
        Self::new(key.trim(), [number(lo)?, number(hi)?], spacing, count)
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [lo, hi] = self.range;
        write!(f, "{}={}..{}", self.key, shown(lo), shown(hi))?;
        if self.spacing == Spacing::Logarithmic {
            f.write_str(":log")?;
        }
        self.count.map_or(Ok(()), |n| write!(f, ":{n}"))
    }
}
