//! The greatest value of a function of one variable on a range that has been scanned.

use super::roots::Valued;

/// Steps of the golden section into one peak.
const MOST_STEPS: usize = 200;

/// `(3 - √5)/2`, the golden section of a bracket.
const GOLDEN: f64 = 0.381_966_011_250_105_1;

/// An end of the scanned range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The first point.
    Lower,
    /// The last point.
    Upper,
}

/// The greatest value found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Maximum {
    /// Where.
    pub at: f64,
    /// The value there.
    pub value: f64,
    /// At both ends the function is lower than at `at` by more than its noise, so that a peak lies in between; an end of the
    /// peak's own neighbourhood in the scan where the function is flatter than that.
    pub bracket: [f64; 2],
    /// The end of the range at which it lies, if it does.
    pub end: Option<End>,
}

/// The greatest value of `f` on the range of rising `points`, at which it has `values`.
///
/// Every point that is at least as high as its neighbours opens a peak between them. A peak that is concave rises above its
/// point by no more than the point rises above its lower neighbour; the golden section goes into every peak that could win
/// if it rose by twice that, and down to where the function differs from its top by nothing but noise. Of peaks that are equal within
/// their noise the lowest wins, so that rounding decides nothing.
///
/// Limits: a peak narrower than the distance of the points that shows at none of them remains unseen, and so does the
/// second of two within one bracket; a finer scan finds them. Values may be `-∞` and must not be NaN. `None` without points.
///
/// # Errors
/// Those of `f`.
///
/// ```
/// use pooltree::kernels::{maximum::scanned, roots::Valued};
/// // Peaks at 1 and, higher, at 4; one point sees each of them.
/// let f = |x: f64| Ok::<_, pooltree::Error>(Valued::exact((-(x - 1.0).powi(2)).exp() + 1.5 * (-(x - 4.0).powi(2)).exp()));
/// let points = [-1.0, 0.7, 2.4, 4.6, 6.0];
/// let values = points.iter().map(|&x| f(x)).collect::<Result<Vec<_>, _>>()?;
/// let highest = scanned(f, &points, &values)?.unwrap();
/// assert!((highest.at - 4.0).abs() < 1e-3 && highest.end.is_none());
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn scanned<E>(
    f: impl Fn(f64) -> Result<Valued, E>,
    points: &[f64],
    values: &[Valued],
) -> Result<Option<Maximum>, E> {
    let Some(last) = points.len().checked_sub(1) else { return Ok(None) };
    let height = |i: usize| values[i].value;
    let seen = values.iter().map(|v| v.value).fold(f64::NEG_INFINITY, f64::max);
    let mut greatest: Option<(Maximum, f64)> = None;
    for i in 0..=last {
        let (left, right) = (i.saturating_sub(1), (i + 1).min(last));
        let opens = (i == 0 || height(i) > height(left)) && (i == last || height(i) >= height(right));
        let inner = i > 0 && i < last;
        let promise = if inner { 3.0 * height(i) - 2.0 * height(left).min(height(right)) } else { f64::INFINITY };
        if !opens || promise < seen {
            continue;
        }
        let peak = Peak { f: &f, range: [points[left], points[right]] };
        let (at, top) = peak.climb(points[i], values[i])?;
        if greatest.is_none_or(|(best, noise)| top.value > best.value + noise.max(top.noise)) {
            let (at, top, bracket) = peak.bracket(at, top)?;
            let end = match at {
                x if x == points[0] => Some(End::Lower),
                x if x == points[last] => Some(End::Upper),
                _ => None,
            };
            greatest = Some((Maximum { at, value: top.value, bracket, end }, top.noise));
        }
    }
    Ok(greatest.map(|(maximum, _)| maximum))
}

/// The neighbourhood of a scanned point that is at least as high as its neighbours.
struct Peak<'f, F> {
    f: &'f F,
    range: [f64; 2],
}

