//! The task is worth the same to every keeper.

use super::{all_over_rivals, losers, served};
use crate::keepers::model::strategy::grown;
use crate::keepers::model::{GasAuction, MixedStrategy};
use crate::kernels::elementary::{exp, exp_m1};
use crate::kernels::quadrature::panel;
use serde::Serialize;

/// Beyond it a panel that adds nothing is the last one that could.
const SETTLED: f64 = 40.0;

/// What follows from the symmetric equilibrium at common value, per auction.
///
/// ```text
/// A(b) = H(b)^(n-1) = (c + αb)/(v - b + c + αb),   q = H(r),   p = 1/(n-1),   L = -ln A(r)
///
/// served           1 - q^n                        unserved         q^n
/// bidders          n(1 - q)                       reverted         n(1 - q) - (1 - q^n)
/// payments         v(1 - q^n)                     protection       v q^n
/// losers' loss     ∫_r^v (H^n - q^n) db = n p (c + αv) ∫_0^L e^(-pt) (1 - e^(-t))/(1 + α(e^t - 1)) dt
/// winner's payment v(1 - q^n) - losers' loss
/// mean bid         r + (v - r + c + αr) p/(1-q) ∫_0^L e^(-pt) (1 - e^(t-L))/(1 + α(e^t - 1)) dt
/// ```
///
/// `t = -ln A`; all integrands are positive and smooth, and no difference cancels for `q` near 0 or 1 and any number of
/// keepers. Nobody profits; what the winner gains, the losers lose. Treated apart:
///
/// - no keeper: nothing happens;
/// - one keeper: served at the reserve if `v ≥ r`, and the keeper keeps `v - r`;
/// - `c = α = 0` (Flashbots) and `v ≥ r`, two or more keepers: all bid `v`, always served, losing bids cost nothing;
/// - otherwise `v ≤ r`: nobody bids.
///
/// Limits: all-pay (`α = 1`, `c = r = 0`) winner's payment `v n/(2n-1)`, losers' loss `v (n-1)/(2n-1)`; `n → ∞` with
/// `α = r = 0`: a Poisson number of bidders of mean `ln(1 + v/c)`, payments `v²/(v + c)`. Asymmetric equilibria exist that
/// always serve the task (one keeper bids for sure): `unserved` is a property of the symmetric one.
///
/// Source: *Keeper selection*, Gas Auction and Flashbots; derived in docs/models/gas-auction.md.
///
/// ```
/// use pooltree::keepers::{GasAuction, closed_form::auction::CommonValue};
/// // Two keepers, v = c = 1, α = r = 0: H = 1/(2 - b), so the losers lose ∫ 1/(2-b)² - 1/4 = 1/2 - 1/4.
/// let auction = GasAuction::new(1.0, 1.0, 0.0, 0.0)?;
/// let outcome = CommonValue::new(&auction, 2);
/// assert!((outcome.losers_loss - 0.25).abs() < 1e-15);
/// assert!((outcome.unserved - 0.25).abs() < 1e-15);
/// // Each bids half of the time: reverted when both do.
/// assert!((outcome.reverted - 0.25).abs() < 1e-15);
/// assert_eq!(CommonValue::new(&auction.without_reverts(), 2).payments, 1.0);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CommonValue {
    /// Number of keepers, `n`.
    pub keepers: u64,
    /// Probability that the task is executed.
    pub served: f64,
    /// Probability that nobody bids.
    pub unserved: f64,
    /// Probability that one keeper stays out, `q`.
    pub stay_out: f64,
    /// Expected number of bidders.
    pub bidders: f64,
    /// Expected number of losing bids; they revert, or are dropped where losers pay nothing.
    pub reverted: f64,
    /// Expected sum of what all keepers pay.
    pub payments: f64,
    /// Expected payment of the winner, 0 where there is none.
    pub winner_payment: f64,
    /// Expected sum of what losers pay.
    pub losers_loss: f64,
    /// Expected profit of one keeper.
    pub profit: f64,
    /// What dropping reverted transactions adds to the expected payments: `v` times the tasks that are left otherwise.
    pub protection: f64,
    /// Expected winning bid, given that there is one; `None` where there never is.
    pub winning_bid: Option<f64>,
    /// Expected bid of one keeper, given that it bids; `None` where it never does.
    pub mean_bid: Option<f64>,
    /// Probability that a keeper who bids wins; `None` where none does.
    pub win_given_bid: Option<f64>,
    /// Expected loss of a losing bid; `None` where there is none.
    pub loss_per_revert: Option<f64>,
}

