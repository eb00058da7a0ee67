//! Fills under bursty arrivals: the kernel against direct sums over the laws (tests/reference/bursts.py), fills by height
//! against a simulation of the mechanism, properties.

use crate::properties::support::config;
use crate::reference::{bursts, summarise};
use nalgebra::DVector;
use pooltree::Scenario;
use pooltree::estimate::{Agreement, CountMoments};
use pooltree::kernels::bursts::{
    filled_share, filled_share_between, unfilled_share, unfilled_share_in_large_pools, unfilled_share_of_sides,
};
use pooltree::kernels::unfilled;
use pooltree::orders::{Arrivals, closed_form::filled_shares};
use pooltree::pool_tree::Architecture;
use pooltree::strategies::{ScenarioOptions, scenario_and_architecture_with};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson};

/// False-alarm rate of all joint tests of the file together, and their number (Bonferroni).
const BUDGET: f64 = 1e-6;
const TESTS: f64 = 100.0;

const REPLICATIONS: u64 = 20_000;

#[test]
fn kernel_to_1e_12() {
    let rows = bursts();
    assert!(rows.len() >= 700, "{} rows", rows.len());
    for (function, summary) in summarise(&rows) {
        let worst = summary.worst;
        println!(
            "{function}: {} rows, worst {:.1e} at {}, mean {:.1e}",
            summary.rows,
            worst.error(),
            worst.at,
            summary.mean
        );
    }
    for (function, summary) in summarise(&rows) {
        let worst = summary.worst;
        assert!(
            worst.error() <= 1e-12,
            "{function}: {:e} at {}: {:e}, not {:e}",
            worst.error(),
            worst.at,
            worst.found,
            worst.expected
        );
    }
}

/// What the sides of one class bring at each operator per unit time.
struct Class {
    rates: [Vec<f64>; 2],
}

