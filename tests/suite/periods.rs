//! The best periods: against brute force, the first-order condition, the limits of short and long windows, and simulation.

use crate::properties::support::{Parts, UNDERFLOW, changed, config, rejected};
use pooltree::explore::periods::{BestPeriods, Edge, Optimum, Outcome, Subject};
use pooltree::kernels::unfilled::filled_share;
use pooltree::pool_tree::simulation::SimulatedWelfare;
use pooltree::pool_tree::{Architecture, Component, Delay, DiscountModel, Kind, LatencyModel, PeriodModel};
use pooltree::strategies::{ScenarioOptions, scenario_with};
use pooltree::{ClosedForm, Error, Result, Scenario, pool_tree::search::Search};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::json;

/// Ratios searched here.
const MAX_RATIO: u32 = 3;

fn with_ratio(s: &Scenario, base: f64, ratio: u32) -> Result<Scenario> {
    changed(s, |parts| parts.period = PeriodModel::Ratio { base, ratio })
}

/// Net welfare and the size of its terms, by the closed form of all sets that the subject may be.
fn earned(s: &Scenario, subject: &Subject, base: f64, ratio: u32) -> Result<(f64, f64)> {
    let scenario = with_ratio(s, base, ratio)?;
    let sets: Vec<Architecture> = match subject {
        Subject::Heights(architecture) => vec![architecture.clone()],
        Subject::BestSet => {
            let heights = 0..=s.tree().depth();
            let set = |set: u32| heights.clone().filter(move |h| set >> h & 1 == 1);
            (1u32..1 << (s.tree().depth() + 1)).map(|i| Architecture::new(s.tree(), set(i))).collect::<Result<_>>()?
        }
    };
    let mut best = (f64::NEG_INFINITY, 0.0);
    for set in sets {
        let welfare = ClosedForm::evaluate(&scenario, &set)?;
        if welfare.net > best.0 {
            best = (welfare.net, welfare.gross + welfare.cost);
        }
    }
    Ok(best)
}

fn tree(s: &Scenario) -> Subject {
    Subject::Heights(Architecture::full(s.tree()))
}

fn global(s: &Scenario) -> Subject {
    Subject::Heights(Architecture::global(s.tree()))
}

fn search(s: &Scenario, subject: &Subject) -> Result<Outcome> {
    BestPeriods::search(s, subject, MAX_RATIO)
}

fn optimum(s: &Scenario, subject: &Subject) -> Optimum {
    match BestPeriods::search(s, subject, 16).unwrap() {
        Outcome::Optimum(found) => found,
        other => panic!("{other:?}"),
    }
}

/// Bases over all orders of magnitude that matter, at steps of `2^(1/fine)`.
fn bases(fine: i32) -> impl Iterator<Item = f64> {
    (-60 * fine..=60 * fine).map(move |i| (f64::from(i) / f64::from(fine)).exp2())
}

/// No base and ratio of a fine grid earns more than what `find` says is the most.
fn beats_every_grid(
    s: &Scenario,
    subject: &Subject,
    find: &dyn Fn(&Scenario, &Subject) -> Result<Outcome>,
) -> TestCaseResult {
    let outcome = find(s, subject)?;
    let scale = match &outcome {
        Outcome::Optimum(found) | Outcome::AtEdge { found, .. } => {
            let ratio = found.ratio.unwrap_or(1);
            prop_assert!(found.base_bracket[0] <= found.base && found.base <= found.base_bracket[1]);
            let there = with_ratio(s, found.base, ratio)?;
            let direct = ClosedForm::evaluate(&there, &found.architecture)?;
            prop_assert!((direct.net - found.net).abs() <= 1e-12 * (direct.gross + direct.cost), "at ratio {ratio}");
            found.base
        }
        _ => 1.0,
    };
    let most = match &outcome {
        Outcome::Optimum(found) | Outcome::AtEdge { found, .. } => found.net,
        Outcome::NothingEarned => 0.0,
        Outcome::NoDiscount { net_at_most } => *net_at_most,
        other => return Err(TestCaseError::fail(format!("{other:?}"))),
    };
    for (base, ratio) in bases(2).flat_map(|base| (1..=MAX_RATIO).map(move |ratio| (base * scale, ratio))) {
        let Ok((net, size)) = earned(s, subject, base, ratio) else { continue };
        prop_assert!(net <= most + 1e-11 * size + UNDERFLOW, "{net:e} at {base:e}, ratio {ratio}, above {outcome:?}");
    }
    Ok(())
}

