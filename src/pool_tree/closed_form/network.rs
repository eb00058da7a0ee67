//! Exact expected fills and welfare of a network, as a sum over pools.

use super::{ClosedForm, Filling, HeightWelfare};
use crate::error::{Error, Result};
use crate::kernels::matched::Sides;
use crate::kernels::sum::Sum;
use crate::pool_tree::model::{Class, Network, NetworkLevel, Pools};
use crate::pool_tree::{Delay, Executed};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Two ratios of sides that differ by less are the same.
const SAME: f64 = 4.0 * f64::EPSILON;

/// The most blocks of classes whose sums are merged, in their order, on any number of threads.
const MOST_BLOCKS: usize = 128;

/// The fewest classes of a block.
const LEAST_BLOCK: usize = 64;

/// Exact expected welfare of one set of active heights of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkWelfare {
    /// All pools of a height together: latency and offset are the largest, discount and filling rate means over orders.
    pub total: ClosedForm,
    /// By active height, pool by pool.
    pub pools: Vec<Vec<PoolWelfare>>,
    /// By active height: share of all orders that it would fill if no auction failed.
    pub(crate) neutral: Vec<f64>,
    /// By active height: share of all orders that is still unfilled after it.
    pub(crate) unfilled: Vec<f64>,
}

/// What one pool contributes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolWelfare {
    /// Share of all orders that it fills.
    pub filled_share: f64,
    /// `E[β^delay]` of an order that it fills.
    pub expected_discount: f64,
    /// Discounted utility per unit time.
    pub gross: f64,
}

/// Orders of one class in one pool and window of a height.
#[derive(Clone, Copy)]
struct Part {
    /// Where in tree order they arrive, one of the places.
    place: usize,
    /// Orders per unit time by side.
    rates: [f64; 2],
    /// Orders of both sides in a window of the level; 0 below the lowest.
    orders: f64,
}

impl Part {
    fn rate(&self) -> f64 {
        self.rates[0] + self.rates[1]
    }

    /// The shares of the sides.
    fn sides(&self) -> Sides {
        let [plus, minus] = self.rates.map(|rate| rate / self.rate());
        Sides { plus, minus }
    }

    /// Whether the sides are in the same proportion, so that one is the other in a longer window.
    fn like(&self, other: &Self) -> bool {
        let [a, b] = [self.rates[0] * other.rates[1], self.rates[1] * other.rates[0]];
        (a - b).abs() <= SAME * a.max(b)
    }
}

/// Evaluates the active `heights`, given from the lowest to the highest.
///
/// ```text
/// M_P   = Σ_classes 2 E min(N+, N-)/T_h,   N± ~ Poisson(a±_P T_h),   a±_P = Σ_{operators in P} a±
/// F_P   = M_P - Σ_{C in P} M_C,            C the pools of the next lower active height
/// gross = ū Σ_P F_P E[β^delay at P],       delay with the offset and the latency of P
/// cost  = κ Σ_{h ∈ A} Σ_{P at h} m_P²/T_h
/// ```
///
/// Each part `C` of a pool adds `(a_C + b_C)(m_P - m_C)`, `m` the filled shares: where its sides are in the proportion of the
/// pool's, that is one positive integral, else the difference of the filled or of the unfilled shares, whichever is smaller.
/// The cost is that of the operators at which each class arrives, times the active heights. Where auctions may fail, what a pool
/// has matched and not executed is left to its parent: `F_P + Σ_C D_C` is filled with probability `e_P`, else it is `D_P`.
///
/// Source: *Operator pool trees*, "TODO: general calculation"; derived in docs/models/networks.md, "Networks".
///
/// # Errors
/// As [`Network::schedule`]; [`Error::NotFinite`] if the cost overflows.
///
/// ```
/// use pooltree::pool_tree::{Class, CustomFlow, Network, NetworkParts, Pools, closed_form::network::evaluate};
/// use pooltree::pool_tree::{Delay, Discount, DiscountModel, Period, PeriodModel};
/// // Two operators that sell what the other buys, one order each per window: only the pool of both fills.
/// let network = Network::new(NetworkParts {
///     pools: Pools::new(2, &[])?.into(),
///     flow: CustomFlow::new(2, vec![Class::new([&[(0, 1.0)], &[(1, 1.0)]])?])?,
///     latencies: vec![vec![0.0, 0.0], vec![1.0]].into(),
///     period: Period::new(PeriodModel::Ratio { base: 1.0, ratio: 1 })?,
///     delay: Delay::Cumulative,
///     discount: Discount::new(DiscountModel::Factor(0.5))?,
///     utility_mean: 1.0,
///     cost_per_message: 0.0,
/// })?;
/// let welfare = evaluate(&network, &[0, 1])?;
/// assert_eq!(welfare.total.by_height[0].filled_share, 0.0);
/// // E min of two Poisson(1): .4762, filled after one unit of time.
/// assert!((welfare.total.gross - 2.0 * 0.4762 * 0.5).abs() < 1e-4);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn evaluate(network: &Network, heights: &[u32]) -> Result<NetworkWelfare> {
    Evaluator::new(network).evaluate(heights)
}

