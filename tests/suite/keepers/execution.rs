//! Execution by selected keepers: formulas against all histories, other routes, and attempts drawn one by one.

use pooltree::keepers::closed_form::execution::{
    best_order, executed, fixed_order, index, longest, price_of_randomness,
};
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::model::Executor;
use pooltree::keepers::simulation::execution::{Execution, execute};
use pooltree::keepers::{Attempts, Contest, GasAuction, Keeper, Keepers, Noise, Property, Retry, Rule, Task, Ties};
use pooltree::pool_tree::{Discount, DiscountModel, Executed};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn executor(reliability: f64, ping: f64) -> Executor {
    Executor { reliability, ping }
}

fn rate(rate: f64) -> Discount {
    Discount::new(DiscountModel::Rate(rate)).unwrap()
}

fn staked(stakes: &[f64]) -> Keepers {
    let keeper = |(i, &stake): (usize, &f64)| Keeper {
        stake,
        bid: 1.0 + i as f64 / 4.0,
        ping: 0.3 * (i % 3) as f64,
        ..Keeper::new(i.to_string())
    };
    Keepers::new(stakes.iter().enumerate().map(keeper).collect()).unwrap()
}

fn contest(stakes: &[f64], rule: &Rule) -> Contest {
    Contest::new(&staked(stakes), rule, &Task { min_stake: None, job: 3 }).unwrap()
}

fn noise(noise: Noise) -> Rule {
    Rule::Noise { score: Property::Stake.into(), noise, temperature: 0.7 }
}

/// When the latest of all histories of excluded failures ends.
fn latest(contest: &Contest, places: &[usize], executors: &[Executor], delay: f64, elapsed: f64) -> f64 {
    let law = winner(contest);
    let mut found = elapsed;
    for (k, _) in law.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        let Executor { reliability, ping } = executors[places[k]];
        found = found.max(elapsed + ping);
        if reliability < 1.0 {
            let rest = contest.without(k);
            let left = rest.entrants().to_vec();
            let place = |keeper: &usize| contest.entrants().iter().position(|other| other == keeper).unwrap();
            let places: Vec<usize> = left.iter().map(|keeper| places[place(keeper)]).collect();
            found = found.max(latest(&rest, &places, executors, delay, elapsed + ping + delay));
        }
    }
    found
}

/// The longest course is that of all histories, or, where keepers follow each other, no shorter.
#[test]
fn the_longest_course_is_one_of_all() {
    let stakes = [4.0, 1.0, 2.0, 2.0, 0.5];
    let executors =
        [executor(0.5, 0.3), executor(1.0, 0.9), executor(0.2, 0.1), executor(1.0, 0.4), executor(0.7, 2.0)];
    let attempts = Attempts { failure_delay: 0.25, ..Attempts::default() };
    for rule in rules() {
        let contest = contest(&stakes, &rule);
        let places: Vec<usize> = (0..contest.len()).collect();
        let found = longest(&contest, &executors, &attempts).unwrap();
        let enumerated = latest(&contest, &places, &executors, 0.25, 0.0);
        if matches!(rule, Rule::Probe { .. }) {
            assert!(enumerated <= found + 1e-15, "{rule:?}: {enumerated} after {found}");
        } else {
            assert!((enumerated - found).abs() < 1e-15, "{rule:?}: {enumerated} is not {found}");
        }
    }
    // By stake: .3 + .25, then one of the two equal ones, of whom the sure one is the last.
    let by_stake = contest(&stakes, &Rule::by_stake(Ties::Uniform));
    assert!((longest(&by_stake, &executors, &attempts).unwrap() - (0.55 + 0.35 + 0.4)).abs() < 1e-15);
    // The probe never asks whom the agent would not take, whatever the task asks for.
    let task = Task { min_stake: Some(1.5), job: 0 };
    let probe = Contest::new(&staked(&stakes), &Rule::Probe { agent_minimum: 1.5 }, &task).unwrap();
    assert!((longest(&probe, &executors, &attempts).unwrap() - (0.55 + 0.35 + 0.4)).abs() < 1e-15);
    let task = Task { min_stake: Some(9.0), job: 0 };
    let probe = |agent_minimum| Contest::new(&staked(&stakes), &Rule::Probe { agent_minimum }, &task).unwrap();
    assert!((longest(&probe(0.75), &executors, &attempts).unwrap() - (0.55 + 0.35 + 0.4)).abs() < 1e-15);
    assert_eq!(longest(&probe(9.0), &executors, &attempts), Some(0.0));
}

