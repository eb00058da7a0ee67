//! What becomes of the orders of a pool with carried-over orders.

use super::law::Law;
use super::tagged::Tagged;
use super::{CarryOver, mean_decay};
use crate::kernels::elementary::exp;
use serde::Serialize;

/// What becomes of the orders of one side, in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SideOutcome {
    /// Share of its orders that are filled.
    pub filled_share: f64,
    /// Share of its orders that lose patience.
    pub expired_share: f64,
    /// Mean number of its orders that an auction leaves over.
    pub left_over: f64,
    /// Mean number of its orders that wait for a further chance, at any time, in all chains together.
    pub waiting: f64,
    /// Expected `β^delay` of an order if it is filled, 0 if it is not.
    pub welfare: f64,
    /// Mean time from its arrival to the end of the auction that fills it, over the filled orders.
    pub mean_delay: f64,
}

/// What becomes of the orders of a pool, in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outcome {
    /// The first side.
    pub first: SideOutcome,
    /// The second side.
    pub second: SideOutcome,
    /// Share of all orders that are filled.
    pub filled_share: f64,
    /// Share of all orders that lose patience.
    pub expired_share: f64,
    /// Mean number of orders that an auction leaves over, `E|J|`.
    pub left_over: f64,
    /// Mean number of orders that wait for a further chance.
    pub waiting: f64,
    /// Discounted value of an order of either side, `≤ filled_share`.
    pub welfare: f64,
    /// Discounted value per unit of time.
    pub welfare_rate: f64,
    /// Mean time from arrival to the end of the auction that fills, over all filled orders.
    pub mean_delay: f64,
    /// States that the law of the surplus was cut off to.
    pub states: usize,
    /// Bound on what the cut can have changed in `left_over`, and in any probability of the surplus.
    pub truncation: f64,
}

/// `(1 - (1 + z) e^(-z))/z²`: the mean of `u e^(-z u)` over `u` uniform on `(0, 1)`.
fn mean_time_decayed(z: f64) -> f64 {
    if z > 1.0 {
        return (mean_decay(z) - exp(-z)) / z;
    }
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 0..24 {
        let k = f64::from(k);
        sum += term / (k + 2.0);
        term *= -z / (k + 1.0);
    }
    sum
}

pub(super) fn assemble(pool: &CarryOver, law: &Law, tagged: &[Tagged; 2]) -> Outcome {
    let (period, theta) = (pool.period(), pool.flow().patience_rate());
    let rates = [pool.flow().first_rate(), pool.flow().second_rate()];
    let early = pool.early_loss() * period;
    let alive = mean_decay(early);
    // 1 - (1 - e^(-z))/z = z · mean of u e^(-zu) + … has no cancellation as ∫ (1 - e^(-zu)) du.
    let lost = if early < 0.5 { early * missed(early) } else { 1.0 - alive };
    let first_wait = period * mean_time_decayed(early) / alive;
    let sides = [0, 1].map(|i: usize| {
        let tagged = &tagged[i];
        let per_window = rates[i] * period;
        SideOutcome {
            filled_share: law.pairs / per_window,
            expired_share: pool.loss() * law.left_over[i] / per_window + lost,
            left_over: law.left_over[i],
            waiting: pool.loss() / (theta * period) * law.left_over[i],
            welfare: mean_decay(early + tagged.discount_rate * period)
                * exp(-tagged.discount_rate * pool.latency())
                * tagged.worth,
            mean_delay: pool.latency() + first_wait + tagged.later / tagged.filled,
        }
    });
    let [first, second] = sides;
    let total = rates[0] + rates[1];
    let of_all = |of: fn(&SideOutcome) -> f64| rates[0] / total * of(&first) + rates[1] / total * of(&second);
    let welfare = of_all(|side| side.welfare);
    Outcome {
        filled_share: of_all(|side| side.filled_share),
        expired_share: of_all(|side| side.expired_share),
        left_over: first.left_over + second.left_over,
        waiting: first.waiting + second.waiting,
        welfare,
        welfare_rate: rates[0] * first.welfare + rates[1] * second.welfare,
        // As many are filled on either side.
        mean_delay: 0.5 * (first.mean_delay + second.mean_delay),
        states: law.states(),
        truncation: law.truncation,
        first,
        second,
    }
}

/// `(z - 1 + e^(-z))/z²` for small `z`.
fn missed(z: f64) -> f64 {
    let (mut term, mut sum) = (0.5, 0.0);
    for k in 3..24 {
        sum += term;
        term *= -z / f64::from(k);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementary::exp_m1;
    use crate::kernels::quadrature::panel;
    use approx::assert_relative_eq;

    #[test]
    fn means_over_the_window() {
        for z in [0.0f64, 1e-9, 0.3, 0.999, 1.001, 4.0] {
            assert_relative_eq!(mean_decay(z), panel(0.0, 1.0, |u| exp(-z * u)), max_relative = 1e-14);
            assert_relative_eq!(mean_time_decayed(z), panel(0.0, 1.0, |u| u * exp(-z * u)), max_relative = 1e-14);
        }
        for z in [1e-9f64, 0.3, 0.49] {
            let lost = panel(0.0, 1.0, |u| -exp_m1(-z * u));
            assert_relative_eq!(z * missed(z), lost, max_relative = 1e-14);
        }
    }
}
