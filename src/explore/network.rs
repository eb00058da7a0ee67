//! What a network looks like: its pools, their latencies, how compact they are, and how far the symmetric circle is from it.

mod circle;

pub use circle::{Beside, Law, LawReport, Verdict, fitted_exponent};

use crate::error::{Error, Result};
use crate::estimate::Estimate;
use crate::network::sites::{HeightQuality, Survey, division_quality};
use crate::pool_tree::{LatencyModel, Pools};
use crate::scenario::Scenario;
use serde::Serialize;

/// Placements by lot that the division is held against, fewer where they would take long.
const PLACEMENTS: f64 = 1000.0;

/// Pairs of sites that are looked up for them, unless that leaves fewer than a hundred placements.
const PAIRS: f64 = 1e9;

/// A network of given pools, height by height; serialises to the JSON of `pooltree network --json`.
///
/// ```
/// use pooltree::explore::network::NetworkReport;
/// // Two pairs, 1 ms inside and 7 ms between them; a unit of time is a second.
/// let scenario: pooltree::Scenario = r#"
///     tree = { arity = 2, depth = 2 }
///     flow = { rate = 100.0 }
///     timing.latency = { model = "sites", statistic = "diameter", scale = 0.001 }
///     timing.period = { model = "ratio", base = 0.01, ratio = 1 }
///     timing.delay = "cumulative"
///     discount = { half_life = 1.0 }
///     [sites]
///     names = ["a", "b", "c", "d"]
///     one_way = [[0, 1, 7, 7], [1, 0, 7, 7], [7, 7, 0, 1], [7, 7, 1, 0]]
/// "#.parse()?;
/// let report = NetworkReport::new(&scenario)?;
/// assert_eq!(report.by_height[1].members[1].operators, ["c", "d"]);
/// assert_eq!(report.by_height[1].latency.mean, 0.001);
/// assert_eq!(report.by_height[2].milliseconds.unwrap().largest, 7.0);
/// // Two points decide the exponent: from 2 operators to 4 the latency grows sevenfold.
/// assert!((report.beside.exponent.unwrap() - 7f64.log2()).abs() < 1e-14);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NetworkReport {
    /// The scenario, defaults filled in.
    pub scenario: Scenario,
    /// Number of operators.
    pub operators: usize,
    /// From the single operators to the root.
    pub by_height: Vec<HeightReport>,
    /// The network beside networks whose pools are alike.
    pub beside: Beside,
    /// What a reader should know before believing a number.
    pub notes: Vec<String>,
}

/// The pools of one height.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeightReport {
    /// The height.
    pub height: u32,
    /// Number of pools.
    pub pools: usize,
    /// Operators of a pool.
    pub operators: Spread,
    /// Consensus latency of a pool in units of time, without solving.
    pub latency: Spread,
    /// The same in milliseconds, where the latencies are those of sites.
    pub milliseconds: Option<Spread>,
    /// How compact the pools are, where there are sites.
    pub division: Option<DivisionReport>,
    /// Pool by pool.
    pub members: Vec<PoolReport>,
}

/// Least, mean and largest of a number over the pools of a height, every pool the same weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub largest: f64,
}

/// Diameters in milliseconds, beside pools of the same sizes whose operators are drawn by lot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DivisionReport {
    /// Mean of the diameters.
    pub mean_diameter: f64,
    /// The largest diameter.
    pub largest_diameter: f64,
    /// The mean diameter by lot.
    pub random_mean: Estimate,
    /// The largest diameter by lot.
    pub random_largest: Estimate,
    /// `mean_diameter / random_mean`; none where all operators are at one place.
    pub ratio: Option<f64>,
}

/// One pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolReport {
    /// Names of its operators, or their numbers where they have none.
    pub operators: Vec<String>,
    /// Consensus latency in units of time, without solving.
    pub latency: f64,
}

