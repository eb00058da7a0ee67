//! Thresholds, sweeps and phase diagrams against other routes: equations solved by hand, fine grids, enumeration.

use crate::properties::support::config;
use pooltree::explore::levels::LevelThresholds;
use pooltree::explore::phase::Phase;
use pooltree::explore::sweep::Sweep;
use pooltree::explore::threshold::Threshold;
use pooltree::explore::verdict::{Among, Verdict, name};
use pooltree::explore::{Axis, Contender, Spacing};
use pooltree::pool_tree::search::Search;
use pooltree::pool_tree::{Architecture, Component};
use pooltree::strategies::{ScenarioOptions, scenario_with};
use pooltree::{ClosedForm, Error, Result, Scenario};
use proptest::prelude::*;

const QUIET: &(dyn Fn(u64, u64) + Sync) = &|_, _| ();

fn scenario(text: &str) -> Scenario {
    text.parse().unwrap()
}

/// Two heights of pools with latencies of whole units of time.
fn two_levels(delay: &str, rest: &str) -> Scenario {
    two_levels_with("flow.rate = 12.0", "{ model = \"table\", values = [0.5, 1.0, 2.0] }", delay, rest)
}

fn two_levels_with(flow: &str, latency: &str, delay: &str, rest: &str) -> Scenario {
    scenario(&format!(
        "tree = {{ arity = 2, depth = 2 }}\n\
         {flow}\n\
         timing.latency = {latency}\n\
         timing.period = {{ model = \"ratio\", base = 0.5, ratio = 2 }}\n\
         timing.delay = \"{delay}\"\n\
         discount.factor = 0.5\n{rest}"
    ))
}

fn find(scenario: &Scenario, axis: &str, a: &str, b: &str) -> Result<Threshold> {
    Threshold::find(scenario, &axis.parse()?, [a.parse()?, b.parse()?], QUIET)
}

fn nets(scenario: &Scenario, key: &str, value: f64, between: &[Contender; 2]) -> [f64; 2] {
    let at = scenario.leave_open(&[key]).unwrap().at(&[value]).unwrap();
    between.clone().map(|c| ClosedForm::evaluate(&at, &c.on(at.tree()).unwrap()).unwrap().net)
}

// Thresholds.

/// Cumulative delays, fills `F1` below and `F2` at the root: `F1 β + F2 β³ = (F1 + F2) β²` has the roots 1 and `F1/F2`.
#[test]
fn the_discount_threshold_of_two_levels_solves_its_quadratic() {
    let s = two_levels("cumulative", "");
    let fills = ClosedForm::evaluate(&s, &Architecture::full(s.tree())).unwrap().by_height;
    let expected = fills[0].filled_share / fills[1].filled_share;
    let sparse = two_levels("cumulative", "").leave_open(&["flow.rate"]).unwrap().at(&[2.0]).unwrap();
    let few = ClosedForm::evaluate(&sparse, &Architecture::full(s.tree())).unwrap().by_height;
    for (s, expected) in [(s, expected), (sparse, few[0].filled_share / few[1].filled_share)] {
        let t = find(&s, "discount.factor=0.01..0.999", "tree", "global").unwrap();
        if expected > 1.0 {
            assert!(t.crossings.is_empty() && t.ahead == [Some(Contender::Tree), Some(Contender::Tree)], "{t:?}");
            continue;
        }
        let [crossing] = t.crossings.as_slice() else { panic!("{t:?}") };
        approx::assert_relative_eq!(crossing.at, expected, max_relative = 1e-12);
        assert!((crossing.at - expected).abs() <= crossing.accuracy, "{crossing:?}");
        assert_eq!(t.ahead, [Some(Contender::Tree), Some(Contender::Global)]);
        assert!(!crossing.leap && crossing.ahead == Contender::Global);
    }
}

