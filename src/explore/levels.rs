//! In which order the levels of the tree lose their raison d'être as one key grows.

use super::{Axis, scan, threshold};
use crate::error::{Error, Result};
use crate::kernels::roots::{Root, Valued};
use crate::pool_tree::Architecture;
use crate::pool_tree::search::{HeightValue, HeightValues, Reason, Search, TIE};
use crate::progress::Progress;
use crate::scenario::{OpenScenario, Scenario};
use rayon::prelude::*;
use serde::Serialize;
use std::cell::RefCell;

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
    /// Heights too close to call at the lower end: another set does as well to rounding, though not exactly.
    pub undecided_at_first: Vec<u32>,
    /// Heights too close to call at the upper end.
    pub undecided_at_last: Vec<u32>,
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
    /// A height is worth nothing if some best set of heights does without it (value `≤ 0`). Values below the tolerance of the
    /// search decide neither way, unless the height fills nothing or cannot hold auctions: a change is one from above to
    /// below, not a fading away.
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
    pub fn find(scenario: &Scenario, axis: &Axis, progress: Progress) -> Result<Self> {
        if axis.key() == "tree.depth" {
            return Err(Error::domain(axis.key(), "(varied)", "fixed: the heights would change with it"));
        }
        let open = scenario.leave_open(&[axis.key()])?;
        let whole = open.is_whole(0);
        let points = scan::points(axis, threshold::SCANNED, whole)?;
        let values = scan::map(&points, progress, |x| {
            let values = open.at(&[x]).and_then(|scenario| Search::new(&scenario)?.raison_d_etre());
            values.map_err(|e| e.at(&[axis.key()], &[x]))
        })?;
        let heights = Architecture::full(scenario.tree());
        let with_sign = |values: Option<&HeightValues>, sign: i8| -> Vec<u32> {
            values.into_iter().flatten().filter(|level| worth(level).sign() == sign).map(|level| level.height).collect()
        };
        let changes = (0..heights.heights().len()).into_par_iter().map(|i| {
            let signs: Vec<Valued> = values.iter().map(|values| worth(&values[i])).collect();
            let one = OneLevel { open: &open, index: i, last: RefCell::new(None) };
            let roots = scan::crossings(|x| Ok(worth(&one.at(x)?.0)), &points, &signs, whole)?;
            roots.iter().map(|root| one.change(root, &points, &values, whole)).collect::<Result<Vec<_>>>()
        });
        let mut changes: Vec<LevelChange> = changes.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        changes.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.height.cmp(&b.height)));
        lowest_first(&mut changes);
        let (key, range, scanned) = (axis.key().to_owned(), axis.range(), points.len());
        Ok(Self {
            key,
            range,
            alive_at_first: with_sign(values.first(), 1),
            alive_at_last: with_sign(values.last(), 1),
            undecided_at_first: with_sign(values.first(), 0),
            undecided_at_last: with_sign(values.last(), 0),
            changes,
            scanned,
        })
    }
}

/// The value of one height along the axis; neighbouring searches share what they know of the fills.
struct OneLevel<'a> {
    open: &'a OpenScenario,
    index: usize,
    last: RefCell<Option<Search>>,
}

impl OneLevel<'_> {
    /// The value of the height, and the size below which the search takes differences for rounding.
    fn at(&self, x: f64) -> Result<(HeightValue, f64)> {
        let scenario = self.open.at(&[x])?;
        let mut last = self.last.borrow_mut();
        let search = match last.take() {
            Some(last) => last.next(&scenario)?,
            None => Search::new(&scenario)?,
        };
        let search = last.insert(search);
        let noise = search.greatest().map_or(0.0, |(_, size)| TIE * size);
        Ok((search.raison_d_etre()?[self.index].clone(), noise))
    }

    fn change(&self, root: &Root, points: &[f64], values: &[HeightValues], whole: bool) -> Result<LevelChange> {
        let nearest = |alive: bool| {
            let side = values.iter().zip(points).filter(|(_, x)| (**x > root.at) == (alive == root.rising));
            let (values, x) = side.min_by(|a, b| (a.1 - root.at).abs().total_cmp(&(b.1 - root.at).abs()))?;
            let level = &values[self.index];
            (worth(level).sign() == if alive { 1 } else { -1 }).then_some((level, (x - root.at).abs()))
        };
        let (here, noise) = self.at(root.at)?;
        // Values below the noise count as 0: so far off may the change be.
        let blur = nearest(true).map_or(0.0, |(level, step)| noise * step / level.value);
        // At the change itself another set does as well; beyond it the reason shows.
        let reason = match nearest(false) {
            Some((level, _)) => level.explain(),
            None => self.at(root.bracket[usize::from(!root.rising)])?.0.explain(),
        };
        Ok(LevelChange {
            height: here.height,
            at: root.at,
            bracket: root.bracket,
            accuracy: if whole { 0.0 } else { root.accuracy + 2.0 * blur },
            lost: !root.rising,
            reason,
        })
    }
}

/// The value of a level; 0 where another set does as well to rounding, below 0 where it surely is worth nothing.
fn worth(level: &HeightValue) -> Valued {
    let nothing = level.value == 0.0 && level.reason != Reason::AnotherDoesAsWell;
    Valued::exact(if nothing { -f64::MIN_POSITIVE } else { level.value })
}

/// Brings changes that lie at the same value, as far as they are known, into the order of their heights.
fn lowest_first(changes: &mut [LevelChange]) {
    // Every exchange takes one inversion of heights away, so that it ends.
    while let Some(i) = (1..changes.len()).find(|&i| {
        let [a, b] = [&changes[i - 1], &changes[i]];
        b.height < a.height && b.at - a.at <= a.accuracy + b.accuracy
    }) {
        changes.swap(i - 1, i);
    }
}
