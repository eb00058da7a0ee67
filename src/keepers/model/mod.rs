//! What is given: validated parameters that closed forms and simulations share, and nothing else.

mod attempts;
mod contest;
mod gas_auction;
mod keeper;
mod keepers;
mod parameters;
mod probe;
mod reading;
mod reliability;
mod rule;
mod score;
pub(crate) mod strategy;
mod task;
mod ties;
mod value_law;

pub use attempts::{Attempts, Executor, Retry};
pub use contest::{Contest, Mechanism};
pub use gas_auction::GasAuction;
pub use keeper::Keeper;
#[cfg(feature = "csv")]
pub(super) use keeper::MOST_COUNTED;
pub use keepers::Keepers;
pub use parameters::{Parameters, RuleName};
pub use probe::Ring;
pub use reading::Reading;
pub use reliability::Reliability;
pub use rule::{Noise, Rest, Rule};
pub use score::{Property, Score};
pub use strategy::{BidFunction, MixedStrategy};
pub use task::Task;
pub use ties::Ties;
pub use value_law::{PrivateValue, ValueLaw};
