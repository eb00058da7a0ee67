//! The parameters of an order's climb.

use crate::error::{Error, Result, checked};
use crate::kernels::power::times_power;
use crate::pool_tree::Discount;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// How many auctions an order may take part in at one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempts {
    /// Up to this many, `≥ 1`.
    Limited(u64),
    /// As many as it takes; at the top only.
    Unlimited,
}

impl Attempts {
    const ALLOWED: &'static str = "an integer of at least 1, or unlimited";

    /// As a number, infinite where unlimited.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Limited(n) => n as f64,
            Self::Unlimited => f64::INFINITY,
        }
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limited(n) => n.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

/// A number, or `unlimited`.
///
/// ```
/// use pooltree::constant_filling::Attempts;
/// assert_eq!("3".parse(), Ok(Attempts::Limited(3)));
/// assert_eq!("unlimited".parse(), Ok(Attempts::Unlimited));
/// assert_eq!("0".parse::<Attempts>().unwrap_err().to_string(), "attempts = 0: must be an integer of at least 1, or unlimited");
/// ```
impl FromStr for Attempts {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim().parse() {
            Ok(n) if n > 0 => Ok(Self::Limited(n)),
            _ if text.trim() == "unlimited" => Ok(Self::Unlimited),
            _ => Err(Error::domain("attempts", text, Self::ALLOWED)),
        }
    }
}

impl Serialize for Attempts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Limited(n) => serializer.serialize_u64(*n),
            Self::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

/// Which delay discounts an order that is filled in attempt `a` at level `h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DelayCounting {
    /// That of its auctions at this level, `a d_h`: time spent below is not counted (as
    /// [`Delay::Idealised`](crate::pool_tree::Delay::Idealised) in the full model).
    Own,
    /// All of it, `Σ_{j<h} n_j d_j + a d_h` (as [`Delay::Cumulative`](crate::pool_tree::Delay::Cumulative)).
    Cumulative,
}

impl DelayCounting {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Cumulative => "cumulative",
        }
    }
}

/// One level as it is given; [`Climb::new`] checks it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClimbLevel {
    /// `X_h ∈ [0, 1]`: the share of what reaches an auction that it fills.
    pub filling_rate: f64,
    /// `d_h ≥ 0`: time that an auction takes.
    pub duration: f64,
    /// `n_h`: auctions before an order is forwarded or, at the top, expires.
    pub attempts: Attempts,
}

/// An order's climb: the active levels from the lowest to the top, how delay counts, and the discount.
///
/// ```
/// use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, DelayCounting};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let discount = Discount::new(DiscountModel::Factor(0.5))?;
/// let level = ClimbLevel { filling_rate: 1.5, duration: 1.0, attempts: Attempts::Limited(1) };
/// let mistake = Climb::new(vec![level], DelayCounting::Own, discount).unwrap_err();
/// assert_eq!(mistake.to_string(), "levels.0.filling_rate = 1.5: must be from 0 to 1");
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Climb {
    levels: Vec<ClimbLevel>,
    delay: DelayCounting,
    discount: Discount,
}

const SHARE: &str = "from 0 to 1";

impl Climb {
    /// The most levels of a climb.
    pub const MOST_LEVELS: usize = 1024;

    /// A filling rate at which the document reasons ("around 50 % or higher").
    pub const DOCUMENT_FILLING_RATE: f64 = 0.5;

    /// The climb through `levels`, the lowest first.
    ///
    /// # Errors
    /// [`Error::Domain`] without levels or with more than [`Climb::MOST_LEVELS`], for a filling rate outside `[0, 1]`, a
    /// negative duration, no attempts, or unlimited attempts below the top; [`Error::NotFinite`] if twice the time of all
    /// auctions is not finite. The key is that of the level, `levels.1.duration`.
    pub fn new(levels: Vec<ClimbLevel>, delay: DelayCounting, discount: Discount) -> Result<Self> {
        let most = Self::MOST_LEVELS;
        if !(1..=most).contains(&levels.len()) {
            return Err(Error::domain("levels", format!("({} levels)", levels.len()), format!("1 to {most} levels")));
        }
        let mut time = 0.0;
        for (i, level) in levels.iter().enumerate() {
            let top = i + 1 == levels.len();
            time += level.checked(top).map_err(|error| error.within(&format!("levels.{i}")))?;
            // Twice, because the variance discounts by the square.
            if !(2.0 * time).is_finite() {
                let what = "twice the time of the climb";
                return Err(Error::not_finite(format!("levels.{i}.duration"), level.duration, what));
            }
        }
        Ok(Self { levels, delay, discount })
    }

