//! Welfare, gross or net, against one key: closed-form curves, simulated points on them.

use super::Figure;
use super::axes::Scale;
use super::frame::{Along, Frame, Key, interval};
use super::letters::label;
use super::quantity::title;
use super::simulated::is_enough;
use super::style::{Stroke, WHITE};
use crate::error::{Error, Result};
use crate::estimate::{MonteCarlo, Stopping};
use crate::explore::scan::points;
use crate::explore::{Axis, Contender};
use crate::pool_tree::closed_form::ClosedForm;
use crate::progress::Progress;
use crate::scenario::{OpenScenario, Scenario};

/// Points of a curve.
const POINTS: u32 = 120;

/// Simulated points on each curve.
const SIMULATED: u32 = 9;

/// Which welfare is drawn, per unit time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// What filled orders are worth.
    Gross,
    /// The same minus the cost of messages: what decides which architecture is best.
    Net,
}

impl Measure {
    fn of(self, welfare: &ClosedForm) -> f64 {
        match self {
            Self::Gross => welfare.gross,
            Self::Net => welfare.net,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gross => "gross",
            Self::Net => "net",
        }
    }
}

/// Welfare of `contenders` against a key of the scenario: [`welfare_at`] without a value that is marked.
///
/// # Errors
/// As [`welfare_at`].
pub fn welfare(
    scenario: &Scenario,
    axis: &Axis,
    contenders: &[Contender],
    measure: Measure,
    replications: u64,
    progress: Progress,
) -> Result<Figure> {
    welfare_at(scenario, axis, contenders, measure, replications, None, progress)
}

/// Welfare of `contenders` against a key of the scenario, in closed form, with simulated points and their 95 % intervals; no points
/// for `replications = 0`, and none where fewer than 25 pairs were to be filled in all of them. The draws of every point are its own
/// (the seed is that of the scenario and the number of the point), so that the intervals miss independently. The cost of messages is
/// no matter of chance: simulated net welfare is simulated gross minus it.
///
/// The `present` value of the key, such as [`OpenScenario::present`], is marked by a line with rings on the curves, if it lies on the
/// axis.
///
/// # Errors
/// As [`Scenario::leave_open`], reading the scenario at any point, [`ClosedForm::evaluate`] and [`simulated`](super::simulated());
/// [`Error::Domain`] for no contender, and for a range without a whole number where one is needed.
pub fn welfare_at(
    scenario: &Scenario,
    axis: &Axis,
    contenders: &[Contender],
    measure: Measure,
    replications: u64,
    present: Option<f64>,
    progress: Progress,
) -> Result<Figure> {
    if contenders.is_empty() {
        return Err(Error::domain("architectures", "(none)", "at least one"));
    }
    let open = scenario.leave_open(&[axis.key()])?;
    let points = points(axis, POINTS, open.is_whole(0))?;
    let curves: Vec<Vec<(f64, f64)>> = contenders
        .iter()
        .map(|contender| {
            points.iter().map(|&x| Ok((x, measure.of(&closed_form(&open, axis, x, contender)?)))).collect()
        })
        .collect::<Result<_>>()?;
    let [lo, hi] = axis.range();
    let present = match present.filter(|x| (lo..=hi).contains(x)) {
        None => None,
        Some(x) => {
            let of = |contender| Ok(measure.of(&closed_form(&open, axis, x, contender)?));
            Some((x, contenders.iter().map(of).collect::<Result<Vec<f64>>>()?))
        }
    };
    let mut simulated: Vec<Vec<(f64, [f64; 3])>> = Vec::new();
    if replications > 0 {
        // At points of the curve if these are few.
        let some = if points.len() <= SIMULATED as usize {
            points.clone()
        } else {
            Axis::new(axis.key(), [lo, hi], axis.spacing(), SIMULATED)?.points(SIMULATED, open.is_whole(0))
        };
        let all = (some.len() * contenders.len()) as u64;
        let mut number = 0;
        for contender in contenders {
            let mut own = Vec::new();
            for &x in &some {
                let scenario = at(&open, axis, x)?;
                let seed = scenario.monte_carlo().seed().wrapping_add(number);
                number += 1;
                let monte_carlo = MonteCarlo::new(seed, Stopping::Replications(replications))?;
                let heights = contender.on(scenario.tree())?;
                let exact = ClosedForm::evaluate(&scenario, &heights)?;
                if !is_enough(&scenario, &exact, exact.filled_share, replications) {
                    progress(number, all);
                    continue;
                }
                let found = super::simulated(&scenario, &heights, &monte_carlo, &|_, _| ())
                    .map_err(|e| e.at(&[axis.key()], &[x]))?;
                let cost = match measure {
                    Measure::Gross => 0.0,
                    Measure::Net => exact.cost,
                };
                // No gross welfare is below 0, whatever a few replications leave open.
                let gross = [found.ci95[0].max(0.0), found.gross, found.ci95[1]];
                own.push((x, gross.map(|gross| gross - cost)));
                progress(number, all);
            }
            simulated.push(own);
        }
    }
    let names: Vec<String> = contenders.iter().map(ToString::to_string).collect();
    let name = measure.name();
    let caption =
        format!("{}{} welfare of {} against {}", name[..1].to_uppercase(), &name[1..], names.join(", "), axis.key());
    let up = format!("{name} welfare per unit time");
    let names = contenders.iter().map(words).collect();
    Ok(Drawing { caption, up, along: along(axis, open.is_whole(0)), names, curves, present, simulated }.draw())
}

