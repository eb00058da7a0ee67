//! Net welfare as a function of the base period at one ratio, and its maximum.

use super::Subject;
use crate::error::{Error, Result};
use crate::kernels::elementary::{exp, ln};
use crate::kernels::maximum::{End, scanned};
use crate::kernels::power::times_power;
use crate::kernels::roots::Valued;
use crate::kernels::sum::Sum;
use crate::pool_tree::closed_form::{ClosedForm, Fills};
use crate::pool_tree::search::Search;
use crate::pool_tree::{Architecture, Model, Period, PeriodModel};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bases and windows beyond this size or below its reciprocal are not searched.
const LARGEST: f64 = 1e300;

/// Rounding of net welfare, as a share of gross plus cost.
const ROUNDING: f64 = 1e-14;

/// Net welfare that is a smaller share of gross plus cost than this is not known to be positive.
const POSITIVE: f64 = 1e-12;

/// Factor between the bases of the first look.
const LOOK: f64 = 3.0;

/// Largest step of the scan in `ln base`.
const STEP: f64 = 0.25;

/// After the scan no base is left that can earn more than this share above the best one seen.
pub(super) const GAP: f64 = 0.01;

/// Points at which the scan gives up on [`GAP`]; welfare that is flat over 50 orders of magnitude takes fewer.
const MOST_POINTS: usize = 20_000;

/// A subject at one ratio.
pub(super) struct Trial<'a> {
    model: &'a Model,
    subject: &'a Subject,
    pub(super) ratio: u32,
    /// `base · net(base)` is at most this, and approaches it from below for a given set of heights.
    most_per_base: f64,
    /// `net(base) / base` is at most this.
    slope: f64,
    /// Where base and windows are within the range of `f64`.
    range: [f64; 2],
    evaluations: AtomicU64,
}

/// Net welfare at rising points in `ln base`.
#[derive(Default)]
pub(super) struct Scan {
    points: Vec<f64>,
    values: Vec<Valued>,
}

