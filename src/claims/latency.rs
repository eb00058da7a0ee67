//! Claims about messages and latency.

use super::{Claim, Figures, Verdict, list, of_pools};
use crate::error::Result;
use crate::explore::threshold::Threshold;
use crate::explore::{Axis, Contender, Spacing};
use crate::kernels::elementary::{exp, ln, log2};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::{Enumeration, enumerate};
use crate::pool_tree::{Architecture, Latency, LatencyModel, PoolTree, RingStatistic};
use crate::scenario::Scenario;
use std::fmt::Write;

/// Latency of a pool on the circle, neighbours one unit apart.
fn on_the_circle(statistic: RingStatistic, tree: &PoolTree, height: u32) -> Result<f64> {
    Latency::new(LatencyModel::Ring { statistic, spacing: 1.0 })?.at(tree, height)
}

/// Depth of the trees whose pools count as large.
const DEEP: u32 = 16;

/// Claim 1.
pub(super) fn double_the_size() -> Result<Claim> {
    let messages = |arity: u32, height: u32| -> Result<f64> {
        let keys = ["tree.arity", "tree.depth", "cost.per_message"];
        let scenario = Scenario::document().leave_open(&keys)?.at(&[f64::from(arity), f64::from(height), 1.0])?;
        let global = ClosedForm::evaluate(&scenario, &Architecture::global(scenario.tree()))?;
        Ok(global.cost * global.by_height.iter().map(|height| height.period).sum::<f64>())
    };
    let mut figures = Figures::default();
    let mut true_for = Vec::new();
    for arity in 2..=5 {
        let larger = messages(arity, 2)? / messages(arity, 1)?;
        // The growth of messages with the size, found from two pools that the tree has.
        let double = exp(ln(larger) / ln(f64::from(arity)) * ln(2.0));
        let squared = f64::from(arity * arity);
        figures = figures
            .with(format!("messages of double the size, arity {arity}"), double)
            .with(format!("messages of {arity} times the size"), larger);
        true_for.extend(((double - squared).abs() < 1e-9 * squared).then_some(arity));
    }
    let verdict = Verdict::over((2..=5).map(|arity| true_for.contains(&arity)));
    let finding = format!(
        "an auction of a pool γ times as large sends γ² times the messages; one of double the size sends γ² times as many \
         only for γ = {}",
        list(true_for)
    );
    Ok(of_pools(
        1,
        "submitting orders to a pool of double the size incurs γ² the communication cost",
        verdict,
        finding,
        figures,
    ))
}

/// Claim 2.
pub(super) fn proportional_to_the_size() -> Result<Claim> {
    let mut figures = Figures::default();
    let mut cases = Vec::new();
    for arity in [2, 3, 4] {
        let tree = PoolTree::new(arity, DEEP)?;
        for (name, statistic) in [("diameter", RingStatistic::Diameter), ("mean farthest", RingStatistic::MeanFarthest)]
        {
            let growth = |height: u32| -> Result<f64> {
                Ok(on_the_circle(statistic, &tree, height)? / on_the_circle(statistic, &tree, height - 1)?)
            };
            let (below, root) = (growth(DEEP - 1)?, growth(DEEP)?);
            figures = figures
                .with(format!("growth a level below the root, {name}, arity {arity}"), below)
                .with(format!("growth to the root, {name}, arity {arity}"), root);
            cases.extend([below, root].map(|growth| (growth / f64::from(arity) - 1.0).abs() < 0.01));
        }
    }
    // The eight operators of the document.
    let eight = PoolTree::new(2, 3)?;
    let eight: Vec<f64> =
        (0..=3).map(|height| on_the_circle(RingStatistic::Diameter, &eight, height)).collect::<Result<_>>()?;
    for (height, latency) in eight.iter().enumerate() {
        figures = figures.with(format!("diameter at height {height} of eight operators"), *latency);
    }
    cases.extend(eight.windows(2).skip(1).map(|pair| (pair[1] / pair[0] / 2.0 - 1.0).abs() < 0.01));
    let of = |name: &str| figures.get(name).unwrap_or(f64::NAN);
    let finding = format!(
        "in large pools on the circle latency grows by {:.3} a level below the root for γ = 2 and by {:.3} for γ = 3; to the root, \
         where distance is counted the shorter way round, by {:.3} and {:.3} only (diameter), or {:.3} and {:.3} (mean distance \
         to the farthest); the diameters of the document's pools of 1, 2, 4 and 8 operators are {}",
        of("growth a level below the root, diameter, arity 2"),
        of("growth a level below the root, diameter, arity 3"),
        of("growth to the root, diameter, arity 2"),
        of("growth to the root, diameter, arity 3"),
        of("growth to the root, mean farthest, arity 2"),
        of("growth to the root, mean farthest, arity 3"),
        eight.iter().map(f64::to_string).collect::<Vec<_>>().join(", ")
    );
    Ok(of_pools(2, "latency in a pool of height h is proportional to γ^h", Verdict::over(cases), finding, figures))
}

