//! The always-on pool.

mod exact;
mod simulation;

use pooltree::always_on::AlwaysOn;
use pooltree::pool_tree::{Discount, DiscountModel};

fn pool(first: f64, second: f64, patience: f64) -> AlwaysOn {
    AlwaysOn::new(first, second, patience).unwrap()
}

fn rate(rate: f64) -> Discount {
    Discount::new(DiscountModel::Rate(rate)).unwrap()
}
