//! The picture of the document: operators on a circle, and the tree of their pools.

use super::Figure;
use super::canvas::{Anchor, Canvas, Point};
use super::letters::{SIZE, label, width};
use super::style::{BLACK, Colour, FAINT, GREEN, GREY, Stroke, WHITE, shade};
use crate::error::{self, Result};
use crate::kernels::elementary::sin_cos;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Model, Pools};
use std::f64::consts::TAU;

/// The most operators that can be told apart.
const MOST_OPERATORS: u64 = 729;

/// Pixels from the centre to the operators, and to the edge of the picture.
const RADIUS: f64 = 280.0;
const CENTRE: f64 = 310.0;

/// Pixels from one line of the legend to the next.
const LINE: f64 = 24.0;

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
    let depth = tree.depth();
    let most = welfare.by_height.iter().map(|own| own.filled_share).fold(f64::MIN_POSITIVE, f64::max);
    let some = if operators == 1 { "1 operator".to_owned() } else { format!("{operators} operators") };
    let caption = format!(
        "{some} on a circle and the pools above them; auctions at heights {architecture} fill {} % of all orders",
        label(100.0 * welfare.filled_share)
    );
    // Turns from the top, clockwise.
    let turn = |height: u32, pool: usize| {
        let range = pools.range(height, pool);
        (range.start + range.end) as f64 / 2.0 / operators as f64
    };
    let out = |height: u32| if depth == 0 { 1.0 } else { 1.0 - f64::from(height) / f64::from(depth) };
    let place = |height: u32, pool: usize| -> Point {
        let (sine, cosine) = sin_cos(TAU * turn(height, pool));
        (CENTRE + RADIUS * out(height) * sine, CENTRE - RADIUS * out(height) * cosine)
    };
    let looks = |height: u32| match welfare.by_height.iter().find(|own| own.height == height) {
        Some(own) => Look { fill: shade(own.filled_share / most), rim: BLACK },
        None if height == 0 => Look { fill: GREEN, rim: GREEN },
        None => Look { fill: WHITE, rim: GREY },
    };
    let entries = entries(&welfare, depth);
    const TITLE: &str = "share of all orders filled (darker: more)";
    let widest = entries.iter().map(|(_, text)| 26.0 + width(text, SIZE)).fold(width(TITLE, SIZE), f64::max);
    let legend = 2.0 * CENTRE + 20.0;
    let size = [legend + widest + 14.0, (2.0 * CENTRE).max(70.0 + LINE * entries.len() as f64)];
    Ok(Figure::draw(caption, size, |canvas| {
        canvas.part("edges");
        canvas.line(&outline(), Stroke::new(BLACK, 1.0));
        for height in (1..=depth).rev() {
            for pool in 0..pools.count(height) {
                for child in pools.children(height, pool) {
                    canvas.segment(place(height, pool), place(height - 1, child), Stroke::new(FAINT, 1.0));
                }
            }
        }
        for height in 0..=depth {
            canvas.part("pools");
            let turns: Vec<f64> = (0..pools.count(height)).map(|pool| turn(height, pool)).collect();
            let radius = dot(height, depth, RADIUS * out(height), &turns);
            for pool in 0..pools.count(height) {
                looks(height).draw(canvas, place(height, pool), radius);
            }
        }
        canvas.part("legend");
        canvas.text(TITLE, (legend, 30.0), Anchor::Start, SIZE, BLACK);
        for (i, (height, text)) in entries.iter().enumerate() {
            let y = 60.0 + LINE * i as f64;
            let active = height.is_none_or(|height| architecture.heights().contains(&height));
            if let Some(height) = *height {
                looks(height).draw(canvas, (legend + 9.0, y), 7.0);
            }
            canvas.text(text, (legend + 26.0, y), Anchor::Start, SIZE, if active { BLACK } else { GREY });
        }
    }))
}

/// How the pools of a height look.
struct Look {
    fill: Colour,
    rim: Colour,
}

impl Look {
    fn draw(&self, canvas: &mut Canvas, at: Point, radius: f64) {
        canvas.circle(at, radius, self.fill, Some(Stroke::new(self.rim, 1.0)));
    }
}

/// What every height fills, from the root down, and all of them.
fn entries(welfare: &ClosedForm, depth: u32) -> Vec<(Option<u32>, String)> {
    let mut entries = Vec::new();
    for height in (0..=depth).rev() {
        let text = match welfare.by_height.iter().find(|own| own.height == height) {
            Some(level) => format!("height {height}: {} %", label(100.0 * level.filled_share)),
            None if height == 0 => "operators".to_owned(),
            None => format!("height {height}: no auctions"),
        };
        entries.push((Some(height), text));
    }
    entries.push((None, format!("all: {} %", label(100.0 * welfare.filled_share))));
    entries
}

/// Pixels of the dots of a height on a ring of a radius: larger towards the root, small enough for neighbours on the ring and on the
/// next ones.
fn dot(height: u32, depth: u32, ring: f64, turns: &[f64]) -> f64 {
    let wanted = 8.0 + 2.0 * f64::from(height);
    let next = turns.iter().cycle().skip(1);
    let closest = turns.iter().zip(next).map(|(a, b)| (b - a).rem_euclid(1.0)).filter(|turn| *turn > 0.0);
    let along = closest.fold(1.0, f64::min) * TAU * ring;
    let across = RADIUS / f64::from(depth.max(1));
    let room = if ring > 0.0 && turns.len() > 1 { along.min(across) } else { across };
    wanted.min(0.42 * room).max(0.8)
}

/// The circle of the operators.
fn outline() -> Vec<Point> {
    let turns = (0..=360).map(|i| sin_cos(TAU * f64::from(i) / 360.0));
    turns.map(|(sine, cosine)| (CENTRE + RADIUS * sine, CENTRE - RADIUS * cosine)).collect()
}
