//! Solvers through the engine: one global pool, several assets.

use super::{one_pool, run};
use pooltree::Scenario;
use pooltree::orders::closed_form::cycles::{least_unfilled_share, pairs_unfilled_share};
use pooltree::orders::compare::Known;
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::orders::{Orders, Solver, SolverModel};
use pooltree::pool_tree::Architecture;

/// Standard errors that none of the comparisons of this file may be off by: 6e-11 each, a few dozen comparisons.
const FAR: f64 = 6.5;

fn study(orders: f64, assets: u32) -> (Scenario, Architecture) {
    let scenario = one_pool(orders, assets, 0.5, 1.0, 0.5);
    let global = Architecture::global(scenario.tree());
    (scenario, global)
}

fn filled(orders: f64, assets: u32, model: SolverModel, success: f64, replications: u64) -> SimulatedOrders {
    let (scenario, global) = study(orders, assets);
    let orders = Orders { solver: Solver::new(model, success).unwrap(), ..Orders::default() };
    let seen = run(&scenario, &global, &orders, u64::from(assets), replications);
    assert!(seen.account.balances());
    seen
}

#[test]
fn pairs_are_known() {
    for assets in [3, 5, 10] {
        for per_edge in [0.3, 3.0] {
            let n = per_edge * f64::from(assets * (assets - 1));
            let filled_share = 1.0 - pairs_unfilled_share(n, assets).unwrap();
            for success in [1.0, 0.6, 0.0] {
                for model in [SolverModel::Pairs, SolverModel::Cycles { longest: 2 }] {
                    let seen = filled(n, assets, model, success, 3000);
                    let off = (seen.filled_share - success * filled_share).abs();
                    assert!(off <= FAR * seen.filled_share_std_error, "{assets} {n} {success}: {}", seen.filled_share);
                    let far = FAR * seen.filled_share_std_error;
                    if per_edge > 1.0 && success > 0.0 {
                        let less = (seen.filled_share - 0.92 * success * filled_share).abs();
                        assert!(less > far, "fills 8 % less pass: {less} {far}");
                    }
                    if success == 0.6 {
                        let twice = (seen.filled_share - 0.36 * filled_share).abs();
                        assert!(twice > far, "misses counted twice pass");
                    }
                }
            }
        }
    }
}

/// Longer cycles fill more, none more than the greatest circulation, and that no more than the bound.
#[test]
fn cycles_lie_between_pairs_and_the_bound() {
    for assets in [3, 4, 6, 10] {
        for per_edge in [0.2, 2.0] {
            let n = per_edge * f64::from(assets * (assets - 1));
            let replications = if assets == 10 { 600 } else { 2000 };
            let of = |model| filled(n, assets, model, 1.0, replications);
            let mut models = vec![SolverModel::Pairs];
            models.extend((3..=assets.min(5)).map(|longest| SolverModel::Cycles { longest }));
            models.push(SolverModel::Unlimited);
            let shares: Vec<SimulatedOrders> = models.into_iter().map(of).collect();
            for pair in shares.windows(2) {
                let noise = pair[0].filled_share_std_error.hypot(pair[1].filled_share_std_error);
                let gain = pair[1].filled_share - pair[0].filled_share;
                assert!(gain > -FAR * noise, "{assets} assets, {n} orders: longer cycles fill less by {gain}");
            }
            let (pairs, best) = (&shares[0], shares.last().unwrap());
            let noise = pairs.filled_share_std_error.hypot(best.filled_share_std_error);
            let gain = best.filled_share - pairs.filled_share;
            assert!(per_edge < 1.0 || gain > FAR * noise, "{assets}, {n}: cycles gain nothing");
            let least = least_unfilled_share(n, assets).unwrap();
            let above = 1.0 - best.filled_share - least;
            assert!(above > -FAR * best.filled_share_std_error, "{assets}, {n}: below the bound by {above}");
        }
    }
    // A hundred orders per asset: nearly tight, .0571 against .0564.
    let thick = filled(1000.0, 10, SolverModel::Unlimited, 1.0, 400);
    let least = least_unfilled_share(1000.0, 10).unwrap();
    let above = 1.0 - thick.filled_share - least;
    let noise = FAR * thick.filled_share_std_error;
    assert!((least - 0.0564).abs() < 1e-4);
    assert!((above - 0.0007).abs() < noise + 1e-4, "{above} ± {noise}");
}

/// Misses thin what a solver finds, whatever it finds.
#[test]
fn misses_thin() {
    for model in [SolverModel::Cycles { longest: 3 }, SolverModel::Unlimited] {
        let all = filled(30.0, 4, model, 1.0, 4000);
        let some = filled(30.0, 4, model, 0.7, 4000);
        let off = (some.filled_share - 0.7 * all.filled_share).abs();
        let noise = some.filled_share_std_error.hypot(0.7 * all.filled_share_std_error);
        assert!(off <= FAR * noise, "{model:?}: {off} ± {noise}");
        assert!((some.filled_share - 0.73 * all.filled_share).abs() > FAR * noise);
        assert_eq!(filled(30.0, 4, model, 0.0, 10).account.filled, 0);
    }
}

/// The fills of pairs alone are kept beside those of cycles, on the same draws: a control variate of known mean.
#[test]
fn pairs_as_control_variate() {
    let (scenario, global) = study(60.0, 5);
    let orders = Orders { solver: Solver::new(SolverModel::Unlimited, 1.0).unwrap(), ..Orders::default() };
    let known = Known::new(&scenario, &global, &orders).unwrap();
    let pairs = 1.0 - pairs_unfilled_share(60.0, 5).unwrap();
    assert!((known.filled[0] - pairs).abs() < 1e-13);
    let of = |seed, replications| {
        let seen = run(&scenario, &global, &orders, seed, replications);
        let plain = seen.filled_share;
        let confirmed = pooltree::orders::compare::Confirmed::new(&scenario, &global, &orders, seen).unwrap();
        assert!(confirmed.agreement.is_none() && confirmed.tested.is_empty());
        (plain, confirmed.control_variate.unwrap().filled_share.unwrap())
    };
    // A short run corrected agrees with a long one, and with more than half of its variance gone.
    let (_, short) = of(1, 1000);
    let (_, long) = of(2, 20_000);
    let noise = short.estimate.std_error.hypot(long.estimate.std_error);
    assert!((short.estimate.mean - long.estimate.mean).abs() < FAR * noise);
    assert!(short.variance_ratio.unwrap() > 1.2, "{short:?}");
}
