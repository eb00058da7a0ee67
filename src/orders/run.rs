//! A whole run of a scenario, order by order.

use super::compare::Confirmed;
use super::simulation::SimulatedOrders;
use crate::error::Result;
use crate::pool_tree::Architecture;
use crate::progress::Progress;
use crate::scenario::Scenario;
use serde::Serialize;

/// Orders of a scenario simulated one by one, with what closed forms say of them; serialises to the JSON of `pooltree simulate
/// --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// The scenario, defaults filled in.
    pub scenario: Scenario,
    /// The active heights.
    pub heights: Architecture,
    /// The estimates, and their agreement with closed forms.
    #[serde(flatten)]
    pub confirmed: Confirmed,
    /// Orders that were written to a log, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traced: Option<u64>,
    /// Name of that log; no part of the JSON.
    #[serde(skip)]
    pub log: Option<String>,
}

impl Run {
    /// Simulates the auctions of `heights` as the sections `[orders]`, `[keepers]` and `[monte_carlo]` of the scenario say.
    ///
    /// # Errors
    /// As [`SimulatedOrders::simulate_with_keepers`] and [`Confirmed::with_keepers`].
    ///
    /// ```
    /// use pooltree::estimate::{MonteCarlo, Stopping};
    /// use pooltree::{Scenario, orders::run::Run, pool_tree::Architecture};
    /// let scenario = Scenario::document().with_monte_carlo(MonteCarlo::new(1, Stopping::Replications(200))?);
    /// let run = Run::simulate(&scenario, &Architecture::full(scenario.tree()), &|_, _| ())?;
    /// assert!(run.confirmed.simulated.account.balances());
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn simulate(scenario: &Scenario, heights: &Architecture, progress: Progress) -> Result<Self> {
        let (orders, keepers) = (scenario.orders(), scenario.keepers());
        let simulated = SimulatedOrders::simulate_with_keepers(
            scenario,
            heights,
            orders,
            keepers,
            scenario.monte_carlo(),
            progress,
        )?;
        let confirmed = Confirmed::with_keepers(scenario, heights, orders, keepers, simulated)?;
        Ok(Self { scenario: scenario.clone(), heights: heights.clone(), confirmed, traced: None, log: None })
    }
}
