//! What is written reads back to the last bit, and approximate comparison tells apart what differs.

use super::support::{config, rejected};
use approx::{AbsDiffEq, RelativeEq};
use pooltree::estimate::Estimate;
use pooltree::pool_tree::search::{Best, HeightValue, Reason};
use pooltree::pool_tree::{Architecture, PoolTree};
use pooltree::strategies::{orders, scenario, scenario_and_architecture};
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Every bit: `0.0` and `-0.0` are equal, but not written alike.
fn bits(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

fn round_trip(
    scenario: &Scenario,
    write: impl Fn(&Scenario) -> Result<String, TestCaseError>,
    read: impl Fn(&str) -> Result<Scenario, TestCaseError>,
) -> TestCaseResult {
    let text = write(scenario)?;
    let back = read(&text)?;
    prop_assert_eq!(bits(&back), bits(scenario), "{}", text);
    prop_assert_eq!(write(&back)?, text);
    Ok(())
}

fn to_toml(scenario: &Scenario) -> Result<String, TestCaseError> {
    Ok(toml::to_string(scenario)?)
}

fn from_toml(text: &str) -> Result<Scenario, TestCaseError> {
    Ok(text.parse()?)
}

fn to_json(scenario: &Scenario) -> Result<String, TestCaseError> {
    Ok(serde_json::to_string(scenario)?)
}

fn from_json(text: &str) -> Result<Scenario, TestCaseError> {
    Ok(serde_json::from_str(text)?)
}

/// A comparison holds of a value and itself, not of a value and one whose single field is off by more than allowed.
fn tells_apart<T: RelativeEq<Epsilon = f64> + Clone>(value: &T, spoiled: &T, expected: bool) -> TestCaseResult {
    prop_assert!(value.abs_diff_eq(value, 0.0) && value.relative_eq(value, 0.0, 0.0));
    prop_assert_eq!(value.relative_eq(spoiled, 0.0, 1e-9), expected);
    prop_assert_eq!(spoiled.relative_eq(value, 0.0, 1e-9), expected);
    prop_assert_eq!(value.relative_ne(spoiled, 0.0, 1e-9), !expected);
    Ok(())
}

/// Every number of a closed form, one after the other.
fn numbers(w: &mut ClosedForm) -> Vec<&mut f64> {
    let ClosedForm { gross, cost, net, gross_per_order, net_per_order, filled_share, unfilled_share, by_height } = w;
    let mut all = vec![gross, cost, net, gross_per_order, net_per_order, filled_share, unfilled_share];
    for h in by_height {
        all.extend([&mut h.latency, &mut h.period, &mut h.offset, &mut h.filling_rate, &mut h.filled_share]);
        all.extend([&mut h.expected_discount, &mut h.gross, &mut h.cost]);
    }
    all
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn scenarios_survive_toml(scenario in scenario()) {
        round_trip(&scenario, to_toml, from_toml)?;
    }

    #[test]
    fn scenarios_survive_json(scenario in scenario()) {
        round_trip(&scenario, to_json, from_json)?;
    }

    #[test]
    fn every_way_to_handle_orders_survives_both(orders in orders()) {
        let scenario = Scenario::document().with_orders(orders)?;
        round_trip(&scenario, to_toml, from_toml)?;
        round_trip(&scenario, to_json, from_json)?;
    }

    #[test]
    fn closed_forms_survive_json((s, a) in scenario_and_architecture()) {
        let welfare = ClosedForm::evaluate(&s, &a)?;
        let back: ClosedForm = serde_json::from_str(&serde_json::to_string(&welfare)?)?;
        prop_assert_eq!(bits(&back), bits(&welfare));
    }

    #[test]
    fn comparison_looks_at_every_number((s, a) in scenario_and_architecture(), which in any::<prop::sample::Index>()) {
        let welfare = ClosedForm::evaluate(&s, &a)?;
        let mut other = welfare.clone();
        let mut all = numbers(&mut other);
        let which = which.index(all.len());
        let number = &mut *all[which];
        // Above 1e-300 a relative change is one.
        *number = if number.abs() > 1e-300 { *number * (1.0 + 1e-6) } else { 1.0 };
        tells_apart(&welfare, &other, false)?;
        prop_assert!(welfare.relative_eq(&other, 1.0, 1e-5), "within the greater tolerance");
        other.by_height.pop();
        tells_apart(&welfare, &other, false)?;
        let mut renamed = welfare.clone();
        renamed.by_height[0].height += 1;
        tells_apart(&welfare, &renamed, false)?;
        tells_apart(&welfare.by_height[0], &renamed.by_height[0], false)?;
    }

    #[test]
    fn absolute_comparison_is_absolute(value in -1e6..1e6, difference in 1e-6..1.0, height in 0u32..10) {
        let reason = Reason::Worth;
        let a = HeightValue { height, value, reason, with: None, without: None, effect: None };
        let b = HeightValue { value: value + difference, ..a.clone() };
        prop_assert!(a.abs_diff_eq(&b, 1.001 * difference) && a.abs_diff_ne(&b, 0.999 * difference));
        let higher = HeightValue { height: height + 1, ..a.clone() };
        prop_assert!(a.abs_diff_ne(&higher, 1e9));
        let best = |net| Some(Best { architecture: Architecture::global(&PoolTree::new(2, height).unwrap()), net });
        let (with, more) = (
            HeightValue { with: best(value), ..a.clone() },
            HeightValue { with: best(value + difference), ..a.clone() },
        );
        prop_assert!(with.abs_diff_eq(&more, 1.001 * difference) && with.abs_diff_ne(&more, 0.999 * difference));
        prop_assert!(a.abs_diff_ne(&with, 1e9), "no set is not close to a set");
        let estimate = Estimate { mean: value, std_error: difference, replications: 100 };
        let fewer = Estimate { replications: 99, ..estimate };
        let other = Estimate { std_error: 2.0 * difference, ..estimate };
        tells_apart(&estimate, &estimate, true)?;
        tells_apart(&estimate, &fewer, false)?;
        tells_apart(&estimate, &other, false)?;
        let wrong = Estimate { mean: f64::NAN, ..estimate };
        prop_assert!(estimate.relative_ne(&wrong, 1e9, 1.0), "nothing is close to NaN");
    }
}

#[test]
fn rejects_numbers_with_fifteen_digits() {
    let short = |s: &Scenario| {
        let text = to_json(s)?;
        let rate = s.flow().rate();
        Ok(text.replace(&serde_json::to_string(&rate)?, &format!("{rate:.14e}")))
    };
    assert!(rejected(&scenario(), |s| round_trip(&s, short, from_json)));
}

#[test]
fn rejects_a_patience_that_is_lost() {
    let from_the_root = |s: &Scenario| Ok(to_toml(s)?.replace("patience_from = \"arrival\"\n", ""));
    assert!(rejected(&scenario(), |s| round_trip(&s, from_the_root, from_toml)));
}

#[test]
fn rejects_a_key_that_is_lost() {
    let without_solving = |s: &Scenario| {
        let mut table: toml::Table =
            to_toml(s)?.parse().map_err(|e: toml::de::Error| TestCaseError::fail(e.to_string()))?;
        if let Some(toml::Value::Table(timing)) = table.get_mut("timing") {
            timing.remove("solving");
        }
        Ok(table.to_string())
    };
    assert!(rejected(&scenario(), |s| round_trip(&s, without_solving, from_toml)));
}
