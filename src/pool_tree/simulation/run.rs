//! A run of the counts engine, or pool by pool, with the rule that decides how long it is.

use super::counts::CountsEngine;
use super::network::NetworkRun;
use super::welfare::{HeightFills, SimulatedWelfare};
use crate::error::{Error, Result};
use crate::estimate::{Blocks, CountMoments, Estimate, Moments, PrecisionReport, Steps, VectorEstimate};
use crate::estimate::{MonteCarlo, PILOT_STREAMS, Stopping, replications_for_precision};
use crate::pool_tree::{Architecture, Model, Schedule};
use crate::progress::Progress;
use nalgebra::DVector;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most draws of a run: about five minutes on one core. More replications are refused, more precision is capped.
const MOST_DRAWS: f64 = 5e10;

/// The most welfare per unit time whose interval is sure to be finite.
const MOST_WELFARE: f64 = 1e300;

/// The most replications that a wanted precision may cost.
const MOST_REPLICATIONS: f64 = 1e9;

/// Replications of the pilot that decides how many a wanted precision takes.
const PILOT: u64 = 2000;

/// Replications where the pilot saw no fill at all.
const CAP_WITHOUT_FILLS: u64 = 100_000;

/// Below this many replications the covariance comes from as many further ones, if they cost no more than [`CHEAP`] draws.
const FEW: u64 = 1000;

/// Draws that the covariance of a short run may cost: a few seconds on one core.
const CHEAP: f64 = 1e9;

/// A run that is carried on in steps and reports the welfare seen so far.
pub(crate) struct WelfareRun {
    pub(crate) steps: Steps<Engine>,
    precision: Option<PrecisionReport>,
    schedule: Schedule,
    rate: f64,
    /// Gross welfare per unit of what is sampled: of filled shares by level, or of welfare itself.
    worth: DVector<f64>,
}

/// Where the fills come from.
pub(crate) enum Engine {
    /// Pools alike at every height: shares by level, each pair this share of all orders.
    Regular(CountsEngine, f64),
    /// Pool by pool: shares by level, and then welfare.
    Network(NetworkRun),
}

/// What is kept of the replications.
pub(crate) enum Seen {
    /// Pairs by level, each this share of all orders.
    Pairs(CountMoments, f64),
    /// Shares by level, and then welfare.
    Numbers(Moments),
}

impl Seen {
    fn estimate(&self) -> Result<VectorEstimate> {
        match self {
            Self::Pairs(moments, share_of_pair) => moments.estimate(*share_of_pair),
            Self::Numbers(moments) => moments.estimate(),
        }
    }
}

impl Engine {
    fn draws_per_replication(&self) -> f64 {
        match self {
            Self::Regular(engine, _) => engine.draws_per_replication(),
            Self::Network(run) => run.draws(),
        }
    }

    fn check_reach(&self, replications: u64) -> Result<()> {
        let draws = self.draws_per_replication();
        if draws * replications as f64 <= MOST_DRAWS {
            return Ok(());
        }
        let most = (MOST_DRAWS / draws).floor();
        let reason = format!(
            "{replications} replications of {draws:.1e} draws each are more than {MOST_DRAWS:.0e} draws; \
             at most {most} replications are in reach"
        );
        Err(Error::OutOfReach { reason })
    }

    /// Replications that a relative precision of gross welfare takes, as a pilot has it.
    fn replications_for(&self, target: f64, seed: u64, worth: &DVector<f64>) -> Result<(u64, PrecisionReport)> {
        let draws = self.draws_per_replication();
        self.check_reach(2)?;
        let affordable = (MOST_DRAWS / draws.max(1.0)).min(MOST_REPLICATIONS).floor().max(2.0) as u64;
        let pilot_replications = PILOT.min((affordable / 4).max(2));
        let gross = self.sample(seed, PILOT_STREAMS, pilot_replications)?.estimate()?.linear(worth);
        let (wanted, capped) = if gross.mean > 0.0 {
            replications_for_precision(target, &gross, affordable as f64)
        } else {
            (CAP_WITHOUT_FILLS as f64, true)
        };
        let replications = (wanted.min(affordable as f64) as u64).max(2);
        Ok((replications, PrecisionReport { target, reached: None, capped, pilot_replications }))
    }
}

impl Blocks for Engine {
    type Seen = Seen;

