//! The filling rate height by height, with the limit that it tends to.

use super::Figure;
use super::axes::Scale;
use super::canvas::Anchor;
use super::frame::{Along, Frame, Key, interval};
use super::letters::{SIZE, label, plain, width};
use super::simulated::is_enough;
use super::style::{BLACK, BLUE, GREY, Paint, Stroke, VERMILION, WHITE};
use crate::error::{Error, Result};
use crate::estimate::Estimate;
use crate::explore::axis::Spacing;
use crate::kernels::elementary::log10;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::simulation::SimulatedWelfare;
use crate::pool_tree::{Architecture, Component, Kind, Model, PeriodModel};

/// The filling rate of the auctions of every active height; where periods grow by a ratio `r`, pools are alike and the flow is
/// uniform with equal sides, no auction fails and no height is left out between, with the limit `1 - 1/√(γr)` of thick batches. It
/// is one of heights that have an active one below them: the lowest fills all in thick batches.
///
/// Source: *Operator pool trees*, "the crux: filling rate".
///
/// # Errors
/// As [`ClosedForm::evaluate`].
pub fn filling(model: &Model, architecture: &Architecture) -> Result<Figure> {
    draw(model, architecture, &[])
}

/// As [`filling`], with the simulated filling rates and their 95 % intervals on the bars; without those of heights at which fewer than 25
/// pairs were to be filled in all, too few for an interval by means and variances.
///
/// # Errors
/// As [`filling`]; [`Error::Domain`] for an estimate of other heights.
pub fn filling_beside(model: &Model, architecture: &Architecture, simulated: &SimulatedWelfare) -> Result<Figure> {
    let heights: Vec<u32> = simulated.by_height.iter().map(|own| own.height).collect();
    if heights != architecture.heights() {
        return Err(Error::domain("simulated", format!("heights {heights:?}"), format!("heights {architecture}")));
    }
    let welfare = ClosedForm::evaluate(model, architecture)?;
    let enough = |height: u32| {
        let level = welfare.by_height.iter().find(|own| own.height == height);
        level.is_some_and(|own| is_enough(model, &welfare, own.filled_share, simulated.replications))
    };
    draw(model, architecture, &rates(simulated).into_iter().filter(|own| enough(own.height)).collect::<Vec<_>>())
}

/// A simulated filling rate.
struct Simulated {
    height: u32,
    rate: f64,
    ci95: [f64; 2],
}

/// Filling rates with their 95 % intervals, by Student's law; standard errors of a ratio of correlated means, to first order.
///
/// ```text
/// X_h = f_h / r_h,   r_h = 1 - Σ_{j<h} f_j,   ∂X_h/∂f_h = 1/r_h,   ∂X_h/∂f_j = f_h/r_h²  (j < h)
/// ```
fn rates(simulated: &SimulatedWelfare) -> Vec<Simulated> {
    let (mean, covariance) = (simulated.fills.mean(), simulated.fills.covariance());
    let mut rest = 1.0;
    let mut rates = Vec::new();
    for (i, level) in simulated.by_height.iter().enumerate() {
        let filled = mean[i];
        let slope = |j: usize| if j == i { 1.0 / rest } else { filled / (rest * rest) };
        let pairs = (0..=i).flat_map(|a| (0..=i).map(move |b| (a, b)));
        let variance: f64 = pairs.map(|(a, b)| slope(a) * slope(b) * covariance[(a, b)]).sum();
        let replications = simulated.fills.replications();
        let std_error = (variance.max(0.0) / replications as f64).sqrt();
        if rest > 0.0 && std_error.is_finite() {
            let estimate = Estimate { mean: filled / rest, std_error, replications };
            rates.push(Simulated { height: level.height, rate: estimate.mean, ci95: estimate.ci95() });
        }
        rest -= filled;
    }
    rates
}

/// The limit of thick batches, where it holds.
fn limit(model: &Model, architecture: &Architecture) -> Option<f64> {
    let even = |component: &Component| matches!(component.kind(), Kind::Uniform) && component.side_share() == 0.5;
    let applies = model.network().is_none()
        && model.execution().is_none()
        && model.flow().components().iter().all(even)
        && architecture.heights().len() > 1
        && architecture.heights().windows(2).all(|pair| pair[1] == pair[0] + 1);
    match model.timing().period().model() {
        PeriodModel::Ratio { ratio, .. } if applies => {
            Some(1.0 - (f64::from(model.tree().arity()) * f64::from(*ratio)).sqrt().recip())
        }
        _ => None,
    }
}

