//! A flow written out: the rates of every class at every operator.

use super::{Class, Component, CustomFlow, Flow, Kind, Pools};
use crate::error::{Error, Result};
use crate::kernels::elementary::{exp, ln};
use crate::kernels::sum::Sum;
use std::ops::Range;

/// The most rates, of all classes and operators together.
const MOST_RATES: f64 = 5e6;

/// Every class of a flow that was checked against a tree of these pools, components one after the other.
///
/// Where two sides meet at a pool, every pair of operators of different children of it is equally likely: the class of the
/// children `a` and `b` of `P` has a share in proportion to `m_a m_b`, for scale-free flow times `m_P^(-s)`, with `m` the
/// number of operators. In a complete tree that is the flow as [`Kind`] has it.
///
/// # Errors
/// [`Error::Domain`] for a height at which no pool has several children, [`Error::OutOfReach`] for more than 5e6 rates.
pub(crate) fn written_out(flow: &Flow, pools: &Pools) -> Result<CustomFlow> {
    let mut out = Written { pools, copies: flow.asset_pairs(), classes: Vec::new(), rates: 0.0 };
    for (i, (share, component)) in flow.weighted().enumerate() {
        out.component(share * flow.rate(), component).map_err(|e| e.within(&format!("components.{i}")))?;
    }
    CustomFlow::new(pools.operators(), out.classes)
}

struct Written<'p> {
    pools: &'p Pools,
    /// Asset pairs: equal classes at every place.
    copies: f64,
    classes: Vec<Class>,
    rates: f64,
}

/// Two parts of one pool between which a class trades: places in tree order, and its weight.
struct Siblings {
    parts: [Range<usize>; 2],
    weight: f64,
}

impl Written<'_> {
    /// One class at a rate of `rate`, its sides spread evenly over ranges of places.
    fn add(&mut self, rate: f64, side_share: f64, parts: &[Range<usize>; 2]) -> Result<()> {
        self.reach(parts.iter().map(ExactSizeIterator::len).sum::<usize>())?;
        let side = |part: &Range<usize>, share: f64| -> Vec<(usize, f64)> {
            let each = rate * share / part.len() as f64 / self.copies;
            part.clone().map(|place| (self.pools.at_place(place), each)).collect()
        };
        let sides = [side(&parts[0], side_share), side(&parts[1], 1.0 - side_share)];
        self.classes.push(Class::new([&sides[0], &sides[1]])?.with_copies(self.copies as u64));
        Ok(())
    }

    fn reach(&mut self, more: usize) -> Result<()> {
        self.rates += more as f64;
        if self.rates <= MOST_RATES {
            return Ok(());
        }
        let reason = format!(
            "[flow] in pools that differ takes a rate for every class and operator, more than {MOST_RATES:.0e} here"
        );
        Err(Error::OutOfReach { reason })
    }

    fn component(&mut self, rate: f64, component: &Component) -> Result<()> {
        let s = component.side_share();
        let n = self.pools.operators();
        match component.kind() {
            Kind::Uniform => self.add(rate, s, &[0..n, 0..n]),
            Kind::SingleSite { operator } => {
                let place = self.pools.place(*operator as usize);
                self.add(rate, s, &[place..place + 1, place..place + 1])
            }
            Kind::MeetAt { height: 0 } | Kind::Nearby { height: 0 } => {
                (0..n).try_for_each(|place| self.add(rate / n as f64, s, &[place..place + 1, place..place + 1]))
            }
            Kind::MeetAt { height } | Kind::Nearby { height } => self.meet_at(rate, s, [*height], None),
            Kind::Opposite if self.pools.depth() == 0 => self.add(rate, s, &[0..1, 0..1]),
            Kind::Opposite => self.meet_at(rate, s, [self.pools.depth()], None),
            Kind::ScaleFree { exponent } => self.meet_at(rate, s, 1..=self.pools.depth(), Some(*exponent)),
            Kind::CircleDistance { distance } => self.apart(rate, s, *distance as usize),
            Kind::Custom(flow) => {
                for class in flow.classes() {
                    self.reach(class.rates().len())?;
                    let side = |side: usize| -> Vec<(usize, f64)> {
                        class
                            .rates()
                            .iter()
                            .map(|&(operator, rates)| (operator, rates[side] / flow.rate() * rate))
                            .collect()
                    };
                    let scaled = Class::new([&side(0), &side(1)])?.with_copies(class.copies());
                    self.classes.push(match class.pair() {
                        Some(pair) => scaled.with_pair(pair.clone()),
                        None => scaled,
                    });
                }
                Ok(())
            }
        }
    }

    /// Sides in different children of a pool of one of the heights, the larger the pool the rarer by `exponent`.
    fn meet_at(
        &mut self,
        rate: f64,
        side_share: f64,
        heights: impl IntoIterator<Item = u32>,
        exponent: Option<f64>,
    ) -> Result<()> {
        let mut all: Vec<Siblings> = Vec::new();
        let mut ln_weights: Vec<f64> = Vec::new();
        for height in heights {
            for pool in 0..self.pools.count(height) {
                let size = self.pools.range(height, pool).len() as f64;
                let children = self.pools.children(height, pool);
                let pairs = children.len() as f64 * (children.len() as f64 - 1.0);
                if pairs + all.len() as f64 > MOST_RATES {
                    let reason = format!(
                        "[flow] between the parts of a pool has a class for every two of them, more than {MOST_RATES:.0e} here"
                    );
                    return Err(Error::OutOfReach { reason });
                }
                for (a, b) in children.clone().flat_map(|a| children.clone().map(move |b| (a, b))) {
                    if a != b {
                        let parts = [a, b].map(|child| self.pools.range(height - 1, child));
                        let weight = parts.iter().map(|part| part.len() as f64).product();
                        all.push(Siblings { parts, weight });
                        ln_weights.push(-exponent.unwrap_or(0.0) * ln(size));
                    }
                }
            }
        }
        if all.is_empty() {
            let allowed = "a height at which some pool has several children";
            return Err(Error::domain("height", "(no two sides)", allowed));
        }
        // Relative to the largest: nothing overflows.
        let peak = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        all.iter_mut().zip(ln_weights).for_each(|(siblings, ln)| siblings.weight *= exp(ln - peak));
        let total = all.iter().map(|siblings| siblings.weight).collect::<Sum>().value();
        all.into_iter().try_for_each(|Siblings { parts, weight }| self.add(rate * weight / total, side_share, &parts))
    }

    /// Ordered pairs of operators `distance` apart on the circle of places.
    fn apart(&mut self, rate: f64, side_share: f64, distance: usize) -> Result<()> {
        let n = self.pools.operators();
        let twice = 2 * distance != n;
        let rate = rate / if twice { 2.0 * n as f64 } else { n as f64 };
        let one = |place: usize| place..place + 1;
        for place in 0..n {
            let other = (place + distance) % n;
            self.add(rate, side_share, &[one(place), one(other)])?;
            if twice {
                self.add(rate, side_share, &[one(other), one(place)])?;
            }
        }
        Ok(())
    }
}
