//! One pool of batch auctions whose orders stay until they lose patience.
//!
//! Orders of two sides arrive as Poisson streams. Every period `T` a window closes, and an auction starts on the orders that
//! came in it and on those left over from earlier auctions; every order of the longer side has the same chance. It takes the
//! latency `L`; an order that it leaves over takes part in the next auction that starts when this one is over,
//! `c = max(1, ⌈L/T⌉)` auctions later. So the auctions `r, r + c, r + 2c, …` are a chain of their own, and all `c` of them are alike.
//!
//! There is no short closed form. What follows is told by two linear systems: the stationary law of the surplus that an auction
//! leaves, and the chances of a tagged order. Derivations are in docs/models/carry-over.md, "Carried-over orders".

mod law;
mod one_height;
mod outcome;
mod tagged;

use crate::always_on::AlwaysOn;
use crate::error::{Error, Result, checked};
use crate::kernels::elementary::{exp, exp_m1};
use crate::orders::PatienceFrom;
use crate::pool_tree::Discount;
use serde::Serialize;

pub use law::MOST_STATES;
pub use one_height::{OneHeight, one_height};
pub use outcome::{Outcome, SideOutcome};

/// A flow of impatient orders and the clock of the auctions that it meets.
///
/// Two variants of patience: from its arrival on an order may lose patience before its window closes
/// ([`PatienceFrom::Arrival`]), or its first auction sees it surely ([`PatienceFrom::Root`]). An order that is in time for the
/// start of an auction that fills it is filled; one that is left over is still there at its next chance with probability
/// `e^(-θcT)`.
///
/// ```
/// use pooltree::always_on::AlwaysOn;
/// use pooltree::orders::{PatienceFrom, closed_form::carry_over::CarryOver};
/// let flow = AlwaysOn::new(1.0, 1.0, 0.5)?;
/// // An auction of 2.5 periods is over when the third after it starts.
/// assert_eq!(CarryOver::new(&flow, PatienceFrom::Arrival, 2.0, 5.0)?.auctions_apart(), 3);
/// assert_eq!(CarryOver::new(&flow, PatienceFrom::Arrival, 2.0, 0.0)?.auctions_apart(), 1);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CarryOver {
    flow: AlwaysOn,
    patience_from: PatienceFrom,
    period: f64,
    latency: f64,
    /// `c`.
    apart: u32,
}

impl CarryOver {
    /// Auctions of `flow`, one every `period > 0`, each lasting `latency ≥ 0`.
    ///
    /// # Errors
    /// [`Error::Domain`] unless both sides bring orders, at least 1e-100 expected in a period, the period is from 1e-9 to 1e6
    /// patience times, `latency` is finite, at least 0 and at most 1e6 periods.
    pub fn new(flow: &AlwaysOn, patience_from: PatienceFrom, period: f64, latency: f64) -> Result<Self> {
        checked("first_rate", flow.first_rate(), |r| r > 0.0, "above 0: both sides bring orders")?;
        checked("second_rate", flow.second_rate(), |r| r > 0.0, "above 0: both sides bring orders")?;
        checked("period", period, |t| t > 0.0, "finite and above 0")?;
        let usual = |t: f64| (1e-9..=1e6).contains(&(flow.patience_rate() * t));
        checked("period", period, usual, "from 1e-9 to 1e6 patience times")?;
        let seen = |t: f64| flow.first_rate() * t >= 1e-100 && flow.second_rate() * t >= 1e-100;
        checked("period", period, seen, "so long that at least 1e-100 orders a side are expected")?;
        let fits = |l: f64| l >= 0.0 && l / period <= 1e6;
        checked("latency", latency, fits, "finite, at least 0 and at most 1e6 periods")?;
        let apart = (latency / period - 1e-9).ceil().max(1.0) as u32;
        Ok(Self { flow: *flow, patience_from, period, latency, apart })
    }

    /// Rates and patience.
    pub fn flow(&self) -> &AlwaysOn {
        &self.flow
    }

    /// From when on an order may lose patience.
    pub fn patience_from(&self) -> PatienceFrom {
        self.patience_from
    }

    /// `T`: time from one auction to the next.
    pub fn period(&self) -> f64 {
        self.period
    }

    /// `L`: how long an auction takes.
    pub fn latency(&self) -> f64 {
        self.latency
    }

    /// `c`: how many auctions later an order that was left over takes part again.
    pub fn auctions_apart(&self) -> u32 {
        self.apart
    }

