//! The stationary law of the surplus that an auction leaves.

use super::CarryOver;
use crate::error::{Error, Result};
use crate::kernels::matched::expected_min;
use crate::kernels::skellam::Skellam;

/// The most states of the surplus: its law takes the cube of their number in steps.
pub const MOST_STATES: usize = 1200;

/// Standard deviations of the surplus, and orders beyond, that the range of states reaches out.
const DEVIATIONS: f64 = 10.0;
const MARGIN: f64 = 12.0;

/// The surplus after an auction, before the next one of the same chain, and what that one matches.
pub(super) struct Law {
    /// `P(J = j)` for `j = 0, 1, …` of the first side, and for `-j` of the second.
    after: [Vec<f64>; 2],
    /// The same when the impatient have left; nobody counts on both sides.
    pub(super) before: [Vec<f64>; 2],
    /// `E J⁺`, `E J⁻`.
    pub(super) left_over: [f64; 2],
    /// Pairs matched by an auction.
    pub(super) pairs: f64,
    /// Bound on the distance (Wasserstein's) from the law without a cut.
    pub(super) truncation: f64,
}

impl Law {
    pub(super) fn new(pool: &CarryOver) -> Result<Self> {
        let [first, second] = pool.fresh();
        let (s, loss) = (pool.survival(), pool.loss());
        let fresh = Skellam::new(first, second)?;
        // Mean and variance as if orders of both sides could wait: m = s m + mean, v = s² v + s(1-s)|m| + variance.
        let middle = fresh.mean() / loss;
        let deviation = ((fresh.variance() + s * loss * middle.abs()) / (loss * (1.0 + s))).sqrt();
        let reach = (DEVIATIONS * deviation + MARGIN).ceil();
        let (low, high) = ((middle - reach).min(-MARGIN).floor(), (middle + reach).max(MARGIN).ceil());
        if !(high - low + 1.0 <= MOST_STATES as f64) {
            let reason = format!(
                "the surplus of an auction takes about {:.1e} states, at most {MOST_STATES} are in reach; the always-on pool, or a \
                 single batch, may be near",
                high - low + 1.0
            );
            return Err(Error::OutOfReach { reason });
        }
        let range = Range { low: low as i64, high: high as i64 };
        let steps = Steps::new(&fresh, s, range);
        let law = steps.stationary(middle).ok_or_else(|| Error::OutOfReach {
            reason: "a state of the surplus is left with a probability that underflows".to_owned(),
        })?;
        let beyond: f64 = law.iter().zip(&steps.beyond).map(|(p, d)| p * d).sum();
        let zero = (-range.low) as usize;
        let after = [law[zero..].to_vec(), law[..=zero].iter().rev().copied().collect()];
        let before = [0, 1].map(|side: usize| thinned(&after[side], s));
        let left_over = [0, 1].map(|side: usize| after[side].iter().enumerate().map(|(j, p)| j as f64 * p).sum());
        let mut new = Self { after, before, left_over, pairs: 0.0, truncation: beyond / loss };
        // Nobody is carried where nobody was left over, or all of either side have left.
        let nobody = new.before[0][0] + (new.before[1][0] - new.after[0][0]);
        new.before.iter_mut().for_each(|side| side[0] = nobody);
        new.pairs = new.matched(&fresh, expected_min(first, second)?);
        Ok(new)
    }

    pub(super) fn states(&self) -> usize {
        self.after[0].len() + self.after[1].len() - 1
    }

    /// `E min(I⁺ + A1, I⁻ + A2)`, `I` the surplus before the auction: one more order carried by the first side is matched exactly
    /// if it finds fewer of its side than there are on the other, `P(A1 - A2 < -l)` behind `l` others.
    fn matched(&self, fresh: &Skellam, none_carried: f64) -> f64 {
        let more = |side: usize, l: usize| {
            let l = l as i64;
            if side == 0 { fresh.cdf(-l - 1) } else { fresh.sf(l) }
        };
        let mut sum = self.before[0][0] * none_carried;
        for side in 0..2 {
            let mut given = none_carried;
            for (i, p) in self.before[side].iter().enumerate().skip(1) {
                let gain = more(side, i - 1);
                given += gain;
                sum += p * given;
            }
        }
        sum
    }
}

/// The law of `Binomial(j, s)`, `j` of a given law.
fn thinned(law: &[f64], s: f64) -> Vec<f64> {
    let mut result = vec![0.0; law.len()];
    let mut row = vec![0.0; law.len()];
    row[0] = 1.0;
    for (j, p) in law.iter().enumerate() {
        if j > 0 {
            next_thinning(&mut row, j, s);
        }
        result.iter_mut().zip(&row[..=j]).for_each(|(sum, share)| *sum += p * share);
    }
    result
}

