//! Every order ends exactly once, and as the rules say: random scenarios, every event of every run.

use super::watcher::Watcher;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::simulation::{Account, Auction, Edge, Observer, Order, OrdersEngine, SimulatedOrders};
use pooltree::orders::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, Stretch, ValueLaw};
use pooltree::pool_tree::{Architecture, Flow, Model};
use pooltree::strategies::{ScenarioOptions, scenario_and_architecture_with};
use pooltree::{Error, Scenario};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use std::cell::Cell;

fn orders() -> impl Strategy<Value = Orders> {
    let arrivals = prop_oneof![
        3 => Just(Arrivals::Poisson),
        2 => select(&[0.2, 1.0, 4.0, 1e9][..]).prop_map(|shape| Arrivals::Gamma { shape }),
        2 => (1u64..8).prop_map(|size| Arrivals::Batches { size }),
    ];
    let value = prop_oneof![
        Just(ValueLaw::Point),
        select(&[0.0, 0.5, 1.0][..]).prop_map(|spread| ValueLaw::Uniform { spread }),
        Just(ValueLaw::Exponential),
        select(&[0.0, 0.5, 5.0][..]).prop_map(|sigma| ValueLaw::LogNormal { sigma }),
        select(&[1.01, 2.0, 1e6][..]).prop_map(|shape| ValueLaw::Pareto { shape }),
    ];
    let priority = select(&Priority::ALL[..]);
    let model = prop_oneof![
        3 => Just(SolverModel::Pairs),
        2 => (2u32..6).prop_map(|longest| SolverModel::Cycles { longest }),
        2 => Just(SolverModel::Unlimited),
    ];
    let solver = (model, select(&[1.0, 1.0, 0.8, 0.3, 0.0][..]))
        .prop_map(|(model, success)| Solver::new(model, success).unwrap());
    let patience = (select(&[0.0, 1e-3, 0.3, 3.0, 1e6][..]), any::<bool>());
    let lifetime = prop_oneof![
        (1u32..5).prop_map(|lifetime| Lifetime::Auctions { lifetime }),
        patience.prop_map(|(patience_rate, arrival)| Lifetime::Patience {
            patience_rate,
            patience_from: if arrival { PatienceFrom::Arrival } else { PatienceFrom::Root },
        }),
    ];
    let stretch =
        (option::of(1u64..12), option::of(0u64..12)).prop_map(|(windows, warm_up)| Stretch { windows, warm_up });
    (arrivals, value, priority, solver, lifetime, stretch).prop_map(
        |(arrivals, value, priority, solver, lifetime, stretch)| Orders {
            arrivals,
            value,
            priority,
            solver,
            lifetime,
            stretch,
        },
    )
}

/// A random scenario with a number of orders per window that a run can bear, patience in units of the highest period.
fn cases() -> impl Strategy<Value = (Scenario, Architecture, Orders, u64)> {
    let options = ScenarioOptions::default().with_max_operators(128.0).with_max_work(64.0);
    let per_window = select(&[40.0, 0.5, 5.0, 300.0][..]);
    (scenario_and_architecture_with(options), orders(), per_window, 0u64..1 << 40).prop_filter_map(
        "a valid model",
        |((scenario, architecture), mut orders, per_window, seed)| {
            let period = scenario.schedule(&architecture).ok()?.levels().last()?.period;
            let flow = scenario.flow();
            let flow = Flow::new(per_window / period, flow.assets().min(4), flow.components().to_vec()).ok()?;
            let model = Model::new(
                scenario.tree().clone(),
                flow,
                scenario.timing().clone(),
                *scenario.discount(),
                scenario.utility_mean(),
                0.0,
            );
            if let Lifetime::Patience { patience_rate, .. } = &mut orders.lifetime {
                *patience_rate /= period;
            }
            let scenario = Scenario::new(model.ok()?, *scenario.monte_carlo());
            Some((scenario, architecture, orders, seed))
        },
    )
}

fn watch(scenario: &Scenario, architecture: &Architecture, orders: &Orders, seed: u64) -> Option<Watcher> {
    let engine = OrdersEngine::new(scenario, architecture, orders);
    let engine = match engine {
        Ok(engine) if engine.work_per_replication() < 3e4 => engine,
        Ok(_) => return None,
        Err(error) => {
            assert!(error.to_string().contains("out of reach"), "{error}: {scenario:?} {architecture} {orders:?}");
            return None;
        }
    };
    let mut watcher = Watcher::new(scenario, &engine, orders);
    engine.watch(seed, 0..3, &mut watcher).unwrap();
    Some(watcher)
}

#[test]
fn every_order_ends_once() {
    let drawn_elsewhere = ["PROPTEST_CASES", "PROPTEST_RNG_SEED"].iter().any(|name| std::env::var_os(name).is_some());
    let config = Config { failure_persistence: None, ..Config::default() };
    let fixed = Config { cases: 1500, rng_seed: RngSeed::Fixed(1), ..config.clone() };
    let mut runner = TestRunner::new(if drawn_elsewhere { config } else { fixed });
    // Whether the runs met what is to be met: fills at several levels, orders filled late, carried in, lost and waiting.
    let met = [const { Cell::new(0u32) }; 6];
    let result = runner.run(&cases(), |(scenario, architecture, orders, seed)| {
        let Some(watcher) = watch(&scenario, &architecture, &orders, seed) else { return Ok(()) };
        if let Some(offence) = &watcher.offence {
            return Err(TestCaseError::fail(offence.clone()));
        }
        let monte_carlo = MonteCarlo::new(seed, Stopping::Replications(3)).unwrap();
        let seen = match SimulatedOrders::simulate(&scenario, &architecture, &orders, &monte_carlo, &|_, _| ()) {
            Err(Error::OutOfReach { reason }) if reason.contains("overflow") => return Ok(()),
            seen => seen.unwrap(),
        };
        prop_assert_eq!(seen.account, watcher.account);
        prop_assert!(seen.account.balances());
        prop_assert!(seen.gross.is_finite() && seen.std_error.is_finite());
        let Account { carried_in, expired, waiting, .. } = watcher.account;
        let conditions = [
            true,
            watcher.levels_seen.count_ones() > 1,
            watcher.attempts_seen > 0,
            carried_in > 0,
            expired > 0 && !orders.lifetime.is_one_auction(),
            waiting > 0,
        ];
        met.iter().zip(conditions).for_each(|(n, met)| n.set(n.get() + u32::from(met)));
        Ok(())
    });
    result.unwrap();
    let met = met.map(|n| n.get());
    println!("{met:?}");
    if !drawn_elsewhere {
        assert!(met.iter().all(|n| *n >= 60), "{met:?}");
    }
}

