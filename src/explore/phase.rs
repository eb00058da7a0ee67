//! The winner over two keys.

use super::verdict::{Among, Verdict};
use super::{Axis, Watch, scan, threshold};
use crate::error::{Error, Result};
use crate::pool_tree::Architecture;
use crate::scenario::Scenario;
use serde::Serialize;

/// Points of either axis if it does not say how many.
pub const POINTS: u32 = 40;

/// The most cells of a diagram.
pub const MOST_CELLS: usize = 4_000_000;

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
}

impl Phase {
    /// Evaluates the scenario at every pair of points of two axes, in parallel.
    ///
    /// # Errors
    /// As [`Scenario::leave_open`], reading the scenario at any pair, and [`Verdict::of`]; [`Error::Domain`] for more than
    /// [`MOST_CELLS`] pairs.
    pub fn run(scenario: &Scenario, x: &Axis, y: &Axis, among: &Among, watch: Watch) -> Result<Self> {
        let open = scenario.leave_open(&[x.key(), y.key()])?;
        let xs = threshold::checked(x.points(POINTS, open.is_whole(0)), x)?;
        let ys = threshold::checked(y.points(POINTS, open.is_whole(1)), y)?;
        if xs.len().saturating_mul(ys.len()) > MOST_CELLS {
            let cells = format!("{} × {} points", xs.len(), ys.len());
            return Err(Error::domain("--x, --y", cells, format!("at most {MOST_CELLS} pairs")));
        }
        let pairs: Vec<[f64; 2]> = ys.iter().flat_map(|&y| xs.iter().map(move |&x| [x, y])).collect();
        let verdict = |pair: [f64; 2]| Verdict::of(&*open.at(&pair)?, among);
        let verdicts = scan::map(&pairs, watch, |pair| verdict(pair).map_err(|e| e.at(&[x.key(), y.key()], &pair)))?;
        let (mut winner, mut heights, mut net, mut margin) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut verdicts = verdicts.into_iter();
        for _ in &ys {
            let row: Vec<Verdict> = verdicts.by_ref().take(xs.len()).collect();
            net.push(row.iter().map(|verdict| verdict.net).collect());
            margin.push(row.iter().map(|verdict| verdict.margin).collect());
            let (names, sets) = row.into_iter().map(|verdict| (verdict.winner, verdict.architecture)).unzip();
            winner.push(names);
            heights.push(sets);
        }
        let (x_key, y_key) = (x.key().to_owned(), y.key().to_owned());
        Ok(Self { x_key, y_key, x: xs, y: ys, winner, heights, net, margin })
    }
}
