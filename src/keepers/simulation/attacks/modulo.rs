//! Random bits modulo the number of keepers.

use crate::error::{Error, Result};
use rand::Rng;

/// A source of random numbers of a fixed width that picks a keeper by the remainder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits {
    bits: u32,
    keepers: u64,
}

impl Bits {
    /// `bits` random bits for `keepers`.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `1 ≤ bits ≤ 256` and there is a keeper.
    pub fn new(bits: u32, keepers: u64) -> Result<Self> {
        if !(1..=256).contains(&bits) {
            return Err(Error::domain("bits", bits, "an integer from 1 to 256"));
        }
        if keepers == 0 {
            return Err(Error::domain("keepers", 0, "an integer of at least 1"));
        }
        Ok(Self { bits, keepers })
    }

    /// Draws one number and takes its remainder.
    ///
    /// ```
    /// use pooltree::keepers::simulation::attacks::Bits;
    /// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    /// let mut rng = ChaCha8Rng::seed_from_u64(1);
    /// // Two numbers among three keepers: the last is never met.
    /// let bits = Bits::new(1, 3)?;
    /// assert!((0..100).all(|_| bits.remainder(&mut rng) < 2));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn remainder<R: Rng + ?Sized>(&self, rng: &mut R) -> u64 {
        // Long division word by word, the most significant first.
        let n = u128::from(self.keepers);
        let (mut rest, mut left) = (0u128, self.bits);
        while left > 0 {
            let width = if left % 64 == 0 { 64 } else { left % 64 };
            let word = rng.next_u64() >> (64 - width);
            rest = ((rest << width) | u128::from(word)) % n;
            left -= width;
        }
        rest as u64
    }

    /// Draws numbers of at most 64 bits until one is below the largest multiple of the number of keepers: its remainder and
    /// how many it took.
    ///
    /// # Errors
    /// [`Error::Domain`] for more than 64 bits, or fewer numbers than keepers.
    pub fn rejecting<R: Rng + ?Sized>(&self, rng: &mut R) -> Result<(u64, u64)> {
        if self.bits > 64 {
            return Err(Error::domain("bits", self.bits, "an integer from 1 to 64"));
        }
        let (all, n) = (1u128 << self.bits, u128::from(self.keepers));
        if all < n {
            return Err(Error::domain("keepers", self.keepers, format!("at most {all}")));
        }
        let limit = all - all % n;
        let mut draws = 1;
        loop {
            let number = u128::from(rng.next_u64() >> (64 - self.bits));
            if number < limit {
                return Ok(((number % n) as u64, draws));
            }
            draws += 1;
        }
    }
}
