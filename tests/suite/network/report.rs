//! The report on a network, against constellations whose numbers are known, and the command that prints it.

use crate::cli::{json, run, text};
use pooltree::explore::network::{Law, LawReport, NetworkReport};
use pooltree::network::sites::division_quality;
use pooltree::pool_tree::{Architecture, Pools, search::Search};
use pooltree::{ClosedForm, Scenario};

/// Sites with that latency between any two, in a tree, with orders that are found at once anywhere and mostly nearby.
fn scenario(n: usize, tree: &str, half_life: f64, one_way: impl Fn(usize, usize) -> f64) -> String {
    let names: Vec<String> = (0..n).map(|i| format!("\"site {i}\"")).collect();
    let row = |i: usize| (0..n).map(|j| format!("{:?}", one_way(i, j))).collect::<Vec<_>>().join(", ");
    let rows: Vec<String> = (0..n).map(|i| format!("[{}]", row(i))).collect();
    format!(
        r#"
        tree = {tree}
        flow = {{ rate = 2000.0, components = [{{ kind = "uniform", share = 0.5 }}, {{ kind = "meet-at", height = 1, share = 0.5 }}] }}
        timing.latency = {{ model = "sites", statistic = "diameter", scale = 0.001 }}
        timing.period = {{ model = "ratio", base = 0.02, ratio = 1 }}
        timing.delay = "batched"
        discount = {{ half_life = {half_life:?} }}
        sites = {{ names = [{}], one_way = [{}] }}
        "#,
        names.join(", "),
        rows.join(", ")
    )
}

fn report(text: &str) -> NetworkReport {
    NetworkReport::new(&text.parse().unwrap()).unwrap()
}

fn law(report: &NetworkReport, wanted: impl Fn(&Law) -> bool) -> &LawReport {
    report.beside.laws.iter().find(|law| wanted(&law.law)).unwrap()
}

fn is_circle(law: &Law) -> bool {
    matches!(law, Law::Circle { .. })
}

const PAIRS_OF_FOUR: &str = "{ pools = [[[0, 1], [2, 3], [4, 5], [6, 7]], [[0, 1, 2, 3], [4, 5, 6, 7]]] }";

/// Operators on a circle, 3 ms between neighbours.
fn on_a_circle(i: usize, j: usize) -> f64 {
    let apart = i.abs_diff(j);
    3.0 * apart.min(8 - apart) as f64
}

/// Four pairs of neighbours 1 ms apart, 100 ms between the pairs.
fn far_pairs(i: usize, j: usize) -> f64 {
    if i == j {
        0.0
    } else if i / 2 == j / 2 {
        1.0
    } else {
        100.0
    }
}

#[test]
fn a_circle_is_a_circle() {
    let report = report(&scenario(8, PAIRS_OF_FOUR, 0.1, on_a_circle));
    let circle = law(&report, is_circle);
    for (height, latency) in [(0, 0.0), (1, 0.003), (2, 0.009), (3, 0.012)] {
        assert!((circle.latencies[height] - latency).abs() < 1e-16, "{:?}", circle.latencies);
        assert!((report.by_height[height].latency.mean - latency).abs() < 1e-16);
    }
    assert_eq!(circle.ratios[0], None);
    assert!(circle.ratios[1..].iter().all(|ratio| (ratio.unwrap() - 1.0).abs() < 1e-12));
    let verdict = circle.verdict.as_ref().unwrap();
    assert_eq!(Some(&verdict.believed.architecture), report.beside.best.as_ref().map(|best| &best.architecture));
    assert_eq!(verdict.loss, Some(0.0));
    // And what is told apart from it: the document's proportions have the root twice as slow as its children.
    let power = law(&report, |law| *law == Law::Power { exponent: 1.0 });
    assert!((power.ratios[2].unwrap() - 6.0 / 9.0).abs() < 1e-12);
}

#[test]
fn the_exponent_is_the_slope_in_logarithms() {
    // Latencies 2 m: exponent 1 and no distance from the power law.
    let line = |i: usize, j: usize| match (i / 2 == j / 2, i / 4 == j / 4) {
        _ if i == j => 0.0,
        (true, _) => 4.0,
        (_, true) => 8.0,
        _ => 16.0,
    };
    let proportional = report(&scenario(8, PAIRS_OF_FOUR, 0.1, line));
    assert!((proportional.beside.exponent.unwrap() - 1.0).abs() < 1e-12);
    let fitted = law(&proportional, |law| matches!(law, Law::Fitted { .. }));
    assert!(fitted.ratios[1..].iter().all(|ratio| (ratio.unwrap() - 1.0).abs() < 1e-12));
    // x = 1, 2, 3 and y = lb 1, lb 100, lb 100: the slope is half of what lies between the ends.
    let far = report(&scenario(8, PAIRS_OF_FOUR, 0.1, far_pairs));
    assert!((far.beside.exponent.unwrap() - 100f64.log2() / 2.0).abs() < 1e-12);
}

