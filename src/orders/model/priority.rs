//! Which orders of the longer side are filled.

use serde::Serialize;

/// The order in which a pool fills orders that compete for the same counterparts. Ties are broken at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Every order has the same chance.
    #[default]
    Random,
    /// Most valuable orders first: the document's greedy strategy.
    HighestValue,
    /// Orders that arrived first.
    Oldest,
    /// Orders that arrived last.
    Newest,
}

impl Priority {
    /// All priorities, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Random, Self::HighestValue, Self::Oldest, Self::Newest];

    /// The name in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::HighestValue => "highest-value",
            Self::Oldest => "oldest",
            Self::Newest => "newest",
        }
    }

    /// Whether it does not look at times: then the wait of a filled order is uniform on the window.
    pub fn ignores_time(self) -> bool {
        matches!(self, Self::Random | Self::HighestValue)
    }

    /// Whether it does not look at values: then filled orders are worth the mean.
    pub fn ignores_value(self) -> bool {
        self != Self::HighestValue
    }
}
