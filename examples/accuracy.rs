//! Writes docs/accuracy.md: `cargo run --release --example accuracy > docs/accuracy.md`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "../tests/reference/mod.rs"]
mod reference;

use reference::{Row, auctions, bursts, latency, skellam, special_functions, summarise, welfare};

fn section(title: &str, promise: &str, rows: &[Row]) {
    println!("\n## {title}\n\n{promise}\n");
    println!("| function | values | largest relative error | at | mean |");
    println!("|---|---|---|---|---|");
    for (function, summary) in summarise(rows) {
        let at = if summary.worst.error() == 0.0 { "" } else { &summary.worst.at };
        println!("| {function} | {} | {:.1e} | {at} | {:.1e} |", summary.rows, summary.worst.error(), summary.mean);
    }
}

fn main() {
    println!(
        "# Accuracy\n\n\
         Largest and mean relative error of every special function and closed form against the reference values in\n\
         `tests/reference/`, which `tests/reference/generate.py` computes with other methods (positive double sums over both\n\
         Poisson laws, contour integrals, explicit lists of operators, pools and swap classes) in 50 digits. Where a reference\n\
         value is 0 or below the smallest normal number, the error is absolute. This page is written by\n\
         `cargo run --release --example accuracy > docs/accuracy.md`; the bounds are asserted by the test suite."
    );
    section(
        "Special functions",
        "Promised: 1e-13 for rates up to 1e12; `unfilled_share` and `filled_share` up to 1e300.",
        &special_functions(),
    );
    section("The Skellam law", "Promised: 1e-13 for rates from 1e-8 to 1e12, both tails.", &skellam());
    section(
        "Bursts",
        "Promised: 1e-12 for shapes from 1e-3 to 1e12 and up to 1e9 orders a side; `sum` against the two laws term by term,\n\
         `far` against Fejér's integral of the characteristic function (`tests/reference/bursts.py`).",
        &bursts(),
    );
    section("Latencies on the ring", "Promised: 1e-13, against enumeration of operators and quorums.", &latency());
    section(
        "Welfare",
        "Promised: 1e-12 over all components, latency, period and delay models, up to γ = 2, k = 1000.",
        &welfare(),
    );
    section(
        "The gas auction",
        "Promised: 1e-13 for 2 to a million keepers, common and private values (`tests/reference/auctions.py`, by quadrature in 40 digits).",
        &auctions(),
    );
    println!(
        "\n## Other laws of keepers\n\n\
         No table of references, but bounds in the test suite against other routes: winner laws of noisy scores and committees to\n\
         1e-12 against enumeration, fractions and expansions in more digits; the mean time until all are selected and reliabilities\n\
         to 1e-12; executions and the welfare of a tree whose keepers run its auctions to 1e-12 against all histories, sets of failed\n\
         keepers and a recursion pool by pool. Chances below 1e-308 are 0, and probabilities of execution within 1e-14 of 1 are 1."
    );
    println!(
        "\n## The same bits on every platform\n\n\
         Same version, same scenario and same seed give the same bits natively and in WebAssembly, by formula and by simulation. All elementary\n\
         functions come from `pxfm`, which needs no mathematical library of the platform; variates that are real numbers, tails and quantiles\n\
         of tests, and products of matrices are the library's own (`src/kernels`). The JSON of `pooltree compare` was compared byte by byte\n\
         between x86-64 Linux and WebAssembly (`wasm32-unknown-unknown` under Node) for 83 scenarios: all kinds of flow, all models of\n\
         latency, period and delay, all rules of keepers with failures, sites and given pools, depths to 12, rates from 1e-3 to 1e12, 100 to\n\
         10 000 replications. What may still differ:\n\n\
         - Code compiled for fused multiply-add (64-bit ARM; x86-64 only with `-C target-feature=+fma`): there `pxfm` 0.1 rounds the Bessel\n\
         \x20\x20function `e^(-x) I_1(x)` and the inverse of `erfc` otherwise for one or two in a million arguments (3 million tried each), so that the last digits of an\n\
         \x20\x20unfilled share may differ; exponentials, logarithms, powers, sines and cosines were all the same.\n\
         - Counts from large Poisson means and binomial counts: a function of the platform decides between accepting and rejecting a\n\
         \x20\x20candidate, and its last digit turns one decision in about 1e15.\n\
         - Distances between places come from the platform's trigonometry to a few nanometres and are rounded to the metre: one pair of places in\n\
         \x20\x20about a hundred million is rounded otherwise."
    );
}
