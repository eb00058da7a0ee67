//! Logs as CSV files.

use super::names::{Names, shown};
use super::options::{LATEST, MOST_OPERATORS, Malformed, Options};
use super::summary::LogSummary;
use super::tally::{Row, Tally, limit};
use crate::error::{Error, Result, shown as number};
use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

/// The columns, in any order, all of them needed.
const COLUMNS: [&str; 5] = ["time", "operator", "sell", "buy", "value"];

/// Further columns of this crate's own logs. `arrival` stands for `time`; the others but `replication` are not looked at.
const OWN: [&str; 8] = ["arrival", "replication", "order", "outcome", "height", "pool", "end", "delay"];

/// A longer row in bytes is a mistake in the file, as is a quotation mark that never closes.
const LONGEST_ROW: u64 = 1 << 20;

/// Malformed rows that are kept, of those counted.
const KEPT: usize = 20;

const MOST_ASSETS: usize = 4096;

/// Reads a log from any source, which errors call `name`.
///
/// The header names the columns `time,operator,sell,buy,value` in any order. The log that `pooltree simulate --trace` writes
/// is one, too: `arrival` is its time, every `replication` is a run of its own (counted from 0 on, a number that is left out is a run without orders), and its other columns are not looked at.
///
/// A row is malformed unless
/// - `time` is a number, at least 0 (in a column `arrival` any finite one: some orders come before the clock starts), at most
///   1e300, and not less than that of the row before: an order too late in the file is no order;
/// - `operator`, `sell` and `buy` are names of 1 to 256 bytes, and `sell` is not `buy`;
/// - `value` is finite and at least 0;
/// - it has as many values as the header.
///
/// Blanks around a value do not count, nor do blank lines; a row after blank lines is told by the first of them. The first malformed row is an error, or all are counted and the first 20 kept, as
/// [`Options::skip_malformed`] says. Memory per class is about 100 bytes at 200 bins, per row none.
///
/// # Errors
/// [`Error::File`] with the name, line, column, value and what is allowed: for malformed rows; for a header with a column
/// missing, unknown or there twice; for more than 65 536 operators, 4096 assets, 10^7 classes, 2^32 - 1 orders, or a row longer
/// than 1 MiB; and if the source cannot be read. [`Error::Domain`] for options that mean nothing.
///
/// ```
/// use pooltree::network::order_log::{Options, read};
/// let text = "time,operator,sell,buy,value\n0,tokyo,eth,usd,2\n1,paris,usd,eth,1\n4,tokyo,eth,usd,3\n";
/// let log = read(text.as_bytes(), "log.csv", &Options::default())?;
/// assert_eq!((log.orders(), log.classes().len(), log.observation_time()), (3, 2, 4.0));
/// assert_eq!(log.operator_rate(0, 0.95)?.rate, 2.0 / 4.0);
/// let mistake = read("time,operator,sell,buy,value\n-1,a,x,y,1\n".as_bytes(), "log.csv", &Options::default()).unwrap_err();
/// assert_eq!(mistake.to_string(), "log.csv: line 2: time = -1: must be a number, at least 0 and at most 1e300");
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn read(source: impl Read, name: &str, options: &Options) -> Result<LogSummary> {
    read_with(source, name, options, |_| Ok(()))
}

