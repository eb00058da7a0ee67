//! From counts to a flow.

use crate::error::Result;
use crate::network::order_log::LogSummary;
use crate::pool_tree::{Class, CustomFlow};

/// A pair of assets with its orders in the whole network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What orders of the first and of the second side sell; the first name is the lesser one.
    pub assets: [String; 2],
    /// Orders of the first and of the second side.
    pub orders: [u64; 2],
}

/// Pair, by the rank of its assets' names; operator; side; orders.
type Entry = ((u32, u32), usize, usize, u64);

/// The flow whose rates are the counts over the time observed, and its pairs, one a class.
pub(super) fn classes(
    summary: &LogSummary,
    operator_of: &[usize],
    operators: usize,
) -> Result<(CustomFlow, Vec<Pair>)> {
    let assets = summary.assets();
    let mut by_name: Vec<u32> = (0..assets.len() as u32).collect();
    let name = |asset: u32| assets.get(asset as usize).map_or("", String::as_str);
    by_name.sort_by(|&a, &b| name(a).cmp(name(b)));
    let mut rank = vec![0; assets.len()];
    for (place, &asset) in (0..).zip(&by_name) {
        if let Some(rank) = rank.get_mut(asset as usize) {
            *rank = place;
        }
    }
    let rank_of = |asset: u32| rank.get(asset as usize).copied().unwrap_or(0);
    let entry = |class: &crate::network::order_log::Class| -> Entry {
        let (sell, buy) = (rank_of(class.sell), rank_of(class.buy));
        let operator = operator_of.get(class.operator as usize).copied().unwrap_or(0);
        ((sell.min(buy), sell.max(buy)), operator, usize::from(sell > buy), class.orders)
    };
    let mut entries: Vec<Entry> = summary.classes().iter().map(entry).collect();
    entries.sort_unstable();
    // Counts are added before they become rates, should two operators of the log be the same one.
    entries.dedup_by(|next, kept| {
        let same = (next.0, next.1, next.2) == (kept.0, kept.1, kept.2);
        if same {
            kept.3 += next.3;
        }
        same
    });
    let time = summary.observation_time();
    let (mut classes, mut pairs) = (Vec::new(), Vec::new());
    for own in entries.chunk_by(|a, b| a.0 == b.0) {
        let side = |side: usize| own.iter().filter(move |entry| entry.2 == side);
        let rates = |of: usize| -> Vec<(usize, f64)> { side(of).map(|e| (e.1, e.3 as f64 / time)).collect() };
        let orders = [0, 1].map(|of| side(of).map(|entry| entry.3).sum());
        let Some(((x, y), ..)) = own.first() else { continue };
        let names = [x, y].map(|&rank| by_name.get(rank as usize).map_or("", |&asset| name(asset)).to_owned());
        classes.push(Class::new([&rates(0), &rates(1)])?.with_pair(names.clone()));
        pairs.push(Pair { assets: names, orders });
    }
    Ok((CustomFlow::new(operators, classes)?, pairs))
}
