//! The search over sets of heights against all of them, one by one.

use super::support::{UNDERFLOW, changed, config, rejected, within};
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::search::{Best, HeightValue, Search};
use pooltree::strategies::{ScenarioOptions, scenario_and_architecture_with, scenario_with};
use pooltree::{ClosedForm, Error, Result, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Sets whose welfare differs by less than this share of gross plus cost are equal: that is rounding.
pub(super) const TIE: f64 = 1e-12;

/// A set of heights with what it earns.
pub(super) struct Candidate {
    pub(super) heights: Vec<u32>,
    pub(super) net: f64,
    /// Gross plus cost, of which rounding errors are a part.
    pub(super) size: f64,
    /// Whether it fills anything at all.
    fills: bool,
}

/// Every nonempty set of heights that can be scheduled: back to back, heights without latency drop out.
pub(super) fn candidates(scenario: &Scenario) -> Vec<Candidate> {
    let tree = scenario.tree();
    let sets = 1u32..1 << (tree.depth() + 1);
    let heights = sets.map(|set| (0..=tree.depth()).filter(|height| set >> height & 1 == 1).collect::<Vec<u32>>());
    heights
        .filter_map(|heights| {
            let architecture = Architecture::new(tree, heights.iter().copied()).expect("a set of heights");
            let welfare = ClosedForm::evaluate(scenario, &architecture).ok()?;
            Some(Candidate {
                heights,
                net: welfare.net,
                size: welfare.gross + welfare.cost,
                fills: welfare.filled_share > 0.0,
            })
        })
        .collect()
}

/// The first of the greatest.
pub(super) fn greatest<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Option<&'a Candidate> {
    candidates.reduce(|best, next| if next.net > best.net { next } else { best })
}

/// Fewest, then lowest heights.
fn preference(heights: &[u32]) -> (usize, &[u32]) {
    (heights.len(), heights)
}

/// Whether some set fills something of worth, and yet all are worth next to nothing in `f64`: among subnormal numbers the
/// last digit decides.
pub(super) fn lost_in_underflow(scenario: &Scenario) -> bool {
    let all = candidates(scenario);
    scenario.utility_mean() > 0.0 && all.iter().any(|c| c.fills) && all.iter().all(|c| c.size < UNDERFLOW)
}

/// The best set is one of greatest net welfare, and of several the one of fewest, then lowest heights.
pub(super) fn best_of_all(scenario: &Scenario, best: impl Fn(&Scenario) -> Result<Best>) -> TestCaseResult {
    let all = candidates(scenario);
    if all.is_empty() {
        prop_assert!(matches!(best(scenario), Err(Error::Domain { .. })), "no height can hold auctions");
        return Ok(());
    }
    if lost_in_underflow(scenario) {
        return Ok(());
    }
    best_of(scenario, &all, &best(scenario)?)
}

/// The best of all sets but `excluded` is the best of the others.
pub(super) fn best_of_others(
    scenario: &Scenario,
    excluded: &Architecture,
    best_but: impl Fn(&Scenario, &Architecture) -> Result<Option<Best>>,
) -> TestCaseResult {
    let mut others = candidates(scenario);
    if others.is_empty() || lost_in_underflow(scenario) {
        return Ok(());
    }
    others.retain(|candidate| candidate.heights != excluded.heights());
    let found = best_but(scenario, excluded)?;
    prop_assert_eq!(found.is_none(), others.is_empty(), "{:?}", found);
    let Some(found) = found else { return Ok(()) };
    prop_assert!(&found.architecture != excluded);
    best_of(scenario, &others, &found)
}

fn best_of(scenario: &Scenario, all: &[Candidate], found: &Best) -> TestCaseResult {
    let greatest = greatest(all.iter()).expect("at least one set");
    let own = ClosedForm::evaluate(scenario, &found.architecture)?;
    prop_assert_eq!(found.net, own.net);
    // Between these two a tie is decided by rounding.
    let surely = |c: &Candidate| greatest.net - c.net <= 0.8 * TIE * c.size.min(greatest.size);
    let surely_not = greatest.net - own.net > 1.2 * TIE * greatest.size.max(own.gross + own.cost);
    prop_assert!(
        !surely_not,
        "{} earns {:e}, {:?} earns {:e}",
        found.architecture,
        own.net,
        greatest.heights,
        greatest.net
    );
    let preferred = all.iter().filter(|c| surely(c)).map(|c| preference(&c.heights)).min();
    let found = preference(found.architecture.heights());
    prop_assert!(preferred.is_some_and(|preferred| found <= preferred), "{found:?} although {preferred:?} is as good");
    Ok(())
}

