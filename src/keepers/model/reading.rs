//! What "exclude the selected one and repeat" repeats.

use crate::error::Error;
use serde::Serialize;

/// How several keepers are selected by a rule that selects one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The selected keeper is excluded, and the rule is applied to the others with fresh randomness.
    #[default]
    ExcludeAndRepeat,
    /// The rule draws its randomness once, and that draw ranks all.
    SingleDraw,
}

impl Reading {
    /// Both, in the order of the documentation.
    pub const ALL: [Self; 2] = [Self::ExcludeAndRepeat, Self::SingleDraw];

    /// The name in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::ExcludeAndRepeat => "exclude-and-repeat",
            Self::SingleDraw => "single-draw",
        }
    }
}

impl std::str::FromStr for Reading {
    type Err = Error;

    /// `exclude-and-repeat` or `single-draw`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|reading| reading.name() == text);
        found.ok_or_else(|| Error::domain("reading", text, "one of \"exclude-and-repeat\", \"single-draw\""))
    }
}
