//! Carried-over orders: the limits, and a simulation of single orders.
//!
//! With the right formulas the comparisons with a simulation fail with probability 1e-6 at most, all together.

use nalgebra::{DMatrix, DVector};
use pooltree::always_on::{AlwaysOn, closed_form};
use pooltree::orders::PatienceFrom;
use pooltree::orders::closed_form::carry_over::{CarryOver, Outcome, evaluate};
use pooltree::orders::continuous as batches;
use pooltree::pool_tree::{Discount, DiscountModel};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, Poisson};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 20.0;

fn rate(rate: f64) -> Discount {
    Discount::new(DiscountModel::Rate(rate)).unwrap()
}

fn pool(rates: [f64; 2], theta: f64, from: PatienceFrom, period: f64, latency: f64) -> CarryOver {
    CarryOver::new(&AlwaysOn::new(rates[0], rates[1], theta).unwrap(), from, period, latency).unwrap()
}

/// In ever shorter periods batches become the always-on pool, the welfare that of random service. The error is of first order in
/// the period: twice the result of half the period less that of the whole one leaves the second order.
#[test]
fn short_periods_are_always_on() {
    let d = rate(0.4);
    for rates in [[3.0, 3.0], [2.0, 5.0]] {
        let flow = AlwaysOn::new(rates[0], rates[1], 0.5).unwrap();
        let exact = closed_form::evaluate(&flow, &d);
        let random = batches::random_service(&flow, &d).unwrap();
        let at = |period: f64| {
            let outcome = evaluate(&CarryOver::new(&flow, PatienceFrom::Arrival, period, 0.0).unwrap(), &d).unwrap();
            [
                outcome.first.filled_share,
                outcome.second.filled_share,
                outcome.first.waiting,
                outcome.second.waiting,
                outcome.first.left_over,
                outcome.first.welfare,
                outcome.second.welfare,
            ]
        };
        let limit = [
            exact.first.filled_share,
            exact.second.filled_share,
            exact.first.waiting,
            exact.second.waiting,
            exact.first.waiting,
            random[0],
            random[1],
        ];
        for period in [0.01, 0.001] {
            let (whole, half) = (at(period), at(0.5 * period));
            for i in 0..limit.len() {
                let error = (whole[i] / limit[i] - 1.0).abs();
                assert!(error < 10.0 * period, "{rates:?} {i} {period}: {error}");
                let second = ((2.0 * half[i] - whole[i]) / limit[i] - 1.0).abs();
                assert!(second < 30.0 * period * period, "{rates:?} {i} {period}: {second}");
            }
        }
        // The always-on pool that keeps the order of arrival is another one: the difference does not vanish.
        let ordered = exact.first.welfare * rates[0] + exact.second.welfare * rates[1];
        let random = random[0] * rates[0] + random[1] * rates[1];
        assert!((ordered / random - 1.0).abs() > 1e-3, "{ordered} {random}");
    }
}

/// An order that waits.
struct Order {
    arrival: f64,
    until: f64,
}

/// What one auction of a simulated chain brings: for either side arrivals, filled, left over, discounted value, delay of the filled.
const PARTS: usize = 10;

/// `c` chains of auctions from the mechanism, order by order: means over blocks of `block` auctions.
fn simulate(pool: &CarryOver, d: f64, blocks: usize, block: usize, seed: u64) -> Vec<[f64; PARTS]> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (period, latency, theta) = (pool.period(), pool.latency(), pool.flow().patience_rate());
    let apart = pool.auctions_apart() as usize;
    let counts = [pool.flow().first_rate(), pool.flow().second_rate()].map(|r| Poisson::new(r * period).unwrap());
    let mut waiting: Vec<[Vec<Order>; 2]> = (0..apart).map(|_| [Vec::new(), Vec::new()]).collect();
    let mut result = Vec::new();
    for n in 0..(blocks + 1) * block {
        // The first block is a warm-up.
        if n % block == 0 && n >= block {
            result.push([0.0; PARTS]);
        }
        let mut tally = [0.0; PARTS];
        let close = (n + 1) as f64 * period;
        let here = &mut waiting[n % apart];
        for side in 0..2 {
            for _ in 0..counts[side].sample(&mut rng) as usize {
                let arrival = close - period * rng.random::<f64>();
                let patience: f64 = Exp1.sample(&mut rng);
                let from = if pool.patience_from() == PatienceFrom::Root { close } else { arrival };
                tally[5 * side] += 1.0;
                here[side].push(Order { arrival, until: from + patience / theta });
            }
            here[side].retain(|order| order.until >= close);
        }
        let pairs = here[0].len().min(here[1].len());
        for side in 0..2 {
            for _ in 0..pairs {
                let order = here[side].swap_remove(rng.random_range(0..here[side].len()));
                let delay = close + latency - order.arrival;
                tally[5 * side + 1] += 1.0;
                tally[5 * side + 3] += (-d * delay).exp();
                tally[5 * side + 4] += delay;
            }
            tally[5 * side + 2] += here[side].len() as f64;
        }
        if let Some(sums) = result.last_mut() {
            sums.iter_mut().zip(tally).for_each(|(sum, part)| *sum += part / block as f64);
        }
    }
    result
}

