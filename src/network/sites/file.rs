//! Sites as CSV files: places, or measured round trips.

use super::{Fibre, MOST_SITES, Place, PlacesReport, RoundTripReport, Sites, is_latency, round_trips, shown_text};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Larger files in MiB are none of sites, and may have no end.
const LARGEST_PLACES: u64 = 16;
const LARGEST_MATRIX: u64 = 256;

/// The columns that are read from a file of places.
const COLUMNS: [&str; 3] = ["name", "latitude", "longitude"];

type Reader<'a> = csv::Reader<BufReader<std::io::Take<Box<dyn Read + 'a>>>>;
type Said<T> = std::result::Result<T, String>;

impl Place {
    /// The places of a CSV file; see [`Sites::places_from_csv`].
    ///
    /// # Errors
    /// As [`Sites::places_from_csv`], and [`Error::File`] if the file cannot be read.
    pub fn all_from_file(path: impl AsRef<Path>) -> Result<Vec<Self>> {
        let (file, name) = open(path.as_ref())?;
        read(file, &name, LARGEST_PLACES, places).map(|(places, _)| places)
    }
}

impl Sites {
    /// Reads a CSV file of places; see [`Sites::places_from_csv`].
    ///
    /// # Errors
    /// As [`Sites::places_from_csv`], and [`Error::File`] if the file cannot be read.
    pub fn places_from_file(path: impl AsRef<Path>, fibre: &Fibre) -> Result<(Self, PlacesReport)> {
        let (file, name) = open(path.as_ref())?;
        Self::places_from_csv(file, &name, fibre)
    }

    /// Reads CSV text of places, which errors call `source_name`: the columns `name`, `latitude` and `longitude` in degrees,
    /// in any order. Further columns are allowed, are not read and are listed in the report. Lines before the header that
    /// begin with `#` are comments. Blanks around a value do not count.
    ///
    /// # Errors
    /// [`Error::File`] with the row (1 is the first site), the column, the value and what is allowed: for a column that is
    /// missing or there twice, a value that is no number or not on the globe, a name that is empty or there twice, a row of
    /// another length, no rows or more than [`MOST_SITES`], a file that is not UTF-8 or larger than 16 MiB.
    ///
    /// ```
    /// use pooltree::network::sites::{Fibre, Sites};
    /// let text = "# two poles\nlongitude,name,latitude,note\n0,north,90,cold\n0,south,-90,colder\n";
    /// let (sites, report) = Sites::places_from_csv(text.as_bytes(), "sites.csv", &Fibre::default())?;
    /// // Half a meridian to the metre, 20003.931 km, at two thirds of the speed of light.
    /// assert!((sites.one_way(0, 1) - 20003.931 * 1.5 / 299.792458).abs() < 1e-9);
    /// assert_eq!(report.ignored_columns, ["note"]);
    /// let text = "name,latitude,longitude\nnorth,91,0\n";
    /// let mistake = Sites::places_from_csv(text.as_bytes(), "sites.csv", &Fibre::default()).unwrap_err();
    /// let wanted = "sites.csv: row 1: latitude = 91: must be a number of degrees from -90 to 90";
    /// assert_eq!(mistake.to_string(), wanted);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn places_from_csv(source: impl Read, source_name: &str, fibre: &Fibre) -> Result<(Self, PlacesReport)> {
        let (places, ignored) = read(source, source_name, LARGEST_PLACES, places)?;
        let sites = Self::from_places(&places, fibre)?;
        let report = PlacesReport::new(&sites, fibre, ignored);
        Ok((sites, report))
    }

    /// Reads a CSV file of round trips; see [`Sites::round_trips_from_csv`].
    ///
    /// # Errors
    /// As [`Sites::round_trips_from_csv`], and [`Error::File`] if the file cannot be read.
    pub fn round_trips_from_file(path: impl AsRef<Path>) -> Result<(Self, RoundTripReport)> {
        let (file, name) = open(path.as_ref())?;
        Self::round_trips_from_csv(file, &name)
    }

    /// Reads CSV text of measured round trips in milliseconds, which errors call `source_name`. The first row names the sites
    /// after a corner that is not read; every further row begins with the name of the site at which was measured. Rows may
    /// come in any order; each site needs one. An empty value was not measured. Lines before the header that begin with `#`
    /// are comments. What is made of it: [`Sites::from_round_trips`].
    ///
    /// # Errors
    /// [`Error::File`] with the row (1 is the first below the header), the column, the value and what is allowed: for a value
    /// that is no number, not finite, below 0 or above 1e12, a name that is empty, there twice or without a row, a row of
    /// another length, no sites or more than [`MOST_SITES`], a file that is not UTF-8 or larger than 256 MiB, and a pair that
    /// no path of measured pairs connects.
    ///
    /// ```
    /// use pooltree::network::Sites;
    /// let text = "ms,a,b,c\na,0,10,\nb,12,0,8\nc,,,0\n";
    /// let (sites, report) = Sites::round_trips_from_csv(text.as_bytes(), "rtt.csv")?;
    /// assert_eq!(sites.row(0), [0.0, 5.5, 9.5]);
    /// assert_eq!(report.by_path, 1);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn round_trips_from_csv(source: impl Read, source_name: &str) -> Result<(Self, RoundTripReport)> {
        let (names, values) = read(source, source_name, LARGEST_MATRIX, matrix)?;
        let shown_names: Vec<String> = names.iter().map(|name| shown_text(name)).collect();
        Self::from_round_trips(names, &values).map_err(|e| match e {
            // Values and names have been checked; a pair without a path is left, its key with two indices at the end.
            Error::Domain { key, value, allowed } => {
                let at: Vec<usize> = key.split('.').filter_map(|part| part.parse().ok()).collect();
                let name = |i: usize| at.get(i).and_then(|&at| shown_names.get(at)).cloned().unwrap_or_default();
                let message = format!("row {}: column {} = {value}: must be {allowed}", name(0), name(1));
                Error::File { path: source_name.to_owned(), message }
            }
            other => other,
        })
    }
}

