//! Simulation against the integrals. With the right formulas all tests of this file together fail with probability 1e-6 at
//! most (fixed seeds, so that they either always or never do).

use super::{pool, rate};
use pooltree::always_on::closed_form::evaluate;
use pooltree::always_on::compare::agreement;
use pooltree::always_on::simulation::{SimulatedPool, simulate};
use pooltree::always_on::{AlwaysOn, Outcome};
use pooltree::estimate::{MonteCarlo, Stopping};

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 50.0;

/// Standard errors that a normal deviate exceeds with probability 8e-11.
const FAR: f64 = 6.5;

fn run(pool: &AlwaysOn, d: f64, seed: u64, stopping: Stopping) -> SimulatedPool {
    simulate(pool, &rate(d), &MonteCarlo::new(seed, stopping).unwrap(), &|_, _| ()).unwrap()
}

fn accepts(claimed: &Outcome, simulated: &SimulatedPool) -> bool {
    agreement(claimed, simulated).p_value > BUDGET / COMPARISONS
}

#[test]
fn pools_agree() {
    let pools = [
        (1.0, 1.0, 1.0, 1.0, 200_000),
        (0.2, 0.3, 2.0, 0.0, 100_000),
        (5.0, 3.0, 0.5, 0.4, 100_000),
        (3.0, 5.0, 0.5, 0.4, 100_000),
        (40.0, 40.0, 1.0, 7.0, 100_000),
        (300.0, 300.0, 0.5, 30.0, 20_000),
        (6.0, 0.0, 2.0, 1.0, 20_000),
        (0.01, 2.0, 1.0, 0.3, 100_000),
        (1e-7, 1e-7, 1.0, 0.3, 20_000),
    ];
    for (seed, (a, b, theta, d, cycles)) in pools.into_iter().enumerate() {
        let pool = pool(a, b, theta);
        let simulated = run(&pool, d, seed as u64, Stopping::Replications(cycles));
        let exact = evaluate(&pool, &rate(d));
        let test = agreement(&exact, &simulated);
        assert!(accepts(&exact, &simulated), "{pool:?} {test:?} {exact:?} {simulated:?}");
        assert_eq!((simulated.replications, simulated.seed), (cycles, seed as u64));
        if a > 0.0 && b > 0.0 && a * b > 1e-6 {
            assert!(test.degrees_of_freedom >= 5, "{pool:?} {test:?}");
        }
    }
}

#[test]
fn wrong_formulas_are_rejected() {
    let (right, d) = (pool(5.0, 3.0, 0.5), 0.4);
    let simulated = run(&right, d, 7, Stopping::Replications(100_000));
    let exact = evaluate(&right, &rate(d));
    assert!(accepts(&exact, &simulated), "the right formula passes");
    let rejects = |what: &str, claimed: &Outcome| assert!(!accepts(claimed, &simulated), "{what} passes");
    rejects("sides exchanged", &exact.exchanged());
    rejects("another patience", &evaluate(&pool(5.0, 3.0, 0.53), &rate(d)));
    rejects("another rate", &evaluate(&pool(5.1, 3.0, 0.5), &rate(d)));
    rejects("another discount", &evaluate(&right, &rate(0.44)));
    // A tagged order that meets only as many as were in front of it, or whose own patience is forgotten in the discount.
    let mut claimed = exact;
    claimed.first.welfare = claimed.first.filled_at_once + (exact.first.welfare - exact.first.filled_at_once) * 1.1;
    rejects("one step too few", &claimed);
    let mut claimed = exact;
    claimed.first.welfare = exact.first.filled_share;
    rejects("waits that cost nothing", &claimed);
    let mut claimed = exact;
    claimed.second.waiting *= 1.1;
    rejects("another queue", &claimed);
}

/// The standard errors are right: squared deviations over many seeds are their squares in the mean.
#[test]
fn standard_errors_are_right() {
    const RUNS: u32 = 400;
    let pool = pool(4.0, 3.0, 1.0);
    let exact = evaluate(&pool, &rate(0.5));
    let runs: Vec<SimulatedPool> =
        (0..RUNS).map(|seed| run(&pool, 0.5, u64::from(seed), Stopping::Replications(4000))).collect();
    type Pick = fn(&SimulatedPool) -> pooltree::estimate::Estimate;
    let picks: [(Pick, f64); 4] = [
        (|run| run.welfare, exact.welfare),
        (|run| run.unfilled_share, exact.unfilled_share),
        (|run| run.waiting, exact.waiting),
        (|run| run.balanced_share, exact.balanced_share),
    ];
    let off = FAR * (2.0 / f64::from(RUNS)).sqrt();
    for (pick, exact) in picks {
        let squares = |scale: f64| {
            let square = |run: &SimulatedPool| ((pick(run).mean - exact) / (scale * pick(run).std_error)).powi(2);
            runs.iter().map(square).sum::<f64>() / f64::from(RUNS)
        };
        assert!((squares(1.0) - 1.0).abs() < off, "{}", squares(1.0));
        assert!((squares(0.75) - 1.0).abs() > off, "standard errors a quarter too small would pass");
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let pool = pool(5.0, 4.0, 1.0);
    let on = |threads| {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let draw = |stopping| run(&pool, 0.3, 5, stopping);
        threads.install(|| [Stopping::Replications(5001), Stopping::Precision(0.02)].map(draw))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(7));
    assert_ne!(one[0], run(&pool, 0.3, 6, Stopping::Replications(5001)));
}

#[test]
fn a_precision_is_reached_by_fresh_cycles() {
    let pool = pool(5.0, 4.0, 1.0);
    for seed in 0..10 {
        let simulated = run(&pool, 0.3, seed, Stopping::Precision(0.003));
        let precision = simulated.precision.unwrap();
        assert!(precision.reached.unwrap() <= 0.003 && !precision.capped, "{precision:?}");
        let exact = evaluate(&pool, &rate(0.3)).welfare;
        assert!((simulated.welfare.mean - exact).abs() < FAR * simulated.welfare.std_error);
    }
}

#[test]
fn queues_that_never_empty_are_refused() {
    let settings = MonteCarlo::new(1, Stopping::Replications(10)).unwrap();
    let refused = simulate(&pool(100.0, 10.0, 1e-3), &rate(1.0), &settings, &|_, _| ()).unwrap_err().to_string();
    assert!(refused.starts_with("out of reach: after 10000000 orders"), "{refused}");
    let settings = MonteCarlo::new(1, Stopping::Replications(1 << 40)).unwrap();
    let refused = simulate(&pool(1.0, 1.0, 1.0), &rate(1.0), &settings, &|_, _| ()).unwrap_err().to_string();
    assert!(refused.contains("cycles are in reach"), "{refused}");
}