impl NetworkReport {
    /// Pools, latencies, division and the comparison with the circle; the placements by lot are drawn from the scenario's seed.
    ///
    /// # Errors
    /// [`Error::Missing`] for a scenario whose pools are not given one by one; as [`crate::pool_tree::search::Search::new`],
    /// but for a search that is too large, which is a note.
    pub fn new(scenario: &Scenario) -> Result<Self> {
        let Some(pools) = scenario.tree().given_pools() else {
            let allowed = "pools over operators: a section [sites] that the tree divides, or the pools of every height";
            return Err(Error::Missing { key: "tree.pools".to_owned(), allowed: allowed.to_owned() });
        };
        let timing = scenario.timing();
        let divisions = match scenario.sites() {
            Some(survey) => divisions(survey, pools, scenario.monte_carlo().seed())?.into_iter().map(Some).collect(),
            None => vec![None; pools.depth() as usize],
        };
        let scale = match timing.latency().model() {
            LatencyModel::Sites { scale, .. } => Some(*scale),
            _ => None,
        };
        let name = |operator: &usize| match scenario.sites().and_then(|survey| survey.sites().names().get(*operator)) {
            Some(name) => name.clone(),
            None => operator.to_string(),
        };
        let mut by_height = Vec::new();
        // A pool of one has no diameter.
        for (height, division) in (0..=pools.depth()).zip(std::iter::once(None).chain(divisions)) {
            let latencies = timing.latency().of_pools(scenario.tree(), height);
            let size = |pool: usize| pools.range(height, pool).len() as f64;
            let latency = Spread::of(latencies.iter().copied());
            let member = |(pool, &latency): (usize, &f64)| PoolReport {
                operators: pools.members(height, pool).iter().map(name).collect(),
                latency,
            };
            by_height.push(HeightReport {
                height,
                pools: pools.count(height),
                operators: Spread::of((0..pools.count(height)).map(size)),
                latency,
                milliseconds: scale.map(|scale| latency.times(1.0 / scale)),
                division,
                members: latencies.iter().enumerate().map(member).collect(),
            });
        }
        let mut notes = scenario.sites().map_or_else(Vec::new, |survey| survey.notes().to_vec());
        if timing.solving() > 0.0 {
            notes.push(format!("latencies are those of consensus; solving adds {} to each", timing.solving()));
        }
        let beside = Beside::new(scenario, &by_height, &mut notes)?;
        Ok(Self { scenario: scenario.clone(), operators: pools.operators(), by_height, beside, notes })
    }
}

/// How compact the pools of heights 1 and above are.
fn divisions(survey: &Survey, pools: &Pools, seed: u64) -> Result<Vec<DivisionReport>> {
    let pairs: f64 = (1..pools.depth()).map(|height| pools.messages(height) / 2.0).sum();
    let placements = (PAIRS / pairs.max(1.0)).clamp(100.0, PLACEMENTS);
    let qualities = division_quality(survey.sites(), pools, placements as u64, seed)?;
    let report = |quality: HeightQuality| {
        let HeightQuality { mean_diameter, largest_diameter, random_mean, random_largest, .. } = quality;
        let ratio = (random_mean.mean > 0.0).then(|| mean_diameter / random_mean.mean);
        DivisionReport { mean_diameter, largest_diameter, random_mean, random_largest, ratio }
    };
    Ok(qualities.into_iter().map(report).collect())
}

impl Spread {
    /// Of at least one value.
    fn of(values: impl ExactSizeIterator<Item = f64> + Clone) -> Self {
        let count = values.len().max(1) as f64;
        let (least, largest) = values.clone().fold((f64::INFINITY, 0.0f64), |(l, m), v| (l.min(v), m.max(v)));
        // Equal values have that mean, whatever their sum rounds to.
        let mean = if least == largest { least } else { values.sum::<f64>() / count };
        Self { least, mean, largest }
    }

    fn times(self, factor: f64) -> Self {
        Self { least: self.least * factor, mean: self.mean * factor, largest: self.largest * factor }
    }
}
