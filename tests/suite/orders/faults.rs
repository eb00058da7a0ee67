//! The orders engine at the ends of its ranges.

use super::watcher::Watcher;
use super::{by_value, heights, one_pool, run};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::closed_form::filled_shares;
use pooltree::orders::compare::Confirmed;
use pooltree::orders::simulation::{Auction, Edge, Observer, Order, OrdersEngine, SimulatedOrders};
use pooltree::orders::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, Stretch, ValueLaw};
use pooltree::pool_tree::Architecture;
use pooltree::{Error, Scenario};
use std::time::Instant;

/// One replication more than a comparison of two estimates is worth: standard errors, 8e-11.
const FAR: f64 = 6.5;

fn refused(scenario: &Scenario, orders: &Orders) -> Error {
    let tree = Architecture::full(scenario.tree());
    let monte_carlo = MonteCarlo::new(1, Stopping::Replications(2)).unwrap();
    SimulatedOrders::simulate(scenario, &tree, orders, &monte_carlo, &|_, _| ()).unwrap_err()
}

fn out_of_reach(what: &str, scenario: &Scenario, orders: &Orders) {
    let error = refused(scenario, orders);
    assert!(matches!(error, Error::OutOfReach { .. }), "{what}: {error}");
}

/// Watches some replications and compares their account with that of the estimates.
fn watched(scenario: &Scenario, orders: &Orders, seed: u64, replications: u64) -> SimulatedOrders {
    let tree = Architecture::full(scenario.tree());
    let engine = OrdersEngine::new(scenario, &tree, orders).unwrap();
    let mut watcher = Watcher::new(scenario, &engine, orders);
    engine.watch(seed, 0..replications, &mut watcher).unwrap();
    assert_eq!(watcher.offence, None, "{scenario:?} {orders:?}");
    let seen = run(scenario, &tree, orders, seed, replications);
    assert_eq!(seen.account, watcher.account);
    seen
}

#[test]
fn parameters_out_of_range() {
    let domain = |orders: Orders, words: &str| {
        let error = refused(&Scenario::document(), &orders);
        assert!(matches!(error, Error::Domain { .. }) && error.to_string().contains(words), "{error}");
    };
    domain(Orders { lifetime: Lifetime::Auctions { lifetime: 0 }, ..Orders::default() }, "orders.lifetime");
    for patience_rate in [-1.0, f64::NAN, f64::INFINITY] {
        let lifetime = Lifetime::Patience { patience_rate, patience_from: PatienceFrom::Root };
        domain(Orders { lifetime, ..Orders::default() }, "orders.patience_rate");
    }
    for shape in [0.0, 1e-7, -1.0, f64::NAN, 1e13] {
        domain(Orders { arrivals: Arrivals::Gamma { shape }, ..Orders::default() }, "orders.arrivals.shape");
    }
    for size in [0, 1_000_001] {
        domain(Orders { arrivals: Arrivals::Batches { size }, ..Orders::default() }, "orders.arrivals.size");
    }
    domain(Orders { value: ValueLaw::Uniform { spread: 1.5 }, ..Orders::default() }, "orders.value.spread");
    domain(Orders { value: ValueLaw::Pareto { shape: 1.0 }, ..Orders::default() }, "orders.value.shape");
    domain(Orders { value: ValueLaw::LogNormal { sigma: f64::NAN }, ..Orders::default() }, "orders.value.sigma");
    let stretch = |windows, warm_up| Orders { stretch: Stretch { windows, warm_up }, ..Orders::default() };
    domain(stretch(Some(0), None), "orders.windows");
    domain(stretch(Some(1 << 40), None), "orders.windows");
    domain(stretch(None, Some(u64::MAX)), "orders.warm_up");
    // Cycles of more assets than the solver takes.
    let many = one_pool(10.0, 2000, 0.5, 1.0, 0.5);
    let error =
        refused(&many, &Orders { solver: Solver::new(SolverModel::Unlimited, 1.0).unwrap(), ..Orders::default() });
    assert!(error.to_string().contains("assets"), "{error}");
}