/// Claim 3: the same distance between neighbours, and the same latency of the root.
pub(super) fn faster_on_the_globe() -> Result<Claim> {
    let document = Scenario::document();
    let open = document.leave_open(&["timing.latency.exponent", "timing.latency.scale", "discount.half_life"])?;
    let tree = document.tree();
    let neighbours = document.timing().latency().at(tree, 0)?;
    // Latency ∝ √size: a root as slow as that of the circle.
    let same_root = neighbours * tree.size_f64(tree.depth()).sqrt();
    let mut figures = Figures::default();
    let mut cases = Vec::new();
    let (mut more, mut all, mut ahead) = (0, 0, 0);
    for half_life in [0.25, 1.0, 4.0] {
        let [circle, globe, wide] = [(1.0, neighbours), (0.5, neighbours), (0.5, same_root)]
            .map(|(exponent, scale)| enumerate(&*open.at(&[exponent, scale, half_life])?));
        let (circle, globe, wide) = (circle?, globe?, wide?);
        for (here, there) in circle.sets().iter().zip(globe.sets()) {
            (more, all) = (more + u32::from(there.gross > here.gross), all + 1);
        }
        ahead += wide.sets().iter().zip(circle.sets()).filter(|(there, here)| there.gross > here.gross).count();
        let tree_over_global = |sets: &Enumeration| {
            let gross = |set: &Architecture| {
                sets.sets().iter().find(|found| found.architecture == *set).map_or(f64::NAN, |found| found.gross)
            };
            (gross(&Architecture::full(tree)), gross(&Architecture::global(tree)))
        };
        for (name, sets) in [("circle", &circle), ("globe, same neighbours", &globe), ("globe, same root", &wide)] {
            let (full, global) = tree_over_global(sets);
            figures = figures.with(format!("tree over global, {name}, half-life {half_life}"), full / global);
            if name != "circle" {
                let (full_circle, global_circle) = tree_over_global(&circle);
                cases.extend([full > full_circle, global > global_circle]);
            }
        }
    }
    let figures =
        figures.with("sets and half-lives that earn more, same neighbours", f64::from(more)).with("of", f64::from(all));
    let finding = format!(
        "latency ∝ γ^(h/2): with the same distance between neighbours {more} of {all} sets of heights and half-lives earn more; \
         with the same latency of the root {ahead} do, since lower pools are then slower than on the circle"
    );
    Ok(of_pools(3, "the globe would actually give \"faster\" approximations", Verdict::over(cases), finding, figures))
}

/// Claim 9.
pub(super) fn super_linear_quorums() -> Result<Claim> {
    let tree = PoolTree::new(2, DEEP + 1)?;
    let statistic = RingStatistic::RandomQuorum { quorum: 2.0 / 3.0 };
    let mut figures = Figures::default();
    let (mut largest, mut last) = ((0.0, 0), 0.0);
    for height in 2..=DEEP {
        let growth = on_the_circle(statistic, &tree, height)? / on_the_circle(statistic, &tree, height - 1)?;
        last = log2(growth);
        if last > largest.0 {
            largest = (last, 1u32 << height);
        }
        if height.is_power_of_two() {
            let name = format!("growth exponent from {} to {} operators", 1 << (height - 1), 1 << height);
            figures = figures.with(name, last);
        }
    }
    let farthest = on_the_circle(RingStatistic::MeanFarthest, &tree, DEEP)?;
    let share = on_the_circle(statistic, &tree, DEEP)? / farthest;
    let figures = figures
        .with("greatest growth exponent of a doubling", largest.0)
        .with("latency over that of waiting for the farthest", share);
    let finding = format!(
        "from one doubling to the next latency grows as the power {:.2} of the size at most (to {} operators, where constant terms \
         count), and as the power {last:.5} in large pools: linearly; it is {:.3} % of what waiting for the farthest operator takes",
        largest.0,
        largest.1,
        100.0 * share
    );
    let quote = "we need 2/3rds of all validators, any minimal quorum is chosen uniformly … intuitively, with larger sets, we \
                 have super-linear growth";
    // Larger sets: what remains of the excess in the largest.
    Ok(of_pools(9, quote, Verdict::over([last > 1.01]), finding, figures))
}

