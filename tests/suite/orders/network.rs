//! The orders engine on networks: against the closed form of networks, and against its own rules order by order.
//!
//! One error budget for the whole file: with the right formulas all its tests together fail with probability 1e-6 at most (a
//! fixed set of seeds, so that they either always or never do).

mod rules;

use super::{by_value, heights, run};
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::closed_form::{bids, carry_over, filled_shares};
use pooltree::orders::compare::{Confirmed, Known};
use pooltree::orders::quality::MatchQuality;
use pooltree::orders::simulation::{OrdersEngine, SimulatedOrders};
use pooltree::orders::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, ValueLaw};
use pooltree::pool_tree::closed_form::network::evaluate;
use pooltree::pool_tree::{
    Architecture, Class, Component, CustomFlow, Delay, Discount, DiscountModel, Flow, Kind, Latency, LatencyModel,
    Model, Period, PeriodModel, PoolTree, Pools, RingStatistic, Timing,
};
use pooltree::{Scenario, compare};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const TESTS: f64 = 1000.0;

const REPLICATIONS: u64 = 2000;

const ARRIVALS: [Arrivals; 3] = [Arrivals::Poisson, Arrivals::Gamma { shape: 3.0 }, Arrivals::Batches { size: 3 }];

const PRIORITIES: [(Priority, ValueLaw); 4] = [
    (Priority::Random, ValueLaw::Exponential),
    (Priority::HighestValue, ValueLaw::Uniform { spread: 1.0 }),
    (Priority::Oldest, ValueLaw::Uniform { spread: 0.5 }),
    (Priority::Newest, ValueLaw::Point),
];

fn below<R: Rng>(rng: &mut R, n: usize) -> usize {
    rng.random_range(0..n)
}

/// Operators in pools of any size, three heights or four: a shuffled row, cut anywhere, and neighbours put together.
fn pools<R: Rng>(rng: &mut R) -> Pools {
    let n = 3 + below(rng, 6);
    let mut row: Vec<usize> = (0..n).collect();
    (1..n).for_each(|i| row.swap(i, below(rng, i + 1)));
    let mut height: Vec<Vec<usize>> = Vec::new();
    for operator in row {
        match height.last_mut() {
            Some(last) if rng.random::<f64>() < 0.5 => last.push(operator),
            _ => height.push(vec![operator]),
        }
    }
    let mut all = vec![height];
    for _ in 0..below(rng, 2) {
        let mut above: Vec<Vec<usize>> = Vec::new();
        for pool in all.last().unwrap() {
            match above.last_mut() {
                Some(last) if rng.random::<f64>() < 0.6 => last.extend(pool),
                _ => above.push(pool.clone()),
            }
        }
        all.push(above);
    }
    Pools::new(n, &all).unwrap()
}

/// A class with sides of any rates at some of the operators.
fn class<R: Rng>(rng: &mut R, operators: usize) -> Class {
    let side = |rng: &mut R| -> Vec<(usize, f64)> {
        let scale = 0.3 + rng.random::<f64>();
        let mut rates = Vec::new();
        for operator in 0..operators {
            if rng.random::<f64>() < 0.6 {
                rates.push((operator, scale * rng.random::<f64>()));
            }
        }
        rates
    };
    let sides = [side(rng), side(rng)];
    Class::new([&sides[0], &sides[1]]).unwrap().with_copies(1 + below(rng, 2) as u64)
}

/// What makes a model on given pools.
struct Bench {
    pools: Pools,
    latencies: Vec<Vec<f64>>,
    classes: Vec<Class>,
    period: PeriodModel,
    delay: Delay,
    rate: f64,
    /// Whether half of the orders are spread evenly.
    mixed: bool,
}

