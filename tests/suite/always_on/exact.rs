//! Exact small cases, two routes, sums over all states, limits, symmetries, mistakes in the input.

use super::{pool, rate};
use approx::assert_relative_eq;
use pooltree::always_on::closed_form::{Stationary, evaluate};
use pooltree::always_on::growth::waiting_without_patience;
use pooltree::always_on::{AlwaysOn, Outcome, chain};
use statrs::function::gamma::{gamma, gamma_lr};
use std::f64::consts::{E, PI, TAU};

/// Every number of an outcome.
fn numbers(outcome: &Outcome) -> [f64; 16] {
    let Outcome { first: f, second: s, .. } = outcome;
    [
        f.unfilled_share,
        f.filled_share,
        f.filled_at_once,
        f.waiting,
        f.welfare,
        s.unfilled_share,
        s.filled_share,
        s.filled_at_once,
        s.waiting,
        s.welfare,
        outcome.balanced_share,
        outcome.waiting,
        outcome.unfilled_share,
        outcome.filled_share,
        outcome.welfare,
        outcome.welfare_rate,
    ]
}

fn close(one: &Outcome, other: &Outcome, relative: f64) {
    for (x, y) in numbers(one).into_iter().zip(numbers(other)) {
        assert_relative_eq!(x, y, max_relative = relative, epsilon = 1e-300);
    }
    assert!((one.imbalance - other.imbalance).abs() <= relative * one.waiting, "{one:?} {other:?}");
}

/// All numbers by adding the states one by one: weights, and the tagged order's descent as a running product.
fn by_states(a: f64, b: f64, d: f64) -> Outcome {
    let (first, second) = (states(a, b, d), states(b, a, d));
    // Weights are relative to the largest one of either side, and π_0 = 1/total of them.
    let scale = first.scale.max(second.scale);
    let [f, s] = [&first, &second].map(|side| (side.scale - scale).exp());
    let nothing = (-scale).exp();
    let total = nothing + first.weight * f + second.weight * s;
    let side = |own: &States, k: f64, other: &States, l: f64, opposite: f64, mine: f64| {
        let at_once = other.weight * l / total;
        let start = opposite / (opposite + 1.0);
        pooltree::always_on::SideOutcome {
            unfilled_share: own.number * k / total / mine,
            filled_share: at_once + (nothing * start + own.filled * k) / total,
            filled_at_once: at_once,
            waiting: own.number * k / total,
            welfare: at_once + (nothing * opposite / (opposite + 1.0 + d) + own.worth * k) / total,
        }
    };
    let (one, two) = (side(&first, f, &second, s, b, a), side(&second, s, &first, f, a, b));
    let all = |x: f64, y: f64| (a * x + b * y) / (a + b);
    let welfare = all(one.welfare, two.welfare);
    Outcome {
        first: one,
        second: two,
        balanced_share: nothing / total,
        imbalance: one.waiting - two.waiting,
        waiting: one.waiting + two.waiting,
        unfilled_share: all(one.unfilled_share, two.unfilled_share),
        filled_share: all(one.filled_share, two.filled_share),
        welfare,
        welfare_rate: (a + b) * welfare,
    }
}

/// Sums over the states in which one side waits, relative to `e^scale`.
#[derive(Default)]
struct States {
    scale: f64,
    weight: f64,
    number: f64,
    filled: f64,
    worth: f64,
}

fn states(a: f64, b: f64, d: f64) -> States {
    let mut sums = States::default();
    let mut weight = 1.0;
    // In logarithms: a million equal factors close to 1 would all be rounded the same way.
    let start = |d: f64| if b == 0.0 { f64::NEG_INFINITY } else { b.ln() - (b + 1.0 + d).ln() };
    let start = |d: f64| if b > 1.0 { (-(1.0 + d) / (b + 1.0 + d)).ln_1p() } else { start(d) };
    let (mut ln_filled, mut ln_worth) = (start(0.0), start(d));
    for n in 1u64.. {
        let n = n as f64;
        weight *= a / (b + n);
        ln_filled += (-(b + n + 1.0).recip()).ln_1p();
        ln_worth += (-(1.0 + d) / (b + n + 1.0 + d)).ln_1p();
        sums.weight += weight;
        sums.number += n * weight;
        sums.filled += weight * ln_filled.exp();
        sums.worth += weight * ln_worth.exp();
        if weight > 1e200 {
            let States { weight: w, number, filled, worth, scale } = &mut sums;
            [w, number, filled, worth, &mut weight].into_iter().for_each(|sum| *sum *= 1e-200);
            *scale += 200.0 * std::f64::consts::LN_10;
        }
        if a < b + n && weight < 1e-24 * sums.weight.min(1.0) {
            break;
        }
    }
    sums
}

