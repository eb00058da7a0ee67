//! Every set of heights, one by one: the plain route that the search is tested against.

use super::{Best, TIE};
use crate::error::{Error, Result};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::closed_form::network::Evaluator;
use crate::pool_tree::{Architecture, Model};
use serde::Serialize;

/// The greatest depth at which all sets are evaluated: `2^17 - 1` of them, in about a second.
pub const MOST_ENUMERATED_DEPTH: u32 = 16;

/// Every nonempty set of heights that can be evaluated, with what it earns.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Enumeration {
    sets: Vec<Enumerated>,
}

/// One set of an [`Enumeration`]; all rates per unit time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Enumerated {
    /// The set.
    #[serde(rename = "heights")]
    pub architecture: Architecture,
    /// Its gross welfare.
    pub gross: f64,
    /// Its communication cost.
    pub cost: f64,
    /// Its net welfare.
    pub net: f64,
    /// Share of all orders that it fills.
    pub filled_share: f64,
}

/// Evaluates every nonempty set of heights by [`ClosedForm::evaluate`], without any recursion: `O(k² · 2^k)`.
///
/// Sets that cannot be evaluated (back to back without a latency, or beyond the range of numbers) are left out, as the
/// search leaves them out.
///
/// # Errors
/// [`Error::SearchTooLarge`] beyond depth [`MOST_ENUMERATED_DEPTH`].
///
/// ```
/// use pooltree::{Scenario, pool_tree::search::{Search, enumerate}};
/// let scenario = Scenario::document();
/// let all = enumerate(&scenario)?;
/// assert_eq!(all.sets().len(), 15);
/// assert_eq!(all.best().map(|best| best.net), Some(Search::new(&scenario)?.best()?.net));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn enumerate(model: &Model) -> Result<Enumeration> {
    let depth = model.tree().depth();
    if depth > MOST_ENUMERATED_DEPTH {
        let reason = format!("2^{} - 1 sets one by one; at most depth {MOST_ENUMERATED_DEPTH}", u64::from(depth) + 1);
        return Err(Error::SearchTooLarge { reason });
    }
    let mut evaluator = model.network().map(|network| Evaluator::new(network));
    let mut evaluate = |architecture: &Architecture| match &mut evaluator {
        None => ClosedForm::evaluate(model, architecture),
        Some(evaluator) => evaluator.evaluate(architecture.heights()).map(|welfare| welfare.total),
    };
    let sets = (1u32..1 << (depth + 1)).filter_map(|set| {
        let heights = (0..=depth).filter(|height| set >> height & 1 == 1).collect();
        let architecture = Architecture::from_sorted(heights);
        let ClosedForm { gross, cost, net, filled_share, .. } = evaluate(&architecture).ok()?;
        Some(Enumerated { architecture, gross, cost, net, filled_share })
    });
    Ok(Enumeration { sets: sets.collect() })
}

impl Enumeration {
    /// The sets, in the order of the binary numbers whose digit `h` says whether height `h` is active.
    pub fn sets(&self) -> &[Enumerated] {
        &self.sets
    }

    /// The best set, ties as in [`super::Search::best`]; `None` if no set can be evaluated.
    pub fn best(&self) -> Option<Best> {
        self.best_where(|_| true)
    }

    /// The best other set, as [`super::Search::best_but`].
    pub fn best_but(&self, excluded: &Architecture) -> Option<Best> {
        self.best_where(|set| set != excluded)
    }

    /// The best of the sets that `accept` admits: of those within 1e-12 of gross plus cost of the greatest net welfare the
    /// one of fewest, then lowest heights.
    pub fn best_where(&self, accept: impl Fn(&Architecture) -> bool) -> Option<Best> {
        let accepted = || self.sets.iter().filter(|set| accept(&set.architecture));
        let greatest = accepted().reduce(|best, next| if next.net > best.net { next } else { best })?;
        let enough = greatest.net - TIE * (greatest.gross.abs() + greatest.cost.abs());
        let preferred = accepted().filter(|set| set.net >= enough).min_by_key(|set| {
            let heights = set.architecture.heights();
            (heights.len(), heights)
        })?;
        Some(Best { architecture: preferred.architecture.clone(), net: preferred.net })
    }

    /// The value of a height, as in [`super::HeightValue`]: greatest net welfare with it less the greatest without, and
    /// without regard to ties.
    pub fn value(&self, height: u32) -> f64 {
        let greatest = |with: bool| {
            let sets = self.sets.iter().filter(|set| set.architecture.heights().contains(&height) == with);
            sets.map(|set| set.net).reduce(f64::max)
        };
        greatest(true).map_or(0.0, |with| with - greatest(false).unwrap_or(0.0))
    }
}
