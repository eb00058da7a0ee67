//! What a solver clears out of one batch: swaps of `a` assets as directed edges `x → y`, a fill as part of a cycle.
//!
//! An order `x → y` offers `x` and asks for `y`. What is cleared together is a circulation: of every asset as many orders
//! offer it as ask for it. Every circulation is a sum of simple cycles, pairs `x → y → x` among them.

mod circulation;
mod cycles;
mod thinning;

use crate::error::{Error, Result};
use crate::orders::model::{Solver, SolverModel};
use circulation::Circulation;
use cycles::Cycles;
use rand::seq::SliceRandom;
use thinning::Thinning;

/// Most assets: the workspace is quadratic in them.
const MOST_ASSETS: u32 = 1024;

/// Most orders in a batch, so that sums and signed differences of counts never overflow.
const MOST_ORDERS: u64 = 1 << 62;

/// Clears batches: which of the orders on each directed edge a [`Solver`] fills.
///
/// ```text
/// 0 ≤ filled(x → y) ≤ orders(x → y),     Σ_y filled(x → y) = Σ_y filled(y → x)   for every asset x
/// ```
///
/// - [`SolverModel::Pairs`]: the smaller of the two counts of every pair.
/// - [`SolverModel::Cycles`]: pairs first, then triangles until none is left, then cycles of 4 orders, … up to `longest`;
///   no cycle passes an asset twice. This is greedy: a triangle may use up orders of two longer cycles, so that even
///   `longest = a` fills less than [`SolverModel::Unlimited`]. Each further length only adds: with the same generator
///   `longest = ℓ + 1` fills at least what `ℓ` fills, edge by edge.
/// - [`SolverModel::Unlimited`]: a circulation of the most orders. Pairs are not cleared first, because that can lose
///   some: of one order each on `x → y → x` and `x → z → y` the triangle fills 3, the pair 2.
///
/// With `success < 1` every match, that is every single cycle of one order per edge, is found with that probability,
/// independently; the orders of a missed one stay unfilled and are not offered to later cycles. So which matches are
/// tried does not depend on `success`, and the mean number of filled orders is `success` times that of a solver that
/// never misses. A maximum circulation is first taken apart into cycles, short ones first.
///
/// Names of assets make no difference: where a rule has to choose among cycles or optima it does so in an order of the
/// assets drawn uniformly for each batch, so that renaming them renames the law of the result. Pairs leave no choice.
/// With `success = 1` no other random numbers are drawn, and by pairs none at all.
///
/// The workspace is kept from batch to batch; up to cycles nothing is allocated after [`Clearing::new`]. Cycles cost
/// `O(a²)` per search and at most one search per asset, length and emptied edge, whatever the number of orders.
///
/// ```
/// use pooltree::orders::{Solver, SolverModel, simulation::solver::Clearing};
/// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// let mut filled = [0; 9];
/// // Euros, francs, pounds: a pair of euros and francs, and a triangle that wants the same euros.
/// let orders = [0, 1, 1, 1, 0, 0, 0, 1, 0];
/// let mut total = |model| -> pooltree::Result<u64> {
///     Clearing::new(3, &Solver::new(model, 1.0)?)?.clear(&orders, &mut filled, &mut rng)?;
///     Ok(filled.iter().sum())
/// };
/// assert_eq!(total(SolverModel::Pairs)?, 2);
/// assert_eq!(total(SolverModel::Cycles { longest: 3 })?, 2);
/// assert_eq!(total(SolverModel::Unlimited)?, 3);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Clearing {
    assets: usize,
    thinning: Thinning,
    method: Method,
    /// Assets in the order in which choices are made.
    names: Vec<usize>,
}

/// What each kind of solver needs.
#[derive(Debug, Clone)]
enum Method {
    Pairs,
    Cycles { longest: usize, search: Cycles },
    Unlimited { optimum: Circulation, search: Cycles },
}

impl Clearing {
    /// A workspace for batches of `assets` assets.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `2 ≤ assets ≤ 1024`.
    pub fn new(assets: u32, solver: &Solver) -> Result<Self> {
        if !(2..=MOST_ASSETS).contains(&assets) {
            return Err(Error::domain("assets", assets, format!("an integer of at least 2 and at most {MOST_ASSETS}")));
        }
        let a = assets as usize;
        let method = match solver.model() {
            _ if solver.clears_pairs_only() => Method::Pairs,
            SolverModel::Pairs => Method::Pairs,
            SolverModel::Cycles { longest } => {
                Method::Cycles { longest: longest.min(assets) as usize, search: Cycles::new(a) }
            }
            SolverModel::Unlimited => Method::Unlimited { optimum: Circulation::new(a), search: Cycles::new(a) },
        };
        Ok(Self { assets: a, thinning: Thinning::new(solver.success())?, method, names: (0..a).collect() })
    }

    /// Number of assets.
    pub fn assets(&self) -> u32 {
        self.assets as u32
    }

    /// Clears one batch: `filled[x a + y]` out of the `orders[x a + y]` orders that offer asset `x` and ask for `y`.
    ///
    /// `filled` is overwritten. Orders of an asset for itself (`x = y`) are not swaps and stay unfilled.
    ///
    /// # Errors
    /// [`Error::Domain`] unless both slices have `a²` entries and there are at most `2^62` orders altogether.
    pub fn clear<R: rand::Rng + ?Sized>(&mut self, orders: &[u64], filled: &mut [u64], rng: &mut R) -> Result<()> {
        let a = self.assets;
        for (key, length) in [("orders", orders.len()), ("filled", filled.len())] {
            if length != a * a {
                return Err(Error::domain(key, format!("{length} entries"), format!("{} entries, a × a", a * a)));
            }
        }
        let total = orders.iter().try_fold(0_u64, |sum, &n| sum.checked_add(n).filter(|&sum| sum <= MOST_ORDERS));
        if total.is_none() {
            return Err(Error::domain("orders", "their sum", "at most 2^62"));
        }
        filled.fill(0);
        let thinning = self.thinning;
        match &mut self.method {
            Method::Pairs => pairs(a, orders, filled, thinning, rng),
            Method::Cycles { longest, search } => {
                // Pairs before the order of the assets is drawn: the same random numbers thin them for every `longest`.
                pairs(a, orders, filled, thinning, rng);
                shuffle(&mut self.names, rng);
                search.load(&self.names, orders);
                search.clear(&self.names, *longest, filled, thinning, rng);
            }
            Method::Unlimited { optimum, search } => {
                shuffle(&mut self.names, rng);
                let most = optimum.solve(&self.names, orders);
                if thinning.never_misses() {
                    filled.copy_from_slice(most);
                } else {
                    pairs(a, most, filled, thinning, rng);
                    search.load(&self.names, most);
                    search.clear(&self.names, a, filled, thinning, rng);
                }
            }
        }
        Ok(())
    }
}

/// A uniformly random order of the assets that depends on nothing but the random numbers.
fn shuffle<R: rand::Rng + ?Sized>(names: &mut [usize], rng: &mut R) {
    names.iter_mut().enumerate().for_each(|(i, name)| *name = i);
    names.shuffle(rng);
}

/// All pairs of every two assets.
fn pairs<R: rand::Rng + ?Sized>(a: usize, orders: &[u64], filled: &mut [u64], thinning: Thinning, rng: &mut R) {
    for x in 0..a {
        for y in 0..x {
            let found = thinning.found(orders[x * a + y].min(orders[y * a + x]), rng);
            filled[x * a + y] = found;
            filled[y * a + x] = found;
        }
    }
}
