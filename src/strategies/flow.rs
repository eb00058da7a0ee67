//! Order flow.

use super::numbers::{rate, unit};
use super::tree::any_height;
use crate::pool_tree::{Component, Flow, Kind, PoolTree};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Kinds of components that are valid for `tree`, all of them where its depth allows.
///
/// Corners: meeting at height 0, at 1 and at the root; scale-free exponents 0, 1, 2, -1, ±50 and ±1e300; distances of one
/// operator, of half the circle, of a whole pool and one more or less; the first and the last operator. Shrinks towards
/// `uniform`.
pub fn kind(tree: &PoolTree) -> impl Strategy<Value = Kind> + Clone + use<> {
    let tree = tree.clone();
    raw_kind().prop_map(move |raw| raw.fit(&tree))
}

/// One component with all of the flow: a [`kind`] that is valid for `tree` and the share of its orders on the first side.
///
/// Corners of the side share: 1/2 in half of all cases, 0, 1, and next to those.
pub fn component(tree: &PoolTree) -> impl Strategy<Value = Component> + Clone + use<> {
    (kind(tree), side_share())
        .prop_filter_map("a valid component", |(kind, side_share)| Component::new(kind, 1.0, side_share).ok())
}

/// Flows that are valid for `tree`: one to four components of any [`kind`] with shares that sum to 1.
///
/// Corners: one component, shares of 0, 1e-12 and nearly 1; rates as in [`rate`]; 2 to `2^32 - 1` assets.
pub fn flow(tree: &PoolTree) -> impl Strategy<Value = Flow> + Clone + use<> {
    let tree = tree.clone();
    raw_flow().prop_filter_map("a valid flow", move |raw| raw.fit(&tree))
}

fn side_share() -> BoxedStrategy<f64> {
    prop_oneof![1 => Just(0.5), 1 => unit()].boxed()
}

/// A kind before it is fitted to a tree.
#[derive(Debug, Clone)]
enum RawKind {
    Uniform,
    MeetAt(u32),
    Nearby(u32),
    Opposite,
    ScaleFree(f64),
    /// Distance at this position between one operator and half the circle.
    Distance(f64),
    /// Distance of a pool of this height, one less, or one more.
    PoolDistance(u32, u64),
    Site(f64),
}

fn raw_kind() -> BoxedStrategy<RawKind> {
    let exponent = prop_oneof![2 => select(&[1.0, 0.0, 2.0, -1.0, 50.0, -50.0, 1e300, -1e300][..]), 1 => -3.0..3.0];
    prop_oneof![
        3 => Just(RawKind::Uniform),
        4 => any_height().prop_map(RawKind::MeetAt),
        1 => any_height().prop_map(RawKind::Nearby),
        1 => Just(RawKind::Opposite),
        2 => exponent.prop_map(RawKind::ScaleFree),
        1 => unit().prop_map(RawKind::Distance),
        2 => (any_height(), 0u64..=2).prop_map(|(height, step)| RawKind::PoolDistance(height, step)),
        1 => unit().prop_map(RawKind::Site),
    ]
    .boxed()
}

impl RawKind {
    fn fit(&self, tree: &PoolTree) -> Kind {
        let depth = tree.depth();
        let operators = tree.operators().unwrap_or(u64::MAX);
        let half = (operators / 2).max(1);
        match *self {
            Self::ScaleFree(_) | Self::Distance(_) | Self::PoolDistance(..) if depth == 0 => Kind::Uniform,
            Self::Uniform => Kind::Uniform,
            Self::MeetAt(height) => Kind::MeetAt { height: height % (depth + 1) },
            Self::Nearby(height) => Kind::Nearby { height: height % (depth + 1) },
            Self::Opposite => Kind::Opposite,
            Self::ScaleFree(exponent) => Kind::ScaleFree { exponent },
            Self::Distance(position) => {
                Kind::CircleDistance { distance: ((position * half as f64) as u64).clamp(1, half) }
            }
            Self::PoolDistance(height, step) => {
                let pool = tree.size(height % (depth + 1)).unwrap_or(u64::MAX);
                Kind::CircleDistance { distance: (pool - 1).saturating_add(step).clamp(1, half) }
            }
            Self::Site(position) => {
                Kind::SingleSite { operator: ((position * operators as f64) as u64).min(operators - 1) }
            }
        }
    }
}

/// A flow before it is fitted to a tree.
#[derive(Debug, Clone)]
pub(super) struct RawFlow {
    pub(super) rate: f64,
    pub(super) assets: u32,
    /// Kind, weight, share of the first side.
    components: Vec<(RawKind, f64, f64)>,
}

pub(super) fn raw_flow() -> BoxedStrategy<RawFlow> {
    let assets = prop_oneof![6 => Just(2), 3 => 3u32..=10, 1 => select(&[1000, u32::MAX][..])];
    let weight = prop_oneof![3 => select(&[1.0, 0.0, 1e-12][..]), 2 => 0.0..=1.0];
    let component = (raw_kind(), weight, side_share());
    let components = prop_oneof![1 => vec(component.clone(), 1), 1 => vec(component, 1..=4)];
    (rate(), assets, components).prop_map(|(rate, assets, components)| RawFlow { rate, assets, components }).boxed()
}

impl RawFlow {
    pub(super) fn fit(&self, tree: &PoolTree) -> Option<Flow> {
        let total: f64 = self.components.iter().map(|(_, weight, _)| weight).sum();
        let components = self.components.iter().enumerate().map(|(i, (kind, weight, side_share))| {
            // Without any weight the first component has all of the flow.
            let share = if total > 0.0 {
                (weight / total).min(1.0)
            } else if i == 0 {
                1.0
            } else {
                0.0
            };
            Component::new(kind.fit(tree), share, *side_share)
        });
        Flow::new(self.rate, self.assets, components.collect::<Result<_, _>>().ok()?).ok()
    }
}
