//! The best architecture among all nonempty sets of heights, and what every height is worth.

mod envelope;
mod graph;

use crate::error::{Error, Result};
use crate::pool_tree::Model;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Delay};
use envelope::{Envelope, Line};
use graph::Graph;
use serde::{Deserialize, Serialize};

/// Two sets whose welfare differs by less than this share of gross plus cost count as equal: it is rounding.
pub(crate) const TIE: f64 = 1e-12;

/// The best set of heights and its net welfare per unit time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Best {
    /// The set; of several with the greatest welfare the one of fewest, then lowest heights.
    #[serde(rename = "heights")]
    pub architecture: Architecture,
    /// Its net welfare, which may be negative.
    pub net: f64,
}

/// The marginal value of a height, its *raison d'être*.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeightValue {
    /// The height.
    pub height: u32,
    /// Greatest net welfare over the sets that contain the height minus the greatest over the nonempty sets that do not
    /// (minus 0, no auction at all, where there is no such set). `≤ 0`: some best set does without it.
    pub value: f64,
}

crate::compare_floats::compare_floats!(HeightValue { same: [height], floats: [value], nested: [] });

/// Search over all `2^(k+1) - 1` sets of heights of one model.
///
/// What a set earns from height `j` on depends on the heights below only through the discount `b = β^o` of the offset at
/// which `j` starts, and is linear in it: `b · G - C`, gross `G` discounted, cost `C` not. Going down from the root, each
/// height keeps the upper envelope over `b ∈ (0, 1]` of the lines of all sets above it. That is exact and takes
/// `O(k² · lines)`; without cost a height keeps one line.
///
/// ```
/// use pooltree::{Scenario, pool_tree::search::Search};
/// let scenario = Scenario::document();
/// let search = Search::new(&scenario)?;
/// assert_eq!(search.best()?.architecture.heights(), [0, 1, 2, 3]); // without message cost every auction helps
/// # Ok::<(), pooltree::Error>(())
/// ```
pub struct Search {
    model: Model,
    graph: Graph,
    /// Whether a lower auction delays the higher ones.
    delays_add: bool,
}

impl Search {
    /// Prepares the search: what every height fills beyond every lower one.
    ///
    /// # Errors
    /// [`Error::SearchTooLarge`] if auctions run back to back with too many different periods, [`Error::NotFinite`] if the
    /// communication cost overflows, [`Error::Domain`] if no height can hold auctions.
    pub fn new(model: &Model) -> Result<Self> {
        let graph = Graph::new(model)?;
        Ok(Self { graph, delays_add: model.timing().delay() != Delay::Idealised, model: model.clone() })
    }

    /// The best set of heights.
    ///
    /// # Errors
    /// As [`ClosedForm::evaluate`].
    pub fn best(&self) -> Result<Best> {
        let free = self.backward(|_, _| true, &[]);
        let best = self.start(&free, 1.0);
        let target = best.map_or(f64::NEG_INFINITY, |line| line.at(1.0) - self.tolerance(&free));
        // Layer m holds the best completions with exactly m more heights; the first that reaches the target is enough.
        let nodes = self.graph.nodes.len();
        let mut layers: Vec<Vec<Envelope>> = vec![vec![Envelope::nothing(); nodes]];
        for _ in 0..=self.model.tree().depth() {
            let last = &layers[layers.len() - 1];
            if self.start(last, 1.0).is_some_and(|line| line.at(1.0) >= target) {
                break;
            }
            let next = (0..nodes)
                .map(|node| {
                    Envelope::of(self.graph.edges[node].iter().flat_map(|edge| self.lines(edge, &last[edge.to])))
                })
                .collect();
            layers.push(next);
        }
        let architecture = self.lowest(&layers, target)?;
        let net = ClosedForm::evaluate(&self.model, &architecture)?.net;
        Ok(Best { architecture, net })
    }

    /// Net welfare of the best set, and the size of the terms of which it is the difference; what the set is takes longer.
    pub(crate) fn greatest(&self) -> Option<(f64, f64)> {
        let line = self.start(&self.backward(|_, _| true, &[]), 1.0)?;
        Some((line.at(1.0), line.gross.abs() + line.cost.abs()))
    }

