//! The picture of the document: operators on a circle, and the tree of their pools.

use super::Figure;
use super::canvas::{Anchor, Canvas, Point};
use super::letters::{SIZE, label, width};
use super::style::{BLACK, Colour, FAINT, GREEN, GREY, Stroke, WHITE, shade};
use crate::error::Result;
use crate::kernels::elementary::sin_cos;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Model, PoolTree, Pools};
use std::f64::consts::TAU;
use std::ops::Range;

/// The most pools of a height that can be told apart.
const MOST_POOLS: u64 = 729;

/// The most heights that the legend lists.
const MOST_LISTED: usize = 16;

/// Pixels from the centre to the operators, and to the edge of the picture.
const RADIUS: f64 = 280.0;
const CENTRE: f64 = 310.0;

/// Pixels from one line of the legend to the next.
const LINE: f64 = 24.0;

/// The operators of a model on their circle, the tree of pools above them with the root in the middle, and what every active height
/// fills: the darker, the greater the share of all orders.
///
/// Heights without auctions are hollow. Operators whose pools are given stand in tree order. Where more than 729 operators, or pools
/// of the lowest heights, could not be told apart, the circle is that of the lowest height of which there are so few; legend and
/// caption say so.
///
/// # Errors
/// As [`ClosedForm::evaluate`].
pub fn circle(model: &Model, architecture: &Architecture) -> Result<Figure> {
    let tree = model.tree();
    let welfare = ClosedForm::evaluate(model, architecture)?;
    let rings = Rings::new(tree)?;
    let (lowest, depth) = (rings.lowest, tree.depth());
    let most = welfare.by_height.iter().map(|own| own.filled_share).fold(f64::MIN_POSITIVE, f64::max);
    let some = match tree.operators() {
        Some(1) => "1 operator".to_owned(),
        Some(operators) if operators <= MOST_POOLS => format!("{operators} operators"),
        _ => format!("{} operators", label(tree.size_f64(depth))),
    };
    let left_out = match lowest {
        0 => String::new(),
        1 => ", but for those of the lowest height".to_owned(),
        n => format!(", but for those of the lowest {n} heights"),
    };
    let caption = format!(
        "{some} on a circle and the pools above them{left_out}; auctions at heights {architecture} fill {} % of all orders",
        label(100.0 * welfare.filled_share)
    );
    let looks = |height: u32| match welfare.by_height.iter().find(|own| own.height == height) {
        Some(own) => Look { fill: shade(own.filled_share / most), rim: BLACK },
        None if height == 0 => Look { fill: GREEN, rim: GREEN },
        None => Look { fill: WHITE, rim: GREY },
    };
    let lines = lines(&welfare, lowest, depth);
    const TITLE: &str = "share of all orders filled (darker: more)";
    let widest = lines.iter().map(|line| 26.0 + width(&line.text, SIZE)).fold(width(TITLE, SIZE), f64::max);
    let legend = 2.0 * CENTRE + 20.0;
    let size = [legend + widest + 14.0, (2.0 * CENTRE).max(70.0 + LINE * lines.len() as f64)];
    Ok(Figure::draw(caption, size, |canvas| {
        canvas.part("edges");
        canvas.line(&outline(), Stroke::new(BLACK, 1.0));
        for height in (lowest + 1..=depth).rev() {
            for pool in 0..rings.count(height) {
                for child in rings.children(height, pool) {
                    canvas.segment(rings.place(height, pool), rings.place(height - 1, child), Stroke::new(FAINT, 1.0));
                }
            }
        }
        for height in lowest..=depth {
            canvas.part("pools");
            let radius = rings.dot(height);
            for pool in 0..rings.count(height) {
                looks(height).draw(canvas, rings.place(height, pool), radius);
            }
        }
        canvas.part("legend");
        canvas.text(TITLE, (legend, 30.0), Anchor::Start, SIZE, BLACK);
        for (i, line) in lines.iter().enumerate() {
            let y = 60.0 + LINE * i as f64;
            if let Some(height) = line.drawn {
                looks(height).draw(canvas, (legend + 9.0, y), 7.0);
            }
            canvas.text(&line.text, (legend + 26.0, y), Anchor::Start, SIZE, if line.faint { GREY } else { BLACK });
        }
    }))
}

/// The heights that are drawn, from the root in the middle to the circle.
struct Rings {
    pools: Pools,
    /// Height of the pools on the circle.
    lowest: u32,
    depth: u32,
    /// Height of the leaves of `pools`: of a complete tree the top is a complete tree by itself.
    cut: u32,
}