/// Scenarios under `batched` with numbers within a few orders of magnitude of each other, up to 31 sets of heights.
fn batched() -> impl Strategy<Value = Scenario> {
    let scenarios = scenario_with(ScenarioOptions::default().with_max_depth(3).with_max_operators(1e4));
    (scenarios, -8i32..=8, -3i32..=6, -20i32..=4).prop_filter_map("valid", |(s, rate, half_life, cost)| {
        changed(&s, |parts| {
            parts.delay = Delay::Batched;
            parts.rate = f64::from(rate).exp2() * 10.0;
            parts.scale_latencies(1.0);
            parts.period = PeriodModel::Ratio { base: 1.0, ratio: 1 };
            parts.utility_mean = 1.0;
            parts.latency = LatencyModel::Proportional { scale: 0.01, exponent: 0.5 };
            parts.solving = 0.0;
            let discounts = parts.discount != DiscountModel::Factor(1.0);
            if discounts {
                parts.discount = DiscountModel::HalfLife(f64::from(half_life).exp2());
            }
            parts.cost_per_message = if parts.cost_per_message == 0.0 { 0.0 } else { f64::from(cost).exp2() };
        })
        .ok()
    })
}

/// A few dozen searches each against a thousand evaluations of every set.
fn fewer() -> ProptestConfig {
    let config = config();
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { ProptestConfig { cases: 48, ..config } }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn no_grid_beats_the_best_periods_of_the_tree(s in batched()) {
        beats_every_grid(&s, &tree(&s), &search)?;
    }

    #[test]
    fn no_grid_beats_the_best_window_of_local_pools(s in batched(), height in 0u32..=3) {
        let local = Architecture::local(s.tree(), height.min(s.tree().depth()))?;
        beats_every_grid(&s, &Subject::Heights(local), &search)?;
    }

    #[test]
    fn no_grid_beats_the_best_periods_of_the_best_set(s in batched()) {
        beats_every_grid(&s, &Subject::BestSet, &search)?;
    }

    /// What the range of the search rests on: the longer the base, the more is earned per base.
    #[test]
    fn net_times_base_never_falls(s in batched(), ratio in 1u32..=4, base in 1e-4..1e3, growth in 1.0..3.0) {
        for subject in [tree(&s), Subject::BestSet] {
            let (short, long) = (earned(&s, &subject, base, ratio)?, earned(&s, &subject, base * growth, ratio)?);
            let rounding = 1e-12 * growth * (short.1 + long.1) + UNDERFLOW;
            prop_assert!(growth * long.0 >= short.0 - rounding, "{short:?} {long:?}");
        }
    }

    /// Scenarios of every kind, their corners included: an answer, and never a period that earns less than the model's own.
    #[test]
    fn never_worse_than_the_periods_of_the_scenario(
        s in scenario_with(ScenarioOptions::default().with_max_depth(4)),
    ) {
        let s = changed(&s, |parts| parts.delay = Delay::Batched)?;
        let PeriodModel::Ratio { ratio, .. } = *s.timing().period().model() else { return Ok(()) };
        prop_assume!(ratio <= 16);
        let given = ClosedForm::evaluate(&s, &Architecture::full(s.tree()))?;
        let outcome = BestPeriods::search(&s, &tree(&s), ratio)?;
        let most = match &outcome {
            Outcome::Optimum(found) | Outcome::AtEdge { found, .. } => found.net,
            Outcome::NoDiscount { net_at_most } => *net_at_most,
            _ => 0.0,
        };
        prop_assert!(most >= given.net - 1e-11 * (given.gross + given.cost) - UNDERFLOW, "{most:e} {given:?} {outcome:?}");
    }
}

