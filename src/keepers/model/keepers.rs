//! A register of keepers.

use super::Keeper;
use crate::error::{Error, Result};
use serde::Serialize;
use std::collections::HashMap;

/// Keepers with different ids, in the order of their file; possibly none.
///
/// ```
/// use pooltree::keepers::{Keeper, Keepers};
/// let twice = Keepers::new(vec![Keeper::new("alice"), Keeper::new("alice")]);
/// assert_eq!(twice.unwrap_err().to_string(), "1.id = alice: must be different from that of keeper 0");
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Keepers {
    keepers: Vec<Keeper>,
}

impl Keepers {
    /// Checks every keeper and that no id is given twice.
    ///
    /// # Errors
    /// [`Error::Domain`] with the index of the keeper from 0 in front of the key.
    pub fn new(keepers: Vec<Keeper>) -> Result<Self> {
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(keepers.len());
        for (i, keeper) in keepers.iter().enumerate() {
            keeper.check().map_err(|e| e.within(&i.to_string()))?;
            if let Some(first) = seen.insert(&keeper.id, i) {
                let allowed = format!("different from that of keeper {first}");
                return Err(Error::domain(format!("{i}.id"), &keeper.id, allowed));
            }
        }
        Ok(Self { keepers })
    }

    /// The keepers in file order.
    pub fn all(&self) -> &[Keeper] {
        &self.keepers
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keepers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keepers.is_empty()
    }

    /// Indices of the keepers that are active and stake at least `min_stake`, in file order.
    pub fn viable(&self, min_stake: Option<f64>) -> Vec<usize> {
        let viable = |keeper: &Keeper| keeper.active && min_stake.is_none_or(|least| keeper.stake >= least);
        (0..self.len()).filter(|&i| viable(&self.keepers[i])).collect()
    }

    /// The keepers with these indices, in their order.
    pub(crate) fn subset(&self, indices: impl IntoIterator<Item = usize>) -> Self {
        Self { keepers: indices.into_iter().map(|i| self.keepers[i].clone()).collect() }
    }
}
