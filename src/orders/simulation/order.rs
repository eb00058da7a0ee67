//! Orders, the auctions they meet, and those who watch.

use crate::keepers::simulation::execution::Outcome;
use crate::pool_tree::Delay;

/// One order; what it sells and buys is told by the [`Edge`] that it is reported with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// Time of arrival. Time 0 is the start of the first window that counts.
    pub arrival: f64,
    /// What its fill is worth, in units of utility.
    pub value: f64,
    /// When it loses patience; infinite where it never does or its patience has not begun.
    pub deadline: f64,
    /// Index of the operator that received it.
    pub operator: u32,
    /// Auctions of the highest active height that left it over.
    pub attempts: u32,
}

/// What an order swaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The asset it offers, from 0.
    pub sell: u32,
    /// The asset it asks for, from 0.
    pub buy: u32,
}

/// One auction of one pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auction {
    /// Index of the height among the active ones.
    pub level: usize,
    /// Height of the pool.
    pub height: u32,
    /// Index of the pool among those of its height.
    pub pool: u64,
    /// When its window closed.
    pub closes: f64,
    /// When it started.
    pub starts: f64,
    /// When it ended: its fills are settled then. Of an auction that nobody executed, when it was given up.
    pub ends: f64,
    /// Time from one auction of the pool to the next that an order left over can take part in.
    pub(super) spacing: f64,
    pub(super) delay: Delay,
}

impl Auction {
    /// Delay of an order that is filled here, as the delay model counts it: from its arrival, or from the close of its
    /// own window.
    #[inline]
    pub fn delay(&self, order: &Order) -> f64 {
        match self.delay {
            Delay::Batched => self.ends - order.arrival,
            Delay::Idealised | Delay::Cumulative => {
                (self.ends - self.closes) + f64::from(order.attempts) * self.spacing
            }
        }
    }
}

/// Someone who watches what becomes of orders. Every order that [arrived](Observer::arrived) or was
/// [carried in](Observer::carried_in) is reported exactly once more: filled, expired or waiting.
///
/// Orders are reported market by market, each market in the order of its auctions.
pub trait Observer {
    /// Keepers have executed the auction of a pool of `level`, or have given it up. All auctions of a replication are
    /// told before its orders; none where no keepers run them. Auctions before the first window that counts are left out.
    fn attempted(&mut self, level: usize, pool: u64, outcome: &Outcome) {
        let _ = (level, pool, outcome);
    }

    /// Orders of one window and pool have arrived.
    fn arrived(&mut self, edge: Edge, orders: &[Order]) {
        let _ = (edge, orders);
    }

    /// Orders that arrived before the first window that counts and are still there.
    fn carried_in(&mut self, edge: Edge, orders: &[Order]) {
        let _ = (edge, orders);
    }

    /// Orders were filled.
    fn filled(&mut self, auction: &Auction, edge: Edge, orders: &[Order]);

    /// An order has left unfilled.
    fn expired(&mut self, edge: Edge, order: &Order, at: f64);

    /// Orders were left over by an auction of the highest active height and stay for a later one.
    fn carried_over(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        let _ = (auction, edge, orders);
    }

    /// Orders that were still there at the end.
    fn waiting(&mut self, edge: Edge, orders: &[Order]);

    /// Orders that pairs alone would have filled in a pool and window of `level` up to its own auction, had none been
    /// carried over: what the closed form of the tree tells, on the same draws.
    fn neutral(&mut self, level: usize, orders: u64) {
        let _ = (level, orders);
    }

    /// The replication with this number is over.
    fn ended(&mut self, replication: u64) {
        let _ = replication;
    }
}