#[test]
fn one_sided_and_empty_flows() {
    let period = "model = \"ratio\", base = 0.1, ratio = 2";
    for (component, filled) in [
        ("{ kind = \"uniform\", side_share = 0 }", false),
        ("{ kind = \"uniform\", side_share = 1 }", false),
        ("{ kind = \"meet-at\", height = 1, side_share = 1 }, { kind = \"opposite\", share = 0 }", false),
        ("{ kind = \"uniform\", share = 0 }, { kind = \"single-site\", operator = 3, share = 1 }", true),
        ("{ kind = \"uniform\", share = 1 }, { kind = \"circle-distance\", distance = 1, share = 0 }", true),
    ] {
        let component = component.replace("side_share = 1 }, {", "side_share = 1, share = 1 }, {");
        let scenario = super::scenario([2, 2], 40.0, 2, &component, period, "batched");
        let tree = Architecture::full(scenario.tree());
        for orders in [
            Orders::default(),
            Orders { arrivals: Arrivals::Gamma { shape: 2.0 }, ..by_value() },
            Orders { arrivals: Arrivals::Batches { size: 5 }, ..by_value() },
        ] {
            let seen = watched(&scenario, &orders, 1, 2000);
            assert_eq!(seen.account.filled > 0, filled, "{component}");
            assert!(seen.account.arrived > 0);
            if !filled {
                assert_eq!((seen.mean_value, seen.mean_delay, seen.gross), (None, None, 0.0));
            }
            let agreement = Confirmed::new(&scenario, &tree, &orders, seen).unwrap().agreement.unwrap();
            assert!(agreement.p_value > 1e-9, "{component} {orders:?} {agreement:?}");
        }
    }
}

