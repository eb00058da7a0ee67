//! An observer that holds every event of a run against the rules of the mechanism.

use pooltree::orders::simulation::{Account, Auction, Edge, Observer, Order, OrdersEngine};
use pooltree::orders::{Lifetime, Orders, PatienceFrom};
use pooltree::pool_tree::{Kind, Level, Model, PoolTree};
use std::collections::{BTreeMap, HashMap};

/// Periods are nested up to a relative error of 1e-9, and times are sums of a few of them.
const ROUNDING: f64 = 1e-8;

/// What tells orders apart: arrival, operator, value (bit by bit), edge.
type Key = (u64, u32, u64, u32, u32);

fn key(edge: Edge, order: &Order) -> Key {
    (order.arrival.to_bits(), order.operator, order.value.to_bits(), edge.sell, edge.buy)
}

/// Orders that are alike in all that tells orders apart.
#[derive(Default, Clone, Copy)]
struct Alike {
    there: u64,
    ever: u64,
    /// How often one of them was left over for a later auction.
    carried: u64,
}

/// Holds events against the rules; the first offence is kept.
pub(crate) struct Watcher {
    tree: PoolTree,
    levels: Vec<Level>,
    windows: f64,
    /// Time from one chance to the next at the highest active height.
    spacing: f64,
    lifetime: Lifetime,
    pairs_only: bool,
    /// Whether all orders that are alike arrived together.
    utility_is_constant: Option<f64>,
    lowest_meeting: u32,
    orders: HashMap<Key, Alike>,
    /// What the present auction has filled in the present market, by edge.
    filled: BTreeMap<Edge, u64>,
    auction: Option<Auction>,
    now: Account,
    pub(crate) account: Account,
    pub(crate) replications: u64,
    pub(crate) offence: Option<String>,
    /// Fills by level and by number of earlier chances, to see that a run meets all cases.
    pub(crate) attempts_seen: u32,
    pub(crate) levels_seen: u64,
}

impl Watcher {
    pub(crate) fn new(model: &Model, engine: &OrdersEngine, orders: &Orders) -> Self {
        let levels = engine.levels().to_vec();
        let top = *levels.last().unwrap();
        let lag = (top.latency / top.period - 1e-9).ceil().max(1.0);
        let lowest = |kind: Kind| match kind {
            Kind::Uniform | Kind::SingleSite { .. } | Kind::Custom(_) => 0,
            Kind::MeetAt { height } | Kind::Nearby { height } => height,
            Kind::Opposite => model.tree().depth(),
            Kind::ScaleFree { .. } | Kind::CircleDistance { .. } => 1,
        };
        let components = model.flow().components().iter().filter(|component| component.share() > 0.0);
        Self {
            tree: model.tree().clone(),
            levels,
            windows: engine.windows().0 as f64,
            spacing: lag * top.period,
            lifetime: orders.lifetime,
            pairs_only: orders.solver.clears_pairs_only(),
            utility_is_constant: orders.value.is_degenerate().then(|| model.utility_mean()),
            lowest_meeting: components.map(|component| lowest(component.kind().clone())).min().unwrap(),
            orders: HashMap::new(),
            filled: BTreeMap::new(),
            auction: None,
            now: Account::default(),
            account: Account::default(),
            replications: 0,
            offence: None,
            attempts_seen: 0,
            levels_seen: 0,
        }
    }

    fn check(&mut self, rule: bool, what: impl FnOnce() -> String) {
        if !rule && self.offence.is_none() {
            self.offence = Some(what());
        }
    }

    fn top(&self) -> Level {
        self.levels[self.levels.len() - 1]
    }

    /// The end of one auction in one market: as many orders in as out.
    fn balance(&mut self) {
        let filled = std::mem::take(&mut self.filled);
        let auction = self.auction.take();
        let reverse = |edge: &Edge| Edge { sell: edge.buy, buy: edge.sell };
        if self.pairs_only {
            let even = filled.iter().all(|(edge, n)| filled.get(&reverse(edge)) == Some(n));
            self.check(even && filled.len() <= 2, || format!("unequal sides {filled:?} in {auction:?}"));
        }
        let mut surplus = BTreeMap::<u32, i64>::new();
        for (edge, n) in &filled {
            *surplus.entry(edge.sell).or_default() += *n as i64;
            *surplus.entry(edge.buy).or_default() -= *n as i64;
        }
        self.check(surplus.values().all(|n| *n == 0), || format!("assets vanish {filled:?} in {auction:?}"));
    }

    fn leaves(&mut self, edge: Edge, order: &Order) -> Alike {
        let alike = self.orders.entry(key(edge, order)).or_default();
        let known = alike.there > 0;
        alike.there = alike.there.saturating_sub(1);
        let alike = *alike;
        self.check(known, || format!("{order:?} on {edge:?} ends once more or never came"));
        alike
    }

    fn comes(&mut self, edge: Edge, order: &Order) {
        let alike = self.orders.entry(key(edge, order)).or_default();
        alike.there += 1;
        alike.ever += 1;
        let operators = self.tree.operators().unwrap();
        self.check(u64::from(order.operator) < operators, || format!("{order:?} came nowhere"));
        self.check(order.value.is_finite() && order.value >= 0.0, || format!("{order:?} is worth nothing"));
        if let Some(value) = self.utility_is_constant {
            self.check(order.value == value, || format!("{order:?} is not worth {value}"));
        }
        self.check(edge.sell != edge.buy, || format!("{edge:?} is no swap"));
    }
}

