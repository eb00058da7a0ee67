//! Draws of the number of orders that the two sides of a class bring into one window.

use rand::Rng;
use rand_distr::{Distribution, Poisson};

/// Probabilities below this are beyond the resolution of a 64-bit draw and left out of a table.
const RESOLUTION: f64 = 1e-20;

/// Up to this many outcomes a pair of sides is drawn at once from one table (64 KiB of 16-byte columns).
const JOINT_OUTCOMES: usize = 4096;

/// Up to this mean one side is drawn from a table (about 6000 columns at the limit).
const TABLE_MEAN: f64 = 1e5;

/// Both sides of a class in one window: independent Poisson counts with fixed means.
pub(crate) enum SidesSampler {
    /// Small means: one 64-bit draw gives both counts.
    Joint(AliasTable<[u16; 2]>),
    /// One draw a side.
    Separate(SideSampler, SideSampler),
}

/// One Poisson count.
pub(crate) enum SideSampler {
    Table(AliasTable<u32>),
    /// Large means by rejection.
    Rejection(Poisson<f64>),
    /// A mean so large that no sampler takes it; unreachable behind the plan's limit on orders.
    Constant(u64),
}

impl SidesSampler {
    /// Counts with the means `plus` and `minus`.
    pub(crate) fn new(plus: f64, minus: f64) -> Self {
        if plus.max(minus) < 100.0 {
            let (p, m) = (poisson_weights(plus), poisson_weights(minus));
            if p.weights.len() * m.weights.len() <= JOINT_OUTCOMES {
                // Counts below 4096 by the number of outcomes and the bound on the mean.
                let outcomes =
                    p.iter().flat_map(|(plus, w)| m.iter().map(move |(minus, v)| ([plus as u16, minus as u16], w * v)));
                return Self::Joint(AliasTable::new(outcomes));
            }
        }
        Self::Separate(SideSampler::new(plus), SideSampler::new(minus))
    }

    /// Both counts of one window.
    #[inline]
    pub(crate) fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> [u64; 2] {
        match self {
            Self::Joint(table) => table.draw(rng.next_u64()).map(u64::from),
            Self::Separate(plus, minus) => [plus.draw(rng), minus.draw(rng)],
        }
    }
}

impl SideSampler {
    fn new(mean: f64) -> Self {
        if mean <= TABLE_MEAN {
            let outcomes = poisson_weights(mean);
            return Self::Table(AliasTable::new(outcomes.iter()));
        }
        Poisson::new(mean).map_or(Self::Constant(mean as u64), Self::Rejection)
    }

    /// One count.
    #[inline]
    pub(crate) fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> u64 {
        match self {
            Self::Table(table) => u64::from(table.draw(rng.next_u64())),
            Self::Rejection(law) => law.sample(rng) as u64,
            Self::Constant(n) => *n,
        }
    }
}

/// Poisson probabilities of `first..first + weights.len()`.
struct Weights {
    first: u32,
    weights: Vec<f64>,
}

impl Weights {
    fn iter(&self) -> impl Iterator<Item = (u32, f64)> + Clone + '_ {
        (self.first..).zip(self.weights.iter().copied())
    }
}

/// Probabilities relative to the mode, outwards until they are beyond resolution, then normalised: no factorial, no
/// exponential of a large number.
fn poisson_weights(mean: f64) -> Weights {
    let mode = mean.floor() as u32;
    let mut below: Vec<f64> = Vec::new();
    let mut weight = 1.0;
    for n in (1..=mode).rev() {
        weight *= f64::from(n) / mean;
        if weight < RESOLUTION {
            break;
        }
        below.push(weight);
    }
    let first = mode - below.len() as u32;
    let mut weights: Vec<f64> = below.into_iter().rev().collect();
    weights.push(1.0);
    weight = 1.0;
    for n in mode + 1.. {
        weight *= mean / f64::from(n);
        if weight < RESOLUTION {
            break;
        }
        weights.push(weight);
    }
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= total);
    Weights { first, weights }
}

/// A table from which one 64-bit number draws an outcome in constant time (Walker 1977, built as by Vose 1991), with a
/// power of two of columns: the top bits choose the column, the rest decide between its two outcomes.
pub(crate) struct AliasTable<T> {
    columns: Vec<Column<T>>,
    /// `64 - log2` of the number of columns.
    shift: u32,
}

