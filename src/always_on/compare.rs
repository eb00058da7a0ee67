//! Formulas, chains and simulation held together.

use super::simulation::tally::{CYCLE, ORDERS, PARTS, TIME, UNFILLED, VALUE, WAIT};
use super::simulation::{SimulatedPool, simulate};
use super::{AlwaysOn, Outcome, chain, closed_form};
use crate::error::{Error, Result};
use crate::estimate::{Agreement, MonteCarlo, VectorEstimate};
use crate::kernels::product::product;
use crate::pool_tree::Discount;
use crate::progress::Progress;
use nalgebra::{DMatrix, DVector};
use serde::Serialize;

/// An always-on pool by three routes; serialises to the JSON of `pooltree always-on --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The pool.
    pub pool: AlwaysOn,
    /// The discount.
    pub discount: Discount,
    /// By integrals.
    pub closed_form: Outcome,
    /// By the linear equations of the chains, unless they would be too large.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Outcome>,
    /// Why there is no matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix_refused: Option<String>,
    /// The simulation, unless it was not asked for or is out of reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monte_carlo: Option<Confirmed>,
    /// Why there is no simulation although one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monte_carlo_refused: Option<String>,
}

/// A simulation with its agreement with the integrals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confirmed {
    /// What was simulated.
    #[serde(flatten)]
    pub simulated: SimulatedPool,
    /// Joint test of its figures, [`agreement`]; without degrees of freedom where the run is too short to know its own errors:
    /// fewer than 10000 cycles, or than 1000 mean patience times.
    pub agreement: Agreement,
}

impl Comparison {
    /// Evaluates `pool` by all routes; simulates it if there is a `monte_carlo`, watched by `progress`.
    ///
    /// # Errors
    /// None beyond those of the parts; a matrix or a simulation out of reach is not an error but part of the result.
    ///
    /// ```
    /// use pooltree::always_on::{AlwaysOn, compare::Comparison};
    /// use pooltree::pool_tree::{Discount, DiscountModel};
    /// let (pool, half) = (AlwaysOn::new(4.0, 3.0, 1.0)?, Discount::new(DiscountModel::Factor(0.5))?);
    /// let comparison = Comparison::new(pool, half, None, &|_, _| ())?;
    /// let (exact, matrix) = (comparison.closed_form, comparison.matrix.unwrap());
    /// assert!((exact.first.welfare - matrix.first.welfare).abs() < 1e-12);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn new(
        pool: AlwaysOn,
        discount: Discount,
        monte_carlo: Option<&MonteCarlo>,
        progress: Progress,
    ) -> Result<Self> {
        let closed_form = closed_form::evaluate(&pool, &discount);
        let (matrix, matrix_refused) = match chain::solve(&pool, &discount) {
            Ok(outcome) => (Some(outcome), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let simulated = monte_carlo.map(|settings| simulate(&pool, &discount, settings, progress));
        let (monte_carlo, monte_carlo_refused) = match simulated {
            None => (None, None),
            Some(Ok(simulated)) => {
                let agreement = if is_long(&pool, &simulated) {
                    agreement(&closed_form, &simulated)
                } else {
                    Agreement { chi_square: 0.0, degrees_of_freedom: 0, p_value: 1.0 }
                };
                (Some(Confirmed { simulated, agreement }), None)
            }
            Some(Err(Error::OutOfReach { reason })) => (None, Some(reason)),
            Some(Err(error)) => return Err(error),
        };
        Ok(Self { pool, discount, closed_form, matrix, matrix_refused, monte_carlo, monte_carlo_refused })
    }
}

/// Whether a run is long enough for the mean of its cycles to be as good as normal: most of the time passes in few long cycles.
fn is_long(pool: &AlwaysOn, simulated: &SimulatedPool) -> bool {
    const CYCLES: u64 = 10_000;
    const PATIENCES: f64 = 1000.0;
    let cycles = simulated.cycles.replications();
    // Cycles are measured in mean times between arrivals.
    let time = cycles as f64 * simulated.cycles.mean()[TIME] / (pool.first_rate() + pool.second_rate());
    cycles >= CYCLES && time * pool.patience_rate() >= PATIENCES
}

/// Joint test that a simulation has the long-run means `exact`: the balanced share and, side by side, unfilled share,
/// orders waiting and welfare.
///
/// If `r` is the long-run ratio of two quantities `Y`, `X` of a cycle, then `Y - r X` has mean 0 in every cycle: what is tested
/// is a mean of independent vectors, without the bias of a ratio. A side that brought no orders is left out, and so is an
/// event that should have been seen less than once in the run and was not.
///
/// ```
/// use pooltree::always_on::{AlwaysOn, closed_form, compare::agreement, simulation::simulate};
/// use pooltree::estimate::{MonteCarlo, Stopping};
/// use pooltree::pool_tree::{Discount, DiscountModel};
/// let (pool, half) = (AlwaysOn::new(4.0, 3.0, 1.0)?, Discount::new(DiscountModel::Factor(0.5))?);
/// let run = simulate(&pool, &half, &MonteCarlo::new(1, Stopping::Replications(20_000))?, &|_, _| ())?;
/// assert!(agreement(&closed_form::evaluate(&pool, &half), &run).p_value > 1e-6);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn agreement(exact: &Outcome, simulated: &SimulatedPool) -> Agreement {
    let cycles = &simulated.cycles;
    let n = cycles.replications() as f64;
    let mut rows: Vec<DVector<f64>> = Vec::new();
    let mut expected = Vec::new();
    let mut claim = |over: usize, under: &[usize], value: f64| {
        let scale: f64 = under.iter().map(|&i| cycles.mean()[i]).sum();
        let mut weights = DVector::zeros(PARTS);
        weights[over] = scale.recip();
        under.iter().for_each(|&i| weights[i] -= value / scale);
        let spread = weights.dot(&(cycles.covariance() * &weights));
        // Never seen, and not to be expected in a run of this length: nothing to test.
        let (seen, wanted) = (cycles.mean()[over], value * scale);
        let never = |seen: f64, wanted: f64| seen == 0.0 && wanted > 0.0 && wanted * n < 1.0;
        let always = (seen - scale).abs() <= 1e-15 * scale && (scale - wanted).abs() * n < 1.0 && under != [TIME];
        if scale > 0.0 && !never(seen, wanted) && !(always && spread <= 1e-30) {
            rows.push(weights);
            expected.push(value);
        }
    };
    claim(CYCLE, &ORDERS, exact.balanced_share);
    for (s, side) in [&exact.first, &exact.second].into_iter().enumerate() {
        claim(UNFILLED[s], &[ORDERS[s]], side.unfilled_share);
        claim(WAIT[s], &[TIME], side.waiting);
        claim(VALUE[s], &[ORDERS[s]], side.welfare);
    }
    let weights = DMatrix::from_fn(rows.len(), PARTS, |i, j| rows[i][j]);
    let expected = DVector::from_vec(expected);
    let mean = &weights * cycles.mean() + &expected;
    let covariance = product(&product(&weights, cycles.covariance()), &weights.transpose());
    let law = VectorEstimate::new(mean, covariance, cycles.replications());
    Agreement::test(&law, None, &expected, &DVector::zeros(rows.len()))
}
