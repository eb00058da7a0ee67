//! What a reader can change: sliders, fields and choices.

use serde::Serialize;

/// What a control takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// One of a few names.
    Choice,
    /// Numbers with commas between them.
    Numbers,
    /// Any text.
    Text,
}

/// How a slider spreads its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Equal steps.
    Linear,
    /// Equal ratios.
    Log,
}

/// One of a few names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The name in the file.
    pub value: &'static str,
    /// What a reader sees.
    pub label: &'static str,
}

/// One quantity of the scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Control {
    /// Its dotted key in the scenario file.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// What it means.
    pub help: &'static str,
    /// Its unit; empty for pure numbers and names.
    pub unit: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is now.
    pub value: String,
    /// The slider's least value; a field without a slider has none.
    pub min: Option<f64>,
    /// The slider's greatest value.
    pub max: Option<f64>,
    /// The slider's step, where it is even.
    pub step: Option<f64>,
    /// How the slider spreads.
    pub scale: Scale,
    /// The names to choose from.
    pub choices: Vec<Choice>,
    /// Whether it is one of the few that a first reader sees.
    pub first: bool,
    /// The key to remove with the element whose first control this is.
    pub remove: Option<String>,
}

impl Control {
    fn new(key: impl Into<String>, label: impl Into<String>, kind: Kind, help: &'static str) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            help,
            unit: "",
            kind,
            value: String::new(),
            min: None,
            max: None,
            step: None,
            scale: Scale::Linear,
            choices: Vec::new(),
            first: false,
            remove: None,
        }
    }

    /// A whole number.
    pub fn integer(key: impl Into<String>, label: impl Into<String>, help: &'static str) -> Self {
        Self::new(key, label, Kind::Integer, help)
    }

    /// A number.
    pub fn number(key: impl Into<String>, label: impl Into<String>, help: &'static str) -> Self {
        Self::new(key, label, Kind::Number, help)
    }

    /// Numbers with commas between them.
    pub fn numbers(key: impl Into<String>, label: impl Into<String>, help: &'static str) -> Self {
        Self::new(key, label, Kind::Numbers, help)
    }

    /// One of a few names.
    pub fn choice(key: impl Into<String>, label: impl Into<String>, names: &[Choice], help: &'static str) -> Self {
        Self { choices: names.to_vec(), ..Self::new(key, label, Kind::Choice, help) }
    }

    /// With a slider of even steps.
    #[must_use]
    pub fn linear(self, min: f64, max: f64, step: f64) -> Self {
        Self { min: Some(min), max: Some(max), step: Some(step), scale: Scale::Linear, ..self }
    }

    /// With a slider of even ratios.
    #[must_use]
    pub fn log(self, min: f64, max: f64) -> Self {
        Self { min: Some(min), max: Some(max), step: None, scale: Scale::Log, ..self }
    }

    /// In a unit.
    #[must_use]
    pub fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// Seen at first.
    #[must_use]
    pub fn first(self) -> Self {
        Self { first: true, ..self }
    }

    /// With the value that it has now.
    #[must_use]
    pub fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }
}

/// Controls that belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// A name for the program.
    pub id: &'static str,
    /// A name for the reader.
    pub title: &'static str,
    /// The list that the reader can add to, and what the button says.
    pub add: Option<Add>,
    /// The controls.
    pub controls: Vec<Control>,
}

/// A list to which a reader can add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Add {
    /// The list.
    pub key: &'static str,
    /// What the button says.
    pub label: &'static str,
}
