//! Runs that have seen little: no false alarm, no false certainty, and no start taken for the long run.

use super::{by_value, one_pool, run};
use pooltree::orders::compare::{Confirmed, Known};
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::orders::{Arrivals, Lifetime, Orders, Priority, Stretch};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};

/// Four operators, thin or not.
fn tree(rate: f64) -> Scenario {
    super::scenario([2, 2], rate, 2, "{ kind = \"uniform\" }", "model = \"ratio\", base = 0.25, ratio = 2", "batched")
}

fn confirmed(scenario: &Scenario, orders: &Orders, seed: u64, replications: u64) -> Confirmed {
    let full = Architecture::full(scenario.tree());
    let simulated = run(scenario, &full, orders, seed, replications);
    Confirmed::new(scenario, &full, orders, simulated).unwrap()
}

/// Few replications, few fills, bursts: 40 seeds each, so that one in 40 may be below .025 and none far below.
#[test]
fn no_false_alarm() {
    let gamma = |shape| Orders { arrivals: Arrivals::Gamma { shape }, ..Orders::default() };
    let batches = |size| Orders { arrivals: Arrivals::Batches { size }, ..Orders::default() };
    for (rate, orders, replications, tested) in [
        (16.0, Orders::default(), 20, true),
        (16.0, gamma(1.0), 20, true),
        (16.0, gamma(1.0), 50, true),
        (16.0, batches(5), 100, true),
        (0.5, Orders::default(), 50, false),
        (0.5, Orders::default(), 1000, true),
        (0.1, Orders::default(), 2000, false),
        (0.02, Orders::default(), 10_000, false),
    ] {
        let scenario = tree(rate);
        let mut low = 0;
        for seed in 0..40 {
            let confirmed = confirmed(&scenario, &orders, seed, replications);
            let agreement = confirmed.agreement.unwrap();
            assert!(agreement.p_value > 1e-6, "{rate} {orders:?} {replications} seed {seed}: {agreement:?}");
            assert_eq!(agreement.degrees_of_freedom > 0, tested, "{rate} {orders:?} {replications}");
            low += u32::from(agreement.p_value < 0.01);
        }
        // A true rate of 2 % gives more than 6 of 40 once in 50000 sets.
        assert!(low <= 6, "{rate} {orders:?} {replications}: {low} of 40 below .01");
    }
}

/// A wrong closed form is found in runs as short as those.
#[test]
fn short_runs_reject_what_is_wrong() {
    let scenario = tree(16.0);
    let full = Architecture::full(scenario.tree());
    let right = Known::new(&scenario, &full, &Orders::default()).unwrap();
    let rejected = |known: &Known, replications| {
        let simulated = run(&scenario, &full, &Orders::default(), 1, replications);
        known.agreement(&simulated).0.unwrap().p_value < 1e-6
    };
    // A fifth of the orders filled a level too low; delays a tenth of a unit too short where 1000 pairs are to be filled.
    let mut shares = right.clone();
    shares.filled[0] += 0.2;
    shares.filled[1] -= 0.2;
    assert!(rejected(&shares, 50));
    let mut delays = right.clone();
    delays.delay[0] -= 0.1;
    assert!(rejected(&delays, 500));
    assert!(!rejected(&right, 50) && !rejected(&right, 500));
}

/// With few fills there is no correction by control variates; where there is one, its errors are those of the estimates.
#[test]
fn no_false_certainty() {
    for (rate, replications) in [(0.02, 10_000), (0.1, 2000), (0.5, 50), (0.5, 300)] {
        for seed in 0..20 {
            assert!(confirmed(&tree(rate), &Orders::default(), seed, replications).control_variate.is_none());
        }
    }
    let scenario = tree(16.0);
    let exact = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree())).unwrap();
    let mut squares = 0.0;
    for seed in 0..60 {
        let control = confirmed(&scenario, &Orders::default(), seed, 150).control_variate.unwrap();
        assert!(control.gross.variance_ratio.unwrap() > 10.0);
        assert_eq!(control.filled_share.unwrap().variance_ratio, None); // pairs in one auction: exactly the closed form's
        squares += ((control.gross.estimate.mean - exact.gross) / control.gross.estimate.std_error).powi(2);
    }
    // χ² with 60 degrees of freedom: within [22, 122] but for once in a million sets either way.
    assert!((22.0..122.0).contains(&squares), "{squares}");
}

/// A mean over two orders has no standard error.
#[test]
fn means_over_few_orders_have_no_error() {
    let scenario = tree(0.02);
    let seen = run(&scenario, &Architecture::full(scenario.tree()), &Orders::default(), 3, 2000);
    assert!(seen.account.filled < 100);
    assert_eq!((seen.mean_delay_std_error, seen.mean_value_std_error), (None, None));
}

/// Served in the order of arrival, the surplus of one side wanders as far as a whole lifetime's orders: as many must be carried
/// into the windows that count as out of them. Ten lifetimes of warm-up are too short for that.
#[test]
fn warm_ups_reach_the_long_run() {
    let scenario = one_pool(8.0, 2, 0.5, 1.0, 0.0);
    let full = Architecture::full(scenario.tree());
    let orders = |stretch| Orders {
        priority: Priority::Oldest,
        lifetime: Lifetime::Auctions { lifetime: 30 },
        stretch,
        ..by_value()
    };
    let offs = |seen: &SimulatedOrders| {
        let n = seen.replications as f64;
        let [before, after] = [seen.account.carried_in, seen.account.waiting].map(|orders| orders as f64 / n);
        // In the long run both vary alike, and are all but independent so far apart.
        let error = seen.waiting_share_std_error * seen.windows as f64 * 8.0;
        (after - before) / (error * 2f64.sqrt())
    };
    let long = run(&scenario, &full, &orders(Stretch::default()), 1, 60);
    assert!(long.warm_up >= 2 * 30 * 30 * 4 && offs(&long).abs() < 5.0, "{} {}", long.warm_up, offs(&long));
    let short = Stretch { windows: Some(3000), warm_up: Some(30) };
    let short = run(&scenario, &full, &orders(short), 1, 400);
    assert!(offs(&short) > 5.0, "{}", offs(&short));
}
