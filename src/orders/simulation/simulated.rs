//! Estimates of what becomes of the orders.

use super::engine::OrdersEngine;
use super::sums::{Part, Sums, Whole, part};
use super::tally::{Account, Tally};
use crate::error::{Error, Result};
use crate::estimate::{Moments, MonteCarlo, PrecisionReport, Stopping, VectorEstimate, replications_for_precision};
use crate::orders::Orders;
use crate::pool_keepers::PoolKeepers;
use crate::pool_tree::simulation::{HeightFills, SimulatedWelfare};
use crate::pool_tree::{Architecture, Level, Model};
use crate::progress::Progress;
use nalgebra::{DMatrix, DVector};
use serde::Serialize;

/// The most orders and batches of a run: ten minutes or so on one core.
const MOST_WORK: f64 = 1e10;

/// The most welfare, per unit time and per replication, whose interval is sure to be finite.
const MOST_WELFARE: f64 = 1e150;

/// Replications of the pilot that decides how many a wanted precision takes.
const PILOT: u64 = 1000;

/// Below this many replications the covariance of the joint test comes from as many further ones, if they cost no more than
/// [`CHEAP`] orders and batches.
const FEW: u64 = 1000;

/// Orders and batches that the covariance of a short run may cost: a second or so on one core.
const CHEAP: f64 = 5e7;

/// The covariance of a short run is drawn from streams that no estimate and no pilot uses.
const SPREAD_STREAMS: u64 = 1 << 41;

/// The pilot draws from streams that no estimate uses.
const PILOT_STREAMS: u64 = 1 << 40;

/// Replications where the pilot saw no fill at all.
const CAP_WITHOUT_FILLS: f64 = 100_000.0;

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
    /// [`Error::OutOfReach`] if the simulation takes too long or too much memory; [`Error::Domain`] and
    /// [`Error::NotFinite`] as for [`OrdersEngine::new`].
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
    /// As [`SimulatedOrders::simulate`] and [`OrdersEngine::with_keepers`].
    pub fn simulate_with_keepers(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
        monte_carlo: &MonteCarlo,
        progress: Progress,
    ) -> Result<Self> {
        let run = Run::new(model, architecture, orders, keepers)?;
        let seed = monte_carlo.seed();
        match monte_carlo.stopping() {
            Stopping::Replications(n) => {
                run.check_reach(n)?;
                run.report(seed, run.sample(seed, 0, n, progress)?, None)
            }
            Stopping::Precision(target) => run.to_precision(seed, target, progress),
        }
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

/// An engine with what turns sums into shares and welfare.
struct Run<'a> {
    engine: OrdersEngine,
    model: &'a Model,
}

impl<'a> Run<'a> {
    fn new(
        model: &'a Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
    ) -> Result<Self> {
        let engine = OrdersEngine::with_keepers(model, architecture, orders, keepers)?;
        let most = model.flow().rate().max(engine.orders_per_replication()) * model.utility_mean();
        if most > MOST_WELFARE {
            let reason = format!("an interval around welfare of up to {most:.1e} overflows");
            return Err(Error::OutOfReach { reason });
        }
        Ok(Self { engine, model })
    }

    fn check_reach(&self, replications: u64) -> Result<()> {
        let work = self.engine.work_per_replication();
        if work * replications as f64 <= MOST_WORK {
            return Ok(());
        }
        let most = (MOST_WORK / work).floor();
        let reason = format!(
            "{replications} replications of {work:.1e} orders and batches each are more than {MOST_WORK:.0e}; \
             at most {most} replications are in reach"
        );
        Err(Error::OutOfReach { reason })
    }

    /// Replications from number `first` on, which starts a block.
    fn sample(&self, seed: u64, first: u64, replications: u64, progress: Progress) -> Result<(Moments, Account)> {
        let engine = &self.engine;
        let tally = || {
            let constant = engine.setup.orders.value.is_degenerate();
            let neutral = engine.setup.orders.fills_as_the_tree() && engine.setup.crews.is_none();
            Tally::new(engine.levels().len(), *self.model.discount(), constant, neutral)
        };
        let mut all = tally();
        engine.watch_in_parallel(seed, first..first + replications, tally, |block| all.merge(&block), progress)?;
        Ok((all.moments, all.account))
    }

