//! Estimates of what becomes of the orders.

use super::run::OrdersRun;
use super::sums::{Part, Sums};
use super::tally::Account;
use crate::error::Result;
use crate::estimate::{MonteCarlo, PrecisionReport, VectorEstimate};
use crate::orders::Orders;
use crate::pool_keepers::PoolKeepers;
use crate::pool_tree::simulation::{HeightFills, SimulatedWelfare};
use crate::pool_tree::{Architecture, Model};
use crate::progress::Progress;
use nalgebra::DMatrix;
use serde::Serialize;

/// Monte Carlo estimate, order by order, of what becomes of the orders; rates are per unit time, shares those of the orders
/// expected to arrive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedOrders {
    /// Estimated discounted value of the filled orders per unit time.
    pub gross: f64,
    /// Standard error of `gross`.
    pub std_error: f64,
    /// 95 % confidence interval of `gross`.
    pub ci95: [f64; 2],
    /// `gross` per order that arrives.
    pub gross_per_order: f64,
    /// Share of the orders that is filled.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub filled_share_std_error: f64,
    /// Share of the orders that leaves unfilled.
    pub expired_share: f64,
    /// Standard error of `expired_share`.
    pub expired_share_std_error: f64,
    /// Orders left over and still there when the last auction had started, as a share of those that arrive in the windows that count.
    pub waiting_share: f64,
    /// Standard error of `waiting_share`.
    pub waiting_share_std_error: f64,
    /// Mean number of orders that an auction of the highest active height leaves over for later ones, all its pools.
    pub mean_carried_over: f64,
    /// Mean value of a filled order; absent where none was filled.
    pub mean_value: Option<f64>,
    /// Standard error of `mean_value`; absent where fewer than a hundred orders were filled.
    pub mean_value_std_error: Option<f64>,
    /// Mean delay of a filled order; absent where none was filled.
    pub mean_delay: Option<f64>,
    /// Standard error of `mean_delay`; absent where fewer than a hundred orders were filled.
    pub mean_delay_std_error: Option<f64>,
    /// Independent stretches of windows that were simulated.
    pub replications: u64,
    /// Windows of the highest active height in one of them.
    pub windows: u64,
    /// Windows before them that do not count.
    pub warm_up: u64,
    /// The seed.
    pub seed: u64,
    /// How a wanted precision was met, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionReport>,
    /// The active heights from the lowest to the highest.
    pub by_height: Vec<HeightOrders>,
    /// Where every single order went.
    pub account: Account,
    /// All sums of a replication.
    #[serde(skip)]
    pub(crate) sums: Sums,
    /// Further replications from which the joint test takes the covariance where there are too few to know it.
    #[serde(skip)]
    pub(crate) spread: Option<VectorEstimate>,
}

/// Estimates for one height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HeightOrders {
    /// Height of the pools.
    pub height: u32,
    /// Share of the auctions that keepers executed; absent where none run them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executed: Option<f64>,
    /// Standard error of `executed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executed_std_error: Option<f64>,
    /// Share of the orders that is filled here.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub std_error: f64,
    /// Discounted value of the orders filled here per unit time.
    pub gross: f64,
    /// Standard error of `gross`.
    pub gross_std_error: f64,
    /// Mean delay of an order filled here.
    pub mean_delay: Option<f64>,
    /// Standard error of `mean_delay`; absent where fewer than a hundred orders were filled.
    pub mean_delay_std_error: Option<f64>,
    /// Mean value of an order filled here.
    pub mean_value: Option<f64>,
    /// Standard error of `mean_value`; absent where fewer than a hundred orders were filled.
    pub mean_value_std_error: Option<f64>,
}

impl SimulatedOrders {
    /// Simulates `architecture` under `model` with orders handled as `orders` says, as `monte_carlo` asks, in parallel on
    /// the current rayon pool.
    ///
    /// Blocks of replications have their own stream of `ChaCha8` and are merged in their order: the same seed gives the
    /// same bits on any number of threads. A wanted precision of gross welfare is met in two stages: a pilot fixes
    /// the number of replications, fresh ones make the estimate.
    ///
    /// # Errors
    /// [`crate::Error::OutOfReach`] if the simulation takes too long or too much memory; [`crate::Error::Domain`] and
    /// [`crate::Error::NotFinite`] as for [`super::OrdersEngine::new`].
    ///
    /// ```
    /// use pooltree::orders::{Orders, simulation::SimulatedOrders};
    /// use pooltree::{Scenario, pool_tree::Architecture};
    /// let scenario = Scenario::document();
    /// let tree = Architecture::full(scenario.tree());
    /// let seen = SimulatedOrders::simulate(
    ///     &scenario, &tree, &Orders::default(), scenario.monte_carlo(), &|_, _| ())?;
    /// assert!(seen.account.balances());
    /// // Three heights of the document's tree fill 90 % of its orders: 1 - g(32), g(x) = e^(-2x) (I_0 + I_1)(2x).
    /// let unfilled = pooltree::kernels::unfilled::unfilled_share(32.0)?;
    /// assert!((seen.filled_share - (1.0 - unfilled)).abs() < 6.0 * seen.filled_share_std_error);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn simulate(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        monte_carlo: &MonteCarlo,
        progress: Progress,
    ) -> Result<Self> {
        Self::simulate_with_keepers(model, architecture, orders, None, monte_carlo, progress)
    }

    /// The same where `keepers` run the auctions.
    ///
    /// # Errors
    /// As [`SimulatedOrders::simulate`] and [`super::OrdersEngine::with_keepers`].
    pub fn simulate_with_keepers(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
        monte_carlo: &MonteCarlo,
        progress: Progress,
    ) -> Result<Self> {
        let mut run = OrdersRun::new(model, architecture, orders, keepers, monte_carlo)?;
        run.steps.finish(progress)?;
        run.report()
    }
}

impl SimulatedOrders {
    /// What an engine of counts would report: gross welfare, here with every delay drawn, and fills.
    pub(crate) fn welfare(&self) -> SimulatedWelfare {
        let rows: Vec<_> = (0..self.sums.levels).map(|level| self.sums.at(level, Part::Filled).transpose()).collect();
        let fills = |estimate: &VectorEstimate| {
            if rows.is_empty() { estimate.clone() } else { estimate.mapped(&DMatrix::from_rows(&rows)) }
        };
        let by_height = self.by_height.iter().map(|height| HeightFills {
            height: height.height,
            filled_share: height.filled_share,
            std_error: height.std_error,
        });
        SimulatedWelfare {
            gross: self.gross,
            std_error: self.std_error,
            ci95: self.ci95,
            gross_per_order: self.gross_per_order,
            filled_share: self.filled_share,
            filled_share_std_error: self.filled_share_std_error,
            replications: self.replications,
            seed: self.seed,
            precision: self.precision,
            by_height: by_height.collect(),
            fills: fills(&self.sums.estimate),
            spread: self.spread.as_ref().map(fills),
        }
    }
}
