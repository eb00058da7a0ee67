//! Markets of a network, pool by pool: who sees a class, where its orders arrive, and when each pool's auctions run.

use super::arrivals::Sites;
use super::bits::{Bits, as_unit};
use crate::error::{Error, Result};
use crate::pool_tree::{Class, Level, Network, Schedule};
use std::collections::HashMap;
use std::ops::Range;

/// The most pools and operators of all markets together, about 2 GiB of them.
const MOST_ENTRIES: usize = 50_000_000;

/// The pools that see a class, from the level at which its orders are first drawn.
pub(super) struct Seen {
    /// What orders of the first and of the second side sell, where the class has names.
    pub(super) pair: Option<[u32; 2]>,
    /// How many equal classes it stands for.
    pub(super) copies: u64,
    /// Index of the level at which orders are first drawn: the lowest with a pool that both sides reach.
    pub(super) start: usize,
    /// Whether the two sides can meet at all.
    pub(super) meets: bool,
    /// Orders per unit time, both sides, in the busiest pool of the highest level.
    pub(super) busiest: f64,
    /// From the start level up.
    levels: Vec<Vec<Pool>>,
    /// For every level above the start: windows of the next lower level in one of its windows.
    windows: Vec<u64>,
    /// What either side brings into the pools of the start level.
    sources: Vec<[Source; 2]>,
    /// Operators at which orders arrive, source by source.
    operators: Vec<u32>,
    /// Orders per unit time at the operators of a source up to each of them.
    up_to: Vec<f64>,
}

/// A pool that sees a class.
struct Pool {
    index: usize,
    /// Which of those of the next lower level are in it.
    parts: Range<u64>,
}

/// One side in one pool.
struct Source {
    /// Expected orders in a window.
    mean: f64,
    /// Where its operators are listed.
    operators: Range<usize>,
}

impl Seen {
    /// The pools of `levels` that see `class`; `pair` tells what its sides sell.
    fn new(network: &Network, levels: &[Level], class: &Class, pair: Option<[u32; 2]>) -> Self {
        let pools = network.pools();
        let mut parts: Vec<(usize, usize, [f64; 2])> =
            class.rates().iter().map(|&(operator, rates)| (pools.place(operator), operator, rates)).collect();
        parts.sort_unstable_by_key(|&(place, ..)| place);
        let members =
            |height: u32| parts.chunk_by(move |a, b| pools.pool_at(height, a.0) == pools.pool_at(height, b.0));
        let rate = |members: &[(usize, usize, [f64; 2])], side: usize| -> f64 {
            members.iter().map(|(_, _, rates)| rates[side]).sum()
        };
        let met = |level: &Level| members(level.height).any(|members| rate(members, 0) > 0.0 && rate(members, 1) > 0.0);
        let first = levels.iter().position(met);
        let start = first.unwrap_or(levels.len() - 1);
        let mut seen = Self {
            pair,
            copies: class.copies(),
            start,
            meets: first.is_some(),
            busiest: 0.0,
            levels: Vec::with_capacity(levels.len() - start),
            windows: levels[start..].windows(2).map(|two| (two[1].period / two[0].period).round() as u64).collect(),
            sources: Vec::new(),
            operators: Vec::new(),
            up_to: Vec::new(),
        };
        let lowest = &levels[start];
        for members in members(lowest.height) {
            let sources = [0, 1].map(|side| seen.source(members, side, lowest.period));
            seen.sources.push(sources);
        }
        for level in &levels[start..] {
            // Pools of the level below, in tree order like these.
            let below = seen.levels.last().map_or(&[][..], Vec::as_slice);
            let below_height = levels[(start + seen.levels.len()).saturating_sub(1)].height;
            let mut next = 0;
            let own: Vec<Pool> = members(level.height)
                .map(|members| {
                    let index = pools.pool_at(level.height, members[0].0);
                    let inside = |part: &&Pool| {
                        pools.pool_at(level.height, pools.range(below_height, part.index).start) == index
                    };
                    let from = next;
                    next += below[from..].iter().take_while(inside).count();
                    Pool { index, parts: from as u64..next as u64 }
                })
                .collect();
            seen.levels.push(own);
        }
        let top = levels.last().map_or(0, |top| top.height);
        seen.busiest = members(top).map(|members| rate(members, 0) + rate(members, 1)).fold(0.0, f64::max);
        seen
    }

    /// Lists where the orders of one side of a pool arrive.
    fn source(&mut self, members: &[(usize, usize, [f64; 2])], side: usize, period: f64) -> Source {
        let from = self.operators.len();
        let mut sum = 0.0;
        for (_, operator, rates) in members.iter().filter(|(_, _, rates)| rates[side] > 0.0) {
            sum += rates[side];
            self.operators.push(*operator as u32);
            self.up_to.push(sum);
        }
        Source { mean: sum * period, operators: from..self.operators.len() }
    }

