//! The best set of heights and what every height is worth where auctions may fail, against all sets one by one; thresholds,
//! sweeps and phase diagrams over the keys of keepers.

use super::{DOCUMENT, read, section};
use pooltree::explore::Contender;
use pooltree::explore::phase::Phase;
use pooltree::explore::sweep::Sweep;
use pooltree::explore::threshold::Threshold;
use pooltree::explore::verdict::{Among, Verdict};
use pooltree::pool_tree::search::{Reason, Search};
use pooltree::pool_tree::{Architecture, Executed, Execution, LevelExecution, Model};
use pooltree::strategies::{ScenarioOptions, scenario_with};
use pooltree::{ClosedForm, Error, Scenario};
use proptest::prelude::*;
use proptest::sample::select;

const TIE: f64 = 1e-12;

/// Every nonempty set of heights that can be evaluated.
fn all_sets(model: &Model) -> Vec<(Vec<u32>, ClosedForm)> {
    let depth = model.tree().depth();
    (1u32..1 << (depth + 1))
        .filter_map(|set| {
            let heights: Vec<u32> = (0..=depth).filter(|height| set >> height & 1 == 1).collect();
            let architecture = Architecture::new(model.tree(), heights.iter().copied()).unwrap();
            Some((heights, ClosedForm::evaluate(model, &architecture).ok()?))
        })
        .collect()
}

/// The best by brute force, ties to the fewest, then lowest heights.
fn best<'a>(sets: impl Iterator<Item = &'a (Vec<u32>, ClosedForm)> + Clone) -> Option<&'a (Vec<u32>, ClosedForm)> {
    let top = sets.clone().max_by(|a, b| a.1.net.total_cmp(&b.1.net))?;
    let enough = top.1.net - TIE * (top.1.gross.abs() + top.1.cost.abs());
    sets.filter(|set| set.1.net >= enough).min_by_key(|(heights, _)| (heights.len(), heights.clone()))
}

fn laws() -> impl Strategy<Value = Vec<(f64, [f64; 2])>> {
    let part = || select(&[0.0, 0.1, 0.5, 0.9, 0.999, 1.0, 1.0][..]);
    let deadline = select(&[0.0, 0.0, 0.01, 0.3, 5.0][..]);
    proptest::collection::vec((deadline, [part(), part()]), 5)
}

fn with_laws(scenario: &Scenario, laws: &[(f64, [f64; 2])]) -> Model {
    let levels = (0..=scenario.tree().depth()).map(|height| {
        let (deadline, [e, speed]) = laws[height as usize % laws.len()];
        LevelExecution::new(deadline, vec![Executed { probability: e, discounted: e * speed }]).unwrap()
    });
    let execution = Execution::new(scenario.tree(), levels.collect()).unwrap();
    scenario.model().clone().with_execution(execution).unwrap()
}

proptest! {
    #![proptest_config(crate::properties::support::config())]

    #[test]
    fn the_search_is_brute_force(
        (scenario, laws) in (scenario_with(ScenarioOptions::default().with_max_depth(4).with_max_operators(1e5)), laws())
    ) {
        let model = with_laws(&scenario, &laws);
        let sets = all_sets(&model);
        let search = match Search::new(&model) {
            Ok(search) => search,
            Err(error) => {
                prop_assert!(sets.is_empty(), "{}", error);
                return Ok(());
            }
        };
        let Some(expected) = best(sets.iter()) else {
            prop_assert!(search.best().is_err());
            return Ok(());
        };
        let found = search.best()?;
        prop_assert_eq!(found.architecture.heights(), &expected.0[..]);
        prop_assert_eq!(found.net, expected.1.net);
        // Another model with the same flow, and back again. Where auctions are always executed, back-to-back auctions without
        // latency leave no set.
        if let Ok(plain) = Search::new(&scenario) {
            let expected = plain.best();
            prop_assert_eq!(Search::new(&scenario)?.next(&model)?.best(), Ok(found.clone()));
            prop_assert_eq!(search.next(&scenario)?.best(), expected);
        }
        for (heights, welfare) in &sets {
            let set = Architecture::new(model.tree(), heights.iter().copied())?;
            prop_assert_eq!(search.net(&set)?, welfare.net);
            let but = search.best_but(&set)?;
            let expected = best(sets.iter().filter(|(other, _)| other != heights));
            prop_assert_eq!(but.as_ref().map(|b| b.architecture.heights()), expected.map(|(h, _)| &h[..]));
            prop_assert_eq!(but.map(|b| b.net), expected.map(|(_, w)| w.net));
        }
        for level in search.raison_d_etre()? {
            let has = |set: &&(Vec<u32>, ClosedForm)| set.0.contains(&level.height);
            let with = best(sets.iter().filter(has));
            let without = best(sets.iter().filter(|set| !has(set)));
            let Some((_, with)) = with else {
                prop_assert_eq!((level.value, level.reason), (0.0, Reason::NoLatency));
                continue;
            };
            let expected = with.net - without.map_or(0.0, |(_, w)| w.net);
            let size = with.gross.abs() + with.cost.abs() + without.map_or(0.0, |(_, w)| w.gross.abs() + w.cost.abs());
            prop_assert!((level.value - expected).abs() <= 1.01 * TIE * size, "{} {}", level.value, expected);
            prop_assert_eq!(level.with.as_ref().map(|b| b.architecture.heights().contains(&level.height)), Some(true));
            // The account: what the height does beside the heights of the best set without it, or of the best set.
            let base = if level.value > 0.0 { level.with.as_ref() } else { level.without.as_ref().or(level.with.as_ref()) };
            let mut others: Vec<u32> = base.unwrap().architecture.heights().to_vec();
            others.retain(|&h| h != level.height);
            let net = |heights: &[u32]| sets.iter().find(|set| set.0 == heights).map(|set| &set.1);
            let mut both = others.clone();
            both.push(level.height);
            both.sort_unstable();
            let (Some(effect), Some(after)) = (level.effect, net(&both)) else { continue };
            let before = net(&others).map_or(0.0, |w| w.net);
            let change = effect.gain - effect.delay - effect.messages;
            prop_assert!((change - (after.net - before)).abs() <= 1e-11 * size.max(after.gross + after.cost),
                "height {}: {} is not {}", level.height, change, after.net - before);
            prop_assert!(effect.delay >= -1e-12 * size.max(after.gross), "{}", effect.delay);
            let text = level.explain();
            prop_assert!(!text.is_empty() && !text.contains("NaN"));
        }
    }
}

