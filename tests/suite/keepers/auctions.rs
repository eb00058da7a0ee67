//! Keepers: auctions.
