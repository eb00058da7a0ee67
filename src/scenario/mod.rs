//! The scenario: one study, valid as a whole, read from TOML and used by everything.

mod read;
mod section;

use crate::error::{Error, Result, checked};
use crate::pool_tree::discount::DiscountModel;
use crate::pool_tree::{
    Component, Delay, Discount, Flow, Kind, Latency, LatencyModel, Period, PeriodModel, PoolTree, Timing,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};
use std::path::Path;

/// When a simulation stops.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopping {
    /// After this many replications, `≥ 2`.
    Replications(u64),
    /// When the half-width of the 95 % interval of gross welfare is this share of its mean, in `(0, 1)`.
    Precision(f64),
}

/// Seed and stopping rule of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MonteCarlo {
    seed: u64,
    #[serde(flatten)]
    stopping: Stopping,
}

impl Default for MonteCarlo {
    fn default() -> Self {
        Self { seed: Self::DEFAULT_SEED, stopping: Stopping::Replications(Self::DEFAULT_REPLICATIONS) }
    }
}

impl MonteCarlo {
    /// Seed where none is given.
    pub const DEFAULT_SEED: u64 = 1;
    /// Replications where neither their number nor a precision is given.
    pub const DEFAULT_REPLICATIONS: u64 = 10_000;
    pub(crate) const SEEDS: &'static str = "an integer from 0 to 9223372036854775807";

    /// Seed (at most `2^63 - 1`, what TOML can write) and stopping rule.
    ///
    /// # Errors
    /// [`Error::Domain`] for a larger seed, fewer than 2 replications, or a precision outside `(0, 1)`.
    pub fn new(seed: u64, stopping: Stopping) -> Result<Self> {
        if i64::try_from(seed).is_err() {
            return Err(Error::domain("seed", seed, Self::SEEDS));
        }
        match stopping {
            Stopping::Replications(n) if !(2..=i64::MAX as u64).contains(&n) => {
                Err(Error::domain("replications", n, "an integer of at least 2"))
            }
            Stopping::Precision(p) => {
                checked("precision", p, |p| p > 0.0 && p < 1.0, "above 0 and below 1")?;
                Ok(Self { seed, stopping })
            }
            Stopping::Replications(_) => Ok(Self { seed, stopping }),
        }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stopping rule.
    pub fn stopping(&self) -> Stopping {
        self.stopping
    }
}

/// A study: tree, order flow, timing, discount, utility, cost, and how to simulate it.
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
    tree: PoolTree,
    flow: Flow,
    timing: Timing,
    discount: Discount,
    utility_mean: f64,
    cost_per_message: f64,
    monte_carlo: MonteCarlo,
}

impl Scenario {
    /// Puts the parts together and checks them against each other.
    ///
    /// - `utility_mean ≥ 0`: mean utility `ū` of a filled order;
    /// - `cost_per_message ≥ 0`: `κ`, in units of utility.
    ///
    /// # Errors
    /// [`Error::Domain`] or [`Error::NotFinite`] with the dotted key of the scenario file.
    pub fn new(
        tree: PoolTree,
        flow: Flow,
        timing: Timing,
        discount: Discount,
        utility_mean: f64,
        cost_per_message: f64,
        monte_carlo: MonteCarlo,
    ) -> Result<Self> {
        let non_negative = |key: &str, value: f64| checked(key, value, |v| v >= 0.0, "finite and at least 0");
        non_negative("utility.mean", utility_mean)?;
        non_negative("cost.per_message", cost_per_message)?;
        flow.check(&tree).map_err(|e| e.within("flow"))?;
        timing.check(&tree).map_err(|e| e.within("timing"))?;
        if !(flow.rate() * utility_mean).is_finite() {
            let what = format!("gross welfare, flow.rate {} times it,", flow.rate());
            return Err(Error::NotFinite { key: "utility.mean".to_owned(), what });
        }
        let scenario = Self { tree, flow, timing, discount, utility_mean, cost_per_message, monte_carlo };
        scenario.check_orders_per_window()?;
        Ok(scenario)
    }

    /// Orders per window must be finite at every height that has a period of its own.
    fn check_orders_per_window(&self) -> Result<()> {
        if self.timing.period().depends_on_lower_heights() {
            return Ok(()); // periods are within a factor of two of the latencies, which are finite
        }
        for height in [0, self.tree.depth()] {
            let period = self.timing.period().at(height, 0.0, None)?;
            if !(self.flow.rate() * period).is_finite() {
                let what = format!("the number of orders in a window of {period}");
                return Err(Error::NotFinite { key: "flow.rate".to_owned(), what });
            }
        }
        Ok(())
    }

    /// The scenario of the document: eight operators, a binary tree, `β = 0.5`, a child pool twice as fast as its parent,
    /// the global auction taking one unit of time, 64 orders per unit time spread uniformly.
    pub fn document() -> Self {
        // Every part is within its domain; the fallible constructors are bypassed by the same values in a test.
        Self::try_document().unwrap_or_else(|_| unreachable!("the parts of the document's scenario are valid"))
    }

    fn try_document() -> Result<Self> {
        Self::new(
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
            MonteCarlo::default(),
        )
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read or is not text, else as [`str::parse`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file_error = |message: String| Error::File { path: path.display().to_string(), message };
        let bytes = std::fs::read(path).map_err(|e| file_error(e.to_string()))?;
        let text =
            String::from_utf8(bytes).map_err(|_| file_error("not UTF-8 text; a scenario is a TOML file".to_owned()))?;
        text.parse()
    }

    /// The pool tree.
    pub fn tree(&self) -> &PoolTree {
        &self.tree
    }

    /// The order flow.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Latency, period and delay.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// The discount.
    pub fn discount(&self) -> &Discount {
        &self.discount
    }

    /// Mean utility `ū` of a filled order.
    pub fn utility_mean(&self) -> f64 {
        self.utility_mean
    }

    /// Cost `κ` of one message, in units of utility.
    pub fn cost_per_message(&self) -> f64 {
        self.cost_per_message
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
        let table: toml::Table =
            text.parse().map_err(|e: toml::de::Error| Error::Syntax { message: e.to_string().trim().to_owned() })?;
        read::scenario(&table)
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
        let mut out = serializer.serialize_struct("Scenario", 7)?;
        out.serialize_field("tree", &self.tree)?;
        out.serialize_field("flow", &self.flow)?;
        out.serialize_field("timing", &self.timing)?;
        out.serialize_field("discount", &self.discount)?;
        out.serialize_field("utility", &Utility { mean: self.utility_mean })?;
        out.serialize_field("cost", &Cost { per_message: self.cost_per_message })?;
        out.serialize_field("monte_carlo", &self.monte_carlo)?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Scenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let table = toml::Table::deserialize(deserializer)?;
        read::scenario(&table).map_err(serde::de::Error::custom)
    }
}
