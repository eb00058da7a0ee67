//! Every event of every run: who is filled where and when, and that nobody is lost.

use super::{ARRIVALS, Bench, PRIORITIES, some_heights};
use pooltree::orders::simulation::{Auction, Edge, Observer, Order, OrdersEngine};
use pooltree::orders::{Lifetime, Orders, PatienceFrom, Stretch};
use pooltree::pool_tree::{Class, Model, NetworkLevel};
use std::collections::{BTreeMap, BTreeSet};

/// Looks at all orders of one replication.
struct Watcher<'a> {
    model: &'a Model,
    schedule: Vec<NetworkLevel>,
    one_auction: bool,
    patient: bool,
    arrived: u64,
    carried_in: u64,
    left: u64,
    waiting: u64,
    /// Orders filled by every auction on every edge.
    filled: BTreeMap<(usize, u64, u64), BTreeMap<Edge, usize>>,
    edges: BTreeSet<Edge>,
    /// Fills after none, and after some, auctions that left the order over.
    attempts: [u64; 2],
    pools: BTreeSet<(u32, u64)>,
}

impl<'a> Watcher<'a> {
    fn new(model: &'a Model, engine: &OrdersEngine, orders: &Orders) -> Self {
        let heights: Vec<u32> = engine.levels().iter().map(|level| level.height).collect();
        Self {
            model,
            schedule: model.network().unwrap().schedule(&heights).unwrap(),
            one_auction: orders.lifetime.is_one_auction(),
            patient: !matches!(orders.lifetime, Lifetime::Patience { patience_from: PatienceFrom::Arrival, .. }),
            arrived: 0,
            carried_in: 0,
            left: 0,
            waiting: 0,
            filled: BTreeMap::new(),
            edges: BTreeSet::new(),
            attempts: [0; 2],
            pools: BTreeSet::new(),
        }
    }
}

impl Observer for Watcher<'_> {
    fn arrived(&mut self, edge: Edge, orders: &[Order]) {
        self.edges.insert(edge);
        self.arrived += orders.len() as u64;
        assert!(orders.iter().all(|order| order.attempts == 0 && (!self.patient || order.deadline.is_infinite())));
    }

    fn carried_in(&mut self, _: Edge, orders: &[Order]) {
        self.carried_in += orders.len() as u64;
    }

    fn filled(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        let network = self.model.network().unwrap();
        let (level, pool) = (&self.schedule[auction.level], auction.pool as usize);
        let latency = network.latency(auction.height, pool);
        assert_eq!(level.height, auction.height);
        assert_eq!(auction.starts, auction.closes + level.offsets[pool]);
        assert_eq!(auction.ends, auction.starts + latency);
        let apart = (latency / level.period - 1e-9).ceil().max(1.0);
        for order in orders {
            assert_eq!(network.pools().pool_of(auction.height, order.operator as usize), pool);
            assert!(order.deadline >= auction.starts);
            let windows = (auction.closes - order.arrival) / level.period - f64::from(order.attempts) * apart;
            assert!((-1e-9..1.0 + 1e-9).contains(&windows), "{order:?} {auction:?}");
            assert!(auction.level + 1 == self.schedule.len() || order.attempts == 0);
            self.attempts[usize::from(order.attempts > 0)] += 1;
        }
        self.left += orders.len() as u64;
        let key = (auction.level, auction.pool, auction.closes.to_bits());
        *self.filled.entry(key).or_default().entry(edge).or_default() += orders.len();
        self.pools.insert((auction.height, auction.pool));
    }

    fn expired(&mut self, _: Edge, order: &Order, at: f64) {
        assert!(!self.one_auction || order.attempts == 1);
        assert!(at <= order.deadline);
        self.left += 1;
    }

    fn waiting(&mut self, _: Edge, orders: &[Order]) {
        self.waiting += orders.len() as u64;
    }

    fn ended(&mut self, _: u64) {
        assert_eq!(self.arrived + self.carried_in, self.left + self.waiting);
        for edges in self.filled.values() {
            for (edge, n) in edges {
                let reverse = Edge { sell: edge.buy, buy: edge.sell };
                assert_eq!(edges.get(&reverse), Some(n));
            }
        }
        (self.arrived, self.carried_in, self.left, self.waiting) = (0, 0, 0, 0);
        self.filled.clear();
    }
}

