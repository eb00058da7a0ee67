//! The swap classes of a flow, grouped into equal ones, and where their two sides arrive.

use crate::error::{Error, Result};
use crate::pool_tree::model::scale_free_shares;
use crate::pool_tree::{Component, Kind, Level, Model, PoolTree};
use std::ops::Range;

/// The most operators whose pairs are enumerated.
const MOST_OPERATORS: u64 = 1 << 22;

/// Equal and independent classes: one for every asset pair at every place. Numbers are `f64` in case they are out of reach.
pub(crate) struct Classes {
    /// Lowest height whose pools can hold both sides.
    pub(crate) meets_at: u32,
    /// How many places.
    pub(crate) places: f64,
    /// Orders of one class per unit time, both sides, in one pool of a height that can hold both.
    pub(crate) rate_at: Box<dyn Fn(u32) -> f64 + Send + Sync>,
    /// Whether every pool sees the class, or only those around its place.
    pub(crate) spread: bool,
    /// Share of the orders of a class on its first side.
    pub(crate) side_share: f64,
    /// Where the sides arrive.
    pub(crate) geography: Geography,
}

impl Classes {
    /// Expected orders of one class, both sides, in one pool and window of a level; of sides that do not meet there, all.
    pub(crate) fn orders_at(&self, level: &Level) -> f64 {
        (self.rate_at)(level.height.max(self.meets_at)) * level.period
    }
}

/// Where the two sides of the classes at a place arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Geography {
    /// Both everywhere.
    Everywhere,
    /// Both at one operator; the place is the operator itself, or always this one.
    Operator(Option<u64>),
    /// In two different children of a pool of this height; places are ordered pairs of siblings, pool by pool.
    Siblings(u32),
    /// At two operators this far apart that meet at the given height; places are ordered pairs.
    Apart(u64, u32),
}

/// The classes of every component of a model's flow.
///
/// # Errors
/// [`Error::OutOfReach`] if the pairs of operators at a distance are too many to count.
pub(crate) fn classes(model: &Model) -> Result<Vec<Classes>> {
    let mut all = Vec::new();
    for (share, component) in model.flow().weighted() {
        all.extend(of_component(model, share, component)?);
    }
    Ok(all)
}

/// The classes of one component that has `share` of the flow.
fn of_component(model: &Model, share: f64, component: &Component) -> Result<Vec<Classes>> {
    let tree = model.tree();
    let depth = i64::from(tree.depth());
    let pairs = model.flow().asset_pairs();
    let rate = share * model.flow().rate();
    let side_share = component.side_share();
    let meet_at = |rate: f64, j: u32| {
        let pools = tree.scaled(1.0, depth - i64::from(j));
        let arity = f64::from(tree.arity());
        let places = if j == 0 { pools } else { pools * arity * (arity - 1.0) };
        let geography = if j == 0 { Geography::Operator(None) } else { Geography::Siblings(j) };
        let copies = pairs * places;
        Classes { meets_at: j, places, rate_at: Box::new(move |_| rate / copies), spread: false, side_share, geography }
    };
    Ok(match *component.kind() {
        Kind::Uniform => {
            let tree = tree.clone();
            vec![Classes {
                meets_at: 0,
                places: 1.0,
                rate_at: Box::new(move |height| tree.scaled(rate / pairs, i64::from(height) - depth)),
                spread: true,
                side_share,
                geography: Geography::Everywhere,
            }]
        }
        Kind::SingleSite { operator } => {
            let geography = Geography::Operator(Some(operator));
            let rate_at = Box::new(move |_| rate / pairs);
            vec![Classes { meets_at: 0, places: 1.0, rate_at, spread: false, side_share, geography }]
        }
        Kind::MeetAt { height } | Kind::Nearby { height } => vec![meet_at(rate, height)],
        Kind::Opposite => vec![meet_at(rate, tree.depth())],
        Kind::ScaleFree { exponent } => {
            (1..).zip(scale_free_shares(tree, exponent)).map(|(j, part)| meet_at(rate * part, j)).collect()
        }
        Kind::CircleDistance { distance } => {
            let mut counts = vec![0_u64; tree.depth() as usize + 1];
            apart(tree, distance, |_, _, height| counts[height as usize] += 1)?;
            let total: f64 = counts.iter().map(|&n| n as f64).sum::<f64>() * pairs;
            (0..)
                .zip(counts)
                .map(|(height, n)| Classes {
                    meets_at: height,
                    places: n as f64,
                    rate_at: Box::new(move |_| rate / total),
                    spread: false,
                    side_share,
                    geography: Geography::Apart(distance, height),
                })
                .collect()
        }
        Kind::Custom(_) => {
            let reason = "classes with rates of their own are drawn pool by pool".to_owned();
            return Err(Error::OutOfReach { reason });
        }
    })
}

