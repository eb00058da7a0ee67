//! Random bits drawn ahead.

use rand::TryRng;
use rand::rand_core::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::convert::Infallible;

/// Words drawn at once.
const AHEAD: usize = 256;

/// One stream of `ChaCha8`, drawn a few hundred words at a time, which is faster than word by word.
pub(super) struct Bits {
    rng: ChaCha8Rng,
    bytes: Box<[u8; 8 * AHEAD]>,
    next: usize,
}

impl Bits {
    /// Stream number `stream` of `seed`.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self { rng, bytes: Box::new([0; 8 * AHEAD]), next: AHEAD }
    }

    /// The next word.
    #[inline]
    pub(super) fn word(&mut self) -> u64 {
        if self.next == AHEAD {
            rand::Rng::fill_bytes(&mut self.rng, &mut self.bytes[..]);
            self.next = 0;
        }
        let (words, _) = self.bytes.as_chunks();
        let word = words.get(self.next).map_or(0, |bytes| u64::from_le_bytes(*bytes));
        self.next += 1;
        word
    }

    /// Uniform on `[0, 1)`.
    #[inline]
    pub(super) fn unit(&mut self) -> f64 {
        as_unit(self.word())
    }

    /// Uniform on `0..n`, up to a bias of `n/2^64`.
    #[inline]
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(n)) >> 64) as u64
    }
}

/// The upper 53 bits as a number in `[0, 1)`.
#[inline]
pub(super) fn as_unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

impl TryRng for Bits {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        for chunk in target.chunks_mut(8) {
            let word = self.word().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}
