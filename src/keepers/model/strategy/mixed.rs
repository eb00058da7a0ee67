//! The symmetric equilibrium of equal keepers at common value.

use crate::keepers::model::GasAuction;
use crate::kernels::elementary::{exp, exp_m1, ln, ln_1p};

/// How each of `n` keepers bids in the symmetric equilibrium at common value.
///
/// ```text
/// A(b) = (c + αb)/(v + c - (1-α)b),   H(b) = A(b)^(1/(n-1)) = P(a keeper stays out or bids at most b),   r ≤ b ≤ v
/// ```
///
/// A bid wins with probability `A(b)`, so that `A (v - b) = (1 - A)(c + αb)`: every bid earns 0, and so does staying out,
/// which happens with probability `q = H(r)`. Treated apart:
///
/// - no keeper: nobody bids;
/// - one keeper: bids `r` if `v ≥ r`, else stays out;
/// - `c = α = 0` and `v ≥ r`, two or more keepers: all bid `v` (Bertrand);
/// - otherwise `v ≤ r`: nobody bids.
///
/// Two or more keepers also have asymmetric equilibria in which the task is always served (one bids for sure): that it may
/// be left is a property of the symmetric one. Sealed bids; keepers of unequal costs are outside this model.
///
/// Source: *Keeper selection*, Gas Auction and Flashbots; derived in docs/models/gas-auction.md.
///
/// ```
/// use pooltree::keepers::model::{GasAuction, MixedStrategy};
/// // A revert costs 1 where 3 can be won: a bid of 0 must win with probability 1/4 = q³ against three others.
/// let strategy = MixedStrategy::new(&GasAuction::new(3.0, 1.0, 0.0, 0.0)?, 4);
/// assert!((strategy.stay_out().powi(3) - 0.25).abs() < 1e-15);
/// // A bid of 2 wins 1 or loses 1: it must win every other time.
/// assert!((strategy.cdf(2.0).powi(3) - 0.5).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixedStrategy {
    auction: GasAuction,
    keepers: u64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Out,
    Sure(f64),
    /// `-ln A(r)`, above 0, possibly infinite.
    Mixed(f64),
}

impl MixedStrategy {
    /// The strategy of one of `keepers` keepers.
    pub fn new(auction: &GasAuction, keepers: u64) -> Self {
        let (v, r) = (auction.value(), auction.reserve());
        let free = auction.loser_fixed() == 0.0 && auction.loser_share() == 0.0;
        let kind = match keepers {
            1 if v >= r => Kind::Sure(r),
            2.. if free && v >= r => Kind::Sure(v),
            2.. if v > r => Kind::Mixed(log_odds(v - r, lost(auction, r))),
            _ => Kind::Out,
        };
        // So little to win against so much to lose that nobody bids in double precision.
        let kind = if kind == Kind::Mixed(0.0) { Kind::Out } else { kind };
        Self { auction: *auction, keepers, kind }
    }

    /// The auction.
    pub fn auction(&self) -> &GasAuction {
        &self.auction
    }

    /// Number of keepers, `n`.
    pub fn keepers(&self) -> u64 {
        self.keepers
    }

    /// The bid, where it is the same every time.
    pub fn sure_bid(&self) -> Option<f64> {
        if let Kind::Sure(bid) = self.kind { Some(bid) } else { None }
    }

    /// `L = -ln A(r)`, where the strategy is a mixed one.
    pub(crate) fn reach(&self) -> Option<f64> {
        if let Kind::Mixed(reach) = self.kind { Some(reach) } else { None }
    }

    /// `q`: probability of staying out.
    pub fn stay_out(&self) -> f64 {
        match self.kind {
            Kind::Out => 1.0,
            Kind::Sure(_) => 0.0,
            Kind::Mixed(reach) => exp(-reach / self.rivals()),
        }
    }

    /// `1 - q`, without cancellation where `q` is close to 1.
    pub fn participation(&self) -> f64 {
        match self.kind {
            Kind::Out => 0.0,
            Kind::Sure(_) => 1.0,
            Kind::Mixed(reach) => -exp_m1(-reach / self.rivals()),
        }
    }

