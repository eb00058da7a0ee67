//! The absorbing Markov chain of the climb, solved as linear equations.

use super::{Attempts, Climb, DelayCounting, LevelOutcome, Outcome};
use crate::error::{Error, Result};
use crate::kernels::elementary::exp_m1;
use nalgebra::{DMatrix, DVector, Dyn, LU};

/// The most transient states: the equations are solved with a dense matrix.
pub const MOST_STATES: u64 = 1024;

/// One auction that an order can be in: at a level, the how-many-th there.
struct State {
    level: usize,
    attempt: f64,
    filling_rate: f64,
    duration: f64,
    /// A top without limit is one state that leads back to itself.
    again: bool,
}

/// What becomes of an order, by the fundamental matrix of its chain.
///
/// ```text
/// w = π (I - Q_β)^(-1) r
/// ```
///
/// One transient state per level and attempt; an unlimited top is one state with a loop. `π` is 1 at the first attempt of the
/// lowest level. From every state an order goes on with probability `1 - X`. If the delay is cumulative, `Q_β` discounts
/// every step by `β^d` and `r = X β^d`. If only the own delay counts, a step carries no discount (except the loop, which
/// nothing leaves upward) and the state pays for its own attempts: `r = X β^(a d)`. Discounting the retries and not the
/// passage upward would not do, because the discount of the retries would be carried up.
///
/// The diagonal of `I - Q_β` at the loop is `X + (1-X)(1 - β^d)`, without cancellation. A top without limit that fills
/// nothing is absorbing.
///
/// Source: the fundamental matrix, Kemeny and Snell (1960) chapter III; docs/models/constant-filling.md, "Constant filling rate".
///
/// # Errors
/// [`Error::Domain`] for more than [`MOST_STATES`] auctions in all (the sum formula still answers); [`Error::NotFinite`] if
/// the expected number of auctions overflows.
///
/// ```
/// use pooltree::constant_filling::{Climb, DelayCounting, chain};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let half = Discount::new(DiscountModel::Factor(0.5))?;
/// let tree = Climb::tree(2, 2, 0.5, DelayCounting::Own, half)?;
/// let by_hand = 0.5 * 0.5f64.sqrt() + 0.25 * 0.5;
/// assert!((chain::solve(&tree)?.welfare - by_hand).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn solve(climb: &Climb) -> Result<Outcome> {
    let states = states(climb)?;
    let overflow = || {
        let top = climb.levels().len() - 1;
        Error::not_finite(format!("levels.{top}.filling_rate"), climb.top().filling_rate, "the number of auctions")
    };
    let plain = transient(climb, &states, 0.0);
    let visits = visits(&plain).ok_or_else(overflow)?;
    let welfare = earned(climb, &states, 1.0).ok_or_else(overflow)?;
    let second = earned(climb, &states, 2.0).ok_or_else(overflow)?;

    // Probability to be filled at each level (column), from each state (row); every visit on the way there takes its time.
    let levels = climb.levels().len();
    let mut fills = DMatrix::zeros(states.len(), levels);
    states.iter().enumerate().for_each(|(s, state)| fills[(s, state.level)] = state.filling_rate);
    let fills = LU::new(plain).solve(&fills).ok_or_else(overflow)?;

    let mut by_level =
        vec![LevelOutcome { reaching_share: 0.0, filled_share: 0.0, welfare: 0.0, auctions: 0.0, delay: 0.0 }; levels];
    for (s, state) in states.iter().enumerate() {
        let level = &mut by_level[state.level];
        if state.attempt == 1.0 {
            let departures = if state.again { leaving(climb, state, 0.0) } else { 1.0 };
            level.reaching_share = visits[s] * departures;
        }
        level.filled_share += visits[s] * state.filling_rate;
        level.welfare += welfare[s];
        level.auctions += if forever(state) && visits[s] > 0.0 { f64::INFINITY } else { visits[s] };
    }
    let mut delay = 0.0;
    for (l, level) in by_level.iter_mut().enumerate().filter(|(_, level)| level.filled_share > 0.0) {
        let counts = |state: &State| state.level == l || climb.delay() == DelayCounting::Cumulative;
        let on_the_way = states.iter().enumerate().filter(|(_, state)| state.level <= l && counts(state));
        let time: f64 = on_the_way.map(|(s, state)| visits[s] * fills[(s, l)] * state.duration).sum();
        level.delay = time / level.filled_share;
        delay += time;
    }
    let last = states.len() - 1;
    let beyond = visits[last] * (1.0 - states[last].filling_rate);
    let total: f64 = welfare.sum();
    let filled_share = by_level.iter().map(|level| level.filled_share).sum();
    Ok(Outcome {
        welfare: total,
        variance: (second.sum() - total * total).max(0.0),
        filled_share,
        expired_share: if states[last].again { 0.0 } else { beyond },
        waiting_share: if forever(&states[last]) { beyond } else { 0.0 },
        auctions: by_level.iter().map(|level| level.auctions).sum(),
        delay: if filled_share > 0.0 { delay / filled_share } else { 0.0 },
        by_level,
    })
}

