//! The counts engine: only the numbers of unfilled orders on either side of a class matter, pool by pool and window by
//! window.

use super::draw::SidesSampler;
use super::plan::{ClassPlan, Plan};
use crate::error::{Error, Result};
use crate::estimate::CountMoments;
use crate::pool_tree::Model;
use crate::pool_tree::{Architecture, Schedule};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use std::ops::Range;

/// Batches of the lowest level handled at once: the arrays of a block stay in the first-level cache.
const BLOCK: u64 = 1024;

/// Draws that one random stream should serve, so that setting it up does not count.
const DRAWS_PER_STREAM: f64 = 16384.0;

/// Monte Carlo of the mechanism for one model and architecture.
///
/// One replication is one window of the highest active height with all its pools. Every class is drawn at the lowest
/// active height at which it can match, both sides of a batch are matched one to one, and what is left goes to the batch
/// of the parent that is open then, up to the highest active height, where it expires. Batches are visited depth first, so
/// memory is `O(k)` and does not grow with the number of operators.
///
/// Replications are drawn in blocks of [`CountsEngine::block_len`], each block from its own stream of `ChaCha8`, and counts
/// are added as exact integers: the same seed gives the same bits on any number of threads, and runs over adjacent ranges
/// merge to the run over the whole range.
///
/// ```
/// use pooltree::{Scenario, pool_tree::{Architecture, simulation::CountsEngine}};
/// let scenario = Scenario::document();
/// let engine = CountsEngine::new(&scenario, &Architecture::full(scenario.tree()))?;
/// let whole = engine.run(7, 0..2 * engine.block_len())?;
/// let mut halves = engine.run(7, 0..engine.block_len())?;
/// halves.merge(&engine.run(7, engine.block_len()..2 * engine.block_len())?);
/// assert_eq!(whole, halves);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub struct CountsEngine {
    classes: Vec<ClassSampler>,
    schedule: Schedule,
    draws: f64,
    block_len: u64,
}

/// A class with the tables it is drawn from.
struct ClassSampler {
    plan: ClassPlan,
    sampler: SidesSampler,
    /// Whether every count inside one class and replication fits 32 bits.
    narrow: bool,
}

impl CountsEngine {
    /// Prepares the draws.
    ///
    /// # Errors
    /// [`Error::OutOfReach`] if one replication takes more than 1e10 draws, brings more than 1e13 orders, or has too many
    /// operators to enumerate; [`Error::Domain`] where auctions may fail, else as for the closed form.
    pub fn new(model: &Model, architecture: &Architecture) -> Result<Self> {
        model.check_perfect("the counts engine")?;
        model.check_alike("the counts engine of a regular tree")?;
        let schedule = model.schedule(architecture)?;
        let plan = Plan::new(model, &schedule)?;
        let classes = plan.classes.into_iter().map(ClassSampler::new).collect();
        let block_len = (DRAWS_PER_STREAM / plan.draws.max(1.0)).floor().clamp(1.0, 1024.0) as u64;
        Ok(Self { classes, schedule, draws: plan.draws, block_len })
    }

    /// The levels that are simulated.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Draws (pairs of sides of a class in one pool and window) that one replication takes.
    pub fn draws_per_replication(&self) -> f64 {
        self.draws
    }

    /// Replications that share a random stream.
    pub fn block_len(&self) -> u64 {
        self.block_len
    }

    /// Counts of pairs matched at every level in replications `range` under `seed`, in parallel on the current rayon pool.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the range starts at a multiple of [`CountsEngine::block_len`].
    pub fn run(&self, seed: u64, range: Range<u64>) -> Result<CountMoments> {
        self.run_with(seed, range, &|_| ())
    }

