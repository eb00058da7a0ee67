//! Keepers as a CSV file.

use super::model::MOST_COUNTED;
use super::{Keeper, Keepers};
use crate::error::{Error, Result};
use std::io::Read;
use std::path::Path;

/// A file larger than this in bytes is none of keepers, and may have no end.
const LARGEST_FILE: u64 = 64 << 20;

/// The columns, in any order, all of them needed.
const COLUMNS: [&str; 8] = ["id", "stake", "bid", "cost", "ping", "picked", "succeeded", "active"];

impl Keepers {
    /// Reads a CSV file with the columns `id,stake,bid,cost,ping,picked,succeeded,active` in any order.
    ///
    /// # Errors
    /// As [`Keepers::from_csv`], and [`Error::File`] if the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>, most: usize) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match std::fs::File::open(path) {
            Ok(file) => Self::from_csv(std::io::BufReader::new(file), &name, most),
            Err(error) => Err(Error::File { path: name, message: error.to_string() }),
        }
    }

    /// Reads CSV text from any source, which errors call `name`; at most `most` keepers.
    ///
    /// `active` is `true` or `false` in any case (or 1 or 0); blanks around a value do not count.
    ///
    /// # Errors
    /// [`Error::File`] with the name, the row (1 is the first keeper), the column, the value and what is allowed: for a column
    /// that is missing, unknown or there twice, a value that is none, a duplicate id, a row of another length, more than
    /// `most` rows, or a file that is not UTF-8 or larger than 64 MiB.
    ///
    /// ```
    /// use pooltree::keepers::Keepers;
    /// let text = "id,stake,bid,cost,ping,picked,succeeded,active\nalice,500,1,0,0.1,10,9,true\nbob,-5,1,0,0.1,10,9,true\n";
    /// let mistake = Keepers::from_csv(text.as_bytes(), "keepers.csv", 1000).unwrap_err();
    /// assert_eq!(mistake.to_string(), "keepers.csv: row 2: stake = -5: must be finite and at least 0");
    /// ```
    pub fn from_csv(source: impl Read, name: &str, most: usize) -> Result<Self> {
        let error = |message: String| Error::File { path: name.to_owned(), message };
        let source = source.take(LARGEST_FILE + 1);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(source);
        let keepers = rows(&mut reader, error, most);
        // What was cut off there is not to be judged.
        if reader.get_ref().limit() == 0 {
            return Err(error("larger than 64 MiB; keepers are a small CSV file".to_owned()));
        }
        keepers
    }
}

fn rows(reader: &mut csv::Reader<impl Read>, error: impl Fn(String) -> Error + Copy, most: usize) -> Result<Keepers> {
    let header = reader.headers().map_err(|e| error(account(&e)))?.clone();
    let columns = columns(&header).map_err(error)?;
    let mut keepers = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let row = keepers.len() + 1;
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => return Err(error(format!("row {row}: {}", account(&e)))),
        }
        if row > most {
            return Err(error(format!("more than {most} keepers; at most {most} are allowed here")));
        }
        if record.len() != header.len() {
            return Err(error(format!("row {row}: {} values; must be {} values", record.len(), header.len())));
        }
        keepers.push(keeper(&record, columns).map_err(|e| error(format!("row {row}: {e}")))?);
    }
    Keepers::new(keepers).map_err(|e| match e {
        // Only a duplicate id is left; its key begins with the index.
        Error::Domain { key, value, .. } => {
            let index = key.split('.').next().and_then(|i| i.parse::<usize>().ok()).unwrap_or(0);
            error(format!(
                "row {}: id = {}: must be different from that of the rows before it",
                index + 1,
                shown(&value)
            ))
        }
        other => other,
    })
}

/// Where each column stands.
fn columns(header: &csv::StringRecord) -> std::result::Result<[usize; 8], String> {
    let all = COLUMNS.join(",");
    for (i, name) in header.iter().enumerate() {
        if !COLUMNS.contains(&name) {
            return Err(format!("column {}: unknown; the columns are {all}", shown(name)));
        }
        if header.iter().take(i).any(|other| other == name) {
            return Err(format!("column {name}: there twice; the columns are {all}"));
        }
    }
    let mut columns = [0; 8];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|other| other == name);
        *column = found.ok_or_else(|| format!("column {name}: missing; the columns are {all}"))?;
    }
    Ok(columns)
}

fn keeper(record: &csv::StringRecord, columns: [usize; 8]) -> Result<Keeper> {
    let field = |i: usize| record.get(columns[i]).unwrap_or_default();
    let number = |i: usize| {
        let text = field(i);
        text.parse::<f64>().map_err(|_| Error::domain(COLUMNS[i], shown(text), "a number, finite and at least 0"))
    };
    let count = |i: usize| {
        let text = field(i);
        let allowed = || format!("an integer from 0 to {MOST_COUNTED}");
        text.parse::<u64>().map_err(|_| Error::domain(COLUMNS[i], shown(text), allowed()))
    };
    let active = match field(7).to_ascii_lowercase().as_str() {
        "true" | "1" => true,
        "false" | "0" => false,
        _ => return Err(Error::domain("active", shown(field(7)), "true or false")),
    };
    let keeper = Keeper {
        id: field(0).to_owned(),
        stake: number(1)?,
        bid: number(2)?,
        cost: number(3)?,
        ping: number(4)?,
        picked: count(5)?,
        succeeded: count(6)?,
        active,
    };
    keeper.check()?;
    Ok(keeper)
}

/// Text of the file in a message: short, on one line.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).flat_map(char::escape_default).collect();
    if text.is_empty() { "\"\"".to_owned() } else { short }
}

fn account(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8 text; keepers are a CSV file".to_owned(),
        _ => error.to_string(),
    }
}
