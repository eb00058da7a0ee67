//! Attacks and the pool they act on, played.

mod beacon;
mod modulo;
mod pool;
mod sybil;
mod waiting;

pub use beacon::{last_revealer, reveal_round};
pub use modulo::Bits;
pub use pool::{Urn, shrinking_pool};
pub use sybil::coalition_wins;
pub use waiting::{Held, WaitingHolder};
