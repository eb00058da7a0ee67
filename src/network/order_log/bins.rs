//! Counts per bin of time while the length of the log is not known yet.

/// Equal bins of time, at most `most` of them: when the log outgrows them, their width doubles.
///
/// For the sum over bins of the pairs of orders of one class, `Σ n (n - 1)/2`, doubling needs the counts of the wider bin so
/// far. So every class counts at `L` levels at once, in bins of `1, 2, 4, …, 2^(L-1)` widths, `2^L ≥ most`; a bin of `2^L`
/// widths holds all of the class so far, which is counted anyway. Memory per class is `L + 1` numbers of 32 bits.
pub(super) struct Bins {
    most: u32,
    levels: usize,
    /// 0 until two different times were seen.
    width: f64,
    /// Orders per bin, all classes.
    total: Vec<u32>,
    /// By level: pairs of orders that share class and bin.
    pairs: Vec<u128>,
    /// By class: its last bin.
    last: Vec<u32>,
    /// By class and level: orders in the class's last bin of that level.
    counts: Vec<u32>,
}

/// What the bins hold at the end.
#[derive(Debug)]
pub(super) struct Binned {
    /// Complete bins.
    pub(super) bins: u32,
    pub(super) width: f64,
    /// Orders per complete bin.
    pub(super) total: Vec<u32>,
    /// Pairs of orders of one class in one complete bin.
    pub(super) pairs: u128,
    /// By class: orders in the incomplete last bin.
    pub(super) beyond: Vec<u32>,
}

impl Bins {
    pub(super) fn new(most: u32, window: Option<(f64, f64)>) -> Self {
        let levels = (most.next_power_of_two().trailing_zeros() as usize).max(1);
        Self {
            most,
            levels,
            width: window.map_or(0.0, |(from, to)| (to - from) / f64::from(most)),
            total: vec![0; most as usize],
            pairs: vec![0; levels],
            last: Vec::new(),
            counts: Vec::new(),
        }
    }

    pub(super) fn add_class(&mut self) {
        self.last.push(0);
        self.counts.resize(self.counts.len() + self.levels, 0);
    }

    /// An order of `class` after time `elapsed`; `sizes` are the orders of every class before it.
    pub(super) fn push(&mut self, class: usize, elapsed: f64, sizes: impl Iterator<Item = u32> + Clone) {
        let bin = self.bin(elapsed, sizes);
        if let Some(total) = self.total.get_mut(bin as usize) {
            *total += 1;
        }
        let range = class * self.levels..(class + 1) * self.levels;
        if let (Some(last), Some(counts)) = (self.last.get_mut(class), self.counts.get_mut(range)) {
            for (level, (count, pairs)) in counts.iter_mut().zip(&mut self.pairs).enumerate() {
                if *last >> level != bin >> level {
                    *count = 0;
                }
                *pairs += u128::from(*count);
                *count += 1;
            }
            *last = bin;
        }
    }

    fn bin(&mut self, elapsed: f64, sizes: impl Iterator<Item = u32> + Clone) -> u32 {
        let most = f64::from(self.most);
        if self.width == 0.0 {
            if elapsed <= 0.0 {
                return 0;
            }
            self.width = (elapsed / most * 2.0).max(f64::MIN_POSITIVE);
        }
        if !(elapsed / self.width < most) {
            let mut doublings = 0;
            while !(elapsed / self.width < most) {
                self.width *= 2.0;
                doublings += 1;
            }
            self.widen(doublings, sizes);
        }
        (elapsed / self.width) as u32
    }

    /// Joins `2^doublings` bins to one.
    fn widen(&mut self, doublings: usize, sizes: impl Iterator<Item = u32> + Clone) {
        let shifted = |bin: u32| bin.checked_shr(doublings as u32).unwrap_or(0);
        let mut total = vec![0; self.total.len()];
        for (bin, count) in (0..).zip(&self.total) {
            if let Some(joined) = total.get_mut(shifted(bin) as usize) {
                *joined += count;
            }
        }
        self.total = total;
        let all: u128 = sizes.clone().map(pairs_of).sum();
        move_down(&mut self.pairs, doublings, all);
        for ((last, counts), size) in self.last.iter_mut().zip(self.counts.chunks_mut(self.levels)).zip(sizes) {
            *last = shifted(*last);
            move_down(counts, doublings, size);
        }
    }

    /// The bins that are complete after an observation of length `exposure`.
    pub(super) fn finish(mut self, exposure: f64) -> Binned {
        let bins = if self.width > 0.0 {
            // A window divided into equal bins ends with the last of them, whatever the rounding.
            ((exposure / self.width * (1.0 + 1e-12)) as u32).min(self.most)
        } else {
            0
        };
        let mut pairs = self.pairs.first().copied().unwrap_or(0);
        let mut beyond = Vec::with_capacity(self.last.len());
        for (last, counts) in self.last.iter().zip(self.counts.chunks(self.levels)) {
            // Only the bin of the last order can be incomplete.
            let count = if *last >= bins { counts.first().copied().unwrap_or(0) } else { 0 };
            pairs -= pairs_of(count);
            beyond.push(count);
        }
        self.total.truncate(bins as usize);
        Binned { bins, width: self.width, total: self.total, pairs, beyond }
    }
}

/// Level `l` takes over what level `l + doublings` held; the widest levels hold everything.
fn move_down<T: Copy>(levels: &mut [T], doublings: usize, all: T) {
    let kept = levels.len().saturating_sub(doublings);
    if kept > 0 {
        levels.copy_within(doublings.., 0);
    }
    levels.iter_mut().skip(kept).for_each(|level| *level = all);
}

/// `n (n - 1)/2`.
pub(super) fn pairs_of(n: u32) -> u128 {
    let n = u128::from(n);
    n * n.saturating_sub(1) / 2
}