    /// As [`CountsEngine::run`]; `progress` is told the number of replications whenever some are done.
    ///
    /// # Errors
    /// As [`CountsEngine::run`].
    pub fn run_with(&self, seed: u64, range: Range<u64>, progress: &(dyn Fn(u64) + Sync)) -> Result<CountMoments> {
        if !range.start.is_multiple_of(self.block_len) {
            let allowed = format!("a multiple of the block length {}", self.block_len);
            return Err(Error::domain("first replication", range.start, allowed));
        }
        let levels = self.schedule.levels().len();
        if self.classes.is_empty() {
            // Nothing can meet: every replication fills nothing.
            return Ok(CountMoments::of_nothing(levels, range.end.saturating_sub(range.start)));
        }
        let first = range.start / self.block_len;
        let blocks = range.end.saturating_sub(range.start).div_ceil(self.block_len);
        // Sums of integers: the order in which blocks are merged cannot be seen in the result.
        Ok((0..blocks)
            .into_par_iter()
            .map(|block| {
                let start = range.start + block * self.block_len;
                let replications = self.block_len.min(range.end - start);
                let moments = self.block(seed, first + block, replications);
                progress(replications);
                moments
            })
            .reduce(
                || CountMoments::new(levels),
                |mut all, block| {
                    all.merge(&block);
                    all
                },
            ))
    }

    fn block(&self, seed: u64, stream: u64, replications: u64) -> CountMoments {
        let levels = self.schedule.levels().len();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        let mut moments = CountMoments::new(levels);
        let mut matched = vec![0; levels];
        let mut narrow = Workspace::<u32>::default();
        let mut wide = Workspace::<u64>::default();
        for _ in 0..replications {
            matched.fill(0);
            for class in &self.classes {
                if class.narrow {
                    narrow.class(class, &mut rng, &mut matched);
                } else {
                    wide.class(class, &mut rng, &mut matched);
                }
            }
            moments.add(&matched);
        }
        moments
    }
}

impl ClassSampler {
    fn new(plan: ClassPlan) -> Self {
        let sampler = SidesSampler::new(plan.means[0], plan.means[1]);
        // A Poisson count of mean μ exceeds 2μ + 1000 with probability below 1e-100.
        let narrow = 2.0 * plan.means[0].max(plan.means[1]) * plan.leaves() as f64 + 1000.0 < f64::from(u32::MAX);
        Self { plan, sampler, narrow }
    }
}

/// Integer of a count: 32 bits where they are enough, so that a processor handles more of them at once.
trait Count: Copy + Ord + Default + std::ops::Add<Output = Self> + std::ops::Sub<Output = Self> {
    fn from_draw(n: u64) -> Self;
    fn widen(self) -> u64;
}

impl Count for u32 {
    fn from_draw(n: u64) -> Self {
        n as u32
    }
    fn widen(self) -> u64 {
        u64::from(self)
    }
}

impl Count for u64 {
    fn from_draw(n: u64) -> Self {
        n
    }
    fn widen(self) -> u64 {
        self
    }
}

/// Unfilled orders of a block of batches, side by side.
#[derive(Default)]
struct Workspace<T> {
    batches: Vec<[T; 2]>,
    /// Random bytes drawn ahead, which is faster than word by word.
    bytes: Vec<u8>,
    /// Batches still being collected above the block, with the number of batches that have flowed in.
    open: Vec<([T; 2], u64)>,
}

/// Runs the auction of a batch `[first side, second side]`: matches one to one; returns the pairs and the surplus.
#[inline]
fn clear<T: Count>([plus, minus]: [T; 2]) -> (T, [T; 2]) {
    let pairs = plus.min(minus);
    (pairs, [plus - pairs, minus - pairs])
}

impl<T: Count> Workspace<T> {
    /// All copies of a class in one replication; adds the pairs matched at each level.
    fn class<R: rand::Rng>(&mut self, class: &ClassSampler, rng: &mut R, matched: &mut [u64]) {
        let ClassPlan { copies, start, ref branches, .. } = class.plan;
        // Levels that fit into a block are passed array by array, the others by an odometer of open batches.
        let mut inside = 0;
        let mut width = 1;
        while inside < branches.len() && width * branches[inside] <= BLOCK {
            width *= branches[inside];
            inside += 1;
        }
        let (low, high) = branches.split_at(inside);
        let above = start + inside + 1;
        let mut batches = copies * high.iter().product::<u64>();
        self.open.clear();
        self.open.resize(high.len(), ([T::default(); 2], 0));
        while batches > 0 {
            let now = batches.min((BLOCK / width).max(1));
            batches -= now;
            self.draw(&class.sampler, (now * width) as usize, rng);
            for (level, &branch) in low.iter().enumerate() {
                // The usual branchings are compiled by themselves, their inner loop unrolled.
                matched[start + level] += match branch {
                    2 => self.clear_and_forward(2),
                    3 => self.clear_and_forward(3),
                    4 => self.clear_and_forward(4),
                    branch => self.clear_and_forward(branch as usize),
                };
            }
            matched[start + inside] += self.clear_all();
            for i in 0..if high.is_empty() { 0 } else { now as usize } {
                self.forward(self.batches[i], high, &mut matched[above..]);
            }
        }
    }