#[test]
fn rejects_wrong_optima() {
    // Gross welfare alone; the end of a coarse grid; the ratio that the tree's arity suggests.
    let of_gross = |s: &Scenario, subject: &Subject| {
        let free = changed(s, |parts| parts.cost_per_message = 0.0)?;
        let mut outcome = search(&free, subject)?;
        if let Outcome::Optimum(found) | Outcome::AtEdge { found, .. } = &mut outcome {
            found.net = earned(s, subject, found.base, found.ratio.unwrap_or(1))?.0;
        }
        Ok(outcome)
    };
    let off = |s: &Scenario, subject: &Subject| {
        let mut outcome = search(s, subject)?;
        if let Outcome::Optimum(found) | Outcome::AtEdge { found, .. } = &mut outcome {
            found.base *= 1.2;
            found.base_bracket = [found.base; 2];
            found.net = earned(s, subject, found.base, found.ratio.unwrap_or(1))?.0;
        }
        Ok(outcome)
    };
    let one_window = |s: &Scenario, subject: &Subject| BestPeriods::search(s, subject, 1);
    for wrong in [&of_gross as &dyn Fn(&Scenario, &Subject) -> Result<Outcome>, &off, &one_window] {
        assert!(rejected(&batched(), |s| beats_every_grid(&s, &tree(&s), wrong)));
    }
}

/// The best window of the document's global pool where the derivative vanishes, with a cost `κ` of a message:
///
/// ```text
/// ū Λ β^L [e^(-2x) I_1(2x) ω + (1 - g(x)) (β^T - ω)] + κ γ^(2k) / T = 0,   x = Λ T / 2
/// ```
#[test]
fn the_first_order_condition_holds() {
    for cost in [0.0, 0.001, 0.05, 0.3] {
        let s = changed(&Scenario::document(), |parts| parts.cost_per_message = cost).unwrap();
        let condition = |t: f64| {
            let x = 32.0 * t;
            // P(N+ - N- = 1), term by term.
            let mut p = (-x).exp();
            let mut meet = 0.0;
            for n in 0..2000 {
                let next = p * x / f64::from(n + 1);
                meet += p * next;
                p = next;
            }
            let (faded, rate) = (0.5f64.powf(t), 2f64.ln());
            let mean = (1.0 - faded) / (t * rate);
            32.0 * (meet * mean + filled_share(x).unwrap() * (faded - mean)) + cost * 64.0 / t
        };
        let (mut low, mut high) = (1e-3, 20.0); // Poisson weights of 640 orders do not underflow
        assert!(condition(low) > 0.0 && condition(high) < 0.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if condition(middle) > 0.0 { low = middle } else { high = middle }
        }
        let found = optimum(&s, &global(&s));
        assert!(found.base_bracket[0] <= low && high <= found.base_bracket[1], "{low} {found:?}");
        assert!((found.base / low - 1.0).abs() < 1e-5 && found.base_accuracy < 1e-5 * low, "{found:?}");
        assert_eq!((found.ratio, found.periods.as_slice()), (None, &[found.base][..]));
    }
}

/// Long windows earn `ū Λ m β^L / δ` per window; as soon as the messages of one cost more, no window earns anything.
#[test]
fn where_messages_eat_everything() {
    let document = Scenario::document();
    let threshold = 64.0 * 0.5 / 2f64.ln() / 64.0;
    let costing = |cost: f64| changed(&document, |parts| parts.cost_per_message = cost).unwrap();
    let s = costing(0.98 * threshold);
    let found = optimum(&s, &global(&s));
    assert!(found.net > 0.0 && found.base > 5.0, "{found:?}");
    let s = costing(1.0001 * threshold);
    assert_eq!(search(&s, &global(&s)).unwrap(), Outcome::NothingEarned);
    assert!(earned(&s, &global(&s), 1e9, 1).unwrap().0 < 0.0);
    // Smaller pools still do, and with them the best set.
    let best = optimum(&s, &Subject::BestSet);
    assert!(best.net > 0.0 && !best.architecture.heights().contains(&3), "{best:?}");
    let s = costing(64.0);
    assert_eq!(search(&s, &Subject::BestSet).unwrap(), Outcome::NothingEarned);
    assert!(Outcome::NothingEarned.reason().is_some());
}