#[test]
fn one_operator() {
    let scenario: Scenario = "tree = { arity = 2, depth = 0 }
         flow = { rate = 6 }
         timing.latency = { model = \"table\", values = [0.25] }
         timing.period = { model = \"ratio\", base = 1, ratio = 2 }
         timing.delay = \"batched\"
         discount = { factor = 1 }"
        .parse()
        .unwrap();
    let tree = Architecture::full(scenario.tree());
    for orders in [Orders::default(), by_value(), Orders { arrivals: Arrivals::Gamma { shape: 1.0 }, ..by_value() }] {
        let seen = watched(&scenario, &orders, 1, 3000);
        // Nothing is lost to impatience at β = 1.
        assert!((seen.gross / 6.0 - seen.filled_share * seen.mean_value.unwrap()).abs() < 1e-12);
        let agreement = Confirmed::new(&scenario, &tree, &orders, seen).unwrap().agreement.unwrap();
        assert!(agreement.p_value > 1e-9, "{agreement:?}");
    }
    let staying = Orders {
        lifetime: Lifetime::Patience { patience_rate: 0.5, patience_from: PatienceFrom::Arrival },
        ..Orders::default()
    };
    watched(&scenario, &staying, 1, 50);
}

/// Fills by operator.
#[derive(Debug)]
struct ByOperator(Vec<u64>);

impl Observer for ByOperator {
    fn filled(&mut self, auction: &Auction, _: Edge, orders: &[Order]) {
        if auction.level == 0 {
            orders.iter().for_each(|order| self.0[order.operator as usize] += 1);
        }
    }

    fn expired(&mut self, _: Edge, _: &Order, _: f64) {}

    fn waiting(&mut self, _: Edge, _: &[Order]) {}
}

/// Where many orders are worth the same, neither the place nor the time of their arrival helps them, even if both are told by
/// their position in a batch.
#[test]
fn ties_are_broken_at_random() {
    // Two heights: the root's batch lists its sub-pools and sub-windows one after the other.
    let component = "{ kind = \"opposite\", side_share = 0.3 }";
    let period = "model = \"ratio\", base = 0.1, ratio = 3";
    let scenario = super::scenario([2, 2], 100.0, 2, component, period, "batched");
    let uniform = super::scenario([2, 2], 100.0, 2, "{ kind = \"uniform\", side_share = 0.3 }", period, "batched");
    let worthless = |scenario: &Scenario| {
        let text = toml(scenario).replace("[utility]\nmean = 1.0", "[utility]\nmean = 0.0");
        text.parse::<Scenario>().unwrap()
    };
    assert_eq!(worthless(&uniform).utility_mean(), 0.0);
    for (what, scenario, value) in [
        ("equal values", uniform.clone(), ValueLaw::Point),
        ("no spread", uniform.clone(), ValueLaw::Uniform { spread: 0.0 }),
        ("values alike to rounding", uniform.clone(), ValueLaw::Uniform { spread: 1e-17 }),
        ("values alike to rounding", uniform.clone(), ValueLaw::LogNormal { sigma: 1e-18 }),
        ("values of two or three kinds", uniform.clone(), ValueLaw::Uniform { spread: 2e-16 }),
        ("worthless orders", worthless(&uniform), ValueLaw::Exponential),
        ("worthless orders", worthless(&scenario), ValueLaw::Exponential),
    ] {
        for set in [&[1, 2][..], &[2]] {
            let orders = Orders { value, ..by_value() };
            let architecture = heights(&scenario, set);
            let seen = run(&scenario, &architecture, &orders, 1, 3000);
            // Times enter: a late fill in the window is a short delay.
            let agreement = Confirmed::new(&scenario, &architecture, &orders, seen).unwrap().agreement.unwrap();
            assert!(agreement.p_value > 1e-9, "{what}: {agreement:?}");
            let engine = OrdersEngine::new(&scenario, &architecture, &orders).unwrap();
            let mut fills = ByOperator(vec![0; 4]);
            engine.watch(1, 0..3000, &mut fills).unwrap();
            let mean = fills.0.iter().sum::<u64>() as f64 / 4.0;
            for n in &fills.0 {
                // Counts spread at most as independent orders do.
                assert!((*n as f64 - mean).abs() <= FAR * mean.sqrt(), "{what}: {fills:?}");
            }
        }
    }
}

fn toml(scenario: &Scenario) -> String {
    let component = scenario.flow().components()[0].clone();
    let kind = component.kind().clone().name();
    format!(
        "tree = {{ arity = 2, depth = 2 }}
         flow = {{ rate = 100, components = [{{ kind = \"{kind}\", side_share = {} }}] }}
         timing.latency = {{ model = \"proportional\", scale = 0.1 }}
         timing.period = {{ model = \"ratio\", base = 0.1, ratio = 3 }}
         timing.delay = \"batched\"
         discount = {{ half_life = 0.8 }}
[utility]\nmean = 1.0",
        component.side_share()
    )
}

#[test]
fn bursts() {
    // All orders of a window in one batch, more than a window brings on average: 50 of 20.
    let scenario = one_pool(20.0, 2, 0.5, 1.0, 0.5);
    let tree = Architecture::full(scenario.tree());
    for size in [20, 50, 400] {
        for priority in Priority::ALL {
            let orders = Orders { arrivals: Arrivals::Batches { size }, priority, ..by_value() };
            let seen = watched(&scenario, &orders, size, 3000);
            let exact = filled_shares(&scenario, &tree, &orders.arrivals).unwrap()[0].filled_share;
            let off = (seen.filled_share - exact).abs();
            assert!(off <= FAR * seen.filled_share_std_error, "{size}: {} {exact}", seen.filled_share);
            // Whole batches face each other: everybody of a filled batch is filled.
            assert_eq!(seen.account.filled % size, 0);
            let agreement = Confirmed::new(&scenario, &tree, &orders, seen).unwrap().agreement.unwrap();
            assert!(agreement.p_value > 1e-9, "{size} {priority:?} {agreement:?}");
        }
    }
    // Bursts with cycles and patience keep the rules, too.
    let orders = Orders {
        arrivals: Arrivals::Batches { size: 30 },
        lifetime: Lifetime::Patience { patience_rate: 0.4, patience_from: PatienceFrom::Arrival },
        solver: Solver::new(SolverModel::Unlimited, 0.9).unwrap(),
        ..by_value()
    };
    watched(&one_pool(20.0, 4, 0.5, 1.0, 2.5), &orders, 1, 20);
    // A factor of shape 1e-6 is almost always 0 and else about a million: refused where that is too much for the memory.
    let wild = |rate: f64| {
        let scenario = one_pool(rate, 2, 0.5, 1.0, 0.5);
        let orders = Orders { arrivals: Arrivals::Gamma { shape: 1e-6 }, ..Orders::default() };
        OrdersEngine::new(&scenario, &Architecture::full(scenario.tree()), &orders).map(|_| ())
    };
    assert!(wild(1.0).is_ok());
    assert!(matches!(wild(1e4), Err(Error::OutOfReach { .. })));
}

#[test]
fn a_hundred_million_orders() {
    let start = Instant::now();
    let scenario = one_pool(1e7, 2, 0.5, 1.0, 0.5);
    let global = Architecture::global(scenario.tree());
    let seen = run(&scenario, &global, &Orders::default(), 1, 10);
    println!("{} orders in {:?}", seen.account.arrived, start.elapsed());
    assert!(seen.account.balances());
    // Poisson: 1e8 ± 1e4.
    assert!((seen.account.arrived as f64 - 1e8).abs() < FAR * 1e4);
    let exact = filled_shares(&scenario, &global, &Arrivals::Poisson).unwrap()[0].unfilled_share;
    let unfilled = seen.account.expired as f64 / 1e8;
    // E|K| of a Skellam law of variance 1e7, ten times: √(2/π · 1e7), with a relative standard error of √(π/2 - 1)/√10.
    assert!((unfilled / exact - 1.0).abs() < 5.0 * 0.239, "{unfilled} {exact}");
    assert!((seen.mean_delay.unwrap() - 1.0).abs() < FAR / 12f64.sqrt() / 1e4);
    assert!(start.elapsed().as_secs() < 120);
}

#[test]
fn too_much_is_refused() {
    let default = Orders::default();
    for rate in [1e10, 1e18, 1e100, 1e300] {
        out_of_reach("orders", &one_pool(rate, 2, 0.5, 1.0, 0.5), &default);
    }
    out_of_reach("few orders", &one_pool(1e-15, 2, 0.5, 1.0, 0.5), &default);
    // Alive at once.
    out_of_reach("memory", &one_pool(1e9, 2, 0.5, 1.0, 0.5), &default);
    let quiet = one_pool(1.0, 2, 0.5, 1.0, 0.5);
    let stretch = |windows, warm_up| Stretch { windows: Some(windows), warm_up: Some(warm_up) };
    out_of_reach("windows", &quiet, &Orders { stretch: stretch(1_000_000_000, 1_000_000_000), ..default });
    // Factors of all windows are drawn ahead.
    let bursts = Orders { arrivals: Arrivals::Gamma { shape: 4.0 }, ..default };
    out_of_reach("factors", &one_pool(1e-3, 2, 0.5, 1.0, 0.5), &Orders { stretch: stretch(900_000_000, 0), ..bursts });
    // A patience so long that a stationary run is out of reach.
    for patience_rate in [1e-12, 1e-300, f64::MIN_POSITIVE] {
        for patience_from in [PatienceFrom::Root, PatienceFrom::Arrival] {
            let lifetime = Lifetime::Patience { patience_rate, patience_from };
            out_of_reach("patience", &quiet, &Orders { lifetime, ..default });
        }
    }
    let ages = Orders { lifetime: Lifetime::Auctions { lifetime: u32::MAX }, ..default };
    out_of_reach("lifetime", &quiet, &ages);
    // One book for every auction that is under way, with an entry for every swap of 1000 assets.
    let slow = one_pool(1.0, 1000, 0.5, 1.0, 5e5);
    let solver = Solver::new(SolverModel::Unlimited, 1.0).unwrap();
    let lifetime = Lifetime::Auctions { lifetime: 2 };
    out_of_reach("books", &slow, &Orders { solver, lifetime, stretch: stretch(1_000_000, 0), ..default });
    // Values whose squares overflow.
    let dear: Scenario = "tree = { arity = 2, depth = 1 }
         flow = { rate = 1e-12 }
         timing.latency = { model = \"table\", values = [0.0, 1.0] }
         timing.period = { model = \"ratio\", base = 1e13, ratio = 1 }
         timing.delay = \"batched\"
         discount = { factor = 1 }
         utility = { mean = 1e160 }"
        .parse()
        .unwrap();
    out_of_reach("values", &dear, &default);
}

#[test]
fn extreme_clocks() {
    // An auction of a million periods, one chance each: as fast as any other.
    let slow = one_pool(10.0, 2, 0.5, 1e-3, 1e3);
    let seen = watched(&slow, &Orders::default(), 1, 1000);
    assert!((seen.mean_delay.unwrap_or(1000.0005) - 1000.0005).abs() < 1e-3);
    assert!(seen.gross >= 0.0 && seen.gross < 1e-290); // 2^-1000 and less
    // More than a million periods, and orders that stay: refused; without them no matter.
    let staying = Orders { lifetime: Lifetime::Auctions { lifetime: 2 }, ..Orders::default() };
    out_of_reach("latency", &one_pool(10.0, 2, 0.5, 1e-3, 1.1e3), &staying);
    watched(&one_pool(10.0, 2, 0.5, 1e-3, 1e12), &Orders::default(), 1, 100);
    watched(&one_pool(1e-9, 2, 0.5, 1e12, 1e-12), &by_value(), 1, 10);
    watched(&one_pool(1e100, 2, 0.5, 1e-98, 1e-300), &by_value(), 1, 10);
    watched(&one_pool(1e12, 2, 0.5, 1e-12, 1e12), &by_value(), 1, 100);
    // A thousand auctions under way, orders that stay.
    let orders = Orders { stretch: Stretch { windows: Some(5000), warm_up: Some(3000) }, ..staying };
    let seen = watched(&one_pool(10.0, 2, 0.5, 1.0, 999.5), &orders, 1, 3);
    assert!(seen.account.waiting > 0 && seen.account.carried_in > 0);
    // Fewer windows than auctions under way: nobody sees a second one.
    let orders = Orders { stretch: Stretch { windows: Some(3), warm_up: Some(2) }, ..staying };
    let seen = watched(&one_pool(10.0, 2, 0.5, 1.0, 999.5), &orders, 1, 100);
    assert_eq!(seen.account.expired, 0);
    assert!(seen.account.waiting > 0 && seen.account.carried_in > 0);
}

#[test]
fn patience_of_no_time_and_of_all_time() {
    let scenario = one_pool(10.0, 2, 0.5, 1.0, 0.5);
    let of = |patience_rate, patience_from| {
        let lifetime = Lifetime::Patience { patience_rate, patience_from };
        let stretch = Stretch { windows: Some(20), warm_up: Some(5) };
        watched(&scenario, &Orders { lifetime, stretch, ..Orders::default() }, 1, 200)
    };
    let exact = filled_shares(&scenario, &Architecture::full(scenario.tree()), &Arrivals::Poisson).unwrap();
    for rate in [1e6, 1e300, f64::MAX] {
        // Only what is left over loses patience: the share of one auction. From arrival on: nobody lives to see one.
        let seen = of(rate, PatienceFrom::Root);
        let off = (seen.filled_share - exact[0].filled_share).abs();
        assert!(off <= FAR * seen.filled_share_std_error, "{rate}: {}", seen.filled_share);
        assert!(of(rate, PatienceFrom::Arrival).filled_share < 1e-4);
    }
    // No impatience that counts: the same bits as without any, but for the draws of the deadlines.
    for from in [PatienceFrom::Root, PatienceFrom::Arrival] {
        let none = of(0.0, from);
        assert_eq!(none.account.expired, 0);
        let next_to_none = of(1e-300, from);
        assert_eq!(next_to_none.account.expired, 0);
        let noise = none.filled_share_std_error.hypot(next_to_none.filled_share_std_error);
        assert!((none.filled_share - next_to_none.filled_share).abs() <= FAR * noise);
    }
}

#[test]
fn all_and_no_discount() {
    let scenario = |discount: &str, mean: &str| -> Scenario {
        format!(
            "tree = {{ arity = 2, depth = 2 }}
             flow = {{ rate = 50 }}
             timing.latency = {{ model = \"proportional\", scale = 0.1 }}
             timing.period = {{ model = \"ratio\", base = 0.1, ratio = 2 }}
             timing.delay = \"batched\"
             discount = {{ {discount} }}
             utility = {{ mean = {mean} }}"
        )
        .parse()
        .unwrap()
    };
    // No discount: the value filled.
    let seen = watched(&scenario("factor = 1", "2.5"), &by_value(), 1, 500);
    assert!((seen.gross / (50.0 * seen.filled_share * seen.mean_value.unwrap()) - 1.0).abs() < 1e-12);
    for discount in ["factor = 5e-324", "factor = 1e-300", "rate = 1e300"] {
        let seen = watched(&scenario(discount, "1"), &by_value(), 1, 500);
        assert!(seen.gross >= 0.0 && seen.gross < 1e-9 && seen.std_error.is_finite(), "{discount}: {}", seen.gross);
        assert!(seen.filled_share > 0.5);
    }
    // Worthless orders are filled like others.
    let worthless = scenario("factor = 0.5", "0");
    let seen = watched(&worthless, &by_value(), 1, 500);
    assert_eq!((seen.gross, seen.std_error, seen.mean_value), (0.0, 0.0, Some(0.0)));
    let precise = MonteCarlo::new(1, Stopping::Precision(0.1)).unwrap();
    let tree = Architecture::full(worthless.tree());
    let seen = SimulatedOrders::simulate(&worthless, &tree, &Orders::default(), &precise, &|_, _| ()).unwrap();
    assert_eq!((seen.precision.unwrap().reached, seen.precision.unwrap().capped), (None, true));
}