/// From the law of `Binomial(j - 1, s)` to that of `Binomial(j, s)`.
pub(super) fn next_thinning(row: &mut [f64], j: usize, s: f64) {
    for i in (1..=j).rev() {
        row[i] = s * row[i - 1] + (1.0 - s) * row[i];
    }
    row[0] *= 1.0 - s;
}

#[derive(Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
}

/// The transition matrix, states in the order of their number; what would leave the range stops at its ends.
struct Steps {
    range: Range,
    states: usize,
    matrix: Vec<f64>,
    /// Mean distance by which a step from each state would leave the range.
    beyond: Vec<f64>,
}

impl Steps {
    fn new(fresh: &Skellam, s: f64, range: Range) -> Self {
        let states = (range.high - range.low + 1) as usize;
        let width = (fresh.mean().abs() + 12.0 * fresh.variance().sqrt() + 40.0).ceil() as i64;
        let (from, to) = (range.low - width, range.high + width);
        let mut steps = Self { range, states, matrix: vec![0.0; states * states], beyond: vec![0.0; states] };
        let none: Vec<f64> = (from..=to).map(|k| if k.abs() <= width { fresh.pmf(k) } else { 0.0 }).collect();
        steps.fill(0, from, &none);
        // One more carried order shifts by one if it stays.
        let mut row = none.clone();
        for j in 1..=range.high {
            for k in (1..row.len()).rev() {
                row[k] = s * row[k - 1] + (1.0 - s) * row[k];
            }
            row[0] *= 1.0 - s;
            steps.fill(j, from, &row);
        }
        row = none;
        for j in 1..=-range.low {
            for k in 0..row.len() - 1 {
                row[k] = s * row[k + 1] + (1.0 - s) * row[k];
            }
            steps.fill(-j, from, &row);
        }
        steps
    }

    fn fill(&mut self, state: i64, from: i64, row: &[f64]) {
        let at = (state - self.range.low) as usize;
        for (k, p) in (from..).zip(row) {
            let end = k.clamp(self.range.low, self.range.high);
            self.matrix[at * self.states + (end - self.range.low) as usize] += p;
            self.beyond[at] += p * (k - end).abs() as f64;
        }
    }

    /// State reduction of Grassmann, Taksar and Heyman: states are taken out from the farthest to the nearest of `middle`, and
    /// nothing is ever subtracted, so that rare states are as exact as frequent ones.
    fn stationary(&self, middle: f64) -> Option<Vec<f64>> {
        let n = self.states;
        let mut order: Vec<usize> = (0..n).collect();
        let distance = |i: usize| (i as f64 + self.range.low as f64 - middle).abs();
        order.sort_by(|&i, &j| distance(i).total_cmp(&distance(j)));
        let mut p: Vec<f64> = Vec::with_capacity(n * n);
        for &i in &order {
            p.extend(order.iter().map(|&j| self.matrix[i * n + j]));
        }
        for k in (1..n).rev() {
            let (head, tail) = p.split_at_mut(k * n);
            let out = &tail[..k];
            let total: f64 = out.iter().sum();
            if !(total > 0.0) {
                return None;
            }
            for row in head.chunks_exact_mut(n) {
                row[k] /= total;
                let into = row[k];
                if into > 0.0 {
                    row[..k].iter_mut().zip(out).for_each(|(x, y)| *x += into * y);
                }
            }
        }
        let mut weights = vec![1.0; n];
        for k in 1..n {
            weights[k] = (0..k).map(|i| weights[i] * p[i * n + k]).sum();
        }
        let total: f64 = weights.iter().sum();
        let mut law = vec![0.0; n];
        order.iter().zip(&weights).for_each(|(&i, w)| law[i] = w / total);
        total.is_finite().then_some(law)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two states by hand: up with 1/3, down with 1/2.
    #[test]
    fn elimination() {
        let range = Range { low: 0, high: 1 };
        let matrix = vec![2.0 / 3.0, 1.0 / 3.0, 0.5, 0.5];
        let law = Steps { range, states: 2, matrix, beyond: vec![0.0; 2] }.stationary(0.0).unwrap();
        assert!((law[0] - 0.6).abs() < 1e-15 && (law[1] - 0.4).abs() < 1e-15);
    }

    #[test]
    fn thinning_by_enumeration() {
        let law = thinned(&[0.0, 0.0, 0.0, 1.0], 0.25);
        for (found, exact) in law.iter().zip([27.0, 27.0, 9.0, 1.0]) {
            assert!((found - exact / 64.0).abs() < 1e-16);
        }
    }
}
