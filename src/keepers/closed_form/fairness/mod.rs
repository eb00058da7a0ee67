//! Fairness, predictability, waits and incentives of a law.
