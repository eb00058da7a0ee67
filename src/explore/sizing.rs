//! How large a pool, how long a window, how wide a tree it takes to fill a wanted share of the orders.

mod arity;

use crate::error::{Error, Result, checked};
use crate::kernels::elementary::{exp, ln};
use crate::kernels::roots::{Valued, bracketed};
use crate::kernels::unfilled::orders_for_filled_share;
use crate::pool_tree::closed_form::{ClosedForm, Fills};
use crate::pool_tree::{Architecture, Level, Model, Schedule};
use rayon::prelude::*;
use serde::Serialize;

pub use arity::{ArityFor, GrowthRatio, Measure, smallest_arity, thick_filling_rate, thick_pool_arity};

/// Arities that [`Sizing::new`] searches.
const ARITIES: std::ops::RangeInclusive<u32> = 2..=64;

/// Growth of the window between two looks for one that is long enough.
const LOOK: f64 = 4.0;

/// An answer, or how far one gets without it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached<T> {
    /// The wanted share is reached with this.
    With(T),
    /// It is out of reach.
    OutOfReach {
        /// The greatest share that there is, or the one that is approached and never reached.
        at_most: f64,
    },
}

impl<T> Reached<T> {
    /// What reaches the wanted share, if anything does.
    pub fn with(self) -> Option<T> {
        match self {
            Self::With(found) => Some(found),
            Self::OutOfReach { .. } => None,
        }
    }
}

/// Disconnected pools of one height with their own period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pools {
    /// Their height.
    pub height: u32,
    /// Operators in each.
    pub operators: f64,
    /// Their batch period, in units of time.
    pub period: f64,
    /// Share of all orders that they fill.
    pub filled_share: f64,
}

/// A batch window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Window {
    /// Its length, in units of time.
    pub period: f64,
    /// How far off that may be by rounding.
    pub accuracy: f64,
}

/// The smallest window at one height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WindowAt {
    /// Height of the pools.
    pub height: u32,
    /// The window, or what ever longer windows approach.
    pub window: Reached<Window>,
}

/// Everything that reaches a wanted share; serialises to the JSON of `pooltree size --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sizing {
    /// The wanted share of all orders.
    pub filled: f64,
    /// Orders per side and window that one class with equal sides needs: the inverse of the filling rate.
    pub orders_per_side: f64,
    /// The smallest pools that fill it with their own period.
    pub pools: Reached<Pools>,
    /// The smallest window at each height asked for.
    pub windows: Vec<WindowAt>,
    /// The smallest arity at which pools of the height asked for (the root's) fill it; the periods do not change.
    pub arity: Reached<ArityFor>,
    /// The smallest arity at which the full tree's auctions of that height fill it of what reaches them.
    pub arity_by_filling_rate: Reached<ArityFor>,
    /// The smallest arity whose thick pools fill it at every level, a child as many times as fast as its parent.
    pub thick_arity: Reached<u32>,
    /// The smallest arity whose thick pools fill it at every level with one common window.
    pub thick_arity_one_window: Reached<u32>,
}

impl Sizing {
    /// Sizes pools, windows and arities for the share `filled` of the orders: at `height`, or windows at all heights and the
    /// arity for the root's height.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `0 ≤ filled < 1` and the height is in the tree; else as [`smallest_window`],
    /// [`smallest_pools`] and [`smallest_arity`].
    pub fn new(model: &Model, filled: f64, height: Option<u32>) -> Result<Self> {
        model.check_perfect("sizing")?;
        model.check_alike("sizing")?;
        let depth = model.tree().depth();
        let heights = height.map_or(0..=depth, |height| height..=height);
        let orders_per_side = orders_for_filled_share(filled)?;
        let pools = smallest_pools(model, filled)?; // first: what is wrong with the model shows here, soon
        let window = |height| Ok(WindowAt { height, window: smallest_window(model, height, filled)? });
        let windows = heights.into_par_iter().map(window).collect::<Result<_>>()?;
        let at = height.unwrap_or(depth);
        let full = Architecture::full(model.tree());
        // A leaf of a deeper tree is no level of the full tree.
        let tree = if full.heights().contains(&at) { full } else { Architecture::local(model.tree(), at)? };
        let arity =
            |architecture: &Architecture, measure| smallest_arity(model, ARITIES, architecture, measure, filled);
        Ok(Self {
            filled,
            orders_per_side,
            pools,
            windows,
            arity: arity(&Architecture::local(model.tree(), at)?, Measure::FilledShare)?,
            arity_by_filling_rate: arity(&tree, Measure::FillingRateAt(at))?,
            thick_arity: thick_pool_arity(filled, GrowthRatio::Arity)?,
            thick_arity_one_window: thick_pool_arity(filled, GrowthRatio::Fixed(1))?,
        })
    }
}

/// The wanted share itself.
fn wanted(filled: f64) -> Result<f64> {
    checked("filled", filled, |f| (0.0..1.0).contains(&f), "at least 0 and below 1")
}

