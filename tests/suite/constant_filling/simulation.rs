//! Simulation against the exact expectations. With the right formulas all tests of this file together fail with probability
//! 1e-6 at most (fixed seeds, so that they either always or never do).

use super::{climb, factor, level, once, tree};
use pooltree::constant_filling::DelayCounting::{Cumulative, Own};
use pooltree::constant_filling::closed_form::evaluate;
use pooltree::constant_filling::compare::{Confirmed, fills_agreement, welfare_agreement};
use pooltree::constant_filling::simulation::{SimulatedClimb, simulate};
use pooltree::constant_filling::{Attempts, Climb, ClimbLevel, Outcome};
use pooltree::estimate::{Estimate, MonteCarlo, Stopping};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// False-alarm rate of the file, and of one comparison in it (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 2000.0;

const ORDERS: u64 = 20_000;

/// Standard errors that a normal deviate exceeds with probability 8e-11.
const FAR: f64 = 6.5;

fn run(climb: &Climb, seed: u64, stopping: Stopping) -> SimulatedClimb {
    simulate(climb, &MonteCarlo::new(seed, stopping).unwrap(), &|_, _| ()).unwrap()
}

fn draw(climb: &Climb, seed: u64) -> SimulatedClimb {
    run(climb, seed, Stopping::Replications(ORDERS))
}

#[test]
fn random_climbs_agree() {
    const CASES: u64 = 300;
    let mut runner = TestRunner::deterministic();
    let (mut tested, mut small) = (0, 0);
    for seed in 0..CASES {
        // Most auctions one by one, some by the number of them that it takes.
        let most = if seed % 3 == 0 { 1000 } else { 12 };
        let climb = climb(most).new_tree(&mut runner).unwrap().current();
        let confirmed = Confirmed::new(&evaluate(&climb), draw(&climb, seed));
        for agreement in [confirmed.agreement, confirmed.welfare_agreement] {
            assert!(agreement.p_value > BUDGET / COMPARISONS, "{climb:?} {agreement:?}");
            tested += u32::from(agreement.degrees_of_freedom > 0);
            small += u32::from(agreement.degrees_of_freedom > 0 && agreement.p_value < 0.01);
        }
        let one =
            confirmed.simulated.filled_share + confirmed.simulated.expired_share + confirmed.simulated.waiting_share;
        assert!((one - 1.0).abs() < 1e-15);
    }
    assert!(tested > 400, "only {tested} comparisons have anything to test");
    // One in a hundred p-values below 0.01 (Bernoulli, and 6.5 standard errors more).
    let expected = 0.01 * f64::from(tested);
    assert!(f64::from(small) < expected + FAR * expected.sqrt(), "{small} of {tested} p-values below 0.01");
}

/// Auctions and delay of an order against their expectations, within 6.5 standard errors that are themselves estimated.
#[test]
fn auctions_and_delay_agree() {
    let unlimited = ClimbLevel { filling_rate: 0.2, duration: 2.0, attempts: Attempts::Unlimited };
    let climbs = [
        Climb::new(vec![level(0.5, 0.5, 2), level(0.3, 1.0, 3), unlimited], Cumulative, factor(0.7)).unwrap(),
        Climb::new(vec![level(0.02, 0.1, 100), level(0.3, 1.0, 3)], Own, factor(0.7)).unwrap(),
    ];
    for (seed, climb) in climbs.iter().enumerate() {
        let (exact, simulated) = (evaluate(climb), draw(climb, seed as u64));
        let near = |estimate: Option<Estimate>, exact: f64| {
            let estimate = estimate.unwrap();
            (estimate.mean - exact).abs() < FAR * estimate.std_error
        };
        assert!(near(simulated.auctions, exact.auctions) && near(simulated.delay, exact.delay), "{simulated:?}");
        assert!(!near(simulated.auctions, exact.auctions * 1.2) && !near(simulated.delay, exact.delay * 1.2));
    }
}

/// A climb with its simulation, to hold wrong formulas against.
struct Bench {
    climb: Climb,
    simulated: SimulatedClimb,
}

impl Bench {
    fn new(climb: Climb) -> Self {
        let bench = Self { simulated: draw(&climb, 99), climb };
        assert!(bench.accepts(&evaluate(&bench.climb)), "the right formula passes");
        bench
    }

    fn accepts(&self, claimed: &Outcome) -> bool {
        let shares: Vec<f64> = claimed.by_level.iter().map(|level| level.filled_share).collect();
        let fills = fills_agreement(&self.simulated, &shares);
        let welfare = welfare_agreement(&self.simulated, claimed.welfare, claimed.variance);
        fills.p_value > BUDGET / COMPARISONS && welfare.p_value > BUDGET / COMPARISONS
    }

    /// A claim made by the right formula for another climb.
    fn rejects(
        &self,
        what: &str,
        levels: Vec<ClimbLevel>,
        delay: pooltree::constant_filling::DelayCounting,
        beta: f64,
    ) {
        let claimed = evaluate(&Climb::new(levels, delay, factor(beta)).unwrap());
        assert!(!self.accepts(&claimed), "{what} passes");
    }
}

