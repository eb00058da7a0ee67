//! The operator pool tree: what is given ([`model`]), what follows exactly ([`closed_form`]), what a simulation of the
//! mechanism shows ([`simulation`]), and which sets of heights are best ([`search`]).

pub mod closed_form;
pub mod model;
pub mod search;
pub mod simulation;

pub use model::{
    Architecture, Class, Component, CustomFlow, Delay, Discount, DiscountModel, Executed, Execution, Flow, Kind,
    Latency, LatencyModel, Level, LevelExecution, Model, Network, NetworkLevel, NetworkParts, Period, PeriodModel,
    PoolTree, Pools, RingStatistic, Schedule, Timing,
};