/// The value of a height is what the best set with it earns more than the best without.
pub(super) fn values_of_heights(
    scenario: &Scenario,
    values: impl Fn(&Scenario) -> Result<Vec<(u32, f64)>>,
) -> TestCaseResult {
    let all = candidates(scenario);
    let Some(best) = greatest(all.iter()) else { return Ok(()) };
    let values = values(scenario)?;
    let heights: Vec<u32> = values.iter().map(|&(height, _)| height).collect();
    let full = Architecture::full(scenario.tree());
    prop_assert_eq!(heights.as_slice(), full.heights());
    for (height, value) in values {
        let with = greatest(all.iter().filter(|c| c.heights.contains(&height)));
        let without = greatest(all.iter().filter(|c| !c.heights.contains(&height)));
        // A height that cannot hold auctions has no value; where all sets have it, the alternative is no auction at all.
        let expected = with.map_or(0.0, |with| with.net - without.map_or(0.0, |without| without.net));
        let size = [Some(best), with, without].into_iter().flatten().map(|c| c.size).sum::<f64>();
        within("value of a height", value, expected, 1.2 * TIE * size + UNDERFLOW)?;
    }
    Ok(())
}

fn exact_best(scenario: &Scenario) -> Result<Best> {
    Search::new(scenario)?.best()
}

fn exact_values(scenario: &Scenario) -> Result<Vec<(u32, f64)>> {
    let values = Search::new(scenario)?.raison_d_etre()?;
    Ok(values.into_iter().map(|HeightValue { height, value, .. }| (height, value)).collect())
}

/// Without another evaluation every set is worth what it is worth.
fn net_of_every_set(scenario: &Scenario, net: impl Fn(&Search, &Architecture) -> Result<f64>) -> TestCaseResult {
    let Ok(search) = Search::new(scenario) else { return Ok(()) };
    for set in candidates(scenario) {
        let architecture = Architecture::new(scenario.tree(), set.heights)?;
        // A product of discounts against the discount of a sum: its exponent, up to 700, is rounded.
        within("net", net(&search, &architecture)?, set.net, TIE * set.size + UNDERFLOW)?;
    }
    Ok(())
}

fn exact_best_but(scenario: &Scenario, excluded: &Architecture) -> Result<Option<Best>> {
    Search::new(scenario)?.best_but(excluded)
}

/// Up to 127 sets of heights.
pub(super) fn up_to_depth_6() -> impl Strategy<Value = Scenario> {
    scenario_with(ScenarioOptions::default().with_max_depth(6))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn best_is_the_best_of_all(scenario in up_to_depth_6()) {
        best_of_all(&scenario, exact_best)?;
    }

    #[test]
    fn best_without_cost_is_the_best_of_all(scenario in up_to_depth_6()) {
        best_of_all(&changed(&scenario, |parts| parts.cost_per_message = 0.0)?, exact_best)?;
    }

    #[test]
    fn second_best_is_the_best_of_all_others(scenario in up_to_depth_6()) {
        if let Ok(best) = exact_best(&scenario) {
            best_of_others(&scenario, &best.architecture, exact_best_but)?;
        }
    }

    #[test]
    fn best_but_any_set_is_the_best_of_all_others(
        (scenario, excluded) in scenario_and_architecture_with(ScenarioOptions::default().with_max_depth(6))
    ) {
        best_of_others(&scenario, &excluded, exact_best_but)?;
        best_of_others(&changed(&scenario, |parts| parts.cost_per_message = 0.0)?, &excluded, exact_best_but)?;
    }

    #[test]
    fn net_is_that_of_the_closed_form(scenario in up_to_depth_6()) {
        net_of_every_set(&scenario, Search::net)?;
    }

    #[test]
    fn values_of_heights_are_differences_of_the_best(scenario in up_to_depth_6()) {
        values_of_heights(&scenario, exact_values)?;
    }

    #[test]
    fn values_of_heights_without_cost(scenario in up_to_depth_6()) {
        values_of_heights(&changed(&scenario, |parts| parts.cost_per_message = 0.0)?, exact_values)?;
    }

    #[test]
    fn the_best_set_does_not_depend_on_the_currency(scenario in up_to_depth_6(), n in -20i32..=20) {
        let currency = 2f64.powi(n);
        let other = changed(&scenario, |parts| {
            parts.utility_mean *= currency;
            parts.cost_per_message *= currency;
        })?;
        match (exact_best(&scenario), exact_best(&other)) {
            (Ok(here), Ok(there)) => {
                let underflows = lost_in_underflow(&scenario) || lost_in_underflow(&other);
                prop_assert!(underflows || here.architecture == there.architecture, "{here:?} {there:?}");
            }
            (here, there) => prop_assert_eq!(here.is_err(), there.is_err()),
        }
    }
}