    /// `cT`: time between two chances of an order.
    pub fn between_chances(&self) -> f64 {
        f64::from(self.apart) * self.period
    }

    /// `e^(-θcT)`.
    fn survival(&self) -> f64 {
        exp(-self.flow.patience_rate() * self.between_chances())
    }

    /// `1 - e^(-θcT)`.
    fn loss(&self) -> f64 {
        -exp_m1(-self.flow.patience_rate() * self.between_chances())
    }

    /// The rate at which orders lose patience before their first auction.
    fn early_loss(&self) -> f64 {
        match self.patience_from {
            PatienceFrom::Root => 0.0,
            PatienceFrom::Arrival => self.flow.patience_rate(),
        }
    }

    /// Expected orders of either side that reach their first auction in one window.
    fn fresh(&self) -> [f64; 2] {
        let alive = mean_decay(self.early_loss() * self.period);
        [self.flow.first_rate(), self.flow.second_rate()].map(|rate| rate * self.period * alive)
    }
}

/// What becomes of the orders, in the long run.
///
/// ```text
/// J' = thin(J) + A1 - A2,     A_i ~ Poisson(λ_i T) (patience from arrival: times (1 - e^(-θT))/(θT))
/// thin(J) = ± Binomial(|J|, e^(-θcT)) with the sign of J
/// ```
///
/// `J` is the surplus that an auction leaves: first-side orders, or minus second-side ones. Its law is the stationary one of the
/// chain cut off at a range of states, by elimination without subtractions; what the cut can have changed is
/// [`Outcome::truncation`]. Then
///
/// ```text
/// filled share of the first side   E min(thin(J)⁺ + A1, thin(J)⁻ + A2)/(λ1 T)
/// expired share of the first side  (1 - e^(-θcT)) E J⁺/(λ1 T) + share lost before the first auction
/// waiting                          (1 - e^(-θcT)) E|J|/(θT)
/// welfare                          E[β^(U + L + (a-1)cT); filled at the a-th auction]
/// ```
///
/// each of positive terms on its own. `U` is uniform on the window. A tagged order among `u` of its side and with `o`
/// others carried against it is filled with probability `min(1, (o + A2)/(u + A1))`; if it is left over as one of `j`, each of the
/// others stays with probability `e^(-θcT)` independently: a linear system in `u`.
///
/// - Shares agree to 1e-12 between the routes (unit tests); cost `O(n³)` in the number `n` of states, below a second up to about
///   900.
/// - `T → 0`, `L = 0`, patience from arrival: the always-on pool in shares and queues; in welfare the always-on pool
///   that fills waiting orders at random and not in their order.
/// - `T → ∞`: the single batch, `2 E min/((λ1 + λ2)T)`.
/// - Source: docs/models/carry-over.md, "Carried-over orders".
///
/// # Errors
/// [`Error::OutOfReach`] if more than [`MOST_STATES`] states matter.
///
/// ```
/// use pooltree::always_on::AlwaysOn;
/// use pooltree::kernels::unfilled::filled_share;
/// use pooltree::orders::{PatienceFrom, closed_form::carry_over::{CarryOver, evaluate}};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// // Patience of a thousandth of a period: whoever is left over is gone, and the share filled is that of one batch.
/// let pool = CarryOver::new(&AlwaysOn::new(3.0, 3.0, 1000.0)?, PatienceFrom::Root, 1.0, 0.0)?;
/// let outcome = evaluate(&pool, &Discount::new(DiscountModel::Factor(1.0))?)?;
/// assert!((outcome.filled_share - filled_share(3.0)?).abs() < 1e-13);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn evaluate(pool: &CarryOver, discount: &Discount) -> Result<Outcome> {
    let law = law::Law::new(pool)?;
    let [first, second] = [0, 1].map(|side| tagged::Tagged::new(pool, &law, side, -discount.ln_factor()));
    let unsolved =
        || Error::OutOfReach { reason: "the equations of a tagged order are singular to rounding".to_owned() };
    Ok(outcome::assemble(pool, &law, &[first.ok_or_else(unsolved)?, second.ok_or_else(unsolved)?]))
}