/// Binary tree of eight operators, windows `2^h/8`.
fn scenario(rate: f64, component: &str) -> Scenario {
    format!(
        "tree = {{ arity = 2, depth = 3 }}
         flow = {{ rate = {rate}, components = [{component}] }}
         timing.latency = {{ model = \"proportional\", scale = 0.1 }}
         timing.period = {{ model = \"ratio\", base = 0.125, ratio = 2 }}
         timing.delay = \"batched\"
         discount = {{ half_life = 1 }}"
    )
    .parse()
    .unwrap()
}

/// One class spread evenly.
fn uniform(rate: f64, side_share: f64) -> Vec<Class> {
    vec![Class { rates: [vec![rate * side_share / 8.0; 8], vec![rate * (1.0 - side_share) / 8.0; 8]] }]
}

/// For every ordered pair of neighbours in a pool of two a class with one side at each.
fn neighbours(rate: f64) -> Vec<Class> {
    let at = |operator: usize| (0..8).map(|i| if i == operator { rate / 16.0 } else { 0.0 }).collect::<Vec<f64>>();
    (0..8).map(|i| Class { rates: [at(i), at(i ^ 1)] }).collect()
}

/// How long a factor lasts in the mechanism.
#[derive(Clone, Copy, PartialEq)]
enum Factor {
    WindowOfTheTop,
    WindowOfTheLowest,
}

fn count(mean: f64, size: u64, rng: &mut ChaCha8Rng) -> u64 {
    if mean == 0.0 { 0 } else { size * Poisson::new(mean / size as f64).unwrap().sample(rng) as u64 }
}

/// Orders filled at each of `heights` in one window of the highest, by matching what is there and forwarding the rest.
fn replication(
    classes: &[Class],
    heights: &[u32],
    arrivals: Arrivals,
    lasts: Factor,
    rng: &mut ChaCha8Rng,
) -> Vec<u64> {
    let period = |h: u32| 0.125 * f64::from(1u32 << h);
    let (lowest, top) = (heights[0], heights[heights.len() - 1]);
    let mut filled = vec![0; heights.len()];
    for class in classes {
        let factor = |rng: &mut ChaCha8Rng| match arrivals {
            Arrivals::Gamma { shape } => [(); 2].map(|()| Gamma::new(shape, 1.0 / shape).unwrap().sample(rng)),
            _ => [1.0; 2],
        };
        let size = if let Arrivals::Batches { size } = arrivals { size } else { 1 };
        let mut factors = factor(rng);
        // What arrives: waiting[window][pool] of the lowest active height.
        let mut waiting: Vec<Vec<[u64; 2]>> = Vec::new();
        for _ in 0..1 << (top - lowest) {
            if lasts == Factor::WindowOfTheLowest {
                factors = factor(rng);
            }
            let mut pools = vec![[0; 2]; 8 >> lowest];
            for operator in 0..8 {
                for side in 0..2 {
                    let mean = class.rates[side][operator] * factors[side] * period(lowest);
                    pools[operator >> lowest][side] += count(mean, size, rng);
                }
            }
            waiting.push(pools);
        }
        for (i, &height) in heights.iter().enumerate() {
            if i > 0 {
                let up = (height - heights[i - 1]) as usize;
                let joined = waiting.chunks(1 << up).map(|windows| {
                    (0..8 >> height)
                        .map(|pool| {
                            let children = windows.iter().flat_map(|pools| &pools[pool << up..(pool + 1) << up]);
                            children.fold([0; 2], |sum, n| [sum[0] + n[0], sum[1] + n[1]])
                        })
                        .collect()
                });
                waiting = joined.collect();
            }
            for n in waiting.iter_mut().flatten() {
                let pairs = n[0].min(n[1]);
                filled[i] += 2 * pairs;
                *n = [n[0] - pairs, n[1] - pairs];
            }
        }
    }
    filled
}

/// A flow as the library and as the mechanism see it.
struct Case {
    scenario: Scenario,
    classes: Vec<Class>,
    rate: f64,
}

fn cases() -> Vec<Case> {
    let case = |rate: f64, component: &str, classes| Case { scenario: scenario(rate, component), classes, rate };
    vec![
        case(64.0, "{ kind = \"uniform\" }", uniform(64.0, 0.5)),
        case(20.0, "{ kind = \"uniform\", side_share = 0.3 }", uniform(20.0, 0.3)),
        case(150.0, "{ kind = \"nearby\", height = 1 }", neighbours(150.0)),
    ]
}

/// The joint test of what the mechanism filled against what a law expects.
fn agreement(case: &Case, heights: &[u32], mechanism: (Arrivals, Factor), formula: Arrivals, seed: u64) -> Agreement {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut moments = CountMoments::new(heights.len());
    for _ in 0..REPLICATIONS {
        moments.add(&replication(&case.classes, heights, mechanism.0, mechanism.1, &mut rng));
    }
    let window = 0.125 * f64::from(1u32 << heights[heights.len() - 1]);
    let estimate = moments.estimate(1.0 / (case.rate * window)).unwrap();
    let architecture = Architecture::new(case.scenario.tree(), heights.iter().copied()).unwrap();
    let fills = filled_shares(&case.scenario, &architecture, &formula).unwrap();
    let expected = DVector::from_iterator(heights.len(), fills.iter().map(|fill| fill.filled_share));
    Agreement::test(&estimate, None, &expected, &DVector::zeros(heights.len()))
}

const HEIGHTS: [&[u32]; 3] = [&[1, 2, 3], &[0, 2], &[3]];

const LAWS: [Arrivals; 5] = [
    Arrivals::Poisson,
    Arrivals::Gamma { shape: 0.4 },
    Arrivals::Gamma { shape: 1.0 },
    Arrivals::Gamma { shape: 4.0 },
    Arrivals::Batches { size: 5 },
];

#[test]
fn fills_agree_with_the_mechanism() {
    let mut seed = 0;
    for case in cases() {
        for heights in HEIGHTS {
            for law in LAWS {
                seed += 1;
                let found = agreement(&case, heights, (law, Factor::WindowOfTheTop), law, seed);
                assert!(found.p_value > BUDGET / TESTS, "{law:?}, {heights:?}, seed {seed}: {found:?}");
            }
        }
    }
    assert!(f64::from(seed as u32) <= TESTS);
}

/// The same test at the same size notices another law, another shape or size, and factors that last for one window of the
/// lowest height only.
#[test]
fn rejects_what_is_wrong() {
    let all: &[u32] = &[1, 2, 3];
    let case = &cases()[0];
    let top = Factor::WindowOfTheTop;
    let four = Arrivals::Gamma { shape: 4.0 };
    let wrong = [
        ((four, top), Arrivals::Poisson),
        ((Arrivals::Batches { size: 5 }, top), Arrivals::Poisson),
        ((four, top), Arrivals::Gamma { shape: 5.0 }),
        ((Arrivals::Batches { size: 5 }, top), Arrivals::Batches { size: 4 }),
        ((four, Factor::WindowOfTheLowest), four),
        ((Arrivals::Poisson, top), four),
    ];
    for (i, (mechanism, formula)) in wrong.into_iter().enumerate() {
        let found = agreement(case, all, mechanism, formula, 1000 + i as u64);
        assert!(found.p_value < BUDGET / TESTS, "{i}: {formula:?} passes: {found:?}");
    }
}

/// The filled share in large pools tends to what the factors leave, and the filling rate of further heights to 0.
#[test]
fn no_pool_is_large_enough() {
    let scenario: Scenario = "tree = { arity = 2, depth = 40 }
         flow = { rate = 1099511627776.0 }
         timing.latency = { model = \"proportional\", scale = 0.1 }
         timing.period = { model = \"ratio\", base = 1.0, ratio = 2 }
         timing.delay = \"batched\"
         discount = { half_life = 1 }"
        .parse()
        .unwrap();
    let tree = Architecture::full(scenario.tree());
    let bursts = filled_shares(&scenario, &tree, &Arrivals::Gamma { shape: 4.0 }).unwrap();
    let floor = unfilled_share_in_large_pools(4.0).unwrap();
    let last = bursts.last().unwrap();
    assert!((last.unfilled_share - floor).abs() < 1e-15);
    assert!(last.filling_rate > 0.0 && last.filling_rate < 1e-20);
    // The gap above the floor closes as 1/x, x = 4^h/2: each height fills a quarter of what the last one did.
    let [a, b] = [bursts[30].filled_share, bursts[31].filled_share];
    assert!((a / b - 4.0).abs() < 1e-9, "{a:e} {b:e}");
    let poisson = filled_shares(&scenario, &tree, &Arrivals::Poisson).unwrap();
    assert!((poisson[30].filling_rate - 0.5).abs() < 1e-9);
    let batches = filled_shares(&scenario, &tree, &Arrivals::Batches { size: 5 }).unwrap();
    assert!((batches[30].filling_rate - 0.5).abs() < 1e-9);
}

fn shape() -> impl Strategy<Value = f64> {
    prop_oneof![(-3.0..9.0f64).prop_map(|e| 10f64.powf(e)), Just(1.0), Just(4.0), Just(0.5)]
}

fn orders() -> impl Strategy<Value = f64> {
    (-12.0..9.0f64).prop_map(|e| 10f64.powf(e))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn between_floor_and_one(shape in shape(), x in orders(), more in 1.0..4.0f64) {
        let g = unfilled_share(shape, x)?;
        let slack = 1.0 + 1e-13;
        prop_assert!(g <= 1.0 && g * slack >= unfilled_share_in_large_pools(shape)?);
        // Bursts only ever leave more, steadier ones less; larger windows fill more.
        prop_assert!(g * slack >= unfilled::unfilled_share(x)?);
        prop_assert!(unfilled_share(shape, x * more)? <= g * slack);
        prop_assert!(unfilled_share(shape * more, x)? <= g * slack);
        prop_assert!((g + filled_share(shape, x)? - 1.0).abs() < 1e-15);
    }

    #[test]
    fn steps_add_up(shape in shape(), a in orders(), ratio in 0.01..100.0f64, t in 1.0..9.0f64) {
        let b = a * ratio;
        let step = filled_share_between(shape, a, b, 1.0, t)?;
        prop_assert!(step >= 0.0);
        let [before, after] = [unfilled_share_of_sides(shape, a, b)?, unfilled_share_of_sides(shape, t * a, t * b)?];
        prop_assert!((before - after - step).abs() <= 2e-14 * before, "{before} {after} {step}");
        let mirrored = unfilled_share_of_sides(shape, b, a)?;
        prop_assert!((mirrored - before).abs() <= 1e-14 * before);
        let close = unfilled_share_of_sides(shape, a, a * (1.0 + 1e-15))?;
        prop_assert!((close / unfilled_share(shape, a)? - 1.0).abs() < 1e-12);
    }

    #[test]
    fn steady_factors_are_none(x in (-12.0..3.0f64).prop_map(|e| 10f64.powf(e))) {
        // The variance of a side is x (1 + x/α).
        let limit = 2e-12 + x * 1e-12;
        prop_assert!((unfilled_share(1e12, x)? / unfilled::unfilled_share(x)? - 1.0).abs() < limit);
        prop_assert!((filled_share(1e12, x)? / unfilled::filled_share(x)? - 1.0).abs() < limit);
    }

    #[test]
    fn single_orders_are_batches_of_one(
        (scenario, architecture) in scenario_and_architecture_with(ScenarioOptions::default()), shape in shape()
    ) {
        let poisson = filled_shares(&scenario, &architecture, &Arrivals::Poisson)?;
        let batches = filled_shares(&scenario, &architecture, &Arrivals::Batches { size: 1 })?;
        prop_assert_eq!(&batches, &poisson);
        let closed_form = pooltree::ClosedForm::evaluate(&scenario, &architecture)?;
        for (fill, height) in poisson.iter().zip(&closed_form.by_height) {
            prop_assert_eq!(fill.filled_share, height.filled_share);
            prop_assert_eq!(fill.filling_rate, height.filling_rate);
        }
        let mut total = 0.0;
        for fill in filled_shares(&scenario, &architecture, &Arrivals::Gamma { shape })? {
            total += fill.filled_share;
            prop_assert!(fill.filled_share >= 0.0 && fill.filling_rate <= 1.0 + 1e-12);
            prop_assert!((total + fill.unfilled_share - 1.0).abs() < 1e-12);
        }
    }
}
