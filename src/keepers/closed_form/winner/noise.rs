//! The greatest product of score and noise.

pub(super) mod exponential;
pub(super) mod uniform;

use crate::keepers::model::Noise;
use crate::kernels::elementary::{ln, ln_1p};
use crate::kernels::sum::Sum;

/// Below this a quotient may be subnormal and has lost digits.
const SMALL: f64 = 1e-290;

pub(super) fn winner(scores: &[f64], noise: Noise) -> Vec<f64> {
    match noise {
        // Gumbel noise on the logarithm is the logarithm of Fréchet noise on the score.
        Noise::Frechet | Noise::Gumbel => proportional(scores),
        Noise::Uniform => uniform::winner(scores),
        Noise::Exponential => exponential::winner(scores),
    }
}

/// `f_i/Σ f`, relative to the largest so that no sum overflows; zeros where there is no positive score.
fn proportional(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return vec![0.0; scores.len()];
    }
    let total = scores.iter().map(|f| f / largest).collect::<Sum>().value();
    scores.iter().map(|f| f / largest / total).collect()
}

/// Indices of the positive scores, smallest score first.
fn ascending(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|&i| scores[i] > 0.0).collect();
    order.sort_by(|&i, &j| scores[i].total_cmp(&scores[j]));
    order
}

/// `ln(small/large)` of positive numbers, exact to all digits also where they are nearly equal or the quotient underflows.
fn ln_ratio(small: f64, large: f64) -> f64 {
    let ratio = small / large;
    if ratio > 0.5 {
        ln_1p((small - large) / large)
    } else if ratio > SMALL {
        ln(ratio)
    } else {
        ln(small) - ln(large)
    }
}
