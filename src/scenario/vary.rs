//! The same scenario with other numbers at some of its keys.

use super::{Scenario, read};
use crate::error::{Error, Result, shown};
use crate::kernels::sum::Sum;
use crate::pool_tree::{Discount, DiscountModel};
use std::path::Path;
use toml::{Table, Value};

/// Ways to state the discount, of which a scenario has one.
const DISCOUNTS: [&str; 3] = ["factor", "rate", "half_life"];

/// Sections on which no exact result depends.
const NOT_EXACT: [&str; 2] = ["orders", "monte_carlo"];

/// Numbers of keepers, for all heights or one, that need not be there: none is no number.
const OF_KEEPERS: [&str; 3] = ["min_stake", "agent_min_stake", "deadline"];

/// The largest whole number up to which every `f64` is exact.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A scenario with some numeric keys left open.
///
/// Keys are the dotted keys of the scenario file, array elements by index: `flow.rate`, `flow.components.0.exponent`,
/// `timing.latency.values.2`, `tree.depth`. Every number that the scenario has, defaults included, can be left open, but
/// those of `orders` and `monte_carlo`, on which no exact result depends, and so can `min_stake`, `agent_min_stake` and
/// `deadline` of keepers that have none. Two keys mean more than their own place:
///
/// - `discount.factor`, `discount.rate` and `discount.half_life` replace whichever of them the scenario has;
/// - `flow.components.i.share`: the shares of the components that are not left open are scaled so that all sum to 1.
///
/// ```
/// use pooltree::Scenario;
/// let document = Scenario::document();
/// let open = document.leave_open(&["discount.half_life", "tree.depth"])?;
/// let patient = open.at(&[10.0, 4.0])?;
/// assert_eq!(patient.tree().operators(), Some(16));
/// assert!((patient.discount().after(10.0) - 0.5).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct OpenScenario {
    template: Table,
    keys: Vec<OpenKey>,
    /// The scenario as it was: a long sum over a quorum is not computed for every value of a half-life.
    known: Scenario,
}

#[derive(Debug, Clone)]
struct OpenKey {
    dotted: String,
    path: Vec<String>,
    whole: bool,
    /// Index of the component whose share it is.
    share_of: Option<usize>,
    /// What the scenario has there.
    present: Option<f64>,
}

impl Scenario {
    /// The scenario with `keys` left open, to be filled by [`OpenScenario::at`].
    ///
    /// # Errors
    /// [`Error::UnknownKey`] for a key that is no number of this scenario, [`Error::Domain`] for one of `orders` or `monte_carlo`,
    /// one given twice and a second way to state the discount.
    pub fn leave_open(&self, keys: &[&str]) -> Result<OpenScenario> {
        let document = Table::try_from(self)
            .map_err(|e| Error::domain("scenario", "(given)", format!("representable as TOML: {e}")))?;
        let mut template = document.clone();
        let mut open: Vec<OpenKey> = Vec::with_capacity(keys.len());
        for &dotted in keys {
            let discount = dotted.strip_prefix("discount.").filter(|key| DISCOUNTS.contains(key));
            if let Some(key) = discount {
                if let Some(other) = open.iter().find(|other| other.path[0] == "discount") {
                    return Err(Error::domain(dotted, format!("(beside {})", other.dotted), "the only discount"));
                }
                let only = [(key.to_owned(), Value::Float(0.0))].into_iter().collect();
                template.insert("discount".to_owned(), Value::Table(only));
            }
            let path: Vec<String> = dotted.split('.').map(str::to_owned).collect();
            if NOT_EXACT.contains(&path[0].as_str()) {
                let allowed = "a key on which exact results depend, not one of [orders] or [monte_carlo]";
                return Err(Error::domain(dotted, "(left open)", allowed));
            }
            add_to_keepers(&mut template, &path);
            let mut present = document.clone();
            let present = match place(&mut present, &path) {
                _ if discount.is_some() => discount.and_then(|key| stated_as(self.discount(), key)),
                Some(Value::Integer(n)) => Some(*n as f64),
                Some(Value::Float(x)) => Some(*x),
                _ => None,
            };
            let whole = match place(&mut template, &path) {
                Some(Value::Integer(_)) => true,
                Some(Value::Float(_)) => false,
                _ => return Err(Error::UnknownKey { key: dotted.to_owned(), allowed: numbers(&document).join(", ") }),
            };
            if open.iter().any(|other| other.path == path) {
                return Err(Error::domain(dotted, "(given twice)", "a different key"));
            }
            let share_of = match path.as_slice() {
                [flow, components, i, share] if flow == "flow" && components == "components" && share == "share" => {
                    i.parse().ok()
                }
                _ => None,
            };
            open.push(OpenKey { dotted: dotted.to_owned(), path, whole, share_of, present });
        }
        Ok(OpenScenario { template, keys: open, known: self.clone() })
    }
}

impl OpenScenario {
    /// Whether the key takes whole numbers only.
    pub fn is_whole(&self, key: usize) -> bool {
        self.keys.get(key).is_some_and(|key| key.whole)
    }

