//! The simulation: same bits however the work is divided, and nothing matched that did not arrive.

use super::support::{changed, classes, config, rejected, within};
use pooltree::estimate::CountMoments;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::pool_tree::simulation::{CountsEngine, SimulatedWelfare};
use pooltree::pool_tree::{Architecture, Component, Delay};
use pooltree::strategies::{ScenarioOptions, component, scenario_and_architecture_with};
use pooltree::{ClosedForm, Result, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::LazyLock;

/// One replication takes at most ten thousand draws.
fn simulable() -> impl Strategy<Value = (Scenario, Architecture)> {
    scenario_and_architecture_with(ScenarioOptions::default().with_max_operators(1024.0).with_max_work(1e4))
}

/// Pools of one, two and three threads.
static THREADS: LazyLock<Vec<ThreadPool>> = LazyLock::new(|| {
    (1..=3).map(|n| ThreadPoolBuilder::new().num_threads(n).build().expect("a few threads")).collect()
});

/// Runs replications `0..n` of a seed.
type Run<'a> = &'a (dyn Fn(&CountsEngine, u64, u64) -> Result<CountMoments> + Sync);

const EXACT: Run<'static> = &|engine, seed, n| engine.run(seed, 0..n);

/// One, two and three threads, and the blocks one by one, give the same counts.
fn same_bits(s: &Scenario, a: &Architecture, seed: u64, run: Run) -> TestCaseResult {
    let engine = CountsEngine::new(s, a)?;
    let block = engine.block_len();
    // Two whole blocks and the beginning of a third.
    let n = 2 * block + block.div_ceil(3);
    let runs = THREADS.iter().map(|pool| pool.install(|| run(&engine, seed, n))).collect::<Result<Vec<_>>>()?;
    prop_assert_eq!(&runs[0], &runs[1]);
    prop_assert_eq!(&runs[0], &runs[2]);
    let mut merged = engine.run(seed, 0..block)?;
    merged.merge(&engine.run(seed, block..2 * block)?);
    merged.merge(&engine.run(seed, 2 * block..n)?);
    prop_assert_eq!(&runs[0], &merged);
    prop_assert_eq!(merged.replications(), n);
    Ok(())
}

/// A number that a Poisson count of this mean exceeds with probability below 1e-30 (Chernoff).
fn at_most(mean: f64) -> f64 {
    mean + 12.0 * mean.sqrt() + 100.0
}

/// Pairs take one order of either side, at a height at which the sides can meet.
fn conserved(s: &Scenario, a: &Architecture, run: Run) -> TestCaseResult {
    let engine = CountsEngine::new(s, a)?;
    let n = 4;
    let moments = run(&engine, s.monte_carlo().seed(), n)?;
    let window = engine.schedule().levels().last().map_or(0.0, |top| top.period);
    let orders = s.flow().rate() * window * n as f64;
    let pairs: f64 = moments.sums().iter().map(|&sum| sum as f64).sum();
    prop_assert!(2.0 * pairs <= at_most(orders), "{pairs} pairs of {orders} orders");
    // Of either side, classes that meet nowhere left out.
    let top = a.heights().last().copied().unwrap_or(0);
    let classes = classes(s);
    let meeting = |height: u32, side: &dyn Fn(f64) -> f64| -> f64 {
        let here = classes.iter().filter(|class| class.meets_at <= height);
        here.map(|class| class.share * side(class.side_share) * orders).sum()
    };
    for (&sum, &height) in moments.sums().iter().zip(a.heights()) {
        let scarce = meeting(height, &|side| side.min(1.0 - side));
        prop_assert!(sum >= 0 && sum as f64 <= at_most(scarce), "{sum} pairs at height {height} of {scarce}");
        // No order without a counterpart: nothing at all.
        prop_assert!(scarce > 0.0 || sum == 0, "{sum} pairs at height {height}, where nobody meets");
    }
    prop_assert!(pairs <= at_most(meeting(top, &|side| side)).min(at_most(meeting(top, &|side| 1.0 - side))));
    Ok(())
}

/// An estimate adds up: shares by height to the filled share, welfare within the worth of what is filled.
fn adds_up(s: &Scenario, a: &Architecture, simulated: &SimulatedWelfare) -> TestCaseResult {
    let shares: f64 = simulated.by_height.iter().map(|height| height.filled_share).sum();
    within("filled share", simulated.filled_share, shares, 1e-12 * shares)?;
    let heights: Vec<u32> = simulated.by_height.iter().map(|height| height.height).collect();
    prop_assert_eq!(heights.as_slice(), a.heights());
    let worth = s.utility_mean() * s.flow().rate() * shares;
    prop_assert!(simulated.gross >= 0.0 && simulated.gross <= worth * (1.0 + 1e-12), "{} > {worth}", simulated.gross);
    prop_assert!(simulated.ci95[0] <= simulated.gross && simulated.gross <= simulated.ci95[1]);
    for height in &simulated.by_height {
        prop_assert!(height.filled_share >= 0.0 && height.std_error >= 0.0, "{height:?}");
    }
    Ok(())
}

fn simulate(s: &Scenario, a: &Architecture, seed: u64) -> Result<(Scenario, SimulatedWelfare)> {
    let brief = s.clone().with_monte_carlo(MonteCarlo::new(seed, Stopping::Replications(16))?);
    let simulated = SimulatedWelfare::simulate(&brief, a, brief.monte_carlo(), &|_, _| ())?;
    Ok((brief, simulated))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn threads_and_ranges_change_no_bit((s, a) in simulable(), seed in any::<u64>()) {
        same_bits(&s, &a, seed, EXACT)?;
    }

    #[test]
    fn nothing_is_matched_that_did_not_arrive((s, a) in simulable()) {
        conserved(&s, &a, EXACT)?;
    }

    // One component at a time, so that none makes up for another.
    #[test]
    fn no_component_matches_what_did_not_arrive(
        ((s, a), component) in simulable().prop_flat_map(|(s, a)| (Just((s.clone(), a)), component(s.tree())))
    ) {
        let alone = changed(&s, |parts| parts.components = vec![component])?;
        conserved(&alone, &a, EXACT)?;
    }

    #[test]
    fn estimates_add_up((s, a) in simulable(), seed in 0..=i64::MAX as u64) {
        let (s, simulated) = simulate(&s, &a, seed)?;
        adds_up(&s, &a, &simulated)?;
        // What the closed form rules out is never seen.
        for (height, exact) in simulated.by_height.iter().zip(ClosedForm::evaluate(&s, &a)?.by_height) {
            prop_assert!(exact.filled_share > 0.0 || height.filled_share == 0.0, "{height:?}");
        }
    }

    // Fills do not depend on delay, discount or utility: the same draws.
    #[test]
    fn fills_are_drawn_without_regard_to_welfare((s, a) in simulable(), seed in 0..1000u64) {
        let other = changed(&s, |parts| {
            parts.delay = if parts.delay == Delay::Batched { Delay::Idealised } else { Delay::Batched };
            parts.utility_mean = 3.0;
            parts.cost_per_message = 0.0;
        })?;
        let n = 8;
        prop_assert_eq!(CountsEngine::new(&s, &a)?.run(seed, 0..n)?, CountsEngine::new(&other, &a)?.run(seed, 0..n)?);
    }
}

#[test]
fn rejects_a_stream_for_each_thread() {
    let by_threads: Run = &|engine, seed, n| engine.run(seed + rayon::current_num_threads() as u64, 0..n);
    assert!(rejected(&(simulable(), 0..1000u64), |((s, a), seed)| same_bits(&s, &a, seed, by_threads)));
}

#[test]
fn rejects_orders_that_are_matched_twice() {
    let twice: Run = &|engine, seed, n| {
        let mut moments = engine.run(seed, 0..n)?;
        let again = moments.clone();
        (0..3).for_each(|_| moments.merge(&again));
        Ok(moments)
    };
    assert!(rejected(&simulable(), |(s, a)| conserved(&s, &a, twice)));
}

#[test]
fn rejects_matches_below_the_meeting_height() {
    // As if everyone met at one operator.
    let elsewhere = |s: &Scenario, a: &Architecture| -> TestCaseResult {
        let site = Component::new(pooltree::pool_tree::Kind::SingleSite { operator: 0 }, 1.0, 0.5)?;
        let wrong = CountsEngine::new(changed(s, |parts| parts.components = vec![site])?.model(), a)?;
        conserved(s, a, &|_, seed, n| wrong.run(seed, 0..n))
    };
    assert!(rejected(&simulable(), |(s, a)| elsewhere(&s, &a)));
}
