//! Gas auctions in equilibrium.
//!
//! Sealed bids: bids in a mempool are open and can be replaced, which no tractable model covers. Equal costs: keepers whose
//! costs differ are outside these formulas.

mod common_value;
mod deviation;
mod private_values;

pub use common_value::CommonValue;
pub use deviation::{deviation_profit, private_deviation_profit};
pub use private_values::PrivateValues;

use crate::keepers::model::{GasAuction, MixedStrategy};
use crate::kernels::elementary::exp_m1;

/// Probability that somebody executes the task in the symmetric equilibrium of `n` keepers.
///
/// ```text
/// 1 - q^n,   q^(n-1) = (c + αr)/(v - r + c + αr)
/// ```
///
/// Apart: 0 without keepers; 1 for one keeper if `v ≥ r`, else 0; 1 for two or more with `c = α = 0` if `v ≥ r`; otherwise 0
/// if `v ≤ r`. Two or more keepers also have asymmetric equilibria that always serve.
///
/// Source: *Keeper selection*, Gas Auction ("ensuring automatic selection"); derived in docs/models/gas-auction.md.
///
/// ```
/// use pooltree::keepers::{GasAuction, closed_form::auction::served};
/// // A revert costs as much as the task is worth: one rival must stay out half of the time, so 1/4 of the tasks are left.
/// assert!((served(&GasAuction::new(1.0, 1.0, 0.0, 0.0)?, 2) - 0.75).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn served(auction: &GasAuction, n: u64) -> f64 {
    let strategy = MixedStrategy::new(auction, n);
    match strategy.reach() {
        Some(reach) => -exp_m1(-all_over_rivals(n) * reach),
        None => f64::from(u8::from(strategy.sure_bid().is_some())),
    }
}

/// `n/(n-1)`.
fn all_over_rivals(n: u64) -> f64 {
    1.0 + (n as f64 - 1.0).recip()
}

/// Expected number of bidders who do not win, `n(1 - q) - (1 - q^n)` with `q = e^(-depth)`.
fn losers(n: u64, depth: f64) -> f64 {
    let n = n as f64;
    if n * depth < 1.0 {
        // Both terms are nearly n·depth: what each falls short of it by, instead.
        shortfall(n * depth) - n * shortfall(depth)
    } else {
        -n * exp_m1(-depth) + exp_m1(-n * depth)
    }
}

/// `t - (1 - e^(-t))` for `0 ≤ t ≤ 1`.
fn shortfall(t: f64) -> f64 {
    const TERMS: u32 = 20;
    // t²/2 (1 - t/3 (1 - t/4 (...))).
    (3..=TERMS).rev().fold(1.0, |inner, k| 1.0 - t / f64::from(k) * inner) * 0.5 * t * t
}
