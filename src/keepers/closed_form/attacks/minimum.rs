//! The task owner's choice of a minimum stake.

use super::{SybilGain, sybil_gain};
use crate::error::{Result, checked};
use crate::keepers::model::{Keepers, Rule, Task};

/// What one minimum stake does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradeOff {
    /// The minimum.
    pub minimum: f64,
    /// Active keepers whose stake is below it.
    pub excluded: usize,
    /// What splitting gains; `None` where nobody is left.
    pub gain: Option<SybilGain>,
}

/// Minima at which a curve of [`minimum_trade_off`] has its corners: all different positive stakes of active keepers, where
/// one more keeper would be excluded, and the smallest numbers above half of them, where a keeper can no longer split.
/// Ascending.
///
/// ```
/// use pooltree::keepers::{Keeper, Keepers, closed_form::attacks::candidate_minima};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 4.0), staked("b", 1.0), staked("c", 4.0)])?;
/// assert_eq!(candidate_minima(&keepers), [0.5f64.next_up(), 1.0, 2.0f64.next_up(), 4.0]);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn candidate_minima(keepers: &Keepers) -> Vec<f64> {
    let stakes = keepers.all().iter().filter(|keeper| keeper.active && keeper.stake > 0.0).map(|keeper| keeper.stake);
    let mut minima: Vec<f64> = stakes.flat_map(|stake| [stake, (0.5 * stake).next_up()]).collect();
    minima.sort_by(f64::total_cmp);
    minima.dedup();
    minima
}

/// For each minimum: how many keepers it excludes, and what splitting still gains.
///
/// From half of the largest stake on (exclusive) nobody can split, whatever the rule; a rule under which splitting is
/// neutral needs no minimum at all. The gain need not fall all the way, because excluding honest keepers raises the shares
/// of the others. For a job of number `job`.
///
/// Source: *Keeper selection*, "Uniform Random Selection" (great minimal stakes deter, and may be inconvenient).
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for a minimum that is not above 0, and where the rule refuses the keepers.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::{candidate_minima, deterring_minimum, minimum_trade_off};
/// use pooltree::keepers::{Keeper, Keepers, Rule};
/// let staked = |id: &str, stake| Keeper { stake, ..Keeper::new(id) };
/// let keepers = Keepers::new(vec![staked("a", 1.0), staked("b", 2.0), staked("c", 6.0)])?;
/// let curve = minimum_trade_off(&keepers, &Rule::uniform(), 0, &candidate_minima(&keepers))?;
/// // Above 3 the largest cannot split, and two of three keepers are out.
/// let deterring = deterring_minimum(&curve, 0.0).unwrap();
/// assert_eq!((deterring.minimum, deterring.excluded), (3f64.next_up(), 2));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn minimum_trade_off(keepers: &Keepers, rule: &Rule, job: u64, minima: &[f64]) -> Result<Vec<TradeOff>> {
    let point = |&minimum: &f64| {
        checked("minimum", minimum, |s| s > 0.0, "finite and above 0")?;
        let excluded = keepers.all().iter().filter(|keeper| keeper.active && keeper.stake < minimum).count();
        let gain = sybil_gain(keepers, rule, &Task { min_stake: Some(minimum), job })?;
        Ok(TradeOff { minimum, excluded, gain })
    };
    minima.iter().map(point).collect()
}

/// The smallest minimum of a curve at which somebody is left and splitting gains at most `tolerance`, if there is one.
pub fn deterring_minimum(curve: &[TradeOff], tolerance: f64) -> Option<TradeOff> {
    let deters = |point: &&TradeOff| point.gain.is_some_and(|gain| gain.gain <= tolerance && gain.exhaustive);
    curve.iter().filter(deters).min_by(|a, b| a.minimum.total_cmp(&b.minimum)).copied()
}
