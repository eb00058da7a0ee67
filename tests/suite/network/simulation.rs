//! Fills drawn, against the closed form.
//!
//! False-alarm rate of the file: 1e-6, split evenly over its comparisons.

use super::closed_form::networks;
use nalgebra::{DMatrix, DVector};
use pooltree::estimate::Agreement;
use pooltree::pool_tree::Network;
use pooltree::pool_tree::closed_form::network::{NetworkWelfare, evaluate};
use pooltree::pool_tree::simulation::SimulatedNetwork;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};

const BUDGET: f64 = 1e-6;
const NETWORKS: usize = 40;
const REPLICATIONS: u64 = 4000;

/// Networks of a fixed seed, with all of their heights or all but the lowest.
fn cases() -> Vec<(Network, Vec<u32>)> {
    let config = Config { rng_seed: RngSeed::Fixed(11), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let all = (0..NETWORKS).map(|i| {
        let network = networks().new_tree(&mut runner).unwrap().current();
        let depth = network.pools().depth();
        let lowest = u32::from(i % 2 == 1 && depth > 0);
        (network, (lowest..=depth).collect())
    });
    all.collect()
}

/// Joint test of fills by height and welfare.
fn p_value(seen: &SimulatedNetwork, fills: &[f64], gross: f64) -> f64 {
    let expected = DVector::from_iterator(fills.len() + 1, fills.iter().copied().chain([gross]));
    Agreement::test(&seen.numbers, None, &expected, &DVector::zeros(fills.len() + 1)).p_value
}

fn exact(welfare: &NetworkWelfare) -> (Vec<f64>, f64) {
    (welfare.total.by_height.iter().map(|height| height.filled_share).collect(), welfare.total.gross)
}

#[test]
fn fills_and_welfare_agree() {
    for (seed, (network, heights)) in cases().into_iter().enumerate() {
        let seen = SimulatedNetwork::simulate(&network, &heights, seed as u64, REPLICATIONS).unwrap();
        let (fills, gross) = exact(&evaluate(&network, &heights).unwrap());
        let p = p_value(&seen, &fills, gross);
        assert!(p > BUDGET / NETWORKS as f64, "{seed}: {p} {:?} {fills:?} {gross}", seen.numbers.mean());
    }
}

/// The same check rejects fills of single pools added up as if they were one, and a discount a twentieth larger.
#[test]
fn wrong_formulas_are_rejected() {
    let (mut merged, mut later) = (0, 0);
    for (seed, (network, heights)) in cases().into_iter().enumerate() {
        let seen = SimulatedNetwork::simulate(&network, &heights, seed as u64, REPLICATIONS).unwrap();
        let (fills, gross) = exact(&evaluate(&network, &heights).unwrap());
        let mut other = fills.clone();
        let most = fills.iter().copied().fold(0.0, f64::max);
        other.iter_mut().filter(|share| **share == most).for_each(|share| *share *= 1.05);
        merged += usize::from(most > 0.0 && p_value(&seen, &other, gross) < BUDGET / NETWORKS as f64);
        later += usize::from(gross > 0.0 && p_value(&seen, &fills, 1.05 * gross) < BUDGET / NETWORKS as f64);
    }
    assert!(merged > NETWORKS / 2 && later > NETWORKS / 2, "{merged} {later}");
}

#[test]
fn any_number_of_threads() {
    let (network, heights) = cases().swap_remove(3);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| SimulatedNetwork::simulate(&network, &heights, 5, 1000).unwrap())
    };
    assert_eq!(on(1), on(3));
    assert_ne!(on(1), SimulatedNetwork::simulate(&network, &heights, 6, 1000).unwrap());
    let covariance: &DMatrix<f64> = &on(1).numbers.covariance().clone();
    assert_eq!(covariance.nrows(), heights.len() + 1);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let (network, heights) = cases().swap_remove(0);
    assert!(SimulatedNetwork::simulate(&network, &heights, 1, 1).is_err());
    let error = SimulatedNetwork::simulate(&network, &heights, 1, u64::MAX).unwrap_err().to_string();
    assert!(error.starts_with("out of reach: ") && error.contains("Poisson counts"), "{error}");
    let mistake = |heights: &[u32]| SimulatedNetwork::simulate(&network, heights, 1, 10).unwrap_err().to_string();
    assert!(mistake(&[]).starts_with("heights = []: must be rising integers from 0 to "));
    assert!(mistake(&[0, 0]).starts_with("heights = [0, 0]: "));
    assert!(mistake(&[9]).starts_with("heights = [9]: "));
}
