//! A commit-reveal beacon whose last slots belong to one operator.

use crate::error::{Error, Result, checked};
use rand::{Rng, RngExt};

/// Slots at the end of an epoch that are played out; the operator of more would look at 2^30 outcomes.
const MOST_SLOTS: u32 = 30;

/// Whether the owner of the last `slots` finds, among the outcomes of all its ways to reveal and withhold, one that it likes;
/// each is drawn afresh and liked with probability `p`. It stops at the first.
///
/// # Errors
/// [`Error::Domain`] for a `p` that is no probability, [`Error::OutOfReach`] for more than 30 slots.
///
/// ```
/// use pooltree::keepers::simulation::attacks::last_revealer;
/// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// assert!(last_revealer(1.0, 3, &mut rng)? && !last_revealer(0.0, 3, &mut rng)?);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn last_revealer<R: Rng + ?Sized>(p: f64, slots: u32, rng: &mut R) -> Result<bool> {
    checked("p", p, |p| (0.0..=1.0).contains(&p), "a probability")?;
    if slots > MOST_SLOTS {
        let reason = format!("2^{slots} outcomes of an epoch; the limit is {MOST_SLOTS} slots");
        return Err(Error::OutOfReach { reason });
    }
    for _withheld in 0..1u64 << slots {
        if rng.random::<f64>() < p {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An epoch: its slots belong to the operator with probability `alpha` each, and it plays the [`last_revealer`] with those
/// that are last in a row.
///
/// # Errors
/// [`Error::Domain`] for an `alpha` outside `[0, 1)`, and as [`last_revealer`].
pub fn reveal_round<R: Rng + ?Sized>(alpha: f64, p: f64, rng: &mut R) -> Result<bool> {
    checked("alpha", alpha, |a| (0.0..1.0).contains(&a), "at least 0 and below 1")?;
    let mut slots = 0;
    while slots <= MOST_SLOTS && rng.random::<f64>() < alpha {
        slots += 1;
    }
    last_revealer(p, slots, rng)
}
