//! The scenario: one study, valid as a whole, read from TOML and used by everything.

mod rates;
mod read;
mod read_keepers;
mod read_orders;
mod read_sites;
mod section;
mod vary;

use crate::error::{Error, Result};
use crate::estimate::MonteCarlo;
use crate::network::sites::{Division, Survey};
use crate::orders::Orders;
use crate::pool_keepers::{PoolKeepers, closed_form::execution};
use crate::pool_tree::{
    Component, Delay, Discount, DiscountModel, Flow, Kind, Latency, LatencyModel, Model, Period, PeriodModel, PoolTree,
    Timing,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};
use std::io::Read;
use std::ops::Deref;
use std::path::Path;

pub use vary::OpenScenario;

/// The most bytes of a scenario file.
const LARGEST_FILE: u64 = 1 << 24;

/// A study: tree, order flow, timing, discount, utility, cost, how single orders are handled, and how to simulate it.
///
/// A value that exists is valid: every part by itself, and all parts against each other. It serialises to the shape of the
/// scenario file with all defaults filled in, and reads back to itself.
///
/// ```
/// let scenario: pooltree::Scenario = r#"
///     tree = { arity = 3, depth = 2 }
///     flow = { rate = 90.0 }
///     timing.latency = { model = "ring", statistic = "diameter", spacing = 0.01 }
///     timing.period = { model = "ratio", base = 0.05, ratio = 3 }
///     timing.delay = "batched"
///     discount = { half_life = 1.0 }
/// "#.parse()?;
/// assert_eq!(scenario.tree().operators(), Some(9));
/// assert_eq!(scenario.flow().components().len(), 1); // uniform by default
///
/// let mistake = "tree = { arity = 1, depth = 2 }".parse::<pooltree::Scenario>().unwrap_err();
/// assert_eq!(mistake.to_string(), "tree.arity = 1: must be an integer of at least 2");
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Where the operators are, if the scenario says so.
    survey: Option<Survey>,
    /// How the pools over them were made, unless they are given.
    division: Option<Division>,
    model: Model,
    keepers: Option<PoolKeepers>,
    orders: Orders,
    monte_carlo: MonteCarlo,
}

/// A scenario is its model and how its orders are handled and simulated: whatever takes a `&Model` takes a `&Scenario`.
impl Deref for Scenario {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl Scenario {
    /// A study of `model`, simulated as `monte_carlo` says.
    pub fn new(model: Model, monte_carlo: MonteCarlo) -> Self {
        Self { survey: None, division: None, model, keepers: None, orders: Orders::default(), monte_carlo }
    }

    /// The scenario of the document: eight operators, a binary tree, `β = 0.5`, a child pool twice as fast as its parent,
    /// the global auction taking one unit of time, 64 orders per unit time spread uniformly.
    pub fn document() -> Self {
        // Every part is within its domain; the fallible constructors are bypassed by the same values in a test.
        Self::try_document().unwrap_or_else(|_| unreachable!("the parts of the document's scenario are valid"))
    }

