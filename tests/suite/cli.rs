//! The contract of the command line, held against the real binary.

use crate::bad_input::VALID;
use pooltree::estimate::Stopping;
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::search::Search;
use pooltree::{ClosedForm, Scenario};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The object that `compare --json` prints, from the contract: `0` stands for whole numbers, `0.0` for all numbers.
const CONTRACT: &str = r#"
{ "scenario": {},
  "architectures": [
    { "name": "tree", "heights": [1, 2, 3],
      "closed_form": { "gross": 0.0, "cost": 0.0, "net": 0.0, "gross_per_order": 0.0, "filled_share": 0.0,
        "by_height": [ { "height": 1, "latency": 0.0, "period": 0.0, "filling_rate": 0.0, "filled_share": 0.0,
                         "expected_discount": 0.0, "gross": 0.0 } ] },
      "monte_carlo": { "gross": 0.0, "std_error": 0.0, "ci95": [0.0, 0.0], "filled_share": 0.0, "replications": 0, "seed": 1,
        "by_height": [ { "height": 1, "filled_share": 0.0, "std_error": 0.0 } ],
        "agreement": { "chi_square": 0.0, "degrees_of_freedom": 0, "p_value": 0.0 } } } ],
  "best": { "heights": [1, 2, 3], "net": 0.0 },
  "without_raison_d_etre": [0] }
"#;

/// The eight operators of the document, as the contract writes them, all defaults filled in.
fn document() -> Value {
    json!({
        "tree": { "arity": 2, "depth": 3 },
        "flow": { "rate": 64.0, "assets": 2, "components": [{ "kind": "uniform", "share": 1.0, "side_share": 0.5 }] },
        "timing": {
            "latency": { "model": "proportional", "scale": 0.125, "exponent": 1.0 },
            "period": { "model": "ratio", "base": 0.125, "ratio": 2 },
            "delay": "batched",
            "solving": 0.0
        },
        "discount": { "factor": 0.5 },
        "utility": { "mean": 1.0 },
        "cost": { "per_message": 0.0 },
        "orders": {
            "arrivals": { "model": "poisson" },
            "value": { "law": "point" },
            "priority": "random",
            "solver": { "model": "pairs", "success": 1.0 },
            "lifetime": 1
        },
        "monte_carlo": { "seed": 1, "replications": 10000 }
    })
}