impl<E, F: Fn(f64) -> Result<Valued, E>> Peak<'_, F> {
    /// The top by the golden section, starting from the point `m`, which may be an end of the range.
    fn climb(&self, mut m: f64, mut top: Valued) -> Result<(f64, Valued), E> {
        let [mut a, mut b] = self.range;
        for _ in 0..MOST_STEPS {
            let x = if b - m > m - a { m + GOLDEN * (b - m) } else { m - GOLDEN * (m - a) };
            if !(x > a && x < b) || x == m {
                break;
            }
            let at_x = (self.f)(x)?;
            let flat = (at_x.value - top.value).abs() <= top.noise.max(at_x.noise);
            if at_x.value > top.value {
                *(if x < m { &mut b } else { &mut a }) = m;
                (m, top) = (x, at_x);
            } else if x < m {
                a = x;
            } else {
                b = x;
            }
            // Once is chance, far from the top on both sides of it; by then the bracket must be small, too.
            if flat && b - a <= 1e-3 * (self.range[1] - self.range[0]) {
                break;
            }
        }
        Ok((m, top))
    }

    /// Steps out from the top, doubling, until the function is lower by more than its noise; a higher point on the way is
    /// the new top.
    fn bracket(&self, at: f64, top: Valued) -> Result<(f64, Valued, [f64; 2]), E> {
        let (mut at, mut top) = (at, top);
        let mut ends = self.range;
        for (side, end) in ends.iter_mut().enumerate() {
            let limit = self.range[side];
            let mut step = (1e-9 * (self.range[1] - self.range[0])).max(4.0 * f64::EPSILON * at.abs());
            let from = at;
            *end = loop {
                let x = if side == 0 { from - step } else { from + step };
                if if side == 0 { x <= limit } else { x >= limit } {
                    break limit;
                }
                let value = (self.f)(x)?;
                if value.value < top.value - 2.0 * top.noise {
                    break x;
                }
                if value.value > top.value {
                    (at, top) = (x, value);
                }
                step *= 2.0;
            };
        }
        Ok((at, top, ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::kernels::elementary::{exp, sin};

    fn greatest(f: impl Fn(f64) -> f64, noise: f64, points: &[f64]) -> Maximum {
        let f = |x: f64| Ok::<_, Error>(Valued { value: f(x), noise });
        let values: Vec<Valued> = points.iter().map(|&x| f(x).unwrap()).collect();
        scanned(f, points, &values).unwrap().unwrap()
    }

    fn grid(lo: f64, hi: f64, n: u32) -> Vec<f64> {
        (0..=n).map(|i| lo + (hi - lo) * f64::from(i) / f64::from(n)).collect()
    }

    #[test]
    fn finds_the_top_to_the_root_of_the_noise() {
        let found = greatest(|x| 3.0 - (x - 0.123).powi(2), 1e-14, &grid(-1.0, 1.0, 7));
        assert!((found.at - 0.123).abs() < 1e-6, "{found:?}");
        assert!(found.bracket[0] < 0.123 && 0.123 < found.bracket[1] && found.end.is_none());
        assert!(found.bracket[1] - found.bracket[0] < 2e-6, "{found:?}");
        // A kink is found to the last bits.
        let found = greatest(|x: f64| -(x - 0.3).abs(), 0.0, &grid(-1.0, 1.0, 7));
        assert!((found.at - 0.3).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn the_higher_of_two_peaks_wins_even_if_its_point_is_lower() {
        // At the points the wide peak at 1 shows 1, the narrow and higher one at 3.4 less.
        let f = |x: f64| exp(-(x - 1.0).powi(2)) + 1.2 * exp(-4.0 * (x - 3.4).powi(2));
        let points = grid(0.0, 6.0, 6);
        assert!(f(3.0) < f(1.0));
        let found = greatest(f, 0.0, &points);
        assert!((found.at - 3.4).abs() < 0.01 && found.value > f(3.4), "{found:?}"); // the tail of the other moves it a little
    }

    #[test]
    fn ends_and_flat_functions() {
        let rising = greatest(|x| x, 0.0, &grid(0.0, 2.0, 5));
        assert_eq!((rising.at, rising.end, rising.bracket[1]), (2.0, Some(End::Upper), 2.0));
        let falling = greatest(|x| -x, 0.0, &grid(0.0, 2.0, 5));
        assert_eq!((falling.at, falling.end), (0.0, Some(End::Lower)));
        let flat = greatest(|_| 1.0, 0.0, &grid(0.0, 2.0, 5));
        assert_eq!((flat.value, flat.bracket), (1.0, [0.0, 0.4]));
        // Between the end and its neighbour, with the neighbour lower.
        let near = greatest(|x: f64| -(x - 0.1).powi(2), 1e-16, &grid(0.0, 2.0, 2));
        assert!((near.at - 0.1).abs() < 1e-6 && near.end.is_none(), "{near:?}");
        assert_eq!(greatest(|x| x, 0.0, &[3.0]).at, 3.0);
        let none: &[f64] = &[];
        assert!(scanned(|x| Ok::<_, Error>(Valued::exact(x)), none, &[]).unwrap().is_none());
    }

    #[test]
    fn infinitely_low_values_are_no_obstacle() {
        let f = |x: f64| if x < 0.05 { f64::NEG_INFINITY } else { -x };
        let found = greatest(f, 0.0, &grid(0.0, 1.0, 4));
        assert!((found.at - 0.05).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn equal_peaks_give_the_lowest() {
        let f = |x: f64| sin(x * std::f64::consts::PI).powi(2);
        assert!((greatest(f, 1e-15, &grid(0.0, 3.0, 31)).at - 0.5).abs() < 1e-6);
    }
}
