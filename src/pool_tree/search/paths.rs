//! The best path through a graph, and of several the shortest, then lowest.

use super::TIE;
use super::envelope::{Envelope, Line, Via};
use super::graph::{Edge, Graph, Node};

/// A graph with the best completions above each of its nodes.
pub(super) struct Paths {
    pub(super) graph: Graph,
    /// For each node the envelope of all that may follow above it.
    pub(super) tails: Vec<Envelope>,
}

impl Paths {
    pub(super) fn new(graph: Graph) -> Self {
        let mut tails: Vec<Envelope> = vec![Envelope::default(); graph.nodes.len()];
        for (node, edges) in graph.edges.iter().enumerate().rev() {
            let stop = graph.nodes[node].may_stop.then_some(Line::NOTHING);
            tails[node] = Envelope::of(stop.into_iter().chain(lines(&graph, edges, &tails)));
        }
        Self { graph, tails }
    }

    /// Gross and cost of a path of greatest net welfare.
    pub(super) fn greatest(&self) -> Option<Line> {
        greatest(&self.graph, &self.tails)
    }

    /// Of all paths of greatest net welfare, to the rounding of [`TIE`], the one of fewest, then lowest heights.
    pub(super) fn best(&self) -> Option<Vec<u32>> {
        let greatest = self.greatest()?;
        let target = greatest.at(1.0) - tolerance(&greatest);
        let nodes = self.only(target).or_else(|| self.shortest(target))?;
        Some(nodes.into_iter().map(|node| self.graph.height(node)).collect())
    }

    /// The path that reaches `target`, if there is but one.
    fn only(&self, target: f64) -> Option<Vec<usize>> {
        let mut so_far = SoFar::START;
        let mut path: Vec<usize> = Vec::new();
        loop {
            let last = path.last().copied();
            let ends = last.is_some_and(|node| self.graph.nodes[node].may_stop && so_far.earned >= target);
            let mut next = self.graph.edges_from(last).iter().filter(|edge| {
                let then = so_far.then(&self.graph, edge);
                then.earned + self.tails[edge.to].at(then.discount) >= target
            });
            match (ends, next.next(), next.next()) {
                (true, None, _) => return Some(path),
                (false, Some(edge), None) => {
                    so_far = so_far.then(&self.graph, edge);
                    path.push(edge.to);
                }
                _ => return None,
            }
        }
    }

    /// Of the shortest paths that reach `target` the one of lowest heights.
    fn shortest(&self, target: f64) -> Option<Vec<usize>> {
        let graph = &self.graph;
        // Layer m holds the best completions with exactly m more heights; the first that reaches the target is enough.
        let stop = |node: &Node| if node.may_stop { Envelope::nothing() } else { Envelope::default() };
        let mut layers: Vec<Vec<Envelope>> = vec![graph.nodes.iter().map(stop).collect()];
        let highest = graph.nodes.last()?.level.height;
        for _ in 0..=highest {
            let last = &layers[layers.len() - 1];
            if greatest(graph, last).is_some_and(|line| line.at(1.0) >= target) {
                break;
            }
            let next = graph.edges.iter().map(|edges| Envelope::of(lines(graph, edges, last))).collect();
            layers.push(next);
        }
        self.lowest(&layers, target)
    }

    /// Of the paths with as many nodes as there are layers that reach `target` the one of lowest heights.
    fn lowest(&self, layers: &[Vec<Envelope>], target: f64) -> Option<Vec<usize>> {
        let mut so_far = SoFar::START;
        let mut path: Vec<usize> = Vec::with_capacity(layers.len());
        for layer in layers.iter().rev() {
            let value = |edge: &Edge| {
                let then = so_far.then(&self.graph, edge);
                then.earned + layer[edge.to].at(then.discount)
            };
            let edges = self.graph.edges_from(path.last().copied());
            // The target may lie within rounding above what is left of it: then the best edge serves.
            let enough = edges.iter().map(value).fold(f64::NEG_INFINITY, f64::max).min(target);
            let edge = edges.iter().find(|edge| value(edge) >= enough && enough > f64::NEG_INFINITY)?;
            so_far = so_far.then(&self.graph, edge);
            path.push(edge.to);
        }
        Some(path)
    }
}

/// What a path has earned, net of cost, and the discount of what follows.
#[derive(Clone, Copy)]
pub(super) struct SoFar {
    pub(super) earned: f64,
    pub(super) discount: f64,
}

impl SoFar {
    pub(super) const START: Self = Self { earned: 0.0, discount: 1.0 };

    /// After one more edge.
    pub(super) fn then(self, graph: &Graph, edge: &Edge) -> Self {
        let Node { pass, cost, .. } = graph.nodes[edge.to];
        Self { earned: self.earned + (self.discount * graph.gain(edge) - cost), discount: self.discount * pass }
    }
}

/// Rounding error of what `line` is worth.
pub(super) fn tolerance(line: &Line) -> f64 {
    TIE * (line.gross.abs() + line.cost.abs())
}

/// The lines of taking each edge and then a completion in the `tails`.
fn lines(graph: &Graph, edges: &[Edge], tails: &[Envelope]) -> impl Iterator<Item = Line> {
    edges.iter().flat_map(move |edge| {
        let line = move |(i, line)| Line { via: Some(Via::new(edge.to, i)), ..graph.before(edge, line) };
        tails[edge.to].lines().iter().enumerate().map(line)
    })
}

/// A greatest line from the start.
fn greatest(graph: &Graph, tails: &[Envelope]) -> Option<Line> {
    lines(graph, &graph.start, tails).reduce(|best, line| if line.at(1.0) > best.at(1.0) { line } else { best })
}
