//! The symmetric equilibrium of keepers with private values.

use super::mixed::grown;
use crate::error::{Error, Result, shown};
use crate::keepers::model::{GasAuction, PrivateValue};
use crate::kernels::elementary::{exp, exp2, ln};
use crate::kernels::quadrature::panel;

/// Octaves below 1 down to which the table of the bid function reaches: the chance of a value beyond is below 1e-18.
const OCTAVES: i32 = 60;

/// What weighs `e^(-64)` is lost in rounding.
const FAR: f64 = 64.0;

/// Beyond the logarithm of the ratio of any two numbers.
const FARTHEST: f64 = 1500.0;

/// How each of `n` keepers bids who knows what the task is worth to it, values being independent draws `x ~ F`.
///
/// ```text
/// b(x) = [x G(x) - ∫_t^x G - (1 - G(x)) c]/[G(x) + α(1 - G(x))],   x ≥ t,   G = F^(n-1)
/// G(t)(t - r) = (1 - G(t))(c + αr)
/// ```
///
/// and nobody with `x < t` bids. `b` rises; `b(t) = r` where `c + αr > 0`. Treated apart:
///
/// - no keeper: nobody bids; one keeper: bids `r` if `x ≥ r`;
/// - `c + αr = 0`, two or more keepers: `t = max(r, least value)`, and where the least value is above `r` it bids itself if
///   `α = 0`;
/// - no value above `r`: nobody bids.
///
/// Values and amounts are in units of [`GasAuction::value`]: the law tells `x` over that. Sealed bids, one law and one cost for
/// all; unequal ones are outside this model.
///
/// With `G = e^(-τ)` and `F = e^(-τ/(n-1))` the numerator over `G` is a sum of positive terms,
/// `∫_τ^T (x + c) e^(-(s-τ)) ds + r (1 + α(e^T - 1)) e^(-(T-τ))`: no cancellation; a bid has a relative error of about 1e-14.
///
/// Source: *Keeper selection*, Gas Auction; derived in docs/models/gas-auction.md.
///
/// ```
/// use pooltree::keepers::model::{BidFunction, GasAuction, PrivateValue, ValueLaw};
/// // Losers pay nothing, uniform values: the textbook bid (n-1)/n x.
/// let free = GasAuction::new(1.0, 0.0, 0.0, 0.0)?;
/// let bids = BidFunction::new(&free, &PrivateValue::new(ValueLaw::Uniform)?, 3)?;
/// assert!((bids.at(0.6).unwrap() - 0.4).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BidFunction {
    auction: GasAuction,
    law: PrivateValue,
    keepers: u64,
    /// `c`, `r` in units of the value.
    fixed: f64,
    reserve: f64,
    /// `T = -ln G(t)`: 0 where nobody bids, infinite where everybody does.
    reach: f64,
    /// Rising points of `τ`, and the numerator over `G` there.
    edges: Vec<f64>,
    numerators: Vec<f64>,
}

impl BidFunction {
    /// The strategy of one of `keepers` keepers; the value of the auction is the unit of the law.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for amounts of very different orders of magnitude: a value above 1e250, or costs above 1e100 times
    /// the value.
    pub fn new(auction: &GasAuction, law: &PrivateValue, keepers: u64) -> Result<Self> {
        let v = auction.value();
        let (fixed, reserve) = (auction.loser_fixed() / v, auction.reserve() / v);
        if !(v <= 1e250 && fixed <= 1e100 && reserve <= 1e100) {
            let what =
                format!("a bid with cost {} and reserve {}", shown(auction.loser_fixed()), shown(auction.reserve()));
            return Err(Error::not_finite("value", v, what));
        }
        let (edges, numerators) = (Vec::new(), Vec::new());
        let mut bids = Self { auction: *auction, law: *law, keepers, fixed, reserve, reach: 0.0, edges, numerators };
        if keepers > 1 {
            bids.reach = bids.threshold_reach();
            bids.tabulate();
        }
        Ok(bids)
    }

    /// The auction.
    pub fn auction(&self) -> &GasAuction {
        &self.auction
    }

    /// The law of the values.
    pub fn law(&self) -> &PrivateValue {
        &self.law
    }

    /// Number of keepers, `n`.
    pub fn keepers(&self) -> u64 {
        self.keepers
    }

    /// `t`: the least value at which a keeper bids; `None` where nobody does.
    pub fn threshold(&self) -> Option<f64> {
        let [least, greatest] = self.law.support();
        let unit = match self.keepers {
            0 => return None,
            1 if self.reserve >= greatest => return None,
            1 => self.reserve.max(least),
            _ if self.reach == 0.0 => return None,
            _ => self.law.at_depth(self.reach / self.rivals()),
        };
        Some(unit * self.auction.value())
    }

    /// `b(x)`; `None` for a keeper who stays out, and for what no value of the law can be.
    pub fn at(&self, value: f64) -> Option<f64> {
        let v = self.auction.value();
        let x = value / v;
        if !(x.is_finite() && x >= self.law.support()[0]) {
            return None;
        }
        if self.keepers == 1 {
            return (x >= self.reserve).then(|| self.auction.reserve());
        }
        if self.reach == 0.0 {
            return None;
        }
        let tau = self.rivals() * self.law.depth(x);
        (tau <= self.reach).then(|| v * self.at_tau(tau).max(self.reserve))
    }