impl Rings {
    fn new(tree: &PoolTree) -> Result<Self> {
        let depth = tree.depth();
        let few = |height: &u32| tree.pools(*height).is_some_and(|pools| pools <= MOST_POOLS);
        let lowest = (0..depth).find(few).unwrap_or(depth);
        let (pools, cut) = if tree.given_pools().is_some() {
            (Pools::regular(tree)?, 0)
        } else {
            (Pools::regular(&PoolTree::new(tree.arity(), depth - lowest)?)?, lowest)
        };
        Ok(Self { pools, lowest, depth, cut })
    }

    fn count(&self, height: u32) -> usize {
        self.pools.count(height - self.cut)
    }

    fn children(&self, height: u32, pool: usize) -> Range<usize> {
        self.pools.children(height - self.cut, pool)
    }

    /// Turns from the top, clockwise.
    fn turn(&self, height: u32, pool: usize) -> f64 {
        let range = self.pools.range(height - self.cut, pool);
        (range.start + range.end) as f64 / 2.0 / self.pools.operators() as f64
    }

    /// Distance from the centre, 1 on the circle.
    fn out(&self, height: u32) -> f64 {
        match self.depth - self.lowest {
            0 if self.depth == 0 => 1.0, // the only operator
            0 => 0.0,
            rings => 1.0 - f64::from(height - self.lowest) / f64::from(rings),
        }
    }

    fn place(&self, height: u32, pool: usize) -> Point {
        let (sine, cosine) = sin_cos(TAU * self.turn(height, pool));
        let radius = RADIUS * self.out(height);
        (CENTRE + radius * sine, CENTRE - radius * cosine)
    }

    /// Pixels of the dots of a height: larger towards the root, small enough for neighbours on the ring and on the next ones.
    fn dot(&self, height: u32) -> f64 {
        let wanted = 8.0 + 2.0 * f64::from(height - self.lowest);
        let ring = RADIUS * self.out(height);
        let turns: Vec<f64> = (0..self.count(height)).map(|pool| self.turn(height, pool)).collect();
        let next = turns.iter().cycle().skip(1);
        let closest = turns.iter().zip(next).map(|(a, b)| (b - a).rem_euclid(1.0)).filter(|turn| *turn > 0.0);
        let along = closest.fold(1.0, f64::min) * TAU * ring;
        let across = RADIUS / f64::from((self.depth - self.lowest).max(1));
        let room = if ring > 0.0 && turns.len() > 1 { along.min(across) } else { across };
        wanted.min(0.42 * room).max(0.8)
    }
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

/// A line of the legend.
struct Line {
    /// The height, if it is drawn.
    drawn: Option<u32>,
    text: String,
    faint: bool,
}

/// What every height fills, from the root down, and all of them; of many heights those with auctions, and of many of those some.
fn lines(welfare: &ClosedForm, lowest: u32, depth: u32) -> Vec<Line> {
    let of = |height: u32| welfare.by_height.iter().find(|own| own.height == height);
    let many = depth as usize >= MOST_LISTED;
    let heights: Vec<u32> = (0..=depth).rev().filter(|&height| !many || of(height).is_some()).collect();
    let every = heights.len().div_ceil(MOST_LISTED).max(1);
    let listed = heights.iter().step_by(every).copied();
    let note = |text: String| Line { drawn: None, text, faint: true };
    let mut lines = Vec::new();
    let mut below = false;
    for height in listed {
        if height < lowest && !below {
            lines.push(note("not drawn, too many pools:".to_owned()));
            below = true;
        }
        let text = match of(height) {
            Some(level) => format!("height {height}: {} %", label(100.0 * level.filled_share)),
            None if height == 0 => "operators".to_owned(),
            None => format!("height {height}: no auctions"),
        };
        lines.push(Line { drawn: (height >= lowest).then_some(height), text, faint: of(height).is_none() });
    }
    if lowest > 0 && !below {
        let heights = if lowest == 1 { "height 0".to_owned() } else { format!("heights 0 to {}", lowest - 1) };
        lines.push(note(format!("not drawn, too many pools: {heights}")));
    }
    if every > 1 {
        lines.push(note(format!("listed: one height in {every}")));
    } else if many && heights.len() <= depth as usize {
        lines.push(note("listed: heights with auctions".to_owned()));
    }
    let all = format!("all: {} %", label(100.0 * welfare.filled_share));
    lines.push(Line { drawn: None, text: all, faint: false });
    lines
}

/// The circle of the operators.
fn outline() -> Vec<Point> {
    let turns = (0..=360).map(|i| sin_cos(TAU * f64::from(i) / 360.0));
    turns.map(|(sine, cosine)| (CENTRE + RADIUS * sine, CENTRE - RADIUS * cosine)).collect()
}
