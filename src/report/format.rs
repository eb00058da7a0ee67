//! Numbers as a person reads them.

use crate::kernels::elementary::log10;

/// Six significant digits, as short as they get.
pub fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let magnitude = log10(x.abs()).floor() as i32;
    if (-4..=8).contains(&magnitude) {
        format!("{x:.*}", (5 - magnitude).clamp(0, 9) as usize)
    } else {
        format!("{x:.5e}")
    }
}

/// A share as a percentage, six significant digits.
pub fn percent(share: f64) -> String {
    format!("{} %", number(100.0 * share))
}

/// A share with its standard error, as percentages.
pub fn percent_with_error(share: f64, error: f64) -> String {
    let unit = if share == 0.0 { "" } else { " %" };
    with_error(100.0 * share, 100.0 * error) + unit
}

/// A value with its standard error, both to the digit that the error leaves meaningful; `none seen` for 0 without an error.
pub fn with_error(value: f64, error: f64) -> String {
    if !(error > 0.0) {
        return if value == 0.0 { "none seen".to_owned() } else { format!("{} ± 0", number(value)) };
    }
    let place = log10(error).floor() as i32;
    if value.abs() >= 1e9 || place < -10 {
        let digits = (1 + log10(value.abs().max(error)).floor() as i32 - place).clamp(1, 16) as usize;
        return format!("{value:.digits$e} ± {error:.1e}");
    }
    let digits = (1 - place).clamp(0, 12) as usize;
    format!("{value:.digits$} ± {error:.digits$}")
}

/// A number as it was given.
pub fn given(x: f64) -> String {
    if x == 0.0 || (1e-4..1e9).contains(&x.abs()) { format!("{x}") } else { format!("{x:e}") }
}

/// Up to sixteen significant digits, as short as they get.
pub fn exact(x: f64) -> String {
    if x == 0.0 || (1e-4..1e15).contains(&x.abs()) { format!("{x}") } else { format!("{x:e}") }
}

/// As many significant digits as an accuracy leaves meaningful.
pub fn to_accuracy(x: f64, accuracy: f64) -> String {
    let magnitude = |x: f64| log10(x.abs()).floor();
    if x == 0.0 || !(accuracy > 0.0) {
        return exact(x);
    }
    let digits = (magnitude(x) - magnitude(accuracy)).clamp(0.0, 16.0) as usize;
    format!("{x:.digits$e}").parse().map_or_else(|_| exact(x), exact)
}
