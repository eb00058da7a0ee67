//! The linear probe.

use crate::keepers::model::Ring;

pub(super) fn winner(ring: &Ring) -> Vec<f64> {
    vec![0.0; ring.stakes().len()]
}
