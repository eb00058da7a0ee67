//! Attempts, one by one.
