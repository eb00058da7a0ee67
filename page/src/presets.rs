//! Studies to begin with.

use crate::study::Study;
use serde::Serialize;

/// One of them.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Preset {
    /// A name for links and programs.
    pub name: &'static str,
    /// A name for the reader.
    pub label: &'static str,
    /// What it shows.
    pub about: &'static str,
    #[serde(skip)]
    file: &'static str,
}

/// All of them; the first is the one that the page opens with.
pub const PRESETS: [Preset; 6] = [
    Preset {
        name: "document",
        label: "Eight operators",
        about: "The picture of the document: a binary tree over eight operators, orders spread evenly, a child pool twice as \
                fast as its parent.",
        file: include_str!("presets/document.toml"),
    },
    Preset {
        name: "opposite",
        label: "Opposite sides ①",
        about: "Degenerate case ①: matching orders arrive on opposite sides of the circle only. All lower levels fill nothing \
                and cost time and messages; only the global pool is needed.",
        file: include_str!("presets/opposite.toml"),
    },
    Preset {
        name: "nearby",
        label: "Neighbours only ②",
        about: "Degenerate case ②: matching orders arrive in the same small pool only. Disconnected local pools do all of the \
                work; nothing is left for the levels above.",
        file: include_str!("presets/nearby.toml"),
    },
    Preset {
        name: "gamma-3",
        label: "γ = 3",
        about: "Nine operators in threes on a ring: a pool hears from its farthest member more than twice as fast as the root, \
                in time for the root's next auction.",
        file: include_str!("presets/gamma-3.toml"),
    },
    Preset {
        name: "golden-ratio",
        label: "Golden ratio",
        about: "Half of the orders are filled in half the time of the global auction, the others in twice its time. Tree and \
                global pool break even where β^(1/2) is 0.618, the golden ratio's reciprocal: move the half-life to either side.",
        file: include_str!("presets/golden-ratio.toml"),
    },
    Preset {
        name: "cities",
        label: "Real cities",
        about: "Operators in 24 cities, latencies from distances along the globe at half the speed of light, pools divided by \
                place. Times are in seconds.",
        file: include_str!("presets/cities.toml"),
    },
];

impl Preset {
    /// The preset of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The study that it stands for.
    ///
    /// # Errors
    /// None: a test reads them all.
    pub fn study(&self) -> Result<Study, String> {
        Study::read(self.file)
    }
}
