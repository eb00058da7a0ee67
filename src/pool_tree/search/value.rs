//! What every height is worth.

use super::fronts::{Fronts, Joined};
use super::graph::{Edge, Graph};
use super::paths::Paths;
use super::paths::{SoFar, tolerance};
use super::reason::{Effect, Reason};
use super::{Best, Search, TIE, Ways, one_by_one};
use crate::error::Result;
use crate::pool_tree::Architecture;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// The marginal value of a height, its *raison d'être*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeightValue {
    /// The height.
    pub height: u32,
    /// Greatest net welfare over the sets that contain the height minus the greatest over the nonempty sets that do not
    /// (minus 0, no auction at all, where there is no such set). `≤ 0`: some best set does without it.
    pub value: f64,
    /// Why the value is above 0, or not.
    pub reason: Reason,
    /// A best set that contains the height; `None` if none can. Where several tie, heights that cost nothing to leave out
    /// are left out, from the lowest.
    pub with: Option<Best>,
    /// A best nonempty set without the height, likewise; `None` if there is none.
    pub without: Option<Best>,
    /// What the height does to the other heights of `with` if it is worth having, and else what it would do to those of
    /// `without`; `None` if no set can have it.
    pub effect: Option<Effect>,
}

/// The value of every height of the full tree, from the lowest to the highest.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeightValues(Vec<HeightValue>);

impl HeightValues {
    /// The heights whose value is at most 0: some best set does without them.
    pub fn without_raison_d_etre(&self) -> Vec<u32> {
        self.0.iter().filter(|level| level.value <= 0.0).map(|level| level.height).collect()
    }
}

impl From<HeightValues> for Vec<HeightValue> {
    fn from(values: HeightValues) -> Self {
        values.0
    }
}

