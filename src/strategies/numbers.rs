//! Single numbers: simple ones first, then moderate ones, then every magnitude.

use crate::pool_tree::{Discount, DiscountModel};
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::RangeInclusive;

/// A positive number: one of `simple`, or any with its decimal exponent in `moderate` or in `-12..=12`. Shrinks towards
/// the first of `simple`.
pub(super) fn positive(simple: &'static [f64], moderate: RangeInclusive<i32>) -> BoxedStrategy<f64> {
    let magnitude =
        |exponents: RangeInclusive<i32>| (exponents, 1.0..10.0).prop_map(|(e, m): (i32, f64)| m * 10f64.powi(e));
    prop_oneof![5 => select(simple), 8 => magnitude(moderate), 3 => magnitude(-12..=11)].boxed()
}

/// 0, or as [`positive`].
pub(super) fn non_negative(simple: &'static [f64], moderate: RangeInclusive<i32>) -> BoxedStrategy<f64> {
    prop_oneof![1 => Just(0.0), 3 => positive(simple, moderate)].boxed()
}

/// A number from 0 to 1, both ends and their neighbourhood included.
pub(super) fn unit() -> BoxedStrategy<f64> {
    const NEAR_THE_ENDS: &[f64] = &[0.0, 1.0, 1e-12, 1.0 - 1e-12, f64::MIN_POSITIVE, 1.0 - f64::EPSILON];
    prop_oneof![1 => select(NEAR_THE_ENDS), 2 => 0.0..=1.0].boxed()
}

/// Order rates `Λ`: 64 and 1, mostly from 0.01 to 10⁴; corners 1e-12 and 1e12.
pub fn rate() -> impl Strategy<Value = f64> + Clone {
    positive(&[1.0, 64.0, 1e-12, 1e12], -2..=3)
}

/// Mean utilities `ū`: mostly 1; corners 0, 1e-12 and 1e12.
pub fn utility_mean() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![2 => Just(1.0), 1 => non_negative(&[2.0, 1e-12, 1e12], -1..=1)]
}

/// Costs `κ` of a message: half of them 0, else mostly from 1e-6 to 1; corners 1e-12 and 1e12.
pub fn cost_per_message() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![1 => Just(0.0), 1 => positive(&[0.001, 1.0, 1e-12, 1e12], -6..=-1)]
}

/// Discounts in all three forms, mostly moderate.
///
/// Corners: `β = 1` (as factor 1 and as rate 0), the next number below 1, `β` down to the smallest positive number,
/// rates from 1e-12 to 1e300, half-lives from 1e-300 to 1e300.
pub fn discount() -> impl Strategy<Value = Discount> + Clone {
    const FACTORS: &[f64] = &[1.0, 0.5, 0.99, 1.0 - f64::EPSILON / 2.0, 1e-12, 1e-300, 5e-324];
    let factor = prop_oneof![2 => select(FACTORS), 1 => (1.0..10.0).prop_map(|f: f64| f / 10.0)];
    let model = prop_oneof![
        2 => factor.prop_map(DiscountModel::Factor),
        1 => prop_oneof![1 => Just(0.0), 4 => positive(&[1.0, 1e-300, 1e-12, 1e12, 1e300], -2..=1)].prop_map(DiscountModel::Rate),
        1 => positive(&[1.0, 1e-300, 1e-12, 1e12, 1e300], -1..=2).prop_map(DiscountModel::HalfLife),
    ];
    model.prop_filter_map("a valid discount", |model| Discount::new(model).ok())
}