/// Disconnected local pools of the heights between 0 and the root that have the greatest welfare of all such pools somewhere
/// along the axis: the local pools worth drawing beside the tree. A height that cannot hold auctions all along is left out.
///
/// # Errors
/// As [`Scenario::leave_open`] and reading the scenario at any point; [`Error::Domain`] for a range without a whole number where
/// one is needed.
pub fn best_local(scenario: &Scenario, axis: &Axis, measure: Measure) -> Result<Vec<Contender>> {
    let open = scenario.leave_open(&[axis.key()])?;
    let points = points(axis, POINTS, open.is_whole(0))?;
    let mut scenarios = Vec::with_capacity(points.len());
    for &x in &points {
        scenarios.push(at(&open, axis, x)?);
    }
    let depth = scenarios.iter().map(|scenario| scenario.tree().depth()).min().unwrap_or(0);
    let curve = |height: u32| -> Option<(u32, Vec<f64>)> {
        let of = |scenario: &Scenario| {
            let pools = Contender::Local(height).on(scenario.tree()).ok()?;
            ClosedForm::evaluate(scenario, &pools).ok().map(|welfare| measure.of(&welfare))
        };
        Some((height, scenarios.iter().map(of).collect::<Option<_>>()?))
    };
    let curves: Vec<(u32, Vec<f64>)> = (1..depth).filter_map(curve).collect();
    let best = |i: usize| curves.iter().max_by(|a, b| a.1[i].total_cmp(&b.1[i])).map(|(height, _)| *height);
    let mut heights: Vec<u32> = (0..points.len()).filter_map(best).collect();
    heights.sort_unstable();
    heights.dedup();
    Ok(heights.into_iter().map(Contender::Local).collect())
}

pub(super) fn at(open: &OpenScenario, axis: &Axis, x: f64) -> Result<Scenario> {
    open.at(&[x]).map_err(|e| e.at(&[axis.key()], &[x]))
}

fn closed_form(open: &OpenScenario, axis: &Axis, x: f64, contender: &Contender) -> Result<ClosedForm> {
    let scenario = at(open, axis, x)?;
    ClosedForm::evaluate(&scenario, &contender.on(scenario.tree())?)
}

/// The horizontal axis of a key.
pub(super) fn along(axis: &Axis, whole: bool) -> Along {
    let [lo, hi] = axis.range();
    let scale = Scale::new([lo, hi], axis.spacing()).whole(whole);
    Along { scale: if whole { scale } else { scale.with_ends(lo, hi) }, title: title(axis.key()) }
}

/// What is drawn, curve by curve.
struct Drawing {
    caption: String,
    up: String,
    along: Along,
    names: Vec<String>,
    curves: Vec<Vec<(f64, f64)>>,
    /// The marked value of the key, and the curves there.
    present: Option<(f64, Vec<f64>)>,
    simulated: Vec<Vec<(f64, [f64; 3])>>,
}

impl Drawing {
    fn draw(self) -> Figure {
        let Self { caption, up, along, names, curves, present, simulated } = self;
        let drawn = || {
            let bounds = simulated.iter().flatten().flat_map(|(_, interval)| interval);
            let marked = present.iter().flat_map(|(_, values)| values);
            curves.iter().flatten().map(|(_, y)| *y).chain(bounds.copied()).chain(marked.copied())
        };
        let y = Scale::up_to(drawn().fold(0.0, f64::min), drawn().fold(0.0, f64::max));
        let strokes: Vec<Stroke> = (0..curves.len())
            .map(|i| {
                // A curve upon another lets it show.
                let hides = curves[..i].iter().any(|other| same(other, &curves[i]));
                if hides { Stroke::of(i).dashed("7 7") } else { Stroke::of(i) }
            })
            .collect();
        let mut legend: Vec<(Key, String)> =
            strokes.iter().zip(names).map(|(stroke, name)| (Key::Line(*stroke), name)).collect();
        if let Some((x, _)) = &present {
            legend.push((Key::Mark, format!("present value, {}", label(*x))));
        }
        if !simulated.is_empty() {
            legend.push((Key::Interval(super::style::GREY), "simulated, with 95 % interval".to_owned()));
        }
        let up = Along { scale: y, title: up };
        let frame = Frame::new(&along, &up, legend);
        Figure::draw(caption, frame.size(), |canvas| {
            frame.grid(canvas, [false, true]);
            if let Some((x, _)) = &present {
                frame.mark(canvas, *x, &label(*x));
            }
            canvas.part("curves");
            for (curve, stroke) in curves.iter().zip(&strokes) {
                let points: Vec<_> = curve.iter().map(|&(x, y)| frame.at(x, y)).collect();
                if let [only] = points[..] {
                    canvas.circle(only, 4.0, stroke.colour, None);
                }
                canvas.line(&points, *stroke);
            }
            if let Some((x, values)) = &present {
                // Rings, so that a simulated point inside shows.
                canvas.part("present");
                for (y, stroke) in values.iter().zip(&strokes) {
                    canvas.circle(frame.at(*x, *y), 5.5, WHITE, Some(Stroke::new(stroke.colour, 1.6)));
                }
            }
            canvas.part("simulated");
            for (points, stroke) in simulated.iter().zip(&strokes) {
                for &(x, [low, middle, high]) in points {
                    let ends = [frame.at(x, low).1, frame.at(x, high).1];
                    interval(canvas, frame.at(x, middle), ends, stroke.colour);
                }
            }
            frame.finish(canvas);
        })
    }
}

/// A contender in the legend.
fn words(contender: &Contender) -> String {
    match contender {
        Contender::Tree => "tree".to_owned(),
        Contender::Global => "global pool".to_owned(),
        Contender::Local(height) => format!("local pools of height {height}"),
        Contender::Heights(_) => format!("heights {contender}"),
    }
}

/// Whether two curves cannot be told apart.
fn same(a: &[(f64, f64)], b: &[(f64, f64)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a.1 - b.1).abs() <= 1e-3 * a.1.abs().max(b.1.abs()))
}
