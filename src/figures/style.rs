//! Colours and letters.

use plotters::prelude::{IntoFont, RGBColor, TextStyle};

/// Colours that differ to every reader (Okabe and Ito), black first.
pub(super) const PALETTE: [RGBColor; 8] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(240, 228, 66),
];

/// Lines and letters that are not the matter.
pub(super) const GREY: RGBColor = RGBColor(110, 110, 110);

/// Faint lines.
pub(super) const FAINT: RGBColor = RGBColor(205, 205, 205);

/// From light to dark as a number goes from 0 to 1: nodes of a scale whose lightness falls evenly.
const SCALE: [[f64; 3]; 5] =
    [[253.0, 231.0, 137.0], [147.0, 208.0, 122.0], [55.0, 157.0, 142.0], [51.0, 101.0, 138.0], [64.0, 21.0, 90.0]];

/// The colour of a number from 0 to 1.
pub(super) fn shade(value: f64) -> RGBColor {
    let at = value.clamp(0.0, 1.0) * (SCALE.len() - 1) as f64;
    let lower = (at.floor() as usize).min(SCALE.len() - 2);
    let t = at - lower as f64;
    let [r, g, b] = [0, 1, 2].map(|c| (SCALE[lower][c] * (1.0 - t) + SCALE[lower + 1][c] * t).round() as u8);
    RGBColor(r, g, b)
}

/// Steps of the canvas in a pixel: coordinates of the document are whole numbers, and curves should be smooth.
pub(super) const STEPS: u32 = 8;

/// Steps of the canvas.
pub(super) const fn px(pixels: u32) -> u32 {
    pixels * STEPS
}

/// Steps of the canvas, as a coordinate.
pub(super) const fn at(pixels: i32) -> i32 {
    pixels * STEPS as i32
}

/// Letters of a size in a colour.
pub(super) fn letters(size: u32, colour: &'static RGBColor) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", px(size)).into_font()).color(colour)
}

/// A number on an axis or in a label: four digits at most.
pub(super) fn label(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        format!("{value}")
    } else if !(1e-3..1e5).contains(&size) {
        format!("{value:.2e}")
    } else {
        let digits = (3 - size.log10().floor() as i32).clamp(0, 6) as usize;
        let text = format!("{value:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_short() {
        let labels = [0.0, 1.0, 0.1, 61.417, 12345.6, 1e5, 1e-4, -2.5, 0.047, f64::INFINITY].map(label);
        assert_eq!(labels, ["0", "1", "0.1", "61.42", "12346", "1.00e5", "1.00e-4", "-2.5", "0.047", "inf"]);
    }

    #[test]
    fn shades_grow_darker() {
        let light = |value: f64| {
            let RGBColor(r, g, b) = shade(value);
            0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
        };
        let all: Vec<f64> = (0..=40).map(|i| light(f64::from(i) / 40.0)).collect();
        assert!(all.windows(2).all(|pair| pair[1] < pair[0]), "{all:?}");
        assert_eq!((shade(-1.0), shade(2.0)), (shade(0.0), shade(1.0)));
    }
}
