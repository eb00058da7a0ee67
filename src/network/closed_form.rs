//! Exact expected fills and welfare of a network, as a sum over pools.

use super::Network;
use crate::error::{Error, Result};
use crate::kernels::matched::Sides;
use crate::kernels::sum::Sum;
use crate::pool_tree::Delay;
use crate::pool_tree::closed_form::{ClosedForm, HeightWelfare};

/// Two ratios of sides that differ by less are the same.
const SAME: f64 = 4.0 * f64::EPSILON;

/// Exact expected welfare of one set of active heights of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkWelfare {
    /// All pools of a height together: latency and offset are the largest, discount and filling rate means over orders.
    pub total: ClosedForm,
    /// By active height, pool by pool.
    pub pools: Vec<Vec<PoolWelfare>>,
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
/// The cost is that of the operators at which each class arrives, times the active heights.
///
/// Source: *Operator pool trees*, "TODO: general calculation"; derived in docs/derivations.md, "Networks".
///
/// # Errors
/// As [`Network::schedule`]; [`Error::NotFinite`] if the cost overflows.
///
/// ```
/// use pooltree::network::{Class, CustomFlow, Network, NetworkParts, Pools, closed_form::evaluate};
/// use pooltree::pool_tree::{Delay, Discount, DiscountModel, Period, PeriodModel};
/// // Two operators that sell what the other buys, one order each per window: only the pool of both fills.
/// let network = Network::new(NetworkParts {
///     pools: Pools::new(2, &[])?,
///     flow: CustomFlow::new(2, vec![Class::new([&[(0, 1.0)], &[(1, 1.0)]])?])?,
///     latencies: vec![vec![0.0, 0.0], vec![1.0]],
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
    let schedule = network.schedule(heights)?;
    let pools = network.pools();
    let mut filled: Vec<Vec<Sum>> = heights.iter().map(|&height| vec![Sum::default(); pools.count(height)]).collect();
    let mut unfilled = vec![Sum::default(); heights.len()];
    for class in network.flow().classes() {
        let mut parts: Vec<Part> = class
            .rates()
            .iter()
            .map(|&(operator, rates)| Part { place: pools.place(operator), rates, orders: 0.0 })
            .collect();
        parts.sort_by_key(|part| part.place);
        for (i, level) in schedule.iter().enumerate() {
            let pool_of = |part: &Part| pools.pool_at(level.height, part.place);
            let mut wholes = Vec::with_capacity(parts.len());
            for members in parts.chunk_by(|a, b| pool_of(a) == pool_of(b)) {
                let side = |side: usize| members.iter().map(|part| part.rates[side]).collect::<Sum>().value();
                let rates = [side(0), side(1)];
                let whole = Part { place: members[0].place, rates, orders: (rates[0] + rates[1]) * level.period };
                let sides = whole.sides();
                let rest = sides.unfilled(whole.orders);
                unfilled[i].add(whole.rate() * rest);
                let in_pool = &mut filled[i][pool_of(&whole)];
                add_fills(in_pool, &whole, sides, rest, members);
                wholes.push(whole);
            }
            parts = wholes;
        }
    }
    assemble(network, &schedule, &filled, &unfilled)
}

/// What a pool fills of a class beyond what its parts have filled.
fn add_fills(sum: &mut Sum, whole: &Part, sides: Sides, rest: f64, members: &[Part]) {
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
                    let own = part.sides();
                    let (before, left) = (own.filled(part.orders), own.unfilled(part.orders));
                    if all + before <= rest + left { all - before } else { left - rest }
                }
            },
            |(_, more)| more,
        );
        sum.add(part.rate() * more);
        last = Some((*part, more));
    }
}

fn assemble(
    network: &Network,
    schedule: &[super::NetworkLevel],
    filled: &[Vec<Sum>],
    unfilled: &[Sum],
) -> Result<NetworkWelfare> {
    let (rate, pools) = (network.flow().rate(), network.pools());
    let share = |sum: &Sum| (sum.value() / rate).clamp(0.0, 1.0);
    let mut by_height = Vec::with_capacity(schedule.len());
    let mut by_pool = Vec::with_capacity(schedule.len());
    let mut reaching = 1.0;
    for ((level, filled), unfilled) in schedule.iter().zip(filled).zip(unfilled) {
        let waiting = match network.delay() {
            Delay::Batched => network.discount().mean_over_wait(level.period),
            Delay::Idealised | Delay::Cumulative => 1.0,
        };
        let of_pool = |(pool, sum): (usize, &Sum)| {
            let arrived = network.discount().after(level.offsets[pool] + network.latency(level.height, pool));
            let (filled_share, expected_discount) = (share(sum), arrived * waiting);
            let gross = network.utility_mean() * rate * filled_share * expected_discount;
            PoolWelfare { filled_share, expected_discount, gross }
        };
        let own: Vec<PoolWelfare> = filled.iter().enumerate().map(of_pool).collect();
        let sum = |of: fn(&PoolWelfare) -> f64| own.iter().map(of).collect::<Sum>().value();
        let filled_share = sum(|pool| pool.filled_share).min(1.0);
        let discounted = sum(|pool| pool.filled_share * pool.expected_discount);
        let latencies = || (0..pools.count(level.height)).map(|pool| network.latency(level.height, pool));
        let latency = latencies().fold(0.0, f64::max);
        let cost = network.cost_per_message() * pools.messages(level.height) / level.period;
        let mean_discount = own.iter().map(|pool| pool.expected_discount).sum::<f64>() / own.len() as f64;
        by_height.push(HeightWelfare {
            height: level.height,
            latency,
            period: level.period,
            offset: level.offsets.iter().copied().fold(0.0, f64::max),
            deadline: 0.0,
            executed: 1.0,
            pipelined: latency > level.period,
            filling_rate: if reaching > 0.0 { (filled_share / reaching).min(1.0) } else { 0.0 },
            filled_share,
            expected_discount: if filled_share > 0.0 { discounted / filled_share } else { mean_discount },
            gross: sum(|pool| pool.gross),
            cost,
        });
        reaching = share(unfilled);
        by_pool.push(own);
    }
    let total = |of: fn(&HeightWelfare) -> f64| by_height.iter().map(of).collect::<Sum>().value();
    let (gross, cost) = (total(|height| height.gross), total(|height| height.cost));
    if !(cost.is_finite() && (cost / rate).is_finite()) {
        return Err(Error::not_finite("cost_per_message", network.cost_per_message(), "the communication cost"));
    }
    let filled_share = total(|height| height.filled_share).min(1.0);
    let total = ClosedForm {
        gross,
        cost,
        net: gross - cost,
        gross_per_order: gross / rate,
        net_per_order: (gross - cost) / rate,
        filled_share,
        unfilled_share: reaching,
        by_height,
    };
    Ok(NetworkWelfare { total, pools: by_pool })
}
