//! Names and their numbers.

use std::collections::HashMap;

/// Names in the order of appearance.
pub(super) struct Names {
    numbers: HashMap<Box<[u8]>, u32>,
    names: Vec<String>,
}

/// Longer names are a mistake in the file.
const LONGEST: usize = 256;

impl Names {
    pub(super) fn new() -> Self {
        Self { numbers: HashMap::new(), names: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The text of a name that may be taken up.
    pub(super) fn text(name: &[u8]) -> Option<&str> {
        if name.is_empty() || name.len() > LONGEST { None } else { std::str::from_utf8(name).ok() }
    }

    pub(super) fn add(&mut self, name: &str) -> u32 {
        let number = self.names.len() as u32;
        self.numbers.insert(name.as_bytes().into(), number);
        self.names.push(name.to_owned());
        number
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.names
    }
}

/// Text of the file in a message: short, on one line.
pub(super) fn shown(text: &[u8]) -> String {
    let start = text.get(..200).unwrap_or(text);
    let short: String = String::from_utf8_lossy(start).chars().take(40).flat_map(char::escape_debug).collect();
    if text.is_empty() { "\"\"".to_owned() } else { short }
}
