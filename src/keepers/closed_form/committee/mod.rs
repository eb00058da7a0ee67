//! Committees: several keepers by exclude-and-repeat, or by the ranking of a single draw.

mod blocks;
mod clock;
mod distortion;
mod integral;
mod others;
mod routes;
mod sets;

pub use distortion::{distortion, expected_rank};

use crate::error::Result;
use crate::keepers::model::{Contest, Reading};
use nalgebra::DMatrix;
use routes::Route;

/// The law of a committee of `m`.
#[derive(Debug, Clone, PartialEq)]
pub struct Committee {
    /// Probability that each entrant is among those selected.
    pub inclusion: Vec<f64>,
    /// Probability that fewer than `m` are selected: too few entrants, too few positive weights, an auction that nobody
    /// wins.
    pub short: f64,
}

/// Inclusion probabilities of `m` selections.
///
/// ```text
/// π_i(m) = ∫_0^∞ w_i e^(-w_i t) P(#{j ≠ i: E_j < t} ≤ m - 1) dt,     E_j exponential of rate w_j,     Σ_i π_i(m) = m
/// ```
///
/// for weights `w` (weighted, Gumbel and Fréchet noise, arrivals with equal offsets; both readings), by a trapezoidal rule
/// in `ln t` whose error of method is proven to be below 1e-15, and a law of the count without subtraction (with rounding, 1e-12); weights may span the
/// whole range of `f64`. In the single-draw reading the same integral answers for exponential noise (the order
/// of the race with rates `1/f`, reversed), uniform noise and arrivals with offsets. Deterministic and uniform rules, the
/// probe's single draw and the gas auction are finite sums. Mixtures, the probe, uniform and exponential noise and
/// arrivals with offsets by exclude-and-repeat go through all arrangements of those left.
///
/// Where fewer can be selected than are wanted, all who can be are included and `short` is 1. A single draw of a mixture
/// tosses one coin for the whole ranking; one of the probe keeps its start and passes over those already selected.
///
/// Source: *Keeper selection*, Overview; derived in docs/models/selection.md.
///
/// # Errors
/// [`Error::OutOfReach`](crate::Error::OutOfReach) for more than 65536 arrangements.
///
/// ```
/// use pooltree::keepers::closed_form::committee::committee;
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, model::Reading};
/// let stakes = [7.0, 2.0, 1.0].into_iter().enumerate();
/// let keepers = Keepers::new(stakes.map(|(i, stake)| Keeper { stake, ..Keeper::new(i.to_string()) }).collect())?;
/// let contest = Contest::new(&keepers, &Rule::stake_power(1.0), &Task::default())?;
/// let two = committee(&contest, 2, Reading::ExcludeAndRepeat)?;
/// // First, or second after one of the others: .1 + .7 .1/.3 + .2 .1/.8 for the last one.
/// assert!((two.inclusion[2] - (0.1 + 0.07 / 0.3 + 0.02 / 0.8)).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn committee(contest: &Contest, m: usize, reading: Reading) -> Result<Committee> {
    let Committee { mut inclusion, short } = unbounded(contest, m, reading)?;
    inclusion.iter_mut().for_each(|pi| *pi = pi.min(1.0));
    Ok(Committee { inclusion, short: short.min(1.0) })
}

/// Sums of probabilities, which rounding may carry past 1.
fn unbounded(contest: &Contest, m: usize, reading: Reading) -> Result<Committee> {
    let n = contest.len();
    match Route::of(contest, reading) {
        Route::Rankings(rankings) => {
            let mut all = Committee { inclusion: vec![0.0; n], short: 0.0 };
            if n == 0 && m > 0 {
                all.short = 1.0;
                return Ok(all);
            }
            for (share, ranking) in rankings {
                let (inclusion, short) = ranking.inclusion(n, m);
                all.inclusion.iter_mut().zip(inclusion).for_each(|(pi, more)| *pi += share * more);
                all.short += share * short;
            }
            Ok(all)
        }
        Route::Sets => {
            let law = sets::selections(contest, m)?;
            Ok(Committee { inclusion: law.joint.diagonal().iter().copied().collect(), short: law.short })
        }
    }
}