#[test]
fn what_is_no_optimum_is_said() {
    let document = Scenario::document();
    for delay in [Delay::Idealised, Delay::Cumulative] {
        let s = changed(&document, |parts| parts.delay = delay).unwrap();
        assert_eq!(search(&s, &global(&s)).unwrap(), Outcome::WindowsCostNothing { delay });
        let table = BestPeriods::new(&s, 4, &|_, _| ()).unwrap();
        assert!(table.subjects.is_empty() && table.notes[0].contains("cost nothing"));
    }
    let components = vec![
        Component::new(Kind::Uniform, 0.5, 0.4).unwrap(),
        Component::new(Kind::MeetAt { height: 2 }, 0.5, 0.5).unwrap(),
    ];
    let s = changed(&document, |parts| {
        parts.discount = DiscountModel::Factor(1.0);
        parts.components.clone_from(&components);
        parts.cost_per_message = 0.1;
    })
    .unwrap();
    // 80 % of one half of 64 orders can meet at height 1, all of the other half at height 2.
    let limit = |subject: &Subject| match search(&s, subject).unwrap() {
        Outcome::NoDiscount { net_at_most } => net_at_most,
        other => panic!("{other:?}"),
    };
    let local = Subject::Heights(Architecture::local(s.tree(), 1).unwrap());
    assert!((limit(&local) - 25.6).abs() < 1e-12);
    assert!((limit(&Subject::BestSet) - 57.6).abs() < 1e-12);
    let far = earned(&s, &Subject::BestSet, 1e12, 1).unwrap().0;
    assert!(far < 57.6 && far > 57.59);
    // Nothing meets below the root.
    let opposite = changed(&document, |parts| {
        parts.components = vec![Component::new(Kind::Opposite, 1.0, 0.5).unwrap()];
    })
    .unwrap();
    assert_eq!(search(&opposite, &local).unwrap(), Outcome::NothingEarned);
    assert_eq!(optimum(&opposite, &Subject::BestSet).architecture, Architecture::global(s.tree()));
}

#[test]
fn the_largest_ratio_is_an_edge() {
    // Upper levels come so late that all they do is to cost messages: the longer their windows the better.
    let s = changed(&Scenario::document(), |parts| {
        parts.components = vec![Component::new(Kind::Nearby { height: 1 }, 1.0, 0.5).unwrap()];
        parts.cost_per_message = 0.05;
        parts.latency = LatencyModel::Table { values: vec![0.0, 0.1, 1e4, 1e4] };
    })
    .unwrap();
    for max_ratio in [4, 9] {
        match BestPeriods::search(&s, &tree(&s), max_ratio).unwrap() {
            Outcome::AtEdge { edge: Edge::LargestRatio, found } => assert_eq!(found.ratio, Some(max_ratio)),
            other => panic!("{other:?}"),
        }
    }
    // The best set does without them, and then the ratio means nothing.
    let best = optimum(&s, &Subject::BestSet);
    assert_eq!((best.architecture.heights(), best.ratio), (&[1][..], None));
    let local = optimum(&s, &Subject::Heights(Architecture::local(s.tree(), 1).unwrap()));
    assert!((best.base / local.base - 1.0).abs() < 1e-5 && (best.net / local.net - 1.0).abs() < 1e-12);
}

/// A few orders that meet next door at once, and many that meet across the tree so rarely that a window of their own pays
/// for its messages only beyond a hundred half-lives: one window for the ones, another for the others, a valley in between.
#[test]
fn of_several_local_optima_the_best_is_found() {
    let s = changed(&Scenario::document(), |parts| {
        parts.tree = pooltree::pool_tree::PoolTree::new(100, 2).unwrap();
        parts.rate = 220.0;
        parts.components = vec![
            Component::new(Kind::SingleSite { operator: 0 }, 0.1, 0.5).unwrap(),
            Component::new(Kind::Opposite, 0.9, 0.5).unwrap(),
        ];
        parts.latency = LatencyModel::Table { values: vec![0.0; 3] };
        parts.cost_per_message = 7e-7;
    })
    .unwrap();
    let grid: Vec<(f64, f64)> =
        bases(16).map(|base| (base, earned(&s, &Subject::BestSet, base, 1).unwrap().0)).collect();
    let peaks: Vec<f64> = grid.windows(3).filter(|w| w[1].1 > w[0].1 && w[1].1 > w[2].1).map(|w| w[1].0).collect();
    assert!(matches!(peaks.as_slice(), [first, second] if *first < 2.0 && *second > 50.0), "{peaks:?}");
    let greatest = grid.iter().map(|point| point.1).fold(0.0, f64::max);
    let Outcome::Optimum(found) = BestPeriods::search(&s, &Subject::BestSet, 1).unwrap() else { panic!("no optimum") };
    assert!(found.net >= greatest && found.net < 1.001 * greatest, "{found:?}");
    assert!((found.base / peaks[0]).log2().abs() < 1.0 / 16.0);
}

