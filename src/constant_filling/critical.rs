//! From which filling rate, and from which depth on, a climb beats a single global pool.

mod depth;
mod duel;

use super::Climb;
use crate::error::{Error, Result};
use crate::kernels::elementary::{exp, ln};
use crate::kernels::roots::{Root, Valued, scanned};
use duel::{Duel, LEAST_RATE};
use serde::Serialize;
use std::cmp::Ordering;
use std::fmt;

pub use depth::{SmallestDepth, smallest_depth};

/// The single global pool that a climb is held against; its auctions take as long as those at the top of the climb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rival {
    /// One auction that fills everything: welfare `β^d`.
    Perfect,
    /// The filling rate of the climb, and up to this many auctions, `≥ 1`.
    Auctions(u64),
    /// The filling rate of the climb, and as many auctions as the climb has on all its levels.
    AsManyAuctions,
    /// The filling rate of the climb, and as many auctions as it takes.
    Unlimited,
}

impl Rival {
    /// The rivals of the document: perfect, and of the same filling rate without retries, with as many auctions as the
    /// climb, and without limit.
    pub const NAMED: [Self; 4] = [Self::Perfect, Self::Auctions(1), Self::AsManyAuctions, Self::Unlimited];

    /// Auctions of the pool, infinite where unlimited; `None` for the perfect one.
    fn attempts(self, climb: &Climb) -> Result<Option<f64>> {
        match self {
            Self::Perfect => Ok(None),
            Self::Auctions(0) => Err(Error::domain("auctions", 0, "an integer of at least 1")),
            Self::Auctions(n) => Ok(Some(n as f64)),
            Self::AsManyAuctions => Ok(Some(climb.levels().iter().map(|level| level.attempts.as_f64()).sum())),
            Self::Unlimited => Ok(Some(f64::INFINITY)),
        }
    }
}

impl fmt::Display for Rival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Perfect => f.write_str("perfect, 1 auction"),
            Self::Auctions(1) => f.write_str("same rate, 1 auction"),
            Self::Auctions(n) => write!(f, "same rate, {n} auctions"),
            Self::AsManyAuctions => f.write_str("same rate, as many auctions"),
            Self::Unlimited => f.write_str("same rate, unlimited auctions"),
        }
    }
}

/// The smallest filling rate from which on a climb does at least as well as its rival.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CriticalRate {
    /// It does at every filling rate in `(0, 1)`.
    Always,
    /// Near 1 the rival is ahead.
    Never,
    /// From this filling rate on.
    At(Root),
}

/// Where a climb and its rival change places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Critical {
    /// The smallest filling rate from which on the climb does at least as well.
    pub rate: CriticalRate,
    /// All filling rates in `(0, 1)` at which the lead changes, in rising order; `rising` where the climb takes it.
    pub crossings: Vec<Root>,
}

/// The filling rates at which `climb` and `rival` change places, the same rate at all levels; durations, attempts, delay and
/// discount are those of `climb`, its own filling rates do not matter.
///
/// ```text
/// X* = min { X in (0, 1): w(Y) ≥ w_rival(Y) for all Y in [X, 1) }
/// ```
///
/// The difference is summed auction by auction, `Σ_a q^(a-1) (u_a - r_a)` with `u_a` and `r_a` what a fill in the `a`-th
/// auction is worth in either, and every `u_a - r_a` without cancellation: its sign is known near `X = 0`, `X = 1` and
/// `β = 1`. All rates from 1e-300 to `1 - 2e-16` are scanned in steps of a quarter of the log-odds. For a tree there is at most
/// one crossing with each rival, and none with one that has no more auctions (docs/models/constant-filling.md); other climbs can
/// have several.
///
/// Source: *Operator pool trees*, "The crux: filling rate": "for values below 50 % we would need a deeper tree".
///
/// # Errors
/// [`Error::Domain`] for a rival without auctions.
///
/// ```
/// use pooltree::constant_filling::critical::{CriticalRate, Rival, critical_filling_rate};
/// use pooltree::constant_filling::{Climb, DelayCounting};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// let tree = Climb::tree(2, 2, 0.5, DelayCounting::Cumulative, half)?;
/// // X β^(1/2) + X (1-X) β^(3/2) = β is X² - 3X + √2 = 0, with the root 2 - √2.
/// let CriticalRate::At(root) = critical_filling_rate(&tree, Rival::Perfect)?.rate else { panic!() };
/// assert!((root.at - (2.0 - 2f64.sqrt())).abs() < 1e-15);
/// assert_eq!(critical_filling_rate(&tree, Rival::Auctions(1))?.rate, CriticalRate::Always);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn critical_filling_rate(climb: &Climb, rival: Rival) -> Result<Critical> {
    let duel = Duel::new(climb, rival.attempts(climb)?);
    let points = scan();
    let values: Vec<Valued> = points.iter().map(|&x| duel.at(x)).collect();
    let crossings = scanned(|x| Ok::<_, Error>(duel.at(x)), &points, &values)?;
    // Neither side is an analytic function that vanishes on a stretch only: where the two differ by less than rounding, the
    // nearest rate at which they can be told apart speaks for it.
    let lead = values.iter().rev().map(Valued::sign).find(|&sign| sign != 0);
    let rate = match (lead, crossings.iter().rfind(|root| root.rising)) {
        (Some(sign), _) if sign < 0 => CriticalRate::Never,
        (_, Some(root)) => CriticalRate::At(*root),
        (_, None) => CriticalRate::Always,
    };
    Ok(Critical { rate, crossings })
}

/// Whether a climb of one filling rate earns more (`Greater`), as much to rounding (`Equal`) or less than its rival.
///
/// # Errors
/// [`Error::Domain`] for a rival without auctions, and for a climb with several filling rates.
pub fn against(climb: &Climb, rival: Rival) -> Result<Ordering> {
    let rate = one_rate(climb)?;
    if rate == 0.0 {
        // Nothing is filled, except by a perfect pool.
        let perfect = if rival == Rival::Perfect { climb.discount().after(climb.top().duration) } else { 0.0 };
        return Ok(0.0f64.total_cmp(&perfect));
    }
    let sign = Duel::new(climb, rival.attempts(climb)?).at(rate).sign();
    Ok(sign.cmp(&0))
}

fn one_rate(climb: &Climb) -> Result<f64> {
    let several = || Error::domain("filling_rate", "(several)", "the same at all levels");
    climb.filling_rate().ok_or_else(several)
}

/// Filling rates over all of `(0, 1)`, evenly spaced in `ln (X/(1-X))`.
fn scan() -> Vec<f64> {
    const STEP: f64 = 0.25;
    let (lowest, highest) = (ln(LEAST_RATE), -ln(f64::EPSILON));
    let steps = ((highest - lowest) / STEP).floor() as u32;
    let rate = |odds: f64| if odds < 0.0 { exp(odds) / (1.0 + exp(odds)) } else { 1.0 - 1.0 / (1.0 + exp(odds)) };
    (0..=steps).map(|i| rate(lowest + STEP * f64::from(i))).collect()
}