    fn nothing(&self) -> Seen {
        match self {
            Self::Regular(engine, share_of_pair) => {
                Seen::Pairs(CountMoments::new(engine.schedule().levels().len()), *share_of_pair)
            }
            Self::Network(run) => Seen::Numbers(run.nothing()),
        }
    }

    fn block_len(&self) -> u64 {
        match self {
            Self::Regular(engine, _) => engine.block_len(),
            Self::Network(run) => run.block_len(),
        }
    }

    fn draw(&self, seed: u64, streams: u64, range: Range<u64>, seen: &mut Seen, progress: Progress) -> Result<()> {
        match (self, seen) {
            (Self::Regular(engine, _), Seen::Pairs(moments, _)) => {
                let (first, all) = (streams * engine.block_len(), range.end.saturating_sub(range.start));
                let done = AtomicU64::new(0);
                let drawn = engine.run_with(seed, first + range.start..first + range.end, &|n| {
                    progress(done.fetch_add(n, Ordering::Relaxed) + n, all);
                })?;
                moments.merge(&drawn);
                Ok(())
            }
            (Self::Network(run), Seen::Numbers(moments)) => run.draw(seed, streams, range, moments, progress),
            // What is seen was made by `nothing` of the same engine.
            (Self::Regular(..), Seen::Numbers(_)) | (Self::Network(_), Seen::Pairs(..)) => Ok(()),
        }
    }
}

impl WelfareRun {
    /// Nothing drawn yet but, where a precision is wanted, the pilot that decides how long the run is.
    pub(crate) fn new(model: &Model, architecture: &Architecture, monte_carlo: &MonteCarlo) -> Result<Self> {
        let schedule = model.schedule(architecture)?;
        let levels = schedule.levels();
        let rate = model.flow().rate();
        let window = levels.last().map_or(1.0, |top| top.period);
        let (engine, worth) = match model.network() {
            None => {
                let engine = CountsEngine::new(model, architecture)?;
                let discounts = levels.iter().map(|level| model.timing().expected_discount(model.discount(), level));
                let worth = discounts.map(|d| model.utility_mean() * rate * d).collect();
                (Engine::Regular(engine, 2.0 / (rate * window)), worth)
            }
            Some(network) => {
                model.check_perfect("the counts engine")?;
                let worth = levels.iter().map(|_| 0.0).chain([1.0]).collect();
                (Engine::Network(NetworkRun::new(network, architecture.heights())?), worth)
            }
        };
        let most = rate * model.utility_mean();
        if most > MOST_WELFARE {
            let reason = format!("an interval around welfare of up to {most:.1e} overflows");
            return Err(Error::OutOfReach { reason });
        }
        let (seed, worth) = (monte_carlo.seed(), DVector::from_vec(worth));
        let (replications, precision) = match monte_carlo.stopping() {
            Stopping::Replications(n) => {
                engine.check_reach(n)?;
                (n, None)
            }
            Stopping::Precision(target) => {
                let (n, report) = engine.replications_for(target, seed, &worth)?;
                (n, Some(report))
            }
        };
        let few = replications < FEW && engine.draws_per_replication() * FEW as f64 <= CHEAP;
        let steps = Steps::new(engine, seed, replications, few.then_some(FEW));
        Ok(Self { steps, precision, schedule, rate, worth })
    }

    /// What has been seen so far.
    ///
    /// # Errors
    /// [`Error::Domain`] for fewer than two replications.
    pub(crate) fn report(&self) -> Result<SimulatedWelfare> {
        let levels = self.schedule.levels();
        let sampled = self.steps.seen().estimate()?;
        let fills = sampled.leading(levels.len());
        let spread = self.steps.spread().map(Seen::estimate).transpose()?;
        let gross: Estimate = sampled.linear(&self.worth);
        let filled = fills.linear(&DVector::from_element(levels.len(), 1.0));
        let by_height = levels.iter().enumerate().map(|(i, level)| {
            let share = fills.component(i);
            HeightFills { height: level.height, filled_share: share.mean, std_error: share.std_error }
        });
        Ok(SimulatedWelfare {
            gross: gross.mean,
            std_error: gross.std_error,
            ci95: gross.ci95(),
            gross_per_order: gross.mean / self.rate,
            filled_share: filled.mean,
            filled_share_std_error: filled.std_error,
            replications: gross.replications,
            seed: self.steps.seed(),
            precision: self.precision.map(|report| report.reached_by(&gross)),
            by_height: by_height.collect(),
            fills,
            spread: spread.map(|spread| spread.leading(levels.len())),
        })
    }
}
