//! `pooltree fit`: what is simulated is fitted back, what is written is read, and what it says to nonsense.
//!
//! False-alarm rate of the statistical tests of this file: 1e-6 together; seeds are fixed.

use crate::cli::{json, run, text};
use pooltree::fit::{FitOptions, fit};
use pooltree::network::order_log::{Options, read};
use pooltree::network::sites::{Fibre, Place, Sites, Survey};
use pooltree::pool_tree::{Class, Kind, PeriodModel, RingStatistic};
use pooltree::{ClosedForm, Scenario, pool_tree::Architecture};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const HEADER: &str = "time,operator,sell,buy,value";

/// A file of one test, in a folder of its own.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fit").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn fitted(log: &str, args: &[&str]) -> Value {
    json(&run(&[&["fit", log, "--json"], args].concat()))
}

/// Standard error of a run that must fail.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Eight operators, three assets; operator 3 receives half of the orders beside its share of the others.
fn known(arrivals: &str) -> String {
    format!(
        "tree = {{ arity = 2, depth = 3 }}\nflow.rate = 64.0\nflow.assets = 3\n\
         flow.components = [{{ kind = \"uniform\", share = 0.5 }}, {{ kind = \"single-site\", operator = 3, share = 0.5 }}]\n\
         timing.latency = {{ model = \"proportional\", scale = 0.125 }}\n\
         timing.period = {{ model = \"ratio\", base = 0.125, ratio = 2 }}\ntiming.delay = \"batched\"\n\
         discount.factor = 0.5\norders.arrivals = {{ {arrivals} }}\n"
    )
}

/// The log of some windows of one unit of time.
fn simulated(name: &str, arrivals: &str, windows: &str) -> String {
    let scenario = file(&format!("{name}-known.toml"), &known(arrivals));
    let log = file(&format!("{name}.csv"), "");
    text(&run(&["simulate", &scenario, "--trace", &log, "--replications", windows, "--seed", "5"]));
    log
}