/// Few orders are no reason to say that nothing is filled: the share counts among the fills.
#[test]
fn few_fills_are_fills() {
    let text =
        DOCUMENT.replace("rate = 64.0", "rate = 1e-14").replace("ratio = 2", "ratio = 1") + "cost.per_message = 1.0\n";
    let scenario = read(&(text + &section("", 2, |_| (19, 0.1, 1.0))));
    let perfect = Search::new(&scenario.clone().without_keepers()).unwrap().raison_d_etre().unwrap();
    let failing = Search::new(&scenario).unwrap().raison_d_etre().unwrap();
    let reasons = |levels: &[pooltree::pool_tree::search::HeightValue]| -> Vec<Reason> {
        levels.iter().map(|level| level.reason).collect()
    };
    assert_eq!(reasons(&perfect), reasons(&failing));
    assert!(reasons(&failing).iter().all(|reason| *reason == Reason::Messages), "{:?}", reasons(&failing));
}

#[test]
fn deeper_trees_are_refused() {
    let text = DOCUMENT.replace("depth = 3", "depth = 17") + &section("", 2, |_| (19, 0.1, 1.0));
    let error = Search::new(&read(&text)).err().unwrap();
    assert!(matches!(error, Error::SearchTooLarge { .. }), "{error}");
    let comparison = pooltree::compare::Comparison::new(&read(&text), None, None).unwrap();
    assert!(comparison.best.is_none() && comparison.notes.iter().any(|note| note.contains("was not searched")));
}

/// Three keepers: fast and unreliable, slow and sure, one in between.
fn crew(settings: &str) -> Scenario {
    let of = |i: usize| [(10, 0.02, 1.0), (20, 0.4, 2.0), (16, 0.1, 4.0)][i];
    read(&(DOCUMENT.to_owned() + "cost.per_message = 0.002\n" + &section(settings, 3, of)))
}

const AXES: [&str; 6] = [
    "keepers.deadline=0.01..2:5",
    "keepers.failure_delay=0..3:5",
    "keepers.power=0..8:5",
    "keepers.list.0.ping=0..2:5",
    "keepers.list.2.succeeded=0..20:5",
    "discount.half_life=0.2..20:log:5",
];

