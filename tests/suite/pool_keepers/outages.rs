//! Keepers who are down in all their pools at once, against the enumeration of who is up and against the orders engine.
//!
//! One error budget for the statistical tests of the file, as in [`super::engine`].

use super::recursion::pool_by_pool;
use super::{DOCUMENT, frame, heights, motley, read, run, section};
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::orders::compare::{Confirmed, Known};
use pooltree::orders::{Arrivals, Orders};
use pooltree::pool_keepers::closed_form::under_common_outages;
use pooltree::pool_tree::{Architecture, Executed};
use pooltree::{ClosedForm, Scenario};

const BUDGET: f64 = 1e-6;
const TESTS: f64 = 200.0;
const REPLICATIONS: u64 = 2000;

/// Operators tried by file order, those down first failing: the law of every pool by hand, given who is up.
fn laws(arity: u32, depth: u32, up: &[bool], of: impl Fn(usize) -> f64, lost: f64) -> Vec<Vec<Executed>> {
    let discount = |time: f64| 0.5f64.powf(time / 0.8);
    let law = |pool: usize, size: usize| {
        let mut elapsed = 0.0;
        for (i, &up) in up.iter().enumerate().skip(pool * size).take(size) {
            if up {
                return Executed { probability: 1.0, discounted: discount(elapsed + of(i)) };
            }
            elapsed += of(i) + lost;
        }
        Executed { probability: 0.0, discounted: 0.0 }
    };
    let n = up.len();
    let size = |height: u32| arity.pow(height) as usize;
    (0..=depth).map(|height| (0..n / size(height)).map(|pool| law(pool, size(height))).collect()).collect()
}

#[test]
fn the_mean_over_who_is_up() {
    let ping = |i: usize| motley(i).1;
    let rho = |i: usize| f64::from([14, 9, 20, 17][i % 4]) / 20.0;
    let settings = "assignment = \"operators\"\noutages = \"common\"\nrule = \"by-stake\"\ntie = \"file-order\"\n\
                    failure_delay = 0.07";
    for (i, component) in COMPONENTS.iter().enumerate() {
        for (j, active) in [&[1u32, 2, 3][..], &[0, 3], &[2], &[1, 3]].iter().enumerate() {
            let delay = ["idealised", "cumulative", "batched"][(i + j) % 3];
            let keepers = section(settings, 8, |i| ((20.0 * rho(i)) as u32, ping(i), 1.0));
            let scenario = read(&(frame([2, 3], 45.0, component, PERIODS[0], delay) + &keepers));
            let set = heights(&scenario, active);
            let found = under_common_outages(&scenario, scenario.keepers().unwrap(), &set).unwrap().unwrap();
            let plain = scenario.clone().without_keepers();
            let deadlines: Vec<f64> =
                (0..=3).map(|height| scenario.execution().unwrap().at(height).deadline()).collect();
            let (mut gross, mut fills, mut total) = (0.0, vec![0.0; active.len()], 0.0);
            let alone = super::recursion::Alone::new(&plain, active);
            for state in 0..1u32 << 8 {
                let up: Vec<bool> = (0..8).map(|i| state >> i & 1 == 1).collect();
                let chance: f64 = (0..8).map(|i| if up[i] { rho(i) } else { 1.0 - rho(i) }).product();
                if chance == 0.0 {
                    continue;
                }
                let given = pool_by_pool(&plain, &alone, active, &laws(2, 3, &up, ping, 0.07), &deadlines);
                gross += chance * given.1;
                fills.iter_mut().zip(&given.0).for_each(|(sum, filled)| *sum += chance * filled);
                total += chance;
            }
            let close = |a: f64, b: f64| (a - b).abs() < 1e-12 * (1.0 + b.abs());
            assert!(close(total, 1.0));
            assert!(close(found.gross, gross), "{} is not {gross}", found.gross);
            for (height, filled) in found.by_height.iter().zip(&fills) {
                assert!(close(height.filled_share, *filled), "{component} {set}");
            }
            assert!(close(found.filled_share + found.unfilled_share, 1.0));
            let sum: f64 = found.by_height.iter().map(|height| height.gross).sum();
            assert!(close(found.gross, sum) && close(found.net, found.gross - found.cost));
            // One pool by itself cannot tell common outages from others.
            let independent = ClosedForm::evaluate(&scenario, &set).unwrap();
            if active.len() == 1 {
                assert!(close(found.gross, independent.gross) && close(found.filled_share, independent.filled_share));
            } else {
                assert!(found.unfilled_share >= independent.unfilled_share - 1e-12, "failures come together");
            }
        }
    }
}

fn common(text: &str, settings: &str, n: usize, of: impl Fn(usize) -> (u32, f64, f64)) -> Scenario {
    read(&(text.to_owned() + &section(&format!("outages = \"common\"\n{settings}"), n, of)))
}

