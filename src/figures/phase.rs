//! Phase diagrams: who wins at every pair of values.

use super::Figure;
use super::axes::Scale;
use super::frame::{Along, Frame, Key};
use super::letters::label;
use super::quantity::title;
use super::style::{CLASSES, Paint};
use crate::error::{Error, Result};
use crate::explore::axis::Spacing;
use crate::explore::phase::Phase;
use crate::explore::verdict::Among;
use std::collections::BTreeMap;

/// The winner of every cell by colour, the names by how often they win; the axes as they are spaced. Seven colours stand for the
/// most frequent, the same hatched for the next seven, and the rest share one.
///
/// # Errors
/// [`crate::Error::Domain`] for a diagram without cells.
pub fn phase(phase: &Phase, spacings: [Spacing; 2]) -> Result<Figure> {
    let mut wins: BTreeMap<String, usize> = BTreeMap::new();
    let name = |row: usize, column: usize| {
        let (winner, heights) = (&phase.winner[row][column], &phase.heights[row][column]);
        if winner == "other" { heights.to_string() } else { format!("{winner} {heights}") }
    };
    let cells = || (0..phase.y.len()).flat_map(|row| (0..phase.x.len()).map(move |column| (row, column)));
    cells().for_each(|(row, column)| *wins.entry(name(row, column)).or_default() += 1);
    if wins.is_empty() {
        return Err(Error::domain("phase", "(no cells)", "at least one point on either axis"));
    }
    let all = (phase.x.len() * phase.y.len()) as f64;
    let mut names: Vec<(String, usize)> = wins.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let class: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, (name, _))| (name.as_str(), i)).collect();
    let paint =
        |row: usize, column: usize| Paint::of(class.get(name(row, column).as_str()).copied().unwrap_or(CLASSES));
    let share = |count: usize| label(100.0 * count as f64 / all);
    let (best, caption) = match &phase.among {
        Among::All => ("best set of heights, share of the diagram", "The best set of heights".to_owned()),
        Among::These(contenders) => {
            let names: Vec<String> = contenders.iter().map(ToString::to_string).collect();
            ("best of these, share of the diagram", format!("The best of {}", names.join(", ")))
        }
    };
    let mut legend = vec![(Key::Nothing, best.to_owned())];
    // One name too many is named, too.
    let named = if names.len() == CLASSES + 1 { CLASSES + 1 } else { CLASSES };
    legend.extend(
        names
            .iter()
            .take(named)
            .enumerate()
            .map(|(i, (name, count))| (Key::Area(Paint::of(i)), format!("{name}: {} %", share(*count)))),
    );
    if let Some(rest) = names.get(named..).filter(|rest| !rest.is_empty()) {
        let count = rest.iter().map(|(_, count)| count).sum();
        legend.push((Key::Area(Paint::of(CLASSES)), format!("{} other sets: {} %", rest.len(), share(count))));
    }
    let caption = format!("{caption} over {} and {}", phase.x_key, phase.y_key);
    let (x, y) = (edges(&phase.x, spacings[0]), edges(&phase.y, spacings[1]));
    let axis = |key: &str, points: &[f64], edges: &[f64], spacing: Spacing| {
        let (first, last) = (points[0], points[points.len() - 1]);
        let whole = points.iter().all(|x| x.fract() == 0.0) && last - first <= points.len() as f64;
        let scale = Scale::new([edges[0], edges[edges.len() - 1]], spacing).whole(whole);
        Along { scale: if whole { scale } else { scale.with_ends(first, last) }, title: title(key) }
    };
    let across = axis(&phase.x_key, &phase.x, &x, spacings[0]);
    let frame = Frame::new(&across, &axis(&phase.y_key, &phase.y, &y, spacings[1]), legend);
    Ok(Figure::draw(caption, frame.size(), |canvas| {
        canvas.part("cells");
        for row in 0..phase.y.len() {
            // Neighbours of one look are one rectangle.
            let paints: Vec<Paint> = (0..phase.x.len()).map(|column| paint(row, column)).collect();
            let mut from = 0;
            for run in paints.chunk_by(|a, b| a == b) {
                let to = from + run.len();
                canvas.rectangle(frame.at(x[from], y[row]), frame.at(x[to], y[row + 1]), run[0], None);
                from = to;
            }
        }
        frame.finish(canvas);
    }))
}

/// Where the cells around some points end: half-way to the next, on the axis as it is spaced.
fn edges(points: &[f64], spacing: Spacing) -> Vec<f64> {
    let middle = |a: f64, b: f64| match spacing {
        Spacing::Linear => 0.5 * a + 0.5 * b,
        Spacing::Logarithmic => a.sqrt() * b.sqrt(),
    };
    let mirrored = |at: f64, edge: f64| match spacing {
        Spacing::Linear => 2.0 * at - edge,
        Spacing::Logarithmic => at * (at / edge),
    };
    let inner: Vec<f64> = points.windows(2).map(|pair| middle(pair[0], pair[1])).collect();
    match (points, inner.as_slice()) {
        ([first, .., last], [low, ..]) => {
            let high = inner[inner.len() - 1];
            let mut edges = vec![mirrored(*first, *low)];
            edges.extend(&inner);
            edges.push(mirrored(*last, high));
            edges
        }
        ([only], _) if spacing == Spacing::Logarithmic => vec![only / 1.1, only * 1.1],
        _ => points.iter().flat_map(|x| [x - 0.5, x + 0.5]).collect(),
    }
}
