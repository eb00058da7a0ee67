//! Networks as models: whatever takes a scenario takes one of given pools, and finds the same where pools are alike.
//!
//! Statistical tests: fixed seeds, together below a false-alarm rate of 1e-6.

use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::compare::Comparison;
use pooltree::pool_tree::closed_form::network::evaluate;
use pooltree::pool_tree::search::{Search, enumerate};
use pooltree::pool_tree::{Architecture, PoolTree, Pools};
use pooltree::{ClosedForm, Scenario};

/// The tree of a scenario as lists of operators, their numbers passed through `rename`.
fn as_pools(tree: &PoolTree, rename: impl Fn(usize) -> usize) -> String {
    let pools = Pools::regular(tree).unwrap();
    let of_height = |height: u32| {
        let pools = (0..pools.count(height)).map(|pool| {
            let members: Vec<usize> = pools.members(height, pool).iter().map(|&i| rename(i)).collect();
            format!("{members:?}")
        });
        format!("[{}]", pools.collect::<Vec<_>>().join(", "))
    };
    let heights: Vec<String> = (1..tree.depth()).map(of_height).collect();
    format!("operators = {}\npools = [{}]", pools.operators(), heights.join(", "))
}

fn text(tree: &str, component: &str, period: &str, latency: &str, more: &str) -> String {
    format!(
        "[flow]\nrate = 40.0\nassets = 3\ncomponents = [{component}]\n\
         [timing]\nlatency = {{ {latency} }}\nperiod = {{ {period} }}\ndelay = \"batched\"\n\
         [discount]\nhalf_life = 0.8\n[utility]\nmean = 1.7\n[cost]\nper_message = 0.01\n[tree]\n{tree}\n{more}"
    )
}

fn close(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1e-12), "{what}: {found:e} is not {expected:e}");
}

fn same(found: &ClosedForm, expected: &ClosedForm) {
    close("gross", found.gross, expected.gross);
    close("cost", found.cost, expected.cost);
    close("filled", found.filled_share, expected.filled_share);
    close("unfilled", found.unfilled_share, expected.unfilled_share);
    for (found, expected) in found.by_height.iter().zip(&expected.by_height) {
        close("latency", found.latency, expected.latency);
        close("offset", found.offset, expected.offset);
        close("filled here", found.filled_share, expected.filled_share);
        close("discount", found.expected_discount, expected.expected_discount);
        close("rate", found.filling_rate, expected.filling_rate);
        close("executed", found.executed, expected.executed);
        assert_eq!(found.pipelined, expected.pipelined);
    }
}

const LATENCIES: [&str; 4] = [
    "model = \"proportional\", scale = 0.03, exponent = 0.7",
    "model = \"ring\", statistic = \"mean-farthest\", spacing = 0.01",
    "model = \"ring\", statistic = \"random-quorum\", quorum = 0.6, spacing = 0.02",
    "model = \"table\", values = [0.01, 0.02, 0.3, 0.2]",
];

