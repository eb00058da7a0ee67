//! Axes: where a value lies, and which values are named.

use super::letters::{label, plain, scientific};
use crate::explore::axis::Spacing;
use crate::kernels::elementary::{ln, log10};

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
    if value == 0.0 { 0 } else { log10(value.abs()).floor() as i32 }
}

impl Scale {
    pub(super) fn new([lo, hi]: [f64; 2], spacing: Spacing) -> Self {
        Self { lo, hi, spacing, ends: None, whole: false }
    }

    /// From 0 or a lower value to a round number above `high`; to 1 if all is 0.
    pub(super) fn up_to(low: f64, high: f64) -> Self {
        let (low, high) = (low.min(0.0), if high > 0.0 || low < 0.0 { high.max(0.0) } else { 1.0 });
        let (mut lo, mut hi) = (low, high);
        if let Some(step) = steps(high / 10.0 - low / 10.0).next() {
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

    /// The share of the axis below a value; the middle where the range is too small to tell.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = match self.spacing {
            // Halves, so that no difference overflows.
            Spacing::Linear => (0.5 * value - 0.5 * self.lo) / (0.5 * self.hi - 0.5 * self.lo),
            Spacing::Logarithmic => (ln(value) - ln(self.lo)) / (ln(self.hi) - ln(self.lo)),
        };
        if place.is_finite() { place } else { 0.5 }
    }

    /// The values to be named: round ones, as many as there is room for, and the ends.
    ///
    /// On a linear axis multiples of 1, 2 or 5 times a power of ten. On a logarithmic one all multiples 1 to 9 within one
    /// decade, then 1, 2 and 5, then powers of ten, then every second, third, … of them; as on a linear axis where the
    /// highest value is at most twice the lowest.
    pub(super) fn ticks(&self, room: &Room) -> Ticks {
        let mut ticks = match self.spacing {
            Spacing::Linear => self.linear(room),
            Spacing::Logarithmic => self.logarithmic(room),
        };
        if let Some([lo, hi]) = self.ends {
            let [lo, hi] = [self.place(lo) - 1e-9, self.place(hi) + 1e-9];
            ticks.named.retain(|tick| (lo..=hi).contains(&self.place(tick.at)));
        }
        let named = ticks.named.iter().map(|tick| tick.at).collect::<Vec<_>>();
        ticks.minor.retain(|at| !named.contains(at));
        ticks
    }

    /// Whether names stand apart.
    fn fits(&self, named: &[Tick], room: &Room, gap: f64) -> bool {
        named.windows(2).all(|pair| self.apart(&pair[0], &pair[1], room, gap))
    }

