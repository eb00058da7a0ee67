//! Colours, in one place.

use std::fmt;

/// A colour of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(pub(super) [u8; 3]);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([r, g, b]) = self;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

// M. Okabe and K. Ito's colours, which differ to readers of every colour vision.
pub(super) const BLACK: Colour = Colour([0, 0, 0]);
pub(super) const BLUE: Colour = Colour([0, 114, 178]);
pub(super) const VERMILION: Colour = Colour([213, 94, 0]);
pub(super) const GREEN: Colour = Colour([0, 158, 115]);
pub(super) const PURPLE: Colour = Colour([204, 121, 167]);
pub(super) const ORANGE: Colour = Colour([230, 159, 0]);
pub(super) const SKY: Colour = Colour([86, 180, 233]);
pub(super) const YELLOW: Colour = Colour([240, 228, 66]);

pub(super) const WHITE: Colour = Colour([255, 255, 255]);

/// Lines and letters that are not the matter; letters of it can be read on white (5.1 : 1).
pub(super) const GREY: Colour = Colour([110, 110, 110]);

/// Faint lines.
pub(super) const FAINT: Colour = Colour([215, 215, 215]);

/// Colours of thin lines: yellow is left out, which is lost on white.
const LINES: [Colour; 7] = [BLACK, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY];

/// What tells lines apart when the colours are used up.
const DASHES: [&str; 4] = ["", "9 4", "2 3", "10 3 2 3"];

/// Colours of areas: black is left out, on which nothing can be drawn.
const AREAS: [Colour; 7] = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW];

/// Classes that look different: every colour plain and hatched. More colours would be told apart by fewer readers.
pub(super) const CLASSES: usize = 2 * AREAS.len();

/// A line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub(super) colour: Colour,
    pub(super) width: f64,
    /// Lengths of dashes and gaps; empty for an unbroken line.
    pub(super) dash: &'static str,
}

impl Stroke {
    pub(super) const fn new(colour: Colour, width: f64) -> Self {
        Self { colour, width, dash: "" }
    }

    pub(super) const fn dashed(self, dash: &'static str) -> Self {
        Self { dash, ..self }
    }

    /// The line of the `i`-th curve.
    pub(super) fn of(i: usize) -> Self {
        let [colours, dashes] = [LINES.len(), DASHES.len()];
        Self::new(LINES[i % colours], 2.0).dashed(DASHES[i / colours % dashes])
    }
}

/// What an area is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain(Colour),
    /// White lines over the colour.
    Hatched(Colour),
}

impl Paint {
    /// The look of the `i`-th class; all from [`CLASSES`] on share one.
    pub(super) fn of(i: usize) -> Self {
        match (AREAS.get(i), AREAS.get(i.wrapping_sub(AREAS.len()))) {
            (Some(colour), _) => Self::Plain(*colour),
            (None, Some(colour)) => Self::Hatched(*colour),
            _ => Self::Plain(FAINT),
        }
    }
}

/// From light to dark as a number goes from 0 to 1: nodes of a scale whose lightness falls evenly.
const SCALE: [[f64; 3]; 5] =
    [[253.0, 231.0, 137.0], [147.0, 208.0, 122.0], [55.0, 157.0, 142.0], [51.0, 101.0, 138.0], [64.0, 21.0, 90.0]];

/// The colour of a number from 0 to 1.
pub(super) fn shade(value: f64) -> Colour {
    let at = value.clamp(0.0, 1.0) * (SCALE.len() - 1) as f64;
    let lower = (at.floor() as usize).min(SCALE.len() - 2);
    let t = at - lower as f64;
    Colour([0, 1, 2].map(|c| (SCALE[lower][c] * (1.0 - t) + SCALE[lower + 1][c] * t).round() as u8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementary::{cbrt, pow};

    /// Relative luminance, as the Web Content Accessibility Guidelines define it.
    fn luminance(colour: Colour) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { pow((c + 0.055) / 1.055, 2.4) }
        };
        let [r, g, b] = colour.0.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Lightness from 0 to 100, as the eye orders it (CIE L*).
    fn lightness(colour: Colour) -> f64 {
        116.0 * cbrt(luminance(colour)) - 16.0
    }

    #[test]
    fn shades_grow_darker_evenly() {
        let all: Vec<f64> = (0..=40).map(|i| lightness(shade(f64::from(i) / 40.0))).collect();
        let steps: Vec<f64> = all.windows(2).map(|pair| pair[0] - pair[1]).collect();
        let mean = steps.iter().sum::<f64>() / 40.0;
        assert!(steps.iter().all(|step| (0.4 * mean..1.8 * mean).contains(step)), "{steps:?}");
        assert_eq!((shade(-1.0), shade(2.0)), (shade(0.0), shade(1.0)));
    }

    #[test]
    fn letters_can_be_read() {
        let contrast = |a: Colour, b: Colour| {
            let [a, b] = [luminance(a), luminance(b)];
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for (letters, ground) in [(BLACK, WHITE), (GREY, WHITE), (WHITE, BLUE)] {
            assert!(contrast(letters, ground) >= 4.5, "{letters} on {ground}");
        }
        assert!(contrast(YELLOW, WHITE) < 1.5); // why no line is yellow
    }

    #[test]
    fn classes_look_different() {
        let all: Vec<Paint> = (0..CLASSES).map(Paint::of).collect();
        assert!((0..CLASSES).all(|i| !all[..i].contains(&all[i])));
        assert!(!all.contains(&Paint::of(CLASSES)) && Paint::of(CLASSES) == Paint::of(1000));
    }
}
