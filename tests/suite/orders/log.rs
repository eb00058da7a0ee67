//! The log of single orders against the account and the welfare of the same draws, and as a file.

use super::{by_value, run};
use pooltree::orders::log::Format;
use pooltree::orders::log::{Log, Outcome, Record};
use pooltree::orders::simulation::OrdersEngine;
use pooltree::orders::{Lifetime, Orders, PatienceFrom, Solver, SolverModel, Stretch};
use pooltree::pool_tree::Architecture;
use pooltree::{Error, Scenario};
use std::path::PathBuf;

fn study() -> (Scenario, Architecture, Vec<Orders>) {
    let component = "{ kind = \"uniform\", share = 0.6 }, { kind = \"meet-at\", height = 1, share = 0.4 }";
    let scenario = super::scenario([2, 2], 60.0, 3, component, "model = \"ratio\", base = 0.1, ratio = 2", "batched");
    let tree = Architecture::full(scenario.tree());
    let patience = Lifetime::Patience { patience_rate: 1.0, patience_from: PatienceFrom::Arrival };
    let stretch = Stretch { windows: Some(12), warm_up: Some(6) };
    let orders = vec![
        by_value(),
        Orders { lifetime: Lifetime::Auctions { lifetime: 3 }, stretch, ..by_value() },
        Orders { lifetime: patience, stretch, solver: Solver::new(SolverModel::Unlimited, 0.9).unwrap(), ..by_value() },
    ];
    (scenario, tree, orders)
}

fn logged(engine: &OrdersEngine, replications: u64) -> Vec<Record> {
    let mut records = Vec::new();
    let mut log = Log::new(|record: &Record| {
        records.push(*record);
        Ok(())
    });
    engine.watch(9, 0..replications, &mut log).unwrap();
    assert_eq!(log.finish().unwrap() as usize, records.len());
    records
}

#[test]
fn records_tell_account_and_welfare() {
    const REPLICATIONS: u64 = 40;
    let (scenario, tree, settings) = study();
    for orders in settings {
        let engine = OrdersEngine::new(&scenario, &tree, &orders).unwrap();
        let records = logged(&engine, REPLICATIONS);
        let seen = run(&scenario, &tree, &orders, 9, REPLICATIONS);
        let count = |outcome| records.iter().filter(|record| record.outcome == outcome).count() as u64;
        assert_eq!(count(Outcome::Filled), seen.account.filled);
        assert_eq!(count(Outcome::Expired), seen.account.expired);
        assert_eq!(count(Outcome::Waiting), seen.account.waiting);
        assert_eq!(records.len() as u64, seen.account.arrived + seen.account.carried_in);
        let early = records.iter().filter(|record| record.arrival < 0.0).count() as u64;
        assert_eq!(early, seen.account.carried_in);
        // Sorted and numbered, replication by replication.
        for pair in records.windows(2) {
            if pair[0].replication == pair[1].replication {
                assert!(pair[0].arrival <= pair[1].arrival && pair[0].order + 1 == pair[1].order);
            } else {
                assert!(pair[0].replication + 1 == pair[1].replication && pair[1].order == 0);
            }
        }
        assert_eq!((records[0].replication, records[0].order), (0, 0));
        assert_eq!(records.last().unwrap().replication, REPLICATIONS - 1);
        // Welfare from the records alone.
        let time = engine.orders_per_replication() / scenario.flow().rate() * REPLICATIONS as f64;
        let rate = -scenario.discount().ln_factor();
        let mut worth = 0.0;
        for record in &records {
            let filled = record.outcome == Outcome::Filled;
            assert_eq!(filled, record.delay.is_some() && record.height.is_some() && record.pool.is_some());
            assert_eq!(record.outcome == Outcome::Waiting, record.end.is_none());
            if let (Some(delay), Some(end)) = (record.delay, record.end) {
                assert!((end - record.arrival - delay).abs() < 1e-12);
                worth += record.value * (-rate * delay).exp();
                let pool = scenario.tree().pool_index(u64::from(record.operator), record.height.unwrap());
                assert_eq!(Some(pool), record.pool);
            }
        }
        assert!((worth / time / seen.gross - 1.0).abs() < 1e-12, "{} {}", worth / time, seen.gross);
        for height in &seen.by_height {
            let filled = records.iter().filter(|record| record.height == Some(height.height)).count() as f64;
            let share = filled / (engine.orders_per_replication() * REPLICATIONS as f64);
            assert!((share - height.filled_share).abs() < 1e-12);
        }
    }
}

