//! Scores: functions and combinations of what is known about a keeper.

use super::{Keeper, Reliability};
use crate::error::Result;
use crate::kernels::elementary::{ln, pow};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// What is known about a keeper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Property {
    /// [`Keeper::stake`].
    Stake,
    /// [`Keeper::bid`].
    Bid,
    /// [`Keeper::cost`].
    Cost,
    /// [`Keeper::ping`].
    Ping,
    /// [`Keeper::picked`].
    Picked,
    /// [`Keeper::succeeded`].
    Succeeded,
    /// An estimate of its reliability.
    Reliability(Reliability),
}

impl Property {
    /// Its value for a keeper.
    pub fn of(self, keeper: &Keeper) -> f64 {
        match self {
            Self::Stake => keeper.stake,
            Self::Bid => keeper.bid,
            Self::Cost => keeper.cost,
            Self::Ping => keeper.ping,
            Self::Picked => keeper.picked as f64,
            Self::Succeeded => keeper.succeeded as f64,
            Self::Reliability(estimate) => estimate.of(keeper),
        }
    }
}

/// A function of a keeper's properties, built from them by arithmetic.
///
/// ```
/// use pooltree::keepers::{Keeper, Property, Reliability, Score};
/// let reliability = Score::from(Property::Reliability(Reliability::Ratio));
/// let score = Score::from(Property::Stake).powf(0.5) * reliability - Score::from(0.1) * Property::Ping.into();
/// let keeper = Keeper { stake: 400.0, ping: 5.0, picked: 4, succeeded: 3, ..Keeper::new("alice") };
/// assert_eq!(score.of(&keeper), 20.0 * 0.75 - 0.1 * 5.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Score {
    /// The same for everyone.
    Constant(f64),
    /// A property by itself.
    Property(Property),
    /// Sum.
    Sum(Box<[Self; 2]>),
    /// Product.
    Product(Box<[Self; 2]>),
    /// First over second.
    Quotient(Box<[Self; 2]>),
    /// Smaller of two.
    Min(Box<[Self; 2]>),
    /// Larger of two.
    Max(Box<[Self; 2]>),
    /// A power.
    Power(Box<Self>, f64),
    /// Natural logarithm.
    Ln(Box<Self>),
}

impl Score {
    /// The score of a keeper; NaN where the arithmetic has no value, which a rule refuses.
    pub fn of(&self, keeper: &Keeper) -> f64 {
        let both = |pair: &[Self; 2]| [pair[0].of(keeper), pair[1].of(keeper)];
        match self {
            Self::Constant(value) => *value,
            Self::Property(property) => property.of(keeper),
            Self::Sum(pair) => both(pair).iter().sum(),
            Self::Product(pair) => both(pair).iter().product(),
            Self::Quotient(pair) => {
                let [over, under] = both(pair);
                over / under
            }
            Self::Min(pair) => {
                let [a, b] = both(pair);
                if a < b || a.is_nan() { a } else { b }
            }
            Self::Max(pair) => {
                let [a, b] = both(pair);
                if a > b || a.is_nan() { a } else { b }
            }
            Self::Power(base, exponent) => pow(base.of(keeper), *exponent),
            Self::Ln(of) => ln(of.of(keeper)),
        }
    }

    /// Checks the estimates of reliability in it.
    ///
    /// # Errors
    /// As [`Reliability::check`].
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Property(Property::Reliability(estimate)) => estimate.check(),
            Self::Constant(_) | Self::Property(_) => Ok(()),
            Self::Sum(pair) | Self::Product(pair) | Self::Quotient(pair) | Self::Min(pair) | Self::Max(pair) => {
                pair.iter().try_for_each(Self::check)
            }
            Self::Power(of, _) | Self::Ln(of) => of.check(),
        }
    }

    /// This score to a power.
    #[must_use]
    pub fn powf(self, exponent: f64) -> Self {
        Self::Power(Box::new(self), exponent)
    }

    /// Natural logarithm of this score.
    #[must_use]
    pub fn ln(self) -> Self {
        Self::Ln(Box::new(self))
    }

    /// The smaller of two scores.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self::Min(Box::new([self, other]))
    }

    /// The larger of two scores.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self::Max(Box::new([self, other]))
    }
}

impl From<f64> for Score {
    fn from(value: f64) -> Self {
        Self::Constant(value)
    }
}

impl From<Property> for Score {
    fn from(property: Property) -> Self {
        Self::Property(property)
    }
}

impl Add for Score {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::Sum(Box::new([self, other]))
    }
}

impl Sub for Score {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Score {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::Product(Box::new([self, other]))
    }
}

impl Div for Score {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self::Quotient(Box::new([self, other]))
    }
}

impl Neg for Score {
    type Output = Self;
    fn neg(self) -> Self {
        Self::Constant(-1.0) * self
    }
}
