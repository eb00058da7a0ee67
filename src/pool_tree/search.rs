//! The best architecture among all nonempty sets of heights, and what every height is worth.

mod enumerate;
mod envelope;
mod fronts;
mod graph;
mod one_by_one;
mod paths;
mod periods;
mod reason;
mod value;

use crate::error::{Error, Result};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Model};
use envelope::Line;
use graph::Graph;
use paths::Paths;
use serde::{Deserialize, Serialize};

pub use enumerate::{Enumerated, Enumeration, MOST_ENUMERATED_DEPTH, enumerate};
pub use reason::{Effect, Reason};
pub use value::{HeightValue, HeightValues};

/// Two sets whose welfare differs by less than this share of gross plus cost count as equal: it is rounding.
pub(crate) const TIE: f64 = 1e-12;

/// The candidate of greatest net welfare; of several, to the rounding of [`TIE`], the first of fewest, then lowest heights.
pub(crate) fn preferred<T>(candidates: &[T], of: impl Fn(&T) -> (&Architecture, &ClosedForm)) -> Option<&T> {
    let net = |candidate: &T| of(candidate).1.net;
    let best = of(candidates.iter().max_by(|a, b| net(a).total_cmp(&net(b)))?).1;
    let enough = best.net - TIE * (best.gross.abs() + best.cost.abs());
    candidates.iter().filter(|candidate| net(candidate) >= enough).min_by_key(|candidate| {
        let heights = of(candidate).0.heights();
        (heights.len(), heights)
    })
}

/// The best set of heights and its net welfare per unit time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The set; of several with the greatest welfare the one of fewest, then lowest heights.
    #[serde(rename = "heights")]
    pub architecture: Architecture,
    /// Its net welfare, which may be negative.
    pub net: f64,
}

/// Search over all `2^(k+1) - 1` sets of heights of one model.
///
/// What a set earns from height `j` on depends on the heights below only through the discount `b = β^o` of the offset at
/// which `j` starts, and is linear in it: `b · G - C`, gross `G` discounted, cost `C` not. Going down from the root, each
/// height keeps the upper envelope over `b ∈ (0, 1]` of the lines of all sets above it. That is exact and takes
/// `O(k² · lines)`; without cost a height keeps one line.
///
/// Where auctions may fail ([`Model::with_execution`]) what failed ones leave over belongs to the state, and where pools differ
/// ([`Model::network`]) every pool starts at an offset of its own; then all sets are evaluated one by one, up to depth
/// [`MOST_ENUMERATED_DEPTH`].
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
    ways: Ways,
}

/// What the search knows.
enum Ways {
    /// The best completions above every height.
    Paths(Paths),
    /// What every set earns.
    Sets(Enumeration),
}

/// Whether what a set earns above a height depends on more than one offset.
fn is_one_by_one(model: &Model) -> bool {
    model.execution().is_some() || model.network().is_some()
}

impl Search {
    /// Prepares the search: what every height fills beyond every lower one, and the best completions above every height.
    ///
    /// # Errors
    /// [`Error::SearchTooLarge`] if auctions run back to back with too many different periods, or may fail or differ from pool
    /// to pool in a tree deeper than [`MOST_ENUMERATED_DEPTH`], [`Error::NotFinite`] if the
    /// communication cost overflows, [`Error::Domain`] if no height can hold auctions.
    pub fn new(model: &Model) -> Result<Self> {
        if is_one_by_one(model) {
            return Ok(Self { model: model.clone(), ways: Ways::Sets(enumerate(model)?) });
        }
        let by_path = model.timing().period().depends_on_lower_heights();
        let paths = Paths::new(if by_path { periods::graph(model)? } else { Graph::with_fixed_periods(model)? });
        Ok(Self { model: model.clone(), ways: Ways::Paths(paths) })
    }

    /// The search of another model, bit for bit that of [`Search::new`]; fast if it differs in discount, latency, utility or
    /// cost only, so that the same orders are filled.
    ///
    /// # Errors
    /// As [`Search::new`].
    pub fn next(&self, model: &Model) -> Result<Self> {
        let (old, new) = (&self.model, model);
        let fills = |model: &Model| (model.tree().clone(), model.timing().period().clone());
        let same = old.flow() == new.flow() && fills(old) == fills(new);
        match &self.ways {
            Ways::Paths(paths)
                if same && !is_one_by_one(model) && !model.timing().period().depends_on_lower_heights() =>
            {
                let paths = Paths::new(paths.graph.with_the_same_fills(model)?);
                Ok(Self { ways: Ways::Paths(paths), model: model.clone() })
            }
            _ => Self::new(model),
        }
    }

    /// The model that is searched.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The best set of heights.
    ///
    /// # Errors
    /// As [`ClosedForm::evaluate`].
    pub fn best(&self) -> Result<Best> {
        self.evaluated(self.best_heights()?)
    }

    /// [`Search::best`] with its net welfare as [`Search::net`] has it: no fill is computed again.
    pub(crate) fn best_at_once(&self) -> Result<Best> {
        let architecture = Architecture::from_sorted(self.best_heights()?);
        Ok(Best { net: self.net(&architecture)?, architecture })
    }

