//! The integral formulas.

mod side;

use super::{AlwaysOn, Outcome, SideOutcome};
use crate::kernels::elementary::{exp, ln};
use crate::pool_tree::Discount;
use side::Side;

/// The stationary law of the imbalance `n ∈ ℤ`: `n` first-side orders wait, or `-n` second-side orders.
///
/// ```text
/// π_n = π_0 Π_{i=1}^n a/(b + i)   n > 0,     π_-n = π_0 Π_{i=1}^n b/(a + i)     a = λ1/θ, b = λ2/θ
/// π_0 = 1/(1 + a J(a, b) + b J(b, a)),       J(a, b) = ∫_0^1 w^b e^(a(1-w)) dw
/// ```
///
/// Probabilities are formed as logarithms of ratios to the largest one; nothing overflows, and a value `p` has a relative
/// error of a few `1e-14` and `|ln p| · 2e-15` for up to `1e12` orders in one patience time (docs/models/always-on.md, "The
/// always-on pool"). The cost does not depend on the parameters.
///
/// ```
/// use pooltree::always_on::{AlwaysOn, closed_form::Stationary};
/// // One order a side and patience time: J(1, 1) = e - 2, hence π_0 = 1/(2e - 3), and π_1 = π_0/2.
/// let law = Stationary::new(&AlwaysOn::new(3.0, 3.0, 3.0)?);
/// assert!((law.pmf(0) * (2.0 * std::f64::consts::E - 3.0) - 1.0).abs() < 1e-14);
/// assert!((law.pmf(-1) / law.pmf(0) - 0.5).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Stationary {
    pool: AlwaysOn,
    up: Side,
    down: Side,
    /// Logarithm of a scale that the largest weight has.
    peak: f64,
    /// Logarithm of the sum of the weights, less `peak`.
    ln_total: f64,
}

impl Stationary {
    /// The law of a pool.
    pub fn new(pool: &AlwaysOn) -> Self {
        let (a, b) = (pool.first_per_patience(), pool.second_per_patience());
        let (up, down) = (Side::new(a, b, 0.0), Side::new(b, a, 0.0));
        // At most one of the two has its largest weight away from 0.
        let peak = up.peak.max(down.peak);
        let weight = |side: &Side, rate: f64| rate * exp(side.peak - peak + side.ln_rest);
        let ln_total = ln(exp(-peak) + weight(&up, a) + weight(&down, b));
        Self { pool: *pool, up, down, peak, ln_total }
    }

    /// `π_n`; underflows to 0.
    pub fn pmf(&self, n: i64) -> f64 {
        exp(self.ln_pmf(n))
    }

    /// `ln π_n`, `-∞` where orders of that side never come.
    pub fn ln_pmf(&self, n: i64) -> f64 {
        let side = if n > 0 { &self.up } else { &self.down };
        let ln_weight = if n == 0 { 0.0 } else { side.ln_weight(n.unsigned_abs() as f64) + side.peak };
        // Where the peak is large it is the same number on both sides of the difference.
        if n != 0 && side.peak == self.peak {
            side.ln_weight(n.unsigned_abs() as f64) - self.ln_total
        } else {
            ln_weight - self.peak - self.ln_total
        }
    }

    /// `P(n > 0)`: the share of time in which first-side orders wait.
    pub fn first_waits(&self) -> f64 {
        self.pool.first_per_patience() * self.integral(&self.up)
    }

    /// `P(n < 0)`: the share of time in which second-side orders wait.
    pub fn second_waits(&self) -> f64 {
        self.pool.second_per_patience() * self.integral(&self.down)
    }

    /// `π_0 J`.
    fn integral(&self, side: &Side) -> f64 {
        exp(side.peak - self.peak + side.ln_rest - self.ln_total)
    }

    /// `π_0 J(a, b + d)`: the integral of one side with the discount `d = ln(1/β)/θ` of the wait.
    fn discounted(&self, plain: &Side, extra: f64, rates: [f64; 2]) -> f64 {
        let side = Side::new(rates[0], rates[1], extra);
        let peak = side.peak_above(plain, extra) + (plain.peak - self.peak);
        exp(peak + side.ln_rest - self.ln_total)
    }
}

/// What becomes of the orders, by integrals.
///
/// ```text
/// unfilled share of the first side   θ E[n+]/λ1 = π_0 ∫_0^1 (1 + a(1-w)) w^b e^(a(1-w)) dw
/// filled share of the first side     b π_0 [J(b, a) + J(a, b)]
/// welfare of the first side          b π_0 [J(b, a) + J(a, b + d)],     d = ln(1/β)/θ
/// E[n] = a - b,   E|n| = E[n+] + E[n-]
/// ```
///
/// and mirrored for the second side. The first term of a filled share is of orders that find a counterpart at their arrival,
/// the second of orders that wait for one. With equal rates `z = λ/θ` the unfilled share is
///
/// ```text
/// π_0 = 1/(2 Γ(z+1) e^z z^(-z) P(z, z) - 1) ~ 1/√(2πz)
/// ```
///
/// All terms are positive; relative errors are below 1e-12 for `1e-12 ≤ a, b ≤ 1e12` unless the value itself is below
/// `e^(-100)`.
///
/// Source: birth-death chain with the tagged order's descent through the queue, docs/models/always-on.md, "The always-on pool".
///
/// ```
/// use pooltree::always_on::{AlwaysOn, closed_form::evaluate};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// // All rates 1 and discount rate 1: J(1, 1) = e - 2 and J(1, 2) = 2e - 5, each by parts.
/// let e = std::f64::consts::E;
/// let outcome = evaluate(&AlwaysOn::new(1.0, 1.0, 1.0)?, &Discount::new(DiscountModel::Rate(1.0))?);
/// assert!((outcome.unfilled_share - 1.0 / (2.0 * e - 3.0)).abs() < 1e-14);
/// assert!((outcome.welfare - (3.0 * e - 7.0) / (2.0 * e - 3.0)).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn evaluate(pool: &AlwaysOn, discount: &Discount) -> Outcome {
    let law = Stationary::new(pool);
    let (a, b) = (pool.first_per_patience(), pool.second_per_patience());
    let extra = -discount.ln_factor() / pool.patience_rate();
    let first = side(&law, [&law.up, &law.down], [a, b], extra);
    let second = side(&law, [&law.down, &law.up], [b, a], extra);
    let of_all = |of: fn(&SideOutcome) -> f64| a / (a + b) * of(&first) + b / (a + b) * of(&second);
    let welfare = of_all(|side| side.welfare);
    Outcome {
        balanced_share: law.pmf(0),
        imbalance: a - b,
        waiting: first.waiting + second.waiting,
        unfilled_share: of_all(|side| side.unfilled_share),
        filled_share: of_all(|side| side.filled_share),
        welfare,
        welfare_rate: welfare * pool.first_rate() + welfare * pool.second_rate(),
        first,
        second,
    }
}

fn side(law: &Stationary, [own, other]: [&Side; 2], [a, b]: [f64; 2], extra: f64) -> SideOutcome {
    let (own_share, filled_at_once) = (law.integral(own), b * law.integral(other));
    let unfilled_share = own_share * (1.0 + a * own.spent);
    let later = if extra == 0.0 { own_share } else { law.discounted(own, extra, [a, b]) };
    SideOutcome {
        unfilled_share,
        filled_share: filled_at_once + b * own_share,
        filled_at_once,
        waiting: a * unfilled_share,
        welfare: filled_at_once + b * later,
    }
}
