//! Back to back: the period of a height depends on the active heights below it, so that a height may be several nodes.

use super::graph::{Edge, Graph, level, node};
use crate::error::{Error, Result};
use crate::pool_tree::closed_form::Steps;
use crate::pool_tree::{Level, Model};

/// The most (height, period) pairs that are searched: about a second and 250 MB with one component.
const MOST_NODES: usize = 400_000;

/// One node for each height and period that some set of lower heights leads to.
///
/// With latencies that grow by a whole factor from height to height there is one period a height; else their number grows
/// with the depth, about as `γ^(k/3)` where latency grows as `γ^(h/2)`.
pub(super) fn graph(model: &Model) -> Result<Graph> {
    let depth = model.tree().depth();
    let heights: Vec<u32> = (0..=depth).filter(|&height| model.latency_at(height) > 0.0).collect();
    let levels = levels(model, &heights)?;
    let find = |height: u32, period: f64| {
        let order = |level: &Level| level.height.cmp(&height).then(level.period.total_cmp(&period));
        levels.binary_search_by(order).ok()
    };
    let steps = Steps::new(model);
    let edges_from = |from: Option<&Level>| -> Result<Vec<Edge>> {
        let first = from.map_or(0, |level| level.height + 1);
        let mut edges = Vec::new();
        for &height in &heights[heights.partition_point(|&height| height < first)..] {
            let level = level(model, height, from.map(|below| below.period))?;
            if let Some(to) = find(height, level.period) {
                edges.push(Edge { to, filled: steps.filled(from, &level) });
            }
        }
        Ok(edges)
    };
    Ok(Graph {
        start: edges_from(None)?,
        edges: levels.iter().map(|level| edges_from(Some(level))).collect::<Result<_>>()?,
        nodes: levels.iter().map(|&level| node(model, level)).collect::<Result<_>>()?,
    })
}

/// Every height with every period that a path from below can lead to, by rising height, then period.
fn levels(model: &Model, heights: &[u32]) -> Result<Vec<Level>> {
    let mut levels: Vec<Level> = Vec::new();
    // The different periods of all levels so far.
    let mut below: Vec<f64> = Vec::new();
    for &height in heights {
        let mut periods = vec![level(model, height, None)?.period];
        for &period in &below {
            periods.push(level(model, height, Some(period))?.period);
        }
        sort_out(&mut periods);
        periods.retain(|&period| model.check_orders(period).is_ok()); // sets with a longer one drop out
        if levels.len() + periods.len() > MOST_NODES {
            let reason = format!(
                "back-to-back auctions lead to more than {MOST_NODES} different periods below height {}; \
                 latencies that are whole multiples of each other lead to few",
                height + 1
            );
            return Err(Error::SearchTooLarge { reason });
        }
        let latency = model.latency_at(height);
        levels.extend(periods.iter().map(|&period| Level { height, latency, period, offset: 0.0, deadline: 0.0 }));
        below.append(&mut periods);
        sort_out(&mut below);
    }
    if levels.is_empty() {
        return Err(Error::domain("timing.latency", 0.0, "above 0 at some height where auctions run back to back"));
    }
    Ok(levels)
}

fn sort_out(periods: &mut Vec<f64>) {
    periods.sort_unstable_by(f64::total_cmp);
    periods.dedup();
}
