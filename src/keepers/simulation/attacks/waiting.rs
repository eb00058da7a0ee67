//! The holder that waits, block by block.

use crate::error::{Result, checked};
use rand::{Rng, RngExt};

/// An operator with a share of the draws that holds a task back for up to `patience` blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaitingHolder {
    share: f64,
    patience: u64,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Executions by the operator.
    pub executions: u64,
    /// Blocks in which it held the task.
    pub blocks: u64,
    /// All executions.
    pub all_executions: u64,
    /// All blocks.
    pub all_blocks: u64,
}

impl WaitingHolder {
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for a share outside `[0, 1]`.
    pub fn new(share: f64, patience: u64) -> Result<Self> {
        checked("share", share, |a| (0.0..=1.0).contains(&a), "at least 0 and at most 1")?;
        Ok(Self { share, patience })
    }

    /// Plays blocks from a holder drawn by the share until `executions` are done. In each block a draw falls due; the
    /// operator executes when it names itself or its patience is at an end, the others at once; the draw of the block of an
    /// execution names the next holder.
    ///
    /// ```
    /// use pooltree::keepers::simulation::attacks::WaitingHolder;
    /// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    /// let mut rng = ChaCha8Rng::seed_from_u64(1);
    /// let held = WaitingHolder::new(0.2, 0)?.play(1000, &mut rng);
    /// assert_eq!((held.all_executions, held.all_blocks), (1000, 1000));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn play<R: Rng + ?Sized>(&self, executions: u64, rng: &mut R) -> Held {
        let mut held = Held::default();
        let mut own = rng.random::<f64>() < self.share;
        let mut waited = 0;
        while held.all_executions < executions {
            let favours = rng.random::<f64>() < self.share;
            held.all_blocks += 1;
            held.blocks += u64::from(own);
            if own && !favours && waited < self.patience {
                waited += 1;
                continue;
            }
            held.all_executions += 1;
            held.executions += u64::from(own);
            (own, waited) = (favours, 0);
        }
        held
    }
}
