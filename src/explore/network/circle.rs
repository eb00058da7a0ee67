//! The network beside networks whose pools of a height are alike: on a circle, on a globe, by the law that fits best.

use super::HeightReport;
use crate::error::{Error, Result};
use crate::kernels::elementary::{exp, ln, pow};
use crate::kernels::sum::Sum;
use crate::pool_tree::search::{Best, Search};
use crate::pool_tree::{Architecture, Latency, LatencyModel, Model, PoolTree, RingStatistic, Timing};
use crate::scenario::Scenario;
use serde::Serialize;

/// A law by which the latency of a height may follow from the number of its operators.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "law", rename_all = "kebab-case")]
pub enum Law {
    /// The network's own mean latency of every height, as if its pools were alike.
    Mean,
    /// Operators at equal distances on a circle, the root as fast as the real one; the mean over arcs as long as the pools.
    Circle {
        /// What consensus waits for.
        #[serde(flatten)]
        statistic: RingStatistic,
    },
    /// `L ∝ m^exponent` for the mean number `m` of operators, the root as fast as the real one: exponent 1 is the circle of the
    /// document, 1/2 the globe.
    Power {
        /// Growth exponent.
        exponent: f64,
    },
    /// `ln L = c + e ln m` by least squares over the heights.
    Fitted {
        /// The exponent `e`.
        exponent: f64,
    },
}

/// What follows from latencies by a law.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LawReport {
    /// The law.
    #[serde(flatten)]
    pub law: Law,
    /// Latency by height, from 0, in units of time, without solving.
    pub latencies: Vec<f64>,
    /// The same over the real mean; none where that is 0.
    pub ratios: Vec<Option<f64>>,
    /// The best architecture of a network with these latencies, and what it earns on the real one.
    pub verdict: Option<Verdict>,
}

/// A recommendation, and what comes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The best set of heights, were the latencies these, and what it would earn.
    pub believed: Best,
    /// What it earns on the real network, net per unit time; none where it cannot hold auctions there.
    pub net: Option<f64>,
    /// What the best set of the real network earns more.
    pub loss: Option<f64>,
}

/// The network beside others of the same tree, flow and windows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// The best set of heights of the network as it is; none where the search was out of reach.
    pub best: Option<Best>,
    /// The exponent that fits best: 1 is the circle of the document, 1/2 the globe. None without two heights whose pools
    /// differ in size and have a latency.
    pub exponent: Option<f64>,
    /// Each law with its latencies and its verdict; none where the root has no latency or there is one operator.
    pub laws: Vec<LawReport>,
}

/// Exponent `e` and constant `c` of `L = c m^e` by least squares on logarithms, over `(m, L)` that are both above 0.
///
/// ```text
/// e = Σ (x - x̄)(y - ȳ) / Σ (x - x̄)²,   ln c = ȳ - e x̄,   x = ln m,   y = ln L
/// ```
///
/// `None` without two different `m`.
///
/// ```
/// use pooltree::explore::network::fitted_exponent;
/// let (exponent, constant) = fitted_exponent(&[(1.0, 0.0), (4.0, 6.0), (9.0, 9.0), (16.0, 12.0)]).unwrap();
/// assert!((exponent - 0.5).abs() < 1e-14 && (constant - 3.0).abs() < 1e-13);
/// assert_eq!(fitted_exponent(&[(4.0, 6.0), (4.0, 7.0)]), None);
/// ```
pub fn fitted_exponent(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let usable = |&&(m, latency): &&(f64, f64)| m > 0.0 && latency > 0.0 && m.is_finite() && latency.is_finite();
    let logs: Vec<(f64, f64)> = points.iter().filter(usable).map(|&(m, latency)| (ln(m), ln(latency))).collect();
    let n = logs.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| logs.iter().map(of).collect::<Sum>().value() / n;
    let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
    let squares = logs.iter().map(|p| (p.0 - x) * (p.0 - x)).collect::<Sum>().value();
    let products = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).collect::<Sum>().value();
    // Sizes that are equal but for rounding say nothing about growth.
    if !(squares > 1e-20) {
        return None;
    }
    let exponent = products / squares;
    let constant = exp(y - exponent * x);
    (exponent.is_finite() && constant.is_finite()).then_some((exponent, constant))
}

