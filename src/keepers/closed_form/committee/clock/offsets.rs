//! Exponential arrivals with offsets.
//!
//! From one offset to the next all probabilities are analytic in the time `s` since the offset. A first panel reaches to
//! where hardly anything has happened; from there on panels are even in `ln s`, as narrow as the growth by `cos^(-m) θ`
//! asks for (see the exponential clocks). Absolute errors are of the order of 1e-14.

use super::{Point, scores::weighted};
use crate::kernels::elementary::{exp, exp_m1, ln};

/// Rates times time after which a clock counts as rung in the choice of panels.
const RUNG: f64 = 45.0;

/// Below the logarithm of the largest number.
const LATEST: f64 = 709.0;

/// Offsets in increasing order, each once.
fn starts(offsets: &[f64]) -> Vec<f64> {
    let mut sorted = offsets.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    sorted
}

fn width(m: usize) -> f64 {
    (3.5 / (m as f64).max(1.0).sqrt()).min(0.7)
}

/// The first panel's end and the logarithm of the last one's, from `start` to the next offset.
fn ends(offsets: &[f64], rates: &[f64], start: f64, next: f64) -> (f64, f64) {
    let members = || offsets.iter().zip(rates).filter(|(o, _)| **o <= start);
    let running: f64 = members().filter(|(o, rate)| *rate * (start - *o) < RUNG).map(|(_, rate)| rate).sum();
    let slowest = members().map(|(_, rate)| *rate).fold(f64::INFINITY, f64::min);
    let first = (0.25 / running.clamp(f64::MIN_POSITIVE, f64::MAX)).min(next - start);
    (first, (ln(RUNG) + 0.1 - ln(slowest)).min(ln(next - start)).min(LATEST))
}

pub(super) fn points(offsets: &[f64], rates: &[f64]) -> f64 {
    let starts = starts(offsets);
    let nexts = starts.iter().skip(1).copied().chain([f64::INFINITY]);
    let panels = starts.iter().zip(nexts).map(|(&start, next)| {
        let (first, last) = ends(offsets, rates, start, next);
        1.0 + ((last - ln(first)) / width(offsets.len())).ceil().max(0.0)
    });
    16.0 * panels.sum::<f64>()
}

pub(super) fn race(offsets: &[f64], rates: &[f64], m: usize, point: &mut Point, visit: &mut impl FnMut(&Point)) {
    let starts = starts(offsets);
    let nexts = starts.iter().skip(1).copied().chain([f64::INFINITY]);
    for (&start, next) in starts.iter().zip(nexts) {
        let (first, last) = ends(offsets, rates, start, next);
        let mut at = |point: &mut Point, s: f64, weight: f64| {
            for (i, (&offset, &rate)) in offsets.iter().zip(rates).enumerate() {
                let time = if offset <= start { rate * (start - offset + s) } else { 0.0 };
                point.after[i] = exp(-time);
                point.before[i] = -exp_m1(-time);
                point.here[i] = if offset <= start { exp(ln(rate) + ln(weight) - time) } else { 0.0 };
            }
            visit(point);
        };
        weighted(0.0, first, |s, weight| at(point, s, weight));
        let panels = ((last - ln(first)) / width(m)).ceil().max(0.0) as usize;
        for k in 0..panels {
            if point.is_over(m) {
                return;
            }
            let cut = |k: usize| ln(first) + (last - ln(first)) * k as f64 / panels as f64;
            weighted(cut(k), cut(k + 1), |x, weight| at(point, exp(x), exp(x) * weight));
        }
        if point.is_over(m) {
            return;
        }
    }
}
