//! The same keeper again, and the rule drawn again.

use super::super::{auction, winner};
use super::terms::{Pair, Terms, scaled, times};
use crate::error::{Error, Result};
use crate::keepers::model::{Attempts, Contest, Executor, Mechanism};
use crate::kernels::elementary::exp_m1;
use crate::pool_tree::Discount;
use std::collections::BTreeMap;

/// Elapsed times that differ by less than this share are one.
const EQUAL: f64 = 1e-12;

/// Most pairs of an elapsed time and a length of an attempt.
const MOST_STEPS: usize = 2_000_000;

/// A probability of this share of the sum so far changes nothing, however many of them are left out.
const NOTHING: f64 = 1e-24;

/// `Σ p_i ρ_i d_i (1 - q_i^J_i)/(1 - q_i)`.
pub(super) fn same(contest: &Contest, executors: &[Executor], attempts: &Attempts, discount: &Discount) -> [f64; 2] {
    let mut sum = Pair::default();
    for (executor, chance) in executors.iter().zip(winner(contest)) {
        let terms = Terms::new(executor, attempts, discount);
        let count = fitting(executor, attempts);
        if count > 0.0 {
            let share = terms.ln_fail.map(|ln_fail| -exp_m1(count * ln_fail));
            // 0 times -∞ where nothing is lost: q = 1 and ρ = 0, and the index is 0.
            let share = share.map(|s| if s.is_nan() { 0.0 } else { s });
            sum.add(scaled(chance, share), terms.index());
        }
    }
    sum.value()
}

/// How many attempts end in time; infinite without a deadline.
fn fitting(executor: &Executor, attempts: &Attempts) -> f64 {
    let lost = attempts.lost(executor);
    if !attempts.in_time(executor.ping) {
        return 0.0;
    }
    if attempts.deadline.is_none() || lost == 0.0 {
        return f64::INFINITY;
    }
    // The quotient is off by one at most; the predicate decides, as it does where attempts are drawn.
    let count = ((attempts.limit() - executor.ping) / lost).floor().max(0.0);
    let fits = |count: f64| attempts.in_time((count - 1.0) * lost + executor.ping);
    [2.0, 1.0].map(|more| count + more).into_iter().find(|&count| fits(count)).unwrap_or(count.max(1.0))
}

/// `Σ p_i ρ_i d_i/(1 - Σ p_i q_i)`, by elapsed times with a deadline.
pub(super) fn redraw(
    contest: &Contest,
    executors: &[Executor],
    attempts: &Attempts,
    discount: &Discount,
) -> Result<[f64; 2]> {
    let law = winner(contest);
    let nobody = nobody(contest, &law);
    let groups = groups(executors, &law, attempts, discount);
    if attempts.deadline.is_none() {
        let all = Group::default().joined(&groups);
        return Ok([0, 1].map(|b| ratio(all.gain[b], nobody + all.rest[b])));
    }
    by_elapsed_times(&groups, nobody, attempts)
}

/// Keepers whose failures take equally long: sums of `p ρ d`, `p q` and `p (1 - q)`.
#[derive(Debug, Clone, Default)]
struct Group {
    lost: f64,
    gain: [f64; 2],
    fail: [f64; 2],
    rest: [f64; 2],
    /// Whose success alone takes `ping`, which is the same for all of the group.
    ping: f64,
    chance: f64,
}

impl Group {
    fn joined(self, groups: &[Self]) -> Self {
        let mut sums = [Pair::default(); 3];
        for group in groups {
            let terms = [group.gain, group.fail, group.rest];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| sum.add([1.0; 2], term));
        }
        let [gain, fail, rest] = sums.map(Pair::value);
        Self { gain, fail, rest, ..self }
    }
}

fn groups(executors: &[Executor], law: &[f64], attempts: &Attempts, discount: &Discount) -> Vec<Group> {
    let mut groups: BTreeMap<u64, Vec<Group>> = BTreeMap::new();
    for (executor, &chance) in executors.iter().zip(law) {
        let terms = Terms::new(executor, attempts, discount);
        // A ping of -0 is 0.
        groups.entry((executor.ping + 0.0).to_bits()).or_default().push(Group {
            lost: attempts.lost(executor),
            ping: executor.ping,
            gain: scaled(chance, terms.gain),
            fail: scaled(chance, terms.fail),
            rest: scaled(chance, terms.rest),
            chance,
        });
    }
    let join = |alike: &Vec<Group>| {
        let chance = alike.iter().map(|group| group.chance).sum();
        alike.first().map(|first| Group { chance, ..first.clone() }.joined(alike))
    };
    groups.values().filter_map(join).collect()
}

/// Elapsed times in rising order, each with the probability to have failed up to it.
fn by_elapsed_times(groups: &[Group], nobody: f64, attempts: &Attempts) -> Result<[f64; 2]> {
    let mut sum = Pair::default();
    let mut reached: BTreeMap<u64, [f64; 2]> = BTreeMap::from([(0.0f64.to_bits(), [1.0; 2])]);
    let (instant, lasting): (Vec<&Group>, Vec<&Group>) = groups.iter().partition(|group| group.lost == 0.0);
    let mut steps = 0;
    while let Some((bits, mut mass)) = reached.pop_first() {
        let elapsed = f64::from_bits(bits); // of non-negative numbers the bits have the order of the numbers
        while let Some(next) = reached.first_entry()
            && f64::from_bits(*next.key()) <= elapsed * (1.0 + EQUAL)
        {
            let more = next.remove();
            mass = [mass[0] + more[0], mass[1] + more[1]];
        }
        // Attempts that take no time at all follow each other until one of another kind, a success, or nobody.
        if !instant.is_empty() {
            let others: f64 = lasting.iter().map(|group| group.chance).sum();
            let leave = nobody + others + instant.iter().map(|group| group.rest[0]).sum::<f64>();
            mass = mass.map(|m| ratio(m, leave));
        }
        for group in groups.iter().filter(|group| attempts.in_time(elapsed + group.ping)) {
            sum.add(mass, group.gain);
        }
        let enough = sum.value();
        for group in &lasting {
            let (time, next) = (elapsed + group.lost, times(mass, group.fail));
            if !attempts.in_time(time) || (next[0] <= NOTHING * enough[0] && next[1] <= NOTHING * enough[1]) {
                continue;
            }
            let entry = reached.entry(time.to_bits()).or_insert([0.0; 2]);
            *entry = [entry[0] + next[0], entry[1] + next[1]];
        }
        steps += groups.len();
        if steps > MOST_STEPS {
            let reason = format!("more than {MOST_STEPS} sums of times of attempts before the deadline");
            return Err(Error::OutOfReach { reason });
        }
    }
    Ok(sum.value())
}

/// Probability that nobody is selected. Only the gas auction leaves it to chance; elsewhere the difference of a sum from 1
/// is rounding.
fn nobody(contest: &Contest, law: &[f64]) -> f64 {
    match contest.mechanism() {
        Mechanism::GasAuction(gas) => (1.0 - auction::served(gas, contest.len() as u64)).max(0.0),
        _ if law.iter().any(|&p| p > 0.0) => 0.0,
        _ => 1.0,
    }
}

fn ratio(over: f64, under: f64) -> f64 {
    if over == 0.0 || under <= 0.0 { 0.0 } else { over / under }
}
