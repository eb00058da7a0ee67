//! Formula, matrix and simulation of a climb side by side, and the climb against single pools. The one place where they meet.

use super::closed_form;
use super::critical::{Critical, Rival, SmallestDepth, against, critical_filling_rate, smallest_depth};
use super::simulation::{SimulatedClimb, simulate};
use super::{Attempts, Climb, ClimbLevel, Outcome, chain};
use crate::error::{Error, Result};
use crate::estimate::{Agreement, MonteCarlo, VectorEstimate};
use crate::progress::Progress;
use nalgebra::{DMatrix, DVector};
use serde::Serialize;
use std::cmp::Ordering;

/// A climb by three routes; serialises to the JSON of `pooltree climb --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The climb.
    pub climb: Climb,
    /// By the sum formula.
    pub closed_form: Outcome,
    /// By the matrix of the chain, unless it would be too large.
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
    /// Single global pools against a climb of one filling rate; empty for others.
    pub rivals: Vec<Contest>,
}

/// A simulation with its agreement with the exact expectations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confirmed {
    /// What was simulated.
    #[serde(flatten)]
    pub simulated: SimulatedClimb,
    /// Joint test of the filled shares at all levels.
    pub agreement: Agreement,
    /// Test of the welfare, which also sees in which attempt orders were filled.
    pub welfare_agreement: Agreement,
}

/// A climb against a single pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contest {
    /// The pool.
    pub rival: Rival,
    /// Its welfare at the filling rate of the climb.
    pub welfare: f64,
    /// `greater` if the climb earns more, `less` if less, `equal` if the two cannot be told apart.
    #[serde(serialize_with = "in_words")]
    pub climb_is: Ordering,
    /// From which filling rate on the climb does at least as well.
    pub critical: Critical,
    /// With how many levels a tree like the climb earns more; absent if the climb is no tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest_depth: Option<SmallestDepth>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // what serde calls
fn in_words<S: serde::Serializer>(ordering: &Ordering, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(match ordering {
        Ordering::Less => "less",
        Ordering::Equal => "equal",
        Ordering::Greater => "greater",
    })
}

