//! What to build, in a sentence.

use crate::answer::Compared;
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::search::{HeightValue, Reason};
use pooltree::report::format::number;

/// Two sets whose net welfare differs by less than this share earn the same.
const SAME: f64 = 1e-9;

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
    if welfare.net <= 0.0 {
        return nothing(compared, best, welfare.net);
    }
    let (global, full) = (Architecture::global(tree), Architecture::full(tree));
    let what = match best.heights() {
        _ if *best == global => "Build one global pool".to_owned(),
        _ if *best == full => format!("Build the whole tree, auctions at {}", heights(best)),
        [0] => "Let every operator match its own orders alone".to_owned(),
        [height] => format!("Build disconnected local pools of height {height}"),
        _ => format!("Build a tree with auctions at {}", heights(best)),
    };
    let mut sentence = format!("{what}: {} per unit of time", number(welfare.net));
    let (other, name) = if *best == global { ("tree", "the whole tree") } else { ("global", "one global pool") };
    if let Some((_, than)) = compared.named(other).filter(|(architecture, _)| *architecture != best) {
        sentence += &lead(welfare.net, than.net, name);
    }
    sentence.push('.');
    sentence += &ties(compared, best);
    sentence += &nonsense(compared, best);
    sentence
}

/// Why no set of heights is worth building.
fn nothing(compared: &Compared, best: &Architecture, net: f64) -> String {
    let all = || compared.comparison.architectures.iter().map(|own| &own.closed_form);
    if all().all(|welfare| welfare.filled_share <= 0.0) {
        return "Build nothing: no set of heights fills an order.".to_owned();
    }
    if all().all(|welfare| welfare.gross <= 0.0) {
        return "Build nothing: orders are filled, but too late or of too little utility to be worth anything."
            .to_owned();
    }
    let least = if net < 0.0 { format!("loses {}", number(-net)) } else { "earns nothing".to_owned() };
    format!("Build nothing: messages cost more than any set of heights earns; the best, {}, {least}.", heights(best))
}

/// How much more than another architecture.
fn lead(net: f64, than: f64, name: &str) -> String {
    if than <= 0.0 {
        return format!(", where {name} earns {}", number(than));
    }
    let ratio = net / than;
    if ratio - 1.0 <= SAME {
        format!(", as much as {name}, with fewer auctions")
    } else if ratio < 10.0 {
        format!(", {} % more than {name}", number(100.0 * (ratio - 1.0)))
    } else {
        format!(", {} times as much as {name}", number(ratio))
    }
}

/// A height of the best set for which another would do.
fn ties(compared: &Compared, best: &Architecture) -> String {
    let of_best = |level: &&HeightValue| best.heights().contains(&level.height);
    let tied = |level: &&HeightValue| level.reason == Reason::AnotherDoesAsWell && level.value == 0.0;
    let levels = compared.comparison.levels.iter();
    let found =
        levels.filter(of_best).filter(tied).find_map(|level| Some((level.with.as_ref()?, level.without.as_ref()?)));
    found.map_or_else(String::new, |(with, without)| {
        format!(" To rounding {} earns what {} does.", without.architecture, with.architecture)
    })
}

/// The heights that the best set does without, and why the worst of them is nonsense.
fn nonsense(compared: &Compared, best: &Architecture) -> String {
    let levels = compared.comparison.levels.iter();
    let mut nonsense: Vec<&HeightValue> =
        levels.filter(|level| level.value <= 0.0 && !best.heights().contains(&level.height)).collect();
    let list = Architecture::new(compared.comparison.scenario.tree(), nonsense.iter().map(|level| level.height));
    nonsense.sort_by(|a, b| a.value.total_cmp(&b.value));
    match (nonsense.as_slice(), list) {
        ([only], _) => format!(" Height {} has no raison d'être: {}.", only.height, only.explain()),
        ([worst, ..], Ok(list)) => {
            let (list, height) = (heights(&list), worst.height);
            format!(" The {list} have no raison d'être; height {height}: {}.", worst.explain())
        }
        _ => String::new(),
    }
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