#[test]
fn wrong_formulas_are_rejected() {
    let right = || vec![level(0.5, 0.5, 2), level(0.3, 1.0, 3), level(0.4, 2.0, 2)];
    let with = |change: &dyn Fn(&mut Vec<ClimbLevel>)| {
        let mut levels = right();
        change(&mut levels);
        levels
    };
    let bench = Bench::new(Climb::new(right(), Cumulative, factor(0.5)).unwrap());
    bench.rejects("own delay for cumulative", right(), Own, 0.5);
    bench.rejects("another discount", right(), Cumulative, 0.47);
    bench.rejects("another filling rate", with(&|l| l[1].filling_rate = 0.33), Cumulative, 0.5);
    bench.rejects("a retry too few", with(&|l| l[0].attempts = Attempts::Limited(1)), Cumulative, 0.5);
    bench.rejects("an order that never expires", with(&|l| l[2].attempts = Attempts::Unlimited), Cumulative, 0.5);
    bench.rejects("levels exchanged", with(&|l| l.swap(0, 1)), Cumulative, 0.5);
    bench.rejects("retries that take no time", with(&|l| l[1].duration = 0.4), Cumulative, 0.5);
    let bench = Bench::new(Climb::new(right(), Own, factor(0.5)).unwrap());
    bench.rejects("cumulative delay for own", right(), Cumulative, 0.5);
    // The discount of the retries carried up instead of forgotten.
    let mut carried = evaluate(&bench.climb);
    carried.welfare = carried.by_level[0].welfare
        + 0.5f64.powf(0.5) * (carried.by_level[1].welfare + 0.25 * carried.by_level[2].welfare);
    assert!(!bench.accepts(&carried));
    // Where nothing can be filled, a single fill is too many; where everything is, a single order left.
    let mut claimed = evaluate(&bench.climb);
    claimed.by_level[2].filled_share = 0.0;
    assert!(!bench.accepts(&claimed));
}

/// Rare fills that happen, or do not, are no contradiction.
#[test]
fn rare_fills() {
    for (seed, x) in [1e-5, 5e-5, 1e-9, 1.0 - 1e-5, 1.0 - 1e-9].into_iter().enumerate() {
        for attempts in [1, 2, 100] {
            let climb = Climb::new(vec![level(x, 1.0, attempts), level(x, 9.0, 1)], Cumulative, factor(0.5)).unwrap();
            let bench = Bench { simulated: draw(&climb, seed as u64), climb };
            assert!(bench.accepts(&evaluate(&bench.climb)), "{x} {attempts}");
        }
    }
}

/// The standard error is right: squared deviations over many seeds are its square in the mean.
#[test]
fn standard_errors_are_right() {
    const RUNS: u32 = 800;
    let climb = once(0.4, &[0.5, 1.0, 2.0], Cumulative, 0.5);
    let exact = evaluate(&climb).welfare;
    let squares = |scale: f64| {
        let deviation = |seed| {
            let run = run(&climb, u64::from(seed), Stopping::Replications(1000));
            ((run.welfare - exact) / (scale * run.std_error)).powi(2)
        };
        (0..RUNS).map(deviation).sum::<f64>() / f64::from(RUNS)
    };
    let off = FAR * (2.0 / f64::from(RUNS)).sqrt();
    assert!((squares(1.0) - 1.0).abs() < off);
    assert!((squares(0.8) - 1.0).abs() > off, "standard errors a fifth too small would pass");
}

#[test]
fn everything_or_nothing_has_no_error() {
    let sure = draw(&once(1.0, &[0.5, 1.0], Cumulative, 0.5), 1);
    assert_eq!((sure.welfare, sure.std_error, sure.ci95), (0.5f64.sqrt(), 0.0, [0.5f64.sqrt(); 2]));
    assert_eq!((sure.filled_share, sure.by_level[0].filled_share, sure.by_level[1].filled_share), (1.0, 1.0, 0.0));
    let none = draw(&Climb::pool(0.0, 1.0, Attempts::Limited(1000), factor(0.5)).unwrap(), 1);
    assert_eq!((none.welfare, none.expired_share, none.delay), (0.0, 1.0, None));
    assert_eq!(none.auctions.unwrap().mean, 1000.0);
    let forever = draw(&Climb::pool(0.0, 1.0, Attempts::Unlimited, factor(1.0)).unwrap(), 1);
    assert_eq!((forever.welfare, forever.waiting_share, forever.auctions), (0.0, 1.0, None));
    // Even an endless wait ends, and is worth something where nothing is discounted.
    let patient = draw(&Climb::pool(1e-300, 1.0, Attempts::Unlimited, factor(1.0)).unwrap(), 1);
    assert_eq!((patient.welfare, patient.filled_share), (1.0, 1.0));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let climb = Climb::new(vec![level(0.5, 0.5, 2), level(0.01, 1.0, 300)], Cumulative, factor(0.5)).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| [Stopping::Replications(50_001), Stopping::Precision(0.02)].map(|s| run(&climb, 5, s)))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(7));
    assert_ne!(one[0], run(&climb, 6, Stopping::Replications(50_001)));
}

#[test]
fn a_precision_is_reached_by_fresh_orders() {
    let climb = tree(3, 0.2, Cumulative, 0.5);
    for seed in 0..20 {
        let simulated = run(&climb, seed, Stopping::Precision(0.01));
        let precision = simulated.precision.unwrap();
        assert!(precision.reached.unwrap() <= 0.01 && !precision.capped);
        let exact = evaluate(&climb).welfare;
        assert!((simulated.welfare - exact).abs() < FAR * simulated.std_error);
    }
    let none = Climb::pool(0.0, 1.0, Attempts::Limited(3), factor(0.5)).unwrap();
    assert!(run(&none, 1, Stopping::Precision(0.01)).precision.unwrap().capped);
}

#[test]
fn work_out_of_reach_is_refused() {
    let climb = tree(10, 0.5, Cumulative, 0.5);
    let settings = MonteCarlo::new(1, Stopping::Replications(1 << 40)).unwrap();
    let refused = simulate(&climb, &settings, &|_, _| ()).unwrap_err().to_string();
    assert_eq!(
        refused,
        "out of reach: 1099511627776 orders of up to 10 draws each are more than 5e10 draws; \
         at most 5000000000 orders are in reach"
    );
}
