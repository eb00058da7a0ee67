//! What the README and the pages of docs/ show is what the crate does. (Their Rust code runs as doctests.)

use crate::reference::{latency, skellam, special_functions, summarise, welfare};
use pooltree::Scenario;
use std::process::Command;

const README: &str = include_str!("../../README.md");
const SCENARIO_PAGE: &str = include_str!("../../docs/scenario.md");
const CONSTELLATIONS: &str = include_str!("../../docs/constellations.md");
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
    let runs: Vec<_> = [README, CONSTELLATIONS].into_iter().flat_map(shown_runs).collect();
    assert!(runs.len() >= 10);
    for (command, shown) in runs {
        let mut run = Command::new(env!("CARGO_BIN_EXE_pooltree"));
        let output = run.args(command.split(' ')).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), shown.trim(), "{command}");
    }
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
    for rows in [special_functions(), skellam(), latency(), welfare()] {
        for (function, summary) in summarise(&rows) {
            let row = format!("| {function} | {} |", summary.rows);
            assert!(ACCURACY.contains(&row), "run the accuracy example again: {row} is missing");
        }
    }
}
