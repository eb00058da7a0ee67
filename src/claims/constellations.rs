//! Claims about which constellations make sense.

use super::{Claim, Figures, Verdict, list, of_pools};
use crate::error::Result;
use crate::explore::levels::LevelThresholds;
use crate::explore::{Axis, Spacing};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::search::Search;
use crate::pool_tree::{Architecture, Component, Flow, Kind, Model, Period, PeriodModel, Timing};
use crate::scenario::Scenario;
use std::fmt::Write;

/// Claim 11.
pub(super) fn uniform_flow() -> Result<Claim> {
    let document = Scenario::document();
    let mut figures = Figures::default();
    let mut cases = Vec::new();
    for level in Search::new(&document)?.raison_d_etre()? {
        figures = figures.with(format!("value of height {} in the document's tree", level.height), level.value);
        cases.push(level.value > 0.0);
    }
    let costs = Axis::new("cost.per_message", [0.0, 1.0], Spacing::Linear, None)?;
    let dying = LevelThresholds::find(&document, &costs, &|_, _| ())?;
    cases.push(dying.changes.iter().all(|change| !change.lost));
    let mut finding = "without message cost every level of the document's tree has a positive value".to_owned();
    if let Some(first) = dying.changes.iter().find(|change| change.lost) {
        figures = figures.with("cost of a message at which the first level loses it", first.at);
        let _ = write!(finding, "; at {:.4} a message height {} loses its raison d'être", first.at, first.height);
    }
    let latencies = Axis::new("timing.latency.scale", [0.0125, 1.25], Spacing::Logarithmic, None)?;
    let slow = LevelThresholds::find(&document, &latencies, &|_, _| ())?;
    cases.push(slow.changes.iter().all(|change| !change.lost));
    if let Some(first) = slow.changes.iter().find(|change| change.lost) {
        figures = figures.with("latency of height 0 at which the first level loses it", first.at);
        let _ = write!(
            finding,
            "; so it does for height {} when latencies are {:.2} times as long",
            first.height,
            first.at / document.timing().latency().at(document.tree(), 0)?
        );
    } else {
        let _ = write!(
            finding,
            "; latencies from a tenth to ten times as long leave it to heights {}",
            list(slow.alive_at_last)
        );
    }
    // The same orders around the same circle, shared by ever more operators: the root's auction keeps its time.
    let open = document.leave_open(&["tree.depth", "timing.latency.scale", "timing.period.base"])?;
    for depth in 1..=8u32 {
        let unit = 0.5f64.powi(depth as i32);
        let values = Search::new(&*open.at(&[f64::from(depth), unit, unit])?)?.raison_d_etre()?;
        let dead: Vec<_> = values.iter().filter(|level| level.value <= 0.0).collect();
        cases.push(dead.is_empty());
        if !dead.is_empty() {
            let name = "depth from which the same orders leave a level without";
            figures = figures.with(name, f64::from(depth));
            let why: Vec<String> =
                dead.iter().map(|level| format!("height {} {}", level.height, level.reason)).collect();
            let _ = write!(finding, "; in a tree of depth {depth} over the same orders {}", why.join(", "));
            break;
        }
    }
    let quote = "if order flow is uniformly spread, we may have enough orders filled for each level of the hierarchy to have a \
                 »raison d'être«";
    Ok(of_pools(11, quote, Verdict::over(cases), finding, figures))
}

/// The document's tree with another flow and another growth of its windows.
fn with_flow(kind: Kind, ratio: u32) -> Result<Model> {
    let document = Scenario::document();
    let timing = document.timing();
    let base = timing.latency().at(document.tree(), 0)?;
    Model::new(
        document.tree().clone(),
        Flow::new(document.flow().rate(), document.flow().assets(), vec![Component::new(kind, 1.0, 0.5)?])?,
        Timing::new(timing.latency().clone(), Period::new(PeriodModel::Ratio { base, ratio })?, timing.delay(), 0.0)?,
        *document.discount(),
        document.utility_mean(),
        document.cost_per_message(),
    )
}

/// Claim 13.
pub(super) fn useless_trees() -> Result<Claim> {
    let mut figures = Figures::default();
    let mut cases = Vec::new();
    let mut found = Vec::new();
    let root = Scenario::document().tree().depth();
    for (name, kind, ratio) in [
        ("opposite", Kind::Opposite, 1),
        ("nearby", Kind::Nearby { height: 1 }, 1),
        ("single-site", Kind::SingleSite { operator: 0 }, 1),
        ("circle-distance 1", Kind::CircleDistance { distance: 1 }, 1),
        ("nearby, windows that double", Kind::Nearby { height: 1 }, 2),
        ("single-site, windows that double", Kind::SingleSite { operator: 0 }, 2),
    ] {
        let model = with_flow(kind, ratio)?;
        let best = Search::new(&model)?.best()?;
        let tree = ClosedForm::evaluate(&model, &Architecture::full(model.tree()))?;
        let mut local = 0.0f64;
        for height in 0..root {
            local = local.max(ClosedForm::evaluate(&model, &Architecture::local(model.tree(), height)?)?.filled_share);
        }
        let pools = best.architecture.heights();
        cases.push(if name == "opposite" { pools == [root] } else { pools.len() == 1 && pools[0] < root });
        found.push(format!("{name}: {}", best.architecture));
        figures = figures
            .with(format!("heights in the best architecture, {name}"), pools.len() as f64)
            .with(format!("highest of them, {name}"), f64::from(pools.last().copied().unwrap_or(0)))
            .with(format!("filled by the tree, {name}"), tree.filled_share)
            .with(format!("filled by the best local pools, {name}"), local);
    }
    let [seams, longer] = ["circle-distance 1", "nearby, windows that double"].map(|name| {
        figures.get(&format!("filled by the tree, {name}"))
            > figures.get(&format!("filled by the best local pools, {name}"))
    });
    let finding = format!(
        "best architectures, root at height {root}, one common window where nothing else is said: {}; the tree fills {} of \
         neighbours on the circle than any local pools, which cut some of them apart, and {} of nearby counterparts where higher \
         pools have longer windows",
        found.join("; "),
        if seams { "more" } else { "no more" },
        if longer { "more" } else { "no more" }
    );
    let quote = "if matching orders occur on opposing sides of the circle only … we only need the global pool … if matching orders \
                 always occur in proximity to each other, we only need sufficiently many \"discrete\" local pools";
    Ok(of_pools(13, quote, Verdict::over(cases), finding, figures))
}
