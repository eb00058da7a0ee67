//! Any rooted tree of pools.

use crate::error::{Error, Result};
use crate::pool_tree::PoolTree;
use std::ops::Range;

/// A rooted tree of pools over `n` operators, height by height; arities may differ from pool to pool.
///
/// At every height `0..=k` the pools divide the operators among them, and a pool of height `h + 1` is a union of pools of
/// height `h`. Height 0 are the operators themselves, height `k` is one pool of all. Branches of different length are trees
/// of this kind, too: a pool that is alone in its parent is the same pool at both heights.
///
/// Operators have a place in *tree order*, in which the members of every pool are neighbours: a pool is a range of places.
///
/// ```
/// use pooltree::pool_tree::Pools;
/// // Five operators: {0, 3}, {1, 4, 2} and all of them.
/// let pools = Pools::new(5, &[vec![vec![0, 3], vec![1, 4, 2]]])?;
/// assert_eq!((pools.depth(), pools.count(1), pools.count(2)), (2, 2, 1));
/// assert_eq!(pools.members(1, 1), [1, 4, 2]);
/// assert_eq!(pools.pool_of(1, 4), 1);
/// assert_eq!(pools.children(2, 0), 0..2);
/// assert_eq!(pools.messages(1), 2.0 * 2.0 + 3.0 * 3.0);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pools {
    /// Operator at every place.
    order: Vec<usize>,
    /// Place of every operator.
    place: Vec<usize>,
    /// By height: where every pool begins, and the number of operators at the end.
    starts: Vec<Vec<usize>>,
}

impl Pools {
    /// The tree whose pools of heights 1 to `k - 1` are given as lists of operators; the pool of all, height `k`, is added.
    ///
    /// Lists that divide a pool of the height above decide the tree order: children follow each other as their parent lists
    /// their members.
    ///
    /// # Errors
    /// [`Error::Domain`] with the key `pools.height.index` for no operators, an operator that does not exist or is in two
    /// pools or in none, an empty pool, and a pool that is not inside one of the next height.
    pub fn new(operators: usize, heights: &[Vec<Vec<usize>>]) -> Result<Self> {
        if operators == 0 {
            return Err(Error::domain("operators", 0, "at least 1"));
        }
        // From the root down: the order of a parent's members is refined by that of its children.
        let mut order: Vec<usize> = (0..operators).collect();
        let mut parents = vec![0; operators];
        let mut starts = vec![vec![0, operators]];
        for (below, pools) in heights.iter().enumerate().rev() {
            let height = below + 1;
            let owner = owners(operators, height, pools)?;
            let (mut refined, mut own) = (Vec::with_capacity(operators), Vec::with_capacity(pools.len() + 1));
            let mut is_placed = vec![false; pools.len()];
            for &operator in &order {
                let pool = owner[operator];
                if is_placed[pool] {
                    continue;
                }
                let members = &pools[pool];
                if let Some(outside) = members.iter().find(|&&other| parents[other] != parents[operator]) {
                    let given = format!("(operators {operator} and {outside})");
                    let allowed = format!("operators of one pool of height {}", height + 1);
                    return Err(Error::domain(format!("pools.{height}.{pool}"), given, allowed));
                }
                is_placed[pool] = true;
                own.push(refined.len());
                refined.extend_from_slice(members);
            }
            own.push(operators);
            (order, parents) = (refined, owner);
            starts.insert(0, own);
        }
        starts.insert(0, (0..=operators).collect());
        Ok(Self::from_order(order, starts))
    }

    /// The pools of a complete tree; of another, those that it was given.
    ///
    /// # Errors
    /// [`Error::Domain`] for more than 2^24 operators.
    pub fn regular(tree: &PoolTree) -> Result<Self> {
        const MOST: u64 = 1 << 24;
        if let Some(given) = tree.given_pools() {
            return Ok(given.as_ref().clone());
        }
        let n = tree.operators().filter(|&n| n <= MOST).ok_or_else(|| {
            let given = format!("{:e}", tree.size_f64(tree.depth()));
            Error::domain("operators", given, format!("at most {MOST}"))
        })? as usize;
        let starts = (0..=tree.depth()).map(|height| {
            let size = tree.size(height).unwrap_or(1) as usize;
            (0..=n).step_by(size).collect()
        });
        Ok(Self::from_order((0..n).collect(), starts.collect()))
    }

