//! Roots of a function of one variable: bracketed, and all of those that a scan of a range can see.

use crate::kernels::elementary::exp2;
use std::ops::Neg;

/// Steps after which a bracket is as narrow as it gets, whatever the function.
const MOST_STEPS: i32 = 1200;

/// Steps after which ends of different orders of magnitude are halved in their exponent.
const BY_VALUE: i32 = 40;

/// Steps that interpolation may fall behind bisection.
const SLACK: i32 = 3;

/// Last places of its argument within which the leap of a function lies.
const LAST_PLACES: f64 = 64.0;

/// Steps of the golden section into a dip between scanned points.
const DIP_STEPS: usize = 48;

/// Between neighbouring numbers a function that passes through 0 changes by less than this share of what it changes over the
/// whole bracket.
const LEAP: f64 = 1e-6;

/// The value of a function with the size below which it is nothing but rounding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Valued {
    /// The value.
    pub value: f64,
    /// Values up to this size count as 0; `≥ 0`.
    pub noise: f64,
}

impl Valued {
    /// A value that is exact to the last bit.
    pub fn exact(value: f64) -> Self {
        Self { value, noise: 0.0 }
    }

    /// -1, 0 or 1; 0 within the noise.
    pub fn sign(&self) -> i8 {
        if self.value > self.noise {
            1
        } else if self.value < -self.noise {
            -1
        } else {
            0
        }
    }
}

impl Neg for Valued {
    type Output = Self;

    fn neg(self) -> Self {
        Self { value: -self.value, noise: self.noise }
    }
}

/// A change of sign.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Root {
    /// Where; within the bracket.
    pub at: f64,
    /// The function has one sign at the lower and the other at the upper end; two neighbouring numbers, or nearly, unless
    /// the function is 0 in between.
    pub bracket: [f64; 2],
    /// Whether it changes from below to above 0.
    pub rising: bool,
    /// Whether it leaps over 0 instead of passing through it.
    pub leap: bool,
    /// How far off `at` may be: the width of the bracket and the noise divided by the slope, or at a leap 64 last places.
    pub accuracy: f64,
}

/// The root between `a` and `b`, at which `f` has values of opposite signs `fa` and `fb`.
///
/// Interpolation, truncation and projection (Oliveira and Takahashi 2020): superlinear for a smooth function, never more
/// than a few steps worse than bisection for any. Stops when the ends are neighbouring numbers, or nearly.
///
/// # Errors
/// Those of `f`.
///
/// ```
/// use pooltree::kernels::roots::{Valued, bracketed};
/// let f = |x: f64| Ok::<_, pooltree::Error>(Valued::exact(x * x + x - 1.0));
/// let golden = bracketed(f, [0.0, 1.0], [f(0.0)?, f(1.0)?])?;
/// assert_eq!(golden.at, (5f64.sqrt() - 1.0) / 2.0);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn bracketed<E>(f: impl Fn(f64) -> Result<Valued, E>, ends: [f64; 2], values: [Valued; 2]) -> Result<Root, E> {
    let rising = values[0].value < 0.0;
    let upward = |v: Valued| if rising { v } else { -v };
    let ([mut a, mut b], [mut fa, mut fb]) = (ends, values.map(upward));
    let width = b - a;
    let mut slope = (fb.value - fa.value) / (b - a);
    let mut step = 0;
    while b - a > resolution(a, b) && step < MOST_STEPS {
        let middle = a + 0.5 * (b - a);
        // The projection radius: how far from the middle a step may land and still stay within the slack behind bisection.
        let radius = width * exp2(f64::from(SLACK - step)) - 0.5 * (b - a);
        let falsi = (fb.value * a - fa.value * b) / (fb.value - fa.value);
        let toward = (middle - falsi).signum();
        // At least a step that can be told, so that the far end, too, comes close.
        let truncation = (0.2 * (b - a) * ((b - a) / width)).max(0.75 * resolution(a, b));
        let truncated = if truncation <= (middle - falsi).abs() { falsi + toward * truncation } else { middle };
        let x =
            if (truncated - middle).abs() <= radius.max(0.0) { truncated } else { middle - toward * radius.max(0.0) };
        // Halving takes a thousand steps towards a root next to 0; halving the exponent takes a few.
        let x = if step >= BY_VALUE { between_sizes(a, b).unwrap_or(middle) } else { x };
        let x = if x > a && x < b { x } else { middle };
        if !(x > a && x < b) {
            break;
        }
        let fx = upward(f(x)?);
        if fx.value > 0.0 {
            (b, fb) = (x, fx);
        } else if fx.value < 0.0 {
            (a, fa) = (x, fx);
        } else {
            // An exact 0: the bracket closes around it.
            let [lo, hi] = around(|x| f(x).map(upward), x, [a, b])?;
            let accuracy = hi - lo + fx.noise.max(fa.noise) / slope;
            return Ok(Root { at: x, bracket: [lo, hi], rising, leap: false, accuracy });
        }
        if fb.value - fa.value > 1e4 * fa.noise.max(fb.noise) {
            slope = (fb.value - fa.value) / (b - a); // not yet blurred by the noise
        }
        step += 1;
    }
    let (first, last) = (values[0].value.abs() + values[1].value.abs(), fb.value - fa.value);
    let leap = last > LEAP * first && width > 1e8 * resolution(a, b) && last > 2.0 * fa.noise.max(fb.noise);
    // Where a function leaps, rounding of whatever is rounded up or down there moves the leap by some last places.
    let accuracy = if leap {
        b - a + LAST_PLACES * f64::EPSILON * a.abs().max(b.abs())
    } else {
        b - a + fa.noise.max(fb.noise) / slope
    };
    Ok(Root { at: if -fa.value < fb.value { a } else { b }, bracket: [a, b], rising, leap, accuracy })
}