fn custom(scenario: &Scenario) -> &[Class] {
    match scenario.flow().components()[0].kind() {
        Kind::Custom(flow) => flow.classes(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_simulated_log_is_fitted_back() {
    const WINDOWS: f64 = 2000.0;
    let log = simulated("poisson", "model = \"poisson\"", "2000");
    let out = file("poisson.toml", "something else");
    let report = fitted(&log, &["-o", &out, "--window", "0..1", "--false-alarm", "1e-7"]);
    assert_eq!(report["duration"], WINDOWS);
    // Counted here, by operator, sell and buy.
    let content = std::fs::read_to_string(&log).unwrap();
    let mut counts: BTreeMap<[usize; 3], u64> = BTreeMap::new();
    for row in content.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        *counts.entry([3, 4, 5].map(|i: usize| fields[i].parse().unwrap())).or_default() += 1;
    }
    let orders = content.lines().count() as u64 - 1;
    assert_eq!((&report["rows"]["orders"], counts.len()), (&Value::from(orders), 48));
    let scenario = Scenario::from_file(&out).unwrap();
    assert_eq!(scenario.flow().rate(), orders as f64 / WINDOWS);
    assert_eq!((scenario.tree().arity(), scenario.tree().depth()), (2, 3));
    let mut seen = 0;
    for class in custom(&scenario) {
        let [x, y] = class.pair().unwrap().clone().map(|name| name.parse::<usize>().unwrap());
        for (operator, rates) in class.rates() {
            for (rate, [sell, buy]) in rates.iter().zip([[x, y], [y, x]]) {
                assert_eq!(*rate, counts[&[*operator, sell, buy]] as f64 / WINDOWS); // exactly
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 48);
    // Bonferroni: 48 classes, 8 operators and the total at 1e-9 each.
    let options = Options { window: Some((0.0, 1.0)), ..Options::default() };
    let summary = read(content.as_bytes(), "log", &options).unwrap();
    let (mut outside, level) = (0, 1.0 - 1e-9);
    for (i, class) in summary.classes().iter().enumerate() {
        let own = summary.operators()[class.operator as usize] == "3";
        let rate = 32.0 / 48.0 + if own { 32.0 / 6.0 } else { 0.0 };
        let wide = summary.class_rate(i, level).unwrap();
        assert!(wide.low < rate && rate < wide.high, "{wide:?}");
        let printed = summary.class_rate(i, 0.999).unwrap();
        outside += usize::from(!(printed.low < rate && rate < printed.high));
    }
    // P(Binomial(48, 0.001) ≥ 4) < C(48, 4) 1e-12 < 2e-7.
    assert!(outside <= 3, "{outside}");
    for (i, operator) in report["operators"].as_array().unwrap().iter().enumerate() {
        assert_eq!(operator["name"], i.to_string());
        let share = if i == 3 { 0.5625 } else { 0.0625 };
        let sd = (share * (1.0 - share) / orders as f64).sqrt();
        assert!((operator["share"].as_f64().unwrap() - share).abs() < 6.5 * sd); // 1e-10
        let count = (operator["share"].as_f64().unwrap() * orders as f64).round() as u64;
        let wide = summary.rate_of(count, level).unwrap();
        assert!(wide.low < 64.0 * share && 64.0 * share < wide.high);
        // The interval printed is of the same count at its own level.
        let printed = summary.rate_of(count, 0.999).unwrap();
        assert_eq!((&operator["low"], &operator["high"]), (&printed.low.into(), &printed.high.into()));
        // Counter-test: at this sample a tenth more is seen.
        assert!(printed.high < 1.1 * 64.0 * share);
    }
    let total = summary.rate(level).unwrap();
    assert!(total.low < 64.0 && 64.0 < total.high);
    // Operators differ, nothing else does.
    let tests = &report["tests"];
    assert!(tests["total"]["p_value"].as_f64().unwrap() > 1e-8 && tests["classes"]["p_value"].as_f64().unwrap() > 1e-8);
    assert!(
        tests["sides"]["p_value"].as_f64().unwrap() > 1e-8 && tests["activity"]["p_value"].as_f64().unwrap() < 1e-8
    );
    // The log beside the model it was fitted with: five standard errors and more, three heights.
    for height in report["heights"].as_array().unwrap() {
        let (found, at) = (&height["replayed"], |key: &str| height[key].as_f64().unwrap());
        for (fitted, seen) in [("filled_share", "share"), ("filling_rate", "filling_rate")] {
            let error = found[format!("{seen}_std_error")].as_f64().unwrap();
            let off = at(fitted) - found[seen].as_f64().unwrap();
            assert!(off.abs() < 6.5 * error && error < 0.02, "{height}");
        }
    }
    assert_eq!(report["replay"]["windows"], WINDOWS as u64);
}

#[test]
fn a_bursty_log_is_flagged_and_a_poisson_log_is_not() {
    for (arrivals, bursty) in [("model = \"poisson\"", false), ("model = \"gamma\", shape = 1.0", true)] {
        let log = simulated(&format!("arrivals-{bursty}"), arrivals, "400");
        let out = file(&format!("arrivals-{bursty}.toml"), "");
        let args = ["-o", &out, "--window", "0..1", "--false-alarm", "1e-7"];
        let report = fitted(&log, &args);
        let verdicts = report["tests"]["verdicts"].as_array().unwrap();
        assert_eq!(verdicts[1].as_str().unwrap().starts_with("bursty: orders of a class"), bursty, "{verdicts:?}");
        let readable = text(&run(&[&["fit", &log][..], &args].concat()));
        assert_eq!(readable.contains("bursty"), bursty, "{readable}");
        assert!(readable.contains("at a joint false-alarm rate of "), "{readable}");
    }
}

const PLACES: &str = "name,latitude,longitude\nBern,46.9,7.4\nOslo,59.9,10.7\nLima,-12.0,-77.0\nQuito,-0.2,-78.5\n";
const MATRIX: &str =
    "ms,Bern,Oslo,Lima,Quito\nBern,0,30,200,\nOslo,31,0,220,230\nLima,200,220,0,40\nQuito,190,230,40,0\n";

/// Bern has both sides, Oslo by number, Lima a pair of one side, Quito nothing.
fn small() -> String {
    let mut rows = format!("{HEADER}\n");
    for i in 0..40 {
        let row = match i % 4 {
            0 => "Bern,eth,usd,1",
            1 => "1,usd,eth,2",
            2 => "Lima,btc,usd,3",
            _ => "Bern,usd,eth,2",
        };
        rows.push_str(&[&(f64::from(i) * 0.25).to_string(), ",", row, "\n"].concat());
    }
    rows
}

#[test]
fn sites_are_the_operators_and_everything_else_runs_on_what_is_written() {
    let log = file("small.csv", &small());
    for (kind, sites) in [("places", Some(PLACES)), ("matrix", Some(MATRIX)), ("none", None)] {
        let out = file(&format!("small-{kind}.toml"), "");
        let sites = sites.map(|text| file(&format!("{kind}.csv"), text));
        let mut args = vec!["-o", &out];
        args.extend(sites.iter().flat_map(|sites| ["--sites", sites]));
        let report = fitted(&log, &args);
        let names: Vec<&str> =
            report["operators"].as_array().unwrap().iter().map(|own| own["name"].as_str().unwrap()).collect();
        let content = std::fs::read_to_string(&out).unwrap();
        assert!(content.starts_with("# Written by pooltree fit from the log "), "{content}");
        assert!(content.contains("# 40 orders in 9.75") && content.contains("# assumed: "), "{content}");
        if sites.is_some() {
            assert_eq!(names, ["Bern", "Oslo", "Lima", "Quito"]);
            assert_eq!(report["silent"], serde_json::json!(["Quito"]));
            assert!(content.contains("# operators without orders: Quito"));
            // Self-contained: it reads without its folder.
            assert!(content.parse::<Scenario>().is_ok());
        } else {
            assert_eq!(names, ["1", "Bern", "Lima"]);
            assert!(content.contains("#   1 = Bern\n"));
        }
        assert_eq!(report["one_sided_share"], 0.25);
        let scenario = Scenario::from_file(&out).unwrap();
        assert_eq!(scenario.utility_mean(), 2.0);
        let [bern, oslo] = if sites.is_some() { [0, 1] } else { [1, 0] };
        let class = custom(&scenario).iter().find(|class| class.pair().unwrap() == &["eth", "usd"]).unwrap();
        let rate = 10.0 / 9.75;
        let mut wanted = [(bern, [rate, rate]), (oslo, [0.0, rate])];
        wanted.sort_by_key(|own| own.0);
        assert_eq!(class.rates(), wanted);
        if sites.is_some() {
            // Nearest neighbours share pools.
            let pools = scenario.tree().given_pools().unwrap();
            assert_eq!((pools.members(1, 0), pools.members(1, 1)), (&[0, 1][..], &[2, 3][..]));
        }
        let tree = Architecture::full(scenario.tree());
        let exact = ClosedForm::evaluate(&scenario, &tree).unwrap();
        for (own, level) in exact.by_height.iter().zip(report["heights"].as_array().unwrap()) {
            assert_eq!(level["filled_share"], own.filled_share);
        }
        json(&run(&["compare", &out, "--json", "--no-simulation"]));
        json(&run(&["best", &out, "--json"]));
        let vary = "discount.half_life=0.01..10";
        json(&run(&["threshold", &out, "--json", "--vary", vary, "--between", "tree", "global"]));
    }
}

#[test]
fn rates_may_have_a_file_of_their_own() {
    let log = file("apart.csv", &small());
    let sites = file("apart-places.csv", PLACES);
    let (inline, apart, rates) = (file("inline.toml", ""), file("apart.toml", ""), file("apart-rates.csv", ""));
    text(&run(&["fit", &log, "--sites", &sites, "-o", &inline]));
    text(&run(&["fit", &log, "--sites", &sites, "-o", &apart, "--rates", &rates]));
    assert!(std::fs::read_to_string(&apart).unwrap().contains("file = \"apart-rates.csv\""));
    assert_eq!(Scenario::from_file(&inline).unwrap(), Scenario::from_file(&apart).unwrap());
}

#[test]
fn a_fitted_scenario_reads_back_to_itself() {
    let sites = Sites::round_trips_from_csv(MATRIX.as_bytes(), "m").unwrap().0;
    let places = ["Bern", "Oslo", "Lima", "Quito"]
        .iter()
        .zip([46.9, 59.9, -12.0, -0.2])
        .map(|(name, latitude)| Place { name: (*name).to_owned(), latitude, longitude: latitude / 7.0 });
    let places = Survey::of_places(places.collect(), Fibre::new(0.5, 1.5).unwrap()).unwrap();
    for survey in [None, Some(Survey::of_sites(sites)), Some(places)] {
        for statistic in [RingStatistic::Diameter, RingStatistic::FastestQuorum { quorum: 0.5 }] {
            let period = PeriodModel::Ratio { base: 0.5, ratio: 2 };
            let options = FitOptions { statistic, period, depth: Some(2), ..FitOptions::default() };
            let summary = read(small().as_bytes(), "l", &Options::default()).unwrap();
            let fitted = fit(&summary, survey.clone(), &options).unwrap();
            let scenario = fitted.scenario();
            assert_eq!(&toml::to_string(scenario).unwrap().parse::<Scenario>().unwrap(), scenario);
            assert_eq!(&fitted.to_toml(&["a\nb".to_owned()], None).unwrap().parse::<Scenario>().unwrap(), scenario);
        }
    }
}

#[test]
fn standard_input_is_fitted_and_not_replayed() {
    let out = file("piped.toml", "");
    let mut child = Command::new(env!("CARGO_BIN_EXE_pooltree"))
        .args(["fit", "-", "-o", &out, "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(small().as_bytes()).unwrap();
    let report = json(&child.wait_with_output().unwrap());
    assert_eq!(report["not_replayed"], "the log came from standard input, which cannot be read twice");
    assert!(report.get("replay").is_none() && report["heights"][0].get("replayed").is_none());
    // And the scenario to standard output.
    let log = file("to-output.csv", &small());
    assert_eq!(text(&run(&["fit", &log, "-o", "-"])).parse::<Scenario>().unwrap().tree().operators(), Some(3));
}

#[test]
fn malformed_rows_are_refused_or_counted() {
    let mut content = small();
    (0..30).for_each(|_| content += "11,Bern,eth,eth,1\n");
    content += "12,Bern,eth,usd,1\n";
    let (log, out) = (file("malformed.csv", &content), file("malformed.toml", "as it was"));
    let said = refused(&run(&["fit", &log, "-o", &out]));
    assert_eq!(said, format!("error: {log}: line 42: buy = eth: must be another asset than sell\n"));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "as it was");
    let report = fitted(&log, &["-o", &out, "--skip-malformed"]);
    assert_eq!((&report["rows"]["orders"], &report["rows"]["malformed"]), (&41.into(), &30.into()));
    assert_eq!(report["rows"]["malformed_rows"][0]["line"], 42);
    let readable = text(&run(&["fit", &log, "-o", &out, "--skip-malformed"]));
    assert!(readable.contains("41 orders, 30 malformed rows skipped\n  line 42: buy = eth"), "{readable}");
    assert!(readable.contains("  and 25 more\n"), "{readable}");
    assert!(std::fs::read_to_string(&out).unwrap().contains("30 malformed rows"));
}

#[test]
fn nonsense_is_refused_with_its_reason() {
    let (log, places) = (file("nonsense.csv", &small()), file("nonsense-places.csv", PLACES));
    let matrix = file("nonsense-matrix.csv", MATRIX);
    let out = file("nonsense.toml", "as it was");
    let atlantis = file("atlantis.csv", &format!("{HEADER}\n0,Bern,a,b,1\n1,Atlantis,b,a,1\n"));
    let empty = file("empty.csv", &format!("{HEADER}\n"));
    let moment = file("moment.csv", &format!("{HEADER}\n1,Bern,a,b,1\n1,Bern,b,a,1\n"));
    let alone = file("alone.csv", "name,latitude,longitude\nBern,46.9,7.4\nOslo,46.9,7.4\n");
    let off = file("off.csv", "name,latitude,longitude\nBern,91,7.4\n");
    let half = file("half.csv", "name,latitude\nBern,46.9\n");
    let bern = file("bern.csv", &format!("{HEADER}\n0,Bern,a,b,1\n1,Bern,b,a,1\n"));
    let cases: [(&[&str], &str); 20] = [
        (
            &[&atlantis, "--sites", &places],
            "atlantis.csv: line 3: operator = Atlantis: must be one of the operators given",
        ),
        (&[&empty], "empty.csv: orders = 0: must be at least 2, at different times"),
        (
            &[&moment],
            "moment.csv: observation time = 0: must be above 0: a log of one moment has no rates; give a window",
        ),
        (&["missing.csv"], "missing.csv: No such file"),
        (&[&log, "--sites", "missing.csv"], "missing.csv: No such file"),
        (&[&log, "--sites", &off], "off.csv: row 1: latitude = 91: must be a number of degrees from -90 to 90"),
        (&[&log, "--sites", &half], "half.csv: column longitude: missing; the columns are name,latitude,longitude"),
        (&[&log, "--sites", &matrix, "--fibre", "0.5"], "--fibre = (given): must be left out: the sites are measured"),
        (
            &[&log, "--sites", &matrix, "--overhead", "2"],
            "--overhead = (given): must be left out: the sites are measured",
        ),
        (&[&log, "--sites", &places, "--fibre", "2"], "--fibre = 2: must be"),
        (&[&log, "--sites", &places, "--quorum", "0.5"], "--quorum = 0.5: must be left out for mean-farthest"),
        (
            &[&log, "--sites", &places, "--depth", "9"],
            "--depth = 9: must be an integer from 1 to 2 for 4 sites divided by 2",
        ),
        (&[&log, "--arity", "1"], "--arity = 1: must be an integer of at least 2"),
        (&[&log, "--half-life", "-1"], "--half-life = -1: must be"),
        (&[&log, "--latency", "0"], "--latency = 0: must be finite and above 0"),
        (&[&log, "--period", "0"], "--period = 0: must be finite and above 0"),
        (&[&log, "--window", "1-2"], "--window = 1-2: must be two times, FROM..TO"),
        (&[&log, "--window", "2..1"], "--window = (2e0, 1e0): must be two times, the second one later"),
        (&[&log, "--level", "1"], "--level = 1: must be above 0"),
        (&[&bern, "--sites", &alone], "--period = back-to-back: must be a length of time, since no pool of height 1"),
    ];
    for (args, wanted) in cases {
        let said = refused(&run(&[&["fit"], args, &["-o", &out]].concat()));
        assert!(said.contains(wanted), "{said} instead of {wanted}");
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "as it was");
    }
    // With a window of its own there is nothing against sites in one place.
    fitted(&bern, &["--sites", &alone, "-o", &out, "--period", "0.1"]);
}

#[test]
fn what_cannot_be_written_is_an_error_and_leaves_no_trace() {
    let log = file("unwritable.csv", &small());
    let folder = Path::new(&log).parent().unwrap().to_str().unwrap().to_owned();
    let nowhere = format!("{folder}/no/such/folder.toml");
    for (out, wanted) in [
        (folder.as_str(), "is a folder; name a file"),
        (&nowhere, "there is no folder"),
        (&log, "is read by this command; name another file"),
        ("/proc/fitted.toml", "/proc/fitted.toml: "),
        ("/dev/full", "/dev/full: No space left on device"),
    ] {
        let said = refused(&run(&["fit", &log, "-o", out]));
        assert!(said.contains(wanted), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&log).unwrap(), small());
    let partial = std::fs::read_dir(&folder).unwrap().filter_map(Result::ok).map(|entry| entry.file_name());
    assert!(!partial.into_iter().any(|name| name.to_string_lossy().starts_with("unwritable.csv.")));
    text(&run(&["fit", &log, "-o", "/dev/null"]));
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn names_that_are_numbers_stay_names() {
    let sites = file("numbers.csv", "name,latitude,longitude\n3,0,0\n2,0,10\n1,0,20\n0,0,30\n");
    let log = file("numbered.csv", &format!("{HEADER}\n0,3,A,B,1\n1,2,B,A,1\n2,0,A,B,1\n3,0,B,A,1\n5,3,A,B,1\n"));
    let [inline, apart, rates] = ["inline.toml", "apart.toml", "apart.csv"].map(|name| file(name, ""));
    let options = ["--sites", &sites, "--depth", "1", "-o"];
    text(&run(&[&["fit", &log], &options[..], &[&inline]].concat()));
    text(&run(&[&["fit", &log], &options[..], &[&apart, "--rates", &rates]].concat()));
    let read = |name: &str| Scenario::from_file(name).unwrap();
    assert_eq!(read(&inline), read(&apart));
    assert_eq!(custom(&read(&inline))[0].rates(), [(0, [0.4, 0.0]), (1, [0.0, 0.2]), (3, [0.2, 0.2])]);
    // A log of a simulation has numbers and no names.
    let own = file(
        "own.csv",
        "replication,order,arrival,operator,sell,buy,value,outcome,height,pool,end,delay\n\
         0,0,0,3,0,1,1,expired,,,,\n0,1,1,3,1,0,1,expired,,,,\n",
    );
    text(&run(&[&["fit", &own], &options[..], &[&inline]].concat()));
    assert_eq!(custom(&read(&inline))[0].rates(), [(3, [1.0, 1.0])]);
}

#[test]
fn many_short_runs_observe_the_same_time() {
    // Poisson orders at a rate of 4 in runs of one unit of time: a run has four orders, or none.
    let scenario = file(
        "short.toml",
        "tree = { arity = 2, depth = 1 }\nflow = { rate = 4.0 }\ndiscount.factor = 0.5\n\
         timing = { latency = { model = \"proportional\", scale = 0.1 }, period = { model = \"ratio\", base = 0.5, ratio = 2 }, \
         delay = \"batched\" }\n",
    );
    let log = file("short.csv", "");
    text(&run(&["simulate", &scenario, "--replications", "4000", "--seed", "3", "--trace", &log]));
    let found = fitted(&log, &["-o", &file("short-fitted.toml", ""), "--period", "0.1"]);
    let (low, high) = (found["rate"]["low"].as_f64().unwrap(), found["rate"]["high"].as_f64().unwrap());
    assert!(low < 4.0 && 4.0 < high && high - low < 0.25, "{low} {high}");
    assert!((3990..=4000).contains(&found["runs"].as_u64().unwrap()));
    assert_eq!(found["tests"]["rejected"], false);
}

#[test]
fn inputs_are_not_written_over() {
    let places = file("kept.csv", "name,latitude,longitude\na,0,0\nb,0,10\n");
    let scenario = file(
        "kept.toml",
        "[sites]\nplaces = \"kept.csv\"\n[tree]\narity = 2\ndepth = 1\n[flow]\nrate = 4.0\n[discount]\nfactor = 0.5\n\
         [timing]\nlatency = { model = \"sites\", statistic = \"diameter\" }\nperiod = { model = \"ratio\", base = 1.0, ratio = 1 }\n\
         delay = \"batched\"\n",
    );
    for kept in [&places, &scenario] {
        let before = std::fs::read_to_string(kept).unwrap();
        let csv = kept.replace(".toml", ".csv");
        let message = refused(&run(&["simulate", &scenario, "--trace", &csv]));
        assert!(message.contains("is read by this command; name another file"), "{message}");
        assert_eq!(std::fs::read_to_string(kept).unwrap(), before);
    }
}
