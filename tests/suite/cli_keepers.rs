//! `pooltree keepers`: its JSON, its tables, its flags, and what it says to nonsense.

use crate::cli::{json, run, text};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::keepers::table::{Questions, Table};
use pooltree::keepers::{Keeper, Keepers, Parameters};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const HEADER: &str = "id,stake,bid,cost,ping,picked,succeeded,active";

/// Keys of a row that every rule has.
const ROW: [&str; 17] = [
    "rule",
    "winner",
    "unserved",
    "effective_number",
    "predictability",
    "gini",
    "sybil_gain",
    "sybil_split",
    "stake_elasticity",
    "losers_loss",
    "expected_wait",
    "tie_unfairness",
    "effective_pool",
    "slashing",
    "deterrence",
    "executed",
    "expected_discount",
];

const RULES: [&str; 12] = [
    "by-bid",
    "by-stake",
    "by-count",
    "by-reliability",
    "uniform",
    "stake-weighted",
    "power",
    "noise",
    "mixture",
    "probe",
    "gas-auction",
    "flashbots",
];

/// Rules by which more than one keeper of the example may be selected.
const OPEN: [&str; 9] =
    ["by-count", "uniform", "stake-weighted", "power", "noise", "mixture", "probe", "gas-auction", "flashbots"];

fn keepers(args: &[&str]) -> Output {
    run(&[&["keepers"], args].concat())
}

/// Formulas only.
fn exact(args: &[&str]) -> Value {
    json(&keepers(&[&["--json", "--no-simulation"], args].concat()))
}

fn drawn(args: &[&str]) -> Value {
    json(&keepers(&[&["--json"], args].concat()))
}

fn row<'a>(report: &'a Value, rule: &str) -> &'a Value {
    report["rules"].as_array().unwrap().iter().find(|row| row["rule"] == rule).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().copied().collect()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-keepers-{name}"));
    std::fs::write(&path, text).unwrap();
    path
}

/// A register as the file that it would be read from.
fn csv(all: &[Keeper]) -> String {
    let mut text = format!("{HEADER}\n");
    for Keeper { id, stake, bid, cost, ping, picked, succeeded, active } in all {
        writeln!(text, "{id},{stake},{bid},{cost},{ping},{picked},{succeeded},{active}").unwrap();
    }
    text
}