/// Claim 10.
pub(super) fn solving_is_a_detail() -> Result<Claim> {
    let document = Scenario::document();
    let open = document.leave_open(&["timing.solving"])?;
    let ranking = |solving: f64| -> Result<(Vec<String>, f64)> {
        let scenario = open.at(&[solving])?;
        let mut ranked = Vec::new();
        for (name, architecture) in Architecture::named(scenario.tree()) {
            ranked.push((name, ClosedForm::evaluate(&scenario, &architecture)?.net));
        }
        let tree = ranked.first().map_or(0.0, |tree| tree.1);
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok((ranked.into_iter().map(|(name, _)| name).collect(), tree))
    };
    let (order, tree) = ranking(0.0)?;
    let consensus = document.timing().latency().at(document.tree(), 1)?;
    let mut figures = Figures::default();
    let (mut cases, mut losses) = (Vec::new(), Vec::new());
    for share in [0.01, 0.1, 1.0] {
        let (now, net) = ranking(share * consensus)?;
        let loss = 1.0 - net / tree;
        cases.push(now == order && loss < 0.05);
        losses.push(loss);
        figures = figures.with(format!("loss of the tree at {share} of the lowest consensus latency"), loss);
    }
    let axis = Axis::new("timing.solving", [0.0, 10.0], Spacing::Linear, None)?;
    let threshold = Threshold::find(&document, &axis, [Contender::Tree, Contender::Global], &|_, _| ())?;
    let mut finding = format!(
        "of the document's eight operators: solving a tenth as long as the lowest consensus costs the tree {:.1} % and {}; solving \
         as long as consensus costs {:.1} % and {}",
        100.0 * losses[1],
        if cases[1] { "is a detail" } else { "is no detail" },
        100.0 * losses[2],
        if cases[2] { "is a detail, too" } else { "is no detail" },
    );
    if let Some(crossing) = threshold.crossings.first() {
        figures = figures.with("solving time from which the global pool beats the tree", crossing.at);
        let _ = write!(finding, "; from {:.3} of the root's latency on the global pool beats the tree", crossing.at);
    }
    let quote = "solving time is \"almost\" negligible, i.e., at least an order of magnitude below consensus time … the compute cost \
                 will only add minor detail";
    Ok(of_pools(10, quote, Verdict::over(cases), finding, figures))
}

/// Claim 12: a pool that collects while the last auction runs has its results after twice its latency; in time for the
/// parent's next auction if the parent takes at least as long.
pub(super) fn three_rather_than_two() -> Result<Claim> {
    let in_time = |arity: u32, statistic: RingStatistic, height: u32| -> Result<f64> {
        let tree = PoolTree::new(arity, DEEP)?;
        Ok(on_the_circle(statistic, &tree, height)? / on_the_circle(statistic, &tree, height - 1)?)
    };
    let mut figures = Figures::default();
    let (mut cases, mut smallest) = (Vec::new(), Vec::new());
    for (place, height) in [("the root", DEEP), ("a pool below the root", DEEP - 1)] {
        for (name, statistic) in [("diameter", RingStatistic::Diameter), ("mean farthest", RingStatistic::MeanFarthest)]
        {
            let mut first = None;
            for arity in 2..=6 {
                // A thousandth: at the root the ratio comes to its limit from above or below.
                let enough = in_time(arity, statistic, height)? >= 2.0 * (1.0 - 1e-3);
                first = first.or(enough.then_some(arity));
            }
            for arity in [2, 3, 4] {
                let ratio = in_time(arity, statistic, height)?;
                figures = figures.with(format!("latency of {place} over its children's, {name}, arity {arity}"), ratio);
            }
            if let Some(first) = first {
                figures = figures.with(format!("smallest arity for {place}, {name}"), f64::from(first));
            }
            cases.push(first == Some(3));
            smallest.push(first.map_or("more than 6".to_owned(), |first| first.to_string()));
        }
    }
    let finding = format!(
        "a child is twice as fast as its parent, so that its results are in time for the parent's next auction, at the root from \
         γ = {} on by diameter and γ = {} by the mean, below the root from γ = {} on by diameter and γ = {} by the mean",
        smallest[0], smallest[1], smallest[2], smallest[3]
    );
    let quote = "although γ = 2 is nice for illustrations, we may actually rather need γ = 3 in the end";
    Ok(of_pools(12, quote, Verdict::over(cases), finding, figures))
}
