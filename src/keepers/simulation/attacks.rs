//! Attacks, played.
