//! The commands that ask questions: the contract of their JSON, their tables, and what they say to nonsense.

use crate::cli::{conforms, json, run, text};
use pooltree::Scenario;
use pooltree::explore::phase::Phase;
use pooltree::explore::threshold::Threshold;
use pooltree::explore::verdict::Among;
use pooltree::pool_tree::search::Search;
use serde_json::{Value, json};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn best_prints_the_contract_and_the_library_says_the_same() {
    let report = json(&run(&["best", "--json"]));
    conforms(&report, &parsed(r#"{ "heights": [1], "net": 0.5, "levels": [ { "height": 1, "value": 0.5 } ] }"#), "");
    let search = Search::new(&Scenario::document()).unwrap();
    assert_eq!(report["net"], json!(search.best().unwrap().net));
    let values = search.raison_d_etre().unwrap();
    for (row, value) in report["levels"].as_array().unwrap().iter().zip(&values) {
        assert_eq!((&row["height"], &row["value"]), (&json!(value.height), &json!(value.value)));
    }
    let table = text(&run(&["best"]));
    assert!(table.contains("Best of all 15 sets of heights: {0, …, 3}"), "{table}");
    // Sentences are broken into lines.
    let words = |text: &str| {
        text.split(|c: char| c.is_whitespace() || c == '|').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let flat = words(&table);
    values.iter().for_each(|value| assert!(flat.contains(&words(&value.explain())), "{flat}"));
    assert!(table.contains("Levels without a raison d'être: none"), "{table}");
}

#[test]
fn threshold_prints_the_contract_and_the_library_says_the_same() {
    let args = ["threshold", "--vary", "flow.rate=0.1..1000:log", "--between", "tree", "local-2"];
    let report = json(&run(&[&args[..], &["--json"]].concat()));
    let contract = r#"{ "key": "", "crossings": [ { "at": 0.5, "bracket": [0.5, 1.5] } ] }"#;
    conforms(&report, &parsed(contract), "");
    let axis = "flow.rate=0.1..1000:log".parse().unwrap();
    let between = ["tree".parse().unwrap(), "local-2".parse().unwrap()];
    let found = Threshold::find(&Scenario::document(), &axis, between, &|_, _| ()).unwrap();
    assert_eq!(report, serde_json::to_value(&found).unwrap());
    let table = text(&run(&args));
    assert!(table.contains("tree against local-2, flow.rate from 0.1 to 1000"), "{table}");
    let rows = table.lines().filter(|line| line.contains("crossing")).count();
    assert_eq!(rows, found.crossings.len());
    assert_eq!(table.contains("Neither overtakes the other in this range."), found.crossings.is_empty(), "{table}");
}

#[test]
fn no_crossing_is_said_in_words_and_an_empty_list() {
    let args = ["threshold", "--vary", "discount.factor=0.1..0.9", "--between", "tree", "tree"];
    assert_eq!(json(&run(&[&args[..], &["--json"]].concat()))["crossings"], json!([]));
    assert!(text(&run(&args)).contains("Neither overtakes the other in this range."));
}

#[test]
fn levels_die_in_an_order_that_the_output_names() {
    let table = text(&run(&["threshold", "--vary", "cost.per_message=0..1", "--levels"]));
    assert!(table.contains("levels with a raison d'être at the lower end: 1, 2, 3"), "{table}");
    assert!(table.contains("Order of loss with growing cost.per_message: 3, 1"), "{table}");
    assert!(table.contains("messages cost more than it gains"), "{table}");
}

#[test]
fn phase_prints_the_contract_by_rows_of_y() {
    let args = ["phase", "--x", "flow.rate=1..100:log:4", "--y", "cost.per_message=0..0.5:3"];
    let report = json(&run(&[&args[..], &["--json"]].concat()));
    conforms(&report, &parsed(r#"{ "x": [0.5], "y": [0.5], "winner": [["name"]], "margin": [[0.5]] }"#), "");
    let size = |key: &str| (report[key].as_array().unwrap().len(), report[key][0].as_array().unwrap().len());
    assert_eq!((size("winner"), size("margin"), size("net"), size("heights")), ((3, 4), (3, 4), (3, 4), (3, 4)));
    let [x, y] = ["flow.rate=1..100:log:4", "cost.per_message=0..0.5:3"].map(|axis| axis.parse().unwrap());
    let found = Phase::run(&Scenario::document(), &x, &y, &Among::All, &|_, _| ()).unwrap();
    assert_eq!(report, serde_json::to_value(&found).unwrap());
    let csv = text(&run(&[&args[..], &["--csv"]].concat()));
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("flow.rate,cost.per_message,winner,heights,net,margin"));
    assert_eq!(lines.clone().count(), 12);
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!((first[0], first[1], first[2]), ("1", "0", found.winner[0][0].as_str()));
    assert_eq!(first[4].parse::<f64>().unwrap(), found.net[0][0]);
    let map = text(&run(&args));
    found.winner.iter().flatten().for_each(|name| assert!(map.contains(name.as_str()), "{map}"));
}

#[test]
fn sweep_prints_one_row_per_value() {
    let args = ["sweep", "--vary", "tree.depth=0..6"];
    let report = json(&run(&[&args[..], &["--json"]].concat()));
    assert_eq!(report["points"].as_array().unwrap().len(), 7);
    assert_eq!(report["points"][0]["margin"], Value::Null); // one operator: there is no other set
    let csv = text(&run(&[&args[..], &["--csv"]].concat()));
    assert_eq!(csv.lines().count(), 8);
    assert!(csv.lines().all(|line| line.split(',').count() == 9), "{csv}");
    let shape = r#"{ "key": "", "points": [ { "at": 0.5, "winner": "", "heights": [1], "net": 0.5 } ] }"#;
    conforms(&report, &parsed(shape), "");
    let among = json(&run(&[&args[..], &["--json", "--among", "global,tree"]].concat()));
    assert!(among["points"].as_array().unwrap().iter().all(|p| p["winner"] == "global" || p["winner"] == "tree"));
}

#[test]
fn nonsense_is_answered_with_flag_value_and_what_is_allowed() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["threshold", "--vary", "discount.factor=0.1", "--levels"],
            "--vary = discount.factor=0.1: must be KEY=LO..HI",
        ),
        (
            &["threshold", "--vary", "discount.factor=0..1", "--levels"],
            "discount.factor = 0: must be above 0 and at most 1",
        ),
        (
            &["threshold", "--vary", "flow.rates=1..2", "--levels"],
            "flow.rates: unknown key; allowed here: cost.per_message",
        ),
        (&["threshold", "--vary", "tree.depth=1..3", "--levels"], "tree.depth"),
        (
            &["threshold", "--vary", "flow.rate=1..2", "--between", "tree", "forest"],
            "--between = forest: must be tree, global",
        ),
        (
            &["threshold", "--vary", "flow.rate=1..2", "--between", "tree", "local-7"],
            "architecture = local-7: must be distinct heights from 0 to 3",
        ),
        (&["threshold", "--vary", "flow.rate=1..2"], "--between"),
        (&["threshold", "--vary", "flow.rate=1..2", "--levels", "--between", "tree", "global"], "cannot be used with"),
        (&["threshold", "--vary", "tree.depth=2..2000", "--between", "tree", "global"], "tree.depth"),
        (&["threshold", "--vary", "cost.per_message=1e300..1e308", "--levels"], "cost.per_message = "),
        (&["threshold", "--vary", "timing.period.base=1e200..1e307", "--levels"], "(where timing.period.base = "),
        (&["phase", "--x", "flow.rate=1..2", "--y", "flow.rate=1..2"], "flow.rate = (given twice)"),
        (&["phase", "--x", "discount.factor=0.1..0.9", "--y", "discount.half_life=1..2"], "the only discount"),
        (&["phase", "--x", "flow.rate=1..2:4000", "--y", "cost.per_message=0..1:4000"], "at most 4000000 pairs"),
        (&["phase", "--x", "flow.rate=1..2:0", "--y", "cost.per_message=0..1"], "from 2 to 100000 points"),
        (&["sweep", "--vary", "tree.depth=1.2..1.8:3"], "a range that holds a whole number"),
        (&["best", "--periods", "--max-ratio", "0"], "--max-ratio = 0: must be an integer of at least 1"),
        (&["climb", "--attempts", "unlimited"], "unlimited at the top only: 1,1,unlimited"),
        (&["sweep", "--vary", "flow.components.0.share=0..1"], "no other component has a share to take the rest"),
        (&["sweep", "--vary", "flow.rate=1..2", "--among", "tree,oak"], "--among = oak"),
        (&["sweep", "--vary", "flow.rate=1..2", "--json", "--csv"], "cannot be used with"),
        (&["best", "no-such-file.toml"], "no-such-file.toml"),
    ];
    for (args, part) in cases {
        let output = run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(part), "{args:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{args:?}: {said}");
    }
}
