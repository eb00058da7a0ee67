//! The best paths through every height and over every height, all at once.

use super::envelope::{Envelope, Line, Via};
use super::graph::Edge;
use super::paths::Paths;

/// The best ways up to every node.
///
/// What follows above a node is worth `b · G - C`, linear in its gross `G` as well as in the discount `b` at which it
/// begins. So of all ways to a node only those can be part of an optimum that are greatest for some `G`; they form an
/// envelope as the completions do.
pub(super) struct Fronts<'p> {
    paths: &'p Paths,
    /// For each node the envelope of the ways that end at it, over the gross of what follows.
    fronts: Vec<Envelope>,
}

/// A path of greatest net welfare among some.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined {
    pub(super) value: f64,
    /// The last line on the way up, unless the path begins with `tail`.
    front: Option<Via>,
    /// What follows it, unless the path ends with `front`.
    tail: Option<Via>,
}

/// The best paths by height.
pub(super) struct Constrained {
    /// Of the paths through the height.
    pub(super) with: Vec<Option<Joined>>,
    /// Of the paths that pass it over, stop below or begin above it.
    pub(super) without: Vec<Option<Joined>>,
}

impl<'p> Fronts<'p> {
    /// Fronts over what follows up to a gross of `greatest`.
    pub(super) fn new(paths: &'p Paths, greatest: f64) -> Self {
        let graph = &paths.graph;
        let mut into: Vec<Vec<(Option<usize>, Edge)>> = vec![Vec::new(); graph.nodes.len()];
        for edge in &graph.start {
            into[edge.to].push((None, *edge));
        }
        for (from, edges) in graph.edges.iter().enumerate() {
            for edge in edges {
                into[edge.to].push((Some(from), *edge));
            }
        }
        let begin = Line { gross: 1.0, ..Line::NOTHING };
        let mut fronts: Vec<Envelope> = Vec::with_capacity(graph.nodes.len());
        for edges in &into {
            let lines = edges.iter().flat_map(|(from, edge)| {
                let below = from.map_or(std::slice::from_ref(&begin), |from| fronts[from].lines());
                below.iter().enumerate().map(move |(i, line)| {
                    let via = from.map(|from| Via::new(from, i));
                    Line { via, ..graph.after(edge, line) }
                })
            });
            let front = Envelope::up_to(greatest, lines);
            fronts.push(front);
        }
        Self { paths, fronts }
    }

    /// The best paths with and without every height from 0 to `depth`, in `O(k² · lines)`.
    pub(super) fn constrained(&self, depth: u32) -> Constrained {
        let graph = &self.paths.graph;
        let mut best = Constrained { with: vec![None; depth as usize + 1], without: vec![None; depth as usize + 1] };
        let nodes = std::iter::once(None).chain((0..graph.nodes.len()).map(Some));
        for node in nodes {
            let first = node.map_or(0, |node| graph.height(node) + 1);
            if let Some(node) = node {
                improve(&mut best.with[graph.height(node) as usize], self.through(node));
            }
            // Going down from the root, ever more edges lead over the height.
            let mut over = node.and_then(|node| self.ending_at(node));
            let mut edges = graph.edges_from(node).iter().rev().peekable();
            for height in (first..=depth).rev() {
                while let Some(edge) = edges.next_if(|edge| graph.height(edge.to) > height) {
                    improve(&mut over, self.across(node, edge));
                }
                improve(&mut best.without[height as usize], over);
            }
        }
        best
    }

    /// The nodes of a path.
    pub(super) fn nodes(&self, joined: &Joined) -> Vec<usize> {
        fn follow(first: Option<Via>, envelopes: &[Envelope]) -> impl Iterator<Item = usize> {
            let next = |via: &Via| envelopes[via.node as usize].lines()[via.line as usize].via;
            std::iter::successors(first, next).map(|via| via.node as usize)
        }
        let mut nodes: Vec<usize> = follow(joined.front, &self.fronts).collect();
        nodes.reverse();
        nodes.extend(follow(joined.tail, &self.paths.tails));
        nodes
    }

    /// The best path through a node.
    fn through(&self, node: usize) -> Option<Joined> {
        let tail = &self.paths.tails[node];
        let lines = tail.lines().iter().map(|line| (*line, line.via));
        meet(&self.fronts[node], Some(node), lines)
    }

    /// The best path that ends at a node.
    fn ending_at(&self, node: usize) -> Option<Joined> {
        let may_stop = self.paths.graph.nodes[node].may_stop;
        meet(&self.fronts[node], Some(node), may_stop.then_some((Line::NOTHING, None)).into_iter())
    }

    /// The best path over an edge from a node, or of those that begin with it.
    fn across(&self, from: Option<usize>, edge: &Edge) -> Option<Joined> {
        let graph = &self.paths.graph;
        let lines = self.paths.tails[edge.to].lines().iter().enumerate();
        let lines = lines.map(|(i, line)| (graph.before(edge, line), Some(Via::new(edge.to, i))));
        match from {
            Some(node) => meet(&self.fronts[node], from, lines),
            None => lines
                .map(|(line, tail)| Joined { value: line.at(1.0), front: None, tail })
                .reduce(|best, next| if next.value > best.value { next } else { best }),
        }
    }
}

fn improve(best: &mut Option<Joined>, next: Option<Joined>) {
    if let Some(next) = next.filter(|next| best.is_none_or(|best| next.value > best.value)) {
        *best = Some(next);
    }
}

/// The best of a front with one of the lines that may follow, which come by rising gross.
fn meet(front: &Envelope, node: Option<usize>, lines: impl Iterator<Item = (Line, Option<Via>)>) -> Option<Joined> {
    let front = front.lines();
    let (mut i, mut best) = (0, None);
    for (line, tail) in lines {
        while i + 1 < front.len() && front[i + 1].at(line.gross) >= front[i].at(line.gross) {
            i += 1;
        }
        let value = front.get(i)?.at(line.gross) - line.cost;
        improve(&mut best, Some(Joined { value, front: node.map(|node| Via::new(node, i)), tail }));
    }
    best
}
