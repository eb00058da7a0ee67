//! The linear probe.

use crate::keepers::model::Ring;

/// `(1 + g_i)/N` for those whom a probe can end at, `g_i` the run of others just before `i`.
pub(super) fn winner(ring: &Ring) -> Vec<f64> {
    let stakes = ring.stakes();
    let n = stakes.len();
    let largest = stakes.iter().copied().fold(0.0, f64::max);
    // Nobody has what is required: the largest stake ends a probe, the first met of several, if it is above the agent's
    // minimum.
    let least = if largest >= ring.required() { ring.required() } else { largest };
    let mut law = vec![0.0; n];
    if largest < ring.required() && largest <= ring.agent_minimum() {
        return law;
    }
    let Some(last) = stakes.iter().rposition(|&stake| stake >= least) else { return law };
    // The run before the first one begins behind the last one and crosses the end of the list.
    let mut run = n - last;
    for (p, &stake) in law.iter_mut().zip(stakes) {
        if stake >= least {
            *p = run as f64 / n as f64;
            run = 1;
        } else {
            run += 1;
        }
    }
    law
}