    /// Arrivals of `n` batches.
    fn draw<R: rand::Rng>(&mut self, sampler: &SidesSampler, n: usize, rng: &mut R) {
        self.batches.resize(n, [T::default(); 2]);
        match sampler {
            SidesSampler::Joint(table) => {
                self.bytes.resize(8 * n, 0);
                rng.fill_bytes(&mut self.bytes);
                let (words, _) = self.bytes.as_chunks();
                for (batch, word) in self.batches.iter_mut().zip(words) {
                    *batch = table.draw(u64::from_le_bytes(*word)).map(|n| T::from_draw(u64::from(n)));
                }
            }
            SidesSampler::Separate(plus, minus) => {
                for batch in &mut self.batches {
                    *batch = [plus.draw(rng), minus.draw(rng)].map(T::from_draw);
                }
            }
        }
    }

    /// Runs the auctions of all batches and lets every `branch` neighbouring ones flow into one; returns the pairs.
    #[allow(clippy::inline_always)] // so that a constant `branch` unrolls the inner loop
    #[inline(always)]
    fn clear_and_forward(&mut self, branch: usize) -> u64 {
        let parents = self.batches.len() / branch;
        let mut pairs = 0;
        for parent in 0..parents {
            let mut sum = [T::default(); 2];
            for child in parent * branch..(parent + 1) * branch {
                let (matched, [plus, minus]) = clear(self.batches[child]);
                pairs += matched.widen();
                sum = [sum[0] + plus, sum[1] + minus];
            }
            self.batches[parent] = sum;
        }
        self.batches.truncate(parents);
        pairs
    }

    /// Runs the auctions of all batches, which go nowhere from here in a block; returns the pairs.
    fn clear_all(&mut self) -> u64 {
        let mut pairs = 0;
        for batch in &mut self.batches {
            let (matched, surplus) = clear(*batch);
            pairs += matched.widen();
            *batch = surplus;
        }
        pairs
    }

    /// Forwards one batch into the open batch above; a batch that is complete is cleared and forwarded in turn.
    fn forward(&mut self, mut batch: [T; 2], branches: &[u64], matched: &mut [u64]) {
        for ((open, branch), pairs) in self.open.iter_mut().zip(branches).zip(matched) {
            open.0 = [open.0[0] + batch[0], open.0[1] + batch[1]];
            open.1 += 1;
            if open.1 < *branch {
                return;
            }
            let (filled, surplus) = clear(open.0);
            *pairs += filled.widen();
            batch = surplus;
            *open = ([T::default(); 2], 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The block passes and the odometer are two ways to the same batches.
    #[test]
    fn odometer_equals_arrays() {
        let batches: Vec<[u32; 2]> = (0..64u32).map(|i| [i * 7919 % 13, i * 104_729 % 11]).collect();
        let mut arrays = Workspace::<u32> { batches: batches.clone(), ..Workspace::default() };
        let mut expected: Vec<u64> = [2, 4, 8].map(|branch| arrays.clear_and_forward(branch)).to_vec();
        expected.push(arrays.clear_all());
        let mut odometer = Workspace::<u32> { open: vec![([0; 2], 0); 3], ..Workspace::default() };
        let mut matched = vec![0; 4];
        for batch in batches {
            let (pairs, surplus) = clear(batch);
            matched[0] += u64::from(pairs);
            odometer.forward(surplus, &[2, 4, 8], &mut matched[1..]);
        }
        assert_eq!(matched, expected);
    }
}
