//! Counting orders, row by row.

use super::bins::{Binned, Bins};
use super::options::Options;
use crate::error::{Error, Result};
use std::collections::HashMap;

/// One order of a log. Operators and assets are numbered in the order of appearance, or as [`Options::operators`] says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Number of the run, from 0. A log of several replications has as many runs, each with a time of its own.
    pub run: u64,
    /// Time of arrival.
    pub time: f64,
    /// Number of the operator.
    pub operator: u32,
    /// Number of the asset offered.
    pub sell: u32,
    /// Number of the asset asked for.
    pub buy: u32,
    /// Value of the order.
    pub value: f64,
}

/// Most classes.
pub(super) const MOST_CLASSES: usize = 10_000_000;

/// An operator with an ordered pair of assets, its orders and their mean value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) key: (u32, u16, u16),
    pub(super) orders: u32,
    pub(super) mean: f64,
}

/// Memory: for every class and bin, none for the rows.
pub(super) struct Tally {
    window: Option<(f64, f64)>,
    classes: HashMap<(u32, u16, u16), u32>,
    pub(super) counted: Vec<Counted>,
    bins: Bins,
    pub(super) orders: u64,
    pub(super) outside: u64,
    /// Mean value of all orders.
    pub(super) mean: f64,
    pub(super) runs: u64,
    run: Option<u64>,
    /// First time of the run.
    first: f64,
    /// Time from there to its last order.
    span: f64,
    /// Spans of the runs before.
    before: f64,
    /// Earliest and latest time of an order, in any run.
    pub(super) earliest: f64,
    pub(super) latest: f64,
}

impl Tally {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            window: options.window,
            classes: HashMap::new(),
            counted: Vec::new(),
            bins: Bins::new(options.bins, options.window),
            orders: 0,
            outside: 0,
            mean: 0.0,
            runs: 0,
            run: None,
            first: 0.0,
            span: 0.0,
            before: 0.0,
            earliest: f64::INFINITY,
            latest: f64::NEG_INFINITY,
        }
    }

    /// Counts an order; whether it was inside the window.
    pub(super) fn push(&mut self, row: &Row) -> Result<bool> {
        if self.run != Some(row.run) {
            let new = row.run - self.run.unwrap_or(row.run);
            self.before += self.window.map_or(self.span, |(from, to)| new as f64 * (to - from));
            self.first = self.window.map_or(row.time, |(from, _)| from);
            self.span = 0.0;
            self.runs += new.max(1);
            self.run = Some(row.run);
        }
        if self.window.is_some_and(|(from, to)| !(row.time >= from && row.time < to)) {
            self.outside += 1;
            return Ok(false);
        }
        if self.orders >= u64::from(u32::MAX) {
            return Err(limit("orders", u64::from(u32::MAX)));
        }
        self.span = row.time - self.first;
        self.earliest = self.earliest.min(row.time);
        self.latest = self.latest.max(row.time);
        let class = self.class((row.operator, row.sell as u16, row.buy as u16))?;
        self.bins.push(class, self.before + self.span, self.counted.iter().map(|class| class.orders));
        self.orders += 1;
        self.mean += (row.value - self.mean) / self.orders as f64;
        if let Some(counted) = self.counted.get_mut(class) {
            counted.orders += 1;
            counted.mean += (row.value - counted.mean) / f64::from(counted.orders);
        }
        Ok(true)
    }

    fn class(&mut self, key: (u32, u16, u16)) -> Result<usize> {
        if let Some(&class) = self.classes.get(&key) {
            return Ok(class as usize);
        }
        let class = self.counted.len();
        if class >= MOST_CLASSES {
            return Err(limit("classes (operator, sell, buy)", MOST_CLASSES as u64));
        }
        self.classes.insert(key, class as u32);
        self.counted.push(Counted { key, orders: 0, mean: 0.0 });
        self.bins.add_class();
        Ok(class)
    }

    /// Time observed, over all runs.
    pub(super) fn exposure(&self) -> f64 {
        match self.window {
            Some((from, to)) => (to - from) * self.runs.max(1) as f64,
            None => self.before + self.span,
        }
    }

    pub(super) fn finish(self) -> (Vec<Counted>, Binned) {
        let exposure = self.exposure();
        (self.counted, self.bins.finish(exposure))
    }
}

/// More of something than is allowed.
pub(super) fn limit(what: &str, most: u64) -> Error {
    Error::domain(what, format!("more than {most}"), format!("at most {most} in a log"))
}