/// As [`read`], and shows every order that is counted to `seen` on the way.
///
/// # Errors
/// As [`read`], and the first error of `seen`.
pub fn read_with(
    source: impl Read,
    name: &str,
    options: &Options,
    mut seen: impl FnMut(&Row) -> Result<()>,
) -> Result<LogSummary> {
    options.check()?;
    let file_error = |message: String| Error::File { path: name.to_owned(), message };
    let since = Rc::new(Cell::new(0));
    let source = Limited { source, since: Rc::clone(&since) };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
    let header = reader.byte_headers().map_err(|e| file_error(e.to_string()))?;
    let header: Vec<String> =
        header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned()).collect();
    let mut rows = Rows::new(&header, options).map_err(file_error)?;
    let mut tally = Tally::new(options);
    let (mut malformed, mut kept) = (0, Vec::new());
    let mut record = csv::ByteRecord::new();
    loop {
        since.set(0);
        if !reader.read_byte_record(&mut record).map_err(|e| file_error(e.to_string()))? {
            break;
        }
        let at = |e: &dyn std::fmt::Display| {
            let line = record.position().map_or(0, csv::Position::line);
            file_error(format!("line {line}: {e}"))
        };
        match rows.row(&record) {
            Ok(row) => {
                if tally.push(&row).map_err(|e| at(&e))? {
                    seen(&row)?;
                }
            }
            Err(Refused::Limit(e)) => return Err(at(&e)),
            Err(Refused::Malformed(reason)) if !options.skip_malformed => return Err(at(&reason)),
            Err(Refused::Malformed(reason)) => {
                malformed += 1;
                if kept.len() < KEPT {
                    let line = record.position().map_or(0, csv::Position::line);
                    kept.push(Malformed { line, reason: reason.to_string() });
                }
            }
        }
    }
    Ok(LogSummary::new(tally, rows.operators.into_vec(), rows.assets.into_vec(), malformed, kept))
}

/// Why a row is not counted.
enum Refused {
    Malformed(Error),
    Limit(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Malformed(error)
    }
}

/// Rows of text to rows of numbers.
struct Rows {
    columns: [usize; 5],
    replication: Option<usize>,
    width: usize,
    earliest: f64,
    names: [&'static str; 5],
    operators: Names,
    /// No other operators than those given.
    closed: bool,
    by_number: bool,
    assets: Names,
    run: Option<u64>,
    runs: u64,
    /// Replications so far rose from 0 on.
    from_zero: bool,
    last: f64,
}

/// The most replications in a row that are taken to have had no orders.
const MOST_EMPTY: u64 = 1_000_000;

impl Rows {
    fn new(header: &[String], options: &Options) -> std::result::Result<Self, String> {
        let all = COLUMNS.join(",");
        let place = |wanted: &str| header.iter().position(|name| name == wanted);
        for (i, name) in header.iter().enumerate() {
            if !COLUMNS.contains(&name.as_str()) && !OWN.contains(&name.as_str()) {
                return Err(format!("column {}: unknown; the columns are {all}", shown(name.as_bytes())));
            }
            if place(name) != Some(i) {
                return Err(format!("column {name}: there twice; the columns are {all}"));
            }
        }
        let arrival = place("arrival");
        if arrival.is_some() && place("time").is_some() {
            return Err("column arrival: beside time, which means the same; must be one of them".to_owned());
        }
        let mut names = COLUMNS;
        if arrival.is_some() {
            names[0] = "arrival";
        }
        let mut columns = [0; 5];
        for (column, name) in columns.iter_mut().zip(names) {
            *column = place(name).ok_or_else(|| format!("column {name}: missing; the columns are {all}"))?;
        }
        let mut operators = Names::new();
        for name in &options.operators {
            operators.add(name);
        }
        Ok(Self {
            columns,
            replication: place("replication"),
            width: header.len(),
            earliest: if arrival.is_some() { -LATEST } else { 0.0 },
            names,
            closed: operators.len() > 0,
            by_number: options.by_number,
            operators,
            assets: Names::new(),
            run: None,
            runs: 0,
            from_zero: false,
            last: f64::NEG_INFINITY,
        })
    }