    fn try_document() -> Result<Self> {
        let model = Model::new(
            PoolTree::new(2, 3)?,
            Flow::new(64.0, 2, vec![Component::new(Kind::Uniform, 1.0, 0.5)?])?,
            Timing::new(
                Latency::new(LatencyModel::Proportional { scale: 0.125, exponent: 1.0 })?,
                Period::new(PeriodModel::Ratio { base: 0.125, ratio: 2 })?,
                Delay::Batched,
                0.0,
            )?,
            Discount::new(DiscountModel::Factor(0.5))?,
            1.0,
            0.0,
        )?;
        Ok(Self::new(model, MonteCarlo::default()))
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read or is not text, else as [`str::parse`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file_error = |message: String| Error::File { path: path.display().to_string(), message };
        let file = std::fs::File::open(path).map_err(|e| file_error(e.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::read(file, &path.display().to_string(), folder)
    }

    /// Reads a scenario from a file, a pipe or any other source, which errors call `name`.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, is not text, or is larger than 16 MiB, else as [`str::parse`].
    pub fn from_reader(source: impl Read, name: &str) -> Result<Self> {
        Self::read(source, name, Path::new(""))
    }

    fn read(source: impl Read, name: &str, folder: &Path) -> Result<Self> {
        let file_error = |message: &str| Error::File { path: name.to_owned(), message: message.to_owned() };
        let mut bytes = Vec::new();
        source.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|e| file_error(&e.to_string()))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(file_error("larger than 16 MiB; a scenario is a small TOML file"));
        }
        let text = String::from_utf8(bytes).map_err(|_| file_error("not UTF-8 text; a scenario is a TOML file"))?;
        Self::from_toml(&text, folder)
    }

    /// The scenario of a TOML text; files that it names are looked for in `folder`.
    fn from_toml(text: &str, folder: &Path) -> Result<Self> {
        let table: toml::Table =
            text.parse().map_err(|e: toml::de::Error| Error::Syntax { message: section::account(&e) })?;
        read::scenario(&table, None, folder)
    }

    /// The same study over sites whose pools are those of the model, made by `division` or given.
    #[must_use]
    pub fn with_sites(self, survey: Survey, division: Option<Division>) -> Self {
        Self { survey: Some(survey), division, ..self }
    }

    /// Where the operators are, if the scenario says so.
    pub fn sites(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    /// How the pools over the sites were made, unless they are given.
    pub fn division(&self) -> Option<&Division> {
        self.division.as_ref()
    }

    /// Who runs the auctions, if the scenario says so.
    pub fn keepers(&self) -> Option<&PoolKeepers> {
        self.keepers.as_ref()
    }

    /// The same study with keepers who run the auctions: the model takes their [`execution`](crate::pool_tree::Execution).
    ///
    /// # Errors
    /// As [`crate::pool_keepers::closed_form::execution`], the key below `keepers`.
    pub fn with_keepers(mut self, keepers: PoolKeepers) -> Result<Self> {
        let execution = execution(&keepers, self.tree(), self.discount()).map_err(|e| e.within("keepers"))?;
        self.model = self.model.with_execution(execution)?;
        self.keepers = Some(keepers);
        Ok(self)
    }

    /// The same study with auctions that are executed at once and for sure.
    #[must_use]
    pub fn without_keepers(mut self) -> Self {
        self.model = self.model.without_execution();
        self.keepers = None;
        self
    }

    /// How single orders are handled: what `pooltree simulate` adds to the model.
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// The same study with orders handled otherwise.
    ///
    /// # Errors
    /// [`Error::Domain`] as [`Orders::check`].
    pub fn with_orders(mut self, orders: Orders) -> Result<Self> {
        orders.check().map_err(|e| e.within("orders"))?;
        self.orders = orders;
        Ok(self)
    }

    /// The model: all but how to handle orders and to simulate.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Seed and stopping rule of the simulation.
    pub fn monte_carlo(&self) -> &MonteCarlo {
        &self.monte_carlo
    }

    /// The same study simulated otherwise.
    #[must_use]
    pub fn with_monte_carlo(mut self, monte_carlo: MonteCarlo) -> Self {
        self.monte_carlo = monte_carlo;
        self
    }
}

impl std::str::FromStr for Scenario {
    type Err = Error;

    /// Reads the TOML text of a scenario.
    fn from_str(text: &str) -> Result<Self> {
        Self::from_toml(text, Path::new(""))
    }
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Utility {
            mean: f64,
        }
        #[derive(Serialize)]
        struct Cost {
            per_message: f64,
        }
        let mut out = serializer.serialize_struct("Scenario", 10)?;
        if let Some(survey) = &self.survey {
            out.serialize_field("sites", survey)?;
        }
        match &self.division {
            Some(division) => out.serialize_field("tree", division)?,
            None => out.serialize_field("tree", self.tree())?,
        }
        out.serialize_field("flow", self.flow())?;
        out.serialize_field("timing", self.timing())?;
        out.serialize_field("discount", self.discount())?;
        out.serialize_field("utility", &Utility { mean: self.utility_mean() })?;
        out.serialize_field("cost", &Cost { per_message: self.cost_per_message() })?;
        if let Some(keepers) = &self.keepers {
            out.serialize_field("keepers", keepers)?;
        }
        out.serialize_field("orders", &self.orders)?;
        out.serialize_field("monte_carlo", &self.monte_carlo)?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Scenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let table = toml::Table::deserialize(deserializer)?;
        read::scenario(&table, None, Path::new("")).map_err(serde::de::Error::custom)
    }
}
