//! Letters: how wide they are, and how a number is written.

use crate::kernels::elementary::log10;

/// The family that the widths below are those of, then one of nearly the same widths, then whatever there is.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Size of most letters, in pixels.
pub(super) const SIZE: f64 = 13.0;

/// Advance widths of the printable ASCII characters of `DejaVu Sans`, in thousandths of the size.
const WIDTHS: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
];

/// Width of a text in pixels; of letters outside the table an upper bound.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let thousandths = |c: char| match c {
        ' '..='~' => WIDTHS[c as usize - 32],
        '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' => 401,
        '⁻' => 528,
        '·' => 318,
        '\u{a0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' => 870,
        _ => 1060,
    };
    text.chars().map(|c| f64::from(thousandths(c))).sum::<f64>() * size / 1000.0
}

/// Lines no wider than `most` pixels, broken after blanks, commas and signs if that helps, else anywhere.
pub(super) fn wrapped(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut add = |piece: &str| {
        let fits = lines.last().is_some_and(|line| width(line, size) + width(piece.trim_end(), size) <= most);
        match lines.last_mut() {
            Some(line) if fits || line.is_empty() => line.push_str(piece),
            _ => lines.push(piece.to_owned()),
        }
    };
    for piece in text.split_inclusive([' ', ',', '+']) {
        if width(piece, size) <= most {
            add(piece);
        } else {
            piece.chars().for_each(|c| add(c.encode_utf8(&mut [0; 4])));
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

/// A number in a label: four digits at most.
pub(super) fn label(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        format!("{value}")
    } else if !(1e-3..1e5).contains(&size) {
        scientific(value, 2)
    } else {
        plain(value, (3 - log10(size).floor() as i32).clamp(0, 6) as usize)
    }
}

/// With `decimals` at most.
pub(super) fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// As a multiple of a power of ten, the multiple with `decimals` at most.
pub(super) fn scientific(value: f64, decimals: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.decimals$e}");
    let (multiple, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let multiple = if multiple.contains('.') { multiple.trim_end_matches('0').trim_end_matches('.') } else { multiple };
    let raised: String = exponent
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32('⁰' as u32 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
        })
        .collect();
    match (multiple, exponent) {
        (_, "0") => multiple.to_owned(),
        ("1", _) => format!("10{raised}"),
        ("-1", _) => format!("-10{raised}"),
        _ => format!("{multiple}·10{raised}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_short() {
        let labels = [0.0, 1.0, 0.1, 61.417, 12345.6, 1e5, 1e-4, -2.5, 0.047, -3.25e-12, f64::INFINITY].map(label);
        assert_eq!(labels, ["0", "1", "0.1", "61.42", "12346", "10⁵", "10⁻⁴", "-2.5", "0.047", "-3.25·10⁻¹²", "inf"]);
        assert_eq!([plain(-0.001, 1), plain(1200.0, 0), scientific(9.9999e-4, 2)], ["0", "1200", "10⁻³"]);
    }

    #[test]
    fn lines_are_no_wider_than_asked() {
        let heights = "heights 1+3+5+7+9+11+13+15+17+19+21+23+25+27+29+31+33+35+37+39";
        for text in [heights, "a bc d", "unbrokenunbrokenunbrokenunbroken", ""] {
            for most in [60.0, 100.0, 250.0] {
                let lines = wrapped(text, SIZE, most);
                assert!(lines.iter().all(|line| width(line, SIZE) <= most), "{lines:?}");
                assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
            }
        }
    }
}
