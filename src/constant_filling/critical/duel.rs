//! The difference between a climb and a single pool, without cancellation.

use crate::constant_filling::closed_form::geometric;
use crate::constant_filling::{Climb, DelayCounting};
use crate::kernels::elementary::{exp, exp_m1, ln_1p};
use crate::kernels::roots::Valued;
use crate::kernels::sum::Sum;

/// Up to this many auctions of a level are held against the rival's one by one.
const ONE_BY_ONE: f64 = 64.0;

/// The smallest filling rate that is told from 0: sums of an unlimited number of terms remain finite.
pub(super) const LEAST_RATE: f64 = 1e-300;

/// A climb, all its levels at one filling rate, against a single pool.
pub(super) struct Duel<'a> {
    climb: &'a Climb,
    /// Auctions of the pool at that filling rate; `None` for one auction that fills everything.
    attempts: Option<f64>,
    /// Duration of the pool's auctions.
    duration: f64,
    ln_factor: f64,
}

/// A difference under way, with what rounding may have done to it.
#[derive(Default)]
struct Lead {
    sum: Sum,
    noise: f64,
}

impl Lead {
    /// A term with its relative error in units of rounding.
    fn add(&mut self, term: f64, roundings: f64) {
        self.sum.add(term);
        self.noise += f64::EPSILON * roundings * term.abs();
    }
}

/// A level's auctions as seen from the whole climb.
struct Stretch {
    /// Auctions before the first.
    before: f64,
    /// Time that counts before the first.
    spent: f64,
    duration: f64,
    auctions: f64,
}

impl<'a> Duel<'a> {
    pub(super) fn new(climb: &'a Climb, attempts: Option<f64>) -> Self {
        Self { climb, attempts, duration: climb.top().duration, ln_factor: climb.discount().ln_factor() }
    }

    /// `w - w_rival` at filling rate `x > 0`; divided by `x` if the rival has that rate, too. Below [`LEAST_RATE`] it is as
    /// there.
    pub(super) fn at(&self, x: f64) -> Valued {
        let x = x.max(LEAST_RATE);
        let mut lead = Lead::default();
        let (mut before, mut spent) = (0.0, 0.0);
        for level in self.climb.levels() {
            let n = level.attempts.as_f64();
            let both = self.attempts.map_or(n, |m| n.min((m - before).max(0.0)));
            let stretch = Stretch { before, spent, duration: level.duration, auctions: both };
            if both > 0.0 {
                self.both(x, &stretch, &mut lead);
            }
            if both < n {
                let time = both * level.duration;
                let alone = Stretch { before: before + both, spent: spent + time, auctions: n - both, ..stretch };
                let (earned, roundings) = self.earned(x, &alone);
                lead.add(earned, roundings);
            }
            before += n;
            if self.climb.delay() == DelayCounting::Cumulative {
                spent += n * level.duration;
            }
        }
        match self.attempts {
            None => lead.add(-unfilled(x, before) * self.worth(self.duration), 8.0),
            Some(m) if m > before => {
                let spent = self.pool_time(before);
                let rest = Stretch { before, spent, duration: self.duration, auctions: m - before };
                let (earned, roundings) = self.earned(x, &rest);
                lead.add(-earned, roundings);
            }
            Some(_) => {}
        }
        Valued { value: lead.sum.value(), noise: lead.noise }
    }

    /// Auctions that both the climb and the pool hold (or whose orders the perfect pool has filled long since).
    fn both(&self, x: f64, stretch: &Stretch, lead: &mut Lead) {
        let &Stretch { before, spent, duration, auctions } = stretch;
        if auctions <= ONE_BY_ONE {
            for i in 1..=auctions as u32 {
                let i = f64::from(i);
                let (weight, time) = match self.attempts {
                    None => (x, self.duration),
                    Some(_) => (1.0, self.pool_time(before + i)),
                };
                let weight = weight * unfilled(x, before + i - 1.0);
                self.difference(weight, spent + i * duration, time, 1.0, lead);
            }
        } else if self.attempts.is_some() && duration == self.duration {
            // The two remain in the same proportion.
            let sum = geometric(auctions, ln_1p(-x) + self.exponent(duration));
            let weight = unfilled(x, before) * self.worth(duration) * sum;
            self.difference(weight, spent, self.pool_time(before), 8.0, lead);
        } else {
            let (earned, roundings) = self.earned(x, stretch);
            let (other, others) = if self.attempts.is_none() {
                let filled = -exp_m1(auctions * ln_1p(-x));
                (unfilled(x, before) * filled * self.worth(self.duration), 8.0)
            } else {
                self.earned(x, &Stretch { spent: self.pool_time(before), duration: self.duration, ..*stretch })
            };
            lead.add(if self.attempts.is_none() { x * earned } else { earned }, roundings);
            lead.add(-other, others);
        }
    }

    /// `weight (β^time - β^other)`, `weight` known to some roundings.
    fn difference(&self, weight: f64, time: f64, other: f64, roundings: f64, lead: &mut Lead) {
        let (sooner, later, sign) = if time <= other { (time, other, 1.0) } else { (other, time, -1.0) };
        let scale = sign * weight * self.worth(sooner);
        lead.add(scale * -exp_m1(self.exponent(later - sooner)), roundings + 4.0 - self.exponent(sooner).max(-1e3));
        // The times are rounded, too, and their difference is small where they are close.
        let blur = (-self.exponent(later)).min(1.0);
        lead.noise += 2.0 * f64::EPSILON * scale.abs() * if later > sooner { blur } else { 0.0 };
    }

    /// `Σ_i q^(before + i - 1) β^(spent + i duration)` and its relative error in units of rounding.
    fn earned(&self, x: f64, stretch: &Stretch) -> (f64, f64) {
        let &Stretch { before, spent, duration, auctions } = stretch;
        let sum = geometric(auctions, ln_1p(-x) + self.exponent(duration));
        let exponent = self.exponent(spent + duration);
        (unfilled(x, before) * exp(exponent) * sum, 8.0 - exponent.max(-1e3))
    }

    /// `ln β^time`; 0 at `β = 1` however long the time.
    fn exponent(&self, time: f64) -> f64 {
        if self.ln_factor == 0.0 { 0.0 } else { self.ln_factor * time }
    }

    fn worth(&self, time: f64) -> f64 {
        exp(self.exponent(time))
    }

    /// Time after that many auctions of the pool.
    fn pool_time(&self, auctions: f64) -> f64 {
        if auctions == 0.0 { 0.0 } else { auctions * self.duration }
    }
}

/// `(1 - x)^auctions`.
fn unfilled(x: f64, auctions: f64) -> f64 {
    if auctions == 0.0 { 1.0 } else { exp(auctions * ln_1p(-x)) }
}
