//! A network: pools, flow, latencies and windows.

use super::{CustomFlow, Delay, Discount, Executed, Execution, Level, Period, PeriodModel, Pools};
use crate::error::{Error, Result, checked};
use std::sync::Arc;

/// Operators in any rooted tree of pools, with a latency for every pool and rates for every class at every operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pools: Arc<Pools>,
    flow: CustomFlow,
    latencies: Arc<Vec<Vec<f64>>>,
    period: Period,
    delay: Delay,
    discount: Discount,
    utility_mean: f64,
    cost_per_message: f64,
    /// Who runs the auctions, where they may fail or take time.
    execution: Option<Execution>,
}

/// What a [`Network`] is put together from.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkParts {
    /// The tree.
    pub pools: Arc<Pools>,
    /// Orders of every class at every operator.
    pub flow: CustomFlow,
    /// Latency of an auction by height and pool, finite and at least 0.
    pub latencies: Arc<Vec<Vec<f64>>>,
    /// Batch period of every height: windows are common to its pools.
    pub period: Period,
    /// What an order's delay counts.
    pub delay: Delay,
    /// The discount per unit time.
    pub discount: Discount,
    /// Mean utility of a filled order, finite and at least 0.
    pub utility_mean: f64,
    /// Cost of one message in units of utility, finite and at least 0.
    pub cost_per_message: f64,
}

/// When the auctions of one active height happen.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkLevel {
    /// The height.
    pub height: u32,
    /// Batch period.
    pub period: f64,
    /// Time after its start at which an auction that has not been executed is given up; 0 where all are executed at once.
    pub deadline: f64,
    /// Start of every pool's auction after its window closes: when the slowest part of it has finished.
    pub offsets: Vec<f64>,
}

impl Network {
    /// Checks the parts against each other.
    ///
    /// # Errors
    /// [`Error::Domain`] for latencies that are not one per pool or out of range, a flow of another number of operators, or a
    /// table of periods of another length; [`Error::NotFinite`] where gross welfare overflows.
    pub fn new(parts: NetworkParts) -> Result<Self> {
        let NetworkParts { pools, flow, latencies, period, delay, discount, utility_mean, cost_per_message } = parts;
        if flow.operators() != pools.operators() {
            let allowed = format!("the {} of the pools", pools.operators());
            return Err(Error::domain("flow.operators", flow.operators(), allowed));
        }
        let heights = pools.depth() as usize + 1;
        if latencies.len() != heights {
            return Err(Error::domain(
                "latencies",
                format!("({} heights)", latencies.len()),
                format!("{heights} heights"),
            ));
        }
        for (height, of_pools) in (0..).zip(latencies.iter()) {
            if of_pools.len() != pools.count(height) {
                let allowed = format!("{} pools", pools.count(height));
                return Err(Error::domain(
                    format!("latencies.{height}"),
                    format!("({} pools)", of_pools.len()),
                    allowed,
                ));
            }
            for (pool, &latency) in of_pools.iter().enumerate() {
                let key = format!("latencies.{height}.{pool}");
                checked(&key, latency, |l| l >= 0.0, "finite and at least 0")?;
            }
        }
        if let PeriodModel::Table { values } = period.model()
            && values.len() != heights
        {
            return Err(Error::domain(
                "period.values",
                format!("({} values)", values.len()),
                format!("{heights} values"),
            ));
        }
        checked("utility_mean", utility_mean, |u| u >= 0.0, "finite and at least 0")?;
        checked("cost_per_message", cost_per_message, |c| c >= 0.0, "finite and at least 0")?;
        if !(flow.rate() * utility_mean).is_finite() {
            return Err(Error::not_finite("utility_mean", utility_mean, "gross welfare, the rate times it,"));
        }
        let execution = None;
        Ok(Self { pools, flow, latencies, period, delay, discount, utility_mean, cost_per_message, execution })
    }

    /// The same network with other auctions: who runs them, in what windows.
    pub(crate) fn with(&self, period: Period, execution: Option<Execution>) -> Self {
        Self { period, execution, ..self.clone() }
    }

