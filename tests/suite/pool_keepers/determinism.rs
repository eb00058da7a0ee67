//! The same seed gives the same bits; every order and every auction is accounted for.

use super::{frame, heights, motley, read, replications, run, section};
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::Scenario;
use pooltree::compare::Comparison;
use pooltree::orders::simulation::SimulatedOrders;
use pooltree::orders::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, ValueLaw};
use rayon::ThreadPoolBuilder;

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// All ways to handle orders that carry them over, clear cycles or bring bursts; over short stretches.
fn settings() -> Vec<Orders> {
    let mut plain = Orders::default();
    plain.stretch.windows = Some(7);
    plain.stretch.warm_up = Some(4);
    let patient =
        |patience_from| Orders { lifetime: Lifetime::Patience { patience_rate: 1.5, patience_from }, ..plain };
    vec![
        plain,
        Orders { lifetime: Lifetime::Auctions { lifetime: 3 }, ..plain },
        Orders::default(),
        Orders { lifetime: Lifetime::Auctions { lifetime: 2 }, arrivals: Arrivals::Gamma { shape: 2.0 }, ..plain },
        patient(PatienceFrom::Arrival),
        Orders { priority: Priority::Oldest, ..patient(PatienceFrom::Root) },
        Orders { solver: Solver::new(SolverModel::Cycles { longest: 3 }, 0.9).unwrap(), ..plain },
        Orders {
            solver: Solver::new(SolverModel::Unlimited, 1.0).unwrap(),
            lifetime: Lifetime::Auctions { lifetime: 2 },
            ..plain
        },
        Orders {
            arrivals: Arrivals::Batches { size: 3 },
            value: ValueLaw::Exponential,
            priority: Priority::HighestValue,
            ..plain
        },
    ]
}

const CREWS: [(&str, usize); 5] = [
    ("assignment = \"operators\"\nfailure_delay = 0.1", 8),
    ("rule = \"stake-weighted\"\nretry = \"redraw\"\ndeadline = 0.3\nfailure_delay = 0.05", 4),
    ("outages = \"common\"\nassignment = \"operators\"\nrule = \"by-stake\"", 8),
    ("rule = \"probe\"\nmin_stake = 3\nretry = \"same\"\ndeadline = 0.5\nfailure_delay = 0.1", 5),
    ("outages = \"common\"\nrule = \"flashbots\"\ndeadline = 0.15", 3),
];

fn study(crew: (&str, usize), i: usize) -> Scenario {
    let text = frame([2, 3], 12.0, COMPONENTS[[0, 10, 6][i % 3]], PERIODS[i % 3], "batched");
    read(&(text.replace("flow = { rate", "flow = { assets = 4, rate") + &section(crew.0, crew.1, motley)))
}

#[test]
fn any_number_of_threads() {
    for (i, crew) in CREWS.into_iter().enumerate() {
        let scenario = study(crew, i);
        let tree = heights(&scenario, &[1, 2, 3]);
        for (j, orders) in settings().into_iter().enumerate() {
            let all = |threads| on_threads(threads, || run(&scenario, &tree, &orders, (10 * i + j) as u64, 21));
            let one = all(1);
            for threads in [2, 4] {
                assert_eq!(one, all(threads), "{orders:?}");
            }
            let text = |seen: &SimulatedOrders| serde_json::to_string(seen).unwrap();
            assert_eq!(text(&one), text(&all(2)));
            assert_ne!(one.account, run(&scenario, &tree, &orders, (1000 + j) as u64, 21).account);
        }
    }
}

#[test]
fn a_comparison_on_any_number_of_threads() {
    let scenario = study(CREWS[2], 0).with_monte_carlo(replications(3, 150));
    let compare = |threads| {
        on_threads(threads, || serde_json::to_string(&Comparison::new(&scenario, None, Some(&|_, _, _| ())).unwrap()))
    };
    let one = compare(1).unwrap();
    assert_eq!(one, compare(2).unwrap());
    assert_eq!(one, compare(4).unwrap());
    assert!(one.contains("common_outages"));
}

#[test]
fn every_order_and_every_auction_is_accounted_for() {
    for (i, crew) in CREWS.into_iter().enumerate() {
        for period in 0..2 {
            let scenario = study(crew, i + period);
            for (j, active) in [&[1u32, 2, 3][..], &[0, 2], &[3]].into_iter().enumerate() {
                let set = heights(&scenario, active);
                let schedule = scenario.schedule(&set).unwrap();
                for orders in settings() {
                    let seen = run(&scenario, &set, &orders, (i + j) as u64, 3);
                    let account = seen.account;
                    assert!(account.balances(), "{orders:?} {account:?}");
                    let top = schedule.levels().last().unwrap().period;
                    let auctions: f64 = schedule
                        .levels()
                        .iter()
                        .map(|level| (top / level.period).round() * f64::from(1u32 << (3 - level.height)))
                        .sum();
                    assert_eq!(account.auctions as f64, 3.0 * seen.windows as f64 * auctions);
                    assert!(account.executed <= account.auctions);
                    // Somebody is viable everywhere, and an attempt begins at once.
                    assert!(account.attempts >= account.auctions);
                    assert!(account.attempts <= account.auctions * 64);
                    let share = |height: &pooltree::orders::simulation::HeightOrders| height.executed.unwrap();
                    assert!(seen.by_height.iter().all(|height| (0.0..=1.0).contains(&share(height))));
                }
            }
        }
    }
}