impl CommonValue {
    /// Works it out for `n` keepers.
    pub fn new(auction: &GasAuction, n: u64) -> Self {
        let strategy = MixedStrategy::new(auction, n);
        let (v, served_share) = (auction.value(), served(auction, n));
        let protection = v * (served(&auction.without_reverts(), n) - served_share);
        let none = Self {
            keepers: n,
            served: 0.0,
            unserved: 1.0,
            stay_out: strategy.stay_out(),
            bidders: 0.0,
            reverted: 0.0,
            payments: 0.0,
            winner_payment: 0.0,
            losers_loss: 0.0,
            profit: 0.0,
            protection,
            winning_bid: None,
            mean_bid: None,
            win_given_bid: None,
            loss_per_revert: None,
        };
        if let Some(bid) = strategy.sure_bid() {
            let bidders = n as f64;
            return Self {
                served: 1.0,
                unserved: 0.0,
                bidders,
                reverted: bidders - 1.0,
                payments: bid,
                winner_payment: bid,
                profit: (v - bid) / bidders,
                winning_bid: Some(bid),
                mean_bid: Some(bid),
                win_given_bid: Some(bidders.recip()),
                loss_per_revert: (n > 1).then_some(0.0),
                ..none
            };
        }
        let Some(reach) = strategy.reach() else { return none };
        let (share, rate) = (all_over_rivals(n), (n as f64 - 1.0).recip());
        let unserved = exp(-share * reach);
        let participation = strategy.participation();
        // The chance of a single keeper may have lost its digits, or underflow, where that of all has not.
        let bidders = if participation < f64::MIN_POSITIVE { share * reach } else { n as f64 * participation };
        let reverted = losers(n, rate * reach);
        let payments = v * served_share;
        let losers_loss = losers_loss(auction, share, rate, reach).min(payments);
        let winner_payment = payments - losers_loss;
        Self {
            served: served_share,
            unserved,
            bidders,
            reverted,
            payments,
            winner_payment,
            losers_loss,
            protection: v * unserved,
            // Between the reserve and the value also where amounts are too small to have digits.
            winning_bid: quotient(winner_payment, served_share).map(|bid| bid.clamp(auction.reserve(), v)),
            mean_bid: Some(mean_bid(auction, rate, reach, participation)),
            win_given_bid: quotient(served_share, bidders).map(|share| share.min(1.0)),
            loss_per_revert: quotient(losers_loss, reverted),
            ..none
        }
    }
}

/// `∫_r^v (H^n - q^n) db`.
fn losers_loss(auction: &GasAuction, share: f64, rate: f64, reach: f64) -> f64 {
    let (a, most) = (auction.loser_share(), auction.loser_fixed() + auction.loser_share() * auction.value());
    // v - b over A, times A^(n/(n-1)).
    share * integral(reach, |t| exp(-rate * t) * (most * -exp_m1(-t) / (1.0 + grown(a, t))))
}

fn mean_bid(auction: &GasAuction, rate: f64, reach: f64, participation: f64) -> f64 {
    let (a, r) = (auction.loser_share(), auction.reserve());
    let over = (auction.value() - r) + auction.loser_fixed() + a * r;
    let above = integral(reach, |t| exp(-rate * t) * (over * -exp_m1(t - reach) / (1.0 + grown(a, t))));
    // So many keepers that the chance of a single one to bid underflows: the limit of rate · reach over it is 1.
    let above = if participation > 0.0 { rate * above / participation } else { above / reach };
    (r + above).min(auction.value())
}

/// `∫_0^reach f`, `f` positive, smooth on the scale of 1 and falling beyond 40.
fn integral(reach: f64, f: impl Fn(f64) -> f64) -> f64 {
    const WIDTH: f64 = 2.0;
    let mut sum = 0.0;
    let mut lo = 0.0;
    while lo < reach {
        let hi = (lo + WIDTH).min(reach);
        let added = panel(lo, hi, &f);
        sum += added;
        if lo > SETTLED && added <= 1e-20 * sum {
            break;
        }
        lo = hi;
    }
    sum
}

/// `None` where both are 0 in double precision.
fn quotient(over: f64, under: f64) -> Option<f64> {
    (under > 0.0).then(|| over / under)
}
