//! The task is worth something else to every keeper.

use super::{all_over_rivals, losers};
use crate::error::Result;
use crate::keepers::model::{BidFunction, GasAuction, PrivateValue};
use crate::kernels::elementary::{exp, exp_m1};
use crate::kernels::quadrature::panel;
use crate::kernels::sum::Sum;
use serde::Serialize;

/// What follows from the symmetric equilibrium with private values, per auction.
///
/// ```text
/// unserved         F(t)^n                         reverted    n(1 - F(t)) - (1 - F(t)^n)
/// payments         t n (1-F(t)) G(t) + ∫_t x n (1-F) dG       G = F^(n-1)
/// profit           ∫_t G (1 - F) dx               of one keeper
/// winner's payment n ∫_t b G dF                   losers' loss n ∫_t (1 - G)(c + αb) dF
/// winner's value   ∫_t x d(F^n) = payments + n profit
/// efficiency       winner's value over the expected largest value
/// ```
///
/// `t` and `b(x)` as in [`BidFunction`]. Payments, losers' gas included, are those of a second-price auction with the
/// threshold as its reserve: for `r = 0` they do not depend on `α`, whatever `c`, because the threshold does not; for `r > 0`
/// they do. Every term is positive; relative errors are about 1e-13.
///
/// Limits: uniform values and `c = r = 0`: payments `(n-1)/(n+1)`; no keeper or no value above `r`: nothing happens; one
/// keeper: pays `r` if `x ≥ r`.
///
/// Source: *Keeper selection*, Gas Auction; derived in docs/models/gas-auction.md.
///
/// ```
/// use pooltree::keepers::{GasAuction, closed_form::auction::PrivateValues};
/// use pooltree::keepers::model::{PrivateValue, ValueLaw};
/// // Three keepers, uniform values: the second largest of three is 1/2 in the mean, the largest 3/4, whoever pays it.
/// let uniform = PrivateValue::new(ValueLaw::Uniform)?;
/// let all_pay = PrivateValues::new(&GasAuction::new(1.0, 0.0, 1.0, 0.0)?, &uniform, 3)?;
/// assert!((all_pay.payments - 0.5).abs() < 1e-14);
/// assert!((all_pay.profit - 0.25 / 3.0).abs() < 1e-14);
/// // All-pay bids are 2/3 x³: the winner's is 2/3 · 3/6 in the mean.
/// assert!((all_pay.winner_payment - 1.0 / 3.0).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PrivateValues {
    /// Number of keepers, `n`.
    pub keepers: u64,
    /// The least value at which a keeper bids; `None` where nobody does.
    pub threshold: Option<f64>,
    /// Probability that the task is executed.
    pub served: f64,
    /// Probability that nobody bids.
    pub unserved: f64,
    /// Expected number of bidders.
    pub bidders: f64,
    /// Expected number of losing bids.
    pub reverted: f64,
    /// Expected sum of what all keepers pay.
    pub payments: f64,
    /// Expected payment of the winner, 0 where there is none.
    pub winner_payment: f64,
    /// Expected sum of what losers pay.
    pub losers_loss: f64,
    /// Expected profit of one keeper.
    pub profit: f64,
    /// Expected value of the task to the winner, 0 where there is none.
    pub winner_value: f64,
    /// Expected largest value of all keepers; 0 without any.
    pub largest_value: f64,
    /// Share of the expected largest value that is realised; 0 without keepers.
    pub efficiency: f64,
}

