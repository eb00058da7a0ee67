//! How many windows a replication takes, how many pass before they count, and how many auctions an order misses.

use crate::error::{Error, Result};
use crate::orders::{Lifetime, Orders, Priority, Stretch};

/// Windows of a warm-up, in lifetimes, at least.
const LIFETIMES: f64 = 10.0;

/// Windows of a warm-up, in mean patience times: after them `e^-20` of what was there is left.
const PATIENCES: f64 = 20.0;

/// Auctions until an order left over can take part in one again: it is free when the auction that left it over has ended.
pub(super) fn auctions_apart(duration: f64, period: f64) -> f64 {
    (duration / period - 1e-9).ceil().max(1.0)
}

/// Windows that count and windows before them, given or chosen.
///
/// `lag`: windows from one chance of an order to the next; `period`: of the windows; `orders_a_side`: of the busiest market in
/// one of them.
///
/// Under patience whatever was there fades as `e^(-θt)`. Under a lifetime of `ℓ` auctions fades what orders were there, but the
/// surplus of one side is a random walk of variance `2x` a window, `x` orders a side, that only expiry holds back. Served in the
/// order of arrival, it is free up to the `ℓ x` orders that arrive in a lifetime: its slowest mode takes `4ℓ²x/π²` windows, the
/// slowest that an empty start excites a quarter of that. Served at random or by value, orders already expire where the
/// surplus is a few times smaller.
pub(super) fn windows(orders: &Orders, lag: f64, period: f64, orders_a_side: f64) -> Result<[u64; 2]> {
    let memory = match orders.lifetime {
        Lifetime::Auctions { lifetime: 1 } => 0.0,
        Lifetime::Auctions { lifetime } => {
            let lifetime = f64::from(lifetime);
            let walk = lifetime * lifetime * orders_a_side;
            let surplus = match orders.priority {
                Priority::Oldest => 2.0 * walk,
                Priority::Random | Priority::HighestValue => 0.25 * walk,
                Priority::Newest => 0.0,
            };
            (LIFETIMES * lifetime).max(surplus).ceil() * lag
        }
        Lifetime::Patience { patience_rate, .. } if patience_rate > 0.0 => {
            (1.0 + PATIENCES / (patience_rate * lag * period)).ceil() * lag
        }
        Lifetime::Patience { .. } => 0.0,
    };
    let warm_up = orders.stretch.warm_up.map_or(memory, |given| given as f64);
    let carried = !orders.lifetime.is_one_auction();
    let windows = orders.stretch.windows.map_or(if carried { memory.max(16.0) } else { 1.0 }, |given| given as f64);
    if !(warm_up + windows <= 2.0 * Stretch::MOST as f64) {
        let reason =
            format!("a warm-up of {warm_up:.1e} windows of the highest active height is too long; set orders.warm_up");
        return Err(Error::OutOfReach { reason });
    }
    Ok([windows as u64, warm_up as u64])
}
