//! A simulation of one architecture, carried on in steps beside its closed form.

use super::{Confirmed, keepers};
use crate::error::{Error, Result};
use crate::estimate::{Agreement, Stopping};
use crate::orders::Orders;
use crate::orders::compare::Exact;
use crate::orders::simulation::OrdersRun;
use crate::pool_tree::Architecture;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::simulation::WelfareRun;
use crate::progress::Progress;
use crate::scenario::Scenario;

/// The simulation of one architecture that [`Comparison`](super::Comparison) runs in one go, carried on in steps: an estimate and
/// its interval can be watched as they close in on the closed form, and the run left and taken up again.
///
/// Counts are drawn, networks pool by pool; where keepers run the auctions, every order and every attempt. Replications are drawn
/// in blocks, each from a stream of its own, and folded in their order: whatever the steps, the end is that of the one run, bit
/// for bit.
///
/// ```
/// use pooltree::compare::{Comparison, Trial};
/// use pooltree::{Scenario, pool_tree::Architecture};
/// let scenario = Scenario::document();
/// let mut trial = Trial::new(&scenario, &Architecture::full(scenario.tree()))?;
/// assert!(trial.confirmed()?.is_none()); // nothing seen yet
/// trial.step(1000)?;
/// let early = trial.confirmed()?.expect("some replications").simulated;
/// while !trial.is_complete() {
///     trial.step(1000)?;
/// }
/// let late = trial.confirmed()?.expect("all replications");
/// assert!(late.simulated.std_error < early.std_error);
/// // The tree of the comparison, to the last bit.
/// let in_one_go = Comparison::new(&scenario, None, Some(&|_, _, _| ()))?;
/// assert_eq!(in_one_go.architectures[0].monte_carlo, Some(late));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub struct Trial {
    drawn: Drawn,
}

/// What is drawn, and what it is held against.
enum Drawn {
    Counts { run: Box<WelfareRun>, scenario: Box<Scenario>, closed_form: Box<ClosedForm> },
    Orders { run: Box<OrdersRun>, exact: Box<Exact> },
}

impl Trial {
    /// Prepares what is drawn: nothing yet. Seed and number of replications are those of the scenario.
    ///
    /// # Errors
    /// [`Error::Domain`] on `monte_carlo.precision` where the scenario asks for a precision: it fixes the replications by a pilot,
    /// steps have a number of their own. [`Error::OutOfReach`] if the simulation takes too many draws; else as
    /// [`ClosedForm::evaluate`].
    pub fn new(scenario: &Scenario, architecture: &Architecture) -> Result<Self> {
        if let Stopping::Precision(precision) = scenario.monte_carlo().stopping() {
            let allowed = "left out for a run in steps: give monte_carlo.replications instead";
            return Err(Error::domain("monte_carlo.precision", precision, allowed));
        }
        let closed_form = ClosedForm::evaluate(scenario, architecture)?;
        Self::begin(scenario, architecture, &closed_form)
    }

    /// The same beside a closed form that is known already, and with a precision, too.
    pub(super) fn begin(scenario: &Scenario, architecture: &Architecture, closed_form: &ClosedForm) -> Result<Self> {
        let monte_carlo = scenario.monte_carlo();
        let drawn = match keepers(scenario) {
            None => Drawn::Counts {
                run: Box::new(WelfareRun::new(scenario, architecture, monte_carlo)?),
                scenario: Box::new(scenario.clone()),
                closed_form: Box::new(closed_form.clone()),
            },
            keepers => {
                let orders = Orders::default();
                let run = OrdersRun::new(scenario, architecture, &orders, keepers, monte_carlo)?;
                let exact = Exact::new(scenario, architecture, &orders, keepers)?;
                Drawn::Orders { run: Box::new(run), exact: Box::new(exact) }
            }
        };
        Ok(Self { drawn })
    }

    /// Replications wanted.
    pub fn replications(&self) -> u64 {
        match &self.drawn {
            Drawn::Counts { run, .. } => run.steps.wanted(),
            Drawn::Orders { run, .. } => run.steps.wanted(),
        }
    }

    /// Replications drawn.
    pub fn done(&self) -> u64 {
        match &self.drawn {
            Drawn::Counts { run, .. } => run.steps.done(),
            Drawn::Orders { run, .. } => run.steps.done(),
        }
    }

    /// Whether nothing is left to draw. Where fewer than 1000 replications are wanted the joint test takes its covariance from 1000
    /// further ones, if these cost little: those are drawn by the steps after the last wanted one, and do not count as done.
    pub fn is_complete(&self) -> bool {
        match &self.drawn {
            Drawn::Counts { run, .. } => run.steps.is_complete(),
            Drawn::Orders { run, .. } => run.steps.is_complete(),
        }
    }

    /// Carries on by at least `replications` in whole blocks, at least one of them and never more than are wanted, in parallel on the
    /// current rayon pool; returns how many are done. A step once all is drawn does nothing.
    ///
    /// A block is what takes some 16 thousand draws, at most 1024 replications; of a network 64 replications. Costs of a replication
    /// range over ten orders of magnitude, so measure: `step(1)` draws one block, and its time says how many replications make a step
    /// of the length wanted. One replication is the least; it may take up to 1e10 draws, a minute or so.
    ///
    /// # Errors
    /// None that [`Trial::new`] has not reported.
    pub fn step(&mut self, replications: u64) -> Result<u64> {
        self.watched_step(replications, &|_, _| ())
    }

    fn watched_step(&mut self, replications: u64, progress: Progress) -> Result<u64> {
        match &mut self.drawn {
            Drawn::Counts { run, .. } => run.steps.step(replications, progress)?,
            Drawn::Orders { run, .. } => run.steps.step(replications, progress)?,
        }
        Ok(self.done())
    }

    /// All that is left in one go, and what it says.
    pub(super) fn finish(mut self, progress: Progress) -> Result<Confirmed> {
        while !self.is_complete() {
            self.watched_step(u64::MAX, progress)?;
        }
        self.seen()
    }

    /// What has been seen so far, held against the closed form; `None` before two replications. Once complete it is what
    /// [`Comparison::new`](super::Comparison::new) has for this architecture, bit for bit.
    ///
    /// Every look by itself covers as a run of that length does. To stop when the interval pleases is another matter: it covers less
    /// often.
    ///
    /// # Errors
    /// [`Error::OutOfReach`] where squares of what was drawn overflow.
    pub fn confirmed(&self) -> Result<Option<Confirmed>> {
        if self.done() < 2 { Ok(None) } else { self.seen().map(Some) }
    }

    fn seen(&self) -> Result<Confirmed> {
        match &self.drawn {
            Drawn::Counts { run, scenario, closed_form } => Ok(Confirmed::new(scenario, closed_form, run.report()?)),
            Drawn::Orders { run, exact } => {
                let simulated = run.report()?;
                let (agreement, _) = exact.agreement(&simulated);
                let agreement = agreement.unwrap_or(Agreement::UNTESTED);
                Ok(Confirmed { simulated: simulated.welfare(), agreement })
            }
        }
    }
}
