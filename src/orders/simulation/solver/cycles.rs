//! Greedy clearing of cycles, shortest first.

use super::thinning::Thinning;

/// What is left of a batch after its pairs, as a graph on positions: position `i` stands for asset `names[i]`.
///
/// The shortest cycles are found by breadth-first search. As long as no cycle of fewer than `ℓ` orders is left, every
/// closed walk of `ℓ` steps is a simple cycle (one that passes an asset twice consists of two shorter closed walks), so
/// nothing needs to be enumerated.
#[derive(Debug, Clone)]
pub(super) struct Cycles {
    assets: usize,
    /// Words of 64 positions in a row of `leads`.
    words: usize,
    /// Orders that are neither filled nor set aside, by position.
    left: Vec<u64>,
    /// Bit `j` of row `i`: there are orders from `i` to `j`.
    leads: Vec<u64>,
    reached: Vec<u64>,
    queue: Vec<usize>,
    /// The position from which each was reached.
    from: Vec<usize>,
}

/// What a search from one position shows.
enum Search {
    /// A shortest cycle through it: its last position.
    Cycle(usize),
    /// Only longer ones, if any.
    Longer,
    /// No cycle of any length passes through it, now or later.
    Never,
}

impl Cycles {
    pub(super) fn new(assets: usize) -> Self {
        let words = assets.div_ceil(64);
        Self {
            assets,
            words,
            left: vec![0; assets * assets],
            leads: vec![0; assets * words],
            reached: vec![0; words],
            queue: Vec::with_capacity(assets),
            from: vec![0; assets],
        }
    }

    /// Takes the orders that pairs leave over, whether found or not.
    pub(super) fn load(&mut self, names: &[usize], orders: &[u64]) {
        let a = self.assets;
        self.leads.fill(0);
        for (i, &x) in names.iter().enumerate() {
            for (j, &y) in names.iter().enumerate() {
                let left = orders[x * a + y].saturating_sub(orders[y * a + x]);
                self.left[i * a + j] = left;
                if left > 0 {
                    self.leads[i * self.words + j / 64] |= 1 << (j % 64);
                }
            }
        }
    }

    /// Clears all cycles of 3 orders that can be found one after the other, then of 4, … up to `longest ≤ a`.
    pub(super) fn clear<R: rand::Rng + ?Sized>(
        &mut self,
        names: &[usize],
        longest: usize,
        filled: &mut [u64],
        thinning: Thinning,
        rng: &mut R,
    ) {
        for length in 3..=longest {
            let mut longer = false;
            for start in 0..self.assets {
                loop {
                    match self.search(start, length) {
                        Search::Cycle(last) => self.take(names, start, last, filled, thinning, rng),
                        Search::Longer => {
                            longer = true;
                            break;
                        }
                        Search::Never => {
                            // A dead end from now on, which shortens other searches.
                            self.leads[start * self.words..][..self.words].fill(0);
                            break;
                        }
                    }
                }
            }
            if !longer {
                return;
            }
        }
    }

    /// A cycle of `length` through `start`, if none is shorter anywhere.
    fn search(&mut self, start: usize, length: usize) -> Search {
        let bit = |v: usize| 1_u64 << (v % 64);
        self.reached.fill(0);
        self.reached[start / 64] |= bit(start);
        self.queue.clear();
        self.queue.push(start);
        let mut next = 0;
        for step in 1..=length {
            let level = self.queue.len();
            if next == level {
                return Search::Never;
            }
            while next < level {
                let v = self.queue[next];
                next += 1;
                let row = &self.leads[v * self.words..][..self.words];
                if step == length {
                    if row[start / 64] & bit(start) != 0 {
                        return Search::Cycle(v);
                    }
                    continue;
                }
                for (word, (&to, reached)) in row.iter().zip(&mut self.reached).enumerate() {
                    let mut new = to & !*reached;
                    *reached |= new;
                    while new != 0 {
                        let w = word * 64 + new.trailing_zeros() as usize;
                        new &= new - 1;
                        self.from[w] = v;
                        self.queue.push(w);
                    }
                }
            }
        }
        Search::Longer
    }

    /// Takes the cycle that ends in `last` as many times as its rarest order allows.
    fn take<R: rand::Rng + ?Sized>(
        &mut self,
        names: &[usize],
        start: usize,
        last: usize,
        filled: &mut [u64],
        thinning: Thinning,
        rng: &mut R,
    ) {
        let a = self.assets;
        let edges = |from: &[usize], visit: &mut dyn FnMut(usize, usize)| {
            let (mut v, mut w) = (last, start);
            loop {
                visit(v, w);
                if v == start {
                    break;
                }
                (v, w) = (from[v], v);
            }
        };
        let mut matches = u64::MAX;
        edges(&self.from, &mut |v, w| matches = matches.min(self.left[v * a + w]));
        let found = thinning.found(matches, rng);
        edges(&self.from, &mut |v, w| {
            let left = &mut self.left[v * a + w];
            *left -= matches;
            if *left == 0 {
                self.leads[v * self.words + w / 64] &= !(1 << (w % 64));
            }
            filled[names[v] * a + names[w]] += found;
        });
    }
}
