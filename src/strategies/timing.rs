//! Latency, period and delay.

use super::numbers::{non_negative, positive, unit};
use crate::kernels::elementary::{ln, pow};
use crate::pool_tree::{Delay, Latency, LatencyModel, Period, PeriodModel, PoolTree, RingStatistic, Timing};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Drawn tables repeat after this many heights.
const CYCLE: usize = 12;

/// No latency and no period grows beyond this, so that sums over heights and orders per window stay finite.
const LARGEST: f64 = 1e150;

/// In pools above this size a quorum is at least [`LEAST_QUORUM`]: expected distances of tiny random quorums in huge pools
/// are long sums.
const LARGE_POOL: f64 = 1e4;
const LEAST_QUORUM: f64 = 0.01;

/// Latencies of `tree`: proportional, on the ring with every statistic, and by table.
///
/// Corners: no latency at all, at the lower heights or in between, latencies that do not rise with the height, ties,
/// exponent 0 and such that the root takes 1e150, quorums of 1, 2/3, a half and next to nothing.
pub fn latency(tree: &PoolTree) -> impl Strategy<Value = Latency> + Clone + use<> {
    let tree = tree.clone();
    raw_latency().prop_filter_map("a valid latency", move |raw| Latency::new(fit_latency(raw, &tree)).ok())
}

/// Periods of `tree`: by ratio, by table, and back to back.
///
/// Corners: one common window (`r = 1`), `r = γ` only by chance but `r` of 2, 3 and up to 1000 often, tables whose
/// multiples are exact or rounded to ten digits. Back to back a height without latency cannot hold auctions: evaluating an
/// architecture that has it is an error ([`super::scenario_and_architecture`] avoids it).
pub fn period(tree: &PoolTree) -> impl Strategy<Value = Period> + Clone + use<> {
    let tree = tree.clone();
    raw_period().prop_filter_map("a valid period", move |raw| Period::new(fit_period(raw, &tree)).ok())
}

/// Timings of `tree`: latency and period as in [`latency`] and [`period`], every delay model, solving time mostly 0.
pub fn timing(tree: &PoolTree) -> impl Strategy<Value = Timing> + Clone + use<> {
    let tree = tree.clone();
    raw_timing().prop_filter_map("a valid timing", move |raw| raw.fit(&tree))
}

/// A timing before it is fitted to a tree.
#[derive(Debug, Clone)]
pub(super) struct RawTiming {
    latency: LatencyModel,
    pub(super) period: PeriodModel,
    delay: Delay,
    solving: f64,
}

pub(super) fn raw_timing() -> BoxedStrategy<RawTiming> {
    let solving = prop_oneof![4 => Just(0.0), 1 => positive(&[0.1, 1e-12, 1e12], -3..=0)];
    (raw_latency(), raw_period(), select(Delay::ALL.to_vec()), solving)
        .prop_map(|(latency, period, delay, solving)| RawTiming { latency, period, delay, solving })
        .boxed()
}

impl RawTiming {
    pub(super) fn fit(&self, tree: &PoolTree) -> Option<Timing> {
        let latency = Latency::new(fit_latency(self.latency.clone(), tree)).ok()?;
        let period = Period::new(fit_period(self.period.clone(), tree)).ok()?;
        Timing::new(latency, period, self.delay, self.solving).ok()
    }
}

