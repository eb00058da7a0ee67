//! The least number of levels with which a tree beats a single pool.

use super::{Duel, Rival, one_rate};
use crate::constant_filling::{Attempts, Climb, ClimbLevel, DelayCounting};
use crate::error::{Error, Result};
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p};
use crate::kernels::power::times_power;
use serde::Serialize;

/// Numbers of levels beyond this are not exact in double precision.
const MOST: u64 = 1 << 53;

/// Logarithm of the loss, relative to the smallest that matters, below which a further level costs no time.
const NO_TIME: f64 = 1.0 / (1u64 << 60) as f64;

/// The least number of levels with which a tree earns more than a single pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SmallestDepth {
    /// This many levels.
    Levels(u64),
    /// More than this many.
    Beyond(u64),
    /// No number of levels: the pool earns all that can be earned, or nothing is ever filled, or both earn the same.
    Never,
}

/// The least number of levels with which a tree like `climb` beats `rival`: same arity, filling rate, delay, discount,
/// duration and attempts at the top, one auction at every level below, any number of levels.
///
/// ```text
/// W_(n+1) = β^δ (X + (1-X) W_n)   if the delay is cumulative,      β^δ X + (1-X) W_n   if only the own delay counts,
/// δ = d_top γ^-n
/// ```
///
/// As `n` grows the lowest levels take no time at all and there is no end of them: for every `X > 0` the supremum of `W_n` is
/// one. Hence every pool that earns less than 1 is beaten at some depth, and only `β = 1` knows a pool that is not. Trees are
/// held against the rival auction by auction until their lowest level takes no time to rounding. Each level below that
/// multiplies what is lacking to 1 by `1-X`, and how many of them it takes is a quotient of logarithms.
///
/// # Errors
/// [`Error::Domain`] unless `climb` is a tree ([`Climb::arity`]) of one filling rate and the rival has an auction.
///
/// ```
/// use pooltree::constant_filling::critical::{Rival, SmallestDepth, smallest_depth};
/// use pooltree::constant_filling::{Climb, DelayCounting};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// let tree = Climb::tree(2, 2, 0.5, DelayCounting::Cumulative, half)?;
/// // W_1 = .25, W_2 = .442 and W_3 = .606 against the perfect .5 and the .25 of the same filling rate.
/// assert_eq!(smallest_depth(&tree, Rival::Perfect)?, SmallestDepth::Levels(3));
/// assert_eq!(smallest_depth(&tree, Rival::Auctions(1))?, SmallestDepth::Levels(2));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn smallest_depth(climb: &Climb, rival: Rival) -> Result<SmallestDepth> {
    let no_tree = || {
        let allowed =
            "those of a tree: at least two levels, durations in one whole ratio, one auction at each level below";
        Error::domain("levels", format!("({} levels)", climb.levels().len()), allowed)
    };
    let family = Family { climb, arity: climb.arity().ok_or_else(no_tree)?, rate: one_rate(climb)? };
    let attempts = rival.attempts(climb)?; // of a rival without auctions: an error
    if family.rate == 0.0 {
        return Ok(SmallestDepth::Never);
    }
    let ln_worth = climb.discount().ln_factor() * climb.top().duration;
    if ln_worth == 0.0 {
        return Ok(family.undiscounted(rival));
    }
    // Losses of time are held against the loss of one auction at the top, and against 1.
    let mut levels = 1;
    while times_power(1.0, family.arity, -i64::from(levels)) * (-ln_worth).max(1.0) >= NO_TIME {
        if family.beats(levels, rival)? {
            return Ok(SmallestDepth::Levels(u64::from(levels)));
        }
        levels += 1;
        if levels as usize > Climb::MOST_LEVELS {
            return Ok(SmallestDepth::Beyond(Climb::MOST_LEVELS as u64));
        }
    }
    if rival == Rival::AsManyAuctions {
        // Ahead with the second level, if at all (but for rounding): see docs/models/constant-filling.md.
        return Ok(SmallestDepth::Never);
    }
    let further = family.further(levels, attempts, ln_worth);
    let all = f64::from(levels) + further.max(0.0).floor();
    if !(all <= MOST as f64) {
        return Ok(SmallestDepth::Beyond(MOST));
    }
    let mut all = all as u64;
    // The quotient may be off by a rounding; where a tree of that depth can be built, it decides.
    let beats = |n: u64| family.beats(n as u32, rival);
    while all > 1 && all - 1 <= Climb::MOST_LEVELS as u64 && beats(all - 1)? {
        all -= 1;
    }
    while all <= Climb::MOST_LEVELS as u64 && !beats(all)? {
        all += 1;
    }
    Ok(SmallestDepth::Levels(all))
}

