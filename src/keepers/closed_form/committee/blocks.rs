//! Rankings made of blocks, each ahead of the next.

use super::clock::Clocks;
use super::integral;
use crate::error::Result;
use nalgebra::DMatrix;

/// Order within a block.
#[derive(Debug, Clone)]
pub(super) enum Order {
    /// Every order alike.
    Random,
    /// As clocks ring.
    Clocks(Clocks),
}

/// Keepers whose ranks follow each other.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) members: Vec<usize>,
    pub(super) order: Order,
}

impl Block {
    pub(super) fn random(members: Vec<usize>) -> Self {
        Self { members, order: Order::Random }
    }

    pub(super) fn one(member: usize) -> Self {
        Self::random(vec![member])
    }

    /// Inclusion of the members where `k ≤ t` of them are selected, and their joint inclusion if wanted.
    fn inclusion(&self, k: usize) -> Vec<f64> {
        let t = self.members.len();
        match &self.order {
            _ if k == 0 || k == t => vec![if k == 0 { 0.0 } else { 1.0 }; t],
            Order::Random => vec![k as f64 / t as f64; t],
            Order::Clocks(clocks) => integral::inclusion(clocks, k),
        }
    }

    fn joint(&self, k: usize) -> Result<DMatrix<f64>> {
        let t = self.members.len();
        Ok(match &self.order {
            _ if k < 2 => DMatrix::zeros(t, t),
            _ if k == t => DMatrix::from_element(t, t, 1.0),
            Order::Random => DMatrix::from_element(t, t, pairs(k) / pairs(t)),
            Order::Clocks(clocks) => integral::joint(clocks, k)?,
        })
    }

    fn ranks(&self) -> Result<DMatrix<f64>> {
        let t = self.members.len();
        Ok(match &self.order {
            Order::Random => DMatrix::from_element(t, t, (t as f64).recip()),
            Order::Clocks(clocks) => integral::ranks(clocks)?,
        })
    }
}

/// Ordered pairs of `k`.
fn pairs(k: usize) -> f64 {
    k as f64 * k.saturating_sub(1) as f64
}

/// What is wanted of a ranking.
#[derive(Debug, Clone)]
pub(super) enum Ranking {
    /// Blocks, each ahead of the next; whoever is in none is never selected.
    Blocks(Vec<Block>),
    /// Everybody alike, but maybe not everybody: the probabilities that at least 1, 2, … are selected.
    Alike(Vec<f64>),
}

impl Ranking {
    /// Inclusion of `n` keepers where `m` are wanted, and the probability that fewer are selected.
    pub(super) fn inclusion(&self, n: usize, m: usize) -> (Vec<f64>, f64) {
        match self {
            Self::Alike(at_least) => {
                let all = at_least.iter().take(m).sum::<f64>();
                let enough = if m == 0 { 1.0 } else { at_least.get(m - 1).copied().unwrap_or(0.0) };
                (vec![all / n as f64; n], 1.0 - enough)
            }
            Self::Blocks(blocks) => {
                let mut inclusion = vec![0.0; n];
                let mut left = m;
                for block in blocks {
                    let k = left.min(block.members.len());
                    block.members.iter().zip(block.inclusion(k)).for_each(|(&i, pi)| inclusion[i] = pi);
                    left -= k;
                }
                (inclusion, if left > 0 { 1.0 } else { 0.0 })
            }
        }
    }

    /// Joint inclusion, the diagonal being inclusion.
    pub(super) fn joint(&self, n: usize, m: usize) -> Result<DMatrix<f64>> {
        let (inclusion, _) = self.inclusion(n, m);
        let mut joint = match self {
            Self::Alike(at_least) => {
                let both = at_least.iter().take(m).enumerate().map(|(k, p)| 2.0 * k as f64 * p).sum::<f64>();
                DMatrix::from_element(n, n, if n < 2 { 0.0 } else { both / pairs(n) })
            }
            Self::Blocks(blocks) => {
                // Blocks are independent given their sizes.
                let mut joint = DMatrix::from_fn(n, n, |i, j| inclusion[i] * inclusion[j]);
                let mut left = m;
                for block in blocks {
                    let k = left.min(block.members.len());
                    let within = block.joint(k)?;
                    for (a, &i) in block.members.iter().enumerate() {
                        block.members.iter().enumerate().for_each(|(b, &j)| joint[(i, j)] = within[(a, b)]);
                    }
                    left -= k;
                }
                joint
            }
        };
        (0..n).for_each(|i| joint[(i, i)] = inclusion[i]);
        Ok(joint)
    }

    /// `P(rank of i = r)` at `(i, r - 1)`.
    pub(super) fn ranks(&self, n: usize) -> Result<DMatrix<f64>> {
        match self {
            Self::Alike(at_least) => Ok(DMatrix::from_fn(n, n, |_, r| at_least[r] / n as f64)),
            Self::Blocks(blocks) => {
                let mut ranks = DMatrix::zeros(n, n);
                let mut ahead = 0;
                for block in blocks {
                    let within = block.ranks()?;
                    for (a, &i) in block.members.iter().enumerate() {
                        within.row(a).iter().enumerate().for_each(|(r, p)| ranks[(i, ahead + r)] = *p);
                    }
                    ahead += block.members.len();
                }
                Ok(ranks)
            }
        }
    }
}
