//! What the README and the pages of docs/ show is what the crate does. (Their Rust code runs as doctests.)

use crate::reference::{auctions, latency, skellam, special_functions, summarise, welfare};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

const README: &str = include_str!("../../README.md");
const SCENARIO_PAGE: &str = include_str!("../../docs/scenario.md");
const CONSTELLATIONS: &str = include_str!("../../docs/constellations.md");
const ORDERS: &str = include_str!("../../docs/orders.md");
const KEEPERS: &str = include_str!("../../docs/keepers.md");
const NETWORKS: &str = include_str!("../../docs/networks.md");
const ACCURACY: &str = include_str!("../../docs/accuracy.md");

/// Contents of the code blocks of one language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_worked_example_is_the_example_file() {
    let file: Scenario = include_str!("../../examples/exchange.toml").parse().unwrap();
    let shown: Scenario = blocks(README, "toml")[0].parse().unwrap();
    assert_eq!(shown, file);
}

/// Commands that a page shows with what they print.
fn shown_runs(page: &str) -> Vec<(&str, &str)> {
    let runs = page.split("```sh\ncargo run --release -- ").skip(1).filter_map(|rest| {
        let (command, rest) = rest.split_once("\n```\n\n```text\n")?;
        (!command.contains('\n')).then_some((command, rest.split("```").next()?))
    });
    runs.collect()
}

#[test]
fn commands_print_what_the_pages_show() {
    let runs: Vec<_> = [README, CONSTELLATIONS, ORDERS, KEEPERS, NETWORKS].into_iter().flat_map(shown_runs).collect();
    assert!(runs.len() >= 31);
    for (command, shown) in runs {
        let mut run = Command::new(env!("CARGO_BIN_EXE_pooltree"));
        let output = run.args(command.split(' ')).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), shown.trim(), "{command}");
    }
}

/// Pictures that the README shows are what the commands above them draw.
#[test]
fn pictures_are_what_the_commands_draw() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let commands = README.lines().filter_map(|line| line.strip_prefix("cargo run --release -- plot "));
    let mut seen = 0;
    for command in commands {
        let (command, name) = command.split_once(" -o ").unwrap();
        assert!(README.contains(&format!("](docs/pictures/{name})")), "{name}");
        let drawn = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut run = Command::new(env!("CARGO_BIN_EXE_pooltree"));
        let run = run.arg("plot").args(command.split_whitespace()).arg("-o").arg(&drawn).current_dir(&root);
        assert!(run.output().unwrap().status.success(), "{command}");
        let kept = std::fs::read_to_string(root.join("docs/pictures").join(name)).unwrap();
        assert!(std::fs::read_to_string(drawn).unwrap() == kept, "draw docs/pictures/{name} again: plot {command}");
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn the_log_begins_as_the_page_shows() {
    let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("orders.csv");
    let (before, rest) = ORDERS.split_once(" --trace orders.csv\n```").unwrap();
    let command = before.rsplit("-- ").next().unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_pooltree"));
    let run = run.args(command.split(' ')).arg("--trace").arg(&log).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(run.output().unwrap().status.success());
    let written = std::fs::read_to_string(log).unwrap();
    let shown = blocks(rest, "csv")[0];
    assert!(shown.lines().count() > 3 && written.starts_with(shown), "{}", &written[..shown.len()]);
}

/// Gains of control variates: the table has what the commands print, to the digits that it gives.
#[test]
fn control_variates_gain_what_the_page_says() {
    let rows = ORDERS.lines().filter_map(|line| line.strip_suffix(" |")?.split_once(", `")?.1.split_once("` | "));
    let mut seen = 0;
    for (command, rest) in rows {
        let gain: f64 = rest.rsplit(" | ").next().unwrap().parse().unwrap();
        let mut run = Command::new(env!("CARGO_BIN_EXE_pooltree"));
        let run = run.args(command.split(' ')).arg("--json").current_dir(env!("CARGO_MANIFEST_DIR"));
        let report: Value = serde_json::from_slice(&run.output().unwrap().stdout).unwrap();
        let ratio = [&report["variance_ratio"], &report["control_variate"]["gross"]["variance_ratio"]];
        let ratio = ratio.iter().find_map(|ratio| ratio.as_f64()).unwrap();
        assert!((ratio / gain - 1.0).abs() < 0.05, "{command}: {ratio}");
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn what_the_page_says_about_one_auction_and_about_steady_arrivals() {
    let filled = |text: &str| {
        let scenario: Scenario = text.parse().unwrap();
        100.0 * ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree())).unwrap().filled_share
    };
    let prose = ORDERS.split_whitespace().collect::<Vec<_>>().join(" ");
    let patience = filled(include_str!("../../examples/patience.toml"));
    assert!(prose.contains(&format!(" {patience:.4} % are filled")), "{patience}");
    let bursts = filled(include_str!("../../examples/bursts.toml"));
    assert!(prose.contains(&format!("of the same rates {bursts:.1} % would be filled")), "{bursts}");
}

#[test]
fn what_the_readme_says_about_the_half_life() {
    let patient = include_str!("../../examples/exchange.toml").replace("half_life = 0.5", "half_life = 5.0");
    let scenario: Scenario = patient.parse().unwrap();
    let best = pooltree::pool_tree::search::Search::new(&scenario).unwrap().best().unwrap();
    assert_eq!(best.architecture.heights(), [4]);
}

#[test]
fn scenarios_on_the_reference_page_are_valid() {
    let blocks = blocks(SCENARIO_PAGE, "toml");
    assert!(!blocks.is_empty());
    blocks.iter().for_each(|block| assert!(block.parse::<Scenario>().is_ok(), "{block}"));
}

#[test]
fn the_accuracy_page_lists_every_function() {
    for rows in [special_functions(), skellam(), latency(), welfare(), auctions()] {
        for (function, summary) in summarise(&rows) {
            let row = format!("| {function} | {} |", summary.rows);
            assert!(ACCURACY.contains(&row), "run the accuracy example again: {row} is missing");
        }
    }
}