fn raw_latency() -> BoxedStrategy<LatencyModel> {
    let moderate = || non_negative(&[1.0, 0.125, 1e-12, 1e12], -2..=0);
    let exponent = prop_oneof![
        4 => select(&[1.0, 0.5, 0.0, 1.0 / 3.0, 2.0, 1e3][..]),
        1 => 0.0..2.0,
    ];
    let quorum = || prop_oneof![3 => select(&[1.0, 2.0 / 3.0, 0.5, 1e-9][..]), 1 => unit().prop_map(|q| q.max(1e-6))];
    let statistic = prop_oneof![
        2 => Just(RingStatistic::Diameter),
        2 => Just(RingStatistic::MeanFarthest),
        1 => quorum().prop_map(|quorum| RingStatistic::RandomQuorum { quorum }),
        1 => quorum().prop_map(|quorum| RingStatistic::FastestQuorum { quorum }),
    ];
    let as_drawn = vec(moderate(), CYCLE);
    let rising = as_drawn.clone().prop_map(|mut values| {
        values.sort_by(f64::total_cmp);
        values
    });
    let none_below = (0..CYCLE, as_drawn.clone()).prop_map(|(first, mut values)| {
        values[..first].fill(0.0);
        values
    });
    let alike = moderate().prop_map(|value| vec![value; CYCLE]);
    prop_oneof![
        4 => (moderate(), exponent).prop_map(|(scale, exponent)| LatencyModel::Proportional { scale, exponent }),
        3 => (statistic, moderate()).prop_map(|(statistic, spacing)| LatencyModel::Ring { statistic, spacing }),
        3 => prop_oneof![alike, rising, none_below, as_drawn].prop_map(|values| LatencyModel::Table { values }),
    ]
    .boxed()
}

/// A table in this draft holds the lowest period first and then the growth from height to height, 0 for "once, rounded to
/// ten digits".
fn raw_period() -> BoxedStrategy<PeriodModel> {
    let base = || positive(&[1.0, 0.125, 1e-12, 1e12], -2..=0);
    let growth = || prop_oneof![6 => 1u32..=4, 1 => select(&[10, 64, 1000][..])];
    let multiples = vec(prop_oneof![8 => growth(), 1 => Just(0)].prop_map(f64::from), CYCLE);
    prop_oneof![
        5 => (base(), growth()).prop_map(|(base, ratio)| PeriodModel::Ratio { base, ratio }),
        3 => (base(), multiples).prop_map(|(base, mut values)| {
            values[0] = base;
            PeriodModel::Table { values }
        }),
        3 => Just(PeriodModel::BackToBack),
    ]
    .boxed()
}

fn fit_latency(raw: LatencyModel, tree: &PoolTree) -> LatencyModel {
    let operators = tree.size_f64(tree.depth());
    match raw {
        LatencyModel::Proportional { scale, exponent } => {
            // γ^(k · exponent) ≤ LARGEST
            let most = if operators > 1.0 { ln(LARGEST) / ln(operators) } else { f64::MAX };
            LatencyModel::Proportional { scale, exponent: exponent.min(most) }
        }
        LatencyModel::Ring { statistic, spacing } => {
            let enough = |quorum: f64| if operators > LARGE_POOL { quorum.max(LEAST_QUORUM) } else { quorum };
            let statistic = match statistic {
                RingStatistic::RandomQuorum { quorum } => RingStatistic::RandomQuorum { quorum: enough(quorum) },
                other => other,
            };
            LatencyModel::Ring { statistic, spacing: spacing.min(LARGEST / operators) }
        }
        LatencyModel::Table { values } => {
            LatencyModel::Table { values: values.into_iter().cycle().take(tree.depth() as usize + 1).collect() }
        }
        // Never drawn.
        sites @ LatencyModel::Sites { .. } => sites,
    }
}

fn fit_period(raw: PeriodModel, tree: &PoolTree) -> PeriodModel {
    match raw {
        PeriodModel::Ratio { base, ratio } => {
            let heights = f64::from(tree.depth().max(1));
            // ratio^k ≤ LARGEST, less the rounding of the root
            let most = pow(LARGEST, heights.recip()).floor();
            PeriodModel::Ratio { base, ratio: f64::from(ratio).min(most) as u32 }
        }
        PeriodModel::Table { values } => {
            let mut period = values[0];
            let mut table = vec![period];
            for growth in values.into_iter().skip(1).cycle().take(tree.depth() as usize) {
                period *= if growth == 0.0 {
                    1.0 + 4e-10
                } else if period * growth <= LARGEST {
                    growth
                } else {
                    1.0
                };
                table.push(period);
            }
            PeriodModel::Table { values: table }
        }
        PeriodModel::BackToBack => PeriodModel::BackToBack,
    }
}