/// One rule of every kind.
fn rules() -> Vec<Rule> {
    vec![
        Rule::by_stake(Ties::FileOrder),
        Rule::by_stake(Ties::Uniform),
        Rule::uniform(),
        Rule::stake_power(1.0),
        Rule::stake_power(3.0),
        noise(Noise::Frechet),
        noise(Noise::Gumbel),
        noise(Noise::Uniform),
        noise(Noise::Exponential),
        Rule::Mixture { score: Property::Stake.into(), epsilon: 0.3 },
        Rule::Mixture { score: Property::Stake.into(), epsilon: 0.0 },
        Rule::Probe { agent_minimum: 1.5 },
        Rule::GasAuction(GasAuction::new(1.0, 0.3, 0.3, 0.1).unwrap()),
        Rule::Flashbots { lambda: 0.5, temperature: 0.4 },
        Rule::Race { offset: Property::Ping.into(), rate: Property::Bid.into() },
    ]
}

const STAKES: [f64; 5] = [2.0, 1.0, 5.0, 2.0, 3.0];

fn five() -> [Executor; 5] {
    [executor(0.5, 1.0), executor(0.9, 0.4), executor(0.3, 0.1), executor(0.7, 0.7), executor(0.6, 0.4)]
}

/// All histories: who is selected, whether it succeeds, what is left. Reads the law of the winner and nothing else.
fn histories(
    left: &Contest,
    all: &Contest,
    executors: &[Executor],
    attempts: &Attempts,
    discount: &Discount,
    elapsed: f64,
) -> [f64; 2] {
    let mut sum = [0.0; 2];
    for (k, p) in winner(left).into_iter().enumerate().filter(|(_, p)| *p > 0.0) {
        let i = all.entrants().iter().position(|&keeper| keeper == left.entrants()[k]).unwrap();
        let Executor { reliability, ping } = executors[i];
        if attempts.deadline.is_some_and(|deadline| elapsed + ping > deadline + 1e-9) {
            continue;
        }
        let rest = if attempts.retry == Retry::Exclude { left.without(k) } else { left.clone() };
        let failed = elapsed + ping + attempts.failure_delay;
        let later = histories(&rest, all, executors, attempts, discount, failed);
        let now = [1.0, discount.after(elapsed + ping)];
        (0..2).for_each(|b| sum[b] += p * (reliability * now[b] + (1.0 - reliability) * later[b]));
    }
    sum
}

fn close(found: Executed, [probability, discounted]: [f64; 2], what: &str) {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs() + 1e-300;
    assert!(
        near(found.probability, probability) && near(found.discounted, discounted),
        "{what}: {found:?} but {probability} {discounted}"
    );
}

#[test]
fn exclusion_is_the_sum_over_all_histories() {
    let discount = rate(0.8);
    // Times on a lattice, and times that are on none.
    for nudge in [0.0, 0.01 * std::f64::consts::SQRT_2] {
        let executors = five().map(|e| executor(e.reliability, e.ping * (1.0 + nudge * e.reliability)));
        for rule in rules() {
            let contest = contest(&STAKES, &rule);
            for deadline in [None, Some(0.0), Some(0.4), Some(1.1), Some(1.5), Some(2.3), Some(100.0)] {
                let attempts = Attempts { failure_delay: 0.3, deadline, ..Attempts::default() };
                let wanted = histories(&contest, &contest, &executors, &attempts, &discount, 0.0);
                let found = executed(&contest, &executors, &attempts, &discount).unwrap();
                close(found, wanted, &format!("{rule:?} by {deadline:?}"));
            }
        }
    }
}

