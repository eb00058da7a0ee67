//! The reader's study: a scenario file, edited key by key.

use crate::path;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use pooltree::Scenario;
use toml::{Table, Value};

/// The longest link or pasted file that is read: a browser's address bar holds less.
const LONGEST: usize = 1 << 18;

/// Sections in the order in which a file is read best.
const SECTIONS: [&str; 9] = ["sites", "tree", "flow", "timing", "discount", "utility", "cost", "keepers", "orders"];

/// What a link cannot hold as it is.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`');

/// A scenario file and which of its architectures is looked at.
///
/// The file need not be valid: a reader may be half-way through a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    table: Table,
    /// The architecture that picture and bars show.
    pub show: String,
}

impl Study {
    /// A study of a scenario file.
    ///
    /// # Errors
    /// What is no TOML, or too long.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("{} characters: at most {LONGEST} are read", text.len()));
        }
        match text.parse::<Table>() {
            Ok(table) => Ok(Self { table, show: "tree".to_owned() }),
            // The library words it, as the command line does.
            Err(error) => {
                Err(in_a_line(&text.parse::<Scenario>().map_or_else(|e| e.to_string(), |_| error.to_string())))
            }
        }
    }

    /// The study that a link carries in its fragment: the lines of a file with dotted keys, joined by `&`.
    ///
    /// # Errors
    /// What is no such text.
    pub fn open(fragment: &str) -> Result<Self, String> {
        if fragment.len() > LONGEST {
            return Err(format!("{} characters: at most {LONGEST} are read", fragment.len()));
        }
        let mut show = None;
        let mut lines = String::new();
        for part in fragment.split('&').filter(|part| !part.is_empty()) {
            let line = percent_decode_str(part).decode_utf8().map_err(|_| "not text in UTF-8".to_owned())?;
            if let Some(name) = line.strip_prefix("show=") {
                show = Some(name.to_owned());
            } else {
                lines.push_str(&line);
                lines.push('\n');
            }
        }
        let mut study = Self::read(&lines)?;
        if let Some(show) = show {
            study.show = show;
        }
        Ok(study)
    }

    /// What a link carries.
    pub fn fragment(&self) -> String {
        let mut lines = Vec::new();
        flatten("", &self.table, &mut lines);
        if self.show != "tree" {
            lines.push(format!("show={}", self.show));
        }
        let escaped: Vec<String> = lines.iter().map(|line| utf8_percent_encode(line, ESCAPED).to_string()).collect();
        escaped.join("&")
    }

    /// The scenario file.
    pub fn file(&self) -> String {
        let mut text = String::new();
        let (plain, sections): (Vec<_>, Vec<_>) = self.table.iter().partition(|(_, value)| !value.is_table());
        for (key, value) in plain {
            text += &format!("{} = {value}\n", path::quoted(key));
        }
        let place = |name: &str| SECTIONS.iter().position(|known| *known == name).unwrap_or(SECTIONS.len());
        let mut sections = sections;
        sections.sort_by_key(|(name, _)| place(name));
        for (name, section) in sections {
            if !text.is_empty() {
                text.push('\n');
            }
            text += &format!("[{}]\n", path::quoted(name));
            for (key, value) in section.as_table().into_iter().flatten() {
                text += &format!("{} = {}\n", path::quoted(key), written(value));
            }
        }
        text
    }

    /// The scenario, if the file is valid.
    ///
    /// # Errors
    /// As reading the file.
    pub fn scenario(&self) -> pooltree::Result<Scenario> {
        self.file().parse()
    }

    /// The value at a dotted key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        path::get(&self.table, key)
    }

    /// The text at a dotted key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// The number at a dotted key.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.get(key).and_then(number)
    }

    /// How many elements a list has.
    pub fn len(&self, key: &str) -> usize {
        self.get(key).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// Puts a value at a dotted key, with the tables that lead to it.
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        path::put(&mut self.table, key, value.into());
    }

    /// Takes a key, or an element of a list, away.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        path::take(&mut self.table, key)
    }

    /// Adds an element to a list.
    pub fn push(&mut self, key: &str, value: Value) {
        match path::get_mut(&mut self.table, key) {
            Some(Value::Array(list)) => list.push(value),
            _ => self.put(key, Value::Array(vec![value])),
        }
    }
}

