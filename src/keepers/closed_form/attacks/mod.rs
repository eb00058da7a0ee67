//! Attacks on a rule, and what they gain.