#[test]
fn retries_by_a_deadline_are_the_sum_over_all_histories() {
    let discount = rate(0.8);
    let executors = [executor(0.5, 0.5), executor(0.2, 0.3), executor(0.9, 0.7)];
    for rule in rules() {
        let contest = contest(&[2.0, 1.0, 2.0], &rule);
        for deadline in [0.0, 0.3, 1.1, 2.3, 2.5] {
            let attempts = Attempts { retry: Retry::Redraw, failure_delay: 0.1, deadline: Some(deadline) };
            let wanted = histories(&contest, &contest, &executors, &attempts, &discount, 0.0);
            let found = executed(&contest, &executors, &attempts, &discount).unwrap();
            close(found, wanted, &format!("{rule:?} by {deadline}"));
            // The same keeper again: every keeper's own history, weighed.
            let attempts = Attempts { retry: Retry::Same, ..attempts };
            let mut wanted = [0.0; 2];
            for (executor, p) in executors.iter().zip(winner(&contest)) {
                let alone = self::contest(&[1.0], &Rule::uniform());
                let own = histories(&alone, &alone, &[*executor], &attempts, &discount, 0.0);
                (0..2).for_each(|b| wanted[b] += p * own[b]);
            }
            let found = executed(&contest, &executors, &attempts, &discount).unwrap();
            close(found, wanted, &format!("same {rule:?} by {deadline}"));
        }
    }
}

#[test]
fn retries_for_ever_solve_their_renewal_equations() {
    let (executors, discount) = (five(), rate(0.8));
    for rule in rules() {
        let contest = contest(&STAKES, &rule);
        let law = winner(&contest);
        let attempts = Attempts { retry: Retry::Redraw, failure_delay: 0.3, deadline: None };
        let found = executed(&contest, &executors, &attempts, &discount).unwrap();
        let again = |value: f64, discount: &Discount| -> f64 {
            let each = executors.iter().zip(&law).map(|(e, p)| {
                let then = discount.after(e.ping + 0.3) * value;
                p * (e.reliability * discount.after(e.ping) + (1.0 - e.reliability) * then)
            });
            each.sum()
        };
        close(found, [again(found.probability, &rate(0.0)), again(found.discounted, &discount)], &format!("{rule:?}"));
    }
}

/// Twelve weights each `10^-decades` of the last, all executors different; by mpmath (30 digits, the sum over the sets of
/// failed keepers).
#[test]
fn weights_over_many_decades() {
    let cases = [
        (0.0, [0.999_724_190_088_107_3, 0.488_155_413_257_712_8]),
        (1.0, [0.999_724_190_088_107_3, 0.321_264_517_468_586_4]),
        (20.0, [0.999_724_190_088_107_3, 0.324_706_528_628_901_1]),
    ];
    for (decades, wanted) in cases {
        let stakes: Vec<f64> = (0..12).map(|i| 10f64.powf(-decades * f64::from(i * 7 % 12))).collect();
        let executors: Vec<Executor> =
            (0..12).map(|i| executor(0.05 + 0.07 * f64::from(i), 0.25 * f64::from(i * 5 % 12))).collect();
        let attempts = Attempts { failure_delay: 0.5, ..Attempts::default() };
        let found = executed(&contest(&stakes, &Rule::stake_power(1.0)), &executors, &attempts, &rate(0.25)).unwrap();
        close(found, wanted, &format!("{decades} decades"));
    }
}