pub(super) fn best_given(scenario: &Scenario, architecture: Architecture) -> Result<Best> {
    let net = ClosedForm::evaluate(scenario, &architecture)?.net;
    Ok(Best { architecture, net })
}

#[test]
fn rejects_the_full_tree_as_the_best() {
    let full = |s: &Scenario| best_given(s, Architecture::full(s.tree()));
    assert!(rejected(&up_to_depth_6(), |s| best_of_all(&s, full)));
}

#[test]
fn rejects_a_recursion_that_discounts_costs() {
    // Values V(h) of what lies above, net of cost and discounted as a whole, would choose this set.
    let discounted = |s: &Scenario| {
        let net = |heights: &[u32]| -> Result<f64> {
            let set = Architecture::new(s.tree(), heights.iter().copied())?;
            let by_height = ClosedForm::evaluate(s, &set)?.by_height;
            Ok(by_height.iter().map(|h| h.gross - h.cost * s.discount().after(h.offset)).sum())
        };
        let best = candidates(s).into_iter().filter_map(|c| Some((net(&c.heights).ok()?, c.heights)));
        let best = best.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best_given(s, Architecture::new(s.tree(), best.map_or(Vec::new(), |(_, heights)| heights))?)
    };
    assert!(rejected(&up_to_depth_6(), |s| best_of_all(&s, discounted)));
}

#[test]
fn rejects_the_best_of_the_named_architectures() {
    let of_named = |s: &Scenario| {
        let all = Architecture::named(s.tree()).into_iter().filter_map(|(_, a)| best_given(s, a).ok());
        all.reduce(|best, next| if next.net > best.net { next } else { best })
            .ok_or_else(|| Error::domain("heights", "", "some that can hold auctions"))
    };
    assert!(rejected(&up_to_depth_6(), |s| best_of_all(&s, of_named)));
}

#[test]
fn rejects_ties_to_the_most_heights() {
    let most = |s: &Scenario| {
        let all = candidates(s);
        let greatest =
            greatest(all.iter()).ok_or_else(|| Error::domain("heights", "", "some that can hold auctions"))?;
        let tied = all.iter().filter(|c| c.net == greatest.net).max_by_key(|c| preference(&c.heights));
        best_given(s, Architecture::new(s.tree(), tied.map_or(vec![0], |c| c.heights.clone()))?)
    };
    assert!(rejected(&up_to_depth_6(), |s| best_of_all(&s, most)));
}

#[test]
fn rejects_a_second_best_that_only_stops_earlier_or_goes_on() {
    // The best of those that begin with the excluded set or with which it begins: no deviation in between.
    let along = |s: &Scenario, excluded: &Architecture| {
        let best = candidates(s).into_iter().filter(|c| {
            let (own, other) = (c.heights.as_slice(), excluded.heights());
            own != other && (own.starts_with(other) || other.starts_with(own))
        });
        let best = best.reduce(|best, next| if next.net > best.net { next } else { best });
        best.map(|best| best_given(s, Architecture::new(s.tree(), best.heights)?)).transpose()
    };
    assert!(rejected(&up_to_depth_6(), |s| {
        exact_best(&s).map_or(Ok(()), |best| best_of_others(&s, &best.architecture, along))
    }));
}

#[test]
fn rejects_a_net_that_discounts_costs() {
    // What a recursion would give that takes net welfare for gross: costs discounted like the fills of their height.
    let discounted = |search: &Search, architecture: &Architecture| {
        let welfare = ClosedForm::evaluate(search.model(), architecture)?;
        Ok(welfare.by_height.iter().map(|h| h.gross - h.cost * search.model().discount().after(h.offset)).sum())
    };
    assert!(rejected(&up_to_depth_6(), |s| net_of_every_set(&s, discounted)));
}

#[test]
fn rejects_values_against_the_full_tree_alone() {
    // What the full tree loses without the height, whatever else could be done.
    let naive = |s: &Scenario| {
        let full = Architecture::full(s.tree());
        let net = best_given(s, full.clone())?.net;
        let value = |&height: &u32| -> Result<(u32, f64)> {
            let rest: Vec<u32> = full.heights().iter().copied().filter(|&h| h != height).collect();
            let without = if rest.is_empty() { 0.0 } else { best_given(s, Architecture::new(s.tree(), rest)?)?.net };
            Ok((height, net - without))
        };
        full.heights().iter().map(value).collect()
    };
    assert!(rejected(&up_to_depth_6(), |s| values_of_heights(&s, naive)));
}
