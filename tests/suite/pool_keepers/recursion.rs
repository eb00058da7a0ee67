//! The backlog carried from pool to pool, worked out by other routes.

use super::{frame, heights, motley, read, section};
use crate::agreement::{COMPONENTS, PERIODS};
use pooltree::pool_tree::{Architecture, Delay, Executed, Execution, LevelExecution, Model};
use pooltree::{ClosedForm, Scenario};

const DELAYS: [&str; 3] = ["idealised", "cumulative", "batched"];

fn close(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * (1e-3 + expected.abs()), "{what}: {found:e} is not {expected:e}");
}

fn law(probability: f64, discounted: f64) -> Executed {
    Executed { probability, discounted }
}

/// The scenario with the same law at all pools of a height.
fn with_laws(scenario: &Scenario, laws: &[(f64, Executed)]) -> Model {
    let levels = laws.iter().map(|&(deadline, law)| LevelExecution::new(deadline, vec![law]).unwrap());
    let execution = Execution::new(scenario.tree(), levels.collect()).unwrap();
    scenario.model().clone().with_execution(execution).unwrap()
}

fn welfare(model: &Model, active: &[u32]) -> ClosedForm {
    ClosedForm::evaluate(model, &Architecture::new(model.tree(), active.iter().copied()).unwrap()).unwrap()
}

/// `M_h`: what pools of one height fill by themselves, per unit time.
fn matched(scenario: &Scenario, height: u32) -> f64 {
    welfare(scenario, &[height]).filled_share * scenario.flow().rate()
}

/// What an order filled at a height of period `period` is worth when its auction ends `ends` after its window closed.
fn worth(scenario: &Scenario, period: f64, ends: f64) -> f64 {
    let rate = -scenario.discount().ln_factor();
    let wait =
        if scenario.timing().delay() == Delay::Batched { -(-rate * period).exp_m1() / (rate * period) } else { 1.0 };
    wait * (-rate * ends).exp()
}

#[test]
fn two_levels_by_hand() {
    for component in COMPONENTS {
        for delay in DELAYS {
            let scenario = read(&(frame([2, 3], 40.0, component, PERIODS[0], delay) + "utility.mean = 3.0\n"));
            let (e, v, a) = ([0.7, 0.85], [0.65, 0.5], [0.15, 0.4]);
            let nothing = (9.0, law(0.1, 0.05));
            let laws = [nothing, (a[0], law(e[0], v[0])), (a[1], law(e[1], v[1])), nothing];
            let found = welfare(&with_laws(&scenario, &laws), &[1, 2]);
            let (m1, m2) = (matched(&scenario, 1), matched(&scenario, 2));
            let (l1, l2, t1, t2) = (0.2, 0.4, 0.2, 0.4);
            // The document's numbers: latency 0.1 · 2^h, period 0.1 · 2^h.
            let start = if delay == "idealised" { 0.0 } else { l1 + a[0] };
            let gross = 3.0
                * (m1 * worth(&scenario, t1, l1) * v[0] + (m2 - e[0] * m1) * worth(&scenario, t2, start + l2) * v[1]);
            close("gross", found.gross, gross);
            let rate = scenario.flow().rate();
            close("filled below", found.by_height[0].filled_share, e[0] * m1 / rate);
            close("filled above", found.by_height[1].filled_share, e[1] * (m2 - e[0] * m1) / rate);
            close("all", found.filled_share + found.unfilled_share, 1.0);
            let reach = 1.0 - e[0] * m1 / rate;
            close("rate", found.by_height[1].filling_rate, e[1] * (m2 - e[0] * m1) / rate / reach);
        }
    }
}

