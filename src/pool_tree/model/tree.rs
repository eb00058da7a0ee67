//! The tree of pools: complete, or of any shape.

use super::Pools;
use crate::error::{Error, Result};
use crate::kernels::power::{quotient_times_power, times_power};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A complete `γ`-ary tree over `N = γ^k` operators, a pool of height `h` holding `γ^h` of them; or any rooted tree of [`Pools`].
///
/// Height 0 are the operators themselves (degenerate pools of one), height `k` is the global pool. Operators of a complete
/// tree are numbered `0..N` around the circle, so that siblings are neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolTree {
    arity: u32,
    depth: u32,
    /// The pools, where they are given one by one.
    given: Option<Arc<Pools>>,
}

impl PoolTree {
    /// The complete tree of arity `γ ≥ 2` and depth `k ≥ 0`.
    ///
    /// # Errors
    /// [`Error::Domain`] for `arity < 2` and for a `depth` at which `γ^k` is not finite in `f64`
    /// (`γ = 2` reaches depth 1023).
    pub fn new(arity: u32, depth: u32) -> Result<Self> {
        if arity < 2 {
            return Err(Error::domain("arity", arity, "an integer of at least 2"));
        }
        let tree = Self { arity, depth, given: None };
        if !times_power(1.0, arity, i64::from(depth)).is_finite() {
            let finite = |depth: &u32| times_power(1.0, arity, i64::from(*depth)).is_finite();
            let most = (1..1024).rev().find(finite).unwrap_or(0);
            return Err(Error::domain(
                "depth",
                depth,
                format!("at most {most} for arity {arity} (arity^depth overflows)"),
            ));
        }
        Ok(tree)
    }

    /// The tree of given pools, equal in shape or not.
    ///
    /// ```
    /// use pooltree::pool_tree::{PoolTree, Pools};
    /// let tree = PoolTree::given(Pools::new(5, &[vec![vec![0, 3], vec![1, 4, 2]]])?);
    /// assert_eq!((tree.depth(), tree.operators(), tree.pools(1)), (2, Some(5), Some(2)));
    /// assert_eq!((tree.arity(), tree.size(1)), (3, Some(3))); // the largest
    /// assert_eq!(tree.meeting_height(0, 3), 1);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn given(pools: Pools) -> Self {
        let most = |height: u32| (0..pools.count(height)).map(|pool| pools.children(height, pool).len()).max();
        let arity = (1..=pools.depth()).filter_map(most).max().unwrap_or(1);
        Self { arity: u32::try_from(arity).unwrap_or(u32::MAX), depth: pools.depth(), given: Some(Arc::new(pools)) }
    }

    /// The pools, where they are given one by one; `None` of a complete tree.
    pub fn given_pools(&self) -> Option<&Arc<Pools>> {
        self.given.as_ref()
    }

    /// Number of children of a pool, `γ`; where pools are given, the largest.
    pub fn arity(&self) -> u32 {
        self.arity
    }

    /// Height of the root, `k`.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Number of operators `N = γ^k`, if it fits `u64`.
    pub fn operators(&self) -> Option<u64> {
        self.size(self.depth)
    }

    /// Number of operators in a pool of `height`, if it fits `u64`; where pools are given, in the largest.
    pub fn size(&self, height: u32) -> Option<u64> {
        match &self.given {
            None => u64::from(self.arity).checked_pow(height),
            Some(pools) => (0..pools.count(height)).map(|pool| pools.range(height, pool).len() as u64).max(),
        }
    }

    /// Number of pools of a height, if it fits `u64`.
    pub fn pools(&self, height: u32) -> Option<u64> {
        let above = self.depth.checked_sub(height)?;
        match &self.given {
            None => self.size(above),
            Some(pools) => Some(pools.count(height) as u64),
        }
    }

    /// `γ^exponent · value`, the exponent of either sign, without premature overflow, in a complete tree.
    pub(crate) fn scaled(&self, value: f64, exponent: i64) -> f64 {
        debug_assert!(self.given.is_none());
        times_power(value, self.arity, exponent)
    }

    /// Number of operators in a pool of `height` as a floating-point number; where pools are given, in the largest.
    pub fn size_f64(&self, height: u32) -> f64 {
        match &self.given {
            None => self.scaled(1.0, i64::from(height)),
            Some(_) => self.size(height).unwrap_or(1) as f64,
        }
    }

    /// Number of pools of a height as a floating-point number.
    pub(crate) fn pools_f64(&self, height: u32) -> f64 {
        match &self.given {
            None => self.scaled(1.0, i64::from(self.depth) - i64::from(height)),
            Some(pools) => pools.count(height) as f64,
        }
    }

    /// Messages of one auction of every pool of a height, all to all, times `worth / period`.
    pub(crate) fn messages(&self, height: u32, worth: f64, period: f64) -> f64 {
        match &self.given {
            None => quotient_times_power(worth, period, self.arity, i64::from(self.depth) + i64::from(height)),
            Some(pools) => worth * pools.messages(height) / period,
        }
    }

    /// Index of the pool of `height` that holds `operator`: `⌊operator / γ^height⌋` in a complete tree.
    pub fn pool_index(&self, operator: u64, height: u32) -> u64 {
        match &self.given {
            None => self.size(height).map_or(0, |size| operator / size),
            Some(pools) => pools.pool_of(height, operator as usize) as u64,
        }
    }

    /// Height of the lowest common ancestor of two operators: the smallest height at which they share a pool.
    ///
    /// ```
    /// let tree = pooltree::pool_tree::PoolTree::new(2, 3)?;
    /// assert_eq!(tree.meeting_height(2, 3), 1);
    /// assert_eq!(tree.meeting_height(3, 4), 3); // neighbours, yet cut apart by the seam at the top
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn meeting_height(&self, a: u64, b: u64) -> u32 {
        if let Some(pools) = &self.given {
            return pools.meeting_height(a as usize, b as usize);
        }
        let arity = u64::from(self.arity);
        let (mut a, mut b, mut height) = (a, b, 0);
        while a != b {
            (a, b, height) = (a / arity, b / arity, height + 1);
        }
        height
    }
}

/// As in a scenario file: arity and depth, or the pools of every height between the operators and the root.
impl Serialize for PoolTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if let Some(pools) = &self.given {
            let of_height = |height: u32| -> Vec<&[usize]> {
                (0..pools.count(height)).map(|pool| pools.members(height, pool)).collect()
            };
            let heights: Vec<Vec<&[usize]>> = (1..self.depth.max(1)).map(of_height).collect();
            let mut out = serializer.serialize_struct("PoolTree", 2)?;
            out.serialize_field("operators", &pools.operators())?;
            out.serialize_field("pools", &heights)?;
            return out.end();
        }
        let mut out = serializer.serialize_struct("PoolTree", 2)?;
        out.serialize_field("arity", &self.arity)?;
        out.serialize_field("depth", &self.depth)?;
        out.end()
    }
}
