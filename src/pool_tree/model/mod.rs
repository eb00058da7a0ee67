//! What is given: the validated parameters that closed form and simulation share, and nothing else.

mod architecture;
mod custom_flow;
mod discount;
mod execution;
mod flow;
mod latency;
mod network;
mod period;
mod pools;
mod timing;
mod tree;
mod written_out;

use crate::error::{Error, Result, checked, shown};
use std::sync::Arc;
use written_out::written_out;

pub use architecture::Architecture;
pub use custom_flow::{Class, CustomFlow};
pub use discount::{Discount, DiscountModel};
pub use execution::{Executed, Execution, LevelExecution};
pub use flow::{Component, Flow, Kind, scale_free_shares};
pub use latency::{Latency, LatencyModel, RingStatistic};
pub use network::{Network, NetworkLevel, NetworkParts};
pub use period::{Period, PeriodModel};
pub use pools::Pools;
pub use timing::{Delay, Level, Schedule, Timing};
pub use tree::PoolTree;

/// A pool tree with its order flow, timing, discount, utility and cost.
///
/// A value that exists is valid: every part by itself, and all parts against each other. Errors carry the dotted key of the
/// scenario file.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    tree: PoolTree,
    flow: Flow,
    timing: Timing,
    discount: Discount,
    utility_mean: f64,
    cost_per_message: f64,
    /// Latency of every height, once for all architectures: a quorum on the ring is a long sum; the largest, where pools
    /// differ.
    latencies: Vec<f64>,
    /// Pools, latencies and rates one by one, where pools are given, differ in latency, or have a flow of their own.
    network: Option<Arc<Network>>,
    /// Who runs the auctions, where they may fail or take time; without it every auction is executed at once.
    execution: Option<Execution>,
}

/// What a [`Model`] is put together from.
pub(crate) struct Parts {
    pub(crate) tree: PoolTree,
    pub(crate) flow: Flow,
    pub(crate) timing: Timing,
    pub(crate) discount: Discount,
    pub(crate) utility_mean: f64,
    pub(crate) cost_per_message: f64,
}

impl Model {
    /// Puts the parts together and checks them against each other.
    ///
    /// - `utility_mean ≥ 0`: mean utility `ū` of a filled order;
    /// - `cost_per_message ≥ 0`: `κ`, in units of utility.
    ///
    /// # Errors
    /// [`Error::Domain`] or [`Error::NotFinite`] with the dotted key of the scenario file.
    pub fn new(
        tree: PoolTree,
        flow: Flow,
        timing: Timing,
        discount: Discount,
        utility_mean: f64,
        cost_per_message: f64,
    ) -> Result<Self> {
        Self::from_parts(Parts { tree, flow, timing, discount, utility_mean, cost_per_message }, None)
    }

    /// [`Model::new`]; the latencies of a `known` model with the same tree and latency model are taken instead of computed.
    ///
    /// # Errors
    /// As [`Model::new`].
    pub(crate) fn from_parts(parts: Parts, known: Option<&Self>) -> Result<Self> {
        let Parts { tree, flow, timing, discount, utility_mean, cost_per_message } = parts;
        let non_negative = |key: &str, value: f64| checked(key, value, |v| v >= 0.0, "finite and at least 0");
        non_negative("utility.mean", utility_mean)?;
        non_negative("cost.per_message", cost_per_message)?;
        flow.check(&tree).map_err(|e| e.within("flow"))?;
        timing.check(&tree).map_err(|e| e.within("timing"))?;
        if !(flow.rate() * utility_mean).is_finite() {
            let what = format!("gross welfare, flow.rate {} times it,", shown(flow.rate()));
            return Err(Error::not_finite("utility.mean", utility_mean, what));
        }
        let same = |known: &&Self| {
            let old = &known.timing;
            known.tree == tree && old.latency() == timing.latency() && old.solving() == timing.solving()
        };
        let latencies = known.filter(same).map_or_else(|| timing.latencies(&tree), |known| known.latencies.clone());
        let model = Self {
            tree,
            flow,
            timing,
            discount,
            utility_mean,
            cost_per_message,
            latencies,
            network: None,
            execution: None,
        };
        model.check_orders_per_window()?;
        let network = if model.is_regular() { None } else { Some(Arc::new(model.network_like(known)?)) };
        Ok(Self { network, ..model })
    }

    /// Whether all pools of a height are alike.
    fn is_regular(&self) -> bool {
        self.tree.given_pools().is_none()
            && !matches!(self.timing.latency().model(), LatencyModel::Sites { .. })
            && !self.flow.components().iter().any(|component| matches!(component.kind(), Kind::Custom(_)))
    }

    /// Every pool and rate one by one; what a `known` model has in common is taken from it.
    fn network_like(&self, known: Option<&Self>) -> Result<Network> {
        let known =
            known.filter(|known| known.tree == self.tree).and_then(|model| Some((model, model.network.as_ref()?)));
        let pools = match (self.tree.given_pools(), known) {
            (Some(pools), _) => pools.clone(),
            (None, Some((_, network))) => network.pools().clone(),
            (None, None) => Arc::new(Pools::regular(&self.tree).map_err(|e| e.within("tree"))?),
        };
        let flow = match known.filter(|(model, _)| model.flow == self.flow) {
            Some((_, network)) => network.flow().clone(),
            None => written_out(&self.flow, &pools).map_err(|e| e.within("flow"))?,
        };
        Network::new(NetworkParts {
            pools,
            flow,
            latencies: Arc::new(self.timing.latencies_of_pools(&self.tree)),
            period: self.timing.period().clone(),
            delay: self.timing.delay(),
            discount: self.discount,
            utility_mean: self.utility_mean,
            cost_per_message: self.cost_per_message,
        })
    }

