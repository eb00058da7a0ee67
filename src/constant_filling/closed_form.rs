//! The sum formula.

use super::{Attempts, Climb, ClimbLevel, DelayCounting, LevelOutcome, Outcome};
use crate::kernels::elementary::{exp, exp_m1, ln_1p};
use crate::kernels::sum::Sum;
use crate::pool_tree::Discount;

/// What becomes of an order, by sums over the levels.
///
/// ```text
/// w   = Σ_h (Π_{j<h} φ_j) ψ_h
/// ψ_h = Σ_{a=1}^{n_h} X_h (1-X_h)^(a-1) β^(a d_h) = X_h b (1 - (q b)^n_h)/(1 - q b),   b = β^d_h, q = 1 - X_h
/// φ_h = q^n_h β^(n_h d_h) if the delay is cumulative,   q^n_h if only a level's own delay counts
/// ```
///
/// `X_h ∈ [0, 1]`, `d_h ≥ 0`, `n_h ≥ 1` (unlimited at the top). All sums are geometric and taken as quotients of
/// `e^x - 1`, so that nothing cancels: filling rates near 0 and 1, `β = 1` and any number of attempts are as accurate as the
/// middle of the range. A top without limit that fills nothing gives 0.
///
/// Source: *Operator pool trees*, "The crux: filling rate", made general; docs/models/constant-filling.md, "Constant filling rate".
///
/// ```
/// use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, DelayCounting, closed_form};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// // One pool of duration 2 with unlimited attempts: w = b (X + (1-X) w) with b = β² = 1/4, hence w = 1/7.
/// let pool = Climb::pool(0.5, 2.0, Attempts::Unlimited, half)?;
/// assert!((closed_form::evaluate(&pool).welfare - 1.0 / 7.0).abs() < 1e-16);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn evaluate(climb: &Climb) -> Outcome {
    let discount = climb.discount();
    let cumulative = climb.delay() == DelayCounting::Cumulative;
    // Of an order that reaches a level: the probability, the discount so far and its square, and the time so far.
    let (mut reaching, mut worth, mut squared, mut time) = (1.0, 1.0, 1.0, 0.0);
    let mut by_level = Vec::with_capacity(climb.levels().len());
    let (mut second, mut delay) = (Sum::default(), Sum::default());
    for level in climb.levels() {
        let passage = Passage::new(level);
        let filled_share = reaching * passage.filled;
        let here = LevelOutcome {
            reaching_share: reaching,
            filled_share,
            welfare: reaching * worth * discounted(level, discount, 1.0),
            auctions: if reaching > 0.0 { reaching * passage.auctions } else { 0.0 },
            delay: match (filled_share > 0.0, level.duration > 0.0) {
                (true, true) => time + level.duration * passage.attempts_of_filled,
                (true, false) => time, // even if the attempts overflow
                _ => 0.0,
            },
        };
        second.add(reaching * squared * discounted(level, discount, 2.0));
        if filled_share > 0.0 {
            delay.add(filled_share * here.delay);
        }
        by_level.push(here);
        reaching *= passage.left;
        if let (true, Attempts::Limited(n)) = (cumulative, level.attempts) {
            let spent = n as f64 * level.duration;
            time += spent;
            worth *= discount.after(spent);
            squared *= discount.after(2.0 * spent);
        }
    }
    let total = |part: fn(&LevelOutcome) -> f64| by_level.iter().map(part).collect::<Sum>().value();
    let (welfare, filled_share) = (total(|l| l.welfare), total(|l| l.filled_share));
    let forever = climb.top().attempts == Attempts::Unlimited;
    Outcome {
        welfare,
        variance: (second.value() - welfare * welfare).max(0.0),
        filled_share,
        expired_share: if forever { 0.0 } else { reaching },
        waiting_share: if forever { reaching } else { 0.0 },
        auctions: total(|l| l.auctions),
        delay: if filled_share > 0.0 { delay.value() / filled_share } else { 0.0 },
        by_level,
    }
}

/// What happens, undiscounted, to an order that reaches a level.
struct Passage {
    /// Probability that it is filled there.
    filled: f64,
    /// Probability that it is not.
    left: f64,
    /// Expected number of its auctions there.
    auctions: f64,
    /// Expected number of auctions there if it is filled there.
    attempts_of_filled: f64,
}

