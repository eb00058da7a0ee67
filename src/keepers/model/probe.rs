//! The ring of the deployed linear probe (PowerAgent v2).

use super::Keeper;

/// Active keepers on a ring, in the order in which a probe meets them.
#[derive(Debug, Clone, PartialEq)]
pub struct Ring {
    stakes: Vec<f64>,
    job: u64,
    required: f64,
    agent_minimum: f64,
}

impl Ring {
    pub(super) fn new<'k>(
        keepers: impl Iterator<Item = &'k Keeper>,
        job: u64,
        min_stake: Option<f64>,
        agent_minimum: f64,
    ) -> Self {
        let stakes = keepers.map(|keeper| keeper.stake).collect();
        Self { stakes, job, required: min_stake.unwrap_or(0.0).max(agent_minimum), agent_minimum }
    }

    /// Stake of every keeper on the ring.
    pub fn stakes(&self) -> &[f64] {
        &self.stakes
    }

    /// Number of the job, added to the random number.
    pub fn job(&self) -> u64 {
        self.job
    }

    /// The stake that a keeper needs: the job's or the agent's minimum, whichever is larger.
    pub fn required(&self) -> f64 {
        self.required
    }

    /// The agent's own minimum: where nobody has what is required, the largest stake strictly above this one is taken.
    pub fn agent_minimum(&self) -> f64 {
        self.agent_minimum
    }

    /// The ring when a keeper has left: the last one takes its place.
    pub(super) fn without(&self, i: usize) -> Self {
        let mut ring = self.clone();
        ring.stakes.swap_remove(i);
        ring
    }
}