/// [`evaluate`] under another law of the counts, `law` of the shares of the two sides: what telescopes is the same.
pub(crate) fn evaluate_under<F: Filling>(
    network: &Network,
    heights: &[u32],
    law: impl Fn(Sides) -> F + Sync,
) -> Result<NetworkWelfare> {
    let schedule = network.schedule(heights)?;
    let mut below = None;
    let steps = schedule.iter().map(|level| {
        let window = (level.height, level.period.to_bits());
        Arc::new(step(network, below.replace(window), window, &law))
    });
    let steps: Vec<_> = steps.collect();
    assemble(network, &schedule, &steps)
}

/// Evaluates several sets of heights of one network, what a height fills beyond another computed once.
pub(crate) struct Evaluator<'n> {
    network: &'n Network,
    known: HashMap<(Option<Window>, Window), Arc<Step>>,
}

/// Height and period of a level; the period by its bits.
type Window = (u32, u64);

impl<'n> Evaluator<'n> {
    pub(crate) fn new(network: &'n Network) -> Self {
        Self { network, known: HashMap::new() }
    }

    /// [`evaluate`].
    pub(crate) fn evaluate(&mut self, heights: &[u32]) -> Result<NetworkWelfare> {
        self.evaluate_without(heights, None)
    }

    /// [`evaluate`] if the auctions of one height took those above no time.
    pub(crate) fn evaluate_without(&mut self, heights: &[u32], delayless: Option<u32>) -> Result<NetworkWelfare> {
        let schedule = self.network.schedule_without(heights, delayless)?;
        let mut below = None;
        let mut steps = Vec::with_capacity(schedule.len());
        for level in &schedule {
            let window = (level.height, level.period.to_bits());
            let step = self
                .known
                .entry((below, window))
                .or_insert_with(|| Arc::new(step(self.network, below, window, &|sides| sides)));
            steps.push(Arc::clone(step));
            below = Some(window);
        }
        assemble(self.network, &schedule, &steps)
    }
}

/// What the pools of one level fill beyond what those of the next lower one have filled.
struct Step {
    /// Orders per unit time by pool, `F_P`.
    filled: Vec<f64>,
    /// Orders per unit time that are unfilled after it.
    unfilled: f64,
}

fn step<F: Filling>(
    network: &Network,
    below: Option<Window>,
    level: Window,
    law: &(impl Fn(Sides) -> F + Sync),
) -> Step {
    let (pools, classes) = (network.pools(), network.flow().classes());
    let block = classes.len().div_ceil(MOST_BLOCKS).max(LEAST_BLOCK);
    let sums: Vec<(Vec<Sum>, Sum)> = classes
        .par_chunks(block)
        .map(|classes| {
            let mut filled = vec![Sum::default(); pools.count(level.0)];
            let mut unfilled = Sum::default();
            classes.iter().for_each(|class| add_class(pools, class, below, level, law, &mut filled, &mut unfilled));
            (filled, unfilled)
        })
        .collect();
    let of_pool = |pool: usize| sums.iter().map(|(filled, _)| filled[pool].value()).collect::<Sum>().value();
    Step {
        filled: (0..pools.count(level.0)).map(of_pool).collect(),
        unfilled: sums.iter().map(|(_, unfilled)| unfilled.value()).collect::<Sum>().value(),
    }
}

