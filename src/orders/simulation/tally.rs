//! What is measured of the orders: sums over a replication, and their moments over replications.

use super::order::{Auction, Edge, Observer, Order};
use super::sums::{Part, Whole, length, part, whole};
use crate::estimate::Moments;
use crate::keepers::simulation::execution::Outcome;
use crate::pool_tree::Discount;
use serde::{Deserialize, Serialize};

/// Where every order went: `arrived + carried_in = filled + expired + waiting`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Orders that arrived in the windows that count.
    pub arrived: u64,
    /// Orders left over before those windows, and still there when the auction of the last of the others had started.
    pub carried_in: u64,
    /// Orders filled.
    pub filled: u64,
    /// Orders that left unfilled.
    pub expired: u64,
    /// Orders left over and still there when the last auction had started.
    pub waiting: u64,
    /// Auctions that keepers were to run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub auctions: u64,
    /// Those of them that were executed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub executed: u64,
    /// Attempts of keepers at them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Account {
    /// Whether every order is accounted for exactly once.
    pub fn balances(&self) -> bool {
        self.arrived + self.carried_in == self.filled + self.expired + self.waiting
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.carried_in += other.carried_in;
        self.filled += other.filled;
        self.expired += other.expired;
        self.waiting += other.waiting;
        self.auctions += other.auctions;
        self.executed += other.executed;
        self.attempts += other.attempts;
    }
}

/// Sums over the present replication, moments over those that are over.
pub(crate) struct Tally {
    discount: Discount,
    levels: usize,
    /// Whether all orders are worth the same.
    constant: bool,
    /// Whether the fills themselves are those of the closed form.
    neutral: bool,
    sums: Vec<f64>,
    now: Account,
    pub(super) account: Account,
    pub(super) moments: Moments,
}

impl Tally {
    pub(super) fn new(levels: usize, discount: Discount, constant: bool, neutral: bool) -> Self {
        let n = length(levels);
        let (now, account) = (Account::default(), Account::default());
        Self { discount, levels, constant, neutral, sums: vec![0.0; n], now, account, moments: Moments::new(n) }
    }

    /// All replications of `other`, too; sums of floating-point numbers: merge in a fixed order.
    pub(super) fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.account.add(&other.account);
    }
}

impl Observer for Tally {
    fn attempted(&mut self, level: usize, _: u64, outcome: &Outcome) {
        self.now.auctions += 1;
        self.now.attempts += u64::from(outcome.attempts);
        if outcome.executed {
            self.now.executed += 1;
            self.sums[part(level, Part::Executed)] += 1.0;
        }
    }

    #[inline]
    fn arrived(&mut self, _: Edge, orders: &[Order]) {
        self.now.arrived += orders.len() as u64;
        if !self.constant {
            self.sums[whole(Whole::Offered)] += orders.iter().map(|order| order.value).sum::<f64>();
        }
    }

    fn carried_in(&mut self, _: Edge, orders: &[Order]) {
        self.now.carried_in += orders.len() as u64;
    }

    #[inline]
    fn filled(&mut self, auction: &Auction, _: Edge, orders: &[Order]) {
        self.now.filled += orders.len() as u64;
        let (mut delays, mut values, mut worth) = (0.0, 0.0, 0.0);
        for order in orders {
            let delay = auction.delay(order);
            delays += delay;
            values += order.value;
            worth += order.value * self.discount.after(delay);
        }
        let filled = orders.len() as f64;
        for (of, sum) in [(Part::Filled, filled), (Part::Delay, delays), (Part::Value, values), (Part::Worth, worth)] {
            self.sums[part(auction.level, of)] += sum;
        }
    }

    fn expired(&mut self, _: Edge, _: &Order, _: f64) {
        self.now.expired += 1;
    }

    fn carried_over(&mut self, _: &Auction, _: Edge, orders: &[Order]) {
        self.sums[whole(Whole::Carried)] += orders.len() as f64;
    }

    fn waiting(&mut self, _: Edge, orders: &[Order]) {
        self.now.waiting += orders.len() as u64;
    }

    fn neutral(&mut self, level: usize, orders: u64) {
        self.sums[part(level, Part::Neutral)] += orders as f64;
    }

    fn ended(&mut self, _: u64) {
        if self.neutral {
            let mut up_to = 0.0;
            for level in 0..self.levels {
                up_to += self.sums[part(level, Part::Filled)];
                self.sums[part(level, Part::Neutral)] = up_to;
            }
        }
        let Account { arrived, expired, waiting, .. } = self.now;
        for (of, number) in [(Whole::Arrived, arrived), (Whole::Expired, expired), (Whole::Waiting, waiting)] {
            self.sums[whole(of)] = number as f64;
        }
        self.moments.add(&self.sums);
        self.account.add(&self.now);
        self.sums.fill(0.0);
        self.now = Account::default();
    }
}
