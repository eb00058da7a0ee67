//! What the documents claim, and what the toolkit computes for it.
//!
//! Every verdict follows from figures that are computed when the report is made; nothing but the quotation is typed in.

mod calculation;
mod constellations;
mod keepers;
mod latency;

use crate::error::Result;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::ops::Deref;

/// The document that a claim is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// *Operator pool trees*.
    Pools,
    /// *Keeper selection*.
    Keepers,
}

impl Document {
    /// All, in the order of the report.
    pub const ALL: [Self; 2] = [Self::Pools, Self::Keepers];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pools => "Operator pool trees",
            Self::Keepers => "Keeper selection",
        }
    }
}

/// What the figures say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// True in every case that was computed.
    Holds,
    /// True in some of them; the finding says in which.
    HoldsIf,
    /// True in none.
    Fails,
}

impl Verdict {
    /// The verdict over all cases of a claim, of which each bears it out or does not.
    fn over(cases: impl IntoIterator<Item = bool>) -> Self {
        let (mut holds, mut fails) = (false, false);
        cases.into_iter().for_each(|case| if case { holds = true } else { fails = true });
        match (holds, fails) {
            (true, false) => Self::Holds,
            (true, true) => Self::HoldsIf,
            (false, _) => Self::Fails,
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsIf => "holds if",
            Self::Fails => "fails",
        }
    }
}

/// Named numbers in the order in which they are read; serialises to an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures(Vec<(String, f64)>);

impl Figures {
    /// The figures with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// The figure of a name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    fn with(mut self, name: impl Into<String>, value: f64) -> Self {
        self.0.push((name.into(), value));
        self
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

/// One claim with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// Its number among the claims of its document.
    pub claim: u32,
    /// Where it is from.
    pub document: Document,
    /// The claim in a few words of the document.
    pub quote: &'static str,
    /// What the figures say.
    pub verdict: Verdict,
    /// What was computed, with the condition under which the claim holds.
    pub finding: String,
    /// The numbers behind it.
    pub figures: Figures,
}

/// Claims of the documents, in their order; serialises to the JSON of `pooltree claims --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Claims(Vec<Claim>);

impl Deref for Claims {
    type Target = [Claim];

    fn deref(&self) -> &[Claim] {
        &self.0
    }
}

impl IntoIterator for Claims {
    type Item = Claim;
    type IntoIter = std::vec::IntoIter<Claim>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Claims {
    type Item = &'a Claim;
    type IntoIter = std::slice::Iter<'a, Claim>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Computes the whole report, claim by claim, the claims about pools first; takes some milliseconds.
///
/// # Errors
/// Those of the closed forms and searches; none of the scenarios here leads to one.
///
/// ```
/// use pooltree::claims::{self, Document, Verdict};
/// let claims = claims::all()?;
/// let row = |document, n| claims.iter().find(|row| row.document == document && row.claim == n).unwrap();
/// let squared = row(Document::Pools, 4);
/// assert_eq!(squared.verdict, Verdict::Fails);
/// assert_eq!(squared.figures.get("beta^(2t)"), Some(0.0625)); // not .125
/// // Weights .7, .2, .1: the second is one of two with probability .2 + .7 · 2/3 + .1 · 2/9.
/// let second = row(Document::Keepers, 9).figures.get("one of two, keeper 2 of 0.7 : 0.2 : 0.1").unwrap();
/// assert!((second - (0.2 + 1.4 / 3.0 + 0.2 / 9.0)).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn all() -> Result<Claims> {
    let mut claims = vec![
        latency::double_the_size()?,
        latency::proportional_to_the_size()?,
        latency::faster_on_the_globe()?,
        calculation::the_squared_discount()?,
        calculation::half_fast_half_slow()?,
        calculation::less_than_half()?,
        calculation::one_additional_layer()?,
        calculation::a_constant_rate()?,
        latency::super_linear_quorums()?,
        latency::solving_is_a_detail()?,
        constellations::uniform_flow()?,
        latency::three_rather_than_two()?,
        constellations::useless_trees()?,
    ];
    claims.extend(keepers::all()?);
    Ok(Claims(claims))
}

/// A claim of *Operator pool trees*.
fn of_pools(claim: u32, quote: &'static str, verdict: Verdict, finding: String, figures: Figures) -> Claim {
    Claim { claim, document: Document::Pools, quote, verdict, finding, figures }
}

/// Whole numbers as a list: `2, 3 and 4`.
fn list(numbers: impl IntoIterator<Item = u32>) -> String {
    let words: Vec<String> = numbers.into_iter().map(|n| n.to_string()).collect();
    match words.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
