//! Keepers: attacks.
