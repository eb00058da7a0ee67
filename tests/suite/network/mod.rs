//! Networks of real operators: trees of any shape, sites, flows and logs.

mod closed_form;
mod fit;
mod order_log;
mod places;
mod pools;
mod simulation;
mod sites;