/// A scenario of a given tree and flow with a latency and a period in the ratio of the pools' sizes.
fn scenario_text(depth: u32, unit: f64, flow: &str) -> String {
    format!(
        "tree = {{ arity = 2, depth = {depth} }}\n\
         {flow}\n\
         timing.latency = {{ model = \"proportional\", scale = {unit:e} }}\n\
         timing.period = {{ model = \"ratio\", base = {unit:e}, ratio = 2 }}\n\
         timing.delay = \"batched\"\n\
         discount.factor = 0.5\n"
    )
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pooltree"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// Runs `compare - …` on a scenario from standard input.
fn run_on(text: &str, args: &[&str]) -> Output {
    let mut child = command(&[&["compare", "-"], args].concat()).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A file for one test.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Standard output of a run that must succeed without a word on standard error.
pub(crate) fn text(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one JSON object on standard output.
pub(crate) fn json(output: &Output) -> Value {
    let value: Value = serde_json::from_str(&text(output)).unwrap();
    assert!(value.is_object());
    value
}

/// JSON has no name for NaN and infinity: what is not a finite number becomes a null.
fn no_null(value: &Value, path: &str) {
    match value {
        Value::Null => panic!("{path} is null"),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| no_null(item, &format!("{path}[{i}]"))),
        Value::Object(fields) => fields.iter().for_each(|(key, item)| no_null(item, &format!("{path}.{key}"))),
        _ => {}
    }
}

fn architectures(report: &Value) -> &Vec<Value> {
    report["architectures"].as_array().unwrap()
}

/// Asserts that `found` has every key of `wanted`, each with a value of the same type; more keys are welcome.
pub(crate) fn conforms(found: &Value, wanted: &Value, path: &str) {
    match wanted {
        Value::Object(fields) => {
            for (key, wanted) in fields {
                let found = found.get(key).unwrap_or_else(|| panic!("{path}.{key} is missing"));
                conforms(found, wanted, &format!("{path}.{key}"));
            }
        }
        Value::Array(items) => {
            let found = found.as_array().unwrap_or_else(|| panic!("{path} = {found} is no array"));
            for (i, item) in found.iter().enumerate() {
                conforms(item, &items[0], &format!("{path}[{i}]"));
            }
        }
        Value::Number(number) if number.is_u64() => assert!(found.is_u64(), "{path} = {found} is no whole number"),
        Value::Number(_) => assert!(found.is_f64(), "{path} = {found} is no floating-point number"),
        _ => assert!(found.is_string(), "{path} = {found} is no string"),
    }
}

#[test]
fn json_has_every_key_of_the_contract() {
    let report = json(&run(&["compare", "--json", "--heights", "3,1", "--replications", "500"]));
    conforms(&report, &serde_json::from_str(CONTRACT).unwrap(), "");
    no_null(&report, "");
    let named: Vec<Value> =
        architectures(&report).iter().map(|a| json!([a["name"].clone(), a["heights"].clone()])).collect();
    let wanted = json!([["tree", [1, 2, 3]], ["global", [3]], ["local-1", [1]], ["local-2", [2]], ["custom", [1, 3]]]);
    assert_eq!(Value::from(named), wanted);
    for architecture in architectures(&report) {
        for part in ["closed_form", "monte_carlo"] {
            let by_height = architecture[part]["by_height"].as_array().unwrap();
            let heights: Vec<&Value> = by_height.iter().map(|row| &row["height"]).collect();
            assert_eq!(heights, architecture["heights"].as_array().unwrap().iter().collect::<Vec<_>>());
        }
        let simulated = &architecture["monte_carlo"];
        assert_eq!((&simulated["replications"], &simulated["seed"]), (&json!(500), &json!(1)));
        let [low, high] = [0, 1].map(|i| simulated["ci95"][i].as_f64().unwrap());
        assert!(low < simulated["gross"].as_f64().unwrap() && simulated["gross"].as_f64().unwrap() < high);
        assert_eq!(simulated["ci95"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn json_holds_the_numbers_of_the_library_to_the_last_bit() {
    let scenario = Scenario::document();
    let report = json(&run(&["compare", "--json", "--no-simulation"]));
    for architecture in architectures(&report) {
        let heights: Vec<u32> = serde_json::from_value(architecture["heights"].clone()).unwrap();
        let exact = ClosedForm::evaluate(&scenario, &Architecture::new(scenario.tree(), heights).unwrap()).unwrap();
        let printed: ClosedForm = serde_json::from_value(architecture["closed_form"].clone()).unwrap();
        assert_eq!(printed, exact);
    }
    let best = Search::new(&scenario).unwrap().best().unwrap();
    assert_eq!(report["best"], json!({ "heights": best.architecture.heights(), "net": best.net }));
    assert_eq!(report["without_raison_d_etre"], json!([]));
}

#[test]
fn levels_without_a_raison_d_etre_are_listed() {
    let text = scenario_text(3, 0.125, "flow = { rate = 64.0, components = [{ kind = \"opposite\" }] }");
    let report = json(&run_on(&text, &["--json", "--no-simulation"]));
    assert_eq!(report["without_raison_d_etre"], json!([1, 2]));
    assert_eq!(report["best"]["heights"], json!([3]));
}

#[test]
fn without_a_file_it_is_the_document() {
    let output = run(&["compare", "--json"]);
    assert_eq!(json(&output)["scenario"], document());
    let scenario: Scenario = serde_json::from_value(document()).unwrap();
    let path = file("document.toml", &toml::to_string(&scenario).unwrap());
    assert_eq!(run(&["compare", path.to_str().unwrap(), "--json"]), output);
}

#[test]
fn no_simulation_leaves_monte_carlo_out() {
    let with = json(&run(&["compare", "--json", "--replications", "100"]));
    let without = json(&run(&["compare", "--json", "--no-simulation"]));
    for (with, without) in architectures(&with).iter().zip(architectures(&without)) {
        assert_eq!(with["closed_form"], without["closed_form"]);
        assert!(with.get("monte_carlo").is_some() && with.get("monte_carlo_refused").is_none());
        assert!(without.get("monte_carlo").is_none() && without.get("monte_carlo_refused").is_none());
    }
    assert_eq!(with["best"], without["best"]);
}

#[test]
fn a_precision_is_reached_and_reported() {
    let report = json(&run(&["compare", "--json", "--precision", "0.02"]));
    assert_eq!(report["scenario"]["monte_carlo"], json!({ "seed": 1, "precision": 0.02 }));
    for architecture in architectures(&report) {
        let simulated = &architecture["monte_carlo"];
        let precision = &simulated["precision"];
        assert_eq!((&precision["target"], &precision["capped"]), (&json!(0.02), &json!(false)));
        let reached = precision["reached"].as_f64().unwrap();
        assert!(reached > 0.0 && reached <= 0.02);
        let [low, high] = [0, 1].map(|i| simulated["ci95"][i].as_f64().unwrap());
        let from_interval = (high - low) / 2.0 / simulated["gross"].as_f64().unwrap();
        assert!((from_interval / reached - 1.0).abs() < 1e-9);
        assert!(simulated["replications"].as_u64().unwrap() >= 2);
    }
    let report = json(&run(&["compare", "--json", "--replications", "50"]));
    assert!(architectures(&report).iter().all(|a| a["monte_carlo"].get("precision").is_none()));
}

#[test]
fn flags_override_the_file() {
    let base = scenario_text(2, 0.25, "flow.rate = 30.0");
    let settings = |stop: &str, args: &[&str]| {
        let report = json(&run_on(&format!("{base}{stop}"), &[&["--json"], args].concat()));
        report["scenario"]["monte_carlo"].clone()
    };
    let by_number = "monte_carlo = { seed = 5, replications = 300 }";
    let by_precision = "monte_carlo = { seed = 5, precision = 0.2 }";
    assert_eq!(settings(by_number, &[]), json!({ "seed": 5, "replications": 300 }));
    assert_eq!(settings(by_number, &["--seed", "9"]), json!({ "seed": 9, "replications": 300 }));
    assert_eq!(settings(by_number, &["--replications", "200"]), json!({ "seed": 5, "replications": 200 }));
    assert_eq!(settings(by_number, &["--precision", "0.1"]), json!({ "seed": 5, "precision": 0.1 }));
    assert_eq!(settings(by_precision, &[]), json!({ "seed": 5, "precision": 0.2 }));
    assert_eq!(settings(by_precision, &["--replications", "200"]), json!({ "seed": 5, "replications": 200 }));
    assert_eq!(settings("", &["--seed", "0"]), json!({ "seed": 0, "replications": 10000 }));
    let largest = "9223372036854775807";
    assert_eq!(settings("", &["--seed", largest])["seed"], json!(i64::MAX));
}

#[test]
fn the_seed_and_nothing_else_decides_the_numbers() {
    let report = |args: &[&str]| text(&run(&[&["compare", "--json", "--replications", "3000"], args].concat()));
    let one = report(&["--seed", "1"]);
    assert_eq!(report(&[]), one, "the default seed is 1");
    assert_eq!(report(&["--seed", "1"]), one);
    assert_eq!(report(&["--threads", "1"]), one);
    assert_eq!(report(&["--threads", "2"]), one);
    assert_eq!(report(&["--threads", "7"]), one);
    let two: Value = serde_json::from_str(&report(&["--seed", "2"])).unwrap();
    let one: Value = serde_json::from_str(&one).unwrap();
    for (one, two) in architectures(&one).iter().zip(architectures(&two)) {
        assert_eq!(one["closed_form"], two["closed_form"]);
        assert_ne!(one["monte_carlo"]["gross"], two["monte_carlo"]["gross"]);
    }
}

#[test]
fn a_dash_reads_standard_input() {
    for (i, text) in VALID.iter().enumerate() {
        let path = file(&format!("valid-{i}.toml"), text);
        let from_file = run(&["compare", path.to_str().unwrap(), "--json", "--replications", "20"]);
        json(&from_file);
        assert_eq!(run_on(text, &["--json", "--replications", "20"]), from_file);
    }
    let broken = run_on("tree = 8", &[]);
    assert_eq!((broken.status.code(), broken.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("tree = 8: must be a table"));
}

#[test]
fn the_scenario_in_the_output_gives_the_same_output() {
    for text in VALID {
        let output = run_on(text, &["--json"]);
        let scenario: Scenario = serde_json::from_value(json(&output)["scenario"].clone()).unwrap();
        assert_eq!(scenario, text.parse().unwrap());
        assert_eq!(run_on(&toml::to_string(&scenario).unwrap(), &["--json"]), output);
    }
}

#[test]
fn tables_name_the_winner() {
    let report = text(&run(&["compare", "--heights", "1,3", "--replications", "500"]));
    for wanted in ["8 operators", "tree {1, …, 3}", "global {3}", "local-1 {1}", "local-2 {2}", "custom {1, 3}", "±"]
    {
        assert!(report.contains(wanted), "{wanted} in\n{report}");
    }
    assert!(
        report.contains("Winner of these 5: tree {1, …, 3}") && report.contains("Levels without a raison d'être: none")
    );
    let exact = text(&run(&["compare", "--no-simulation"]));
    assert!(exact.contains("Winner of these 4: tree") && !exact.contains('±') && !exact.contains("simulated"));
    let far_up = scenario_text(3, 0.125, "flow = { rate = 64.0, components = [{ kind = \"opposite\" }] }");
    let report = text(&run_on(&far_up, &["--no-simulation"]));
    assert!(
        report.contains("Winner of these 4: global {3}") && report.contains("Levels without a raison d'être: {1, 2}")
    );
}

/// Status 2, nothing on standard output, and a message with all the words.
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words:?}: {said}");
    assert!(!said.contains("panicked") && said.matches("must be").count() <= 1, "{said}");
    for word in words {
        assert!(said.contains(word), "{word} in {said}");
    }
}

#[test]
fn nonsense_flags_are_refused() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["--heights", "9"], &["--heights = 9: must be distinct heights from 0 to 3"]),
        (&["--heights", "1,4"], &["--heights = ", "4: must be distinct heights from 0 to 3"]),
        (&["--heights", "1,1"], &["--heights = ", "1: must be distinct heights from 0 to 3"]),
        (&["--heights", ""], &["--heights", "''"]),
        (&["--heights", "1,,3"], &["--heights", "''"]),
        (&["--heights", "-1"], &["--heights", "'-1'"]),
        (&["--heights", "1.5"], &["--heights", "'1.5'"]),
        (&["--heights", "4294967296"], &["--heights", "4294967296"]),
        (&["--heights"], &["--heights"]),
        (&["--replications", "0"], &["--replications = 0: must be an integer of at least 2"]),
        (&["--replications", "1"], &["--replications = 1: must be an integer of at least 2"]),
        (&["--replications", "x"], &["--replications", "'x'"]),
        (&["--replications", "1e3"], &["--replications", "'1e3'"]),
        (&["--replications", "-3"], &["--replications", "'-3'"]),
        (&["--precision", "0"], &["--precision = 0: must be above 0 and below 1"]),
        (&["--precision", "1"], &["--precision = 1: must be above 0 and below 1"]),
        (&["--precision", "nan"], &["--precision = NaN: must be above 0 and below 1"]),
        (&["--precision", "inf"], &["--precision = inf: must be above 0 and below 1"]),
        (&["--precision", "-0.1"], &["--precision", "-0.1"]),
        (&["--precision", "1%"], &["--precision", "'1%'"]),
        (&["--replications", "100", "--precision", "0.1"], &["--replications", "--precision"]),
        (&["--seed", "-1"], &["--seed", "'-1'"]),
        (&["--seed", "1.5"], &["--seed", "'1.5'"]),
        (&["--seed", "9223372036854775808"], &["--seed", "9223372036854775808", "9223372036854775807"]),
        (&["--threads", "0"], &["--threads", "'0'", "1..=1024"]),
        (&["--threads", "-2"], &["--threads", "'-2'"]),
        (&["--threads", "many"], &["--threads", "'many'"]),
        (&["--json=yes"], &["--json", "yes"]),
        (&["--width", "8"], &["--width"]),
        (&["one.toml", "two.toml"], &["two.toml"]),
    ];
    for (args, words) in cases {
        refused(&run(&[&["compare"], *args].concat()), words);
    }
    refused(&run(&[]), &["compare"]);
    refused(&run(&["forecast"]), &["forecast"]);
}

#[test]
fn files_that_cannot_be_read_are_refused() {
    refused(&run(&["compare", "no/such/file.toml"]), &["error: no/such/file.toml: "]);
    let folder = env!("CARGO_MANIFEST_DIR");
    refused(&run(&["compare", folder]), &["error: ", folder]);
    let mut child = command(&["compare", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"\xff\xfe").unwrap();
    refused(&child.wait_with_output().unwrap(), &["standard input", "UTF-8"]);
}

#[test]
fn help_and_version_succeed() {
    assert!(text(&run(&["--version"])).contains(env!("CARGO_PKG_VERSION")));
    let help = text(&run(&["compare", "--help"]));
    for flag in
        ["--heights", "--json", "--no-simulation", "--replications", "--precision", "--seed", "--threads", "[FILE]"]
    {
        assert!(help.contains(flag), "{flag} in\n{help}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [&["compare", "--json", "--replications", "2000"][..], &["compare", "--no-simulation"]] {
        let mut child = command(args).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&["compare", "--no-simulation"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: standard output: "));
}

/// Waits for the end of a process, at most `longest`; then ends it.
fn finish(mut child: Child, longest: Duration) -> Output {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > longest {
            child.kill().unwrap();
            panic!("still running after {longest:?}: {:?}", child.wait_with_output());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

#[cfg(unix)]
#[test]
fn an_interrupted_simulation_prints_nothing() {
    use std::os::unix::process::ExitStatusExt;
    const SIGINT: i32 = 2;
    let long = ["compare", "--json", "--replications", "5000000000"];
    // A test run in the background of a shell ignores the signal, and so would the command.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let mut command = command(&long);
    if ignored & (1 << (SIGINT - 1)) != 0 {
        command = Command::new("env");
        command.arg("--default-signal=INT").arg(env!("CARGO_BIN_EXE_pooltree")).args(long);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert!(child.try_wait().unwrap().is_none(), "the simulation is too short to be interrupted");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = finish(child, Duration::from_secs(10));
    assert!(output.status.signal() == Some(SIGINT) || output.status.code() == Some(128 + SIGINT), "{output:?}");
    assert_eq!(output.stdout, b"");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn a_tree_of_one_operator() {
    let output = run_on(&scenario_text(0, 1.0, "flow.rate = 4.0"), &["--json", "--replications", "200"]);
    let report = json(&output);
    conforms(&report, &serde_json::from_str(CONTRACT).unwrap(), "");
    let named: Vec<Value> =
        architectures(&report).iter().map(|a| json!([a["name"].clone(), a["heights"].clone()])).collect();
    assert_eq!(Value::from(named), json!([["tree", [0]], ["global", [0]]]));
    assert_eq!(report["best"]["heights"], json!([0]));
    assert_eq!(report["best"]["net"], architectures(&report)[0]["closed_form"]["net"]);
    let custom =
        json(&run_on(&scenario_text(0, 1.0, "flow.rate = 4.0"), &["--json", "--no-simulation", "--heights", "0"]));
    assert_eq!(architectures(&custom)[2]["name"], "custom");
}

#[test]
fn a_thousand_levels_have_finite_welfare() {
    let text = scenario_text(1000, 1e-300, "flow.rate = 64.0");
    let report = json(&run_on(&text, &["--json", "--no-simulation"]));
    no_null(&report, "");
    assert_eq!(architectures(&report).len(), 1001);
    let tree = &architectures(&report)[0];
    assert_eq!(tree["closed_form"]["by_height"].as_array().unwrap().len(), 1000);
    // Half of what is left at every level, and 2^1000 operators: everything fills, nothing costs.
    let share = tree["closed_form"]["filled_share"].as_f64().unwrap();
    assert!(share > 0.9 && share <= 1.0, "{share}");
    assert!(tree["closed_form"]["gross"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_simulation_out_of_reach_is_refused_and_the_closed_form_answers() {
    // A class for each of 2^60 operators.
    let deep = scenario_text(60, 1e-10, "flow = { rate = 64.0, components = [{ kind = \"meet-at\", height = 0 }] }");
    let report = json(&run_on(&deep, &["--json", "--replications", "2"]));
    for architecture in architectures(&report) {
        assert!(architecture.get("monte_carlo").is_none());
        assert!(architecture["monte_carlo_refused"].as_str().unwrap().contains("draws"));
        assert!(architecture["closed_form"]["filled_share"].as_f64().unwrap() > 0.0);
    }
    let report = text(&run_on(&deep, &["--replications", "2"]));
    assert!(report.contains("Not simulated: tree") && report.contains("Winner of these"));
}

#[test]
fn more_replications_than_anyone_can_wait_for_are_refused_at_once() {
    // Below the root nothing can meet: replications without a single draw are known at once.
    let path =
        file("opposite.toml", &scenario_text(2, 0.25, "flow = { rate = 9.0, components = [{ kind = \"opposite\" }] }"));
    let args = ["compare", path.to_str().unwrap(), "--json", "--replications", "9223372036854775807"];
    let report = json(&finish(command(&args).spawn().unwrap(), Duration::from_secs(10)));
    for architecture in architectures(&report) {
        let nothing_drawn = architecture["name"].as_str().unwrap().starts_with("local");
        assert_eq!(architecture["monte_carlo_refused"].is_string(), !nothing_drawn, "{}", architecture["name"]);
    }
}

#[test]
fn two_replications_do_not_contradict_the_closed_form() {
    // With these seeds the total of the fills happens to be the same in both.
    for seed in ["13", "23", "33", "55"] {
        let report = json(&run(&["compare", "--json", "--replications", "2", "--seed", seed]));
        for architecture in architectures(&report) {
            let p_value = architecture["monte_carlo"]["agreement"]["p_value"].as_f64().unwrap();
            assert!(p_value > 1e-6, "seed {seed}, {}: p = {p_value}", architecture["name"]);
        }
    }
}

#[test]
fn the_document_stops_after_ten_thousand_replications() {
    assert_eq!(Scenario::document().monte_carlo().stopping(), Stopping::Replications(10_000));
    let report = json(&run(&["compare", "--json"]));
    for architecture in architectures(&report) {
        assert_eq!(architecture["monte_carlo"]["replications"], json!(10_000));
    }
}
