//! The deployed linear probe, replayed for one random number.

mod u256;

pub use u256::U256;

use crate::keepers::model::Ring;

/// The keeper at which a probe of the ring ends when the random number is `r`, an index into [`Ring::stakes`].
///
/// ```text
/// start at ((r + job) mod 2^256) mod N; the first with stake ≥ what is required;
/// nobody: the largest stake met, the first of several, if above the agent's minimum
/// ```
///
/// `None` on an empty ring, or if nobody is left by these rules. Source: the integer arithmetic of the PowerAgent v2 contract.
///
/// ```
/// use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task, model::Mechanism, simulation::{U256, probe}};
/// let keepers = Keepers::new((1..=5).map(|i| Keeper::new(i.to_string())).collect())?;
/// let rule = Rule::Probe { agent_minimum: 0.0 };
/// let contest = Contest::new(&keepers, &rule, &Task { job: 55, ..Task::default() })?;
/// let Mechanism::Probe(ring) = contest.mechanism() else { unreachable!() };
/// assert_eq!(probe(ring, U256::from(12_u64)), Some(2)); // 67 mod 5
/// assert_eq!(probe(ring, U256::MAX), Some(4)); // the sum wraps to 54
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn probe(ring: &Ring, r: U256) -> Option<usize> {
    let stakes = ring.stakes();
    let start = r.wrapping_add(U256::from(ring.job())).checked_rem(stakes.len())?;
    let mut fallback: Option<usize> = None;
    for i in (start..stakes.len()).chain(0..start) {
        if stakes[i] >= ring.required() {
            return Some(i);
        }
        if stakes[i] > fallback.map_or(ring.agent_minimum(), |best| stakes[best]) {
            fallback = Some(i);
        }
    }
    fallback
}
