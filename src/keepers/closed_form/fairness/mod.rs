//! Fairness, predictability, waits and incentives of a law.
//!
//! A [`Law`] says how probable it is that each keeper is selected. All numbers are of the law given that somebody is
//! selected; rounds and waits count the tasks for which somebody is.

mod coupon;
mod diversity;
mod elasticity;
mod law;
mod pool;
mod predictability;
mod ties;
mod waits;

pub use elasticity::{Elasticities, Elasticity, stake_elasticities, stake_elasticity};
pub use law::Law;
pub use pool::{Shrinkage, shrink, shrink_mean_field};
pub use ties::tie_unfairness;

pub(super) use ties::same_but_for_id;
