//! Closed form against simulation. One error budget for the whole file: with the right formulas all its tests together
//! fail with probability 1e-6 at most (a fixed set of seeds, so that they either always or never do).

use pooltree::ClosedForm;
use pooltree::Scenario;
use pooltree::compare::{Confirmed, agreement};
use pooltree::estimate::Agreement;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::kernels::matched::mean_batch_filling_rate;
use pooltree::kernels::unfilled::{filled_share, unfilled_share};
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::simulation::SimulatedWelfare;
use pooltree::strategies::{ScenarioOptions, scenario_and_architecture_with};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// False-alarm rate of the file, and of one test in it (Bonferroni).
const BUDGET: f64 = 1e-6;
const TESTS: f64 = 1000.0;

const REPLICATIONS: u64 = 4000;

fn scenario(tree: [u32; 2], rate: f64, assets: u32, component: &str, period: &str, delay: &str) -> Scenario {
    format!(
        "tree = {{ arity = {}, depth = {} }}
         flow = {{ rate = {rate}, assets = {assets}, components = [{component}] }}
         timing.latency = {{ model = \"proportional\", scale = 0.1 }}
         timing.period = {{ {period} }}
         timing.delay = \"{delay}\"
         discount = {{ half_life = 0.8 }}",
        tree[0], tree[1]
    )
    .parse()
    .unwrap()
}

fn simulate(scenario: &Scenario, architecture: &Architecture, seed: u64) -> SimulatedWelfare {
    let monte_carlo = MonteCarlo::new(seed, Stopping::Replications(REPLICATIONS)).unwrap();
    SimulatedWelfare::simulate(scenario, architecture, &monte_carlo, &|_, _| ()).unwrap()
}

/// All components of a flow, as in a scenario file.
pub const COMPONENTS: [&str; 11] = [
    "{ kind = \"uniform\" }",
    "{ kind = \"uniform\", side_share = 0.3 }",
    "{ kind = \"meet-at\", height = 1 }",
    "{ kind = \"meet-at\", height = 0 }",
    "{ kind = \"opposite\", side_share = 0.6 }",
    "{ kind = \"nearby\", height = 2 }",
    "{ kind = \"scale-free\", exponent = 0.7 }",
    "{ kind = \"circle-distance\", distance = 1 }",
    "{ kind = \"circle-distance\", distance = 3, side_share = 0.45 }",
    "{ kind = \"single-site\", operator = 2 }",
    "{ kind = \"uniform\", share = 0.5 }, { kind = \"scale-free\", exponent = 2, share = 0.3 }, { kind = \"circle-distance\", distance = 2, share = 0.2 }",
];

/// All period models.
pub const PERIODS: [&str; 3] = [
    "model = \"ratio\", base = 0.1, ratio = 2",
    "model = \"ratio\", base = 0.5, ratio = 1",
    "model = \"back-to-back\"",
];

/// The grid: all components, period and delay models, several architectures of each tree.
fn cases() -> Vec<(Scenario, Architecture)> {
    let trees = [([2, 3], [vec![1, 2, 3], vec![3], vec![0, 2]]), ([3, 2], [vec![1, 2], vec![2], vec![0, 1, 2]])];
    let mut cases = Vec::new();
    for (i, component) in COMPONENTS.iter().enumerate() {
        for (j, period) in PERIODS.iter().enumerate() {
            for (tree, sets) in &trees {
                for (l, heights) in sets.iter().enumerate() {
                    let rate = [3.0, 40.0, 700.0][(i + j + l) % 3];
                    let assets = [2, 3][(i + j) % 2];
                    let delay = ["idealised", "cumulative", "batched"][(i + l) % 3];
                    let scenario = scenario(*tree, rate, assets, component, period, delay);
                    let architecture = Architecture::new(scenario.tree(), heights.iter().copied()).unwrap();
                    cases.push((scenario, architecture));
                }
            }
        }
    }
    cases
}

#[test]
fn every_model_agrees() {
    let cases = cases();
    assert!(cases.len() < 300);
    let mut p_values = Vec::new();
    for (i, (scenario, architecture)) in cases.iter().enumerate() {
        let exact = ClosedForm::evaluate(scenario, architecture).unwrap();
        let confirmed = Confirmed::new(scenario, &exact, simulate(scenario, architecture, i as u64));
        let Agreement { p_value, .. } = confirmed.agreement;
        assert!(p_value > BUDGET / TESTS, "{scenario:?} {architecture}: {:?}", confirmed.agreement);
        // Welfare is linear in the fills; its interval must fit, too (6.5 standard errors: 8e-11).
        let difference = (confirmed.simulated.gross - exact.gross).abs();
        assert!(difference <= 6.5 * confirmed.simulated.std_error + 1e-12 * exact.gross, "{scenario:?} {architecture}");
        if confirmed.agreement.degrees_of_freedom > 0 {
            p_values.push(p_value);
        }
    }
    // The p-values must also look uniform: not too many small ones (Bernoulli, far tail), and not all large either.
    let n = p_values.len() as f64;
    for level in [0.01, 0.1, 0.5, 0.9] {
        let below = p_values.iter().filter(|p| **p < level).count() as f64;
        let sigma = (n * level * (1.0 - level)).sqrt();
        assert!((below - n * level).abs() < 6.5 * sigma, "{below} of {n} p-values below {level}");
    }
}

/// Random scenarios of the exported strategies, corners included, from a fixed stream.
#[test]
fn random_scenarios_agree() {
    const CASES: usize = 300;
    let options = ScenarioOptions::default().with_max_operators(4096.0).with_max_work(400.0);
    let strategy = scenario_and_architecture_with(options);
    let mut runner = TestRunner::deterministic();
    let mut tested = 0;
    for seed in 0..CASES as u64 {
        let (scenario, architecture) = strategy.new_tree(&mut runner).unwrap().current();
        let exact = ClosedForm::evaluate(&scenario, &architecture).unwrap();
        let confirmed = Confirmed::new(&scenario, &exact, simulate(&scenario, &architecture, seed));
        let p_value = confirmed.agreement.p_value;
        assert!(p_value > BUDGET / TESTS, "{scenario:?} {architecture}: {:?}", confirmed.agreement);
        tested += usize::from(confirmed.agreement.degrees_of_freedom > 0);
    }
    assert!(tested > CASES / 2, "only {tested} scenarios fill anything at random");
}

/// The document's scenario with its exact fills and a simulation to hold wrong formulas against.
struct Bench {
    scenario: Scenario,
    exact: ClosedForm,
    simulated: SimulatedWelfare,
}

impl Bench {
    fn new(scenario: Scenario) -> Self {
        let architecture = Architecture::full(scenario.tree());
        let exact = ClosedForm::evaluate(&scenario, &architecture).unwrap();
        let simulated = simulate(&scenario, &architecture, 99);
        let bench = Self { scenario, exact, simulated };
        let right = bench.exact.by_height.iter().map(|h| h.filled_share).collect();
        assert!(bench.p_value(right) > BUDGET / TESTS, "the right formula passes");
        bench
    }

    fn p_value(&self, expected: Vec<f64>) -> f64 {
        agreement(&self.scenario, &self.exact, &self.simulated, expected).p_value
    }

    fn rejects(&self, what: &str, expected: Vec<f64>) {
        let p = self.p_value(expected);
        assert!(p < BUDGET / TESTS, "{what} passes with p = {p}");
    }
}

/// Orders per side and window at height `h` of the document's scenario.
fn orders(h: i32) -> f64 {
    32.0 * 2f64.powi(h - 3) * 0.125 * 2f64.powi(h)
}

/// Fills by height from cumulative shares `M_1, M_2, M_3`.
fn steps(cumulative: [f64; 3]) -> Vec<f64> {
    vec![cumulative[0], cumulative[1] - cumulative[0], cumulative[2] - cumulative[1]]
}

#[test]
fn wrong_formulas_are_rejected() {
    let bench = Bench::new(Scenario::document());
    let filled = |h| filled_share(orders(h)).unwrap();
    let right = steps([1, 2, 3].map(filled));
    assert!(bench.p_value(right.clone()) > BUDGET / TESTS);

    let constant = |rate: f64| vec![rate, rate * (1.0 - rate), rate * (1.0 - rate).powi(2)];
    bench.rejects("a constant filling rate", constant(right[0]));
    bench.rejects("the limit 1 - 1/γ at every height", constant(0.5));
    bench.rejects("a dropped level (nothing subtracted at the root)", vec![right[0], right[1], filled(3) - right[0]]);
    bench.rejects("one side's rate counted for both", steps([1, 2, 3].map(|h| filled_share(2.0 * orders(h)).unwrap())));
    bench.rejects(
        "windows that do not grow with the height",
        steps([1, 2, 3].map(|h| filled_share(orders(h) / 2f64.powi(h)).unwrap())),
    );
    bench.rejects("g without I_1", steps([1, 2, 3].map(|h| 1.0 - pxfm_free_i0e(2.0 * orders(h)))));
    bench.rejects("1/√(πx) for g", steps([1, 2, 3].map(|h| 1.0 - 1.0 / (std::f64::consts::PI * orders(h)).sqrt())));
    bench.rejects(
        "the mean over nonempty batches",
        steps([1, 2, 3].map(|h| mean_batch_filling_rate(orders(h)).unwrap())),
    );
    let square = [1, 2, 3].map(|h| 1.0 - unfilled_share(orders(h)).unwrap().powi(2));
    bench.rejects("two independent tries an auction", steps(square));
    bench.rejects("2 % too much at the lowest height", vec![1.02 * right[0], right[1], right[2]]);
    // Errors that leave the total as it is are seen height by height.
    bench.rejects("heights exchanged", vec![right[0], right[2], right[1]]);
}

/// `e^(-z) I_0(z)` by its integral, `1/π ∫ e^(z (cos t - 1)) dt`.
fn pxfm_free_i0e(z: f64) -> f64 {
    (0..4000).map(|i| (z * ((f64::from(i) + 0.5) / 4000.0 * std::f64::consts::PI).cos() - z).exp()).sum::<f64>()
        / 4000.0
}

#[test]
fn wrong_flows_are_rejected() {
    let of =
        |component: &str| scenario([2, 4], 200.0, 2, component, "model = \"ratio\", base = 0.1, ratio = 2", "batched");
    let pairs = [
        ("another exponent", "{ kind = \"scale-free\", exponent = 1.0 }", "{ kind = \"scale-free\", exponent = 0.9 }"),
        (
            "another distance",
            "{ kind = \"circle-distance\", distance = 2 }",
            "{ kind = \"circle-distance\", distance = 3 }",
        ),
        ("equal sides", "{ kind = \"uniform\", side_share = 0.45 }", "{ kind = \"uniform\" }"),
        ("no seams", "{ kind = \"circle-distance\", distance = 1 }", "{ kind = \"nearby\", height = 1 }"),
        (
            "another mixture",
            "{ kind = \"uniform\", share = 0.5 }, { kind = \"opposite\", share = 0.5 }",
            "{ kind = \"uniform\", share = 0.52 }, { kind = \"opposite\", share = 0.48 }",
        ),
    ];
    for (what, right, wrong) in pairs {
        let bench = Bench::new(of(right));
        let wrong = of(wrong);
        let fills = ClosedForm::evaluate(&wrong, &Architecture::full(wrong.tree())).unwrap();
        bench.rejects(what, fills.by_height.iter().map(|h| h.filled_share).collect());
    }
}

/// Runs to a relative precision must cover the truth as often as they say.
#[test]
fn precision_runs_cover() {
    const RUNS: u64 = 1000;
    let scenario =
        scenario([2, 2], 6.0, 2, "{ kind = \"uniform\" }", "model = \"ratio\", base = 0.1, ratio = 2", "batched");
    let architecture = Architecture::full(scenario.tree());
    let truth = ClosedForm::evaluate(&scenario, &architecture).unwrap().gross;
    let (mut covered, mut covered_by_half, mut met) = (0, 0, 0);
    for seed in 0..RUNS {
        let monte_carlo = MonteCarlo::new(seed, Stopping::Precision(0.04)).unwrap();
        let run = SimulatedWelfare::simulate(&scenario, &architecture, &monte_carlo, &|_, _| ()).unwrap();
        let half = 0.5 * (run.ci95[1] - run.ci95[0]);
        covered += u32::from((run.gross - truth).abs() <= half);
        covered_by_half += u32::from((run.gross - truth).abs() <= 0.75 * half);
        met += u32::from(run.precision.unwrap().reached.unwrap() <= 0.04);
        assert!(!run.precision.unwrap().capped);
    }
    // 95 % of 1000 is 950 ± 6.9; 6.5 standard errors are 8e-11, and the counter-test must fall outside.
    let within = |count: u32| (f64::from(count) - 950.0).abs() <= 6.5 * 6.9;
    assert!(within(covered), "{covered} of {RUNS} intervals cover");
    assert!(!within(covered_by_half), "intervals a quarter too short would pass: {covered_by_half}");
    assert!(met >= 980, "only {met} of {RUNS} runs reached the precision");
}
