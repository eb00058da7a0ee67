//! In which order the levels of the tree lose their raison d'être as one key grows.

use super::{Axis, scan, threshold};
use crate::error::{Error, Result};
use crate::kernels::roots::Valued;
use crate::pool_tree::Architecture;
use crate::pool_tree::search::{Search, TIE};
use crate::progress::Progress;
use crate::scenario::Scenario;
use serde::Serialize;

/// Where along one key the value of a height of the full tree comes to 0, or rises above it again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelThresholds {
    /// The dotted key that varies.
    pub key: String,
    /// From where to where.
    pub range: [f64; 2],
    /// Heights with a raison d'être at the lower end of the range.
    pub alive_at_first: Vec<u32>,
    /// Heights with a raison d'être at the upper end.
    pub alive_at_last: Vec<u32>,
    /// Every loss and return, by rising value of the key.
    pub changes: Vec<LevelChange>,
    /// Points at which the range was scanned.
    pub scanned: usize,
}

/// A height loses its raison d'être, or has it again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelChange {
    /// The height.
    pub height: u32,
    /// The value of the key.
    pub at: f64,
    /// The last value before and the first after the change.
    pub bracket: [f64; 2],
    /// How far off `at` may be.
    pub accuracy: f64,
    /// Whether it is lost (else it is back).
    pub lost: bool,
    /// Why the height is worth nothing on the side where it is.
    pub reason: String,
}

impl LevelThresholds {
    /// Scans the range of `axis` for changes in the value of every height from 1 to the depth.
    ///
    /// A height is worth nothing if some best set of heights does without it (value `≤ 0`, to the tolerance of the search).
    ///
    /// # Errors
    /// As [`Scenario::leave_open`], reading the scenario at any point, and [`Search::new`]; [`Error::Domain`] for the key
    /// `tree.depth`, which changes the heights themselves.
    ///
    /// ```
    /// use pooltree::Scenario;
    /// use pooltree::explore::levels::LevelThresholds;
    /// let axis = "cost.per_message=0..1".parse()?;
    /// let levels = LevelThresholds::find(&Scenario::document(), &axis, &|_, _| ())?;
    /// assert_eq!(levels.alive_at_first, [1, 2, 3]);
    /// let dying: Vec<u32> = levels.changes.iter().map(|change| change.height).collect();
    /// assert_eq!(dying[0], 3); // the root fills least
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn find(scenario: &Scenario, axis: &Axis, watch: Progress) -> Result<Self> {
        if axis.key() == "tree.depth" {
            return Err(Error::domain(axis.key(), "(varied)", "fixed: the heights would change with it"));
        }
        let open = scenario.leave_open(&[axis.key()])?;
        let whole = open.is_whole(0);
        let search = |x: f64| Search::new(&*open.at(&[x])?);
        let worth = |x: f64| search(x)?.raison_d_etre();
        let points = threshold::checked(axis.points(threshold::SCANNED, whole), axis)?;
        let values = scan::map(&points, watch, |x| worth(x).map_err(|e| e.at(&[axis.key()], &[x])))?;
        let heights = Architecture::full(scenario.tree());
        let mut changes = Vec::new();
        let (mut alive_at_first, mut alive_at_last) = (Vec::new(), Vec::new());
        for (i, &height) in heights.heights().iter().enumerate() {
            let signs: Vec<Valued> = values.iter().map(|values| alive_or_not(values[i].value)).collect();
            alive_at_first.extend(signs.first().filter(|value| value.sign() > 0).map(|_| height));
            alive_at_last.extend(signs.last().filter(|value| value.sign() > 0).map(|_| height));
            for root in scan::crossings(|x| Ok(alive_or_not(worth(x)?[i].value)), &points, &signs, whole)? {
                // Values below the tolerance of the search count as 0: so far off may the change be.
                let nearest = |alive: bool| {
                    let side = values.iter().zip(&points).filter(|(_, x)| (**x > root.at) == (alive == root.rising));
                    let (values, x) = side.min_by(|a, b| (a.1 - root.at).abs().total_cmp(&(b.1 - root.at).abs()))?;
                    ((values[i].value > 0.0) == alive).then_some((&values[i], (x - root.at).abs()))
                };
                let size = search(root.at)?.best()?.net.abs();
                let blur = nearest(true).map_or(0.0, |(level, step)| TIE * size * step / level.value);
                // At the change itself another set does as well; beyond it the reason shows.
                let reason = match nearest(false) {
                    Some((level, _)) => level.explain(),
                    None => worth(root.bracket[usize::from(!root.rising)])?[i].explain(),
                };
                changes.push(LevelChange {
                    height,
                    at: root.at,
                    bracket: root.bracket,
                    accuracy: if whole { 0.0 } else { root.accuracy + blur },
                    lost: !root.rising,
                    reason,
                });
            }
        }
        changes.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.height.cmp(&b.height)));
        let (key, range, scanned) = (axis.key().to_owned(), axis.range(), points.len());
        Ok(Self { key, range, alive_at_first, alive_at_last, changes, scanned })
    }
}

/// A value with no tie: what is not above 0 is below.
fn alive_or_not(value: f64) -> Valued {
    Valued::exact(if value > 0.0 { value } else { value.min(-f64::MIN_POSITIVE) })
}