#[test]
fn the_engine_agrees_and_the_independent_formula_does_not() {
    let operators = "assignment = \"operators\"\nfailure_delay = 0.1";
    let weighted = "rule = \"stake-weighted\"\nfailure_delay = 0.05\ndeadline = 0.3";
    let cases = [(operators, 8), (weighted, 3), ("rule = \"by-stake\"", 2), ("rule = \"by-reliability\"", 1)];
    for (i, (settings, n)) in cases.into_iter().enumerate() {
        for (j, period) in PERIODS.iter().enumerate() {
            let delay = ["idealised", "cumulative", "batched"][(i + j) % 3];
            let text = frame([2, 3], 60.0, COMPONENTS[0], period, delay);
            let scenario = common(&text, settings, n, |i| (9 + (i % 3) as u32, 0.05 * (i % 4) as f64, 1.0 + i as f64));
            let set = heights(&scenario, &[1, 2, 3]);
            let orders = Orders::default();
            let seen = run(&scenario, &set, &orders, (10 * i + j) as u64, REPLICATIONS);
            let keepers = scenario.keepers();
            let confirmed = Confirmed::with_keepers(&scenario, &set, &orders, keepers, seen.clone()).unwrap();
            let agreement = confirmed.agreement.unwrap();
            assert!(agreement.p_value > BUDGET / TESTS, "{settings} {period}: {agreement:?}");
            for name in ["fills", "executions", "welfare"] {
                assert!(confirmed.tested.contains(&name), "{name} was not tested");
            }
            // What pools would do if they had nothing to do with each other.
            let independent = Known::new(&scenario, &set, &orders).unwrap().agreement(&seen).0.unwrap();
            assert!(independent.p_value < BUDGET / TESTS, "{settings} {period}: {independent:?}");
            // The probability of an execution is the same in either case, pool by pool.
            for height in &seen.by_height {
                let law = scenario.execution().unwrap().at(height.height);
                let pools = 1usize << (3 - height.height);
                let e = (0..pools).map(|pool| law.at(pool).probability).sum::<f64>() / pools as f64;
                let off = (height.executed.unwrap() - e).abs();
                assert!(off < 6.0 * height.executed_std_error.unwrap() + 1e-12);
            }
        }
    }
}

/// The figures of the document's tree with its operators as keepers, each up nine times out of ten.
#[test]
fn the_document_with_operators_that_are_down() {
    let scenario = common(DOCUMENT, "assignment = \"operators\"", 8, |_| (18, 0.0, 1.0));
    let tree = Architecture::full(scenario.tree());
    let independent = ClosedForm::evaluate(&scenario, &tree).unwrap();
    let together = under_common_outages(&scenario, scenario.keepers().unwrap(), &tree).unwrap().unwrap();
    let found = [independent.filled_share, together.filled_share, independent.gross, together.gross];
    let wanted = [0.900_459_801_3, 0.900_459_793_3, 37.636_725_404, 37.635_604_247];
    for (found, wanted) in found.into_iter().zip(wanted) {
        assert!((found - wanted).abs() < 5e-10 * wanted, "{found} {wanted}");
    }
}

#[test]
fn out_of_reach_is_said() {
    let scenario = common(DOCUMENT, "", 13, |_| (10, 0.1, 1.0));
    let tree = Architecture::full(scenario.tree());
    assert_eq!(under_common_outages(&scenario, scenario.keepers().unwrap(), &tree).unwrap(), None);
    let seen = run(&scenario, &tree, &Orders::default(), 1, 200);
    let confirmed = Confirmed::with_keepers(&scenario, &tree, &Orders::default(), scenario.keepers(), seen).unwrap();
    assert_eq!((confirmed.agreement, confirmed.tested), (None, vec![]));
    // Whoever never fails, or never executes, does not count.
    let scenario = common(DOCUMENT, "", 40, |i| (if i < 12 { 10 } else { 20 * (i as u32 % 2) }, 0.1, 1.0));
    assert!(under_common_outages(&scenario, scenario.keepers().unwrap(), &tree).unwrap().is_some());
    // Nor whoever is not selected.
    let scenario = common(DOCUMENT, "min_stake = 2", 40, |i| (10, 0.1, if i < 2 { 2.0 } else { 1.0 }));
    assert!(under_common_outages(&scenario, scenario.keepers().unwrap(), &tree).unwrap().is_some());
    // Bursts have no mean over who is up.
    let scenario = common(DOCUMENT, "", 2, |_| (10, 0.1, 1.0));
    let orders = Orders { arrivals: Arrivals::Gamma { shape: 2.0 }, ..Orders::default() };
    let seen = run(&scenario, &tree, &orders, 1, 200);
    let confirmed = Confirmed::with_keepers(&scenario, &tree, &orders, scenario.keepers(), seen).unwrap();
    assert_eq!(confirmed.agreement, None);
}
