//! Claims about messages and latency.

use super::{Claim, Figures, Verdict, list, of_pools};
use crate::error::Result;
use crate::explore::threshold::Threshold;
use crate::explore::{Axis, Contender, Spacing};
use crate::pool_tree::closed_form::ClosedForm;
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
        let double = (larger.ln() / f64::from(arity).ln() * 2f64.ln()).exp();
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
    Ok(of_pools(1, "a pool of double the size incurs γ² the communication cost", verdict, finding, figures))
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
    let finding =
        "on the circle latency grows by γ a level below the root; to the root, where distance is counted the \
                   shorter way round, it grows by γ/2 (diameter) or 2γ/3 (mean distance to the farthest) only"
            .to_owned();
    Ok(of_pools(2, "latency in a pool of height h is proportional to γ^h", Verdict::over(cases), finding, figures))
}

/// Claim 3.
pub(super) fn faster_on_the_globe() -> Result<Claim> {
    let open = Scenario::document().leave_open(&["timing.latency.exponent", "discount.half_life"])?;
    let mut figures = Figures::default();
    let (mut cases, mut advantages) = (Vec::new(), Vec::new());
    for half_life in [0.25, 1.0, 4.0] {
        let gross = |exponent: f64| -> Result<[f64; 2]> {
            let scenario = open.at(&[exponent, half_life])?;
            let tree = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()))?;
            Ok([tree.gross, ClosedForm::evaluate(&scenario, &Architecture::global(scenario.tree()))?.gross])
        };
        let ([circle_tree, circle_global], [globe_tree, globe_global]) = (gross(1.0)?, gross(0.5)?);
        cases.extend([globe_tree > circle_tree, globe_global > circle_global]);
        advantages.push((circle_tree / circle_global, globe_tree / globe_global));
        figures = figures
            .with(format!("tree over global on the circle, half-life {half_life}"), circle_tree / circle_global)
            .with(format!("tree over global on the globe, half-life {half_life}"), globe_tree / globe_global);
    }
    let shrinks = advantages.iter().all(|(circle, globe)| globe < circle);
    let finding = format!(
        "with the same distance between neighbours and latency ∝ γ^(h/2) every architecture earns more; the advantage of the \
         tree over the global pool {}",
        if shrinks { "shrinks, since lower pools are less ahead" } else { "does not always shrink" }
    );
    Ok(of_pools(3, "the globe would actually give \"faster\" approximations", Verdict::over(cases), finding, figures))
}

/// Claim 9.
pub(super) fn super_linear_quorums() -> Result<Claim> {
    let tree = PoolTree::new(2, DEEP + 1)?;
    let statistic = RingStatistic::RandomQuorum { quorum: 2.0 / 3.0 };
    let mut figures = Figures::default();
    let (mut small, mut large) = (None, 0.0);
    for height in [2, 4, 8, DEEP] {
        let growth = on_the_circle(statistic, &tree, height)? / on_the_circle(statistic, &tree, height - 1)?;
        large = growth.log2();
        small = small.or(Some(large));
        figures =
            figures.with(format!("growth exponent from {} to {} operators", 1 << (height - 1), 1 << height), large);
    }
    let farthest = on_the_circle(RingStatistic::MeanFarthest, &tree, DEEP)?;
    let share = on_the_circle(statistic, &tree, DEEP)? / farthest;
    let figures = figures.with("latency over that of waiting for the farthest", share);
    let finding = format!(
        "latency grows as the power {large:.4} of the size in large pools, linearly (from 2 to 4 operators, where a constant \
         term counts, as the power {:.2}); it is {:.2} % of what waiting for the farthest operator takes",
        small.unwrap_or(large),
        100.0 * share
    );
    let quote = "we need 2/3rds of all validators, any minimal quorum is chosen uniformly … with larger sets, we have super-linear \
                 growth";
    Ok(of_pools(9, quote, Verdict::over([large > 1.01]), finding, figures))
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
    let mut cases = Vec::new();
    for share in [0.01, 0.1, 1.0] {
        let (now, net) = ranking(share * consensus)?;
        let loss = 1.0 - net / tree;
        cases.push(now == order && loss < 0.05);
        figures = figures.with(format!("loss of the tree at {share} of the lowest consensus latency"), loss);
    }
    let axis = Axis::new("timing.solving", [0.0, 10.0], Spacing::Linear, None)?;
    let threshold = Threshold::find(&document, &axis, [Contender::Tree, Contender::Global], &|_, _| ())?;
    let mut finding = format!(
        "of the document's eight operators, solving a tenth as long as the lowest consensus {}; as long as consensus {}",
        if cases[1] { "costs less than 5 % and keeps the ranking" } else { "is no detail" },
        if cases[2] { "is still a detail" } else { "is no detail" },
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
            let first = first.unwrap_or(u32::MAX);
            figures = figures.with(format!("smallest arity for {place}, {name}"), f64::from(first));
            cases.push(first == 3);
            smallest.push(first);
        }
    }
    let finding = format!(
        "a child is twice as fast as its parent, so that its results are in time for the parent's next auction, at the root \
         from γ = {} on by diameter and γ = {} by the mean, below the root from γ = {} on",
        smallest[0],
        smallest[1],
        list([smallest[2]])
    );
    let quote = "although γ = 2 is nice for illustrations, we may actually rather need γ = 3";
    Ok(of_pools(12, quote, Verdict::over(cases), finding, figures))
}