/// A point between two ends of different orders of magnitude, in the middle of these.
fn between_sizes(a: f64, b: f64) -> Option<f64> {
    let sized = |small: f64, large: f64| {
        let small = small.max(large * 1e-16);
        (large / small > 16.0).then(|| small.sqrt() * large.sqrt())
    };
    if a >= 0.0 {
        sized(a, b)
    } else if b <= 0.0 {
        sized(-b, -a).map(|x| -x)
    } else {
        Some(0.0)
    }
}

/// Two units in the last place of the larger end.
fn resolution(a: f64, b: f64) -> f64 {
    (2.0 * f64::EPSILON * a.abs().max(b.abs())).max(f64::MIN_POSITIVE)
}

/// The narrowest bracket around an exact root of a function that rises through it, by doubling.
fn around<E>(f: impl Fn(f64) -> Result<Valued, E>, root: f64, within: [f64; 2]) -> Result<[f64; 2], E> {
    let mut width = resolution(root, root);
    let (mut lo, mut hi) = (None, None);
    while lo.is_none() || hi.is_none() {
        if lo.is_none() && (root - width <= within[0] || f(root - width)?.value < 0.0) {
            lo = Some((root - width).max(within[0]));
        }
        if hi.is_none() && (root + width >= within[1] || f(root + width)?.value > 0.0) {
            hi = Some((root + width).min(within[1]));
        }
        width *= 2.0;
    }
    Ok([lo.unwrap_or(within[0]), hi.unwrap_or(within[1])])
}

