//! The raw log: one record for every order, apart from anything computed from it.

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "csv")]
mod csv;
#[cfg(any(feature = "csv", feature = "arrow"))]
mod file;
#[cfg(any(feature = "csv", feature = "arrow"))]
mod format;

#[cfg(any(feature = "csv", feature = "arrow"))]
pub use format::Format;

use super::simulation::{Auction, Edge, Observer, Order};
use crate::error::Result;
use serde::Serialize;

/// How an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was filled.
    Filled,
    /// It left unfilled.
    Expired,
    /// It was still there at the end.
    Waiting,
}

impl Outcome {
    /// The name in a log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Expired => "expired",
            Self::Waiting => "waiting",
        }
    }
}

/// What became of one order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Record {
    /// Replication that it belongs to.
    pub replication: u64,
    /// Number of the order in its replication, from 0, by the time of arrival.
    pub order: u64,
    /// Time of arrival; time 0 is the start of the first window that counts.
    pub arrival: f64,
    /// Index of the operator that received it.
    pub operator: u32,
    /// The asset it offers, from 0.
    pub sell: u32,
    /// The asset it asks for, from 0.
    pub buy: u32,
    /// What its fill is worth.
    pub value: f64,
    /// How it ended.
    pub outcome: Outcome,
    /// Height of the auction that filled it.
    pub height: Option<u32>,
    /// Index, among those of its height, of the pool that filled it.
    pub pool: Option<u64>,
    /// When its fill was settled or it left; absent while it waits.
    pub end: Option<f64>,
    /// Its delay as the delay model counts it, if it was filled.
    pub delay: Option<f64>,
}

impl Record {
    /// The columns of a log, in their order.
    pub const COLUMNS: [&str; 12] = [
        "replication",
        "order",
        "arrival",
        "operator",
        "sell",
        "buy",
        "value",
        "outcome",
        "height",
        "pool",
        "end",
        "delay",
    ];
}

/// Writes the records of every replication, sorted by arrival, when it is over.
///
/// The orders of one replication are held in memory. After the first error nothing more is written.
pub struct Log<W> {
    write: W,
    records: Vec<Record>,
    result: Result<()>,
    written: u64,
}

impl<W: FnMut(&Record) -> Result<()>> Log<W> {
    /// A log that hands every record to `write`.
    pub fn new(write: W) -> Self {
        Self { write, records: Vec::new(), result: Ok(()), written: 0 }
    }

    /// The number of records written.
    ///
    /// # Errors
    /// The first error of `write`.
    pub fn finish(self) -> Result<u64> {
        self.result.map(|()| self.written)
    }

    fn push(&mut self, edge: Edge, order: &Order, outcome: Outcome, end: Option<f64>) {
        self.records.push(Record {
            replication: 0,
            order: 0,
            arrival: order.arrival,
            operator: order.operator,
            sell: edge.sell,
            buy: edge.buy,
            value: order.value,
            outcome,
            height: None,
            pool: None,
            end,
            delay: None,
        });
    }
}

impl<W: FnMut(&Record) -> Result<()>> Observer for Log<W> {
    fn filled(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        for order in orders {
            self.push(edge, order, Outcome::Filled, Some(auction.ends));
            if let Some(record) = self.records.last_mut() {
                (record.height, record.pool) = (Some(auction.height), Some(auction.pool));
                record.delay = Some(auction.delay(order));
            }
        }
    }

    fn expired(&mut self, edge: Edge, order: &Order, at: f64) {
        self.push(edge, order, Outcome::Expired, Some(at));
    }

    fn waiting(&mut self, edge: Edge, orders: &[Order]) {
        for order in orders {
            self.push(edge, order, Outcome::Waiting, None);
        }
    }

    fn ended(&mut self, replication: u64) {
        self.records.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
        for (order, record) in (0..).zip(&mut self.records) {
            (record.replication, record.order) = (replication, order);
            if self.result.is_ok() {
                self.result = (self.write)(record);
                self.written += u64::from(self.result.is_ok());
            }
        }
        self.records.clear();
    }
}