    /// Batches of a market in a window of the highest level, those of all levels.
    pub(super) fn batches(&self) -> f64 {
        let mut windows = 1.0;
        let mut all = 0.0;
        for (i, level) in self.levels.iter().enumerate().rev() {
            all += windows * level.len() as f64;
            windows *= i.checked_sub(1).and_then(|i| self.windows.get(i)).map_or(1.0, |&n| n as f64);
        }
        all
    }

    /// Pools of the highest level.
    pub(super) fn tops(&self) -> u64 {
        self.levels.last().map_or(0, |top| top.len() as u64)
    }

    /// Windows and pools of the next lower level in a batch of the `above`-th level from the start, above 0.
    pub(super) fn inside(&self, above: usize, at: u64) -> (u64, Range<u64>) {
        (self.windows[above - 1], self.levels[above][at as usize].parts.clone())
    }

    /// Index in the tree of a pool of the `above`-th level from the start.
    pub(super) fn pool(&self, above: usize, at: u64) -> u64 {
        self.levels[above][at as usize].index as u64
    }

    /// Expected orders of one side in a window of a pool of the start level.
    pub(super) fn mean(&self, at: u64, side: usize) -> f64 {
        self.sources[at as usize][side].mean
    }

    /// Where the orders of one side of a pool of the start level arrive.
    pub(super) fn sites(&self, at: u64, side: usize) -> Weighted<'_> {
        let range = self.sources[at as usize][side].operators.clone();
        Weighted { operators: &self.operators[range.clone()], up_to: &self.up_to[range] }
    }
}

/// The markets of a network, one for all copies of a class; assets have numbers in the order in which classes name them.
///
/// # Errors
/// [`Error::OutOfReach`] if they see more than 5e7 pools and operators.
pub(super) fn markets(network: &Network, levels: &[Level]) -> Result<Vec<Seen>> {
    let mut numbers = HashMap::<&str, u32>::new();
    let mut entries = 0;
    let mut all = Vec::with_capacity(network.flow().classes().len());
    for class in network.flow().classes() {
        let pair = class.pair().map(|[first, second]| {
            [first, second].map(|name| {
                let next = numbers.len() as u32;
                *numbers.entry(name).or_insert(next)
            })
        });
        if class.rates().is_empty() || class.copies() == 0 {
            continue;
        }
        let seen = Seen::new(network, levels, class, pair);
        entries += seen.operators.len() + seen.levels.iter().map(Vec::len).sum::<usize>();
        if entries > MOST_ENTRIES {
            let reason = format!("the classes are seen by more than {MOST_ENTRIES:.0e} pools and operators");
            return Err(Error::OutOfReach { reason });
        }
        all.push(seen);
    }
    Ok(all)
}

/// Operators at which orders arrive in proportion to rates.
pub(super) struct Weighted<'a> {
    operators: &'a [u32],
    up_to: &'a [f64],
}

/// One word for the time, and one for the operator where there are several.
impl Sites for Weighted<'_> {
    fn draw(&self, bits: &mut Bits) -> (f64, u32) {
        let unit = as_unit(bits.word());
        if let &[only] = self.operators {
            return (unit, only);
        }
        let at = self.up_to.last().map_or(0.0, |all| all * bits.unit());
        let i = self.up_to.partition_point(|&sum| sum <= at).min(self.operators.len().saturating_sub(1));
        (unit, self.operators.get(i).copied().unwrap_or(0))
    }
}

/// When the auctions of single pools run.
pub(super) struct Times {
    /// Offset and latency by level and pool.
    of_pools: Vec<Vec<[f64; 2]>>,
    /// Auctions of every pool of the highest level until an order left over can take part in one again.
    lags: Vec<u64>,
}

impl Times {
    /// # Errors
    /// As [`Network::schedule`].
    pub(super) fn new(network: &Network, schedule: &Schedule) -> Result<Self> {
        let heights: Vec<u32> = schedule.levels().iter().map(|level| level.height).collect();
        let levels = network.schedule(&heights)?;
        let times = |height: u32, offsets: &[f64]| -> Vec<[f64; 2]> {
            offsets.iter().enumerate().map(|(pool, &offset)| [offset, network.latency(height, pool)]).collect()
        };
        let of_pools: Vec<_> = levels.iter().map(|level| times(level.height, &level.offsets)).collect();
        let lags = levels.last().zip(of_pools.last()).map_or_else(Vec::new, |(top, times)| {
            times
                .iter()
                .map(|[_, latency]| super::stretch::auctions_apart(latency + top.deadline, top.period) as u64)
                .collect()
        });
        Ok(Self { of_pools, lags })
    }

    /// Offset and latency of a pool.
    pub(super) fn of(&self, level: usize, pool: u64) -> [f64; 2] {
        self.of_pools[level][pool as usize]
    }

    /// Auctions of a pool of the highest level until an order left over can take part in one again.
    pub(super) fn lag(&self, pool: u64) -> u64 {
        self.lags.get(pool as usize).copied().unwrap_or(1)
    }
}
