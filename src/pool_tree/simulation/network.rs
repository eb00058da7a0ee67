//! Fills of a network, drawn: counts of every class at every operator and window, matched and passed on.

use crate::error::{Error, Result};
use crate::estimate::{Blocks, Estimate, Moments, VectorEstimate};
use crate::pool_tree::{Class, Delay, Network, NetworkLevel};
use crate::progress::Progress;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Replications of one generator stream, so that the same seed gives the same bits on any number of threads.
const BLOCK: u64 = 64;

/// Blocks that are in memory at once.
const BLOCKS: u64 = 64;

/// The most Poisson counts of a run: some minutes on one core.
const MOST_DRAWS: f64 = 2e10;

/// Monte Carlo estimate of the welfare of a set of active heights of a network; all rates per unit time.
///
/// Arrivals and matches are drawn; waits enter through their expectation, as in
/// [`SimulatedWelfare`](crate::pool_tree::simulation::SimulatedWelfare).
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedNetwork {
    /// Share of all orders filled at each active height in one replication, and then their discounted utility per unit time.
    pub numbers: VectorEstimate,
    /// The seed.
    pub seed: u64,
}

impl SimulatedNetwork {
    /// Simulates `replications` windows of the highest of the active `heights`.
    ///
    /// # Errors
    /// As [`Network::schedule`]; [`Error::Domain`] for fewer than two replications, [`Error::OutOfReach`] for too many draws.
    pub fn simulate(network: &Network, heights: &[u32], seed: u64, replications: u64) -> Result<Self> {
        let run = NetworkRun::new(network, heights)?;
        let draws = run.draws() * replications as f64;
        if draws > MOST_DRAWS {
            let reason = format!("{draws:.0e} Poisson counts, above {MOST_DRAWS:.0e}");
            return Err(Error::OutOfReach { reason });
        }
        Ok(Self { numbers: run.sample(seed, 0, replications)?.estimate()?, seed })
    }

    /// Estimated discounted utility per unit time.
    pub fn gross(&self) -> Estimate {
        self.numbers.component(self.numbers.mean().len() - 1)
    }

    /// Estimated share of all orders filled at the `i`-th active height.
    pub fn filled_share(&self, i: usize) -> Estimate {
        self.numbers.component(i)
    }
}

/// Everything that is drawn.
pub(crate) struct NetworkRun {
    classes: Vec<Course>,
    /// Windows of a height in one of the next higher active one.
    ratios: Vec<u64>,
    /// Orders in a replication.
    orders: f64,
    /// What a unit of discounted fills is worth per unit time.
    worth: f64,
}

/// One class on its way up the tree.
struct Course {
    /// How many equal classes it stands for.
    copies: u64,
    /// Counts of both sides in a window of the lowest active height, by pool that sees the class; `None` of a side without
    /// orders.
    arrivals: Vec<[Option<Poisson<f64>>; 2]>,
    /// By active height.
    levels: Vec<Level>,
}

/// The pools of one active height that see a class.
struct Level {
    /// Expected discount of an order that each of them fills.
    discount: Vec<f64>,
    /// Place of each of them among those of the next higher active height; empty at the highest.
    parent: Vec<usize>,
}

impl NetworkRun {
    pub(super) fn new(network: &Network, heights: &[u32]) -> Result<Self> {
        let schedule = network.schedule(heights)?;
        let ratios: Vec<u64> =
            schedule.windows(2).map(|pair| (pair[1].period / pair[0].period).round().max(1.0) as u64).collect();
        let top = schedule.last().map_or(1.0, |level| level.period);
        let classes = network.flow().classes().iter().map(|class| Course::new(network, &schedule, class));
        Ok(Self {
            classes: classes.collect::<Result<_>>()?,
            ratios,
            orders: network.flow().rate() * top,
            worth: network.utility_mean() / top,
        })
    }

    /// Poisson counts of one replication.
    pub(super) fn draws(&self) -> f64 {
        let windows: f64 = self.ratios.iter().map(|&ratio| ratio as f64).product();
        let counts = |class: &Course| class.arrivals.len() as f64 * class.copies as f64;
        self.classes.iter().map(counts).sum::<f64>() * 2.0 * windows
    }

    fn block<R: Rng + ?Sized>(&self, replications: u64, rng: &mut R) -> Moments {
        let levels = self.ratios.len() + 1;
        let mut moments = Moments::new(levels + 1);
        let mut numbers = vec![0.0; levels + 1];
        let mut market = Market::default();
        for _ in 0..replications {
            numbers.fill(0.0);
            for class in &self.classes {
                for _ in 0..class.copies {
                    market.start(class);
                    market.window(class, &self.ratios, levels - 1, &mut numbers, rng);
                }
            }
            for filled in &mut numbers[..levels] {
                *filled /= self.orders;
            }
            numbers[levels] *= self.worth;
            moments.add(&numbers);
        }
        moments
    }
}

impl Blocks for NetworkRun {
    /// Share of all orders filled at each active height, and then their discounted utility per unit time.
    type Seen = Moments;

    fn nothing(&self) -> Moments {
        Moments::new(self.ratios.len() + 2)
    }

