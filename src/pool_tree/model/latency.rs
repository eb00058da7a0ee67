//! Consensus latency of a pool by height.

use crate::error::{Error, Result, checked, shown};
use crate::kernels::elementary::pow;
use crate::kernels::power::times_power;
use crate::pool_tree::PoolTree;
use serde::Serialize;
use std::sync::Arc;

mod ring;

/// How the consensus latency `L_h` of a pool of height `h` arises.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum LatencyModel {
    /// `scale · m^exponent` for the pool's `m = γ^h` operators: exponent 1 is the circle of the document, 1/2 the globe, `1/d` a
    /// `d`-dimensional world.
    Proportional {
        /// Latency of height 0, in units of time, `≥ 0`.
        scale: f64,
        /// Growth exponent, `≥ 0`.
        exponent: f64,
    },
    /// Operators at unit distance on a circle, in tree order; the statistic says what consensus waits for.
    Ring {
        /// What consensus waits for.
        #[serde(flatten)]
        statistic: RingStatistic,
        /// Latency between neighbours, in units of time, `≥ 0`.
        spacing: f64,
    },
    /// One latency per height `0..=k`, each `≥ 0`.
    Table {
        /// Latencies in units of time.
        values: Vec<f64>,
    },
    /// Pool by pool, from the latencies between operators at given sites.
    Sites {
        /// What consensus waits for.
        #[serde(flatten)]
        statistic: RingStatistic,
        /// Units of time per millisecond, above 0.
        scale: f64,
        /// What follows: latencies in units of time, by height and pool.
        #[serde(skip)]
        pools: Arc<Vec<Vec<f64>>>,
    },
}

/// What consensus in a pool of `m` operators on the circle waits for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "statistic", rename_all = "kebab-case")]
pub enum RingStatistic {
    /// The largest distance between two members.
    Diameter,
    /// Mean over the members of the distance to the farthest other.
    MeanFarthest,
    /// Mean over proposers of the expected distance to the farthest of `q = min(m, ⌊quorum · m + 1e-9⌋ + 1)` members
    /// chosen uniformly, the proposer not forced in.
    RandomQuorum {
        /// Share of the pool that must agree, in `(0, 1]`.
        quorum: f64,
    },
    /// Mean over proposers of the distance to the `q`-th nearest member, the proposer's own 0 included.
    FastestQuorum {
        /// Share of the pool that must agree, in `(0, 1]`.
        quorum: f64,
    },
}

impl RingStatistic {
    /// # Errors
    /// [`Error::Domain`] unless a quorum is in `(0, 1]`.
    pub fn check(&self) -> Result<()> {
        if let Self::RandomQuorum { quorum } | Self::FastestQuorum { quorum } = self {
            checked("quorum", *quorum, |q| q > 0.0 && q <= 1.0, "above 0 and at most 1")?;
        }
        Ok(())
    }
}

/// A valid [`LatencyModel`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Latency {
    model: LatencyModel,
}

impl Latency {
    /// Checks what can be checked without a tree.
    ///
    /// # Errors
    /// [`Error::Domain`] unless scale, exponent, spacing and values are finite and `≥ 0` and a quorum is in `(0, 1]`.
    pub fn new(model: LatencyModel) -> Result<Self> {
        let non_negative = |key: &str, value: f64| checked(key, value, |v| v >= 0.0, "finite and at least 0");
        match &model {
            LatencyModel::Proportional { scale, exponent } => {
                non_negative("scale", *scale)?;
                non_negative("exponent", *exponent)?;
            }
            LatencyModel::Ring { statistic, spacing } => {
                non_negative("spacing", *spacing)?;
                statistic.check()?;
            }
            LatencyModel::Table { values } => {
                for (h, &value) in values.iter().enumerate() {
                    non_negative(&format!("values.{h}"), value)?;
                }
            }
            LatencyModel::Sites { statistic, scale, pools } => {
                statistic.check()?;
                checked("scale", *scale, |s| s > 0.0, "finite and above 0")?;
                for (height, of_pools) in pools.iter().enumerate() {
                    for (pool, &latency) in of_pools.iter().enumerate() {
                        non_negative(&format!("pools.{height}.{pool}"), latency)?;
                    }
                }
            }
        }
        Ok(Self { model })
    }

    /// As given.
    pub fn model(&self) -> &LatencyModel {
        &self.model
    }

