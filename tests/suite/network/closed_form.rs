//! The general closed form: against the one of regular trees, a sum written out, and drawn batches.

use super::pools::nested;
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::kernels::matched::expected_min;
use pooltree::pool_tree::closed_form::network::evaluate;
use pooltree::pool_tree::{Architecture, Delay, Discount, DiscountModel, Kind, Period, PeriodModel};
use pooltree::pool_tree::{Class, CustomFlow, Network, NetworkParts, Pools};
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;

/// The flow of a regular scenario, every class written out as the document describes it.
fn written_out(scenario: &Scenario) -> CustomFlow {
    let tree = scenario.tree();
    let (n, arity, depth) = (tree.operators().unwrap() as usize, tree.arity() as usize, tree.depth());
    let pairs = scenario.flow().asset_pairs() as usize;
    let mut classes = Vec::new();
    let shares: f64 = scenario.flow().components().iter().map(pooltree::pool_tree::Component::share).sum();
    for component in scenario.flow().components() {
        let rate = scenario.flow().rate() * component.share() / shares / pairs as f64;
        let s = component.side_share();
        let mut add = |rate: f64, one: &[usize], other: &[usize]| {
            let side = |share: f64, at: &[usize]| -> Vec<(usize, f64)> {
                at.iter().map(|&operator| (operator, share * rate / at.len() as f64)).collect()
            };
            let class = Class::new([&side(s, one), &side(1.0 - s, other)]).unwrap();
            (0..pairs).for_each(|_| classes.push(class.clone()));
        };
        let everybody: Vec<usize> = (0..n).collect();
        let mut meet_at = |rate: f64, j: u32| {
            if j == 0 {
                (0..n).for_each(|i| add(rate / n as f64, &[i], &[i]));
                return;
            }
            let (size, child) = (arity.pow(j), arity.pow(j - 1));
            let count = n / size * arity * (arity - 1);
            for pool in (0..n).step_by(size) {
                for (a, b) in (0..arity).flat_map(|a| (0..arity).map(move |b| (a, b))).filter(|(a, b)| a != b) {
                    let of = |c: usize| (pool + c * child..pool + (c + 1) * child).collect::<Vec<_>>();
                    add(rate / count as f64, &of(a), &of(b));
                }
            }
        };
        match *component.kind() {
            Kind::Uniform => add(rate, &everybody, &everybody),
            Kind::SingleSite { operator } => add(rate, &[operator as usize], &[operator as usize]),
            Kind::MeetAt { height } | Kind::Nearby { height } => meet_at(rate, height),
            Kind::Opposite => meet_at(rate, depth),
            Kind::ScaleFree { exponent } => {
                let g = arity as f64;
                let part = |j: u32| (g.powi(j as i32) - g.powi(j as i32 - 1)) * g.powf(-exponent * f64::from(j));
                let all: f64 = (1..=depth).map(part).sum();
                (1..=depth).for_each(|j| meet_at(rate * part(j) / all, j));
            }
            Kind::CircleDistance { distance } => {
                let d = distance as usize;
                let ends: Vec<(usize, usize)> = if 2 * d == n {
                    (0..n).map(|i| (i, (i + d) % n)).collect()
                } else {
                    (0..n).flat_map(|i| [(i, (i + d) % n), ((i + d) % n, i)]).collect()
                };
                ends.iter().for_each(|&(a, b)| add(rate / ends.len() as f64, &[a], &[b]));
            }
            Kind::Custom(_) => unreachable!("regular scenarios have no flow of their own"),
        }
    }
    CustomFlow::new(n, classes).unwrap()
}

