//! The unfilled orders of one batch.

use super::order::{Edge, Observer, Order};

/// The unfilled orders of one batch, side by side.
pub(super) struct Book {
    /// Orders on every edge of the market.
    pub(super) edges: Vec<Vec<Order>>,
    /// Orders that arrived in the window of the batch, by edge; only kept where the closed form's fills are wanted.
    pub(super) arrived: Vec<u64>,
    /// Whether the orders of an edge are in no particular order.
    pub(super) exchangeable: bool,
}

impl Book {
    pub(super) fn new(edges: usize) -> Self {
        Self { edges: vec![Vec::new(); edges], arrived: vec![0; edges], exchangeable: false }
    }

    pub(super) fn clear(&mut self) {
        self.edges.iter_mut().for_each(Vec::clear);
        self.arrived.fill(0);
    }
}

/// Those whose deadline is before `now` leave.
pub(super) fn leave<O: Observer>(orders: &mut Vec<Order>, now: f64, edge: Edge, counts: bool, observer: &mut O) {
    orders.retain(|order| {
        let stays = order.deadline >= now;
        if !stays && counts {
            observer.expired(edge, order, order.deadline);
        }
        stays
    });
}
