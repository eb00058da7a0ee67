//! The table of rules against numbers worked out here by other routes, and against its own simulation.
//!
//! False alarms of the statistical tests: 1e-6 for the whole file.

mod calibration;
mod drawn;
mod unfit;
mod values;

use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::keepers::table::{Questions, Row, Table};
use pooltree::keepers::{Keeper, Keepers, Parameters, RuleName};

/// Without progress.
fn table(keepers: &Keepers, questions: &Questions, replications: Option<u64>, seed: u64) -> Table {
    let monte_carlo = replications.map(|n| MonteCarlo::new(seed, Stopping::Replications(n)).unwrap());
    Table::new(keepers.clone(), questions.clone(), monte_carlo.as_ref(), &|_, _| ()).unwrap()
}

fn row(table: &Table, name: RuleName) -> &Row {
    table.rules.iter().find(|row| row.rule == name).unwrap()
}

/// Stake, bid, ping, picked and succeeded of each.
fn register(of: &[(f64, f64, f64, u64, u64)]) -> Keepers {
    let keeper = |(i, &(stake, bid, ping, picked, succeeded)): (usize, &(f64, f64, f64, u64, u64))| Keeper {
        stake,
        bid,
        ping,
        picked,
        succeeded,
        ..Keeper::new(format!("keeper {i}"))
    };
    Keepers::new(of.iter().enumerate().map(keeper).collect()).unwrap()
}

/// Four different keepers, nobody else.
fn four() -> Keepers {
    register(&[(600.0, 3.0, 0.5, 20, 15), (400.0, 3.5, 0.2, 10, 6), (300.0, 2.0, 0.7, 30, 27), (250.0, 2.5, 0.3, 8, 4)])
}

/// Two equal ones side by side, one that stakes too little before the first of them, one that is not active.
fn six() -> Keepers {
    let mut all = register(&[
        (600.0, 3.0, 0.5, 20, 15),
        (40.0, 3.6, 0.1, 4, 2),
        (200.0, 2.0, 0.7, 8, 6),
        (200.0, 2.0, 0.7, 8, 6),
        (900.0, 5.0, 0.1, 1, 1),
        (350.0, 2.5, 0.3, 12, 10),
    ])
    .all()
    .to_vec();
    all[4].active = false;
    Keepers::new(all).unwrap()
}

fn asked(min_stake: Option<f64>) -> Questions {
    let parameters = Parameters { min_stake, ..Parameters::default() };
    Questions { parameters, rounds: 5, select: Some(2), beta: 0.6, slash: 0.2, ..Questions::default() }
}
