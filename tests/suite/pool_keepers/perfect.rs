//! Auctions executed at once and for sure are the tree without keepers, to the last bit.

use super::{DOCUMENT, frame, read, replications, section};
use crate::agreement::{COMPONENTS, PERIODS};
use crate::properties::support::config;
use pooltree::compare::Comparison;
use pooltree::pool_tree::search::Search;
use pooltree::pool_tree::{Architecture, Executed, Execution, LevelExecution, Model};
use pooltree::strategies::scenario_and_architecture;
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;

/// Never fail, take no time.
const SURE: &str = "
    [keepers]
    rule = \"stake-weighted\"
    list = [{ id = \"a\", picked = 3, succeeded = 3, stake = 1 }, { id = \"b\", picked = 1, succeeded = 1, stake = 2 }]
";

fn bits(welfare: &ClosedForm) -> Vec<u64> {
    let ClosedForm { gross, cost, net, gross_per_order, net_per_order, filled_share, unfilled_share, .. } = welfare;
    let of_all = [gross, cost, net, gross_per_order, net_per_order, filled_share, unfilled_share].map(|x| x.to_bits());
    let by_height = welfare.by_height.iter().flat_map(|at| {
        [
            u64::from(at.height),
            u64::from(at.pipelined),
            at.latency.to_bits(),
            at.period.to_bits(),
            at.offset.to_bits(),
            at.deadline.to_bits(),
            at.executed.to_bits(),
            at.filling_rate.to_bits(),
            at.filled_share.to_bits(),
            at.expected_discount.to_bits(),
            at.gross.to_bits(),
            at.cost.to_bits(),
        ]
    });
    of_all.into_iter().chain(by_height).collect()
}

/// `imperfect` at one height, perfect at the others.
fn but_at(model: &Model, height: u32) -> Model {
    let levels = (0..=model.tree().depth()).map(|h| {
        if h == height {
            LevelExecution::new(0.7, vec![Executed { probability: 0.4, discounted: 0.3 }]).unwrap()
        } else {
            LevelExecution::perfect()
        }
    });
    model.clone().with_execution(Execution::new(model.tree(), levels.collect()).unwrap()).unwrap()
}

fn all_perfect(model: &Model) -> Model {
    let levels = (0..=model.tree().depth()).map(|_| LevelExecution::new(0.0, vec![Executed::PERFECT; 1]).unwrap());
    model.clone().with_execution(Execution::new(model.tree(), levels.collect()).unwrap()).unwrap()
}

#[test]
fn sure_keepers_change_no_bit() {
    for (i, component) in COMPONENTS.iter().enumerate() {
        for (j, period) in PERIODS.iter().enumerate() {
            for delay in ["idealised", "cumulative", "batched"] {
                let tree = [[2, 3], [3, 2]][(i + j) % 2];
                let text =
                    frame(tree, [3.0, 70.0][(i + j) % 2], component, period, delay) + "cost.per_message = 0.01\n";
                let plain = read(&text);
                let kept = read(&(text + SURE));
                assert!(kept.keepers().is_some() && kept.execution().is_none());
                for (_, set) in Architecture::named(plain.tree()) {
                    let [a, b] = [&plain, &kept].map(|scenario| ClosedForm::evaluate(scenario, &set).unwrap());
                    assert_eq!(bits(&a), bits(&b), "{component} {period} {delay} {set}");
                    let c = ClosedForm::evaluate(&all_perfect(&plain), &set).unwrap();
                    assert_eq!(bits(&a), bits(&c));
                }
                let [a, b] = [&plain, &kept].map(|scenario| Search::new(scenario).unwrap());
                assert_eq!(a.best().unwrap(), b.best().unwrap());
                assert_eq!(a.raison_d_etre().unwrap(), b.raison_d_etre().unwrap());
            }
        }
    }
}

/// The whole comparison, Monte Carlo included: its JSON differs in the scenario that it echoes and in one note.
#[test]
fn sure_keepers_change_no_comparison() {
    let operators = section("assignment = \"operators\"", 8, |_| (20, 0.0, 0.0));
    for text in [DOCUMENT.to_owned(), frame([2, 3], 30.0, COMPONENTS[10], PERIODS[1], "cumulative")] {
        let compared = |keepers: &str| {
            let scenario = read(&(text.clone() + keepers)).with_monte_carlo(replications(7, 400));
            let comparison = Comparison::new(&scenario, None, Some(&|_, _, _| ())).unwrap();
            let mut json = serde_json::to_value(&comparison).unwrap();
            let object = json.as_object_mut().unwrap();
            let keepers = object["scenario"].as_object_mut().unwrap().remove("keepers");
            let notes = object.remove("notes").unwrap().as_array().unwrap().len();
            (json, keepers.is_some(), notes)
        };
        let (plain, given, notes) = compared("");
        assert!(!given);
        for keepers in [SURE, &operators] {
            assert_eq!(compared(keepers), (plain.clone(), true, notes + 1));
        }
    }
}

/// The imperfect path with `e = V = 1, a = 0` at every active height, because an inactive one fails.
#[test]
fn the_path_of_failing_auctions_meets_the_other_one() {
    for component in COMPONENTS {
        for period in PERIODS {
            for delay in ["idealised", "cumulative", "batched"] {
                let plain = read(&frame([2, 3], 25.0, component, period, delay));
                for active in [&[1u32, 3][..], &[2], &[1, 2, 3], &[3]] {
                    let set = Architecture::new(plain.tree(), active.iter().copied()).unwrap();
                    let forced = but_at(&plain, 0);
                    assert!(forced.execution().is_some());
                    let [a, b] = [&*plain, &forced].map(|model| ClosedForm::evaluate(model, &set).unwrap());
                    assert_eq!(bits(&a), bits(&b), "{component} {period} {delay} {set}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_scenario_is_reproduced((scenario, architecture) in scenario_and_architecture()) {
        let plain = ClosedForm::evaluate(&scenario, &architecture)?;
        let text = toml::to_string(&scenario).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let kept: Scenario = (text + SURE).parse()?;
        prop_assert_eq!(bits(&plain), bits(&ClosedForm::evaluate(&kept, &architecture)?));
        prop_assert_eq!(bits(&plain), bits(&ClosedForm::evaluate(&all_perfect(&scenario), &architecture)?));
        let inactive = (0..=scenario.tree().depth()).find(|height| !architecture.heights().contains(height));
        if let Some(height) = inactive {
            let forced = ClosedForm::evaluate(&but_at(&scenario, height), &architecture)?;
            prop_assert_eq!(bits(&plain), bits(&forced));
        }
    }
}