    /// The value of every height of the full tree.
    ///
    /// # Errors
    /// As [`Search::best`].
    pub fn raison_d_etre(&self) -> Result<Vec<HeightValue>> {
        let free = self.backward(|_, _| true, &[]);
        let tolerance = self.tolerance(&free);
        let best = self.start(&free, 1.0).map(|line| line.at(1.0));
        let best_set = self.best()?.architecture;
        let value_of = |tails: &[Envelope], allowed: &dyn Fn(Option<u32>, u32) -> bool| {
            let lines = self.graph.start.iter().filter(|edge| allowed(None, self.height(edge.to)));
            lines.flat_map(|edge| self.lines(edge, &tails[edge.to])).map(|line| line.at(1.0)).reduce(f64::max)
        };
        let heights = Architecture::full(self.model.tree());
        let values = heights.heights().iter().map(|&height| {
            let (with, without) = if best_set.heights().contains(&height) {
                let never_on = |_: Option<u32>, to: u32| to != height;
                (best, value_of(&self.backward(never_on, &[]), &never_on))
            } else {
                // Never step over the height, and never stop below it.
                let never_over = |from: Option<u32>, to: u32| from.is_some_and(|from| from >= height) || to <= height;
                let below: Vec<bool> = self.graph.nodes.iter().map(|node| node.level.height < height).collect();
                (value_of(&self.backward(never_over, &below), &never_over), best)
            };
            // No set holds a height that cannot hold auctions: it has no value.
            let value = with.map_or(0.0, |with| with - without.unwrap_or(0.0));
            HeightValue { height, value: if value.abs() <= tolerance { 0.0 } else { value } }
        });
        Ok(values.collect())
    }

    fn height(&self, node: usize) -> u32 {
        self.graph.nodes[node].level.height
    }

    /// Rounding error of the best welfare.
    fn tolerance(&self, tails: &[Envelope]) -> f64 {
        self.start(tails, 1.0).map_or(0.0, |line| TIE * (line.gross.abs() + line.cost.abs()))
    }

    /// The best line from the start with discount `b`.
    fn start(&self, tails: &[Envelope], b: f64) -> Option<Line> {
        let lines = self.graph.start.iter().flat_map(|edge| self.lines(edge, &tails[edge.to]));
        lines.reduce(|best, line| if line.at(b) > best.at(b) { line } else { best })
    }

    /// The lines of taking an edge and then a completion in `tail`.
    fn lines<'t>(&self, edge: &graph::Edge, tail: &'t Envelope) -> impl Iterator<Item = Line> + 't {
        let node = &self.graph.nodes[edge.to];
        let gain = edge.filled * node.worth;
        let pass = if self.delays_add { node.discount } else { 1.0 };
        let cost = node.cost;
        tail.lines().iter().map(move |line| Line { gross: gain + pass * line.gross, cost: cost + line.cost })
    }

    /// For each node the envelope of all completions above it over the edges that `allowed(from, to)` admits; a set must not
    /// end at a node marked in `open`.
    fn backward(&self, allowed: impl Fn(Option<u32>, u32) -> bool, open: &[bool]) -> Vec<Envelope> {
        let mut tails: Vec<Envelope> = vec![Envelope::default(); self.graph.nodes.len()];
        for node in (0..self.graph.nodes.len()).rev() {
            let from = Some(self.height(node));
            let stop = (!open.get(node).copied().unwrap_or(false)).then_some(Line::NOTHING);
            let edges = self.graph.edges[node].iter().filter(|edge| allowed(from, self.height(edge.to)));
            let lines = stop.into_iter().chain(edges.flat_map(|edge| self.lines(edge, &tails[edge.to])));
            tails[node] = Envelope::of(lines);
        }
        tails
    }

    /// Of the sets with as many heights as there are layers whose welfare reaches `target` the one of lowest heights.
    fn lowest(&self, layers: &[Vec<Envelope>], target: f64) -> Result<Architecture> {
        let mut heights = Vec::with_capacity(layers.len());
        let (mut earned, mut discount) = (0.0, 1.0);
        let mut edges = &self.graph.start;
        for layer in layers.iter().rev() {
            let value = |edge: &graph::Edge| {
                self.lines(edge, &layer[edge.to])
                    .map(|line| earned + line.at(discount))
                    .fold(f64::NEG_INFINITY, f64::max)
            };
            // The target may lie within rounding above what is left of it: then the best edge serves.
            let best = edges.iter().map(value).fold(f64::NEG_INFINITY, f64::max).min(target);
            let Some(edge) = edges.iter().find(|edge| value(edge) >= best) else {
                return Err(Error::SearchTooLarge { reason: "no set of heights can hold auctions".to_owned() });
            };
            let node = &self.graph.nodes[edge.to];
            earned += discount * edge.filled * node.worth - node.cost;
            discount *= if self.delays_add { node.discount } else { 1.0 };
            heights.push(node.level.height);
            edges = &self.graph.edges[edge.to];
        }
        Ok(Architecture::from_sorted(heights))
    }
}
