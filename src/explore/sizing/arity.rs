//! The smallest arity, of a given tree and in the limit of thick pools.

use super::{Reached, wanted};
use crate::error::{Error, Result};
use crate::pool_tree::closed_form::{ClosedForm, Fills};
use crate::pool_tree::{Architecture, Model, PoolTree};
use serde::Serialize;
use std::ops::RangeInclusive;

/// A wanted rate counts as reached if it is missed by no more than the rounding of a decimal.
const ROUNDING: f64 = 1e-12;

/// What of an architecture is to reach the wanted share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The share of all orders that it fills.
    FilledShare,
    /// The share of the orders reaching the auctions of an active height that these fill.
    FillingRateAt(u32),
}

/// An arity with the share that it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArityFor {
    /// Children of a pool.
    pub arity: u32,
    /// The share reached, of all orders or of those that reach the auction.
    pub share: f64,
}

/// The smallest of the `arities` at which `architecture` reaches the share `filled` by `measure`, all else unchanged: depth,
/// periods, latency model, flow.
///
/// Every arity is evaluated, because nothing makes the share rise with it: more operators mean larger pools, and, for a
/// spread flow, fewer orders at each. Arities at which the scenario has no meaning (`arity^depth` overflows, an operator that
/// is not there) are passed over. Out of reach: the greatest share of any arity in the range.
///
/// # Errors
/// [`Error::Domain`] unless `0 ≤ filled < 1`, the measured height is active, and the range holds an arity; the model's own
/// error if it has no meaning at any of them.
///
/// ```
/// use pooltree::explore::sizing::{Measure, smallest_arity};
/// use pooltree::{Scenario, pool_tree::Architecture, kernels::unfilled::filled_share};
/// // Islands below the root of a uniform flow shrink with the arity: 8 orders a side in halves, 16/3 in thirds.
/// let document = Scenario::document();
/// let halves = Architecture::local(document.tree(), 2)?;
/// let found = smallest_arity(&document, 3..=9, &halves, Measure::FilledShare, 0.7)?.with().unwrap();
/// assert_eq!(found.arity, 3);
/// assert!((found.share - filled_share(16.0 / 3.0)?).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn smallest_arity(
    model: &Model,
    arities: RangeInclusive<u32>,
    architecture: &Architecture,
    measure: Measure,
    filled: f64,
) -> Result<Reached<ArityFor>> {
    model.check_perfect("sizing")?;
    model.check_alike("sizing")?;
    let wanted = wanted(filled)?;
    if let Measure::FillingRateAt(height) = measure
        && !architecture.heights().contains(&height)
    {
        return Err(Error::domain("height", height, format!("an active height, one of {architecture}")));
    }
    let mut at_most: Option<f64> = None;
    let mut refused = Error::domain("arities", format!("{arities:?}"), "a range with an integer of at least 2");
    for arity in arities {
        let (share, below) = match with_arity(model, arity).and_then(|model| share(&model, architecture, measure)) {
            Ok(found) => found,
            Err(error) => {
                refused = error;
                continue;
            }
        };
        if share >= wanted && wanted < below {
            return Ok(Reached::With(ArityFor { arity, share }));
        }
        at_most = Some(at_most.map_or(share, |most| most.max(share)));
    }
    at_most.map(|at_most| Reached::OutOfReach { at_most }).ok_or(refused)
}

fn with_arity(model: &Model, arity: u32) -> Result<Model> {
    let tree = PoolTree::new(arity, model.tree().depth()).map_err(|e| e.within("tree"))?;
    let (flow, timing) = (model.flow().clone(), model.timing().clone());
    Model::new(tree, flow, timing, *model.discount(), model.utility_mean(), model.cost_per_message())
}

/// The share, and the limit of ever longer windows that it stays below even where rounding says otherwise.
fn share(model: &Model, architecture: &Architecture, measure: Measure) -> Result<(f64, f64)> {
    let welfare = ClosedForm::evaluate(model, architecture)?;
    Ok(match measure {
        Measure::FilledShare => {
            let top = welfare.by_height.last().map_or(0, |level| level.height);
            (welfare.filled_share, Fills::in_long_windows(model)[top as usize].min(1.0))
        }
        Measure::FillingRateAt(height) => {
            let level = welfare.by_height.iter().find(|level| level.height == height);
            (level.map_or(0.0, |level| level.filling_rate), f64::INFINITY)
        }
    })
}

