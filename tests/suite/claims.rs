//! The report on the claims: verdicts that are known, numbers worked out by other routes.

mod keepers;

use crate::cli::{run, text};
use pooltree::claims::{self, Claim, Document, Verdict};
use serde_json::Value;

/// Those of *Operator pool trees*.
fn of_pools() -> impl Iterator<Item = Claim> {
    claims::all().unwrap().into_iter().filter(|claim| claim.document == Document::Pools)
}

fn claim(number: u32) -> Claim {
    of_pools().find(|claim| claim.claim == number).unwrap()
}

#[track_caller]
fn figure(claim: &Claim, name: &str, expected: f64, accuracy: f64) {
    let found = claim.figures.get(name).unwrap_or_else(|| panic!("no figure {name}: {:?}", claim.figures));
    assert!((found - expected).abs() <= accuracy, "{name}: {found} is not {expected}");
}

#[test]
fn verdicts() {
    let found: Vec<(u32, &str)> = of_pools().map(|c| (c.claim, c.verdict.name())).collect();
    let conditional = [1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13].map(|n| (n, "holds if"));
    let mut expected: Vec<(u32, &str)> = conditional.into_iter().chain([(4, "fails"), (9, "fails")]).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// `x + x⁴ = 2x²` is `(x - 1)(x² + x - 1) = 0` after division by `x`.
#[test]
fn the_golden_ratio_and_the_fast_share() {
    let five = claim(5);
    figure(&five, "beta^(t/2) below which half is enough", (5f64.sqrt() - 1.0) / 2.0, 1e-12);
    let x = 0.5f64.sqrt();
    figure(&five, "fast share that is enough at beta = .5, t = 1", x * (1.0 + x) / (1.0 + x + x * x), 1e-12);
    figure(&five, "fast share that is enough at beta = .5, t = 1", 0.546_918, 5e-7);
    figure(&five, "gain at beta = .5, t = 2", 0.28125 - 0.25, 1e-15);
    // The share for ever deeper trees is that of claim 5.
    figure(&claim(6), "fast share that is enough, depth 12", 0.546_918, 1e-3);
    figure(&claim(6), "welfare of exactly half at the document's numbers", 0.125 + x / 2.0, 1e-15);
}

#[test]
fn one_more_layer() {
    let seven = claim(7);
    // By hand: ½ β^½ + ¼ β^(3/2), and ½ β^¼ + ¼ β^¾ + ⅛ β^(7/4), at β = ½.
    let power = |e: f64| 0.5f64.powf(e);
    figure(&seven, "two levels", power(1.5) + power(3.5), 1e-15);
    figure(&seven, "three levels", power(1.25) + power(2.75) + power(4.75), 1e-15);
    figure(&seven, "critical filling rate against a perfect pool, 2 levels", 2.0 - 2f64.sqrt(), 1e-14);
    figure(&seven, "critical filling rate against a perfect pool, 3 levels", 0.3768, 5e-5);
    figure(&seven, "critical filling rate against a perfect pool, 4 levels", 0.2650, 5e-5);
    // The cubic of three levels: X a + X(1-X) b + X(1-X)² c = ½.
    let x = seven.figures.get("critical filling rate against a perfect pool, 3 levels").unwrap();
    let welfare = x * power(0.25) + x * (1.0 - x) * power(0.75) + x * (1.0 - x).powi(2) * power(1.75);
    approx::assert_relative_eq!(welfare, 0.5, max_relative = 1e-14);
}

#[test]
fn the_missing_value_of_x() {
    let eight = claim(8);
    figure(&eight, "in thick pools, a child twice as fast as its parent", 0.5, 1e-9);
    figure(&eight, "in thick pools, one common window", 1.0 - 0.5f64.sqrt(), 1e-9);
    figure(&eight, "the same at a constant 50 %", 0.875, 1e-15);
    assert!(eight.finding.contains("both guesses come out"), "{}", eight.finding);
}

#[test]
fn messages_and_latency() {
    figure(&claim(1), "messages of double the size, arity 3", 4.0, 1e-12);
    figure(&claim(1), "messages of 3 times the size", 9.0, 1e-12);
    figure(&claim(2), "growth to the root, diameter, arity 3", 1.5, 1e-3);
    figure(&claim(2), "growth to the root, mean farthest, arity 2", 4.0 / 3.0, 1e-3);
    // Eight operators on a circle: neighbours 1 apart, four in a row 3, and the other side of the circle is 4 away.
    [0.0, 1.0, 3.0, 4.0].iter().enumerate().for_each(|(height, diameter)| {
        figure(&claim(2), &format!("diameter at height {height} of eight operators"), *diameter, 0.0);
    });
    // Height 0 has the same latency on the globe: three half-lives of one set earn the same.
    figure(&claim(3), "sets and half-lives that earn more, same neighbours", 42.0, 0.0);
    figure(&claim(9), "greatest growth exponent of a doubling", 1.215, 5e-4);
    figure(&claim(4), "beta^(2t)", 0.0625, 0.0);
    figure(&claim(9), "growth exponent from 32768 to 65536 operators", 1.0, 1e-3);
    figure(&claim(12), "smallest arity for the root, diameter", 4.0, 0.0);
    figure(&claim(12), "smallest arity for the root, mean farthest", 3.0, 0.0);
}

#[test]
fn constellations() {
    assert!(claim(13).finding.contains("opposite: {3}; nearby: {1}; single-site: {0}"), "{}", claim(13).finding);
    let thirteen = claim(13);
    assert_eq!(
        thirteen.figures.get("filled by the tree, nearby"),
        thirteen.figures.get("filled by the best local pools, nearby")
    );
    let [tree, local] = ["tree", "best local pools"]
        .map(|who| thirteen.figures.get(&format!("filled by the {who}, circle-distance 1")).unwrap());
    assert!(tree > local);
    let eleven = claim(11);
    figure(&eleven, "depth from which the same orders leave a level without", 5.0, 0.0);
    (1..=3)
        .for_each(|h| assert!(eleven.figures.get(&format!("value of height {h} in the document's tree")) > Some(0.0)));
}

#[test]
fn the_report_is_printed_as_the_contract_says() {
    let report: Value = serde_json::from_str(&text(&run(&["claims", "--json"]))).unwrap();
    let rows = report.as_array().unwrap();
    let numbers: Vec<_> =
        rows.iter().map(|row| (row["document"].as_str().unwrap(), row["claim"].as_u64().unwrap())).collect();
    let expected = (1..=13).map(|n| ("pools", n)).chain((1..=9).map(|n| ("keepers", n)));
    assert_eq!(numbers, expected.collect::<Vec<_>>());
    for (row, claim) in rows.iter().zip(claims::all().unwrap()) {
        assert_eq!(row["quote"], claim.quote);
        assert!(["holds", "holds-if", "fails"].contains(&row["verdict"].as_str().unwrap()), "{row}");
        let figures = row["figures"].as_object().unwrap();
        assert!(!figures.is_empty() && figures.values().all(Value::is_f64), "{row}");
        claim.figures.iter().for_each(|(name, value)| assert_eq!(figures[name].as_f64(), Some(value)));
    }
    let table = text(&run(&["claims", "--figures"]));
    assert!(table.contains("holds if") && table.contains("beta^(2t): 0.0625"), "{table}");
    // A heading and a table for each document, its figures below it.
    let (pools, keepers) = table.split_once("Claims of the document *Keeper selection*").unwrap();
    assert!(
        pools.starts_with("Claims of the document *Operator pool trees*") && pools.contains("\nClaim 13\n"),
        "{pools}"
    );
    assert!(keepers.contains("\nClaim 9\n") && !keepers.contains("\nClaim 10\n"), "{keepers}");
    assert_eq!(claim(4).verdict, Verdict::Fails);
}
