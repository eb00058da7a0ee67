//! Where a quantity of a scenario changes sign along an axis.

use super::Axis;
use crate::error::{Error, Result};
use crate::kernels::roots::{Root, Valued, scanned};
use crate::progress::Progress;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// The points of an axis, of which there must be one.
pub(crate) fn points(axis: &Axis, default: u32, whole: bool) -> Result<Vec<f64>> {
    let points = axis.points(default, whole);
    if points.is_empty() {
        let [lo, hi] = axis.range();
        return Err(Error::domain(axis.key(), format!("{lo}..{hi}"), "a range that holds a whole number"));
    }
    Ok(points)
}

/// `f` at every point, in parallel; the result does not depend on the number of threads.
pub(super) fn map<P: Clone + Sync, T: Send>(
    points: &[P],
    watch: Progress,
    f: impl Fn(P) -> Result<T> + Sync + Send,
) -> Result<Vec<T>> {
    let done = AtomicU64::new(0);
    let all = points.len() as u64;
    let values: Vec<Result<T>> = points
        .par_iter()
        .map(|x| {
            let value = f(x.clone());
            watch(done.fetch_add(1, Ordering::Relaxed) + 1, all);
            value
        })
        .collect();
    values.into_iter().collect() // the first error in the order of the points, whichever came first
}

/// All changes of sign of `f`, whose `values` at the points are known; between whole numbers only if `whole`.
pub(super) fn crossings(
    f: impl Fn(f64) -> Result<Valued>,
    points: &[f64],
    values: &[Valued],
    whole: bool,
) -> Result<Vec<Root>> {
    if !whole {
        return scanned(f, points, values);
    }
    let mut roots = Vec::new();
    let mut last: Option<(f64, i8)> = None;
    for (&x, value) in points.iter().zip(values) {
        let sign = value.sign();
        if sign == 0 {
            continue;
        }
        if let Some((from, _)) = last.filter(|(_, before)| *before != sign) {
            let (mut lo, mut hi) = (from, x);
            // The points may leave out whole numbers.
            while hi - lo > 1.0 {
                let middle = (lo + 0.5 * (hi - lo)).floor();
                if f(middle)?.sign() == sign { hi = middle } else { lo = middle }
            }
            roots.push(Root { at: hi, bracket: [lo, hi], rising: sign > 0, leap: false, accuracy: 0.0 });
        }
        last = Some((x, sign));
    }
    Ok(roots)
}
