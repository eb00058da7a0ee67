//! Times that are multiples of one step.

use crate::keepers::model::{Attempts, Executor};

/// Multiples are exact to this relative error, far below the tolerance at the deadline.
const EXACT: f64 = 1e-12;

/// Most steps to the deadline.
const MOST: f64 = 100_000.0;

/// What every keeper's failure takes in steps, and how many steps all attempts up to an execution may take, the executing
/// one counted with its `Δ` although it has none, as if it had failed.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) steps: Vec<usize>,
    pub(super) most: usize,
}

impl Grid {
    /// Without a deadline nothing is counted.
    pub(super) fn free(n: usize) -> Self {
        Self { steps: vec![0; n], most: 0 }
    }

    /// The grid of attempts that begin at `start`; `None` if their times are no multiples of a step, or of too small a one.
    pub(super) fn of(executors: &[Executor], start: f64, attempts: &Attempts) -> Option<Self> {
        // Who is too slow to execute in time leaves no time to others either.
        let slow = |executor: &Executor| !attempts.in_time(start + executor.ping);
        let lost: Vec<f64> = executors.iter().filter(|e| !slow(e)).map(|e| attempts.lost(e)).collect();
        let largest = lost.iter().copied().fold(0.0, f64::max);
        if largest == 0.0 {
            let steps = executors.iter().map(|executor| usize::from(slow(executor))).collect();
            return Some(Self { steps, most: 0 });
        }
        let divisor = lost.iter().fold(largest, |divisor, &time| common(divisor, time, 10.0 * EXACT * largest));
        let step = largest / (largest / divisor).round();
        let multiple = |time: f64| (time / step).round();
        if !lost.iter().all(|&time| (time - multiple(time) * step).abs() <= EXACT * time) {
            return None;
        }
        let done = |count: f64| start + (count * step - attempts.failure_delay).max(0.0);
        let guess = ((attempts.limit() - start + attempts.failure_delay) / step).floor();
        if !(guess <= MOST) {
            return None;
        }
        let most = [guess + 1.0, guess].into_iter().find(|&count| attempts.in_time(done(count))).unwrap_or(guess - 1.0);
        let most = most.max(0.0);
        let steps = executors.iter().map(|e| if slow(e) { most + 1.0 } else { multiple(attempts.lost(e)) } as usize);
        Some(Self { steps: steps.collect(), most: most as usize })
    }
}

/// Euclid's algorithm on lengths, remainders up to `least` being rounding.
fn common(mut a: f64, mut b: f64, least: f64) -> f64 {
    while b > least {
        let rest = a % b;
        (a, b) = (b, if b - rest <= least { 0.0 } else { rest });
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(pings: &[f64], failure_delay: f64, deadline: f64) -> Option<Grid> {
        let attempts = Attempts { failure_delay, deadline: Some(deadline), ..Attempts::default() };
        let executors: Vec<Executor> = pings.iter().map(|&ping| Executor { reliability: 0.5, ping }).collect();
        Grid::of(&executors, 0.0, &attempts)
    }

    #[test]
    fn multiples_of_a_tenth() {
        let found = grid(&[0.1, 0.2, 0.3, 7.0], 0.1, 0.5).unwrap();
        assert_eq!((found.steps, found.most), (vec![2, 3, 4, 7], 6));
        let found = grid(&[0.3, 0.6, 0.9], 0.0, 0.9).unwrap();
        assert_eq!((found.steps, found.most), (vec![1, 2, 3], 3), "0.3 three times is in time");
    }

    #[test]
    fn no_time_at_all() {
        let found = grid(&[0.0, 0.0, 2.0], 0.0, 1.0).unwrap();
        assert_eq!((found.steps, found.most), (vec![0, 0, 1], 0));
    }

    #[test]
    fn incommensurable() {
        assert!(grid(&[1.0, std::f64::consts::SQRT_2], 0.0, 3.0).is_none());
        assert!(grid(&[1.0, 1e-9], 0.0, 3.0).is_none(), "a step is too small");
    }
}
