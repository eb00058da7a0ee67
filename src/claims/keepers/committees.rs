//! The claim about several keepers.

use super::{Claim, Figures, Verdict, numbers, of_keepers, staked};
use crate::error::Result;
use crate::keepers::closed_form::winner;
use crate::keepers::{Contest, GasAuction, Keepers, Noise, Property, Rule, Task};
use crate::kernels::quadrature::panel;

/// A difference this small is rounding.
const ROUNDING: f64 = 1e-12;

/// Probability of each keeper to be one of two by exclude-and-repeat: `p_i + Σ_{j≠i} p_j p_i(without j)`.
fn one_of_two(contest: &Contest) -> Vec<f64> {
    let first = winner(contest);
    let mut inclusion = first.clone();
    for (j, &p) in first.iter().enumerate() {
        let rest = winner(&contest.without(j));
        let others = inclusion.iter_mut().enumerate().filter(|(i, _)| *i != j);
        others.zip(rest).for_each(|((_, pi), second)| *pi += p * second);
    }
    inclusion
}

fn contest(keepers: &Keepers, rule: &Rule) -> Result<Contest> {
    Contest::new(keepers, rule, &Task::default())
}

/// Probability of each of three to be one of the first two in the order of a single draw: of not being the last.
fn first_two(scores: [f64; 3], last: impl Fn(f64, [f64; 2]) -> f64) -> [f64; 3] {
    let [a, b, c] = scores;
    [(a, [b, c]), (b, [a, c]), (c, [a, b])].map(|(own, others)| 1.0 - last(own, others))
}

/// The smallest of three products of a score and uniform noise.
fn last_of_uniform(own: f64, others: [f64; 2]) -> f64 {
    let end = others.iter().map(|other| other / own).fold(1.0, f64::min);
    panel(0.0, end, |u| others.iter().map(|other| 1.0 - own * u / other).product())
}

/// The last of three exponential arrivals.
fn last_of_race(own: f64, [a, b]: [f64; 2]) -> f64 {
    1.0 - own / (own + a) - own / (own + b) + own / (own + a + b)
}

fn difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Claim 9.
pub(super) fn exclude_and_repeat() -> Result<Claim> {
    let by_stake = Rule::stake_power(1.0);
    let mut figures = Figures::default();
    let mut cases = Vec::new();
    // In proportion to the chance of being selected alone.
    let mut shown = Vec::new();
    for weights in [[1.0, 1.0, 1.0], [0.4, 0.3, 0.3], [0.7, 0.2, 0.1]] {
        let contest = contest(&staked(weights)?, &by_stake)?;
        let (single, two) = (winner(&contest), one_of_two(&contest));
        let ratios: Vec<f64> = two.iter().zip(&single).map(|(pi, p)| pi / (2.0 * p)).collect();
        let distortion =
            ratios.iter().copied().fold(0.0, f64::max) / ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let name = weights.map(|w| w.to_string()).join(" : ");
        for (i, pi) in two.iter().enumerate() {
            figures = figures.with(format!("one of two, keeper {} of {name}", i + 1), *pi);
        }
        figures = figures.with(format!("distortion, {name}"), distortion);
        cases.push(distortion < 1.0 + ROUNDING);
        shown.push(format!("weights {name} give {} (distortion {distortion:.2})", numbers(&two, 3)));
    }
    // One order of all, and a new draw after each exclusion.
    let scores = [1.0, 2.0, 3.0];
    let mut orders = Vec::new();
    for (name, noise, single) in [
        ("uniform", Noise::Uniform, first_two(scores, last_of_uniform)),
        ("Fréchet", Noise::Frechet, first_two(scores, last_of_race)),
    ] {
        let rule = Rule::Noise { score: Property::Stake.into(), noise, temperature: 1.0 };
        let again = one_of_two(&contest(&staked(scores)?, &rule)?);
        for (i, (one, two)) in single.iter().zip(&again).enumerate() {
            figures = figures
                .with(format!("one of two, score {}, {name} noise, one draw", i + 1), *one)
                .with(format!("one of two, score {}, {name} noise, exclude and repeat", i + 1), *two);
        }
        let same = difference(&single, &again) < ROUNDING;
        cases.push(same);
        orders.push(if same {
            format!("with {name} noise the same")
        } else {
            format!("with {name} noise scores 1, 2, 3 give {} instead of {}", numbers(&again, 3), numbers(&single, 3))
        });
    }
    // Whether two are selected at all.
    let equal = staked([1.0; 5])?;
    for (name, rule) in
        [("uniform", Rule::uniform()), ("gas auction", Rule::GasAuction(GasAuction::new(1.0, 0.1, 0.0, 0.0)?))]
    {
        let selected: f64 = one_of_two(&contest(&equal, &rule)?).iter().sum();
        figures = figures.with(format!("keepers selected of two, {name}"), selected);
        cases.push((selected - 2.0).abs() < ROUNDING);
        orders.push(format!("{name}: {selected:.3} are selected"));
    }
    let finding = format!(
        "inclusion among two of three is in proportion to weight in {} of {} cases: {}; against one order of all: {}; of two asked for \
         among five keepers, {}",
        cases.iter().take(shown.len()).filter(|&&proportional| proportional).count(),
        shown.len(),
        shown.join(", "),
        orders[..2].join("; "),
        orders[2..].join(", ")
    );
    let quote =
        "reduced to selection of only one keeper, as we can simply exclude the selected keeper from the set and repeat";
    Ok(of_keepers(9, quote, Verdict::over(cases), finding, figures))
}
