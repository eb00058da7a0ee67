//! The rules by name, with one set of parameters for all of them.

use super::{Attempts, GasAuction, Noise, Property, Reliability, Retry, Rule, Task, Ties};
use crate::error::Result;
use serde::{Serialize, Serializer};

/// The rules that files and flags know by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleName {
    /// The highest bid.
    ByBid,
    /// The largest stake.
    ByStake,
    /// The fewest picks.
    ByCount,
    /// The highest reliability.
    ByReliability,
    /// Everybody alike.
    Uniform,
    /// Chances proportional to the stake.
    StakeWeighted,
    /// Chances proportional to `stake^power`.
    Power,
    /// The greatest product of stake and noise.
    Noise,
    /// Stake-weighted with probability `1 - ε`, uniform with probability `ε`.
    Mixture,
    /// The deployed linear probe.
    Probe,
    /// The gas auction.
    GasAuction,
    /// Bid less latency, with noise.
    Flashbots,
}

impl RuleName {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::ByBid,
        Self::ByStake,
        Self::ByCount,
        Self::ByReliability,
        Self::Uniform,
        Self::StakeWeighted,
        Self::Power,
        Self::Noise,
        Self::Mixture,
        Self::Probe,
        Self::GasAuction,
        Self::Flashbots,
    ];

    /// The name in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByBid => "by-bid",
            Self::ByStake => "by-stake",
            Self::ByCount => "by-count",
            Self::ByReliability => "by-reliability",
            Self::Uniform => "uniform",
            Self::StakeWeighted => "stake-weighted",
            Self::Power => "power",
            Self::Noise => "noise",
            Self::Mixture => "mixture",
            Self::Probe => "probe",
            Self::GasAuction => "gas-auction",
            Self::Flashbots => "flashbots",
        }
    }
}

/// Parameters of every rule, of the task, and of what follows a failure.
///
/// ```
/// use pooltree::keepers::{Parameters, Rule, RuleName};
/// let parameters = Parameters { power: 2.0, ..Parameters::default() };
/// assert_eq!(parameters.rule(RuleName::Power)?, Rule::stake_power(2.0));
/// let wrong = Parameters { epsilon: 1.5, ..parameters };
/// assert_eq!(wrong.check().unwrap_err().to_string(), "epsilon = 1.5: must be at least 0 and at most 1");
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parameters {
    /// Least stake of the task, inclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_stake: Option<f64>,
    /// Least stake of the probe's agent; by default that of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_min_stake: Option<f64>,
    /// Number of the job, for the probe and the hash that breaks ties.
    pub job: u64,
    /// Who of equal keepers comes first.
    pub tie: Ties,
    /// How reliability is estimated.
    #[serde(serialize_with = "by_name")]
    pub reliability: Reliability,
    /// Exponent of the stake, `≥ 0`, possibly infinite.
    #[serde(serialize_with = "perhaps_infinite")]
    pub power: f64,
    /// Noise that the stake is multiplied by.
    pub noise: Noise,
    /// Scale of Gumbel noise, on the logarithm of the stake and, under Flashbots, in units of the bid; above 0.
    pub tau: f64,
    /// What a unit of time is worth in units of the bid, `≥ 0`.
    pub lambda: f64,
    /// Share of uniform selection in the mixture, in `[0, 1]`.
    pub epsilon: f64,
    /// What the task is worth to a keeper in the gas auction, above 0.
    pub value: f64,
    /// What a reverted transaction costs whatever its bid, `≥ 0`.
    pub loser_fixed: f64,
    /// Gas of a revert over the gas of a success, in `[0, 1]`.
    pub loser_share: f64,
    /// Least bid of the gas auction, `≥ 0`.
    pub reserve: f64,
    /// Who tries next after a failure.
    pub retry: Retry,
    /// What a failure costs beyond the attempt, `≥ 0`, in units of time.
    pub failure_delay: f64,
    /// When one gives up, `≥ 0`, in units of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<f64>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            min_stake: None,
            agent_min_stake: None,
            job: 0,
            tie: Ties::default(),
            reliability: Reliability::default(),
            power: 0.5,
            noise: Noise::Uniform,
            tau: 1.0,
            lambda: 1.0,
            epsilon: 0.1,
            value: 1.0,
            loser_fixed: 0.05,
            loser_share: 0.5,
            reserve: 0.1,
            retry: Retry::default(),
            failure_delay: 0.0,
            deadline: None,
        }
    }
}

impl Parameters {
    /// Checks every parameter, whichever rule is used.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) with the name of the parameter.
    pub fn check(&self) -> Result<()> {
        self.task().check()?;
        self.reliability.check()?;
        self.attempts().check()?;
        RuleName::ALL.into_iter().try_for_each(|name| self.rule(name)?.check())
    }

    /// The rule of that name.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for a parameter of the gas auction out of range.
    pub fn rule(&self, name: RuleName) -> Result<Rule> {
        let stake = || Property::Stake.into();
        Ok(match name {
            RuleName::ByBid => Rule::by_bid(self.tie),
            RuleName::ByStake => Rule::by_stake(self.tie),
            RuleName::ByCount => Rule::by_count(self.tie),
            RuleName::ByReliability => Rule::by_reliability(self.reliability, self.tie),
            RuleName::Uniform => Rule::uniform(),
            RuleName::StakeWeighted => Rule::stake_power(1.0),
            RuleName::Power => Rule::stake_power(self.power),
            RuleName::Noise => Rule::Noise { score: stake(), noise: self.noise, temperature: self.tau },
            RuleName::Mixture => Rule::Mixture { score: stake(), epsilon: self.epsilon },
            RuleName::Probe => {
                Rule::Probe { agent_minimum: self.agent_min_stake.or(self.min_stake).unwrap_or_default() }
            }
            RuleName::GasAuction => {
                Rule::GasAuction(GasAuction::new(self.value, self.loser_fixed, self.loser_share, self.reserve)?)
            }
            RuleName::Flashbots => Rule::Flashbots { lambda: self.lambda, temperature: self.tau },
        })
    }

    /// The task.
    pub fn task(&self) -> Task {
        Task { min_stake: self.min_stake, job: self.job }
    }

    /// What follows a failure.
    pub fn attempts(&self) -> Attempts {
        Attempts { retry: self.retry, failure_delay: self.failure_delay, deadline: self.deadline }
    }
}

fn by_name<S: Serializer>(estimate: &Reliability, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(estimate.name())
}

/// JSON has no infinity.
fn perhaps_infinite<S: Serializer>(value: &f64, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    if value.is_infinite() { serializer.serialize_str("inf") } else { serializer.serialize_f64(*value) }
}
