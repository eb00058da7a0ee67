//! The filling rate height by height, with the limit that it tends to.

use super::Figure;
use super::axes::Scale;
use super::canvas::Anchor;
use super::frame::{Along, Frame, Key, interval};
use super::letters::{SIZE, label, plain, width};
use super::style::{BLACK, BLUE, GREY, Paint, Stroke, VERMILION, WHITE};
use crate::error::{Error, Result};
use crate::explore::axis::Spacing;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::simulation::SimulatedWelfare;
use crate::pool_tree::{Architecture, Component, Kind, Model, PeriodModel};

/// Half the width of a 95 % interval, in standard errors.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The filling rate of the auctions of every active height; where periods grow by a ratio `r`, pools are alike and the flow is
/// uniform with equal sides, no auction fails and no height is left out between, with the limit `1 - 1/√(γr)` of thick batches.
///
/// Source: *Operator pool trees*, "the crux: filling rate".
///
/// # Errors
/// As [`ClosedForm::evaluate`].
pub fn filling(model: &Model, architecture: &Architecture) -> Result<Figure> {
    draw(model, architecture, &[])
}

/// As [`filling`], with the simulated filling rates and their 95 % intervals on the bars.
///
/// # Errors
/// As [`filling`]; [`Error::Domain`] for an estimate of other heights.
pub fn filling_beside(model: &Model, architecture: &Architecture, simulated: &SimulatedWelfare) -> Result<Figure> {
    let heights: Vec<u32> = simulated.by_height.iter().map(|own| own.height).collect();
    if heights != architecture.heights() {
        return Err(Error::domain("simulated", format!("heights {heights:?}"), format!("heights {architecture}")));
    }
    draw(model, architecture, &rates(simulated))
}

/// Filling rates with their standard errors: of a ratio of correlated means, to first order.
///
/// ```text
/// X_h = f_h / r_h,   r_h = 1 - Σ_{j<h} f_j,   ∂X_h/∂f_h = 1/r_h,   ∂X_h/∂f_j = f_h/r_h²  (j < h)
/// ```
fn rates(simulated: &SimulatedWelfare) -> Vec<(u32, f64, f64)> {
    let (mean, covariance) = (simulated.fills.mean(), simulated.fills.covariance());
    let mut rest = 1.0;
    let mut rates = Vec::new();
    for (i, level) in simulated.by_height.iter().enumerate() {
        let filled = mean[i];
        let slope = |j: usize| if j == i { 1.0 / rest } else { filled / (rest * rest) };
        let pairs = (0..=i).flat_map(|a| (0..=i).map(move |b| (a, b)));
        let variance: f64 = pairs.map(|(a, b)| slope(a) * slope(b) * covariance[(a, b)]).sum();
        let std_error = (variance.max(0.0) / simulated.fills.replications() as f64).sqrt();
        if rest > 0.0 && std_error.is_finite() {
            rates.push((level.height, filled / rest, std_error));
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
        plain(percent, (2 - percent.log10().floor() as i32).clamp(0, 5) as usize)
    } else {
        label(percent)
    }
}

fn draw(model: &Model, architecture: &Architecture, simulated: &[(u32, f64, f64)]) -> Result<Figure> {
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
        if let Some(limit) = limit {
            canvas.line(&[frame.at(ends[0], 100.0 * limit), frame.at(ends[1], 100.0 * limit)], line);
        }
        canvas.part("simulated");
        for &(height, rate, std_error) in simulated {
            let x = f64::from(height);
            let end = |sign: f64| frame.at(x, 100.0 * (rate + sign * NORMAL_95 * std_error).clamp(0.0, 1.0)).1;
            interval(canvas, frame.at(x, 100.0 * rate), [end(-1.0), end(1.0)], BLACK);
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
                    .find(|own| own.0 == level.height)
                    .map_or(top, |own| frame.at(0.0, 100.0 * (own.1 + NORMAL_95 * own.2).min(1.0)).1.min(top));
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