/// Three digits at most: more do not fit into a bar.
fn three(percent: f64) -> String {
    if (1e-3..1e3).contains(&percent) {
        plain(percent, (2 - log10(percent).floor() as i32).clamp(0, 5) as usize)
    } else {
        label(percent)
    }
}

fn draw(model: &Model, architecture: &Architecture, simulated: &[Simulated]) -> Result<Figure> {
    let welfare = ClosedForm::evaluate(model, architecture)?;
    let limit = limit(model, architecture);
    let ends = [-0.6, f64::from(model.tree().depth()) + 0.6];
    let mut legend = vec![(Key::Area(Paint::Plain(BLUE)), "closed form".to_owned())];
    let line = Stroke::new(VERMILION, 2.0).dashed("7 4");
    legend.extend(limit.map(|limit| {
        (Key::Line(line), format!("1 - 1/√(γr) = {} %, the limit of thick batches", label(100.0 * limit)))
    }));
    if !simulated.is_empty() {
        legend.push((Key::Interval(BLACK), "simulated, with 95 % interval".to_owned()));
    }
    let x = Along { scale: Scale::new(ends, Spacing::Linear).whole(true), title: "height".to_owned() };
    let y = Scale::new([0.0, 100.0], Spacing::Linear);
    let up = Along { scale: y, title: "share filled of the orders that reach the auctions (%)".to_owned() };
    let frame = Frame::new(&x, &up, legend);
    let pitch = frame.extent()[0] / (ends[1] - ends[0]);
    let caption = format!("Filling rate of the auctions at heights {architecture}");
    Ok(Figure::draw(caption, frame.size(), |canvas| {
        frame.grid(canvas, [false, true]);
        canvas.part("bars");
        for level in &welfare.by_height {
            let (x, rate) = (f64::from(level.height), 100.0 * level.filling_rate);
            canvas.rectangle(frame.at(x - 0.42, 0.0), frame.at(x + 0.42, rate), Paint::Plain(BLUE), None);
        }
        canvas.part("limit");
        if let (Some(limit), Some(lowest)) = (limit, architecture.heights().first()) {
            // From the second active height on.
            canvas.line(&[frame.at(f64::from(*lowest) + 0.5, 100.0 * limit), frame.at(ends[1], 100.0 * limit)], line);
        }
        canvas.part("simulated");
        for Simulated { height, rate, ci95 } in simulated {
            let x = f64::from(*height);
            let ends = ci95.map(|end| frame.at(x, 100.0 * end.clamp(0.0, 1.0)).1);
            interval(canvas, frame.at(x, 100.0 * rate), ends, BLACK);
        }
        canvas.part("numbers");
        // At the foot of the bar, where no limit and no interval is; above a low one.
        let widest = |text: &str| width(text, SIZE) + 6.0 <= pitch;
        for level in &welfare.by_height {
            let text = format!("{} %", three(100.0 * level.filling_rate));
            let (x, top) = frame.at(f64::from(level.height), 100.0 * level.filling_rate);
            let foot = frame.at(0.0, 0.0).1;
            if !widest(&text) {
                continue;
            }
            if width(&text, SIZE) + 4.0 <= 0.84 * pitch && foot - top >= 26.0 {
                canvas.text(&text, (x, foot - 13.0), Anchor::Middle, SIZE, WHITE);
            } else {
                let above = simulated
                    .iter()
                    .find(|own| own.height == level.height)
                    .map_or(top, |own| frame.at(0.0, 100.0 * own.ci95[1].min(1.0)).1.min(top));
                canvas.text_over(&text, (x, above - 11.0), Anchor::Middle, SIZE, BLACK);
            }
        }
        for height in (0..=model.tree().depth()).filter(|height| !architecture.heights().contains(height)) {
            let (x, foot) = frame.at(f64::from(height), 0.0);
            let text = if widest("no auctions") { "no auctions" } else { "–" };
            canvas.text(text, (x, foot - 11.0), Anchor::Middle, SIZE, GREY);
        }
        frame.finish(canvas);
    }))
}
