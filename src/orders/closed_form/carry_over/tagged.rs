//! The chances of one order.

use super::CarryOver;
use super::law::{Law, next_thinning};
use crate::kernels::elementary::exp;
use nalgebra::{DMatrix, DVector};

/// Counts and states rarer than this beside the most frequent one are left out.
const RARE: f64 = 1e-26;

/// What becomes of an order that reaches its first auction; delays from that auction on.
pub(super) struct Tagged {
    /// `-ln β`.
    pub(super) discount_rate: f64,
    /// Probability that it is filled.
    pub(super) filled: f64,
    /// `E[β^((a-1)cT); filled]`.
    pub(super) worth: f64,
    /// `E[(a-1)cT; filled]`.
    pub(super) later: f64,
}

/// A Poisson law without its rare counts.
struct Counts {
    low: usize,
    weights: Vec<f64>,
}

impl Counts {
    fn new(mean: f64) -> Self {
        let mode = mean.floor();
        let mut below = Vec::new();
        let (mut weight, mut n) = (1.0, mode);
        while n > 0.0 && weight >= RARE {
            weight *= n / mean;
            n -= 1.0;
            below.push(weight);
        }
        let low = mode as usize - below.len();
        let mut weights: Vec<f64> = below.into_iter().rev().collect();
        (weight, n) = (1.0, mode);
        // Above, at tiny means too, some counts more.
        while weight >= RARE * RARE || n < mode + 4.0 {
            weights.push(weight);
            n += 1.0;
            weight *= mean / n;
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= total);
        Self { low, weights }
    }

    fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        (self.low..).zip(self.weights.iter().copied())
    }

    fn at(&self, n: usize) -> f64 {
        n.checked_sub(self.low).and_then(|i| self.weights.get(i)).copied().unwrap_or(0.0)
    }
}

/// One auction, seen by a tagged order.
struct Auction {
    own: Counts,
    other: Counts,
    /// The most orders of its side that are ever left over.
    most: usize,
}

impl Auction {
    /// Probability to be filled with `own` orders of its side, itself among them, and `other` ones carried against it, before
    /// the fresh ones come.
    fn filled(&self, own: usize, other: usize) -> f64 {
        let given = |n: usize| {
            let there = |(a, p): (usize, f64)| p * (n as f64 / (own + a) as f64).min(1.0);
            self.own.iter().map(there).sum::<f64>()
        };
        self.other.iter().map(|(a, p)| if other + a == 0 { 0.0 } else { p * given(other + a) }).sum()
    }

    /// Probabilities to be left over as one of `j = 1, …, most`; more count as `most`.
    fn left_over(&self, own: usize, other: usize) -> Vec<f64> {
        let mut left = vec![0.0; self.most];
        for (a, p) in self.other.iter() {
            // Those of its side that are filled.
            let n = other + a;
            let from = (own + self.own.low).max(n + 1);
            for all in from..own + self.own.low + self.own.weights.len() {
                let j = all - n;
                left[j.min(self.most) - 1] += p * self.own.at(all - own) * j as f64 / all as f64;
            }
        }
        left
    }
}

impl Tagged {
    /// An order of the given side; nothing if the equations cannot be solved.
    pub(super) fn new(pool: &CarryOver, law: &Law, side: usize, discount_rate: f64) -> Option<Self> {
        let fresh = pool.fresh();
        let own = &law.before[side];
        let other = &law.before[1 - side];
        let most = own.len();
        let auction = Auction { own: Counts::new(fresh[side]), other: Counts::new(fresh[1 - side]), most };
        let between = pool.between_chances();
        let (s, beta) = (pool.survival(), exp(-discount_rate * between));

        // stay: among j left over, i others stay; left: among u before the auction, j are left over.
        let stay = stay(most, s);
        let mut left = DMatrix::zeros(most, most);
        let mut filled = DVector::zeros(most);
        for u in 1..=most {
            filled[u - 1] = auction.filled(u, 0);
            left.row_mut(u - 1).iter_mut().zip(auction.left_over(u, 0)).for_each(|(x, p)| *x = p);
        }
        let again = &left * &stay * s;
        let solve = |matrix: DMatrix<f64>, right: &DVector<f64>| matrix.lu().solve(right);
        let unit = || DMatrix::identity(most, most);
        let chance = solve(unit() - &again, &filled)?;
        let worth = if discount_rate == 0.0 { chance.clone() } else { solve(unit() - &again * beta, &filled)? };
        // A chance later: the delay of those that will be filled grows by the time between.
        let later = solve(unit() - &again, &(&again * &chance * between))?;

        let (chance_left, worth_left) = (&stay * &chance * s, &stay * &worth * (s * beta));
        let later_left = (&stay * &later + &stay * &chance * between) * s;
        let mut sum = Self { discount_rate, filled: 0.0, worth: 0.0, later: 0.0 };
        let mut add = |p: f64, filled: f64, worth: f64, later: f64| {
            sum.filled += p * filled;
            sum.worth += p * worth;
            sum.later += p * later;
        };
        for (u, &p) in own.iter().enumerate() {
            add(p, chance[u], worth[u], later[u]);
        }
        let largest = own.iter().chain(other).copied().fold(0.0, f64::max);
        for (n, &p) in other.iter().enumerate().skip(1).filter(|(_, p)| **p > RARE * largest) {
            let (now, left) = (auction.filled(1, n), DVector::from_vec(auction.left_over(1, n)));
            add(p, now + left.dot(&chance_left), now + left.dot(&worth_left), left.dot(&later_left));
        }
        Some(sum)
    }
}

/// Row `j - 1`: the law of `Binomial(j - 1, s)`.
fn stay(most: usize, s: f64) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(most, most);
    let mut row = vec![0.0; most];
    row[0] = 1.0;
    for j in 0..most {
        if j > 0 {
            next_thinning(&mut row, j, s);
        }
        matrix.row_mut(j).iter_mut().zip(&row).for_each(|(x, p)| *x = *p);
    }
    matrix
}
