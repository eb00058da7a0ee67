//! Heights as a graph: an edge leads from one active height to the next higher one.

use super::envelope::Line;
use crate::error::Result;
use crate::pool_tree::Model;
use crate::pool_tree::closed_form::{Fills, communication_cost};
use crate::pool_tree::{Architecture, Delay, Level, Schedule};

/// A height with the period it has.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// Its level, the offset left at 0.
    pub(super) level: Level,
    /// Welfare per filled share if the auction of this height starts at once.
    pub(super) worth: f64,
    /// What its latency does to everything above: `β^L`, or 1 in the idealised model.
    pub(super) pass: f64,
    /// Communication cost per unit time.
    pub(super) cost: f64,
    /// Whether a set may end here.
    pub(super) may_stop: bool,
}

/// A step to the next higher active height.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) to: usize,
    /// Share of all orders filled there beyond what was filled below.
    pub(super) filled: f64,
}

/// Nodes by rising height.
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    /// Edges out of each node, by rising height.
    pub(super) edges: Vec<Vec<Edge>>,
    /// First active heights.
    pub(super) start: Vec<Edge>,
}

impl Graph {
    /// The graph of a model with the same fills as `self` has: the edges are copied, only what a height is worth is new.
    pub(super) fn with_the_same_fills(&self, model: &Model) -> Result<Self> {
        let node = |old: &Node| node(model, level(model, old.level.height, None)?);
        let nodes = self.nodes.iter().map(node).collect::<Result<_>>()?;
        Ok(Self { nodes, edges: self.edges.clone(), start: self.start.clone() })
    }

    /// One node per height; what is filled between two heights is the sum over the steps in between.
    pub(super) fn with_fixed_periods(model: &Model) -> Result<Self> {
        let levels: Vec<Level> =
            (0..=model.tree().depth()).map(|height| level(model, height, None)).collect::<Result<_>>()?;
        let steps = Fills::new(model, &Schedule::from_levels(levels.clone())).filled;
        let edges_from = |first: usize| {
            steps[first..]
                .iter()
                .scan(0.0, |sum, step| {
                    *sum += step;
                    Some(*sum)
                })
                .enumerate()
                .map(|(i, filled)| Edge { to: first + i, filled })
                .collect()
        };
        Ok(Self {
            start: edges_from(0),
            edges: (1..=levels.len()).map(edges_from).collect(),
            nodes: levels.into_iter().map(|level| node(model, level)).collect::<Result<_>>()?,
        })
    }
}

impl Graph {
    pub(super) fn height(&self, node: usize) -> u32 {
        self.nodes[node].level.height
    }

    /// The edges out of a node, or to the first heights.
    pub(super) fn edges_from(&self, from: Option<usize>) -> &[Edge] {
        from.map_or(&self.start, |node| &self.edges[node])
    }

    /// What taking `edge` earns where discount `b = 1` is left, before cost.
    pub(super) fn gain(&self, edge: &Edge) -> f64 {
        edge.filled * self.nodes[edge.to].worth
    }

    /// The nodes on the way through all heights of `architecture`, unless one of them cannot hold auctions.
    pub(super) fn path(&self, architecture: &Architecture) -> Option<Vec<Edge>> {
        let mut from = None;
        let step = |&height: &u32| {
            let edges = self.edges_from(from);
            let edge = edges[edges.binary_search_by_key(&height, |edge| self.height(edge.to)).ok()?];
            from = Some(edge.to);
            Some(edge)
        };
        architecture.heights().iter().map(step).collect()
    }

    /// Gross and cost of a path.
    pub(super) fn line(&self, path: &[Edge]) -> Line {
        path.iter().rev().fold(Line::NOTHING, |above, edge| self.before(edge, &above))
    }

    /// Taking `edge` and then `above`.
    pub(super) fn before(&self, edge: &Edge, above: &Line) -> Line {
        let Node { pass, cost, .. } = self.nodes[edge.to];
        Line { gross: self.gain(edge) + pass * above.gross, cost: cost + above.cost, via: None }
    }

    /// Taking `edge` after `below`, a line seen from below.
    pub(super) fn after(&self, edge: &Edge, below: &Line) -> Line {
        let Node { pass, cost, .. } = self.nodes[edge.to];
        Line { gross: below.gross * pass, cost: below.cost - (below.gross * self.gain(edge) - cost), via: None }
    }

    /// The edge from a node, or from the start, to another node.
    pub(super) fn edge(&self, from: Option<usize>, to: usize) -> Option<Edge> {
        let edges = self.edges_from(from);
        let found = edges.binary_search_by_key(&self.height(to), |edge| self.height(edge.to)).ok()?;
        Some(edges[found]).filter(|edge| edge.to == to)
    }

    /// The path through `nodes`.
    pub(super) fn through(&self, nodes: &[usize]) -> Option<Vec<Edge>> {
        let below = std::iter::once(None).chain(nodes.iter().copied().map(Some));
        below.zip(nodes).map(|(from, &to)| self.edge(from, to)).collect()
    }

    /// The same graph with all ways but the one of `path`: its nodes are there twice, once for those who came along the
    /// path. From there one may leave the path or stop early, but not end where it ends.
    pub(super) fn all_but(&self, path: &[Edge]) -> Self {
        let on_path: Vec<usize> = path.iter().map(|edge| edge.to).collect();
        // The twin of a node comes right before it, so that nodes still rise.
        let moved = |node: usize| node + on_path.partition_point(|&other| other <= node);
        let step = |edge: &Edge, twin: Option<usize>| {
            let to = moved(edge.to) - usize::from(twin == Some(edge.to));
            Edge { to, filled: edge.filled }
        };
        let steps = |edges: &[Edge], twin: Option<usize>| edges.iter().map(|edge| step(edge, twin)).collect();
        let start = steps(&self.start, on_path.first().copied());
        let mut graph = Self { nodes: Vec::new(), edges: Vec::new(), start };
        let mut position = 0;
        for (node, edges) in self.edges.iter().enumerate() {
            if on_path.get(position) == Some(&node) {
                position += 1;
                let may_stop = self.nodes[node].may_stop && position < on_path.len();
                graph.nodes.push(Node { may_stop, ..self.nodes[node] });
                graph.edges.push(steps(edges, on_path.get(position).copied()));
            }
            graph.nodes.push(self.nodes[node]);
            graph.edges.push(steps(edges, None));
        }
        graph
    }
}

pub(super) fn level(model: &Model, height: u32, below: Option<f64>) -> Result<Level> {
    let latency = model.latency_at(height);
    let period = model.timing().period().at(height, latency, below)?;
    Ok(Level { height, latency, period, offset: 0.0, deadline: 0.0 })
}

pub(super) fn node(model: &Model, level: Level) -> Result<Node> {
    let worth = model.timing().expected_discount(model.discount(), &level);
    Ok(Node {
        worth: model.utility_mean() * model.flow().rate() * worth,
        pass: if model.timing().delay() == Delay::Idealised { 1.0 } else { model.discount().after(level.latency) },
        cost: communication_cost(model, &level)?,
        may_stop: true,
        level,
    })
}
