//! Committees, drawn.
