//! The picture of the document: operators on a circle, and the tree of their pools.

use super::Figure;
use super::figure::Canvas;
use super::style::{FAINT, GREY, PALETTE, STEPS, at, label, letters, px, shade};
use crate::error::{self, Result};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Model, Pools};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::f64::consts::TAU;

/// The most operators that can be told apart.
const MOST_OPERATORS: u64 = 729;

const SIZE: (u32, u32) = (860, 640);

/// The operators of a model on their circle, the tree of pools above them with the root in the middle, and what every active height
/// fills: the darker, the greater the share of all orders.
///
/// Heights without auctions are hollow. Operators whose pools are given stand in tree order.
///
/// # Errors
/// [`error::Error::Domain`] for more than 729 operators; as [`ClosedForm::evaluate`].
pub fn circle(model: &Model, architecture: &Architecture) -> Result<Figure> {
    let tree = model.tree();
    let Some(operators) = tree.operators().filter(|&n| n <= MOST_OPERATORS) else {
        let n = label(tree.size_f64(tree.depth()));
        return Err(error::Error::domain(
            "tree",
            format!("({n} operators)"),
            format!("at most {MOST_OPERATORS} to be drawn"),
        ));
    };
    let welfare = ClosedForm::evaluate(model, architecture)?;
    let pools = Pools::regular(tree)?;
    let share = |height: u32| welfare.by_height.iter().find(|own| own.height == height).map(|own| own.filled_share);
    let most = welfare.by_height.iter().map(|own| own.filled_share).fold(f64::MIN_POSITIVE, f64::max);
    let caption = format!(
        "{operators} operators on a circle and the pools above them; auctions at heights {architecture} fill {} % of all orders",
        label(100.0 * welfare.filled_share)
    );
    Figure::draw(caption, SIZE, |canvas| {
        let (picture, legend_area) = canvas.split_horizontally(px(640));
        let mut chart = ChartBuilder::on(&picture).margin(px(10)).build_cartesian_2d(-1.12..1.12, -1.12..1.12)?;
        chart.draw_series(std::iter::once(outline(1.0)))?;
        let depth = tree.depth();
        let place = |height: u32, pool: usize| {
            let range = pools.range(height, pool);
            let middle = (range.start + range.end) as f64 / 2.0 / operators as f64;
            let radius = if depth == 0 { 1.0 } else { 1.0 - f64::from(height) / f64::from(depth) };
            // From the top, clockwise.
            (radius * (TAU * middle).sin(), radius * (TAU * middle).cos())
        };
        for height in (1..=depth).rev() {
            for pool in 0..pools.count(height) {
                let parent = place(height, pool);
                for child in pools.children(height, pool) {
                    let both = vec![parent, place(height - 1, child)];
                    chart.draw_series(std::iter::once(PathElement::new(both, FAINT.stroke_width(px(1)))))?;
                }
            }
        }
        for height in 0..=depth {
            let radius = dot(height, depth, pools.count(height));
            for pool in 0..pools.count(height) {
                let spot = place(height, pool);
                match share(height) {
                    Some(share) => {
                        let fill = shade(share / most).filled();
                        chart.draw_series(std::iter::once(Circle::new(spot, radius, fill)))?;
                        chart.draw_series(std::iter::once(Circle::new(
                            spot,
                            radius,
                            PALETTE[0].stroke_width(px(1)),
                        )))?;
                    }
                    None if height == 0 => {
                        chart.draw_series(std::iter::once(Circle::new(spot, radius, PALETTE[3].filled())))?;
                    }
                    None => {
                        chart.draw_series(std::iter::once(Circle::new(spot, radius, WHITE.filled())))?;
                        chart.draw_series(std::iter::once(Circle::new(spot, radius, GREY.stroke_width(px(1)))))?;
                    }
                }
            }
        }
        legend(&legend_area, &welfare, depth, most)
    })
}

/// What every height fills, from the root down.
fn legend(area: &Canvas, welfare: &ClosedForm, depth: u32, most: f64) -> std::result::Result<(), Box<dyn Error>> {
    let left = |size: u32, colour| letters(size, colour).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw(&Text::new("share of all orders filled", (0, at(40)), left(15, &PALETTE[0])))?;
    let mut y = at(70);
    let entry = |y: i32, fill: ShapeStyle, rim: ShapeStyle, text: String, colour: &'static RGBColor| {
        area.draw(&Circle::new((at(10), y), at(7), fill))?;
        area.draw(&Circle::new((at(10), y), at(7), rim))?;
        area.draw(&Text::new(text, (at(26), y), left(14, colour)))
    };
    for height in (0..=depth).rev() {
        if let Some(level) = welfare.by_height.iter().find(|own| own.height == height) {
            let text = format!("height {height}: {} %", label(100.0 * level.filled_share));
            let fill = shade(level.filled_share / most).filled();
            entry(y, fill, PALETTE[0].stroke_width(px(1)), text, &PALETTE[0])?;
        } else if height == 0 {
            entry(y, PALETTE[3].filled(), PALETTE[3].stroke_width(px(1)), "operators".to_owned(), &GREY)?;
        } else {
            entry(y, WHITE.filled(), GREY.stroke_width(px(1)), format!("height {height}: no auctions"), &GREY)?;
        }
        y += at(24);
    }
    let all = format!("all: {} %", label(100.0 * welfare.filled_share));
    area.draw(&Text::new(all, (at(26), y), left(14, &PALETTE[0])))?;
    Ok(())
}

/// Pixels of a pool's dot: larger towards the root, small enough for its neighbours.
fn dot(height: u32, depth: u32, count: usize) -> i32 {
    let radius = if depth == 0 { 1.0 } else { 1.0 - f64::from(height) / f64::from(depth) };
    let room = 0.4 * TAU * radius * 275.0 / count as f64;
    let wanted = 8.0 + 2.0 * f64::from(height);
    ((if radius > 0.0 { wanted.min(room) } else { wanted }).max(1.5) * f64::from(STEPS)) as i32
}

/// The circle of the operators.
fn outline(radius: f64) -> PathElement<(f64, f64)> {
    let points = (0..=360).map(|i| TAU * f64::from(i) / 360.0).map(|a| (radius * a.sin(), radius * a.cos()));
    PathElement::new(points.collect::<Vec<_>>(), PALETTE[0].stroke_width(px(1)))
}
