//! A file of rates: the classes of a custom flow as CSV.

use crate::error::{Error, Result};
use crate::network::sites::Survey;
use crate::pool_tree::CustomFlow;
use std::path::Path;

/// The columns of a file of rates.
#[cfg(feature = "csv")]
const COLUMNS: [&str; 4] = ["operator", "sell", "buy", "rate"];

/// The most rows of a file of rates.
#[cfg(feature = "csv")]
const MOST_ROWS: usize = 10_000_000;

/// The flow of a CSV file with the columns `operator` (a number, or the name of a site), `sell`, `buy` and `rate`. Orders
/// that sell what others buy are the two sides of a class; rates of the same operator and side add up.
#[cfg(feature = "csv")]
pub(super) fn from_file(path: &Path, operators: usize, survey: Option<&Survey>) -> Result<CustomFlow> {
    let name = path.display().to_string();
    let error = |message: String| Error::File { path: name.clone(), message };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_path(path)
        .map_err(|e| error(e.to_string()))?;
    let header = reader.headers().map_err(|e| error(e.to_string()))?.clone();
    if header.iter().ne(COLUMNS) {
        let given: Vec<String> = header.iter().take(8).map(|column| column.escape_debug().to_string()).collect();
        return Err(error(format!("header {}: must be {}", given.join(","), COLUMNS.join(","))));
    }
    let mut classes: std::collections::BTreeMap<[String; 2], [Vec<(usize, f64)>; 2]> =
        std::collections::BTreeMap::new();
    for (record, row) in reader.records().zip(1..) {
        let wrong = |column: &str, value: &str, allowed: &str| {
            error(format!("row {row}: {column} = {}: must be {allowed}", value.escape_debug()))
        };
        if row > MOST_ROWS {
            return Err(error(format!("more than {MOST_ROWS} rows")));
        }
        let record = record.map_err(|e| error(format!("row {row}: {e}")))?;
        let [operator, sell, buy, rate] = [0, 1, 2, 3].map(|i| record.get(i).unwrap_or_default());
        let by_number = || operator.parse::<usize>().ok().filter(|&i| i < operators);
        let by_name = survey.and_then(|survey| survey.operator(operator));
        let allowed = format!("a number from 0 to {}, or the name of a site", operators.saturating_sub(1));
        let at = by_name.or_else(by_number).ok_or_else(|| wrong("operator", operator, &allowed))?;
        if sell.is_empty() {
            return Err(wrong("sell", sell, "the name of an asset"));
        }
        if buy.is_empty() || buy == sell {
            return Err(wrong("buy", buy, "the name of another asset"));
        }
        let number = rate.parse::<f64>().ok().filter(|rate| (0.0..f64::INFINITY).contains(rate));
        let number = number.ok_or_else(|| wrong("rate", rate, "finite and at least 0"))?;
        let (pair, side) = if sell < buy { ([sell, buy], 0) } else { ([buy, sell], 1) };
        classes.entry(pair.map(str::to_owned)).or_default()[side].push((at, number));
    }
    let class = |(pair, sides): ([String; 2], [Vec<(usize, f64)>; 2])| {
        crate::pool_tree::Class::new([&sides[0], &sides[1]]).map(|class| class.with_pair(pair))
    };
    CustomFlow::new(operators, classes.into_iter().map(class).collect::<Result<_>>()?)
}

#[cfg(not(feature = "csv"))]
pub(super) fn from_file(path: &Path, _: usize, _: Option<&Survey>) -> Result<CustomFlow> {
    let message = "the library was built without the feature \"csv\"; give classes".to_owned();
    Err(Error::File { path: path.display().to_string(), message })
}