#[test]
fn the_index_order_is_the_best_of_all() {
    let discount = rate(0.6);
    let attempts = Attempts { failure_delay: 0.4, ..Attempts::default() };
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let (mut fastest_loses, mut reliable_loses) = (0, 0);
    for n in (1..=6).flat_map(|n| [n; 4]) {
        let executors: Vec<Executor> = (0..n).map(|_| executor(rng.random(), 3.0 * rng.random::<f64>())).collect();
        let (order, best) = best_order(&executors, &attempts, &discount).unwrap();
        let value = |order: &[usize]| {
            let executors: Vec<Executor> = order.iter().map(|&i| executors[i]).collect();
            fixed_order(&executors, &attempts, &discount).unwrap()
        };
        assert_eq!(value(&order), best);
        let falling = order.iter().map(|&i| index(&executors[i], 0.4, &discount).unwrap()).collect::<Vec<_>>();
        assert!(falling.is_sorted_by(|a, b| a >= b));
        let mut greatest = 0.0f64;
        permutations(n, &mut |order| greatest = greatest.max(value(order).discounted));
        assert!((best.discounted - greatest).abs() <= 1e-14, "{executors:?}");
        let mut sorted = order.clone();
        sorted.sort_by(|&a, &b| executors[a].ping.total_cmp(&executors[b].ping));
        fastest_loses += usize::from(value(&sorted).discounted < best.discounted - 1e-9);
        sorted.sort_by(|&a, &b| executors[b].reliability.total_cmp(&executors[a].reliability));
        reliable_loses += usize::from(value(&sorted).discounted < best.discounted - 1e-9);
        for rule in rules() {
            let contest = contest(&STAKES.repeat(2)[..n], &rule);
            assert!(price_of_randomness(&contest, &executors, &attempts, &discount).unwrap() >= -1e-14, "{rule:?}");
        }
    }
    assert!(fastest_loses > 0 && reliable_loses > 0);
}

fn permutations(n: usize, visit: &mut impl FnMut(&[usize])) {
    fn go(order: &mut Vec<usize>, n: usize, visit: &mut impl FnMut(&[usize])) {
        if order.len() == n {
            return visit(order);
        }
        for i in 0..n {
            if !order.contains(&i) {
                order.push(i);
                go(order, n, visit);
                order.pop();
            }
        }
    }
    go(&mut Vec::new(), n, visit);
}

#[test]
fn many_equal_keepers() {
    let discount = rate(0.5);
    let stakes: Vec<f64> = (0..120).map(|i| 1.0 + f64::from(i)).collect();
    let executors = vec![executor(0.03, 0.7); 120];
    for rule in [Rule::uniform(), Rule::stake_power(1.0), Rule::by_stake(Ties::FileOrder), noise(Noise::Gumbel)] {
        let contest = contest(&stakes, &rule);
        for (deadline, count) in [(None, 120), (Some(8.5), 8), (Some(8.7), 9), (Some(0.7), 1), (Some(0.69), 0)] {
            let attempts = Attempts { failure_delay: 0.3, deadline, ..Attempts::default() };
            let (q, d) = (0.97 * discount.after(1.0), discount.after(0.7));
            let wanted = [1.0 - 0.97f64.powi(count), 0.03 * d * (1.0 - q.powi(count)) / (1.0 - q)];
            close(
                executed(&contest, &executors, &attempts, &discount).unwrap(),
                wanted,
                &format!("{rule:?} {deadline:?}"),
            );
        }
    }
}

#[test]
fn what_is_out_of_reach_says_so() {
    let stakes: Vec<f64> = (0..30).map(|i| 1.0 + f64::from(i)).collect();
    let executors: Vec<Executor> = (0..30).map(|i| executor(0.5, f64::from(i).sqrt())).collect();
    let refused = |rule: &Rule, attempts: &Attempts| {
        executed(&contest(&stakes, rule), &executors, attempts, &rate(0.1)).unwrap_err().to_string()
    };
    let by = |deadline| Attempts { deadline: Some(deadline), ..Attempts::default() };
    assert!(refused(&noise(Noise::Uniform), &Attempts::default()).contains("all sets of 30 keepers, more than 16"));
    assert!(refused(&Rule::uniform(), &by(20.0)).contains("30 keepers with a deadline, more than 20"));
    assert!(refused(&Rule::uniform(), &Attempts { retry: Retry::Redraw, ..by(60.0) }).contains("sums of times"));
    // Where one attempt fits only, no set but the empty one is reached.
    let one = Attempts { failure_delay: 5.0, deadline: Some(4.0), ..Attempts::default() };
    let found = executed(&contest(&stakes, &Rule::uniform()), &executors, &one, &rate(0.1)).unwrap();
    assert!((found.probability - 0.5 * 17.0 / 30.0).abs() < 1e-15);
}