/// Net welfare is linear in the cost of a message: the threshold is a quotient of two differences.
#[test]
fn the_cost_threshold_is_a_quotient() {
    let s = two_levels("batched", "");
    let with_cost = s.leave_open(&["cost.per_message"]).unwrap().at(&[1.0]).unwrap();
    let [tree, global] = [Architecture::full(s.tree()), Architecture::global(s.tree())]
        .map(|a| ClosedForm::evaluate(&with_cost, &a).unwrap());
    let expected = (tree.gross - global.gross) / (tree.cost - global.cost);
    assert!(expected > 0.0);
    let t = find(&s, "cost.per_message=0..1", "tree", "global").unwrap();
    assert_eq!(t.crossings.len(), 1);
    approx::assert_relative_eq!(t.crossings[0].at, expected, max_relative = 1e-12);
    // A logarithmic scan and the opposite order find the same.
    let turned = find(&s, "cost.per_message=1e-9..1:log", "global", "tree").unwrap();
    approx::assert_relative_eq!(turned.crossings[0].at, expected, max_relative = 1e-12);
    assert_eq!(turned.crossings[0].ahead, Contender::Global);
}

/// With a message cost neither the hasty nor the patient need a tree: two crossings.
#[test]
fn all_crossings_are_found() {
    let s = two_levels("cumulative", "cost.per_message = 0.01");
    let t = find(&s, "discount.half_life=0.02..1000:log", "tree", "global").unwrap();
    let ahead: Vec<String> = t.crossings.iter().map(|c| c.ahead.to_string()).collect();
    assert_eq!(ahead, ["tree", "global"], "{t:?}");
    assert_eq!(t.ahead, [Some(Contender::Global), Some(Contender::Global)]);
    for crossing in &t.crossings {
        let lead = |x: f64| {
            let [tree, global] = nets(&s, &t.key, x, &t.between);
            (tree - global).signum()
        };
        assert_ne!(lead(crossing.bracket[0] * (1.0 - 1e-9)), lead(crossing.bracket[1] * (1.0 + 1e-9)));
    }
}

/// `circle-distance` is cut by the seams of any set of disconnected pools: no half-life makes them equal to the tree; and
/// where all orders meet at height 1 in one window and lower auctions take no time, tree and local pools are equal throughout.
#[test]
fn no_crossing_is_a_value_and_a_tie_is_no_crossing() {
    let seams = two_levels("idealised", "").leave_open(&["timing.latency.values.2"]).unwrap().at(&[0.5]).unwrap();
    let t = find(&seams, "flow.rate=1..50", "tree", "local-1").unwrap();
    assert!(t.crossings.is_empty() && t.ahead == [Some(Contender::Tree), Some(Contender::Tree)]);
    let nearby = scenario(
        "tree = { arity = 2, depth = 2 }\n\
         flow = { rate = 12.0, components = [{ kind = \"nearby\", height = 1 }] }\n\
         timing.latency = { model = \"table\", values = [0.0, 1.0, 2.0] }\n\
         timing.period = { model = \"ratio\", base = 0.5, ratio = 1 }\n\
         timing.delay = \"batched\"\ndiscount.factor = 0.5",
    );
    let t = find(&nearby, "discount.factor=0.1..0.9", "tree", "local-1").unwrap();
    assert!(t.crossings.is_empty() && t.ahead == [None, None], "{t:?}");
}

#[test]
fn whole_keys_cross_between_neighbours() {
    let latency = "{ model = \"proportional\", scale = 0.02 }";
    let s = two_levels_with("flow.rate = 12.0", latency, "batched", "cost.per_message = 0.002");
    let t = find(&s, "tree.depth=1..9", "tree", "global").unwrap();
    for crossing in &t.crossings {
        assert_eq!(crossing.bracket[1] - crossing.bracket[0], 1.0);
        assert_eq!((crossing.at, crossing.accuracy), (crossing.bracket[1], 0.0));
    }
    // By hand: the sign at every depth.
    let signs: Vec<f64> =
        (1..=9).map(|k| nets(&s, "tree.depth", f64::from(k), &t.between)).map(|[a, b]| a - b).collect();
    let changes = signs.iter().filter(|d| d.abs() > 1e-9).collect::<Vec<_>>();
    let changes = changes.windows(2).filter(|pair| pair[0].signum() != pair[1].signum()).count();
    assert_eq!(t.crossings.len(), changes);
    assert!(changes > 0, "{signs:?}");
}