/// The lowest height whose disconnected pools, with their own period, fill at least the share `filled` of all orders.
///
/// Pools of height `j` alone fill `M_j`, and so does every set of heights with `j` on top: the fills telescope. Back to back
/// a height without latency cannot hold auctions and is passed over. Out of reach: the greatest share of any height.
///
/// # Errors
/// [`Error::Domain`] unless `0 ≤ filled < 1`, or if no height can hold auctions; else as [`ClosedForm::evaluate`].
///
/// ```
/// use pooltree::{Scenario, explore::sizing::{Reached, smallest_pools}, kernels::unfilled::filled_share};
/// // 64 orders spread over eight operators, windows of 1/8, …, 1: 1/2, 2, 8, 32 orders a side in pools of 1, 2, 4, 8.
/// let document = Scenario::document();
/// let half = smallest_pools(&document, 0.5)?.with().unwrap();
/// assert_eq!((half.height, half.period), (1, 0.25));
/// assert!((half.filled_share - filled_share(2.0)?).abs() < 1e-15);
/// let Reached::OutOfReach { at_most } = smallest_pools(&document, 0.95)? else { unreachable!() };
/// assert!((at_most - filled_share(32.0)?).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn smallest_pools(model: &Model, filled: f64) -> Result<Reached<Pools>> {
    model.check_perfect("sizing")?;
    model.check_alike("sizing")?;
    let wanted = wanted(filled)?;
    let tree = model.tree();
    let back_to_back = model.timing().period().depends_on_lower_heights();
    let limits = Fills::in_long_windows(model);
    let mut at_most: Option<f64> = None;
    for height in (0..=tree.depth()).filter(|&h| !back_to_back || model.latency_at(h) > 0.0) {
        let welfare = ClosedForm::evaluate(model, &Architecture::local(tree, height)?)?;
        let period = welfare.by_height.first().map_or(0.0, |level| level.period);
        let share = welfare.filled_share;
        // Where rounding says that the limit of long windows is reached, it is not.
        if share >= wanted && wanted < limits[height as usize].min(1.0) {
            return Ok(Reached::With(Pools { height, operators: tree.size_f64(height), period, filled_share: share }));
        }
        at_most = Some(at_most.map_or(share, |most| most.max(share)));
    }
    at_most
        .map(|at_most| Reached::OutOfReach { at_most })
        .ok_or_else(|| Error::domain("timing.latency", 0.0, "above 0 at some height where auctions run back to back"))
}

/// The smallest window with which pools of `height` fill the share `filled` of all orders.
///
/// ```text
/// M_h(T)/Λ = filled,   M_h(T)/Λ rises from 0 to Σ_{classes meeting at or below h} share · 2 min(side share, 1 - side share)
/// ```
///
/// - `filled`: of all orders, whether or not they can meet at that height. For 0 the window is 0: any does.
/// - Out of reach at that limit and beyond it: no finite window reaches it, and the value carries it.
/// - Source: `t m'(t) > 0` of docs/models/filling.md makes every class's share rise strictly; a root in `ln T`.
///
/// # Errors
/// [`Error::Domain`] unless `0 ≤ filled < 1` and the height is in the tree, [`Error::NotFinite`] if a window in reach is not
/// finite in double precision.
///
/// ```
/// use pooltree::{Scenario, explore::sizing::smallest_window};
/// // 32 orders a side and unit time; a half is filled at 1.1178… orders a side, in a pool of two with a quarter of them.
/// let document = Scenario::document();
/// let window = |height| Ok::<_, pooltree::Error>(smallest_window(&document, height, 0.5)?.with().unwrap().period);
/// assert!((window(3)? - 1.11782907632411 / 32.0).abs() < 1e-14);
/// assert!((window(1)? - 1.11782907632411 / 8.0).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn smallest_window(model: &Model, height: u32, filled: f64) -> Result<Reached<Window>> {
    model.check_perfect("sizing")?;
    model.check_alike("sizing")?;
    let wanted = wanted(filled)?;
    Architecture::local(model.tree(), height).map_err(|_| {
        Error::domain("height", height, format!("an integer from 0 to {} (tree.depth)", model.tree().depth()))
    })?;
    if wanted == 0.0 {
        return Ok(Reached::With(Window { period: 0.0, accuracy: 0.0 }));
    }
    let at_most = Fills::in_long_windows(model)[height as usize].min(1.0);
    if wanted >= at_most {
        return Ok(Reached::OutOfReach { at_most });
    }
    let excess = |ln_period: f64| -> Result<Valued> {
        let level = Level { height, latency: 0.0, period: exp(ln_period), offset: 0.0, deadline: 0.0 };
        let fills = Fills::new(model, &Schedule::from_levels(vec![level]));
        let (filled, unfilled) = (fills.filled[0], fills.unfilled[0]);
        // On whichever side the numbers are small.
        let value = if wanted <= 0.5 { filled - wanted } else { (1.0 - wanted) - unfilled };
        Ok(Valued { value, noise: 4.0 * f64::EPSILON * wanted.min(1.0 - wanted) })
    };
    // The share never exceeds the rate of the shortest windows times the window.
    let shortest = wanted / Fills::per_time_in_short_windows(model)[height as usize];
    let out_of_range = || Error::not_finite("filled", wanted, "the smallest window that fills it");
    let mut low = ln((0.5 * shortest).max(f64::MIN_POSITIVE));
    let mut below = excess(low)?;
    if below.value >= 0.0 || !low.is_finite() {
        return Err(out_of_range());
    }
    let longest = ln(f64::MAX) - ln(LOOK) - ln(model.flow().rate()).max(0.0);
    loop {
        let high = low + ln(LOOK);
        if !(high < longest) {
            return Err(out_of_range());
        }
        let above = excess(high)?;
        if above.value >= 0.0 {
            let root = bracketed(excess, [low, high], [below, above])?;
            let period = exp(root.at);
            // The rounding of exp and of its argument, beside that of the root.
            let rounding = f64::EPSILON * (1.0 + root.at.abs());
            return Ok(Reached::With(Window { period, accuracy: period * (root.accuracy + rounding) }));
        }
        (low, below) = (high, above);
    }
}
