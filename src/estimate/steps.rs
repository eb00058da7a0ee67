//! A simulation carried on in steps: blocks of replications, folded in their order.
//!
//! A block draws from a stream of its own and ends with a replication. What has been seen after some blocks therefore does not
//! depend on the steps in which they were drawn, bit by bit.

use crate::error::Result;
use crate::progress::Progress;
use std::ops::Range;

/// The pilot of a run draws from streams that no estimate uses.
pub(crate) const PILOT_STREAMS: u64 = 1 << 40;

/// The covariance of a short run is drawn from streams that no estimate and no pilot uses.
const SPREAD_STREAMS: u64 = 1 << 41;

/// An engine that draws replications in blocks.
pub(crate) trait Blocks {
    /// What is kept of the replications.
    type Seen;

    /// No replications.
    fn nothing(&self) -> Self::Seen;

    /// Replications of a block.
    fn block_len(&self) -> u64;

    /// Adds the replications `range`, which starts a block, in parallel on the current rayon pool. Block `i` draws from stream
    /// `streams + i` of the seed; `progress` is told how many of the range are done.
    fn draw(&self, seed: u64, streams: u64, range: Range<u64>, seen: &mut Self::Seen, progress: Progress)
    -> Result<()>;

    /// What `replications` replications bring.
    fn sample(&self, seed: u64, streams: u64, replications: u64) -> Result<Self::Seen> {
        let mut seen = self.nothing();
        self.draw(seed, streams, 0..replications, &mut seen, &|_, _| ())?;
        Ok(seen)
    }
}

/// A number of replications, some of them drawn.
struct Part<S> {
    streams: u64,
    wanted: u64,
    done: u64,
    seen: S,
}

impl<S> Part<S> {
    fn new(engine: &impl Blocks<Seen = S>, streams: u64, wanted: u64) -> Self {
        Self { streams, wanted, done: 0, seen: engine.nothing() }
    }

    fn is_complete(&self) -> bool {
        self.done >= self.wanted
    }

    /// At least `replications` more in whole blocks, as long as there are so many.
    fn step(&mut self, engine: &impl Blocks<Seen = S>, seed: u64, replications: u64, progress: Progress) -> Result<()> {
        let block = engine.block_len();
        let blocks = replications.max(1).div_ceil(block);
        let (from, all) = (self.done, self.wanted);
        let to = from.saturating_add(blocks.saturating_mul(block)).min(all);
        let told = |done: u64, _: u64| progress(from + done, all);
        engine.draw(seed, self.streams, from..to, &mut self.seen, &told)?;
        self.done = to;
        Ok(())
    }
}

/// A run of a fixed number of replications, carried on in steps; of a short one the further replications from which the joint
/// test takes the covariance come last.
pub(crate) struct Steps<E: Blocks> {
    engine: E,
    seed: u64,
    own: Part<E::Seen>,
    spread: Option<Part<E::Seen>>,
}

impl<E: Blocks> Steps<E> {
    /// Nothing drawn yet; `spread` further replications for the covariance.
    pub(crate) fn new(engine: E, seed: u64, wanted: u64, spread: Option<u64>) -> Self {
        let own = Part::new(&engine, 0, wanted);
        let spread = spread.map(|replications| Part::new(&engine, SPREAD_STREAMS, replications));
        Self { engine, seed, own, spread }
    }

    pub(crate) fn engine(&self) -> &E {
        &self.engine
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Replications wanted.
    pub(crate) fn wanted(&self) -> u64 {
        self.own.wanted
    }

    /// Replications drawn, those for the covariance aside.
    pub(crate) fn done(&self) -> u64 {
        self.own.done
    }

    /// Whether all is drawn, the replications for the covariance included.
    pub(crate) fn is_complete(&self) -> bool {
        self.own.is_complete() && self.spread.as_ref().is_none_or(Part::is_complete)
    }

    /// What has been seen.
    pub(crate) fn seen(&self) -> &E::Seen {
        &self.own.seen
    }

    /// The replications for the covariance, once all of them are drawn.
    pub(crate) fn spread(&self) -> Option<&E::Seen> {
        self.spread.as_ref().filter(|part| part.is_complete()).map(|part| &part.seen)
    }

    /// Draws at least `replications` more in whole blocks, at least one block, and never more than are wanted. Nothing where all
    /// is drawn.
    pub(crate) fn step(&mut self, replications: u64, progress: Progress) -> Result<()> {
        if !self.own.is_complete() {
            return self.own.step(&self.engine, self.seed, replications, progress);
        }
        match self.spread.as_mut().filter(|part| !part.is_complete()) {
            Some(part) => part.step(&self.engine, self.seed, replications, &|_, _| ()),
            None => Ok(()),
        }
    }

    /// Draws all that is left.
    pub(crate) fn finish(&mut self, progress: Progress) -> Result<()> {
        while !self.is_complete() {
            self.step(u64::MAX, progress)?;
        }
        Ok(())
    }
}
