//! Match quality against direct simulations and where it is known exactly.

use super::{by_value, run};
use pooltree::Scenario;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::closed_form::bids::one_height;
use pooltree::orders::quality::MatchQuality;
use pooltree::orders::{Arrivals, Lifetime, Orders, Priority, Solver, SolverModel, ValueLaw};
use pooltree::pool_tree::Architecture;

/// Standard errors: 8e-11, a few dozen comparisons.
const FAR: f64 = 6.5;

fn study(value: ValueLaw, discount: &str, mean: f64, replications: u64) -> Scenario {
    let text = format!(
        "tree = {{ arity = 2, depth = 3 }}
         flow = {{ rate = 64, components = [{{ kind = \"uniform\", side_share = 0.45 }}] }}
         timing.latency = {{ model = \"proportional\", scale = 0.125 }}
         timing.period = {{ model = \"ratio\", base = 0.125, ratio = 2 }}
         timing.delay = \"batched\"
         discount = {{ {discount} }}
         utility = {{ mean = {mean} }}"
    );
    let scenario: Scenario = text.parse().unwrap();
    scenario
        .with_orders(Orders { value, ..Orders::default() })
        .unwrap()
        .with_monte_carlo(MonteCarlo::new(7, Stopping::Replications(replications)).unwrap())
}

fn evaluate(scenario: &Scenario, heights: &Architecture) -> MatchQuality {
    MatchQuality::evaluate(scenario, heights, &|_, _| ()).unwrap()
}

/// At the discount at which the lead changes, the tree and the global pool are worth the same, simulated directly from draws of
/// their own; beyond it the one that is said to be ahead is.
#[test]
fn the_lead_changes_where_it_is_said_to() {
    for (value, mean) in [(ValueLaw::Exponential, 1.0), (ValueLaw::Uniform { spread: 1.0 }, 3.0)] {
        let scenario = study(value, "factor = 0.5", mean, 4000);
        let tree = Architecture::full(scenario.tree());
        let quality = evaluate(&scenario, &tree);
        assert_eq!(quality.overtaking.len(), 1, "{:?}", quality.overtaking);
        let found = quality.overtaking[0];
        assert!(found.ahead_below && found.std_error < 0.01 && found.factor < 1.0, "{found:?}");
        assert!((found.half_life - std::f64::consts::LN_2 / -found.factor.ln()).abs() < 1e-9 * found.half_life);
        let orders = Orders { value, priority: Priority::HighestValue, ..Orders::default() };
        let lead = |factor: f64| {
            let scenario = study(value, &format!("factor = {factor:e}"), mean, 2);
            let tree = run(&scenario, &tree, &orders, 100, 20_000);
            let global = run(&scenario, &Architecture::global(scenario.tree()), &orders, 200, 20_000);
            (tree.gross - global.gross, tree.std_error.hypot(global.std_error))
        };
        let (above, noise) = lead(1.0);
        assert!(above < -FAR * noise, "all patience: {above} ± {noise}");
        let less = found.factor - 0.1;
        let (below, noise) = lead(less);
        assert!(below > FAR * noise, "less patience: {below} ± {noise}");
        // What the error of the factor is worth.
        let slope = (above - below) / (1.0 - less);
        let (at, noise) = lead(found.factor);
        let noise = noise.hypot(slope * found.std_error);
        assert!(at.abs() < FAR * noise, "{value:?}: {at} ± {noise} at {found:?}");
        // Were all orders worth the mean, the tree would fill as much as the global pool, and earlier: always ahead.
        assert!(quality.overtaking_at_equal_values.is_empty());
    }
}

#[test]
fn estimates_are_those_of_a_direct_simulation() {
    let scenario = study(ValueLaw::Exponential, "factor = 0.5", 2.0, 4000);
    let tree = Architecture::full(scenario.tree());
    let quality = evaluate(&scenario, &tree);
    let seen = run(&scenario, &tree, &by_value(), 55, 20_000);
    let noise = quality.gross.std_error.hypot(seen.std_error);
    assert!((quality.gross.mean - seen.gross).abs() < FAR * noise);
    let value = seen.mean_value.unwrap() / 2.0;
    let noise = quality.match_quality.std_error.hypot(0.5 * seen.mean_value_std_error.unwrap());
    assert!((quality.match_quality.mean - value).abs() < FAR * noise);
    assert!(quality.variance_ratio.unwrap() > 2.0, "{:?}", quality.variance_ratio);
    let global = one_height(&scenario, 3, &ValueLaw::Exponential).unwrap();
    assert!((quality.global_gross - global.gross).abs() < 1e-12 * global.gross);
    let filled: f64 = quality.by_height.iter().map(|height| height.filled_share).sum();
    let loss = 1.0 - quality.match_quality.mean * filled / global.value_share;
    assert!((quality.loss.mean - loss).abs() < 1e-12);
    assert!(loss > FAR * quality.loss.std_error);
    for (height, exact) in quality.by_height.iter().zip(&seen.by_height) {
        let noise = height.match_quality.unwrap().std_error.hypot(0.5 * exact.mean_value_std_error.unwrap());
        let off = height.match_quality.unwrap().mean - 0.5 * exact.mean_value.unwrap();
        assert!(off.abs() < FAR * noise, "{height:?}");
        assert!((height.filled_share - exact.filled_share).abs() < FAR * exact.std_error);
    }
}

/// With equal values nothing is lost, exactly: all fill the same share at the root.
#[test]
fn equal_values_lose_nothing() {
    for value in [ValueLaw::Point, ValueLaw::Uniform { spread: 0.0 }] {
        let scenario = study(value, "factor = 0.5", 3.0, 500);
        let quality = evaluate(&scenario, &Architecture::full(scenario.tree()));
        assert!(quality.loss.mean.abs() < 1e-9, "{:?}", quality.loss);
        assert!((quality.match_quality.mean - 1.0).abs() < 1e-9 && (quality.global_match_quality - 1.0).abs() < 1e-12);
        for (seen, exact) in quality.overtaking.iter().zip(&quality.overtaking_at_equal_values) {
            assert!((seen.factor - exact.factor).abs() < 1e-6 && seen.ahead_below == exact.ahead_below);
        }
        assert_eq!(quality.overtaking.len(), quality.overtaking_at_equal_values.len());
    }
}

/// One height: the loss is known exactly.
#[test]
fn one_height_is_exact() {
    for value in [ValueLaw::Exponential, ValueLaw::Uniform { spread: 0.7 }, ValueLaw::LogNormal { sigma: 0.8 }] {
        let scenario = study(value, "factor = 0.5", 1.0, 8000);
        let global = one_height(&scenario, 3, &value).unwrap();
        for height in 0..=3 {
            let local = Architecture::local(scenario.tree(), height).unwrap();
            let quality = evaluate(&scenario, &local);
            let exact = one_height(&scenario, height, &value).unwrap();
            let near = |what: &str, seen: pooltree::estimate::Estimate, exact: f64| {
                let off = (seen.mean - exact).abs();
                assert!(off <= FAR * seen.std_error, "{value:?} {height} {what}: {seen:?}, not {exact}");
            };
            near("loss", quality.loss, 1.0 - exact.value_share / global.value_share);
            near("quality", quality.match_quality, exact.match_quality);
            near("gross", quality.gross, exact.gross);
            if (1..3).contains(&height) {
                // The test can fail: the loss of equal values.
                let wrong = 1.0 - exact.filled_share / global.filled_share;
                assert!((quality.loss.mean - wrong).abs() > FAR * quality.loss.std_error, "{value:?} {height}");
            }
        }
    }
}

#[test]
fn what_has_no_closed_form_is_refused() {
    let scenario = study(ValueLaw::Exponential, "factor = 0.5", 1.0, 100);
    let tree = Architecture::full(scenario.tree());
    for orders in [
        Orders { arrivals: Arrivals::Gamma { shape: 4.0 }, ..by_value() },
        Orders { lifetime: Lifetime::Auctions { lifetime: 2 }, ..by_value() },
        Orders { solver: Solver::new(SolverModel::Unlimited, 1.0).unwrap(), ..by_value() },
        Orders { solver: Solver::new(SolverModel::Pairs, 0.9).unwrap(), ..by_value() },
    ] {
        let scenario = scenario.clone().with_orders(orders).unwrap();
        let error = MatchQuality::evaluate(&scenario, &tree, &|_, _| ()).unwrap_err();
        assert!(error.to_string().contains("known exactly"), "{error}");
    }
}

/// Worthless orders, or none that could be filled, leave nothing to compare: refused or finite, never a number that is none.
#[test]
fn nothing_to_compare() {
    let worthless = study(ValueLaw::Exponential, "factor = 0.5", 0.0, 100);
    let tree = Architecture::full(worthless.tree());
    let error = MatchQuality::evaluate(&worthless, &tree, &|_, _| ()).unwrap_err();
    assert!(error.to_string().contains("utility.mean"), "{error}");
    let of = |component: &str, heights: &[u32]| {
        let period = "model = \"ratio\", base = 0.125, ratio = 2";
        let scenario = super::scenario([2, 3], 64.0, 2, component, period, "batched")
            .with_orders(by_value())
            .unwrap()
            .with_monte_carlo(MonteCarlo::new(7, Stopping::Replications(100)).unwrap());
        let heights = super::heights(&scenario, heights);
        MatchQuality::evaluate(&scenario, &heights, &|_, _| ())
    };
    // One-sided flow: the global pool fills nothing either.
    let error = of("{ kind = \"uniform\", side_share = 1 }", &[1, 2, 3]).unwrap_err();
    assert!(error.to_string().contains("flow"), "{error}");
    // Local pools that fill nothing of what the global pool fills lose all of it.
    let quality = of("{ kind = \"opposite\" }", &[1, 2]).unwrap();
    assert_eq!((quality.loss.mean, quality.gross.mean), (1.0, 0.0));
    assert_eq!(quality.match_quality.mean, 1.0);
    let text = serde_json::to_string(&quality).unwrap();
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}
