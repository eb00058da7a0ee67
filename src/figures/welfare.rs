//! Welfare against one key: closed-form curves, simulated points on them.

use super::Figure;
use super::style::{FAINT, GREY, PALETTE, at, label, letters, px};
use crate::error::{Error, Result};
use crate::estimate::{MonteCarlo, Stopping};
use crate::explore::axis::Spacing;
use crate::explore::{Axis, Contender};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::simulation::SimulatedWelfare;
use crate::progress::Progress;
use crate::scenario::Scenario;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;

/// Points of a curve.
const POINTS: u32 = 120;

/// Simulated points on each curve.
const SIMULATED: u32 = 9;

/// Gross welfare of `contenders` against a key of the scenario, in closed form, with simulated points and their 95 % intervals; no points for
/// `replications = 0`.
///
/// # Errors
/// As [`Scenario::leave_open`], reading the scenario at any point, [`ClosedForm::evaluate`] and [`SimulatedWelfare::simulate`].
pub fn welfare(
    scenario: &Scenario,
    axis: &Axis,
    contenders: &[Contender],
    replications: u64,
    progress: Progress,
) -> Result<Figure> {
    let open = scenario.leave_open(&[axis.key()])?;
    let at = |x: f64| open.at(&[x]).map_err(|e| e.at(&[axis.key()], &[x]));
    let gross = |x: f64, contender: &Contender| -> Result<f64> {
        let scenario = at(x)?;
        Ok(ClosedForm::evaluate(&scenario, &contender.on(scenario.tree())?)?.gross)
    };
    let points = axis.points(POINTS, open.is_whole(0));
    let curves: Vec<Vec<(f64, f64)>> = contenders
        .iter()
        .map(|contender| points.iter().map(|&x| Ok((x, gross(x, contender)?))).collect())
        .collect::<Result<_>>()?;
    let mut simulated: Vec<Vec<(f64, [f64; 3])>> = Vec::new();
    if replications > 0 {
        let [lo, hi] = axis.range();
        let some = Axis::new(axis.key(), [lo, hi], axis.spacing(), SIMULATED)?.points(SIMULATED, open.is_whole(0));
        let seed = scenario.monte_carlo().seed();
        let all = (some.len() * contenders.len()) as u64;
        for contender in contenders {
            let mut own = Vec::new();
            for &x in &some {
                let scenario = at(x)?;
                let monte_carlo = MonteCarlo::new(seed, Stopping::Replications(replications))?;
                let heights = contender.on(scenario.tree())?;
                let found = SimulatedWelfare::simulate(&scenario, &heights, &monte_carlo, &|_, _| ())?;
                own.push((x, [found.ci95[0], found.gross, found.ci95[1]]));
                progress((simulated.len() * some.len() + own.len()) as u64, all);
            }
            simulated.push(own);
        }
    }
    let highest = curves.iter().flatten().map(|(_, y)| *y).fold(0.0, f64::max);
    if !(highest > 0.0) {
        return Err(Error::domain("welfare", highest, "above 0 somewhere, to be drawn"));
    }
    let names: Vec<String> = contenders.iter().map(ToString::to_string).collect();
    let caption = format!("Gross welfare of {} against {}", names.join(", "), axis.key());
    Figure::draw(caption, (860, 520), |canvas| {
        let [lo, hi] = axis.range();
        let y = 0.0..1.08 * highest;
        let lines = Lines { curves: &curves, simulated: &simulated, names: &names, key: axis.key() };
        match axis.spacing() {
            Spacing::Linear => lines.draw(canvas, lo..hi, y),
            Spacing::Logarithmic => lines.draw(canvas, (lo..hi).log_scale(), y),
        }
    })
}

struct Lines<'a> {
    curves: &'a [Vec<(f64, f64)>],
    simulated: &'a [Vec<(f64, [f64; 3])>],
    names: &'a [String],
    key: &'a str,
}

impl Lines<'_> {
    fn draw<X>(
        &self,
        canvas: &super::figure::Canvas,
        x: X,
        y: std::ops::Range<f64>,
    ) -> std::result::Result<(), Box<dyn std::error::Error>>
    where
        X: AsRangedCoord<Value = f64>,
        X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let mut chart = ChartBuilder::on(canvas)
            .margin(px(15))
            .x_label_area_size(px(45))
            .y_label_area_size(px(70))
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .set_all_tick_mark_size(px(4))
            .bold_line_style(FAINT.stroke_width(px(1)))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY.stroke_width(px(1)))
            .x_labels(14)
            .x_label_formatter(&|x| label(*x))
            .y_label_formatter(&|y| label(*y))
            .x_desc(self.key)
            .y_desc("gross welfare per unit time")
            .label_style(letters(14, &PALETTE[0]))
            .draw()?;
        for (i, (curve, name)) in self.curves.iter().zip(self.names).enumerate() {
            let colour = PALETTE[i % PALETTE.len()];
            chart
                .draw_series(LineSeries::new(curve.iter().copied(), colour.stroke_width(px(2))))?
                .label(name.as_str())
                .legend(move |(x, y)| PathElement::new([(x, y), (x + at(22), y)], colour.stroke_width(px(2))));
        }
        for (i, points) in self.simulated.iter().enumerate() {
            let colour = PALETTE[i % PALETTE.len()];
            let bars = points.iter().map(|&(x, [low, middle, high])| {
                ErrorBar::new_vertical(x, low, middle, high, colour.stroke_width(px(1)).filled(), px(7))
            });
            chart.draw_series(bars)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .legend_area_size(px(30))
            .margin(px(10))
            .background_style(WHITE.mix(0.85))
            .border_style(FAINT.stroke_width(px(1)))
            .label_font(letters(14, &PALETTE[0]))
            .draw()?;
        Ok(())
    }
}