/// A folder of its own that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pooltree-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_complete_or_not_there() {
    let folder = Folder::new("log");
    let (scenario, tree, settings) = study();
    let engine = OrdersEngine::new(&scenario, &tree, &settings[1]).unwrap();
    let records = logged(&engine, 5);
    let path = folder.0.join("orders.csv");
    let last = std::sync::Mutex::new((0, 0));
    let written = Format::Csv.write(&path, &engine, 9, 0..5, &|done, all| *last.lock().unwrap() = (done, all)).unwrap();
    assert_eq!(written as usize, records.len());
    assert_eq!(*last.lock().unwrap(), (5, 5));
    assert_eq!(folder.files(), ["orders.csv"]);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    let header = "replication,order,arrival,operator,sell,buy,value,outcome,height,pool,end,delay";
    assert_eq!(lines.next(), Some(header));
    let mut rows = 0;
    for (line, record) in lines.zip(&records) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 12);
        // Numbers are read back to the last bit.
        assert_eq!(cells[2].parse::<f64>().unwrap().to_bits(), record.arrival.to_bits());
        assert_eq!(cells[6].parse::<f64>().unwrap().to_bits(), record.value.to_bits());
        assert_eq!(cells[7], record.outcome.name());
        assert_eq!(cells[8].parse().ok(), record.height);
        assert_eq!(cells[10].parse::<f64>().ok(), record.end);
        assert_eq!(cells[11].parse::<f64>().ok(), record.delay);
        rows += 1;
    }
    assert_eq!(rows, records.len());
    assert!(text.ends_with('\n'));

    // Nothing is left behind where it cannot be written, and what was there before stays.
    let nowhere = folder.0.join("missing").join("orders.csv");
    let error = Format::Csv.write(&nowhere, &engine, 9, 0..5, &|_, _| ()).unwrap_err();
    assert!(matches!(error, Error::File { .. }) && error.to_string().contains("missing"), "{error}");
    let error = Format::Csv.write(&folder.0, &engine, 9, 0..5, &|_, _| ()).unwrap_err();
    assert!(error.to_string().contains("folder"), "{error}");
    let (_, off) = (engine.block_len(), engine.block_len() + 1);
    if !off.is_multiple_of(engine.block_len()) {
        let error = Format::Csv.write(&path, &engine, 9, off..off + 5, &|_, _| ()).unwrap_err();
        assert!(matches!(error, Error::Domain { .. }), "{error}");
    }
    assert_eq!(folder.files(), ["orders.csv"]);
    assert!(!folder.0.with_extension("partial").exists());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    // A second log takes its place.
    Format::Csv.write(&path, &engine, 10, 0..2, &|_, _| ()).unwrap();
    assert_ne!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(folder.files(), ["orders.csv"]);
}

/// The first error is kept, and nothing is written after it.
#[test]
fn errors_end_a_log() {
    let (scenario, tree, settings) = study();
    let engine = OrdersEngine::new(&scenario, &tree, &settings[0]).unwrap();
    let mut calls = 0;
    let mut log = Log::new(|_: &Record| {
        calls += 1;
        if calls < 4 { Ok(()) } else { Err(Error::OutOfReach { reason: format!("call {calls}") }) }
    });
    engine.watch(9, 0..5, &mut log).unwrap();
    let error = log.finish().unwrap_err();
    assert!(error.to_string().contains("call 4"), "{error}");
    assert_eq!(calls, 4);
    // No replications: no orders.
    let mut log = Log::new(|_: &Record| Ok(()));
    engine.watch(9, 0..0, &mut log).unwrap();
    assert_eq!(log.finish().unwrap(), 0);
}
