//! The best periods of an architecture, or of the best set of heights at each period: thick against fast.

mod trial;

use crate::error::{Error, Result};
use crate::kernels::maximum::End;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::TIE;
use crate::pool_tree::{Architecture, Delay, Model};
use crate::progress::Progress;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use trial::{GAP, Peak, Scan, Trial};

/// Ratios up to this one are searched where nothing else is asked for, and up to the arity if that is larger.
const LEAST_MAX_RATIO: u32 = 16;

/// Arities beyond this one no longer widen the default search.
const MOST_MAX_RATIO: u32 = 64;

/// Whose periods are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A given set of heights.
    Heights(Architecture),
    /// At each period the set of heights that is best there.
    BestSet,
}

/// The periods of greatest net welfare.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Optimum {
    /// The heights that hold auctions; for [`Subject::BestSet`] the best set at these periods.
    #[serde(rename = "heights")]
    pub architecture: Architecture,
    /// Growth of the period per height, in `T_h = base · ratio^h`; absent for a single height, where it means nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<u32>,
    /// Period of height 0, whether or not it is active, in units of time; of a single height its window.
    pub base: f64,
    /// At both ends net welfare is lower by more than its rounding, so that a local optimum of the base lies in between.
    pub base_bracket: [f64; 2],
    /// How far off `base` may be: the larger distance to an end of the bracket. Near an optimum welfare is flat: about half
    /// of the digits of the base can be told.
    pub base_accuracy: f64,
    /// Period of each active height.
    pub periods: Vec<f64>,
    /// Discounted utility minus communication cost, per unit time.
    pub net: f64,
    /// Discounted utility per unit time.
    pub gross: f64,
    /// Communication cost per unit time.
    pub cost: f64,
    /// Share of all orders that is filled.
    pub filled_share: f64,
    /// Whether some period is shorter than the latency of its height.
    pub pipelined: bool,
}

/// Where a search stopped that found no optimum inside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edge {
    /// At the shortest windows that double precision represents.
    ShortestWindows,
    /// At the longest windows that double precision represents.
    LongestWindows,
    /// At the largest ratio searched, or that double precision admits: upper levels would rather have longer windows still.
    LargestRatio,
}

/// What a search for the best periods comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// One period is best.
    Optimum(Optimum),
    /// The best period searched lies at an edge of the range; beyond it there may be better ones.
    AtEdge {
        /// Which edge.
        edge: Edge,
        /// The best of the range.
        #[serde(flatten)]
        found: Optimum,
    },
    /// Windows cost nothing in this delay model, so that longer ones are never worse; nothing was searched.
    WindowsCostNothing {
        /// The delay model.
        delay: Delay,
    },
    /// Without discount (`β = 1`) longer windows are never worse: no period is best.
    NoDiscount {
        /// The net welfare per unit time that ever longer windows approach.
        net_at_most: f64,
    },
    /// Net welfare is at most 0 with every period; it approaches 0 in ever longer windows.
    NothingEarned,
}

impl Outcome {
    /// The periods found, at an edge of the range or inside it.
    pub fn found(&self) -> Option<&Optimum> {
        match self {
            Self::Optimum(found) | Self::AtEdge { found, .. } => Some(found),
            _ => None,
        }
    }

    /// Why there is no optimum, in words; `None` where there is one.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Optimum(_) => None,
            Self::AtEdge { edge: Edge::ShortestWindows, .. } => {
                Some("the best windows are shorter than double precision represents".to_owned())
            }
            Self::AtEdge { edge: Edge::LongestWindows, .. } => {
                Some("the best windows are longer than double precision represents".to_owned())
            }
            Self::AtEdge { edge: Edge::LargestRatio, .. } => {
                Some("the largest ratio searched is best; a larger one may be better".to_owned())
            }
            Self::WindowsCostNothing { delay } => Some(windows_cost_nothing(*delay)),
            Self::NoDiscount { .. } => Some("without discount a longer window is never worse".to_owned()),
            Self::NothingEarned => Some("net welfare is at most 0 with every period".to_owned()),
        }
    }
}

fn windows_cost_nothing(delay: Delay) -> String {
    format!("delay \"{}\": windows cost nothing, so no period is best; \"batched\" counts the wait", delay.name())
}

/// The best periods of every architecture by name and of the best set of heights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestPeriods {
    /// Full tree, global pool, every level of disconnected pools, and `best`; empty where windows cost nothing.
    pub subjects: Vec<SubjectPeriods>,
    /// The largest ratio searched.
    pub max_ratio: u32,
    /// What a reader should know before believing a difference.
    pub notes: Vec<String>,
}

