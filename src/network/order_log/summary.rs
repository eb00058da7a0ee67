//! What a log has told.

use super::bins::Binned;
use super::intervals::Rate;
use super::options::{Malformed, SHORTEST};
use super::tally::{Counted, Tally};
use crate::error::{Error, Result, shown};

/// The orders of one operator that offer one asset and ask for another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Class {
    /// Number of the operator.
    pub operator: u32,
    /// Number of the asset offered.
    pub sell: u32,
    /// Number of the asset asked for.
    pub buy: u32,
    /// Orders counted.
    pub orders: u64,
    /// Their mean value.
    pub mean_value: f64,
}

/// What [`read`](super::read()) has counted.
#[derive(Debug)]
pub struct LogSummary {
    orders: u64,
    outside: u64,
    runs: u64,
    time: f64,
    ends: (f64, f64),
    mean: f64,
    operators: Vec<String>,
    assets: Vec<String>,
    classes: Vec<Class>,
    by_operator: Vec<(u64, f64)>,
    pub(super) binned: Binned,
    malformed: u64,
    kept: Vec<Malformed>,
}

impl LogSummary {
    pub(super) fn new(
        tally: Tally,
        operators: Vec<String>,
        assets: Vec<String>,
        malformed: u64,
        kept: Vec<Malformed>,
    ) -> Self {
        let (orders, outside, runs, mean, time) =
            (tally.orders, tally.outside, tally.runs, tally.mean, tally.exposure());
        let ends = (tally.earliest, tally.latest);
        let (counted, binned) = tally.finish();
        let classes: Vec<Class> = counted.iter().map(class).collect();
        let mut by_operator = vec![(0, 0.0); operators.len()];
        for class in &classes {
            if let Some((orders, mean)) = by_operator.get_mut(class.operator as usize) {
                *orders += class.orders;
                *mean += (class.mean_value - *mean) * (class.orders as f64 / *orders as f64);
            }
        }
        Self {
            orders,
            outside,
            runs,
            time,
            ends,
            mean,
            operators,
            assets,
            classes,
            by_operator,
            binned,
            malformed,
            kept,
        }
    }

    /// Orders counted.
    pub fn orders(&self) -> u64 {
        self.orders
    }

    /// Orders outside the window given, left out of everything else.
    pub fn outside(&self) -> u64 {
        self.outside
    }

    /// Runs of time in the log; more than 1 only with a column `replication`.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Malformed rows, left out of everything else.
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// The first of them, at most 20.
    pub fn malformed_rows(&self) -> &[Malformed] {
        &self.kept
    }

    /// Names of the operators by their numbers.
    pub fn operators(&self) -> &[String] {
        &self.operators
    }

    /// Names of the assets by their numbers.
    pub fn assets(&self) -> &[String] {
        &self.assets
    }

    /// The classes that have orders, by the first of them.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Time observed, summed over the runs: the window given, or from the first order to the last.
    ///
    /// The latter is itself chosen by the orders: its rates are too high by about one order a run; see [`LogSummary::ends`].
    pub fn observation_time(&self) -> f64 {
        self.time
    }

    /// The times of the earliest and of the latest order of all runs; absent without orders. Where many short runs observe the same
    /// stretch of time, it is the [window](super::Options::window) to read them with.
    pub fn ends(&self) -> Option<(f64, f64)> {
        (self.orders > 0).then_some(self.ends)
    }

    /// Mean value of an order; absent without orders.
    pub fn mean_value(&self) -> Option<f64> {
        (self.orders > 0).then_some(self.mean)
    }

    /// Mean value of an operator's orders; absent without orders.
    pub fn operator_mean_value(&self, operator: usize) -> Option<f64> {
        self.by_operator.get(operator).filter(|(orders, _)| *orders > 0).map(|(_, mean)| *mean)
    }

    /// Orders of an operator; 0 for one that does not exist.
    pub fn operator_orders(&self, operator: usize) -> u64 {
        self.by_operator.get(operator).map_or(0, |(orders, _)| *orders)
    }

    /// Share of the orders that an operator received; 0 without orders.
    pub fn operator_share(&self, operator: usize) -> f64 {
        self.operator_orders(operator) as f64 / self.orders.max(1) as f64
    }

    /// Rate of all orders, with its exact Poisson interval at confidence `level` ([`garwood`](super::garwood)).
    ///
    /// # Errors
    /// [`Error::Domain`] for an observation time of 0, and unless `0 < level ≤ 1 - 1e-12`.
    pub fn rate(&self, level: f64) -> Result<Rate> {
        self.rate_of(self.orders, level)
    }

    /// Rate of any part of the orders, of which there are that many.
    ///
    /// # Errors
    /// As [`LogSummary::rate`].
    pub fn rate_of(&self, orders: u64, level: f64) -> Result<Rate> {
        if !(self.time >= SHORTEST) {
            let allowed = "above 0: a log of one moment has no rates; give a window";
            return Err(Error::domain("observation time", shown(self.time), allowed));
        }
        Rate::new(orders, self.time, level)
    }

    /// Rate of one operator.
    ///
    /// # Errors
    /// As [`LogSummary::rate`], and for an operator that does not exist.
    pub fn operator_rate(&self, operator: usize, level: f64) -> Result<Rate> {
        if operator >= self.operators.len() {
            return Err(Error::domain("operator", operator, format!("below {}", self.operators.len())));
        }
        self.rate_of(self.operator_orders(operator), level)
    }

    /// Rate of one of the [`classes`](LogSummary::classes), by its place there.
    ///
    /// # Errors
    /// As [`LogSummary::rate`], and for a class that does not exist.
    pub fn class_rate(&self, class: usize, level: f64) -> Result<Rate> {
        let found = self.classes.get(class);
        let found = found.ok_or_else(|| Error::domain("class", class, format!("below {}", self.classes.len())))?;
        self.rate_of(found.orders, level)
    }
}

fn class(counted: &Counted) -> Class {
    let (operator, sell, buy) = counted.key;
    Class {
        operator,
        sell: u32::from(sell),
        buy: u32::from(buy),
        orders: u64::from(counted.orders),
        mean_value: counted.mean,
    }
}
