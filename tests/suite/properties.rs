//! Property tests over random scenarios, biased to the corners.
//!
//! Every property is a function of what it checks, so that a deliberately wrong variant can be put in its place: the tests
//! called `rejects_…` show that it would be noticed at the same number of cases.
//!
//! Plain runs draw the same 256 cases every time. `PROPTEST_CASES=10000 cargo test` draws as many fresh ones;
//! `PROPTEST_RNG_SEED` repeats a run. Failures are kept in `tests/proptest-regressions` and tried first.

mod invariance;
mod limits;
mod search;
mod serialise;
mod simulation;
mod strategies;
pub(crate) mod support;
mod values;
mod welfare;