/// `(1 - e^(-z))/z`: the mean of `e^(-z u)` over `u` uniform on `(0, 1)`.
fn mean_decay(z: f64) -> f64 {
    if z == 0.0 { 1.0 } else { -exp_m1(-z) / z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::matched::expected_min;
    use crate::pool_tree::DiscountModel;
    use approx::assert_relative_eq;

    fn rate(d: f64) -> Discount {
        Discount::new(DiscountModel::Rate(d)).unwrap()
    }

    fn pool(rates: [f64; 2], theta: f64, from: PatienceFrom, period: f64, latency: f64) -> CarryOver {
        CarryOver::new(&AlwaysOn::new(rates[0], rates[1], theta).unwrap(), from, period, latency).unwrap()
    }

    /// Matches counted, losses counted, and a tagged order without discount: three routes to one share.
    #[test]
    fn filled_by_three_routes() {
        for from in [PatienceFrom::Root, PatienceFrom::Arrival] {
            for (rates, theta, period, latency) in [
                ([1.0, 1.0], 0.5, 1.0, 0.0),
                ([3.0, 2.0], 0.2, 0.7, 1.2),
                ([0.01, 0.2], 1.0, 1.0, 0.5),
                ([40.0, 3.0], 1.0, 1.0, 3.0),
                ([1e-9, 1e-9], 1.0, 1.0, 0.0),
                ([5.0, 5.0], 0.1, 1e-3, 0.0),
                ([30.0, 30.0], 0.05, 1.0, 0.0),
            ] {
                let pool = pool(rates, theta, from, period, latency);
                let outcome = evaluate(&pool, &rate(0.0)).unwrap();
                assert!(outcome.truncation < 1e-13, "{pool:?} {outcome:?}");
                for side in [outcome.first, outcome.second] {
                    assert_relative_eq!(side.filled_share + side.expired_share, 1.0, epsilon = 1e-12);
                    assert_relative_eq!(side.welfare, side.filled_share, max_relative = 1e-10);
                }
                let (a, b) = (rates[0] * outcome.first.filled_share, rates[1] * outcome.second.filled_share);
                assert_relative_eq!(a, b, max_relative = 1e-14);
            }
        }
    }

    /// Orders so impatient that none is seen twice, or so rare that at most two are ever there.
    #[test]
    fn one_batch_and_thin_flow() {
        let pool_of = |from| pool([3.0, 2.0], 400.0, from, 2.0, 0.0);
        let outcome = evaluate(&pool_of(PatienceFrom::Root), &rate(0.3)).unwrap();
        let filled = expected_min(6.0, 4.0).unwrap();
        assert_relative_eq!(outcome.first.filled_share, filled / 6.0, max_relative = 1e-13);
        let wait = mean_decay(0.6);
        assert_relative_eq!(outcome.second.welfare, filled / 4.0 * wait, max_relative = 1e-12);
        assert_relative_eq!(outcome.first.mean_delay, 1.0, max_relative = 1e-12);
        // A counterpart comes in the same window (μ), waits already (μ s/(1-s)), or comes a chances later (s^a μ).
        let (mu, theta) = (1e-8, 0.5f64);
        let outcome = evaluate(&pool([mu, mu], theta, PatienceFrom::Root, 1.0, 0.0), &rate(0.0)).unwrap();
        let s = exp(-theta);
        assert_relative_eq!(outcome.first.filled_share, mu * (1.0 + 2.0 * s / (1.0 - s)), max_relative = 1e-6);
        // Σ a s^a = s/(1-s)².
        let later = s / (1.0 - s);
        assert_relative_eq!(
            outcome.first.mean_delay,
            0.5 + later / (1.0 - s) / (1.0 + 2.0 * later),
            max_relative = 1e-6
        );
    }

    #[test]
    fn refuses() {
        let flow = AlwaysOn::new(1.0, 0.0, 1.0).unwrap();
        assert!(CarryOver::new(&flow, PatienceFrom::Root, 1.0, 0.0).is_err());
        let flow = AlwaysOn::new(1.0, 1.0, 1.0).unwrap();
        for (period, latency) in [(0.0, 1.0), (f64::NAN, 0.0), (1.0, -1.0), (1.0, f64::INFINITY), (1e-9, 1.0)] {
            assert!(CarryOver::new(&flow, PatienceFrom::Root, period, latency).is_err());
        }
        let thick = pool([1e6, 1e6], 1.0, PatienceFrom::Root, 1.0, 0.0);
        assert!(evaluate(&thick, &rate(0.0)).unwrap_err().to_string().contains("out of reach"));
    }
}
