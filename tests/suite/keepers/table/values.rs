//! Every column of every rule on small registers: laws by definition, the rest by enumeration over them.

use super::{asked, four, register, row, six, table};
use pooltree::keepers::table::{Questions, Row};
use pooltree::keepers::{Keeper, Keepers, Noise, Parameters, Retry, RuleName};

/// The law of the winner among these keepers, all of them active, in their order; ties uniform.
fn law(rule: RuleName, all: &[Keeper], of: &Parameters) -> Vec<f64> {
    let least = of.min_stake.unwrap_or(0.0);
    if rule == RuleName::Probe {
        return probe(all, least, of.agent_min_stake.unwrap_or(least));
    }
    let viable: Vec<usize> = (0..all.len()).filter(|&i| all[i].stake >= least).collect();
    let n = viable.len();
    let each = |f: &dyn Fn(&Keeper) -> f64| -> Vec<f64> { viable.iter().map(|&i| f(&all[i])).collect() };
    let shares = |weights: Vec<f64>| -> Vec<f64> {
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|w| w / sum).collect()
    };
    let best = |scores: Vec<f64>| {
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        shares(scores.iter().map(|&s| f64::from(u8::from(s == most))).collect())
    };
    let stakes = each(&|k| k.stake);
    let p = match rule {
        RuleName::ByBid => best(each(&|k| k.bid)),
        RuleName::ByStake => best(stakes),
        RuleName::ByCount => best(each(&|k| -(k.picked as f64))),
        RuleName::ByReliability => best(each(&reliability)),
        RuleName::Uniform => vec![1.0 / n as f64; n],
        RuleName::StakeWeighted => shares(stakes),
        RuleName::Power => shares(stakes.iter().map(|s| s.powf(of.power)).collect()),
        RuleName::Noise => uniform_noise(&stakes),
        RuleName::Mixture => shares(stakes).iter().map(|p| (1.0 - of.epsilon) * p + of.epsilon / n as f64).collect(),
        RuleName::GasAuction => {
            let out = stay_out(n, of);
            vec![(1.0 - out.powi(n as i32)) / n as f64; n]
        }
        RuleName::Flashbots => shares(each(&|k| ((k.bid - of.lambda * k.ping) / of.tau).exp())),
        RuleName::Probe => unreachable!(),
    };
    let mut law = vec![0.0; all.len()];
    viable.iter().zip(p).for_each(|(&i, p)| law[i] = p);
    law
}

/// From every place of the ring to the first with enough.
fn probe(all: &[Keeper], least: f64, agent: f64) -> Vec<f64> {
    let mut law = vec![0.0; all.len()];
    let n = all.len();
    for start in 0..n {
        let walk: Vec<usize> = (0..n).map(|step| (start + step) % n).collect();
        let enough = walk.iter().copied().find(|&i| all[i].stake >= least.max(agent));
        let most = walk.iter().map(|&i| all[i].stake).fold(agent, f64::max);
        let fallback = walk.iter().copied().find(|&i| all[i].stake == most && most > agent);
        if let Some(i) = enough.or(fallback) {
            law[i] += 1.0 / n as f64;
        }
    }
    law
}