/// The best periods of one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubjectPeriods {
    /// `tree`, `global`, `local-j`, or `best` for the best set of heights at each period.
    pub name: String,
    /// What the search came to.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Evaluations of net welfare that it took.
    pub evaluations: u64,
}

impl BestPeriods {
    /// The best periods of the full tree, the global pool, local pools of every height, and of the best set of heights at
    /// each period, with ratios up to `max_ratio` ([`BestPeriods::default_max_ratio`]).
    ///
    /// # Errors
    /// As [`BestPeriods::search`].
    pub fn new(model: &Model, max_ratio: u32, progress: Progress) -> Result<Self> {
        model.check_perfect("the search for periods")?;
        model.check_alike("the search for periods")?;
        check(max_ratio)?;
        let delay = model.timing().delay();
        if delay.ignores_windows() {
            return Ok(Self { subjects: Vec::new(), max_ratio, notes: vec![windows_cost_nothing(delay)] });
        }
        let named = Architecture::named(model.tree()).into_iter();
        let subjects: Vec<(String, Subject)> = named
            .map(|(name, architecture)| (name, Subject::Heights(architecture)))
            .chain([("best".to_owned(), Subject::BestSet)])
            .collect();
        let all = subjects.iter().map(|(_, subject)| STAGES * u64::from(ratios(model, subject, max_ratio))).sum();
        let done = AtomicU64::new(0);
        let step = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        let subjects = subjects.into_par_iter().map(|(name, subject)| {
            let (outcome, evaluations) = search(model, &subject, max_ratio, &step)?;
            Ok(SubjectPeriods { name, outcome, evaluations })
        });
        Ok(Self { subjects: subjects.collect::<Result<_>>()?, max_ratio, notes: Vec::new() })
    }

    /// The ratios searched by default: up to 16, and up to the arity if that is larger, but not above 64.
    pub fn default_max_ratio(model: &Model) -> u32 {
        model.tree().arity().clamp(LEAST_MAX_RATIO, MOST_MAX_RATIO)
    }

    /// The periods `T_h = base · ratio^h` of greatest net welfare of `subject` under `batched`, whole ratios from 1 to
    /// `max_ratio`; of a single height the best window. The model's own periods do not matter.
    ///
    /// ```text
    /// net(base) = ū Λ Σ_{h ∈ A} F_h(base) β^(o_h + L_h) ω(T_h) - κ Σ_{h ∈ A} γ^(k+h) / T_h
    /// ```
    ///
    /// `base · net(base)` never falls as the base grows. Hence a base that earns nothing tells that no shorter one does, a
    /// base that earns something excludes all very short and all very long ones, and the welfare at one base bounds that at
    /// the bases just below: the range searched is all that can matter, and after the scan no base in it can earn more than
    /// 1 % above the best one seen. The golden section does the rest. A second local optimum that is within that percent and
    /// closer than about 1 % to the first, in the base, is what may remain unseen; ratios that tie go to the smaller.
    ///
    /// Source: derived in docs/models/architecture.md, "The best periods". The result does not depend on the number of threads.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `max_ratio ≥ 1`, and for heights above the depth; else as [`ClosedForm::evaluate`].
    ///
    /// ```
    /// use pooltree::explore::periods::{BestPeriods, Subject};
    /// use pooltree::{Scenario, kernels::unfilled::filled_share, pool_tree::Architecture};
    /// let scenario = Scenario::document();
    /// let global = Subject::Heights(Architecture::global(scenario.tree()));
    /// let outcome = BestPeriods::search(&scenario, &global, 16)?;
    /// let best = outcome.found().unwrap();
    ///
    /// // 32 orders a side and unit time, β = 1/2, and the latency of 1 does not move the optimum: a table of
    /// // (1 - g(32 T)) (1 - 2^-T)/(T ln 2), worked out on its own.
    /// let worth = |t: f64| filled_share(32.0 * t).unwrap() * (1.0 - 0.5f64.powf(t)) / (t * 2f64.ln());
    /// let table = (1..4000).map(|i| f64::from(i) / 4000.0);
    /// let longest = table.max_by(|a, b| worth(*a).total_cmp(&worth(*b))).unwrap();
    /// assert!((best.base - longest).abs() < 1.0 / 4000.0);
    /// assert!((best.net / (64.0 * 0.5 * worth(best.base)) - 1.0).abs() < 1e-12);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn search(model: &Model, subject: &Subject, max_ratio: u32) -> Result<Outcome> {
        model.check_perfect("the search for periods")?;
        model.check_alike("the search for periods")?;
        check(max_ratio)?;
        Ok(search(model, subject, max_ratio, &|| ())?.0)
    }
}