impl Comparison {
    /// Evaluates `climb` by all routes; simulates it if there is a `monte_carlo`, watched by `progress`.
    ///
    /// # Errors
    /// None beyond those of the parts; a matrix or a simulation out of reach is not an error but part of the result.
    ///
    /// ```
    /// use pooltree::constant_filling::{Climb, DelayCounting, compare::Comparison};
    /// use pooltree::pool_tree::{Discount, DiscountModel};
    /// let half = Discount::new(DiscountModel::Factor(0.5))?;
    /// let tree = Climb::tree(2, 3, 0.5, DelayCounting::Cumulative, half)?;
    /// let comparison = Comparison::new(tree, None, &|_, _| ())?;
    /// let matrix = comparison.matrix.unwrap();
    /// approx::assert_relative_eq!(comparison.closed_form, matrix, max_relative = 1e-14);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn new(climb: Climb, monte_carlo: Option<&MonteCarlo>, progress: Progress) -> Result<Self> {
        let closed_form = closed_form::evaluate(&climb);
        let (matrix, matrix_refused) = match chain::solve(&climb) {
            Ok(outcome) => (Some(outcome), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let (monte_carlo, monte_carlo_refused) = match monte_carlo.map(|settings| simulate(&climb, settings, progress))
        {
            None => (None, None),
            Some(Ok(simulated)) => (Some(Confirmed::new(&closed_form, simulated)), None),
            Some(Err(Error::OutOfReach { reason })) => (None, Some(reason)),
            Some(Err(error)) => return Err(error),
        };
        let rivals = match climb.filling_rate() {
            Some(rate) => Rival::NAMED.iter().map(|&rival| Contest::new(&climb, rate, rival)).collect::<Result<_>>()?,
            None => Vec::new(),
        };
        Ok(Self { climb, closed_form, matrix, matrix_refused, monte_carlo, monte_carlo_refused, rivals })
    }
}

impl Confirmed {
    /// Holds a simulation against the exact expectations of the same climb.
    pub fn new(exact: &Outcome, simulated: SimulatedClimb) -> Self {
        let shares: Vec<f64> = exact.by_level.iter().map(|level| level.filled_share).collect();
        let agreement = fills_agreement(&simulated, &shares);
        let welfare_agreement = welfare_agreement(&simulated, exact.welfare, exact.variance);
        Self { simulated, agreement, welfare_agreement }
    }
}

const NOTHING_TO_TEST: Agreement = Agreement { chi_square: 0.0, degrees_of_freedom: 0, p_value: 1.0 };

/// Expected number of orders below which a level that none was filled at is counted with the rest.
const RARE: f64 = 1e-3;

/// Joint test that orders are filled at the levels with probabilities `expected`.
///
/// An order is filled at one level or at none: the counts are multinomial, and the statistic is Pearson's,
///
/// ```text
/// χ² = n Σ (s_i - p_i)² / max(p_i, s_i)     over levels and rest
/// ```
///
/// with the variance that the expectation gives, or that was seen if that is more: a rare fill that happened does not refute
/// the expectation by itself. A level at which nothing can be filled must have filled nothing.
pub fn fills_agreement(simulated: &SimulatedClimb, expected: &[f64]) -> Agreement {
    let n = simulated.replications;
    let seen: Vec<f64> = simulated.by_level.iter().map(|level| level.filled_share).collect();
    let tested: Vec<usize> =
        (0..expected.len().min(seen.len())).filter(|&i| seen[i] > 0.0 || expected[i] * n as f64 >= RARE).collect();
    let pick = |shares: &[f64]| DVector::from_iterator(tested.len(), tested.iter().map(|&i| shares[i]));
    let (seen, expected) = (pick(&seen), pick(expected));
    if tested.is_empty() {
        return NOTHING_TO_TEST;
    }
    let most = seen.zip_map(&expected, f64::max);
    let rest = (1.0 - seen.sum()).max(1.0 - expected.sum()).max(0.0);
    // Its inverse is the quadratic form of the statistic (Sherman and Morrison).
    let covariance = DMatrix::from_diagonal(&most) - &most * most.transpose() / (most.sum() + rest);
    let law = VectorEstimate::new(expected.clone(), covariance, u64::MAX);
    let estimate = VectorEstimate::new(seen, law.covariance().clone(), n);
    Agreement::test(&estimate, Some(&law), &expected, &DVector::zeros(tested.len()))
}

/// Relative difference that may be nothing but rounding.
const ROUNDING: f64 = 1e-12;

/// Welfare below this has a variance that is no number of full precision.
const TOO_SMALL: f64 = 1e-145;

/// Test that the discounted utility of an order has the mean `welfare`; its variance is taken as at least `variance`. There
/// is nothing to test where the two differ by rounding only, or are so small that their squares underflow.
pub fn welfare_agreement(simulated: &SimulatedClimb, welfare: f64, variance: f64) -> Agreement {
    if welfare.max(simulated.welfare) < TOO_SMALL || (welfare - simulated.welfare).abs() <= ROUNDING * welfare {
        return NOTHING_TO_TEST;
    }
    let seen = simulated.std_error.powi(2) * simulated.replications as f64;
    let mean = DVector::from_element(1, simulated.welfare);
    let estimate = VectorEstimate::new(mean, DMatrix::from_element(1, 1, seen), simulated.replications);
    Agreement::test(&estimate, None, &DVector::from_element(1, welfare), &DVector::from_element(1, variance))
}

impl Contest {
    fn new(climb: &Climb, rate: f64, rival: Rival) -> Result<Self> {
        let pool = |filling_rate, attempts| {
            let pool = ClimbLevel { filling_rate, duration: climb.top().duration, attempts };
            closed_form::discounted(&pool, climb.discount(), 1.0)
        };
        let in_all = climb.levels().iter().try_fold(0u64, |all, level| match level.attempts {
            Attempts::Limited(n) => Some(all.saturating_add(n)),
            Attempts::Unlimited => None,
        });
        let welfare = match rival {
            Rival::Perfect => pool(1.0, Attempts::Limited(1)),
            Rival::Auctions(n) => pool(rate, Attempts::Limited(n)),
            Rival::AsManyAuctions => pool(rate, in_all.map_or(Attempts::Unlimited, Attempts::Limited)),
            Rival::Unlimited => pool(rate, Attempts::Unlimited),
        };
        Ok(Self {
            rival,
            welfare,
            climb_is: against(climb, rival)?,
            critical: critical_filling_rate(climb, rival)?,
            smallest_depth: climb.arity().map(|_| smallest_depth(climb, rival)).transpose()?,
        })
    }
}
