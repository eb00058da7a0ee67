//! `pooltree climb`.

use super::{factor, level};
use pooltree::constant_filling::DelayCounting::Cumulative;
use pooltree::constant_filling::closed_form::evaluate;
use pooltree::constant_filling::{Attempts, Climb, ClimbLevel};
use serde_json::{Value, json};
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pooltree")).arg("climb").args(args).output().unwrap()
}

/// Standard output of a run that must succeed without a word on standard error.
fn text(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&text(&[args, &["--json"]].concat())).unwrap()
}

/// The only line of standard error of a run that must fail.
fn mistake(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap().trim().to_owned()
}

#[test]
fn the_document_without_flags() {
    let text = text(&["--replications", "2000"]);
    for part in [
        "3 levels, cumulative delay, discount factor 0.5",
        "0.606262",
        "37.6818 %",
        "0 %: always",
        "p = 0.",
        "3 levels |",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn numbers_of_the_document() {
    let own = text(&["--delays", "0.5,1,2", "--delay", "own", "--no-simulation"]);
    assert!(own.contains("0.509803") && !own.contains("simulat"));
    assert!(text(&["--delays", "0.5,1,2", "--no-simulation"]).contains("0.452990"));
    assert!(text(&["--delays", "2", "--attempts", "unlimited", "--no-simulation"]).contains("0.142857"));
    let two = json(&["--levels", "2", "--no-simulation"]);
    assert_eq!(two["rivals"][0]["rival"], "perfect");
    assert_eq!(two["rivals"][0]["climb_is"], "less");
    assert_eq!(two["rivals"][0]["smallest_depth"], json!({ "levels": 3 }));
    assert_eq!(
        two["rivals"][0]["critical"]["rate"]["at"]["at"].as_f64().unwrap(),
        two["rivals"][0]["critical"]["crossings"][0]["at"].as_f64().unwrap()
    );
    assert_eq!(two["rivals"][1]["critical"], json!({ "rate": "always", "crossings": [] }));
}

#[test]
fn json_holds_the_numbers_of_the_library() {
    let flags = ["--filling-rate", "0.5,0.25", "--delays", "0.5,2", "--attempts", "3,unlimited", "--half-life", "4"];
    let report = json(&[&flags[..], &["--replications", "5000", "--seed", "7"]].concat());
    let top = ClimbLevel { filling_rate: 0.25, duration: 2.0, attempts: Attempts::Unlimited };
    let climb = Climb::new(vec![level(0.5, 0.5, 3), top], Cumulative, factor(0.5f64.powf(0.25))).unwrap();
    let exact = evaluate(&climb);
    for route in ["closed_form", "matrix"] {
        let welfare = report[route]["welfare"].as_f64().unwrap();
        assert!((welfare - exact.welfare).abs() < 1e-15, "{welfare}");
    }
    assert_eq!(report["climb"]["levels"][1]["attempts"], "unlimited");
    let simulated = &report["monte_carlo"];
    assert_eq!((&simulated["replications"], &simulated["seed"]), (&json!(5000), &json!(7)));
    assert!(simulated["agreement"]["p_value"].as_f64().unwrap() > 1e-9);
    assert!(simulated["welfare_agreement"]["p_value"].as_f64().unwrap() > 1e-9);
    assert_eq!(simulated["by_level"].as_array().unwrap().len(), 2);
    assert_eq!(report["rivals"], json!([]), "two filling rates");
    // What is infinite is left out rather than null.
    let forever = text(&["--filling-rate", "0", "--delays", "1", "--attempts", "unlimited", "--json"]);
    assert!(!forever.contains("null") && forever.contains("\"waiting_share\": 1.0"));
}

#[test]
fn threads_do_not_matter() {
    let with = |threads: &str| text(&["--json", "--replications", "20000", "--threads", threads]);
    assert_eq!(with("1"), with("3"));
}

#[test]
fn what_is_out_of_reach_is_said() {
    let long = text(&["--attempts", "1,1,5000", "--replications", "1000"]);
    assert!(long.contains("No matrix: attempts = 5002: must be at most 1024 in all for the matrix form"), "{long}");
    let many = text(&["--replications", "9000000000000000000"]);
    assert!(many.contains("Not simulated: 9000000000000000000 orders"), "{many}");
}

#[test]
fn mistakes_name_the_flag() {
    for (args, message) in [
        (&["--filling-rate", "1.5"][..], "--filling-rate = 1.5: must be from 0 to 1"),
        (&["--filling-rate", "0.1,0.2"], "--filling-rate = (2 values): must be one value, or 3: one a level"),
        (&["--filling-rate", "nan"], "--filling-rate = NaN: must be from 0 to 1"),
        (&["--delays", "1,-1"], "--delays = -1: must be finite and at least 0"),
        (&["--delays", "1,2", "--attempts", "1,2,3"], "--attempts = (3 values): must be one value, or 2: one a level"),
        (&["--attempts", "0"], "--attempts = 0: must be an integer of at least 1, or unlimited"),
        (&["--attempts", "some"], "--attempts = some: must be an integer of at least 1, or unlimited"),
        (&["--attempts", "unlimited"], "--attempts = unlimited: must be unlimited at the top only: 1,1,unlimited"),
        (&["--arity", "1"], "--arity = 1: must be an integer of at least 2"),
        (&["--levels", "0"], "--levels = 0: must be an integer from 1 to 1024"),
        (&["--factor", "0"], "--factor = 0: must be above 0 and at most 1"),
        (&["--half-life", "-1"], "--half-life = -1: must be finite and above 1e-308"),
        (
            &["--replications", "1"],
            "--replications = 1: must be an integer of at least 2 and at most 9223372036854775807",
        ),
    ] {
        assert_eq!(mistake(args), format!("error: {message}"));
    }
    for conflict in
        [&["--factor", "0.5", "--half-life", "1"][..], &["--delays", "1", "--arity", "2"], &["--delay", "none"]]
    {
        assert!(mistake(conflict).starts_with("error: "));
    }
}
