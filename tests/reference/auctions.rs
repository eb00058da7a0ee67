//! The gas auction against `auctions.py`: quadrature over bids and values with 40 digits.

use super::{Row, records};
use pooltree::keepers::GasAuction;
use pooltree::keepers::closed_form::auction::{CommonValue, PrivateValues};
use pooltree::keepers::model::{BidFunction, PrivateValue, ValueLaw};

/// Common and private values.
pub fn auctions() -> Vec<Row> {
    let row = |fields: Vec<&str>| {
        let number = |i: usize| fields[i].parse::<f64>().unwrap();
        let given = GasAuction::new(number(2), number(3), number(4), number(5)).unwrap();
        let (n, expected) = (fields[6].parse::<u64>().unwrap(), number(8));
        let is_common = fields[0] == "common";
        let found = if is_common { common(&given, n, fields[7]) } else { private(&fields, &given, n) };
        let function =
            format!("{} value, {}", if is_common { "common" } else { "private" }, fields[7].replace('_', " "));
        let at = fields[..7].join(", ");
        // Relative, except for what is a rounding error of the amounts at stake (a bid of 0).
        if expected.abs() < 1e-30 {
            return Row { function, at, found: (found - expected) / 1e-30, expected: 0.0 };
        }
        Row { function, at, found, expected }
    };
    records(include_str!("auctions.csv")).map(row).collect()
}

fn common(given: &GasAuction, n: u64, figure: &str) -> f64 {
    let outcome = CommonValue::new(given, n);
    match figure {
        "served" => outcome.served,
        "unserved" => outcome.unserved,
        "stay_out" => outcome.stay_out,
        "bidders" => outcome.bidders,
        "reverted" => outcome.reverted,
        "payments" => outcome.payments,
        "winner_payment" => outcome.winner_payment,
        "losers_loss" => outcome.losers_loss,
        "mean_bid" => outcome.mean_bid.unwrap(),
        other => panic!("no figure {other}"),
    }
}

fn private(fields: &[&str], given: &GasAuction, n: u64) -> f64 {
    let parameter = fields[1].parse().unwrap();
    let values = PrivateValue::new(match fields[0] {
        "uniform" => ValueLaw::Uniform,
        "power" => ValueLaw::Power { exponent: parameter },
        "exponential" => ValueLaw::Exponential,
        "pareto" => ValueLaw::Pareto { shape: parameter },
        other => panic!("no law {other}"),
    })
    .unwrap();
    let outcome = PrivateValues::new(given, &values, n).unwrap();
    let (v, t) = (given.value(), outcome.threshold.unwrap());
    match fields[7] {
        "threshold" => t,
        "served" => outcome.served,
        "unserved" => outcome.unserved,
        "bidders" => outcome.bidders,
        "reverted" => outcome.reverted,
        "payments" => outcome.payments,
        "winner_payment" => outcome.winner_payment,
        "losers_loss" => outcome.losers_loss,
        "profit" => outcome.profit,
        "winner_value" => outcome.winner_value,
        "largest_value" => outcome.largest_value,
        "bid" => {
            let doubled = matches!(fields[0], "exponential" | "pareto") && t > 0.0;
            let x = if doubled { 2.0 * t } else { 0.5 * (t + v) };
            BidFunction::new(given, &values, n).unwrap().at(x).unwrap()
        }
        other => panic!("no figure {other}"),
    }
}
