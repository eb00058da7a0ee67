//! Axes: where a value lies, and which values are named.

use super::letters::{label, plain, scientific};
use crate::explore::axis::Spacing;

/// A named value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// Named values from the lowest to the highest, and others that are only marked.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Ticks {
    pub(super) named: Vec<Tick>,
    pub(super) minor: Vec<f64>,
}

/// How much room names take: pixels of the axis, of a name along it, and between two names.
pub(super) struct Room<'a> {
    pub(super) length: f64,
    pub(super) of: &'a dyn Fn(&str) -> f64,
    pub(super) gap: f64,
}

/// From one end to the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    lo: f64,
    hi: f64,
    spacing: Spacing,
    /// The first and the last value that are always named.
    ends: Option<[f64; 2]>,
    whole: bool,
}

/// A multiple of a power of ten, so that it and its name are exact.
#[derive(Debug, Clone, Copy)]
struct Round {
    multiple: i64,
    exponent: i32,
}

impl Round {
    fn value(self) -> f64 {
        // The nearest number to the decimal one; a product would be off by a digit.
        format!("{}e{}", self.multiple, self.exponent).parse().unwrap_or(f64::NAN)
    }
}

/// How the numbers of an axis are written: all plain, or all as multiples of powers of ten.
#[derive(Clone, Copy)]
struct Names {
    scientific: bool,
    /// Exponent of the last digit.
    last: i32,
}

impl Names {
    fn of(self, value: f64) -> String {
        if self.scientific {
            let digits = exponent(value) - self.last;
            scientific(value, digits.clamp(0, 16) as usize)
        } else {
            plain(value, (-self.last).clamp(0, 20) as usize)
        }
    }
}

fn exponent(value: f64) -> i32 {
    if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 }
}

impl Scale {
    pub(super) fn new([lo, hi]: [f64; 2], spacing: Spacing) -> Self {
        Self { lo, hi, spacing, ends: None, whole: false }
    }

    /// From 0 or a lower value to a round number above `high`; to 1 if all is 0.
    pub(super) fn up_to(low: f64, high: f64) -> Self {
        let (low, high) = (low.min(0.0), if high > 0.0 || low < 0.0 { high.max(0.0) } else { 1.0 });
        let (mut lo, mut hi) = (low, high);
        if let Some(step) = steps(high / 5.0 - low / 5.0).next() {
            let step = step.value();
            (lo, hi) = ((low / step).floor() * step, (high / step - 1e-9).ceil() * step);
        }
        let drawn = lo < hi && lo.is_finite() && hi.is_finite();
        Self::new(if drawn { [lo, hi] } else { [low, high] }, Spacing::Linear)
    }

    /// Names these values too, whatever is round.
    pub(super) fn with_ends(self, lo: f64, hi: f64) -> Self {
        Self { ends: Some([lo, hi]), ..self }
    }

    /// Names no fractions.
    pub(super) fn whole(self, whole: bool) -> Self {
        Self { whole, ..self }
    }

    pub(super) fn range(&self) -> [f64; 2] {
        [self.lo, self.hi]
    }