    fn block_len(&self) -> u64 {
        BLOCK
    }

    fn draw(&self, seed: u64, streams: u64, range: Range<u64>, seen: &mut Moments, progress: Progress) -> Result<()> {
        let replications = range.end.saturating_sub(range.start);
        let blocks = replications.div_ceil(BLOCK);
        let streams = streams + range.start / BLOCK;
        let done = AtomicU64::new(0);
        for first in (0..blocks).step_by(BLOCKS as usize) {
            let some = first..blocks.min(first + BLOCKS);
            let drawn: Vec<Moments> = some
                .into_par_iter()
                .map(|block| {
                    let mut rng = ChaCha8Rng::seed_from_u64(seed);
                    rng.set_stream(streams + block);
                    let own = BLOCK.min(replications - block * BLOCK);
                    let drawn = self.block(own, &mut rng);
                    progress(done.fetch_add(own, Ordering::Relaxed) + own, replications);
                    drawn
                })
                .collect();
            drawn.iter().for_each(|block| seen.merge(block));
        }
        Ok(())
    }
}

impl Course {
    fn new(network: &Network, schedule: &[NetworkLevel], class: &Class) -> Result<Self> {
        let (pools, rates) = (network.pools(), class.rates());
        // Pools that see the class, by height, in tree order.
        let seeing = |height: u32| {
            let mut seeing: Vec<usize> = rates.iter().map(|&(operator, _)| pools.pool_of(height, operator)).collect();
            seeing.sort_unstable();
            seeing.dedup();
            seeing
        };
        let mut levels = Vec::with_capacity(schedule.len());
        let mut arrivals = Vec::new();
        for (i, level) in schedule.iter().enumerate() {
            let own = seeing(level.height);
            if i == 0 {
                let mut of_pools = vec![[0.0; 2]; own.len()];
                for &(operator, sides) in rates {
                    let at = own.partition_point(|&pool| pool < pools.pool_of(level.height, operator));
                    of_pools[at] = [of_pools[at][0] + sides[0], of_pools[at][1] + sides[1]];
                }
                let law = |rate: f64| -> Result<Option<Poisson<f64>>> {
                    let orders = rate * level.period;
                    if orders == 0.0 {
                        return Ok(None);
                    }
                    let refused = |_| Error::OutOfReach { reason: format!("Poisson counts of mean {orders:e}") };
                    Poisson::new(orders).map(Some).map_err(refused)
                };
                arrivals = of_pools.into_iter().map(|[a, b]| Ok([law(a)?, law(b)?])).collect::<Result<_>>()?;
            }
            let parent = schedule.get(i + 1).map(|above| {
                let others = seeing(above.height);
                let inside = |&pool: &usize| pools.pool_of(above.height, pools.members(level.height, pool)[0]);
                own.iter().map(|pool| others.partition_point(|&other| other < inside(pool))).collect()
            });
            let waiting = match network.delay() {
                Delay::Batched => network.discount().mean_over_wait(level.period),
                Delay::Idealised | Delay::Cumulative => 1.0,
            };
            let discount = |&pool: &usize| {
                network.discount().after(level.offsets[pool] + network.latency(level.height, pool)) * waiting
            };
            levels.push(Level { discount: own.iter().map(discount).collect(), parent: parent.unwrap_or_default() });
        }
        Ok(Self { copies: class.copies(), arrivals, levels })
    }
}

/// Orders of one class that wait in the open batches.
#[derive(Default)]
struct Market {
    /// By active height and pool that sees the class.
    open: Vec<Vec<[f64; 2]>>,
}

impl Market {
    fn start(&mut self, class: &Course) {
        self.open.resize_with(class.levels.len(), Vec::new);
        for (open, level) in self.open.iter_mut().zip(&class.levels) {
            open.clear();
            open.resize(level.discount.len(), [0.0; 2]);
        }
    }

    /// One window of a level: those inside it, then its auctions.
    fn window<R: Rng + ?Sized>(
        &mut self,
        class: &Course,
        ratios: &[u64],
        level: usize,
        numbers: &mut [f64],
        rng: &mut R,
    ) {
        if level == 0 {
            for (batch, laws) in self.open[0].iter_mut().zip(&class.arrivals) {
                *batch = [0, 1].map(|side: usize| laws[side].as_ref().map_or(0.0, |law| law.sample(rng)));
            }
        } else {
            for _ in 0..ratios[level - 1] {
                self.window(class, ratios, level - 1, numbers, rng);
            }
        }
        let Level { discount, parent } = &class.levels[level];
        let last = numbers.len() - 1;
        for (pool, discount) in discount.iter().enumerate() {
            let [plus, minus] = std::mem::take(&mut self.open[level][pool]);
            let filled = 2.0 * plus.min(minus);
            numbers[level] += filled;
            numbers[last] += filled * discount;
            if let Some(&to) = parent.get(pool) {
                let left = plus.min(minus);
                let above = &mut self.open[level + 1][to];
                *above = [above[0] + (plus - left), above[1] + (minus - left)];
            }
        }
    }
}
