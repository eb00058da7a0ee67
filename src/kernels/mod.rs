//! Small shared kernels: special functions and exact sums that know nothing of pools, trees or scenarios.

pub mod bursts;
pub mod matched;
pub mod maximum;
pub mod roots;
pub mod skellam;
pub mod unfilled;

pub(crate) mod bessel;
pub(crate) mod draws;
pub(crate) mod elementary;
pub(crate) mod pair;
pub(crate) mod power;
pub(crate) mod product;
pub(crate) mod quadrature;
pub(crate) mod stirling;
pub(crate) mod sum;
pub(crate) mod tails;
