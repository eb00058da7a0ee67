//! Sizing: pools, windows and arities that fill a wanted share, against known numbers, brute force and their own inverse.

use crate::properties::support::{changed, config, rejected};
use pooltree::explore::sizing::{
    GrowthRatio, Measure, Reached, Sizing, smallest_arity, smallest_pools, smallest_window, thick_filling_rate,
    thick_pool_arity,
};
use pooltree::pool_tree::simulation::SimulatedWelfare;
use pooltree::pool_tree::{Architecture, Component, Kind, LatencyModel, PeriodModel, PoolTree};
use pooltree::strategies::{ScenarioOptions, scenario_with};
use pooltree::{ClosedForm, Result, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::json;
use std::process::{Command, Output};

/// Orders per side of a pool that fills a half, and two thirds.
const HALF: f64 = 1.117_829_076_324_11;
const TWO_THIRDS: f64 = 2.730_065_279_214_66;

/// Shares filled and unfilled by pools of `height` alone with windows of `period`.
fn filled(s: &Scenario, height: u32, period: f64) -> Result<(f64, f64)> {
    let s = changed(s, |parts| parts.period = PeriodModel::Ratio { base: period, ratio: 1 })?;
    let welfare = ClosedForm::evaluate(&s, &Architecture::local(s.tree(), height)?)?;
    Ok((welfare.filled_share, welfare.unfilled_share))
}

fn window(s: &Scenario, height: u32, share: f64) -> f64 {
    smallest_window(s, height, share).unwrap().with().unwrap().period
}

fn at_most<T: std::fmt::Debug + Copy>(reached: Result<Reached<T>>) -> f64 {
    match reached.unwrap() {
        Reached::OutOfReach { at_most } => at_most,
        with @ Reached::With(_) => panic!("{with:?}"),
    }
}

fn flow(components: &[(Kind, f64, f64)]) -> Scenario {
    let component = |(kind, share, side): &(Kind, f64, f64)| Component::new(kind.clone(), *share, *side).unwrap();
    changed(&Scenario::document(), |parts| parts.components = components.iter().map(component).collect()).unwrap()
}

#[test]
fn windows_of_known_size() {
    let document = Scenario::document();
    for (share, orders) in [(0.5, HALF), (2.0 / 3.0, TWO_THIRDS)] {
        for height in 0..=3 {
            let side_rate = 32.0 * f64::from(1u32 << height) / 8.0;
            let found = window(&document, height, share);
            assert!((found * side_rate / orders - 1.0).abs() < 1e-13, "{height}: {found}");
        }
        let assets = changed(&document, |parts| parts.assets = 4).unwrap();
        assert!((window(&assets, 3, share) / window(&document, 3, share) - 6.0).abs() < 1e-12);
    }
    assert_eq!(window(&document, 2, 0.0), 0.0);
}

#[test]
fn what_long_windows_leave() {
    let s = flow(&[(Kind::Uniform, 0.25, 0.3), (Kind::MeetAt { height: 2 }, 0.5, 0.5), (Kind::Opposite, 0.25, 0.5)]);
    for (height, limit) in [(0, 0.15), (1, 0.15), (2, 0.65), (3, 0.9)] {
        assert!((at_most(smallest_window(&s, height, 0.95)) - limit).abs() < 1e-15);
        assert!((at_most(smallest_window(&s, height, limit + 1e-15)) - limit).abs() < 1e-15);
        let long = window(&s, height, limit - 1e-3);
        assert!((filled(&s, height, long).unwrap().0 - (limit - 1e-3)).abs() < 1e-13);
    }
    // Neighbours are cut apart by the seams: half of them meet at height 1, three quarters at 2.
    let neighbours = flow(&[(Kind::CircleDistance { distance: 1 }, 1.0, 0.5)]);
    for (height, limit) in [(0, 0.0), (1, 0.5), (2, 0.75)] {
        assert_eq!(at_most(smallest_window(&neighbours, height, 0.9)), limit);
    }
    assert!(window(&neighbours, 3, 0.9) > 0.0);
    // Below the root nothing of what is opposite meets, and all of it with one side only never.
    assert_eq!(at_most(smallest_window(&flow(&[(Kind::Opposite, 1.0, 0.5)]), 2, 1e-9)), 0.0);
    assert_eq!(at_most(smallest_window(&flow(&[(Kind::Uniform, 1.0, 0.0)]), 3, 1e-9)), 0.0);
}

/// Something that claims to find the smallest window at a height for a share.
type Find<'a> = &'a dyn Fn(&Scenario, u32, f64) -> Result<Reached<f64>>;

/// A window fills what it was found for, and one that is shorter by more than its accuracy fills less.
fn inverts(s: &Scenario, height: u32, share: f64, find: Find) -> TestCaseResult {
    match find(s, height, share) {
        Ok(Reached::With(period)) => {
            let (found, rest) = filled(s, height, period)?;
            let error = if share <= 0.5 { (found - share) / share } else { ((1.0 - share) - rest) / (1.0 - share) };
            prop_assert!(error.abs() < 1e-11, "{share}: {found} {rest} with {period:e}");
            prop_assert!(filled(s, height, 0.99 * period)?.1 > rest * (1.0 - 1e-12) || rest == 0.0);
        }
        Ok(Reached::OutOfReach { at_most }) => {
            prop_assert!(at_most <= share);
            for exponent in [0, 10, 20] {
                let period = 10f64.powi(exponent) / s.flow().rate();
                prop_assert!(filled(s, height, period)?.0 <= at_most + 1e-12, "{at_most} {period:e}");
            }
        }
        Err(error) => {
            // A window that exists but is no number.
            prop_assert!(error.to_string().contains("finite in double precision"), "{error}");
        }
    }
    Ok(())
}

fn exact(s: &Scenario, height: u32, share: f64) -> Result<Reached<f64>> {
    Ok(match smallest_window(s, height, share)? {
        Reached::With(window) => Reached::With(window.period),
        Reached::OutOfReach { at_most } => Reached::OutOfReach { at_most },
    })
}

fn cases() -> impl Strategy<Value = (Scenario, u32, f64)> {
    let share = prop_oneof![4 => 1e-6..0.999, 1 => Just(1e-12), 1 => Just(0.999_999)];
    let scenarios = scenario_with(ScenarioOptions::default().with_max_operators(1e6));
    (scenarios, 0u32..20, share).prop_map(|(s, height, share)| {
        let height = height % (s.tree().depth() + 1);
        (s, height, share)
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn windows_invert_the_filled_share((s, height, share) in cases()) {
        inverts(&s, height, share, &exact)?;
    }

    #[test]
    fn windows_grow_with_the_wanted_share((s, height, share) in cases(), part in 0.01..0.99) {
        if let (Ok(Reached::With(less)), Ok(Reached::With(more))) =
            (exact(&s, height, part * share), exact(&s, height, share))
        {
            prop_assert!(less < more);
        }
    }

    #[test]
    fn the_smallest_pools_are_the_lowest_that_do((s, _, share) in cases()) {
        let alone = |height| ClosedForm::evaluate(&s, &Architecture::local(s.tree(), height).unwrap()).ok();
        let all: Vec<Option<f64>> = (0..=s.tree().depth()).map(|h| alone(h).map(|w| w.filled_share)).collect();
        match smallest_pools(&s, share) {
            Ok(Reached::With(pools)) => {
                let lowest = all.iter().position(|w| w.is_some_and(|w| w >= share));
                prop_assert_eq!(lowest, Some(pools.height as usize));
                prop_assert_eq!(Some(pools.filled_share), all[pools.height as usize]);
            }
            Ok(Reached::OutOfReach { at_most }) => {
                prop_assert_eq!(all.iter().flatten().copied().reduce(f64::max), Some(at_most));
                prop_assert!(at_most < share);
            }
            Err(_) => prop_assert!(all.iter().all(Option::is_none)),
        }
    }

    /// The set of heights below does not matter to what is filled up to a height.
    #[test]
    fn sets_with_the_same_top_fill_the_same((s, height, _) in cases()) {
        prop_assume!(!s.timing().period().depends_on_lower_heights());
        let alone = ClosedForm::evaluate(&s, &Architecture::local(s.tree(), height)?)?;
        let all = ClosedForm::evaluate(&s, &Architecture::new(s.tree(), 0..=height)?)?;
        prop_assert!((alone.filled_share - all.filled_share).abs() <= 1e-12 * alone.filled_share + 1e-290);
    }
}

#[test]
fn rejects_wrong_windows() {
    // One class with equal sides in a pool that sees everything; orders of both sides counted as one.
    let of_all = |s: &Scenario, _: u32, share: f64| {
        let orders = pooltree::kernels::unfilled::orders_for_filled_share(share)?;
        Ok(Reached::With(2.0 * orders / s.flow().rate()))
    };
    let of_one_side = |s: &Scenario, height: u32, share: f64| {
        Ok(match exact(s, height, share)? {
            Reached::With(period) => Reached::With(2.0 * period),
            out_of_reach @ Reached::OutOfReach { .. } => out_of_reach,
        })
    };
    assert!(rejected(&cases(), |(s, height, share)| inverts(&s, height, share, &of_all)));
    assert!(rejected(&cases(), |(s, height, share)| inverts(&s, height, share, &of_one_side)));
}

#[test]
fn arities_by_brute_force() {
    let s = flow(&[(Kind::Uniform, 0.5, 0.5), (Kind::ScaleFree { exponent: 1.0 }, 0.5, 0.45)]);
    let full = Architecture::full(s.tree());
    let evaluate = |arity: u32| {
        let s = changed(&s, |parts| parts.tree = PoolTree::new(arity, 3).unwrap()).unwrap();
        ClosedForm::evaluate(&s, &full).unwrap()
    };
    for share in [0.0, 0.3, 0.5, 0.6, 0.7, 0.9] {
        for (measure, of) in [
            (Measure::FilledShare, (|w| w.filled_share) as fn(ClosedForm) -> f64),
            (Measure::FillingRateAt(3), |w| w.by_height[2].filling_rate),
        ] {
            let direct = (2..=20).map(|arity| (arity, of(evaluate(arity)))).find(|(_, found)| *found >= share);
            match smallest_arity(&s, 2..=20, &full, measure, share).unwrap() {
                Reached::With(found) => assert_eq!(direct, Some((found.arity, found.share))),
                Reached::OutOfReach { at_most } => {
                    assert_eq!(direct, None);
                    assert_eq!(at_most, (2..=20).map(|arity| of(evaluate(arity))).fold(0.0, f64::max));
                }
            }
        }
    }
}

#[test]
fn thick_pools_follow_the_law() {
    for arity in 2..=40u32 {
        let share = 1.0 - 1.0 / f64::from(arity);
        assert_eq!(thick_pool_arity(share, GrowthRatio::Arity), Ok(Reached::With(arity)));
        assert_eq!(thick_pool_arity(share + 1e-9, GrowthRatio::Arity), Ok(Reached::With(arity + 1)));
        for ratio in [1, 2, 7] {
            let share = thick_filling_rate(arity, GrowthRatio::Fixed(ratio)).unwrap();
            assert_eq!(thick_pool_arity(share, GrowthRatio::Fixed(ratio)), Ok(Reached::With(arity)));
        }
    }
    assert_eq!(thick_pool_arity(0.0, GrowthRatio::Fixed(1)), Ok(Reached::With(2)));
    let most = at_most(thick_pool_arity(1.0 - 1e-9, GrowthRatio::Fixed(1)));
    assert!((most - (1.0 - 2f64.powi(-16))).abs() < 1e-12);
    // The law is what the closed form tends to.
    for (arity, ratio) in [(2u32, 2u32), (3, 3), (2, 1), (5, 2)] {
        let s = changed(&Scenario::document(), |parts| {
            parts.tree = PoolTree::new(arity, 3).unwrap();
            parts.rate = 1e12;
            parts.period = PeriodModel::Ratio { base: 1.0, ratio };
        })
        .unwrap();
        let tree = ClosedForm::evaluate(&s, &Architecture::full(s.tree())).unwrap();
        let law = thick_filling_rate(arity, GrowthRatio::Fixed(ratio)).unwrap();
        assert!((tree.by_height[2].filling_rate - law).abs() < 1e-6);
    }
}

#[test]
fn simulation_confirms_a_window() {
    let s = flow(&[(Kind::Uniform, 0.5, 0.5), (Kind::MeetAt { height: 1 }, 0.5, 0.4)]);
    let found = window(&s, 2, 0.6);
    for (factor, filled) in [(1.0, true), (0.5, false)] {
        let there = changed(&s, |p| p.period = PeriodModel::Ratio { base: factor * found, ratio: 1 }).unwrap();
        let pools = Architecture::local(s.tree(), 2).unwrap();
        let seen = SimulatedWelfare::simulate(&there, &pools, there.monte_carlo(), &|_, _| ()).unwrap();
        let off = (seen.filled_share - 0.6).abs() / seen.filled_share_std_error;
        assert_eq!(off < 5.0, filled, "{off} standard errors");
    }
}

#[test]
fn tables_and_back_to_back() {
    let s = changed(&Scenario::document(), |parts| {
        parts.latency = LatencyModel::Table { values: vec![0.0, 0.1, 0.3, 0.2] };
        parts.period = PeriodModel::BackToBack;
    })
    .unwrap();
    // Height 0 cannot hold auctions; height 2 waits longer than the root and fills 32 · 0.3 / 2 orders a side.
    let pools = smallest_pools(&s, 0.7).unwrap().with().unwrap();
    assert_eq!((pools.height, pools.period), (2, 0.3));
    assert!(smallest_pools(&s, 0.3).unwrap().with().is_some_and(|pools| pools.height == 1));
    let none = changed(&s, |parts| parts.latency = LatencyModel::Table { values: vec![0.0; 4] }).unwrap();
    assert!(smallest_pools(&none, 0.5).unwrap_err().to_string().starts_with("timing.latency"));
    // The window asked for is not that of the model.
    assert_eq!(window(&s, 3, 0.5), window(&Scenario::document(), 3, 0.5));
}

#[test]
fn refuses_what_is_no_share() {
    let s = Scenario::document();
    let full = Architecture::full(s.tree());
    for share in [1.0, -0.1, f64::NAN, f64::INFINITY] {
        let errors = [
            smallest_window(&s, 1, share).unwrap_err(),
            smallest_pools(&s, share).unwrap_err(),
            smallest_arity(&s, 2..=3, &full, Measure::FilledShare, share).unwrap_err(),
            thick_pool_arity(share, GrowthRatio::Arity).unwrap_err(),
            Sizing::new(&s, share, None).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.to_string(), format!("filled = {share}: must be at least 0 and below 1"));
        }
    }
    let message = |error: pooltree::Error| error.to_string();
    assert_eq!(
        message(smallest_window(&s, 4, 0.5).unwrap_err()),
        "height = 4: must be an integer from 0 to 3 (tree.depth)"
    );
    assert_eq!(
        message(smallest_arity(&s, 2..=3, &full, Measure::FillingRateAt(0), 0.5).unwrap_err()),
        "height = 0: must be an active height, one of {1, …, 3}"
    );
    #[allow(clippy::reversed_empty_ranges)] // what a caller may hand over
    let nothing = smallest_arity(&s, 5..=4, &full, Measure::FilledShare, 0.5);
    assert_eq!(message(nothing.unwrap_err()), "arities = 5..=4: must be a range with an integer of at least 2");
    assert!(
        message(smallest_arity(&s, 0..=1, &full, Measure::FilledShare, 0.5).unwrap_err()).starts_with("tree.arity")
    );
    assert!(message(thick_filling_rate(1, GrowthRatio::Arity).unwrap_err()).starts_with("arity = 1"));
    assert!(message(thick_pool_arity(0.5, GrowthRatio::Fixed(0)).unwrap_err()).starts_with("ratio = 0"));
    // An operator that small trees do not have: those arities are passed over.
    let site = changed(&s, |parts| {
        parts.tree = PoolTree::new(4, 3).unwrap();
        parts.components = vec![Component::new(Kind::SingleSite { operator: 60 }, 1.0, 0.5).unwrap()];
    })
    .unwrap();
    let found = smallest_arity(&site, 2..=9, &Architecture::full(site.tree()), Measure::FilledShare, 0.1).unwrap();
    assert_eq!(found.with().map(|found| found.arity), Some(4));
}

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pooltree")).args([&["size"], args].concat()).output().unwrap()
}

#[test]
fn the_command_prints_what_the_library_says() {
    let output = run(&["--filled", "0.5", "--json"]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &[][..]));
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let sizing = Sizing::new(&Scenario::document(), 0.5, None).unwrap();
    assert_eq!(printed, serde_json::to_value(&sizing).unwrap());
    assert!((printed["orders_per_side"].as_f64().unwrap() - HALF).abs() < 1e-13);
    assert_eq!(printed["pools"]["with"]["height"], json!(1));
    assert_eq!(printed["windows"].as_array().unwrap().len(), 4);
    assert_eq!(
        (&printed["thick_arity"], &printed["thick_arity_one_window"]),
        (&json!({"with": 2}), &json!({"with": 4}))
    );

    let text = String::from_utf8(run(&["--filled", "0.97", "--height", "2"]).stdout).unwrap();
    for part in ["97.0000 %", "out of reach: at most 90.", "| 2      |", "auctions of height 2 of the full tree"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("| 1      |"));
}

