//! Draws of the orders of one side.

use super::bits::{Bits, as_unit};
use super::order::Order;
use super::values::Values;
use crate::kernels::draws;
use rand_distr::{Distribution, Poisson};

/// Where orders of one side arrive.
pub(super) trait Sites {
    /// The part of the window that has passed when an order arrives, and its operator.
    fn draw(&self, bits: &mut Bits) -> (f64, u32);
}

/// Evenly at some operators.
pub(super) struct Evenly {
    /// First operator.
    pub(super) first: u64,
    /// Number of operators.
    pub(super) sites: u64,
}

impl Sites for Evenly {
    /// One word decides both where the operators are a small power of two; the time is in its upper 53 bits.
    #[inline]
    fn draw(&self, bits: &mut Bits) -> (f64, u32) {
        let word = bits.word();
        let site = if self.sites <= 2048 && self.sites.is_power_of_two() {
            word & (self.sites - 1)
        } else {
            bits.below(self.sites)
        };
        (as_unit(word), (self.first + site) as u32)
    }
}

/// When and where orders of one side arrive: evenly over a window, and at some operators.
pub(super) struct Window<S> {
    pub(super) opens: f64,
    pub(super) period: f64,
    pub(super) sites: S,
}

impl<S: Sites> Window<S> {
    /// Brings `arrivals` times `size` orders, which lose patience at the rate `patience` if that is above 0.
    pub(super) fn bring(
        &self,
        arrivals: u64,
        size: u64,
        values: &Values,
        patience: f64,
        into: &mut Vec<Order>,
        bits: &mut Bits,
    ) {
        if let (Values::Constant(value), 1, 0.0) = (values, size, patience) {
            // The usual case in one tight loop.
            into.extend((0..arrivals).map(|_| {
                let (arrival, operator) = self.draw(bits);
                Order { arrival, value: *value, deadline: f64::INFINITY, operator, attempts: 0 }
            }));
            return;
        }
        for _ in 0..arrivals {
            let (arrival, operator) = self.draw(bits);
            for _ in 0..size {
                let patient = if patience > 0.0 { exponential(patience, bits) } else { f64::INFINITY };
                let (value, deadline) = (values.draw(bits), arrival + patient);
                into.push(Order { arrival, value, deadline, operator, attempts: 0 });
            }
        }
    }

    #[inline]
    fn draw(&self, bits: &mut Bits) -> (f64, u32) {
        let (passed, operator) = self.sites.draw(bits);
        (self.opens + self.period * passed, operator)
    }
}

/// An exponential time of mean `1/rate`.
pub(super) fn exponential(rate: f64, bits: &mut Bits) -> f64 {
    draws::exponential(bits) / rate
}

/// A Poisson count whose mean was not known beforehand.
pub(super) fn poisson(mean: f64, bits: &mut Bits) -> u64 {
    // No count has a mean of 0 or one too small to divide by.
    Poisson::new(mean).map_or(0, |law| {
        let n: f64 = law.sample(bits);
        n as u64
    })
}
