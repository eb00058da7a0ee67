//! Whole scenarios, alone and with an architecture.

use super::flow::{RawFlow, raw_flow};
use super::numbers::{cost_per_message, discount, utility_mean};
use super::orders::orders;
use super::timing::{RawTiming, raw_timing};
use super::tree::{RawArchitecture, fit_tree, raw_architecture, raw_tree};
use crate::estimate::{MonteCarlo, Stopping};
use crate::kernels::elementary::{exp, ln, pow};
use crate::orders::Orders;
use crate::pool_tree::{Architecture, Discount, Flow, Kind, Model, PeriodModel, PoolTree, Timing};
use crate::scenario::Scenario;
use proptest::prelude::*;

/// Orders per window that a simulation is asked for at most, where work is limited.
const MOST_ORDERS: f64 = 1e9;

/// A total communication cost above this is cut.
const LARGEST_COST: f64 = 1e200;

/// Bounds on what [`scenario_with`] and [`scenario_and_architecture_with`] generate.
///
/// ```
/// use pooltree::strategies::ScenarioOptions;
/// let small = ScenarioOptions::default().with_max_operators(64.0).with_max_depth(6).with_max_work(1e4);
/// assert_eq!(small.max_depth(), 6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScenarioOptions {
    operators: f64,
    depth: u32,
    work: f64,
}

impl Default for ScenarioOptions {
    /// Up to a million operators at any depth, without regard to simulations.
    fn default() -> Self {
        Self { operators: 1e6, depth: u32::MAX, work: f64::INFINITY }
    }
}

impl ScenarioOptions {
    /// At most this many operators; `f64::MAX` for all trees, those too large to be numbered included.
    #[must_use]
    pub fn with_max_operators(self, max_operators: f64) -> Self {
        Self { operators: max_operators, ..self }
    }

    /// At most this many levels above the operators.
    #[must_use]
    pub fn with_max_depth(self, max_depth: u32) -> Self {
        Self { depth: max_depth, ..self }
    }

    /// One replication takes at most this many draws (and 1e9 orders), whatever the architecture.
    ///
    /// A scenario that takes more is made smaller: two assets, then one common window, then fewer levels. At depth 0 it
    /// takes a draw for each component, which is not undercut.
    #[must_use]
    pub fn with_max_work(self, max_work: f64) -> Self {
        Self { work: max_work, ..self }
    }

    /// The most operators.
    pub fn max_operators(&self) -> f64 {
        self.operators
    }

    /// The greatest depth.
    pub fn max_depth(&self) -> u32 {
        self.depth
    }

    /// The most draws of one replication.
    pub fn max_work(&self) -> f64 {
        self.work
    }
}

/// Scenarios with up to a million operators: [`scenario_with`] the default options.
pub fn scenario() -> impl Strategy<Value = Scenario> + Clone {
    scenario_with(ScenarioOptions::default())
}

/// Scenarios within the bounds of `options`, every part as its own strategy generates it.
///
/// Back to back, a scenario may have heights that cannot hold auctions, even all of them. Utility and cost are as in
/// [`utility_mean`] and [`cost_per_message`], except that a cost near the end of the range of `f64` is cut. Three of four
/// handle orders as the closed form has it, the others as [`super::orders()`] says, most of which no simulation order by order
/// can take.
pub fn scenario_with(options: ScenarioOptions) -> impl Strategy<Value = Scenario> + Clone + use<> {
    raw_scenario().prop_filter_map("a valid scenario", move |raw| raw.within(&options))
}

/// Scenarios with up to a million operators, each with an architecture that can be evaluated.
pub fn scenario_and_architecture() -> impl Strategy<Value = (Scenario, Architecture)> + Clone {
    scenario_and_architecture_with(ScenarioOptions::default())
}

/// Scenarios within the bounds of `options`, each with an architecture as in [`super::architecture`] that can be
/// evaluated: back to back, heights without latency are left out.
pub fn scenario_and_architecture_with(
    options: ScenarioOptions,
) -> impl Strategy<Value = (Scenario, Architecture)> + Clone + use<> {
    (raw_scenario(), raw_architecture()).prop_filter_map("a valid scenario and architecture", move |(raw, heights)| {
        raw.with_heights(&heights, &options)
    })
}

/// All parts before they are fitted to each other, so that each shrinks on its own.
#[derive(Debug, Clone)]
struct RawScenario {
    tree: (u32, u32),
    flow: RawFlow,
    timing: RawTiming,
    discount: Discount,
    utility_mean: f64,
    cost_per_message: f64,
    monte_carlo: MonteCarlo,
    orders: Orders,
}

fn raw_scenario() -> BoxedStrategy<RawScenario> {
    let numbers = (discount(), utility_mean(), cost_per_message(), monte_carlo());
    let orders = prop_oneof![3 => Just(Orders::default()), 1 => orders()];
    (raw_tree(), raw_flow(), raw_timing(), numbers, orders)
        .prop_map(|(tree, flow, timing, (discount, utility_mean, cost_per_message, monte_carlo), orders)| RawScenario {
            tree,
            flow,
            timing,
            discount,
            utility_mean,
            cost_per_message,
            monte_carlo,
            orders,
        })
        .boxed()
}

