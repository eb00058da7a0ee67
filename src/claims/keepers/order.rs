//! Claims about deterministic orders.

use super::{Claim, Figures, Verdict, of_keepers, staked};
use crate::error::Result;
use crate::keepers::closed_form::fairness::{Law, tie_unfairness};
use crate::keepers::{Contest, GasAuction, Keeper, Keepers, Property, Reliability, Rule, Score, Task, Ties};

/// Keepers that differ in everything; with `equal`, so many of them have what the best by stake has.
fn register(equal: usize) -> Result<Keepers> {
    let keeper = |i: u32| Keeper {
        stake: 100.0 * f64::from(i + 1),
        bid: f64::from(20 + 7 * i % 10),
        picked: u64::from(100 + 3 * i % 10),
        succeeded: u64::from(80 + i),
        ..Keeper::new(format!("keeper {}", i + 1))
    };
    let copy = |j: usize| Keeper { id: format!("equal {j}"), ..keeper(9) };
    Keepers::new((0..10).map(keeper).chain((1..equal).map(copy)).collect())
}

fn law(keepers: &Keepers, rule: &Rule) -> Result<Law> {
    Law::of(&Contest::new(keepers, rule, &Task::default())?)
}

/// Probability that a keeper is selected who joins the others.
fn joined(keepers: &Keepers, new: Keeper, rule: &Rule) -> Result<f64> {
    let all = Keepers::new(keepers.all().iter().cloned().chain([new]).collect())?;
    Ok(law(&all, rule)?.shares().last().copied().unwrap_or(0.0))
}

/// Claim 5.
pub(super) fn predictable() -> Result<Claim> {
    let (different, tied) = (register(0)?, register(3)?);
    let random = Ties::Uniform;
    let reliable = |estimate| Rule::by_reliability(estimate, random);
    let product = Score::from(Property::Stake) * Property::Reliability(Reliability::Ratio).into();
    let mut rules = vec![
        ("gas".to_owned(), &different, Rule::by_bid(random)),
        ("stake".to_owned(), &different, Rule::by_stake(random)),
        ("count".to_owned(), &different, Rule::by_count(random)),
        ("reliability".to_owned(), &different, reliable(Reliability::Ratio)),
        ("stake times reliability".to_owned(), &different, Rule::Best { score: product, ties: random }),
    ];
    for ties in Ties::ALL {
        rules.push((format!("stake, three equal, ties: {}", ties.name()), &tied, Rule::by_stake(ties)));
    }
    // Gas once more, guessed before the bids are known.
    let sealed = Rule::GasAuction(GasAuction::new(1.0, 0.1, 0.0, 0.0)?);
    rules.push(("gas, bids sealed".to_owned(), &different, sealed));
    let mut figures = Figures::default();
    let (mut cases, mut unsure) = (Vec::new(), Vec::new());
    for (name, keepers, rule) in rules {
        let law = law(keepers, &rule)?;
        let (guess, guesses) = (law.best_guess().unwrap_or(0.0), law.guesswork().unwrap_or(0.0));
        figures = figures
            .with(format!("best guess, {name}"), guess)
            .with(format!("guesses until the keeper is named, {name}"), guesses);
        cases.push(guess == 1.0);
        if guess < 1.0 {
            unsure.push(format!("{guess:.2} ({name})"));
        }
    }
    let sure = cases.iter().filter(|&&sure| sure).count();
    let uniform = law(&different, &Rule::uniform())?.best_guess().unwrap_or(0.0);
    let weighted = law(&different, &Rule::stake_power(1.0))?.best_guess().unwrap_or(0.0);
    figures = figures.with("best guess, uniform", uniform).with("best guess, proportional to stake", weighted);
    // How little it takes to be the one: the least stake, a new name, and a single task done.
    let fresh = Keeper { stake: 100.0, ..Keeper::new("new") };
    let once = Keeper { picked: 1, succeeded: 1, ..fresh.clone() };
    let newcomer = joined(&different, fresh, &Rule::by_count(random))?;
    let ratio = joined(&different, once.clone(), &reliable(Reliability::Ratio))?;
    let wilson = joined(&different, once, &reliable(Reliability::Wilson { z: 1.96 }))?;
    figures = figures
        .with("chance of a new keeper, count", newcomer)
        .with("chance of a keeper with one success, reliability as a ratio", ratio)
        .with("chance of a keeper with one success, reliability by Wilson's lower bound", wilson);
    cases.extend([newcomer, ratio, wilson].map(|chance| chance == 1.0));
    let finding = format!(
        "in {sure} of {} cases the first guess from public inputs is certainly right, else with probability {}; uniform {uniform:.2}, in \
         proportion to stake {weighted:.2}; a new name is selected with probability {newcomer} by least count, {ratio} after one success by the ratio of \
         successes, {wilson} by its lower confidence bound",
        cases.len() - 3,
        unsure.join(", "),
    );
    let quote =
        "All these rules have the undesirable property of being predictable and therefore vulnerable to manipulation";
    Ok(of_keepers(5, quote, Verdict::over(cases), finding, figures))
}

