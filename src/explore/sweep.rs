//! The winner along one key.

use super::verdict::{Among, Verdict};
use super::{Axis, scan};
use crate::error::{Error, Result};
use crate::pool_tree::Architecture;
use crate::pool_tree::closed_form::ClosedForm;
use crate::progress::Progress;
use crate::scenario::Scenario;
use serde::Serialize;

/// Points of a sweep if the axis does not say how many.
pub const POINTS: u32 = 50;

/// The winner at every value of one key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    /// The dotted key that varies.
    pub key: String,
    /// One entry per value, by rising value.
    pub points: Vec<SweepPoint>,
}

/// One value of the key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepPoint {
    /// The value.
    pub at: f64,
    /// Winner, its net welfare and its margin.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Net welfare of the full tree; `None` if it cannot hold auctions here (back to back without latency).
    pub tree: Option<f64>,
    /// Net welfare of the global pool.
    pub global: Option<f64>,
    /// Net welfare of the best disconnected local pools below the root; `None` at depths 0 and 1.
    pub local: Option<f64>,
    /// The height of those pools.
    pub local_height: Option<u32>,
}

impl Sweep {
    /// Evaluates the scenario at every point of `axis`, in parallel.
    ///
    /// # Errors
    /// As [`Scenario::leave_open`], reading the scenario at any point, and [`Verdict::of`].
    pub fn run(scenario: &Scenario, axis: &Axis, among: &Among, watch: Progress) -> Result<Self> {
        let open = scenario.leave_open(&[axis.key()])?;
        let points = scan::points(axis, POINTS, open.is_whole(0))?;
        let point = |at: f64| SweepPoint::new(&open.at(&[at])?, at, among);
        let points = scan::map(&points, watch, |x| point(x).map_err(|e| e.at(&[axis.key()], &[x])))?;
        Ok(Self { key: axis.key().to_owned(), points })
    }
}

impl SweepPoint {
    fn new(scenario: &Scenario, at: f64, among: &Among) -> Result<Self> {
        let tree = scenario.tree();
        let mut search = None;
        let verdict = Verdict::in_turn(scenario, among, &mut search)?;
        // The columns by the same route as the verdict, so that a winner's net is the same to the last bit.
        let net = |architecture: &Architecture| {
            let net = match &search {
                Some(search) => search.net(architecture),
                None => ClosedForm::evaluate(scenario, architecture).map(|welfare| welfare.net),
            };
            match net {
                Ok(net) => Ok(Some(net)),
                // Back to back without latency: no auctions of this architecture.
                Err(Error::Domain { key, .. }) if key.starts_with("timing.latency") => Ok(None),
                Err(error) => Err(error),
            }
        };
        let mut local: Option<(u32, f64)> = None;
        for height in 1..tree.depth() {
            let Some(net) = net(&Architecture::local(tree, height)?)? else { continue };
            if local.is_none_or(|(_, best)| net > best) {
                local = Some((height, net));
            }
        }
        Ok(Self {
            at,
            verdict,
            tree: net(&Architecture::full(tree))?,
            global: net(&Architecture::global(tree))?,
            local: local.map(|(_, net)| net),
            local_height: local.map(|(height, _)| height),
        })
    }
}
