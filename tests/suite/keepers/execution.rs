//! Keepers: execution.
