//! Keepers: committees.
