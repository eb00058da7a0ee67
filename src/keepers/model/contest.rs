//! A rule applied to keepers and a task.

use super::{GasAuction, Keeper, Keepers, Noise, Property, Rest, Ring, Rule, Score, Task, Ties};
use crate::error::{Error, Result, shown};
use crate::kernels::elementary::{ln, ln_1p};

/// How one of the entrants of a contest is selected, with one number per entrant where the rule looks at them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Mechanism {
    /// The greatest score.
    Best {
        /// Finite scores.
        scores: Vec<f64>,
        /// Of equal scores the smallest rank; `None` for one of them at random.
        ranks: Option<Vec<usize>>,
    },
    /// Everybody alike.
    Uniform {
        /// Order of the others.
        rest: Rest,
    },
    /// Chances proportional to `e^(log weight)`.
    Weighted {
        /// Below infinity; minus infinity for those who are never selected.
        log_weights: Vec<f64>,
    },
    /// The greatest product of score and noise, Gumbel noise aside.
    Noise {
        /// Finite scores of at least 0; an entrant with 0 is never selected.
        scores: Vec<f64>,
        /// Fréchet, uniform or exponential.
        noise: Noise,
    },
    /// The greatest sum of utility and Gumbel noise.
    Gumbel {
        /// Below infinity; minus infinity for those who are never selected.
        utilities: Vec<f64>,
        /// Scale of the noise, above 0.
        temperature: f64,
    },
    /// With probability `ε` everybody alike, else chances proportional to `e^(log weight)`; where nobody has a weight,
    /// everybody alike.
    Mixture {
        /// As in `Weighted`.
        log_weights: Vec<f64>,
        /// `ε` in `[0, 1]`.
        epsilon: f64,
    },
    /// The linear probe.
    Probe(Ring),
    /// The gas auction in its symmetric equilibrium.
    GasAuction(GasAuction),
    /// The first to arrive.
    Race {
        /// Earliest arrivals.
        offsets: Vec<f64>,
        /// Rates from then on, above 0.
        rates: Vec<f64>,
    },
}

/// A rule applied to the keepers who can be selected for a task: all that laws and simulations read.
///
/// ```
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, closed_form::winner};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 2.0), staked("c", 6.0)])?;
/// let task = Task { min_stake: Some(2.0), ..Task::default() };
/// let contest = Contest::new(&keepers, &Rule::stake_power(1.0), &task)?;
/// assert_eq!(contest.entrants(), [1, 2]);
/// let law = winner(&contest);
/// assert!((law[0] - 0.25).abs() < 1e-15 && (law[1] - 0.75).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    entrants: Vec<usize>,
    mechanism: Mechanism,
}

impl Contest {
    /// The contest of `rule` among the viable keepers: those active that stake the task's minimum. On the probe's ring all
    /// active keepers have a place.
    ///
    /// Nobody viable is a contest without entrants, not an error.
    ///
    /// # Errors
    /// [`Error::Domain`] for a parameter out of range, a score that is no number or negative where it is a weight, or
    /// weights that are all 0.
    pub fn new(keepers: &Keepers, rule: &Rule, task: &Task) -> Result<Self> {
        let (contest, weightless) = Self::of(keepers, rule, task)?;
        if weightless {
            let stakes = Score::Property(Property::Stake);
            let by_stake = rule.weights().is_some_and(|score| *score == stakes);
            let key = if by_stake { "stake" } else { "score" };
            return Err(Error::domain(key, "0 for every viable keeper", "above 0 for one of them at least"));
        }
        Ok(contest)
    }

