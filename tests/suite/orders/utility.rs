//! A user's own utility of filled sets against the additive one of the same draws.

use super::{by_value, run};
use pooltree::Scenario;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::simulation::{Auction, Edge, Observer, Order, OrdersEngine};
use pooltree::orders::utility::{Discounting, FilledSet, SimulatedUtility, simulate};
use pooltree::orders::{Arrivals, Lifetime, Orders, Solver, SolverModel, Stretch};
use pooltree::pool_tree::Architecture;
use std::collections::BTreeMap;

const REPLICATIONS: u64 = 300;

fn of(
    scenario: &Scenario,
    tree: &Architecture,
    orders: &Orders,
    discounting: Discounting,
    utility: &(dyn Fn(&FilledSet) -> f64 + Sync),
) -> pooltree::Result<SimulatedUtility> {
    let monte_carlo = MonteCarlo::new(3, Stopping::Replications(REPLICATIONS)).unwrap();
    simulate(scenario, tree, orders, &monte_carlo, utility, discounting, &|_, _| ())
}

/// Several components and three assets: many markets in one auction.
fn study(delay: &str) -> (Scenario, Architecture) {
    let component = "{ kind = \"uniform\", share = 0.5 }, { kind = \"meet-at\", height = 2, share = 0.2 }, { kind = \"circle-distance\", distance = 1, share = 0.2, side_share = 0.4 }, { kind = \"single-site\", operator = 1, share = 0.1 }";
    let scenario = super::scenario([2, 2], 90.0, 3, component, "model = \"ratio\", base = 0.1, ratio = 2", delay);
    let tree = Architecture::full(scenario.tree());
    (scenario, tree)
}

fn settings() -> Vec<Orders> {
    let stretch = Stretch { windows: Some(5), warm_up: Some(4) };
    vec![
        Orders::default(),
        by_value(),
        Orders { arrivals: Arrivals::Batches { size: 3 }, ..by_value() },
        Orders { lifetime: Lifetime::Auctions { lifetime: 3 }, stretch, ..by_value() },
        Orders { solver: Solver::new(SolverModel::Unlimited, 0.8).unwrap(), ..by_value() },
    ]
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{found} {expected}");
}

#[test]
fn additive_utility_is_the_welfare() {
    for delay in ["idealised", "cumulative", "batched"] {
        let (scenario, tree) = study(delay);
        for orders in settings() {
            let seen = run(&scenario, &tree, &orders, 3, REPLICATIONS);
            let own = |set: &FilledSet| set.orders.iter().map(|filled| filled.order.value * filled.discount).sum();
            let additive = of(&scenario, &tree, &orders, Discounting::Own, &own).unwrap();
            close(additive.gross.mean, seen.gross);
            close(additive.gross.std_error, seen.std_error);
            for (height, by_height) in seen.by_height.iter().zip(&additive.by_height) {
                close(by_height.mean, height.gross);
                close(by_height.std_error, height.gross_std_error);
            }
            // Equal values: the mean discount of a set times its value.
            if orders.value.is_degenerate() {
                let value = |set: &FilledSet| set.orders.iter().map(|filled| filled.order.value).sum();
                let shared = of(&scenario, &tree, &orders, Discounting::EachOrder, &value).unwrap();
                close(shared.gross.mean, seen.gross);
                close(shared.gross.std_error, seen.std_error);
            }
            // Orders counted, not discounted.
            let number = |set: &FilledSet| set.orders.len() as f64;
            let filled = of(&scenario, &tree, &orders, Discounting::Own, &number).unwrap();
            close(filled.gross.mean, seen.filled_share * scenario.flow().rate());
            // The batch's own delay: without waits, that of every order that has no earlier chance behind it.
            let batch = of(&scenario, &tree, &orders, Discounting::Batch, &number).unwrap();
            assert!(batch.gross.mean < filled.gross.mean);
            if delay != "batched" && orders.lifetime.is_one_auction() {
                let each = of(&scenario, &tree, &orders, Discounting::EachOrder, &number).unwrap();
                close(batch.gross.mean, each.gross.mean);
            }
        }
    }
}

/// Orders filled by auction: height, pool, close of the window.
#[derive(Default)]
struct ByAuction {
    now: BTreeMap<(u32, u64, u64), u64>,
    auctions: u64,
    squares: u64,
}

impl Observer for ByAuction {
    fn filled(&mut self, auction: &Auction, _: Edge, orders: &[Order]) {
        *self.now.entry((auction.height, auction.pool, auction.closes.to_bits())).or_default() += orders.len() as u64;
    }

    fn expired(&mut self, _: Edge, _: &Order, _: f64) {}

    fn waiting(&mut self, _: Edge, _: &[Order]) {}

    fn ended(&mut self, _: u64) {
        self.auctions += self.now.len() as u64;
        self.squares += self.now.values().map(|n| n * n).sum::<u64>();
        self.now.clear();
    }
}

/// A set holds the fills of all markets of an auction and of no other: the squares of the numbers tell.
#[test]
fn a_set_is_an_auction() {
    let (scenario, tree) = study("batched");
    for orders in settings() {
        let engine = OrdersEngine::new(&scenario, &tree, &orders).unwrap();
        let mut counted = ByAuction::default();
        engine.watch(3, 0..REPLICATIONS, &mut counted).unwrap();
        let time = REPLICATIONS as f64 * engine.orders_per_replication() / scenario.flow().rate();
        let square = |set: &FilledSet| {
            let auction = set.auction;
            assert!(!set.orders.is_empty());
            for filled in set.orders {
                let pool = scenario.tree().pool_index(u64::from(filled.order.operator), auction.height);
                assert_eq!(pool, auction.pool);
                assert_eq!(filled.delay, auction.delay(&filled.order));
            }
            (set.orders.len() as f64).powi(2)
        };
        let seen = of(&scenario, &tree, &orders, Discounting::Own, &square).unwrap();
        close(seen.gross.mean, counted.squares as f64 / time);
        close(seen.auctions.mean, counted.auctions as f64 / time);
        // Markets in sets of their own would have smaller squares.
        let by_market = |set: &FilledSet| {
            let mut edges = BTreeMap::new();
            set.orders.iter().for_each(|filled| *edges.entry(filled.edge).or_insert(0.0) += 1.0);
            edges.values().map(|n: &f64| n * n).sum()
        };
        let apart = of(&scenario, &tree, &orders, Discounting::Own, &by_market).unwrap();
        assert!(apart.gross.mean < 0.7 * seen.gross.mean);
    }
}

#[test]
fn utilities_that_are_no_numbers() {
    let (scenario, tree) = study("batched");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200] {
        let utility = |set: &FilledSet| if set.orders.len() > 4 { bad } else { 1.0 };
        let error = of(&scenario, &tree, &Orders::default(), Discounting::Batch, &utility).unwrap_err();
        assert!(error.to_string().contains("utility"), "{error}");
    }
    // Negative utilities are numbers.
    let fee = of(&scenario, &tree, &Orders::default(), Discounting::Own, &|_| -1.0).unwrap();
    close(fee.gross.mean, -fee.auctions.mean);
    let precise = MonteCarlo::new(3, Stopping::Precision(0.1)).unwrap();
    let seen = simulate(&scenario, &tree, &Orders::default(), &precise, &|_| 1.0, Discounting::Own, &|_, _| ());
    assert!(seen.unwrap_err().to_string().contains("precision"));
}