#[test]
fn points_of_every_axis_are_comparisons_of_their_own() {
    let scenario = crew("rule = \"power\"\npower = 1\nfailure_delay = 0.1\ndeadline = 0.8");
    for (i, axis) in AXES.iter().enumerate() {
        let axis: pooltree::explore::Axis = axis.parse().unwrap();
        let open = scenario.leave_open(&[axis.key()]).unwrap();
        let sweep = Sweep::run(&scenario, &axis, &Among::All, &|_, _| ()).unwrap();
        let mut nets = Vec::new();
        for point in &sweep.points {
            let at = open.at(&[point.at]).unwrap();
            let sets = all_sets(&at);
            let (heights, welfare) = best(sets.iter()).unwrap();
            assert_eq!((point.verdict.architecture.heights(), point.verdict.net), (&heights[..], welfare.net));
            let tree = ClosedForm::evaluate(&at, &Architecture::full(at.tree())).unwrap();
            let global = ClosedForm::evaluate(&at, &Architecture::global(at.tree())).unwrap();
            assert_eq!((point.tree, point.global), (Some(tree.net), Some(global.net)));
            nets.push(tree.net);
        }
        assert!(nets.windows(2).any(|pair| pair[0] != pair[1]), "{} changes nothing", axis.key());
        // The other axis of a diagram, in both directions.
        let other: pooltree::explore::Axis = AXES[(i + 1) % AXES.len()].parse().unwrap();
        let phase = Phase::run(&scenario, &axis, &other, &Among::All, &|_, _| ()).unwrap();
        let open = scenario.leave_open(&[axis.key(), other.key()]).unwrap();
        for (row, &y) in phase.y.iter().enumerate() {
            for (column, &x) in phase.x.iter().enumerate() {
                let at = open.at(&[x, y]).unwrap();
                let verdict = Verdict::of(&at, &Among::All).unwrap();
                assert_eq!(phase.winner[row][column], verdict.winner);
                assert_eq!(phase.net[row][column], verdict.net);
                assert_eq!(phase.margin[row][column], verdict.margin);
            }
        }
    }
}

/// The rule moves the break-even between tree and global pool.
#[test]
fn the_rule_moves_the_break_even() {
    let axis = "cost.per_message=0.0001..10:log".parse().unwrap();
    let mut moved = Vec::new();
    for rule in ["uniform", "by-stake", "by-reliability", "stake-weighted"] {
        let scenario = crew(&format!("rule = \"{rule}\"\nretry = \"same\"\nfailure_delay = 0.1\ndeadline = 0.6"));
        let between = [Contender::Tree, Contender::Global];
        let found = Threshold::find(&scenario, &axis, between, &|_, _| ()).unwrap();
        let [crossing] = found.crossings.as_slice() else { panic!("{rule}: {:?}", found.crossings) };
        let at = scenario.leave_open(&["cost.per_message"]).unwrap().at(&[crossing.at]).unwrap();
        let [tree, global] = [Architecture::full(at.tree()), Architecture::global(at.tree())]
            .map(|set| ClosedForm::evaluate(&at, &set).unwrap());
        assert!((tree.net - global.net).abs() < 1e-9 * tree.gross);
        moved.push((at.execution().unwrap().at(1).at(0).discounted, crossing.at));
    }
    let plain = crew("").without_keepers();
    let found = Threshold::find(&plain, &axis, [Contender::Tree, Contender::Global], &|_, _| ()).unwrap();
    moved.push((1.0, found.crossings[0].at));
    // The better the keeper of an auction serves, the more messages the tree is worth.
    moved.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(moved.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{moved:?}");
    let (least, most) = (moved[0].1, moved[4].1);
    assert!(most > 1.5 * least, "{moved:?}");
}

#[test]
fn keys_that_are_not_there_are_said() {
    let scenario = crew("rule = \"power\"\npower = inf");
    for key in [
        "keepers.outages",
        "keepers.heights.0.deadline",
        "keepers.power",
        "keepers.list.3.ping",
        "keepers.list.00.ping",
        "keepers.rule",
    ] {
        let error = scenario.leave_open(&[key]).unwrap_err();
        assert!(matches!(&error, Error::UnknownKey { key: found, .. } if found == key), "{error}");
        assert!(error.to_string().contains("keepers.list.0.ping"));
    }
    // What need not be there can be left open all the same.
    let heights = crew("heights = [{ height = 2 }]");
    for (key, value) in [("keepers.deadline", 0.5), ("keepers.min_stake", 2.0), ("keepers.agent_min_stake", 1.5)] {
        let open = scenario.leave_open(&[key]).unwrap().at(&[value]).unwrap();
        let parameters = open.keepers().unwrap().parameters();
        let found = [parameters.deadline, parameters.min_stake, parameters.agent_min_stake];
        assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), [value], "{key}");
        let own = key.replace("keepers.", "keepers.heights.0.");
        let open = heights.leave_open(&[&own]).unwrap().at(&[value]).unwrap();
        let parameters = open.keepers().unwrap().at(2).1;
        let found = [parameters.deadline, parameters.min_stake, parameters.agent_min_stake];
        assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), [value], "{own}");
    }
    let open = crew("").leave_open(&["keepers.list.1.succeeded"]).unwrap();
    assert!(open.at(&[20.0]).is_ok());
    for (value, told) in
        [(21.0, "keepers.list.1.succeeded = 21"), (-1.0, "keepers.list.1.succeeded = -1"), (0.5, "0.5")]
    {
        let error = open.at(&[value]).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}