    /// The top `levels` levels of a complete tree with one auction a level, the global auction taking one unit of time:
    /// durations `γ^(1-levels), …, γ^-1, 1`.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `arity ≥ 2`, `1 ≤ levels ≤` [`Climb::MOST_LEVELS`] and the filling rate is in `[0, 1]`.
    ///
    /// ```
    /// use pooltree::constant_filling::{Climb, DelayCounting, closed_form};
    /// use pooltree::pool_tree::{Discount, DiscountModel};
    /// let half = Discount::new(DiscountModel::Factor(0.5))?;
    /// let tree = Climb::tree(2, 2, 0.5, DelayCounting::Cumulative, half)?;
    /// // Half is filled after 1/2, a quarter after 1/2 + 1.
    /// let by_hand = 0.5 * 0.5f64.powf(0.5) + 0.25 * 0.5f64.powf(1.5);
    /// assert!((closed_form::evaluate(&tree).welfare - by_hand).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn tree(arity: u32, levels: u32, filling_rate: f64, delay: DelayCounting, discount: Discount) -> Result<Self> {
        if arity < 2 {
            return Err(Error::domain("arity", arity, "an integer of at least 2"));
        }
        if !(1..=Self::MOST_LEVELS as u32).contains(&levels) {
            return Err(Error::domain("levels", levels, format!("an integer from 1 to {}", Self::MOST_LEVELS)));
        }
        let filling_rate = checked("filling_rate", filling_rate, |x| (0.0..=1.0).contains(&x), SHARE)?;
        let level = |h: u32| ClimbLevel {
            filling_rate,
            duration: times_power(1.0, arity, i64::from(h) - i64::from(levels)),
            attempts: Attempts::Limited(1),
        };
        Self::new((1..=levels).map(level).collect(), delay, discount)
    }

    /// A single global pool.
    ///
    /// # Errors
    /// As [`Climb::new`], with bare keys.
    pub fn pool(filling_rate: f64, duration: f64, attempts: Attempts, discount: Discount) -> Result<Self> {
        let level = ClimbLevel { filling_rate, duration, attempts };
        level.checked(true)?; // with bare keys
        Self::new(vec![level], DelayCounting::Cumulative, discount)
    }

    /// The same climb with the filling rate `filling_rate` at every level.
    ///
    /// # Errors
    /// [`Error::Domain`] for a filling rate outside `[0, 1]`.
    pub fn with_filling_rate(mut self, filling_rate: f64) -> Result<Self> {
        checked("filling_rate", filling_rate, |x| (0.0..=1.0).contains(&x), SHARE)?;
        self.levels.iter_mut().for_each(|level| level.filling_rate = filling_rate);
        Ok(self)
    }

    /// The levels from the lowest to the top; at least one.
    pub fn levels(&self) -> &[ClimbLevel] {
        &self.levels
    }

    /// The last level; `levels` is never empty.
    pub fn top(&self) -> &ClimbLevel {
        &self.levels[self.levels.len() - 1]
    }

    /// Which delay counts.
    pub fn delay(&self) -> DelayCounting {
        self.delay
    }

    /// The discount.
    pub fn discount(&self) -> &Discount {
        &self.discount
    }

    /// The filling rate of all levels, if it is the same.
    pub fn filling_rate(&self) -> Option<f64> {
        let first = self.levels[0].filling_rate;
        self.levels.iter().all(|level| level.filling_rate == first).then_some(first)
    }

    /// The arity `γ`, if this is a tree: at least two levels, one auction at each below the top, and durations in the same
    /// whole ratio `γ ≥ 2` from level to level.
    pub fn arity(&self) -> Option<u32> {
        let [.., below, top] = self.levels.as_slice() else { return None };
        let arity = (top.duration / below.duration).round();
        // The durations of a very deep tree underflow.
        let slack = |duration: f64| 1e-12 * duration + arity * f64::MIN_POSITIVE;
        let in_ratio = |pair: &[ClimbLevel]| {
            let [low, high] = [pair[0].duration, pair[1].duration];
            (high - arity * low).abs() <= slack(high) && pair[0].attempts == Attempts::Limited(1)
        };
        let whole = arity >= 2.0 && arity <= f64::from(u32::MAX);
        (whole && self.levels.windows(2).all(in_ratio)).then_some(arity as u32)
    }
}

impl ClimbLevel {
    /// The time that all its auctions take; that of one where there is no limit.
    fn checked(&self, top: bool) -> Result<f64> {
        checked("filling_rate", self.filling_rate, |x| (0.0..=1.0).contains(&x), SHARE)?;
        let duration = checked("duration", self.duration, |d| d >= 0.0, "finite and at least 0")?;
        match self.attempts {
            Attempts::Limited(0) => Err(Error::domain("attempts", 0, Attempts::ALLOWED)),
            Attempts::Unlimited if !top => {
                Err(Error::domain("attempts", self.attempts, "an integer of at least 1 (unlimited at the top only)"))
            }
            Attempts::Unlimited => Ok(duration),
            Attempts::Limited(n) => Ok(n as f64 * duration),
        }
    }
}