#[test]
fn the_table_does_not_depend_on_the_threads() {
    let s = changed(&Scenario::document(), |parts| parts.cost_per_message = 0.002).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| BestPeriods::new(&s, 8, &|_, _| ()).unwrap())
    };
    let table = run(1);
    assert_eq!(table, run(3));
    let names: Vec<&str> = table.subjects.iter().map(|subject| subject.name.as_str()).collect();
    assert_eq!(names, ["tree", "global", "local-1", "local-2", "best"]);
    assert!(table.subjects.iter().all(|subject| subject.evaluations > 0));
    let best = table.subjects[4].outcome.found().unwrap();
    assert!(table.subjects.iter().all(|subject| subject.outcome.found().unwrap().net <= best.net));
    // The best set really is the best there.
    let there = with_ratio(&s, best.base, best.ratio.unwrap()).unwrap();
    assert_eq!(Search::new(&there).unwrap().best().unwrap().architecture, best.architecture);
    let value = serde_json::to_value(&table).unwrap();
    assert_eq!(value["subjects"][1]["outcome"], json!("optimum"));
    assert_eq!(value["subjects"][1]["heights"], json!([3]));
    assert!(value["subjects"][1].get("ratio").is_none() && value["subjects"][0]["ratio"].is_u64());
}

#[test]
fn one_operator_and_deep_trees() {
    let one = changed(&Scenario::document(), |parts| {
        *parts = Parts { tree: pooltree::pool_tree::PoolTree::new(2, 0).unwrap(), ..parts.clone() };
    })
    .unwrap();
    let found = optimum(&one, &tree(&one));
    assert_eq!((found.architecture.heights(), found.ratio), (&[0][..], None));
    assert_eq!(optimum(&one, &Subject::BestSet).net, found.net);
    // 2^300 operators: the ratios that take the windows out of range are left out.
    let deep = changed(&Scenario::document(), |parts| {
        parts.tree = pooltree::pool_tree::PoolTree::new(2, 300).unwrap();
        parts.latency = LatencyModel::Proportional { scale: 0.1, exponent: 0.0 };
    })
    .unwrap();
    let found = optimum(&deep, &global(&deep));
    let shallow = changed(&Scenario::document(), |parts| {
        parts.latency = LatencyModel::Proportional { scale: 0.1, exponent: 0.0 };
    })
    .unwrap();
    assert!((found.net / optimum(&shallow, &global(&shallow)).net - 1.0).abs() < 1e-12);
}

/// The fills of a simulation confirm the closed form at the optimum and at windows half and twice as long, and put them in
/// the same order.
#[test]
fn simulation_confirms_the_optimum() {
    let s = changed(&Scenario::document(), |parts| parts.cost_per_message = 0.02).unwrap();
    let found = optimum(&s, &global(&s));
    let nets: Vec<f64> = [0.5, 1.0, 2.0]
        .map(|factor| {
            let there = with_ratio(&s, factor * found.base, 1).unwrap();
            let exact = ClosedForm::evaluate(&there, &found.architecture).unwrap();
            let simulated =
                SimulatedWelfare::simulate(&there, &found.architecture, there.monte_carlo(), &|_, _| ()).unwrap();
            assert!((simulated.gross - exact.gross).abs() < 5.0 * simulated.std_error, "{simulated:?} {exact:?}");
            assert!(factor == 1.0 || found.net - exact.net > 10.0 * simulated.std_error);
            simulated.gross - exact.cost
        })
        .into();
    assert!(nets[1] > nets[0] && nets[1] > nets[2], "{nets:?}");
}

#[test]
fn refuses_what_is_no_search() {
    let s = Scenario::document();
    let message = |result: Result<Outcome>| result.unwrap_err().to_string();
    assert_eq!(message(BestPeriods::search(&s, &tree(&s), 0)), "max_ratio = 0: must be an integer of at least 1");
    assert!(matches!(BestPeriods::new(&s, 0, &|_, _| ()), Err(Error::Domain { .. })));
    let deeper = pooltree::pool_tree::PoolTree::new(2, 5).unwrap();
    let elsewhere = Subject::Heights(Architecture::global(&deeper));
    assert_eq!(
        message(search(&s, &elsewhere)),
        "heights = 5: must be distinct heights from 0 to 3 (tree.depth), at least one"
    );
    assert_eq!(BestPeriods::default_max_ratio(&s), 16);
}
