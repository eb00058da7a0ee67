//! The auctions of a tree on the orders of a log.

use super::replay_report::{ReplayReport, Window};
use super::tally::Row;
use crate::error::{Error, Result, shown};
use crate::pool_tree::Pools;
use std::collections::HashMap;

/// Replays a log through nested windows, order by order: the trace-driven simulation beside the fitted model.
///
/// In every window of an active height each pool holds the batch of its orders that are still unfilled, and fills as many as it
/// can of every pair of assets, one to one. Since matching changes no difference of sides, a pool with `N⁺` and `N⁻` orders of a
/// pair in its window has filled, up to and including its own auction,
///
/// ```text
/// 2 min(N⁺, N⁻)
/// ```
///
/// and at its own auction that less what the pools inside it filled. What the root leaves over expires. Orders of one root window
/// never meet those of another, so root windows are the batches from which standard errors come. Source: *Operator pool trees*
/// (`X = Σ |O| p(O) / |B_n|` of a batch `B_n`).
///
/// Memory is for the classes (operator and ordered pair of assets) at every active height, none for the orders.
///
/// ```
/// use pooltree::{network::order_log::{Replay, Row}, pool_tree::Pools};
/// let pools = Pools::new(2, &[])?;
/// let mut replay = Replay::new(&pools, &[0, 1], &[1.0, 2.0], Some((0.0, 4.0)))?;
/// let order = |time: f64, operator, sell| Row { run: 0, time, operator, sell, buy: 1 - sell, value: 1.0 };
/// // Operator 0 matches its first two by itself, but not those of different windows; the root matches those.
/// for (time, operator, sell) in [(0.1, 0, 0), (0.2, 0, 1), (0.9, 0, 0), (1.1, 0, 1), (2.0, 1, 0)] {
///     replay.push(&order(time, operator, sell))?;
/// }
/// let report = replay.finish()?;
/// assert_eq!((report.windows, report.orders), (2, 5));
/// assert_eq!(report.heights.iter().map(|h| h.filled).collect::<Vec<_>>(), [2, 2]);
/// assert_eq!(report.heights[1].filling_rate, 2.0 / 3.0);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub struct Replay {
    operators: usize,
    window: Option<(f64, f64)>,
    shortest: f64,
    levels: Vec<Level>,
    /// Class of an operator and an ordered pair of assets.
    classes: HashMap<(u32, u32, u32), usize>,
    /// By class and level: where it counts.
    slots: Vec<u32>,
    run: Option<u64>,
    /// Where the windows of the run begin.
    start: f64,
    last: f64,
    /// Arrivals of the root window that is open.
    open: u64,
    left_out: u64,
    report: ReplayReport,
}

/// An active height.
struct Level {
    period: f64,
    /// Windows of the level below in one of this.
    multiple: i64,
    window: i64,
    pool_of: Vec<u32>,
    /// Pool of the next active height, by pool.
    parent: Vec<u32>,
    places: HashMap<(u32, u32, u32), u32>,
    /// By place, a pool with a pair: its pool, and its sides in this window.
    sides: Vec<(u32, [u64; 2])>,
    touched: Vec<u32>,
    pools: Vec<PoolCount>,
    live: Vec<u32>,
    /// What the root window that is open has seen.
    seen: Window,
}

/// A pool in its window.
#[derive(Clone, Copy, Default)]
struct PoolCount {
    arrived: u64,
    /// Filled inside, by lower pools.
    below: u64,
    /// Filled inside, its own auction included.
    matched: u64,
}