/// Calls `visit` with every ordered pair of operators `distance` apart on the circle and the height at which they meet:
/// every operator and its neighbour on either side, once if both are the same.
fn apart(tree: &PoolTree, distance: u64, mut visit: impl FnMut(u64, u64, u32)) -> Result<()> {
    let operators = tree.operators().filter(|&n| n <= MOST_OPERATORS).ok_or_else(|| Error::OutOfReach {
        reason: format!("the pairs of {:.1e} operators are too many to enumerate", tree.size_f64(tree.depth())),
    })?;
    for i in 0..operators {
        let right = (i + distance) % operators;
        let left = (i + operators - distance) % operators;
        visit(i, right, tree.meeting_height(i, right));
        if left != right {
            visit(i, left, tree.meeting_height(i, left));
        }
    }
    Ok(())
}

/// Operators at which the first and the second side of a place arrive, evenly.
pub(crate) type Sites = [Range<u64>; 2];

/// The sites of all places of a geography, in a tree whose operators can be numbered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Places {
    /// By a rule.
    Rule(Geography),
    /// One by one.
    Listed(Vec<[u32; 2]>),
}

impl Places {
    /// # Errors
    /// [`Error::OutOfReach`] if operators at a distance are too many to list.
    pub(crate) fn new(tree: &PoolTree, geography: Geography) -> Result<Self> {
        let Geography::Apart(distance, wanted) = geography else { return Ok(Self::Rule(geography)) };
        let mut listed = Vec::new();
        apart(tree, distance, |a, b, height| {
            if height == wanted {
                listed.push([a as u32, b as u32]);
            }
        })?;
        Ok(Self::Listed(listed))
    }

    /// The sites of place `i`; for classes that are everywhere all operators.
    pub(crate) fn sites(&self, tree: &PoolTree, i: u64) -> Sites {
        let one = |operator: u64| operator..operator + 1;
        match *self {
            Self::Rule(Geography::Operator(site)) => [one(site.unwrap_or(i)), one(site.unwrap_or(i))],
            Self::Rule(Geography::Siblings(height)) => {
                let arity = u64::from(tree.arity());
                let (pool, pair) = (i / (arity * (arity - 1)), i % (arity * (arity - 1)));
                let (first, rest) = (pair / (arity - 1), pair % (arity - 1));
                let second = rest + u64::from(rest >= first);
                let size = tree.size(height - 1).unwrap_or(1);
                [first, second].map(|child| (pool * arity + child) * size..(pool * arity + child + 1) * size)
            }
            Self::Rule(Geography::Everywhere | Geography::Apart(..)) => {
                let all = 0..tree.operators().unwrap_or(u64::MAX);
                [all.clone(), all]
            }
            Self::Listed(ref listed) => listed[i as usize].map(|operator| one(u64::from(operator))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_are_all_ordered_pairs() -> Result<()> {
        let tree = PoolTree::new(3, 3)?;
        for height in 1..=3 {
            let places = Places::new(&tree, Geography::Siblings(height))?;
            let pools = 3u64.pow(3 - height);
            let mut seen = std::collections::BTreeSet::new();
            for i in 0..pools * 6 {
                let [a, b] = places.sites(&tree, i);
                assert_eq!(a.end - a.start, 3u64.pow(height - 1));
                assert_eq!(tree.meeting_height(a.start, b.start), height);
                assert_eq!(tree.meeting_height(a.end - 1, b.end - 1), height);
                assert!(seen.insert((a.start, b.start)));
            }
        }
        Ok(())
    }

    #[test]
    fn operators_apart_are_all_pairs_at_that_distance() -> Result<()> {
        let tree = PoolTree::new(2, 3)?;
        for (distance, pairs) in [(1, 16), (3, 16), (4, 8)] {
            let listed = |height| Places::new(&tree, Geography::Apart(distance, height));
            let mut all = 0;
            for height in 0..=3 {
                let Places::Listed(places) = listed(height)? else { unreachable!("operators apart are listed") };
                for [a, b] in places {
                    let around = (8 + a - b) % 8;
                    assert_eq!(u64::from(around.min(8 - around)), distance);
                    assert_eq!(tree.meeting_height(a.into(), b.into()), height);
                    all += 1;
                }
            }
            assert_eq!(all, pairs);
        }
        Ok(())
    }
}