#[test]
fn nobody_can_execute() {
    let discount = rate(0.0);
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let never = [executor(0.0, 0.0), executor(0.0, 1.0)];
    for rule in [Rule::uniform(), Rule::by_stake(Ties::FileOrder), Rule::stake_power(1.0)] {
        let contest = contest(&[1.0, 2.0], &rule);
        for retry in Retry::ALL {
            for deadline in [None, Some(3.0)] {
                let attempts = Attempts { retry, failure_delay: 0.0, deadline };
                close(executed(&contest, &never, &attempts, &discount).unwrap(), [0.0; 2], "never");
                let outcome = execute(&contest, &never, &attempts, &mut rng).unwrap();
                assert!(!outcome.executed && outcome.by.is_none() && outcome.attempts > 0);
                let wanted = deadline.unwrap_or(if retry == Retry::Exclude { 1.0 } else { f64::INFINITY });
                assert!(outcome.time <= wanted && (retry == Retry::Exclude || outcome.time == wanted));
            }
        }
    }
    let nobody = contest(&[], &Rule::uniform());
    for retry in Retry::ALL {
        let attempts = Attempts { retry, ..Attempts::default() };
        close(executed(&nobody, &[], &attempts, &discount).unwrap(), [0.0; 2], "nobody");
        assert_eq!(execute(&nobody, &[], &attempts, &mut rng).unwrap().time, 0.0);
        assert_eq!(longest(&nobody, &[], &attempts), Some(0.0));
    }
}

#[test]
fn invalid_executors() {
    let contest = contest(&[1.0, 2.0], &Rule::uniform());
    let message = |executors: &[Executor], attempts: Attempts| {
        let error = executed(&contest, executors, &attempts, &rate(0.1)).unwrap_err();
        assert_eq!(Execution::new(&contest, executors, &attempts).unwrap_err(), error);
        error.to_string()
    };
    let good = executor(0.5, 1.0);
    assert_eq!(message(&[good], Attempts::default()), "executors = 1: must be as many as there are entrants, 2");
    assert_eq!(
        message(&[good, executor(f64::NAN, 1.0)], Attempts::default()),
        "executors.1.reliability = NaN: must be at least 0 and at most 1"
    );
    assert!(message(&[good, executor(0.5, -1.0)], Attempts::default()).starts_with("executors.1.ping = -1"));
    assert!(message(&[good; 2], Attempts { failure_delay: f64::MAX, ..Attempts::default() }).contains("not finite"));
    assert!(message(&[good; 2], Attempts { deadline: Some(f64::NAN), ..Attempts::default() }).contains("deadline"));
    assert!(index(&executor(2.0, 0.0), 0.0, &rate(0.1)).is_err());
    assert!(best_order(&[executor(0.5, f64::INFINITY)], &Attempts::default(), &rate(0.1)).is_err());
}