    /// What the scenario itself has at a key that is left open; a discount stated otherwise is converted. `None` of a number that it
    /// does not have, and of a half-life without discount.
    ///
    /// ```
    /// use pooltree::Scenario;
    /// let document = Scenario::document(); // half of the utility is left after one unit of time
    /// assert_eq!(document.leave_open(&["discount.half_life"])?.present(0), Some(1.0));
    /// assert_eq!(document.leave_open(&["tree.depth"])?.present(0), Some(3.0));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn present(&self, key: usize) -> Option<f64> {
        self.keys.get(key).and_then(|key| key.present)
    }

    /// The scenario with `values` in place of the open keys, in their order.
    ///
    /// # Errors
    /// [`Error::Domain`] if there is not one value per key, a value is not whole where it must be, or shares exceed 1;
    /// else as reading a scenario with these values.
    pub fn at(&self, values: &[f64]) -> Result<Scenario> {
        if values.len() != self.keys.len() {
            let allowed = format!("{} values, one per open key", self.keys.len());
            return Err(Error::domain("values", format!("({} values)", values.len()), allowed));
        }
        let mut table = self.template.clone();
        for (key, &value) in self.keys.iter().zip(values) {
            let value = if !key.whole {
                Value::Float(value)
            } else if value.fract() == 0.0 && value.abs() < MOST_WHOLE {
                Value::Integer(value as i64)
            } else {
                return Err(Error::domain(&key.dotted, shown(value), "an integer"));
            };
            if let Some(slot) = place(&mut table, &key.path) {
                *slot = value;
            }
        }
        if self.keys.iter().any(|key| key.share_of.is_some()) {
            self.share_the_rest(&mut table, values)?;
        }
        read::scenario(&table, Some(&self.known), Path::new(""))
    }

    /// Scales the shares of the components that are not open to what the open ones leave.
    fn share_the_rest(&self, table: &mut Table, values: &[f64]) -> Result<()> {
        let open: Vec<(usize, f64)> =
            self.keys.iter().zip(values).filter_map(|(key, &value)| key.share_of.map(|i| (i, value))).collect();
        let rest = 1.0 - open.iter().map(|&(_, value)| value).collect::<Sum>().value();
        let components =
            table.get_mut("flow").and_then(|flow| flow.get_mut("components")).and_then(Value::as_array_mut);
        let mut others: Vec<&mut f64> = components
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|(i, _)| open.iter().all(|(j, _)| i != j))
            .filter_map(|(_, component)| match component.get_mut("share") {
                Some(Value::Float(share)) => Some(share),
                _ => None,
            })
            .collect();
        let total = others.iter().map(|share| **share).collect::<Sum>().value();
        let key = self.keys.iter().rev().find(|key| key.share_of.is_some());
        let refuse = |allowed: &str| {
            let names: Vec<&str> =
                self.keys.iter().filter(|key| key.share_of.is_some()).map(|key| key.dotted.as_str()).collect();
            Err(Error::domain(names.join(" + "), shown(1.0 - rest), allowed))
        };
        if key.is_none() || (rest.abs() <= 1e-12 && total == 0.0) {
            return Ok(());
        }
        if rest < -1e-12 || open.iter().any(|&(_, value)| !(0.0..=1.0).contains(&value)) {
            return refuse("at least 0 and at most 1");
        }
        if total == 0.0 {
            return refuse("1: no other component has a share to take the rest");
        }
        others.iter_mut().for_each(|share| **share *= rest.max(0.0) / total);
        Ok(())
    }
}

/// A discount in one of the [`DISCOUNTS`].
fn stated_as(discount: &Discount, key: &str) -> Option<f64> {
    let rate = -discount.ln_factor();
    let value = match (key, discount.model()) {
        ("factor", DiscountModel::Factor(given))
        | ("rate", DiscountModel::Rate(given))
        | ("half_life", DiscountModel::HalfLife(given)) => given,
        ("factor", _) => discount.after(1.0),
        ("rate", _) => rate.abs(), // not -0
        _ => std::f64::consts::LN_2 / rate,
    };
    Some(value).filter(|value| value.is_finite())
}

/// The value at a dotted path.
fn place<'t>(table: &'t mut Table, path: &[String]) -> Option<&'t mut Value> {
    let (first, rest) = path.split_first()?;
    let mut value = table.get_mut(first)?;
    for key in rest {
        value = match value {
            Value::Table(table) => table.get_mut(key)?,
            // One way to write an index, so that a key has one name.
            Value::Array(array) => array.get_mut(key.parse::<usize>().ok().filter(|i| i.to_string() == *key)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Makes room for a number of keepers that have none yet.
fn add_to_keepers(template: &mut Table, path: &[String]) {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    if let (["keepers", key] | ["keepers", "heights", _, key], Some((_, parent))) =
        (names.as_slice(), path.split_last())
        && OF_KEEPERS.contains(key)
        && let Some(Value::Table(section)) = place(template, parent)
    {
        section.entry(*key).or_insert(Value::Float(0.0));
    }
}

/// Arrays that are told by their first element: of keepers, sites, classes and rates there may be many.
fn is_long(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    ["keepers.list", "sites.list", "sites.one_way", "tree.pools"].contains(&path)
        || ["classes", "rates", "operators"].contains(&last)
}

/// All keys that can be left open; of many alike those of the first.
fn numbers(table: &Table) -> Vec<String> {
    fn visit(path: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Integer(_) | Value::Float(_) => found.push(path.to_owned()),
            Value::Table(table) => table.iter().for_each(|(key, value)| visit(&format!("{path}.{key}"), value, found)),
            Value::Array(array) => {
                let shown = if is_long(path) { 1 } else { array.len() };
                let elements = array.iter().take(shown).enumerate();
                elements.for_each(|(i, value)| visit(&format!("{path}.{i}"), value, found));
                if array.len() > shown {
                    found.push(format!("the same of the others up to {path}.{}", array.len() - 1));
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (key, value) in table.iter().filter(|(key, _)| !NOT_EXACT.contains(&key.as_str())) {
        if key == "discount" {
            found.extend(DISCOUNTS.map(|key| format!("discount.{key}")));
        } else {
            visit(key, value, &mut found);
        }
    }
    found
}