fn on_standard_input(args: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pooltree"));
    command.arg("keepers").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may refuse before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn json_has_the_documented_keys() {
    let report = drawn(&["--replications", "200", "--select", "2"]);
    assert_eq!(keys(&report), set(&["rules", "parameters", "keepers"]));
    let rules: Vec<&Value> = report["rules"].as_array().unwrap().iter().map(|row| &row["rule"]).collect();
    assert_eq!(rules, RULES);
    for found in report["rules"].as_array().unwrap() {
        assert_eq!(keys(found), set(&[&ROW[..], &["inclusion", "short", "monte_carlo"]].concat()));
        for key in ["winner", "inclusion"] {
            let all = found[key].as_array().unwrap();
            assert!(all.len() == 7 && all.iter().all(|p| (0.0..=1.0).contains(&p.as_f64().unwrap())), "{key}");
        }
        let seen = &found["monte_carlo"];
        let measures = [
            "effective_number",
            "predictability",
            "gini",
            "expected_wait",
            "tie_unfairness",
            "effective_pool",
            "deterrence",
            "executed",
            "expected_discount",
            "losers_loss",
        ];
        let compared = ["sybil_gain", "arc_elasticity"];
        let others = ["winner", "winner_std_error", "inclusion", "agreement", "replications", "seed"];
        assert_eq!(keys(seen), set(&[&measures[..], &compared, &others].concat()));
        for key in measures.into_iter().filter(|key| !seen[key].is_null()) {
            assert_eq!(keys(&seen[key]), set(&["mean", "std_error"]), "{key}");
        }
        for key in compared {
            assert_eq!(keys(&seen[key]), set(&["mean", "std_error", "exact"]), "{key}");
        }
        assert_eq!(keys(&seen["agreement"]), set(&["chi_square", "degrees_of_freedom", "p_value"]));
        assert!(seen["agreement"]["p_value"].as_f64().unwrap() > 1e-6);
        assert_eq!((&seen["replications"], &seen["seed"]), (&json!(200), &json!(1)));
    }
    let parameters = [
        "min_stake",
        "job",
        "tie",
        "reliability",
        "power",
        "noise",
        "tau",
        "lambda",
        "epsilon",
        "value",
        "loser_fixed",
        "loser_share",
        "reserve",
        "retry",
        "failure_delay",
        "beta",
        "rounds",
        "select",
        "reading",
        "slash",
    ];
    assert_eq!(keys(&report["parameters"]), set(&parameters));
    let plain = exact(&[]);
    assert!(plain["rules"].as_array().unwrap().iter().all(|row| keys(row) == set(&ROW)));
}

#[test]
fn json_holds_the_numbers_of_the_library_to_the_last_bit() {
    let parameters = Parameters { min_stake: Some(Keepers::EXAMPLE_MIN_STAKE), tau: 0.7, ..Parameters::default() };
    let questions = Questions { parameters, select: Some(3), beta: 0.9, ..Questions::default() };
    let monte_carlo = MonteCarlo::new(5, Stopping::Replications(300)).unwrap();
    let table = Table::new(Keepers::example(), questions, Some(&monte_carlo), &|_, _| ()).unwrap();
    let args = ["--tau", "0.7", "--select", "3", "--beta", "0.9", "--seed", "5", "--replications", "300"];
    assert_eq!(drawn(&args), serde_json::to_value(&table).unwrap());
}

/// Which rules each flag changes, and no others; the parameters say what was asked.
#[test]
fn every_flag_reaches_its_rules() {
    let plain = exact(&["--select", "2"]);
    let all = &RULES[..];
    // By stake it is the second place that is tied.
    let tied = ["by-count", "by-stake"];
    // flag, value, key of the parameter, its value there, rules that change
    let cases: [(&str, &str, &str, Value, &[&str]); 21] = [
        ("--min-stake", "300", "min_stake", json!(300.0), all),
        ("--agent-min-stake", "600", "agent_min_stake", json!(600.0), &["probe"]),
        ("--select", "3", "select", json!(3), all),
        ("--reading", "single-draw", "reading", json!("single-draw"), &["noise", "mixture", "probe", "gas-auction"]),
        ("--job", "3", "job", json!(3), &[]),
        ("--tie", "file-order", "tie", json!("file-order"), &tied),
        ("--tie", "hash", "tie", json!("hash"), &tied),
        ("--tie", "least-executed", "tie", json!("least-executed"), &tied),
        ("--reliability", "wilson", "reliability", json!("wilson"), all),
        ("--beta", "0.9", "beta", json!(0.9), all),
        ("--value", "2", "value", json!(2.0), &["gas-auction"]),
        ("--loser-fixed", "0.2", "loser_fixed", json!(0.2), &["gas-auction"]),
        ("--loser-share", "0.1", "loser_share", json!(0.1), &["gas-auction"]),
        ("--reserve", "0.3", "reserve", json!(0.3), &["gas-auction"]),
        ("--lambda", "5", "lambda", json!(5.0), &["flashbots"]),
        ("--tau", "0.3", "tau", json!(0.3), &["flashbots"]),
        ("--power", "inf", "power", json!("inf"), &["power"]),
        ("--noise", "exponential", "noise", json!("exponential"), &["noise"]),
        ("--epsilon", "0.7", "epsilon", json!(0.7), &["mixture"]),
        ("--rounds", "3", "rounds", json!(3), &OPEN),
        ("--retry", "same", "retry", json!("same"), &[]),
    ];
    for (flag, value, key, echoed, wanted) in cases {
        let found = exact(&["--select", "2", flag, value][if flag == "--select" { 2 } else { 0 }..]);
        assert_eq!(found["parameters"][key], echoed, "{flag}");
        let changed: BTreeSet<&str> = RULES.into_iter().filter(|rule| row(&found, rule) != row(&plain, rule)).collect();
        match flag {
            // Whoever never fails has nobody to retry.
            "--retry" => assert!(changed.len() >= 10, "{flag} {changed:?}"),
            // Whoever is selected with the larger minimum, may be the same.
            "--min-stake" => assert!(changed.len() >= 9, "{flag} {changed:?}"),
            _ => assert_eq!(changed, set(wanted), "{flag} {value}"),
        }
    }
    // Deterrence is in proportion, where there is punishment.
    let harder = exact(&["--slash", "0.2"]);
    for rule in RULES {
        let [a, b] = [&plain, &harder].map(|report| row(report, rule)["deterrence"].as_f64().unwrap());
        assert!((b - 2.0 * a).abs() < 1e-9 && (a > 0.0) == (rule != "flashbots"), "{rule}");
    }
    // A deadline that nobody meets, and one that everybody does; a delay makes late.
    let number = |report: &Value, rule: &str, key: &str| row(report, rule)[key].as_f64().unwrap();
    let never = exact(&["--deadline", "0.001"]);
    let late = exact(&["--deadline", "100"]);
    let slow = exact(&["--failure-delay", "3"]);
    for rule in RULES {
        assert_eq!(number(&never, rule, "executed"), 0.0);
        assert!((number(&late, rule, "executed") - number(&plain, rule, "executed")).abs() < 1e-12);
        let [slow, plain] = [&slow, &plain].map(|report| number(report, rule, "expected_discount"));
        assert!(if rule == "by-reliability" { slow == plain } else { slow < plain }, "{rule}");
    }
    // The number of the job decides ties by hash.
    let jobs: BTreeSet<String> = (0..8)
        .map(|job| row(&exact(&["--tie", "hash", "--job", &job.to_string()]), "by-count")["winner"].to_string())
        .collect();
    assert_eq!(jobs.len(), 2);
}

#[test]
fn flags_of_the_simulation_take_effect() {
    let seen = |args: &[&str]| row(&drawn(args), "uniform")["monte_carlo"].clone();
    assert_eq!(seen(&["--replications", "77"])["replications"], 77);
    assert_eq!(seen(&["--precision", "0.05"])["replications"], 385);
    let [one, other] = ["1", "9223372036854775807"].map(|seed| seen(&["--replications", "500", "--seed", seed]));
    assert_ne!(one["winner"], other["winner"]);
    assert_eq!(other["seed"], json!(9_223_372_036_854_775_807_u64));
    let none = exact(&[]);
    assert!(none["rules"].as_array().unwrap().iter().all(|row| row.get("monte_carlo").is_none()));
    let text = text(&keepers(&["--no-simulation"]));
    assert!(!text.contains("simulat") && text.contains("Who is selected (closed form)"), "{text}");
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let on = |threads| text(&keepers(&["--json", "--select", "2", "--replications", "5000", "--threads", threads]));
    let one = on("1");
    assert!(one == on("2") && one == on("7"));
    let readable = |threads| text(&keepers(&["--replications", "3000", "--threads", threads]));
    assert_eq!(readable("1"), readable("3"));
}

#[test]
fn tables_show_everything() {
    let text = text(&keepers(&["--replications", "500", "--select", "2"]));
    let titles = [
        "Example keepers",
        "5 of 7 keepers viable (least stake 100)",
        "Probability to be selected (closed form)",
        "Probability to be among the 2 selected (exclude-and-repeat)",
        "Who is selected (closed form)",
        "Who is selected (simulated ± standard error)",
        "What it leads to (closed form)",
        "What it leads to (simulated ± standard error)",
        "Simulation: 500 tasks a rule, seed 1; smallest of 12 agreement p-values",
    ];
    let places: Vec<usize> = titles.iter().map(|title| text.find(title).unwrap_or_else(|| panic!("{title}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    for rule in RULES {
        assert_eq!(text.matches(&format!("| {rule} ")).count(), 6, "{rule}");
    }
    // The example first, a line for each.
    for keeper in Keepers::example().all() {
        assert_eq!(text.matches(&format!("\n| {} ", keeper.id)).count(), 1, "{}", keeper.id);
    }
    for line in text.lines().filter(|line| line.starts_with('|')) {
        assert!(line.ends_with('|'), "{line}");
    }
}

/// What is built in is what a file with the same rows gives, the least stake named.
#[test]
fn the_example_is_a_register_like_any_other() {
    let path = file("example.csv", &csv(Keepers::example().all()));
    let path = path.to_str().unwrap();
    let args = ["--replications", "300", "--select", "2"];
    let built_in = drawn(&args);
    assert_eq!(drawn(&[&[path, "--min-stake", "100"], &args[..]].concat()), built_in);
    assert_eq!(built_in["keepers"], serde_json::to_value(Keepers::example()).unwrap());
    // In a file nobody stakes too little unless one says so.
    let open = exact(&[path]);
    assert!(open["parameters"].get("min_stake").is_none());
    assert!((row(&open, "uniform")["winner"][5].as_f64().unwrap() - 1.0 / 6.0).abs() < 1e-15);
    // Without a minimum no split has an end.
    assert!(open["rules"].as_array().unwrap().iter().all(|row| row["sybil_gain"].is_null()));
    // The shipped file is that of the scenarios with keepers.
    assert_eq!(exact(&["examples/keepers.csv"])["keepers"].as_array().unwrap().len(), 8);
}

#[test]
fn a_dash_reads_standard_input() {
    let rows = csv(Keepers::example().all());
    let output = on_standard_input(&["-", "--json", "--no-simulation", "--min-stake", "100"], rows.as_bytes());
    assert_eq!(json(&output), exact(&[]));
    let refused = |input: &[u8], wanted: &str| {
        let output = on_standard_input(&["-"], input);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("error: standard input: {wanted}\n"));
    };
    refused(b"", &format!("column id: missing; the columns are {HEADER}"));
    refused(b"\xff\xfe", "not UTF-8 text; keepers are a CSV file");
    let bad = format!("{HEADER}\na,1,1,1,1,1,2,true\n");
    refused(bad.as_bytes(), "row 1: succeeded = 2: must be an integer from 0 to picked = 1");
}

fn many(n: usize) -> String {
    let keeper = |i: usize| Keeper {
        stake: 100.0 + (i % 50) as f64,
        bid: 1.0,
        ping: 0.01 * (i % 5) as f64,
        picked: 10,
        succeeded: 9,
        ..Keeper::new(format!("k{i}"))
    };
    csv(&(0..n).map(keeper).collect::<Vec<_>>())
}

#[test]
fn many_keepers_leave_the_wide_tables_to_json() {
    let wide = text(&on_standard_input(&["-", "--no-simulation"], many(12).as_bytes()));
    assert!(wide.contains("Probability to be selected") && wide.contains("\n| k11 "));
    let narrow = text(&on_standard_input(&["-", "--replications", "50"], many(13).as_bytes()));
    assert!(!narrow.contains("Probability to be selected") && !narrow.contains("k11"));
    assert!(narrow.contains("13 of 13 keepers viable (no least stake)") && narrow.contains("| uniform "));
    let most = json(&on_standard_input(&["-", "--json", "--no-simulation"], many(2000).as_bytes()));
    assert_eq!(row(&most, "uniform")["winner"].as_array().unwrap().len(), 2000);
    let refused = on_standard_input(&["-"], many(2001).as_bytes());
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(said, "error: standard input: more than 2000 keepers; at most 2000 are allowed here\n");
}

#[test]
fn nobody_viable_is_an_answer() {
    for args in [&["--min-stake", "1e9"][..], &["--min-stake", "1e9", "--select", "2"]] {
        let report = drawn(args);
        for row in report["rules"].as_array().unwrap() {
            assert_eq!((&row["winner"], &row["unserved"]), (&json!([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), &json!(1.0)));
            assert!(row["effective_number"].is_null() && row["executed"].is_null() && row.get("monte_carlo").is_none());
        }
        let text = text(&keepers(args));
        assert!(
            text.contains("0 of 7 keepers viable (least stake 1e9)") || text.contains("0 of 7 keepers viable"),
            "{text}"
        );
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert!(text.contains("\nBy no rule can anybody be selected: every task is left.\n"), "{text}");
    }
    let nobody = text(&on_standard_input(&["-"], format!("{HEADER}\n").as_bytes()));
    assert!(nobody.contains("0 of 0 keepers viable"), "{nobody}");
}

/// Ids are names, not formatting.
#[test]
fn ids_cannot_break_the_tables() {
    let long = "x".repeat(50);
    let rows = format!(
        "{HEADER}\na|b,5,1,0,0.1,4,3,true\n\"c\nd\",2,2,0,0.1,4,3,true\n\u{1b}[2J,2,2,0,0.1,4,3,true\n{long},1,1,0,0.1,4,3,true\n"
    );
    let text = text(&on_standard_input(&["-", "--no-simulation"], rows.as_bytes()));
    for shown in ["a\\|b ", "c\\nd ", "\\u{1b}[2J", &format!("{}…", &long[..40])] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains('\u{1b}') && !text.contains(&long));
    assert!(text.starts_with("Keepers of standard input\n"));
    // The JSON has them as they are.
    let report = json(&on_standard_input(&["-", "--no-simulation", "--json"], rows.as_bytes()));
    assert_eq!(report["keepers"][1]["id"], "c\nd");
}

/// The split that gains is named, and what does not split keeps its name: ties by hash look at it.
#[test]
fn the_split_that_gains_is_named() {
    let found = exact(&[]);
    assert_eq!(row(&found, "uniform")["sybil_split"], json!({"keeper": "alder", "pieces": 10}));
    assert!(row(&found, "stake-weighted")["sybil_split"].is_null());
    let rows = format!("{HEADER}\na,200,1,0,0,1,1,true\nb,200,1,0,0,1,1,true\n");
    for minimum in ["100", "150"] {
        let args = ["-", "--json", "--tie", "hash", "--min-stake", minimum, "--replications", "2000"];
        let report = json(&on_standard_input(&args, rows.as_bytes()));
        for rule in ["by-bid", "by-stake", "by-count", "by-reliability"] {
            let drawn = &row(&report, rule)["monte_carlo"];
            assert_eq!(drawn["sybil_gain"]["mean"], drawn["sybil_gain"]["exact"], "{rule} {drawn}");
            assert!(drawn["agreement"]["p_value"].as_f64().unwrap() > 1e-6, "{rule} {drawn}");
        }
    }
}

/// Amounts whose squares overflow are amounts like others.
#[test]
fn large_values_agree() {
    let at = |value: &str| {
        let report = drawn(&["--value", value, "--loser-fixed", "0", "--reserve", "0", "--replications", "4000"]);
        row(&report, "gas-auction")["monte_carlo"].clone()
    };
    let (one, large) = (at("1"), at("1e200"));
    let p = |of: &Value| of["agreement"]["p_value"].as_f64().unwrap();
    assert!((p(&one) - p(&large)).abs() < 1e-9, "{one} {large}");
    assert!(
        (large["losers_loss"]["mean"].as_f64().unwrap() / one["losers_loss"]["mean"].as_f64().unwrap() / 1e200 - 1.0)
            .abs()
            < 1e-12
    );
    assert!(one["agreement"]["p_value"].as_f64().unwrap() > 1e-6);
}

/// A chance too small for a double is not nobody: attempts that may go on for ever are told, not made.
#[test]
fn attempts_without_an_end_are_not_made() {
    let rows = format!("{HEADER}\nk1,710,0.6,0,0.1,44,0,true\nk2,323,2,0,1000000,10,5,true\n");
    let report = json(&on_standard_input(&["-", "--json", "--retry", "redraw", "--tau", "0.1"], rows.as_bytes()));
    let flashbots = row(&report, "flashbots");
    assert!(flashbots["notes"][0].as_str().unwrap().contains("attempts may go on for ever"), "{flashbots}");
    assert!(flashbots["monte_carlo"]["executed"].is_null());
    assert!(row(&report, "uniform")["monte_carlo"]["executed"]["mean"].as_f64() == Some(1.0));
}

#[test]
fn notes_say_what_does_not_fit() {
    let rows = format!("{HEADER}\na,0,1,0,0.1,4,3,true\nb,0,2,0,0.1,4,3,true\n");
    let text = text(&on_standard_input(&["-", "--replications", "50", "--select", "3"], rows.as_bytes()));
    let note = "\nNote: stake-weighted, power, noise, mixture: does not fit these keepers, stake = 0 for every viable keeper: must be above 0";
    assert!(text.contains(note), "{text}");
    assert!(text.contains("smallest of 8 agreement p-values"));
    assert!(text.contains("\nNote: probability that fewer than 3 are selected: by-bid 1"), "{text}");
}

/// Who never succeeds would try for ever: that is known without trying.
#[test]
fn hopeless_keepers_do_not_hang_the_command() {
    let rows = format!("{HEADER}\na,5,1,0,0.1,4,0,true\nb,2,2,0,0.1,4,0,true\n");
    let rare = format!("{HEADER}\na,5,1,0,0,9007199254740992,1,true\nb,2,2,0,0,9007199254740992,1,true\n");
    for retry in ["same", "redraw", "exclude"] {
        let report =
            json(&on_standard_input(&["-", "--json", "--retry", retry, "--replications", "500"], rows.as_bytes()));
        for row in report["rules"].as_array().unwrap() {
            assert_eq!([&row["executed"], &row["expected_discount"]], [&json!(0.0), &json!(0.0)], "{retry}");
        }
        let args = ["-", "--json", "--retry", retry, "--replications", "500"];
        json(&on_standard_input(&args, rare.as_bytes()));
        // Nothing takes time, and there is a deadline: as many attempts as there is none to stop.
        json(&on_standard_input(&[&args[..], &["--deadline", "1"]].concat(), rare.as_bytes()));
    }
}

#[test]
fn nonsense_is_answered_with_a_reason() {
    let mut complaints = Vec::new();
    let mut check = |args: &[&str], parts: &[&str]| {
        let output = keepers(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let right =
            said.starts_with("error: ") && parts.iter().all(|part| said.contains(part)) && !said.contains("panicked");
        if !(right && output.status.code() == Some(2) && output.stdout.is_empty()) {
            complaints.push(format!("{args:?}: {:?} {said}", output.status.code()));
        }
    };
    let finite = "must be finite and at least 0";
    let share = "must be at least 0 and at most 1";
    let numbers = [
        ("--min-stake", finite),
        ("--agent-min-stake", finite),
        ("--failure-delay", finite),
        ("--deadline", finite),
        ("--loser-fixed", finite),
        ("--reserve", finite),
        ("--lambda", finite),
        ("--value", "must be "),
        ("--tau", "must be finite and above 0"),
        ("--power", "must be at least 0"),
        ("--beta", "must be above 0 and at most 1"),
        ("--loser-share", share),
        ("--epsilon", share),
        ("--slash", share),
    ];
    for (flag, allowed) in numbers {
        for value in ["-1", "NaN", "-inf"] {
            let shown = if value == "NaN" { format!("{flag} = NaN: {allowed}") } else { format!("{flag} = {value}") };
            check(&[flag, value], &[&shown, allowed]);
        }
        if flag != "--power" {
            check(&[flag, "inf"], &[&format!("{flag} = inf: "), allowed]);
        }
        check(&[flag, "many"], &["invalid value 'many'", flag]);
        check(&[flag, ""], &[flag]);
        check(&[flag], &[flag]);
    }
    for (flag, value) in
        [("--beta", "0"), ("--beta", "1.5"), ("--epsilon", "1.1"), ("--slash", "2"), ("--loser-share", "1.01")]
    {
        check(&[flag, value], &[&format!("{flag} = {value}: must be ")]);
    }
    for flag in ["--select", "--rounds", "--job", "--seed", "--replications", "--threads"] {
        for value in ["-1", "1.5", "x", "99999999999999999999999"] {
            check(&[flag, value], &["invalid value", flag, value]);
        }
    }
    check(&["--select", "0"], &["--select = 0: must be an integer of at least 1"]);
    check(&["--rounds", "0"], &["--rounds = 0: must be an integer of at least 1"]);
    check(&["--replications", "1"], &["--replications = 1: must be an integer of at least 2"]);
    check(&["--seed", "9223372036854775808"], &["--seed = 9223372036854775808: must be "]);
    check(&["--threads", "0"], &["--threads", "0"]);
    for value in ["0", "1", "-0.1", "NaN"] {
        check(&["--precision", value], &[&format!("--precision = {value}: must be above 0 and below 1")]);
    }
    check(&["--precision", "0.00001"], &["--precision = 0.00001: must be at least 0.0001 and below 1 for keepers"]);
    check(&["--precision", "0.1", "--replications", "10"], &["cannot be used with"]);
    for flag in ["--tie", "--reliability", "--retry", "--noise", "--reading"] {
        check(&[flag, "nonsense"], &["invalid value 'nonsense'", flag, "possible values"]);
    }
    check(&["--nonsense"], &["--nonsense"]);
    check(&["a.csv", "b.csv"], &["b.csv"]);
    check(&["no-such-file.csv"], &["no-such-file.csv: ", "No such file"]);
    check(&["src"], &["src: is a folder; name a CSV file"]);
    check(&["examples/keepers.toml"], &["examples/keepers.toml: column "]);
    let bad = file("bad.csv", &format!("{HEADER}\na,1,1,1,1,1,1,true\nb,1,1,1,-1,1,1,true\n"));
    check(&[bad.to_str().unwrap()], &["bad.csv: row 2: ping = -1: must be finite and at least 0"]);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
