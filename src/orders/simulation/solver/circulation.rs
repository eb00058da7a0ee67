//! The most orders that cycles of any length can clear.

use ac_library::MinCostFlowGraph;

/// A maximum circulation through the orders of a batch.
///
/// ```text
/// maximise Σ f(x,y)    subject to    Σ_y f(x,y) = Σ_y f(y,x),    0 ≤ f(x,y) ≤ orders(x,y)
/// ```
///
/// Solved as what is left over, `r = orders - f`: a flow of least cost, 1 per order, that takes the surplus of the assets
/// offered more often than asked for to those that are asked for more often. It always exists (`f = 0`), costs are not
/// negative, and in thick batches almost all of it is direct. The flow is found by successive shortest paths in whole
/// numbers, so the optimum is exact.
#[derive(Debug, Clone)]
pub(super) struct Circulation {
    filled: Vec<u64>,
    /// The ends of each edge of the network, by asset.
    edges: Vec<(usize, usize)>,
}

impl Circulation {
    pub(super) fn new(assets: usize) -> Self {
        Self { filled: vec![0; assets * assets], edges: Vec::with_capacity(assets * assets) }
    }

    /// How many orders of each edge are filled at most. Among several optima the one that the algorithm meets first with
    /// the assets in the order `names`.
    ///
    /// At most `2^62` orders in total: all sums fit `i64`.
    pub(super) fn solve(&mut self, names: &[usize], orders: &[u64]) -> &[u64] {
        let a = names.len();
        let (source, sink) = (a, a + 1);
        let mut network = MinCostFlowGraph::<i64>::new(a + 2);
        self.edges.clear();
        self.filled.fill(0);
        for (i, &x) in names.iter().enumerate() {
            for (j, &y) in names.iter().enumerate() {
                let count = orders[x * a + y];
                if i != j && count > 0 {
                    network.add_edge(i, j, count as i64, 1);
                    self.edges.push((x, y));
                    self.filled[x * a + y] = count;
                }
            }
        }
        let mut surplus = 0;
        for (i, &x) in names.iter().enumerate() {
            let offered: u64 = (0..a).map(|y| orders[x * a + y]).sum();
            let asked: u64 = (0..a).map(|y| orders[y * a + x]).sum();
            let excess = offered as i64 - asked as i64;
            if excess > 0 {
                network.add_edge(source, i, excess, 0);
                surplus += excess;
            } else if excess < 0 {
                network.add_edge(i, sink, -excess, 0);
            }
        }
        network.flow(source, sink, surplus);
        for (edge, &(x, y)) in self.edges.iter().enumerate() {
            self.filled[x * a + y] -= network.get_edge(edge).flow.unsigned_abs();
        }
        debug_assert!(is_circulation(a, &self.filled));
        &self.filled
    }
}

/// Whether every asset is offered as often as it is asked for.
fn is_circulation(a: usize, filled: &[u64]) -> bool {
    (0..a).all(|x| {
        let offered: u64 = (0..a).map(|y| filled[x * a + y]).sum();
        let asked: u64 = (0..a).map(|y| filled[y * a + x]).sum();
        offered == asked
    })
}
