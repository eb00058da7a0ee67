//! Architectures by name, to be found again on trees of any depth.

use crate::error::{Error, Result};
use crate::pool_tree::{Architecture, PoolTree};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An architecture by name: what it means on a tree depends on the depth of the tree.
///
/// ```
/// use pooltree::explore::Contender;
/// use pooltree::pool_tree::PoolTree;
/// let tree = PoolTree::new(2, 5)?;
/// assert_eq!("tree".parse::<Contender>()?.on(&tree)?.heights(), [1, 2, 3, 4, 5]);
/// assert_eq!("local-2".parse::<Contender>()?.on(&tree)?.heights(), [2]);
/// assert_eq!("1,5".parse::<Contender>()?.on(&tree)?.heights(), [1, 5]);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Contender {
    /// The full tree, all heights from 1 to the depth.
    Tree,
    /// The global pool only.
    Global,
    /// Disconnected local pools of one height.
    Local(u32),
    /// Auctions at these heights.
    Heights(Vec<u32>),
}

impl Contender {
    /// The architecture of this name on `tree`.
    ///
    /// # Errors
    /// [`Error::Domain`] for a height above the depth.
    pub fn on(&self, tree: &PoolTree) -> Result<Architecture> {
        let heights = match self {
            Self::Tree => return Ok(Architecture::full(tree)),
            Self::Global => return Ok(Architecture::global(tree)),
            Self::Local(height) => std::slice::from_ref(height),
            Self::Heights(heights) => heights,
        };
        Architecture::new(tree, heights.iter().copied()).map_err(|error| match error {
            Error::Domain { allowed, .. } => Error::domain("architecture", self, allowed),
            other => other,
        })
    }
}

impl FromStr for Contender {
    type Err = Error;

    /// `tree`, `global`, `local-2`, or heights: `1,3` or `1+3`.
    fn from_str(text: &str) -> Result<Self> {
        let refuse = || Error::domain("architecture", text, "tree, global, local-HEIGHT, or heights such as 1+3");
        let height = |text: &str| text.trim().parse::<u32>().map_err(|_| refuse());
        match text.trim() {
            "tree" => Ok(Self::Tree),
            "global" => Ok(Self::Global),
            other => match other.strip_prefix("local-") {
                Some(number) => Ok(Self::Local(height(number)?)),
                None => Ok(Self::Heights(other.split([',', '+']).map(height).collect::<Result<_>>()?)),
            },
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tree => f.write_str("tree"),
            Self::Global => f.write_str("global"),
            Self::Local(height) => write!(f, "local-{height}"),
            Self::Heights(heights) => f.write_str(&heights.iter().map(u32::to_string).collect::<Vec<_>>().join("+")),
        }
    }
}

impl Serialize for Contender {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
