//! All that the replications of a simulation share.

use super::plan::Plan;
use super::solver::Clearing;
use super::values::Values;
use crate::error::{Error, Result};
use crate::orders::Orders;
use crate::pool_keepers::PoolKeepers;
use crate::pool_keepers::simulation::Crews;
use crate::pool_tree::{Architecture, Model};

/// What is drawn, and how orders are handled.
pub(super) struct Setup {
    pub(super) plan: Plan,
    pub(super) orders: Orders,
    pub(super) values: Values,
    /// The solver, where it clears more than pairs.
    pub(super) clearing: Option<Clearing>,
    /// Who runs the auctions, where they may fail or take time.
    pub(super) crews: Option<Crews>,
}

impl Setup {
    pub(super) fn new(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
    ) -> Result<Self> {
        orders.check().map_err(|e| e.within("orders"))?;
        let schedule = model.schedule(architecture)?;
        let alone = orders.solver.clears_pairs_only();
        let clearing = if alone { None } else { Some(Clearing::new(model.flow().assets(), &orders.solver)) };
        let clearing = clearing.transpose().map_err(|e| e.within("flow"))?;
        let crews = match (keepers, model.execution()) {
            (Some(keepers), Some(_)) => {
                let heights = schedule.levels().iter().map(|level| level.height);
                Some(Crews::new(keepers, model.tree(), heights).map_err(|e| e.within("keepers"))?)
            }
            (None, Some(_)) => return Err(Error::domain("keepers", "(none)", "those who run the auctions")),
            (_, None) => None,
        };
        let mut plan = Plan::new(model, &schedule, orders)?;
        if crews.is_some() {
            plan.count_auctions()?;
        }
        let values = Values::new(&orders.value, model.utility_mean());
        Ok(Self { plan, orders: *orders, values, clearing, crews })
    }
}
