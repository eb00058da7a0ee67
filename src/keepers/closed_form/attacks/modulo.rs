//! A random number of `b` bits modulo the number of keepers.

use crate::error::{Error, Result};
use crate::kernels::elementary::exp2;

/// Widest random number.
const MOST_BITS: u32 = 256;

/// The law of `r mod N` for `r` uniform on the `2^b` numbers of `b` bits.
///
/// ```text
/// 2^b = a N + t, 0 ≤ t < N
/// P(residue i) = (a + 1)/2^b for i < t, else a/2^b
/// total variation to uniform = t (N - t)/(N 2^b)
/// ```
///
/// `1 ≤ b ≤ 256`, `1 ≤ N < 2^64`. `t` is exact (`2^b mod N` by doubling) and nothing overflows; a probability is formed as
/// `(1 ± x)/N` with `x` the exact remainder over `2^b`, to a few roundings. Adding a number to `r` modulo `2^b`, as the
/// probe does with the job, changes nothing.
///
/// Source: *Keeper selection*, "Uniform Random Selection"; derived in docs/models/selection.md.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::Modulo;
/// // Eight numbers among three keepers: 3, 3, 2.
/// let modulo = Modulo::new(3, 3)?;
/// assert_eq!([0, 1, 2].map(|i| modulo.probability(i) * 8.0), [3.0, 3.0, 2.0]);
/// // (3/8 - 1/3) twice.
/// assert!((modulo.total_variation() - 1.0 / 12.0).abs() < 1e-16);
/// assert!((modulo.expected_draws().unwrap() - 8.0 / 6.0).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modulo {
    bits: u32,
    keepers: u64,
    remainder: u64,
}

impl Modulo {
    /// `bits` random bits among `keepers`.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `1 ≤ bits ≤ 256` and there is a keeper.
    pub fn new(bits: u32, keepers: u64) -> Result<Self> {
        if !(1..=MOST_BITS).contains(&bits) {
            return Err(Error::domain("bits", bits, format!("an integer from 1 to {MOST_BITS}")));
        }
        if keepers == 0 {
            return Err(Error::domain("keepers", 0, "an integer of at least 1"));
        }
        let double = |t: u128, _| (2 * t) % u128::from(keepers);
        let remainder = (0..bits).fold(1 % u128::from(keepers), double) as u64;
        Ok(Self { bits, keepers, remainder })
    }

    /// `2^b mod N`: how many residues have one number more than the others.
    pub fn remainder(&self) -> u64 {
        self.remainder
    }

    /// Probability of a residue; 0 from `N` on.
    pub fn probability(&self, residue: u64) -> f64 {
        let scale = exp2(-f64::from(self.bits));
        let n = self.keepers as f64;
        if residue >= self.keepers {
            0.0
        } else if self.fewer_numbers() {
            if residue < self.remainder { scale } else { 0.0 }
        } else if residue < self.remainder {
            (1.0 + (self.keepers - self.remainder) as f64 * scale) / n
        } else {
            (1.0 - self.remainder as f64 * scale) / n
        }
    }

    /// Total variation distance between the law of the residue and the uniform law: the most that the probability of any set
    /// of keepers is off.
    pub fn total_variation(&self) -> f64 {
        // Both factors below 2^64: the product is exact.
        let product = u128::from(self.remainder) * u128::from(self.keepers - self.remainder);
        product as f64 / self.keepers as f64 * exp2(-f64::from(self.bits))
    }

    /// Expected number of draws of rejection sampling, which refuses the last `t` numbers and so has no bias; `None` where
    /// there are fewer numbers than keepers, so that all would be refused.
    ///
    /// ```text
    /// 2^b/(a N) = 1/(1 - t/2^b) < 2
    /// ```
    pub fn expected_draws(&self) -> Option<f64> {
        let refused = self.remainder as f64 * exp2(-f64::from(self.bits));
        (!self.fewer_numbers()).then(|| (1.0 - refused).recip())
    }

    /// `2^b < N`.
    fn fewer_numbers(&self) -> bool {
        self.bits < 64 && 1 << self.bits < self.keepers
    }
}
