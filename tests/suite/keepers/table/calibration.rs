//! The p-values of the table are p-values: uniform if the formulas are right.

use super::{asked, four, table};
use pooltree::keepers::{Keeper, Keepers, RuleName};

const SEEDS: u64 = 300;
const REPLICATIONS: u64 = 1500;

/// Kolmogorov's distance of a sample from the uniform law.
fn kolmogorov(sample: &mut [f64]) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let gap = |(i, &p): (usize, &f64)| (p - i as f64 / n).abs().max(((i + 1) as f64 / n - p).abs());
    sample.iter().enumerate().map(gap).fold(0.0, f64::max)
}

/// What a uniform sample exceeds with probability `alarm` (Massart 1990).
fn most(n: usize, alarm: f64) -> f64 {
    ((2.0 / alarm).ln() / (2.0 * n as f64)).sqrt()
}

/// Different reliabilities and times, so that every rule has something to draw.
fn p_values() -> Vec<(RuleName, Vec<f64>)> {
    let mut all: Vec<(RuleName, Vec<f64>)> = RuleName::ALL.map(|name| (name, Vec::new())).into();
    for seed in 1..=SEEDS {
        let found = table(&four(), &asked(Some(100.0)), Some(REPLICATIONS), seed);
        for (row, (_, values)) in found.rules.iter().zip(&mut all) {
            values.push(row.monte_carlo.as_ref().unwrap().agreement.p_value);
        }
    }
    all
}

/// Twelve rules with 3e-8 each, and 3600 p-values with 3e-11 each: 5e-7 together.
#[test]
fn p_values_of_every_rule_are_uniform() {
    for (name, mut values) in p_values() {
        let least = values.iter().copied().fold(1.0, f64::min);
        let distance = kolmogorov(&mut values);
        println!("{} {distance:.3} {least:.2e}", name.name());
        assert!(distance < most(values.len(), 3e-8), "{}: {distance}", name.name());
        assert!(least > 3e-11, "{}: {least}", name.name());
    }
}

/// The distance tells: p-values from a law in which one stake of four is 15 % larger, worked out from the published shares.
#[test]
fn p_values_of_a_wrong_law_are_not_uniform() {
    let richer = |(i, keeper): (usize, &Keeper)| {
        let factor = if i == 0 { 1.15 } else { 1.0 };
        Keeper { stake: keeper.stake * factor, ..keeper.clone() }
    };
    let wrong = Keepers::new(four().all().iter().enumerate().map(richer).collect()).unwrap();
    let [right, wrong] = [four(), wrong].map(|keepers| table(&keepers, &asked(Some(100.0)), None, 1));
    let weighted = |found: &pooltree::keepers::table::Table| super::row(found, RuleName::StakeWeighted).clone();
    let mut values = [Vec::new(), Vec::new()];
    for seed in 1..=SEEDS {
        let found = table(&four(), &asked(Some(100.0)), Some(REPLICATIONS), seed);
        let seen = weighted(&found).monte_carlo.unwrap().winner;
        for (values, law) in values.iter_mut().zip([&right, &wrong]) {
            let term = |(seen, p): (&f64, &f64)| REPLICATIONS as f64 * (seen - p).powi(2) / p;
            let chi_square: f64 = seen.iter().zip(&weighted(law).winner).map(term).sum();
            // Three degrees of freedom.
            let x = (chi_square / 2.0).sqrt();
            let tail = statrs::function::erf::erfc(x) + 2.0 / std::f64::consts::PI.sqrt() * x * (-x * x).exp();
            values.push(tail);
        }
    }
    let [mut right, mut wrong] = values;
    let [right, wrong] = [kolmogorov(&mut right), kolmogorov(&mut wrong)];
    let most = most(SEEDS as usize, 3e-8);
    println!("right {right:.3}, wrong {wrong:.3}, most {most:.3}");
    assert!(right < most && wrong > 1.5 * most, "{right} {wrong}");
}
