//! Order logs: rates, tests of the model's assumptions, and a replay of the log itself.
//!
//! A log is a CSV file with the columns `time,operator,sell,buy,value`, one row an order, in the order of time. [`read`] goes
//! through it once and keeps a record for every class, which is an operator with an ordered pair of assets, and none for
//! the rows. What it has seen is a [`LogSummary`]:
//!
//! - rates of classes and operators with confidence intervals, exact over a time that is known ([`garwood`]);
//! - tests of the assumptions that orders are Poisson, sides balanced and operators equally active
//!   ([`LogSummary::assumptions`]);
//! - the heights at which the orders could at best be matched ([`LogSummary::meeting_profile`]).
//!
//! [`read_with`] shows every order to the caller, too; [`Replay`] takes them and runs the auctions of a tree on them.

mod assumptions;
mod bins;
mod intervals;
mod law;
mod names;
mod options;
mod profile;
mod reader;
mod replay;
mod replay_report;
mod summary;
mod tally;

pub use assumptions::{Assumptions, Balance, Dispersion, EqualActivity, SideBalance};
pub use intervals::{Rate, garwood};
pub use options::{Malformed, Options};
pub use profile::MeetingProfile;
pub use reader::{read, read_with};
pub use replay::Replay;
pub use replay_report::{Filling, ReplayReport};
pub use summary::{Class, LogSummary};
pub use tally::Row;