#[test]
fn a_complete_tree_written_out_is_the_same_tree() {
    let tree = PoolTree::new(2, 3).unwrap();
    let mut compared = 0;
    for (i, component) in COMPONENTS.iter().filter(|component| !component.contains("circle")).enumerate() {
        for (j, period) in PERIODS.iter().enumerate() {
            let latency = LATENCIES[(i + j) % LATENCIES.len()];
            // A quorum of one operator takes no time, and back to back nothing is ever open.
            let read = |tree: &str| text(tree, component, period, latency, "").parse::<Scenario>().unwrap();
            let (regular, given) = (read("arity = 2\ndepth = 3"), read(&as_pools(&tree, |i| i)));
            assert!(regular.network().is_none() && given.network().is_some());
            for (_, architecture) in Architecture::named(&tree) {
                let of = |scenario| ClosedForm::evaluate(scenario, &architecture).unwrap();
                same(&of(&given), &of(&regular));
                compared += 1;
            }
            let best = |scenario: &Scenario| Search::new(scenario).unwrap().best().unwrap();
            assert_eq!(best(&given).architecture, best(&regular).architecture);
            close("best", best(&given).net, best(&regular).net);
            let values = |scenario: &Scenario| Search::new(scenario).unwrap().raison_d_etre().unwrap();
            for (found, expected) in values(&given).iter().zip(values(&regular)) {
                assert_eq!((found.height, found.reason), (expected.height, expected.reason));
                assert!((found.value - expected.value).abs() < 1e-10, "{found:?} {expected:?}");
            }
        }
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn operators_may_have_any_numbers() {
    // Operators 0, 3, 6, … of a circle of 16 beside each other: the same tree under other names.
    let tree = PoolTree::new(4, 2).unwrap();
    let rename = |i: usize| i * 3 % 16;
    let flow = |i: usize| {
        format!("{{ kind = \"uniform\", share = 0.4 }}, {{ kind = \"single-site\", operator = {i}, share = 0.6 }}")
    };
    let listed = |keepers: &mut dyn Iterator<Item = usize>| -> String {
        let one = |i| format!("[[keepers.list]]\nid = \"k{i}\"\nsucceeded = {}\npicked = 20\n", 9 + (i * 7) % 11);
        keepers.map(one).collect::<Vec<_>>().concat()
    };
    let list = listed(&mut (0..16));
    let renamed = listed(&mut (0..16).map(|i| (0..16).find(|&j| rename(j) == i).unwrap()));
    for rule in ["uniform", "by-reliability"] {
        let keepers = |list: &str| format!("[keepers]\nassignment = \"operators\"\nrule = \"{rule}\"\n{list}");
        let read = |tree: &str, operator: usize, list: &str| {
            let scenario = text(tree, &flow(operator), PERIODS[0], LATENCIES[0], &keepers(list));
            scenario.parse::<Scenario>().unwrap()
        };
        let regular = read("arity = 4\ndepth = 2", 6, &list);
        let given = read(&as_pools(&tree, rename), rename(6), &renamed);
        for heights in [vec![1, 2], vec![0, 1, 2], vec![2], vec![0, 2]] {
            let architecture = Architecture::new(&tree, heights).unwrap();
            let of = |scenario| ClosedForm::evaluate(scenario, &architecture).unwrap();
            same(&of(&given), &of(&regular));
            assert!(of(&given).by_height[0].executed < 1.0);
        }
    }
}

/// Unequal pools, latencies and rates.
fn uneven() -> Scenario {
    text(
        "operators = 7\npools = [[[0, 6], [1], [2, 3, 4], [5]], [[0, 6, 1], [2, 3, 4, 5]]]",
        "{ kind = \"uniform\", share = 0.3, side_share = 0.4 }, { kind = \"scale-free\", exponent = 1.2, share = 0.2 }, \
         { kind = \"custom\", share = 0.5, classes = [\
         { operators = [0, 3], rates = [[2.0, 1.0], [0.0, 1.5]] },\
         { pair = [\"A\", \"B\"], operators = [1, 6, 5], rates = [[1.0, 0.0], [0.0, 2.0], [0.3, 0.3]] }] }",
        "model = \"ratio\", base = 0.2, ratio = 2",
        "model = \"ring\", statistic = \"diameter\", spacing = 0.02",
        "",
    )
    .parse()
    .unwrap()
}

#[test]
fn uneven_pools_agree_with_their_simulation() {
    let comparison = Comparison::new(&uneven(), None, Some(&|_, _, _| ())).unwrap();
    assert_eq!(comparison.architectures.len(), 4);
    for compared in &comparison.architectures {
        let confirmed = compared.monte_carlo.as_ref().unwrap();
        assert!(confirmed.agreement.p_value > 1e-8, "{}: {:?}", compared.name, confirmed.agreement);
        let error = (confirmed.simulated.gross - compared.closed_form.gross) / confirmed.simulated.std_error;
        assert!(error.abs() < 6.0, "{}: {error}", compared.name);
        // Counter-test: a tenth of what a height fills, moved away, is seen.
        let mut wrong = compared.closed_form.clone();
        wrong.by_height.iter_mut().for_each(|height| height.filled_share *= 0.9);
        let wrong = pooltree::compare::Confirmed::new(&comparison.scenario, &wrong, confirmed.simulated.clone());
        assert!(wrong.agreement.p_value < 1e-8, "{}: {:?}", compared.name, wrong.agreement);
    }
}

#[test]
fn searches_evaluate_every_set() {
    let scenario = uneven();
    let network = scenario.network().unwrap();
    let all = enumerate(&scenario).unwrap();
    assert_eq!(all.sets().len(), 15);
    for set in all.sets() {
        let alone = evaluate(network, set.architecture.heights()).unwrap().total;
        assert_eq!((set.net.to_bits(), set.gross.to_bits()), (alone.net.to_bits(), alone.gross.to_bits()));
    }
    let search = Search::new(&scenario).unwrap();
    let best = search.best().unwrap();
    assert!(all.sets().iter().all(|set| set.net <= best.net));
    // The value of a height: with it against without it.
    for level in search.raison_d_etre().unwrap() {
        let most = |with: bool| {
            let sets = all.sets().iter().filter(|set| set.architecture.heights().contains(&level.height) == with);
            sets.map(|set| set.net).fold(f64::NEG_INFINITY, f64::max)
        };
        close("value", level.value, most(true) - most(false));
    }
}

#[test]
fn offsets_are_those_of_the_slowest_part() {
    // Pools {0, 1, 2}, {3}: latencies 2 and 0 on the ring; the root waits for the slower one.
    let scenario: Scenario = text(
        "pools = [[[0, 1, 2], [3]]]",
        "{ kind = \"single-site\", operator = 3 }",
        "model = \"ratio\", base = 1.0, ratio = 1",
        "model = \"ring\", statistic = \"diameter\"",
        "",
    )
    .parse()
    .unwrap();
    let welfare = evaluate(scenario.network().unwrap(), &[1, 2]).unwrap();
    let half = |time: f64| 0.5f64.powf(time / 0.8);
    let wait = (1.0 - half(1.0)) / (2f64.ln() / 0.8);
    close("alone", welfare.pools[0][1].expected_discount, wait);
    close("three", welfare.pools[0][0].expected_discount, half(2.0) * wait);
    // Half of the circle of four.
    close("root", welfare.pools[1][0].expected_discount, half(2.0 + 2.0) * wait);
    // All orders arrive at operator 3, whose pool fills them first.
    assert_eq!(welfare.pools[0][0].filled_share, 0.0);
    assert!(welfare.pools[1][0].filled_share < 1e-15);
    let level = scenario.schedule(&Architecture::full(scenario.tree())).unwrap().levels()[0];
    assert_eq!(level.latency, 2.0);
}

#[test]
fn where_sides_meet_every_pair_of_operators_counts_the_same() {
    // Children of 1, 2 and 3 operators: ordered pairs 2, 3 and 6, twice.
    let scenario: Scenario = text(
        "pools = [[[0], [1, 2], [3, 4, 5]]]",
        "{ kind = \"meet-at\", height = 2 }",
        "model = \"ratio\", base = 1.0, ratio = 1",
        LATENCIES[0],
        "",
    )
    .parse()
    .unwrap();
    let flow = scenario.network().unwrap().flow();
    assert_eq!(flow.classes().len(), 6);
    close("rate", flow.rate(), 40.0);
    for class in flow.classes() {
        assert_eq!(class.copies(), 3); // pairs of three assets
        let sides = [0, 1].map(|side| class.rates().iter().filter(|(_, rates)| rates[side] > 0.0).count() as f64);
        close("class", 3.0 * class.rate(), 40.0 * sides[0] * sides[1] / 22.0);
    }
    // Scale-free: pairs weigh as the pool where they meet to the power -s.
    let scale_free: Scenario = text(
        "pools = [[[0], [1, 2], [3, 4, 5]]]",
        "{ kind = \"scale-free\", exponent = 2 }",
        "model = \"ratio\", base = 1.0, ratio = 1",
        LATENCIES[0],
        "",
    )
    .parse()
    .unwrap();
    let weights = [22.0 / 36.0, 2.0 / 4.0, 6.0 / 9.0];
    let all: f64 = weights.iter().sum();
    let meet = |a: usize, b: usize| scale_free.tree().meeting_height(a as u64, b as u64);
    let mut shares = [0.0; 3];
    for class in scale_free.network().unwrap().flow().classes() {
        let of = |side: usize| class.rates().iter().find(|(_, rates)| rates[side] > 0.0).unwrap().0;
        let at = if meet(of(0), of(1)) == 2 { 0 } else { usize::from(of(0) > 2) + 1 };
        shares[at] += 3.0 * class.rate() / 40.0;
    }
    for (share, weight) in shares.iter().zip(weights) {
        close("scale-free", *share, weight / all);
    }
}

#[test]
fn what_needs_pools_alike_says_so() {
    let scenario = uneven();
    let allowed = "must be one whose pools are alike at every height, for";
    let told = |message: String| assert!(message.contains(allowed), "{message}");
    told(pooltree::explore::sizing::smallest_pools(&scenario, 0.5).unwrap_err().to_string());
    let full = Architecture::full(scenario.tree());
    told(pooltree::pool_tree::simulation::CountsEngine::new(&scenario, &full).err().unwrap().to_string());
}
