//! Shares filled at every height against one key, stacked.

use super::Figure;
use super::style::{FAINT, GREY, PALETTE, at, label, letters, px, shade};
use crate::error::Result;
use crate::explore::axis::Spacing;
use crate::explore::{Axis, Contender};
use crate::pool_tree::closed_form::ClosedForm;
use crate::scenario::Scenario;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;

/// Points from end to end.
const POINTS: u32 = 120;

/// The share of all orders that every height of a contender fills, from the lowest at the bottom to the highest, against a key of the
/// scenario; above them what expires.
///
/// # Errors
/// As [`Scenario::leave_open`], reading the scenario at any point, and [`ClosedForm::evaluate`].
pub fn shares(scenario: &Scenario, axis: &Axis, contender: &Contender) -> Result<Figure> {
    let open = scenario.leave_open(&[axis.key()])?;
    let points = axis.points(POINTS, open.is_whole(0));
    let mut heights: Vec<u32> = Vec::new();
    let mut rows: Vec<(f64, Vec<(u32, f64)>)> = Vec::new();
    for x in points {
        let scenario = open.at(&[x]).map_err(|e| e.at(&[axis.key()], &[x]))?;
        let welfare = ClosedForm::evaluate(&scenario, &contender.on(scenario.tree())?)?;
        let own: Vec<(u32, f64)> = welfare.by_height.iter().map(|level| (level.height, level.filled_share)).collect();
        heights.extend(own.iter().map(|(height, _)| height));
        rows.push((x, own));
    }
    heights.sort_unstable();
    heights.dedup();
    let caption = format!("Share of all orders that every height of {contender} fills against {}", axis.key());
    Figure::draw(caption, (860, 520), |canvas| {
        let [lo, hi] = axis.range();
        let stack = Stack { rows: &rows, heights: &heights, key: axis.key() };
        match axis.spacing() {
            Spacing::Linear => stack.draw(canvas, lo..hi),
            Spacing::Logarithmic => stack.draw(canvas, (lo..hi).log_scale()),
        }
    })
}

struct Stack<'a> {
    rows: &'a [(f64, Vec<(u32, f64)>)],
    heights: &'a [u32],
    key: &'a str,
}

impl Stack<'_> {
    fn draw<X>(&self, canvas: &super::figure::Canvas, x: X) -> std::result::Result<(), Box<dyn std::error::Error>>
    where
        X: AsRangedCoord<Value = f64>,
        X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let mut chart = ChartBuilder::on(canvas)
            .margin(px(15))
            .x_label_area_size(px(45))
            .y_label_area_size(px(70))
            .build_cartesian_2d(x, 0.0..1.0)?;
        let up_to = |row: &[(u32, f64)], height: u32| -> f64 {
            row.iter().filter(|(own, _)| *own <= height).map(|(_, share)| share).sum::<f64>().min(1.0)
        };
        // From the highest down, each over the last.
        let steps = self.heights.len().max(2) - 1;
        for (i, &height) in self.heights.iter().enumerate().rev() {
            let colour = shade(1.0 - 0.85 * i as f64 / steps as f64);
            let top = self.rows.iter().map(|(x, row)| (*x, up_to(row, height)));
            chart
                .draw_series(AreaSeries::new(top, 0.0, colour.filled()).border_style(WHITE))?
                .label(format!("height {height}"))
                .legend(move |(x, y)| Rectangle::new([(x, y - at(6)), (x + at(18), y + at(6))], colour.filled()));
        }
        chart
            .configure_mesh()
            .set_all_tick_mark_size(px(4))
            .bold_line_style(FAINT.mix(0.6).stroke_width(px(1)))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY.stroke_width(px(1)))
            .x_labels(14)
            .x_label_formatter(&|x| label(*x))
            .y_label_formatter(&|y| format!("{} %", label(100.0 * y)))
            .x_desc(self.key)
            .y_desc("share of all orders filled")
            .label_style(letters(14, &PALETTE[0]))
            .draw()?;
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