    fn apart(&self, a: &Tick, b: &Tick, room: &Room, gap: f64) -> bool {
        let between = (self.place(b.at) - self.place(a.at)).abs() * room.length;
        between >= 0.5 * ((room.of)(&a.label) + (room.of)(&b.label)) + gap
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
            named.retain(|tick| is_end(tick.at) || self.apart(tick, &end, room, room.gap));
            if named.iter().all(|tick| self.apart(tick, &end, room, room.gap)) {
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
            if named.len() < if self.whole { 1 } else { 2 } {
                break;
            }
            if self.fits(&named, room, 2.0 * room.gap) {
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
        named.retain(|tick| !self.whole || tick.at.fract() == 0.0);
        if !self.fits(&named, room, room.gap) {
            named.truncate(1);
        }
        Ticks { named, minor: Vec::new() }
    }

    fn logarithmic(&self, room: &Room) -> Ticks {
        let decades = exponent(self.lo) - 1..=exponent(self.hi) + 1;
        let of = |multiples: &[i64], every: i32| -> Vec<Round> {
            let all = decades.clone().filter(|e| e.rem_euclid(every) == 0);
            let all = all.flat_map(|exponent| multiples.iter().map(move |&multiple| Round { multiple, exponent }));
            all.filter(|round| {
                round.value() > 0.0 && self.within(round.value()) && (!self.whole || round.exponent >= 0)
            })
            .collect()
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
        let ratio = self.hi / self.lo * (1.0 - 1e-9);
        let mut candidates = Vec::new();
        if ratio > 2.0 && ratio <= 10.0 {
            candidates.push((of(&nine, 1), 1));
        }
        if ratio > 2.0 {
            candidates.push((of(&[1, 2, 5], 1), 1));
        }
        if ratio > 10.0 {
            let every = [1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 50, 100, 200];
            candidates.extend(every.into_iter().map(|every| (of(&[1], every), every)));
        }
        let mut first: Option<(Vec<Tick>, i32)> = None;
        for (rounds, every) in candidates {
            let round = named(&rounds);
            if round.len() < 2 || !self.fits(&round, room, room.gap) {
                continue;
            }
            let all = self.with_log_ends(round.clone(), long, room);
            // Even steps that end where the axis ends are worth a few names less.
            let even = rounds.iter().all(|round| round.multiple == 1) && round.iter().all(|tick| all.contains(tick));
            match &first {
                None => first = Some((all, every)),
                Some((_, before)) if even && every <= 2 * before => first = Some((all, every)),
                Some(_) => {}
            }
            if even || rounds.iter().any(|round| round.multiple > 1) {
                break;
            }
        }
        match first {
            Some((named, every)) => Ticks { named, minor: minor(every) },
            None => self.linear(room),
        }
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

    fn names(lo: f64, hi: f64, spacing: Spacing) -> String {
        ticks_of(Scale::new([lo, hi], spacing).with_ends(lo, hi))
    }

    #[test]
    fn round_values_are_named_and_both_ends() {
        use Spacing::{Linear, Logarithmic};
        for (lo, hi, spacing, expected) in [
            (0.0, 1.0, Linear, "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1"),
            (0.13, 9.7, Linear, "0.13 1 2 3 4 5 6 7 8 9 9.7"),
            (-3.0, 5.0, Linear, "-3 -2 -1 0 1 2 3 4 5"),
            (99_990.0, 100_010.0, Linear, "99990 99995 100000 100005 100010"),
            (-1e-7, -2e-9, Linear, "-10⁻⁷ -8·10⁻⁸ -6·10⁻⁸ -4·10⁻⁸ -2·10⁻⁸ -2·10⁻⁹"),
            (1e-12, 5e-12, Linear, "10⁻¹² 2·10⁻¹² 3·10⁻¹² 4·10⁻¹² 5·10⁻¹²"),
            (0.0, 3e9, Linear, "0 5·10⁸ 10⁹ 1.5·10⁹ 2·10⁹ 2.5·10⁹ 3·10⁹"),
            (1.0, 1.0 + 4e-16, Linear, "1e0 1.0000000000000004e0"),
            (-1e308, 1e308, Linear, "-10³⁰⁸ -5·10³⁰⁷ 0 5·10³⁰⁷ 10³⁰⁸"),
            (0.1, 0.5, Logarithmic, "0.1 0.2 0.3 0.4 0.5"),
            (3.0, 7.0, Logarithmic, "3 4 5 6 7"),
            (1.0, 20.0, Logarithmic, "1 2 5 10 20"),
            (7.0, 13.0, Logarithmic, "7 8 9 10 11 12 13"),
            (0.9, 1.1, Logarithmic, "0.9 0.95 1 1.05 1.1"),
            (0.13, 9.7, Logarithmic, "0.13 0.2 0.5 1 2 5 9.7"),
            (3.0, 3000.0, Logarithmic, "3 5 10 20 50 100 200 500 1000 3000"),
            (1.0, 1e4, Logarithmic, "1 10 100 1000 10000"),
            (99_990.0, 100_010.0, Logarithmic, "99990 99995 100000 100005 100010"),
            (1e5, 3e6, Logarithmic, "10⁵ 2·10⁵ 5·10⁵ 10⁶ 2·10⁶ 3·10⁶"),
            (1e-9, 1e12, Logarithmic, "10⁻⁹ 10⁻⁶ 10⁻³ 1 10³ 10⁶ 10⁹ 10¹²"),
            (1e-300, 1e300, Logarithmic, "10⁻³⁰⁰ 10⁻²⁰⁰ 10⁻¹⁰⁰ 1 10¹⁰⁰ 10²⁰⁰ 10³⁰⁰"),
        ] {
            assert_eq!(names(lo, hi, spacing), expected, "{lo}..{hi}");
        }
    }

    #[test]
    fn names_stand_apart_and_lie_within() {
        let room = Room { length: 600.0, of: &|text| width(text, SIZE), gap: 14.0 };
        let numbers = [1e-320, 1e-13, 2.3e-5, 0.08, 0.9, 1.0, 1.1, 7.3, 640.0, 99_990.0, 1e6, 1.2e9, 1e22, 1e300];
        for (i, &lo) in numbers.iter().enumerate() {
            for &hi in &numbers[i + 1..] {
                for (range, spacing) in [
                    ([lo, hi], Spacing::Logarithmic),
                    ([lo, hi], Spacing::Linear),
                    ([-hi, -lo], Spacing::Linear),
                    ([-lo, hi], Spacing::Linear),
                ] {
                    let scale = Scale::new(range, spacing).with_ends(range[0], range[1]);
                    let named = scale.ticks(&room).named;
                    assert!(!named.is_empty() && named.len() <= 20, "{range:?}: {named:?}");
                    assert!(scale.fits(&named, &room, 13.9), "{range:?}: {named:?}");
                    assert!(named.iter().all(|tick| scale.within(tick.at)), "{range:?}: {named:?}");
                    assert!(named.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].label != pair[1].label));
                }
            }
        }
    }

    #[test]
    fn whole_numbers_and_round_tops() {
        let whole = |lo, hi| ticks_of(Scale::new([lo, hi], Spacing::Linear).whole(true));
        assert_eq!((whole(-0.6, 3.6), whole(2.0, 2.4)), ("0 1 2 3".to_owned(), "2".to_owned()));
        assert_eq!(whole(-0.6, 0.6), "0");
        let inner = Scale::new([0.0, 10.0], Spacing::Linear).with_ends(1.5, 9.0);
        assert_eq!(ticks_of(inner), "1.5 2 3 4 5 6 7 8 9");
        let tops = [(0.0, 0.0), (0.0, 41.3), (-2.0, 40.0), (0.0, 50.0), (0.0, 5e-324)]
            .map(|(low, high)| Scale::up_to(low, high).range());
        assert_eq!(tops, [[0.0, 1.0], [0.0, 45.0], [-5.0, 40.0], [0.0, 50.0], [0.0, 5e-324]]);
        assert_eq!(Scale::up_to(0.0, 5e-324).place(0.0), 0.5); // no position that is no number
    }

    fn ticks_of(scale: Scale) -> String {
        let room = Room { length: 600.0, of: &|text| width(text, SIZE), gap: 14.0 };
        scale.ticks(&room).named.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }
}