#[test]
fn three_levels_by_hand() {
    for component in COMPONENTS {
        for delay in DELAYS {
            let scenario = read(&frame([2, 3], 90.0, component, PERIODS[0], delay));
            let (e, v, a) = ([0.5, 0.9, 0.6], [0.45, 0.7, 0.6], [0.3, 0.0, 0.1]);
            let laws =
                [(0.0, Executed::PERFECT), (a[0], law(e[0], v[0])), (a[1], law(e[1], v[1])), (a[2], law(e[2], v[2]))];
            let found = welfare(&with_laws(&scenario, &laws), &[1, 2, 3]);
            let m = [1, 2, 3].map(|height| matched(&scenario, height));
            let d1 = (1.0 - e[0]) * m[0];
            let d2 = (1.0 - e[1]) * (m[1] - m[0] + d1);
            let tried = [m[0], m[1] - m[0] + d1, m[2] - m[1] + d2];
            let (mut offset, mut gross) = (0.0, 0.0);
            for i in 0..3 {
                let latency = 0.1 * 2f64.powi(i as i32 + 1);
                gross += tried[i] * v[i] * worth(&scenario, latency, offset + latency);
                close("filled", found.by_height[i].filled_share, e[i] * tried[i] / 90.0);
                close("executed", found.by_height[i].executed, e[i]);
                if delay != "idealised" {
                    offset += latency + a[i];
                }
            }
            close("gross", found.gross, gross);
            close("all", found.filled_share + found.unfilled_share, 1.0);
        }
    }
}

