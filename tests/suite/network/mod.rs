//! Networks of real operators: trees of any shape, sites, flows and logs.

mod closed_form;
mod fit;
mod model;
mod order_log;
mod places;
mod pools;
mod report;
mod section;
mod simulation;
mod sites;