fn monte_carlo() -> BoxedStrategy<MonteCarlo> {
    let seed = prop_oneof![Just(1), 0..=i64::MAX as u64];
    let stopping = prop_oneof![
        2 => (2u64..=100_000).prop_map(Stopping::Replications),
        1 => (0.001..0.5).prop_map(Stopping::Precision),
    ];
    (seed, stopping)
        .prop_filter_map("a valid simulation", |(seed, stopping)| MonteCarlo::new(seed, stopping).ok())
        .boxed()
}

impl RawScenario {
    fn within(mut self, options: &ScenarioOptions) -> Option<Scenario> {
        let (arity, depth) = self.tree;
        let mut tree = fit_tree(arity, depth.min(options.depth), options.operators)?;
        loop {
            let timing = self.timing.fit(&tree)?;
            let flow = self.flow.fit(&tree)?;
            if work(&tree, &flow, &timing) > options.work {
                if self.flow.assets > 2 {
                    self.flow.assets = 2;
                    continue;
                }
                if !matches!(self.timing.period, PeriodModel::Ratio { ratio: 1, .. }) {
                    self.common_window();
                    continue;
                }
                if tree.depth() > 0 {
                    tree = PoolTree::new(tree.arity(), tree.depth() - 1).ok()?;
                    continue;
                }
            }
            let (shortest, longest) = periods(&tree, &timing);
            if options.work.is_finite() {
                self.flow.rate = self.flow.rate.min(MOST_ORDERS / longest);
            }
            let flow = self.flow.fit(&tree)?;
            // κ γ^(2k) / T is what the most expensive height costs.
            let ln_messages = 2.0 * ln(tree.size_f64(tree.depth())) - ln(shortest);
            let cost_per_message = self.cost_per_message.min(exp(ln(LARGEST_COST) - ln_messages));
            let (utility, discount) = (self.utility_mean, self.discount);
            let model = Model::new(tree, flow, timing, discount, utility, cost_per_message).ok()?;
            return Scenario::new(model, self.monte_carlo).with_orders(self.orders).ok();
        }
    }

    fn with_heights(self, heights: &RawArchitecture, options: &ScenarioOptions) -> Option<(Scenario, Architecture)> {
        let mut unscheduled = self.clone();
        let scenario = self.within(options)?;
        let tree = scenario.tree();
        let back_to_back = scenario.timing().period().depends_on_lower_heights();
        let usable = |height: &u32| !back_to_back || scenario.latency_at(*height) > 0.0;
        let mut active = heights.heights(tree);
        active.retain(usable);
        if active.is_empty() {
            active = (0..=tree.depth()).rev().find(usable).into_iter().collect();
        }
        if active.is_empty() {
            unscheduled.common_window();
            return unscheduled.with_heights(heights, options);
        }
        let architecture = Architecture::new(tree, active).ok()?;
        Some((scenario, architecture))
    }

    /// One common window for all heights.
    fn common_window(&mut self) {
        let base = if let PeriodModel::Ratio { base, .. } = self.timing.period { base } else { 1.0 };
        self.timing.period = PeriodModel::Ratio { base, ratio: 1 };
    }
}

/// The shortest and the longest period that a height can have.
fn periods(tree: &PoolTree, timing: &Timing) -> (f64, f64) {
    let depth = tree.depth();
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), value| (least.min(value), most.max(value)))
    };
    match timing.period().model() {
        PeriodModel::Ratio { base, ratio } => (*base, base * pow(f64::from(*ratio), f64::from(depth))),
        PeriodModel::Table { values } => range(&mut values.iter().copied()),
        PeriodModel::BackToBack => {
            // The lowest active height takes its latency, a higher one less than twice the longest.
            let latencies = timing.latencies(tree).into_iter();
            let (least, most) = range(&mut latencies.filter(|&latency| latency > 0.0));
            (least.min(most.max(1.0)), 2.0 * most)
        }
    }
}

/// The most draws of one replication: every class in every pool and window of the lowest level, over the longest window.
fn work(tree: &PoolTree, flow: &Flow, timing: &Timing) -> f64 {
    let (shortest, longest) = periods(tree, timing);
    let (operators, arity) = (tree.size_f64(tree.depth()), f64::from(tree.arity()));
    let pools = |height: u32| operators / tree.size_f64(height);
    let meet_at = |height: u32| if height == 0 { operators } else { pools(height) * arity * (arity - 1.0) };
    let classes = flow.components().iter().map(|component| match *component.kind() {
        Kind::Uniform => operators,
        Kind::SingleSite { .. } => 1.0,
        Kind::MeetAt { height } | Kind::Nearby { height } => meet_at(height),
        Kind::Opposite => meet_at(tree.depth()),
        Kind::ScaleFree { .. } => (1..=tree.depth()).map(meet_at).sum(),
        Kind::CircleDistance { .. } => 2.0 * operators,
        Kind::Custom(ref flow) => flow.classes().iter().map(|class| class.rates().len() as f64).sum(),
    });
    classes.sum::<f64>() * flow.asset_pairs() * (longest / shortest).max(1.0)
}