impl PrivateValues {
    /// Works it out for `n` keepers; the value of the auction is the unit of the law.
    ///
    /// # Errors
    /// Those of [`BidFunction::new`].
    pub fn new(auction: &GasAuction, law: &PrivateValue, n: u64) -> Result<Self> {
        let bids = BidFunction::new(auction, law, n)?;
        let unit = auction.value();
        let outcome = match n {
            0 => Self::nothing(0),
            1 => Self::alone(auction, law),
            _ => {
                let free = GasAuction::new(unit, 0.0, 0.0, 0.0)?;
                let (payments, profit) = total(&BidFunction::new(&free, law, n)?);
                Self { largest_value: payments + n as f64 * profit, ..Self::among(&bids) }
            }
        };
        let largest = outcome.largest_value;
        Ok(Self {
            threshold: bids.threshold(),
            payments: outcome.payments * unit,
            winner_payment: outcome.winner_payment * unit,
            losers_loss: outcome.losers_loss * unit,
            profit: outcome.profit * unit,
            winner_value: outcome.winner_value * unit,
            largest_value: largest * unit,
            efficiency: if largest > 0.0 { (outcome.winner_value / largest).min(1.0) } else { 0.0 },
            ..outcome
        })
    }

    fn nothing(n: u64) -> Self {
        Self {
            keepers: n,
            threshold: None,
            served: 0.0,
            unserved: 1.0,
            bidders: 0.0,
            reverted: 0.0,
            payments: 0.0,
            winner_payment: 0.0,
            losers_loss: 0.0,
            profit: 0.0,
            winner_value: 0.0,
            largest_value: 0.0,
            efficiency: 0.0,
        }
    }

    /// One keeper, in units of the value.
    fn alone(auction: &GasAuction, law: &PrivateValue) -> Self {
        let reserve = auction.reserve() / auction.value();
        let depth = law.depth(reserve);
        let (served, payments, profit) = (-exp_m1(-depth), reserve * -exp_m1(-depth), law.excess(reserve));
        Self {
            served,
            unserved: exp(-depth),
            bidders: served,
            payments,
            winner_payment: payments,
            profit,
            winner_value: payments + profit,
            largest_value: law.excess(0.0),
            ..Self::nothing(1)
        }
    }

    /// Two keepers or more, in units of the value.
    fn among(bids: &BidFunction) -> Self {
        let n = bids.keepers();
        let reach = bids.reach();
        if reach == 0.0 {
            return Self::nothing(n);
        }
        let (share, rate) = (all_over_rivals(n), bids.rivals().recip());
        let (a, fixed) = (bids.auction().loser_share(), bids.auction().loser_fixed() / bids.auction().value());
        let (payments, profit) = total(bids);
        let winner_payment = share * integral(bids, |tau| bids.at_tau(tau) * exp(-share * tau));
        let losers_loss = if a == 0.0 && fixed == 0.0 {
            0.0
        } else {
            let loss = |tau: f64| -exp_m1(-tau) * exp(-rate * tau) * (fixed + a * bids.at_tau(tau));
            share * integral(bids, loss)
        };
        Self {
            served: -exp_m1(-share * reach),
            unserved: exp(-share * reach),
            bidders: n as f64 * -exp_m1(-rate * reach),
            reverted: losers(n, rate * reach),
            payments,
            winner_payment,
            losers_loss,
            profit,
            winner_value: payments + n as f64 * profit,
            ..Self::nothing(n)
        }
    }
}

/// Expected payments of all and profit of one of two keepers or more, in units of the value: neither knows the bids.
fn total(bids: &BidFunction) -> (f64, f64) {
    let (n, rate, reach) = (bids.keepers() as f64, bids.rivals().recip(), bids.reach());
    if reach == 0.0 {
        return (0.0, 0.0);
    }
    let others = |tau: f64| -n * exp_m1(-rate * tau) * exp(-tau);
    let at_threshold = if reach.is_finite() { bids.value_at_tau(reach) * others(reach) } else { 0.0 };
    let payments = at_threshold + integral(bids, |tau| bids.value_at_tau(tau) * others(tau));
    // Above the first point of the table only one keeper's value can be.
    let beyond = bids.edges().first().map_or(0.0, |&first| bids.law().excess(bids.value_at_tau(first)));
    let profit = beyond + rate * integral(bids, |tau| exp(-tau) * bids.law().spread(rate * tau));
    (payments, profit)
}

/// `∫ f` over the table of the bid function.
fn integral(bids: &BidFunction, f: impl Fn(f64) -> f64) -> f64 {
    bids.edges().windows(2).map(|ends| panel(ends[0], ends[1], &f)).collect::<Sum>().value()
}
