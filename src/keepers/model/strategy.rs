//! How keepers bid in equilibrium: closed forms work out what follows from it, simulations play it.

mod bid_function;
mod mixed;

pub use bid_function::BidFunction;
pub use mixed::MixedStrategy;
pub(crate) use mixed::grown;
