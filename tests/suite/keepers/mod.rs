//! Keeper selection: laws against enumeration, other routes and simulation.

mod attacks;
mod auctions;
mod committees;
mod execution;
mod fairness;
mod files;
mod table;
mod winners;
