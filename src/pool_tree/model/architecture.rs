//! Which heights hold auctions.

use crate::error::{Error, Result};
use crate::pool_tree::PoolTree;
use serde::{Deserialize, Serialize};

/// The nonempty set of heights that hold auctions.
///
/// The full tree, the global pool and disconnected local pools are values of this one type: `{1, …, k}`, `{k}`, `{j}`.
/// Orders left over at the highest active height expire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "Vec<u32>", try_from = "Vec<u32>")]
pub struct Architecture {
    heights: Vec<u32>,
}

impl Architecture {
    /// The architecture with auctions at `heights` of `tree`; the order given does not matter.
    ///
    /// # Errors
    /// [`Error::Domain`] if there is no height, one above the depth, or one given twice.
    pub fn new(tree: &PoolTree, heights: impl IntoIterator<Item = u32>) -> Result<Self> {
        let mut heights: Vec<u32> = heights.into_iter().collect();
        heights.sort_unstable();
        let depth = tree.depth();
        let allowed = || format!("distinct heights from 0 to {depth} (tree.depth), at least one");
        if heights.is_empty() {
            return Err(Error::domain("heights", "(none)", allowed()));
        }
        for (i, &height) in heights.iter().enumerate() {
            if height > depth || (i > 0 && heights[i - 1] == height) {
                return Err(Error::domain("heights", height, allowed()));
            }
        }
        Ok(Self { heights })
    }

    /// Checks the heights against a tree, which may be another than the one they were chosen for.
    ///
    /// # Errors
    /// [`Error::Domain`] if there is a height above the depth.
    pub fn check(&self, tree: &PoolTree) -> Result<()> {
        Self::new(tree, self.heights.iter().copied()).map(|_| ())
    }

    /// The full tree `{1, …, k}`, or `{0}` at depth 0.
    pub fn full(tree: &PoolTree) -> Self {
        Self { heights: (tree.depth().min(1)..=tree.depth()).collect() }
    }

    /// The global pool only, `{k}`.
    pub fn global(tree: &PoolTree) -> Self {
        Self { heights: vec![tree.depth()] }
    }

    /// Disconnected local pools of `height`.
    ///
    /// # Errors
    /// [`Error::Domain`] if `height` is above the depth.
    pub fn local(tree: &PoolTree, height: u32) -> Result<Self> {
        Self::new(tree, [height])
    }

    /// A set that comes from a search over heights of `tree` in increasing order, nonempty by construction.
    pub(crate) fn from_sorted(heights: Vec<u32>) -> Self {
        debug_assert!(!heights.is_empty() && heights.is_sorted());
        Self { heights }
    }

    /// The active heights in increasing order.
    pub fn heights(&self) -> &[u32] {
        &self.heights
    }

    /// Full tree, global pool and each level of disconnected local pools, by the names `tree`, `global`, `local-j`.
    pub fn named(tree: &PoolTree) -> Vec<(String, Self)> {
        let mut named = vec![("tree".to_owned(), Self::full(tree)), ("global".to_owned(), Self::global(tree))];
        named.extend((1..tree.depth()).map(|j| (format!("local-{j}"), Self { heights: vec![j] })));
        named
    }
}

impl From<Architecture> for Vec<u32> {
    fn from(architecture: Architecture) -> Self {
        architecture.heights
    }
}

/// Heights of some tree, rising; [`Architecture::check`] holds them against a tree.
impl TryFrom<Vec<u32>> for Architecture {
    type Error = Error;

    /// # Errors
    /// [`Error::Domain`] if there is no height, or they do not rise.
    fn try_from(heights: Vec<u32>) -> Result<Self> {
        if heights.is_empty() || !heights.is_sorted_by(|a, b| a < b) {
            let shown: Vec<String> = heights.iter().map(u32::to_string).collect();
            return Err(Error::domain("heights", format!("[{}]", shown.join(", ")), "rising heights, at least one"));
        }
        Ok(Self { heights })
    }
}

impl std::fmt::Display for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("{")?;
        // Runs of three or more are shortened: {1, …, 10}, {0, 2, 3}.
        let mut rest = self.heights.as_slice();
        let mut separator = "";
        while let [first, ..] = rest {
            let run = rest.iter().zip(*first..).take_while(|(height, next)| **height == *next).count();
            let shown = if run > 2 { run } else { 1 };
            f.write_str(separator)?;
            if shown > 1 {
                write!(f, "{first}, …, {}", rest[shown - 1])?;
            } else {
                write!(f, "{first}")?;
            }
            rest = &rest[shown..];
            separator = ", ";
        }
        f.write_str("}")
    }
}
