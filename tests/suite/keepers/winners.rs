//! Keepers: winners.
