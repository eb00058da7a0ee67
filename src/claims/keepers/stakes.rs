//! Claims about random selection: what a stake is good for.

use super::{Claim, Figures, Verdict, of_keepers, staked};
use crate::error::Result;
use crate::keepers::closed_form::attacks::{
    candidate_minima, deterring_minimum, merge_gain, minimum_trade_off, most_pieces, power_split, sybil_gain,
    uniform_split,
};
use crate::keepers::closed_form::fairness::stake_elasticities;
use crate::keepers::{Keepers, Noise, Property, Reliability, Rule, Score, Task};

/// A gain this small is rounding.
const ROUNDING: f64 = 1e-12;

fn at_least(minimum: f64) -> Task {
    Task { min_stake: Some(minimum), ..Task::default() }
}

/// Mean elasticity of the chances in the stake.
fn elasticity(keepers: &Keepers, rule: &Rule, task: &Task) -> Result<f64> {
    Ok(stake_elasticities(keepers, rule, task)?.mean().unwrap_or(f64::NAN))
}

/// Claim 7.
pub(super) fn uniform() -> Result<Claim> {
    const MINIMUM: f64 = 100.0;
    const HONEST: u32 = 20;
    let (rich, stake) = (1000.0, 500.0);
    let (task, rule) = (at_least(MINIMUM), Rule::uniform());
    let keepers = staked(std::iter::once(rich).chain((0..HONEST).map(|_| stake)))?;
    let graded = staked((1..=10).map(|i| 100.0 * f64::from(i)))?;
    let flat = elasticity(&keepers, &rule, &task)?;
    let (gain, alone) = sybil_gain(&keepers, &rule, &task)?.map_or((0.0, f64::NAN), |gain| (gain.gain, gain.before));
    let pieces = most_pieces(rich, MINIMUM)?;
    let split = uniform_split(pieces, u64::from(HONEST))?;
    let by_stake = power_split(1.0, rich, pieces, f64::from(HONEST) * stake)?;
    // If everybody splits, the uniform rule counts stakes.
    let honest = u64::from(HONEST) * most_pieces(stake, MINIMUM)?;
    let all_split = uniform_split(pieces, honest)?;
    let twice = uniform_split(most_pieces(2.0 * rich, MINIMUM)?, honest)?;
    let mut figures = Figures::default()
        .with("stake elasticity, uniform", flat)
        .with("stake elasticity, proportional to stake", elasticity(&keepers, &Rule::stake_power(1.0), &task)?)
        .with("share of 1000 in pieces of 100 among 20 of 500, uniform", split)
        .with("share of 1000 in pieces of 100 among 20 of 500, proportional to stake", by_stake)
        .with("share of 1000 in one piece, uniform", alone)
        .with("gain by splitting, uniform", gain)
        .with("share of 1000 if all split, uniform", all_split)
        .with("share of 2000 if all split, uniform", twice);
    let mut deterred = Vec::new();
    for (name, keepers) in [("one of 1000, 20 of 500", &keepers), ("100, 200 … 1000", &graded)] {
        let curve = minimum_trade_off(keepers, &rule, 0, &candidate_minima(keepers))?;
        let found = deterring_minimum(&curve, ROUNDING);
        if let Some(found) = found {
            figures = figures
                .with(format!("smallest minimum that deters splitting, {name}"), found.minimum)
                .with(format!("keepers excluded by it, {name}"), found.excluded as f64);
        }
        deterred.push(found.map(|found| (found.minimum, found.excluded, keepers.len())));
    }
    let cases = [flat.abs() < ROUNDING, gain > ROUNDING, twice <= all_split]
        .into_iter()
        .chain(deterred.iter().map(Option::is_some));
    let verdict = Verdict::over(cases);
    let words: Vec<String> = deterred
        .iter()
        .flatten()
        .map(|(minimum, excluded, of)| format!("just above {minimum:.0}, which excludes {excluded} of {of}"))
        .collect();
    let finding = format!(
        "if nobody splits, elasticity {flat} to the stake; 1000 in {pieces} pieces of 100 among 20 honest keepers of 500 has {split:.4}, in \
         proportion to stake {by_stake:.4}; the smallest minimum at which splitting gains nothing is {}; if all split, 1000 has {all_split:.4}{} and 2000 \
         {twice:.4}: {}",
        if words.is_empty() {
            "none".to_owned()
        } else {
            format!("{} (stakes 100, 200, …, 1000)", words.join(", and "))
        },
        if (all_split - by_stake).abs() < ROUNDING { ", as in proportion to stake," } else { "" },
        if twice > all_split { "an incentive" } else { "no incentive" },
    );
    let quote = "fails to properly provide incentives to big stakers … and deterrence of malicious actors alike (though the latter \
                 goal may be achieved by setting great minimal stakes …)";
    Ok(of_keepers(7, quote, verdict, finding, figures))
}

