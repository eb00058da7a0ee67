//! The crate against simulations written in another language with another library (`tests/reference/simpy_models.py`).
//!
//! With the right formulas all tests of this file together fail with probability 1e-6 at most: the reference is stored and
//! the seeds are fixed, so that they either always or never do.

use crate::simpy_models::{Case, case};
use nalgebra::{DMatrix, DVector};
use pooltree::always_on::closed_form::evaluate;
use pooltree::always_on::simulation::{SimulatedPool, simulate};
use pooltree::always_on::{AlwaysOn, Outcome, SideOutcome};
use pooltree::estimate::{MonteCarlo, Stopping, VectorEstimate};
use pooltree::pool_tree::{Architecture, Discount, DiscountModel};
use pooltree::{ClosedForm, Scenario};

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 50.0;

/// Standard errors that a normal deviate exceeds with probability 2e-9.
const FAR: f64 = 6.0;

const QUEUES: [&str; 2] = ["always_on_4_3", "always_on_1_1"];

fn queue(case: &Case, patience: f64) -> (AlwaysOn, Discount) {
    let pool = AlwaysOn::new(case.number("/rates/0"), case.number("/rates/1"), patience).unwrap();
    (pool, Discount::new(DiscountModel::Factor(case.number("/discount_factor"))).unwrap())
}

fn queue_p_value(case: &Case, claimed: &Outcome) -> f64 {
    let Outcome { first, second, .. } = claimed;
    let agreement = case.agreement(&[
        ("unfilled_1", first.unfilled_share),
        ("waiting_1", first.waiting),
        ("value_1", first.welfare),
        ("unfilled_2", second.unfilled_share),
        ("waiting_2", second.waiting),
        ("value_2", second.welfare),
    ]);
    assert_eq!(agreement.degrees_of_freedom, 6);
    agreement.p_value
}

#[test]
fn integrals_of_the_always_on_pool() {
    for name in QUEUES {
        let case = case(name);
        let patience = case.number("/patience_rate");
        let (pool, discount) = queue(&case, patience);
        let exact = evaluate(&pool, &discount);
        let p = queue_p_value(&case, &exact);
        println!("{name}: p = {p}");
        assert!(p > BUDGET / COMPARISONS, "{name}: p = {p}");

        let rejects = |what: &str, claimed: &Outcome| {
            let p = queue_p_value(&case, claimed);
            assert!(p < BUDGET / COMPARISONS, "{name}: {what} passes with p = {p}");
        };
        rejects("patience 2 % shorter", &evaluate(&queue(&case, 1.02 * patience).0, &discount));
        let hasty = Discount::new(DiscountModel::Factor(0.97 * case.number("/discount_factor"))).unwrap();
        rejects("another discount", &evaluate(&pool, &hasty));
        let undiscounted = |side: SideOutcome| SideOutcome { welfare: side.filled_share, ..side };
        rejects("no discount on the first side", &Outcome { first: undiscounted(exact.first), ..exact });
        if pool.first_rate() != pool.second_rate() {
            rejects("sides exchanged", &exact.exchanged());
        }
    }
}

/// The largest difference of a figure of both simulations, in joint standard errors.
fn farthest(case: &Case, simulated: &SimulatedPool) -> f64 {
    let sides = [simulated.first.unwrap(), simulated.second.unwrap()];
    let mut farthest = 0.0f64;
    for (i, side) in sides.into_iter().enumerate() {
        for (name, estimate) in [("unfilled", side.unfilled_share), ("waiting", side.waiting), ("value", side.welfare)]
        {
            let (mean, error) = case.figure(&format!("{name}_{}", i + 1));
            farthest = farthest.max((mean - estimate.mean).abs() / error.hypot(estimate.std_error));
        }
    }
    farthest
}

#[test]
fn simulation_of_the_always_on_pool() {
    for (seed, name) in QUEUES.into_iter().enumerate() {
        let case = case(name);
        let run = |patience: f64| {
            let (pool, discount) = queue(&case, patience);
            let monte_carlo = MonteCarlo::new(seed as u64, Stopping::Replications(500_000)).unwrap();
            simulate(&pool, &discount, &monte_carlo, &|_, _| ()).unwrap()
        };
        let patience = case.number("/patience_rate");
        let (right, wrong) = (farthest(&case, &run(patience)), farthest(&case, &run(1.05 * patience)));
        println!("{name}: {right} and {wrong} standard errors");
        assert!(right < FAR, "{name}: {right} standard errors");
        assert!(wrong > FAR, "{name}: patience 5 % shorter passes with {wrong} standard errors");
    }
}

fn closed_form(scenario: &str) -> ClosedForm {
    let scenario: Scenario = scenario.parse().unwrap();
    ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree())).unwrap()
}

/// What the closed form says of the figures of one height: counts and times, then values.
fn height(exact: &ClosedForm, h: usize) -> [f64; 5] {
    let at = &exact.by_height[h - 1];
    assert_eq!(at.height as usize, h);
    let delay = at.offset + at.latency + at.period / 2.0;
    let orders = exact.gross / exact.gross_per_order;
    [
        at.filled_share,
        at.filled_share * delay,
        at.filled_share * at.expected_discount,
        at.filled_share,
        at.gross / orders,
    ]
}

const FIGURES: [[&str; 5]; 2] = [
    ["filled_1", "delay_1", "discount_1", "value_1", "utility_1"],
    ["filled_2", "delay_2", "discount_2", "value_2", "utility_2"],
];