/// Adds what one class fills at every pool of a level.
fn add_class<F: Filling>(
    pools: &Pools,
    class: &Class,
    below: Option<Window>,
    (height, period): Window,
    law: &impl Fn(Sides) -> F,
    filled: &mut [Sum],
    unfilled: &mut Sum,
) {
    let copies = class.copies() as f64;
    let mut parts: Vec<Part> = class
        .rates()
        .iter()
        .map(|&(operator, rates)| Part { place: pools.place(operator), rates, orders: 0.0 })
        .collect();
    parts.sort_unstable_by_key(|part| part.place);
    if let Some((height, period)) = below {
        parts = together(pools, &parts, height, f64::from_bits(period)).map(|(_, whole)| whole).collect();
    }
    for (members, whole) in together(pools, &parts, height, f64::from_bits(period)) {
        let rest = law(whole.sides()).unfilled(whole.orders);
        unfilled.add(copies * whole.rate() * rest);
        add_fills(&mut filled[pools.pool_at(height, whole.place)], copies, &whole, law, rest, members);
    }
}

/// The parts of a class in every pool of a height that sees it, and all of them together in a window of the height.
fn together<'p>(
    pools: &Pools,
    parts: &'p [Part],
    height: u32,
    period: f64,
) -> impl Iterator<Item = (&'p [Part], Part)> {
    let pool_of = move |part: &Part| pools.pool_at(height, part.place);
    parts.chunk_by(move |a, b| pool_of(a) == pool_of(b)).map(move |members| {
        let side = |side: usize| members.iter().map(|part| part.rates[side]).collect::<Sum>().value();
        let rates = [side(0), side(1)];
        (members, Part { place: members[0].place, rates, orders: (rates[0] + rates[1]) * period })
    })
}

/// What a pool fills of a class beyond what its parts have filled.
fn add_fills<F: Filling>(
    sum: &mut Sum,
    copies: f64,
    whole: &Part,
    law: &impl Fn(Sides) -> F,
    rest: f64,
    members: &[Part],
) {
    let sides = law(whole.sides());
    let all = sides.filled(whole.orders);
    let mut last: Option<(Part, f64)> = None;
    for part in members {
        // Operators with the same rates follow each other often.
        let known = last.filter(|(other, _)| other.rates == part.rates && other.orders == part.orders);
        let more = known.map_or_else(
            || {
                if part.orders == 0.0 {
                    all
                } else if part.like(whole) {
                    sides.filled_between(part.orders, whole.orders)
                } else {
                    let own = law(part.sides());
                    let (before, left) = (own.filled(part.orders), own.unfilled(part.orders));
                    if all + before <= rest + left { all - before } else { left - rest }
                }
            },
            |(_, more)| more,
        );
        sum.add(copies * part.rate() * more);
        last = Some((*part, more));
    }
}

/// What one pool has matched and filled, as shares of all orders.
#[derive(Clone, Copy)]
struct Executing {
    /// Filled, `e_P (F_P + Σ D_C)`.
    filled: f64,
    /// The same, times `E[β^S]` of the delay of the execution.
    discounted: f64,
    /// Matched and not filled, because neither this auction nor a lower one was executed: `D_P`.
    left: f64,
}

