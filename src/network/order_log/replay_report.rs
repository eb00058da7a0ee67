//! What a replay has filled.

use crate::error::{Error, Result};
use serde::Serialize;

/// Fills of a replay, by height.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayReport {
    /// Root windows, empty ones included.
    pub windows: u64,
    /// Orders in them.
    pub orders: u64,
    /// Orders left out: outside the window given, or in a root window that is not complete.
    pub left_out: u64,
    /// The active heights, from the lowest up.
    pub heights: Vec<Filling>,
    sums: Vec<Sums>,
}

/// The auctions of one height.
///
/// Standard errors are those of ratios of sums over root windows (linearised), root windows taken as independent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Filling {
    /// The height.
    pub height: u32,
    /// Orders filled here.
    pub filled: u64,
    /// Orders that reached these auctions.
    pub reached: u64,
    /// Batches that were not empty.
    pub batches: u64,
    /// Share of all orders that were filled here.
    pub share: f64,
    /// Its standard error.
    pub share_std_error: f64,
    /// `filled / reached`, the ratio of the sums; 0 if nothing reached the auctions.
    pub filling_rate: f64,
    /// Its standard error.
    pub filling_rate_std_error: f64,
    /// The document's `X = Σ |O| p(O) / |B_n|`, the share of a batch that is filled, as a mean over the batches that are not
    /// empty; 0 without any.
    pub mean_filling_rate: f64,
    /// Its standard error.
    pub mean_filling_rate_std_error: f64,
}

/// One height in one root window.
#[derive(Default)]
pub(super) struct Window {
    filled: u64,
    reached: u64,
    batches: u64,
    /// Sum over the batches of the share filled.
    rates: f64,
}

impl Window {
    /// A batch.
    pub(super) fn add(&mut self, filled: u64, reached: u64) {
        if reached > 0 {
            self.filled += filled;
            self.reached += reached;
            self.batches += 1;
            self.rates += filled as f64 / reached as f64;
        }
    }
}

/// `Σy / Σx` over windows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Ratio {
    y: f64,
    x: f64,
    yy: f64,
    xy: f64,
    xx: f64,
}

impl Ratio {
    fn add(&mut self, y: f64, x: f64) {
        self.y += y;
        self.x += x;
        self.yy += y * y;
        self.xy += x * y;
        self.xx += x * x;
    }

    /// The ratio `r` and `√(m/(m - 1) Σ (y - r x)²) / Σx`.
    fn estimate(&self, m: f64) -> (f64, f64) {
        if self.x > 0.0 {
            let r = self.y / self.x;
            let rest = (self.yy - 2.0 * r * self.xy + r * r * self.xx).max(0.0);
            (r, (rest * m / (m - 1.0)).sqrt() / self.x)
        } else {
            (0.0, 0.0)
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Sums {
    share: Ratio,
    rate: Ratio,
    mean: Ratio,
}

impl ReplayReport {
    pub(super) fn new(heights: &[u32]) -> Self {
        let empty = |&height: &u32| Filling {
            height,
            filled: 0,
            reached: 0,
            batches: 0,
            share: 0.0,
            share_std_error: 0.0,
            filling_rate: 0.0,
            filling_rate_std_error: 0.0,
            mean_filling_rate: 0.0,
            mean_filling_rate_std_error: 0.0,
        };
        let sums = vec![Sums::default(); heights.len()];
        Self { windows: 0, orders: 0, left_out: 0, heights: heights.iter().map(empty).collect(), sums }
    }

    /// A root window with what every height has seen in it, and `windows - 1` empty ones.
    pub(super) fn add(&mut self, windows: u64, arrived: u64, seen: impl Iterator<Item = Window>) {
        self.windows += windows;
        self.orders += arrived;
        for ((height, sums), seen) in self.heights.iter_mut().zip(&mut self.sums).zip(seen) {
            height.filled += seen.filled;
            height.reached += seen.reached;
            height.batches += seen.batches;
            sums.share.add(seen.filled as f64, arrived as f64);
            sums.rate.add(seen.filled as f64, seen.reached as f64);
            sums.mean.add(seen.rates, seen.batches as f64);
        }
    }

    pub(super) fn finish(mut self) -> Result<Self> {
        if self.windows < 2 {
            return Err(Error::domain("root windows", self.windows, "at least 2 that are complete"));
        }
        let m = self.windows as f64;
        for (height, sums) in self.heights.iter_mut().zip(&self.sums) {
            (height.share, height.share_std_error) = sums.share.estimate(m);
            (height.filling_rate, height.filling_rate_std_error) = sums.rate.estimate(m);
            (height.mean_filling_rate, height.mean_filling_rate_std_error) = sums.mean.estimate(m);
        }
        Ok(self)
    }
}
