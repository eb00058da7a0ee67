//! The greatest product of score and noise.

use crate::keepers::model::Noise;

pub(super) fn winner(scores: &[f64], _noise: Noise) -> Vec<f64> {
    vec![0.0; scores.len()]
}