fn states(climb: &Climb) -> Result<Vec<State>> {
    let attempts = |n| if let Attempts::Limited(n) = n { n } else { 1 };
    let all = climb.levels().iter().fold(0u64, |all, level| all.saturating_add(attempts(level.attempts)));
    if all > MOST_STATES {
        return Err(Error::domain("attempts", all, format!("at most {MOST_STATES} in all for the matrix form")));
    }
    let of_level = |(i, level): (usize, &super::ClimbLevel)| {
        let (filling_rate, duration) = (level.filling_rate, level.duration);
        let again = level.attempts == Attempts::Unlimited;
        let state = move |a| State { level: i, attempt: a as f64, filling_rate, duration, again };
        (1..=attempts(level.attempts)).map(state)
    };
    Ok(climb.levels().iter().enumerate().flat_map(of_level).collect())
}

/// An order that comes here stays and is never filled.
fn forever(state: &State) -> bool {
    state.again && state.filling_rate == 0.0
}

/// `1 - (1-X) β^(power · d)`, the diagonal of `I - Q` at a loop; an absorbing state is left at once.
fn leaving(climb: &Climb, state: &State, power: f64) -> f64 {
    let lost = -exp_m1(climb.discount().ln_factor() * (power * state.duration));
    if forever(state) { 1.0 } else { state.filling_rate + (1.0 - state.filling_rate) * lost }
}

/// `I - Q` with steps discounted by `β^(power · d)`.
fn transient(climb: &Climb, states: &[State], power: f64) -> DMatrix<f64> {
    let mut matrix = DMatrix::identity(states.len(), states.len());
    for (s, state) in states.iter().enumerate() {
        if state.again {
            matrix[(s, s)] = leaving(climb, state, power);
        } else if s + 1 < states.len() {
            let worth = match climb.delay() {
                DelayCounting::Cumulative => climb.discount().after(power * state.duration),
                DelayCounting::Own => 1.0,
            };
            matrix[(s, s + 1)] = -(1.0 - state.filling_rate) * worth;
        }
    }
    matrix
}

/// `π (I - Q)^(-1)`.
fn visits(matrix: &DMatrix<f64>) -> Option<DVector<f64>> {
    let mut start = DVector::zeros(matrix.nrows());
    start[0] = 1.0;
    let lu: LU<f64, Dyn, Dyn> = LU::new(matrix.transpose());
    lu.solve(&start).filter(|visits| visits.iter().all(|v| v.is_finite()))
}

/// `π (I - Q_β)^(-1) r`, state by state, with the discount `β^power`.
fn earned(climb: &Climb, states: &[State], power: f64) -> Option<DVector<f64>> {
    let visits = visits(&transient(climb, states, power))?;
    let reward = states.iter().map(|state| {
        let auctions = match climb.delay() {
            DelayCounting::Cumulative => 1.0,
            DelayCounting::Own => state.attempt,
        };
        state.filling_rate * climb.discount().after(power * auctions * state.duration)
    });
    Some(visits.component_mul(&DVector::from_iterator(states.len(), reward)))
}
