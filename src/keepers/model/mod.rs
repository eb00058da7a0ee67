//! What is given: validated parameters that closed forms and simulations share, and nothing else.

mod attempts;
mod contest;
mod gas_auction;
mod keeper;
mod keepers;
mod probe;
mod reading;
mod reliability;
mod rule;
mod score;
mod task;
mod ties;

pub use attempts::{Attempts, Executor, Retry};
pub use contest::{Contest, Mechanism};
pub use gas_auction::GasAuction;
pub use keeper::Keeper;
pub use keepers::Keepers;
pub use probe::Ring;
pub use reading::Reading;
pub use reliability::Reliability;
pub use rule::{Noise, Rest, Rule};
pub use score::{Property, Score};
pub use task::Task;
pub use ties::Ties;