/// `∫ Π min(1, f_i u/f_j) du`, a polynomial between its kinks: three Gauss points are exact up to degree 5.
fn uniform_noise(f: &[f64]) -> Vec<f64> {
    let node = 0.6f64.sqrt();
    let gauss = [(-node, 5.0 / 9.0), (0.0, 8.0 / 9.0), (node, 5.0 / 9.0)];
    let of = |i: usize| {
        let product =
            |u: f64| -> f64 { (0..f.len()).filter(|&j| j != i).map(|j| (f[i] * u / f[j]).min(1.0)).product() };
        let mut kinks: Vec<f64> = f.iter().map(|g| (g / f[i]).min(1.0)).chain([0.0]).collect();
        kinks.sort_by(f64::total_cmp);
        let piece = |pair: &[f64]| -> f64 {
            let (middle, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
            gauss.iter().map(|(x, w)| half * w * product(middle + half * x)).sum()
        };
        kinks.windows(2).map(piece).sum()
    };
    (0..f.len()).map(of).collect()
}

/// The probability of staying out that leaves the lowest bid without profit, by bisection.
fn stay_out(n: usize, of: &Parameters) -> f64 {
    if n == 1 {
        return 0.0;
    }
    let profit = |q: f64| {
        let alone = q.powi(n as i32 - 1);
        alone * (of.value - of.reserve) - (1.0 - alone) * (of.loser_fixed + of.loser_share * of.reserve)
    };
    let [mut low, mut high] = [0.0, 1.0];
    for _ in 0..100 {
        let middle: f64 = 0.5 * (low + high);
        if profit(middle) < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// What all losers pay: `n ∫ (1 - Q^(n-1)) (c + α b(Q)) dQ` over the quantiles of those who bid, Simpson's rule.
fn losers_loss(n: usize, of: &Parameters) -> f64 {
    let (q, c, alpha) = (stay_out(n, of), of.loser_fixed, of.loser_share);
    let term = |x: f64| {
        let wins = x.powi(n as i32 - 1);
        // No bid earns anything: wins (v - b) = (1 - wins)(c + α b).
        let bid = (wins * of.value - (1.0 - wins) * c) / (wins + (1.0 - wins) * alpha);
        (1.0 - wins) * (c + alpha * bid)
    };
    let steps = 2000;
    let at = |k: usize| term(q + (1.0 - q) * k as f64 / f64::from(steps));
    let weight = |k: usize| if k == 0 || k == steps as usize { 1.0 } else { 2.0 + 2.0 * (k % 2) as f64 };
    n as f64 * (0..=steps as usize).map(|k| weight(k) * at(k)).sum::<f64>() * (1.0 - q) / (3.0 * f64::from(steps))
}

fn reliability(keeper: &Keeper) -> f64 {
    if keeper.picked == 0 { 0.5 } else { keeper.succeeded as f64 / keeper.picked as f64 }
}

/// Executed, `E[β^S]`, inclusion by id and the chance that fewer than asked are selected.
struct Enumerated {
    executed: f64,
    discount: f64,
    inclusion: Vec<f64>,
    short: f64,
}

/// The register without one: on the ring the last takes its place.
fn without(rule: RuleName, all: &[Keeper], i: usize) -> Vec<Keeper> {
    let mut rest = all.to_vec();
    if rule == RuleName::Probe {
        rest.swap_remove(i);
    } else {
        rest.remove(i);
    }
    rest
}

/// Attempts by all histories with exclusion; by their equations for the rest.
fn execution(rule: RuleName, all: &[Keeper], of: &Questions) -> [f64; 2] {
    let parameters = &of.parameters;
    let p = law(rule, all, parameters);
    let kept = |i: usize| {
        let success = reliability(&all[i]);
        let delay = parameters.failure_delay;
        (success, of.beta.powf(all[i].ping), (1.0 - success) * of.beta.powf(all[i].ping + delay))
    };
    let mut found = [0.0; 2];
    match parameters.retry {
        Retry::Exclude => {
            for i in (0..all.len()).filter(|&i| p[i] > 0.0) {
                let (success, d, q) = kept(i);
                let rest = execution(rule, &without(rule, all, i), of);
                found[0] += p[i] * (success + (1.0 - success) * rest[0]);
                found[1] += p[i] * (success * d + q * rest[1]);
            }
        }
        // Iterated until nothing changes.
        Retry::Redraw => {
            for _ in 0..2000 {
                let mut next = [0.0; 2];
                for (i, p) in p.iter().enumerate() {
                    let (success, d, q) = kept(i);
                    next[0] += p * (success + (1.0 - success) * found[0]);
                    next[1] += p * (success * d + q * found[1]);
                }
                found = next;
            }
        }
        Retry::Same => {
            for (i, p) in p.iter().enumerate() {
                let (success, d, q) = kept(i);
                found[0] += if success > 0.0 { *p } else { 0.0 };
                found[1] += p * (0..2000).map(|k| q.powi(k) * success * d).sum::<f64>();
            }
        }
    }
    found
}

/// Who is among `m`, over all orders of selection: inclusion in the order of `ids`, and what is short.
fn several(rule: RuleName, all: &[Keeper], of: &Parameters, m: usize, ids: &[String]) -> (Vec<f64>, f64) {
    let (mut inclusion, mut short) = (vec![0.0; ids.len()], 0.0);
    if m == 0 {
        return (inclusion, short);
    }
    let p = law(rule, all, of);
    short += (1.0 - p.iter().sum::<f64>()).max(0.0);
    for i in (0..all.len()).filter(|&i| p[i] > 0.0) {
        let (rest, fewer) = several(rule, &without(rule, all, i), of, m - 1, ids);
        short += p[i] * fewer;
        inclusion.iter_mut().zip(&rest).for_each(|(sum, r)| *sum += p[i] * r);
        inclusion[ids.iter().position(|id| *id == all[i].id).unwrap()] += p[i];
    }
    (inclusion, short)
}

fn enumerated(rule: RuleName, keepers: &Keepers, active: &[Keeper], of: &Questions) -> Enumerated {
    let ids: Vec<String> = keepers.all().iter().map(|k| k.id.clone()).collect();
    let (inclusion, short) = several(rule, active, &of.parameters, of.select.unwrap_or(0), &ids);
    let [executed, discount] = execution(rule, active, of);
    Enumerated { executed, discount, inclusion, short }
}

/// Every split of every keeper, pieces in its place.
fn sybil_gain(rule: RuleName, active: &[Keeper], of: &Parameters) -> Option<f64> {
    let least = of.min_stake.unwrap_or(0.0);
    let before = law(rule, active, of);
    let mut best = 0.0f64;
    if least == 0.0 {
        return None;
    }
    for (i, whole) in active.iter().enumerate().filter(|(_, k)| k.stake >= least) {
        for pieces in (1..).take_while(|&k| whole.stake / f64::from(k) >= least) {
            let piece = Keeper { stake: whole.stake / f64::from(pieces), ..whole.clone() };
            let split = [&active[..i], &vec![piece; pieces as usize], &active[i + 1..]].concat();
            let after: f64 = law(rule, &split, of)[i..i + pieces as usize].iter().sum();
            best = best.max(after - before[i]);
        }
    }
    Some(best)
}

/// Differences of the law, extrapolated; `None` where it jumps.
fn elasticity(rule: RuleName, active: &[Keeper], of: &Parameters) -> Option<f64> {
    let somebody: f64 = law(rule, active, of).iter().sum();
    let before: Vec<f64> = law(rule, active, of).iter().map(|p| p / somebody).collect();
    let mut sum = 0.0;
    for i in (0..active.len()).filter(|&i| before[i] > 0.0) {
        let slope = |h: f64| {
            let mut richer = active.to_vec();
            richer[i].stake *= h.exp();
            (law(rule, &richer, of)[i] / somebody - before[i]) / h
        };
        if slope(1e-6).abs() > 1e3 {
            return None;
        }
        sum += (8.0 * slope(2.5e-5) - 6.0 * slope(5e-5) + slope(1e-4)) / 3.0;
    }
    Some(sum)
}

fn near(what: &str, found: Option<f64>, wanted: Option<f64>, tolerance: f64) {
    let right = match (found, wanted) {
        (Some(a), Some(b)) => (a - b).abs() <= tolerance * b.abs().max(1.0),
        (None, None) => true,
        _ => false,
    };
    assert!(right, "{what}: {found:?}, but {wanted:?}");
}

/// All columns of a row.
fn check(found: &Row, keepers: &Keepers, questions: &Questions) {
    let (rule, of) = (found.rule, &questions.parameters);
    let what = |column: &str| format!("{} {column} of {} keepers", rule.name(), keepers.len());
    let (places, active): (Vec<usize>, Vec<Keeper>) =
        keepers.all().iter().cloned().enumerate().filter(|(_, k)| k.active).unzip();
    let p = law(rule, &active, of);
    let mut winner = vec![0.0; keepers.len()];
    places.iter().zip(&p).for_each(|(&i, &p)| winner[i] = p);
    for (i, (found, wanted)) in found.winner.iter().zip(&winner).enumerate() {
        near(&what(&format!("winner {i}")), Some(*found), Some(*wanted), 1e-12);
    }
    let somebody: f64 = p.iter().sum();
    near(&what("unserved"), Some(found.unserved), Some((1.0 - somebody).max(0.0)), 1e-12);
    // Measures, on those who are viable or may be selected.
    let least = of.min_stake.unwrap_or(0.0);
    let measured: Vec<usize> = (0..active.len()).filter(|&i| active[i].stake >= least || p[i] > 0.0).collect();
    let share: Vec<f64> = measured.iter().map(|&i| p[i] / somebody).collect();
    let n = share.len() as f64;
    near(
        &what("effective number"),
        found.effective_number,
        Some(1.0 / share.iter().map(|p| p * p).sum::<f64>()),
        1e-12,
    );
    near(&what("predictability"), found.predictability, Some(share.iter().copied().fold(0.0, f64::max)), 1e-12);
    let pairs = share.iter().flat_map(|a| share.iter().map(move |b| (a - b).abs()));
    near(&what("gini"), found.gini, Some(pairs.sum::<f64>() / (2.0 * n)), 1e-12);
    let wait = share.iter().map(|p| 1.0 / p).sum::<f64>() / n;
    near(&what("wait"), found.expected_wait, Some(wait).filter(|w| w.is_finite()), 1e-12);
    let twins = |&(a, b): &(usize, usize)| {
        Keeper { id: String::new(), ..active[measured[a]].clone() }
            == Keeper { id: String::new(), ..active[measured[b]].clone() }
    };
    let all = (0..share.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
    let gap = all.filter(twins).map(|(a, b)| (share[a] - share[b]).abs()).fold(0.0, f64::max);
    near(&what("tie unfairness"), found.tie_unfairness, Some(gap), 1e-12);
    let pool: f64 = share.iter().map(|p| 1.0 - (1.0 - p).powi(questions.rounds as i32)).sum();
    near(&what("effective pool"), found.effective_pool, Some(pool), 1e-12);
    let slash = if rule == RuleName::Flashbots { 0.0 } else { questions.slash };
    assert_eq!(found.slashing, rule != RuleName::Flashbots);
    let deterrence: f64 = measured.iter().zip(&share).map(|(&i, p)| p * slash * active[i].stake).sum();
    near(&what("deterrence"), found.deterrence, Some(deterrence), 1e-12);
    near(&what("sybil gain"), found.sybil_gain, sybil_gain(rule, &active, of), 1e-12);
    near(&what("elasticity"), found.stake_elasticity, elasticity(rule, &active, of), 1e-8);
    let viable = active.iter().filter(|k| k.stake >= least).count();
    let loss = if rule == RuleName::GasAuction { losers_loss(viable, of) } else { 0.0 };
    near(&what("losers' loss"), found.losers_loss, Some(loss), 1e-9);
    let wanted = enumerated(rule, keepers, &active, questions);
    near(&what("executed"), found.executed, Some(wanted.executed), 1e-12);
    near(&what("discount"), found.expected_discount, Some(wanted.discount), 1e-12);
    for (i, (found, wanted)) in found.inclusion.as_ref().unwrap().iter().zip(&wanted.inclusion).enumerate() {
        near(&what(&format!("inclusion {i}")), Some(*found), Some(*wanted), 1e-11);
    }
    near(&what("short"), found.short, Some(wanted.short), 1e-11);
    assert!(found.notes.is_empty(), "{:?}", found.notes);
}

#[test]
fn every_column_of_every_rule_is_what_other_routes_say() {
    let tied_at_the_top = register(&[(500.0, 3.0, 0.5, 4, 3), (500.0, 3.0, 0.1, 4, 3), (300.0, 2.0, 0.0, 4, 3)]);
    let alone = register(&[(350.0, 1.0, 0.25, 0, 0)]);
    // One is so poor that only the probe's fallback can reach it.
    let registers = [
        (four(), None),
        (four(), Some(100.0)),
        (six(), Some(100.0)),
        (tied_at_the_top, Some(120.0)),
        (alone, Some(100.0)),
    ];
    for (keepers, least) in registers {
        for retry in Retry::ALL {
            let mut questions = asked(least);
            questions.parameters.retry = retry;
            questions.parameters.failure_delay = 0.4;
            for found in &table(&keepers, &questions, None, 1).rules {
                check(found, &keepers, &questions);
            }
        }
    }
}

/// The same with every parameter away from its default.
#[test]
fn parameters_reach_their_rules() {
    let mut questions = asked(Some(50.0));
    questions.select = Some(3);
    questions.rounds = 40;
    questions.parameters = Parameters {
        power: 2.0,
        tau: 0.7,
        lambda: 3.0,
        epsilon: 0.35,
        value: 2.0,
        loser_fixed: 0.1,
        loser_share: 0.2,
        reserve: 0.4,
        ..questions.parameters
    };
    for keepers in [four(), six()] {
        for found in &table(&keepers, &questions, None, 1).rules {
            check(found, &keepers, &questions);
        }
    }
}

/// Noise of the other families: known laws under the name of the rule.
#[test]
fn frechet_noise_is_by_stake_and_gumbel_noise_a_power() {
    let of = |noise, power| {
        let mut questions = asked(Some(100.0));
        questions.parameters = Parameters { noise, tau: 0.5, power, ..questions.parameters };
        table(&six(), &questions, None, 1)
    };
    let close = |a: &Row, b: &Row| {
        a.winner.iter().zip(&b.winner).for_each(|(a, b)| assert!((a - b).abs() < 1e-14));
        near("sybil gain", a.sybil_gain, b.sybil_gain, 1e-12);
        near("elasticity", a.stake_elasticity, b.stake_elasticity, 1e-9);
        near("discount", a.expected_discount, b.expected_discount, 1e-12);
    };
    let frechet = of(Noise::Frechet, 0.5);
    close(row(&frechet, RuleName::Noise), row(&frechet, RuleName::StakeWeighted));
    let gumbel = of(Noise::Gumbel, 2.0);
    close(row(&gumbel, RuleName::Noise), row(&gumbel, RuleName::Power));
    // Exponential noise on 1 and 2: the smaller product f U is Exp(1/f), so 1 wins with 1/3.
    let two = register(&[(1.0, 1.0, 1.0, 1, 1), (2.0, 1.0, 1.0, 1, 1)]);
    let mut questions = asked(None);
    questions.parameters.noise = Noise::Exponential;
    let found = table(&two, &questions, None, 1);
    near("exponential noise", Some(row(&found, RuleName::Noise).winner[0]), Some(1.0 / 3.0), 1e-13);
}

/// Nobody has what the task asks, but the agent asks for less: the largest stake is taken.
#[test]
fn the_probe_falls_back_on_the_largest_stake() {
    let keepers =
        register(&[(50.0, 1.0, 0.5, 4, 3), (80.0, 1.0, 0.5, 4, 3), (80.0, 1.0, 0.5, 4, 3), (10.0, 1.0, 0.5, 4, 3)]);
    let mut questions = asked(Some(100.0));
    questions.parameters.agent_min_stake = Some(40.0);
    let found = table(&keepers, &questions, None, 1);
    // From the places of 10, 50 and the first 80 it is the first 80 that is met first.
    let probe = row(&found, RuleName::Probe);
    assert_eq!(probe.winner, [0.0, 0.75, 0.25, 0.0]);
    assert_eq!((probe.unserved, probe.tie_unfairness), (0.0, Some(0.5)));
    assert_eq!(probe.effective_number, Some(1.0 / (0.5625 + 0.0625)));
    for other in found.rules.iter().filter(|row| row.rule != RuleName::Probe) {
        assert_eq!((other.unserved, other.effective_number), (1.0, None), "{}", other.rule.name());
    }
}