    /// Checks the model against a tree: table length, every latency finite, quorum sums within reach.
    ///
    /// # Errors
    /// [`Error::Domain`] for a table that does not have one value per height or a quorum too small to be summed exactly
    /// in a pool so large, [`Error::NotFinite`] for a latency that overflows at the root.
    pub fn check(&self, tree: &PoolTree) -> Result<()> {
        let overflow = |key: &str, value: f64| Err(Error::not_finite(key, value, "the root's latency"));
        match &self.model {
            LatencyModel::Proportional { scale, exponent } if !self.value(tree, tree.depth()).is_finite() => {
                let growth = pow(f64::from(tree.arity()), f64::from(tree.depth()) * exponent);
                if growth.is_finite() { overflow("scale", *scale) } else { overflow("exponent", *exponent) }
            }
            LatencyModel::Ring { spacing, .. } if !(spacing * tree.size_f64(tree.depth())).is_finite() => {
                overflow("spacing", *spacing)
            }
            LatencyModel::Ring { statistic: RingStatistic::RandomQuorum { quorum }, .. } => {
                if ring::random_quorum_in_reach(*quorum, tree.size_f64(tree.depth())) {
                    Ok(())
                } else {
                    Err(Error::domain(
                        "quorum",
                        shown(*quorum),
                        "larger for a pool of this size (above 1e-5 always is enough)",
                    ))
                }
            }
            LatencyModel::Table { values } => check_table_length(values.len(), tree),
            LatencyModel::Sites { pools, .. } => {
                let counts = (0..=tree.depth()).map(|height| tree.pools(height));
                if counts.eq(pools.iter().map(|of_pools| Some(of_pools.len() as u64))) {
                    Ok(())
                } else {
                    Err(Error::domain("model", "sites", "another model, or a tree of pools over the sites"))
                }
            }
            _ => Ok(()),
        }
    }

    /// `L_h` of a pool of `height`, in units of time, without solving; the largest, where pools differ.
    ///
    /// # Errors
    /// [`Error::Domain`] if the height is above the depth, else as [`Latency::check`].
    pub fn at(&self, tree: &PoolTree, height: u32) -> Result<f64> {
        self.check(tree)?;
        if height > tree.depth() {
            return Err(Error::domain("height", height, format!("an integer from 0 to {} (tree.depth)", tree.depth())));
        }
        Ok(self.value(tree, height))
    }

    /// [`Latency::at`] for a model checked against the tree.
    pub(crate) fn value(&self, tree: &PoolTree, height: u32) -> f64 {
        match &self.model {
            LatencyModel::Proportional { scale, exponent } => {
                let power = f64::from(height) * exponent;
                if *scale == 0.0 {
                    0.0
                } else if tree.given_pools().is_some() {
                    scale * pow(tree.size_f64(height), *exponent)
                } else if power < 1e6 {
                    // The whole part in pieces, so that a small scale meets a large power before it overflows.
                    times_power(*scale, tree.arity(), power as i64) * pow(f64::from(tree.arity()), power.fract())
                } else {
                    f64::INFINITY
                }
            }
            LatencyModel::Ring { .. } if tree.given_pools().is_some() => {
                self.of_pools(tree, height).into_iter().fold(0.0, f64::max)
            }
            LatencyModel::Ring { statistic, spacing } => {
                let size = tree.size_f64(height);
                let shape = if height == tree.depth() { ring::Shape::Circle } else { ring::Shape::Arc };
                spacing * ring::latency(*statistic, shape, size)
            }
            LatencyModel::Table { values } => values[height as usize],
            LatencyModel::Sites { pools, .. } => pools[height as usize].iter().copied().fold(0.0, f64::max),
        }
    }

    /// Latency of every pool of a height, for a model checked against the tree, whose pools can be counted.
    pub(crate) fn of_pools(&self, tree: &PoolTree, height: u32) -> Vec<f64> {
        let by_size = |of: &dyn Fn(usize) -> f64| -> Option<Vec<f64>> {
            let pools = tree.given_pools()?;
            // Pools of one size are one number, which may be a long sum.
            let mut last: Option<(usize, f64)> = None;
            let mut one = |size: usize| {
                let (_, latency) = last.filter(|(known, _)| *known == size).unwrap_or_else(|| (size, of(size)));
                last = Some((size, latency));
                latency
            };
            Some((0..pools.count(height)).map(|pool| one(pools.range(height, pool).len())).collect())
        };
        let own = match &self.model {
            LatencyModel::Sites { pools, .. } => Some(pools[height as usize].clone()),
            LatencyModel::Proportional { scale, exponent } if *scale > 0.0 => {
                by_size(&|size| scale * pow(size as f64, *exponent))
            }
            LatencyModel::Ring { statistic, spacing } => {
                let all = tree.operators();
                by_size(&|size| {
                    let shape = if all == Some(size as u64) { ring::Shape::Circle } else { ring::Shape::Arc };
                    spacing * ring::latency(*statistic, shape, size as f64)
                })
            }
            LatencyModel::Proportional { .. } | LatencyModel::Table { .. } => None,
        };
        own.unwrap_or_else(|| vec![self.value(tree, height); tree.pools(height).unwrap_or(0) as usize])
    }
}

/// One value per height.
pub(crate) fn check_table_length(length: usize, tree: &PoolTree) -> Result<()> {
    let wanted = tree.depth() as usize + 1;
    if length == wanted {
        Ok(())
    } else {
        let allowed = format!("{wanted} values, one for each height 0..={}", tree.depth());
        Err(Error::domain("values", format!("({length} values)"), allowed))
    }
}
