//! One seed, one result: on any number of threads, in blocks or in one piece.

use super::{by_value, run};
use pooltree::Scenario;
use pooltree::orders::log::{Log, Record};
use pooltree::orders::simulation::{OrdersEngine, SimulatedOrders};
use pooltree::orders::utility::{Discounting, simulate};
use pooltree::orders::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, ValueLaw};
use pooltree::pool_tree::Architecture;
use rayon::ThreadPoolBuilder;
use std::sync::{Arc, Mutex};

fn settings() -> Vec<Orders> {
    let gamma = Arrivals::Gamma { shape: 4.0 };
    let patience = |patience_from| Lifetime::Patience { patience_rate: 0.8, patience_from };
    vec![
        Orders::default(),
        Orders { arrivals: gamma, ..by_value() },
        Orders { arrivals: Arrivals::Batches { size: 4 }, priority: Priority::Oldest, ..Orders::default() },
        Orders {
            value: ValueLaw::LogNormal { sigma: 0.7 },
            lifetime: Lifetime::Auctions { lifetime: 3 },
            ..Orders::default()
        },
        Orders { lifetime: patience(PatienceFrom::Root), priority: Priority::Newest, ..by_value() },
        Orders {
            lifetime: patience(PatienceFrom::Arrival),
            solver: Solver::new(SolverModel::Cycles { longest: 3 }, 0.7).unwrap(),
            ..Orders::default()
        },
        Orders { solver: Solver::new(SolverModel::Unlimited, 1.0).unwrap(), ..Orders::default() },
    ]
}

fn study() -> (Scenario, Architecture) {
    let component = "{ kind = \"uniform\", share = 0.6 }, { kind = \"scale-free\", exponent = 1, share = 0.4 }";
    let scenario = super::scenario([2, 2], 80.0, 3, component, "model = \"ratio\", base = 0.1, ratio = 2", "batched");
    let tree = Architecture::full(scenario.tree());
    (scenario, tree)
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn any_number_of_threads() {
    let (scenario, tree) = study();
    for (i, orders) in settings().into_iter().enumerate() {
        // Not a multiple of the block length: the last block is cut.
        let all = |threads| on_threads(threads, || run(&scenario, &tree, &orders, i as u64, 301));
        let one = all(1);
        for threads in [2, 3] {
            assert_eq!(one, all(threads), "{orders:?}");
        }
        let other = run(&scenario, &tree, &orders, i as u64 + 1000, 301);
        assert_ne!(one.gross, other.gross);
        assert_ne!(one.account, other.account);
        // JSON tells the same.
        let text = |seen: &SimulatedOrders| serde_json::to_string(seen).unwrap();
        assert_eq!(text(&one), text(&all(2)));
    }
}

#[test]
fn a_wanted_precision_and_a_utility_are_as_reproducible() {
    use pooltree::estimate::{MonteCarlo, Stopping};
    let (scenario, tree) = study();
    let orders = by_value();
    let precise = MonteCarlo::new(5, Stopping::Precision(0.01)).unwrap();
    let all = |threads| {
        on_threads(threads, || SimulatedOrders::simulate(&scenario, &tree, &orders, &precise, &|_, _| ()).unwrap())
    };
    let one = all(1);
    assert_eq!(one, all(2));
    assert!(one.precision.unwrap().reached.unwrap() < 0.0125);
    let fixed = MonteCarlo::new(5, Stopping::Replications(200)).unwrap();
    let all = |threads| {
        let worth = |set: &pooltree::orders::utility::FilledSet| (set.orders.len() as f64).sqrt();
        on_threads(threads, || {
            simulate(&scenario, &tree, &orders, &fixed, &worth, Discounting::EachOrder, &|_, _| ()).unwrap()
        })
    };
    assert_eq!(all(1), all(2));
}

type Records = Arc<Mutex<Vec<Record>>>;

fn logged(engine: &OrdersEngine, seed: u64, range: std::ops::Range<u64>) -> Vec<Record> {
    let mut records = Vec::new();
    let mut log = Log::new(|record: &Record| {
        records.push(*record);
        Ok(())
    });
    engine.watch(seed, range, &mut log).unwrap();
    let written = log.finish().unwrap();
    assert_eq!(written as usize, records.len());
    records
}

#[test]
fn blocks_are_pieces_of_the_whole() {
    let (scenario, tree) = study();
    for orders in settings() {
        let engine = OrdersEngine::new(&scenario, &tree, &orders).unwrap();
        let block = engine.block_len();
        let range = 0..3 * block + block.div_ceil(2);
        let whole = logged(&engine, 7, range.clone());
        assert!(whole.len() > 50);
        // Block after block.
        let mut pieces = Vec::new();
        for start in (0..range.end).step_by(block as usize) {
            pieces.extend(logged(&engine, 7, start..range.end.min(start + block)));
        }
        assert_eq!(whole, pieces, "{orders:?}");
        // In parallel: every observer sees a block, and they come in their order.
        let parallel: Records = Arc::default();
        let blocks: Arc<Mutex<Vec<Records>>> = Arc::default();
        let observer = || {
            let own: Records = Arc::default();
            let into = own.clone();
            let log = Log::new(move |record: &Record| {
                into.lock().unwrap().push(*record);
                Ok(())
            });
            Both { log, own }
        };
        on_threads(2, || {
            engine
                .watch_in_parallel(
                    7,
                    range.clone(),
                    observer,
                    |both| {
                        parallel.lock().unwrap().extend(both.own.lock().unwrap().iter());
                        blocks.lock().unwrap().push(both.own);
                    },
                    &|_, _| (),
                )
                .unwrap();
        });
        assert_eq!(blocks.lock().unwrap().len(), 4);
        assert_eq!(whole, *parallel.lock().unwrap(), "{orders:?}");
        // A longer range begins with the shorter one.
        let longer = logged(&engine, 7, 0..range.end + 5);
        assert_eq!(whole, longer[..whole.len()]);
        // Other blocks and other seeds are other draws; a range starts where a block does.
        assert_ne!(whole, logged(&engine, 8, range.clone()));
        let arrivals = |records: &[Record], replication: u64| {
            records.iter().filter(|r| r.replication == replication).map(|r| r.arrival).collect::<Vec<_>>()
        };
        assert_ne!(arrivals(&whole, 0), arrivals(&whole, block));
        if block > 1 {
            let error = engine.watch(7, 1..5, &mut Log::new(|_: &Record| Ok(()))).unwrap_err();
            assert!(error.to_string().contains("block length"), "{error}");
        }
    }
}

/// A log and what it has written.
struct Both<L> {
    log: L,
    own: Records,
}

impl<L: pooltree::orders::simulation::Observer> pooltree::orders::simulation::Observer for Both<L> {
    fn filled(
        &mut self,
        auction: &pooltree::orders::simulation::Auction,
        edge: pooltree::orders::simulation::Edge,
        orders: &[pooltree::orders::simulation::Order],
    ) {
        self.log.filled(auction, edge, orders);
    }

    fn expired(
        &mut self,
        edge: pooltree::orders::simulation::Edge,
        order: &pooltree::orders::simulation::Order,
        at: f64,
    ) {
        self.log.expired(edge, order, at);
    }

    fn waiting(&mut self, edge: pooltree::orders::simulation::Edge, orders: &[pooltree::orders::simulation::Order]) {
        self.log.waiting(edge, orders);
    }

    fn ended(&mut self, replication: u64) {
        self.log.ended(replication);
    }
}
