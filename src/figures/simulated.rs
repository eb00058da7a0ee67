//! The simulation that belongs to the closed form of a scenario.

use crate::error::Result;
use crate::estimate::MonteCarlo;
use crate::orders::Orders;
use crate::orders::simulation::SimulatedOrders;
use crate::pool_tree::Architecture;
use crate::pool_tree::simulation::SimulatedWelfare;
use crate::progress::Progress;
use crate::scenario::Scenario;

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
