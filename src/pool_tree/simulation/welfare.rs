//! Estimated fills and welfare of an architecture, with the rule that decides how long to simulate.

use super::network::NetworkRun;
use crate::error::{Error, Result};
use crate::estimate::{Estimate, PrecisionReport, VectorEstimate};
use crate::estimate::{MonteCarlo, Stopping, replications_for_precision};
use crate::pool_tree::simulation::CountsEngine;
use crate::pool_tree::{Architecture, Model, Schedule};
use crate::progress::Progress;
use nalgebra::DVector;
use serde::{Deserialize, Serialize};

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

/// The pilot draws from streams that no estimate uses.
const PILOT_STREAMS: u64 = 1 << 40;

/// Below this many replications the covariance comes from as many further ones, if they cost no more than [`CHEAP`] draws.
const FEW: u64 = 1000;

/// Draws that the covariance of a short run may cost: a few seconds on one core.
const CHEAP: f64 = 1e9;

/// The covariance of a short run is drawn from streams that no estimate and no pilot uses.
const SPREAD_STREAMS: u64 = 1 << 41;

/// Monte Carlo estimate of the welfare of one architecture; all rates per unit time.
///
/// Fills are simulated; the waits of filled orders enter through their conditional expectation given the height,
/// `E[β^delay]` of the timing model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulatedWelfare {
    /// Estimated discounted utility.
    pub gross: f64,
    /// Standard error of `gross`.
    pub std_error: f64,
    /// 95 % confidence interval of `gross`.
    pub ci95: [f64; 2],
    /// Estimated `gross / Λ`.
    pub gross_per_order: f64,
    /// Estimated share of all orders that is filled.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub filled_share_std_error: f64,
    /// Independent windows of the highest active height that were simulated.
    pub replications: u64,
    /// The seed.
    pub seed: u64,
    /// How a wanted precision was met, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub precision: Option<PrecisionReport>,
    /// The active heights from the lowest to the highest.
    pub by_height: Vec<HeightFills>,
    /// Mean and covariance of one replication of the filled shares by height.
    pub fills: VectorEstimate,
    /// Further replications from which the joint test takes the covariance where `fills` has too few to know it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spread: Option<VectorEstimate>,
}

/// Estimated fills at one height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeightFills {
    /// Height of the pools.
    pub height: u32,
    /// Share of all orders filled at this height.
    pub filled_share: f64,
    /// Standard error of `filled_share`.
    pub std_error: f64,
}

impl SimulatedWelfare {
    /// Simulates `architecture` under `model` as `monte_carlo` asks, in parallel on the current rayon pool.
    ///
    /// A wanted precision is met in two stages. A pilot estimates the coefficient of variation of gross welfare and fixes
    /// the number of replications, with a margin for its own error; the estimate then comes from fresh replications only.
    /// The length of the run is therefore independent of the numbers that are reported, and the 95 % interval covers as
    /// one of a fixed length does: there is only one look.
    ///
    /// # Errors
    /// [`Error::OutOfReach`] if the simulation takes too many draws (the closed form still answers); [`Error::Domain`] and
    /// [`Error::NotFinite`] as for the closed form.
    pub fn simulate(
        model: &Model,
        architecture: &Architecture,
        monte_carlo: &MonteCarlo,
        progress: Progress,
    ) -> Result<Self> {
        let run = Run::new(model, architecture)?;
        let seed = monte_carlo.seed();
        match monte_carlo.stopping() {
            Stopping::Replications(n) => {
                run.check_reach(n)?;
                run.report(seed, &run.engine.sample(seed, 0, n, progress)?, None)
            }
            Stopping::Precision(target) => run.to_precision(seed, target, progress),
        }
    }
}

/// An engine with the weights that turn what it samples into welfare.
struct Run {
    engine: Engine,
    schedule: Schedule,
    rate: f64,
    /// Gross welfare per unit of what is sampled: of filled shares by level, or of welfare itself.
    worth: DVector<f64>,
}

/// Where the fills come from.
enum Engine {
    /// Pools alike at every height: shares by level, each pair this share of all orders.
    Regular(CountsEngine, f64),
    /// Pool by pool: shares by level, and then welfare.
    Network(NetworkRun),
}

impl Engine {
    fn draws_per_replication(&self) -> f64 {
        match self {
            Self::Regular(engine, _) => engine.draws_per_replication(),
            Self::Network(run) => run.draws(),
        }
    }

    /// What `replications` replications bring, drawn from the `streams`-th of several sets of streams.
    fn sample(&self, seed: u64, streams: u64, replications: u64, progress: Progress) -> Result<VectorEstimate> {
        match self {
            Self::Regular(engine, share_of_pair) => {
                let first = streams * engine.block_len();
                let done = std::sync::atomic::AtomicU64::new(0);
                let moments = engine.run_with(seed, first..first + replications, &|n| {
                    let before = done.fetch_add(n, std::sync::atomic::Ordering::Relaxed);
                    progress(before + n, replications);
                })?;
                moments.estimate(*share_of_pair)
            }
            Self::Network(run) => run.sample(seed, streams, replications, progress),
        }
    }
}

impl Run {
    fn new(model: &Model, architecture: &Architecture) -> Result<Self> {
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
        Ok(Self { engine, rate, worth: DVector::from_vec(worth), schedule })
    }

    fn check_reach(&self, replications: u64) -> Result<()> {
        let draws = self.engine.draws_per_replication();
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

    fn to_precision(&self, seed: u64, target: f64, progress: Progress) -> Result<SimulatedWelfare> {
        let draws = self.engine.draws_per_replication();
        self.check_reach(2)?;
        let affordable = (MOST_DRAWS / draws.max(1.0)).min(MOST_REPLICATIONS).floor().max(2.0) as u64;
        let pilot_replications = PILOT.min((affordable / 4).max(2));
        let pilot = self.engine.sample(seed, PILOT_STREAMS, pilot_replications, &|_, _| ())?;
        let gross = pilot.linear(&self.worth);
        let (wanted, capped) = if gross.mean > 0.0 {
            replications_for_precision(target, &gross, affordable as f64)
        } else {
            (CAP_WITHOUT_FILLS as f64, true)
        };
        let replications = (wanted.min(affordable as f64) as u64).max(2);
        let fills = self.engine.sample(seed, 0, replications, progress)?;
        let reached = fills.linear(&self.worth).relative_precision();
        let report =
            PrecisionReport { target, reached: reached.is_finite().then_some(reached), capped, pilot_replications };
        self.report(seed, &fills, Some(report))
    }

    fn report(
        &self,
        seed: u64,
        sampled: &VectorEstimate,
        precision: Option<PrecisionReport>,
    ) -> Result<SimulatedWelfare> {
        let levels = self.schedule.levels();
        let fills = sampled.leading(levels.len());
        let few = fills.replications() < FEW && self.engine.draws_per_replication() * FEW as f64 <= CHEAP;
        let spread = if few {
            Some(self.engine.sample(seed, SPREAD_STREAMS, FEW, &|_, _| ())?.leading(levels.len()))
        } else {
            None
        };
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
            seed,
            precision,
            by_height: by_height.collect(),
            fills,
            spread,
        })
    }
}

crate::compare_floats::compare_floats!(HeightFills { same: [height], floats: [filled_share, std_error], nested: [] });
crate::compare_floats::compare_floats!(SimulatedWelfare {
    same: [replications, seed],
    floats: [gross, std_error, gross_per_order, filled_share, filled_share_std_error],
    nested: [by_height],
});
