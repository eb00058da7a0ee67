//! Latency, period and delay together: the schedule of an architecture.

use crate::error::{Error, Result, checked, shown};
use crate::pool_tree::{Architecture, Discount, Latency, LatencyModel, Period, PoolTree};
use serde::Serialize;

/// What the delay of an order filled at height `h` consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delay {
    /// `L_h` only: the document's `β^(γ^h)`.
    Idealised,
    /// `o_h + L_h`: the order tried every lower auction first.
    Cumulative,
    /// `o_h + L_h + U`, `U` uniform on `(0, T_h)`: it waits for the batch to close, too.
    Batched,
}

impl Delay {
    /// All models, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Idealised, Self::Cumulative, Self::Batched];

    /// The name in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idealised => "idealised",
            Self::Cumulative => "cumulative",
            Self::Batched => "batched",
        }
    }

    /// Whether a longer window costs nothing, so that comparing windows is meaningless.
    pub fn ignores_windows(self) -> bool {
        self != Self::Batched
    }
}

/// One active height of a schedule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Height of the pools.
    pub height: u32,
    /// Consensus latency `L_h`, solving time included, in units of time; the largest, where pools differ.
    pub latency: f64,
    /// Batch period `T_h`, in units of time.
    pub period: f64,
    /// Start of the auction after the window closes, `o_h`: the latencies and deadlines of all lower active heights (0 in
    /// the idealised model); the largest, where pools differ.
    pub offset: f64,
    /// Time after its start at which an auction that has not been executed is given up, `a_h`; 0 where every auction is
    /// executed at once.
    pub deadline: f64,
}

impl Level {
    /// The longest that an auction takes, `L_h + a_h`.
    pub fn duration(&self) -> f64 {
        self.latency + self.deadline
    }

    /// A period shorter than the auction may take: the next batch closes while the last auction still runs.
    pub fn is_pipelined(&self) -> bool {
        // Back to back a latency that exceeds a whole number of periods by rounding only counts as fitting.
        self.period < self.duration() * (1.0 - 1e-9)
    }
}

/// The active levels of an architecture from the lowest to the highest.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    levels: Vec<Level>,
}

impl Schedule {
    /// Levels put together by a search, from the lowest to the highest.
    pub(crate) fn from_levels(levels: Vec<Level>) -> Self {
        Self { levels }
    }

    /// The levels from the lowest to the highest active height; never empty.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }
}

/// Latency, period and delay model of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Timing {
    latency: Latency,
    period: Period,
    delay: Delay,
    solving: f64,
}

impl Timing {
    /// Puts the models together; `solving ≥ 0` is added to the latency of every auction.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `solving` is finite and `≥ 0`.
    pub fn new(latency: Latency, period: Period, delay: Delay, solving: f64) -> Result<Self> {
        checked("solving", solving, |t| t >= 0.0, "finite and at least 0")?;
        Ok(Self { latency, period, delay, solving })
    }

    /// The latency model.
    pub fn latency(&self) -> &Latency {
        &self.latency
    }

    /// The period model.
    pub fn period(&self) -> &Period {
        &self.period
    }

    /// The delay model.
    pub fn delay(&self) -> Delay {
        self.delay
    }

    /// Time to solve a batch, part of every auction's latency.
    pub fn solving(&self) -> f64 {
        self.solving
    }

    /// The same latencies and delay with other periods.
    pub(crate) fn with_period(&self, period: Period) -> Self {
        Self { period, ..self.clone() }
    }

    /// Checks the models against a tree.
    ///
    /// # Errors
    /// As [`Latency::check`] and [`Period::check`].
    pub fn check(&self, tree: &PoolTree) -> Result<()> {
        self.latency.check(tree).map_err(|e| e.within("latency"))?;
        if self.solving > 0.0 {
            let longest = match self.latency.model() {
                LatencyModel::Table { values } => values.iter().copied().fold(0.0, f64::max),
                LatencyModel::Sites { pools, .. } => pools.iter().flatten().copied().fold(0.0, f64::max),
                _ => self.latency.value(tree, tree.depth()),
            };
            if !(longest + self.solving).is_finite() {
                let what = format!("a latency of {} with it", shown(longest));
                return Err(Error::not_finite("solving", self.solving, what));
            }
        }
        self.period.check(tree).map_err(|e| e.within("period"))
    }

    /// Latency of an auction of every pool, solving time included, by height, in a tree that the timing was checked against and
    /// whose pools can be counted.
    pub(crate) fn latencies_of_pools(&self, tree: &PoolTree) -> Vec<Vec<f64>> {
        let of_height =
            |height| self.latency.of_pools(tree, height).into_iter().map(|own| own + self.solving).collect();
        (0..=tree.depth()).map(of_height).collect()
    }

    /// Latency `L_h` of an auction at every height, solving time included, in a tree that the timing was checked against; the
    /// largest, where pools differ.
    pub(crate) fn latencies(&self, tree: &PoolTree) -> Vec<f64> {
        (0..=tree.depth()).map(|height| self.latency.value(tree, height) + self.solving).collect()
    }

    /// Latency, period and offset of every active height, given the latency and the deadline of every height.
    ///
    /// # Errors
    /// [`Error::Domain`] on `timing.latency` for a height without latency under back-to-back auctions,
    /// [`Error::NotFinite`] if offsets or periods overflow.
    pub(crate) fn schedule(
        &self,
        latencies: &[f64],
        deadline: impl Fn(u32) -> f64,
        architecture: &Architecture,
    ) -> Result<Schedule> {
        let mut levels: Vec<Level> = Vec::with_capacity(architecture.heights().len());
        let mut offset = 0.0;
        for &height in architecture.heights() {
            let (latency, deadline) = (latencies[height as usize], deadline(height));
            let below = levels.last().map(|level| level.period);
            let period = self.period.at(height, latency + deadline, below)?;
            let overflow = |what: &str| {
                if deadline > latency {
                    let key = format!("deadline of the keepers at height {height}");
                    Error::not_finite(key, deadline, what)
                } else {
                    Error::not_finite(format!("timing.latency at height {height}"), latency, what)
                }
            };
            if !(offset + latency + deadline).is_finite() {
                let what = if deadline > 0.0 { "latencies and deadlines" } else { "latencies" };
                return Err(overflow(&format!("the sum of the {what} up to it")));
            }
            if !period.is_finite() {
                return Err(overflow("the period that it fits into"));
            }
            let level = Level { height, latency, period, offset, deadline };
            levels.push(level);
            if self.delay != Delay::Idealised {
                offset += level.duration();
            }
        }
        Ok(Schedule { levels })
    }

    /// Expected discount `E[β^delay]` of an order filled at `level`.
    ///
    /// ```text
    /// idealised    β^L
    /// cumulative   β^(o + L)
    /// batched      β^(o + L) ω(T)
    /// ```
    ///
    /// That the wait is uniform on the window, given a fill at this height, holds for every priority that ignores time.
    pub fn expected_discount(&self, discount: &Discount, level: &Level) -> f64 {
        let arrived = discount.after(level.offset + level.latency);
        match self.delay {
            Delay::Idealised | Delay::Cumulative => arrived,
            Delay::Batched => arrived * discount.mean_over_wait(level.period),
        }
    }
}