/// A quantity of a block whose mean is claimed to be 0.
type Claim = Box<dyn Fn(&[f64; PARTS]) -> f64>;

/// Joint test of seven means that the claimed outcome gives: `Σ Y - r X` over blocks has mean 0.
fn p_value(pool: &CarryOver, claimed: &Outcome, blocks: &[[f64; PARTS]]) -> f64 {
    let sides = [claimed.first, claimed.second];
    let rates = [pool.flow().first_rate(), pool.flow().second_rate()];
    let claims: Vec<Claim> = (0..2)
        .flat_map(|side| {
            let (outcome, at) = (sides[side], 5 * side);
            let per_auction = rates[side] * pool.period();
            let claims: [Claim; 4] = [
                Box::new(move |b| b[at + 1] - outcome.filled_share * per_auction),
                Box::new(move |b| b[at + 2] - outcome.left_over),
                Box::new(move |b| b[at + 3] - outcome.welfare * per_auction),
                Box::new(move |b| b[at + 4] - outcome.mean_delay * b[at + 1]),
            ];
            claims
        })
        .collect();
    let n = blocks.len() as f64;
    // As many are filled on either side: the second side's count is the first one's.
    let chosen = [0, 1, 2, 3, 5, 6, 7];
    let rows: Vec<DVector<f64>> = blocks
        .iter()
        .map(|block| DVector::from_iterator(chosen.len(), chosen.iter().map(|&i| claims[i](block))))
        .collect();
    let mean = rows.iter().fold(DVector::zeros(chosen.len()), |sum, row| sum + row) / n;
    let spread = rows.iter().fold(DMatrix::zeros(chosen.len(), chosen.len()), |sum, row| {
        let off = row - &mean;
        sum + &off * off.transpose()
    }) / (n - 1.0);
    let statistic = n * mean.dot(&spread.lu().solve(&mean).unwrap());
    ChiSquared::new(chosen.len() as f64).unwrap().sf(statistic)
}

#[test]
fn single_orders_agree() {
    let cases = [
        (PatienceFrom::Root, [3.0, 2.0], 0.5, 1.0, 0.0),
        (PatienceFrom::Root, [2.0, 4.0], 0.3, 0.5, 0.8),
        (PatienceFrom::Arrival, [3.0, 2.0], 0.5, 1.0, 0.6),
        (PatienceFrom::Arrival, [2.0, 2.0], 0.4, 0.7, 1.1),
        (PatienceFrom::Arrival, [10.0, 10.0], 0.2, 0.5, 0.0),
    ];
    for (seed, (from, rates, theta, period, latency)) in cases.into_iter().enumerate() {
        let pool = pool(rates, theta, from, period, latency);
        let blocks = simulate(&pool, 0.3, 12_000, 100, seed as u64);
        let exact = evaluate(&pool, &rate(0.3)).unwrap();
        let accepts = |claimed: &Outcome| p_value(&pool, claimed, &blocks) > BUDGET / COMPARISONS;
        let p = p_value(&pool, &exact, &blocks);
        println!("{pool:?}: p = {p:.3}, {} states", exact.states);
        assert!(accepts(&exact), "{pool:?} {exact:?} {p:e}");

        // The same test finds mistakes.
        let other = |rates: [f64; 2], theta, from, period, latency, d| {
            evaluate(&self::pool(rates, theta, from, period, latency), &rate(d)).unwrap()
        };
        let rejects = |what: &str, claimed: &Outcome| assert!(!accepts(claimed), "{what} passes: {pool:?}");
        rejects("patience from elsewhere", &{
            let from = if from == PatienceFrom::Root { PatienceFrom::Arrival } else { PatienceFrom::Root };
            other(rates, theta, from, period, latency, 0.3)
        });
        rejects("another patience", &other(rates, theta * 1.05, from, period, latency, 0.3));
        rejects("another discount", &other(rates, theta, from, period, latency, 0.33));
        rejects("nobody carried over", &other(rates, 1e3, PatienceFrom::Root, period, latency, 0.3));
        if pool.auctions_apart() > 1 {
            // As if an auction that still runs did not keep its orders from the next one.
            let mut claimed = other(rates, theta, from, period, 0.0, 0.3);
            for side in [&mut claimed.first, &mut claimed.second] {
                side.mean_delay += latency;
                side.welfare *= (-0.3 * latency).exp();
            }
            rejects("no waiting for the auction's end", &claimed);
        }
    }
}