impl Observer for Watcher {
    fn arrived(&mut self, edge: Edge, orders: &[Order]) {
        self.balance();
        let end = self.windows * self.top().period;
        for order in orders {
            self.comes(edge, order);
            let inside = order.arrival >= 0.0 && order.arrival <= end * (1.0 + ROUNDING);
            self.check(inside && order.attempts == 0, || format!("{order:?} came outside of the windows that count"));
        }
        self.now.arrived += orders.len() as u64;
    }

    fn carried_in(&mut self, edge: Edge, orders: &[Order]) {
        self.balance();
        for order in orders {
            self.comes(edge, order);
            let early = order.arrival <= self.top().period * ROUNDING && order.attempts >= 1;
            self.check(early, || format!("{order:?} cannot have been carried in"));
        }
        self.now.carried_in += orders.len() as u64;
    }

    fn filled(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        let same = |a: &Auction| (a.level, a.pool, a.closes) == (auction.level, auction.pool, auction.closes);
        if !self.auction.as_ref().is_some_and(same) || self.filled.contains_key(&edge) {
            self.balance();
        }
        self.auction = Some(*auction);
        self.filled.insert(edge, orders.len() as u64);
        let level = self.levels[auction.level];
        let is_top = auction.level + 1 == self.levels.len();
        let slack = ROUNDING * (self.windows + 1.0) * self.top().period;
        let clock = level.height == auction.height
            && (auction.starts - auction.closes - level.offset).abs() <= slack + ROUNDING * level.offset
            && (auction.ends - auction.starts - level.latency).abs()
                <= slack + ROUNDING * (level.offset + level.latency);
        self.check(clock && !orders.is_empty(), || format!("{auction:?} is not of {level:?}"));
        self.check(auction.height >= self.lowest_meeting, || format!("{auction:?} cannot hold both sides"));
        for order in orders {
            self.leaves(edge, order);
            let pool = self.tree.pool_index(u64::from(order.operator), auction.height);
            self.check(pool == auction.pool, || format!("{order:?} is not in the pool of {auction:?}"));
            let closed = auction.closes - f64::from(order.attempts) * self.spacing;
            let period = if order.attempts == 0 { level.period } else { self.top().period };
            let slack = slack + ROUNDING * closed.abs();
            let own = order.arrival >= closed - period - slack && order.arrival <= closed + slack;
            self.check(own, || format!("{order:?} is not of the window of {auction:?}"));
            self.check(order.attempts == 0 || is_top, || format!("{order:?} came back to {auction:?}"));
            self.check(order.deadline >= auction.starts, || format!("{order:?} had gone before {auction:?}"));
            let delay = auction.delay(order);
            self.check(delay >= 0.0 && delay.is_finite(), || {
                format!("{order:?} is filled before it came: {auction:?}")
            });
            if let Lifetime::Auctions { lifetime } = self.lifetime {
                self.check(order.attempts < lifetime, || format!("{order:?} is filled after its lifetime"));
            }
            self.attempts_seen = self.attempts_seen.max(order.attempts);
        }
        self.levels_seen |= 1 << auction.level;
        self.now.filled += orders.len() as u64;
    }

    fn expired(&mut self, edge: Edge, order: &Order, at: f64) {
        self.balance();
        let alike = self.leaves(edge, order);
        self.now.expired += 1;
        let slack = ROUNDING * self.windows * self.top().period;
        self.check(at >= order.arrival - slack, || format!("{order:?} expires at {at} before it came"));
        match self.lifetime {
            Lifetime::Auctions { lifetime } => {
                self.check(order.attempts == lifetime, || format!("{order:?} leaves early or late"));
                // Counted here, not read off the order: seen by one auction, and carried over to the others.
                let counted = alike.ever == 1 && order.arrival >= 0.0;
                let carried = u64::from(lifetime - 1);
                self.check(!counted || alike.carried == carried, || {
                    format!("{order:?} leaves after being carried over {} times", alike.carried)
                });
            }
            Lifetime::Patience { patience_rate, patience_from } => {
                self.check(at == order.deadline && patience_rate > 0.0, || format!("{order:?} leaves at {at}"));
                let seen = patience_from == PatienceFrom::Arrival || order.attempts >= 1;
                self.check(seen, || format!("{order:?} leaves without having been at the top"));
            }
            _ => {}
        }
    }

    fn carried_over(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        self.balance();
        self.check(auction.level + 1 == self.levels.len(), || format!("carried over by {auction:?}"));
        for order in orders {
            let alike = self.orders.entry(key(edge, order)).or_default();
            alike.carried += 1;
            let there = alike.there > 0;
            self.check(there, || format!("{order:?} is carried over and not there"));
        }
    }

    fn waiting(&mut self, edge: Edge, orders: &[Order]) {
        self.balance();
        for order in orders {
            self.leaves(edge, order);
            self.check(order.attempts >= 1, || format!("{order:?} waits for its first auction"));
        }
        self.now.waiting += orders.len() as u64;
    }

    fn neutral(&mut self, level: usize, orders: u64) {
        self.balance();
        self.check(level < self.levels.len() && orders.is_multiple_of(2), || format!("{orders} at level {level}"));
    }

    fn ended(&mut self, replication: u64) {
        self.balance();
        let left = self.orders.values().filter(|alike| alike.there > 0).count();
        self.check(left == 0, || format!("{left} orders of replication {replication} never end"));
        let Account { arrived, carried_in, filled, expired, waiting, .. } = self.now;
        self.check(self.now.balances(), || "the account does not balance".to_owned());
        self.account.arrived += arrived;
        self.account.carried_in += carried_in;
        self.account.filled += filled;
        self.account.expired += expired;
        self.account.waiting += waiting;
        self.replications += 1;
        self.orders.clear();
        self.now = Account::default();
    }
}
