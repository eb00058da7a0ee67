//! The search on scenarios whose answer is known: degenerate flows, levels that die of messages, deep trees, auctions back
//! to back with many different periods.

use crate::properties::support::changed;
use pooltree::pool_tree::search::{HeightValue, MOST_ENUMERATED_DEPTH, Reason, Search, enumerate};
use pooltree::pool_tree::{Architecture, Delay};
use pooltree::{ClosedForm, Error, Scenario};

/// A binary or other tree whose global auction takes one unit of time, orders worth 1/2 after it.
fn scenario(arity: u32, depth: u32, component: &str, period: &str, cost: f64) -> Scenario {
    let scale = f64::from(arity).powi(-(depth as i32));
    let period = match period {
        "nested" => format!("{{ model = \"ratio\", base = {scale:e}, ratio = {arity} }}"),
        "cohort" => "{ model = \"ratio\", base = 1.0, ratio = 1 }".to_owned(),
        other => format!("{{ model = \"{other}\" }}"),
    };
    format!(
        "tree = {{ arity = {arity}, depth = {depth} }}
         flow = {{ rate = 64.0, components = [{component}] }}
         timing.latency = {{ model = \"proportional\", scale = {scale:e} }}
         timing.period = {period}
         timing.delay = \"batched\"
         discount = {{ factor = 0.5 }}
         cost = {{ per_message = {cost:e} }}"
    )
    .parse()
    .unwrap()
}

const UNIFORM: &str = "{ kind = \"uniform\" }";

/// Auctions back to back with a latency that grows as `γ^(exponent · h)`.
fn many_periods(arity: u32, depth: u32, exponent: f64, cost: f64) -> Scenario {
    changed(&scenario(arity, depth, UNIFORM, "back-to-back", cost), |parts| {
        let scale = f64::from(arity).powf(-exponent * f64::from(depth));
        parts.latency = pooltree::pool_tree::LatencyModel::Proportional { scale, exponent };
    })
    .unwrap()
}

fn answer(scenario: &Scenario) -> (Vec<u32>, Vec<HeightValue>) {
    let search = Search::new(scenario).unwrap();
    (search.best().unwrap().architecture.heights().to_vec(), search.raison_d_etre().unwrap().to_vec())
}

fn reasons(levels: &[HeightValue]) -> Vec<Reason> {
    levels.iter().map(|level| level.reason).collect()
}

#[test]
fn opposite_orders_need_the_root_only() {
    for delay in Delay::ALL {
        for period in ["nested", "cohort"] {
            let scenario = scenario(2, 4, "{ kind = \"opposite\" }", period, 0.0);
            let (best, levels) = answer(&changed(&scenario, |parts| parts.delay = delay).unwrap());
            assert_eq!(best, [4]);
            assert_eq!(reasons(&levels)[..3], [Reason::FillsNothing; 3]);
            assert_eq!(levels[3].reason, Reason::Worth);
            // What it costs to hold a useless auction: its delay, if that is counted.
            assert!(levels[..3].iter().all(|level| (level.value < 0.0) == (delay != Delay::Idealised)));
        }
    }
}

#[test]
fn nearby_orders_in_one_window_need_the_lowest_pools_only() {
    let (best, levels) = answer(&scenario(2, 4, "{ kind = \"nearby\", height = 1 }", "cohort", 0.0));
    assert_eq!(best, [1]);
    assert_eq!(reasons(&levels)[1..], [Reason::FillsNothing; 3]);
    assert_eq!(levels[0].reason, Reason::Worth);
    // Nested windows grow with the height, and longer ones find more: then higher levels are worth something.
    let (best, _) = answer(&scenario(2, 4, "{ kind = \"nearby\", height = 1 }", "nested", 0.0));
    assert!(best.len() > 1);
}

/// With auctions that take a millionth of their period; where they take all of it, pools of few orders delay more than they
/// gain.
#[test]
fn uniform_orders_give_every_level_a_raison_d_etre() {
    for arity in [2, 3, 4] {
        for depth in 1..=6 {
            let slow = scenario(arity, depth, UNIFORM, "nested", 0.0);
            let fast = changed(&slow, |parts| parts.scale_latencies(1e-6)).unwrap();
            let (best, levels) = answer(&fast);
            assert!(levels.iter().all(|level| level.value > 0.0 && level.reason == Reason::Worth), "{arity} {depth}");
            assert!(best.ends_with(Architecture::full(fast.tree()).heights()));
        }
    }
    let (best, levels) = answer(&scenario(2, 5, UNIFORM, "nested", 0.0));
    assert_eq!((best, levels[0].reason), (vec![2, 3, 4, 5], Reason::Delay));
}

/// As messages become dear the levels die one after the other. Every level costs the same here, so first those go that gain
/// least, and what they leave makes the survivors worth more.
#[test]
fn levels_die_one_after_the_other_of_messages() {
    let mut died: Vec<u32> = Vec::new();
    let mut last = vec![0, 1, 2, 3, 4];
    for step in 0..400 {
        let scenario = scenario(2, 4, UNIFORM, "nested", 1e-4 * f64::from(step));
        let best = enumerate(&scenario).unwrap().best().unwrap().architecture;
        let (found, levels) = answer(&scenario);
        assert_eq!(found, best.heights());
        for level in levels {
            assert_eq!(found.contains(&level.height), level.value > 0.0, "height {} at step {step}", level.height);
            let blamed = [Reason::Messages, Reason::Both, Reason::Delay].contains(&level.reason);
            assert!(level.value > 0.0 || blamed, "{}", level.explain());
        }
        assert!(found.iter().all(|height| last.contains(height)), "nothing comes back: {last:?}, {found:?}");
        died.extend(last.iter().filter(|height| !found.contains(height)));
        last = found;
    }
    assert_eq!((died, last), (vec![0, 1, 4, 2], vec![3]));
}

/// Without cost the best completion above a height solves `V(h) = max(0, max_{j > h} β^L_j [(M_j - M_h) ω_j ū + V(j)])`, here
/// from the fills of the full set.
#[test]
fn deep_trees_by_the_recursion_without_cost() {
    let scenario = scenario(2, 60, UNIFORM, "nested", 0.0);
    let all = ClosedForm::evaluate(&scenario, &Architecture::new(scenario.tree(), 0..=60).unwrap()).unwrap();
    let beta = |time: f64| 0.5f64.powf(time);
    let by_height = &all.by_height;
    // The best from a height on, some heights forbidden, one needed.
    let greatest = |forbidden: Option<usize>, needed: Option<usize>| {
        let mut value = vec![f64::NEG_INFINITY; 62];
        for from in (0..=61usize).rev() {
            // Position 0 is the start, position h + 1 is height h.
            let stop = from > 0 && needed.is_none_or(|needed| from > needed);
            let mut best = if stop { 0.0 } else { f64::NEG_INFINITY };
            for to in from..61 {
                if Some(to) == forbidden || needed.is_some_and(|needed| from <= needed && to > needed) {
                    continue;
                }
                let filled: f64 = by_height[from..=to].iter().map(|h| h.filled_share).sum();
                let level = &by_height[to];
                let worth = 64.0 * scenario.discount().mean_over_wait(level.period);
                best = best.max(beta(level.latency) * (filled * worth + value[to + 1]));
            }
            value[from] = best;
        }
        value[0]
    };
    let search = Search::new(&scenario).unwrap();
    let best = search.best().unwrap();
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-11 * best.net, "{found} {expected}");
    close(best.net, greatest(None, None));
    for level in search.raison_d_etre().unwrap() {
        let height = level.height as usize;
        close(level.value, greatest(None, Some(height)) - greatest(Some(height), None));
        close(level.with.unwrap().net, greatest(None, Some(height)));
        close(level.without.unwrap().net, greatest(Some(height), None));
    }
}

#[test]
fn a_thousand_levels() {
    let (best, levels) = answer(&scenario(2, 1000, UNIFORM, "nested", 0.0));
    let (shallow, few) = answer(&scenario(2, 60, UNIFORM, "nested", 0.0));
    // Near the root both trees are alike.
    let from_root = |heights: &[u32], depth: u32| heights.iter().rev().map(|h| depth - h).take(20).collect::<Vec<_>>();
    assert_eq!(from_root(&best, 1000), from_root(&shallow, 60));
    for (deep, shallow) in levels.iter().rev().zip(few.iter().rev()).take(20) {
        assert!((deep.value - shallow.value).abs() < 1e-10, "{} {}", deep.value, shallow.value);
    }
}

#[test]
fn many_different_periods_against_enumeration() {
    for (arity, exponent) in [(2, 0.5), (2, 2.0 / 3.0), (3, 0.5), (3, 1.0 / 3.0)] {
        for cost in [0.0, 0.1] {
            let cost = cost * f64::from(arity).powi(-2 * 11);
            let scenario = many_periods(arity, 11, exponent, cost);
            let all = enumerate(&scenario).unwrap();
            let search = Search::new(&scenario).unwrap();
            let best = search.best().unwrap();
            assert_eq!(Some(&best), all.best().as_ref());
            assert_eq!(search.best_but(&best.architecture).unwrap(), all.best_but(&best.architecture));
            for level in search.raison_d_etre().unwrap() {
                assert!((level.value - all.value(level.height)).abs() < 1e-11 * best.net, "height {}", level.height);
            }
        }
    }
}

#[test]
fn realistic_depths_back_to_back_are_within_reach() {
    for (arity, depth, exponent) in [(2, 30, 0.5), (3, 20, 0.5), (2, 24, 2.0 / 3.0)] {
        let scenario = many_periods(arity, depth, exponent, 0.0);
        let (best, levels) = answer(&scenario);
        assert!(best.contains(&depth) && levels.len() == depth as usize);
    }
}

#[test]
fn what_is_out_of_reach_says_so() {
    let reason = |error: Error| match error {
        Error::SearchTooLarge { reason } => reason,
        other => panic!("{other}"),
    };
    let too_many = Search::new(&many_periods(3, 40, 0.7, 0.0)).err().map(reason).unwrap();
    assert!(too_many.contains("different periods"), "{too_many}");
    let too_deep = scenario(2, MOST_ENUMERATED_DEPTH + 1, UNIFORM, "nested", 0.0);
    let too_deep = enumerate(&too_deep).err().map(reason).unwrap();
    assert!(too_deep.contains("at most depth 16"), "{too_deep}");
}

#[test]
fn heights_beyond_the_tree_are_refused() {
    let scenario = Scenario::document();
    let search = Search::new(&scenario).unwrap();
    let deeper = scenario_set(5);
    assert!(matches!(search.net(&deeper), Err(Error::Domain { .. })));
    assert!(matches!(search.best_but(&deeper), Err(Error::Domain { .. })));
}

fn scenario_set(height: u32) -> Architecture {
    Architecture::new(&pooltree::pool_tree::PoolTree::new(2, height).unwrap(), [height]).unwrap()
}

#[test]
fn every_reason_has_its_sentence() {
    let sentence = |scenario: &Scenario, height: u32| {
        let levels = Search::new(scenario).unwrap().raison_d_etre().unwrap();
        let level = levels.iter().find(|level| level.height == height).unwrap();
        (level.reason, level.explain())
    };
    let dear = scenario(2, 3, UNIFORM, "nested", 0.03);
    let (reason, text) = sentence(&dear, 3);
    assert_eq!(reason, Reason::Messages);
    assert!(text.starts_with("messages cost more than it gains: added to {1, 2} it fills 9.83535 %"), "{text}");
    assert!(text.ends_with("costs 1.92 of messages; the best set with it, {1, 3}, earns 0.486087 less"), "{text}");
    let opposite = scenario(2, 3, "{ kind = \"opposite\" }", "nested", 0.0);
    let (reason, text) = sentence(&opposite, 1);
    assert_eq!(reason, Reason::FillsNothing);
    assert!(text.contains("it fills no order, delays the heights above at a loss of 3.15663"), "{text}");
    let instant = changed(&scenario(2, 2, UNIFORM, "back-to-back", 0.0), |parts| {
        parts.latency = pooltree::pool_tree::LatencyModel::Table { values: vec![0.0, 0.0, 1.0] };
    });
    let (reason, text) = sentence(&instant.unwrap(), 1);
    assert_eq!(reason, Reason::NoLatency);
    assert_eq!(text, "no latency, so no auctions back to back: no set of heights has it");
    // Without discount it does not matter where an order is filled: the root alone does as well.
    let patient = changed(&scenario(2, 3, UNIFORM, "nested", 0.0), |parts| {
        parts.discount = pooltree::pool_tree::DiscountModel::Factor(1.0);
    });
    let (reason, text) = sentence(&patient.unwrap(), 2);
    assert_eq!(reason, Reason::AnotherDoesAsWell);
    assert_eq!(text, "another set does as well, to rounding: {3} earns what {2, 3} does");
    assert_eq!(serde_json::to_string(&Reason::AnotherDoesAsWell).unwrap(), "\"another-does-as-well\"");
}

/// Back to back a height changes the windows above it; the sentence says so instead of blaming the orders that it fills.
#[test]
fn windows_above_are_named_as_the_reason() {
    let scenario = |flow: &str, table: &str, delay: &str| -> Scenario {
        format!(
            "tree = {{ arity = 2, depth = 2 }}\nflow = {{ rate = 4.0, components = [{flow}] }}\n\
             timing.latency = {{ model = \"table\", values = {table} }}\ntiming.period.model = \"back-to-back\"\n\
             timing.delay = \"{delay}\"\ndiscount.factor = 0.5"
        )
        .parse()
        .unwrap()
    };
    let level = |s: &Scenario| Search::new(s).unwrap().raison_d_etre().unwrap()[0].clone();
    let mixed = "{ kind = \"uniform\", share = 0.01 }, { kind = \"opposite\", share = 0.99 }";
    let nonsense = level(&scenario(mixed, "[0.9, 0.9, 1.0]", "batched"));
    // The root's window grows from 1 to 1.8: two of the window below.
    assert!(nonsense.reason == Reason::Windows && nonsense.effect.unwrap().changes_windows, "{nonsense:?}");
    assert!(
        nonsense.explain().contains("gives the heights above other windows, in all a loss of"),
        "{}",
        nonsense.explain()
    );
    let opposite = level(&scenario("{ kind = \"opposite\" }", "[0.9, 0.9, 1.0]", "batched"));
    let effect = opposite.effect.unwrap();
    assert_eq!((opposite.reason, effect.filled), (Reason::FillsNothing, 0.0));
    approx::assert_relative_eq!(effect.gain - effect.delay - effect.messages, opposite.value, max_relative = 1e-12);
    assert!(
        opposite.explain().contains("fills no order and gives the heights above other windows"),
        "{}",
        opposite.explain()
    );
}
