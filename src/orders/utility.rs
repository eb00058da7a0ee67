//! A user's own utility of the set of orders that are filled together.

use super::Orders;
use super::simulation::{Auction, Edge, Observer, Order, OrdersEngine};
use crate::error::{Error, Result};
use crate::estimate::{Estimate, Moments, MonteCarlo, Stopping};
use crate::pool_tree::{Architecture, Discount, Model};
use crate::progress::Progress;
use nalgebra::DVector;

/// The most orders and batches of a run.
const MOST_WORK: f64 = 1e10;

/// What the utility of a set of orders is discounted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discounting {
    /// By every order's own delay, as if the orders shared the utility equally: the mean of `β^delay` over the set.
    EachOrder,
    /// By the delay of the batch, from the close of its window to the end of its auction.
    Batch,
    /// Not at all: the utility has seen to it.
    Own,
}

/// One filled order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilledOrder {
    /// What it swaps.
    pub edge: Edge,
    /// The order.
    pub order: Order,
    /// Its delay as the delay model counts it.
    pub delay: f64,
    /// `β^delay`.
    pub discount: f64,
}

/// The orders that one auction of one pool fills together, of all markets; never empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilledSet<'a> {
    /// The auction.
    pub auction: Auction,
    /// Its filled orders.
    pub orders: &'a [FilledOrder],
}

/// Estimated utility of the filled sets.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedUtility {
    /// Discounted utility per unit of time.
    pub gross: Estimate,
    /// The same, by active height from the lowest to the highest.
    pub by_height: Vec<Estimate>,
    /// Auctions that fill anything, per unit of time.
    pub auctions: Estimate,
}

/// Simulates `architecture` under `model` and `orders`, as [`SimulatedOrders::simulate`](
/// super::simulation::SimulatedOrders::simulate) does, and asks `utility` what every set of orders is worth that an
/// auction fills; the orders of one replication are held in memory.
///
/// # Errors
/// [`Error::OutOfReach`] if the simulation takes too long; [`Error::Domain`] for a wanted precision instead of a number of
/// replications, and for a utility that is not finite.
///
/// ```
/// use pooltree::orders::{Orders, utility::{Discounting, FilledSet, simulate}};
/// use pooltree::{Scenario, pool_tree::Architecture};
/// let scenario = Scenario::document();
/// let tree = Architecture::full(scenario.tree());
/// let simulate = |utility: &(dyn Fn(&FilledSet) -> f64 + Sync)| {
///     let run = scenario.monte_carlo();
///     simulate(&scenario, &tree, &Orders::default(), run, utility, Discounting::Batch, &|_, _| ())
/// };
/// // Additive, and with fees that the set shares: half a unit an auction.
/// let additive = simulate(&|set| set.orders.len() as f64)?;
/// let shared = simulate(&|set| set.orders.len() as f64 - 0.5)?;
/// let lost = additive.gross.mean - shared.gross.mean;
/// assert!(lost > 0.0 && lost < 0.5 * additive.auctions.mean);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn simulate(
    model: &Model,
    architecture: &Architecture,
    orders: &Orders,
    monte_carlo: &MonteCarlo,
    utility: &(dyn Fn(&FilledSet) -> f64 + Sync),
    discounting: Discounting,
    progress: Progress,
) -> Result<SimulatedUtility> {
    let engine = OrdersEngine::new(model, architecture, orders)?;
    let Stopping::Replications(replications) = monte_carlo.stopping() else {
        return Err(Error::domain("precision", "(given)", "left out: a number of replications"));
    };
    let work = engine.work_per_replication() * replications as f64;
    if work > MOST_WORK {
        let reason = format!("{work:.1e} orders and batches are more than {MOST_WORK:.0e}");
        return Err(Error::OutOfReach { reason });
    }
    let levels = engine.levels().len();
    let sets = || Sets {
        utility,
        discounting,
        discount: *model.discount(),
        filled: Vec::new(),
        set: Vec::new(),
        sums: vec![0.0; levels + 1],
        moments: Moments::new(levels + 1),
    };
    let mut all = Moments::new(levels + 1);
    let fold = |block: Sets| all.merge(&block.moments);
    engine.watch_in_parallel(monte_carlo.seed(), 0..replications, sets, fold, progress)?;
    let estimate = all.estimate()?;
    if !estimate.covariance().iter().chain(estimate.mean().iter()).all(|x| x.is_finite()) {
        return Err(Error::domain("utility", "(not finite for some set)", "finite for every set of filled orders"));
    }
    let time = engine.orders_per_replication() / model.flow().rate();
    let weights = |first: usize, last: usize| {
        let inside = |i: usize| if (first..last).contains(&i) { time.recip() } else { 0.0 };
        DVector::from_fn(levels + 1, |i, _| inside(i))
    };
    Ok(SimulatedUtility {
        gross: estimate.linear(&weights(0, levels)),
        by_height: (0..levels).map(|level| estimate.linear(&weights(level, level + 1))).collect(),
        auctions: estimate.linear(&weights(levels, levels + 1)),
    })
}

/// Collects the filled orders of a replication auction by auction.
struct Sets<'a> {
    utility: &'a (dyn Fn(&FilledSet) -> f64 + Sync),
    discounting: Discounting,
    discount: Discount,
    filled: Vec<(Auction, FilledOrder)>,
    set: Vec<FilledOrder>,
    sums: Vec<f64>,
    moments: Moments,
}

impl Observer for Sets<'_> {
    fn filled(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        self.filled.extend(orders.iter().map(|order| {
            let delay = auction.delay(order);
            (*auction, FilledOrder { edge, order: *order, delay, discount: self.discount.after(delay) })
        }));
    }

    fn expired(&mut self, _: Edge, _: &Order, _: f64) {}

    fn waiting(&mut self, _: Edge, _: &[Order]) {}

    fn ended(&mut self, _: u64) {
        // Markets come one after the other; an auction fills the orders of all of them together.
        let key = |auction: &Auction| (auction.level, auction.pool);
        self.filled.sort_by(|(a, _), (b, _)| key(a).cmp(&key(b)).then(a.closes.total_cmp(&b.closes)));
        let mut rest = self.filled.as_slice();
        while let Some(&(auction, _)) = rest.first() {
            let same =
                |(other, _): &&(Auction, FilledOrder)| key(other) == key(&auction) && other.closes == auction.closes;
            let (together, others) = rest.split_at(rest.iter().take_while(same).count());
            self.set.clear();
            self.set.extend(together.iter().map(|(_, order)| *order));
            let worth = (self.utility)(&FilledSet { auction, orders: &self.set });
            let discount = match self.discounting {
                Discounting::EachOrder => {
                    self.set.iter().map(|filled| filled.discount).sum::<f64>() / self.set.len() as f64
                }
                Discounting::Batch => self.discount.after(auction.ends - auction.closes),
                Discounting::Own => 1.0,
            };
            self.sums[auction.level] += worth * discount;
            if let Some(auctions) = self.sums.last_mut() {
                *auctions += 1.0;
            }
            rest = others;
        }
        self.filled.clear();
        self.moments.add(&self.sums);
        self.sums.fill(0.0);
    }
}
