//! Rooted trees of pools.

use pooltree::pool_tree::PoolTree;
use pooltree::pool_tree::Pools;
use proptest::prelude::*;

/// Random nested divisions: heights 1 to `k - 1` over `n` operators in a shuffled order.
pub(super) fn nested() -> impl Strategy<Value = (usize, Vec<Vec<Vec<usize>>>)> {
    (1usize..14, 1u32..5).prop_flat_map(|(n, depth)| {
        let order = Just((0..n).collect::<Vec<_>>()).prop_shuffle();
        let cuts = proptest::collection::vec(proptest::collection::vec(any::<bool>(), n), depth as usize - 1);
        (order, cuts).prop_map(move |(order, cuts)| {
            // A cut of a height is one of all heights below it.
            let mut heights: Vec<Vec<Vec<usize>>> = Vec::new();
            let mut cut = vec![false; n];
            for own in cuts {
                cut.iter_mut().zip(own).for_each(|(cut, own)| *cut |= own);
                let mut pools = vec![Vec::new()];
                for (&operator, &cut) in order.iter().zip(&cut) {
                    if cut && !pools.last().unwrap().is_empty() {
                        pools.push(Vec::new());
                    }
                    pools.last_mut().unwrap().push(operator);
                }
                heights.insert(0, pools);
            }
            (n, heights)
        })
    })
}

#[test]
fn regular_trees_are_those_of_the_document() {
    for (arity, depth) in [(2, 0), (2, 4), (3, 3), (7, 2)] {
        let tree = PoolTree::new(arity, depth).unwrap();
        let pools = Pools::regular(&tree).unwrap();
        assert_eq!((pools.depth(), pools.operators() as u64), (depth, tree.operators().unwrap()));
        for height in 0..=depth {
            assert_eq!(pools.count(height) as u64, tree.pools(height).unwrap());
            let size = tree.size(height).unwrap() as f64;
            assert_eq!(pools.messages(height), size * size * pools.count(height) as f64);
        }
        for a in 0..pools.operators() {
            for height in 0..=depth {
                assert_eq!(pools.pool_of(height, a) as u64, tree.pool_index(a as u64, height));
            }
            assert_eq!(pools.meeting_height(a, 0), tree.meeting_height(a as u64, 0));
        }
    }
    assert!(Pools::regular(&PoolTree::new(2, 30).unwrap()).unwrap_err().to_string().contains("at most 16777216"));
}

#[test]
fn mistakes_are_named() {
    let mistake = |n, heights: &[Vec<Vec<usize>>]| Pools::new(n, heights).unwrap_err().to_string();
    assert_eq!(mistake(0, &[]), "operators = 0: must be at least 1");
    assert_eq!(mistake(2, &[vec![vec![0, 1], vec![]]]), "pools.1.1 = (no operators): must be at least one operator");
    assert_eq!(mistake(2, &[vec![vec![0], vec![2]]]), "pools.1.1 = 2: must be operators 0 to 1");
    assert_eq!(
        mistake(2, &[vec![vec![0], vec![1, 0]]]),
        "pools.1.1 = 0: must be operators that are there once at height 1"
    );
    assert_eq!(
        mistake(3, &[vec![vec![0], vec![2]]]),
        "pools.1 = (without operator 1): must be a pool for every operator"
    );
    assert_eq!(
        mistake(4, &[vec![vec![0, 2], vec![1], vec![3]], vec![vec![0, 1], vec![2, 3]]]),
        "pools.1.0 = (operators 0 and 2): must be operators of one pool of height 2"
    );
}

proptest! {
    #![proptest_config(crate::properties::support::config())]

    #[test]
    fn pools_of_a_height_divide_the_operators((n, heights) in nested()) {
        let pools = Pools::new(n, &heights).unwrap();
        prop_assert_eq!(pools.depth() as usize, heights.len() + 1);
        for height in 0..=pools.depth() {
            let mut all: Vec<usize> = (0..pools.count(height)).flat_map(|pool| pools.members(height, pool).to_vec()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
            for pool in 0..pools.count(height) {
                let members = pools.members(height, pool);
                prop_assert!(members.iter().all(|&operator| pools.pool_of(height, operator) == pool));
                if (1..pools.depth()).contains(&height) {
                    let mut given = heights[height as usize - 1].iter().find(|given| given.contains(&members[0])).unwrap().clone();
                    let mut members = members.to_vec();
                    given.sort_unstable();
                    members.sort_unstable();
                    prop_assert_eq!(members, given);
                }
                if height > 0 {
                    let of_children: Vec<usize> =
                        pools.children(height, pool).flat_map(|child| pools.members(height - 1, child).to_vec()).collect();
                    prop_assert_eq!(of_children, members);
                }
            }
        }
    }
}