impl Bench {
    fn random(seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let pools = pools(rng);
        let slow = |rng: &mut ChaCha8Rng, height: u32| {
            (0..pools.count(height)).map(|_| (0.02 + 0.3 * rng.random::<f64>()) * f64::from(height + 1)).collect()
        };
        let latencies = (0..=pools.depth()).map(|height| slow(rng, height)).collect();
        let mut classes: Vec<Class> = (0..=below(rng, 4)).map(|_| class(rng, pools.operators())).collect();
        classes.push(Class::new([&[(0, 0.3)], &[(pools.operators() - 1, 0.4)]]).unwrap());
        let period = match below(rng, 3) {
            0 => PeriodModel::BackToBack,
            1 => PeriodModel::Ratio { base: 0.4, ratio: 1 },
            _ => PeriodModel::Ratio { base: 0.2, ratio: 2 },
        };
        let delay = [Delay::Idealised, Delay::Cumulative, Delay::Batched, Delay::Batched][below(rng, 4)];
        let rate = [6.0, 30.0, 150.0][below(rng, 3)];
        Self { pools, latencies, classes, period, delay, rate, mixed: rng.random::<f64>() < 0.4 }
    }

    fn model(&self) -> Model {
        let tree = PoolTree::given(self.pools.clone());
        let own = Kind::Custom(CustomFlow::new(self.pools.operators(), self.classes.clone()).unwrap());
        let components = if self.mixed {
            vec![Component::new(Kind::Uniform, 0.5, 0.4).unwrap(), Component::new(own, 0.5, 0.5).unwrap()]
        } else {
            vec![Component::new(own, 1.0, 0.5).unwrap()]
        };
        let pools = self.latencies.clone().into();
        let latency = LatencyModel::Sites { statistic: RingStatistic::Diameter, scale: 1.0, pools };
        let timing =
            Timing::new(Latency::new(latency).unwrap(), Period::new(self.period.clone()).unwrap(), self.delay, 0.0);
        let discount = Discount::new(DiscountModel::Factor(0.4)).unwrap();
        Model::new(tree, Flow::new(self.rate, 2, components).unwrap(), timing.unwrap(), discount, 1.3, 0.0).unwrap()
    }
}

/// Some of the heights.
fn some_heights(model: &Model, i: u64) -> Architecture {
    let depth = model.tree().depth();
    let sets = [(0..=depth).collect::<Vec<_>>(), (1..=depth).collect(), vec![depth], vec![0, depth], vec![1]];
    Architecture::new(model.tree(), sets[i as usize % sets.len()].iter().copied()).unwrap()
}

fn simulate(
    model: &Model,
    architecture: &Architecture,
    orders: &Orders,
    seed: u64,
    replications: u64,
) -> SimulatedOrders {
    let monte_carlo = MonteCarlo::new(seed, Stopping::Replications(replications)).unwrap();
    SimulatedOrders::simulate(model, architecture, orders, &monte_carlo, &|_, _| ()).unwrap()
}

fn close(found: &[f64], expected: &[f64], accuracy: f64) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= accuracy * (1.0 + b.abs()), "{found:?} is not {expected:?}");
    }
}

/// The scenario with its complete tree as given pools.
fn written_out(scenario: &Scenario) -> Model {
    let tree = PoolTree::given(Pools::regular(scenario.tree()).unwrap());
    let (flow, timing) = (scenario.flow().clone(), scenario.timing().clone());
    Model::new(tree, flow, timing, *scenario.discount(), scenario.utility_mean(), 0.0).unwrap()
}

