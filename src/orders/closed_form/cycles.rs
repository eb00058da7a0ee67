//! What clearing cycles can gain over pairs: the unfilled share between two values of `g`.

use crate::error::{Error, Result, checked};
use crate::kernels::unfilled::unfilled;

/// The expected unfilled share of a batch of which only pairs are cleared.
///
/// ```text
/// g(n/(a(a-1)))
/// ```
///
/// - `orders`: `n ≥ 0`, expected orders in a batch; Poisson, each of the `a(a-1)` directed edges `x → y` equally likely.
/// - `assets`: `a ≥ 2`.
/// - Every pair of assets is a class of its own with `n/(a(a-1))` orders a side, of which the share
///   [`g`](crate::kernels::unfilled::unfilled_share) stays. A solver that finds each match with probability `s` fills
///   `s (1 - g)`.
///
/// # Errors
/// [`Error::Domain`] unless `orders` is finite and `≥ 0` and `assets ≥ 2`.
///
/// ```
/// use pooltree::orders::closed_form::cycles::pairs_unfilled_share;
/// // Three assets, six orders: one a side; e^(-2) (I_0(2) + I_1(2)) with the Bessel functions from a table.
/// let share = pairs_unfilled_share(6.0, 3)?;
/// assert!((share - (-2f64).exp() * (2.279585302336067 + 1.590636854637329)).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn pairs_unfilled_share(orders: f64, assets: u32) -> Result<f64> {
    let (n, a) = batch(orders, assets)?;
    Ok(unfilled(n / (a * (a - 1.0))))
}

/// The least expected unfilled share that any solver can leave, whatever it clears together: a lower bound.
///
/// ```text
/// unfilled orders ≥ ½ Σ_x |D_x|,     D_x = offers of x - requests for x,     ½ Σ_x E|D_x| = n g(n/a)
/// ```
///
/// - `orders`: `n ≥ 0`, expected orders in a batch; Poisson, each of the `a(a-1)` directed edges `x → y` equally likely.
/// - `assets`: `a ≥ 2`; with 2 the bound is what pairs leave.
/// - Clearing never changes an asset's imbalance `D_x`, and every order left over is part of that of two assets
///   (docs/models/cycles.md, "Cycles"). Tight as `n/a → ∞` with `a` fixed: in thick batches cycles are worth `a - 1` times
///   the order flow. In thin ones it is far from what even [`SolverModel::Unlimited`] reaches: the imbalances cancel on
///   paper, but there are no orders along which they could.
///
/// # Errors
/// [`Error::Domain`] unless `orders` is finite and `≥ 0` and `assets ≥ 2`.
///
/// ```
/// use pooltree::orders::closed_form::cycles::{least_unfilled_share, pairs_unfilled_share};
/// // Ten assets, 1000 orders: the leading terms 1/√(πx) (1 - 1/(16x)) at x = 100.
/// let least = least_unfilled_share(1000.0, 10)?;
/// assert!((least - (1.0 - 1.0 / 1600.0) / (100.0 * std::f64::consts::PI).sqrt()).abs() < 1e-5);
/// // Nine times the orders would do as much for pairs.
/// assert!((pairs_unfilled_share(9000.0, 10)? - least).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
///
/// [`SolverModel::Unlimited`]: crate::orders::SolverModel::Unlimited
pub fn least_unfilled_share(orders: f64, assets: u32) -> Result<f64> {
    let (n, a) = batch(orders, assets)?;
    Ok(unfilled(n / a))
}

fn batch(orders: f64, assets: u32) -> Result<(f64, f64)> {
    let orders = checked("orders", orders, |n| n >= 0.0, "finite and at least 0")?;
    if assets < 2 {
        return Err(Error::domain("assets", assets, "an integer of at least 2"));
    }
    Ok((orders, f64::from(assets)))
}
