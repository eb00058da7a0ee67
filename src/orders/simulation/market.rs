//! One market through a stretch of windows: batches collected depth first, cleared, and what is left passed on.

use super::arrivals::{Evenly, Window, exponential, poisson};
use super::bits::Bits;
use super::book::{Book, leave};
use super::executions::Executions;
use super::group::{Alike, Ground, Group};
use super::matching::Matching;
use super::order::{Auction, Edge, Observer};
use super::select::prefer;
use super::setup::Setup;
use crate::kernels::draws::gamma_of_mean_one;
use crate::orders::{Arrivals, Lifetime, PatienceFrom, Priority};
use crate::pool_tree::simulation::classes::Sites;

/// Where in the tree a market is.
struct Spot {
    /// Where its sides arrive, if pools are alike.
    sites: Sites,
    /// Which pool of the highest level, where there are several.
    top: u64,
    /// Whether the events of the present window count.
    counts: bool,
}

/// All that the replications of one block share.
pub(super) struct Desk<'a> {
    setup: &'a Setup,
    bits: Bits,
    priority: Priority,
    /// Open batches by level.
    books: Vec<Book>,
    /// Orders left over at the highest level, by the auction that they take part in next.
    carried: Vec<Book>,
    /// What the sides' rates are multiplied by in every window, edge by edge.
    factors: Vec<f64>,
    /// What the market swaps, edge by edge.
    edges: Vec<Edge>,
    /// The two edges of every asset pair.
    pairs: Vec<[usize; 2]>,
    matching: Matching,
    counts: Vec<u64>,
    filled: Vec<u64>,
    /// Whether the fills of the closed form are kept beside those that happen.
    shadow: bool,
    /// When every auction of the replication is executed, where keepers run them.
    executions: Option<Executions>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(setup: &'a Setup, bits: Bits) -> Self {
        let Setup { plan, orders, .. } = setup;
        let alone = orders.solver.clears_pairs_only();
        let assets = plan.assets as usize;
        let (edges, pairs) = if alone {
            (vec![Edge { sell: 0, buy: 1 }, Edge { sell: 1, buy: 0 }], vec![[0, 1]])
        } else {
            let edge = |i: usize| Edge { sell: (i / assets) as u32, buy: (i % assets) as u32 };
            let pairs = (0..assets).flat_map(|x| (x + 1..assets).map(move |y| [x * assets + y, y * assets + x]));
            ((0..assets * assets).map(edge).collect(), pairs.collect())
        };
        let n = edges.len();
        let book = || Book::new(n);
        Self {
            setup,
            bits,
            priority: orders.effective_priority(),
            books: (0..plan.levels.len()).map(|_| book()).collect(),
            carried: (0..plan.under_way).map(|_| book()).collect(),
            factors: Vec::new(),
            edges,
            pairs,
            matching: Matching::new(setup.clearing.as_ref(), orders.solver.success()),
            counts: vec![0; n],
            filled: vec![0; n],
            shadow: !orders.fills_as_the_tree() || setup.crews.is_some(),
            executions: setup.crews.as_ref().map(|crews| Executions::new(crews, plan)),
        }
    }

    /// One replication, market by market.
    pub(super) fn replication<O: Observer>(&mut self, observer: &mut O) {
        if let Some(executions) = &mut self.executions {
            executions.draw(&mut self.bits, observer);
        }
        for group in &self.setup.plan.groups {
            for copy in 0..group.copies {
                let pair = pair(copy % group.pairs, self.setup.plan.assets);
                let (sites, pair) = match &group.ground {
                    Ground::Alike(alike) => (alike.places.sites(&self.setup.plan.tree, copy / group.pairs), pair),
                    Ground::Seen(seen) => ([0..0, 0..0], seen.pair.unwrap_or(pair)),
                };
                if self.edges.len() == 2 {
                    self.edges[0] = Edge { sell: pair[0], buy: pair[1] };
                    self.edges[1] = Edge { sell: pair[1], buy: pair[0] };
                }
                self.draw_factors();
                let mut spot = Spot { sites, top: 0, counts: true };
                for top in 0..group.tops() {
                    spot.top = top;
                    self.stretch(group, &mut spot, observer);
                }
            }
        }
    }

    /// One Gamma factor for every edge and window, if rates vary: common to all pools.
    fn draw_factors(&mut self) {
        let Arrivals::Gamma { shape } = self.setup.orders.arrivals else { return };
        let plan = &self.setup.plan;
        let n = self.edges.len() * (plan.windows + plan.warm_up) as usize;
        self.factors.clear();
        self.factors.extend((0..n).map(|_| gamma_of_mean_one(shape, &mut self.bits)));
    }

    /// All windows of one market in one pool of the highest level.
    fn stretch<O: Observer>(&mut self, group: &Group, spot: &mut Spot, observer: &mut O) {
        let plan = &self.setup.plan;
        let top = plan.levels.len() - 1;
        let period = plan.levels[top].period;
        let pool = self.pool(group, spot, top, spot.top);
        self.carried.iter_mut().for_each(Book::clear);
        for window in 0..plan.warm_up + plan.windows {
            spot.counts = window >= plan.warm_up;
            let opens = (window as f64 - plan.warm_up as f64) * period;
            if window == plan.warm_up && window > 0 {
                self.carry_in(pool, observer);
            }
            self.collect(group, spot, top, spot.top, [window; 2], opens, observer);
            self.highest(group, spot, window, opens, observer);
        }
        self.finish(pool, observer);
    }

    /// Orders that are there when the last auction has started that does not count. The end of a stretch is at the same point of
    /// an auction, so that what leaves between them is what leaves in so many periods.
    fn carry_in<O: Observer>(&mut self, pool: u64, observer: &mut O) {
        let plan = &self.setup.plan;
        let [now, _] = plan.times(plan.levels.len() - 1, pool);
        for book in &mut self.carried {
            for (orders, edge) in book.edges.iter_mut().zip(&self.edges) {
                leave(orders, now, *edge, false, observer);
                observer.carried_in(*edge, orders);
            }
        }
    }

    /// Fills the book of a level with the orders of one pool and window, lower auctions first, and runs the auction; the
    /// highest level's auction is left to [`Desk::highest`]. `own` numbers the windows of the level, `window` those of the
    /// highest.
    #[allow(clippy::too_many_arguments)] // a recursion: where, when, and who watches
    fn collect<O: Observer>(
        &mut self,
        group: &Group,
        spot: &Spot,
        level: usize,
        pool: u64,
        [window, own]: [u64; 2],
        opens: f64,
        observer: &mut O,
    ) {
        self.books[level].clear();
        if level == group.start {
            self.arrive(group, spot, pool, window, opens, observer);
        } else {
            self.books[level].exchangeable = false;
            let (windows, pools) = group.inside(level, pool);
            let period = self.setup.plan.levels[level - 1].period;
            for inner in 0..windows {
                for part in pools.clone() {
                    let opens = opens + inner as f64 * period;
                    let own = own * windows + inner;
                    self.collect(group, spot, level - 1, part, [window, own], opens, observer);
                    self.forward(level - 1);
                }
            }
        }
        if self.shadow && group.meets && spot.counts {
            let arrived = &self.books[level].arrived;
            let pairs: u64 = self.pairs.iter().map(|&[a, b]| arrived[a].min(arrived[b])).sum();
            observer.neutral(level, 2 * pairs);
        }
        if level + 1 < self.setup.plan.levels.len() && group.meets {
            let (auction, executed) = self.auction(group, spot, level, pool, own, opens);
            self.drop_impatient(level, &auction, spot.counts, observer);
            if executed {
                self.clear(level, &auction, spot.counts, observer);
            }
        }
    }

    /// Hands what a level left over to the next.
    fn forward(&mut self, level: usize) {
        let (below, above) = self.books.split_at_mut(level + 1);
        let (Some(from), Some(to)) = (below.last_mut(), above.first_mut()) else { return };
        for (from, to) in from.edges.iter_mut().zip(&mut to.edges) {
            to.append(from);
        }
        if self.shadow {
            to.arrived.iter_mut().zip(&from.arrived).for_each(|(to, from)| *to += from);
        }
    }

    /// Index in the tree of the pool that a market knows as its `at`-th of a level.
    fn pool(&self, group: &Group, spot: &Spot, level: usize, at: u64) -> u64 {
        let plan = &self.setup.plan;
        match &group.ground {
            Ground::Alike(alike) if alike.spread => at,
            Ground::Alike(_) => plan.tree.pool_index(spot.sites[0].start, plan.levels[level].height),
            Ground::Seen(seen) => seen.pool(level - group.start, at),
        }
    }

    /// The auction of a pool and window, and whether it is executed.
    fn auction(&self, group: &Group, spot: &Spot, level: usize, pool: u64, own: u64, opens: f64) -> (Auction, bool) {
        let plan = &self.setup.plan;
        let timing = &plan.levels[level];
        let pool = self.pool(group, spot, level, pool);
        let [offset, latency] = plan.times(level, pool);
        let closes = opens + timing.period;
        let starts = closes + offset;
        let delay = self.executions.as_ref().map_or(Some(0.0), |executions| executions.delay(level, own, pool));
        let auction = Auction {
            level,
            height: timing.height,
            pool,
            closes,
            starts,
            ends: starts + delay.unwrap_or(timing.deadline) + latency,
            spacing: plan.lag(pool) as f64 * timing.period,
            delay: plan.delay,
        };
        (auction, delay.is_some())
    }

    /// Draws the orders of one pool and window.
    fn arrive<O: Observer>(
        &mut self,
        group: &Group,
        spot: &Spot,
        pool: u64,
        window: u64,
        opens: f64,
        observer: &mut O,
    ) {
        let Setup { plan, orders, values, .. } = self.setup;
        let timing = &plan.levels[group.start];
        let patience = match orders.lifetime {
            Lifetime::Patience { patience_rate, patience_from: PatienceFrom::Arrival } => patience_rate,
            _ => 0.0,
        };
        let size = if let Arrivals::Batches { size } = orders.arrivals { size } else { 1 };
        let factors = window as usize * self.edges.len();
        let book = &mut self.books[group.start];
        book.exchangeable = size == 1;
        for edges in &self.pairs {
            let factor = |side: usize| self.factors.get(factors + edges[side]).copied();
            let numbers = match &group.ground {
                Ground::Alike(alike) if self.factors.is_empty() => alike.sampler.draw(&mut self.bits),
                Ground::Alike(Alike { means, .. }) => {
                    [0, 1].map(|side| poisson(means[side] * factor(side).unwrap_or(1.0), &mut self.bits))
                }
                Ground::Seen(seen) => [0, 1].map(|side| {
                    let mean = seen.mean(pool, side) * factor(side).unwrap_or(1.0);
                    poisson(mean / size as f64, &mut self.bits)
                }),
            };
            for side in 0..2 {
                let edge = edges[side];
                let (into, period, number) = (&mut book.edges[edge], timing.period, numbers[side]);
                match &group.ground {
                    Ground::Alike(alike) => {
                        let sites = if alike.spread {
                            let size = plan.tree.size(timing.height).unwrap_or(1);
                            pool * size..(pool + 1) * size
                        } else {
                            spot.sites[side].clone()
                        };
                        let sites = Evenly { first: sites.start, sites: sites.end - sites.start };
                        let window = Window { opens, period, sites };
                        window.bring(number, size, values, patience, into, &mut self.bits);
                    }
                    Ground::Seen(seen) => {
                        let window = Window { opens, period, sites: seen.sites(pool, side) };
                        window.bring(number, size, values, patience, into, &mut self.bits);
                    }
                }
                if self.shadow {
                    book.arrived[edge] = into.len() as u64;
                }
                if spot.counts && !into.is_empty() {
                    observer.arrived(self.edges[edge], into);
                }
            }
        }
    }

    /// Lets those leave whose patience has ended before an auction starts.
    fn drop_impatient<O: Observer>(&mut self, level: usize, auction: &Auction, counts: bool, observer: &mut O) {
        if !matches!(self.setup.orders.lifetime, Lifetime::Patience { .. }) {
            return;
        }
        for (orders, edge) in self.books[level].edges.iter_mut().zip(&self.edges) {
            leave(orders, auction.starts, *edge, counts, observer);
        }
    }

    /// Runs one auction on the book of its level; filled orders leave it.
    fn clear<O: Observer>(&mut self, level: usize, auction: &Auction, counts: bool, observer: &mut O) {
        let book = &mut self.books[level];
        for (count, orders) in self.counts.iter_mut().zip(&book.edges) {
            *count = orders.len() as u64;
        }
        self.matching.run(&self.counts, &mut self.filled, &mut self.bits);
        for ((orders, edge), &filled) in book.edges.iter_mut().zip(&self.edges).zip(&self.filled) {
            if filled == 0 {
                continue;
            }
            prefer(orders, filled as usize, self.priority, book.exchangeable, &mut self.bits);
            let rest = orders.len() - filled as usize;
            if counts {
                observer.filled(auction, *edge, &orders[rest..]);
            }
            orders.truncate(rest);
        }
    }

    /// The auction of the highest level, and what becomes of the orders that it leaves over.
    fn highest<O: Observer>(&mut self, group: &Group, spot: &Spot, window: u64, opens: f64, observer: &mut O) {
        let top = self.books.len() - 1;
        let (auction, executed) = self.auction(group, spot, top, spot.top, window, opens);
        let slot = (window % self.setup.plan.lag(auction.pool)) as usize;
        if let Some(carried) = self.carried.get_mut(slot) {
            let book = &mut self.books[top];
            for (to, from) in book.edges.iter_mut().zip(&mut carried.edges) {
                book.exchangeable &= from.is_empty();
                to.append(from);
            }
        }
        self.drop_impatient(top, &auction, spot.counts, observer);
        if group.meets && executed {
            self.clear(top, &auction, spot.counts, observer);
        }
        let lifetime = self.setup.orders.lifetime;
        for (i, (orders, edge)) in self.books[top].edges.iter_mut().zip(&self.edges).enumerate() {
            for order in orders.iter_mut() {
                order.attempts += 1;
            }
            match lifetime {
                Lifetime::Auctions { lifetime } => orders.retain(|order| {
                    let stays = order.attempts < lifetime;
                    if !stays && spot.counts {
                        observer.expired(*edge, order, auction.ends);
                    }
                    stays
                }),
                Lifetime::Patience { patience_rate, patience_from: PatienceFrom::Root } if patience_rate > 0.0 => {
                    for order in orders.iter_mut().filter(|order| order.attempts == 1) {
                        order.deadline = auction.starts + exponential(patience_rate, &mut self.bits);
                    }
                }
                Lifetime::Patience { .. } => {}
            }
            if let Some(carried) = self.carried.get_mut(slot) {
                if spot.counts {
                    observer.carried_over(&auction, *edge, orders);
                }
                carried.edges[i].append(orders);
            }
        }
    }

    /// The end of a stretch, when the last auction has started: whoever it does not fill and has patience left waits.
    fn finish<O: Observer>(&mut self, pool: u64, observer: &mut O) {
        let plan = &self.setup.plan;
        let [offset, _] = plan.times(plan.levels.len() - 1, pool);
        let now = plan.levels.last().map_or(0.0, |top| plan.windows as f64 * top.period + offset);
        for book in &mut self.carried {
            for (orders, edge) in book.edges.iter_mut().zip(&self.edges) {
                leave(orders, now, *edge, true, observer);
                observer.waiting(*edge, orders);
                orders.clear();
            }
        }
    }
}

/// The `i`-th unordered pair of assets, `(0, 1), (0, 2), …`.
fn pair(i: u64, assets: u32) -> [u32; 2] {
    let mut rest = i;
    for x in 0..assets {
        let own = u64::from(assets - 1 - x);
        if rest < own {
            return [x, x + 1 + rest as u32];
        }
        rest -= own;
    }
    [0, 1]
}
