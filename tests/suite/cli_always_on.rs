//! `pooltree always-on`: its JSON, its table, and what it says to nonsense.

use crate::cli::{conforms, json, run, text};
use pooltree::always_on::closed_form::evaluate;
use pooltree::always_on::growth::waiting_without_patience;
use pooltree::always_on::{AlwaysOn, chain};
use pooltree::pool_tree::{Discount, DiscountModel};
use serde_json::{Value, json};

const POOL: [&str; 5] = ["always-on", "--rates", "4,3", "--patience-rate", "1"];

fn with(args: &[&'static str]) -> Vec<&'static str> {
    [&POOL[..], args].concat()
}

#[test]
fn json_is_what_the_library_says() {
    let report = json(&run(&with(&["--json", "--replications", "20000", "--seed", "3"])));
    let shape = r#"{ "pool": { "first_rate": 0.5, "second_rate": 0.5, "patience_rate": 0.5 }, "discount": { "factor": 0.5 },
        "monte_carlo": { "replications": 1, "seed": 1,
            "welfare": { "mean": 0.5, "std_error": 0.5 }, "balanced_share": { "mean": 0.5, "std_error": 0.5 },
            "first": { "unfilled_share": { "mean": 0.5, "std_error": 0.5 }, "waiting": { "mean": 0.5, "std_error": 0.5 },
                       "welfare": { "mean": 0.5, "std_error": 0.5 } },
            "agreement": { "chi_square": 0.5, "degrees_of_freedom": 1, "p_value": 0.5 } } }"#;
    conforms(&report, &serde_json::from_str(shape).unwrap(), "");
    let half = Discount::new(DiscountModel::Factor(0.5)).unwrap();
    let pool = AlwaysOn::new(4.0, 3.0, 1.0).unwrap();
    assert_eq!(report["closed_form"], serde_json::to_value(evaluate(&pool, &half)).unwrap());
    assert_eq!(report["matrix"], serde_json::to_value(chain::solve(&pool, &half).unwrap()).unwrap());
    let simulated = &report["monte_carlo"];
    assert_eq!((&simulated["replications"], &simulated["seed"]), (&json!(20000), &json!(3)));
    assert!(simulated["agreement"]["p_value"].as_f64().unwrap() > 1e-6);
    // Flags of the discount; no simulation unless it is wanted.
    let welfare = |args: &[&'static str]| json(&run(&with(&[args, &["--json", "--no-simulation"]].concat())));
    let slow = welfare(&["--half-life", "2"]);
    let discount = Discount::new(DiscountModel::HalfLife(2.0)).unwrap();
    assert_eq!(slow["closed_form"], serde_json::to_value(evaluate(&pool, &discount)).unwrap());
    assert!(slow.get("monte_carlo").is_none() && slow["matrix"].is_object());
    assert!(slow["closed_form"]["welfare"].as_f64() > report["closed_form"]["welfare"].as_f64());
}

#[test]
fn the_same_on_any_number_of_threads() {
    let on = |threads: &'static str| text(&run(&with(&["--json", "--replications", "5000", "--threads", threads])));
    assert_eq!(on("1"), on("3"));
}

#[test]
fn the_table_has_both_sides_by_three_routes() {
    let table = text(&run(&with(&["--replications", "20000"])));
    let cells = |name: &str| -> Vec<String> {
        let line = table.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name}: {table}"));
        line.split('|').skip(2).map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
    };
    // Formula and matrix to the same digits, simulation with its error; E[n] = 4 - 3 orders per patience time.
    for side in ["first side", "second side", "both sides"] {
        for figure in ["unfilled", "waiting", "discounted welfare"] {
            let row = cells(&format!("{side}: {figure}"));
            assert!(row.len() == 3 && row[0] == row[1] && row[2].contains('±'), "{row:?}");
        }
    }
    assert_eq!(cells("mean imbalance"), ["1.00000", "1.00000", "-"]);
    assert_eq!(cells("balanced, none waiting")[0], "20.0030 %");
    assert_eq!(cells("first side: filled at once").len(), 3);
    assert!(table.contains("Simulation: 20000 cycles, seed 1") && table.contains("p = 0."), "{table}");
    let plain = text(&run(&with(&["--no-simulation"])));
    assert!(!plain.contains("imulation") && plain.contains("matrix"), "{plain}");
}

#[test]
fn what_is_out_of_reach_is_said_and_the_integrals_still_answer() {
    let patient = text(&run(&["always-on", "--rates", "2e6,1e6", "--patience-rate", "1", "--replications", "10"]));
    assert!(patient.contains("No matrix: ") && patient.contains("Not simulated: "), "{patient}");
    assert!(patient.contains("50.0000 %"), "{patient}");
    let capped = text(&run(&["always-on", "--rates", "1,0", "--patience-rate", "1", "--precision", "0.5"]));
    assert!(capped.contains("is out of reach: no fill was seen"), "{capped}");
}

#[test]
fn without_patience_the_queue_grows() {
    let args = ["always-on", "--rates", "2,2", "--patience-rate", "0"];
    let said = text(&run(&args));
    assert!(said.contains("null recurrent") && said.contains("square root of time"), "{said}");
    let report = json(&run(&[&args[..], &["--json"]].concat()));
    assert_eq!(report["null_recurrent"], Value::Bool(true));
    let growth = report["growth"].as_array().unwrap();
    assert!(growth.len() >= 4);
    let at = |moment: &Value| [&moment["time"], &moment["waiting"]].map(|v| v.as_f64().unwrap());
    for moment in growth {
        let [time, waiting] = at(moment);
        assert_eq!(waiting, waiting_without_patience(2.0, 2.0, time).unwrap());
    }
    // A hundred times as long, ten times as many.
    let [[early, few], [late, many]] = [at(&growth[growth.len() - 2]), at(&growth[growth.len() - 1])];
    assert!((many / few / (late / early).sqrt() - 1.0).abs() < 1e-6);
    let drift = ["always-on", "--rates", "4,3", "--patience-rate", "0"];
    let report = json(&run(&[&drift[..], &["--json"]].concat()));
    assert_eq!(report["null_recurrent"], Value::Bool(false));
    let [time, waiting] = at(report["growth"].as_array().unwrap().last().unwrap());
    assert!((waiting / time - 1.0).abs() < 1e-6);
    let said = text(&run(&drift));
    assert!(said.contains("|λ1 - λ2| t") && !said.contains("null recurrent"), "{said}");
}

#[test]
fn nonsense_is_answered_with_flag_value_and_what_is_allowed() {
    let cases: &[(&[&str], &str)] = &[
        (&["--rates", "4", "--patience-rate", "1"], "--rates = (1 given): must be two values"),
        (&["--rates", "4,3,2", "--patience-rate", "1"], "--rates = (3 given): must be two values"),
        (&["--rates", "-4,3", "--patience-rate", "1"], "--rates = -4: must be finite and at least 0"),
        (&["--rates", "4,nan", "--patience-rate", "1"], "--rates = NaN: must be finite and at least 0"),
        (&["--rates", "4,nan", "--patience-rate", "0"], "--rates = NaN: must be finite and at least 0"),
        (&["--rates", "inf,4", "--patience-rate", "0"], "--rates = inf: must be finite and at least 0"),
        (&["--rates", "0,0", "--patience-rate", "1"], "--rates = 0: must be above 0 where that of the other side is 0"),
        (&["--rates", "0,0", "--patience-rate", "0"], "--rates = 0: must be above 0 where that of the other side is 0"),
        (
            &["--rates", "1e16,1", "--patience-rate", "1"],
            "--rates = 1e16: must be at most 1e15 times the patience rate 1",
        ),
        (&["--rates", "1.7e308,1.7e308", "--patience-rate", "1e308"], "the welfare per unit of time is not finite"),
        (&["--rates", "4,x", "--patience-rate", "1"], "--rates"),
        (&["--rates", "4,3"], "--patience-rate"),
        (&["--patience-rate", "1"], "--rates"),
        (&["--rates", "4,3", "--patience-rate", "-1"], "--patience-rate = -1: must be finite and at least 0"),
        (&["--rates", "4,3", "--patience-rate", "nan"], "--patience-rate = NaN: must be finite and at least 0"),
        (&["--rates", "4,3", "--patience-rate", "1", "--factor", "0"], "--factor = 0: must be above 0 and at most 1"),
        (&["--rates", "4,3", "--patience-rate", "1", "--half-life", "0"], "--half-life = 0: must be"),
        (&["--rates", "4,3", "--patience-rate", "1", "--half-life", "1", "--factor", "1"], "cannot be used with"),
        (&["--rates", "4,3", "--patience-rate", "1", "--replications", "1"], "--replications = 1: must be"),
        (
            &["--rates", "4,3", "--patience-rate", "1", "--precision", "1"],
            "--precision = 1: must be above 0 and below 1",
        ),
        (
            &["--rates", "4,3", "--patience-rate", "1", "--precision", "0.1", "--replications", "9"],
            "cannot be used with",
        ),
        (&["--rates", "4,3", "--patience-rate", "1", "--seed", "18446744073709551615"], "--seed = "),
        (&["--rates", "4,3", "--patience-rate", "1", "--threads", "0"], "--threads"),
    ];
    for (args, part) in cases {
        let output = run(&[&["always-on"], *args].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(part), "{args:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{args:?}: {said}");
    }
}
