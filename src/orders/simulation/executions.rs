//! When the auctions of a replication are executed: drawn once, common to all markets of a pool.

use super::bits::Bits;
use super::order::Observer;
use super::plan::Plan;
use crate::pool_keepers::simulation::Crews;

/// All auctions of one replication.
pub(super) struct Executions {
    crews: Crews,
    levels: Vec<Table>,
    windows: u64,
    warm_up: u64,
    /// Who is down in the present window of the highest level.
    outages: Vec<f64>,
}

/// The auctions of one level.
struct Table {
    pools: u64,
    /// Windows in one of the highest level.
    windows: u64,
    /// Delay of every execution, window by window and pool by pool; NaN where there was none.
    delays: Vec<f64>,
}

impl Executions {
    pub(super) fn new(crews: &Crews, plan: &Plan) -> Self {
        let top = plan.levels.last().map_or(1.0, |top| top.period);
        let table = |level: &crate::pool_tree::Level| Table {
            pools: plan.tree.pools(level.height).unwrap_or(1),
            windows: (top / level.period).round() as u64,
            delays: Vec::new(),
        };
        Self {
            crews: crews.clone(),
            levels: plan.levels.iter().map(table).collect(),
            windows: plan.windows + plan.warm_up,
            warm_up: plan.warm_up,
            outages: Vec::new(),
        }
    }

    /// The attempts at all auctions of a replication.
    pub(super) fn draw<O: Observer>(&mut self, bits: &mut Bits, observer: &mut O) {
        self.levels.iter_mut().for_each(|table| table.delays.clear());
        for window in 0..self.windows {
            self.crews.draw_outages(&mut self.outages, bits);
            for (level, table) in self.levels.iter_mut().enumerate() {
                for _ in 0..table.windows {
                    for pool in 0..table.pools {
                        let outcome = self.crews.execute(level, pool, &self.outages, bits);
                        table.delays.push(if outcome.executed { outcome.time } else { f64::NAN });
                        if window >= self.warm_up {
                            observer.attempted(level, pool, &outcome);
                        }
                    }
                }
            }
        }
    }

    /// Delay of the execution of an auction; `None` if there was none.
    pub(super) fn delay(&self, level: usize, window: u64, pool: u64) -> Option<f64> {
        let table = &self.levels[level];
        let delay = table.delays[(window * table.pools + pool) as usize];
        (!delay.is_nan()).then_some(delay)
    }
}