impl Scan {
    /// The greatest value, `-∞` of an empty scan.
    pub(super) fn greatest(&self) -> f64 {
        self.values.iter().map(|v| v.value).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The best base of a trial.
pub(super) struct Peak {
    pub(super) ratio: u32,
    pub(super) architecture: Architecture,
    pub(super) base: f64,
    pub(super) bracket: [f64; 2],
    pub(super) end: Option<End>,
}

/// The model with periods `base · ratio^h`.
pub(super) fn with_ratio(model: &Model, base: f64, ratio: u32) -> Result<Model> {
    model.with_period(Period::new(PeriodModel::Ratio { base, ratio })?)
}

/// What ever longer windows approach where nothing is discounted: all fills count in full, messages cost nothing.
pub(super) fn net_without_discount(model: &Model, subject: &Subject) -> f64 {
    let top = match subject {
        Subject::Heights(architecture) => architecture.heights().last().copied().unwrap_or(0),
        Subject::BestSet => model.tree().depth(),
    };
    model.utility_mean() * model.flow().rate() * Fills::in_long_windows(model)[top as usize]
}

impl<'a> Trial<'a> {
    /// `None` if nothing can be earned with any base, or the ratio leads beyond the range of `f64`.
    ///
    /// With every window long, `base · net` of the heights `A` comes to
    ///
    /// ```text
    /// Σ_{h ∈ A} r^(-h) [ū Λ ΔM_h β^(o_h + L_h) / δ - κ γ^(k+h)],   δ = ln(1/β), M_h in long windows
    /// ```
    ///
    /// and for the best set of heights to at most the sum of the positive terms with `ΔM_h = M_h` and `o_h = 0`. If one of
    /// those is positive, pools of that height alone earn something in long windows.
    pub(super) fn new(model: &'a Model, subject: &'a Subject, ratio: u32) -> Result<Option<Self>> {
        let tree = model.tree();
        let growth = |height: u32| times_power(1.0, ratio, i64::from(height));
        if growth(tree.depth()) > LARGEST {
            return Ok(None);
        }
        let discount = model.discount();
        let (long, short) = (Fills::in_long_windows(model), Fills::per_time_in_short_windows(model));
        let utility = model.utility_mean() * model.flow().rate();
        let term = |height: u32, share: f64, delay: f64| {
            let worth = utility * share * discount.after(delay) / -discount.ln_factor();
            let messages = i64::from(tree.depth()) + i64::from(height);
            (worth - tree.scaled(model.cost_per_message(), messages)) / growth(height)
        };
        let (most_per_base, top, least_delay) = match subject {
            Subject::Heights(architecture) => {
                let (mut below, mut sum) = (0.0, Sum::default());
                let schedule = model.with_period(Period::new(PeriodModel::Ratio { base: 1.0, ratio: 1 })?)?;
                let schedule = schedule.schedule(architecture)?;
                for level in schedule.levels() {
                    let share = long[level.height as usize];
                    sum.add(term(level.height, (share - below).max(0.0), level.offset + level.latency));
                    below = share;
                }
                let first = schedule.levels().first().map_or(0.0, |level| level.latency);
                (sum.value(), schedule.levels().last().map_or(0, |level| level.height), first)
            }
            Subject::BestSet => {
                let heights = 0..=tree.depth();
                let terms = heights.clone().map(|h| term(h, long[h as usize], model.latency_at(h)).max(0.0));
                let fastest = heights.map(|h| model.latency_at(h)).fold(f64::INFINITY, f64::min);
                (terms.collect::<Sum>().value(), tree.depth(), fastest)
            }
        };
        if !(most_per_base > 0.0) {
            return Ok(None);
        }
        let slope = utility * discount.after(least_delay) * short[top as usize] * growth(top);
        let longest = LARGEST / model.flow().rate().max(1.0) / growth(tree.depth());
        let range = [LARGEST.recip(), longest];
        Ok(Some(Self { model, subject, ratio, most_per_base, slope, range, evaluations: AtomicU64::new(0) }))
    }

    /// The greatest net welfare of a first look, where windows are about as long as it takes an order to arrive or as it
    /// takes utility to fade, and beyond until something is earned; `None` if nothing is.
    pub(super) fn look(&self) -> Result<Option<f64>> {
        let [least, most] = self.range;
        let top = times_power(1.0, self.ratio, i64::from(self.model.tree().depth()));
        let short = Fills::per_time_in_short_windows(self.model).into_iter().fold(0.0, f64::max);
        let (arrival, fading) = (1.0 / short, -1.0 / self.model.discount().ln_factor());
        let last = arrival.max(fading).clamp(least, most);
        let mut base = (arrival.min(fading) / top).clamp(least, most);
        let mut seen: Option<f64> = None;
        while base < most && (base <= last || seen.is_none()) {
            let earned = self.earned(base)?;
            if earned.value > POSITIVE / ROUNDING * earned.noise && seen.is_none_or(|seen| earned.value > seen) {
                seen = Some(earned.value);
            }
            base *= LOOK;
        }
        Ok(seen)
    }

    /// Where a base could reach what was `seen`: net is at most `slope · base` and at most `most_per_base / base`; a factor
    /// 2 for rounding.
    fn within(&self, seen: f64) -> [f64; 2] {
        let [least, most] = self.range;
        [(0.5 * seen / self.slope).clamp(least, most), (2.0 * self.most_per_base / seen).clamp(least, most)]
    }

    /// Net welfare on a grid in `ln base` wherever it could reach what was `seen` at this or another ratio, refined until
    /// between two points it cannot exceed the greatest seen by more than [`GAP`]: because `base · net(base)` never falls, it
    /// is at most that at the upper point times their ratio. Empty if this ratio cannot win.
    pub(super) fn scan(&self, seen: f64) -> Result<Scan> {
        let [low, high] = self.within(seen).map(ln);
        let mut points: Vec<(f64, Valued)> = Vec::new();
        if low > high {
            return Ok(Scan::default());
        }
        let steps = ((high - low) / STEP).ceil().max(1.0);
        for i in 0..=steps as u32 {
            let x = low + (high - low) * (f64::from(i) / steps);
            points.push((x, self.earned(exp(x))?));
        }
        loop {
            let greatest = points.iter().map(|(_, v)| v.value).fold(seen, f64::max);
            let hides = |pair: &&[(f64, Valued)]| {
                let gap = pair[1].0 - pair[0].0;
                pair[1].1.value * exp(gap) > (1.0 + GAP) * greatest && gap > 0.1 * GAP
            };
            let middles: Vec<f64> = points.windows(2).filter(hides).map(|p| 0.5 * (p[0].0 + p[1].0)).collect();
            if middles.is_empty() || points.len() + middles.len() > MOST_POINTS {
                break;
            }
            for x in middles {
                points.push((x, self.earned(exp(x))?));
            }
            points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        }
        let (points, values) = points.into_iter().unzip();
        Ok(Scan { points, values })
    }

    /// The base of greatest net welfare of a scan.
    pub(super) fn peak(&self, scan: &Scan) -> Result<Option<Peak>> {
        let Some(found) = scanned(|x| self.earned(exp(x)), &scan.points, &scan.values)? else { return Ok(None) };
        let [least, most] = self.range;
        let base = exp(found.at).clamp(least, most);
        // An end of the scan is an edge only where the range of f64 cut it.
        let at_edge = |edge: f64| (base / edge - 1.0).abs() < 1e-9;
        let end = found.end.filter(|end| match end {
            End::Lower => at_edge(least),
            End::Upper => at_edge(most),
        });
        let architecture = match self.subject {
            Subject::Heights(architecture) => architecture.clone(),
            Subject::BestSet => Search::new(&with_ratio(self.model, base, self.ratio)?)?.best()?.architecture,
        };
        Ok(Some(Peak { ratio: self.ratio, architecture, base, bracket: found.bracket.map(exp), end }))
    }

    /// Evaluations of net welfare so far.
    pub(super) fn evaluations(&self) -> u64 {
        self.evaluations.load(Ordering::Relaxed)
    }

    /// Net welfare with `base`; `-∞` where the messages cost more than `f64` can say.
    fn earned(&self, base: f64) -> Result<Valued> {
        self.evaluations.fetch_add(1, Ordering::Relaxed);
        let [least, most] = self.range;
        let model = with_ratio(self.model, base.clamp(least, most), self.ratio)?;
        let welfare = match self.subject {
            Subject::Heights(architecture) => {
                ClosedForm::evaluate(&model, architecture).map(|w| (w.net, w.gross + w.cost))
            }
            Subject::BestSet => Search::new(&model).map(|search| search.greatest().unwrap_or((f64::NEG_INFINITY, 0.0))),
        };
        match welfare {
            Ok((value, size)) => Ok(Valued { value, noise: ROUNDING * size }),
            Err(Error::NotFinite { key, .. }) if key == "cost.per_message" => Ok(Valued::exact(f64::NEG_INFINITY)),
            Err(error) => Err(error),
        }
    }
}
