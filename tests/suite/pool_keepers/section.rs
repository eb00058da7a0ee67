//! The section `[keepers]` of a scenario.

use super::{DOCUMENT, heights, motley, read, run, section};
use pooltree::keepers::{Retry, RuleName};
use pooltree::orders::Orders;
use pooltree::pool_keepers::{Assignment, Outages};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};

fn mistake(keepers: &str) -> String {
    match (DOCUMENT.to_owned() + keepers).parse::<Scenario>() {
        Ok(_) => panic!("accepted: {keepers}"),
        Err(error) => error.to_string(),
    }
}

const FULL: &str = "
    [keepers]
    assignment = \"shared\"
    outages = \"common\"
    rule = \"power\"
    power = 2
    min_stake = 1.5
    agent_min_stake = 2
    job = 55
    tie = \"hash\"
    reliability = \"wilson\"
    noise = \"gumbel\"
    tau = 0.5
    lambda = 3
    epsilon = 0.2
    value = 2.0
    loser_fixed = 0.1
    loser_share = 0.25
    reserve = 0.3
    retry = \"exclude\"
    failure_delay = 0.1
    deadline = 0.75
    heights = [
      { height = 2, rule = \"by-stake\", tie = \"file-order\", deadline = 0.5 },
      { height = 0, power = inf, reliability = \"ratio\" },
    ]
    list = [
      { id = \"a\", stake = 4, bid = 1, cost = 0.5, ping = 0.1, picked = 10, succeeded = 8, active = true },
      { id = \"b\", stake = 2.5, ping = 0.05 },
      { id = \"the \\\"third\\\" ü\", stake = 2, active = false },
      { id = \"d\", stake = 9, picked = 9007199254740992, succeeded = 9007199254740991 },
    ]
";

#[test]
fn what_is_read() {
    let scenario = read(&(DOCUMENT.to_owned() + FULL));
    let keepers = scenario.keepers().unwrap();
    assert_eq!((keepers.assignment(), keepers.outages()), (Assignment::Shared, Outages::Common));
    assert_eq!((keepers.rule(), keepers.parameters().job, keepers.keepers().len()), (RuleName::Power, 55, 4));
    // A height has what is not said of it from the whole.
    let (rule, own) = keepers.at(2);
    assert_eq!((rule, own.deadline, own.failure_delay, own.min_stake), (RuleName::ByStake, Some(0.5), 0.1, Some(1.5)));
    let (rule, own) = keepers.at(0);
    assert_eq!((rule, own.power, own.deadline), (RuleName::Power, f64::INFINITY, Some(0.75)));
    assert_eq!(keepers.at(1), keepers.at(3));
    let execution = scenario.execution().unwrap();
    assert_eq!([0, 1, 2, 3].map(|height| execution.at(height).deadline()), [0.75, 0.75, 0.5, 0.75]);
    // By default everybody alike, the failed are excluded, every attempt fails by itself.
    let plain = read(&(DOCUMENT.to_owned() + "keepers.list = [{ id = \"a\" }]"));
    let keepers = plain.keepers().unwrap();
    assert_eq!((keepers.rule(), keepers.parameters().retry), (RuleName::Uniform, Retry::Exclude));
    assert_eq!((keepers.assignment(), keepers.outages()), (Assignment::Shared, Outages::Independent));
}

#[test]
fn it_survives_toml_and_json() {
    let mut texts = vec![FULL.to_owned(), String::new(), FULL.replace("power = 2", "power = inf")];
    for rule in RuleName::ALL {
        for retry in Retry::ALL {
            let settings = format!("rule = \"{}\"\nretry = \"{}\"\ndeadline = 0.5", rule.name(), retry.name());
            texts.push(section(&settings, 3, motley));
            texts.push(section(&(settings + "\nassignment = \"operators\""), 8, motley));
        }
    }
    texts.push(FULL.replace("power = 2", "power = \"inf\""));
    for text in texts {
        let scenario = read(&(DOCUMENT.to_owned() + &text));
        assert_eq!(read(&toml::to_string(&scenario).unwrap()), scenario);
        let json = serde_json::to_string(&scenario).unwrap();
        assert_eq!(serde_json::from_str::<Scenario>(&json).unwrap(), scenario, "{json}");
        assert_eq!(serde_json::to_string(&serde_json::from_str::<Scenario>(&json).unwrap()).unwrap(), json);
        assert_eq!(json.contains("keepers"), !text.is_empty());
        assert_eq!(scenario.clone().without_keepers(), read(DOCUMENT));
    }
}

/// A scenario without keepers serialises as before there were any.
#[test]
fn without_keepers_nothing_is_new() {
    let json = serde_json::to_value(read(DOCUMENT)).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = vec!["tree", "flow", "timing", "discount", "utility", "cost", "orders", "monte_carlo"];
    wanted.sort_unstable();
    let mut sorted = keys;
    sorted.sort_unstable();
    assert_eq!(sorted, wanted);
    let text = toml::to_string(&read(DOCUMENT)).unwrap();
    assert!(!text.contains("keepers"));
    // Nor does a simulation tell of auctions or executions.
    let scenario = read(DOCUMENT);
    let tree = Architecture::full(scenario.tree());
    let seen = run(&scenario, &tree, &Orders::default(), 1, 10);
    let json = serde_json::to_string(&seen).unwrap();
    assert!(["auctions", "executed", "attempts"].iter().all(|key| !json.contains(key)), "{json}");
}

#[test]
fn a_file_beside_the_scenario() {
    let folder = std::env::temp_dir().join(format!("pooltree-keepers-files-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("deeper")).unwrap();
    let csv = "id,stake,bid,cost,ping,picked,succeeded,active\na,1,0,0,0.1,10,9,true\nb,2,0,0,0.2,4,1,false\n";
    std::fs::write(folder.join("x.csv"), csv).unwrap();
    std::fs::write(folder.join("bad.csv"), csv.replace("0.2", "-0.2")).unwrap();
    let written = |place: &str, file: &str| {
        let path = folder.join(place);
        std::fs::write(&path, format!("{DOCUMENT}keepers.file = {file:?}\n")).unwrap();
        Scenario::from_file(&path)
    };
    let scenario = written("s.toml", "x.csv").unwrap();
    let keepers = scenario.keepers().unwrap();
    assert_eq!(keepers.keepers().len(), 2);
    assert_eq!(written("deeper/s.toml", "../x.csv").unwrap(), scenario);
    assert_eq!(written("s.toml", folder.join("x.csv").to_str().unwrap()).unwrap(), scenario);
    // It is echoed as a list, which needs no file.
    assert_eq!(read(&toml::to_string(&scenario).unwrap()), scenario);
    assert!(scenario.leave_open(&["keepers.list.0.ping"]).unwrap().at(&[0.3]).is_ok());
    let error = |file: &str| written("s.toml", file).unwrap_err().to_string();
    for (file, told) in [
        ("none.csv", "No such file"),
        ("bad.csv", "row 2: ping = -0.2: must be finite and at least 0"),
        (".", "directory"),
        ("", "directory"),
    ] {
        let error = error(file);
        assert!(error.starts_with("keepers.file = ") && error.contains(told), "{error}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_mistake_is_named() {
    let one = "list = [{ id = \"a\", picked = 2, succeeded = 1 }]";
    let with = |settings: &str| format!("[keepers]\n{settings}\n{one}\n");
    let list = |keeper: &str| format!("[keepers]\nlist = [{{ id = \"a\" }}, {keeper}]\n");
    let cases: Vec<(String, &str)> = vec![
        ("keepers = 3".into(), "keepers = 3: must be a table"),
        ("[keepers]".into(), "keepers.list: missing; must be exactly one of file, list"),
        (with("file = \"x.csv\""), "keepers.list = (beside file): must be exactly one of file, list"),
        ("[keepers]\nfile = 3".into(), "keepers.file = 3: must be a text in quotes"),
        ("[keepers]\nlist = 3".into(), "keepers.list = 3: must be an array of tables"),
        ("[keepers]\nlist = [3]".into(), "keepers.list.0 = 3: must be a table"),
        (with("rules = \"uniform\""), "keepers.rules: unknown key; allowed here: file, list, assignment"),
        (with("rule = \"best\""), "keepers.rule = \"best\": must be one of \"by-bid\""),
        (with("rule = 3"), "keepers.rule = 3: must be one of"),
        (with("assignment = \"own\""), "keepers.assignment = \"own\": must be one of \"shared\", \"operators\""),
        (with("outages = true"), "keepers.outages = true: must be one of \"independent\", \"common\""),
        (with("power = \"great\""), "keepers.power = \"great\": must be a number"),
        (with("power = -inf"), "keepers.power = -inf: must be at least 0"),
        (with("power = nan"), "keepers.power"),
        (with("deadline = inf"), "keepers.deadline = inf: must be finite and at least 0"),
        (with("deadline = -1"), "keepers.deadline = -1: must be finite and at least 0"),
        (with("failure_delay = nan"), "keepers.failure_delay = NaN: must be finite and at least 0"),
        (
            "[keepers]\nfailure_delay = 1e308\nlist = [{ id = \"a\" }, { id = \"b\" }]".into(),
            "keepers.failure_delay = 1e308: the time of one failure of everybody is not finite in double precision",
        ),
        (with("job = -1"), "keepers.job = -1: must be an integer of at least 0"),
        (with("job = 1.5"), "keepers.job = 1.5: must be an integer of at least 0"),
        (with("epsilon = 2"), "keepers.epsilon = 2: must be at least 0 and at most 1"),
        (with("tau = 0"), "keepers.tau = 0: must be finite and above 0"),
        (with("lambda = -1"), "keepers.lambda = -1: must be finite and at least 0"),
        (with("value = 0"), "keepers.value = 0: must be"),
        (with("loser_share = 2"), "keepers.loser_share = 2: must be"),
        (with("reserve = -1"), "keepers.reserve = -1: must be"),
        (with("min_stake = -1"), "keepers.min_stake = -1: must be finite and at least 0"),
        (with("agent_min_stake = -1"), "keepers.agent_min_stake = -1: must be finite and at least 0"),
        (with("reliability = \"bayes\""), "keepers.reliability = \"bayes\": must be one of \"ratio\""),
        (with("tie = \"none\""), "keepers.tie = \"none\": must be one of \"uniform\""),
        (with("noise = \"white\""), "keepers.noise = \"white\": must be one of"),
        (with("retry = \"never\""), "keepers.retry = \"never\": must be one of \"same\", \"redraw\", \"exclude\""),
        (with("retry = \"same\""), "keepers.deadline: missing; must be finite and at least 0"),
        (with("retry = \"redraw\""), "keepers.deadline: missing; must be finite and at least 0"),
        (with("outages = \"common\"\nretry = \"same\"\ndeadline = 1"), "keepers.retry = \"same\": must be \"exclude\""),
        (with("heights = 3"), "keepers.heights = 3: must be an array of tables"),
        (with("heights = [{ rule = \"uniform\" }]"), "keepers.heights.0.height: missing; must be an integer"),
        (with("heights = [{ height = 4 }]"), "keepers.heights.0.height = 4: must be an integer from 0 to the depth 3"),
        (with("heights = [{ height = -1 }]"), "keepers.heights.0.height = -1: must be an integer from 0"),
        (
            with("heights = [{ height = 1 }, { height = 2 }, { height = 1 }]"),
            "keepers.heights.2.height = 1: must be a height that is not given twice",
        ),
        (with("heights = [{ height = 1, list = [] }]"), "keepers.heights.0.list: unknown key"),
        (with("heights = [{ height = 1, epsilon = 7 }]"), "keepers.heights.0.epsilon = 7: must be"),
        (
            with("outages = \"common\"\nheights = [{ height = 1, retry = \"redraw\", deadline = 1 }]"),
            "keepers.heights.0.retry = \"redraw\": must be \"exclude\"",
        ),
        (
            with("heights = [{ height = 1, retry = \"same\" }]"),
            "keepers.heights.0.deadline: missing; must be finite and at least 0",
        ),
        (
            with("assignment = \"operators\""),
            "keepers.list = (1 keepers): must be 8 keepers, one per operator, or assignment = \"shared\"",
        ),
        (with("rule = \"stake-weighted\""), "keepers."),
        (list("{ stake = 1 }"), "keepers.list.1.id: missing; must be a name"),
        (list("{ id = \"\" }"), "keepers.list.1.id = \"\": must be a name that is not empty"),
        (list("{ id = 3 }"), "keepers.list.1.id = 3: must be a text in quotes"),
        (list("{ id = \"a\" }"), "keepers.list.1.id"),
        (list("{ id = \"b\", ping = -1 }"), "keepers.list.1.ping = -1: must be finite and at least 0"),
        (list("{ id = \"b\", ping = inf }"), "keepers.list.1.ping = inf: must be finite and at least 0"),
        (list("{ id = \"b\", ping = 1e308 }, { id = \"c\", ping = 1e308 }"), "keepers."),
        (list("{ id = \"b\", stake = \"1\" }"), "keepers.list.1.stake = \"1\": must be a number"),
        (list("{ id = \"b\", picked = 1.0 }"), "keepers.list.1.picked = 1.0: must be an integer of at least 0"),
        (
            list("{ id = \"b\", succeeded = 1 }"),
            "keepers.list.1.succeeded = 1: must be an integer from 0 to picked = 0",
        ),
        (list("{ id = \"b\", active = 1 }"), "keepers.list.1.active = 1: must be true or false"),
        (list("{ id = \"b\", speed = 1 }"), "keepers.list.1.speed: unknown key; allowed here: id, stake"),
    ];
    for (text, told) in cases {
        let error = mistake(&text);
        assert!(error.starts_with(told), "{error}\ninstead of\n{told}\nfor\n{text}");
    }
}

/// Each height gives up in time, all of them together do not.
#[test]
fn deadlines_that_add_up_to_more_than_a_double_are_named() {
    let keepers = "[keepers]\nfailure_delay = 1e308\nlist = [{ id = \"a\", picked = 2, succeeded = 1 }]";
    let scenario = read(&(DOCUMENT.to_owned() + keepers));
    let error = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree())).unwrap_err().to_string();
    assert!(
        error.starts_with("deadline of the keepers at height 2 = 1e308: the sum of the latencies and dead"),
        "{error}"
    );
}

/// A pool whose operators have no stake to weigh runs no auction; a tree of them is a mistake.
#[test]
fn pools_without_weights_run_no_auction() {
    let keepers = |first: f64, others: f64, rule: &str| {
        let settings = format!("assignment = \"operators\"\nrule = \"{rule}\"");
        DOCUMENT.to_owned() + &section(&settings, 8, |i| (20, 0.1, if i < 2 { first } else { others }))
    };
    for rule in ["stake-weighted", "power", "noise", "mixture"] {
        let scenario = read(&keepers(0.0, 1.0, rule));
        let execution = scenario.execution().unwrap();
        let chance = |height: u32, pool: usize| execution.at(height).at(pool).probability;
        assert_eq!([chance(0, 0), chance(0, 1), chance(0, 2), chance(1, 0), chance(1, 1)], [0.0, 0.0, 1.0, 0.0, 1.0]);
        assert_eq!([chance(2, 0), chance(3, 0)], [1.0, 1.0]);
        let seen = run(&scenario, &heights(&scenario, &[0, 1, 3]), &Orders::default(), 1, 300);
        let shares: Vec<f64> = seen.by_height.iter().map(|height| height.executed.unwrap()).collect();
        assert_eq!(shares, [0.75, 0.75, 1.0], "{rule}");
        let error = mistake(&keepers(0.0, 0.0, rule).replace(DOCUMENT, ""));
        let told = format!("keepers.rule = \"{rule}\": must be a rule that does not weigh by stake");
        assert!(error.starts_with(&told), "{error}");
    }
}

/// Ends of the ranges that are no mistakes.
#[test]
fn corners_are_read() {
    let evaluated = |keepers: &str| {
        let scenario = read(&(DOCUMENT.to_owned() + keepers));
        let welfare = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree())).unwrap();
        assert!(welfare.gross.is_finite() && (0.0..=1.0).contains(&welfare.filled_share));
        assert!((welfare.filled_share + welfare.unfilled_share - 1.0).abs() < 1e-12);
        welfare
    };
    // Nobody viable, nobody active, nobody who ever succeeds, no time at all: everything expires.
    let nobody = [
        "[keepers]\nmin_stake = 1\nlist = [{ id = \"a\" }]",
        "[keepers]\nlist = []",
        "[keepers]\nlist = [{ id = \"a\", active = false }]",
        "[keepers]\nlist = [{ id = \"a\", picked = 3 }]",
        "[keepers]\ndeadline = 0\nlist = [{ id = \"a\", ping = 0.1 }]",
        "[keepers]\nretry = \"same\"\ndeadline = 1\nlist = [{ id = \"a\", picked = 3 }]",
        "[keepers]\nretry = \"redraw\"\nlist = [{ id = \"a\", active = false }]",
    ];
    for keepers in nobody {
        let welfare = evaluated(keepers);
        assert_eq!((welfare.filled_share, welfare.gross), (0.0, 0.0), "{keepers}");
    }
    // Only the largest stake with an infinite power, and a reliability from no record.
    let greatest = "[keepers]\nrule = \"power\"\npower = inf\nlist = [{ id = \"a\", stake = 2 }, { id = \"b\", stake = 1, picked = 1 }]";
    let welfare = evaluated(greatest);
    assert!(welfare.by_height.iter().all(|height| height.executed == 0.5));
}