    fn best_heights(&self) -> Result<Vec<u32>> {
        let none = || Error::SearchTooLarge { reason: "no set of heights can hold auctions".to_owned() };
        let best = match &self.ways {
            Ways::Paths(paths) => paths.best(),
            Ways::Sets(sets) => sets.best().map(|best| best.architecture.heights().to_vec()),
        };
        best.ok_or_else(none)
    }

    /// The best of all other nonempty sets of heights, the exact second best if `excluded` is the best; `None` if no other
    /// set can hold auctions (at depth 0, or back to back where a single height has a latency).
    ///
    /// A set differs from the excluded one in the first height at which it goes on elsewhere, stops, or does not stop; the
    /// search follows the excluded set up to every such place and completes freely from there. `O(k² · lines)` as the
    /// search itself.
    ///
    /// # Errors
    /// [`Error::Domain`] if `excluded` has a height above the depth, else as [`ClosedForm::evaluate`].
    ///
    /// ```
    /// use pooltree::{ClosedForm, Scenario, pool_tree::{Architecture, search::Search}};
    /// let scenario = Scenario::document();
    /// let search = Search::new(&scenario)?;
    /// let best = search.best()?;
    /// let second = search.best_but(&best.architecture)?.expect("15 sets of heights");
    /// assert_eq!(second.architecture.heights(), [1, 2, 3]);
    /// let tree = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()))?;
    /// assert!(second.net == tree.net && second.net < best.net);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn best_but(&self, excluded: &Architecture) -> Result<Option<Best>> {
        excluded.check(self.model.tree())?;
        let heights = match &self.ways {
            Ways::Paths(paths) => all_but(paths, excluded).as_ref().unwrap_or(paths).best(),
            Ways::Sets(sets) => return Ok(sets.best_but(excluded)),
        };
        heights.map(|heights| self.evaluated(heights)).transpose()
    }

    /// Net welfare of [`Search::best_but`] as [`Search::net`] has it: no fill is computed again.
    pub(crate) fn net_but(&self, excluded: &Architecture) -> Option<f64> {
        match &self.ways {
            Ways::Paths(paths) => {
                all_but(paths, excluded).as_ref().unwrap_or(paths).greatest().map(|line| line.at(1.0))
            }
            Ways::Sets(sets) => sets.best_but(excluded).map(|best| best.net),
        }
    }

    /// Net welfare per unit time of any set of heights: that of [`ClosedForm::evaluate`] up to rounding, without computing
    /// any fill again.
    ///
    /// # Errors
    /// As [`ClosedForm::evaluate`].
    ///
    /// ```
    /// use pooltree::{ClosedForm, Scenario, pool_tree::{Architecture, search::Search}};
    /// let scenario = Scenario::document();
    /// let search = Search::new(&scenario)?;
    /// for (_, architecture) in Architecture::named(scenario.tree()) {
    ///     let net = ClosedForm::evaluate(&scenario, &architecture)?.net;
    ///     assert!((search.net(&architecture)? - net).abs() < 1e-12 * net);
    /// }
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn net(&self, architecture: &Architecture) -> Result<f64> {
        architecture.check(self.model.tree())?;
        let net = match &self.ways {
            Ways::Paths(Paths { graph, .. }) => graph.path(architecture).and_then(|path| {
                let latency: f64 = path.iter().map(|edge| graph.nodes[edge.to].level.latency).sum();
                latency.is_finite().then(|| graph.line(&path).at(1.0))
            }),
            Ways::Sets(sets) => sets.sets().iter().find(|set| set.architecture == *architecture).map(|set| set.net),
        };
        match net {
            Some(net) if net.is_finite() => Ok(net),
            // It cannot be evaluated either, and there the error says why.
            _ => ClosedForm::evaluate(&self.model, architecture).map(|welfare| welfare.net),
        }
    }

    /// Net welfare of the best set, and the size of the terms of which it is the difference; what the set is takes longer.
    pub(crate) fn greatest(&self) -> Option<(f64, f64)> {
        match &self.ways {
            Ways::Paths(paths) => paths.greatest().map(|line| (line.at(1.0), line.gross.abs() + line.cost.abs())),
            Ways::Sets(sets) => {
                let best = sets.sets().iter().reduce(|best, next| if next.net > best.net { next } else { best })?;
                Some((best.net, best.gross.abs() + best.cost.abs()))
            }
        }
    }

    fn evaluated(&self, heights: Vec<u32>) -> Result<Best> {
        let architecture = Architecture::from_sorted(heights);
        let net = ClosedForm::evaluate(&self.model, &architecture)?.net;
        Ok(Best { architecture, net })
    }
}

/// All other sets; `None` if the excluded one cannot hold auctions and all sets are others.
fn all_but(paths: &Paths, excluded: &Architecture) -> Option<Paths> {
    paths.graph.path(excluded).map(|path| Paths::new(paths.graph.all_but(&path)))
}