/// A complete tree is a network like any other.
#[test]
fn complete_trees_written_out_agree() {
    let mut tests = 0;
    for (i, component) in COMPONENTS.iter().filter(|text| !text.contains("circle")).enumerate() {
        for (j, period) in PERIODS.iter().enumerate() {
            let (tree, set) =
                [([2, 3], vec![1, 2, 3]), ([3, 2], vec![0, 1, 2]), ([2, 3], vec![2])][(i + j) % 3].clone();
            let delay = ["idealised", "cumulative", "batched"][(i + 2 * j) % 3];
            let scenario = super::scenario(tree, [12.0, 60.0, 300.0][j], [2, 3][i % 2], component, period, delay);
            let regular = heights(&scenario, &set);
            let network = written_out(&scenario);
            assert!(network.network().is_some() && scenario.network().is_none());
            let given = Architecture::new(network.tree(), set).unwrap();
            for (k, arrivals) in ARRIVALS.into_iter().enumerate() {
                let (priority, value) = PRIORITIES[(i + j + k) % PRIORITIES.len()];
                let orders = Orders { arrivals, priority, value, ..Orders::default() };
                let expected = Known::new(&scenario, &regular, &orders).unwrap();
                let known = Known::new(&network, &given, &orders).unwrap();
                close(&known.filled, &expected.filled, 1e-12);
                close(&known.delay, &expected.delay, 1e-12);
                close(&known.discount, &expected.discount, 1e-12);
                let unfilled = |model: &Model, of: &Architecture| -> Vec<f64> {
                    let fills = filled_shares(model, of, &arrivals).unwrap();
                    fills.iter().flat_map(|fill| [fill.unfilled_share, fill.filling_rate]).collect()
                };
                close(&unfilled(&network, &given), &unfilled(&scenario, &regular), 1e-11);
                let seen = simulate(&network, &given, &orders, (100 * i + 10 * j + k) as u64, 1000);
                assert!(seen.account.balances());
                let p = expected.agreement(&seen).0.unwrap().p_value;
                assert!(p > BUDGET / TESTS, "{p}: {component} {period} {orders:?}");
                tests += 1;
            }
        }
    }
    assert!((60..100).contains(&tests), "{tests}");
}

/// Unequal pools, latencies and sides: fills, delays, values and welfare.
#[test]
fn networks_agree() {
    let mut p_values = Vec::new();
    let mut seen_of = std::collections::BTreeMap::<&str, usize>::new();
    for seed in 0..120 {
        let model = Bench::random(seed).model();
        let architecture = some_heights(&model, seed);
        let arrivals = ARRIVALS[seed as usize % 3];
        let (priority, value) = PRIORITIES[(seed / 3) as usize % PRIORITIES.len()];
        let orders = Orders { arrivals, priority, value, ..Orders::default() };
        let simulated = simulate(&model, &architecture, &orders, seed, REPLICATIONS);
        assert!(simulated.account.balances());
        if arrivals == Arrivals::Poisson {
            let known = Known::new(&model, &architecture, &orders).unwrap();
            let welfare = evaluate(model.network().unwrap(), architecture.heights()).unwrap().total;
            close(&known.filled, &welfare.by_height.iter().map(|h| h.filled_share).collect::<Vec<_>>(), 0.0);
            let gross: f64 = known.filled.iter().zip(&known.discount).map(|(f, d)| f * d).sum();
            close(&[gross * model.flow().rate() * known.value], &[welfare.gross], 1e-12);
        }
        let confirmed = Confirmed::new(&model, &architecture, &orders, simulated).unwrap();
        let agreement = confirmed.agreement.unwrap();
        assert!(agreement.p_value > BUDGET / TESTS, "{seed} {architecture} {orders:?}: {agreement:?}");
        if agreement.degrees_of_freedom > 0 {
            p_values.push(agreement.p_value);
        }
        confirmed.tested.iter().for_each(|name| *seen_of.entry(name).or_default() += 1);
    }
    assert_eq!(seen_of.keys().copied().collect::<Vec<_>>(), ["delays", "fills", "values", "welfare"]);
    assert!(seen_of.values().all(|n| *n > 20), "{seen_of:?}");
    // Not too many small ones, and not all large either.
    let n = p_values.len() as f64;
    for level in [0.01, 0.1, 0.5, 0.9] {
        let below = p_values.iter().filter(|p| **p < level).count() as f64;
        assert!((below - n * level).abs() < 6.5 * (n * level * (1.0 - level)).sqrt(), "{below} of {n} below {level}");
    }
}

