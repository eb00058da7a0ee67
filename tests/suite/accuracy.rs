//! The crate against reference values computed by other methods (tests/reference/generate.py).

use crate::reference::{Row, latency, skellam, special_functions, summarise, welfare};

/// Every function's largest error must be below `limit`.
fn all_below(rows: &[Row], limit: f64) {
    for (function, summary) in summarise(rows) {
        let Row { at, found, expected, .. } = summary.worst;
        let error = summary.worst.error();
        assert!(summary.rows > 0 && summary.mean <= limit / 10.0, "{function}: mean error {:.2e}", summary.mean);
        assert!(error <= limit, "{function}: error {error:.2e} at {at}: {found:e} instead of {expected:e}");
    }
}

#[test]
fn special_functions_to_1e_13() {
    let rows = special_functions();
    assert!(rows.len() >= 300);
    all_below(&rows, 1e-13);
}

#[test]
fn skellam_law_to_1e_13() {
    let rows = skellam();
    assert!(rows.len() >= 150);
    all_below(&rows, 1e-13);
}

#[test]
fn ring_latencies_to_1e_13() {
    let rows = latency();
    assert!(rows.len() >= 1000);
    all_below(&rows, 1e-13);
}

#[test]
fn welfare_to_1e_12() {
    let rows = welfare();
    let scenarios = rows.iter().filter(|row| row.function == "welfare, gross").count();
    assert!(scenarios >= 200, "{scenarios} scenarios");
    all_below(&rows, 1e-12);
}

#[test]
fn a_wrong_value_is_noticed() {
    let mut rows = special_functions();
    let row = rows.iter_mut().find(|row| row.expected > 0.1).unwrap();
    row.found *= 1.0 + 1e-11;
    let noticed = std::panic::catch_unwind(|| all_below(&rows, 1e-13));
    assert!(noticed.is_err());
}
