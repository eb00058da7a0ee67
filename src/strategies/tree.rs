//! Trees and the sets of heights that hold auctions.

use crate::pool_tree::{Architecture, PoolTree};
use proptest::prelude::*;
use proptest::sample::select;

/// Trees with at most `max_operators` operators, `γ^k ≤ max_operators`, mostly of arity 2 to 7 and depth up to 10.
///
/// Corners: depth 0, one level, the deepest tree of its arity, arities up to `2^32 - 1`. With `f64::MAX` also trees whose
/// operators no integer counts (`γ = 2, k = 1023`), for which only the closed forms answer. Shrinks towards arity 2 and
/// depth 0.
pub fn pool_tree(max_operators: f64) -> impl Strategy<Value = PoolTree> + Clone + use<> {
    raw_tree().prop_filter_map("a valid tree", move |(arity, depth)| fit_tree(arity, depth, max_operators))
}

/// What arities are drawn from: often small, sometimes huge. In rising order, so that shrinking finds the smallest.
const ARITIES: [u32; 16] = [2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6, 7, 1023, (1 << 20) - 1, u32::MAX];

/// What depths are drawn from before they are cut to what fits.
const DEPTHS: [u32; 26] =
    [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 15, 20, 100, u32::MAX, u32::MAX];

/// Arity and depth before they are fitted to the number of operators.
pub(super) fn raw_tree() -> BoxedStrategy<(u32, u32)> {
    let arity = (0..ARITIES.len()).prop_map(|i| ARITIES[i]);
    let depth = (0..DEPTHS.len()).prop_map(|i| DEPTHS[i]);
    (arity, depth).boxed()
}

/// The tree of `arity` as deep as wanted, as `max_operators` allow, and as can be.
///
/// An arity above the number of operators leaves room for depth 0 only; it is cut to that number first, as long as it is
/// at least 2.
pub(super) fn fit_tree(arity: u32, depth: u32, max_operators: f64) -> Option<PoolTree> {
    let arity = f64::from(arity).min(max_operators.max(2.0)) as u32;
    // 2^1024 overflows: no tree is deeper than 1023.
    (0..=depth.min(1023)).rev().find_map(|depth| {
        PoolTree::new(arity, depth).ok().filter(|tree| depth == 0 || tree.size_f64(depth) <= max_operators)
    })
}

/// Architectures of `tree`: full tree, global pool, disconnected local pools, and any nonempty set of heights with its
/// gaps.
///
/// Corners: `{0}`, `{0, k}`, all heights `0..=k`. Shrinks towards the global pool and towards few heights.
pub fn architecture(tree: &PoolTree) -> impl Strategy<Value = Architecture> + Clone + use<> {
    let tree = tree.clone();
    raw_architecture()
        .prop_filter_map("a valid architecture", move |raw| Architecture::new(&tree, raw.heights(&tree)).ok())
}

/// A set of heights before it is fitted to a tree.
#[derive(Debug, Clone)]
pub(super) enum RawArchitecture {
    Global,
    Lowest,
    Full,
    Local(u32),
    Ends,
    All,
    /// Height `h` is active if entry `h` (cyclically) says so.
    Any(Vec<bool>),
}

/// Number of heights after which a drawn set repeats.
const CYCLE: usize = 24;

pub(super) fn raw_architecture() -> BoxedStrategy<RawArchitecture> {
    let named = [
        RawArchitecture::Global,
        RawArchitecture::Lowest,
        RawArchitecture::Full,
        RawArchitecture::Ends,
        RawArchitecture::All,
    ];
    prop_oneof![
        5 => select(named.to_vec()),
        2 => any_height().prop_map(RawArchitecture::Local),
        6 => proptest::collection::vec(any::<bool>(), CYCLE).prop_map(RawArchitecture::Any),
    ]
    .boxed()
}

/// A height before it is taken modulo the number of heights.
pub(super) fn any_height() -> BoxedStrategy<u32> {
    prop_oneof![8 => 0u32..=23, 1 => 24u32..=2000].boxed()
}

impl RawArchitecture {
    /// The heights in rising order.
    pub(super) fn heights(&self, tree: &PoolTree) -> Vec<u32> {
        let depth = tree.depth();
        let mut heights: Vec<u32> = match self {
            Self::Global => vec![depth],
            Self::Lowest => vec![0],
            Self::Full => Architecture::full(tree).heights().to_vec(),
            Self::Local(height) => vec![height % (depth + 1)],
            Self::Ends => vec![0, depth],
            Self::All => (0..=depth).collect(),
            Self::Any(active) => {
                (0..=depth).zip(active.iter().cycle()).filter_map(|(h, &on)| on.then_some(h)).collect()
            }
        };
        heights.dedup();
        if heights.is_empty() {
            heights.push(depth);
        }
        heights
    }
}
