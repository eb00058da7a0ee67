//! Why every height has its value, against evaluations of the sets that are named; and the public enumeration.

use super::search::{
    Candidate, TIE, best_of_all, best_of_others, candidates, greatest, lost_in_underflow, up_to_depth_6,
    values_of_heights,
};
use super::support::{UNDERFLOW, changed, config, latency_at, rejected, within};
use pooltree::pool_tree::search::{Effect, HeightValue, Reason, Search, enumerate};
use pooltree::pool_tree::{Architecture, Delay, PeriodModel};
use pooltree::strategies::{ScenarioOptions, scenario_and_architecture_with, scenario_with};
use pooltree::{ClosedForm, Error, Result, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

fn exact(scenario: &Scenario) -> Result<Vec<HeightValue>> {
    Search::new(scenario)?.raison_d_etre().map(Vec::from)
}

/// The named sets have the height or not, earn what they are said to, and are the greatest of their kind.
fn sets_are_the_best_of_their_kind(
    scenario: &Scenario,
    values: impl Fn(&Scenario) -> Result<Vec<HeightValue>>,
) -> TestCaseResult {
    let all = candidates(scenario);
    if all.is_empty() || lost_in_underflow(scenario) {
        return Ok(());
    }
    for level in values(scenario)? {
        for (set, has) in [(&level.with, true), (&level.without, false)] {
            let kind = |c: &&Candidate| c.heights.contains(&level.height) == has;
            let expected = greatest(all.iter().filter(kind));
            prop_assert_eq!(set.is_none(), expected.is_none());
            if let (Some(set), Some(expected)) = (set, expected) {
                prop_assert_eq!(set.architecture.heights().contains(&level.height), has);
                let own = ClosedForm::evaluate(scenario, &set.architecture)?;
                let size = expected.size.max(own.gross + own.cost);
                within("net", set.net, own.net, TIE * size + UNDERFLOW)?;
                // Two kinds of ties: within the tolerance of the best of all, and rounding.
                let whole = all.iter().map(|c| c.size).fold(0.0, f64::max);
                prop_assert!(
                    expected.net - own.net <= 1.2 * TIE * whole + UNDERFLOW,
                    "{:?} {:?}",
                    set,
                    expected.heights
                );
            }
        }
    }
    Ok(())
}

/// What adding a height to a set does, from the evaluations of both.
fn effects_are_differences(
    scenario: &Scenario,
    values: impl Fn(&Scenario) -> Result<Vec<HeightValue>>,
) -> TestCaseResult {
    if candidates(scenario).is_empty() || lost_in_underflow(scenario) {
        return Ok(());
    }
    for level in values(scenario)? {
        let Some(effect) = level.effect else {
            prop_assert_eq!(level.reason, Reason::NoLatency);
            continue;
        };
        let base = if level.reason == Reason::Worth { &level.with } else { &level.without };
        let heights = base.iter().flat_map(|set| set.architecture.heights());
        let others: Vec<u32> = heights.copied().filter(|&h| h != level.height).collect();
        let evaluate =
            |heights: Vec<u32>| ClosedForm::evaluate(scenario, &Architecture::new(scenario.tree(), heights)?);
        // Where a period overflows another set stands in.
        let Ok(after) = evaluate([others.as_slice(), &[level.height]].concat()) else { continue };
        let before = if others.is_empty() { None } else { Some(evaluate(others)?) };
        let (gross, cost) = before.as_ref().map_or((0.0, 0.0), |before| (before.gross, before.cost));
        // Without its latency all that lies above would be worth β^(-L) times as much.
        let share = scenario.discount().after(latency_at(scenario, level.height));
        if share < 1e-3 {
            continue;
        }
        let adds = scenario.timing().delay() != Delay::Idealised;
        let above: f64 = after.by_height.iter().filter(|h| adds && h.height > level.height).map(|h| h.gross).sum();
        let delay = above / share - above;
        let error = 1e-9 * (after.gross + gross) + UNDERFLOW;
        within("delay", effect.delay, delay, error)?;
        within("gain", effect.gain, after.gross + delay - gross, error)?;
        within("messages", effect.messages, after.cost - cost, 1e-9 * (after.cost + cost) + UNDERFLOW)?;
        let own = after.by_height.iter().find(|h| h.height == level.height).map_or(0.0, |h| h.filled_share);
        within("filled", effect.filled, own, 1e-12)?;
        let period = |welfare: &ClosedForm, height: u32| {
            welfare.by_height.iter().find(|h| h.height == height).map(|h| h.period.to_bits())
        };
        let changed = before.as_ref().is_some_and(|before| {
            before
                .by_height
                .iter()
                .any(|h| h.height > level.height && period(&after, h.height) != Some(h.period.to_bits()))
        });
        prop_assert_eq!(effect.changes_windows, changed);
        reason_follows(&level, &effect, before.is_some())?;
    }
    Ok(())
}

/// The reason is what the numbers say.
fn reason_follows(level: &HeightValue, effect: &Effect, added: bool) -> TestCaseResult {
    let Effect { filled, gain, delay, messages, changes_windows } = *effect;
    let net = gain - delay - messages;
    match level.reason {
        // Alone it is the least evil where messages cost more than anything earns.
        Reason::Worth => prop_assert!(level.value > 0.0 && (net > 0.0 || !added)),
        Reason::AnotherDoesAsWell => prop_assert!(level.value == 0.0 && filled > 0.0),
        Reason::FillsNothing => prop_assert!(level.value <= 0.0 && filled <= 1.1e-12),
        Reason::Messages => prop_assert!(level.value < 0.0 && (gain > delay || delay <= 0.0) && gain <= messages),
        Reason::Windows => {
            prop_assert!(level.value < 0.0 && gain < 0.0 && changes_windows);
        }
        Reason::Delay => prop_assert!(level.value < 0.0 && gain <= delay && (gain > messages || messages <= 0.0)),
        Reason::Both => prop_assert!(
            level.value < 0.0 && (gain > delay) == (gain > messages) && messages > 0.0 && (gain > delay || delay > 0.0)
        ),
        _ => prop_assert!(level.value == 0.0),
    }
    Ok(())
}

/// Back to back, with every delay model and with and without cost.
fn back_to_back() -> impl Strategy<Value = Scenario> {
    (up_to_depth_6(), any::<bool>()).prop_filter_map("a valid scenario", |(scenario, free)| {
        let periods = |scenario: &Scenario| {
            changed(scenario, |parts| {
                parts.period = PeriodModel::BackToBack;
                parts.cost_per_message *= if free { 0.0 } else { 1.0 };
            })
        };
        periods(&scenario).ok()
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn named_sets_are_the_best_of_their_kind(scenario in up_to_depth_6()) {
        sets_are_the_best_of_their_kind(&scenario, exact)?;
    }

    #[test]
    fn reasons_follow_from_evaluations(scenario in up_to_depth_6()) {
        effects_are_differences(&scenario, exact)?;
    }

    #[test]
    fn back_to_back_too(scenario in back_to_back()) {
        best_of_all(&scenario, |s| Search::new(s)?.best())?;
        if let Ok(best) = Search::new(&scenario).and_then(|search| search.best()) {
            best_of_others(&scenario, &best.architecture, |s, excluded| Search::new(s)?.best_but(excluded))?;
        }
        sets_are_the_best_of_their_kind(&scenario, exact)?;
        effects_are_differences(&scenario, exact)?;
    }

    #[test]
    fn enumeration_is_the_same(
        (scenario, excluded) in scenario_and_architecture_with(ScenarioOptions::default().with_max_depth(6))
    ) {
        let all = enumerate(&scenario)?;
        let none = || Error::domain("heights", "", "some that can hold auctions");
        best_of_all(&scenario, |_| all.best().ok_or_else(none))?;
        best_of_others(&scenario, &excluded, |_, excluded| Ok(all.best_but(excluded)))?;
        let full = Architecture::full(scenario.tree());
        values_of_heights(&scenario, |_| Ok(full.heights().iter().map(|&h| (h, all.value(h))).collect()))?;
    }
}

proptest! {
    // 511 sets each.
    #![proptest_config(ProptestConfig { cases: config().cases / 8, ..config() })]

    #[test]
    fn deeper_trees_too(scenario in scenario_with(ScenarioOptions::default().with_max_depth(8).with_max_operators(1e9))) {
        best_of_all(&scenario, |s| Search::new(s)?.best())?;
        sets_are_the_best_of_their_kind(&scenario, exact)?;
    }
}

#[test]
fn rejects_the_best_of_all_for_every_kind() {
    let best = |s: &Scenario| {
        let best = Search::new(s)?.best()?;
        let same = |level: HeightValue| HeightValue { with: Some(best.clone()), ..level };
        Ok(exact(s)?.into_iter().map(same).collect())
    };
    assert!(rejected(&up_to_depth_6(), |s| sets_are_the_best_of_their_kind(&s, best)));
}

#[test]
fn rejects_the_second_best_of_all_for_every_kind() {
    let second = |s: &Scenario| {
        let search = Search::new(s)?;
        let second = search.best_but(&search.best()?.architecture)?;
        let lacks = |height| second.as_ref().is_some_and(|second| !second.architecture.heights().contains(&height));
        let levels = exact(s)?.into_iter();
        let change = |level: HeightValue| {
            let without = if level.value > 0.0 && lacks(level.height) { level.without } else { level.with.clone() };
            HeightValue { without, ..level }
        };
        Ok(levels.map(change).collect())
    };
    assert!(rejected(&up_to_depth_6(), |s| sets_are_the_best_of_their_kind(&s, second)));
}

#[test]
fn rejects_effects_without_delay() {
    let instant = |s: &Scenario| {
        let change = |level: HeightValue| {
            let effect = level.effect.map(|effect| Effect { gain: effect.gain - effect.delay, delay: 0.0, ..effect });
            HeightValue { effect, ..level }
        };
        Ok(exact(s)?.into_iter().map(change).collect())
    };
    assert!(rejected(&up_to_depth_6(), |s| effects_are_differences(&s, instant)));
}

#[test]
fn rejects_messages_blamed_for_everything() {
    let blame = |s: &Scenario| {
        let change = |level: HeightValue| {
            let reason = if level.value < 0.0 { Reason::Messages } else { level.reason };
            HeightValue { reason, ..level }
        };
        Ok(exact(s)?.into_iter().map(change).collect())
    };
    assert!(rejected(&up_to_depth_6(), |s| effects_are_differences(&s, blame)));
}