/// Claim 8.
pub(super) fn a_function_of_the_properties() -> Result<Claim> {
    let keepers = staked([100.0, 200.0, 300.0, 400.0, 500.0])?;
    let task = at_least(100.0);
    let stake = || Score::from(Property::Stake);
    let weighted = |score: Score| Rule::Weighted { score, power: 1.0 };
    let reliability = || Score::from(Property::Reliability(Reliability::Ratio));
    let noise = |noise| Rule::Noise { score: stake(), noise, temperature: 1.0 };
    let rules = [
        ("stake^0", Rule::stake_power(0.0)),
        ("stake^.5", Rule::stake_power(0.5)),
        ("stake", Rule::stake_power(1.0)),
        ("stake^2", Rule::stake_power(2.0)),
        ("the greatest stake", Rule::stake_power(f64::INFINITY)),
        ("reliability", weighted(reliability())),
        ("stake times reliability", weighted(stake() * reliability())),
        ("stake + 100", weighted(stake() + 100.0.into())),
        ("stake - 50", weighted(stake() - 50.0.into())),
        ("stake, uniform noise", noise(Noise::Uniform)),
        ("stake, exponential noise", noise(Noise::Exponential)),
    ];
    let mut figures = Figures::default();
    let (mut cases, mut neutral, mut splits, mut merges) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (name, rule) in &rules {
        let split = sybil_gain(&keepers, rule, &task)?.map_or(0.0, |gain| gain.gain);
        let merge = merge_gain(&keepers, rule, &task)?.map_or(0.0, |gain| gain.gain);
        figures = figures
            .with(format!("gain by splitting, {name}"), split)
            .with(format!("gain by merging two, {name}"), merge);
        cases.push(split <= ROUNDING && merge <= ROUNDING);
        match (split <= ROUNDING, merge <= ROUNDING) {
            (true, true) => neutral.push((*name).to_owned()),
            (true, false) => merges.push(format!("{name} ({merge:.3})")),
            (false, true) => splits.push(format!("{name} ({split:.3})")),
            (false, false) => {
                splits.push(format!("{name} ({split:.3})"));
                merges.push(format!("{name} ({merge:.3})"));
            }
        }
    }
    for (name, power) in [("stake^.5", 0.5), ("stake", 1.0), ("stake^2", 2.0)] {
        let elasticity = elasticity(&keepers, &Rule::stake_power(power), &Task::default())?;
        figures = figures.with(format!("stake elasticity, {name}"), elasticity);
    }
    let list = |of: &[String]| if of.is_empty() { "none".to_owned() } else { of.join(", ") };
    let finding = format!(
        "stakes 100, 200, …, 500 and a minimum of 100, equal reliability: with chances in proportion to … neither \
         splitting nor merging pays: {}; splitting pays: {}; merging pays: {}",
        list(&neutral),
        list(&splits),
        list(&merges)
    );
    let quote =
        "induced by some deterministic function of the keeper properties … we have judged it fit for implementation";
    Ok(of_keepers(8, quote, Verdict::over(cases), finding, figures))
}