    /// Periods and offsets of the active heights, given from the lowest to the highest.
    ///
    /// ```text
    /// o_P = max over the pools C of the next lower active height inside P of o_C + L_C + a_C,   0 at the lowest and where
    ///       delays are idealised;   a the deadline of the height, 0 where auctions are executed at once
    /// ```
    ///
    /// Windows are common to the pools of a height; back to back they are as long as the slowest of them needs.
    ///
    /// Source: *Operator pool trees*, Approach (latencies); derived in docs/models/networks.md, "Networks".
    ///
    /// # Errors
    /// [`Error::Domain`] for no height, one above the depth or heights that do not rise, and for a height without latency under
    /// back-to-back auctions; [`Error::NotFinite`] where times overflow.
    pub fn schedule(&self, heights: &[u32]) -> Result<Vec<NetworkLevel>> {
        self.schedule_without(heights, None)
    }

    /// [`Network::schedule`] if the auctions of one height took those above no time.
    pub(crate) fn schedule_without(&self, heights: &[u32], delayless: Option<u32>) -> Result<Vec<NetworkLevel>> {
        let depth = self.pools.depth();
        if heights.is_empty() || heights.windows(2).any(|pair| pair[0] >= pair[1]) || heights.iter().any(|&h| h > depth)
        {
            return Err(Error::domain(
                "heights",
                format!("{heights:?}"),
                format!("rising integers from 0 to {depth}, at least one"),
            ));
        }
        let mut levels: Vec<NetworkLevel> = Vec::with_capacity(heights.len());
        for &height in heights {
            let latencies = &self.latencies[height as usize];
            let slowest = latencies.iter().copied().fold(0.0, f64::max);
            let deadline = self.execution.as_ref().map_or(0.0, |execution| execution.at(height).deadline());
            let period = self.period.at(height, slowest + deadline, levels.last().map(|level| level.period))?;
            let offset = |pool: usize| match levels.last() {
                Some(below) if self.delay != Delay::Idealised => {
                    let own = |part: usize| self.latencies[below.height as usize][part] + below.deadline;
                    let takes = |part: usize| if delayless == Some(below.height) { 0.0 } else { own(part) };
                    let ended = |part: usize| below.offsets[part] + takes(part);
                    self.pools.parts(height, pool, below.height).map(ended).fold(0.0, f64::max)
                }
                _ => 0.0,
            };
            let offsets: Vec<f64> = (0..self.pools.count(height)).map(offset).collect();
            let latest = offsets.iter().zip(latencies).map(|(o, l)| o + l + deadline).fold(0.0, f64::max);
            if !(latest.is_finite() && period.is_finite() && (self.flow.rate() * period).is_finite()) {
                let what = "the sum of the latencies up to it, its period or the orders in a window";
                return Err(Error::not_finite(format!("timing.latency at height {height}"), slowest, what));
            }
            levels.push(NetworkLevel { height, period, deadline, offsets });
        }
        Ok(levels)
    }

    /// What a level looks like from afar: the largest of the latencies and offsets of its pools.
    pub(crate) fn summary(&self, level: &NetworkLevel) -> Level {
        let largest = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
        Level {
            height: level.height,
            latency: largest(&self.latencies[level.height as usize]),
            period: level.period,
            offset: largest(&level.offsets),
            deadline: level.deadline,
        }
    }

    /// Execution of the auctions of one pool.
    pub fn executed(&self, height: u32, pool: usize) -> Executed {
        self.execution.as_ref().map_or(Executed::PERFECT, |execution| execution.at(height).at(pool))
    }

    /// Whether pools of one height differ in latency.
    pub(crate) fn latencies_differ(&self) -> bool {
        self.latencies.iter().any(|of_pools| of_pools.windows(2).any(|pair| pair[0] != pair[1]))
    }

    /// The tree.
    pub fn pools(&self) -> &Arc<Pools> {
        &self.pools
    }

    /// The flow.
    pub fn flow(&self) -> &CustomFlow {
        &self.flow
    }

    /// Latency of an auction of one pool.
    pub fn latency(&self, height: u32, pool: usize) -> f64 {
        self.latencies[height as usize][pool]
    }

    /// What an order's delay counts.
    pub fn delay(&self) -> Delay {
        self.delay
    }

    /// The discount.
    pub fn discount(&self) -> &Discount {
        &self.discount
    }

    /// Mean utility of a filled order.
    pub fn utility_mean(&self) -> f64 {
        self.utility_mean
    }

    /// Cost of one message in units of utility.
    pub fn cost_per_message(&self) -> f64 {
        self.cost_per_message
    }
}
