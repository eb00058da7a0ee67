//! `pooltree simulate` and `pooltree quality`: their JSON, their tables, the log, and what they say to nonsense.

use crate::cli::{conforms, json, run, text};
use pooltree::Scenario;
use pooltree::orders::compare::Confirmed;
use pooltree::orders::quality::MatchQuality;
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::pool_tree::Architecture;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The keys of `simulate --json` that the contract names: `0` stands for whole numbers, `0.5` for all numbers.
const CONTRACT: &str = r#"
{ "scenario": {}, "heights": [1],
  "gross": 0.5, "std_error": 0.5, "ci95": [0.5], "filled_share": 0.5, "replications": 0, "seed": 0,
  "by_height": [ { "height": 0, "filled_share": 0.5, "std_error": 0.5 } ],
  "agreement": { "chi_square": 0.5, "degrees_of_freedom": 0, "p_value": 0.5 },
  "expired_share": 0.5, "waiting_share": 0.5, "mean_value": 0.5 }
"#;

/// The header of a log.
const COLUMNS: &str = "replication,order,arrival,operator,sell,buy,value,outcome,height,pool,end,delay";

fn tmp(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A scenario of four operators whose orders are handled as `orders` says.
fn scenario(delay: &str, orders: &str) -> String {
    format!(
        "tree = {{ arity = 2, depth = 2 }}\n\
         flow = {{ rate = 20.0, assets = 3 }}\n\
         timing.latency = {{ model = \"proportional\", scale = 0.1 }}\n\
         timing.period = {{ model = \"ratio\", base = 0.25, ratio = 2 }}\n\
         timing.delay = \"{delay}\"\n\
         discount.factor = 0.5\n\
         monte_carlo.replications = 100\n\
         {orders}\n"
    )
}

/// Runs a command on a scenario text with further arguments.
fn run_on(command: &str, name: &str, scenario: &str, args: &[&str]) -> std::process::Output {
    let path = tmp(&format!("orders-{name}.toml"));
    std::fs::write(&path, scenario).unwrap();
    run(&[&[command, path.to_str().unwrap()], args].concat())
}

fn simulate(name: &str, scenario: &str, args: &[&str]) -> Value {
    json(&run_on("simulate", name, scenario, &[&["--json"], args].concat()))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn json_has_every_key_of_the_contract() {
    let report = json(&run(&["simulate", "--json", "--replications", "200"]));
    conforms(&report, &serde_json::from_str(CONTRACT).unwrap(), "");
    assert_eq!(report["heights"], json!([1, 2, 3]));
    assert_eq!((&report["replications"], &report["seed"]), (&json!(200), &json!(1)));
    assert_eq!(report["tested"], json!(["fills", "delays", "values", "welfare"]));
    assert!(number(&report["agreement"]["p_value"]) > 1e-6);
    let [low, high] = [0, 1].map(|i| number(&report["ci95"][i]));
    assert!(low < number(&report["gross"]) && number(&report["gross"]) < high);
    let by_height: f64 = report["by_height"].as_array().unwrap().iter().map(|row| number(&row["filled_share"])).sum();
    assert!((by_height - number(&report["filled_share"])).abs() < 1e-12);
    let account = |key: &str| report["account"][key].as_u64().unwrap();
    assert_eq!(account("arrived") + account("carried_in"), account("filled") + account("expired") + account("waiting"));
    for absent in ["precision", "traced"] {
        assert!(report.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn json_holds_the_numbers_of_the_library_to_the_last_bit() {
    let text = scenario("batched", "orders = { value = { law = \"exponential\" }, lifetime = 2, windows = 4 }");
    let read: Scenario = text.parse().unwrap();
    let heights = Architecture::new(read.tree(), [0, 2]).unwrap();
    let quiet = &|_, _| ();
    let seen = SimulatedOrders::simulate(&read, &heights, read.orders(), read.monte_carlo(), quiet).unwrap();
    let confirmed = Confirmed::new(&read, &heights, read.orders(), seen).unwrap();
    let mut wanted = serde_json::to_value(&confirmed).unwrap();
    wanted["scenario"] = serde_json::to_value(&read).unwrap();
    wanted["heights"] = json!([0, 2]);
    assert_eq!(simulate("library", &text, &["--heights", "0,2"]), wanted);
    // Nothing is known of the fills of orders that stay, and that is said by a null.
    assert_eq!((&wanted["agreement"], &wanted["tested"]), (&Value::Null, &json!([])));
}

#[test]
fn flags_override_the_file() {
    let text = scenario("batched", "monte_carlo.seed = 7");
    let settings = |args: &[&str]| simulate("flags", &text, args)["scenario"]["monte_carlo"].clone();
    assert_eq!(settings(&[]), json!({ "seed": 7, "replications": 100 }));
    assert_eq!(settings(&["--seed", "8", "--replications", "50"]), json!({ "seed": 8, "replications": 50 }));
    let report = simulate("flags", &text, &["--precision", "0.1"]);
    assert_eq!(report["scenario"]["monte_carlo"], json!({ "seed": 7, "precision": 0.1 }));
    assert!(number(&report["precision"]["reached"]) <= 0.1 && report["precision"]["capped"] == json!(false));
    let other = simulate("flags", &text, &["--seed", "8"]);
    assert_ne!(other["gross"], simulate("flags", &text, &[])["gross"]);
}

#[test]
fn the_scenario_in_the_output_gives_the_same_output() {
    let all = "orders = { arrivals = { model = \"gamma\", shape = 4.0 }, value = { law = \"pareto\", shape = 3.0 }, \
               priority = \"highest-value\", solver = { model = \"cycles\", longest = 3, success = 0.5 }, \
               patience_rate = 1.0, patience_from = \"arrival\", windows = 4, warm_up = 2 }";
    for orders in ["", all, "orders = { arrivals = { model = \"batches\", size = 2 }, priority = \"newest\" }"] {
        let output = simulate("again", &scenario("cumulative", orders), &[]);
        let read: Scenario = serde_json::from_value(output["scenario"].clone()).unwrap();
        assert_eq!(simulate("again", &toml::to_string(&read).unwrap(), &[]), output);
    }
}

/// The same bits whatever the number of threads, log included.
#[test]
fn the_same_on_any_number_of_threads() {
    let orders = "orders = { value = { law = \"log-normal\", sigma = 1.0 }, priority = \"oldest\", lifetime = 3, \
                  solver = { model = \"cycles\", longest = 3 } }";
    let text = scenario("batched", orders);
    let on = |threads: &str| {
        let log = tmp(&format!("threads-{threads}.csv"));
        let args = ["--threads", threads, "--trace", log.to_str().unwrap()];
        let report = simulate(&format!("threads-{threads}"), &text, &args);
        (report, std::fs::read(log).unwrap())
    };
    let one = on("1");
    assert!(one == on("2") && one == on("7"));
}

/// Under every delay model the simulation agrees with the closed form, with one false alarm in 1e6 of each.
#[test]
fn every_delay_model_is_confirmed() {
    let mut delays = Vec::new();
    for delay in ["idealised", "cumulative", "batched"] {
        for heights in ["1,2", "0,1,2", "2"] {
            let report = simulate(delay, &scenario(delay, ""), &["--replications", "2000", "--heights", heights]);
            assert!(number(&report["agreement"]["p_value"]) > 1e-6, "{delay} {heights}");
            assert_eq!(report["tested"], json!(["fills", "delays", "values", "welfare"]));
            if heights == "1,2" {
                delays.push(number(&report["mean_delay"]));
            }
        }
    }
    assert!(delays.is_sorted() && delays[0] < delays[2], "{delays:?}");
}

#[test]
fn a_log_has_every_order_once() {
    let log = tmp("every-order.csv");
    let orders = "orders = { value = { law = \"exponential\" }, lifetime = 2, windows = 3, warm_up = 0 }";
    let report = simulate("log", &scenario("batched", orders), &["--trace", log.to_str().unwrap()]);
    let written = std::fs::read_to_string(&log).unwrap();
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some(COLUMNS));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let account = &report["account"];
    assert_eq!(report["traced"], json!(rows.len()));
    assert_eq!(account["arrived"], json!(rows.len()));
    for outcome in ["filled", "expired", "waiting"] {
        assert_eq!(account[outcome], json!(rows.iter().filter(|row| row[7] == outcome).count()), "{outcome}");
    }
    // What the estimates say can be worked out from the log.
    let filled: Vec<&Vec<&str>> = rows.iter().filter(|row| row[7] == "filled").collect();
    let mean =
        |column: usize| filled.iter().map(|row| row[column].parse::<f64>().unwrap()).sum::<f64>() / filled.len() as f64;
    assert!((mean(11) / number(&report["mean_delay"]) - 1.0).abs() < 1e-12);
    assert!((mean(6) / number(&report["mean_value"]) - 1.0).abs() < 1e-12);
    let worth = |row: &&Vec<&str>| row[6].parse::<f64>().unwrap() * 0.5f64.powf(row[11].parse().unwrap());
    let time = 100.0 * 3.0 * 1.0; // replications, windows, period of height 2
    assert!((filled.iter().map(worth).sum::<f64>() / time / number(&report["gross"]) - 1.0).abs() < 1e-12);
    for row in &rows {
        let number = |column: usize| row[column].parse::<f64>().ok();
        assert!(number(3).unwrap() < 4.0 && row[4] != row[5] && number(4).unwrap() < 3.0 && number(5).unwrap() < 3.0);
        let settled = row[7] == "filled";
        assert!(number(8).is_some() == settled && number(9).is_some() == settled && number(11).is_some() == settled);
        assert_eq!(number(10).is_some(), row[7] != "waiting");
        assert!(number(10).is_none_or(|end| end >= number(2).unwrap()));
    }
    let order = |row: &Vec<&str>| [0, 1].map(|column| row[column].parse::<u64>().unwrap());
    assert!(rows.windows(2).all(|pair| order(&pair[0]) < order(&pair[1])));
    let left = std::fs::read_dir(log.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("every-order.csv.")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_log_that_cannot_be_written_is_refused_before_the_simulation() {
    // Would take minutes: it is not even begun.
    let long = ["simulate", "--replications", "100000000", "--trace"];
    let refused = |path: &str| {
        let output = run(&[&long[..], &[path]].concat());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        String::from_utf8(output.stderr).unwrap()
    };
    for name in ["log.txt", "log", "log.csv.gz", "csv"] {
        let said = refused(name);
        assert!(
            said.starts_with(&format!("error: --trace = {name}: must be a file whose name ends in .csv")),
            "{said}"
        );
    }
    let nowhere = tmp("no-such-folder/log.csv");
    let said = refused(nowhere.to_str().unwrap());
    assert!(said.contains(nowhere.to_str().unwrap()) && said.contains("there is no folder"), "{said}");
    let folder = tmp("folder.csv");
    std::fs::create_dir_all(&folder).unwrap();
    let said = refused(folder.to_str().unwrap());
    assert!(said.contains("folder.csv: is a folder; name a file"), "{said}");
}

#[test]
fn hardly_any_order_and_hardly_any_end_are_answered_too() {
    let rare = scenario("batched", "").replace("rate = 20.0", "rate = 1e-9");
    let report = simulate("rare", &rare, &["--replications", "2"]);
    assert_eq!(report["account"]["arrived"], json!(0));
    assert_eq!((&report["mean_value"], &report["mean_delay"]), (&Value::Null, &Value::Null));
    assert_eq!(report["agreement"]["p_value"], json!(1.0));
    let said = text(&run_on("simulate", "rare", &rare, &[]));
    assert!(said.contains("Expired: none seen"), "{said}");
    // Welfare so small that its variance underflows is no contradiction.
    let steep =
        scenario("idealised", "").replace("factor = 0.5", "factor = 1e-308").replace("scale = 0.1", "scale = 0.2");
    assert!(number(&simulate("steep", &steep, &[])["agreement"]["p_value"]) > 1e-6);
    let late = scenario("batched", "").replace("scale = 0.1", "scale = 1e300");
    for command in ["simulate", "quality"] {
        let output = run_on(command, "late", &late, &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("the squares of delays or values overflow"), "{said}");
    }
}

#[test]
fn tables_say_what_was_done() {
    let plain = text(&run(&["simulate", "--replications", "200"]));
    for part in [
        "arrivals Poisson; values point; priority random; solver pairs; lifetime one auction at the highest height",
        "Auctions at heights {1, …, 3}",
        "Agreement with the closed form (fills, delays, values, welfare; all heights): p = 0.",
        "control variate",
        "Simulation: 200 replications, seed 1",
    ] {
        assert!(plain.contains(part), "{part} in\n{plain}");
    }
    let orders = "orders = { arrivals = { model = \"batches\", size = 2 }, value = { law = \"uniform\", spread = 0.5 }, \
                  solver = { model = \"unlimited\", success = 0.9 }, priority = \"newest\", patience_rate = 2, \
                  patience_from = \"arrival\", windows = 5, warm_up = 3 }";
    let patient = text(&run_on("simulate", "tables", &scenario("batched", orders), &["--heights", "2"]));
    for part in [
        "arrivals Poisson in batches of 2; values uniform ± 50 %; priority newest; solver cycles of any length, each found \
         with probability 0.9; lifetime patience lost at rate 2 from arrival on",
        "Auctions at heights {2}",
        "Left over for later auctions of the highest height",
        "carried in",
        "100 replications of 5 windows after 3 that do not count, seed 1",
    ] {
        assert!(patient.contains(part), "{part} in\n{patient}");
    }
    assert!(!patient.contains("Agreement"), "{patient}");
}

#[test]
fn figures_that_mean_little_come_with_a_note() {
    let said = |command: &str, orders: &str| text(&run_on(command, "notes", &scenario("batched", orders), &[]));
    let pareto = |shape: &str| format!("orders.value = {{ law = \"pareto\", shape = {shape} }}");
    for command in ["simulate", "quality"] {
        assert!(said(command, &pareto("2.0")).contains("Note: values have no finite variance"));
        assert!(said(command, &pareto("2.1")).contains("Note: values have a heavy tail"));
        assert!(!said(command, &pareto("8")).contains("Note: "));
    }
    let endless = said("simulate", "orders = { patience_rate = 0, windows = 4 }");
    assert!(
        endless.contains("; lifetime without end\n") && endless.contains("Note: no order ever leaves"),
        "{endless}"
    );
}

#[test]
fn quality_is_what_the_library_says() {
    let text_of = scenario("batched", "orders = { value = { law = \"exponential\" }, priority = \"highest-value\" }");
    let read: Scenario = text_of.parse().unwrap();
    let full = Architecture::full(read.tree());
    let found = MatchQuality::evaluate(&read, &full, &|_, _| ()).unwrap();
    let answer = |name: &str, text: &str| {
        let mut report = json(&run_on("quality", name, text, &["--json"]));
        let scenario = report.as_object_mut().unwrap().remove("scenario").unwrap();
        assert_eq!(serde_json::from_value::<Scenario>(scenario).unwrap(), text.parse().unwrap());
        report
    };
    let report = answer("quality", &text_of);
    assert_eq!(report, serde_json::to_value(&found).unwrap());
    for key in ["match_quality", "loss", "gross"] {
        assert!(report[key]["std_error"].is_f64() && report[key]["mean"].is_f64(), "{key}");
    }
    assert!(number(&report["loss"]["mean"]) > 0.0);
    // The priority is that of the question, whatever the file says.
    let neutral = text_of.replace("highest-value", "random");
    assert_eq!(answer("neutral", &neutral), report);
    let table = text(&run_on("quality", "quality", &text_of, &[]));
    for part in ["values exponential; most valuable orders first", "is ahead below discount factor", "± standard error"]
    {
        assert!(table.contains(part), "{part} in\n{table}");
    }
}

#[test]
fn quality_without_a_difference_says_so() {
    let plain = text(&run(&["quality", "--replications", "100"]));
    assert!(plain.contains("does not, without discount: none\n"), "{plain}");
    let ahead = "no discount factor at which the lead changes; {1, …, 3} is ahead\n";
    assert!(plain.contains(&format!("\n{ahead}")) && plain.contains(&format!("worth the same: {ahead}")), "{plain}");
    let same = text(&run(&["quality", "--replications", "100", "--heights", "3"]));
    assert!(same.contains("no discount factor at which the lead changes; both are worth the same"), "{same}");
}

#[test]
fn orders_change_no_exact_result_and_compare_says_that_it_leaves_them_out() {
    let note = "section [orders] is left out here: `pooltree simulate` runs it, order by order";
    let args = ["--no-simulation"];
    let plain = text(&run_on("compare", "plain", &scenario("batched", ""), &args));
    let with = text(&run_on("compare", "with", &scenario("batched", "orders.lifetime = 3"), &args));
    assert!(!plain.contains("[orders]"));
    assert_eq!(with, format!("{plain}Note: {note}\n"));
    for key in ["orders.lifetime", "orders.solver.success", "monte_carlo.seed"] {
        let vary = format!("{key}=1..2:2");
        let output = run_on("sweep", "vary", &scenario("batched", "orders.lifetime = 3"), &["--vary", &vary]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("{key} = (left open): must be a key on which exact results depend")), "{said}");
    }
}

#[test]
fn nonsense_is_answered_with_a_reason() {
    let mut complaints = Vec::new();
    let mut check = |command: &str, orders: &str, args: &[&str], part: &str| {
        let output = run_on(command, "nonsense", &scenario("batched", orders), args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let right = said.starts_with("error: ") && said.contains(part) && !said.contains("panicked");
        if !(right && output.status.code() == Some(2) && output.stdout.is_empty()) {
            complaints.push(format!("{command} {orders} {args:?}: {:?} {said}", output.status.code()));
        }
    };
    let closed_form = "only then is the global pool known exactly";
    check("quality", "orders.lifetime = 2", &[], closed_form);
    check("quality", "orders.arrivals = { model = \"gamma\", shape = 4.0 }", &[], closed_form);
    check("quality", "orders.solver = { model = \"unlimited\" }", &[], closed_form);
    check("quality", "orders.solver = { model = \"pairs\", success = 0.5 }", &[], closed_form);
    check("quality", "", &["--heights", "3"], "--heights");
    check("simulate", "", &["--heights", "3"], "--heights");
    check("simulate", "", &["--heights", "1,1"], "--heights");
    check("simulate", "", &["--replications", "1"], "--replications = 1: must be an integer of at least 2");
    check("simulate", "", &["--precision", "0"], "--precision = 0: must be above 0 and below 1");
    check("simulate", "orders.lifetime = 0", &[], "orders.lifetime = 0: must be an integer of at least 1");
    check("simulate", "orders.windows = 1000000000", &[], "orders, more than 2e9");
    check("simulate", "", &["--replications", "10000000000"], "replications are in reach");
    check("simulate", "orders = { patience_rate = 1e-9 }", &[], "is too long");
    check("simulate", "orders = { patience_rate = 0, windows = 40000000 }", &[], "more than 5e7");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