/// The first `figures` of every one of `heights`, and the share that expires where both are held.
fn tree_p_value(case: &Case, exact: [[f64; 5]; 2], figures: usize, heights: usize) -> f64 {
    let mut expected = Vec::new();
    for h in 0..heights {
        expected.extend(FIGURES[h].into_iter().zip(exact[h]).take(figures));
    }
    if heights == 2 {
        expected.push(("expired", 1.0 - exact[0][0] - exact[1][0]));
    }
    let agreement = case.agreement(&expected);
    // Shares sum to 1.
    assert_eq!(agreement.degrees_of_freedom as usize, figures * heights);
    agreement.p_value
}

#[test]
fn closed_form_of_the_tree() {
    let case = case("tree_random");
    let exact = closed_form(&case.scenario());
    let right = [height(&exact, 1), height(&exact, 2)];
    let p = tree_p_value(&case, right, 5, 2);
    println!("p = {p}");
    assert!(p > BUDGET / COMPARISONS, "p = {p}");

    let rejects = |what: &str, claimed: [[f64; 5]; 2]| {
        let p = tree_p_value(&case, claimed, 5, 2);
        assert!(p < BUDGET / COMPARISONS, "{what} passes with p = {p}");
    };
    let with = |change: &dyn Fn(&mut [[f64; 5]; 2])| {
        let mut claimed = right;
        change(&mut claimed);
        claimed
    };
    let [first, second] = [&exact.by_height[0], &exact.by_height[1]];
    rejects("a constant filling rate", with(&|c| c[1][0] = (1.0 - c[0][0]) * c[0][0]));
    rejects("a root that starts when its window closes", with(&|c| c[1][1] -= c[1][0] * second.offset));
    rejects("no wait for the window's end", with(&|c| c[0][1] -= c[0][0] * first.period / 2.0));
    rejects("the discount of the mean delay", with(&|c| c[1][2] = c[1][0] * 0.5f64.powf(c[1][1] / c[1][0])));
    rejects("values half a percent higher", with(&|c| c[0][3] *= 1.005));
    let thicker = closed_form(&case.scenario().replace("rate = 16", "rate = 16.2"));
    rejects("1 % more orders", [height(&thicker, 1), height(&thicker, 2)]);
}

/// A priority that looks at values changes what is filled, not how much nor when; what happens below the root does not know
/// how long orders stay there.
#[test]
fn closed_form_where_it_still_holds() {
    let by_value = case("tree_highest_value");
    let exact = closed_form(&by_value.scenario());
    let right = [height(&exact, 1), height(&exact, 2)];
    let p = tree_p_value(&by_value, right, 3, 2);
    println!("highest value: p = {p}");
    assert!(p > BUDGET / COMPARISONS, "p = {p}");
    assert!(tree_p_value(&by_value, right, 5, 2) < BUDGET / COMPARISONS, "values of the mean");

    let staying = case("tree_random_lifetime_3");
    let exact = closed_form(&staying.scenario());
    let right = [height(&exact, 1), height(&exact, 2)];
    let p = tree_p_value(&staying, right, 5, 1);
    println!("lifetime 3: p = {p}");
    assert!(p > BUDGET / COMPARISONS, "p = {p}");
    assert!(tree_p_value(&staying, right, 3, 2) < BUDGET / COMPARISONS, "one auction at the root");
}

/// The stored errors are those of the stored matrix, which is a covariance; auctions at the root add up to its fills.
#[test]
fn the_file_is_consistent() {
    for name in QUEUES.into_iter().chain(["tree_random", "tree_highest_value", "tree_random_lifetime_3"]) {
        let case = case(name);
        let names = case.names();
        let estimate = case.estimate(&names);
        let of_mean = estimate.covariance_of_mean();
        let scale = of_mean.diagonal().map(f64::sqrt);
        for (i, name) in names.iter().enumerate() {
            assert!((case.figure(name).1 / scale[i] - 1.0).abs() < 1e-12, "{name}");
        }
        let correlation = DMatrix::from_fn(names.len(), names.len(), |i, j| of_mean[(i, j)] / scale[i] / scale[j]);
        assert!(correlation.symmetric_eigen().eigenvalues.min() > -1e-9, "{name}");
    }
    let case = case("tree_random_lifetime_3");
    let mean = |name: &str| case.figure(name).0;
    let by_auction: f64 = (1..=3).map(|a| mean(&format!("filled_2_auction_{a}"))).sum();
    assert!((by_auction - mean("filled_2")).abs() < 1e-12);
    assert!((mean("filled_1") + mean("filled_2") + mean("expired") - 1.0).abs() < 1e-12);
}

/// Two simulations held against each other: the counts at height 1 do not depend on priority or lifetime, those at the root
/// do.
#[test]
fn two_references_are_held_together() {
    let (left, right) = (case("tree_random"), case("tree_random_lifetime_3"));
    let p = |names: &[&str]| left.agreement_with(names, &right.estimate(names)).p_value;
    assert!(p(&["filled_1", "delay_1", "discount_1"]) > BUDGET / COMPARISONS);
    assert!(p(&["filled_1", "filled_2"]) < BUDGET / COMPARISONS);
    // One figure without correlations: the square of a difference in joint errors.
    let ((a, s), (b, t)) = (left.figure("filled_1"), right.figure("filled_1"));
    let alone: VectorEstimate = right.estimate(&["filled_1"]);
    assert_eq!(alone.mean(), &DVector::from_element(1, b));
    let chi_square = left.agreement_with(&["filled_1"], &alone).chi_square;
    assert!((chi_square / ((a - b).powi(2) / (s * s + t * t)) - 1.0).abs() < 1e-9);
}
