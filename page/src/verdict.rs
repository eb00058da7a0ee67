//! What to build, in a sentence.

use crate::answer::Compared;
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::search::HeightValue;
use pooltree::report::format::number;

/// The best architecture, what it gains over the next simplest, and the heights that are nonsense, with the reason.
pub(crate) fn sentence(compared: &Compared) -> String {
    let comparison = &compared.comparison;
    let tree = comparison.scenario.tree();
    let Some((best, welfare)) = &compared.best else {
        let winner = comparison.winner().map_or("none", |winner| winner.name.as_str());
        return format!(
            "Of tree, global and local pools the best is: {winner}. All sets of heights together are out of reach."
        );
    };
    if welfare.net <= 0.0 && welfare.gross <= 0.0 {
        return "Build nothing: no set of heights fills an order.".to_owned();
    }
    if welfare.net <= 0.0 {
        return format!(
            "Build nothing: messages cost more than any set of heights earns; the best, {}, loses {}.",
            heights(best),
            number(-welfare.net)
        );
    }
    let global = Architecture::global(tree);
    let full = Architecture::full(tree);
    let what = if *best == global {
        "Build one global pool".to_owned()
    } else if *best == full {
        format!("Build the whole tree, auctions at {}", heights(best))
    } else if let [height] = best.heights() {
        if *height == 0 {
            "Let every operator match its own orders alone".to_owned()
        } else {
            format!("Build disconnected local pools of height {height}")
        }
    } else {
        format!("Build a tree with auctions at {}", heights(best))
    };
    let mut sentence = format!("{what}: {} per unit of time", number(welfare.net));
    let other = if *best == global { "tree" } else { "global" };
    if let Some((_, than)) = compared.named(other).filter(|(architecture, _)| *architecture != best) {
        let name = if other == "tree" { "the whole tree" } else { "one global pool" };
        sentence += &if than.net > 0.0 {
            format!(", {} % more than {name}", number(100.0 * (welfare.net / than.net - 1.0)))
        } else {
            format!(", where {name} earns {}", number(than.net))
        };
    }
    sentence.push('.');
    let mut nonsense: Vec<&HeightValue> = comparison.levels.iter().filter(|level| level.value <= 0.0).collect();
    let list = Architecture::new(tree, nonsense.iter().map(|level| level.height));
    nonsense.sort_by(|a, b| a.value.total_cmp(&b.value));
    match (nonsense.as_slice(), list) {
        ([only], _) => sentence += &format!(" Height {} has no raison d'être: {}.", only.height, only.explain()),
        ([worst, ..], Ok(list)) => {
            let (list, height) = (heights(&list), worst.height);
            sentence += &format!(" The {list} have no raison d'être; height {height}: {}.", worst.explain());
        }
        _ => {}
    }
    sentence
}

fn heights(architecture: &Architecture) -> String {
    let plural = if architecture.heights().len() == 1 { "height" } else { "heights" };
    let list: Vec<String> = architecture.heights().iter().map(u32::to_string).collect();
    match list.as_slice() {
        [rest @ .., last] if !rest.is_empty() && list.len() <= 6 => format!("{plural} {} and {last}", rest.join(", ")),
        [one] => format!("{plural} {one}"),
        _ => format!("{plural} {architecture}"),
    }
}
