//! Strategies that generate valid trees, architectures, timings, flows and whole scenarios for property tests
//! ([`proptest`](https://docs.rs/proptest); feature `proptest`).
//!
//! Everything generated is valid: the constructors accept it, and nothing is filtered away. The numbers are biased to the
//! corners where mistakes live (depth 0, arity 2 and huge arities, one common window, zero latencies, no discount and
//! all discount, one-sided flows, rates of 1e-12 and 1e12, gaps between the active heights), and shrink towards small
//! trees, one uniform component, orders that are all alike and simple numbers.
//!
//! ```
//! use pooltree::{ClosedForm, strategies::{ScenarioOptions, scenario_and_architecture_with}};
//! use proptest::{prop_assert, proptest, test_runner::Config};
//!
//! proptest!(Config::with_cases(64), |((scenario, architecture) in scenario_and_architecture_with(
//!     ScenarioOptions::default().with_max_operators(1e6),
//! ))| {
//!     let welfare = ClosedForm::evaluate(&scenario, &architecture)?;
//!     prop_assert!(welfare.gross <= scenario.utility_mean() * scenario.flow().rate() * (1.0 + 1e-12));
//! });
//! ```
//!
//! The parts are strategies, too; those that depend on a tree take it as an argument:
//!
//! ```
//! use pooltree::strategies::{architecture, flow, pool_tree, timing};
//! use proptest::{prelude::*, test_runner::Config};
//!
//! let parts = pool_tree(4096.0).prop_flat_map(|tree| (Just(tree.clone()), architecture(&tree), timing(&tree), flow(&tree)));
//! proptest!(Config::with_cases(64), |((tree, architecture, timing, flow) in parts)| {
//!     prop_assert!(tree.size_f64(tree.depth()) <= 4096.0);
//!     prop_assert!(architecture.heights().iter().all(|&height| height <= tree.depth()));
//!     prop_assert_eq!(timing.check(&tree), Ok(()));
//!     prop_assert_eq!(flow.check(&tree), Ok(()));
//! });
//! ```

mod flow;
mod numbers;
mod orders;
mod scenario;
mod timing;
mod tree;

pub use flow::{component, flow, kind};
pub use numbers::{cost_per_message, discount, rate, utility_mean};
pub use orders::orders;
pub use scenario::{
    ScenarioOptions, scenario, scenario_and_architecture, scenario_and_architecture_with, scenario_with,
};
pub use timing::{latency, period, timing};
pub use tree::{architecture, pool_tree};