/// First and last line of an account that shows the place between them with carets.
fn in_a_line(account: &str) -> String {
    let lines: Vec<&str> = account.lines().collect();
    match lines.as_slice() {
        [first, .., last] => format!("{first}: {last}"),
        _ => account.to_owned(),
    }
}

/// A number, whole or not.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(x) => Some(*x),
        Value::Integer(n) => Some(*n as f64),
        _ => None,
    }
}

/// A value as a file has it: long lists of tables one a line.
fn written(value: &Value) -> String {
    match value {
        Value::Array(list) if list.len() > 1 && list.iter().all(Value::is_table) => {
            let lines: Vec<String> = list.iter().map(|element| format!("  {element},\n")).collect();
            format!("[\n{}]", lines.concat())
        }
        other => other.to_string(),
    }
}

/// All keys with their values, dotted; lists stay whole.
fn flatten(prefix: &str, table: &Table, lines: &mut Vec<String>) {
    for (key, value) in table {
        let key = format!("{prefix}{}", path::quoted(key));
        match value {
            Value::Table(inner) if !inner.is_empty() => flatten(&format!("{key}."), inner, lines),
            other => lines.push(format!("{key}={other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[tree]\narity = 2\ndepth = 3\n\n[flow]\nrate = 64.0\ncomponents = [\n  { kind = \"uniform\", share = 0.5 },\n  { kind = \"opposite\", share = 0.5 },\n]\n\n[timing]\nlatency = { model = \"proportional\", scale = 0.125 }\nperiod = { model = \"ratio\", base = 0.125, ratio = 2 }\ndelay = \"batched\"\n\n[discount]\nfactor = 0.5\n";

    #[test]
    fn file_and_link_carry_the_study() {
        let mut study = Study::read(FILE).unwrap();
        assert_eq!(study.scenario().unwrap(), FILE.parse().unwrap());
        assert_eq!(Study::read(&study.file()), Ok(study.clone()));
        study.show = "local-2".to_owned();
        study.put("sites.names", Value::Array(vec![Value::from("A & B#%\"+ \u{e9}"), Value::from("=\\\n")]));
        let link = study.fragment();
        assert!(link.is_ascii() || link.contains('\u{e9}'), "{link}");
        assert!(!link.contains([' ', '"', '#', '\n']), "{link}");
        assert_eq!(Study::open(&link), Ok(study));
    }

    #[test]
    fn what_is_no_study_is_told() {
        for (fragment, part) in [("tree.arity=", "TOML"), ("%ff", "UTF-8"), ("<script>", "TOML"), ("a=1&a=2", "TOML")] {
            let told = Study::open(fragment).unwrap_err();
            assert!(told.contains(part) && told.lines().count() == 1, "{fragment}: {told}");
        }
        assert!(Study::open(&"x".repeat(1 << 20)).unwrap_err().contains("at most"));
        assert!(Study::open("").unwrap().scenario().is_err());
    }

    #[test]
    fn keys_are_put_and_taken() {
        let mut study = Study::read(FILE).unwrap();
        study.put("cost.per_message", 0.5);
        study.put("flow.components.1.share", 0.25);
        assert_eq!(
            (study.number("cost.per_message"), study.number("flow.components.1.share")),
            (Some(0.5), Some(0.25))
        );
        assert_eq!((study.len("flow.components"), study.text("flow.components.1.kind")), (2, Some("opposite")));
        assert!(study.take("flow.components.0").is_some() && study.take("flow.components.7").is_none());
        assert_eq!(study.text("flow.components.0.kind"), Some("opposite"));
    }
}
