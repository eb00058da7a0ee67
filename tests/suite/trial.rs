//! A simulation in steps ends with the bits of the one run, whatever the steps.
//!
//! Nothing here is left to chance: seeds are fixed and texts compared as they are.

use pooltree::ClosedForm;
use pooltree::Scenario;
use pooltree::compare::{Comparison, Confirmed, Trial};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::simulation::SimulatedWelfare;

/// Everything that a scenario has beside tree, flow and keepers.
const TIMES: &str = "
    timing.latency = { model = \"proportional\", scale = 0.125 }
    timing.period = { model = \"ratio\", base = 0.125, ratio = 2 }
    timing.delay = \"batched\"
    discount = { factor = 0.5 }
";

fn read(text: &str, replications: u64) -> Scenario {
    let scenario: Scenario = text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"));
    scenario.with_monte_carlo(MonteCarlo::new(7, Stopping::Replications(replications)).unwrap())
}

fn counts(flow: &str, replications: u64) -> Scenario {
    read(&format!("tree = {{ arity = 2, depth = 3 }}\nflow = {{ {flow} }}\n{TIMES}"), replications)
}

/// Four keepers who fail, two rules.
fn with_keepers(settings: &str, replications: u64) -> Scenario {
    let records = [("a", 18, 0.02, 1.0), ("b", 9, 0.1, 2.0), ("c", 13, 0.05, 4.0), ("d", 16, 0.08, 3.0)];
    let list = records.map(|(id, succeeded, ping, stake)| {
        format!("{{ id = \"{id}\", picked = 20, succeeded = {succeeded}, ping = {ping:?}, stake = {stake:?} }}")
    });
    let tree = "tree = { arity = 2, depth = 2 }\nflow = { rate = 24.0 }";
    let list = list.join(", ");
    read(&format!("{tree}\n{TIMES}\n[keepers]\n{settings}\nlist = [{list}]\n"), replications)
}

fn real_world(replications: u64) -> Scenario {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/real-world.toml");
    let monte_carlo = MonteCarlo::new(7, Stopping::Replications(replications)).unwrap();
    Scenario::from_file(file).unwrap().with_monte_carlo(monte_carlo)
}

/// A dozen scenarios: flows of several kinds, networks pool by pool, keepers; few replications and many, none of them a multiple
/// of a block; fills that never come.
fn scenarios() -> Vec<(&'static str, Scenario)> {
    let mixed = "rate = 64.0, assets = 3, components = [{ kind = \"uniform\", share = 0.5, side_share = 0.3 }, \
                 { kind = \"scale-free\", exponent = 2, share = 0.3 }, { kind = \"circle-distance\", distance = 2, share = 0.2 }]";
    let given = "flow = { rate = 50.0 }
        tree = { operators = 5, pools = [[[0, 1], [2, 3, 4]], [[0, 1, 2, 3, 4]]] }";
    vec![
        ("uniform", counts("rate = 64.0", 3000)),
        ("mixed", counts(mixed, 2345)),
        ("meet-at", counts("rate = 64.0, components = [{ kind = \"meet-at\", height = 1 }]", 1500)),
        ("few", counts("rate = 64.0", 300)),
        ("two", counts("rate = 64.0", 2)),
        ("one side", counts("rate = 64.0, components = [{ kind = \"uniform\", side_share = 1.0 }]", 1700)),
        ("opposite", counts("rate = 30.0, components = [{ kind = \"opposite\" }]", 1200)),
        ("sites", real_world(130)),
        ("given pools", read(&format!("{given}\n{TIMES}"), 1111)),
        ("given pools, two", read(&format!("{given}\n{TIMES}"), 2)),
        ("keepers", with_keepers("rule = \"stake-weighted\"", 1234)),
        (
            "keepers of two rules, common outages",
            with_keepers(
                "rule = \"by-reliability\"\noutages = \"common\"\nheights = [{ height = 1, rule = \"uniform\" }]",
                700,
            ),
        ),
        ("keepers, two", with_keepers("rule = \"uniform\"", 2)),
    ]
}

fn full(scenario: &Scenario) -> Architecture {
    Architecture::full(scenario.tree())
}

/// The tree of the comparison.
fn in_one_go(scenario: &Scenario) -> Confirmed {
    let comparison = Comparison::new(scenario, None, Some(&|_, _, _| ())).unwrap();
    let tree = comparison.architectures.into_iter().next().unwrap();
    assert_eq!(tree.architecture, full(scenario));
    tree.monte_carlo.unwrap()
}

fn text(confirmed: &Confirmed) -> String {
    serde_json::to_string(confirmed).unwrap()
}

#[test]
fn the_end_is_that_of_the_one_run() {
    let mut with_spread = 0;
    for (name, scenario) in scenarios() {
        let whole = in_one_go(&scenario);
        let wanted = whole.simulated.replications;
        with_spread += u32::from(whole.simulated.spread.is_some());
        for step in [0, 1, 97, 1000, u64::MAX] {
            let mut trial = Trial::new(&scenario, &full(&scenario)).unwrap();
            assert_eq!((trial.replications(), trial.done(), trial.is_complete()), (wanted, 0, false), "{name}");
            assert!(trial.confirmed().unwrap().is_none(), "{name}");
            let mut before = 0;
            while !trial.is_complete() {
                let done = trial.step(step).unwrap();
                assert_eq!(done, trial.done());
                assert!(done <= wanted && (done >= wanted || done >= before + step.max(1)), "{name}: {done}");
                before = done;
            }
            let end = trial.confirmed().unwrap().unwrap();
            assert_eq!(text(&end), text(&whole), "{name} by {step}");
            // A step too many changes nothing.
            assert_eq!(trial.step(step).unwrap(), wanted);
            assert_eq!(text(&trial.confirmed().unwrap().unwrap()), text(&whole), "{name} by {step}");
        }
    }
    assert_eq!(with_spread, 6, "short runs have further replications for their covariance");
}

/// What is seen half-way is the run of that length, but for the further replications of a short run.
#[test]
fn half_way_is_a_shorter_run() {
    let mut looks = 0;
    for (name, scenario) in scenarios() {
        let mut trial = Trial::new(&scenario, &full(&scenario)).unwrap();
        while trial.done() < trial.replications() {
            let done = trial.step(400).unwrap();
            let Some(seen) = trial.confirmed().unwrap() else { continue };
            let shorter = scenario.clone().with_monte_carlo(MonteCarlo::new(7, Stopping::Replications(done)).unwrap());
            let mut shorter = in_one_go(&shorter);
            if shorter.simulated.spread.take().is_some() {
                assert!(seen.simulated.spread.is_none(), "{name}");
                shorter.agreement = seen.agreement; // its covariance came from those
            }
            assert_eq!(text(&seen), text(&shorter), "{name} at {done}");
            looks += 1;
        }
    }
    assert!(looks >= 25, "{looks}");
}

/// The seed, the architecture and the number of replications matter: equal texts are no accident.
#[test]
fn another_seed_has_other_bits() {
    for (name, scenario) in scenarios().into_iter().filter(|(name, _)| !name.contains("side")) {
        let end = |scenario: &Scenario| {
            let mut trial = Trial::new(scenario, &full(scenario)).unwrap();
            while !trial.is_complete() {
                trial.step(500).unwrap();
            }
            trial.confirmed().unwrap().unwrap().simulated
        };
        let own = end(&scenario);
        let Stopping::Replications(n) = scenario.monte_carlo().stopping() else { panic!("{name}") };
        let other = end(&scenario.clone().with_monte_carlo(MonteCarlo::new(8, Stopping::Replications(n)).unwrap()));
        assert!(own.fills != other.fills && own.gross != other.gross, "{name}");
        let longer =
            end(&scenario.clone().with_monte_carlo(MonteCarlo::new(7, Stopping::Replications(n + 1)).unwrap()));
        assert!(own.fills != longer.fills, "{name}");
    }
}

/// Where nothing ever meets the estimate is 0 at every look, and there is nothing to test.
#[test]
fn what_never_fills() {
    let flow = "rate = 64.0, components = [{ kind = \"opposite\" }]";
    let scenario = counts(flow, 5000);
    let pools = Architecture::new(scenario.tree(), [0, 1]).unwrap();
    let mut trial = Trial::new(&scenario, &pools).unwrap();
    while !trial.is_complete() {
        trial.step(1).unwrap();
        let seen = trial.confirmed().unwrap().unwrap();
        assert_eq!((seen.simulated.gross, seen.simulated.std_error, seen.agreement.p_value), (0.0, 0.0, 1.0));
    }
    assert_eq!(trial.done(), 5000);
}

/// The threads at hand change nothing.
#[test]
fn threads_do_not_matter() {
    for (name, scenario) in scenarios() {
        let end = |threads: usize, step: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut trial = Trial::new(&scenario, &full(&scenario)).unwrap();
                while !trial.is_complete() {
                    trial.step(step).unwrap();
                }
                text(&trial.confirmed().unwrap().unwrap())
            })
        };
        assert_eq!(end(1, 130), end(3, 700), "{name}");
    }
}