    /// `H(b)`: probability that a keeper stays out or bids at most `bid`; 0 for NaN.
    pub fn cdf(&self, bid: f64) -> f64 {
        let (v, r) = (self.auction.value(), self.auction.reserve());
        match self.kind {
            Kind::Out => f64::from(u8::from(!bid.is_nan())),
            Kind::Sure(sure) => f64::from(u8::from(bid >= sure)),
            Kind::Mixed(_) if bid >= v => 1.0,
            Kind::Mixed(_) if bid < r => self.stay_out(),
            Kind::Mixed(_) if bid.is_nan() => 0.0,
            Kind::Mixed(_) => exp(-log_odds(v - bid, lost(&self.auction, bid)) / self.rivals()),
        }
    }

    /// `A(b)`: probability that `bid` wins against all others; equal bids share.
    pub fn win_probability(&self, bid: f64) -> f64 {
        let (v, r) = (self.auction.value(), self.auction.reserve());
        match self.kind {
            _ if bid.is_nan() || bid < r => 0.0, // not a bid
            Kind::Sure(sure) if self.keepers > 1 && bid <= sure => {
                if bid == sure {
                    (self.keepers as f64).recip()
                } else {
                    0.0
                }
            }
            Kind::Mixed(_) if bid < v => exp(-log_odds(v - bid, lost(&self.auction, bid))),
            Kind::Out | Kind::Sure(_) | Kind::Mixed(_) => 1.0,
        }
    }

    /// The bid that a keeper who bids does not exceed with probability `u`; `None` where nobody bids or `u` is outside
    /// `[0, 1]`.
    ///
    /// ```text
    /// A = (q + (1-q)u)^(n-1),   b = r + (A - A(r)) (v - r + c + αr)/(α + (1-α)A)
    /// ```
    ///
    /// ```
    /// use pooltree::keepers::model::{GasAuction, MixedStrategy};
    /// // All pay (α = 1): the bid is v u^(n-1).
    /// let strategy = MixedStrategy::new(&GasAuction::new(2.0, 0.0, 1.0, 0.0)?, 3);
    /// assert!((strategy.quantile(0.5).unwrap() - 0.5).abs() < 1e-15);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn quantile(&self, u: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&u) {
            return None;
        }
        let (v, r) = (self.auction.value(), self.auction.reserve());
        match self.kind {
            Kind::Out => None,
            Kind::Sure(bid) => Some(bid),
            Kind::Mixed(reach) => {
                let short = self.participation() * (1.0 - u);
                // ln H, from whichever end is closer.
                let ln_h = if short < 0.5 { ln_1p(-short) } else { ln(self.stay_out() + self.participation() * u) };
                let t = (-ln_h * self.rivals()).min(reach);
                let over = (v - r) + lost(&self.auction, r);
                let above = over * -exp_m1(t - reach) / (1.0 + grown(self.auction.loser_share(), t));
                Some((r + if above.is_nan() { 0.0 } else { above }).clamp(r, v))
            }
        }
    }

    fn rivals(&self) -> f64 {
        (self.keepers - 1) as f64 // a mixed strategy has two keepers at least
    }
}

/// What a loser of this bid pays, `c + αb`.
fn lost(auction: &GasAuction, bid: f64) -> f64 {
    auction.loser_fixed() + auction.loser_share() * bid
}

/// `ln(1 + gain/loss)`, infinite for no loss.
fn log_odds(gain: f64, loss: f64) -> f64 {
    let odds = gain / loss;
    // The quotient of a large and a tiny number overflows, its logarithm does not.
    if odds.is_finite() || loss == 0.0 { ln_1p(odds) } else { ln(gain) - ln(loss) }
}

/// `α (e^t - 1)` where `e^t` may be out of range.
pub(crate) fn grown(share: f64, t: f64) -> f64 {
    if t < 700.0 { share * exp_m1(t) } else { exp(t + ln(share)) }
}