    /// The bid at `G = e^(-τ)`, in units of the value.
    pub(crate) fn at_tau(&self, tau: f64) -> f64 {
        if tau == f64::INFINITY {
            // The least value, where all bid.
            let certain = if self.auction.loser_share() == 0.0 { self.law.support()[0] } else { 0.0 };
            return certain.max(self.reserve);
        }
        self.numerator(tau) / (1.0 + grown(self.auction.loser_share(), tau))
    }

    /// The value at `G = e^(-τ)`, in units of the value.
    pub(crate) fn value_at_tau(&self, tau: f64) -> f64 {
        self.law.at_depth(tau / self.rivals())
    }

    /// `T = -ln G(t)`; only for two or more keepers.
    pub(crate) fn reach(&self) -> f64 {
        self.reach
    }

    /// Points of `τ` between which everything is smooth.
    pub(crate) fn edges(&self) -> &[f64] {
        &self.edges
    }

    pub(crate) fn rivals(&self) -> f64 {
        self.keepers.saturating_sub(1) as f64
    }

    fn threshold_reach(&self) -> f64 {
        let [least, greatest] = self.law.support();
        let lost = self.lost_at_reserve();
        if self.reserve >= greatest {
            return 0.0;
        }
        if lost == 0.0 {
            return self.rivals() * self.law.depth(self.reserve.max(least));
        }
        // Falls from above 0 at 0; positive numbers are in the order of their bits.
        let gain = |reach: f64| self.value_at_tau(reach) - self.reserve - grown(lost, reach);
        let (mut low, mut high) = (0, FARTHEST.to_bits());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if gain(f64::from_bits(middle)) >= 0.0 { low = middle } else { high = middle }
        }
        f64::from_bits(low)
    }

    fn lost_at_reserve(&self) -> f64 {
        self.fixed + self.auction.loser_share() * self.reserve
    }

    /// The numerator over `G` at the threshold: `r (1 + α(e^T - 1))`, the power from the threshold's own equation.
    fn last(&self) -> f64 {
        let (share, lost) = (self.auction.loser_share(), self.lost_at_reserve());
        if lost == 0.0 || share == 0.0 || self.reserve == 0.0 {
            return self.reserve;
        }
        self.reserve + (self.value_at_tau(self.reach) - self.reserve).max(0.0) * (share * self.reserve / lost)
    }

    /// Width of a panel on which `x e^(-τ)` is resolved.
    fn width(&self) -> f64 {
        (4.0 * self.law.index() * self.rivals()).min(2.0)
    }

    fn tabulate(&mut self) {
        let share = self.auction.loser_share();
        // Where everybody bids, what is far from the largest value has no weight, unless a tiny α lets it pay its bid.
        let far = FAR + if share > 0.0 { -ln(share) } else { 0.0 };
        let end = if self.reach <= FARTHEST { self.reach } else { far };
        if end == 0.0 {
            return;
        }
        self.edges = panels(end, self.width());
        let mut numerator = if end == self.reach { self.last() } else { self.far_numerator(end) };
        self.numerators = vec![numerator; self.edges.len()];
        for i in (1..self.edges.len()).rev() {
            numerator = self.step(self.edges[i - 1], self.edges[i], numerator);
            self.numerators[i - 1] = numerator;
        }
    }

    /// From the numerator at `hi` to that at `lo`.
    fn step(&self, lo: f64, hi: f64, numerator: f64) -> f64 {
        let inner = panel(lo, hi, |s| (self.value_at_tau(s) + self.fixed) * exp(lo - s));
        inner + exp(lo - hi) * numerator
    }

    fn numerator(&self, tau: f64) -> f64 {
        let i = self.edges.partition_point(|&edge| edge < tau);
        match self.edges.get(i) {
            None => self.far_numerator(tau),
            Some(&edge) if i == 0 => {
                // Above the table: octave by octave.
                let (mut hi, mut numerator) = (edge, self.numerators[0]);
                while hi > tau && hi > f64::MIN_POSITIVE {
                    let lo = (0.5 * hi).max(tau);
                    numerator = self.step(lo, hi, numerator);
                    hi = lo;
                }
                numerator
            }
            Some(&edge) => self.step(tau, edge, self.numerators[i]),
        }
    }

    /// The numerator without the table.
    fn far_numerator(&self, tau: f64) -> f64 {
        let (end, width) = (self.reach.min(tau + FAR), self.width());
        let panels = ((end - tau) / width).ceil().max(1.0);
        let at = |i: f64| tau + (end - tau) * (i / panels);
        let mut numerator = if end == self.reach { self.last() } else { self.value_at_tau(end) + self.fixed };
        for i in (0..panels as u32).rev() {
            numerator = self.step(at(f64::from(i)), at(f64::from(i) + 1.0), numerator);
        }
        numerator
    }
}

/// Points from 60 octaves below the smaller of 1 and `end` up to `end`, doubling and at most `width` apart.
fn panels(end: f64, width: f64) -> Vec<f64> {
    let mut at = end.min(1.0) * exp2(f64::from(-OCTAVES));
    let mut edges = vec![at];
    while at < end {
        let next = (at + at.min(width)).min(end);
        if next <= at {
            break; // the last place of a subnormal number
        }
        at = next;
        edges.push(at);
    }
    edges
}
