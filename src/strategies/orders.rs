//! How single orders are handled.

use super::numbers::{positive, unit};
use crate::orders::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, Stretch, ValueLaw};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

/// Everything that the section `[orders]` of a scenario can say.
///
/// Corners: Gamma shapes 1e-6 and 1e12, batches of one and of a million; spreads 0 and 1, `sigma` 0 and 5, Pareto shapes
/// next to 1, at 2 and 1e6; cycles of 2 and of `2^32 - 1`, matches found never and always; lifetimes of 1 and
/// `2^32 - 1` auctions, patience that lasts for ever and that is lost at once; 1 and 1e9 windows, no warm-up and 1e9. Most
/// of these cannot be simulated. Shrinks towards the default: Poisson, equal values, pairs, one auction.
///
/// ```
/// use pooltree::{Scenario, strategies::orders};
/// use proptest::{prop_assert_eq, proptest, test_runner::Config};
///
/// proptest!(Config::with_cases(64), |(orders in orders())| {
///     prop_assert_eq!(orders.check(), Ok(()));
///     let text = toml::to_string(&Scenario::document().with_orders(orders)?)?;
///     prop_assert_eq!(*text.parse::<Scenario>()?.orders(), orders);
/// });
/// ```
pub fn orders() -> impl Strategy<Value = Orders> + Clone {
    let any = (arrivals(), value_law(), select(&Priority::ALL[..]), solver(), lifetime(), stretch()).prop_map(
        |(arrivals, value, priority, solver, lifetime, stretch)| Orders {
            arrivals,
            value,
            priority,
            solver,
            lifetime,
            stretch,
        },
    );
    prop_oneof![1 => Just(Orders::default()), 15 => any]
}

fn arrivals() -> BoxedStrategy<Arrivals> {
    let shape = prop_oneof![1 => select(&[4.0, 1.0, 1e-6, 1e12][..]), 1 => positive(&[0.5], -3..=3)];
    let size = prop_oneof![1 => select(&[2, 1, 1_000_000][..]), 1 => 1u64..=100];
    prop_oneof![
        2 => Just(Arrivals::Poisson),
        1 => shape.prop_map(|shape| Arrivals::Gamma { shape: shape.clamp(1e-6, 1e12) }),
        1 => size.prop_map(|size| Arrivals::Batches { size }),
    ]
    .boxed()
}

fn value_law() -> BoxedStrategy<ValueLaw> {
    let sigma = prop_oneof![1 => select(&[1.0, 0.0, 5.0][..]), 1 => 0.0..=5.0];
    let shape = prop_oneof![1 => select(&[3.0, 2.0, 1.0 + f64::EPSILON, 1e6][..]), 1 => 1.01..20.0];
    prop_oneof![
        2 => Just(ValueLaw::Point),
        1 => unit().prop_map(|spread| ValueLaw::Uniform { spread }),
        1 => Just(ValueLaw::Exponential),
        1 => sigma.prop_map(|sigma| ValueLaw::LogNormal { sigma }),
        1 => shape.prop_map(|shape| ValueLaw::Pareto { shape }),
    ]
    .boxed()
}

fn solver() -> BoxedStrategy<Solver> {
    let longest = prop_oneof![1 => select(&[3, 2, u32::MAX][..]), 1 => 2u32..=10];
    let model = prop_oneof![
        2 => Just(SolverModel::Pairs),
        1 => longest.prop_map(|longest| SolverModel::Cycles { longest }),
        1 => Just(SolverModel::Unlimited),
    ];
    let success = prop_oneof![1 => Just(1.0), 1 => unit()];
    (model, success).prop_filter_map("a valid solver", |(model, success)| Solver::new(model, success).ok()).boxed()
}

fn lifetime() -> BoxedStrategy<Lifetime> {
    let lifetime = prop_oneof![3 => Just(1), 1 => Just(u32::MAX), 2 => 1u32..=20];
    let patience_rate = prop_oneof![1 => select(&[0.0, 1e-300, 1e300][..]), 2 => positive(&[1.0], -2..=2)];
    let patience_from = select(&[PatienceFrom::Root, PatienceFrom::Arrival][..]);
    prop_oneof![
        1 => lifetime.prop_map(|lifetime| Lifetime::Auctions { lifetime }),
        1 => (patience_rate, patience_from)
            .prop_map(|(patience_rate, patience_from)| Lifetime::Patience { patience_rate, patience_from }),
    ]
    .boxed()
}

fn stretch() -> BoxedStrategy<Stretch> {
    let windows = prop_oneof![1 => select(&[1, Stretch::MOST][..]), 1 => 1u64..=100];
    let warm_up = prop_oneof![1 => select(&[0, Stretch::MOST][..]), 1 => 0u64..=100];
    (weighted(0.4, windows), weighted(0.4, warm_up)).prop_map(|(windows, warm_up)| Stretch { windows, warm_up }).boxed()
}
