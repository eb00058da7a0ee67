//! Auctions, played.
