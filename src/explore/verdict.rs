//! Which architecture wins one scenario, and by how much.

use super::Contender;
use crate::error::Result;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::{Best, Search, preferred};
use crate::pool_tree::{Architecture, Model, PoolTree};
use serde::Serialize;

/// Who competes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Among {
    /// All nonempty sets of heights; those that are no global pool, no full tree and no local pools go by one name, `other`.
    #[default]
    All,
    /// These architectures alone.
    These(Vec<Contender>),
}

/// The winner of one scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// `global`, `tree`, `local-j` or `other`; among given architectures the name of one of them.
    pub winner: String,
    /// The heights of the winner.
    #[serde(rename = "heights")]
    pub architecture: Architecture,
    /// Its net welfare per unit time.
    pub net: f64,
    /// Its net welfare minus that of the best of another name; `None` if there is no other.
    pub margin: Option<f64>,
}

impl Verdict {
    /// The architecture of greatest net welfare; ties go to the fewest, then the lowest heights.
    ///
    /// # Errors
    /// As [`Search::new`] and [`ClosedForm::evaluate`]; [`crate::Error::Domain`] for a contender that the tree is too shallow
    /// for, or if nobody competes.
    ///
    /// ```
    /// use pooltree::Scenario;
    /// use pooltree::explore::verdict::{Among, Verdict};
    /// // Counterparts on opposite sides only, with a cost of messages: the document's degenerate case ①.
    /// let opposite: Scenario = r#"
    ///     tree = { arity = 2, depth = 3 }
    ///     flow = { rate = 64.0, components = [{ kind = "opposite" }] }
    ///     timing.latency = { model = "proportional", scale = 0.125 }
    ///     timing.period = { model = "ratio", base = 0.125, ratio = 2 }
    ///     timing.delay = "batched"
    ///     discount.factor = 0.5
    ///     cost.per_message = 0.001
    /// "#.parse()?;
    /// let verdict = Verdict::of(&opposite, &Among::All)?;
    /// assert_eq!(verdict.winner, "global");
    /// assert!(verdict.margin.is_some_and(|margin| margin > 0.0));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn of(model: &Model, among: &Among) -> Result<Self> {
        match among {
            Among::All => Self::of_all(&Search::new(model)?),
            Among::These(contenders) => Self::of_these(model, contenders),
        }
    }

    /// The verdict on one of several models in turn: what the last search knows of the fills serves again.
    pub(super) fn in_turn(model: &Model, among: &Among, last: &mut Option<Search>) -> Result<Self> {
        if let Among::These(contenders) = among {
            return Self::of_these(model, contenders);
        }
        let search = match last.take() {
            Some(last) => last.next(model)?,
            None => Search::new(model)?,
        };
        Self::of_all(last.insert(search))
    }

    fn of_all(search: &Search) -> Result<Self> {
        let model = search.model();
        let Best { architecture, net } = search.best_at_once()?;
        let winner = name(model.tree(), &architecture);
        let rival = if winner == OTHER {
            // A set that cannot hold auctions (back to back without latency) is no rival.
            let named = Architecture::named(model.tree()).into_iter();
            named.filter_map(|(_, named)| search.net(&named).ok()).reduce(f64::max)
        } else {
            search.net_but(&architecture)
        };
        Ok(Self { winner, architecture, net, margin: rival.map(|rival| (net - rival).max(0.0)) })
    }

    fn of_these(model: &Model, contenders: &[Contender]) -> Result<Self> {
        let mut candidates = Vec::with_capacity(contenders.len());
        for contender in contenders {
            let architecture = contender.on(model.tree())?;
            let welfare = ClosedForm::evaluate(model, &architecture)?;
            candidates.push((contender, architecture, welfare));
        }
        let (contender, architecture, ClosedForm { net, .. }) =
            preferred(&candidates, |(_, set, welfare)| (set, welfare))
                .ok_or_else(|| crate::Error::domain("architectures", "(none)", "at least one"))?;
        let rivals = candidates.iter().filter(|(_, other, _)| other != architecture);
        let rival = rivals.map(|(_, _, welfare)| welfare.net).reduce(f64::max);
        Ok(Self {
            winner: contender.to_string(),
            architecture: architecture.clone(),
            net: *net,
            margin: rival.map(|rival| (net - rival).max(0.0)),
        })
    }
}

/// The name of sets of heights that have none of their own.
pub const OTHER: &str = "other";

/// `global` for the root alone, `tree` for all heights from 1, `local-j` for one height in between, else `other`.
pub fn name(tree: &PoolTree, architecture: &Architecture) -> String {
    let depth = tree.depth();
    match architecture.heights() {
        [height] if *height == depth => "global".to_owned(),
        [height] if *height > 0 => format!("local-{height}"),
        _ if *architecture == Architecture::full(tree) => "tree".to_owned(),
        _ => OTHER.to_owned(),
    }
}