#[test]
fn what_is_refused() {
    let refused = |scenario: &Scenario| Trial::new(scenario, &full(scenario)).err().unwrap().to_string();
    let document = Scenario::document();
    let precise = document.clone().with_monte_carlo(MonteCarlo::new(1, Stopping::Precision(0.01)).unwrap());
    assert_eq!(
        refused(&precise),
        "monte_carlo.precision = 0.01: must be left out for a run in steps: give monte_carlo.replications instead"
    );
    let endless = counts("rate = 64.0", 1 << 50);
    let told = refused(&endless);
    assert!(told.starts_with("out of reach: 1125899906842624 replications of"), "{told}");
    // As the one run says it.
    let model = SimulatedWelfare::simulate(&endless, &full(&endless), endless.monte_carlo(), &|_, _| ());
    assert_eq!(model.unwrap_err().to_string(), told);
    let many = with_keepers("rule = \"uniform\"", 1 << 40);
    assert!(refused(&many).contains("orders and batches each"), "{}", refused(&many));
    let deep = counts("rate = 64.0", 100);
    let other = Architecture::new(&pooltree::pool_tree::PoolTree::new(2, 9).unwrap(), [9]).unwrap();
    let told = Trial::new(&deep, &other).err().unwrap().to_string();
    assert_eq!(told, ClosedForm::evaluate(&deep, &other).unwrap_err().to_string());
}
