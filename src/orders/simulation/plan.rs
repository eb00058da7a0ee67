//! What one replication draws, order by order: the markets of every component, where each starts and how its batches nest.
//!
//! A market is what one solver looks at together: both sides of one class, or, where cycles are cleared, all swaps between
//! the assets at one place. It is drawn first at the lowest active height whose pools can hold all of it: below, no auction
//! finds a counterpart. Orders of classes that meet nowhere arrive and expire. In a network that is the lowest height with a
//! pool that both sides reach.

use super::group::{Alike, Ground, Group};
use super::pool_by_pool::{Seen, Times, markets};
use super::stretch::{auctions_apart, windows};
use crate::error::{Error, Result};
use crate::orders::{Arrivals, Lifetime, Orders, SolverModel};
use crate::pool_tree::simulation::classes::{Classes, Places, classes};
use crate::pool_tree::simulation::draw::SidesSampler;
use crate::pool_tree::{Delay, Kind, Level, Model, PoolTree, Schedule};

/// The most orders, and the most batches, of one replication.
const MOST_WORK: f64 = 2e9;

/// The most orders of one market that may be there at once, about 2 GiB of them.
const MOST_ALIVE: f64 = 5e7;

/// The most entries of tables that are held for all edges of a market.
const MOST_ENTRIES: f64 = 5e7;

/// The most auctions of one replication where each is executed by somebody.
const MOST_AUCTIONS: f64 = 2e7;

/// A Gamma factor is above its bound with a probability of at most `e^-16`.
const RARE: f64 = 16.0;

/// The fewest orders that one replication may bring on average: below, none would be seen.
const LEAST_ORDERS: f64 = 1e-12;

/// The most operators, whose index an order carries.
const MOST_OPERATORS: u64 = 1 << 32;

/// The classes of a flow, equal ones together.
enum Sorts {
    Alike(Vec<Classes>),
    Seen(Vec<Seen>),
}

impl Sorts {
    fn new(model: &Model, levels: &[Level], orders: &Orders) -> Result<Self> {
        let Some(network) = model.network() else { return Ok(Self::Alike(classes(model)?)) };
        let has_own = model.flow().components().iter().any(|component| matches!(component.kind(), Kind::Custom(_)));
        if has_own && !orders.solver.clears_pairs_only() {
            // Swaps between all assets at one place are one market; of custom classes nobody knows which these are.
            let given = if orders.solver.model() == SolverModel::Unlimited { "unlimited" } else { "cycles" };
            let allowed = "\"pairs\" where a component of the flow is custom: its classes are pairs of their own";
            return Err(Error::domain("orders.solver.model", given, allowed));
        }
        Ok(Self::Seen(markets(network, levels)?))
    }

    /// Orders in a window of one pool of the highest level, both sides, of the busiest class.
    fn busiest(&self, top: &Level) -> f64 {
        match self {
            Self::Alike(all) => all.iter().map(|classes| classes.orders_at(top)).fold(0.0, f64::max),
            Self::Seen(all) => all.iter().map(|seen| seen.busiest * top.period).fold(0.0, f64::max),
        }
    }
}

/// One replication.
pub(super) struct Plan {
    pub(super) tree: PoolTree,
    pub(super) levels: Vec<Level>,
    /// Offsets and latencies of the pools, where they are not alike.
    times: Option<Times>,
    pub(super) delay: Delay,
    pub(super) groups: Vec<Group>,
    pub(super) assets: u32,
    /// Windows that count.
    pub(super) windows: u64,
    /// Windows before them.
    pub(super) warm_up: u64,
    /// Auctions of the highest level until an order left over can take part in one again; the most, where pools differ.
    lag: u64,
    /// Auctions of one pool of the highest level that may have left orders over, all in all at the same time.
    pub(super) under_way: u64,
    /// Expected orders in the windows that count.
    pub(super) orders: f64,
    /// Expected orders and batches in all windows.
    pub(super) work: f64,
}

