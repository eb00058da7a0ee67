//! Whether the auctions of the pools are executed, and when: what whoever runs them means for the tree.

use crate::error::{Error, Result, checked, shown};
use crate::pool_tree::PoolTree;
use serde::{Deserialize, Serialize};

/// Execution of one auction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Executed {
    /// Probability `e` that it is executed by the deadline.
    pub probability: f64,
    /// `V = E[β^S; executed]`, `S` the delay of the execution; at most `e`.
    pub discounted: f64,
}

impl Executed {
    /// At once and for sure.
    pub const PERFECT: Self = Self { probability: 1.0, discounted: 1.0 };

    fn check(self) -> Result<()> {
        let Self { probability, discounted } = self;
        // One rounding of a sum of probabilities is no mistake.
        checked("probability", probability, |e| (0.0..=1.0 + 1e-12).contains(&e), "at least 0 and at most 1")?;
        let allowed = format!("at least 0 and at most the probability {}", shown(probability));
        checked("discounted", discounted, |v| v >= 0.0 && v <= probability * (1.0 + 1e-9) + 1e-300, &allowed)?;
        Ok(())
    }
}

/// Execution at all pools of one height; independent from pool to pool and window to window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct LevelExecution {
    deadline: f64,
    pools: Vec<Executed>,
}

/// A [`LevelExecution`] as read, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    deadline: f64,
    pools: Vec<Executed>,
}

impl TryFrom<Unchecked> for LevelExecution {
    type Error = Error;

    fn try_from(Unchecked { deadline, pools }: Unchecked) -> Result<Self> {
        Self::new(deadline, pools)
    }
}

impl LevelExecution {
    /// - `deadline ≥ 0`: time after the start of an auction at which it is given up, `a`; the next higher auction starts then;
    /// - `pools`: one law for all pools of the height, or one for each of them, from the first operator on.
    ///
    /// # Errors
    /// [`Error::Domain`] for a number out of range or without any law.
    pub fn new(deadline: f64, mut pools: Vec<Executed>) -> Result<Self> {
        checked("deadline", deadline, |a| a >= 0.0, "finite and at least 0")?;
        pools.iter().try_for_each(|pool| pool.check())?;
        match pools.first().copied() {
            None => return Err(Error::domain("pools", "(none)", "one law, or one for each pool")),
            // One law is one number, so that a tree of equal pools is evaluated as such.
            Some(first) if pools.iter().all(|pool| *pool == first) => pools.truncate(1),
            Some(_) => {}
        }
        Ok(Self { deadline, pools })
    }

    /// At once and for sure.
    pub fn perfect() -> Self {
        Self { deadline: 0.0, pools: vec![Executed::PERFECT] }
    }

    /// Time after which an auction is given up, `a`.
    pub fn deadline(&self) -> f64 {
        self.deadline
    }

    /// The law that all pools have in common, if they have.
    pub fn common(&self) -> Option<Executed> {
        if let [only] = self.pools.as_slice() { Some(*only) } else { None }
    }

    /// The law that all pools have in common, or one for each of them, from the first operator on.
    pub fn laws(&self) -> &[Executed] {
        &self.pools
    }

    /// Mean probability of execution over the pools.
    pub(crate) fn mean_probability(&self) -> f64 {
        self.pools.iter().map(|pool| pool.probability).sum::<f64>() / self.pools.len().max(1) as f64
    }

    /// The law of one pool.
    pub fn at(&self, pool: usize) -> Executed {
        self.pools.get(pool).or(self.pools.first()).copied().unwrap_or(Executed::PERFECT)
    }
}

/// Execution of the auctions of every height.
///
/// ```
/// use pooltree::pool_tree::{Executed, Execution, LevelExecution, PoolTree};
/// let tree = PoolTree::new(2, 1)?;
/// let leaf = LevelExecution::perfect();
/// let root = LevelExecution::new(0.1, vec![Executed { probability: 0.9, discounted: 0.8 }])?;
/// let execution = Execution::new(&tree, vec![leaf, root])?;
/// assert_eq!(execution.at(1).at(0).probability, 0.9);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    heights: Vec<LevelExecution>,
}

impl Execution {
    /// The execution at heights `0..=k`.
    ///
    /// # Errors
    /// [`Error::Domain`] unless there is one entry per height, each with one law or one per pool.
    pub fn new(tree: &PoolTree, heights: Vec<LevelExecution>) -> Result<Self> {
        let execution = Self { heights };
        execution.check(tree)?;
        Ok(execution)
    }

    /// Checks that it is one of the heights and pools of `tree`.
    pub(super) fn check(&self, tree: &PoolTree) -> Result<()> {
        let wanted = tree.depth() as usize + 1;
        if self.heights.len() != wanted {
            let given = format!("({} heights)", self.heights.len());
            return Err(Error::domain("execution", given, format!("{wanted} heights")));
        }
        for (height, level) in (0..=tree.depth()).zip(&self.heights) {
            let pools = tree.pools(height);
            if level.pools.len() > 1 && pools != Some(level.pools.len() as u64) {
                let laws = format!("({} laws at height {height})", level.pools.len());
                return Err(Error::domain("execution", laws, "one law, or one for each pool"));
            }
        }
        Ok(())
    }

    /// The execution at heights `0..=k`.
    pub fn levels(&self) -> &[LevelExecution] {
        &self.heights
    }

    /// The execution at `height ≤ k`.
    pub fn at(&self, height: u32) -> &LevelExecution {
        &self.heights[height as usize]
    }

    /// Whether every auction is executed at once and for sure, so that nothing differs from a tree without keepers.
    pub fn is_perfect(&self) -> bool {
        self.heights.iter().all(|level| level.deadline == 0.0 && level.pools == [Executed::PERFECT])
    }
}