#[test]
fn the_command_names_the_flag_that_is_wrong() {
    for (args, message) in [
        (&["--filled", "1"][..], "error: --filled = 1: must be at least 0 and below 1\n"),
        (&["--filled", "nan"], "error: --filled = NaN: must be at least 0 and below 1\n"),
        (&["--filled", "0.5", "--height", "9"], "error: --height = 9: must be an integer from 0 to 3 (tree.depth)\n"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), message);
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run(&[]).status.code(), Some(2));
    assert_eq!(run(&["--filled", "half"]).status.code(), Some(2));
}

/// With a quarter of the orders on one side half of them can be filled, in ever longer windows: no pool, window or arity does,
/// though rounding says that long windows have.
#[test]
fn the_limit_itself_is_out_of_reach_of_everything() {
    let s: Scenario = "tree = { arity = 2, depth = 1 }
         flow = { rate = 1000.0, components = [{ kind = \"uniform\", side_share = 0.25 }] }
         timing.latency = { model = \"proportional\", scale = 0.1 }
         timing.period = { model = \"ratio\", base = 20.0, ratio = 2 }
         timing.delay = \"batched\"
         discount.factor = 0.5"
        .parse()
        .unwrap();
    let sizing = Sizing::new(&s, 0.5, None).unwrap();
    assert!(matches!(sizing.pools, Reached::OutOfReach { .. }), "{sizing:?}");
    assert!(matches!(sizing.arity, Reached::OutOfReach { .. }), "{sizing:?}");
    assert!(sizing.windows.iter().all(|at| matches!(at.window, Reached::OutOfReach { .. })), "{sizing:?}");
}