    /// The share of the axis below a value.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.spacing {
            // Halves, so that no difference overflows.
            Spacing::Linear => (0.5 * value - 0.5 * self.lo) / (0.5 * self.hi - 0.5 * self.lo),
            Spacing::Logarithmic => (value.ln() - self.lo.ln()) / (self.hi.ln() - self.lo.ln()),
        }
    }

    /// The values to be named: round ones, as many as there is room for, and the ends.
    ///
    /// On a linear axis multiples of 1, 2 or 5 times a power of ten. On a logarithmic one all multiples 1 to 9 within one
    /// decade, then 1, 2 and 5, then powers of ten, then every second, third, … of them; as on a linear axis where the
    /// range holds fewer than three of them.
    pub(super) fn ticks(&self, room: &Room) -> Ticks {
        let mut ticks = match self.spacing {
            Spacing::Linear => self.linear(room),
            Spacing::Logarithmic => self.logarithmic(room),
        };
        let named = ticks.named.iter().map(|tick| tick.at).collect::<Vec<_>>();
        ticks.minor.retain(|at| !named.contains(at));
        ticks
    }

    /// Whether names stand apart.
    fn fits(&self, named: &[Tick], room: &Room) -> bool {
        named.windows(2).all(|pair| self.apart(&pair[0], &pair[1], room))
    }

    fn apart(&self, a: &Tick, b: &Tick, room: &Room) -> bool {
        let between = (self.place(b.at) - self.place(a.at)).abs() * room.length;
        between >= 0.5 * ((room.of)(&a.label) + (room.of)(&b.label)) + room.gap
    }

    fn within(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.place(value))
    }

    /// Round values with the ends among them: where they collide the ends stay.
    fn with_the_ends(&self, mut named: Vec<Tick>, names: Names, room: &Room) -> Vec<Tick> {
        for end in self.ends.into_iter().flatten() {
            if named.iter().any(|tick| (self.place(tick.at) - self.place(end)).abs() < 1e-9) {
                continue;
            }
            let end = Tick { at: end, label: names.of(end) };
            let is_end = |at: f64| self.ends.is_some_and(|ends| ends.contains(&at));
            named.retain(|tick| is_end(tick.at) || self.apart(tick, &end, room));
            if named.iter().all(|tick| self.apart(tick, &end, room)) {
                named.push(end);
            }
        }
        named.sort_by(|a, b| a.at.total_cmp(&b.at));
        named
    }

    fn linear(&self, room: &Room) -> Ticks {
        let most = self.lo.abs().max(self.hi.abs());
        let least = if self.whole { 1.0 } else { 0.0 };
        let span = 0.5 * self.hi - 0.5 * self.lo;
        for step in steps(0.02 * span).filter(|step| step.value() >= least).take(16) {
            let (from, to) = ((self.lo / step.value()).ceil(), (self.hi / step.value()).floor());
            if !(most / step.value() < 1e15) {
                continue; // neighbours would be one number
            }
            // A name has as many digits as the step, and a power of ten where it would be long.
            let high = exponent(most);
            let long = !(-4..6).contains(&high);
            let names = Names { scientific: long && high - step.exponent <= 5, last: step.exponent };
            // Division may have lost a multiple at either end.
            let named: Vec<Tick> = (from as i64 - 1..=to as i64 + 1)
                .map(|i| Round { multiple: i.saturating_mul(step.multiple), exponent: step.exponent }.value())
                .filter(|at| self.within(*at))
                .map(|at| Tick { at, label: names.of(at) })
                .collect();
            if named.len() < 2 {
                break;
            }
            if self.fits(&named, room) {
                let finer = Names { last: names.last - 2, ..names };
                let finer = if self.whole { names } else { finer };
                return Ticks { named: self.with_the_ends(named, finer, room), minor: Vec::new() };
            }
        }
        // A range of one number or none: its ends.
        let [lo, hi] = self.ends.unwrap_or([self.lo, self.hi]);
        let mut named = vec![Tick { at: lo, label: label(lo) }, Tick { at: hi, label: label(hi) }];
        if named[0].label == named[1].label {
            named = [lo, hi].map(|at| Tick { at, label: format!("{at:e}") }).to_vec();
        }
        if !self.fits(&named, room) {
            named.truncate(1);
        }
        Ticks { named, minor: Vec::new() }
    }

    fn logarithmic(&self, room: &Room) -> Ticks {
        let decades = exponent(self.lo) - 1..=exponent(self.hi) + 1;
        let of = |multiples: &[i64], every: i32| -> Vec<Round> {
            let all = decades.clone().filter(|e| e.rem_euclid(every) == 0);
            let all = all.flat_map(|exponent| multiples.iter().map(move |&multiple| Round { multiple, exponent }));
            all.filter(|round| self.within(round.value()) && (!self.whole || round.exponent >= 0)).collect()
        };
        let long = self.lo < 1e-4 || self.hi >= 1e6;
        let named = |rounds: &[Round]| -> Vec<Tick> {
            let name = |round: &Round| Names { scientific: long, last: round.exponent }.of(round.value());
            rounds.iter().map(|round| Tick { at: round.value(), label: name(round) }).collect()
        };
        let nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        let minor = |every: i32| -> Vec<f64> {
            let rounds = match every {
                1 => of(&nine, 1),
                _ => of(&[1], 1),
            };
            if rounds.len() > 120 { Vec::new() } else { rounds.into_iter().map(Round::value).collect() }
        };
        let short = self.hi / self.lo <= 10.0 * (1.0 + 1e-9);
        let mut candidates = vec![(of(&[1, 2, 5], 1), 1)];
        if short {
            candidates.insert(0, (of(&nine, 1), 1));
        }
        let every = [1, 2, 3, 5, 10, 20, 50, 100, 200];
        candidates.extend(every.into_iter().map(|every| (of(&[1], every), every)));
        let least = if short { 3 } else { 1 };
        for (rounds, every) in candidates {
            let named = named(&rounds);
            if named.len() >= least && self.fits(&named, room) {
                return Ticks { named: self.with_log_ends(named, long, room), minor: minor(every) };
            }
        }
        self.linear(room)
    }

    /// The ends with four digits, three beside powers of ten.
    fn with_log_ends(&self, mut named: Vec<Tick>, long: bool, room: &Room) -> Vec<Tick> {
        for end in self.ends.into_iter().flatten() {
            let digits = if long { 2 } else { 3 };
            let names = Names { scientific: long, last: exponent(end) - digits };
            named = Self { ends: Some([end, end]), ..*self }.with_the_ends(named, names, room);
        }
        named
    }
}

/// 1, 2 and 5 times powers of ten from `least` on.
fn steps(least: f64) -> impl Iterator<Item = Round> {
    let first = if least > 0.0 && least.is_finite() { exponent(least) - 1 } else { 400 };
    (first..309)
        .flat_map(|exponent| [1, 2, 5].map(|multiple| Round { multiple, exponent }))
        .filter(move |step| step.value() >= least * (1.0 - 1e-9) && step.value() > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::letters::{SIZE, width};
    use super::*;

    fn ticks(scale: Scale) -> Ticks {
        let [lo, hi] = scale.range();
        let room = Room { length: 600.0, of: &|text| width(text, SIZE), gap: 14.0 };
        scale.with_ends(lo, hi).ticks(&room)
    }

    fn names(lo: f64, hi: f64, spacing: Spacing) -> String {
        let ticks = ticks(Scale::new([lo, hi], spacing));
        ticks.named.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn round_values_are_named_and_both_ends() {
        use Spacing::{Linear, Logarithmic};
        for (lo, hi, spacing, expected) in [(0.0, 1.0, Linear, "")] {
            assert_eq!(names(lo, hi, spacing), expected, "{lo}..{hi}");
        }
    }
}
