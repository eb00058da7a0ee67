//! Upper envelopes of lines.

/// Welfare `b · gross - cost` as a function of the discount `b ∈ (0, 1]` at which it begins.
///
/// Seen from below it is what a set of lower heights leads to: its discount times the gross `b ≥ 0` of what follows, less
/// its negative net welfare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) gross: f64,
    pub(super) cost: f64,
    /// Which line of which node it continues.
    pub(super) via: Option<Via>,
}

/// A line of the envelope of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Via {
    pub(super) node: u32,
    pub(super) line: u32,
}

impl Via {
    pub(super) fn new(node: usize, line: usize) -> Self {
        Self { node: node as u32, line: line as u32 }
    }
}

impl Line {
    /// No further auction.
    pub(super) const NOTHING: Self = Self { gross: 0.0, cost: 0.0, via: None };

    pub(super) fn at(&self, b: f64) -> f64 {
        b * self.gross - self.cost
    }

    /// The `b` from which on `self`, the steeper, is above `other`.
    fn overtakes(&self, other: &Self) -> f64 {
        (self.cost - other.cost) / (self.gross - other.gross)
    }
}

/// The lines that are greatest somewhere, by rising slope.
#[derive(Debug, Clone, Default)]
pub(super) struct Envelope {
    lines: Vec<Line>,
}

impl Envelope {
    /// Only [`Line::NOTHING`].
    pub(super) fn nothing() -> Self {
        Self { lines: vec![Line::NOTHING] }
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The greatest value at `b`; nothing at all is `-∞`.
    pub(super) fn at(&self, b: f64) -> f64 {
        self.lines.get(self.greatest(b)).map_or(f64::NEG_INFINITY, |line| line.at(b))
    }

    /// The line that is greatest at `b`.
    pub(super) fn greatest(&self, b: f64) -> usize {
        // Where each line is overtaken by the next rises along the envelope.
        let (mut low, mut high) = (0, self.lines.len());
        while low + 1 < high {
            let middle = usize::midpoint(low, high);
            if self.lines[middle].at(b) >= self.lines[middle - 1].at(b) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The envelope of `lines` on `(0, 1]`.
    pub(super) fn of(lines: impl Iterator<Item = Line>) -> Self {
        Self::up_to(1.0, lines)
    }

    /// The envelope of `lines` on `(0, end]`.
    pub(super) fn up_to(end: f64, lines: impl Iterator<Item = Line>) -> Self {
        let mut lines: Vec<Line> = lines.collect();
        // Without message cost, and often with it at the top, there is but one cost: the greatest gross serves everywhere.
        if lines.windows(2).all(|pair| pair[0].cost == pair[1].cost) {
            let greatest = lines.into_iter().reduce(|best, line| if line.gross > best.gross { line } else { best });
            return Self { lines: greatest.into_iter().collect() };
        }
        // Of equal slopes the cheapest is last and the only one kept.
        lines.sort_unstable_by(|a, b| a.gross.total_cmp(&b.gross).then(b.cost.total_cmp(&a.cost)));
        let mut kept: Vec<Line> = Vec::new();
        for line in lines {
            while let Some(last) = kept.last() {
                let useless = last.cost >= line.cost // flatter and no cheaper
                    || kept.len() > 1 && line.overtakes(last) <= last.overtakes(&kept[kept.len() - 2]);
                if !useless {
                    break;
                }
                kept.pop();
            }
            // Costs rise with the slope here; a line that overtakes only beyond the end never serves.
            if kept.last().is_none_or(|last| line.overtakes(last) < end) {
                kept.push(line);
            }
        }
        Self { lines: kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_exactly_the_greatest() {
        let mut seed = 1u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((seed >> 40) % 64) as f64 / 8.0
        };
        for _ in 0..500 {
            let lines: Vec<Line> = (0..12).map(|_| Line { gross: random(), cost: random(), via: None }).collect();
            let envelope = Envelope::of(lines.iter().copied());
            for i in 1..=64 {
                let b = f64::from(i) / 64.0;
                let greatest = |lines: &[Line]| lines.iter().map(|l| l.at(b)).fold(f64::NEG_INFINITY, f64::max);
                assert!((greatest(&lines) - greatest(envelope.lines())).abs() < 1e-12);
                assert_eq!(envelope.at(b), greatest(envelope.lines()));
            }
        }
    }
}
