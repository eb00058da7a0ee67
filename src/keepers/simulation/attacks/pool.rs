//! Tasks one after another, and who gets any.

use crate::error::{Error, Result, checked};
use rand::{Rng, RngExt};

/// Tasks until all have been selected at most; a keeper may be very rare.
const MOST_TASKS: u64 = 1_000_000_000;

/// Selections with fixed probabilities, independent from task to task.
#[derive(Debug, Clone, PartialEq)]
pub struct Urn {
    /// Sums of the weights up to each keeper.
    sums: Vec<f64>,
    last: usize,
    positive: usize,
}

impl Urn {
    /// Chances proportional to `weights`.
    ///
    /// # Errors
    /// [`Error::Domain`] for a weight that is negative or not finite, or without a positive one; [`Error::NotFinite`] if
    /// the sum overflows.
    pub fn new(weights: &[f64]) -> Result<Self> {
        let mut sums = Vec::with_capacity(weights.len());
        let mut all = 0.0;
        for (i, &weight) in weights.iter().enumerate() {
            all += checked(&format!("weights.{i}"), weight, |w| w >= 0.0, "finite and at least 0")?;
            sums.push(all);
        }
        if !f64::is_finite(all) {
            return Err(Error::not_finite("weights", all, "their sum"));
        }
        let last = weights.iter().rposition(|&w| w > 0.0);
        let last = last.ok_or_else(|| Error::domain("weights", "all 0", "above 0 for one at least"))?;
        Ok(Self { sums, last, positive: weights.iter().filter(|&&w| w > 0.0).count() })
    }

    /// The keeper of the next task.
    ///
    /// ```
    /// use pooltree::keepers::simulation::attacks::Urn;
    /// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    /// let mut rng = ChaCha8Rng::seed_from_u64(1);
    /// assert_eq!(Urn::new(&[0.0, 2.0, 0.0])?.draw(&mut rng), 1);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> usize {
        let all = self.sums.last().copied().unwrap_or(0.0);
        let mark = rng.random::<f64>() * all;
        // The product may round up to the whole sum.
        self.sums.partition_point(|&sum| sum <= mark).min(self.last)
    }

    /// Tasks until a keeper is selected, that one included.
    ///
    /// # Errors
    /// [`Error::OutOfReach`] after 1e9 tasks.
    pub fn until<R: Rng + ?Sized>(&self, keeper: usize, rng: &mut R) -> Result<u64> {
        (1..=MOST_TASKS).find(|_| self.draw(rng) == keeper).ok_or_else(too_long)
    }

    /// Tasks until all keepers of positive weight have been selected.
    ///
    /// # Errors
    /// [`Error::OutOfReach`] after 1e9 tasks.
    pub fn until_all<R: Rng + ?Sized>(&self, rng: &mut R) -> Result<u64> {
        let mut seen = vec![false; self.sums.len()];
        let mut missing = self.positive;
        for task in 1..=MOST_TASKS {
            if let Some(seen) = seen.get_mut(self.draw(rng)) {
                missing -= usize::from(!*seen);
                *seen = true;
            }
            if missing == 0 {
                return Ok(task);
            }
        }
        Err(too_long())
    }

    /// Which keepers get any of the next `rounds` tasks.
    pub fn selected<R: Rng + ?Sized>(&self, rounds: u64, rng: &mut R) -> Vec<bool> {
        let mut seen = vec![false; self.sums.len()];
        for _ in 0..rounds {
            if let Some(seen) = seen.get_mut(self.draw(rng)) {
                *seen = true;
            }
        }
        seen
    }
}

fn too_long() -> Error {
    Error::OutOfReach { reason: format!("more than {MOST_TASKS} tasks until all were selected") }
}

/// The number of keepers at the start and after each period of `rounds` tasks, when those leave who got none of them.
///
/// `rule` selects among the keepers that are left, given as ascending indices below `n`, and returns a place in that list;
/// `None` leaves the task undone.
///
/// ```
/// use pooltree::keepers::simulation::attacks::shrinking_pool;
/// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// // Always the first: the others leave at once.
/// assert_eq!(shrinking_pool(5, 3, 2, |_, _| Some(0), &mut rng), [5, 1, 1]);
/// ```
pub fn shrinking_pool<R: Rng + ?Sized>(
    n: usize,
    rounds: u64,
    periods: usize,
    mut rule: impl FnMut(&[usize], &mut R) -> Option<usize>,
    rng: &mut R,
) -> Vec<usize> {
    let mut pool: Vec<usize> = (0..n).collect();
    let mut sizes = vec![n];
    for _ in 0..periods {
        let mut worked = vec![false; pool.len()];
        for _ in 0..rounds {
            if let Some(worked) = rule(&pool, rng).and_then(|place| worked.get_mut(place)) {
                *worked = true;
            }
        }
        let mut worked = worked.into_iter();
        pool.retain(|_| worked.next().unwrap_or(false));
        sizes.push(pool.len());
    }
    sizes
}
