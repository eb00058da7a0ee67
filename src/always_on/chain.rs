//! The Markov chains of the queue and of a tagged order, cut off and solved as linear equations.

use super::{AlwaysOn, Outcome, SideOutcome};
use crate::error::{Error, Result};
use crate::pool_tree::Discount;
use nalgebra::{DMatrix, DVector};

/// The most states: the equations are solved with dense matrices.
pub const MOST_STATES: usize = 1024;

/// States rarer than this beside the most frequent one are cut off.
const RARE: f64 = 1e-22;

/// What becomes of the orders, by linear equations alone.
///
/// ```text
/// π Q = 0, Σ π_n = 1                                       generator Q on the states -m2, …, m1
/// (λ2 + (j+1)θ + δ) V_j = (λ2 + jθ) V_(j-1),   V_-1 = 1     j orders in front of a waiting first-side order, δ = ln(1/β)
/// welfare of the first side = Σ_{n<0} π_n + Σ_{n≥0} π_n V_n
/// ```
///
/// with `λ2 V_-1` alone on the right for `j = 0`. An order that waits behind `j` others moves up when a counterpart comes or
/// one of the `j` loses patience; it leaves when its own patience ends, and its worth ends at rate `δ`. What comes behind it
/// does not matter, so the system has one diagonal beside the main one. The cut is where local balance makes a state `1e-22`
/// times as rare as the most frequent one.
///
/// Absolute errors are below 1e-12.
///
/// # Errors
/// [`Error::Domain`] if more than [`MOST_STATES`] states are needed (the integrals still answer).
///
/// ```
/// use pooltree::always_on::{AlwaysOn, chain};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// // All rates 1: π_0 = 1/(2e - 3).
/// let outcome = chain::solve(&AlwaysOn::new(1.0, 1.0, 1.0)?, &Discount::new(DiscountModel::Factor(1.0))?)?;
/// assert!((outcome.unfilled_share * (2.0 * std::f64::consts::E - 3.0) - 1.0).abs() < 1e-12);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn solve(pool: &AlwaysOn, discount: &Discount) -> Result<Outcome> {
    let (a, b) = (pool.first_per_patience(), pool.second_per_patience());
    // Any worth that ends at such a rate is nothing; the equations stay finite.
    let delta = (-discount.ln_factor() / pool.patience_rate()).min(1e300);
    let too_many = || {
        let allowed = format!("so large that at most {MOST_STATES} states matter, for the matrix form");
        Error::domain("patience_rate", pool.patience_rate(), allowed)
    };
    let (up, down) = (reach(a, b).ok_or_else(too_many)?, reach(b, a).ok_or_else(too_many)?);
    if up + down + 1 > MOST_STATES {
        return Err(too_many());
    }
    let law = stationary(a, b, up, down).ok_or_else(too_many)?;
    let at = |n: i64| law[(n + down as i64) as usize];
    let first: Vec<f64> = (0..=up as i64).map(at).collect();
    let second: Vec<f64> = (0..=down as i64).map(|n| at(-n)).collect();
    let [first, second] =
        [side(&first, &second, b, delta).ok_or_else(too_many)?, side(&second, &first, a, delta).ok_or_else(too_many)?];
    let of_all = |of: fn(&SideOutcome) -> f64| (a * of(&first) + b * of(&second)) / (a + b);
    let welfare = of_all(|side| side.welfare);
    Ok(Outcome {
        balanced_share: at(0),
        imbalance: first.waiting - second.waiting,
        waiting: first.waiting + second.waiting,
        unfilled_share: of_all(|side| side.unfilled_share),
        filled_share: of_all(|side| side.filled_share),
        welfare,
        welfare_rate: welfare * pool.first_rate() + welfare * pool.second_rate(),
        first,
        second,
    })
}

/// How many orders of a side may wait before it is too rare to matter.
fn reach(own: f64, other: f64) -> Option<usize> {
    let (mut weight, mut largest) = (1.0f64, 1.0f64);
    (1..MOST_STATES).find(|&n| {
        weight *= own / (other + n as f64);
        largest = largest.max(weight);
        weight < RARE * largest
    })
}

/// `π`, the equation of one state replaced by `Σ π_n = 1`; time in units of `1/θ`.
fn stationary(a: f64, b: f64, up: usize, down: usize) -> Option<DVector<f64>> {
    let states = up + down + 1;
    let mut matrix = DMatrix::zeros(states, states);
    for s in 0..states {
        let n = s as f64 - down as f64;
        let (rise, fall) = (a + (-n).max(0.0), b + n.max(0.0));
        if s + 1 < states {
            matrix[(s + 1, s)] += rise;
            matrix[(s, s)] -= rise;
        }
        if s > 0 {
            matrix[(s - 1, s)] += fall;
            matrix[(s, s)] -= fall;
        }
    }
    matrix.row_mut(down).fill(1.0);
    let mut right = DVector::zeros(states);
    right[down] = 1.0;
    matrix.lu().solve(&right)
}

/// One side from the law of its own queue and of the other's, both from 0 on.
fn side(own: &[f64], other: &[f64], counterparts: f64, delta: f64) -> Option<SideOutcome> {
    let filled_at_once: f64 = other[1..].iter().sum();
    let mean = |values: &DVector<f64>| own.iter().zip(values.iter()).map(|(p, v)| p * v).sum::<f64>();
    let filled_later = mean(&tagged(own.len(), counterparts, 0.0)?);
    let worth_later = mean(&tagged(own.len(), counterparts, delta)?);
    Some(SideOutcome {
        // A tagged order that is not filled has lost patience: each place in front of it counts.
        unfilled_share: own
            .iter()
            .zip(tagged(own.len(), counterparts, 0.0)?.iter())
            .map(|(p, filled)| p * (1.0 - filled))
            .sum(),
        filled_share: filled_at_once + filled_later,
        filled_at_once,
        waiting: own.iter().enumerate().map(|(n, p)| n as f64 * p).sum(),
        welfare: filled_at_once + worth_later,
    })
}

/// `V_j`: the discounted probability that an order with `j` others in front of it is filled; time in units of `1/θ`.
fn tagged(places: usize, counterparts: f64, delta: f64) -> Option<DVector<f64>> {
    let mut matrix = DMatrix::zeros(places, places);
    for j in 0..places {
        matrix[(j, j)] = counterparts + (j + 1) as f64 + delta;
        if j > 0 {
            matrix[(j, j - 1)] = -(counterparts + j as f64);
        }
    }
    let mut right = DVector::zeros(places);
    right[0] = counterparts;
    matrix.lu().solve(&right)
}
