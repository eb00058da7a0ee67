//! The constant filling rate: sum formula, matrix and simulation of an order's climb, critical filling rates, the command.

mod command;
mod critical;
mod exact;
mod properties;
mod simulation;

use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, DelayCounting};
use pooltree::pool_tree::{Discount, DiscountModel};
use proptest::prelude::*;

fn factor(beta: f64) -> Discount {
    Discount::new(DiscountModel::Factor(beta)).unwrap()
}

fn level(filling_rate: f64, duration: f64, attempts: u64) -> ClimbLevel {
    ClimbLevel { filling_rate, duration, attempts: Attempts::Limited(attempts) }
}

/// One auction a level at one filling rate.
fn once(filling_rate: f64, durations: &[f64], delay: DelayCounting, beta: f64) -> Climb {
    Climb::new(durations.iter().map(|&d| level(filling_rate, d, 1)).collect(), delay, factor(beta)).unwrap()
}

fn tree(levels: u32, filling_rate: f64, delay: DelayCounting, beta: f64) -> Climb {
    Climb::tree(2, levels, filling_rate, delay, factor(beta)).unwrap()
}

/// Filling rates with the corners.
fn rate() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 1 => Just(1.0), 2 => 1e-9..1e-3, 1 => 0.999..1.0, 8 => 0.0..1.0]
}

fn discount() -> impl Strategy<Value = f64> {
    prop_oneof![2 => Just(1.0), 1 => 0.999_999..1.0, 1 => 1e-3..0.1, 8 => 0.1..1.0]
}

fn duration() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 1 => Just(1.0), 6 => 0.01..3.0]
}

fn counting() -> impl Strategy<Value = DelayCounting> {
    prop_oneof![Just(DelayCounting::Own), Just(DelayCounting::Cumulative)]
}

/// Climbs of up to six levels with up to `most` auctions each, the top without limit in a quarter of them.
fn climb(most: u64) -> impl Strategy<Value = Climb> {
    let levels = proptest::collection::vec((rate(), duration(), 1..=most), 1..=6);
    (levels, prop::bool::weighted(0.25), counting(), discount()).prop_map(|(levels, unlimited, delay, beta)| {
        let mut levels: Vec<ClimbLevel> = levels.into_iter().map(|(x, d, n)| level(x, d, n)).collect();
        if unlimited {
            levels.last_mut().unwrap().attempts = Attempts::Unlimited;
        }
        Climb::new(levels, delay, factor(beta)).unwrap()
    })
}
