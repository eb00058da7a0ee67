//! The orders engine: every order by itself, through the auctions that it meets.

use super::bits::Bits;
use super::market::Desk;
use super::order::Observer;
use super::setup::Setup;
use crate::error::{Error, Result};
use crate::orders::Orders;
use crate::pool_keepers::PoolKeepers;
use crate::pool_tree::{Architecture, Level, Model};
use crate::progress::Progress;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Orders and batches that one random stream should serve, so that setting it up does not count.
const WORK_PER_STREAM: f64 = 16384.0;

/// Blocks whose observers are held at once.
const BLOCKS_AT_ONCE: u64 = 512;

/// Monte Carlo of the mechanism order by order, for one model, architecture and way to handle orders.
///
/// Orders arrive in continuous time at operators. Every pool of an active height closes a window each period; its auction
/// starts when the auctions below have ended, solves the batch, and ends a latency later. What it leaves over goes to the
/// batch of the next higher active pool whose window covers the order's own; at the highest active height it takes part
/// in the next auctions of the same pool that start after it is free again, until it is filled, has seen as many as
/// its lifetime allows, or loses patience.
///
/// Clocks do not depend on the orders, so that events need no queue: batches are visited depth first, each after the
/// batches below it, market by market. That is a reordering of independent events. Memory grows with the orders of one
/// market that are there at once, not with those seen.
///
/// Where pools are given, differ in latency or have a flow of their own ([`Model::network`]), every class is drawn in the pools
/// that see it, and each auction has the offset and the latency of its pool.
///
/// One replication is a stretch of consecutive windows of the highest active height ([`crate::orders::Stretch`]).
/// Replications are drawn in blocks of [`OrdersEngine::block_len`], each block from its own stream of `ChaCha8`.
///
/// ```
/// use pooltree::orders::{Orders, simulation::{Auction, Edge, Observer, Order, OrdersEngine}};
/// use pooltree::{Scenario, pool_tree::Architecture};
///
/// #[derive(Default)]
/// struct Count { arrived: usize, filled: usize, expired: usize, waiting: usize }
/// impl Observer for Count {
///     fn arrived(&mut self, _: Edge, orders: &[Order]) { self.arrived += orders.len() }
///     fn filled(&mut self, _: &Auction, _: Edge, orders: &[Order]) { self.filled += orders.len() }
///     fn expired(&mut self, _: Edge, _: &Order, _: f64) { self.expired += 1 }
///     fn waiting(&mut self, _: Edge, orders: &[Order]) { self.waiting += orders.len() }
/// }
///
/// let scenario = Scenario::document();
/// let engine = OrdersEngine::new(&scenario, &Architecture::full(scenario.tree()), &Orders::default())?;
/// let mut count = Count::default();
/// engine.watch(1, 0..100, &mut count)?;
/// assert_eq!(count.arrived, count.filled + count.expired + count.waiting);
/// assert_eq!(count.waiting, 0); // one auction at the root, then they expire
/// # Ok::<(), pooltree::Error>(())
/// ```
pub struct OrdersEngine {
    pub(super) setup: Setup,
    block_len: u64,
}

impl OrdersEngine {
    /// Prepares the draws.
    ///
    /// # Errors
    /// [`Error::OutOfReach`] if one replication takes more than 2e9 orders and batches, more than 5e7 orders of one market
    /// may be there at once, its books and factors take more than 5e7 entries, or there are more than 2^32 operators;
    /// [`Error::Domain`] for parameters of `orders` out of range and for solvers beyond pairs where a component of the flow is
    /// custom; else as for the closed form.
    pub fn new(model: &Model, architecture: &Architecture, orders: &Orders) -> Result<Self> {
        Self::with_keepers(model, architecture, orders, None)
    }

