//! One pool whose orders stay until they lose patience: the engine against the exact chain.
//!
//! With the right formulas all tests of this file together fail with probability 1e-6 at most.

use super::{heights, one_pool};
use nalgebra::DVector;
use pooltree::Scenario;
use pooltree::always_on::{AlwaysOn, closed_form};
use pooltree::estimate::{Agreement, Moments, VectorEstimate};
use pooltree::orders::closed_form::carry_over::{CarryOver, Outcome, evaluate};
use pooltree::orders::simulation::{Auction, Edge, Observer, Order, OrdersEngine};
use pooltree::orders::{Lifetime, Orders, PatienceFrom, Priority, Stretch};
use pooltree::pool_tree::Discount;

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 30.0;

/// Of either side: filled, left over (summed over auctions), discounted value, delay of the filled, expired, waiting at the end.
const PARTS: usize = 6;

struct Sides {
    discount: Discount,
    sums: [f64; 2 * PARTS],
    moments: Moments,
}

impl Sides {
    fn add(&mut self, edge: Edge, part: usize, what: f64) {
        self.sums[PARTS * usize::from(edge.sell > edge.buy) + part] += what;
    }
}

impl Observer for Sides {
    fn filled(&mut self, auction: &Auction, edge: Edge, orders: &[Order]) {
        for order in orders {
            let delay = auction.ends - order.arrival;
            let worth = (self.discount.ln_factor() * delay).exp();
            for (part, what) in [(0, 1.0), (2, worth), (3, delay)] {
                self.add(edge, part, what);
            }
        }
    }

    fn expired(&mut self, edge: Edge, _: &Order, _: f64) {
        self.add(edge, 4, 1.0);
    }

    fn carried_over(&mut self, _: &Auction, edge: Edge, orders: &[Order]) {
        self.add(edge, 1, orders.len() as f64);
    }

    fn waiting(&mut self, edge: Edge, orders: &[Order]) {
        self.add(edge, 5, orders.len() as f64);
    }

    fn ended(&mut self, _: u64) {
        self.moments.add(&self.sums);
        self.sums = [0.0; 2 * PARTS];
    }
}

fn simulate(scenario: &Scenario, orders: &Orders, seed: u64, replications: u64) -> VectorEstimate {
    let engine = OrdersEngine::new(scenario, &heights(scenario, &[1]), orders).unwrap();
    let observer =
        || Sides { discount: *scenario.discount(), sums: [0.0; 2 * PARTS], moments: Moments::new(2 * PARTS) };
    let mut all = Moments::new(2 * PARTS);
    engine
        .watch_in_parallel(seed, 0..replications, observer, |sides: Sides| all.merge(&sides.moments), &|_, _| ())
        .unwrap();
    all.estimate().unwrap()
}

/// What the chain says of the sums over `windows` windows.
fn expected(pool: &CarryOver, outcome: &Outcome, windows: u64) -> DVector<f64> {
    let rates = [pool.flow().first_rate(), pool.flow().second_rate()];
    let windows = windows as f64;
    // Of those that an auction leaves over, `e^(-θ j T)` are there `j` periods later; `c` auctions are under way.
    let there: f64 =
        (0..pool.auctions_apart()).map(|j| (-pool.flow().patience_rate() * f64::from(j) * pool.period()).exp()).sum();
    let sides = [outcome.first, outcome.second].into_iter().zip(rates);
    let sums = sides.flat_map(|(side, rate)| {
        let orders = rate * pool.period() * windows;
        [
            side.filled_share * orders,
            side.left_over * windows,
            side.welfare * orders,
            side.mean_delay * side.filled_share * orders,
            side.expired_share * orders,
            side.left_over * there,
        ]
    });
    DVector::from_iterator(2 * PARTS, sums)
}

/// All parts but the fills of the second side, which are those of the first.
fn p_value(seen: &VectorEstimate, expected: &DVector<f64>) -> f64 {
    Agreement::test(seen, None, expected, &DVector::zeros(2 * PARTS)).p_value
}