/// How periods grow with the height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowthRatio {
    /// A child is `γ` times as fast as its parent.
    Arity,
    /// By this whole number per level; 1 is one common window.
    Fixed(u32),
}

/// The share of the orders reaching it that a thick pool fills in a uniform flow.
///
/// ```text
/// X = 1 - 1/√(γ r),     1 - 1/γ where r = γ
/// ```
///
/// - `arity` `γ ≥ 2`; `ratio` `r ≥ 1`, the growth of the period per level.
/// - The limit of many orders per window; sides equal, the level below active.
/// - Source: docs/models/filling.md, "The unfilled share of equal sides".
///
/// # Errors
/// [`Error::Domain`] unless `arity ≥ 2` and the ratio is at least 1.
///
/// ```
/// use pooltree::explore::sizing::{GrowthRatio, thick_filling_rate};
/// use pooltree::kernels::unfilled::unfilled_share;
/// // Pools with 4e9 orders a side, the level below with a quarter of the orders per window.
/// let direct = 1.0 - unfilled_share(4e9)? / unfilled_share(1e9)?;
/// assert!((thick_filling_rate(2, GrowthRatio::Arity)? - direct).abs() < 1e-9);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn thick_filling_rate(arity: u32, ratio: GrowthRatio) -> Result<f64> {
    if arity < 2 {
        return Err(Error::domain("arity", arity, "an integer of at least 2"));
    }
    check_ratio(ratio)?;
    Ok(law(arity, ratio))
}

fn law(arity: u32, ratio: GrowthRatio) -> f64 {
    let gamma = f64::from(arity);
    match ratio {
        GrowthRatio::Arity => 1.0 - 1.0 / gamma,
        GrowthRatio::Fixed(ratio) => 1.0 - 1.0 / (gamma * f64::from(ratio)).sqrt(),
    }
}

fn check_ratio(ratio: GrowthRatio) -> Result<()> {
    match ratio {
        GrowthRatio::Fixed(0) => Err(Error::domain("ratio", 0, "an integer of at least 1")),
        _ => Ok(()),
    }
}

/// The smallest arity whose thick pools fill the share `filled` of what reaches them at every level.
///
/// ```text
/// γ ≥ 1/(1 - X)  where r = γ,     γ ≥ 1/(r (1 - X)²)  for a fixed r
/// ```
///
/// A share missed by less than 1e-12 counts as reached: `X = 2/3` is reached by `γ = 3`. Out of reach: beyond the largest
/// arity there is, `2^32 - 1`.
///
/// # Errors
/// [`Error::Domain`] unless `0 ≤ filled < 1` and the ratio is at least 1.
///
/// ```
/// use pooltree::explore::sizing::{GrowthRatio, Reached, thick_pool_arity};
/// assert_eq!(thick_pool_arity(0.5, GrowthRatio::Arity)?, Reached::With(2)); // 50 %, 66.7 %, 75 % for 2, 3, 4
/// assert_eq!(thick_pool_arity(0.7, GrowthRatio::Arity)?, Reached::With(4));
/// assert_eq!(thick_pool_arity(0.5, GrowthRatio::Fixed(1))?, Reached::With(4)); // 29.3 %, 42.3 %, 50 %
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn thick_pool_arity(filled: f64, ratio: GrowthRatio) -> Result<Reached<u32>> {
    let wanted = wanted(filled)?;
    check_ratio(ratio)?;
    let enough = |arity: u32| law(arity, ratio) >= wanted - ROUNDING;
    if !enough(u32::MAX) {
        return Ok(Reached::OutOfReach { at_most: law(u32::MAX, ratio) });
    }
    // The law rises with the arity: 31 halvings.
    let (mut low, mut high) = (1, u32::MAX);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle) { high = middle } else { low = middle }
    }
    Ok(Reached::With(high))
}