    /// The same where `keepers` run the auctions, as [`crate::pool_tree::Execution`] has it in the model.
    ///
    /// A failed auction fills nothing and hands its orders to the parent; at the highest active height it counts as one of
    /// the auctions that an order may see.
    ///
    /// # Errors
    /// As [`OrdersEngine::new`], [`Error::Domain`] on `keepers` where auctions may fail and nobody runs them, and
    /// [`Error::OutOfReach`] if one replication has more than 2e7 auctions.
    pub fn with_keepers(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
    ) -> Result<Self> {
        let setup = Setup::new(model, architecture, orders, keepers)?;
        let block_len = (WORK_PER_STREAM / setup.plan.work.max(1.0)).floor().clamp(1.0, 1024.0) as u64;
        Ok(Self { setup, block_len })
    }

    /// The levels that are simulated.
    pub fn levels(&self) -> &[Level] {
        &self.setup.plan.levels
    }

    /// Windows of the highest active height in one replication that count, and those before them.
    pub fn windows(&self) -> (u64, u64) {
        (self.setup.plan.windows, self.setup.plan.warm_up)
    }

    /// Auctions of the `level`-th active height in the windows of one replication that count.
    pub(super) fn auctions(&self, level: usize) -> f64 {
        self.setup.plan.auctions(level)
    }

    /// Expected orders in the windows of one replication that count.
    pub fn orders_per_replication(&self) -> f64 {
        self.setup.plan.orders
    }

    /// Expected orders and batches of one replication, warm-up included: what it costs.
    pub fn work_per_replication(&self) -> f64 {
        self.setup.plan.work
    }

    /// Replications that share a random stream.
    pub fn block_len(&self) -> u64 {
        self.block_len
    }

    /// Shows replications `range` under `seed` to `observer`, one after the other.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the range starts at a multiple of [`OrdersEngine::block_len`].
    pub fn watch<O: Observer>(&self, seed: u64, range: Range<u64>, observer: &mut O) -> Result<()> {
        self.check_start(&range)?;
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start + self.block_len);
            self.block(seed, start..end, observer);
            start = end;
        }
        Ok(())
    }

    /// Shows replications `range` under `seed` to observers, one for each block, in parallel on the current rayon pool;
    /// `fold` receives them in the order of their blocks, on any number of threads.
    ///
    /// # Errors
    /// As [`OrdersEngine::watch`].
    pub fn watch_in_parallel<O: Observer + Send>(
        &self,
        seed: u64,
        range: Range<u64>,
        observer: impl Fn() -> O + Sync,
        mut fold: impl FnMut(O),
        progress: Progress,
    ) -> Result<()> {
        self.check_start(&range)?;
        let all = range.end.saturating_sub(range.start);
        let done = AtomicU64::new(0);
        let mut start = range.start;
        while start < range.end {
            let stop = range.end.min(start + BLOCKS_AT_ONCE * self.block_len);
            let observers: Vec<O> = (0..(stop - start).div_ceil(self.block_len))
                .into_par_iter()
                .map(|block| {
                    let from = start + block * self.block_len;
                    let to = stop.min(from + self.block_len);
                    let mut observer = observer();
                    self.block(seed, from..to, &mut observer);
                    let before = done.fetch_add(to - from, Ordering::Relaxed);
                    progress(before + to - from, all);
                    observer
                })
                .collect();
            observers.into_iter().for_each(&mut fold);
            start = stop;
        }
        Ok(())
    }

    fn check_start(&self, range: &Range<u64>) -> Result<()> {
        if range.start.is_multiple_of(self.block_len) {
            return Ok(());
        }
        let allowed = format!("a multiple of the block length {}", self.block_len);
        Err(Error::domain("first replication", range.start, allowed))
    }

    /// Replications of one block.
    fn block<O: Observer>(&self, seed: u64, range: Range<u64>, observer: &mut O) {
        let mut desk = Desk::new(&self.setup, Bits::new(seed, range.start / self.block_len));
        for replication in range {
            desk.replication(observer);
            observer.ended(replication);
        }
    }
}
