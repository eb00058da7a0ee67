//! Running moments of what became of the orders of a simulation.

use crate::error::{Error, Result};
use crate::estimate::{Estimate, VectorEstimate};

/// Count, mean and sum of squared deviations (Welford; merged as by Chan, Golub and LeVeque): equal values have a variance
/// of exactly 0.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.n += 1;
        let off = value - self.mean;
        self.mean += off / self.n as f64;
        self.squares += off * (value - self.mean);
    }

    fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        let n = self.n + other.n;
        let (off, share) = (other.mean - self.mean, other.n as f64 / n as f64);
        self.mean += off * share;
        self.squares += other.squares + off * off * share * self.n as f64;
        self.n = n;
    }

    fn estimate(&self) -> Result<Estimate> {
        if self.n < 2 {
            return Err(Error::domain("replications", self.n, "an integer of at least 2"));
        }
        let variance = self.squares / (self.n - 1) as f64;
        Ok(Estimate { mean: self.mean, std_error: (variance / self.n as f64).sqrt(), replications: self.n })
    }

    /// The same with zeros for all of `orders` that are not among the values.
    fn among(&self, orders: u64) -> Self {
        let mut all = *self;
        all.merge(&Self { n: orders - self.n, mean: 0.0, squares: 0.0 });
        all
    }
}

/// What became of a number of orders.
pub(super) struct Tally {
    /// Discounted utility of the orders filled, by level.
    worth: Vec<Moments>,
    delay: Moments,
    auctions: Moments,
    pub(super) expired: u64,
    pub(super) waiting: u64,
}

impl Tally {
    pub(super) fn new(levels: usize) -> Self {
        let none = Moments::default();
        Self { worth: vec![none; levels], delay: none, auctions: none, expired: 0, waiting: 0 }
    }

    /// An order filled at `level`.
    pub(super) fn filled(&mut self, level: usize, discounted: f64, delay: f64, auctions: f64) {
        self.worth[level].add(discounted);
        self.delay.add(delay);
        self.auctions.add(auctions);
    }

    pub(super) fn expires(&mut self, auctions: f64) {
        self.expired += 1;
        self.auctions.add(auctions);
    }

    pub(super) fn waits(&mut self) {
        self.waiting += 1;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.worth.iter_mut().zip(&other.worth).for_each(|(all, some)| all.merge(some));
        self.delay.merge(&other.delay);
        self.auctions.merge(&other.auctions);
        self.expired += other.expired;
        self.waiting += other.waiting;
    }

    pub(super) fn levels(&self) -> usize {
        self.worth.len()
    }

    pub(super) fn filled_orders(&self) -> u64 {
        self.delay.n
    }

    pub(super) fn orders(&self) -> u64 {
        self.filled_orders() + self.expired + self.waiting
    }

    pub(super) fn welfare_at(&self, level: usize) -> Result<Estimate> {
        self.worth[level].among(self.orders()).estimate()
    }

    pub(super) fn welfare(&self) -> Result<Estimate> {
        let mut filled = Moments::default();
        self.worth.iter().for_each(|level| filled.merge(level));
        filled.among(self.orders()).estimate()
    }

    /// Share of the orders that `count` of them are.
    pub(super) fn share(&self, count: u64) -> Result<Estimate> {
        Ok(VectorEstimate::of_categories(&[count], self.orders())?.component(0))
    }

    pub(super) fn fills(&self) -> Result<VectorEstimate> {
        let counts: Vec<u64> = self.worth.iter().map(|level| level.n).collect();
        VectorEstimate::of_categories(&counts, self.orders())
    }

    /// Auctions of an order, unless some never end.
    pub(super) fn auctions(&self) -> Option<Estimate> {
        finite(&self.auctions).filter(|_| self.waiting == 0)
    }

    /// Delay of a filled order.
    pub(super) fn delay(&self) -> Option<Estimate> {
        finite(&self.delay)
    }
}

/// Numbers of auctions and delays may be so large that their squares overflow.
fn finite(moments: &Moments) -> Option<Estimate> {
    moments.estimate().ok().filter(|estimate| estimate.mean.is_finite() && estimate.std_error.is_finite())
}