impl Passage {
    fn new(level: &ClimbLevel) -> Self {
        let (rate, n) = (level.filling_rate, level.attempts.as_f64());
        if rate == 0.0 {
            return Self { filled: 0.0, left: 1.0, auctions: n, attempts_of_filled: 0.0 };
        }
        if n == 1.0 {
            // The usual case without a rounding.
            return Self { filled: rate, left: 1.0 - rate, auctions: 1.0, attempts_of_filled: 1.0 };
        }
        let exponent = n * ln_1p(-rate);
        let filled = -exp_m1(exponent);
        let attempts_of_filled = match level.attempts {
            Attempts::Limited(n) => attempts_of_filled(rate, n),
            Attempts::Unlimited => rate.recip(),
        };
        Self { filled, left: exp(exponent), auctions: filled / rate, attempts_of_filled }
    }
}

/// `Σ_a a X q^(a-1) / Σ_a X q^(a-1)`, `a = 1..=n`, by doubling `n`: only positive terms, `O(log n)`.
fn attempts_of_filled(rate: f64, n: u64) -> f64 {
    let ln_unfilled = ln_1p(-rate);
    let (mut filled, mut weighted, mut m) = (rate, rate, 1.0);
    for bit in (0..n.ilog2()).rev() {
        let unfilled = exp(m * ln_unfilled);
        weighted += unfilled * (weighted + m * filled);
        filled += unfilled * filled;
        m *= 2.0;
        if n >> bit & 1 == 1 {
            let next = rate * exp(m * ln_unfilled);
            m += 1.0;
            weighted += m * next;
            filled += next;
        }
    }
    weighted / filled
}

/// `ψ` of a level with the discount `β^power`.
pub(super) fn discounted(level: &ClimbLevel, discount: &Discount, power: f64) -> f64 {
    let rate = level.filling_rate;
    if rate == 0.0 {
        return 0.0;
    }
    let ln_worth = discount.ln_factor() * (power * level.duration);
    // The quotient of rate and e^x - 1 first: it is at most 1.
    let (n, x) = (level.attempts.as_f64(), ln_1p(-rate) + ln_worth);
    rate / exp_m1(x) * exp_m1(n * x) * exp(ln_worth)
}

/// `Σ_{i=0}^{n-1} e^(i x)` for `x ≤ 0` and `n ≥ 1`, infinite `n` if `x < 0`; 1 at `x = -∞`.
pub(super) fn geometric(n: f64, x: f64) -> f64 {
    if x == 0.0 { n } else { exp_m1(n * x) / exp_m1(x) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn attempts_by_addition() {
        for (rate, n) in [(0.5f64, 1), (0.5, 7), (1e-3, 1000), (0.9, 13), (1.0, 5), (1e-12, 4096)] {
            let terms = |a: u64| rate * exp(a as f64 * ln_1p(-rate));
            let weighted: f64 = (0..n).rev().map(|a| (a + 1) as f64 * if a == 0 { rate } else { terms(a) }).sum();
            let filled: f64 = (0..n).rev().map(|a| if a == 0 { rate } else { terms(a) }).sum();
            assert_relative_eq!(attempts_of_filled(rate, n), weighted / filled, max_relative = 1e-13);
        }
        // Rare fills are spread evenly over the attempts; a long patience is an unlimited one.
        assert_relative_eq!(attempts_of_filled(1e-30, 1 << 40), 0.5 * (1u64 << 40) as f64 + 0.5, max_relative = 1e-13);
        assert_relative_eq!(attempts_of_filled(1e-9, u64::MAX), 1e9, max_relative = 1e-13);
    }

    #[test]
    fn geometric_sums_at_the_ends() {
        assert_eq!(geometric(5.0, 0.0), 5.0);
        assert_eq!(geometric(5.0, f64::NEG_INFINITY), 1.0);
        assert_relative_eq!(geometric(1e18, -1e-19), 1e18 * 0.951_625_819_640_404_3, max_relative = 1e-14);
        assert_relative_eq!(geometric(f64::INFINITY, -1e-300), 1e300, max_relative = 1e-15);
    }
}