    fn from_order(order: Vec<usize>, starts: Vec<Vec<usize>>) -> Self {
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &operator)| place[operator] = at);
        Self { order, place, starts }
    }

    /// Height of the root, `k`.
    pub fn depth(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// Number of operators.
    pub fn operators(&self) -> usize {
        self.order.len()
    }

    /// Number of pools of `height ≤ k`.
    pub fn count(&self, height: u32) -> usize {
        self.starts[height as usize].len() - 1
    }

    /// Places of the members of a pool in tree order.
    pub fn range(&self, height: u32, pool: usize) -> Range<usize> {
        let starts = &self.starts[height as usize];
        starts[pool]..starts[pool + 1]
    }

    /// The operators of a pool.
    pub fn members(&self, height: u32, pool: usize) -> &[usize] {
        &self.order[self.range(height, pool)]
    }

    /// The operator at a place in tree order.
    pub fn at_place(&self, place: usize) -> usize {
        self.order[place]
    }

    /// Place of an operator in tree order.
    pub fn place(&self, operator: usize) -> usize {
        self.place[operator]
    }

    /// Index of the pool of `height` that holds `operator`.
    pub fn pool_of(&self, height: u32, operator: usize) -> usize {
        self.pool_at(height, self.place[operator])
    }

    /// Index of the pool of `height` that holds the operator at a place.
    pub fn pool_at(&self, height: u32, place: usize) -> usize {
        self.starts[height as usize].partition_point(|&start| start <= place) - 1
    }

    /// The pools of a lower height `below` that a pool consists of.
    pub fn parts(&self, height: u32, pool: usize, below: u32) -> Range<usize> {
        let Range { start, end } = self.range(height, pool);
        self.pool_at(below, start)..self.pool_at(below, end - 1) + 1
    }

    /// The pools of the next lower height that a pool of `height ≥ 1` consists of.
    pub fn children(&self, height: u32, pool: usize) -> Range<usize> {
        self.parts(height, pool, height - 1)
    }

    /// Height of the lowest pool that holds both operators.
    pub fn meeting_height(&self, a: usize, b: usize) -> u32 {
        (0..=self.depth()).find(|&height| self.pool_of(height, a) == self.pool_of(height, b)).unwrap_or(self.depth())
    }

    /// Messages of one auction of every pool of a height, all to all: `Σ m²`.
    pub fn messages(&self, height: u32) -> f64 {
        self.starts[height as usize].windows(2).map(|pool| ((pool[1] - pool[0]) as f64).powi(2)).sum()
    }
}

/// The pool of every operator.
fn owners(operators: usize, height: usize, pools: &[Vec<usize>]) -> Result<Vec<usize>> {
    let mut owner = vec![usize::MAX; operators];
    for (pool, members) in pools.iter().enumerate() {
        let key = || format!("pools.{height}.{pool}");
        if members.is_empty() {
            return Err(Error::domain(key(), "(no operators)", "at least one operator"));
        }
        for &operator in members {
            let Some(own) = owner.get_mut(operator) else {
                return Err(Error::domain(key(), operator, format!("operators 0 to {}", operators - 1)));
            };
            if *own != usize::MAX {
                return Err(Error::domain(
                    key(),
                    operator,
                    format!("operators that are there once at height {height}"),
                ));
            }
            *own = pool;
        }
    }
    if let Some(missing) = owner.iter().position(|&own| own == usize::MAX) {
        let key = format!("pools.{height}");
        return Err(Error::domain(key, format!("(without operator {missing})"), "a pool for every operator"));
    }
    Ok(owner)
}
