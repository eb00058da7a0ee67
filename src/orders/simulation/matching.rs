//! How many orders of a batch are filled.

use super::bits::Bits;
use super::solver::Clearing;
use rand_distr::{Binomial, Distribution};

/// How many orders of every edge are filled.
pub(super) enum Matching {
    /// One class, every possible pair.
    AllPairs,
    /// One class, every possible pair with a probability.
    SomePairs { success: f64 },
    /// All swaps at a place together.
    Solver(Box<Clearing>),
}

impl Matching {
    /// The solver, or pairs that are found with a probability.
    pub(super) fn new(clearing: Option<&Clearing>, success: f64) -> Self {
        match (clearing, success) {
            (Some(clearing), _) => Self::Solver(Box::new(clearing.clone())),
            (None, 1.0) => Self::AllPairs,
            (None, success) => Self::SomePairs { success },
        }
    }

    /// How many of the `orders` on every edge are `filled`.
    #[inline]
    pub(super) fn run(&mut self, orders: &[u64], filled: &mut [u64], bits: &mut Bits) {
        match self {
            Self::AllPairs => filled.fill(orders[0].min(orders[1])),
            Self::SomePairs { success } => {
                // The probability was checked.
                let found = Binomial::new(orders[0].min(orders[1]), *success).map_or(0, |law| law.sample(bits));
                filled.fill(found);
            }
            Self::Solver(clearing) => {
                // Lengths and numbers are those that the workspace was made for; were they not, nothing would be filled.
                if clearing.clear(orders, filled, bits).is_err() {
                    filled.fill(0);
                }
            }
        }
    }
}
