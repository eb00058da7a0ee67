//! Consensus latency of a pool by height.

use crate::error::{Error, Result, checked, shown};
use crate::kernels::power::times_power;
use crate::pool_tree::PoolTree;
use serde::Serialize;

mod ring;

/// How the consensus latency `L_h` of a pool of height `h` arises.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum LatencyModel {
    /// `scale · γ^(h · exponent)`: exponent 1 is the circle of the document, 1/2 the globe, `1/d` a `d`-dimensional world.
    Proportional {
        /// Latency of height 0, in units of time, `≥ 0`.
        scale: f64,
        /// Growth exponent, `≥ 0`.
        exponent: f64,
    },
    /// Operators at unit distance on a circle; the statistic says what consensus waits for.
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
                if let RingStatistic::RandomQuorum { quorum } | RingStatistic::FastestQuorum { quorum } = statistic {
                    checked("quorum", *quorum, |q| q > 0.0 && q <= 1.0, "above 0 and at most 1")?;
                }
            }
            LatencyModel::Table { values } => {
                for (h, &value) in values.iter().enumerate() {
                    non_negative(&format!("values.{h}"), value)?;
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
                let growth = f64::from(tree.arity()).powf(f64::from(tree.depth()) * exponent);
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
            _ => Ok(()),
        }
    }

    /// `L_h` of a pool of `height`, in units of time, without solving.
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
                } else if power < 1e6 {
                    // The whole part in pieces, so that a small scale meets a large power before it overflows.
                    times_power(*scale, tree.arity(), power as i64) * f64::from(tree.arity()).powf(power.fract())
                } else {
                    f64::INFINITY
                }
            }
            LatencyModel::Ring { statistic, spacing } => {
                let size = tree.size_f64(height);
                let shape = if height == tree.depth() { ring::Shape::Circle } else { ring::Shape::Arc };
                spacing * ring::latency(*statistic, shape, size)
            }
            LatencyModel::Table { values } => values[height as usize],
        }
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