/// Corners included: certain and impossible successes, no times, equal times.
fn executors() -> impl Strategy<Value = Vec<Executor>> {
    let reliability = prop_oneof![Just(0.0), Just(1.0), Just(1e-12), 0.0..1.0];
    let ping = prop_oneof![Just(0.0), Just(0.1), Just(0.2), Just(1e3), 0.0..2.0];
    prop::collection::vec((reliability, ping).prop_map(|(r, t)| executor(r, t)), 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn bounds_and_order(
        executors in executors(),
        retry in prop::sample::select(Retry::ALL.to_vec()),
        rule in prop::sample::select(rules()),
        failure_delay in prop_oneof![Just(0.0), Just(0.1), 0.0..1.0],
        deadline in prop::option::of(prop_oneof![Just(0.0), Just(0.3), 0.0..3.0]),
        ln in prop_oneof![Just(0.0), Just(1e-9), Just(800.0), 0.0..3.0],
        better in 0usize..7,
    ) {
        let stakes = [4.0, 1.0, 2.0, 2.0, 8.0, 3.0];
        let contest = contest(&stakes[..executors.len()], &rule);
        let (attempts, discount) = (Attempts { retry, failure_delay, deadline }, rate(ln));
        let of = |executors: &[Executor], attempts: &Attempts| executed(&contest, executors, attempts, &discount).unwrap();
        let found = of(&executors, &attempts);
        let most = executors.iter().map(|e| discount.after(e.ping)).fold(0.0, f64::max);
        prop_assert!(found.discounted >= 0.0 && found.discounted <= most * (1.0 + 1e-13));
        prop_assert!(found.discounted <= found.probability && found.probability <= 1.0);
        let plain = executed(&contest, &executors, &attempts, &rate(0.0)).unwrap();
        prop_assert_eq!(plain.probability, plain.discounted);
        prop_assert!((plain.probability - found.probability).abs() <= 1e-15);
        // More reliable is better, a later deadline too.
        let mut improved = executors.clone();
        let i = better % executors.len();
        improved[i].reliability = 0.5 + 0.5 * improved[i].reliability;
        let improved = of(&improved, &attempts);
        prop_assert!(improved.discounted >= found.discounted * (1.0 - 1e-13));
        prop_assert!(improved.probability >= found.probability * (1.0 - 1e-13));
        let later = of(&executors, &Attempts { deadline: deadline.map(|t| t + 0.5), ..attempts });
        prop_assert!(later.discounted >= found.discounted * (1.0 - 1e-13));
        // Nothing comes after the longest course.
        let free = Attempts { deadline: None, ..attempts };
        let without = of(&executors, &free);
        if let Some(latest) = longest(&contest, &executors, &free) {
            let by = of(&executors, &Attempts { deadline: Some(latest), ..attempts });
            prop_assert!((by.probability - without.probability).abs() <= 1e-13 * without.probability);
            prop_assert!((by.discounted - without.discounted).abs() <= 1e-13 * without.discounted);
        }
        if retry == Retry::Exclude {
            prop_assert!(price_of_randomness(&contest, &executors, &free, &discount).unwrap() >= -1e-13 * most);
        }
        // One keeper: to draw the rule again is to take the same one again.
        let alone = self::contest(&[1.0], &Rule::uniform());
        let one = |retry| executed(&alone, &executors[..1], &Attempts { retry, ..attempts }, &discount).unwrap();
        let [same, redraw, exclude] = Retry::ALL.map(one);
        prop_assert!((same.discounted - redraw.discounted).abs() <= 1e-12 * same.discounted);
        prop_assert!(exclude.discounted <= same.discounted * (1.0 + 1e-13));
    }

    #[test]
    fn among_equals_the_rule_does_not_matter(
        one in executors(),
        n in 1usize..7,
        retry in prop::sample::select(Retry::ALL.to_vec()),
        deadline in prop::option::of(0.0..3.0),
    ) {
        let attempts = Attempts { retry, failure_delay: 0.25, deadline };
        let stakes = [4.0, 1.0, 2.0, 2.0, 8.0, 3.0];
        let equal = vec![one[0]; n];
        let certain = rules().into_iter().filter(|rule| !matches!(rule, Rule::GasAuction(_) | Rule::Probe { .. }));
        let of = |rule: Rule| executed(&contest(&stakes[..n], &rule), &equal, &attempts, &rate(0.5)).unwrap();
        let values: Vec<Executed> = certain.map(of).collect();
        for other in &values[1..] {
            prop_assert!((other.discounted - values[0].discounted).abs() <= 1e-12 * values[0].discounted);
            prop_assert!((other.probability - values[0].probability).abs() <= 1e-12 * values[0].probability);
        }
    }
}

/// Standard errors at which a check fails: 4e-10 for each of the fewer than 1000 checks below, 4e-7 for the file.
const BAND: f64 = 6.25;

/// Tasks drawn for each check.
const DRAWS: usize = 20_000;

/// Deviations of `e` and `V` in the standard errors that the formula implies.
fn deviations(execution: &mut Execution, wanted: &dyn Fn(&Discount) -> Executed, stream: u64) -> [f64; 2] {
    let discount = rate(0.8);
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    rng.set_stream(stream);
    let (mut count, mut sum) = (0.0, 0.0);
    for _ in 0..DRAWS {
        let outcome = execution.draw(&mut rng).unwrap();
        if outcome.executed {
            count += 1.0;
            sum += discount.after(outcome.time);
        }
    }
    let (value, square) = (wanted(&discount), wanted(&rate(1.6)).discounted);
    let n = DRAWS as f64;
    let deviation = |seen: f64, mean: f64, second: f64| {
        let variance = (second - mean * mean).max(0.0) / n;
        if variance < 1e-24 {
            if (seen - mean).abs() < 1e-9 { 0.0 } else { f64::INFINITY }
        } else {
            (seen - mean) / variance.sqrt()
        }
    };
    [deviation(count / n, value.probability, value.probability), deviation(sum / n, value.discounted, square)]
}

#[test]
fn attempts_drawn_agree_with_the_formulas() {
    let executors = five();
    let mut stream = 0;
    for rule in rules() {
        let contest = contest(&STAKES, &rule);
        for retry in Retry::ALL {
            for deadline in [None, Some(1.1)] {
                let attempts = Attempts { retry, failure_delay: 0.3, deadline };
                let execution = Execution::new(&contest, &executors, &attempts).unwrap();
                let formula = |discount: &Discount| executed(&contest, &executors, &attempts, discount).unwrap();
                let mut ways = vec![execution.clone()];
                if retry == Retry::Exclude {
                    ways.push(execution.one_by_one());
                }
                for mut way in ways {
                    stream += 1;
                    let found = deviations(&mut way, &formula, stream);
                    assert!(found.iter().all(|z| z.abs() < BAND), "{rule:?} {retry:?} {deadline:?}: {found:?}");
                }
            }
        }
    }
}

#[test]
fn formulas_made_wrong_are_rejected() {
    let executors = five();
    let contest = contest(&STAKES, &Rule::stake_power(1.0));
    let uniform = self::contest(&STAKES, &Rule::uniform());
    let mut stream = 1000;
    for retry in Retry::ALL {
        let attempts = Attempts { retry, failure_delay: 0.3, deadline: Some(1.1) };
        let other = match retry {
            Retry::Same | Retry::Exclude => Retry::Redraw,
            Retry::Redraw => Retry::Same,
        };
        // By this deadline few try twice: without one a redraw is told from an exclusion.
        let free = Attempts { deadline: None, ..attempts };
        let swapped = if retry == Retry::Exclude { free } else { attempts };
        let wrong = [
            (attempts, &contest, Attempts { failure_delay: 0.0, ..attempts }),
            (attempts, &contest, free),
            (swapped, &contest, Attempts { retry: other, ..swapped }),
            (attempts, &uniform, attempts),
        ];
        for (drawn, contest_of_formula, attempts_of_formula) in wrong {
            stream += 1;
            let mut execution = Execution::new(&contest, &executors, &drawn).unwrap();
            let formula =
                |discount: &Discount| executed(contest_of_formula, &executors, &attempts_of_formula, discount).unwrap();
            let found = deviations(&mut execution, &formula, stream);
            assert!(found.iter().any(|z| z.abs() > BAND), "{retry:?} {attempts_of_formula:?}: {found:?}");
        }
    }
}

#[test]
fn successes_given_by_the_caller() {
    let contest = contest(&STAKES, &Rule::stake_power(1.0));
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for retry in Retry::ALL {
        let attempts = Attempts { retry, failure_delay: 0.3, deadline: None };
        let mut execution = Execution::new(&contest, &five(), &attempts).unwrap();
        for up in 0..1u32 << 5 {
            let up = |i: usize| up & (1 << i) != 0;
            // A selection of the test's own: everybody alike.
            let alike =
                |left: &Contest, rng: &mut ChaCha8Rng| (!left.is_empty()).then(|| rng.random_range(0..left.len()));
            let outcome = execution.draw_by(&mut rng, alike, up, |i, _| up(i)).unwrap();
            let somebody = (0..5).any(up);
            match retry {
                Retry::Same => assert_eq!(outcome.executed, outcome.time.is_finite()),
                Retry::Redraw => assert_eq!((outcome.executed, outcome.time.is_finite()), (somebody, somebody)),
                Retry::Exclude => assert_eq!((outcome.executed, outcome.time.is_finite()), (somebody, true)),
            }
            assert!(outcome.by.is_none_or(up) && outcome.executed == outcome.by.is_some());
        }
    }
}