fn assemble(network: &Network, schedule: &[NetworkLevel], steps: &[Arc<Step>]) -> Result<NetworkWelfare> {
    let (rate, pools) = (network.flow().rate(), network.pools());
    let share = |orders: f64| (orders / rate).clamp(0.0, 1.0);
    let mut by_height = Vec::with_capacity(schedule.len());
    let mut by_pool: Vec<Vec<PoolWelfare>> = Vec::with_capacity(schedule.len());
    let mut reaching = 1.0;
    let mut unfilled = Vec::with_capacity(schedule.len());
    let mut left: Vec<f64> = Vec::new();
    for (i, (level, step)) in schedule.iter().zip(steps).enumerate() {
        let executing = |pool: usize| {
            let below = i.checked_sub(1).map(|i| schedule[i].height);
            let parts = below.map_or(0..0, |below| pools.parts(level.height, pool, below));
            let matched = share(step.filled[pool]) + parts.map(|part| left[part]).sum::<f64>();
            let Executed { probability, discounted } = network.executed(level.height, pool);
            Executing {
                filled: probability * matched,
                discounted: discounted * matched,
                left: (1.0 - probability).max(0.0) * matched,
            }
        };
        let executions: Vec<Executing> = (0..pools.count(level.height)).map(executing).collect();
        let waiting = match network.delay() {
            Delay::Batched => network.discount().mean_over_wait(level.period),
            Delay::Idealised | Delay::Cumulative => 1.0,
        };
        let of_pool = |(pool, executing): (usize, &Executing)| {
            let arrived = network.discount().after(level.offsets[pool] + network.latency(level.height, pool));
            let Executed { probability, discounted } = network.executed(level.height, pool);
            let delay_factor = if probability > 0.0 { discounted / probability } else { 1.0 };
            let gross = network.utility_mean() * rate * executing.discounted * arrived * waiting;
            PoolWelfare { filled_share: executing.filled, expected_discount: arrived * waiting * delay_factor, gross }
        };
        let own: Vec<PoolWelfare> = executions.iter().enumerate().map(of_pool).collect();
        by_height.push(height_welfare(network, level, &own, reaching)?);
        left = executions.iter().map(|executing| executing.left).collect();
        reaching = (share(step.unfilled) + left.iter().sum::<f64>()).min(1.0);
        unfilled.push(reaching);
        by_pool.push(own);
    }
    let neutral = |step: &Arc<Step>| share(step.filled.iter().copied().collect::<Sum>().value());
    let total = |of: fn(&HeightWelfare) -> f64| by_height.iter().map(of).collect::<Sum>().value();
    let (gross, cost) = (total(|height| height.gross), total(|height| height.cost));
    if !(cost.is_finite() && (cost / rate).is_finite()) {
        return Err(cost_overflow(network));
    }
    let total = ClosedForm {
        gross,
        cost,
        net: gross - cost,
        gross_per_order: gross / rate,
        net_per_order: (gross - cost) / rate,
        filled_share: total(|height| height.filled_share).min(1.0),
        unfilled_share: reaching,
        by_height,
    };
    Ok(NetworkWelfare { total, pools: by_pool, neutral: steps.iter().map(neutral).collect(), unfilled })
}

/// All pools of a height together; `reaching` is the share of the orders that reach it.
fn height_welfare(
    network: &Network,
    level: &NetworkLevel,
    own: &[PoolWelfare],
    reaching: f64,
) -> Result<HeightWelfare> {
    let pools = own.len() as f64;
    let sum = |of: &dyn Fn(&PoolWelfare) -> f64| own.iter().map(of).collect::<Sum>().value();
    let filled_share = sum(&|pool| pool.filled_share).min(1.0);
    let discounted = sum(&|pool| pool.filled_share * pool.expected_discount);
    let mean_discount = sum(&|pool| pool.expected_discount) / pools;
    let executed = (0..own.len()).map(|pool| network.executed(level.height, pool).probability).sum::<f64>() / pools;
    let cost = network.cost_per_message() * network.pools().messages(level.height) / level.period;
    if !cost.is_finite() {
        return Err(cost_overflow(network));
    }
    let summary = network.summary(level);
    Ok(HeightWelfare {
        height: level.height,
        latency: summary.latency,
        period: level.period,
        offset: summary.offset,
        deadline: level.deadline,
        executed,
        pipelined: summary.is_pipelined(),
        filling_rate: if reaching > 0.0 { (filled_share / reaching).min(1.0) } else { 0.0 },
        filled_share,
        expected_discount: if filled_share > 0.0 { discounted / filled_share } else { mean_discount },
        gross: sum(&|pool| pool.gross),
        cost,
    })
}

fn cost_overflow(network: &Network) -> Error {
    Error::not_finite("cost.per_message", network.cost_per_message(), "the communication cost, or that per order,")
}
