//! The law of the winner.

mod elasticity;
mod exact;
mod probe;
mod properties;
mod simulation;

use pooltree::keepers::{Contest, Keeper, Keepers, Noise, Property, Rule, Score, Task, Ties};

fn staked(stakes: &[f64]) -> Keepers {
    let keeper = |(i, &stake): (usize, &f64)| Keeper { stake, ..Keeper::new(i.to_string()) };
    Keepers::new(stakes.iter().enumerate().map(keeper).collect()).unwrap()
}

fn contest(stakes: &[f64], rule: &Rule) -> Contest {
    Contest::new(&staked(stakes), rule, &Task::default()).unwrap()
}

fn noise(noise: Noise) -> Rule {
    Rule::Noise { score: Property::Stake.into(), noise, temperature: 1.0 }
}

fn mixture(epsilon: f64) -> Rule {
    Rule::Mixture { score: Property::Stake.into(), epsilon }
}

/// Offsets from -1e6 on.
fn race(offsets: &[f64], rates: &[f64]) -> Contest {
    let keeper = |(i, (&offset, &rate)): (usize, (&f64, &f64))| Keeper {
        ping: offset.max(0.0),
        cost: (-offset).max(0.0),
        stake: rate,
        ..Keeper::new(i.to_string())
    };
    let keepers = Keepers::new(offsets.iter().zip(rates).enumerate().map(keeper).collect()).unwrap();
    let offset = Score::from(Property::Ping) - Property::Cost.into();
    Contest::new(&keepers, &Rule::Race { offset, rate: Property::Stake.into() }, &Task::default()).unwrap()
}

/// Softmax of `bid - ping`.
fn flashbots(bids: &[f64], pings: &[f64], temperature: f64) -> Contest {
    let keeper = |(i, (&bid, &ping)): (usize, (&f64, &f64))| Keeper { bid, ping, ..Keeper::new(i.to_string()) };
    let keepers = Keepers::new(bids.iter().zip(pings).enumerate().map(keeper).collect()).unwrap();
    Contest::new(&keepers, &Rule::Flashbots { lambda: 1.0, temperature }, &Task::default()).unwrap()
}

fn ring(stakes: &[f64], min_stake: f64, agent_minimum: f64, job: u64) -> Contest {
    let task = Task { min_stake: Some(min_stake), job };
    Contest::new(&staked(stakes), &Rule::Probe { agent_minimum }, &task).unwrap()
}

/// Every rule in which a larger stake is better, or at least no worse.
fn monotone() -> Vec<Rule> {
    let mut rules: Vec<Rule> = Noise::ALL.into_iter().map(noise).collect();
    rules.extend([0.0, 0.5, 1.0, 3.0, f64::INFINITY].map(Rule::stake_power));
    rules.extend([0.0, 0.3, 1.0].map(mixture));
    rules.extend(Ties::ALL.map(Rule::by_stake));
    rules
}
