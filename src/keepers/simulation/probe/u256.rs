//! Unsigned integers of 256 bits, as far as the probe needs them.

use crate::error::{Error, Result};
use rand::Rng;
use std::fmt;
use std::str::FromStr;

/// An integer from 0 to `2^256 - 1`.
///
/// ```
/// use pooltree::keepers::simulation::U256;
/// let billion: U256 = "1000000000".parse()?;
/// assert_eq!(billion.checked_rem(7), Some(6)); // 10^9 = 3^9 = 6 mod 7
/// assert_eq!("0x3b9aca00".parse::<U256>()?, billion);
/// assert_eq!(U256::MAX.wrapping_add(billion).to_string(), "0x3b9ac9ff");
/// assert_eq!(U256::MAX.checked_rem(17), Some(0)); // 2^8 = 1 mod 17, hence 2^256 too
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct U256 {
    /// Least significant first.
    limbs: [u64; 4],
}

impl U256 {
    /// `2^256 - 1`.
    pub const MAX: Self = Self { limbs: [u64::MAX; 4] };

    /// The integer of these bytes, most significant first.
    pub fn from_be_bytes(bytes: [u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (i, byte) in bytes.into_iter().rev().enumerate() {
            limbs[i / 8] |= u64::from(byte) << (8 * (i % 8));
        }
        Self { limbs }
    }

    /// 256 random bits.
    pub fn random<R: Rng + ?Sized>(rng: &mut R) -> Self {
        Self { limbs: std::array::from_fn(|_| rng.next_u64()) }
    }

    /// The sum modulo `2^256`.
    #[must_use]
    pub fn wrapping_add(self, other: Self) -> Self {
        let mut carry = 0;
        let limbs = std::array::from_fn(|i| {
            let sum = u128::from(self.limbs[i]) + u128::from(other.limbs[i]) + carry;
            carry = sum >> 64;
            sum as u64
        });
        Self { limbs }
    }

    /// The remainder of the division by `n`; `None` for 0.
    pub fn checked_rem(self, n: usize) -> Option<usize> {
        let n = n as u128;
        let step = |rest: u128, &limb: &u64| (rest << 64 | u128::from(limb)).checked_rem(n);
        self.limbs.iter().rev().try_fold(0, step).map(|rest| rest as usize)
    }

    /// `self · factor + digit`, unless that is too large.
    fn shifted(self, factor: u32, digit: u32) -> Option<Self> {
        let mut carry = u128::from(digit);
        let limbs = self.limbs.map(|limb| {
            let product = u128::from(limb) * u128::from(factor) + carry;
            carry = product >> 64;
            product as u64
        });
        (carry == 0).then_some(Self { limbs })
    }
}

impl From<u64> for U256 {
    fn from(value: u64) -> Self {
        Self { limbs: [value, 0, 0, 0] }
    }
}

impl From<u128> for U256 {
    fn from(value: u128) -> Self {
        Self { limbs: [value as u64, (value >> 64) as u64, 0, 0] }
    }
}

impl FromStr for U256 {
    type Err = Error;

    /// Decimal digits, or hexadecimal ones after `0x`.
    fn from_str(text: &str) -> Result<Self> {
        let (digits, base) = text.strip_prefix("0x").map_or((text, 10), |hex| (hex, 16));
        let read = || {
            let append = |number: Self, digit: char| digit.to_digit(base).and_then(|d| number.shifted(base, d));
            digits.chars().try_fold(Self::default(), append).filter(|_| !digits.is_empty())
        };
        read()
            .ok_or_else(|| Error::domain("r", text, "an integer from 0 to 2^256 - 1, decimal or hexadecimal after 0x"))
    }
}

impl fmt::Display for U256 {
    /// Hexadecimal with `0x`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        let first = self.limbs.iter().rposition(|&limb| limb != 0).unwrap_or(0);
        write!(f, "{:x}", self.limbs[first])?;
        self.limbs[..first].iter().rev().try_for_each(|limb| write!(f, "{limb:016x}"))
    }
}