    fn row(&mut self, record: &csv::ByteRecord) -> std::result::Result<Row, Refused> {
        if record.len() != self.width {
            return Err(
                Error::domain("row", format!("{} values", record.len()), format!("{} values", self.width)).into()
            );
        }
        let [time, operator, sell, buy, value] = self.columns.map(|i| record.get(i).unwrap_or_default().trim_ascii());
        let replication = match self.replication {
            Some(i) => Some(integer("replication", record.get(i).unwrap_or_default().trim_ascii())?),
            None => None,
        };
        // Everything is looked at before anything is kept: a malformed row leaves no trace in names or times.
        let next_run = self.run.is_none() || replication != self.run && replication.is_some();
        let t = float(time).filter(|t| *t >= self.earliest && *t <= LATEST);
        let t = t.ok_or_else(|| {
            let allowed = if self.earliest < 0.0 {
                "a number from -1e300 to 1e300"
            } else {
                "a number, at least 0 and at most 1e300"
            };
            Error::domain(self.names[0], shown(time), allowed)
        })?;
        if !next_run && t < self.last {
            let allowed = format!("at least that of the row before, {}", number(self.last));
            return Err(Error::domain(self.names[0], shown(time), allowed).into());
        }
        let v = float(value).filter(|v| *v >= 0.0 && v.is_finite());
        let v = v.ok_or_else(|| Error::domain("value", shown(value), "a number, finite and at least 0"))?;
        if sell == buy {
            return Err(Error::domain("buy", shown(buy), "another asset than sell").into());
        }
        let allowed = "a name of 1 to 256 bytes";
        for (column, name, names) in
            [("operator", operator, &self.operators), ("sell", sell, &self.assets), ("buy", buy, &self.assets)]
        {
            if names.find(name).is_none() && Names::text(name).is_none() {
                return Err(Error::domain(column, shown(name), allowed).into());
            }
        }
        let known = self.known(operator);
        if self.closed && known.is_none() {
            let allowed = if self.by_number {
                format!("one of the operators given, by name or by number from 0 to {}", self.operators.len() - 1)
            } else {
                "one of the operators given".to_owned()
            };
            return Err(Error::domain("operator", shown(operator), allowed).into());
        }
        if next_run {
            let next = replication.unwrap_or(0);
            if let Some(run) = self.run {
                // Counted from 0 on, those that are left out had no orders.
                let counted = self.from_zero && next > run && next - run <= MOST_EMPTY;
                self.runs += if counted { next - run } else { 1 };
            }
            self.from_zero = if self.run.is_none() { next == 0 } else { self.from_zero && Some(next) > self.run };
            self.run = Some(next);
        }
        self.last = t;
        let operator = match known {
            Some(number) => number,
            None => number_of(&mut self.operators, operator, MOST_OPERATORS, "operators")?,
        };
        let sell = number_of(&mut self.assets, sell, MOST_ASSETS, "assets")?;
        let buy = number_of(&mut self.assets, buy, MOST_ASSETS, "assets")?;
        Ok(Row { run: self.runs, time: t, operator, sell, buy, value: v })
    }

    /// The operator of a name, or of a number where those count.
    fn known(&self, operator: &[u8]) -> Option<u32> {
        let by_name = || self.operators.find(operator);
        let by_number = || {
            let number: u32 = std::str::from_utf8(operator).ok()?.parse().ok()?;
            (self.by_number && self.closed && (number as usize) < self.operators.len()).then_some(number)
        };
        // A log of this crate has numbers and no names.
        if self.names[0] == "arrival" { by_number().or_else(by_name) } else { by_name().or_else(by_number) }
    }
}

fn number_of(names: &mut Names, name: &[u8], most: usize, what: &str) -> std::result::Result<u32, Refused> {
    if let Some(number) = names.find(name) {
        return Ok(number);
    }
    if names.len() >= most {
        return Err(Refused::Limit(limit(what, most as u64)));
    }
    Ok(names.add(&String::from_utf8_lossy(name)))
}

fn float(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn integer(column: &str, text: &[u8]) -> Result<u64> {
    let value = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    value.ok_or_else(|| Error::domain(column, shown(text), "an integer, at least 0"))
}

/// A source that refuses rows without end.
struct Limited<R> {
    source: R,
    /// Bytes taken since the last row was complete; the reader takes them in larger blocks than rows.
    since: Rc<Cell<u64>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.since.get() > LONGEST_ROW {
            return Err(std::io::Error::other("a row longer than 1 MiB (is a quotation mark open?)"));
        }
        let taken = self.source.read(into)?;
        self.since.set(self.since.get() + taken as u64);
        Ok(taken)
    }
}
