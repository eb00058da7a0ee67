//! The value that the most valuable orders first fill: reference values, the definition, simulation of single orders.
//!
//! With the right formulas the comparisons with a simulation fail with probability 1e-6 at most, all together.

use approx::assert_relative_eq;
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::ToPrimitive;
use pooltree::orders::ValueLaw;
use pooltree::orders::closed_form::bids::{highest_value, one_height};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

/// Standard errors that a normal deviate exceeds with probability 8e-11; there are fewer than 1000 comparisons.
const FAR: f64 = 6.5;

fn law(name: &str, parameter: f64) -> ValueLaw {
    match name {
        "uniform" => ValueLaw::Uniform { spread: parameter },
        "exponential" => ValueLaw::Exponential,
        "pareto" => ValueLaw::Pareto { shape: parameter },
        "log-normal" => ValueLaw::LogNormal { sigma: parameter },
        _ => panic!("{name}"),
    }
}

#[test]
fn reference_values() {
    let rows = include_str!("../reference/bids.csv").lines().skip(1);
    let mut worst = (0.0f64, 0.0f64);
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let [parameter, x_plus, x_minus, gain] = [1, 2, 3, 4].map(|i: usize| cells[i].parse::<f64>().unwrap());
        let found = highest_value(x_plus, x_minus, &law(cells[0], parameter)).unwrap();
        let error = (found.gain / gain - 1.0).abs();
        let of_value = (found.gain - gain).abs() / found.value;
        assert!(error < 1e-12 && of_value < 1e-13, "{row}: {found:?} {error:e}");
        worst = (worst.0.max(error), worst.1.max(of_value));
        count += 1;
    }
    println!("{count} rows, largest relative error of the gain {:e}, of the value {:e}", worst.0, worst.1);
    assert!(count >= 70);
}

/// The best `m` of `n` uniform values: `E U_(i) = i/(n+1)`, summed exactly.
#[test]
fn uniform_values_from_the_definition() {
    let whole = |n: u32| Ratio::from_integer(BigInt::from(n));
    let best = |n: u32, m: u32| -> Ratio<BigInt> { (n - m + 1..=n).map(|i| whole(i) / whole(n + 1)).sum() };
    let two = whole(2);
    // Poisson weights x^i/i! at x = 3/2, exact up to the common factor e^(-3).
    let x = Ratio::new(BigInt::from(3), BigInt::from(2));
    let mut weights = vec![whole(1)];
    for i in 1..40 {
        weights.push(weights[i as usize - 1].clone() * x.clone() / whole(i));
    }
    let mut value = whole(0);
    for (i, p) in (0u32..).zip(&weights) {
        for (j, q) in (0u32..).zip(&weights) {
            let (n, m) = (i.max(j), i.min(j));
            let filled = whole(m) / two.clone() + best(n, m);
            // The closed form given the counts.
            let formula = whole(m) / two.clone() + whole(m) * whole(2 * n + 1 - m) / (two.clone() * whole(n + 1));
            assert_eq!(filled, formula);
            value += p * q * filled;
        }
    }
    let expected = value.to_f64().unwrap() * (-3.0f64).exp();
    // [0, 1] has mean 1/2.
    let found = 0.5 * highest_value(1.5, 1.5, &ValueLaw::Uniform { spread: 1.0 }).unwrap().value;
    assert_relative_eq!(found, expected, max_relative = 1e-14);
}

#[test]
fn many_orders_a_side() {
    // Far out the surplus |x+ - x-| decides: the best x- of x+ orders.
    for (name, parameter, best) in
        [("uniform", 1.0, 2.0 * 0.25 - 0.0625), ("exponential", 0.0, 0.25 * (1.0 + 4.0f64.ln())), ("pareto", 2.0, 0.5)]
    {
        let found = highest_value(4e8, 1e8, &law(name, parameter)).unwrap();
        assert_relative_eq!(found.value, 1e8 + 4e8 * best, max_relative = 1e-8);
    }
    // Equal sides: m (n - m)/(n + 1) tends to the surplus n - m, whose mean is 2 √(x/π).
    let x = 1e10;
    let found = highest_value(x, x, &ValueLaw::Uniform { spread: 1.0 }).unwrap();
    assert_relative_eq!(found.gain, (4.0 * x / std::f64::consts::PI).sqrt(), max_relative = 1e-4);
}

#[test]
fn sides_are_alike() {
    let laws = [("uniform", 0.5), ("uniform", 1.0), ("log-normal", 0.7), ("exponential", 0.0), ("pareto", 1.2)];
    for (x, y) in [(0.3, 4.0), (1e-9, 2.0), (50.0, 51.0), (1e6, 2e6)] {
        for (name, parameter) in laws {
            let found = highest_value(x, y, &law(name, parameter)).unwrap();
            let mirrored = highest_value(y, x, &law(name, parameter)).unwrap();
            assert_relative_eq!(found.gain, mirrored.gain, max_relative = 1e-14);
            // Some gain, and no match is worth more than all values.
            assert!(found.gain > 0.0 && found.value <= x + y, "{name} {x} {y}");
        }
        // The gain of uniform values is in proportion to their spread.
        let gain = |spread| highest_value(x, y, &ValueLaw::Uniform { spread }).unwrap().gain;
        assert_relative_eq!(gain(0.5), 0.5 * gain(1.0), max_relative = 1e-14);
    }
}