impl Beside {
    pub(super) fn new(scenario: &Scenario, heights: &[HeightReport], notes: &mut Vec<String>) -> Result<Self> {
        let points: Vec<(f64, f64)> = heights.iter().map(|h| (h.operators.mean, h.latency.mean)).collect();
        let (size, root) = points.last().copied().unwrap_or((1.0, 0.0));
        let fitted = fitted_exponent(&points);
        let exponent = fitted.map(|(exponent, _)| exponent);
        let searched = Search::new(scenario).and_then(|search| Ok((search.best()?, search)));
        let (best, real) = match searched {
            Ok((best, search)) => (Some(best), Some(search)),
            Err(Error::SearchTooLarge { reason }) => {
                notes.push(format!("the best set of heights was not searched: {reason}"));
                (None, None)
            }
            Err(error) => return Err(error),
        };
        if !(root > 0.0 && size > 1.0) {
            notes.push("no latency at the root, or one operator: nothing to hold against a circle".to_owned());
            return Ok(Self { best, exponent, laws: Vec::new() });
        }
        let statistic = match scenario.timing().latency().model() {
            LatencyModel::Sites { statistic, .. } | LatencyModel::Ring { statistic, .. } => *statistic,
            _ => {
                notes.push("the latencies name no statistic: those of the circle are diameters".to_owned());
                RingStatistic::Diameter
            }
        };
        let power = |(m, own): (f64, f64), latency: f64| if m <= 1.0 { own } else { latency };
        let anchored = |e: f64| points.iter().map(|&p| power(p, root * pow(p.0 / size, e))).collect();
        let mut laws = vec![
            (Law::Mean, points.iter().map(|p| p.1).collect()),
            (Law::Circle { statistic }, circle(scenario.tree(), statistic, root)?),
            (Law::Power { exponent: 1.0 }, anchored(1.0)),
            (Law::Power { exponent: 0.5 }, anchored(0.5)),
        ];
        if let Some((exponent, constant)) = fitted {
            let latencies = points.iter().map(|&p| power(p, constant * pow(p.0, exponent))).collect();
            laws.push((Law::Fitted { exponent }, latencies));
        }
        let report = |(law, latencies): (Law, Vec<f64>)| {
            let verdict = match (&real, &best) {
                (Some(real), Some(best)) => verdict(scenario, &latencies, real, best)?,
                _ => None,
            };
            let ratio = |(latency, p): (&f64, &(f64, f64))| (p.1 > 0.0).then(|| latency / p.1);
            let ratios = latencies.iter().zip(&points).map(ratio).collect();
            Ok(LawReport { law, latencies, ratios, verdict })
        };
        let laws = laws.into_iter().map(report).collect::<Result<_>>()?;
        Ok(Self { best, exponent, laws })
    }
}

/// Mean latency by height on a circle of as many operators, in the same tree, whose root takes `root`.
fn circle(tree: &PoolTree, statistic: RingStatistic, root: f64) -> Result<Vec<f64>> {
    let unit = Latency::new(LatencyModel::Ring { statistic, spacing: 1.0 })?;
    unit.check(tree).map_err(|e| e.within("timing.latency"))?;
    let mean = |height: u32| {
        let latencies = unit.of_pools(tree, height);
        latencies.iter().copied().collect::<Sum>().value() / latencies.len() as f64
    };
    let unscaled: Vec<f64> = (0..=tree.depth()).map(mean).collect();
    // A fastest quorum of one waits for nobody, at any height.
    let spacing = unscaled.last().filter(|&&latency| latency > 0.0).map_or(0.0, |latency| root / latency);
    Ok(unscaled.into_iter().map(|latency| latency * spacing).collect())
}

/// What a network with these latencies by height would recommend; `None` where it could hold no auctions.
fn verdict(scenario: &Scenario, latencies: &[f64], real: &Search, best: &Best) -> Result<Option<Verdict>> {
    let latency = Latency::new(LatencyModel::Table { values: latencies.to_vec() })?;
    let timing = scenario.timing();
    let timing = Timing::new(latency, timing.period().clone(), timing.delay(), timing.solving())?;
    let model = Model::new(
        scenario.tree().clone(),
        scenario.flow().clone(),
        timing,
        *scenario.discount(),
        scenario.utility_mean(),
        scenario.cost_per_message(),
    )?;
    let model = match scenario.execution() {
        Some(execution) => model.with_execution(execution.clone())?,
        None => model,
    };
    let believed = match Search::new(&model).and_then(|search| search.best()) {
        Ok(believed) => believed,
        Err(Error::SearchTooLarge { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let net = real_net(real, best, &believed.architecture)?;
    Ok(Some(Verdict { believed, net, loss: net.map(|net| best.net - net) }))
}

/// What a set earns on the real network; none where it cannot hold auctions there.
fn real_net(real: &Search, best: &Best, set: &Architecture) -> Result<Option<f64>> {
    if *set == best.architecture {
        return Ok(Some(best.net));
    }
    match real.net(set) {
        Ok(net) => Ok(Some(net)),
        Err(Error::Domain { key, .. }) if key.starts_with("timing.latency") => Ok(None),
        Err(error) => Err(error),
    }
}