/// Passes events on to a watcher and changes some of them.
struct Meddler {
    watcher: Watcher,
    offence: Offence,
    done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Offence {
    None,
    LostOrder,
    OrderTwice,
    UnevenSides,
    OtherPool,
    OtherWindow,
    TooOld,
    FilledAfterDeadline,
    LeftEarly,
    NotCarriedOver,
    OtherValue,
    FilledBelowMeeting,
    CarriedInLate,
}

impl Meddler {
    fn once(&mut self, offence: Offence) -> bool {
        let now = self.offence == offence && !self.done;
        self.done |= now;
        now
    }
}

impl Observer for Meddler {
    fn arrived(&mut self, edge: Edge, orders: &[Order]) {
        self.watcher.arrived(edge, orders);
    }

    fn carried_in(&mut self, edge: Edge, orders: &[Order]) {
        if !orders.is_empty() && self.once(Offence::CarriedInLate) {
            let mut changed = orders.to_vec();
            changed[0].arrival = 5.0;
            return self.watcher.carried_in(edge, &changed);
        }
        self.watcher.carried_in(edge, orders);
    }

    fn filled(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        let mut changed = orders.to_vec();
        let mut auction = *auction;
        if orders.len() > 1 && self.once(Offence::UnevenSides) {
            let order = changed.pop().unwrap();
            self.watcher.filled(&auction, edge, &changed);
            return self.watcher.expired(edge, &order, order.deadline);
        }
        if self.once(Offence::OtherPool) {
            auction.pool += 1;
        } else if self.once(Offence::OtherWindow) {
            auction.closes += 1.0;
            auction.starts += 1.0;
            auction.ends += 1.0;
        } else if self.once(Offence::TooOld) {
            changed[0].attempts += 10;
        } else if self.once(Offence::FilledAfterDeadline) {
            changed[0].deadline = auction.starts - 1e-3;
        } else if self.once(Offence::OtherValue) {
            changed[0].value *= 1.0 + 1e-9;
        } else if self.once(Offence::FilledBelowMeeting) {
            auction.height = 0;
        }
        self.watcher.filled(&auction, edge, &changed);
    }

    fn expired(&mut self, edge: Edge, order: &Order, at: f64) {
        if self.once(Offence::LostOrder) {
            return;
        }
        if self.once(Offence::OrderTwice) {
            self.watcher.expired(edge, order, at);
        }
        let mut order = *order;
        if self.once(Offence::LeftEarly) {
            order.attempts -= 1;
        }
        self.watcher.expired(edge, &order, at);
    }

    fn carried_over(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        // The orders of the first window all live long enough to be missed.
        if orders.iter().any(|order| order.arrival >= 0.0) && self.once(Offence::NotCarriedOver) {
            return;
        }
        self.watcher.carried_over(auction, edge, orders);
    }

    fn waiting(&mut self, edge: Edge, orders: &[Order]) {
        self.watcher.waiting(edge, orders);
    }

    fn neutral(&mut self, level: usize, orders: u64) {
        self.watcher.neutral(level, orders);
    }

    fn ended(&mut self, replication: u64) {
        self.watcher.ended(replication);
    }
}

/// The watcher finds what it watches for.
#[test]
fn offences_are_found() {
    let component = "{ kind = \"meet-at\", height = 1, side_share = 0.4 }";
    let period = "model = \"ratio\", base = 0.1, ratio = 2";
    let scenario = super::scenario([2, 2], 100.0, 2, component, period, "batched");
    let tree = Architecture::full(scenario.tree());
    let orders = Orders {
        value: ValueLaw::Exponential,
        lifetime: Lifetime::Auctions { lifetime: 3 },
        stretch: Stretch { windows: Some(20), warm_up: Some(10) },
        ..Orders::default()
    };
    let engine = OrdersEngine::new(&scenario, &tree, &orders).unwrap();
    let meddle = |offence| {
        let watcher = Watcher::new(&scenario, &engine, &orders);
        let mut meddler = Meddler { watcher, offence, done: false };
        engine.watch(3, 0..2, &mut meddler).unwrap();
        assert!(meddler.done || offence == Offence::None, "{offence:?} had no occasion");
        meddler.watcher.offence
    };
    assert_eq!(meddle(Offence::None), None);
    for offence in [
        Offence::LostOrder,
        Offence::OrderTwice,
        Offence::UnevenSides,
        Offence::OtherPool,
        Offence::OtherWindow,
        Offence::TooOld,
        Offence::FilledAfterDeadline,
        Offence::LeftEarly,
        Offence::NotCarriedOver,
        Offence::OtherValue,
        Offence::FilledBelowMeeting,
        Offence::CarriedInLate,
    ] {
        let found = meddle(offence);
        assert!(found.is_some(), "{offence:?} passes");
    }
}
