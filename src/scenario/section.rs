//! A table of a TOML document that knows its own path, so that every mistake is answered with key, value and what is
//! allowed.

use crate::error::{Error, Result};
use toml::{Table, Value};

/// One table with the dotted path that leads to it.
pub(super) struct Section<'a> {
    path: String,
    table: &'a Table,
}

/// How a value reads in an error message: as TOML.
pub(super) fn shown(value: &Value) -> String {
    one_line(&value.to_string())
}

/// Text of the file in an error message: long ones shortened, control characters escaped.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 80;
    let (text, more) = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => (&text[..end], "…"),
        None => (text, ""),
    };
    let escaped: String =
        text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect();
    escaped + more
}

/// The parser's account of a syntax error, with the line where it can be shown.
pub(super) fn account(error: &toml::de::Error) -> String {
    const WIDEST: usize = 120;
    let account = error.to_string();
    let printable = |line: &str| line.chars().count() <= WIDEST && !line.chars().any(char::is_control);
    if account.lines().all(printable) {
        account.trim().to_owned()
    } else {
        format!("{}: {}", account.lines().next().unwrap_or_default(), one_line(error.message()))
    }
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(super) fn root(table: &'a Table) -> Self {
        Self { path: String::new(), table }
    }

    /// Dotted path of `key` in this table.
    pub(super) fn key(&self, key: &str) -> String {
        let key = one_line(key);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// Refuses keys that mean nothing here; asked first, so that a misspelt key is named and not the missing one.
    pub(super) fn only(&self, allowed: &[&str]) -> Result<()> {
        match self.table.keys().find(|key| !allowed.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(Error::UnknownKey { key: self.key(key), allowed: allowed.join(", ") }),
        }
    }

    /// [`Section::only`] where the key that decides about the others is missing: it may be misspelt.
    pub(super) fn only_without(&self, key: &str, allowed: &[&str]) -> Result<()> {
        if self.has(key) { Ok(()) } else { self.only(allowed) }
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn wrong(&self, key: &str, value: &Value, allowed: &str) -> Error {
        Error::domain(self.key(key), shown(value), allowed)
    }

    fn missing(&self, key: &str, allowed: &str) -> Error {
        Error::Missing { key: self.key(key), allowed: allowed.to_owned() }
    }

    /// A number; whole ones count as floating-point.
    pub(super) fn number(&self, key: &str) -> Result<Option<f64>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(value) => as_number(value).map(Some).ok_or_else(|| self.wrong(key, value, "a number")),
        }
    }

    /// A number that must be there.
    pub(super) fn needed_number(&self, key: &str, allowed: &str) -> Result<f64> {
        self.number(key)?.ok_or_else(|| self.missing(key, allowed))
    }

    /// A number, or infinity, written as TOML's `inf` or as text.
    pub(super) fn number_or_infinity(&self, key: &str) -> Result<Option<f64>> {
        if self.table.get(key).and_then(Value::as_str) == Some("inf") {
            Ok(Some(f64::INFINITY))
        } else {
            self.number(key)
        }
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.wrong(key, other, "a text in quotes")),
        }
    }

    /// The text at a key, if there is one.
    pub(super) fn text_or_none(&self, key: &str) -> Option<&'a str> {
        self.table.get(key).and_then(Value::as_str)
    }

    /// True or false.
    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Boolean(value)) => Ok(Some(*value)),
            Some(other) => Err(self.wrong(key, other, "true or false")),
        }
    }

    /// An integer of at least 0 that fits `T`.
    pub(super) fn integer<T: TryFrom<i64>>(&self, key: &str, allowed: &str) -> Result<Option<T>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(value) => match value.as_integer().map(|n| (n, T::try_from(n))) {
                Some((_, Ok(n))) => Ok(Some(n)),
                // Positive and yet out of range: of the integer types read here only `u32` ends below `i64`.
                Some((1.., Err(_))) if allowed.contains("at least") => {
                    Err(self.wrong(key, value, &format!("{allowed}, at most {}", u32::MAX)))
                }
                _ => Err(self.wrong(key, value, allowed)),
            },
        }
    }

    /// An integer that must be there.
    pub(super) fn needed_integer<T: TryFrom<i64>>(&self, key: &str, allowed: &str) -> Result<T> {
        self.integer(key, allowed)?.ok_or_else(|| self.missing(key, allowed))
    }

    /// One of a few names; `None` if it is missing.
    pub(super) fn choice<'n>(&self, key: &str, names: &[&'n str]) -> Result<Option<&'n str>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let found = value.as_str().and_then(|text| names.iter().find(|name| **name == text));
        found.copied().map(Some).ok_or_else(|| self.wrong(key, value, &one_of(names)))
    }

    /// One of a few names that must be there.
    pub(super) fn needed_choice<'n>(&self, key: &str, names: &[&'n str]) -> Result<&'n str> {
        self.choice(key, names)?.ok_or_else(|| self.missing(key, &one_of(names)))
    }

    /// An array of numbers that must be there.
    pub(super) fn needed_numbers(&self, key: &str, allowed: &str) -> Result<Vec<f64>> {
        let value = self.table.get(key).ok_or_else(|| self.missing(key, allowed))?;
        let array = value.as_array().ok_or_else(|| self.wrong(key, value, allowed))?;
        array
            .iter()
            .enumerate()
            .map(|(i, item)| as_number(item).ok_or_else(|| self.wrong(&format!("{key}.{i}"), item, "a number")))
            .collect()
    }

    /// A text that must be there.
    pub(super) fn needed_text(&self, key: &str, allowed: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| self.missing(key, allowed))
    }

    /// An array that must be there.
    pub(super) fn needed_array(&self, key: &str, allowed: &str) -> Result<&'a [Value]> {
        let value = self.table.get(key).ok_or_else(|| self.missing(key, allowed))?;
        value.as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(key, value, allowed))
    }

    /// An array of texts that must be there.
    pub(super) fn needed_texts(&self, key: &str, allowed: &str) -> Result<Vec<String>> {
        let text = |(i, value): (usize, &Value)| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| self.wrong(&format!("{key}.{i}"), value, "a text in quotes"))
        };
        self.needed_array(key, allowed)?.iter().enumerate().map(text).collect()
    }

    /// An array of integers of at least 0 that must be there.
    pub(super) fn needed_integers(&self, key: &str, allowed: &str) -> Result<Vec<u32>> {
        let integer = |(i, value): (usize, &Value)| {
            let found = value.as_integer().and_then(|n| u32::try_from(n).ok());
            found.ok_or_else(|| self.wrong(&format!("{key}.{i}"), value, "an integer of at least 2"))
        };
        self.needed_array(key, allowed)?.iter().enumerate().map(integer).collect()
    }

    /// An array of arrays of numbers that must be there.
    pub(super) fn needed_rows(&self, key: &str, allowed: &str) -> Result<Vec<Vec<f64>>> {
        let row = |(i, value): (usize, &Value)| -> Result<Vec<f64>> {
            let own = format!("{key}.{i}");
            let row = value.as_array().ok_or_else(|| self.wrong(&own, value, "an array of numbers"))?;
            let number = |(j, value): (usize, &Value)| {
                as_number(value).ok_or_else(|| self.wrong(&format!("{own}.{j}"), value, "a number"))
            };
            row.iter().enumerate().map(number).collect()
        };
        self.needed_array(key, allowed)?.iter().enumerate().map(row).collect()
    }

    /// A table, if it is there.
    pub(super) fn table(&self, key: &str) -> Result<Option<Section<'a>>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(Section { path: self.key(key), table })),
            Some(other) => Err(self.wrong(key, other, "a table")),
        }
    }

    /// A table that must be there.
    pub(super) fn needed_table(&self, key: &str, allowed: &str) -> Result<Section<'a>> {
        self.table(key)?.ok_or_else(|| self.missing(key, allowed))
    }

    /// An array of tables, if it is there.
    pub(super) fn tables(&self, key: &str) -> Result<Option<Vec<Section<'a>>>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let array = value.as_array().ok_or_else(|| self.wrong(key, value, "an array of tables"))?;
        let section = |(i, item): (usize, &'a Value)| match item {
            Value::Table(table) => Ok(Section { path: format!("{}.{i}", self.key(key)), table }),
            other => Err(self.wrong(&format!("{key}.{i}"), other, "a table")),
        };
        array.iter().enumerate().map(section).collect::<Result<_>>().map(Some)
    }

    /// An error of a constructor, its key moved to this section.
    pub(super) fn place<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|e| e.within(&self.path))
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(x) => Some(*x),
        Value::Integer(n) => Some(*n as f64),
        _ => None,
    }
}

fn one_of(names: &[&str]) -> String {
    format!("one of {}", names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "))
}
