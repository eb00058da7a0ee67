//! The race of exponential arrivals with offsets.

pub(super) fn winner(offsets: &[f64], _rates: &[f64]) -> Vec<f64> {
    vec![0.0; offsets.len()]
}