struct Pool {
    from: PatienceFrom,
    rates: [f64; 2],
    theta: f64,
    period: f64,
    latency: f64,
}

impl Pool {
    fn chain(&self) -> CarryOver {
        let flow = AlwaysOn::new(self.rates[0], self.rates[1], self.theta).unwrap();
        CarryOver::new(&flow, self.from, self.period, self.latency).unwrap()
    }

    fn scenario(&self) -> Scenario {
        let total = self.rates[0] + self.rates[1];
        one_pool(total, 2, self.rates[0] / total, self.period, self.latency)
    }

    fn orders(&self, windows: Option<u64>) -> Orders {
        Orders {
            lifetime: Lifetime::Patience { patience_rate: self.theta, patience_from: self.from },
            stretch: Stretch { windows, warm_up: None },
            ..Orders::default()
        }
    }
}

fn pools() -> Vec<Pool> {
    let pool = |from, rates, theta, period, latency| Pool { from, rates, theta, period, latency };
    let (root, arrival) = (PatienceFrom::Root, PatienceFrom::Arrival);
    vec![
        pool(root, [3.0, 2.0], 0.5, 1.0, 0.0),
        pool(root, [3.0, 3.0], 0.5, 1.0, 0.9),
        pool(root, [2.0, 4.0], 0.6, 0.5, 0.8), // c = 2
        pool(arrival, [3.0, 2.0], 0.5, 1.0, 0.6),
        pool(arrival, [2.0, 2.0], 0.8, 0.7, 1.3), // c = 2
        pool(arrival, [10.0, 12.0], 0.4, 0.5, 0.0),
        pool(root, [4.0, 4.0], 0.7, 0.4, 1.1), // c = 3
    ]
}

#[test]
fn one_pool_is_the_chain() {
    for (seed, pool) in pools().into_iter().enumerate() {
        let chain = pool.chain();
        let scenario = pool.scenario();
        let exact = evaluate(&chain, scenario.discount()).unwrap();
        // A few windows in many replications, where a wrong beginning or end of a stretch is seen.
        for (windows, replications) in [(3, 12_000), (40, 3_000)] {
            let seen = simulate(&scenario, &pool.orders(Some(windows)), seed as u64, replications);
            let p = p_value(&seen, &expected(&chain, &exact, windows));
            println!("{chain:?}, {windows} windows: p = {p}");
            assert!(p > BUDGET / COMPARISONS, "{chain:?}, {windows} windows: p = {p} {seen:?} {exact:?}");

            let rejects = |what: &str, other: Pool| {
                let chain = other.chain();
                let wrong = evaluate(&chain, scenario.discount()).unwrap();
                let p = p_value(&seen, &expected(&chain, &wrong, windows));
                assert!(p < BUDGET / COMPARISONS, "{what} passes with p = {p}: {chain:?}");
            };
            let Pool { from, rates, theta, period, latency } = pool;
            let other = if from == PatienceFrom::Root { PatienceFrom::Arrival } else { PatienceFrom::Root };
            rejects("patience from elsewhere", Pool { from: other, rates, theta, period, latency });
            rejects("another patience", Pool { from, rates, theta: 1.1 * theta, period, latency });
            rejects("another rate", Pool { from, rates: [rates[0] * 1.06, rates[1]], theta, period, latency });
            rejects(
                "sides exchanged",
                Pool { from, rates: [rates[1], rates[0] * 1.001], theta, period, latency: latency + 0.05 },
            );
            if chain.auctions_apart() > 1 {
                let apart = f64::from(chain.auctions_apart() - 1);
                rejects("a chance earlier", Pool { from, rates, theta, period, latency: apart * period });
            }
        }
        // As reported: shares of the orders that arrive, in the windows chosen by themselves.
        let seen = super::run(&scenario, &heights(&scenario, &[1]), &pool.orders(None), seed as u64, 4_000);
        let near = |what: &str, seen: f64, error: f64, exact: f64| {
            assert!((seen - exact).abs() < 6.0 * error, "{what}: {seen} ± {error}, not {exact}: {chain:?}");
        };
        near("filled", seen.filled_share, seen.filled_share_std_error, exact.filled_share);
        near("expired", seen.expired_share, seen.expired_share_std_error, exact.expired_share);
        near("gross", seen.gross, seen.std_error, exact.welfare_rate);
        near("delay", seen.mean_delay.unwrap(), seen.mean_delay_std_error.unwrap(), exact.mean_delay);
        assert!((seen.mean_carried_over / exact.left_over - 1.0).abs() < 0.03);
        assert!(seen.warm_up > 20 && seen.windows > 20);
    }
}