#[test]
fn one_order_a_side_and_patience_time() {
    // J(1, 1) = e - 2, J(1, 2) = 2e - 5 by parts.
    let outcome = evaluate(&pool(2.0, 2.0, 2.0), &rate(2.0));
    let balanced = (2.0 * E - 3.0).recip();
    for share in [outcome.balanced_share, outcome.unfilled_share, outcome.first.waiting, outcome.second.waiting] {
        assert_relative_eq!(share, balanced, max_relative = 1e-14);
    }
    assert_relative_eq!(outcome.first.filled_at_once, (E - 2.0) * balanced, max_relative = 1e-14);
    assert_relative_eq!(outcome.welfare, (3.0 * E - 7.0) * balanced, max_relative = 1e-14);
    assert_relative_eq!(outcome.welfare_rate, 4.0 * (3.0 * E - 7.0) * balanced, max_relative = 1e-14);
}

#[test]
fn equal_rates_by_the_incomplete_gamma_function() {
    for z in [1e-12, 1e-6, 0.01, 0.5, 1.0, 2.5, 10.0, 40.0, 100.0] {
        let exact = (2.0 * gamma(z + 1.0) * f64::exp(z) * z.powf(-z) * gamma_lr(z, z) - 1.0).recip();
        let outcome = evaluate(&pool(z, z, 1.0), &rate(0.0));
        assert_relative_eq!(outcome.unfilled_share, exact, max_relative = 1e-12);
        assert_relative_eq!(outcome.balanced_share, exact, max_relative = 1e-12);
    }
    // Stirling's series, and P(z, z) by Ramanujan's 1/3 + 4/(135 z) - 8/(2835 z²).
    for z in [3e3f64, 1e5, 1e8, 1e12] {
        let stirling = (TAU * z).sqrt() * (1.0 + (1.0 + (1.0 / 24.0 - 139.0 / 4320.0 / z) / z) / 12.0 / z);
        let exact = (stirling - 1.0 / 3.0 + 8.0 / 135.0 / z - 16.0 / 2835.0 / (z * z)).recip();
        let outcome = evaluate(&pool(z, z, 1.0), &rate(0.0));
        assert_relative_eq!(outcome.unfilled_share, exact, max_relative = 2e-14);
        assert_relative_eq!(outcome.balanced_share, exact, max_relative = 2e-14);
    }
    assert_relative_eq!(
        evaluate(&pool(1e12, 1e12, 1.0), &rate(0.0)).unfilled_share,
        (TAU * 1e12).sqrt().recip(),
        max_relative = 1e-6
    );
}

#[test]
fn sums_over_all_states() {
    let rates = [1e-12, 1e-3, 0.4, 1.0, 3.7, 30.0, 400.0, 1e4];
    for a in rates {
        for b in rates {
            for d in [0.0, 1e-6, 0.3, 20.0, 1e5] {
                let (exact, sums) = (evaluate(&pool(a, b, 1.0), &rate(d)), by_states(a, b, d));
                if exact.balanced_share > 1e-40 {
                    close(&exact, &sums, 1e-12);
                } else {
                    // Shares of e^-1000 have as many digits fewer as their exponent has.
                    assert_relative_eq!(exact.unfilled_share, sums.unfilled_share, max_relative = 1e-12);
                    assert_relative_eq!(exact.welfare, sums.welfare, max_relative = 1e-12);
                }
            }
        }
    }
    for (a, b, d) in [(1e12, 1e12, 1e6), (1e12, 1e12 - 1e6, 1.0), (1e12, 1e12 + 3e6, 1e3), (1e10, 1e10 - 2e5, 1e12)] {
        // Ten million terms added one by one are no better than this.
        close(&evaluate(&pool(a, b, 1.0), &rate(d)), &by_states(a, b, d), 1e-11);
    }
}

