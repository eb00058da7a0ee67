//! A holder of the task that waits for a draw in its favour.

use crate::error::{Result, checked};
use crate::kernels::elementary::{exp, exp_m1, ln_1p};

/// One operator owns a share `a` of the draws and may hold a task back for up to `w` blocks.
///
/// A job is executed again and again, and the keeper of the next execution is drawn from the block in which the current one
/// is done. Every block brings a fresh draw, which falls on the operator with probability `a`, independently. Whoever holds
/// the job can execute it in any of `w + 1` blocks. The others execute in the first. The operator, when it holds the job,
/// looks at the draw of each block and executes in the first that would name it again, at the latest in the last one.
///
/// ```text
/// P(operator next | operator now)  = 1 - (1 - a)^(w+1),     P(operator next | other now) = a
/// share of executions              π = a/(a + (1 - a)^(w+1))
/// blocks of one of its executions  (1 - (1 - a)^(w+1))/a
/// share of blocks held             1 - (1 - a)^(w+1) ≥ π
/// ```
///
/// `0 ≤ a ≤ 1`; `w = 0` gives `π = a`.
///
/// Source: stationary law of the chain of two states, derived in docs/models/selection.md.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::WaitingHolder;
/// // One fifth, one block of patience: .2/(.2 + .64).
/// assert!((WaitingHolder::new(0.2, 1)?.share_of_executions() - 5.0 / 21.0).abs() < 1e-15);
/// assert!((WaitingHolder::new(0.2, 1)?.share_of_blocks() - 0.36).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaitingHolder {
    share: f64,
    patience: u64,
}

impl WaitingHolder {
    /// An operator with a share of the draws that waits for up to `patience` blocks.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for a share outside `[0, 1]`.
    pub fn new(share: f64, patience: u64) -> Result<Self> {
        checked("share", share, |a| (0.0..=1.0).contains(&a), "at least 0 and at most 1")?;
        Ok(Self { share, patience })
    }

    /// Its share of the executions in the long run.
    pub fn share_of_executions(&self) -> f64 {
        if self.share == 0.0 { 0.0 } else { self.share / (self.share + exp(self.ln_unfavoured())) }
    }

    /// The share of blocks in which it holds the job.
    pub fn share_of_blocks(&self) -> f64 {
        -exp_m1(self.ln_unfavoured())
    }

    /// Mean number of blocks that an execution takes, 1 if nobody waits.
    pub fn blocks_per_execution(&self) -> f64 {
        if self.share == 0.0 {
            return 1.0;
        }
        let executions = self.share_of_executions();
        1.0 + executions * (self.share_of_blocks() / self.share - 1.0)
    }

    /// `(w + 1) ln(1 - a)`: no draw of `w + 1` falls on it.
    fn ln_unfavoured(&self) -> f64 {
        if self.share == 0.0 { 0.0 } else { (self.patience as f64 + 1.0) * ln_1p(-self.share) }
    }
}