/// Locality, share of a component, rate, cost, latency, arity: the leads on either side of the bracket differ, and one ahead is
/// ahead.
#[test]
fn every_kind_of_key_has_its_threshold() {
    let exchange = scenario(include_str!("../../examples/exchange.toml"));
    let thin = scenario(
        "tree = { arity = 2, depth = 3 }\nflow = { rate = 40.0 }\n\
         timing.latency = { model = \"proportional\", scale = 0.03 }\n\
         timing.period = { model = \"ratio\", base = 0.125, ratio = 2 }\ntiming.delay = \"batched\"\n\
         discount.half_life = 1.0\ncost.per_message = 0.002",
    );
    for (s, axis, a, b) in [
        (&exchange, "flow.components.1.exponent=-2..4", "3,4", "global"),
        (&exchange, "flow.components.1.share=0..1", "3,4", "global"),
        (&exchange, "discount.rate=0.01..10", "3,4", "global"),
        (&exchange, "timing.latency.spacing=0.001..1:log", "3,4", "global"),
        (&thin, "flow.rate=0.1..1000:log", "local-1", "global"),
        (&exchange, "cost.per_message=0..0.1", "3,4", "global"),
        (&thin, "tree.arity=2..8", "local-1", "global"),
        (&thin, "tree.depth=1..10", "local-1", "global"),
    ] {
        let t = find(s, axis, a, b).unwrap();
        assert!(!t.crossings.is_empty(), "{axis}: {t:?}");
        for crossing in &t.crossings {
            let [before, after] = crossing.bracket.map(|x| {
                let [a, b] = nets(s, &t.key, x, &t.between);
                a - b
            });
            let ahead = if after > 0.0 { &t.between[0] } else { &t.between[1] };
            assert_eq!(&crossing.ahead, ahead, "{axis}: {crossing:?}");
            assert!(before * after <= 0.0, "{axis}: {crossing:?}");
        }
    }
}