/// Formulas that take pools or classes to be alike are noticed at the same number of replications.
#[test]
fn wrong_formulas_are_rejected() {
    let limit = BUDGET / TESTS;
    let (mut largest, mut plain, mut heavier, mut poisson, mut cases) = (0, 0, 0, 0, 0);
    for seed in 0..20 {
        let mut bench = Bench::random(seed);
        (bench.rate, bench.delay, bench.mixed) = (150.0, Delay::Batched, false);
        let model = bench.model();
        let architecture = Architecture::full(model.tree());
        let orders = Orders::default();
        let simulated = simulate(&model, &architecture, &orders, seed, 8 * REPLICATIONS);
        let known = Known::new(&model, &architecture, &orders).unwrap();
        let p = |known: &Known| known.agreement(&simulated).0.unwrap().p_value;
        assert!(p(&known) > limit);
        cases += 1;
        // The largest offset and latency of a level for all of its pools.
        let mut wrong = known.clone();
        for (i, level) in model.schedule(&architecture).unwrap().levels().iter().enumerate() {
            wrong.delay[i] = level.offset + level.latency + 0.5 * level.period;
            wrong.discount[i] = model.timing().expected_discount(model.discount(), level);
        }
        largest += usize::from(p(&wrong) < limit);
        // Pools weighted by number and not by what they fill.
        let mut wrong = known.clone();
        let network = model.network().unwrap();
        for (i, level) in network.schedule(architecture.heights()).unwrap().iter().enumerate() {
            let own = level.offsets.iter().enumerate().map(|(pool, o)| o + network.latency(level.height, pool));
            wrong.delay[i] = own.sum::<f64>() / level.offsets.len() as f64 + 0.5 * level.period;
        }
        plain += usize::from(p(&wrong) < limit);
        // One class, the heaviest, brings a twentieth more on its shorter side.
        let heaviest = (0..bench.classes.len()).max_by(|&a, &b| {
            let rate = |i: usize| bench.classes[i].rate() * bench.classes[i].copies() as f64;
            rate(a).total_cmp(&rate(b))
        });
        let old = bench.classes[heaviest.unwrap()].clone();
        let side = |s: usize| -> f64 { old.rates().iter().map(|(_, rates)| rates[s]).sum() };
        let more = if side(0) < side(1) { [1.05, 1.0] } else { [1.0, 1.05] };
        let [first, second] =
            [0, 1].map(|s| old.rates().iter().map(|&(at, rates)| (at, more[s] * rates[s])).collect::<Vec<_>>());
        bench.classes[heaviest.unwrap()] = Class::new([&first, &second]).unwrap().with_copies(old.copies());
        let wrong = Known::new(&bench.model(), &architecture, &orders).unwrap();
        heavier += usize::from(p(&wrong) < limit);
        let bursts = Orders { arrivals: Arrivals::Gamma { shape: 3.0 }, ..orders };
        poisson += usize::from(p(&Known::new(&model, &architecture, &bursts).unwrap()) < limit);
    }
    assert!(largest > cases * 2 / 3 && plain > cases * 2 / 3, "{largest} {plain} of {cases}");
    assert!(heavier > cases * 2 / 3 && poisson > cases * 3 / 4, "{heavier} {poisson} of {cases}");
}

#[test]
fn any_number_of_threads() {
    let mut bench = Bench::random(7);
    bench.mixed = true;
    let model = bench.model();
    let settings = [
        Orders::default(),
        Orders { arrivals: Arrivals::Gamma { shape: 2.0 }, ..by_value() },
        Orders {
            lifetime: Lifetime::Patience { patience_rate: 0.5, patience_from: PatienceFrom::Arrival },
            arrivals: Arrivals::Batches { size: 2 },
            ..Orders::default()
        },
    ];
    for orders in settings {
        for i in 0..5 {
            let architecture = some_heights(&model, i);
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| simulate(&model, &architecture, &orders, 3, 301))
            };
            assert_eq!(on(1), on(2), "{orders:?}");
            assert_ne!(on(1).account, simulate(&model, &architecture, &orders, 4, 301).account);
        }
    }
}

