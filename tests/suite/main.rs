//! The test suite, one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may
#![allow(clippy::disallowed_methods)] // a reference value has its tolerance
#![allow(missing_docs, unreachable_pub)]

#[path = "../reference/mod.rs"]
mod reference;
#[path = "../reference/simpy_models.rs"]
mod simpy_models;

mod accuracy;
mod agreement;
mod always_on;
mod bad_input;
mod bids;
mod bursts;
mod carry_over;
mod claims;
mod cli;
mod cli_always_on;
mod cli_explore;
mod cli_keepers;
mod cli_orders;
mod constant_filling;
mod degenerate;
mod documents;
mod explore;
mod figures;
mod figures_present;
mod index;
mod keepers;
mod network;
mod orders;
mod periods;
mod pool_keepers;
mod properties;
mod references;
mod report;
mod search;
mod sizing;
mod solvers;
mod trial;