/// One column: below the threshold its own outcome, else the alias.
#[derive(Clone, Copy)]
struct Column<T> {
    threshold: u64,
    outcomes: [T; 2],
}

impl<T: Copy + Default> AliasTable<T> {
    /// The table of `outcomes` with their probabilities, which sum to 1.
    fn new(outcomes: impl Iterator<Item = (T, f64)>) -> Self {
        let (mut values, mut scaled): (Vec<T>, Vec<f64>) = outcomes.filter(|&(_, p)| p >= RESOLUTION).unzip();
        let size = values.len().max(2).next_power_of_two();
        values.resize(size, T::default());
        scaled.resize(size, 0.0);
        scaled.iter_mut().for_each(|p| *p *= size as f64);
        // Columns that are left over at the end are full up to rounding.
        let mut columns: Vec<Column<T>> =
            values.iter().map(|&v| Column { threshold: u64::MAX, outcomes: [v, v] }).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..size).partition(|&i| scaled[i] < 1.0);
        while let (Some(&i), Some(&j)) = (small.last(), large.last()) {
            small.pop();
            columns[i] = Column { threshold: fraction(scaled[i]), outcomes: [values[i], values[j]] };
            scaled[j] -= 1.0 - scaled[i];
            if scaled[j] < 1.0 {
                large.pop();
                small.push(j);
            }
        }
        Self { columns, shift: 64 - size.trailing_zeros() }
    }

    /// The outcome of 64 random bits.
    #[inline]
    pub(crate) fn draw(&self, random: u64) -> T {
        let column = &self.columns[(random >> self.shift) as usize];
        // A choice between two values in registers: no branch that a processor could mispredict.
        let [own, alias] = column.outcomes;
        if random << (64 - self.shift) < column.threshold { own } else { alias }
    }
}

/// A probability as a threshold for 64 random bits.
fn fraction(p: f64) -> u64 {
    (p * 2f64.powi(64)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementary::{exp, ln};

    /// The exact law that a table draws from, by adding up its columns.
    fn law<T: Ord + Copy>(table: &AliasTable<T>) -> std::collections::BTreeMap<T, f64> {
        let share = 1.0 / table.columns.len() as f64;
        let mut law = std::collections::BTreeMap::new();
        for column in &table.columns {
            let own = column.threshold as f64 / 2f64.powi(64);
            *law.entry(column.outcomes[0]).or_insert(0.0) += share * own;
            *law.entry(column.outcomes[1]).or_insert(0.0) += share * (1.0 - own);
        }
        law
    }

    #[test]
    fn tables_hold_the_poisson_law() {
        for mean in [0.0, 1e-9, 0.3, 1.0, 7.5, 99.0, 1234.5, 1e5] {
            let SideSampler::Table(table) = SideSampler::new(mean) else { unreachable!("a table up to 1e5") };
            for (outcome, p) in law(&table) {
                let n = f64::from(outcome);
                let ln_pmf =
                    if mean == 0.0 { 0.0 } else { n * ln(mean) - mean - statrs::function::gamma::ln_gamma(n + 1.0) };
                // The logarithm above is itself good to an ulp or so of its largest term, n ln n.
                let tolerance = 1e-14 + 4.0 * f64::EPSILON * (1.0 + n * ln(n + 1.0)) * exp(ln_pmf);
                approx::assert_abs_diff_eq!(p, exp(ln_pmf), epsilon = tolerance);
            }
        }
    }

    #[test]
    fn joint_tables_are_products() {
        let SidesSampler::Joint(table) = SidesSampler::new(0.7, 2.5) else { unreachable!("small means") };
        let pmf = |mean: f64, n: u32| exp(-mean) * (1..=n).map(|i| mean / f64::from(i)).product::<f64>();
        let law = law(&table);
        for n in 0..8u16 {
            for m in 0..8u16 {
                let product = pmf(0.7, u32::from(n)) * pmf(2.5, u32::from(m));
                approx::assert_relative_eq!(law[&[n, m]], product, max_relative = 1e-12);
            }
        }
    }
}
