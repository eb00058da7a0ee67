//! Keepers of whom everybody tries, in random order, before anybody else does.

use super::grid::Grid;
use super::state::{Block, Law};
use super::subsets;
use super::terms::{Pair, times};
use crate::error::{Error, Result};
use crate::keepers::model::Attempts;
use crate::kernels::elementary::{exp, exp_m1};
use crate::kernels::quadrature;

/// Most sums that generating functions may take.
const MOST_SUMS: f64 = 5e8;

/// Of `w t e^(-w t)` as a function of `ln(w t)`, what lies outside is below 1e-17 of the whole.
const WINDOW: [f64; 2] = [-40.0, 4.0];

/// Length of a panel in `ln t`: the integrand is bounded in the strip of half-width `π/2`, and 16 nodes on 1.5 leave 1e-19.
const PANEL: f64 = 1.5;

impl Block {
    /// `e` and `V` of the block when it begins at `start`, discounted to that time.
    pub(super) fn value(&self, start: f64, attempts: &Attempts) -> Result<[f64; 2]> {
        let n = self.executors.len();
        let pings: f64 = self.executors.iter().map(|executor| executor.ping).sum();
        let latest = start + pings + attempts.failure_delay * n.saturating_sub(1) as f64;
        if attempts.in_time(latest) {
            return self.on(&Grid::free(n)).ok_or_else(|| out_of_reach(n));
        }
        if let Some(value) = Grid::of(&self.executors, start, attempts).and_then(|grid| self.on(&grid)) {
            return Ok(value);
        }
        subsets::of_a_block(self, start, attempts).ok_or_else(|| out_of_reach(n))
    }

    /// By generating functions in the steps of the grid; `None` if they take too long.
    pub(super) fn on(&self, grid: &Grid) -> Option<[f64; 2]> {
        let (n, width) = (self.executors.len() as f64, (grid.most + 1) as f64);
        match &self.law {
            Law::Alike { served } => (n * n * width <= MOST_SUMS).then(|| self.alike(served, grid)),
            Law::Weights(log_weights) => {
                let panels = panels(log_weights);
                let nodes = (panels.len() * quadrature::NODES) as f64;
                (nodes * n * width <= MOST_SUMS).then(|| self.by_weight(log_weights, &panels, grid))
            }
        }
    }

    /// Means over sets: `a[k]` of `Π_{j∈S} q_j` over the sets `S` of `k` keepers, `b[k]` of `ρ_i d_i Π_{j∈S} q_j` over such
    /// sets and one more keeper `i`, each split by steps.
    ///
    /// ```text
    /// a_k(m) = (m-k)/m a_k(m-1) + k/m q_m a_{k-1}(m-1)
    /// b_k(m) = (m-1-k)/m b_k(m-1) + k/m q_m b_{k-1}(m-1) + 1/m ρ_m d_m a_k(m-1)
    /// ```
    ///
    /// The weights are positive and sum to 1, so that nothing cancels.
    fn alike(&self, served: &[f64], grid: &Grid) -> [f64; 2] {
        let (n, width) = (self.executors.len(), grid.most + 1);
        let mut failed = vec![[0.0; 2]; (n + 1) * width];
        let mut done = vec![[0.0; 2]; (n + 1) * width];
        if let Some(nobody) = failed.first_mut() {
            *nobody = [1.0; 2];
        }
        for (others, (terms, &steps)) in self.terms.iter().zip(&grid.steps).enumerate() {
            let m = (others + 1) as f64;
            for k in (0..=others + 1).rev() {
                let share = k as f64 / m;
                for t in (0..width).rev() {
                    let at = k * width + t;
                    let from = t.checked_sub(steps);
                    let marked = from.map_or([0.0; 2], |t| times(terms.gain, failed[k * width + t]));
                    let before = from.filter(|_| k > 0).map(|t| (k - 1) * width + t);
                    let one_less = |of: &[[f64; 2]]| before.map_or([0.0; 2], |at| times(terms.fail, of[at]));
                    let (b, a) = (one_less(&done), one_less(&failed));
                    for x in 0..2 {
                        // Where k = m there is no further keeper, and the old value is 0.
                        let left = (1.0 - share - m.recip()).max(0.0);
                        done[at][x] = left * done[at][x] + share * b[x] + marked[x] / m;
                        failed[at][x] = (1.0 - share) * failed[at][x] + share * a[x];
                    }
                }
            }
        }
        let (mut sum, mut reached) = (Pair::default(), 1.0);
        for (row, served) in done.chunks(width).zip(served) {
            reached *= served;
            row.iter().for_each(|&term| sum.add([reached; 2], term));
        }
        sum.value()
    }