/// All roots that the `values` of `f` at rising `points` betray: a change of sign between two points, and a dip towards 0
/// that turns out to reach beyond it.
///
/// Values within their noise are neither above nor below 0. One between two signs is a root like any other; several are a
/// stretch on which the function is 0: the bracket spans it and `at` is its middle. Two roots between neighbouring points
/// with no dip among the points remain unseen: a finer scan finds them.
///
/// # Errors
/// Those of `f`.
///
/// ```
/// use pooltree::kernels::roots::{Valued, scanned};
/// let f = |x: f64| Ok::<_, pooltree::Error>(Valued::exact((x - 0.4999) * (x - 0.5001) * (x - 3.0)));
/// let points: Vec<f64> = (0..=8).map(|i| 0.5 * f64::from(i)).collect();
/// let values = points.iter().map(|&x| f(x)).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(scanned(f, &points, &values)?.len(), 3); // two of them seen at one point only
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn scanned<E>(f: impl Fn(f64) -> Result<Valued, E>, points: &[f64], values: &[Valued]) -> Result<Vec<Root>, E> {
    let mut roots = Vec::new();
    let mut last: Option<usize> = None;
    for (i, value) in values.iter().enumerate() {
        let sign = value.sign();
        if sign == 0 {
            continue;
        }
        if let Some(p) = last.filter(|&p| values[p].sign() != sign) {
            roots.push(if i - p <= 2 {
                bracketed(&f, [points[p], points[i]], [values[p], values[i]])?
            } else {
                let left = edge(&f, points[p], points[p + 1], values[p].sign())?;
                let right = edge(&f, points[i], points[i - 1], sign)?;
                let at = left + 0.5 * (right - left);
                Root { at, bracket: [left, right], rising: sign > 0, leap: false, accuracy: right - left }
            });
        }
        last = Some(i);
    }
    for i in 1..points.len().saturating_sub(1) {
        let sign = values[i].sign();
        let size = |j: usize| values[j].value.abs();
        let alike = sign != 0 && values[i - 1].sign() == sign && values[i + 1].sign() == sign;
        if alike
            && size(i) <= size(i - 1).min(size(i + 1))
            && size(i) < size(i - 1).max(size(i + 1))
            && let Some((x, value)) = beyond(&f, [points[i - 1], points[i], points[i + 1]], values[i])?
        {
            roots.push(bracketed(&f, [points[i - 1], x], [values[i - 1], value])?);
            roots.push(bracketed(&f, [x, points[i + 1]], [value, values[i + 1]])?);
        }
    }
    roots.sort_unstable_by(|a, b| a.at.total_cmp(&b.at));
    Ok(roots)
}

/// Where the function ceases to have `sign`, between `inside`, where it has, and `outside`, where it has not.
fn edge<E>(f: impl Fn(f64) -> Result<Valued, E>, inside: f64, outside: f64, sign: i8) -> Result<f64, E> {
    let (mut inside, mut outside) = (inside, outside);
    for _ in 0..MOST_STEPS {
        let middle = inside + 0.5 * (outside - inside);
        if (outside - inside).abs() <= resolution(inside, outside) || middle == inside || middle == outside {
            break;
        }
        if f(middle)?.sign() == sign { inside = middle } else { outside = middle }
    }
    Ok(inside)
}

