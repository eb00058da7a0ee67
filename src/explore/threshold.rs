//! At which value of a key one architecture overtakes another.

use super::{Axis, Contender, scan};
use crate::error::Result;
use crate::kernels::roots::Valued;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::TIE;
use crate::progress::Progress;
use crate::scenario::Scenario;
use serde::Serialize;

/// Points at which a range is scanned if the axis does not say how many.
pub const SCANNED: u32 = 257;

/// All values of one key at which one of two architectures overtakes the other; none is a value, too.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Threshold {
    /// The dotted key that varies.
    pub key: String,
    /// From where to where.
    pub range: [f64; 2],
    /// The two architectures.
    pub between: [Contender; 2],
    /// Who is ahead at either end of the range; `None` for a tie.
    pub ahead: [Option<Contender>; 2],
    /// Every change of the lead, by rising value; empty if nobody overtakes within the range.
    pub crossings: Vec<Crossing>,
    /// Points at which the range was scanned. Two crossings closer together than two of them are found only if the lead
    /// shrinks towards them.
    pub scanned: usize,
}

/// One change of the lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Crossing {
    /// The value of the key; of a whole number the first at which the other one is ahead.
    pub at: f64,
    /// The last value with the old and the first with the new leader, as narrow as the number format allows; whole numbers
    /// next to each other; wide if the two are equal in between.
    pub bracket: [f64; 2],
    /// How far off `at` may be.
    pub accuracy: f64,
    /// Whether the lead changes by a leap (a period that is rounded up, a quorum that gains a member).
    pub leap: bool,
    /// Who is ahead beyond.
    pub ahead: Contender,
    /// Net welfare per unit time of the new leader at `at`.
    pub net: f64,
}

impl Threshold {
    /// Scans the range of `axis` for changes of the lead between `a` and `b` and narrows each down by bracketed root search.
    ///
    /// Differences of less than 1e-12 of gross plus cost count as ties.
    ///
    /// # Errors
    /// As [`Scenario::leave_open`], reading the scenario at any point, and [`ClosedForm::evaluate`];
    /// [`crate::Error::Domain`] if the range of a whole-numbered key holds no whole number.
    ///
    /// ```
    /// use pooltree::Scenario;
    /// use pooltree::explore::{Contender, threshold::Threshold};
    /// // One level below the root pays as long as β^L is not too near 1; with a cost it stops paying for the patient.
    /// let document = Scenario::document().leave_open(&["cost.per_message"])?.at(&[0.005])?;
    /// let axis = "discount.half_life=0.1..100:log".parse()?;
    /// let threshold = Threshold::find(&document, &axis, [Contender::Tree, Contender::Global], &|_, _| ())?;
    /// let [crossing] = threshold.crossings.as_slice() else { panic!("one crossing") };
    /// assert_eq!(crossing.ahead, Contender::Global);
    /// assert!(crossing.bracket[0] <= crossing.at && crossing.at <= crossing.bracket[1]);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn find(scenario: &Scenario, axis: &Axis, between: [Contender; 2], watch: Progress) -> Result<Self> {
        let open = scenario.leave_open(&[axis.key()])?;
        let nets = |x: f64| -> Result<[ClosedForm; 2]> {
            let scenario = open.at(&[x])?;
            let [a, b] = &between;
            let evaluate = |c: &Contender| ClosedForm::evaluate(&scenario, &c.on(scenario.tree())?);
            Ok([evaluate(a)?, evaluate(b)?])
        };
        let lead = |x: f64| -> Result<Valued> {
            let [a, b] = nets(x)?;
            let size = a.gross.abs() + a.cost.abs() + b.gross.abs() + b.cost.abs();
            Ok(Valued { value: a.net - b.net, noise: TIE * size })
        };
        let points = scan::points(axis, SCANNED, open.is_whole(0))?;
        let values = scan::map(&points, watch, |x| lead(x).map_err(|e| e.at(&[axis.key()], &[x])))?;
        let [a, b] = &between;
        let leader = |value: Option<&Valued>| match value.map_or(0, Valued::sign) {
            0 => None,
            sign => Some(if sign > 0 { a.clone() } else { b.clone() }),
        };
        let roots = scan::crossings(lead, &points, &values, open.is_whole(0))?;
        let crossing = |root: &crate::kernels::roots::Root| -> Result<Crossing> {
            let [at_a, at_b] = nets(root.at)?;
            let (ahead, net) = if root.rising { (a, at_a.net) } else { (b, at_b.net) };
            let ahead = ahead.clone();
            Ok(Crossing { at: root.at, bracket: root.bracket, accuracy: root.accuracy, leap: root.leap, ahead, net })
        };
        Ok(Self {
            key: axis.key().to_owned(),
            range: axis.range(),
            ahead: [leader(values.first()), leader(values.last())],
            crossings: roots.iter().map(crossing).collect::<Result<_>>()?,
            scanned: points.len(),
            between,
        })
    }
}
