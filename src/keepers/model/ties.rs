//! Who comes first of those who are equal.

use super::{Keeper, Task};
use serde::Serialize;

/// How equal scores are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// At random, every order alike.
    #[default]
    Uniform,
    /// The one that comes first in the file.
    FileOrder,
    /// By a hash of the task's job number and the keeper's id.
    Hash,
    /// The one that has executed the fewest tasks, then file order.
    LeastExecuted,
}

impl Ties {
    /// All policies, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Uniform, Self::FileOrder, Self::Hash, Self::LeastExecuted];

    /// The name in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::FileOrder => "file-order",
            Self::Hash => "hash",
            Self::LeastExecuted => "least-executed",
        }
    }

    /// Ranks that order the keepers strictly, smaller first; `None` where chance decides.
    pub(super) fn ranks<'k>(self, keepers: impl Iterator<Item = &'k Keeper>, task: &Task) -> Option<Vec<usize>> {
        let keys: Vec<u64> = match self {
            Self::Uniform => return None,
            Self::FileOrder => keepers.map(|_| 0).collect(),
            Self::Hash => keepers.map(|keeper| hash(task.job, &keeper.id)).collect(),
            Self::LeastExecuted => keepers.map(|keeper| keeper.succeeded).collect(),
        };
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by_key(|&i| keys[i]); // stable: file order among equal keys
        let mut ranks = vec![0; keys.len()];
        order.into_iter().enumerate().for_each(|(rank, i)| ranks[i] = rank);
        Some(ranks)
    }
}

/// A hash of job and id: FNV-1a of the job's eight bytes, least first, and the id's, then the finaliser of `SplitMix64`, so
/// that ids that differ in their last letter are far apart.
fn hash(job: u64, id: &str) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let bytes = job.to_le_bytes().into_iter().chain(id.bytes());
    let mut z = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
