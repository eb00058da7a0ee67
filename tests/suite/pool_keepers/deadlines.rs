//! Deadlines and the clock: back to back, pipelined, longer than a period; and those who know no keepers.

use super::{DOCUMENT, frame, heights, motley, read, run, section};
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::explore::periods::BestPeriods;
use pooltree::explore::sizing::{Sizing, smallest_pools, smallest_window};
use pooltree::orders::compare::Confirmed;
use pooltree::orders::{Lifetime, Orders};
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::simulation::CountsEngine;
use pooltree::{ClosedForm, Error, Scenario};

const BACK_TO_BACK: &str = "model = \"back-to-back\"";

fn study(period: &str, settings: &str) -> Scenario {
    read(&(frame([2, 3], 40.0, COMPONENTS[0], period, "batched") + &section(settings, 3, motley)))
}

/// The lowest period is latency plus deadline; every other one the next multiple that its own auction fits into.
#[test]
fn back_to_back_waits_for_the_deadline() {
    for deadline in [0.0, 0.03, 0.2, 0.35, 7.0] {
        let scenario =
            study(BACK_TO_BACK, &format!("deadline = {deadline:?}\nheights = [{{ height = 2, deadline = 1.0 }}]"));
        for active in [&[1u32, 2, 3][..], &[0, 2], &[2, 3], &[3]] {
            let schedule = scenario.schedule(&heights(&scenario, active)).unwrap();
            let (mut below, mut offset) = (None::<f64>, 0.0);
            for level in schedule.levels() {
                let own = if level.height == 2 { 1.0 } else { deadline };
                let takes = 0.1 * 2f64.powi(level.height as i32) + own;
                let period = below.map_or(takes, |below| below * (takes / below - 1e-9).ceil().max(1.0));
                assert!((level.period - period).abs() < 1e-12 && level.deadline == own);
                assert!((level.offset - offset).abs() < 1e-12 && (level.duration() - takes).abs() < 1e-12);
                assert!(!level.is_pipelined());
                below = Some(level.period);
                offset += takes;
            }
        }
    }
    // A deadline stands in for a latency.
    let free = frame([2, 3], 40.0, COMPONENTS[0], BACK_TO_BACK, "batched").replace("scale = 0.1", "scale = 0.0");
    let set = |scenario: &Scenario| Architecture::full(scenario.tree());
    let timed = read(&(free.clone() + &section("deadline = 0.2", 3, motley)));
    assert!(ClosedForm::evaluate(&timed, &set(&timed)).unwrap().gross > 0.0);
    let at_once = read(&(free + &section("", 3, |_| (10, 0.0, 1.0))));
    let error = ClosedForm::evaluate(&at_once, &set(&at_once)).unwrap_err();
    assert!(error.to_string().starts_with("timing.latency"), "{error}");
}

#[test]
fn pipelined_is_what_takes_longer_than_its_period() {
    for (deadline, pipelined) in [(0.0, [false; 3]), (0.05, [true; 3]), (0.9, [true; 3])] {
        let scenario = study(PERIODS[0], &format!("deadline = {deadline:?}"));
        let welfare = ClosedForm::evaluate(&scenario, &heights(&scenario, &[1, 2, 3])).unwrap();
        for (height, pipelined) in welfare.by_height.iter().zip(pipelined) {
            assert_eq!(height.pipelined, pipelined, "{height:?}");
            assert_eq!(height.deadline, deadline);
        }
        let comparison = pooltree::compare::Comparison::new(&scenario, None, None).unwrap();
        assert_eq!(comparison.notes.iter().any(|note| note.starts_with("pipelined")), pipelined[0]);
    }
}

/// A deadline longer than the period: formula and engine agree, and orders carried over come back when it is over.
#[test]
fn deadlines_longer_than_the_period() {
    for (seed, delay) in ["idealised", "cumulative", "batched"].into_iter().enumerate() {
        let text = frame([2, 2], 30.0, COMPONENTS[0], PERIODS[0], delay)
            + &section("retry = \"redraw\"\ndeadline = 1.3\nfailure_delay = 0.3", 3, |i| ([6, 8, 3][i], 0.1, 1.0));
        let scenario = read(&text);
        let set = heights(&scenario, &[1, 2]);
        let seen = run(&scenario, &set, &Orders::default(), seed as u64, 3000);
        let confirmed = Confirmed::with_keepers(&scenario, &set, &Orders::default(), scenario.keepers(), seen).unwrap();
        assert!(confirmed.agreement.unwrap().p_value > 1e-7);
        // An order that lives for two auctions sees the second one when the first has been given up.
        let mut orders = Orders { lifetime: Lifetime::Auctions { lifetime: 2 }, ..Orders::default() };
        orders.stretch.windows = Some(40);
        orders.stretch.warm_up = Some(20);
        let seen = run(&scenario, &set, &orders, seed as u64, 50);
        assert!(seen.account.balances() && seen.account.waiting > 0);
        assert!(seen.filled_share > confirmed.simulated.filled_share);
    }
}

/// Whoever knows no keepers says so, and names the section.
#[test]
fn no_keepers_there() {
    let scenario = study(PERIODS[0], "failure_delay = 0.1");
    let tree = Architecture::full(scenario.tree());
    let refused = |what: &str, error: Option<Error>| {
        let error = error.unwrap_or_else(|| panic!("{what} takes keepers")).to_string();
        assert!(error.starts_with("keepers = (given): must be left out: "), "{what}: {error}");
    };
    refused("counts", CountsEngine::new(&scenario, &tree).err());
    refused("periods", BestPeriods::new(&scenario, 4, &|_, _| ()).err());
    refused("sizing", Sizing::new(&scenario, 0.5, None).err());
    refused("pools", smallest_pools(&scenario, 0.5).err());
    refused("window", smallest_window(&scenario, 1, 0.5).err());
    // Keepers who make no difference are welcome.
    let sure = read(&(DOCUMENT.to_owned() + &section("", 2, |_| (20, 0.0, 1.0))));
    assert!(CountsEngine::new(&sure, &tree).is_ok() && Sizing::new(&sure, 0.5, None).is_ok());
    // The engine of orders needs to be told who they are.
    let error = pooltree::orders::simulation::OrdersEngine::new(&scenario, &tree, &Orders::default()).err().unwrap();
    assert_eq!(error.to_string(), "keepers = (none): must be those who run the auctions");
}

/// The same from the command line: exit status 2, the key on standard error.
#[test]
fn no_keepers_on_the_command_line() {
    let folder = std::env::temp_dir().join(format!("pooltree-keepers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("failing.toml");
    std::fs::write(&file, DOCUMENT.to_owned() + &section("failure_delay = 0.1", 3, motley)).unwrap();
    let file = file.to_str().unwrap();
    let run = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_pooltree")).args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for args in [&["quality", file][..], &["size", file, "--filled", "0.5"], &["best", file, "--periods"]] {
        let (code, _, error) = run(args);
        assert_eq!(code, Some(2), "{args:?}: {error}");
        assert!(error.contains("keepers"), "{args:?}: {error}");
    }
    for args in [
        &["compare", file, "--replications", "100", "--json"][..],
        &["compare", file, "--replications", "100"],
        &["best", file],
        &["simulate", file, "--replications", "100"],
        &["simulate", file, "--replications", "100", "--json"],
    ] {
        let (code, told, error) = run(args);
        assert_eq!(code, Some(0), "{args:?}: {error}");
        assert!(!told.contains("NaN"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}