impl Plan {
    pub(super) fn new(model: &Model, schedule: &Schedule, orders: &Orders) -> Result<Self> {
        let tree = model.tree().clone();
        if tree.operators().is_none_or(|n| n > MOST_OPERATORS) {
            let reason = format!("{:.1e} operators are more than {MOST_OPERATORS}", tree.size_f64(tree.depth()));
            return Err(Error::OutOfReach { reason });
        }
        let levels = schedule.levels().to_vec();
        let [period, duration] = levels.last().map_or([1.0, 0.0], |top| [top.period, top.duration()]);
        let lag = auctions_apart(duration, period);
        if lag > 1e6 && !orders.lifetime.is_one_auction() {
            let reason = format!("the duration of the highest auction is {lag:.1e} of its periods");
            return Err(Error::OutOfReach { reason });
        }
        let flow = Sorts::new(model, &levels, orders)?;
        let pairs = model.flow().asset_pairs();
        let busiest = levels.last().map_or(0.0, |top| flow.busiest(top));
        let [windows, warm_up] = windows(orders, lag, period, 0.5 * busiest)?;
        let expected = model.flow().rate() * period;
        let all = (windows + warm_up) as f64;
        let under_way = if orders.lifetime.is_one_auction() { 0.0 } else { lag.min(all) };
        let assets = f64::from(model.flow().assets());
        let edges = if orders.solver.clears_pairs_only() { 2.0 } else { assets * assets };
        let factors = if matches!(orders.arrivals, Arrivals::Gamma { .. }) { all } else { 0.0 };
        let entries = edges * (factors + under_way + levels.len() as f64);
        if entries > MOST_ENTRIES {
            let reason = format!(
                "{edges:.0} sides of a market in {all:.1e} windows, {under_way:.1e} auctions under way, take {entries:.1e} \
                 entries, more than {MOST_ENTRIES:.0e}"
            );
            return Err(Error::OutOfReach { reason });
        }
        let mut plan = Self {
            tree,
            levels,
            times: model.network().map(|network| Times::new(network, schedule)).transpose()?,
            delay: model.timing().delay(),
            groups: Vec::new(),
            assets: model.flow().assets(),
            windows,
            warm_up,
            lag: lag as u64,
            under_way: under_way as u64,
            orders: expected * windows as f64,
            work: 0.0,
        };
        if plan.orders < LEAST_ORDERS {
            let reason = format!("one replication brings {:.1e} orders: none would be seen", plan.orders);
            return Err(Error::OutOfReach { reason });
        }
        plan.reach(expected * all, "orders")?;
        match flow {
            Sorts::Alike(classes) => classes.iter().try_for_each(|classes| plan.add(pairs, all, orders, classes))?,
            Sorts::Seen(seen) => seen.into_iter().try_for_each(|seen| plan.add_seen(pairs, all, orders, seen))?,
        }
        Ok(plan)
    }

    /// Adds to the work of a replication, unless it is too much.
    fn reach(&mut self, work: f64, what: &str) -> Result<()> {
        self.work += work;
        if self.work <= MOST_WORK {
            return Ok(());
        }
        let all = self.windows + self.warm_up;
        let stretch = if all > 1 { format!(" ({all} windows)") } else { String::new() };
        let reason = format!("one replication{stretch} takes {:.1e} {what}, more than {MOST_WORK:.0e}", self.work);
        Err(Error::OutOfReach { reason })
    }

    /// Adds the auctions themselves, where each is executed by somebody.
    pub(super) fn count_auctions(&mut self) -> Result<()> {
        let auctions: f64 = (0..self.levels.len()).map(|level| self.auctions(level)).sum();
        let auctions = auctions * (self.windows + self.warm_up) as f64 / self.windows as f64;
        if auctions > MOST_AUCTIONS {
            let reason = format!("one replication has {auctions:.1e} auctions, more than {MOST_AUCTIONS:.0e}");
            return Err(Error::OutOfReach { reason });
        }
        self.reach(auctions, "orders, batches and auctions")
    }

    /// Auctions of a level in the windows that count.
    pub(super) fn auctions(&self, level: usize) -> f64 {
        let Some(top) = self.levels.last() else { return 0.0 };
        let own = &self.levels[level];
        let pools = self.tree.pools_f64(own.height);
        (top.period / own.period).round() * pools * self.windows as f64
    }

