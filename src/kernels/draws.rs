//! Draws of real numbers with the same bits on every platform: exponential, normal and Gamma variates.
//!
//! The samplers of `rand_distr` take logarithms from the platform (see [`elementary`](super::elementary)), so that a variate
//! far out has other last digits elsewhere. These here draw the same variates from the same random words with the library's
//! own functions. Whole numbers (Poisson and binomial counts) come from `rand_distr` as they are: there a function of
//! the platform only decides between accepting and rejecting, and a last digit turns one decision in about `10^15`.

use super::elementary::{exp, ln, pow};
use rand::distr::Open01;
use rand::{Rng, RngExt};
use std::sync::LazyLock;

/// Layers of a ziggurat.
const LAYERS: usize = 256;

/// Where the tail of the exponential law begins: 256 layers of equal area end at 0 (Marsaglia and Tsang 2000).
const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;

/// Where that of the normal law begins.
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

/// Layers of equal area under a falling density with `f(0) = 1` (Marsaglia and Tsang 2000; choice of the layer by bits
/// that the place in it does not use: Doornik 2005).
struct Ziggurat {
    /// Right ends of the layers; of the lowest one, as wide as its area is without its tail.
    ends: [f64; LAYERS + 1],
    /// Density at the ends.
    heights: [f64; LAYERS + 1],
}

impl Ziggurat {
    /// `area` of a layer, `f` the density and `inverse` its inverse.
    fn new(tail: f64, area: f64, f: impl Fn(f64) -> f64, inverse: impl Fn(f64) -> f64) -> Self {
        let mut ends = [0.0; LAYERS + 1];
        (ends[0], ends[1]) = (area / f(tail), tail);
        for i in 2..LAYERS {
            ends[i] = inverse(f(ends[i - 1]) + area / ends[i - 1]);
        }
        Self { ends, heights: ends.map(f) }
    }

    /// A variate; `signed` makes it symmetric, `tail` draws beyond the lowest layer, given a number of the wanted sign.
    #[inline]
    fn draw<R: Rng + ?Sized>(
        &self,
        rng: &mut R,
        signed: bool,
        f: impl Fn(f64) -> f64,
        tail: impl Fn(&mut R, f64) -> f64,
    ) -> f64 {
        loop {
            let word = rng.next_u64();
            // 256 layers: the index is in bounds.
            let layer = (word & 0xff) as usize;
            let place = (word >> 12) as f64;
            let unit = if signed { place / 2f64.powi(51) - 1.0 } else { (place + 0.5) / 2f64.powi(52) };
            let x = unit * self.ends[layer];
            if x.abs() < self.ends[layer + 1] {
                return x;
            }
            if layer == 0 {
                return tail(rng, unit);
            }
            let (low, high) = (self.heights[layer + 1], self.heights[layer]);
            if low + (high - low) * rng.random::<f64>() < f(x) {
                return x;
            }
        }
    }
}

static EXPONENTIAL: LazyLock<Ziggurat> = LazyLock::new(|| {
    let area = (EXPONENTIAL_TAIL + 1.0) * exp(-EXPONENTIAL_TAIL);
    Ziggurat::new(EXPONENTIAL_TAIL, area, |x| exp(-x), |height| -ln(height))
});

static NORMAL: LazyLock<Ziggurat> = LazyLock::new(|| {
    // The area as published (Doornik 2005), which closes the layers to 1e-9: that is how far they are from even.
    const AREA: f64 = 0.004_928_673_233_99;
    Ziggurat::new(NORMAL_TAIL, AREA, bell, |height| (-2.0 * ln(height)).sqrt())
});

/// Density of the normal law, 1 at 0.
fn bell(x: f64) -> f64 {
    exp(-0.5 * x * x)
}

/// A standard exponential variate, `≥ 0`.
#[inline]
pub(crate) fn exponential<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    // Beyond any point the law is the same again.
    // Half of the smallest step stands for 0.
    EXPONENTIAL.draw(
        rng,
        false,
        |x| exp(-x),
        |rng, _| EXPONENTIAL_TAIL - ln(rng.random::<f64>().max(0.25 * f64::EPSILON)),
    )
}

/// A standard normal variate.
#[inline]
pub(crate) fn normal<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    NORMAL.draw(rng, true, bell, |rng, sign| {
        // Exponential beyond the tail's begin, thinned (Marsaglia 1964).
        loop {
            let [beyond, thinning] = [(); 2].map(|()| -ln(rng.sample::<f64, _>(Open01)));
            let beyond = beyond / NORMAL_TAIL;
            if 2.0 * thinning >= beyond * beyond {
                return (NORMAL_TAIL + beyond).copysign(sign);
            }
        }
    })
}

/// A Gamma variate with `shape > 0` and mean 1 (Marsaglia and Tsang 2000, *A simple method for generating Gamma variables*).
pub(crate) fn gamma_of_mean_one<R: Rng + ?Sized>(shape: f64, rng: &mut R) -> f64 {
    if shape == 1.0 {
        return exponential(rng);
    }
    // Below a shape of 1: one of shape + 1, times U^(1/shape).
    let (lift, raised) = if shape < 1.0 { (pow(rng.sample(Open01), shape.recip()), shape + 1.0) } else { (1.0, shape) };
    let d = raised - 1.0 / 3.0;
    let c = (9.0 * d).sqrt().recip();
    loop {
        let x = normal(rng);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let (v, u): (f64, f64) = (root * root * root, rng.sample(Open01));
        let square = x * x;
        if u < 1.0 - 0.0331 * square * square || ln(u) < 0.5 * square + d * (1.0 - v + ln(v)) {
            return v * lift * d / shape;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

    /// The largest relative difference between draws of two samplers from the same words.
    fn difference(ours: impl Fn(&mut ChaCha8Rng) -> f64, theirs: impl Fn(&mut ChaCha8Rng) -> f64) -> f64 {
        let [mut a, mut b] = [(); 2].map(|()| ChaCha8Rng::seed_from_u64(3));
        (0..1_000_000).map(|_| (ours(&mut a), theirs(&mut b))).map(|(x, y)| (x - y).abs() / y.abs()).fold(0.0, f64::max)
    }

    /// The laws: the same variates as those of another implementation, but for their last digits.
    #[test]
    fn the_variates_of_rand_distr() {
        assert!(difference(exponential, |rng| Exp1.sample(rng)) < 1e-11);
        assert!(difference(normal, |rng| StandardNormal.sample(rng)) < 1e-11);
        // The test tells samplers apart.
        assert!(difference(exponential, |rng| StandardNormal.sample(rng)) > 0.1);
        for shape in [0.05, 0.7, 1.0, 4.0, 1e6] {
            let law = Gamma::new(shape, 1.0 / shape).unwrap();
            assert!(difference(|rng| gamma_of_mean_one(shape, rng), |rng| law.sample(rng)) < 1e-10, "{shape}");
        }
    }

    /// The layers end where the density is 1.
    #[test]
    fn layers_fill_the_area() {
        for ziggurat in [&*EXPONENTIAL, &*NORMAL] {
            let area = ziggurat.ends[255] * (1.0 - ziggurat.heights[255]);
            let lowest = ziggurat.ends[0] * ziggurat.heights[1];
            assert!((area / lowest - 1.0).abs() < 2e-9, "{area} {lowest}");
        }
    }
}
