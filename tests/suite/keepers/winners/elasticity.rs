//! Elasticities against known values, differences of the laws, and limits.

use super::{contest, flashbots, mixture, noise, race, ring};
use approx::assert_relative_eq;
use pooltree::keepers::closed_form::{score_elasticity, winner};
use pooltree::keepers::{Noise, Rule, Ties};

#[test]
fn uniform_noise_on_one_two_three() {
    // p = 1/18, 11/36, 23/36, and f_i ∂p_i/∂f_i = 2/18, 13/36, 13/36 by hand from the pieces 1/18, 1/4, 1/3.
    let found = score_elasticity(&contest(&[1.0, 2.0, 3.0], &noise(Noise::Uniform))).unwrap();
    for (found, wanted) in found.iter().zip([2.0, 13.0 / 11.0, 13.0 / 23.0]) {
        assert_relative_eq!(*found, wanted, max_relative = 1e-14);
    }
}

/// Central differences in the logarithm of the own stake, extrapolated once.
#[test]
fn differences_of_the_law() {
    let fields: [&[f64]; 4] =
        [&[1.0, 2.0, 3.0], &[5.0, 5.0, 1.0, 20.0], &[1.0, 1e4, 3e4, 2e4], &[0.3, 0.31, 0.3, 0.29, 0.1]];
    let mut rules: Vec<(Rule, f64)> = Noise::ALL.into_iter().map(|kind| (noise(kind), 1.0)).collect();
    rules.extend([0.5, 1.0, 3.0].map(|a| (Rule::stake_power(a), a)));
    rules.extend([0.0, 0.3, 1.0].map(|epsilon| (mixture(epsilon), 1.0)));
    rules.push((Rule::uniform(), 1.0));
    for stakes in fields {
        for (rule, power) in &rules {
            let found = score_elasticity(&contest(stakes, rule)).unwrap();
            for i in 0..stakes.len() {
                let ln_p = |h: f64| {
                    let mut moved = stakes.to_vec();
                    moved[i] *= h.exp();
                    winner(&contest(&moved, rule))[i].ln()
                };
                let slope = |h: f64| (ln_p(h) - ln_p(-h)) / (2.0 * h);
                // At ties the second derivative of uniform noise jumps: an error of the order h is left there.
                let difference = (4.0 * slope(5e-5) - slope(1e-4)) / 3.0;
                assert_relative_eq!(power * found[i], difference, max_relative = 2e-4, epsilon = 1e-9);
                assert!(
                    power * found[i] * 1.01 > difference + 1e-3 || difference < 0.2,
                    "{rule:?}: one per cent counts"
                );
            }
        }
    }
}

#[test]
fn far_tails_and_limits() {
    for kind in [Noise::Uniform, Noise::Exponential] {
        // The chance itself is no number here: (1e-200)^2/…, below everybody like f^2.
        let found = score_elasticity(&contest(&[1e-200, 1.0, 2.0, 0.0], &noise(kind))).unwrap();
        assert_relative_eq!(found[0], 2.0, max_relative = 1e-12);
        assert_eq!(found[3], 3.0);
        let found = score_elasticity(&contest(&[1e-290, 3e-290, 1e290, 1e290], &noise(kind))).unwrap();
        assert_relative_eq!(found[2], 0.5 / 0.5 * found[3], max_relative = 1e-12);
        // Among the two small ones as if alone, and twice more for the large ones; sizes by two-entrant formulas with f^3.
        assert!(found[0] > 2.5 && found[0] <= 3.0 && found[1] > 2.0 && found[1] < found[0], "{kind:?} {found:?}");
        assert_eq!(score_elasticity(&contest(&[7.0], &noise(kind))).unwrap(), [0.0]);
    }
    let nearly_all = score_elasticity(&contest(&[1e20, 1.0], &Rule::stake_power(1.0))).unwrap();
    assert_relative_eq!(nearly_all[0], 1e-20, max_relative = 1e-15);
    assert_eq!(score_elasticity(&contest(&[0.0, 1.0], &noise(Noise::Frechet))).unwrap(), [1.0, 0.0]);
    assert_eq!(score_elasticity(&contest(&[0.0, 1.0, 0.0], &Rule::stake_power(1.0)).without(1)).unwrap(), [1.0, 1.0]);
    assert_eq!(score_elasticity(&contest(&[0.0, 1.0, 0.0], &mixture(0.5)).without(1)).unwrap(), [0.0, 0.0]);
    let softmax = score_elasticity(&flashbots(&[3.0, 3.0], &[0.0, 0.0], 0.1)).unwrap();
    assert_relative_eq!(softmax[0], 5.0, max_relative = 1e-15);
}

#[test]
fn none_where_chances_jump() {
    assert_eq!(score_elasticity(&contest(&[1.0, 2.0], &Rule::by_stake(Ties::Uniform))), None);
    assert_eq!(score_elasticity(&ring(&[1.0, 2.0], 1.0, 0.0, 0)), None);
    assert_eq!(score_elasticity(&race(&[0.0, 1.0], &[1.0, 1.0])), None);
}
