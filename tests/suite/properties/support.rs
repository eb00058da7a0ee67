//! What the properties share: configuration, comparison, scenarios taken apart, and the test that a test can fail.

use pooltree::estimate::MonteCarlo;
use pooltree::pool_tree::DiscountModel;
use pooltree::pool_tree::Model;
use pooltree::pool_tree::{
    Architecture, Component, Delay, Discount, Flow, Latency, LatencyModel, Period, PeriodModel, PoolTree, Timing,
};
use pooltree::{ClosedForm, Result, Scenario};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestError, TestRunner};

/// Something that claims to be the closed form.
pub(crate) type Evaluate<'a> = &'a dyn Fn(&Scenario, &Architecture) -> Result<ClosedForm>;

/// The closed form itself.
pub(crate) const EXACT: Evaluate<'static> = &|scenario, architecture| ClosedForm::evaluate(scenario, architecture);

/// 256 cases from a fixed seed; as many fresh ones as `PROPTEST_CASES` says if it is set.
pub(crate) fn config() -> Config {
    let drawn_elsewhere = ["PROPTEST_CASES", "PROPTEST_RNG_SEED"].iter().any(|name| std::env::var_os(name).is_some());
    let config = Config::default();
    if drawn_elsewhere { config } else { Config { rng_seed: RngSeed::Fixed(1), ..config } }
}

/// Whether `property` fails for some case, as a wrong variant must.
pub(crate) fn rejected<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> TestCaseResult) -> bool {
    let config = Config { failure_persistence: None, max_shrink_iters: 0, ..config() };
    matches!(TestRunner::new(config).run(strategy, property), Err(TestError::Fail(..)))
}

/// Below this, products of rates and discounts pass through subnormal numbers, which have fewer digits.
pub(crate) const UNDERFLOW: f64 = 1e-290;

/// `found` is `expected` up to a relative error, or both have underflowed.
pub(crate) fn close(what: &str, found: f64, expected: f64, relative: f64) -> TestCaseResult {
    within(what, found, expected, (relative * found.abs().max(expected.abs())).max(UNDERFLOW))
}

/// `found` is `expected` up to an absolute error.
pub(crate) fn within(what: &str, found: f64, expected: f64, error: f64) -> TestCaseResult {
    // Written so that NaN fails.
    prop_assert!(
        found == expected || (found - expected).abs() <= error,
        "{what}: {found:e} is not {expected:e}, off by {:e}, allowed {error:e}",
        found - expected
    );
    Ok(())
}

/// A scenario taken apart, to be changed and put together again.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) tree: PoolTree,
    pub(crate) rate: f64,
    pub(crate) assets: u32,
    pub(crate) components: Vec<Component>,
    pub(crate) latency: LatencyModel,
    pub(crate) period: PeriodModel,
    pub(crate) delay: Delay,
    pub(crate) solving: f64,
    pub(crate) discount: DiscountModel,
    pub(crate) utility_mean: f64,
    pub(crate) cost_per_message: f64,
    pub(crate) monte_carlo: MonteCarlo,
}

impl Parts {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let timing = scenario.timing();
        Self {
            tree: scenario.tree().clone(),
            rate: scenario.flow().rate(),
            assets: scenario.flow().assets(),
            components: scenario.flow().components().to_vec(),
            latency: timing.latency().model().clone(),
            period: timing.period().model().clone(),
            delay: timing.delay(),
            solving: timing.solving(),
            discount: scenario.discount().model(),
            utility_mean: scenario.utility_mean(),
            cost_per_message: scenario.cost_per_message(),
            monte_carlo: *scenario.monte_carlo(),
        }
    }

    pub(crate) fn scenario(&self) -> Result<Scenario> {
        let model = Model::new(
            self.tree.clone(),
            Flow::new(self.rate, self.assets, self.components.clone())?,
            Timing::new(
                Latency::new(self.latency.clone())?,
                Period::new(self.period.clone())?,
                self.delay,
                self.solving,
            )?,
            Discount::new(self.discount)?,
            self.utility_mean,
            self.cost_per_message,
        )?;
        Ok(Scenario::new(model, self.monte_carlo))
    }

    /// Every latency times `factor`, solving time included.
    pub(crate) fn scale_latencies(&mut self, factor: f64) {
        match &mut self.latency {
            LatencyModel::Proportional { scale, .. } => *scale *= factor,
            LatencyModel::Ring { spacing, .. } => *spacing *= factor,
            LatencyModel::Table { values } => values.iter_mut().for_each(|value| *value *= factor),
            LatencyModel::Sites { .. } => unreachable!("strategies draw no sites"),
        }
        self.solving *= factor;
    }

    /// Every given period times `factor`.
    pub(crate) fn scale_periods(&mut self, factor: f64) {
        match &mut self.period {
            PeriodModel::Ratio { base, .. } => *base *= factor,
            PeriodModel::Table { values } => values.iter_mut().for_each(|value| *value *= factor),
            PeriodModel::BackToBack => {}
        }
    }
}

/// The scenario with some parts changed.
pub(crate) fn changed(scenario: &Scenario, change: impl FnOnce(&mut Parts)) -> Result<Scenario> {
    let mut parts = Parts::of(scenario);
    change(&mut parts);
    parts.scenario()
}

