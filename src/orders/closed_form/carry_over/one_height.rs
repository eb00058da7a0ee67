//! Architectures with one active height whose orders are carried over.

use super::{CarryOver, evaluate};
use crate::always_on::AlwaysOn;
use crate::error::Result;
use crate::kernels::sum::Sum;
use crate::orders::PatienceFrom;
use crate::pool_tree::closed_form::classes_at;
use crate::pool_tree::{Architecture, Model};
use serde::Serialize;

/// What becomes of the orders of an architecture with one active height, per order that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OneHeight {
    /// Share of all orders that is filled.
    pub filled_share: f64,
    /// Expected `β^delay` of an order if it is filled, 0 if it is not.
    pub welfare: f64,
    /// Expected delay of an order if it is filled, 0 if it is not.
    pub delay: f64,
}

/// The disconnected pools of one height (the global pool at the root) under exponential patience, random priority and the
/// `batched` delay: the sum over the classes that meet there of [`evaluate`].
///
/// # Errors
/// As [`CarryOver::new`] and [`evaluate`]; [`Error::Domain`](crate::Error::Domain) for a [network](Model::network).
///
/// ```
/// use pooltree::orders::{PatienceFrom, closed_form::carry_over::one_height};
/// use pooltree::{ClosedForm, Scenario, pool_tree::Architecture};
/// let scenario = Scenario::document();
/// // Patience of a thousandth of the root's period: as with one auction.
/// let hasty = one_height(&scenario, 3, 1000.0, PatienceFrom::Root)?;
/// let global = ClosedForm::evaluate(&scenario, &Architecture::global(scenario.tree()))?;
/// assert!((hasty.filled_share - global.filled_share).abs() < 1e-12);
/// assert!((hasty.welfare - global.gross_per_order).abs() < 1e-12);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn one_height(model: &Model, height: u32, patience_rate: f64, patience_from: PatienceFrom) -> Result<OneHeight> {
    model.check_alike("the closed form of carried-over orders")?;
    let schedule = model.schedule(&Architecture::local(model.tree(), height)?)?;
    let [mut filled, mut welfare, mut delay] = [Sum::default(); 3];
    for level in schedule.levels() {
        for class in classes_at(model, level) {
            let [first, second] =
                [class.sides.plus, class.sides.minus].map(|share| share * class.orders / level.period);
            if !(first > 0.0 && second > 0.0 && class.share > 0.0) {
                continue; // one side alone is never filled
            }
            let flow = AlwaysOn::new(first, second, patience_rate)?;
            let outcome =
                evaluate(&CarryOver::new(&flow, patience_from, level.period, level.latency)?, model.discount())?;
            filled.add(class.share * outcome.filled_share);
            welfare.add(class.share * outcome.welfare);
            delay.add(class.share * outcome.filled_share * outcome.mean_delay);
        }
    }
    Ok(OneHeight { filled_share: filled.value(), welfare: welfare.value(), delay: delay.value() })
}
