//! Rules by which one keeper is selected.

use super::{GasAuction, Property, Reliability, Score, Ties};
use crate::error::{Result, checked};

/// Noise that a score is multiplied by, independent from keeper to keeper; the largest product wins.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noise {
    /// `1/E`, `E` standard exponential: the standard Fréchet law. Winning is proportional to the score.
    Frechet,
    /// `e^(τ G)`, `G` standard Gumbel, that is `ln f/τ + G`: the softmax of `ln f/τ`.
    Gumbel,
    /// Uniform on `(0, 1)`.
    Uniform,
    /// Standard exponential.
    Exponential,
}

impl Noise {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Frechet, Self::Gumbel, Self::Uniform, Self::Exponential];

    /// The name in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frechet => "frechet",
            Self::Gumbel => "gumbel",
            Self::Uniform => "uniform",
            Self::Exponential => "exponential",
        }
    }
}

/// How the uniform rule ranks those whom its one draw did not select.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rest {
    /// A random permutation.
    #[default]
    Random,
    /// The cyclic order from the drawn index on.
    Cyclic,
}

/// A rule by which a keeper is selected among the viable ones.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// The greatest score.
    Best {
        /// What is compared; may be any finite number.
        score: Score,
        /// Who of several with the greatest score.
        ties: Ties,
    },
    /// Everybody alike.
    Uniform {
        /// Order of the others.
        rest: Rest,
    },
    /// Chances proportional to `score^power`.
    Weighted {
        /// The weight before the power, finite and at least 0.
        score: Score,
        /// `a ≥ 0`: 0 makes all equal, 1 is proportional, infinity takes the greatest (ties at random).
        power: f64,
    },
    /// The greatest product of score and noise.
    Noise {
        /// What is multiplied, finite and at least 0.
        score: Score,
        /// By what.
        noise: Noise,
        /// Scale `τ > 0` of the Gumbel noise; the others have none.
        temperature: f64,
    },
    /// Chances `(1 - ε) w/Σw + ε/n`.
    Mixture {
        /// The weight `w`, finite and at least 0.
        score: Score,
        /// `ε` in `[0, 1]`.
        epsilon: f64,
    },
    /// The deployed linear probe: a random place on the ring of active keepers, then the first with enough stake.
    Probe {
        /// Least stake of the agent, whatever the job asks.
        agent_minimum: f64,
    },
    /// The gas auction among equal keepers, in the symmetric equilibrium at common value.
    GasAuction(GasAuction),
    /// Flashbots: the greatest `bid - λ ping` with Gumbel noise of scale `τ`.
    Flashbots {
        /// What a unit of time is worth in units of the bid, `λ ≥ 0`.
        lambda: f64,
        /// `τ > 0`, in units of the bid.
        temperature: f64,
    },
    /// The first to arrive: at `offset` plus an exponential time of rate `rate`.
    Race {
        /// Earliest arrival, finite.
        offset: Score,
        /// Arrivals per unit time from then on, finite and above 0.
        rate: Score,
    },
}

impl Rule {
    /// The highest bid.
    pub fn by_bid(ties: Ties) -> Self {
        Self::Best { score: Property::Bid.into(), ties }
    }

    /// The largest stake.
    pub fn by_stake(ties: Ties) -> Self {
        Self::Best { score: Property::Stake.into(), ties }
    }

    /// The fewest picks.
    pub fn by_count(ties: Ties) -> Self {
        Self::Best { score: -Score::from(Property::Picked), ties }
    }

    /// The highest reliability.
    pub fn by_reliability(estimate: Reliability, ties: Ties) -> Self {
        Self::Best { score: Property::Reliability(estimate).into(), ties }
    }

    /// Everybody alike, the others ranked at random.
    pub fn uniform() -> Self {
        Self::Uniform { rest: Rest::Random }
    }

    /// Chances proportional to `stake^power`.
    pub fn stake_power(power: f64) -> Self {
        Self::Weighted { score: Property::Stake.into(), power }
    }

    /// The score that it weighs entrants by, if it does.
    pub(super) fn weights(&self) -> Option<&Score> {
        match self {
            Self::Weighted { score, .. } | Self::Noise { score, .. } | Self::Mixture { score, .. } => Some(score),
            _ => None,
        }
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for one out of range.
    pub fn check(&self) -> Result<()> {
        self.scores().try_for_each(Score::check)?;
        match self {
            Self::Weighted { power, .. } if *power == f64::INFINITY => Ok(()),
            Self::Weighted { power, .. } => {
                // Its product with any logarithm of a weight is finite.
                let allowed = "at least 0 and at most 1e300, or inf for the greatest";
                checked("power", *power, |a| (0.0..=1e300).contains(&a), allowed).map(drop)
            }
            Self::Noise { temperature, .. } => {
                checked("tau", *temperature, |t| t > 0.0, "finite and above 0").map(drop)
            }
            Self::Mixture { epsilon, .. } => {
                checked("epsilon", *epsilon, |e| (0.0..=1.0).contains(&e), "at least 0 and at most 1").map(drop)
            }
            Self::Probe { agent_minimum } => {
                checked("agent_min_stake", *agent_minimum, |s| s >= 0.0, "finite and at least 0").map(drop)
            }
            Self::Flashbots { lambda, temperature } => {
                checked("lambda", *lambda, |l| l >= 0.0, "finite and at least 0")?;
                checked("tau", *temperature, |t| t > 0.0, "finite and above 0").map(drop)
            }
            Self::Best { .. } | Self::Uniform { .. } | Self::GasAuction(_) | Self::Race { .. } => Ok(()),
        }
    }

    /// The scores that it looks at.
    fn scores(&self) -> impl Iterator<Item = &Score> {
        let pair = match self {
            Self::Best { score, .. }
            | Self::Weighted { score, .. }
            | Self::Noise { score, .. }
            | Self::Mixture { score, .. } => [Some(score), None],
            Self::Race { offset, rate } => [Some(offset), Some(rate)],
            Self::Uniform { .. } | Self::Probe { .. } | Self::GasAuction(_) | Self::Flashbots { .. } => [None, None],
        };
        pair.into_iter().flatten()
    }
}