#[test]
fn a_verdict_of_wrong_latencies_costs_what_the_closed_form_says() {
    let text = scenario(8, PAIRS_OF_FOUR, 0.01, far_pairs) + "cost.per_message = 0.1";
    let report = report(&text);
    let real: Scenario = text.parse().unwrap();
    let best = report.beside.best.as_ref().unwrap();
    assert_eq!(*best, Search::new(&real).unwrap().best().unwrap());
    assert!(!report.beside.laws.is_empty());
    let net = |set: &Architecture| ClosedForm::evaluate(&real, set).unwrap().net;
    for law in &report.beside.laws {
        let verdict = law.verdict.as_ref().unwrap();
        assert!((verdict.net.unwrap() - net(&verdict.believed.architecture)).abs() < 1e-12 * best.net);
        assert!((best.net - verdict.net.unwrap() - verdict.loss.unwrap()).abs() < 1e-12);
        assert!(verdict.loss.unwrap() >= 0.0);
        // What it believes to earn is the closed form of a table of its latencies.
        let values = law.latencies.iter().map(|l| format!("{l:?}")).collect::<Vec<_>>().join(", ");
        let sites = "timing.latency = { model = \"sites\", statistic = \"diameter\", scale = 0.001 }";
        let table = text.replace(sites, &format!("timing.latency = {{ model = \"table\", values = [{values}] }}"));
        assert_ne!(table, text);
        let there = ClosedForm::evaluate(&table.parse::<Scenario>().unwrap(), &verdict.believed.architecture).unwrap();
        assert!((there.net - verdict.believed.net).abs() < 1e-12 * there.net);
    }
    // The circle takes a pair to be 25 ms apart, and so leaves every operator alone, which earns less than half of the best.
    let circle = law(&report, is_circle);
    assert!((circle.ratios[1].unwrap() - 25.0).abs() < 1e-9, "{:?}", circle.ratios);
    assert!(circle.verdict.as_ref().unwrap().loss.unwrap() > 0.5 * best.net, "{circle:?} {best:?}");
}

#[test]
fn pools_latencies_and_divisions_are_those_of_the_parts() {
    let tree = "{ pools = [[[\"site 4\", \"site 0\", \"site 2\"], [1, 3]]] }";
    let line = |i: usize, j: usize| i.abs_diff(j) as f64;
    let text = scenario(5, tree, 0.1, line).replace("\"diameter\"", "\"mean-farthest\"");
    let report = report(&text);
    let heights = &report.by_height;
    assert_eq!(heights.iter().map(|h| h.pools).collect::<Vec<_>>(), [5, 2, 1]);
    let operators = heights[1].operators;
    assert_eq!((operators.least, operators.mean, operators.largest), (2.0, 2.5, 3.0));
    // {4, 0, 2}: farthest 4, 4, 2; {1, 3}: 2.
    let milliseconds = heights[1].milliseconds.unwrap();
    let known = [(milliseconds.least, 2.0), (milliseconds.mean, 8.0 / 3.0), (milliseconds.largest, 10.0 / 3.0)];
    known.iter().for_each(|(value, wanted)| assert!((value - wanted).abs() < 1e-12, "{value} {wanted}"));
    assert!((heights[1].latency.mean - 1e-3 * milliseconds.mean).abs() < 1e-15);
    let by_pool: Vec<usize> = heights[1].members.iter().map(|pool| pool.operators.len()).collect();
    assert_eq!(by_pool.iter().sum::<usize>(), 5);
    let of_three = heights[1].members.iter().find(|pool| pool.operators.len() == 3).unwrap();
    assert_eq!(of_three.operators, ["site 4", "site 0", "site 2"]);
    assert!((of_three.latency - 0.01 / 3.0).abs() < 1e-15);

    let scenario: Scenario = text.parse().unwrap();
    let pools: &Pools = scenario.tree().given_pools().unwrap();
    let quality = division_quality(scenario.sites().unwrap().sites(), pools, 1000, 1).unwrap();
    assert_eq!(heights[0].division, None);
    for (height, quality) in heights[1..].iter().zip(quality) {
        let division = height.division.unwrap();
        assert_eq!(
            (division.mean_diameter, division.largest_diameter),
            (quality.mean_diameter, quality.largest_diameter)
        );
        assert_eq!((division.random_mean, division.random_largest), (quality.random_mean, quality.random_largest));
    }
    assert_eq!(heights[2].division.unwrap().ratio, Some(1.0));
}

