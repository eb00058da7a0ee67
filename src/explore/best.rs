//! The best set of heights with everything that it is the best of: second best, values of the heights, and best periods.

use super::periods::BestPeriods;
use crate::error::Result;
use crate::pool_tree::Architecture;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::{Best, HeightValues, Search};
use crate::progress::Progress;
use crate::scenario::Scenario;
use serde::Serialize;

/// The best set of heights and what every height is worth; serialises to the JSON of `pooltree best --json`. All rates per unit
/// time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestSet {
    /// The scenario; no part of the JSON.
    #[serde(skip)]
    pub scenario: Scenario,
    /// The set; of several with the greatest welfare the one of fewest, then lowest heights.
    pub heights: Architecture,
    /// Its net welfare.
    pub net: f64,
    /// Its gross welfare.
    pub gross: f64,
    /// Its communication cost.
    pub cost: f64,
    /// Share of all orders that it fills.
    pub filled_share: f64,
    /// The best of all other sets; `None` if no other can hold auctions.
    pub second: Option<Best>,
    /// What every height of the full tree is worth.
    pub levels: HeightValues,
    /// The best periods, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periods: Option<BestPeriods>,
}

impl BestSet {
    /// Searches the sets of heights of a scenario and, with ratios up to a `max_ratio`, their periods.
    ///
    /// # Errors
    /// As [`Search::new`] and [`BestPeriods::new`].
    ///
    /// ```
    /// use pooltree::{Scenario, explore::best::BestSet};
    /// let best = BestSet::find(&Scenario::document(), None, &|_, _| ())?;
    /// assert_eq!(best.heights.heights(), [0, 1, 2, 3]);
    /// assert_eq!(best.levels.len(), 3);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn find(scenario: &Scenario, max_ratio: Option<u32>, progress: Progress) -> Result<Self> {
        let search = Search::new(scenario)?;
        let Best { architecture, net } = search.best()?;
        let ClosedForm { gross, cost, filled_share, .. } = ClosedForm::evaluate(scenario, &architecture)?;
        Ok(Self {
            scenario: scenario.clone(),
            second: search.best_but(&architecture)?,
            levels: search.raison_d_etre()?,
            periods: max_ratio.map(|ratio| BestPeriods::new(scenario, ratio, progress)).transpose()?,
            heights: architecture,
            net,
            gross,
            cost,
            filled_share,
        })
    }
}
