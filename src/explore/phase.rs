//! The winner over two keys.

use super::verdict::{Among, Verdict};
use super::{Axis, Spacing, scan};
use crate::error::{Error, Result};
use crate::pool_tree::Architecture;
use crate::progress::Progress;
use crate::scenario::Scenario;
use serde::Serialize;

/// Points of either axis if it does not say how many.
pub const POINTS: u32 = 40;

/// The most cells of a diagram.
pub const MOST_CELLS: usize = 4_000_000;

/// Cells of one piece of work.
const RUN: usize = 50;

/// Which architecture wins at every pair of values of two keys. All tables are by rows of equal `y`, within a row by `x`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Phase {
    /// The dotted key along a row.
    pub x_key: String,
    /// The dotted key from row to row.
    pub y_key: String,
    /// Values along a row.
    pub x: Vec<f64>,
    /// Values from row to row.
    pub y: Vec<f64>,
    /// Name of the winner, as in [`Verdict::winner`].
    pub winner: Vec<Vec<String>>,
    /// Its heights.
    pub heights: Vec<Vec<Architecture>>,
    /// Its net welfare per unit time.
    pub net: Vec<Vec<f64>>,
    /// Its net welfare minus that of the best of another name; `None` if there is no other.
    pub margin: Vec<Vec<Option<f64>>>,
    /// How the values lie along a row and from row to row; no part of the JSON.
    #[serde(skip)]
    pub spacing: [Spacing; 2],
    /// Who competed; no part of the JSON.
    #[serde(skip)]
    pub among: Among,
}

impl Phase {
    /// Evaluates the scenario at every pair of points of two axes, in parallel.
    ///
    /// # Errors
    /// As [`Scenario::leave_open`], reading the scenario at any pair, and [`Verdict::of`]; [`Error::Domain`] for more than
    /// [`MOST_CELLS`] pairs.
    pub fn run(scenario: &Scenario, x: &Axis, y: &Axis, among: &Among, watch: Progress) -> Result<Self> {
        let open = scenario.leave_open(&[x.key(), y.key()])?;
        let xs = scan::points(x, POINTS, open.is_whole(0))?;
        let ys = scan::points(y, POINTS, open.is_whole(1))?;
        if xs.len().saturating_mul(ys.len()) > MOST_CELLS {
            let cells = format!("{} × {} points", xs.len(), ys.len());
            return Err(Error::domain(
                format!("{}, {}", x.key(), y.key()),
                cells,
                format!("at most {MOST_CELLS} pairs"),
            ));
        }
        // Along the key that leaves the fills alone neighbours share their search.
        let by_columns = ["tree.", "flow.", "timing.period."].iter().any(|section| x.key().starts_with(section));
        let (outer, inner) = if by_columns { (xs.len(), ys.len()) } else { (ys.len(), xs.len()) };
        let runs: Vec<(usize, std::ops::Range<usize>)> = (0..outer)
            .flat_map(|o| (0..inner).step_by(RUN).map(move |first| (o, first..inner.min(first + RUN))))
            .collect();
        let run = |(o, cells): (usize, std::ops::Range<usize>)| -> Result<Vec<Verdict>> {
            let mut last = None;
            let verdict = |i: usize| {
                let pair = if by_columns { [xs[o], ys[i]] } else { [xs[i], ys[o]] };
                let verdict = open.at(&pair).and_then(|scenario| Verdict::in_turn(&scenario, among, &mut last));
                verdict.map_err(|e| e.at(&[x.key(), y.key()], &pair))
            };
            cells.map(verdict).collect()
        };
        let mut verdicts: Vec<Option<Verdict>> = Vec::new();
        verdicts.resize_with(xs.len() * ys.len(), || None);
        for ((o, cells), found) in runs.clone().into_iter().zip(scan::map(&runs, watch, run)?) {
            for (i, verdict) in cells.zip(found) {
                let (column, row) = if by_columns { (o, i) } else { (i, o) };
                verdicts[row * xs.len() + column] = Some(verdict);
            }
        }
        let (mut winner, mut heights, mut net, mut margin) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut verdicts = verdicts.into_iter().flatten(); // every cell belongs to one run
        for _ in &ys {
            let row: Vec<Verdict> = verdicts.by_ref().take(xs.len()).collect();
            net.push(row.iter().map(|verdict| verdict.net).collect());
            margin.push(row.iter().map(|verdict| verdict.margin).collect());
            let (names, sets) = row.into_iter().map(|verdict| (verdict.winner, verdict.architecture)).unzip();
            winner.push(names);
            heights.push(sets);
        }
        let (x_key, y_key) = (x.key().to_owned(), y.key().to_owned());
        let spacing = [x.spacing(), y.spacing()];
        Ok(Self { x_key, y_key, x: xs, y: ys, winner, heights, net, margin, spacing, among: among.clone() })
    }
}