/// Who is filled first makes no difference to how many are: shares and queues are those of the chain, delays are not.
#[test]
fn priorities_fill_as_many() {
    let Some(pool) = pools().into_iter().nth(1) else { unreachable!() };
    let (chain, scenario) = (pool.chain(), pool.scenario());
    let exact = evaluate(&chain, scenario.discount()).unwrap();
    for priority in [Priority::Oldest, Priority::Newest] {
        let orders = Orders { priority, ..pool.orders(None) };
        let seen = super::run(&scenario, &heights(&scenario, &[1]), &orders, 5, 4_000);
        assert!((seen.filled_share - exact.filled_share).abs() < 6.0 * seen.filled_share_std_error);
        assert!((seen.expired_share - exact.expired_share).abs() < 6.0 * seen.expired_share_std_error);
        let delay = seen.mean_delay.unwrap() - exact.mean_delay;
        let far = 10.0 * seen.mean_delay_std_error.unwrap();
        assert!(if priority == Priority::Oldest { delay > far } else { delay < -far }, "{priority:?}: {delay}");
    }
}

/// In short periods the engine is the pool that is always on; in long ones it is not.
#[test]
fn short_periods_are_always_on() {
    let exact =
        closed_form::evaluate(&AlwaysOn::new(3.0, 2.0, 0.5).unwrap(), one_pool(5.0, 2, 0.6, 1.0, 0.0).discount());
    let share = (3.0 * exact.first.filled_share + 2.0 * exact.second.filled_share) / 5.0;
    let seen = |period: f64| {
        let pool = Pool { from: PatienceFrom::Arrival, rates: [3.0, 2.0], theta: 0.5, period, latency: 0.0 };
        super::run(&pool.scenario(), &heights(&pool.scenario(), &[1]), &pool.orders(None), 3, 2_000)
    };
    let (short, long) = (seen(0.01), seen(1.0));
    // Of first order in the period: λT and θT are a few hundredths.
    let off = |seen: &pooltree::orders::simulation::SimulatedOrders| {
        (seen.filled_share - share).abs() - 6.0 * seen.filled_share_std_error
    };
    assert!(off(&short) < 0.01, "{} {share}", short.filled_share);
    assert!(off(&long) > 0.01, "{} {share}", long.filled_share);
}

/// Orders that never lose patience pile up on the longer side, and all of the shorter one are filled in the end.
#[test]
fn without_patience_none_is_lost() {
    let scenario = one_pool(5.0, 2, 0.6, 1.0, 0.0);
    let orders = Orders {
        lifetime: Lifetime::Patience { patience_rate: 0.0, patience_from: PatienceFrom::Root },
        stretch: Stretch { windows: Some(400), warm_up: Some(100) },
        ..Orders::default()
    };
    let seen = super::run(&scenario, &heights(&scenario, &[1]), &orders, 4, 400);
    assert_eq!(seen.account.expired, 0);
    assert!((seen.filled_share - 0.8).abs() < 6.0 * seen.filled_share_std_error, "{}", seen.filled_share);
    // One order a window is left over for good: 500 at the end, 400 of them from windows that count.
    let waiting = seen.account.waiting as f64 / 400.0;
    assert!((waiting - 500.0).abs() < 6.0 * (500.0 * 5.0_f64).sqrt() / 20.0, "{waiting}");
}