    fn add(&mut self, pairs: f64, all: f64, orders: &Orders, classes: &Classes) -> Result<()> {
        let top = self.levels.len() - 1;
        let meets = classes.meets_at <= self.levels[top].height;
        let start = self.levels.iter().position(|level| level.height >= classes.meets_at).unwrap_or(top);
        let expected = classes.orders_at(&self.levels[start]);
        if classes.places == 0.0 || expected == 0.0 {
            return Ok(());
        }
        let tree = self.tree.clone();
        let alone = orders.solver.clears_pairs_only();
        let mut branches = Vec::new();
        let mut below = 1.0; // batches of the start level in one of the highest
        for pair in self.levels[start..].windows(2) {
            let windows = (pair[1].period / pair[0].period).round();
            let pools = if classes.spread {
                tree.scaled(1.0, i64::from(pair[1].height) - i64::from(pair[0].height))
            } else {
                1.0
            };
            below *= windows * pools;
            branches.push([windows, pools]);
        }
        let tops =
            if classes.spread { tree.scaled(1.0, i64::from(tree.depth() - self.levels[top].height)) } else { 1.0 };
        let batches = classes.places * pairs * tops * below * all;
        self.reach(batches, "orders and batches")?;
        self.hold(expected * if alone { 1.0 } else { pairs } * below, orders)?;
        let means = [expected * classes.side_share, expected * (1.0 - classes.side_share)];
        let scale = if let Arrivals::Batches { size } = orders.arrivals { (size as f64).recip() } else { 1.0 };
        let ground = Alike {
            places: Places::new(&tree, classes.geography)?,
            means,
            sampler: SidesSampler::new(means[0] * scale, means[1] * scale),
            branches: branches.into_iter().map(|branch| branch.map(|n| n as u64)).collect(),
            tops: tops as u64,
            spread: classes.spread,
        };
        self.groups.push(Group {
            copies: (classes.places * if alone { pairs } else { 1.0 }) as u64,
            pairs: if alone { pairs as u64 } else { 1 },
            start,
            meets,
            ground: Ground::Alike(ground),
        });
        Ok(())
    }

    /// A class of a network; its copies are the asset pairs, unless it has names for what it swaps.
    fn add_seen(&mut self, pairs: f64, all: f64, orders: &Orders, seen: Seen) -> Result<()> {
        let alone = orders.solver.clears_pairs_only();
        let period = self.levels.last().map_or(1.0, |top| top.period);
        self.reach(seen.copies as f64 * seen.batches() * all, "orders and batches")?;
        self.hold(seen.busiest * period * if alone { 1.0 } else { pairs }, orders)?;
        self.groups.push(Group {
            copies: if alone { seen.copies } else { 1 },
            pairs: if alone { pairs as u64 } else { 1 },
            start: seen.start,
            meets: seen.meets,
            ground: Ground::Seen(seen),
        });
        Ok(())
    }

    /// Refuses more orders of one market than fit memory; `each` come in a window of the highest level.
    fn hold(&self, each: f64, orders: &Orders) -> Result<()> {
        let alive = each * self.stay(orders) * burst(orders);
        if !(alive <= MOST_ALIVE) {
            let reason =
                format!("up to {alive:.1e} orders of one market are there at once, more than {MOST_ALIVE:.0e}");
            return Err(Error::OutOfReach { reason });
        }
        Ok(())
    }

    /// Offset and latency of a pool's auctions.
    #[inline]
    pub(super) fn times(&self, level: usize, pool: u64) -> [f64; 2] {
        match &self.times {
            None => [self.levels[level].offset, self.levels[level].latency],
            Some(times) => times.of(level, pool),
        }
    }

    /// Auctions of a pool of the highest level until an order left over can take part in one again.
    #[inline]
    pub(super) fn lag(&self, pool: u64) -> u64 {
        self.times.as_ref().map_or(self.lag, |times| times.lag(pool))
    }

    /// Windows for which an order may stay, roughly: for a bound on memory.
    fn stay(&self, orders: &Orders) -> f64 {
        let all = (self.windows + self.warm_up) as f64;
        let stay = match orders.lifetime {
            Lifetime::Auctions { lifetime } => f64::from(lifetime) * self.lag as f64,
            Lifetime::Patience { patience_rate, .. } => {
                let period = self.levels.last().map_or(1.0, |top| top.period);
                self.lag as f64 + (patience_rate * period).recip()
            }
        };
        stay.min(all).max(1.0)
    }
}

/// How many times as many orders as expected a window may bring, for a bound on memory: `1 + √(2t/k) + t/k`, which a Gamma
/// factor of shape `k` exceeds with probability `e^-t` at most (Boucheron, Lugosi and Massart 2013, section 2.4).
fn burst(orders: &Orders) -> f64 {
    match orders.arrivals {
        Arrivals::Gamma { shape } => 1.0 + (2.0 * RARE / shape).sqrt() + RARE / shape,
        _ => 1.0,
    }
}