impl Replay {
    /// A replay with auctions at `heights`, from the lowest up, every `periods` units of the log's time.
    ///
    /// `window` is the time in which root windows are counted, from its begin on, in every run; without one they begin at the
    /// first order of a run, and the last, which the log may not show to its end, is left out.
    ///
    /// # Errors
    /// [`Error::Domain`] for heights that are none, not ascending or above the root, and for periods that are not as many,
    /// not positive, or not integer multiples of the one below (relative tolerance 1e-9).
    pub fn new(pools: &Pools, heights: &[u32], periods: &[f64], window: Option<(f64, f64)>) -> Result<Self> {
        let ascending = heights.windows(2).all(|pair| pair[0] < pair[1]);
        if heights.is_empty() || !ascending || heights.iter().any(|&height| height > pools.depth()) {
            let allowed = format!("at least one height, ascending, from 0 to {}", pools.depth());
            return Err(Error::domain("heights", format!("{heights:?}"), allowed));
        }
        if periods.len() != heights.len() {
            return Err(Error::domain("periods", format!("{periods:?}"), format!("{} values", heights.len())));
        }
        if let Some((from, to)) = window
            && !(from.is_finite() && to.is_finite() && to > from && (to - from).is_finite())
        {
            return Err(Error::domain("window", format!("({from:e}, {to:e})"), "two times, the second one later"));
        }
        let (mut levels, mut lower): (Vec<Level>, Option<f64>) = (Vec::new(), None);
        for (i, (&height, &period)) in heights.iter().zip(periods).enumerate() {
            if !(period > 0.0 && period.is_finite()) {
                return Err(Error::domain(format!("periods.{i}"), shown(period), "finite and above 0"));
            }
            let multiple = lower.map_or(1.0, |lower| period / lower).round();
            let exact = lower.unwrap_or(period) * multiple;
            if !((1.0..9e15).contains(&multiple) && (exact - period).abs() <= 1e-9 * period) {
                let allowed = format!("an integer multiple of the period below, {}", shown(lower.unwrap_or(period)));
                return Err(Error::domain(format!("periods.{i}"), shown(period), allowed));
            }
            lower = Some(period);
            let parent = match heights.get(i + 1) {
                Some(&above) => (0..pools.count(height))
                    .map(|pool| pools.pool_at(above, pools.range(height, pool).start) as u32)
                    .collect(),
                None => Vec::new(),
            };
            levels.push(Level {
                period,
                multiple: multiple as i64,
                window: 0,
                pool_of: (0..pools.operators()).map(|operator| pools.pool_of(height, operator) as u32).collect(),
                parent,
                places: HashMap::new(),
                sides: Vec::new(),
                touched: Vec::new(),
                pools: vec![PoolCount::default(); pools.count(height)],
                live: Vec::new(),
                seen: Window::default(),
            });
        }
        Ok(Self {
            operators: pools.operators(),
            window,
            shortest: periods.first().copied().unwrap_or(1.0),
            levels,
            classes: HashMap::new(),
            slots: Vec::new(),
            run: None,
            start: 0.0,
            last: f64::NEG_INFINITY,
            open: 0,
            left_out: 0,
            report: ReplayReport::new(heights),
        })
    }

    /// The next order; its value does not matter. Orders outside the window are counted as left out.
    ///
    /// # Errors
    /// [`Error::Domain`] for an operator that the pools do not have, a time that is less than that before in the same run or is
    /// 2^53 windows after the first one, and for equal assets.
    pub fn push(&mut self, row: &Row) -> Result<()> {
        if row.operator as usize >= self.operators {
            return Err(Error::domain("operator", row.operator, format!("below {}", self.operators)));
        }
        if row.sell == row.buy {
            return Err(Error::domain("buy", row.buy, "another asset than sell"));
        }
        let next_run = self.run != Some(row.run);
        if !row.time.is_finite() || (!next_run && row.time < self.last) {
            let allowed = "finite, and at least that of the order before";
            return Err(Error::domain("time", shown(row.time), allowed));
        }
        if next_run {
            self.close_run();
            self.start = self.window.map_or(row.time, |(from, _)| from);
        }
        let place = ((row.time - self.start) / self.shortest).floor();
        if !(place.abs() < 9e15) {
            let allowed = format!("within 2^53 windows of {}", shown(self.shortest));
            return Err(Error::domain("time", shown(row.time), allowed));
        }
        (self.run, self.last) = (Some(row.run), row.time);
        if self.window.is_some_and(|(from, to)| !(row.time >= from && row.time < to)) {
            self.left_out += 1;
            return Ok(());
        }
        self.advance(place as i64);
        self.open += 1;
        let class = self.class(row);
        let count = self.levels.len();
        let side = usize::from(row.sell > row.buy);
        for (level, &slot) in self.levels.iter_mut().zip(self.slots.iter().skip(class * count)) {
            level.count(slot, side);
        }
        Ok(())
    }

