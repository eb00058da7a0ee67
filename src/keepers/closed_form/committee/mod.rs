//! Committees: several keepers by exclude-and-repeat.
