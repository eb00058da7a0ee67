//! A table of a report.

use comfy_table::{CellAlignment, ContentArrangement, presets};
use std::fmt;

/// Columns of characters of a table that holds sentences.
const WIDTH: u16 = 150;

/// A table: a header, and rows of cells.
///
/// `Display` draws it in Markdown, or with lines between the rows if all of its columns are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    kind: Kind,
}

/// What the columns hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A name, then numbers.
    Numbers,
    /// The same, then sentences.
    Sentences,
    /// Text only.
    Text,
}

impl Table {
    /// A table of numbers, whose first column says what of.
    pub fn new<C: AsRef<str>>(header: &[C]) -> Self {
        Self::of(Kind::Numbers, header)
    }

    /// A table whose last column is sentences, broken into lines.
    pub fn with_sentences<C: AsRef<str>>(header: &[C]) -> Self {
        Self::of(Kind::Sentences, header)
    }

    /// A table of text, broken into lines.
    pub fn of_text<C: AsRef<str>>(header: &[C]) -> Self {
        Self::of(Kind::Text, header)
    }

    fn of<C: AsRef<str>>(kind: Kind, header: &[C]) -> Self {
        Self { header: header.iter().map(|title| title.as_ref().to_owned()).collect(), rows: Vec::new(), kind }
    }

    /// Adds a row below.
    pub fn add_row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The titles of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows of cells, from above.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether a column holds numbers: where a table may have some, and a cell begins as one does or stands for one.
    pub(super) fn is_of_numbers(&self, column: usize) -> bool {
        let may = match self.kind {
            Kind::Numbers => true,
            Kind::Sentences => column + 1 < self.header.len(),
            Kind::Text => false,
        };
        may && self.rows.iter().filter_map(|row| row.get(column)).any(|cell| begins_with_number(cell))
    }
}

/// A number, with or without what follows it, or a range; `-` stands for one that is not there.
fn begins_with_number(cell: &str) -> bool {
    let rest = cell.strip_prefix("p = ").unwrap_or(cell);
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let word = rest.split([' ', ',']).next().unwrap_or_default();
    // Names such as "inf" are no numbers here.
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    cell == "-" || is_number(word) || word.split_once('-').is_some_and(|(least, _)| is_number(least))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = comfy_table::Table::new();
        let lines = if self.kind == Kind::Text { presets::ASCII_FULL } else { presets::ASCII_MARKDOWN };
        table.load_style(lines).set_header(&self.header);
        if self.kind != Kind::Numbers {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
        }
        let last = self.header.len().saturating_sub(1);
        for (i, column) in table.column_iter_mut().enumerate() {
            let is_text = i == 0 || self.kind == Kind::Text || (self.kind == Kind::Sentences && i == last);
            column.set_cell_alignment(if is_text { CellAlignment::Left } else { CellAlignment::Right });
        }
        table.add_rows(&self.rows);
        write!(f, "{table}")
    }
}
