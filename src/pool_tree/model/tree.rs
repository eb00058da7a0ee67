//! The complete `γ`-ary tree of pools.

use crate::error::{Error, Result};
use crate::kernels::power::times_power;
use serde::Serialize;

/// A complete `γ`-ary tree over `N = γ^k` operators; a pool of height `h` holds `γ^h` of them.
///
/// Height 0 are the operators themselves (degenerate pools of one), height `k` is the global pool. Operators are numbered
/// `0..N` around the circle, so that siblings are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PoolTree {
    arity: u32,
    depth: u32,
}

impl PoolTree {
    /// The tree of arity `γ ≥ 2` and depth `k ≥ 0`.
    ///
    /// # Errors
    /// [`Error::Domain`] for `arity < 2` and for a `depth` at which `γ^k` is not finite in `f64`
    /// (`γ = 2` reaches depth 1023).
    pub fn new(arity: u32, depth: u32) -> Result<Self> {
        if arity < 2 {
            return Err(Error::domain("arity", arity, "an integer of at least 2"));
        }
        let tree = Self { arity, depth };
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

    /// Number of children of a pool, `γ`.
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

    /// Number of operators in a pool of `height`, if it fits `u64`.
    pub fn size(&self, height: u32) -> Option<u64> {
        u64::from(self.arity).checked_pow(height)
    }

    /// Number of pools of a height, if it fits `u64`.
    pub fn pools(&self, height: u32) -> Option<u64> {
        self.size(self.depth.checked_sub(height)?)
    }

    /// `γ^exponent · value`, the exponent of either sign, without premature overflow.
    pub(crate) fn scaled(&self, value: f64, exponent: i64) -> f64 {
        times_power(value, self.arity, exponent)
    }

    /// Number of operators in a pool of `height` as a floating-point number.
    pub fn size_f64(&self, height: u32) -> f64 {
        self.scaled(1.0, i64::from(height))
    }

    /// Index of the pool of `height` that holds `operator`: `⌊operator / γ^height⌋`.
    pub fn pool_index(&self, operator: u64, height: u32) -> u64 {
        self.size(height).map_or(0, |size| operator / size)
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
        let arity = u64::from(self.arity);
        let (mut a, mut b, mut height) = (a, b, 0);
        while a != b {
            (a, b, height) = (a / arity, b / arity, height + 1);
        }
        height
    }
}