/// A flow of everything: even over the pools but for two operators by themselves.
const MIXED: &str = "{ kind = \"uniform\", share = 0.2 }, { kind = \"single-site\", operator = 5, share = 0.2 },
    { kind = \"meet-at\", height = 1, share = 0.15, side_share = 0.4 }, { kind = \"scale-free\", exponent = 0.5, share = 0.15 },
    { kind = \"circle-distance\", distance = 1, share = 0.1 }, { kind = \"circle-distance\", distance = 3, share = 0.1 },
    { kind = \"single-site\", operator = 2, share = 0.1, side_share = 0.7 }";

/// What every pool of some heights fills by itself, per unit time.
pub(super) struct Alone(Vec<Vec<f64>>);

impl Alone {
    pub(super) fn new(scenario: &Scenario, active: &[u32]) -> Self {
        Self(active.iter().map(|&height| alone(scenario, height)).collect())
    }
}

/// Component by component: each a flow of its own at the rate that it has in the whole.
fn alone(scenario: &Scenario, height: u32) -> Vec<f64> {
    let tree = scenario.tree();
    let pools = tree.pools(height).unwrap() as usize;
    let mut all = vec![0.0; pools];
    for component in scenario.flow().components() {
        let mut table = toml::Table::try_from(scenario).unwrap();
        let flow = table["flow"].as_table_mut().unwrap();
        flow.insert("rate".to_owned(), toml::Value::Float(scenario.flow().rate() * component.share()));
        let mut one = toml::Table::try_from(component).unwrap();
        one.insert("share".to_owned(), toml::Value::Float(1.0));
        flow.insert("components".to_owned(), toml::Value::Array(vec![toml::Value::Table(one.clone())]));
        let filled = matched(&read(&toml::to_string(&table).unwrap()), height);
        match one.get("operator") {
            Some(operator) => {
                let operator = operator.as_integer().unwrap() as u64;
                all[tree.pool_index(operator, height) as usize] += filled;
            }
            None => all.iter_mut().for_each(|pool| *pool += filled / pools as f64),
        }
    }
    all
}

/// Welfare by a recursion over single pools, their laws `laws[h][P]`: fills by height, gross, executions by height.
pub(super) fn pool_by_pool(
    scenario: &Scenario,
    Alone(alone): &Alone,
    active: &[u32],
    laws: &[Vec<Executed>],
    deadlines: &[f64],
) -> (Vec<f64>, f64, Vec<f64>) {
    let tree = scenario.tree();
    let rate = scenario.flow().rate();
    let (mut fills, mut executed, mut gross, mut offset) = (Vec::new(), Vec::new(), 0.0, 0.0);
    let mut below: Option<(&Vec<f64>, Vec<f64>)> = None;
    for (&height, own) in active.iter().zip(alone) {
        let (mut filled, mut left) = (0.0, Vec::new());
        let latency = 0.1 * f64::from(tree.arity()).powi(height as i32);
        let period = 0.1 * f64::from(tree.arity()).powi(height as i32);
        let worth = worth(scenario, period, offset + latency);
        for (pool, &all) in own.iter().enumerate() {
            let inside = |of: &[f64]| -> f64 {
                let each = of.len() / own.len();
                of[pool * each..(pool + 1) * each].iter().sum()
            };
            let (before, backlog) = below.as_ref().map_or((0.0, 0.0), |(m, d)| (inside(m), inside(d)));
            let law = laws[height as usize][pool];
            let here = all - before + backlog;
            filled += law.probability * here;
            gross += law.discounted * here * worth;
            left.push((1.0 - law.probability) * here);
        }
        fills.push(filled / rate);
        let pools = &laws[height as usize];
        executed.push(pools.iter().map(|law| law.probability).sum::<f64>() / pools.len() as f64);
        below = Some((own, left));
        if scenario.timing().delay() != Delay::Idealised {
            offset += latency + deadlines[height as usize];
        }
    }
    (fills, gross, executed)
}

fn compare(found: &ClosedForm, (fills, gross, executed): &(Vec<f64>, f64, Vec<f64>)) {
    close("gross", found.gross, *gross);
    close("all", found.filled_share + found.unfilled_share, 1.0);
    for (i, height) in found.by_height.iter().enumerate() {
        close("filled", height.filled_share, fills[i]);
        close("executed", height.executed, executed[i]);
    }
}

#[test]
fn every_pool_has_its_own_law() {
    for (i, component) in COMPONENTS.iter().chain([&MIXED]).enumerate() {
        for (j, active) in [&[1u32, 2, 3][..], &[0, 2], &[0, 1, 2, 3], &[2, 3], &[1], &[3]].iter().enumerate() {
            let delay = DELAYS[(i + j) % 3];
            let scenario = read(&frame([2, 3], 30.0 + 50.0 * j as f64, component, PERIODS[0], delay));
            let laws: Vec<Vec<Executed>> = (0..=3)
                .map(|height| {
                    let of = |pool: usize| {
                        let e = ((7 * pool + 3 * height + i) % 11) as f64 / 10.0;
                        law(e, e * (1.0 - 0.05 * ((pool + height) % 4) as f64))
                    };
                    (0..1 << (3 - height)).map(of).collect()
                })
                .collect();
            let deadlines = [0.05, 0.3, 0.0, 0.2];
            let levels = laws.iter().zip(deadlines).map(|(laws, a)| LevelExecution::new(a, laws.clone()).unwrap());
            let execution = Execution::new(scenario.tree(), levels.collect()).unwrap();
            let model = scenario.model().clone().with_execution(execution).unwrap();
            let alone = Alone::new(&scenario, active);
            compare(&welfare(&model, active), &pool_by_pool(&scenario, &alone, active, &laws, &deadlines));
        }
    }
}

/// Operators as keepers, the largest stake first: products along the order.
#[test]
fn operators_as_keepers() {
    let discount = |time: f64| 0.5f64.powf(time / 0.8);
    for (arity, depth) in [(2u32, 3u32), (3, 2)] {
        let n = arity.pow(depth) as usize;
        let keepers = section(
            "assignment = \"operators\"\nrule = \"by-stake\"\ntie = \"file-order\"\nfailure_delay = 0.03",
            n,
            motley,
        );
        let laws: Vec<Vec<Executed>> = (0..=depth)
            .map(|height| {
                let size = arity.pow(height) as usize;
                (0..n / size)
                    .map(|pool| {
                        let mut order: Vec<usize> = (pool * size..(pool + 1) * size).collect();
                        order.sort_by(|&a, &b| motley(b).2.total_cmp(&motley(a).2));
                        let (mut failed, mut late, mut e, mut v) = (1.0, 1.0, 0.0, 0.0);
                        for i in order {
                            let (succeeded, ping, _) = motley(i);
                            let rho = f64::from(succeeded) / 20.0;
                            e += failed * rho;
                            v += late * rho * discount(ping);
                            failed *= 1.0 - rho;
                            late *= (1.0 - rho) * discount(ping + 0.03);
                        }
                        law(e, v)
                    })
                    .collect()
            })
            .collect();
        let deadlines: Vec<f64> = (0..=depth)
            .map(|height| {
                let size = arity.pow(height) as usize;
                let of_pool = |pool: usize| {
                    let mut order: Vec<usize> = (pool * size..(pool + 1) * size).collect();
                    order.sort_by(|&a, &b| motley(b).2.total_cmp(&motley(a).2));
                    // Until somebody comes who cannot fail.
                    let mut elapsed = 0.0;
                    for i in order {
                        let (succeeded, ping, _) = motley(i);
                        elapsed += ping;
                        if succeeded == 20 {
                            break;
                        }
                        elapsed += 0.03;
                    }
                    elapsed
                };
                (0..n / size).map(of_pool).fold(0.0, f64::max)
            })
            .collect();
        for component in COMPONENTS.iter().chain([&MIXED]) {
            let period = format!("model = \"ratio\", base = 0.1, ratio = {arity}");
            let scenario = read(&(frame([arity, depth], 60.0, component, &period, "batched") + &keepers));
            let execution = scenario.execution().unwrap();
            for height in 0..=depth {
                let own = execution.at(height);
                close("deadline", own.deadline(), deadlines[height as usize]);
                for (pool, law) in laws[height as usize].iter().enumerate() {
                    close("e", own.at(pool).probability, law.probability);
                    close("V", own.at(pool).discounted, law.discounted);
                }
            }
            let plain = scenario.clone().without_keepers();
            for active in [(1..=depth).collect(), vec![depth]] {
                let by_hand = pool_by_pool(&plain, &Alone::new(&plain, &active), &active, &laws, &deadlines);
                compare(&welfare(&scenario, &active), &by_hand);
            }
        }
    }
}

#[test]
fn more_execution_is_never_less() {
    for component in COMPONENTS {
        for delay in DELAYS {
            let scenario = read(&frame([2, 3], 20.0, component, PERIODS[0], delay));
            for raised in 0..3 {
                let mut last = (-1.0, -1.0);
                for step in 0..=10 {
                    let mut e = [0.3, 0.6, 0.8, 0.0];
                    e[raised] = f64::from(step) / 10.0;
                    let found = welfare(&with_laws(&scenario, &e.map(|e| (0.1, law(e, 0.9 * e)))), &[0, 1, 2]);
                    assert!(found.filled_share >= last.0 - 1e-15, "{component} {delay}: fills fall in e of {raised}");
                    // Filled below is filled sooner, but for what a pool waits less for; so much is sure only at the root.
                    assert!(
                        raised < 2 || found.gross >= last.1 - 1e-13,
                        "{component} {delay}: gross falls at the root"
                    );
                    last = (found.filled_share, found.gross);
                }
            }
        }
    }
}

/// A height that executes nothing is as if it were not there, but that it delays.
#[test]
fn a_height_that_never_executes_only_delays() {
    for component in COMPONENTS {
        for delay in DELAYS {
            let scenario = read(&frame([2, 3], 50.0, component, PERIODS[0], delay));
            let laws = |never: u32| -> Vec<(f64, Executed)> {
                let of = |height: u32| {
                    if height == never { (0.35, law(0.0, 0.0)) } else { (0.1, law(0.8, 0.7)) }
                };
                (0..=3).map(of).collect()
            };
            for never in 0..=3u32 {
                let model = with_laws(&scenario, &laws(never));
                let all = welfare(&model, &[0, 1, 2, 3]);
                let others: Vec<u32> = (0..=3).filter(|&height| height != never).collect();
                let without = welfare(&model, &others);
                close("unfilled", all.unfilled_share, without.unfilled_share);
                let lost = if delay == "idealised" { 0.0 } else { 0.1 * 2f64.powi(never as i32) + 0.35 };
                for height in &all.by_height {
                    let Some(same) = without.by_height.iter().find(|other| other.height == height.height) else {
                        assert_eq!((height.filled_share, height.gross, height.executed), (0.0, 0.0, 0.0));
                        continue;
                    };
                    close("filled", height.filled_share, same.filled_share);
                    let delayed = if height.height > never { scenario.discount().after(lost) } else { 1.0 };
                    close("gross", height.gross, same.gross * delayed);
                }
            }
        }
    }
}

/// Nobody executes anything: everything expires, nothing is NaN.
#[test]
fn nobody_executes() {
    for component in COMPONENTS {
        let scenario = read(
            &(frame([2, 3], 20.0, component, PERIODS[2], "batched")
                + &section("min_stake = 100\ndeadline = 0.5", 3, motley)),
        );
        let found = welfare(&scenario, &[1, 2, 3]);
        assert_eq!((found.gross, found.filled_share), (0.0, 0.0));
        close("unfilled", found.unfilled_share, 1.0);
        assert!(found.by_height.iter().all(|height| height.executed == 0.0 && height.expected_discount.is_finite()));
        let set = heights(&scenario, &[1, 2, 3]);
        let seen = super::run(&scenario, &set, &pooltree::orders::Orders::default(), 1, 50);
        assert_eq!((seen.account.executed, seen.account.filled, seen.account.attempts), (0, 0, 0));
        assert_eq!(seen.account.expired, seen.account.arrived);
    }
}
