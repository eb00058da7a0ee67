//! The p-values of the table are p-values: uniform if the formulas are right.

use super::{asked, four, row, table};
use pooltree::keepers::{Keeper, Keepers, RuleName};
use statrs::function::erf::erfc;
use std::sync::OnceLock;

const SEEDS: u64 = 300;
const REPLICATIONS: u64 = 1500;

/// Kolmogorov's distance of a sample from the uniform law.
fn kolmogorov(mut sample: Vec<f64>) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let gap = |(i, &p): (usize, &f64)| (p - i as f64 / n).abs().max(((i + 1) as f64 / n - p).abs());
    sample.iter().enumerate().map(gap).fold(0.0, f64::max)
}

/// What a uniform sample exceeds with probability `alarm` (Massart 1990).
fn most(n: usize, alarm: f64) -> f64 {
    ((2.0 / alarm).ln() / (2.0 * n as f64)).sqrt()
}

/// Of every rule the p-values, and the shares drawn of each keeper.
type Runs = Vec<(RuleName, Vec<f64>, Vec<Vec<f64>>)>;

/// Different reliabilities and times, so that every rule has something to draw.
fn runs() -> &'static Runs {
    static RUNS: OnceLock<Runs> = OnceLock::new();
    RUNS.get_or_init(|| {
        let mut all: Runs = RuleName::ALL.map(|name| (name, Vec::new(), Vec::new())).into();
        for seed in 1..=SEEDS {
            let found = table(&four(), &asked(Some(100.0)), Some(REPLICATIONS), seed);
            for (row, (_, values, shares)) in found.rules.into_iter().zip(&mut all) {
                let seen = row.monte_carlo.unwrap();
                values.push(seen.agreement.p_value);
                shares.push(seen.winner);
            }
        }
        all
    })
}

/// Those who can hardly fail make p-values that are few and rather too large: with ten times the seeds one sees it (by-bid, a
/// distance of .055), here it is within what is allowed.
///
/// Twelve rules with 3e-8 each, and 3600 p-values with 3e-11 each: 5e-7 together.
#[test]
fn p_values_of_every_rule_are_uniform() {
    for (name, values, _) in runs() {
        let least = values.iter().copied().fold(1.0, f64::min);
        let distance = kolmogorov(values.clone());
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
    let [right, wrong] = [four(), wrong].map(|keepers| {
        let found = table(&keepers, &asked(Some(100.0)), None, 1);
        row(&found, RuleName::StakeWeighted).winner.clone()
    });
    let (_, _, shares) = runs().iter().find(|(name, ..)| *name == RuleName::StakeWeighted).unwrap();
    let distance = |law: &[f64]| {
        let p_value = |seen: &Vec<f64>| {
            let term = |(seen, p): (&f64, &f64)| REPLICATIONS as f64 * (seen - p).powi(2) / p;
            let chi_square: f64 = seen.iter().zip(law).map(term).sum();
            // Of three degrees of freedom.
            let x = (chi_square / 2.0).sqrt();
            erfc(x) + 2.0 / std::f64::consts::PI.sqrt() * x * (-x * x).exp()
        };
        kolmogorov(shares.iter().map(p_value).collect())
    };
    let (right, wrong, most) = (distance(&right), distance(&wrong), most(shares.len(), 3e-8));
    assert!(right < most && wrong > 1.5 * most, "{right} {wrong}");
}
