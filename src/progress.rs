//! How work in progress is watched.

/// Called from any thread with (units of work done, units in all): replications, orders, points.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);
