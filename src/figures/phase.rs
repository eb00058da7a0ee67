//! Phase diagrams: who wins at every pair of values.

use super::Figure;
use super::style::{GREY, PALETTE, at, label, letters, px};
use crate::error::Result;
use crate::explore::axis::Spacing;
use crate::explore::phase::Phase;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::collections::BTreeMap;

/// Names with a colour of their own; the rarer ones share the last.
const COLOURS: [RGBColor; 9] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(240, 228, 66),
    RGBColor(120, 120, 120),
    RGBColor(225, 225, 225),
];

/// The winner of every cell by colour, the names by how often they win; the axes as they are spaced.
///
/// # Errors
/// [`crate::Error::Domain`] for a diagram that cannot be drawn.
pub fn phase(phase: &Phase, spacings: [Spacing; 2]) -> Result<Figure> {
    let mut wins: BTreeMap<String, usize> = BTreeMap::new();
    let name = |row: usize, column: usize| {
        let (winner, heights) = (&phase.winner[row][column], &phase.heights[row][column]);
        if winner == "other" { heights.to_string() } else { format!("{winner} {heights}") }
    };
    let cells = || (0..phase.y.len()).flat_map(|row| (0..phase.x.len()).map(move |column| (row, column)));
    cells().for_each(|(row, column)| *wins.entry(name(row, column)).or_default() += 1);
    let mut names: Vec<(String, usize)> = wins.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let colour = |name: &str| {
        let at = names.iter().position(|(own, _)| own == name).unwrap_or(usize::MAX);
        COLOURS[at.min(COLOURS.len() - 1)]
    };
    let caption = format!("The best set of heights over {} and {}", phase.x_key, phase.y_key);
    Figure::draw(caption, (920, 560), |canvas| {
        let (map, legend) = canvas.split_horizontally(px(690));
        let (x, y) = (edges(&phase.x, spacings[0]), edges(&phase.y, spacings[1]));
        let colours: Vec<Vec<RGBColor>> = (0..phase.y.len())
            .map(|row| (0..phase.x.len()).map(|column| colour(&name(row, column))).collect())
            .collect();
        let cells = Cells { x: &x, y: &y, colours: &colours, keys: [&phase.x_key, &phase.y_key] };
        let ends = |edges: &[f64]| edges[0]..edges[edges.len() - 1];
        match spacings {
            [Spacing::Linear, Spacing::Linear] => cells.draw(&map, ends(&x), ends(&y))?,
            [Spacing::Logarithmic, Spacing::Linear] => cells.draw(&map, ends(&x).log_scale(), ends(&y))?,
            [Spacing::Linear, Spacing::Logarithmic] => cells.draw(&map, ends(&x), ends(&y).log_scale())?,
            [Spacing::Logarithmic, Spacing::Logarithmic] => {
                cells.draw(&map, ends(&x).log_scale(), ends(&y).log_scale())?;
            }
        }
        let left = letters(14, &PALETTE[0]).pos(Pos::new(HPos::Left, VPos::Center));
        legend.draw(&Text::new("best set of heights", (0, at(30)), left.clone()))?;
        let all = (phase.x.len() * phase.y.len()) as f64;
        for (i, (name, count)) in names.iter().take(18).enumerate() {
            let y = 56 + 24 * i as i32;
            legend.draw(&Rectangle::new([(0, at(y - 8)), (at(18), at(y + 8))], colour(name).filled()))?;
            let text = format!("{name}  {} %", label(100.0 * *count as f64 / all));
            legend.draw(&Text::new(text, (at(26), at(y)), left.clone()))?;
        }
        Ok(())
    })
}

struct Cells<'a> {
    x: &'a [f64],
    y: &'a [f64],
    colours: &'a [Vec<RGBColor>],
    keys: [&'a str; 2],
}

impl Cells<'_> {
    fn draw<X, Y>(
        &self,
        canvas: &super::figure::Canvas,
        x: X,
        y: Y,
    ) -> std::result::Result<(), Box<dyn std::error::Error>>
    where
        X: AsRangedCoord<Value = f64>,
        Y: AsRangedCoord<Value = f64>,
        X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let mut chart = ChartBuilder::on(canvas)
            .margin(px(15))
            .x_label_area_size(px(45))
            .y_label_area_size(px(75))
            .build_cartesian_2d(x, y)?;
        for (row, colours) in self.colours.iter().enumerate() {
            // Neighbours of one colour are one rectangle.
            let mut from = 0;
            for run in colours.chunk_by(|a, b| a == b) {
                let to = from + run.len();
                let corners = [(self.x[from], self.y[row]), (self.x[to], self.y[row + 1])];
                chart.draw_series(std::iter::once(Rectangle::new(corners, run[0].filled())))?;
                from = to;
            }
        }
        chart
            .configure_mesh()
            .set_all_tick_mark_size(px(4))
            .disable_mesh()
            .axis_style(GREY.stroke_width(px(1)))
            .x_labels(14)
            .x_label_formatter(&|x| label(*x))
            .y_label_formatter(&|y| label(*y))
            .x_desc(self.keys[0])
            .y_desc(self.keys[1])
            .label_style(letters(14, &PALETTE[0]))
            .draw()?;
        Ok(())
    }
}

/// Where the cells around some points end: half-way to the next, on the axis as it is spaced.
fn edges(points: &[f64], spacing: Spacing) -> Vec<f64> {
    let middle = |a: f64, b: f64| match spacing {
        Spacing::Linear => 0.5 * (a + b),
        Spacing::Logarithmic => (a * b).sqrt(),
    };
    let mirrored = |at: f64, edge: f64| match spacing {
        Spacing::Linear => 2.0 * at - edge,
        Spacing::Logarithmic => at * at / edge,
    };
    let inner: Vec<f64> = points.windows(2).map(|pair| middle(pair[0], pair[1])).collect();
    match (points, inner.as_slice()) {
        ([first, .., last], [low, .., high]) => {
            let mut edges = vec![mirrored(*first, *low)];
            edges.extend(&inner);
            edges.push(mirrored(*last, *high));
            edges
        }
        ([first, last], [inner]) => vec![mirrored(*first, *inner), *inner, mirrored(*last, *inner)],
        _ => points.iter().flat_map(|x| [x * 0.9, x * 1.1]).collect(),
    }
}