/// Scenario and architecture with periods that do not depend on which heights are active.
pub(crate) fn fixed_periods(
    cases: impl Strategy<Value = (Scenario, Architecture)>,
) -> impl Strategy<Value = (Scenario, Architecture)> {
    (cases, 1u32..=4).prop_filter_map("periods in range", |((scenario, architecture), ratio)| {
        if !scenario.timing().period().depends_on_lower_heights() {
            return Some((scenario, architecture));
        }
        let period = PeriodModel::Ratio { base: 1.0, ratio };
        changed(&scenario, |parts| parts.period = period).ok().map(|scenario| (scenario, architecture))
    })
}

/// Latency of an auction at `height`, solving time included.
pub(crate) fn latency_at(scenario: &Scenario, height: u32) -> f64 {
    // Whatever the scenario's periods: back to back a height may have a latency and no auction.
    let period = Period::new(PeriodModel::Ratio { base: 1.0, ratio: 1 }).expect("one window");
    let timing = scenario.timing();
    let timing = Timing::new(timing.latency().clone(), period, timing.delay(), timing.solving()).expect("a timing");
    let local = Architecture::local(scenario.tree(), height).expect("a height of the tree");
    let model = Model::new(scenario.tree().clone(), scenario.flow().clone(), timing, *scenario.discount(), 0.0, 0.0);
    model.and_then(|model| model.schedule(&local)).expect("a finite latency").levels()[0].latency
}

/// Expected orders of one class, both sides, in its pool and window at `height`, and the share of all orders in such
/// classes, one entry for each height at which classes of a component meet: counted here class by class and operator by
/// operator, not taken from the crate.
pub(crate) struct Classes {
    pub(crate) share: f64,
    pub(crate) meets_at: u32,
    pub(crate) side_share: f64,
    /// Orders of one class per unit time as a function of the height of the pool.
    pub(crate) rate: Box<dyn Fn(u32) -> f64>,
}

/// The classes of every component; `tree` must be small enough to count its operators one by one.
pub(crate) fn classes(scenario: &Scenario) -> Vec<Classes> {
    use pooltree::pool_tree::Kind;
    let tree = scenario.tree();
    let operators = tree.operators().expect("a small tree");
    let (depth, arity) = (tree.depth(), f64::from(tree.arity()));
    let assets = f64::from(scenario.flow().assets());
    let pairs = assets * (assets - 1.0) / 2.0;
    let total: f64 = scenario.flow().components().iter().map(Component::share).sum();
    let mut all = Vec::new();
    for component in scenario.flow().components() {
        let share = component.share() / total;
        let rate = share * scenario.flow().rate();
        let side_share = component.side_share();
        let mut add = |part: f64, meets_at: u32, rate: Box<dyn Fn(u32) -> f64>| {
            all.push(Classes { share: share * part, meets_at, side_share, rate });
        };
        // γ^(k-j) pools, γ(γ-1) ordered pairs of children in each.
        let number = |j: u32| {
            let pools = (operators / tree.size(j).expect("a small pool")) as f64;
            if j == 0 { pools } else { pools * arity * (arity - 1.0) }
        };
        let mut meet_at = |part: f64, j: u32| {
            let rate = rate * part / (number(j) * pairs);
            add(part, j, Box::new(move |_| rate));
        };
        match component.kind().clone() {
            Kind::Uniform => {
                let tree = tree.clone();
                add(1.0, 0, Box::new(move |h| rate / pairs * tree.size_f64(h) / tree.size_f64(depth)));
            }
            Kind::SingleSite { .. } => add(1.0, 0, Box::new(move |_| rate / pairs)),
            Kind::Custom(_) => unreachable!("strategies draw no flow of single operators"),
            Kind::MeetAt { height } | Kind::Nearby { height } => meet_at(1.0, height),
            Kind::Opposite => meet_at(1.0, depth),
            Kind::ScaleFree { exponent } => {
                // Relative to the greatest weight, which is at one end.
                let ln_weight = |j: u32| (1.0 - exponent) * f64::from(j) * arity.ln();
                let peak = if exponent < 1.0 { depth } else { 1 };
                let weights: Vec<f64> = (1..=depth).map(|j| (ln_weight(j) - ln_weight(peak)).min(0.0)).collect();
                let weights: Vec<f64> = weights.into_iter().map(|w| if w.is_nan() { 1.0 } else { w.exp() }).collect();
                let sum: f64 = weights.iter().sum();
                (1..=depth).zip(weights).for_each(|(j, weight)| meet_at(weight / sum, j));
            }
            Kind::CircleDistance { distance } => {
                let mut count = vec![0u64; depth as usize + 1];
                for a in 0..operators {
                    let b = (a + distance) % operators;
                    count[tree.meeting_height(a, b) as usize] += 1;
                }
                // The pairs (a, b) and (b, a) meet alike; at half the circle they are the same pair of sides twice.
                let ordered = if 2 * distance == operators { operators } else { 2 * operators } as f64;
                let rate = rate / (ordered * pairs);
                for (height, count) in (0..).zip(count) {
                    if count > 0 {
                        add(count as f64 / operators as f64, height, Box::new(move |_| rate));
                    }
                }
            }
        }
    }
    all
}
