//! Estimates from what was drawn, and their agreement with the formulas.

use super::super::Row;
use super::measures::{Measures, best_guess};
use super::plan::{Plan, STEP};
use super::test::{FEW, Test};
use super::{Compared, Drawn, Sampled};
use crate::error::{Error, Result};
use crate::estimate::{Agreement, Estimate, VectorEstimate};
use crate::keepers::closed_form::auction::CommonValue;
use crate::keepers::closed_form::execution::executed;
use crate::keepers::closed_form::winner;
use crate::keepers::{Contest, GasAuction};
use crate::kernels::elementary::pow;
use crate::kernels::sum::Sum;
use crate::pool_tree::{Discount, DiscountModel};

/// Variance over mean square below which a number counts as constant: what differs is rounding.
const CONSTANT: f64 = 1e-13;

impl Plan<'_> {
    pub(super) fn report(
        &self,
        row: &Row,
        estimate: &VectorEstimate,
        halves: &[Vec<u64>; 2],
        included: &[u64],
        seed: u64,
    ) -> Result<Sampled> {
        let case = self.case;
        let layout = self.layout();
        let n = estimate.replications() as f64;
        let number = |at: usize| {
            let Estimate { mean, std_error, .. } = estimate.component(at);
            Drawn { mean, std_error }
        };
        let wins: Vec<u64> = halves[0].iter().zip(&halves[1]).map(|(a, b)| a + b).collect();
        let shares: Vec<f64> = wins.iter().map(|&w| w as f64 / n).collect();
        let errors: Vec<f64> = shares.iter().map(|p| (p * (1.0 - p) / (n - 1.0)).sqrt()).collect();
        let arc = self.arc();
        let compared = |at: usize, exact: f64, shift: f64| {
            let Drawn { mean, std_error } = number(at);
            Compared { mean: mean - shift, std_error, exact }
        };
        let measured: Vec<usize> = case.measured_places().collect();
        let measures = Measures::new(&measured.iter().map(|&i| wins[i]).collect::<Vec<_>>());
        Ok(Sampled {
            winner: case.in_file_order(&shares),
            winner_std_error: case.in_file_order(&errors),
            effective_number: measures.effective_number(),
            predictability: best_guess(halves),
            gini: measures.gini(),
            expected_wait: measures.expected_wait(),
            tie_unfairness: measures.difference(case.extreme_pair()),
            effective_pool: measures.effective_pool(case.questions.rounds),
            deterrence: measures.mean(&case.slashed()),
            executed: self.execution.as_ref().map(|_| number(layout.executed)),
            expected_discount: self.execution.as_ref().map(|_| number(layout.discounted)),
            losers_loss: {
                let Drawn { mean, std_error } = number(layout.loss);
                let unit = self.auction.as_ref().map_or(1.0, GasAuction::value);
                Drawn { mean: unit * mean, std_error: unit * std_error }
            },
            sybil_gain: self.split.as_ref().and(case.sybil).map(|gain| compared(layout.split, gain.gain, gain.before)),
            arc_elasticity: arc.map(|exact| compared(layout.arc, exact, 0.0)),
            inclusion: self
                .select
                .map(|_| case.in_file_order(&included.iter().map(|&i| i as f64 / n).collect::<Vec<_>>())),
            agreement: self.agreement(row, estimate, arc)?,
            replications: estimate.replications(),
            seed,
        })
    }

    /// `Σ [p_i(s_i e^h) - p_i]/h` over the keepers whose stakes were raised.
    fn arc(&self) -> Option<f64> {
        if self.richer.is_empty() {
            return None;
        }
        let rise = |(i, contest): &(usize, Contest)| winner(contest)[*i] - self.case.law[*i];
        let rise = self.richer.iter().map(rise).collect::<Sum>().value() / STEP;
        // What is left of two equal laws is rounding.
        Some(if rise.abs() < 1e-12 { 0.0 } else { rise })
    }

    /// Variance of `β^S` of one task, if the mean of so many is near a normal law: squared skewness is at most the number
    /// over 25, of a rare event that it is expected so often.
    fn variance_of_discount(&self, v: f64, n: f64) -> Result<Option<f64>> {
        let case = self.case;
        // E[β^(kS)] is the same at a power of the discount factor.
        let moment = |k: f64| {
            let discount = Discount::new(DiscountModel::Rate(-k * case.discount.ln_factor()))?;
            Ok::<_, Error>(executed(&case.contest, &case.executors, &case.attempts(), &discount)?.discounted)
        };
        let second = moment(2.0)?;
        if second < 1e-180 {
            return Ok(None); // 0, or too small for its powers
        }
        let variance = second - v * v;
        if variance <= CONSTANT * second {
            return Ok(Some(1e-18 * second));
        }
        let third = moment(3.0)? - v * (3.0 * second - 2.0 * v * v);
        let skewness = third / pow(variance, 1.5);
        Ok((skewness * skewness * FEW <= n).then_some(variance))
    }

    /// Joint test of all that was drawn and is known.
    fn agreement(&self, row: &Row, estimate: &VectorEstimate, arc: Option<f64>) -> Result<Agreement> {
        let case = self.case;
        let layout = self.layout();
        let n = estimate.replications() as f64;
        let mut test = Test::new(n);
        let redundant = self.groups.redundant();
        for (group, &expected) in self.groups.expected.iter().enumerate().filter(|(group, _)| Some(*group) != redundant)
        {
            test.add(group, expected, expected * (1.0 - expected).max(0.0));
        }
        if let (Some(e), Some(v), Some(_)) = (row.executed, row.expected_discount, &self.execution) {
            test.add(layout.executed, e, e * (1.0 - e));
            if let Some(variance) = self.variance_of_discount(v, n)? {
                test.add(layout.discounted, v, variance);
            }
        }
        if let Some(auction) = &self.auction {
            let exact = CommonValue::new(auction, case.contest.len() as u64);
            if exact.losers_loss == 0.0 || exact.reverted.min(1.0) * n >= FEW {
                test.add(layout.loss, exact.losers_loss / auction.value(), 0.0);
            }
        }
        if let (Some(_), Some(gain)) = (&self.split, case.sybil) {
            test.add(layout.split, gain.after, gain.after * (1.0 - gain.after).max(0.0));
        }
        if let Some(arc) = arc {
            let changes = arc.abs() * STEP / self.richer.len() as f64 * n;
            if arc == 0.0 || changes >= FEW {
                test.add(layout.arc, arc, 0.0);
            }
        }
        if let (Some(groups), Some(_)) = (&self.members, &row.inclusion) {
            for (group, &expected) in groups.expected.iter().enumerate() {
                test.add_about(layout.members + group, expected, groups.variance[group]);
            }
        }
        Ok(test.result(estimate))
    }
}