fn network_of(scenario: &Scenario) -> Network {
    let tree = scenario.tree();
    let pools = Pools::regular(tree).unwrap();
    let latency = |height: u32| {
        let alone = Architecture::local(tree, height).unwrap();
        scenario.schedule(&alone).unwrap().levels()[0].latency
    };
    Network::new(NetworkParts {
        latencies: (0..=tree.depth())
            .map(|height| vec![latency(height); pools.count(height)])
            .collect::<Vec<_>>()
            .into(),
        flow: written_out(scenario),
        pools: pools.into(),
        period: scenario.timing().period().clone(),
        delay: scenario.timing().delay(),
        discount: *scenario.discount(),
        utility_mean: scenario.utility_mean(),
        cost_per_message: scenario.cost_per_message(),
    })
    .unwrap()
}

fn close(what: &str, found: f64, expected: f64, accuracy: f64) {
    assert!((found - expected).abs() <= accuracy * expected.abs().max(1e-12), "{what}: {found:e} is not {expected:e}");
}

#[test]
fn regular_trees_have_the_welfare_of_their_own_formula() {
    for (i, component) in COMPONENTS.iter().enumerate() {
        for (j, period) in PERIODS.iter().enumerate() {
            for ([arity, depth], active) in
                [([2u32, 3u32], vec![1u32, 2, 3]), ([2, 3], vec![0, 2]), ([3, 2], vec![0, 1, 2]), ([3, 2], vec![2])]
            {
                let rate = [3.0, 40.0, 700.0][(i + j + active.len()) % 3];
                let assets = [2, 3][(i + j) % 2];
                let delay = ["idealised", "cumulative", "batched"][(i + active.len()) % 3];
                let text = format!(
                    "tree = {{ arity = {arity}, depth = {depth} }}\n\
                     flow = {{ rate = {rate:e}, assets = {assets}, components = [{component}] }}\n\
                     timing.latency = {{ model = \"proportional\", scale = 0.1 }}\n\
                     timing.period = {{ {period} }}\ntiming.delay = \"{delay}\"\n\
                     discount = {{ half_life = 0.8 }}\nutility.mean = 1.7\ncost.per_message = 0.01\n"
                );
                let Ok(scenario) =
                    text.replace("base = 0.1, ratio = 2", &format!("base = 0.1, ratio = {arity}")).parse::<Scenario>()
                else {
                    continue; // a component that needs another depth
                };
                let expected = ClosedForm::evaluate(
                    &scenario,
                    &Architecture::new(scenario.tree(), active.iter().copied()).unwrap(),
                )
                .unwrap();
                let found = evaluate(&network_of(&scenario), &active).unwrap().total;
                close("gross", found.gross, expected.gross, 1e-13);
                close("net", found.net, expected.net, 1e-12);
                close("cost", found.cost, expected.cost, 1e-14);
                close("filled", found.filled_share, expected.filled_share, 1e-13);
                close("unfilled", found.unfilled_share, expected.unfilled_share, 1e-13);
                for (found, expected) in found.by_height.iter().zip(&expected.by_height) {
                    let accuracy = 1e-13;
                    close("filled here", found.filled_share, expected.filled_share, accuracy);
                    close("discount", found.expected_discount, expected.expected_discount, accuracy);
                    close("rate", found.filling_rate, expected.filling_rate, accuracy);
                    close("gross here", found.gross, expected.gross, accuracy);
                    close("period", found.period, expected.period, accuracy);
                    close("offset", found.offset, expected.offset, accuracy);
                    assert_eq!(found.pipelined, expected.pipelined);
                }
            }
        }
    }
}