/// A scenario file of five operators whose pools are given, with keepers who may fail.
fn with_keepers(settings: &str) -> Scenario {
    let text = format!(
        "tree = {{ pools = [ [[0, 3], [1, 4, 2]] ] }}
         flow.rate = 60.0
         flow.components = [
             {{ kind = \"custom\", share = 0.7, classes = [
                 {{ operators = [0, 1, 4], rates = [[1.0, 0.0], [0.2, 1.0], [0.5, 0.6]] }},
                 {{ operators = [2, 3], rates = [[1.0, 0.3], [0.2, 1.0]] }},
             ] }},
             {{ kind = \"uniform\", share = 0.3 }},
         ]
         timing.latency = {{ model = \"table\", values = [0.05, 0.1, 0.3] }}
         timing.period = {{ model = \"back-to-back\" }}
         timing.delay = \"batched\"
         discount = {{ half_life = 0.8 }}
         [keepers]
         {settings}
         list = [
             {{ id = \"a\", picked = 20, succeeded = 17, ping = 0.02, stake = 1.0 }},
             {{ id = \"b\", picked = 20, succeeded = 9, ping = 0.1, stake = 3.0 }},
             {{ id = \"c\", picked = 20, succeeded = 13, ping = 0.05, stake = 2.0 }},
         ]"
    );
    text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn keepers_may_fail() {
    for (i, settings) in [
        "rule = \"uniform\"",
        "rule = \"by-stake\"\nfailure_delay = 0.1\ndeadline = 0.25",
        "rule = \"uniform\"\nretry = \"redraw\"\ndeadline = 0.4\nfailure_delay = 0.1",
        "rule = \"uniform\"\noutages = \"common\"",
    ]
    .into_iter()
    .enumerate()
    {
        let scenario = with_keepers(settings);
        let keepers = scenario.keepers();
        for (j, set) in [vec![0, 1, 2], vec![1, 2], vec![1], vec![2]].into_iter().enumerate() {
            let architecture = heights(&scenario, &set);
            let orders = Orders { arrivals: ARRIVALS[if i < 3 { j % 3 } else { 0 }], ..Orders::default() };
            let monte_carlo = MonteCarlo::new((10 * i + j) as u64, Stopping::Replications(REPLICATIONS)).unwrap();
            let seen = SimulatedOrders::simulate_with_keepers(
                &scenario,
                &architecture,
                &orders,
                keepers,
                &monte_carlo,
                &|_, _| (),
            );
            let seen = seen.unwrap();
            assert!(seen.account.balances() && seen.account.executed < seen.account.auctions);
            let plain = (seen.gross, seen.std_error);
            let confirmed = Confirmed::with_keepers(&scenario, &architecture, &orders, keepers, seen).unwrap();
            let agreement = confirmed.agreement.unwrap();
            assert!(agreement.p_value > BUDGET / TESTS, "{settings} {set:?}: {agreement:?}");
            assert_eq!(confirmed.tested, ["fills", "executions", "values", "welfare"]);
            // Controls are the fills if no auction failed, on the same windows: they must not bias.
            let corrected = confirmed.control_variate.unwrap().gross.estimate;
            assert!((corrected.mean - plain.0).abs() < 7.0 * plain.1, "{corrected:?} {plain:?}");
            if i < 3 {
                // As if nobody ever failed.
                let sure = scenario.clone().without_keepers();
                let known = Known::new(&sure, &architecture, &orders).unwrap();
                assert!(known.agreement(&confirmed.simulated).0.unwrap().p_value < BUDGET / TESTS);
            }
        }
    }
}

/// The whole comparison of a scenario with keepers on a network.
#[test]
fn architectures_are_compared() {
    let scenario = with_keepers("rule = \"uniform\"");
    let compared = compare::Comparison::new(&scenario, None, Some(&|_, _, _| ())).unwrap();
    assert_eq!(compared.architectures.len(), 3);
    for one in &compared.architectures {
        let agreement = one.monte_carlo.as_ref().unwrap().agreement;
        assert!(agreement.p_value > BUDGET / TESTS && agreement.degrees_of_freedom > 1, "{}: {agreement:?}", one.name);
    }
}

#[test]
fn what_networks_cannot_do_is_said() {
    let model = Bench::random(3).model();
    let tree = Architecture::full(model.tree());
    let solver = |model| Orders { solver: Solver::new(model, 1.0).unwrap(), ..Orders::default() };
    let refused = |orders: &Orders| OrdersEngine::new(&model, &tree, orders).err().unwrap().to_string();
    for (given, name) in [(SolverModel::Cycles { longest: 3 }, "cycles"), (SolverModel::Unlimited, "unlimited")] {
        assert_eq!(
            refused(&solver(given)),
            format!(
                "orders.solver.model = {name}: must be \"pairs\" where a component of the flow is custom: its classes are \
                 pairs of their own"
            )
        );
    }
    // Cycles of two are pairs.
    assert!(OrdersEngine::new(&model, &tree, &solver(SolverModel::Cycles { longest: 2 })).is_ok());
    let alike = |what: &str| {
        format!(
            "tree = (a network): must be one whose pools are alike at every height, for {what}: no given pools, sites or \
             custom flow"
        )
    };
    let error = bids::one_height(&model, 1, &ValueLaw::Exponential).unwrap_err().to_string();
    assert_eq!(error, alike("the closed form of bids"));
    let error = carry_over::one_height(&model, 1, 0.5, PatienceFrom::Root).unwrap_err().to_string();
    assert_eq!(error, alike("the closed form of carried-over orders"));
    let scenario = Scenario::new(model.clone(), MonteCarlo::default()).with_orders(by_value()).unwrap();
    let error = MatchQuality::evaluate(&scenario, &tree, &|_, _| ()).unwrap_err().to_string();
    assert_eq!(error, alike("match quality"));
    let scenario = with_keepers("rule = \"uniform\"");
    let error = OrdersEngine::new(&scenario, &heights(&scenario, &[2]), &Orders::default()).err().unwrap().to_string();
    assert_eq!(error, "keepers = (none): must be those who run the auctions");
    // Too much for a run.
    let mut bench = Bench::random(3);
    bench.rate = 1e12;
    let error = OrdersEngine::new(&bench.model(), &tree, &Orders::default()).err().unwrap().to_string();
    assert!(error.starts_with("out of reach: one replication takes ") && error.ends_with("more than 2e9"), "{error}");
}

/// What no formula knows is not tested: values with the most valuable first, and orders that are carried over.
#[test]
fn what_is_not_known_is_left_out() {
    let model = Bench::random(5).model();
    let local = Architecture::local(model.tree(), 1).unwrap();
    let known = Known::new(&model, &local, &by_value()).unwrap();
    assert_eq!(known.filled_value, None);
    let patience = Lifetime::Patience { patience_rate: 0.7, patience_from: PatienceFrom::Root };
    let orders = Orders { lifetime: patience, ..Orders::default() };
    let seen = simulate(&model, &local, &orders, 1, 50);
    let confirmed = Confirmed::new(&model, &local, &orders, seen).unwrap();
    assert!(confirmed.agreement.is_none() && confirmed.tested.is_empty());
}

/// Flows without classes of their own clear cycles on a network, too: all asset pairs at one place are one market.
#[test]
fn cycles_are_cleared_where_the_flow_has_places() {
    let component = "{ kind = \"uniform\", share = 0.5 }, { kind = \"meet-at\", height = 1, share = 0.5 }";
    let scenario = super::scenario([2, 2], 200.0, 3, component, PERIODS[0], "batched");
    let network = written_out(&scenario);
    let orders = Orders { solver: Solver::new(SolverModel::Cycles { longest: 3 }, 1.0).unwrap(), ..Orders::default() };
    let regular = run(&scenario, &Architecture::full(scenario.tree()), &orders, 1, 1500);
    let given = simulate(&network, &Architecture::full(network.tree()), &orders, 2, 1500);
    let pairs = Known::new(&network, &Architecture::full(network.tree()), &Orders::default()).unwrap();
    for (i, (one, other)) in regular.by_height.iter().zip(&given.by_height).enumerate() {
        let noise = one.std_error.hypot(other.std_error);
        assert!((one.filled_share - other.filled_share).abs() < 6.2 * noise, "{i}: {one:?} {other:?}");
    }
    assert!(given.filled_share > pairs.filled.iter().sum::<f64>() + 10.0 * given.filled_share_std_error);
}
