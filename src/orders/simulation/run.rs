//! A run order by order, with the rule that decides how long it is.

use super::engine::OrdersEngine;
use super::simulated::{HeightOrders, SimulatedOrders};
use super::sums::{Part, Sums, Whole, part};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::estimate::replications_for_precision;
use crate::estimate::{Blocks, MonteCarlo, PILOT_STREAMS, PrecisionReport, Steps, Stopping};
use crate::orders::Orders;
use crate::pool_keepers::PoolKeepers;
use crate::pool_tree::{Architecture, Discount, Level, Model};
use crate::progress::Progress;
use nalgebra::DVector;
use std::ops::Range;

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

/// Replications where the pilot saw no fill at all.
const CAP_WITHOUT_FILLS: f64 = 100_000.0;

/// A run that is carried on in steps and reports what became of the orders so far.
pub(crate) struct OrdersRun {
    pub(crate) steps: Steps<Drawn>,
    precision: Option<PrecisionReport>,
    rate: f64,
}

/// An engine with the discount of what is filled.
pub(crate) struct Drawn {
    engine: OrdersEngine,
    discount: Discount,
}

impl Drawn {
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

    /// Replications that a relative precision of gross welfare takes, as a pilot has it.
    fn replications_for(&self, target: f64, seed: u64) -> Result<(u64, PrecisionReport)> {
        self.check_reach(2)?;
        let affordable = (MOST_WORK / self.engine.work_per_replication().max(1.0)).floor().max(2.0);
        let pilot_replications = PILOT.min((affordable as u64 / 4).max(2));
        let pilot = self.sample(seed, PILOT_STREAMS, pilot_replications)?.moments.estimate()?;
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
        Ok(((wanted as u64).max(2), PrecisionReport { target, reached: None, capped, pilot_replications }))
    }
}

impl Blocks for Drawn {
    type Seen = Tally;

    fn nothing(&self) -> Tally {
        let setup = &self.engine.setup;
        let constant = setup.orders.value.is_degenerate();
        let neutral = setup.orders.fills_as_the_tree() && setup.crews.is_none();
        Tally::new(self.engine.levels().len(), self.discount, constant, neutral)
    }

    fn block_len(&self) -> u64 {
        self.engine.block_len()
    }

    fn draw(&self, seed: u64, streams: u64, range: Range<u64>, seen: &mut Tally, progress: Progress) -> Result<()> {
        let first = streams * self.engine.block_len();
        let range = first + range.start..first + range.end;
        self.engine.watch_in_parallel(seed, range, || self.nothing(), |block| seen.merge(&block), progress)
    }
}

impl OrdersRun {
    /// Nothing drawn yet but, where a precision is wanted, the pilot that decides how long the run is.
    pub(crate) fn new(
        model: &Model,
        architecture: &Architecture,
        orders: &Orders,
        keepers: Option<&PoolKeepers>,
        monte_carlo: &MonteCarlo,
    ) -> Result<Self> {
        let engine = OrdersEngine::with_keepers(model, architecture, orders, keepers)?;
        let rate = model.flow().rate();
        let most = rate.max(engine.orders_per_replication()) * model.utility_mean();
        if most > MOST_WELFARE {
            let reason = format!("an interval around welfare of up to {most:.1e} overflows");
            return Err(Error::OutOfReach { reason });
        }
        let drawn = Drawn { engine, discount: *model.discount() };
        let seed = monte_carlo.seed();
        let (replications, precision) = match monte_carlo.stopping() {
            Stopping::Replications(n) => {
                drawn.check_reach(n)?;
                (n, None)
            }
            Stopping::Precision(target) => {
                let (n, report) = drawn.replications_for(target, seed)?;
                (n, Some(report))
            }
        };
        let few = replications < FEW && drawn.engine.work_per_replication() * FEW as f64 <= CHEAP;
        let steps = Steps::new(drawn, seed, replications, few.then_some(FEW));
        Ok(Self { steps, precision, rate })
    }

    /// What has been seen so far.
    ///
    /// # Errors
    /// [`Error::Domain`] for fewer than two replications, [`Error::OutOfReach`] where squares overflow.
    pub(crate) fn report(&self) -> Result<SimulatedOrders> {
        let engine = &self.steps.engine().engine;
        let (windows, warm_up) = engine.windows();
        let levels = engine.levels();
        let seen = self.steps.seen();
        let sums = Sums {
            estimate: seen.moments.estimate()?,
            levels: levels.len(),
            orders: engine.orders_per_replication(),
            windows: windows as f64,
            auctions: (0..levels.len()).map(|level| engine.auctions(level)).collect(),
        };
        if !sums.estimate.mean().iter().chain(sums.estimate.covariance().iter()).all(|x| x.is_finite()) {
            return Err(Error::OutOfReach { reason: "the squares of delays or values overflow".to_owned() });
        }
        let spread = self.steps.spread().map(|spread| spread.moments.estimate()).transpose()?;
        let rate = self.rate;
        let [filled, delay, value, worth] =
            [Part::Filled, Part::Delay, Part::Value, Part::Worth].map(|of| sums.over_levels(of));
        let gross = sums.linear(&(worth * rate));
        let [filled_share, expired_share, waiting_share] =
            [&filled, &sums.of_all(Whole::Expired), &sums.of_all(Whole::Waiting)].map(|of| sums.linear(of));
        let [mean_value, mean_delay] = [value, delay].map(|of| sums.ratio(&of, &filled));
        let enough = sums.seen(&filled_share);
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
            seed: self.steps.seed(),
            precision: self.precision.map(|report| report.reached_by(&gross)),
            by_height: levels.iter().enumerate().map(|(i, level)| self.height(&sums, i, level)).collect(),
            account: seen.account,
            sums,
            spread,
        })
    }

    fn height(&self, sums: &Sums, i: usize, level: &Level) -> HeightOrders {
        let rate = self.rate;
        let executed = self
            .steps
            .engine()
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