#[test]
fn linear_equations_agree() {
    let rates = [1e-12, 0.01, 0.4, 1.0, 3.7, 30.0, 120.0];
    for a in rates {
        for b in rates {
            for d in [0.0, 0.3, 20.0] {
                let pool = pool(3.0 * a, 3.0 * b, 3.0);
                let (exact, solved) = (evaluate(&pool, &rate(3.0 * d)), chain::solve(&pool, &rate(3.0 * d)).unwrap());
                for (x, y) in numbers(&exact).into_iter().zip(numbers(&solved)) {
                    assert!((x - y).abs() <= 1e-12 * x.max(1.0), "{a} {b} {d}: {x} {y}");
                }
            }
        }
    }
    let refused = chain::solve(&pool(1e6, 1e6, 1.0), &rate(0.0)).unwrap_err().to_string();
    assert!(refused.starts_with("patience_rate = 1: must be so large"), "{refused}");
}

#[test]
fn the_law_is_a_law() {
    for (a, b) in [(0.5, 0.2), (3.0, 40.0), (700.0, 650.0), (1e4, 1e4), (2e3, 10.0)] {
        let law = Stationary::new(&pool(a, b, 1.0));
        let total: f64 = (-20_000..=20_000).map(|n| law.pmf(n)).sum();
        assert_relative_eq!(total, 1.0, max_relative = 2e-13);
        let above: f64 = (1..=20_000).map(|n| law.pmf(n)).sum();
        assert_relative_eq!(above, law.first_waits(), max_relative = 1e-12, epsilon = 1e-300);
        for n in [0i64, 1, 2, 17, 400, 1900] {
            // Local balance, in logarithms because rare states underflow.
            let step = law.ln_pmf(n + 1) - law.ln_pmf(n) - (a / (b + (n + 1) as f64)).ln();
            assert!(step.abs() < 1e-13 + 2e-15 * law.ln_pmf(n).abs(), "{a} {b} {n} {step}");
        }
    }
    // Far out the mode of the law is a - b, and it has a normal shape of variance a.
    let law = Stationary::new(&pool(1e12, 5e11, 1.0));
    assert_relative_eq!(law.pmf(500_000_000_000), (TAU * 1e12).sqrt().recip(), max_relative = 1e-12);
    assert_eq!(law.pmf(0), 0.0);
}

#[test]
fn balances() {
    for (a, b) in [(1e-12, 3.0), (0.3, 0.2), (1.0, 1e6), (1e12, 1e12), (1e12, 1e12 - 1e5), (1e12, 1e-12), (2e5, 1e5)] {
        let outcome = evaluate(&pool(a, b, 1.0), &rate(0.0));
        let (f, s) = (&outcome.first, &outcome.second);
        assert_relative_eq!(f.filled_share + f.unfilled_share, 1.0, max_relative = 1e-12);
        assert_relative_eq!(s.filled_share + s.unfilled_share, 1.0, max_relative = 1e-12);
        // As many are filled on either side; nothing is discounted; arrivals and losses balance.
        assert_relative_eq!(a * f.filled_share, b * s.filled_share, max_relative = 1e-12);
        assert_eq!((f.welfare, s.welfare), (f.filled_share, s.filled_share));
        assert!((f.waiting - s.waiting - outcome.imbalance).abs() <= 1e-12 * outcome.waiting, "{outcome:?}");
    }
}