    /// The contest, and whether the rule weighs entrants of whom none has a weight.
    pub(crate) fn of(keepers: &Keepers, rule: &Rule, task: &Task) -> Result<(Self, bool)> {
        let mut weightless = false;
        let mut needed = |weights: &[f64]| weightless = !weights.is_empty() && weights.iter().all(|&w| w == 0.0);
        rule.check()?;
        task.check()?;
        let entrants = keepers.viable(if matches!(rule, Rule::Probe { .. }) { None } else { task.min_stake });
        let all = || entrants.iter().map(|&i| &keepers.all()[i]);
        let mechanism = match rule {
            Rule::Best { score, ties } => {
                let scores = all().map(|keeper| any(score, keeper)).collect::<Result<_>>()?;
                Mechanism::Best { scores, ranks: ties.ranks(all(), task) }
            }
            Rule::Uniform { rest } => Mechanism::Uniform { rest: *rest },
            Rule::Weighted { score, power } => {
                let weights = weights(all(), score)?;
                if power.is_infinite() {
                    Mechanism::Best { scores: weights, ranks: Ties::Uniform.ranks(all(), task) }
                } else if *power == 0.0 {
                    Mechanism::Weighted { log_weights: vec![0.0; weights.len()] } // 0^0 = 1
                } else {
                    needed(&weights);
                    let log_weights = logs(&weights).into_iter().map(|ln_w| power * ln_w).collect();
                    Mechanism::Weighted { log_weights }
                }
            }
            Rule::Noise { score, noise, temperature } => {
                let scores = weights(all(), score)?;
                needed(&scores);
                match noise {
                    Noise::Gumbel => Mechanism::Gumbel { utilities: logs(&scores), temperature: *temperature },
                    noise => Mechanism::Noise { scores, noise: *noise },
                }
            }
            Rule::Mixture { score, epsilon } => {
                let weights = weights(all(), score)?;
                needed(&weights);
                Mechanism::Mixture { log_weights: logs(&weights), epsilon: *epsilon }
            }
            Rule::Probe { agent_minimum } => {
                Mechanism::Probe(Ring::new(all(), task.job, task.min_stake, *agent_minimum))
            }
            Rule::GasAuction(auction) => Mechanism::GasAuction(*auction),
            Rule::Flashbots { lambda, temperature } => {
                let utility = Score::from(Property::Bid) - Score::from(*lambda) * Property::Ping.into();
                let utilities = all().map(|keeper| any(&utility, keeper)).collect::<Result<_>>()?;
                Mechanism::Gumbel { utilities, temperature: *temperature }
            }
            Rule::Race { offset, rate } => {
                let offsets = all().map(|keeper| any(offset, keeper)).collect::<Result<_>>()?;
                let rates = all().map(|keeper| accepted(rate, keeper, |r| r > 0.0, "finite and above 0"));
                Mechanism::Race { offsets, rates: rates.collect::<Result<_>>()? }
            }
        };
        Ok((Self { entrants, mechanism }, weightless))
    }

    /// Nobody takes part.
    pub(crate) fn nobody() -> Self {
        Self { entrants: Vec::new(), mechanism: Mechanism::Uniform { rest: Rest::Random } }
    }

    /// Index of every entrant in the file.
    pub fn entrants(&self) -> &[usize] {
        &self.entrants
    }

    /// How many entrants there are.
    pub fn len(&self) -> usize {
        self.entrants.len()
    }

    /// Whether nobody takes part.
    pub fn is_empty(&self) -> bool {
        self.entrants.is_empty()
    }

    /// How one of them is selected.
    pub fn mechanism(&self) -> &Mechanism {
        &self.mechanism
    }

    /// The contest that is left when entrant `i < len` is excluded. Later entrants move down by one; on the probe's ring the
    /// last one takes the place of the excluded one.
    #[must_use]
    pub fn without(&self, i: usize) -> Self {
        let mut rest = self.clone();
        if let Mechanism::Probe(ring) = &self.mechanism {
            rest.entrants.swap_remove(i);
            rest.mechanism = Mechanism::Probe(ring.without(i));
            return rest;
        }
        rest.entrants.remove(i);
        match &mut rest.mechanism {
            Mechanism::Best { scores, ranks } => {
                scores.remove(i);
                // Ranks stay unique and ordered; that they have a gap does not matter.
                if let Some(ranks) = ranks {
                    ranks.remove(i);
                }
            }
            Mechanism::Weighted { log_weights } | Mechanism::Mixture { log_weights, .. } => drop(log_weights.remove(i)),
            Mechanism::Noise { scores, .. } => drop(scores.remove(i)),
            Mechanism::Gumbel { utilities, .. } => drop(utilities.remove(i)),
            Mechanism::Race { offsets, rates } => {
                offsets.remove(i);
                rates.remove(i);
            }
            Mechanism::Uniform { .. } | Mechanism::GasAuction(_) | Mechanism::Probe(_) => {}
        }
        rest
    }
}

fn accepted(score: &Score, keeper: &Keeper, accept: impl Fn(f64) -> bool, allowed: &str) -> Result<f64> {
    let value = score.of(keeper);
    if value.is_finite() && accept(value) {
        return Ok(value);
    }
    Err(Error::domain(format!("score of keeper {}", keeper.id), shown(value), allowed))
}

fn any(score: &Score, keeper: &Keeper) -> Result<f64> {
    accepted(score, keeper, |_| true, "finite")
}

fn weights<'k>(keepers: impl Iterator<Item = &'k Keeper>, score: &Score) -> Result<Vec<f64>> {
    keepers.map(|keeper| accepted(score, keeper, |w| w >= 0.0, "finite and at least 0")).collect()
}

/// Logarithms of the weights relative to the largest, which a unit of the weights does not round.
fn logs(weights: &[f64]) -> Vec<f64> {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let relative = |&w: &f64| {
        if w == 0.0 {
            return f64::NEG_INFINITY;
        }
        let ratio = w / largest;
        if ratio > 0.5 {
            ln_1p((w - largest) / largest)
        } else if ratio > 1e-290 {
            ln(ratio)
        } else {
            ln(w) - ln(largest)
        }
    };
    weights.iter().map(relative).collect()
}