/// Trees that differ in the number of their levels.
struct Family<'a> {
    climb: &'a Climb,
    arity: u32,
    rate: f64,
}

/// Welfare and what it lacks to 1, both to full relative precision.
#[derive(Clone, Copy)]
struct Welfare {
    earned: f64,
    lacking: f64,
}

impl Family<'_> {
    fn tree(&self, levels: u32) -> Result<Climb> {
        let top = *self.climb.top();
        let level = |h: u32| ClimbLevel {
            duration: times_power(top.duration, self.arity, i64::from(h) - i64::from(levels)),
            attempts: if h == levels { top.attempts } else { Attempts::Limited(1) },
            ..top
        };
        Climb::new((1..=levels).map(level).collect(), self.climb.delay(), *self.climb.discount())
    }

    fn beats(&self, levels: u32, rival: Rival) -> Result<bool> {
        let tree = self.tree(levels)?;
        Ok(Duel::new(&tree, rival.attempts(&tree)?).at(self.rate).sign() > 0)
    }

    /// Without discount only the number of auctions counts.
    fn undiscounted(&self, rival: Rival) -> SmallestDepth {
        match (rival, self.climb.top().attempts) {
            _ if self.rate == 1.0 => SmallestDepth::Never,
            (Rival::Perfect | Rival::AsManyAuctions | Rival::Unlimited, _) => SmallestDepth::Never,
            (Rival::Auctions(_), Attempts::Unlimited) => SmallestDepth::Levels(1),
            // One more than the pool has: levels - 1 + n > m.
            (Rival::Auctions(m), Attempts::Limited(n)) if n > m => SmallestDepth::Levels(1),
            (Rival::Auctions(m), Attempts::Limited(n)) => match (m - n).checked_add(2) {
                Some(levels) if levels <= MOST => SmallestDepth::Levels(levels),
                _ => SmallestDepth::Beyond(MOST),
            },
        }
    }

    /// Levels beyond `levels` that take no time until the pool is beaten.
    fn further(&self, levels: u32, attempts: Option<f64>, ln_worth: f64) -> f64 {
        let pool = match attempts {
            None => Welfare { earned: exp(ln_worth), lacking: -exp_m1(ln_worth) },
            Some(n) => self.pool(n, ln_worth),
        };
        let mut tree = self.pool(self.climb.top().attempts.as_f64(), ln_worth);
        let (x, q) = (self.rate, 1.0 - self.rate);
        for n in 1..levels {
            let exponent = times_power(ln_worth, self.arity, -i64::from(n));
            let (worth, loss) = (exp(exponent), -exp_m1(exponent));
            tree = match self.climb.delay() {
                DelayCounting::Cumulative => {
                    Welfare { earned: worth * (x + q * tree.earned), lacking: loss + worth * q * tree.lacking }
                }
                DelayCounting::Own => {
                    Welfare { earned: worth * x + q * tree.earned, lacking: x * loss + q * tree.lacking }
                }
            };
        }
        // Welfare is compared where it is small, what is lacking where that is.
        let ratio = if pool.lacking < 0.5 {
            ln(pool.lacking / tree.lacking)
        } else {
            ln_1p((tree.earned - pool.earned) / tree.lacking)
        };
        ratio / ln_1p(-self.rate) + 1.0
    }

    /// A single pool of `n` auctions.
    fn pool(&self, n: f64, ln_worth: f64) -> Welfare {
        let (x, worth, loss) = (self.rate, exp(ln_worth), -exp_m1(ln_worth));
        let both = n * (ln_1p(-x) + ln_worth);
        let all = loss + x * worth;
        Welfare { earned: x * worth * -exp_m1(both) / all, lacking: (loss + x * worth * exp(both)) / all }
    }
}