/// A point in a dip of three points at which the function has the other sign, by the golden section.
fn beyond<E>(
    f: impl Fn(f64) -> Result<Valued, E>,
    [mut a, mut m, mut b]: [f64; 3],
    mut at_m: Valued,
) -> Result<Option<(f64, Valued)>, E> {
    let sign = at_m.sign();
    let up = |v: Valued| if sign > 0 { v } else { -v };
    at_m = up(at_m);
    for _ in 0..DIP_STEPS {
        let golden = 0.5 * (3.0 - 5f64.sqrt());
        let x = if b - m > m - a { m + golden * (b - m) } else { m - golden * (m - a) };
        if !(x > a && x < b) || x == m {
            break;
        }
        let at_x = up(f(x)?);
        if at_x.sign() < 0 {
            return Ok(Some((x, if sign > 0 { at_x } else { -at_x })));
        }
        let (left, right) = if x < m { (x, m) } else { (m, x) };
        if (at_x.value < at_m.value) == (x < m) {
            b = right;
        } else {
            a = left;
        }
        if at_x.value < at_m.value {
            (m, at_m) = (x, at_x);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::kernels::elementary::{cbrt, exp, ln, sin};

    fn root(f: impl Fn(f64) -> f64, lo: f64, hi: f64) -> Root {
        let f = |x: f64| Ok::<_, Error>(Valued::exact(f(x)));
        bracketed(f, [lo, hi], [f(lo).unwrap(), f(hi).unwrap()]).unwrap()
    }

    fn roots(f: impl Fn(f64) -> f64, noise: f64, points: &[f64]) -> Vec<Root> {
        let f = |x: f64| Ok::<_, Error>(Valued { value: f(x), noise });
        let values: Vec<Valued> = points.iter().map(|&x| f(x).unwrap()).collect();
        scanned(f, points, &values).unwrap()
    }

    fn grid(lo: f64, hi: f64, n: u32) -> Vec<f64> {
        (0..=n).map(|i| lo + (hi - lo) * f64::from(i) / f64::from(n)).collect()
    }

    #[test]
    fn smooth_functions_to_the_last_digits() {
        type Case = (fn(f64) -> f64, f64, f64, f64);
        let cases: [Case; 6] = [
            (|x| x * x - 2.0, 0.0, 2.0, 2f64.sqrt()),
            (|x| 2.0 - x * x, 0.0, 2.0, 2f64.sqrt()),
            (|x| exp(x) - 1e-3, -50.0, 1.0, ln(1e-3)),
            (|x| x.powi(9) - 1e-45, 0.0, 1.0, 1e-5),
            (|x| ln(x) + 20.0, 1e-300, 1.0, exp(-20.0)),
            (|x| cbrt(x - 0.25), 0.0, 1.0, 0.25),
        ];
        for (f, lo, hi, expected) in cases {
            let root = root(f, lo, hi);
            approx::assert_relative_eq!(root.at, expected, max_relative = 2e-15);
            assert!(root.bracket[0] <= root.at && root.at <= root.bracket[1] && !root.leap, "{root:?}");
            assert!(f(root.bracket[0]) * f(root.bracket[1]) < 0.0, "{root:?}");
            assert!(root.bracket[1] - root.bracket[0] <= 1e-14 * expected.abs(), "{root:?}");
        }
    }

    #[test]
    fn superlinear_where_smooth_and_bounded_where_not() {
        let steps = |f: fn(f64) -> f64| {
            let count = std::cell::Cell::new(0);
            let counted = |x: f64| {
                count.set(count.get() + 1);
                f(x)
            };
            root(counted, 0.0, 3.0);
            count.get()
        };
        let smooth = steps(|x| exp(x) - 2.0);
        assert!(smooth < 20, "{smooth}");
        assert!(steps(|x| if x < 1.7 { -1.0 } else { 1e9 }) < 60);
        assert!(steps(|x| if x <= 0.0 { -1.0 } else { 1e9 }) < 120);
        assert!(steps(|x| x - 1e-200) < 140);
    }

    #[test]
    fn a_leap_is_called_one() {
        let leap = root(|x| if x < 0.3 { -1.0 } else { 2.0 }, 0.0, 1.0);
        assert!(leap.leap && leap.rising);
        approx::assert_relative_eq!(leap.at, 0.3, max_relative = 1e-15);
    }

    #[test]
    fn all_roots_and_no_others() {
        let points = grid(0.0, 10.0, 40);
        let found = roots(sin, 1e-15, &points[1..]);
        assert_eq!(found.iter().map(|r| r.rising).collect::<Vec<_>>(), [false, true, false]);
        for (i, root) in found.iter().enumerate() {
            approx::assert_relative_eq!(root.at, std::f64::consts::PI * (i + 1) as f64, max_relative = 1e-15);
        }
        // A dip that stays above 0, and one that does not.
        assert_eq!(roots(|x| (x - 5.1) * (x - 5.1) + 1e-9, 0.0, &points).len(), 0);
        assert_eq!(roots(|x| (x - 5.1) * (x - 5.1) - 1e-4, 0.0, &points).len(), 2);
        assert_eq!(roots(|x| 1e-4 - (x - 5.1) * (x - 5.1), 0.0, &points).len(), 2);
        // Rounding around 0 is no root.
        assert_eq!(roots(|x| 1e-16 * sin(1e6 * x), 1e-15, &points).len(), 0);
    }

    #[test]
    fn a_stretch_of_zero_is_the_bracket() {
        let found = roots(|x| (x - 7.0).max(0.0) + (x - 3.0).min(0.0), 1e-12, &grid(0.0, 10.0, 33));
        assert_eq!(found.len(), 1);
        approx::assert_relative_eq!(found[0].bracket[0], 3.0, max_relative = 1e-12);
        approx::assert_relative_eq!(found[0].bracket[1], 7.0, max_relative = 1e-12);
    }
}