    fn to_precision(&self, seed: u64, target: f64, progress: Progress) -> Result<SimulatedOrders> {
        self.check_reach(2)?;
        let affordable = (MOST_WORK / self.engine.work_per_replication().max(1.0)).floor().max(2.0);
        let pilot_replications = PILOT.min((affordable as u64 / 4).max(2));
        let first = PILOT_STREAMS * self.engine.block_len();
        let (pilot, _) = self.sample(seed, first, pilot_replications, &|_, _| ())?;
        let pilot = pilot.estimate()?;
        let n = pilot.mean().len();
        let mut worth = DVector::zeros(n);
        (0..self.engine.levels().len()).for_each(|level| worth[part(level, Part::Worth)] = 1.0);
        let gross = pilot.linear(&worth);
        let (wanted, capped) = if gross.mean > 0.0 {
            replications_for_precision(target, &gross, affordable)
        } else {
            let cheap = (CHEAP / self.engine.work_per_replication().max(1.0)).floor();
            (CAP_WITHOUT_FILLS.min(cheap).clamp(2.0, affordable), true)
        };
        let sample = self.sample(seed, 0, (wanted as u64).max(2), progress)?;
        let report = PrecisionReport { target, reached: None, capped, pilot_replications };
        self.report(seed, sample, Some(report))
    }

    fn report(
        &self,
        seed: u64,
        (moments, account): (Moments, Account),
        precision: Option<PrecisionReport>,
    ) -> Result<SimulatedOrders> {
        let (windows, warm_up) = self.engine.windows();
        let levels = self.engine.levels();
        let sums = Sums {
            estimate: moments.estimate()?,
            levels: levels.len(),
            orders: self.engine.orders_per_replication(),
            windows: windows as f64,
            auctions: (0..levels.len()).map(|level| self.engine.auctions(level)).collect(),
        };
        if !sums.estimate.mean().iter().chain(sums.estimate.covariance().iter()).all(|x| x.is_finite()) {
            return Err(Error::OutOfReach { reason: "the squares of delays or values overflow".to_owned() });
        }
        let few = sums.estimate.replications() < FEW && self.engine.work_per_replication() * FEW as f64 <= CHEAP;
        let spread = if few {
            let first = SPREAD_STREAMS * self.engine.block_len();
            Some(self.sample(seed, first, FEW, &|_, _| ())?.0.estimate()?)
        } else {
            None
        };
        let rate = self.model.flow().rate();
        let [filled, delay, value, worth] =
            [Part::Filled, Part::Delay, Part::Value, Part::Worth].map(|of| sums.over_levels(of));
        let gross = sums.linear(&(worth * rate));
        let [filled_share, expired_share, waiting_share] =
            [&filled, &sums.of_all(Whole::Expired), &sums.of_all(Whole::Waiting)].map(|of| sums.linear(of));
        let [mean_value, mean_delay] = [value, delay].map(|of| sums.ratio(&of, &filled));
        let enough = sums.seen(&filled_share);
        let precision = precision.map(|report| {
            let reached = gross.relative_precision();
            PrecisionReport { reached: reached.is_finite().then_some(reached), ..report }
        });
        Ok(SimulatedOrders {
            gross: gross.mean,
            std_error: gross.std_error,
            ci95: gross.ci95(),
            gross_per_order: gross.mean / rate,
            filled_share: filled_share.mean,
            filled_share_std_error: filled_share.std_error,
            expired_share: expired_share.mean,
            expired_share_std_error: expired_share.std_error,
            waiting_share: waiting_share.mean,
            waiting_share_std_error: waiting_share.std_error,
            mean_carried_over: sums.linear(&sums.of_all(Whole::Carried)).mean * sums.orders / sums.windows,
            mean_value: mean_value.map(|e| e.mean),
            mean_value_std_error: mean_value.filter(|_| enough).map(|e| e.std_error),
            mean_delay: mean_delay.map(|e| e.mean),
            mean_delay_std_error: mean_delay.filter(|_| enough).map(|e| e.std_error),
            replications: gross.replications,
            windows,
            warm_up,
            seed,
            precision,
            by_height: levels.iter().enumerate().map(|(i, level)| self.height(&sums, i, level)).collect(),
            account,
            sums,
            spread,
        })
    }

    fn height(&self, sums: &Sums, i: usize, level: &Level) -> HeightOrders {
        let rate = self.model.flow().rate();
        let executed = self
            .engine
            .setup
            .crews
            .as_ref()
            .map(|_| sums.linear(&(sums.at(i, Part::Executed) * (sums.orders / sums.auctions[i]))));
        let filled = sums.at(i, Part::Filled);
        let share = sums.linear(&filled);
        let gross = sums.linear(&(sums.at(i, Part::Worth) * rate));
        let [delay, value] = [Part::Delay, Part::Value].map(|of| sums.ratio(&sums.at(i, of), &filled));
        let enough = sums.seen(&share);
        HeightOrders {
            height: level.height,
            // A mean of whole shares may round to above 1.
            executed: executed.map(|e| e.mean.min(1.0)),
            executed_std_error: executed.map(|e| e.std_error),
            filled_share: share.mean,
            std_error: share.std_error,
            gross: gross.mean,
            gross_std_error: gross.std_error,
            mean_delay: delay.map(|e| e.mean),
            mean_delay_std_error: delay.filter(|_| enough).map(|e| e.std_error),
            mean_value: value.map(|e| e.mean),
            mean_value_std_error: value.filter(|_| enough).map(|e| e.std_error),
        }
    }
}