    /// Closes the last run, and tells what was filled.
    ///
    /// # Errors
    /// [`Error::Domain`] for fewer than two root windows: they have no standard error.
    pub fn finish(mut self) -> Result<ReplayReport> {
        self.close_run();
        self.report.left_out = self.left_out;
        self.report.finish()
    }

    /// Where a class counts at every level.
    fn class(&mut self, row: &Row) -> usize {
        let key = (row.operator, row.sell, row.buy);
        if let Some(&class) = self.classes.get(&key) {
            return class;
        }
        let class = self.classes.len();
        self.classes.insert(key, class);
        for level in &mut self.levels {
            let pool = level.pool_of.get(row.operator as usize).copied().unwrap_or(0);
            let next = level.sides.len() as u32;
            let place = *level.places.entry((pool, row.sell.min(row.buy), row.sell.max(row.buy))).or_insert(next);
            if place == next {
                level.sides.push((pool, [0; 2]));
            }
            self.slots.push(place);
        }
        class
    }

    /// Holds the auctions of all windows that end before the `place`-th of the lowest height.
    fn advance(&mut self, place: i64) {
        let (mut window, last) = (place, self.levels.len() - 1);
        for i in 0..self.levels.len() {
            let Some((level, above)) = self.levels.get_mut(i..).and_then(<[Level]>::split_first_mut) else { return };
            window = window.div_euclid(level.multiple);
            if window == level.window {
                return;
            }
            level.auction(above.first_mut());
            let before = level.window;
            level.window = window;
            if i == last {
                self.commit(window - before);
            }
        }
    }

    /// The root window that is open is over, and the next `windows - 1` were empty.
    fn commit(&mut self, windows: i64) {
        let arrived = std::mem::take(&mut self.open);
        let seen = self.levels.iter_mut().map(|level| std::mem::take(&mut level.seen));
        self.report.add(windows.max(0) as u64, arrived, seen);
    }

    fn close_run(&mut self) {
        if self.run.is_some() {
            for i in 0..self.levels.len() {
                if let Some((level, above)) = self.levels.get_mut(i..).and_then(<[Level]>::split_first_mut) {
                    level.auction(above.first_mut());
                }
            }
            let (period, open) = self.levels.last().map_or((1.0, 0), |root| (root.period, root.window));
            // Root windows of the run that are complete.
            let complete = self.window.map_or(0, |(from, to)| ((to - from) / period * (1.0 + 1e-12)) as i64);
            if complete > open {
                self.commit(complete - open);
            } else {
                self.left_out += std::mem::take(&mut self.open);
                self.levels.iter_mut().for_each(|level| level.seen = Window::default());
            }
        }
        self.levels.iter_mut().for_each(|level| level.window = 0);
    }
}

impl Level {
    fn count(&mut self, place: u32, side: usize) {
        let Some((pool, sides)) = self.sides.get_mut(place as usize) else { return };
        if *sides == [0; 2] {
            self.touched.push(place);
        }
        sides[side] += 1;
        if let Some(counts) = self.pools.get_mut(*pool as usize) {
            if counts.arrived == 0 {
                self.live.push(*pool);
            }
            counts.arrived += 1;
        }
    }

    /// The auctions of all pools at the end of a window; `above` hears what was filled.
    fn auction(&mut self, above: Option<&mut Self>) {
        for place in self.touched.drain(..) {
            let Some((pool, sides)) = self.sides.get_mut(place as usize) else { continue };
            let [forward, backward] = std::mem::take(sides);
            if let Some(counts) = self.pools.get_mut(*pool as usize) {
                counts.matched += 2 * forward.min(backward);
            }
        }
        let mut above = above;
        for pool in self.live.drain(..) {
            let Some(counts) = self.pools.get_mut(pool as usize) else { continue };
            let PoolCount { arrived, below, matched } = std::mem::take(counts);
            self.seen.add(matched - below, arrived - below);
            let parent = self.parent.get(pool as usize).copied();
            if let (Some(above), Some(parent)) = (above.as_deref_mut(), parent)
                && let Some(counts) = above.pools.get_mut(parent as usize)
            {
                counts.below += matched;
            }
        }
    }
}