fn open(path: &Path) -> Result<(std::fs::File, String)> {
    let name = path.display().to_string();
    match std::fs::File::open(path) {
        Ok(file) => Ok((file, name)),
        Err(error) => Err(Error::File { path: name, message: error.to_string() }),
    }
}

/// Reads by `rows` after the comments; whatever is wrong is told with the name of the source.
fn read<T>(source: impl Read, name: &str, mebibytes: u64, rows: impl Fn(&mut Reader) -> Said<T>) -> Result<T> {
    let error = |message: String| Error::File { path: name.to_owned(), message };
    let source: Box<dyn Read> = Box::new(source);
    let mut source = BufReader::new(source.take((mebibytes << 20) + 1));
    skip_comments(&mut source).map_err(|e| error(e.to_string()))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(source);
    let found = rows(&mut reader);
    // What was cut off there is not to be judged.
    if reader.get_ref().get_ref().limit() == 0 {
        return Err(error(format!("larger than {mebibytes} MiB; sites are a smaller CSV file")));
    }
    found.map_err(error)
}

/// Only before the header: a site may be called `#1`.
fn skip_comments(source: &mut impl BufRead) -> std::io::Result<()> {
    if source.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        source.consume("\u{feff}".len());
    }
    while matches!(source.fill_buf()?.first(), Some(b'#' | b'\n' | b'\r')) {
        source.skip_until(b'\n')?;
    }
    Ok(())
}

/// Every row with its number, from 1 on, as long as the header; at most as many as there may be sites.
fn for_each_row(reader: &mut Reader, mut each: impl FnMut(usize, &csv::StringRecord) -> Said<()>) -> Said<()> {
    let columns = reader.headers().map_err(|e| account(&e))?.len();
    let mut record = csv::StringRecord::new();
    for row in 1.. {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => return Err(format!("row {row}: {}", account(&e))),
        }
        if row > MOST_SITES {
            return Err(format!("more than {MOST_SITES} sites; at most {MOST_SITES} are allowed"));
        }
        if record.len() != columns {
            return Err(format!("row {row}: {} values; must be {columns} values", record.len()));
        }
        each(row, &record).map_err(|message| format!("row {row}: {message}"))?;
    }
    Ok(())
}