#[test]
fn limits() {
    // No counterparts: nothing is filled, and λ/θ orders wait (a Poisson number).
    let alone = evaluate(&pool(6.0, 0.0, 2.0), &rate(1.0));
    assert_eq!((alone.first.filled_share, alone.first.welfare, alone.welfare), (0.0, 0.0, 0.0));
    assert_relative_eq!(alone.first.unfilled_share, 1.0, max_relative = 1e-14);
    assert_relative_eq!(alone.balanced_share, f64::exp(-3.0), max_relative = 1e-14);
    let almost = evaluate(&pool(6.0, 1e-9, 2.0), &rate(1.0));
    assert!(almost.first.filled_share < 1e-9 && almost.second.filled_share > 0.9);
    // No patience: an order meets one of the λ2/θ that wait or come, on either side of it.
    for impatience in [1e6, 1e9, 1e12] {
        let outcome = evaluate(&pool(2.0, 3.0, impatience), &rate(0.0));
        assert_relative_eq!(outcome.first.filled_share, 6.0 / impatience, max_relative = 20.0 / impatience);
        assert_relative_eq!(
            outcome.unfilled_share,
            1.0 - 4.8 / impatience,
            max_relative = 100.0 / (impatience * impatience) + 1e-15
        );
    }
    // All patience in the world: the slower side is always filled at once.
    let slow = evaluate(&pool(2.0, 1.0, 1e-12), &rate(0.1));
    assert_relative_eq!(slow.second.welfare, 1.0, max_relative = 1e-12);
    assert_relative_eq!(slow.first.unfilled_share, 0.5, max_relative = 1e-12);
    // A discount so strong that only orders without a wait count.
    let hasty = evaluate(&pool(2.0, 3.0, 1.0), &rate(1e300));
    assert_relative_eq!(hasty.first.welfare, hasty.first.filled_at_once, max_relative = 1e-15);
    let hastier = evaluate(&pool(2.0, 3.0, 1e-9), &rate(1e308));
    assert_eq!(hastier.first.welfare, hastier.first.filled_at_once);
    assert!(chain::solve(&pool(2.0, 3.0, 0.1), &rate(1e308)).unwrap().welfare > 0.0);
}

#[test]
fn symmetries() {
    for (a, b, theta) in [(1.0, 3.0, 0.7), (200.0, 10.0, 1.0), (1e6, 1.1e6, 1.0)] {
        let one = pool(a, b, theta);
        let here = evaluate(&one, &rate(0.4));
        close(&evaluate(&one.exchanged(), &rate(0.4)).exchanged(), &here, 1e-15);
        // Another unit of time: all rates times 2^10, value per unit of time likewise.
        let mut faster = evaluate(&pool(1024.0 * a, 1024.0 * b, 1024.0 * theta), &rate(0.4 * 1024.0));
        faster.welfare_rate /= 1024.0;
        assert_eq!(faster, here);
    }
}

#[test]
fn without_patience_orders_pile_up() {
    // Equal rates: 2√(λt/π), four times the time for twice the orders.
    for time in [1e4, 1e6, 1e8] {
        let waiting = waiting_without_patience(3.0, 3.0, time).unwrap();
        assert_relative_eq!(waiting, 2.0 * (3.0 * time / PI).sqrt(), max_relative = 1.0 / time);
        let later = waiting_without_patience(3.0, 3.0, 4.0 * time).unwrap();
        assert_relative_eq!(later / waiting, 2.0, max_relative = 1.0 / time);
    }
    let g = pooltree::kernels::unfilled::unfilled_share(1.5).unwrap();
    assert_relative_eq!(waiting_without_patience(3.0, 3.0, 0.5).unwrap(), 3.0 * g, max_relative = 1e-15);
    assert_relative_eq!(waiting_without_patience(3.0, 2.0, 1e6).unwrap(), 1e6, max_relative = 1e-14);
    assert_eq!(waiting_without_patience(3.0, 2.0, 0.0), Ok(0.0));
    // A long patience: the stationary queue is 2/√(2π) √z long.
    let patient = evaluate(&pool(1.0, 1.0, 1e-10), &rate(0.0));
    assert_relative_eq!(patient.waiting, 2.0 * (1e10 / TAU).sqrt(), max_relative = 1e-5);
}

#[test]
fn mistakes() {
    let said = |first, second, patience| AlwaysOn::new(first, second, patience).unwrap_err().to_string();
    assert_eq!(said(-1.0, 1.0, 1.0), "first_rate = -1: must be finite and at least 0");
    assert_eq!(said(1.0, f64::NAN, 1.0), "second_rate = NaN: must be finite and at least 0");
    assert_eq!(said(1.0, 1.0, -0.0), "patience_rate = -0: must be finite and above 0");
    assert_eq!(said(1.0, 1.0, f64::INFINITY), "patience_rate = inf: must be finite and above 0");
    assert_eq!(said(0.0, 0.0, 1.0), "second_rate = 0: must be above 0 where first_rate is 0");
    assert_eq!(said(1.0, 1e16, 1.0), "second_rate = 1e16: must be at most 1e15 times the patience rate 1");
    let time = waiting_without_patience(1.0, 1.0, -2.0).unwrap_err().to_string();
    assert_eq!(time, "time = -2: must be finite and at least 0");
}