#[test]
fn units_of_time_do_not_matter() {
    let seconds = scenario(8, PAIRS_OF_FOUR, 0.02, far_pairs);
    let half = seconds
        .replace("scale = 0.001", "scale = 0.002")
        .replace("half_life = 0.02", "half_life = 0.04")
        .replace("base = 0.02", "base = 0.04")
        .replace("rate = 2000.0", "rate = 1000.0");
    let [a, b] = [report(&seconds), report(&half)];
    assert_eq!(a.by_height[1].milliseconds, b.by_height[1].milliseconds);
    assert!((a.beside.exponent.unwrap() - b.beside.exponent.unwrap()).abs() < 1e-12);
    for (a, b) in a.beside.laws.iter().zip(&b.beside.laws) {
        for (x, y) in a.ratios.iter().zip(&b.ratios) {
            assert!((x.unwrap_or(0.0) - y.unwrap_or(0.0)).abs() < 1e-12);
        }
        let [x, y] = [a, b].map(|law| law.verdict.as_ref().unwrap());
        assert_eq!(x.believed.architecture, y.believed.architecture);
        assert!((x.net.unwrap() - 2.0 * y.net.unwrap()).abs() < 1e-9 * x.net.unwrap());
    }
}

#[test]
fn networks_without_latency_or_without_statistic_are_reported() {
    let nothing = report(&scenario(4, "{ pools = [[[0, 1], [2, 3]]] }", 0.1, |_, _| 0.0));
    assert!(nothing.beside.laws.is_empty() && nothing.beside.exponent.is_none() && nothing.beside.best.is_some());
    assert_eq!(nothing.by_height[1].division.unwrap().ratio, None);
    assert_eq!(nothing.notes, ["no latency at the root, or one operator: nothing to hold against a circle"]);

    let table = r#"
        tree = { pools = [[[0, 1], [2, 3, 4]]] }
        flow = { rate = 100.0 }
        timing.latency = { model = "table", values = [0.0, 0.1, 0.3] }
        timing.period = { model = "back-to-back" }
        timing.delay = "batched"
        timing.solving = 0.01
        discount = { factor = 0.5 }
    "#;
    let table = report(table);
    assert_eq!(table.by_height[1].members[1].operators, ["2", "3", "4"]);
    assert!(table.by_height.iter().all(|height| height.milliseconds.is_none() && height.division.is_none()));
    assert_eq!(table.notes.len(), 2);
    assert!(law(&table, is_circle).verdict.is_some());
    // Back to back, and a quorum of oneself is no hurry: no auction takes any time.
    let quorum = scenario(4, "{ pools = [[[0, 1], [2, 3]]] }", 0.1, |i, j| i.abs_diff(j) as f64)
        .replace("\"diameter\"", "\"fastest-quorum\", quorum = 0.1")
        .replace("{ model = \"ratio\", base = 0.02, ratio = 1 }", "{ model = \"back-to-back\" }");
    let quorum = report(&quorum);
    assert_eq!(quorum.beside.best, None);
    assert_eq!(quorum.notes[0], "the best set of heights was not searched: no set of heights can hold auctions");
    // Alone in the world.
    let alone = report(&scenario(1, "{ arity = 2, depth = 0 }", 0.1, |_, _| 0.0).replace("height = 1", "height = 0"));
    assert_eq!((alone.operators, alone.beside.laws.len()), (1, 0));
}

#[test]
fn a_tree_whose_pools_are_alike_is_refused_with_what_is_missing() {
    let exchange = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/exchange.toml");
    let output = run(&["network", exchange.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let message = "error: tree.pools: missing; must be pools over operators: a section [sites] that the tree divides, or the \
                   pools of every height\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), message);
    assert!(output.stdout.is_empty());
}

#[test]
fn the_command_prints_what_the_library_says() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/real-world.toml");
    let file = file.to_str().unwrap();
    let report = NetworkReport::new(&Scenario::from_file(file).unwrap()).unwrap();
    assert_eq!(json(&run(&["network", file, "--json"])), serde_json::to_value(&report).unwrap());
    let table = text(&run(&["network", file, "--pools"]));
    let exponent = format!("m^{:.3}", report.beside.exponent.unwrap());
    assert!(table.contains(&exponent), "{table}");
    assert!(!table.contains("NaN") && !table.contains("inf"), "{table}");
    // Every city is in one pool of every height below the root.
    for height in &report.by_height[1..report.by_height.len() - 1] {
        let section = table.split(&format!("Pools of height {}\n", height.height)).nth(1).unwrap();
        let rows: Vec<&str> = section.lines().skip(1).take_while(|line| line.starts_with("- ")).collect();
        assert_eq!(rows.len(), height.pools);
        let mut names: Vec<&str> =
            rows.iter().flat_map(|row| row[2..].rsplit_once(" (latency").unwrap().0.split(", ")).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), report.operators);
    }
    assert!(!text(&run(&["network", file])).contains("Pools of height"));
}