    /// Every pool with its latency and every class with its rates, where they are not alike; `None` of a complete tree whose
    /// pools are alike at every height.
    pub fn network(&self) -> Option<&Arc<Network>> {
        self.network.as_ref()
    }

    /// Refuses a network whose pools are not alike, where `what` takes them to be.
    pub(crate) fn check_alike(&self, what: &str) -> Result<()> {
        if self.network.is_none() {
            return Ok(());
        }
        let allowed =
            format!("one whose pools are alike at every height, for {what}: no given pools, sites or custom flow");
        Err(Error::domain("tree", "(a network)", allowed))
    }

    /// The same model with auctions that may fail or take time.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the execution is one of this tree's heights and pools.
    pub fn with_execution(self, execution: Execution) -> Result<Self> {
        execution.check(&self.tree)?;
        Ok(self.executed(Some(execution).filter(|execution| !execution.is_perfect())))
    }

    fn executed(self, execution: Option<Execution>) -> Self {
        let period = self.timing.period().clone();
        let network = self.network.as_ref().map(|network| Arc::new(network.with(period, execution.clone())));
        Self { network, execution, ..self }
    }

    /// The same model with every auction executed at once and for sure.
    #[must_use]
    pub fn without_execution(self) -> Self {
        self.executed(None)
    }

    /// Whether and when auctions are executed; `None` if all are, at once.
    pub fn execution(&self) -> Option<&Execution> {
        self.execution.as_ref()
    }

    /// Refuses auctions that may fail or take time, where `what` knows none.
    pub(crate) fn check_perfect(&self, what: &str) -> Result<()> {
        if self.execution.is_none() {
            return Ok(());
        }
        let allowed = format!("left out: {what} takes every auction to be executed at once");
        Err(Error::domain("keepers", "(given)", allowed))
    }

    /// Time after which an auction of `height ≤ k` is given up.
    pub(crate) fn deadline_at(&self, height: u32) -> f64 {
        self.execution.as_ref().map_or(0.0, |execution| execution.at(height).deadline())
    }

    /// The same model with other periods; latencies, which may be long sums, are not computed again.
    ///
    /// # Errors
    /// As [`Model::new`] about the periods.
    pub(crate) fn with_period(&self, period: Period) -> Result<Self> {
        period.check(&self.tree).map_err(|e| e.within("timing.period"))?;
        let timing = self.timing.with_period(period.clone());
        let network = self.network.as_ref().map(|network| Arc::new(network.with(period, self.execution.clone())));
        let model = Self { timing, network, ..self.clone() };
        model.check_orders_per_window()?;
        Ok(model)
    }

    /// Orders per window must be finite at every height that has a period of its own.
    fn check_orders_per_window(&self) -> Result<()> {
        if self.timing.period().depends_on_lower_heights() {
            return Ok(()); // known only for an architecture; checked there
        }
        for height in [0, self.tree.depth()] {
            self.check_orders(self.timing.period().at(height, 0.0, None)?)?;
        }
        Ok(())
    }

    /// Latency, period and offset of every active height of `architecture`.
    ///
    /// # Errors
    /// [`Error::Domain`] for a height above the depth, or on `timing.latency` for a height without latency under
    /// back-to-back auctions; [`Error::NotFinite`] if offsets or periods overflow.
    pub fn schedule(&self, architecture: &Architecture) -> Result<Schedule> {
        architecture.check(&self.tree)?;
        if let Some(network) = &self.network {
            let levels = network.schedule(architecture.heights())?;
            return Ok(Schedule::from_levels(levels.iter().map(|level| network.summary(level)).collect()));
        }
        self.timing.schedule(&self.latencies, |height| self.deadline_at(height), architecture)
    }

    /// Latency `L_h` of an auction at `height ≤ k`, solving time included; the largest, where pools differ.
    pub(crate) fn latency_at(&self, height: u32) -> f64 {
        self.latencies[height as usize]
    }

    /// Orders in a window of `period` must be finite.
    pub(crate) fn check_orders(&self, period: f64) -> Result<()> {
        if (self.flow.rate() * period).is_finite() {
            return Ok(());
        }
        let what = format!("the number of orders in a window of {}", shown(period));
        Err(Error::not_finite("flow.rate", self.flow.rate(), what))
    }

    /// The pool tree.
    pub fn tree(&self) -> &PoolTree {
        &self.tree
    }

    /// The order flow.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Latency, period and delay.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// The discount.
    pub fn discount(&self) -> &Discount {
        &self.discount
    }

    /// Mean utility `ū` of a filled order.
    pub fn utility_mean(&self) -> f64 {
        self.utility_mean
    }

    /// Cost `κ` of one message, in units of utility.
    pub fn cost_per_message(&self) -> f64 {
        self.cost_per_message
    }
}
