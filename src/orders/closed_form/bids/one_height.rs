//! Architectures with one active height, the most valuable orders first.

use super::gains;
use crate::error::{Error, Result};
use crate::kernels::sum::Sum;
use crate::orders::ValueLaw;
use crate::pool_tree::closed_form::classes_at;
use crate::pool_tree::{Architecture, Model};
use serde::Serialize;

/// Exact expected welfare of an architecture with one active height, the most valuable orders first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OneHeight {
    /// The active height.
    pub height: u32,
    /// Discounted value filled per unit time.
    pub gross: f64,
    /// The same with random priority.
    pub gross_random: f64,
    /// Share of all orders that is filled, whatever the priority.
    pub filled_share: f64,
    /// Share of all value that is filled.
    pub value_share: f64,
    /// Mean value of a filled order over that of any order, `value_share/filled_share ≥ 1`; 1 where nothing is filled.
    pub match_quality: f64,
    /// `E[β^delay]` of a filled order.
    pub expected_discount: f64,
}

/// Welfare of the disconnected pools of one height (the global pool at the root) that fill the most valuable orders first.
///
/// ```text
/// gross = ū Λ E[β^delay] Σ_classes share · value(x+, x-)/(x+ + x-)
/// ```
///
/// `value` as in [`highest_value`](super::highest_value); `x±` the orders of either side of a class in one pool and window. The
/// wait of a filled order is uniform on the window and independent of its value, because the priority ignores time. Communication
/// costs what it costs under any priority and is not taken off.
///
/// - `height`: `0..=depth`. `law`: relative to the mean utility `ū` of the model.
/// - Source: docs/models/bids.md, "Bids".
///
/// # Errors
/// [`Error::Domain`] for a [network](Model::network), a height that the tree does not have, a parameter of the law out of range, a height
/// without latency under back-to-back auctions; [`Error::NotFinite`] for more than 1e15 orders in a window.
///
/// ```
/// use pooltree::orders::{ValueLaw, closed_form::bids::{highest_value, one_height}};
/// use pooltree::Scenario;
/// // The eight operators of the document, all orders in one pool and window: 32 a side.
/// let global = one_height(&Scenario::document(), 3, &ValueLaw::Exponential)?;
/// let window = highest_value(32.0, 32.0, &ValueLaw::Exponential)?;
/// assert!((global.match_quality / window.match_quality - 1.0).abs() < 1e-14);
/// // Pools of two fill less value. A filled order is worth more in them: where fewer are filled there is more to choose.
/// let local = one_height(&Scenario::document(), 1, &ValueLaw::Exponential)?;
/// assert!(local.value_share < global.value_share && local.match_quality > global.match_quality);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn one_height(model: &Model, height: u32, law: &ValueLaw) -> Result<OneHeight> {
    law.check()?;
    model.check_alike("the closed form of bids")?;
    let schedule = model.schedule(&Architecture::local(model.tree(), height)?)?;
    let (mut filled, mut gained, mut discount) = (Sum::default(), Sum::default(), 1.0);
    for level in schedule.levels() {
        model.check_orders(level.period)?;
        discount = model.timing().expected_discount(model.discount(), level);
        for class in classes_at(model, level) {
            if !(class.orders <= super::ORDERS_MAX) {
                let what = "the number of orders of a class in one window, at most 1e15 here,";
                return Err(Error::not_finite("flow.rate", model.flow().rate(), what));
            }
            filled.add(class.share * class.sides.filled(class.orders));
            if class.orders > 0.0 {
                let (x_plus, x_minus) = (class.sides.plus * class.orders, class.sides.minus * class.orders);
                gained.add(class.share * gains(x_plus, x_minus, law)? / class.orders);
            }
        }
    }
    let (filled_share, gain) = (filled.value().min(1.0), gained.value());
    let value_share = (filled_share + gain).min(1.0);
    let worth = model.utility_mean() * model.flow().rate() * discount;
    Ok(OneHeight {
        height,
        gross: worth * value_share,
        gross_random: worth * filled_share,
        filled_share,
        value_share,
        match_quality: if filled_share > 0.0 { 1.0 + gain / filled_share } else { 1.0 },
        expected_discount: discount,
    })
}