/// Probability that two entrants are both among `m` selected, at `(i, j)`; on the diagonal inclusion itself.
///
/// ```text
/// π_ij(m) = ∫ [w_i e^(-w_i t) (1 - e^(-w_j t)) + w_j e^(-w_j t) (1 - e^(-w_i t))] P(#{k ≠ i, j: E_k < t} ≤ m - 2) dt
/// Σ_{j ≠ i} π_ij(m) = (m - 1) π_i(m)
/// ```
///
/// for weights, and the other routes of [`committee`] likewise. The cost for weights is of the order of `n² m`.
///
/// Source: *Keeper selection*, Overview; derived in docs/models/selection.md.
///
/// # Errors
/// [`Error::OutOfReach`](crate::Error::OutOfReach) for more than 65536 arrangements, or an integral above 5e10
/// multiplications.
///
/// ```
/// use pooltree::keepers::closed_form::committee::joint_inclusion;
/// use pooltree::keepers::model::{Contest, Reading, Rest, Rule};
/// use pooltree::keepers::{Keeper, Keepers, Task};
/// let keepers = Keepers::new((0..5).map(|i| Keeper::new(i.to_string())).collect())?;
/// let contest = Contest::new(&keepers, &Rule::Uniform { rest: Rest::Cyclic }, &Task::default())?;
/// // Two in a row on a ring of five: neighbours share one start of five, others none.
/// let both = joint_inclusion(&contest, 2, Reading::SingleDraw)?;
/// assert_eq!((both[(0, 1)], both[(0, 2)], both[(0, 4)]), (0.2, 0.0, 0.2));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn joint_inclusion(contest: &Contest, m: usize, reading: Reading) -> Result<DMatrix<f64>> {
    let n = contest.len();
    match Route::of(contest, reading) {
        Route::Rankings(rankings) => {
            let mut joint = DMatrix::zeros(n, n);
            for (share, ranking) in rankings {
                joint += ranking.joint(n, m)? * share;
            }
            Ok(joint)
        }
        Route::Sets => Ok(sets::selections(contest, m)?.joint),
    }
}

/// Probability that entrant `i` is selected as number `r`, at `(i, r - 1)`.
///
/// ```text
/// P(rank of i = r) = ∫_0^∞ w_i e^(-w_i t) P(#{j ≠ i: E_j < t} = r - 1) dt,     Σ_{r ≤ m} P(rank of i = r) = π_i(m)
/// ```
///
/// for weights, and the other routes of [`committee`] likewise. What is missing to 1 in a row is the probability that the
/// keeper is never selected, in a column that fewer are.
///
/// Source: *Keeper selection*, Overview; derived in docs/models/selection.md.
///
/// # Errors
/// As [`joint_inclusion`].
///
/// ```
/// use pooltree::keepers::closed_form::committee::rank_law;
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, model::Reading};
/// let stakes = [2.0, 1.0, 1.0].into_iter().enumerate();
/// let keepers = Keepers::new(stakes.map(|(i, stake)| Keeper { stake, ..Keeper::new(i.to_string()) }).collect())?;
/// let contest = Contest::new(&keepers, &Rule::stake_power(1.0), &Task::default())?;
/// // Last of three: both of weight 1 come first, 1/4 + 1/4 times 1/3.
/// let law = rank_law(&contest, Reading::ExcludeAndRepeat)?;
/// assert!((law[(0, 2)] - 1.0 / 6.0).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn rank_law(contest: &Contest, reading: Reading) -> Result<DMatrix<f64>> {
    let n = contest.len();
    match Route::of(contest, reading) {
        Route::Rankings(rankings) => {
            let mut law = DMatrix::zeros(n, n);
            for (share, ranking) in rankings {
                law += ranking.ranks(n)? * share;
            }
            Ok(law)
        }
        Route::Sets => Ok(sets::selections(contest, n)?.ranks),
    }
}
