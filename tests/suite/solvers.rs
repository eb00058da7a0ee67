//! What solvers clear out of a batch.

mod exact;
mod properties;
mod shares;

use pooltree::orders::simulation::solver::Clearing;
use pooltree::orders::{Solver, SolverModel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use SolverModel::{Cycles, Pairs, Unlimited};

fn clearing(assets: usize, model: SolverModel, success: f64) -> Clearing {
    Clearing::new(assets as u32, &Solver::new(model, success).unwrap()).unwrap()
}

fn clear(assets: usize, model: SolverModel, orders: &[u64], seed: u64) -> Vec<u64> {
    let mut filled = vec![7; assets * assets];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    clearing(assets, model, 1.0).clear(orders, &mut filled, &mut rng).unwrap();
    filled
}

fn total(filled: &[u64]) -> u64 {
    filled.iter().sum()
}

/// A batch from its edges.
fn batch(assets: usize, edges: &[(usize, usize, u64)]) -> Vec<u64> {
    let mut orders = vec![0; assets * assets];
    for &(x, y, count) in edges {
        orders[x * assets + y] += count;
    }
    orders
}

/// Offers less requests of every asset.
fn imbalances(assets: usize, orders: &[u64]) -> Vec<i128> {
    (0..assets)
        .map(|x| (0..assets).map(|y| i128::from(orders[x * assets + y]) - i128::from(orders[y * assets + x])).sum())
        .collect()
}

fn is_circulation(assets: usize, filled: &[u64]) -> bool {
    imbalances(assets, filled).iter().all(|&d| d == 0)
}