    /// The integral over the time `t` at which the one who executes comes: keepers with larger times have not tried, those
    /// with smaller ones have failed.
    fn by_weight(&self, log_weights: &[f64], panels: &[(f64, f64)], grid: &Grid) -> [f64; 2] {
        let width = grid.most + 1;
        let (mut failed, mut done) = (vec![[0.0; 2]; width], vec![[0.0; 2]; width]);
        let mut integrand = |s: f64| {
            failed.fill([0.0; 2]);
            done.fill([0.0; 2]);
            failed[0] = [1.0; 2];
            for ((terms, &steps), log_weight) in self.terms.iter().zip(&grid.steps).zip(log_weights) {
                let mean = exp(log_weight + s);
                // e^-mean, 1 - e^-mean, and the density of ln t.
                let (later, sooner) = (exp(-mean), -exp_m1(-mean));
                let density = if later == 0.0 { 0.0 } else { mean * later };
                for t in (0..width).rev() {
                    let (a, b) = t.checked_sub(steps).map_or(([0.0; 2], [0.0; 2]), |t| (failed[t], done[t]));
                    for x in 0..2 {
                        done[t][x] =
                            later * done[t][x] + sooner * terms.fail[x] * b[x] + density * terms.gain[x] * a[x];
                        failed[t][x] = later * failed[t][x] + sooner * terms.fail[x] * a[x];
                    }
                }
            }
            done.iter().fold([0.0; 2], |sum, term| [sum[0] + term[0], sum[1] + term[1]])
        };
        let mut sum = Pair::default();
        for &(lo, hi) in panels {
            // The kernel integrates one function: the second one is collected beside it, with the same nodes.
            sum.add([1.0; 2], pair(lo, hi, &mut integrand));
        }
        sum.value()
    }
}

/// Both integrals over one panel.
fn pair(lo: f64, hi: f64, integrand: &mut impl FnMut(f64) -> [f64; 2]) -> [f64; 2] {
    let mut discounted = Vec::with_capacity(quadrature::NODES);
    let plain = quadrature::panel(lo, hi, |s| {
        let [plain, second] = integrand(s);
        discounted.push(second);
        plain
    });
    let mut kept = discounted.into_iter();
    [plain, quadrature::panel(lo, hi, |_| kept.next().unwrap_or(0.0))]
}

/// Panels in `ln t` that cover the window of every weight.
fn panels(log_weights: &[f64]) -> Vec<(f64, f64)> {
    let mut covered: Vec<(f64, f64)> = Vec::new();
    // Falling weights have rising windows.
    for (lo, hi) in log_weights.iter().map(|w| (WINDOW[0] - w, WINDOW[1] - w)) {
        match covered.last_mut() {
            Some(last) if lo <= last.1 => last.1 = hi,
            _ => covered.push((lo, hi)),
        }
    }
    let mut panels = Vec::new();
    for (lo, hi) in covered {
        let count = ((hi - lo) / PANEL).ceil();
        let end = |k: usize| lo + (hi - lo) * (k as f64 / count);
        panels.extend((0..count as usize).map(|k| (end(k), end(k + 1))));
    }
    panels
}

fn out_of_reach(n: usize) -> Error {
    let most = subsets::MOST_IN_BLOCK;
    let reason = format!(
        "{n} keepers with a deadline, more than {most}, whose times are not multiples of a step that is not too small"
    );
    Error::OutOfReach { reason }
}
