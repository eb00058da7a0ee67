//! What a keeper earns who bids otherwise than the equilibrium says.

use crate::error::{Result, checked};
use crate::keepers::model::{BidFunction, GasAuction, MixedStrategy};
use crate::kernels::elementary::{exp, exp_m1};

/// Expected profit of a keeper who bids `bid` against `n - 1` others in the symmetric equilibrium.
///
/// ```text
/// A(b)(v - b) - (1 - A(b))(c + αb) = 0  for r ≤ b ≤ v;   v - b  above
/// ```
///
/// Nobody gains by deviating: this is never above [`CommonValue::profit`](super::CommonValue::profit). A bid of `v` against sure bids of `v` earns 0 as
/// well; with `c = α = 0` lower bids against them lose and cost nothing.
///
/// Source: derived in docs/models/gas-auction.md.
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for a bid below the reserve or not finite.
///
/// ```
/// use pooltree::keepers::{GasAuction, closed_form::auction::deviation_profit};
/// let auction = GasAuction::new(2.0, 1.0, 0.5, 0.25)?;
/// assert!(deviation_profit(&auction, 5, 1.0)?.abs() < 1e-15);
/// assert_eq!(deviation_profit(&auction, 5, 2.5)?, -0.5);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn deviation_profit(auction: &GasAuction, n: u64, bid: f64) -> Result<f64> {
    let r = auction.reserve();
    checked("bid", bid, |b| b >= r, "finite and at least the reserve")?;
    let v = auction.value();
    let wins = MixedStrategy::new(auction, n).win_probability(bid);
    let lost = auction.loser_fixed() + auction.loser_share() * bid;
    Ok(wins * (v - bid) - (1.0 - wins) * lost)
}

/// Expected profit of a keeper to whom the task is worth `value` and who bids `bid` against `n - 1` others with private values.
///
/// ```text
/// G(z)(x - b) - (1 - G(z))(c + αb),   b(z) = b
/// ```
///
/// At `z = x` it is `∫_t^x G`, the most there is; staying out earns 0. A bid above all others wins for sure; where all bids are
/// above `bid` it loses for sure. In the units of the auction.
///
/// Source: derived in docs/models/gas-auction.md.
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for a value that is not finite, or a bid below the reserve or not finite.
///
/// ```
/// use pooltree::keepers::closed_form::auction::private_deviation_profit;
/// use pooltree::keepers::model::{BidFunction, GasAuction, PrivateValue, ValueLaw};
/// // Two keepers, uniform values, first price: bid x/2 wins with probability x and earns x²/2.
/// let free = GasAuction::new(1.0, 0.0, 0.0, 0.0)?;
/// let bids = BidFunction::new(&free, &PrivateValue::new(ValueLaw::Uniform)?, 2)?;
/// assert!((private_deviation_profit(&bids, 0.8, 0.4)? - 0.32).abs() < 1e-14);
/// assert!((private_deviation_profit(&bids, 0.8, 0.3)? - 0.3).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn private_deviation_profit(strategy: &BidFunction, value: f64, bid: f64) -> Result<f64> {
    let auction = strategy.auction();
    let r = auction.reserve();
    checked("value", value, |_| true, "finite")?;
    checked("bid", bid, |b| b >= r, "finite and at least the reserve")?;
    let tau = if strategy.keepers() < 2 { 0.0 } else { rank(strategy, bid / auction.value()) };
    let lost = auction.loser_fixed() + auction.loser_share() * bid;
    Ok(exp(-tau) * (value - bid) - -exp_m1(-tau) * lost)
}

/// The `τ` with this bid: bids fall in it.
fn rank(strategy: &BidFunction, bid: f64) -> f64 {
    /// `e^(-τ)` is 0 from here on.
    const NEVER: f64 = 800.0;
    let reach = strategy.reach();
    // At the reserve one wins against those who stay out.
    if reach == 0.0 || (reach.is_finite() && strategy.at_tau(reach) >= bid) {
        return reach;
    }
    // Positive numbers are in the order of their bits.
    let (mut low, mut high) = (0, reach.min(NEVER).to_bits());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if strategy.at_tau(f64::from_bits(middle)) > bid { low = middle } else { high = middle }
    }
    f64::from_bits(high)
}
