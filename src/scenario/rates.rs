//! A file of rates: the classes of a custom flow as CSV.

use crate::error::{Error, Result};
use crate::network::sites::Survey;
use crate::pool_tree::CustomFlow;
#[cfg(feature = "csv")]
use std::io::{BufReader, Read};
use std::path::Path;

/// The columns of a file of rates.
#[cfg(feature = "csv")]
const COLUMNS: [&str; 4] = ["operator", "sell", "buy", "rate"];

/// Larger files in MiB are none of rates, and may have no end.
#[cfg(feature = "csv")]
const LARGEST: u64 = 1024;

/// The most rows of a file of rates.
#[cfg(feature = "csv")]
const MOST_ROWS: usize = 10_000_000;

/// The flow of a CSV file with the columns `operator` (the name of a site, or else a number), `sell`, `buy` and `rate`. Orders
/// that sell what others buy are the two sides of a class; rates of the same operator and side add up.
#[cfg(feature = "csv")]
pub(super) fn from_file(path: &Path, operators: usize, survey: Option<&Survey>) -> Result<CustomFlow> {
    let name = path.display().to_string();
    let error = |message: String| Error::File { path: name.clone(), message };
    let file = std::fs::File::open(path).map_err(|e| error(e.to_string()))?;
    let source = Lines { source: BufReader::new(file), line: 0, read: 0 };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(source);
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

/// A source that refuses lines and files without end.
#[cfg(feature = "csv")]
struct Lines<R> {
    source: R,
    line: u64,
    read: u64,
}

#[cfg(feature = "csv")]
impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read += count as u64;
        let end = buffer[..count].iter().rev().position(|byte| *byte == b'\n');
        self.line = end.map_or(self.line + count as u64, |after| after as u64);
        if self.line > 1 << 20 {
            return Err(std::io::Error::other("a line longer than 1 MiB; rates are a CSV file"));
        }
        if self.read > LARGEST << 20 {
            return Err(std::io::Error::other(format!("larger than {LARGEST} MiB; give fewer rates")));
        }
        Ok(count)
    }
}

#[cfg(not(feature = "csv"))]
pub(super) fn from_file(path: &Path, _: usize, _: Option<&Survey>) -> Result<CustomFlow> {
    let message = "the library was built without the feature \"csv\"; give classes".to_owned();
    Err(Error::File { path: path.display().to_string(), message })
}