/// Any network: pools, classes, latencies.
pub(super) fn networks() -> impl Strategy<Value = Network> {
    (nested(), any::<u64>(), 0usize..3).prop_map(|((n, heights), seed, delay)| {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let pools = Pools::new(n, &heights).unwrap();
        let mut classes = Vec::new();
        for _ in 0..rng.random_range(1..4) {
            let mut side = || -> Vec<(usize, f64)> {
                let mut rates = Vec::new();
                for operator in 0..n {
                    if rng.random::<f64>() < 0.6 {
                        rates.push((operator, [0.01, 0.5, 2.0, 30.0][rng.random_range(0..4)]));
                    }
                }
                rates
            };
            let (one, other) = (side(), side());
            classes.push(Class::new([&one, &other]).unwrap());
        }
        classes.push(Class::new([&[(0, 0.1)], &[]]).unwrap());
        let latencies: Vec<Vec<f64>> =
            (0..=pools.depth()).map(|height| (0..pools.count(height)).map(|_| rng.random::<f64>()).collect()).collect();
        Network::new(NetworkParts {
            latencies: latencies.into(),
            flow: CustomFlow::new(n, classes).unwrap(),
            pools: pools.into(),
            period: Period::new(PeriodModel::Ratio { base: 0.5, ratio: 2 }).unwrap(),
            delay: [Delay::Idealised, Delay::Cumulative, Delay::Batched][delay],
            discount: Discount::new(DiscountModel::Factor(0.4)).unwrap(),
            utility_mean: 1.0,
            cost_per_message: 0.02,
        })
        .unwrap()
    })
}

/// Matched per unit time in one pool, by the rates of its members summed up.
fn matched(network: &Network, height: u32, pool: usize, period: f64) -> f64 {
    let members = network.pools().members(height, pool);
    let of_class = |class: &Class| {
        let inside = class.rates().iter().filter(|(operator, _)| members.contains(operator));
        let [a, b] = inside.fold([0.0, 0.0], |[a, b], (_, sides)| [a + sides[0], b + sides[1]]);
        2.0 * expected_min(a * period, b * period).unwrap() / period
    };
    network.flow().classes().iter().map(of_class).sum()
}

proptest! {
    #![proptest_config(crate::properties::support::config())]

    #[test]
    fn any_tree_is_the_sum_over_its_pools(network in networks(), set in 1u32..32) {
        let pools = network.pools();
        let active: Vec<u32> = (0..=pools.depth()).filter(|height| set >> height & 1 == 1).collect();
        prop_assume!(!active.is_empty());
        let found = evaluate(&network, &active).unwrap();
        let rate = network.flow().rate();
        let mut gross = 0.0;
        let mut ends: Vec<f64> = Vec::new();
        for (i, &height) in active.iter().enumerate() {
            let period = 0.5 * 2f64.powi(height as i32);
            let mut own = Vec::new();
            for pool in 0..pools.count(height) {
                let inside = |below: u32| (0..pools.count(below)).filter(move |&part| pools.pool_of(height, pools.members(below, part)[0]) == pool);
                let before: f64 = i.checked_sub(1).map_or(0.0, |j| {
                    inside(active[j]).map(|part| matched(&network, active[j], part, 0.5 * 2f64.powi(active[j] as i32))).sum()
                });
                let fills = matched(&network, height, pool, period) - before;
                let start = if network.delay() == Delay::Idealised || i == 0 { 0.0 } else { inside(active[i - 1]).map(|part| ends[part]).fold(0.0, f64::max) };
                let end = start + network.latency(height, pool);
                own.push(end);
                let wait = if network.delay() == Delay::Batched {
                    (1.0 - 0.4f64.powf(period)) / (period * -(0.4f64.ln()))
                } else {
                    1.0
                };
                let here = found.pools[i][pool];
                prop_assert!((here.filled_share * rate - fills).abs() <= 1e-12 * rate, "{} {}", here.filled_share * rate, fills);
                prop_assert!((here.expected_discount - 0.4f64.powf(end) * wait).abs() <= 1e-13);
                prop_assert!(here.filled_share >= 0.0);
                gross += fills * here.expected_discount;
            }
            ends = own;
        }
        prop_assert!((found.total.gross - gross).abs() <= 1e-12 * rate);
        prop_assert!((found.total.filled_share + found.total.unfilled_share - 1.0).abs() <= 1e-13);
        prop_assert!((found.total.net - (found.total.gross - found.total.cost)).abs() <= 1e-12 * rate);
    }
}