/// The places, and the columns that are not read.
fn places(reader: &mut Reader) -> Said<(Vec<Place>, Vec<String>)> {
    let header = reader.headers().map_err(|e| account(&e))?.clone();
    let all = COLUMNS.join(",");
    let mut columns = [0; 3];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        let mut found = header.iter().enumerate().filter(|(_, own)| *own == name).map(|(at, _)| at);
        *column = found.next().ok_or_else(|| format!("column {name}: missing; the columns are {all}"))?;
        if found.next().is_some() {
            return Err(format!("column {name}: there twice; the columns are {all}"));
        }
    }
    let ignored = header.iter().filter(|name| !COLUMNS.contains(name)).map(shown_text).collect();
    let (mut places, mut seen) = (Vec::new(), BTreeMap::new());
    for_each_row(reader, |row, record| {
        let field = |i: usize| record.get(columns[i]).unwrap_or_default();
        let number = |i: usize, most: u32| {
            let allowed = format!("must be a number of degrees from -{most} to {most}");
            field(i).parse::<f64>().map_err(|_| format!("{} = {}: {allowed}", COLUMNS[i], shown_text(field(i))))
        };
        check_name("name", field(0), row, &mut seen)?;
        let place = Place { name: field(0).to_owned(), latitude: number(1, 90)?, longitude: number(2, 180)? };
        place.check().map_err(|e| e.to_string())?;
        places.push(place);
        Ok(())
    })?;
    if places.is_empty() { Err("no sites; must be at least one row".to_owned()) } else { Ok((places, ignored)) }
}

/// Names in the order of the columns, and the round trips row by row in that order.
fn matrix(reader: &mut Reader) -> Said<(Vec<String>, Vec<Option<f64>>)> {
    let header = reader.headers().map_err(|e| account(&e))?.clone();
    let names: Vec<String> = header.iter().skip(1).map(str::to_owned).collect();
    let n = names.len();
    if n == 0 {
        return Err("no sites; the first row must name at least one after its first value".to_owned());
    }
    if n > MOST_SITES {
        return Err(format!("{n} sites; at most {MOST_SITES} are allowed"));
    }
    let (mut column_of, mut seen) = (BTreeMap::new(), BTreeMap::new());
    for (i, name) in names.iter().enumerate() {
        check_name(&format!("column {}", i + 2), name, i + 2, &mut column_of).map_err(|e| format!("header: {e}"))?;
    }
    let mut values = vec![None; n * n];
    for_each_row(reader, |row, record| {
        let name = record.get(0).unwrap_or_default();
        check_name("name", name, row, &mut seen)?;
        let Some(column) = column_of.get(name) else {
            return Err(format!("name = {}: must be the name of a column", shown_text(name)));
        };
        let start = (column - 2) * n;
        for (j, text) in record.iter().skip(1).enumerate() {
            let parsed = text.parse::<f64>().ok().filter(|&v| is_latency(v));
            if parsed.is_none() && !text.is_empty() {
                let (name, text) = (shown_text(&names[j]), shown_text(text));
                return Err(format!("column {name} = {text}: must be {}, or empty", round_trips::allowed()));
            }
            values[start + j] = parsed;
        }
        Ok(())
    })?;
    match names.iter().find(|name| !seen.contains_key(*name)) {
        Some(name) => {
            Err(format!("{n} columns and {} rows: no row for {}; must be square", seen.len(), shown_text(name)))
        }
        None => Ok((names, values)),
    }
}

/// A name that is not empty and not among those seen, which it joins with its number.
fn check_name(key: &str, name: &str, number: usize, seen: &mut BTreeMap<String, usize>) -> Said<()> {
    if name.is_empty() {
        return Err(format!("{key} = \"\": must be a name that is not empty"));
    }
    match seen.insert(name.to_owned(), number) {
        Some(_) => Err(format!("{key} = {}: must be different from the names before it", shown_text(name))),
        None => Ok(()),
    }
}

fn account(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8 text; sites are a CSV file".to_owned(),
        _ => error.to_string(),
    }
}