#[test]
fn a_quorum_that_gains_a_member_changes_the_lead_by_a_leap() {
    let s = scenario(
        "tree = { arity = 2, depth = 3 }\n\
         flow = { rate = 30.0 }\n\
         timing.latency = { model = \"ring\", statistic = \"fastest-quorum\", quorum = 0.5, spacing = 0.2 }\n\
         timing.period = { model = \"ratio\", base = 0.1, ratio = 2 }\n\
         timing.delay = \"batched\"\ndiscount.factor = 0.5\ncost.per_message = 0.02",
    );
    let t = find(&s, "timing.latency.quorum=0.05..1", "tree", "global").unwrap();
    assert!(t.crossings.iter().all(|crossing| crossing.leap), "{t:?}");
    assert!(!t.crossings.is_empty(), "{t:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..config() })]

    /// Whatever a grid five times as fine sees of changes of the lead lies within the brackets of the crossings, give or take
    /// the tolerance for ties; and whoever is said to be ahead is.
    #[test]
    fn crossings_explain_a_finer_grid(s in scenario_with(ScenarioOptions::default().with_max_depth(4))) {
        let axis: Axis = "discount.half_life=0.01..100:log:101".parse()?;
        let between = [Contender::Tree, Contender::Global];
        let Ok(t) = Threshold::find(&s, &axis, between.clone(), QUIET) else { return Ok(()) }; // back to back without latency
        let open = s.leave_open(&[axis.key()])?;
        let fine: Axis = "discount.half_life=0.01..100:log:501".parse()?;
        for x in fine.points(0, false) {
            let at = open.at(&[x])?;
            let [a, b] = between.clone().map(|c| ClosedForm::evaluate(&at, &c.on(at.tree()).unwrap()).unwrap());
            let sure = (a.net - b.net).abs() > 4e-12 * (a.gross + a.cost + b.gross + b.cost);
            let passed = t.crossings.iter().rev().find(|c| c.at <= x);
            let near = t.crossings.iter().any(|c| (c.bracket[0] * (1.0 - 1e-6)..=c.bracket[1] * (1.0 + 1e-6)).contains(&x));
            if !sure || near {
                continue;
            }
            let ahead = passed.map(|c| c.ahead.clone()).or_else(|| t.ahead[0].clone());
            let truly = if a.net > b.net { Contender::Tree } else { Contender::Global };
            // From a tie at the lower end the lead may begin anywhere without a crossing.
            prop_assert!(ahead.is_none() || ahead == Some(truly), "half-life {x}: {t:?}");
        }
    }

    /// The winner is the best of all sets, and the margin what it is ahead of the best of another name.
    #[test]
    fn verdicts_by_enumeration(s in scenario_with(ScenarioOptions::default().with_max_depth(4))) {
        let Ok(verdict) = Verdict::of(&s, &Among::All) else { return Ok(()) };
        let tree = s.tree();
        let sets = 1u32..1 << (tree.depth() + 1);
        let welfare: Vec<(String, f64, f64)> = sets
            .map(|set| Architecture::new(tree, (0..=tree.depth()).filter(|h| set >> h & 1 == 1)).unwrap())
            .filter_map(|a| ClosedForm::evaluate(&s, &a).ok().map(|w| (name(tree, &a), w.net, w.gross + w.cost)))
            .collect();
        let size = welfare.iter().map(|w| w.2).fold(0.0, f64::max);
        let greatest = |wanted: &dyn Fn(&str) -> bool| {
            welfare.iter().filter(|w| wanted(&w.0)).map(|w| w.1).reduce(f64::max)
        };
        let best = greatest(&|_| true).unwrap();
        prop_assert!((verdict.net - best).abs() <= 3e-12 * size);
        let rival = greatest(&|name| name != verdict.winner);
        match (rival, verdict.margin) {
            (None, None) => {}
            (Some(rival), Some(margin)) => prop_assert!((verdict.net - rival - margin).abs() <= 6e-12 * size, "{verdict:?} {rival}"),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}

// Sweeps and phase diagrams.

#[test]
fn a_phase_diagram_is_its_verdicts_by_rows_of_y() {
    let flow = "flow = { rate = 12.0, components = [{ kind = \"nearby\", height = 1, share = 0.5 }, \
                { kind = \"uniform\", share = 0.5 }] }";
    let s =
        two_levels_with(flow, "{ model = \"table\", values = [0.5, 1.0, 2.0] }", "batched", "cost.per_message = 0.005");
    let (x, y) = ("flow.rate=1..100:log:7".parse().unwrap(), "discount.half_life=0.05..50:log:5".parse().unwrap());
    let phase = Phase::run(&s, &x, &y, &Among::All, QUIET).unwrap();
    assert_eq!((phase.x.len(), phase.y.len()), (7, 5));
    let open = s.leave_open(&["flow.rate", "discount.half_life"]).unwrap();
    for (j, &y) in phase.y.iter().enumerate() {
        for (i, &x) in phase.x.iter().enumerate() {
            let verdict = Verdict::of(&open.at(&[x, y]).unwrap(), &Among::All).unwrap();
            assert_eq!((&verdict.winner, &verdict.architecture), (&phase.winner[j][i], &phase.heights[j][i]));
            assert_eq!((verdict.net, verdict.margin), (phase.net[j][i], phase.margin[j][i]));
        }
    }
    // The other way round the same diagram comes out, transposed, bit for bit.
    let turned = Phase::run(
        &s,
        &"discount.half_life=0.05..50:log:5".parse().unwrap(),
        &"flow.rate=1..100:log:7".parse().unwrap(),
        &Among::All,
        QUIET,
    )
    .unwrap();
    (0..5).for_each(|j| (0..7).for_each(|i| assert_eq!(turned.net[i][j], phase.net[j][i])));
    let distinct: std::collections::BTreeSet<&String> = phase.winner.iter().flatten().collect();
    assert!(distinct.len() >= 3, "a diagram with something to see: {distinct:?}");
}

#[test]
fn threads_do_not_matter() {
    let s = two_levels("batched", "cost.per_message = 0.005");
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let axis: Axis = "discount.half_life=0.05..50:log:60".parse().unwrap();
        pool.install(|| {
            let threshold = find(&s, "discount.half_life=0.05..50:log", "tree", "global").unwrap();
            let y: Axis = "flow.rate=1..100:log:70".parse().unwrap();
            let phase = Phase::run(&s, &axis, &y, &Among::All, QUIET).unwrap();
            let levels = LevelThresholds::find(&s, &axis, QUIET).unwrap();
            (Sweep::run(&s, &axis, &Among::All, QUIET).unwrap(), threshold, phase, levels)
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn among_given_architectures_the_best_of_them_wins() {
    let s = two_levels("batched", "");
    let these = Among::These(vec!["tree".parse().unwrap(), "1".parse().unwrap(), "0,2".parse().unwrap()]);
    let verdict = Verdict::of(&s, &these).unwrap();
    let net = |heights: &[u32]| {
        ClosedForm::evaluate(&s, &Architecture::new(s.tree(), heights.iter().copied()).unwrap()).unwrap().net
    };
    let mut nets = [net(&[1, 2]), net(&[1]), net(&[0, 2])];
    nets.sort_by(f64::total_cmp);
    assert_eq!((verdict.net, verdict.margin), (nets[2], Some(nets[2] - nets[1])));
    assert!(Verdict::of(&s, &Among::These(vec![])).is_err());
}

/// A share left open takes from the others in proportion.
#[test]
fn an_open_share_scales_the_others() {
    let s = scenario(
        "tree = { arity = 2, depth = 3 }\n\
         flow = { rate = 10.0, components = [ { kind = \"uniform\", share = 0.5 }, { kind = \"opposite\", share = 0.3 }, \
         { kind = \"nearby\", height = 1, share = 0.2 } ] }\n\
         timing.latency = { model = \"proportional\", scale = 0.1 }\n\
         timing.period = { model = \"back-to-back\" }\ntiming.delay = \"batched\"\ndiscount.factor = 0.5",
    );
    let shares = |s: &Scenario| s.flow().components().iter().map(Component::share).collect::<Vec<_>>();
    let one = s.leave_open(&["flow.components.0.share"]).unwrap();
    let changed = shares(&one.at(&[0.75]).unwrap());
    for (found, expected) in changed.iter().zip([0.75, 0.15, 0.1]) {
        approx::assert_relative_eq!(*found, expected, max_relative = 1e-15);
    }
    assert_eq!(shares(&one.at(&[1.0]).unwrap()), [1.0, 0.0, 0.0]);
    let two = s.leave_open(&["flow.components.0.share", "flow.components.2.share"]).unwrap();
    approx::assert_relative_eq!(shares(&two.at(&[0.25, 0.25]).unwrap())[1], 0.5);
    for (values, message) in [
        ([0.75, 0.5], "flow.components.0.share + flow.components.2.share = 1.25: must be at least 0 and at most 1"),
        ([1.5, -0.5], "must be at least 0 and at most 1"),
    ] {
        let error = two.at(&values).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    let alone = Scenario::document().leave_open(&["flow.components.0.share"]).unwrap();
    assert!(alone.at(&[1.0]).is_ok());
    assert_eq!(
        alone.at(&[0.5]).unwrap_err().to_string(),
        "flow.components.0.share = 0.5: must be 1: no other component has a share to take the rest"
    );
}

/// Filling open keys with the values that were there gives the scenario back.
#[test]
fn open_keys_filled_with_what_was_there() {
    let s = two_levels("batched", "cost.per_message = 0.005");
    let keys = [
        "tree.arity",
        "flow.rate",
        "timing.latency.values.1",
        "timing.period.ratio",
        "discount.factor",
        "cost.per_message",
    ];
    let open = s.leave_open(&keys).unwrap();
    assert_eq!(open.at(&[2.0, 12.0, 1.0, 2.0, 0.5, 0.005]).unwrap(), s);
    assert_eq!((0..keys.len()).map(|i| open.is_whole(i)).collect::<Vec<_>>(), [true, false, false, true, false, false]);
}

// Levels.

/// With a growing cost of messages the levels die one after the other; each at the cost at which the search says so.
#[test]
fn levels_die_in_an_order() {
    let s = Scenario::document();
    let axis: Axis = "cost.per_message=0..0.5".parse().unwrap();
    let levels = LevelThresholds::find(&s, &axis, QUIET).unwrap();
    assert_eq!(levels.alive_at_first, [1, 2, 3]);
    assert!(levels.changes.iter().any(|change| change.lost));
    assert!(levels.changes.is_sorted_by(|a, b| a.at <= b.at));
    let open = s.leave_open(&["cost.per_message"]).unwrap();
    for change in &levels.changes {
        let value = |x: f64| {
            let values = Search::new(&open.at(&[x]).unwrap()).unwrap().raison_d_etre().unwrap();
            values.iter().find(|v| v.height == change.height).unwrap().value
        };
        let [before, after] = [value(change.bracket[0]), value(change.bracket[1])];
        assert_eq!((before > 0.0, after > 0.0), (change.lost, !change.lost), "{change:?}");
    }
    let error = LevelThresholds::find(&s, &"tree.depth=1..5".parse().unwrap(), QUIET).unwrap_err();
    assert!(error.to_string().starts_with("tree.depth"), "{error}");
}

/// Without cost every level fills something at every half-life. For the hastiest its worth falls below the tolerance: that is
/// no loss.
#[test]
fn fading_away_is_not_dying() {
    let axis = "discount.half_life=0.001..1:log".parse().unwrap();
    let levels = LevelThresholds::find(&Scenario::document(), &axis, QUIET).unwrap();
    assert!(levels.changes.is_empty(), "{levels:?}");
    assert_eq!((levels.alive_at_last, levels.undecided_at_first), (vec![1, 2, 3], vec![1, 2, 3]));
}

/// Where {2, 4} gives way to {3, 4}, heights 2 and 3 change places: the value at which these two sets are equal lies within the
/// stated accuracy of either change.
#[test]
fn a_change_of_levels_is_where_two_sets_are_equal() {
    let s = scenario(include_str!("../../examples/exchange.toml"));
    let levels = LevelThresholds::find(&s, &"discount.half_life=0.1..10".parse().unwrap(), QUIET).unwrap();
    let equal = find(&s, "discount.half_life=0.1..0.2", "2,4", "3,4").unwrap();
    let [equal] = equal.crossings.as_slice() else { panic!("{equal:?}") };
    let near: Vec<_> = levels.changes.iter().filter(|change| (change.at - equal.at).abs() < 1e-9).collect();
    assert_eq!(near.iter().map(|change| change.height).collect::<Vec<_>>(), [2, 3], "{levels:?}");
    for change in near {
        assert!((change.at - equal.at).abs() <= change.accuracy, "{change:?} against {equal:?}");
        assert!(change.accuracy < 1e-10, "{change:?}");
    }
}

// Nonsense.

#[test]
fn axes_that_make_no_sense_are_refused() {
    for (text, part) in [
        ("discount.factor", "KEY=LO..HI"),
        ("discount.factor=0.1", "KEY=LO..HI"),
        ("discount.factor=a..b", "KEY=LO..HI"),
        ("discount.factor=0.1..0.9:lin", "KEY=LO..HI"),
        ("discount.factor=0.1..0.9:log:5:6", "KEY=LO..HI"),
        ("discount.factor=0.1..0.9:-5", "KEY=LO..HI"),
        ("discount.factor=0.9..0.1", "discount.factor = 0.9..0.1: must be LO..HI with finite LO below HI"),
        ("discount.factor=0.1..inf", "finite LO below HI"),
        ("discount.factor=NaN..1", "finite LO below HI"),
        ("discount.factor=0..1:log", "LO above 0"),
        ("discount.factor=0.1..1:1", "from 2 to 100000 points"),
        ("discount.factor=0.1..1:1000000", "from 2 to 100000 points"),
        ("=0.1..1", "KEY=LO..HI"),
        ("", "axis = \"\": must be KEY=LO..HI"),
    ] {
        let error = text.parse::<Axis>().unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert_eq!("discount.factor=0.1..0.9:log:5".parse::<Axis>().unwrap().to_string(), "discount.factor=0.1..0.9:log:5");
}

/// Ends that differ by hundreds of orders of magnitude, round values, ranges of a few units in the last place.
#[test]
fn points_of_wide_and_narrow_axes() {
    let points = |text: &str, whole| text.parse::<Axis>().unwrap().points(7, whole);
    assert_eq!(points("flow.rate=1e-200..1e200:log:5", false), [1e-200, 1e-100, 1.0, 1e100, 1e200]);
    assert_eq!(points("flow.rate=-1.7e308..1.7e308:3", false), [-1.7e308, 0.0, 1.7e308]);
    assert_eq!(points("flow.rate=0.1..10:log:3", false), [0.1, 1.0, 10.0]);
    assert_eq!(points("flow.rate=0..1:11", false)[3], 0.3);
    assert_eq!(points("flow.rate=1..1.000000000000002:3", false).len(), 3);
    assert_eq!(points("tree.depth=1..1000:log:4", true), [1.0, 10.0, 100.0, 1000.0]);
    assert_eq!(points("tree.depth=0.5..5.5", true), [1.0, 2.0, 3.0, 4.0, 5.0]);
    let many = points("flow.rate=0.01..100:log", false);
    assert!(many.len() == 7 && many.is_sorted());
}

#[test]
fn keys_and_contenders_that_make_no_sense_are_refused() {
    let s = Scenario::document();
    for (keys, part) in [
        (&["flow.speed"][..], "flow.speed: unknown key; allowed here: "),
        (&["flow.components.1.share"], "unknown key"),
        (&["flow.components.x.share"], "unknown key"),
        (&["flow.components.00.share"], "unknown key"),
        (&["timing.delay"], "unknown key"),
        (&["tree"], "unknown key"),
        (&[""], "unknown key"),
        (&["monte_carlo.seed"], "a key on which exact results depend"),
        (&["timing.latency.quorum"], "timing.latency.scale"),
        (&["flow.rate", "flow.rate"], "given twice"),
        (&["discount.factor", "discount.rate"], "the only discount"),
    ] {
        let error = s.leave_open(keys).unwrap_err();
        assert!(error.to_string().contains(part), "{keys:?}: {error}");
    }
    for text in ["forest", "local-", "local-x", "", "1,,2", "-1", "1;2"] {
        let error = text.parse::<Contender>().unwrap_err();
        assert!(matches!(&error, Error::Domain { value, .. } if value == text), "{text}: {error}");
    }
    let depth = s.leave_open(&["tree.depth"]).unwrap();
    assert!(depth.at(&[2.5]).unwrap_err().to_string().contains("tree.depth = 2.5: must be an integer"));
    assert!(depth.at(&[]).is_err() && depth.at(&[1.0, 2.0]).is_err());
    let error = find(&s, "tree.depth=2.2..2.8", "tree", "global").unwrap_err();
    assert!(error.to_string().contains("whole number"), "{error}");
    for text in ["tree.depth=2.2..2.8:3", "tree.arity=2.1..2.9:log:5", "flow.assets=5e-324..1e-300:7"] {
        let axis: Axis = text.parse().unwrap();
        assert!(axis.points(10, true).is_empty());
        for error in [
            find(&s, text, "tree", "global").unwrap_err(),
            Sweep::run(&s, &axis, &Among::All, QUIET).unwrap_err(),
            Phase::run(&s, &axis, &"flow.rate=1..2:2".parse().unwrap(), &Among::All, QUIET).unwrap_err(),
        ] {
            assert!(error.to_string().contains("a range that holds a whole number"), "{error}");
        }
    }
    let error = find(&s, "discount.factor=0.5..1.5", "tree", "global").unwrap_err();
    assert!(error.to_string().contains("discount.factor = "), "{error}");
    let error = find(&s, "tree.depth=1..5", "tree", "local-4").unwrap_err();
    assert!(error.to_string().contains("architecture = local-4"), "{error}");
    let large: Axis = Axis::new("flow.rate", [1.0, 2.0], Spacing::Linear, 3000).unwrap();
    let wide = Axis::new("cost.per_message", [1.0, 2.0], Spacing::Linear, 3000).unwrap();
    assert!(Phase::run(&s, &large, &wide, &Among::All, QUIET).is_err());
}
