//! Shares filled at every height against one key, stacked.

use super::Figure;
use super::axes::Scale;
use super::frame::{Along, Frame, Key};
use super::style::{GREY, Paint, Stroke, WHITE, shade};
use super::welfare::{along, at};
use crate::error::Result;
use crate::explore::axis::Spacing;
use crate::explore::scan::points;
use crate::explore::{Axis, Contender};
use crate::pool_tree::closed_form::ClosedForm;
use crate::scenario::Scenario;

/// Points from end to end.
const POINTS: u32 = 120;

/// The most heights that the legend names one by one.
const NAMED: usize = 16;

/// The share of all orders that every height of a contender fills, from the lowest at the bottom to the highest, against a key of the
/// scenario; above them what expires.
///
/// # Errors
/// As [`Scenario::leave_open`], reading the scenario at any point, and [`ClosedForm::evaluate`];
/// [`crate::Error::Domain`] for a range without a whole number where one is needed.
pub fn shares(scenario: &Scenario, axis: &Axis, contender: &Contender) -> Result<Figure> {
    let open = scenario.leave_open(&[axis.key()])?;
    let whole = open.is_whole(0);
    let mut heights: Vec<u32> = Vec::new();
    let mut rows: Vec<(f64, Vec<(u32, f64)>)> = Vec::new();
    for x in points(axis, POINTS, whole)? {
        let scenario = at(&open, axis, x)?;
        let welfare = ClosedForm::evaluate(&scenario, &contender.on(scenario.tree())?)?;
        let own: Vec<(u32, f64)> = welfare.by_height.iter().map(|level| (level.height, level.filled_share)).collect();
        heights.extend(own.iter().map(|(height, _)| height));
        rows.push((x, own));
    }
    heights.sort_unstable();
    heights.dedup();
    if let [(_, row)] = &rows[..] {
        // One point stands for the whole axis.
        let row = row.clone();
        rows = axis.range().map(|x| (x, row.clone())).to_vec();
    }
    let caption = format!("Share of all orders that every height of {contender} fills against {}", axis.key());
    let colour = |i: usize| shade(1.0 - 0.9 * i as f64 / (heights.len().max(2) - 1) as f64);
    let mut legend = vec![(Key::Rim(GREY), "expires".to_owned())];
    let every = heights.len().div_ceil(NAMED);
    let named = heights.iter().enumerate().rev().step_by(every);
    legend.extend(named.map(|(i, height)| (Key::Area(Paint::Plain(colour(i))), format!("height {height}"))));
    let y = Scale::new([0.0, 100.0], Spacing::Linear);
    let up = Along { scale: y, title: "share of all orders filled (%)".to_owned() };
    let frame = Frame::new(&along(axis, whole), &up, legend);
    let up_to = |row: &[(u32, f64)], height: u32| -> f64 {
        100.0 * row.iter().filter(|(own, _)| *own <= height).map(|(_, share)| share).sum::<f64>().min(1.0)
    };
    Ok(Figure::draw(caption, frame.size(), |canvas| {
        frame.grid(canvas, [false, true]);
        canvas.part("areas");
        // From the highest down, each over the last, with a white line where neighbours are few enough.
        for (i, &height) in heights.iter().enumerate().rev() {
            let top: Vec<_> = rows.iter().map(|(x, row)| frame.at(*x, up_to(row, height))).collect();
            let mut area = top.clone();
            area.extend(rows.iter().rev().map(|(x, _)| frame.at(*x, 0.0)));
            canvas.polygon(&area, colour(i));
            if heights.len() <= NAMED {
                canvas.line(&top, Stroke::new(WHITE, 1.0));
            }
        }
        frame.finish(canvas);
    }))
}
