//! Attacks on a rule, and what they gain.

mod minimum;
mod modulo;
mod reveal;
mod sybil;
mod sybil_family;
mod waiting;

pub use minimum::{TradeOff, candidate_minima, deterring_minimum, minimum_trade_off};
pub use modulo::Modulo;
pub use reveal::{LastRevealer, last_revealer, last_revealer_gain};
pub use sybil::{MergeGain, SybilGain, merge_gain, most_pieces, split, sybil_gain};
pub use sybil_family::{best_pieces, power_split, uniform_split};
pub use waiting::WaitingHolder;