#[test]
fn every_order_ends_once_and_where_it_belongs() {
    let (mut late, mut waiting, mut pools) = (0, 0, 0);
    for seed in 0..300u64 {
        let model = Bench::random(seed).model();
        let architecture = some_heights(&model, seed);
        let patience = |patience_from| Lifetime::Patience { patience_rate: 0.9, patience_from };
        let lifetimes = [
            Lifetime::Auctions { lifetime: 1 },
            Lifetime::Auctions { lifetime: 3 },
            patience(PatienceFrom::Root),
            patience(PatienceFrom::Arrival),
        ];
        let (priority, value) = PRIORITIES[(seed / 5) as usize % PRIORITIES.len()];
        let orders = Orders {
            lifetime: lifetimes[(seed / 2) as usize % 4],
            arrivals: ARRIVALS[seed as usize % 3],
            priority,
            value,
            stretch: Stretch { windows: Some(1 + seed % 7), warm_up: Some(seed % 4) },
            ..Orders::default()
        };
        let engine = OrdersEngine::new(&model, &architecture, &orders).unwrap();
        let mut watcher = Watcher::new(&model, &engine, &orders);
        engine.watch(seed, 0..5, &mut watcher).unwrap();
        late += watcher.attempts[1];
        pools += watcher.pools.len();
        waiting += usize::from(!orders.lifetime.is_one_auction());
        assert!(watcher.edges.is_subset(&[Edge { sell: 0, buy: 1 }, Edge { sell: 1, buy: 0 }].into()));
    }
    assert!(late > 5_000 && waiting > 100 && pools > 900, "{late} {waiting} {pools}");
}

/// Assets have the numbers in which classes name them; classes without names swap the first two.
#[test]
fn named_assets_are_numbered() {
    let named =
        |a: &str, b: &str| Class::new([&[(0, 1.0)], &[(1, 1.0)]]).unwrap().with_pair([a.to_owned(), b.to_owned()]);
    let mut bench = Bench::random(1);
    bench.mixed = false;
    bench.classes = vec![named("EUR", "USD"), named("ETH", "EUR"), named("USD", "ETH").with_copies(2)];
    let model = bench.model();
    let orders = Orders::default();
    let engine = OrdersEngine::new(&model, &some_heights(&model, 0), &orders).unwrap();
    let mut watcher = Watcher::new(&model, &engine, &orders);
    engine.watch(1, 0..50, &mut watcher).unwrap();
    let pairs: BTreeSet<[u32; 2]> = watcher.edges.iter().map(|edge| [edge.sell, edge.buy]).collect();
    assert_eq!(pairs, [[0, 1], [1, 0], [2, 0], [0, 2], [1, 2], [2, 1]].into());
}

/// Orders arrive at the operators in proportion to the rates, whether their pool is drawn by itself or as part of a larger one.
#[test]
fn operators_get_their_share() {
    struct Count([[u64; 2]; 4]);
    impl Observer for Count {
        fn arrived(&mut self, edge: Edge, orders: &[Order]) {
            orders.iter().for_each(|order| self.0[order.operator as usize][edge.sell as usize] += 1);
        }
        fn filled(&mut self, _: &Auction, _: Edge, _: &[Order]) {}
        fn expired(&mut self, _: Edge, _: &Order, _: f64) {}
        fn waiting(&mut self, _: Edge, _: &[Order]) {}
    }
    let mut bench = Bench::random(1);
    let rates = [[1.0, 0.0], [0.2, 3.0], [0.0, 0.7], [4.0, 0.1]];
    let n = bench.pools.operators();
    assert!(n >= 4);
    let side = |s: usize| -> Vec<_> { (0..4).map(|i| (i, rates[i][s])).collect() };
    (bench.classes, bench.mixed, bench.rate) = (vec![Class::new([&side(0), &side(1)]).unwrap()], false, 9.0);
    let model = bench.model();
    for i in 0..5 {
        let architecture = some_heights(&model, i);
        let engine = OrdersEngine::new(&model, &architecture, &Orders::default()).unwrap();
        let mut count = Count([[0; 2]; 4]);
        engine.watch(1, 0..4000, &mut count).unwrap();
        for (seen, rates) in count.0.iter().zip(rates) {
            for (&seen, rate) in seen.iter().zip(rates) {
                let expected = rate / 9.0 * engine.orders_per_replication() * 4000.0;
                assert!((seen as f64 - expected).abs() <= 7.0 * expected.sqrt(), "{seen} {expected}");
            }
        }
    }
}
