//! The operator pool tree: what is given (tree, architecture, timing, flow), what follows exactly ([`closed_form`]), what
//! a simulation of the mechanism shows ([`simulation`]), and which sets of heights are best ([`search`]).

pub mod architecture;
pub mod closed_form;
pub mod discount;
pub mod flow;
pub mod latency;
pub mod period;
pub mod search;
pub mod simulation;
pub mod timing;
pub mod tree;

pub use architecture::Architecture;
pub use discount::Discount;
pub use flow::{Component, Flow, Kind};
pub use latency::{Latency, LatencyModel, RingStatistic};
pub use period::{Period, PeriodModel};
pub use timing::{Delay, Level, Schedule, Timing};
pub use tree::PoolTree;