/// A law drawn by its distribution function, not by its Lorenz curve.
fn draw(law: &ValueLaw, rng: &mut ChaCha8Rng) -> f64 {
    match *law {
        ValueLaw::Uniform { spread } => 1.0 + spread * (2.0 * rng.random::<f64>() - 1.0),
        ValueLaw::Exponential => rand_distr::Exp1.sample(rng),
        ValueLaw::LogNormal { sigma } => {
            let z: f64 = rand_distr::StandardNormal.sample(rng);
            (sigma * z - 0.5 * sigma * sigma).exp()
        }
        ValueLaw::Pareto { shape } => (shape - 1.0) / shape * (1.0 - rng.random::<f64>()).powf(-1.0 / shape),
        _ => 1.0,
    }
}

/// Mean and standard error of the value filled in a window, order by order.
fn simulate(x: f64, y: f64, law: &ValueLaw, best_first: bool, windows: u32, seed: u64) -> (f64, f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let counts = [x, y].map(|x| Poisson::new(x).unwrap());
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..windows {
        let mut sides = counts.map(|count| {
            let n = count.sample(&mut rng) as usize;
            (0..n).map(|_| draw(law, &mut rng)).collect::<Vec<f64>>()
        });
        let pairs = sides[0].len().min(sides[1].len());
        let mut value = 0.0;
        for side in &mut sides {
            if best_first {
                side.sort_by(|a, b| b.total_cmp(a));
            }
            value += side[..pairs].iter().sum::<f64>();
        }
        sum += value;
        squares += value * value;
    }
    let n = f64::from(windows);
    let mean = sum / n;
    (mean, ((squares / n - mean * mean) / (n - 1.0)).sqrt())
}

#[test]
fn single_orders_agree() {
    let cases = [
        ("uniform", 1.0, 2.0, 2.0),
        ("uniform", 0.5, 8.0, 5.0),
        ("exponential", 0.0, 1.0, 3.0),
        ("exponential", 0.0, 20.0, 20.0),
        ("log-normal", 1.0, 3.0, 3.0),
        ("log-normal", 0.3, 12.0, 9.0),
        ("pareto", 3.0, 4.0, 4.0),
        ("pareto", 5.0, 10.0, 15.0),
    ];
    for (seed, (name, parameter, x, y)) in cases.into_iter().enumerate() {
        let law = law(name, parameter);
        let exact = highest_value(x, y, &law).unwrap();
        let (mean, error) = simulate(x, y, &law, true, 200_000, seed as u64);
        assert!((mean - exact.value).abs() < FAR * error, "{name}: {mean} ± {error}, {exact:?}");
        // The same check finds a formula for another priority, another law, one order less to choose from.
        let far = |claimed: f64| (mean - claimed).abs() > FAR * error;
        assert!(far(exact.filled), "{name}: random priority passes");
        assert!(far(exact.filled + 0.5 * exact.gain), "{name}: half of the gain passes");
        let (mean, error) = simulate(x, y, &law, false, 200_000, 100 + seed as u64);
        assert!((mean - exact.filled).abs() < FAR * error && (mean - exact.value).abs() > FAR * error, "{name}");
    }
}

const MIXED: &str = "
[tree]
arity = 3
depth = 2
[flow]
rate = 40.0
assets = 3
components = [
  { kind = \"uniform\", share = 0.5, side_share = 0.3 },
  { kind = \"meet-at\", height = 1, share = 0.25 },
  { kind = \"opposite\", share = 0.25 },
]
[timing]
latency = { model = \"proportional\", scale = 0.1 }
period = { model = \"ratio\", base = 0.5, ratio = 2 }
delay = \"batched\"
[discount]
factor = 0.6
[utility]
mean = 2.5
";

/// With orders of equal value, or none preferred, an architecture of one height is worth what the closed form of the tree says.
#[test]
fn one_height_beside_the_tree() {
    let scenario: Scenario = MIXED.parse().unwrap();
    for height in 0..=2 {
        let tree = ClosedForm::evaluate(&scenario, &Architecture::local(scenario.tree(), height).unwrap()).unwrap();
        for law in [ValueLaw::Point, ValueLaw::Exponential] {
            let found = one_height(&scenario, height, &law).unwrap();
            assert_relative_eq!(found.gross_random, tree.gross, max_relative = 1e-14);
            assert_relative_eq!(found.filled_share, tree.filled_share, max_relative = 1e-14);
            assert_eq!(law == ValueLaw::Point, found.gross <= found.gross_random);
        }
    }
}

/// The classes of the mixture counted by hand.
#[test]
fn one_height_by_classes() {
    let scenario: Scenario = MIXED.parse().unwrap();
    let law = ValueLaw::Pareto { shape: 2.5 };
    let value = |plus: f64, minus: f64| highest_value(plus, minus, &law).unwrap().value;
    // Height 1: three pools, windows of 1; three asset pairs. Height 2: windows of 2.
    // Uniform: 20 orders per unit time, 20/9 in a pool and pair. Meet at 1: 10 orders in 3 · 6 · 3 classes. Opposite: 10
    // orders in 6 · 3 classes.
    let rates = [
        (1, 9.0 * value(20.0 / 9.0 * 0.3, 20.0 / 9.0 * 0.7) + 54.0 * value(5.0 / 54.0, 5.0 / 54.0)),
        (
            2,
            0.5 * (3.0 * value(40.0 / 3.0 * 0.3, 40.0 / 3.0 * 0.7)
                + 54.0 * value(10.0 / 54.0, 10.0 / 54.0)
                + 18.0 * value(10.0 / 18.0, 10.0 / 18.0)),
        ),
    ];
    for (height, rate) in rates {
        let found = one_height(&scenario, height, &law).unwrap();
        assert_relative_eq!(found.value_share, rate / 40.0, max_relative = 1e-13);
        assert_relative_eq!(found.gross, 2.5 * rate * found.expected_discount, max_relative = 1e-13);
    }
}