fn check(max_ratio: u32) -> Result<()> {
    if max_ratio < 1 { Err(Error::domain("max_ratio", max_ratio, "an integer of at least 1")) } else { Ok(()) }
}

/// Pieces of work that one ratio takes: the first look, the scan, the peak.
const STAGES: u64 = 3;

/// How many ratios make a difference.
fn ratios(model: &Model, subject: &Subject, max_ratio: u32) -> u32 {
    let single = matches!(subject, Subject::Heights(architecture) if architecture.heights().len() == 1);
    if single || model.tree().depth() == 0 { 1 } else { max_ratio }
}

fn search(model: &Model, subject: &Subject, max_ratio: u32, step: &(dyn Fn() + Sync)) -> Result<(Outcome, u64)> {
    if let Subject::Heights(architecture) = subject {
        architecture.check(model.tree())?;
    }
    let timing = model.timing();
    if timing.delay().ignores_windows() {
        return Ok((Outcome::WindowsCostNothing { delay: timing.delay() }, 0));
    }
    if model.discount().ln_factor() == 0.0 {
        return Ok((Outcome::NoDiscount { net_at_most: trial::net_without_discount(model, subject) }, 0));
    }
    let ratios = 1..=ratios(model, subject, max_ratio);
    let trials = ratios.into_par_iter().map(|ratio| Trial::new(model, subject, ratio));
    let trials: Vec<Trial> = trials.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let seen = trials
        .par_iter()
        .map(|trial| {
            let seen = trial.look();
            step();
            seen
        })
        .collect::<Result<Vec<_>>>()?;
    let Some(seen) = seen.into_iter().flatten().reduce(f64::max) else {
        return Ok((Outcome::NothingEarned, trials.iter().map(Trial::evaluations).sum()));
    };
    // Every ratio is held against the best of all: most of them are out after a glance.
    let scans = trials
        .par_iter()
        .map(|trial| {
            let scan = trial.scan(seen);
            step();
            scan
        })
        .collect::<Result<Vec<_>>>()?;
    let greatest = scans.iter().map(Scan::greatest).fold(seen, f64::max);
    let peaks = trials.par_iter().zip(&scans).map(|(trial, scan)| {
        let peak = if scan.greatest() * (1.0 + GAP) < greatest { Ok(None) } else { trial.peak(scan) };
        step();
        peak
    });
    let peaks = peaks.collect::<Result<Vec<Option<Peak>>>>()?;
    // Ratios whose windows leave the range of f64 were left out.
    let largest = trials.iter().map(|trial| trial.ratio).max();
    let evaluations = trials.iter().map(Trial::evaluations).sum();
    let mut best: Option<(Peak, ClosedForm)> = None;
    for peak in peaks.into_iter().flatten() {
        let welfare = ClosedForm::evaluate(&trial::with_ratio(model, peak.base, peak.ratio)?, &peak.architecture)?;
        let beaten = |best: &ClosedForm| best.net + TIE * (best.gross + best.cost).max(welfare.gross);
        if best.as_ref().is_none_or(|(_, best)| welfare.net > beaten(best)) {
            best = Some((peak, welfare));
        }
    }
    let outcome = best.map_or(Outcome::NothingEarned, |(peak, welfare)| {
        let several = peak.architecture.heights().len() > 1;
        let edge = match peak.end {
            Some(End::Lower) => Some(Edge::ShortestWindows),
            Some(End::Upper) => Some(Edge::LongestWindows),
            None => (several && Some(peak.ratio) == largest && max_ratio > 1).then_some(Edge::LargestRatio),
        };
        let found = optimum(peak, &welfare);
        edge.map_or_else(|| Outcome::Optimum(found.clone()), |edge| Outcome::AtEdge { edge, found: found.clone() })
    });
    Ok((outcome, evaluations))
}

fn optimum(peak: Peak, welfare: &ClosedForm) -> Optimum {
    let periods: Vec<f64> = welfare.by_height.iter().map(|height| height.period).collect();
    // Of a single height the window itself, whatever base and ratio it came from.
    let (ratio, scale) = match periods.as_slice() {
        [window] => (None, window / peak.base),
        _ => (Some(peak.ratio), 1.0),
    };
    let [base, low, high] = [peak.base, peak.bracket[0], peak.bracket[1]].map(|base| base * scale);
    Optimum {
        architecture: peak.architecture,
        ratio,
        base,
        base_bracket: [low, high],
        base_accuracy: (base - low).max(high - base),
        periods,
        net: welfare.net,
        gross: welfare.gross,
        cost: welfare.cost,
        filled_share: welfare.filled_share,
        pipelined: welfare.by_height.iter().any(|height| height.pipelined),
    }
}