impl FromIterator<HeightValue> for HeightValues {
    fn from_iter<I: IntoIterator<Item = HeightValue>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Deref for HeightValues {
    type Target = [HeightValue];

    fn deref(&self) -> &[HeightValue] {
        &self.0
    }
}

impl IntoIterator for HeightValues {
    type Item = HeightValue;
    type IntoIter = std::vec::IntoIter<HeightValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a HeightValues {
    type Item = &'a HeightValue;
    type IntoIter = std::slice::Iter<'a, HeightValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

crate::compare_floats::compare_floats!(HeightValue {
    same: [height, reason],
    floats: [value],
    nested: [with, without, effect],
});
crate::compare_floats::compare_floats!(Best { same: [architecture], floats: [net], nested: [] });
crate::compare_floats::compare_floats!(Effect {
    same: [changes_windows],
    floats: [filled, gain, delay, messages],
    nested: []
});

impl Search {
    /// The value of every height of the full tree, with the reason.
    ///
    /// The best ways up to every height and the best completions above it, joined at the height, or over it: all heights
    /// together in `O(k² · lines)`.
    ///
    /// # Errors
    /// As [`Search::best`].
    ///
    /// ```
    /// use pooltree::{ClosedForm, Scenario, pool_tree::{Architecture, search::{Reason, Search}}};
    /// let scenario = Scenario::document();
    /// let root = &Search::new(&scenario)?.raison_d_etre()?[2];
    /// // Every other set is one of heights 0 to 2: without cost all three.
    /// let net = |heights: &[u32]| -> pooltree::Result<f64> {
    ///     Ok(ClosedForm::evaluate(&scenario, &Architecture::new(scenario.tree(), heights.iter().copied())?)?.net)
    /// };
    /// assert!((root.value - (net(&[0, 1, 2, 3])? - net(&[0, 1, 2])?)).abs() < 1e-12);
    /// assert_eq!((root.height, root.reason), (3, Reason::Worth));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn raison_d_etre(&self) -> Result<HeightValues> {
        match &self.ways {
            Ways::Paths(paths) => self.along_paths(paths),
            Ways::Sets(sets) => one_by_one::raison_d_etre(&self.model, sets),
        }
    }

    fn along_paths(&self, paths: &Paths) -> Result<HeightValues> {
        let graph = &paths.graph;
        let Some(greatest) = paths.greatest() else { return Ok(HeightValues::default()) };
        let best = self.best()?.architecture;
        let best = Optimum { value: greatest.at(1.0), path: graph.path(&best).unwrap_or_default() };
        let tolerance = tolerance(&greatest);
        // No set fills more than all orders; the margin is for rounding.
        let fronts = Fronts::new(paths, 1.001 * self.model.utility_mean() * self.model.flow().rate());
        let constrained = fronts.constrained(self.model.tree().depth());
        let tree = Architecture::full(self.model.tree());
        let values = tree.heights().iter().map(|&height| {
            let optimum = |joined: &Joined, keep| {
                let nodes = fronts.nodes(joined);
                let path = trimmed(graph, &graph.through(&nodes).unwrap_or_default(), keep, joined.value - tolerance);
                Optimum { value: joined.value, path }
            };
            let (with, without) = if best.path.iter().any(|edge| graph.height(edge.to) == height) {
                let without = &constrained.without[height as usize];
                (Some(best.clone()), without.as_ref().map(|joined| optimum(joined, None)))
            } else {
                let with = &constrained.with[height as usize];
                (with.as_ref().map(|joined| optimum(joined, Some(height))), Some(best.clone()))
            };
            height_value(graph, height, with, without, tolerance)
        });
        Ok(values.collect())
    }
}

/// A best path under some constraint.
#[derive(Clone)]
struct Optimum {
    value: f64,
    path: Vec<Edge>,
}

fn height_value(
    graph: &Graph,
    height: u32,
    with: Option<Optimum>,
    without: Option<Optimum>,
    tolerance: f64,
) -> HeightValue {
    // No set holds a height that cannot hold auctions: it has no value.
    let value = with.as_ref().map_or(0.0, |with| with.value - without.as_ref().map_or(0.0, |without| without.value));
    let value = if value.abs() <= tolerance { 0.0 } else { value };
    let effect = with.as_ref().and_then(|with| {
        let others = if value > 0.0 { Some(with) } else { without.as_ref() };
        let mut others = others.map_or(Vec::new(), |others| heights(graph, &others.path));
        others.retain(|&other| other != height);
        // Where adding the height makes a period overflow, a set that can have it stands in.
        effect(graph, height, &others).or_else(|| effect(graph, height, &heights(graph, &with.path)))
    });
    let fills = effect.is_some_and(|(effect, filled)| effect.filled > TIE * filled);
    let effect = effect.map(|(effect, _)| effect);
    let best = |optimum: Optimum| Best {
        architecture: Architecture::from_sorted(heights(graph, &optimum.path)),
        net: graph.line(&optimum.path).at(1.0),
    };
    let reason = Reason::of(value, effect.as_ref(), fills);
    HeightValue { height, value, reason, with: with.map(best), without: without.map(best), effect }
}

fn heights(graph: &Graph, path: &[Edge]) -> Vec<u32> {
    path.iter().map(|edge| graph.height(edge.to)).collect()
}

/// What adding `height` to `others` does, and the share of all orders that is then filled; `None` if they cannot all hold
/// auctions.
fn effect(graph: &Graph, height: u32, others: &[u32]) -> Option<(Effect, f64)> {
    let before: Vec<u32> = others.iter().copied().filter(|&other| other != height).collect();
    let mut all = before.clone();
    all.insert(all.partition_point(|&other| other < height), height);
    let path = graph.path(&Architecture::from_sorted(all))?;
    let position = path.iter().position(|edge| graph.height(edge.to) == height)?;
    let before_path =
        if before.is_empty() { Vec::new() } else { graph.path(&Architecture::from_sorted(before)).unwrap_or_default() };
    let (before, after) = (graph.line(&before_path), graph.line(&path));
    // The gross of what lies above, at the discount of the offset at which the height itself starts.
    let above = graph.line(&path[position + 1..]).gross;
    let start = path[..position].iter().fold(SoFar::START, |so_far, edge| so_far.then(graph, edge)).discount;
    let delay = start * (1.0 - graph.nodes[path[position].to].pass) * above;
    let gain = after.gross + delay - before.gross;
    // The same heights lie above in both; only back to back can their periods differ.
    let periods = |path: &[Edge]| -> Vec<f64> { path.iter().map(|edge| graph.nodes[edge.to].level.period).collect() };
    let effect = Effect {
        changes_windows: !before_path.is_empty() && periods(&before_path[position..]) != periods(&path[position + 1..]),
        filled: path[position].filled,
        // What is left of two equal sums is rounding, far below the tolerance of a value.
        gain: if gain.abs() <= 0.1 * TIE * (after.gross + before.gross) { 0.0 } else { gain },
        delay,
        messages: after.cost - before.cost,
    };
    Some((effect, path.iter().map(|edge| edge.filled).sum()))
}

/// The path without the heights, but `keep`, that cost nothing to leave out: what is left reaches `target`.
fn trimmed(graph: &Graph, path: &[Edge], keep: Option<u32>, target: f64) -> Vec<Edge> {
    // What follows each edge of the path, itself left out.
    let mut above = vec![super::Line::NOTHING; path.len()];
    for i in (1..path.len()).rev() {
        above[i - 1] = graph.before(&path[i], &above[i]);
    }
    let mut so_far = SoFar::START;
    let mut kept: Vec<Edge> = Vec::with_capacity(path.len());
    let mut current = path.first().copied();
    for i in 0..path.len() {
        let Some(edge) = current else { break };
        let from = kept.last().map(|edge: &Edge| edge.to);
        let next = path.get(i + 1).and_then(|next| graph.edge(from, next.to));
        let without = match (path.get(i + 1), &next) {
            (Some(_), Some(next)) => {
                let then = so_far.then(graph, next);
                then.earned + above[i + 1].at(then.discount)
            }
            (None, _) if !kept.is_empty() => so_far.earned,
            _ => f64::NEG_INFINITY,
        };
        if without >= target && Some(graph.height(edge.to)) != keep {
            current = next;
        } else {
            so_far = so_far.then(graph, &edge);
            kept.push(edge);
            current = path.get(i + 1).copied();
        }
    }
    kept
}