/// Keepers who are equal in all but their name, and tasks over which their chances are averaged.
const EQUAL: usize = 4;
const TASKS: u64 = 1024;

/// Chances that are closer are not perceived as different.
const PERCEIVED: f64 = 0.1;

/// Mean chances over many tasks; whoever is sure to be selected executes the task.
fn mean_law(keepers: &Keepers, rule: &Rule) -> Result<Law> {
    let mut keepers = keepers.clone();
    let mut mean = vec![0.0; keepers.len()];
    for job in 0..TASKS {
        let law = Law::of(&Contest::new(&keepers, rule, &Task { min_stake: None, job })?)?;
        mean.iter_mut().zip(law.shares()).for_each(|(mean, p)| *mean += p / TASKS as f64);
        if let Some(sure) = law.shares().iter().position(|&p| p == 1.0) {
            let done = |(i, k): (usize, &Keeper)| {
                let more = u64::from(i == sure);
                Keeper { picked: k.picked + more, succeeded: k.succeeded + more, ..k.clone() }
            };
            keepers = Keepers::new(keepers.all().iter().enumerate().map(done).collect())?;
        }
    }
    Law::new(&mean)
}

/// Claim 6.
pub(super) fn unfair_ties() -> Result<Claim> {
    let keepers = staked([500.0; EQUAL])?;
    let entrants: Vec<usize> = (0..EQUAL).collect();
    let mut figures = Figures::default();
    let (mut cases, mut words) = (Vec::new(), Vec::new());
    let mut unfair = [Vec::new(), Vec::new()];
    for ties in Ties::ALL {
        let rule = Rule::by_stake(ties);
        let one = tie_unfairness(&keepers, &entrants, &law(&keepers, &rule)?)?;
        let many = tie_unfairness(&keepers, &entrants, &mean_law(&keepers, &rule)?)?;
        figures = figures
            .with(format!("largest difference in one task, {}", ties.name()), one)
            .with(format!("largest difference over {TASKS} tasks, {}", ties.name()), many);
        cases.extend([one, many].map(|difference| difference > PERCEIVED));
        words.push(format!("{} {one} and {many:.3}", ties.name()));
        for (names, difference) in unfair.iter_mut().zip([one, many]) {
            if difference > PERCEIVED {
                names.push(ties.name());
            }
        }
    }
    let finding = format!(
        "largest difference between the chances of {EQUAL} equal keepers in one task, and on average over {TASKS} tasks: {}; \
         more than {PERCEIVED} in one task: {}; over all: {} (to execute a task is to have one more executed)",
        words.join("; "),
        unfair[0].join(", "),
        unfair[1].join(", ")
    );
    let quote = "hard to define a total order on a subset of keepers who have identical properties with the exception of their \
                 enumeration without producing outcomes likely to be perceived as unfair";
    Ok(of_keepers(6, quote, Verdict::over(cases), finding, figures))
}
