//! Equal markets: where their orders arrive, and how their batches nest.

use super::pool_by_pool::Seen;
use crate::pool_tree::simulation::classes::Places;
use crate::pool_tree::simulation::draw::SidesSampler;
use std::ops::Range;

/// Equal and independent markets.
pub(super) struct Group {
    /// How many, at different places or of different asset pairs.
    pub(super) copies: u64,
    /// How many asset pairs are markets by themselves at one place; 1 where all are one market.
    pub(super) pairs: u64,
    /// Index of the level at which orders are first drawn.
    pub(super) start: usize,
    /// Whether the two sides can meet at all.
    pub(super) meets: bool,
    /// Where its orders arrive, and how its batches nest.
    pub(super) ground: Ground,
}

/// Where the orders of a market arrive, and how its batches nest.
pub(super) enum Ground {
    /// All pools of a height are alike.
    Alike(Alike),
    /// Pool by pool.
    Seen(Seen),
}

/// Pools that are alike at every height.
pub(super) struct Alike {
    pub(super) places: Places,
    /// Expected orders of either side of one class in one pool and window of the start level.
    pub(super) means: [f64; 2],
    /// Draws the two counts, where their means are the same in all windows.
    pub(super) sampler: SidesSampler,
    /// For every level above the start: windows and pools of the next lower level in one of its batches.
    pub(super) branches: Vec<[u64; 2]>,
    /// Pools of the highest level that the market is drawn in.
    pub(super) tops: u64,
    pub(super) spread: bool,
}

impl Group {
    /// Pools of the highest level that the market is drawn in.
    pub(super) fn tops(&self) -> u64 {
        match &self.ground {
            Ground::Alike(alike) => alike.tops,
            Ground::Seen(seen) => seen.tops(),
        }
    }

    /// Windows and pools of the next lower level in a batch of a level above the start.
    #[inline]
    pub(super) fn inside(&self, level: usize, pool: u64) -> (u64, Range<u64>) {
        match &self.ground {
            Ground::Alike(alike) => {
                let [windows, pools] = alike.branches[level - self.start - 1];
                (windows, pool * pools..(pool + 1) * pools)
            }
            Ground::Seen(seen) => seen.inside(level - self.start, pool),
        }
    }
}
