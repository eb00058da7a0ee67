//! The simulation that belongs to the closed form of a scenario.

use crate::error::Result;
use crate::estimate::MonteCarlo;
use crate::orders::Orders;
use crate::orders::simulation::SimulatedOrders;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::simulation::SimulatedWelfare;
use crate::pool_tree::{Architecture, Model};
use crate::progress::Progress;
use crate::scenario::Scenario;

/// Pairs that must be expected in all for an interval by means and variances.
const FEW_PAIRS: f64 = 25.0;

/// Whether a simulation was to see enough orders filled, if that is the share `filled` of them. One replication is one window of
/// the highest active height.
pub(super) fn is_enough(model: &Model, welfare: &ClosedForm, filled: f64, replications: u64) -> bool {
    let window = welfare.by_height.last().map_or(0.0, |highest| highest.period);
    filled == 0.0 || 0.5 * filled * model.flow().rate() * window * replications as f64 >= FEW_PAIRS
}

/// Simulated fills and welfare of an architecture, to be drawn beside its closed form: counts of orders, or order by order and
/// attempt by attempt where keepers run the auctions and may fail or take time.
///
/// # Errors
/// As [`SimulatedWelfare::simulate`] and [`SimulatedOrders::simulate_with_keepers`].
pub fn simulated(
    scenario: &Scenario,
    architecture: &Architecture,
    monte_carlo: &MonteCarlo,
    progress: Progress,
) -> Result<SimulatedWelfare> {
    match scenario.keepers().filter(|_| scenario.execution().is_some()) {
        None => SimulatedWelfare::simulate(scenario, architecture, monte_carlo, progress),
        keepers => {
            let orders = Orders::default();
            SimulatedOrders::simulate_with_keepers(scenario, architecture, &orders, keepers, monte_carlo, progress)
                .map(|simulated| simulated.welfare())
        }
    }
}
