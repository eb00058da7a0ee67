//! Entrants put together for a test.

use super::test::FEW;

/// Groups of keepers whose selections are tested together.
const GROUPS: f64 = 48.0;

/// Entrants put together until a run can see each group.
pub(super) struct Groups {
    pub(super) of: Vec<usize>,
    pub(super) expected: Vec<f64>,
    /// Variance of one replication, were the members independent.
    pub(super) variance: Vec<f64>,
}

impl Groups {
    /// The first group is that of the impossible.
    pub(super) fn new(chances: &[f64], replications: f64) -> Self {
        let all: f64 = chances.iter().sum();
        let enough = (all / GROUPS).max(FEW / replications);
        let mut groups = Self { of: Vec::new(), expected: vec![0.0], variance: vec![0.0] };
        for &chance in chances {
            if chance == 0.0 {
                groups.of.push(0);
                continue;
            }
            let last = groups.expected.len() - 1;
            if last == 0 || groups.expected[last] >= enough {
                groups.expected.push(0.0);
                groups.variance.push(0.0);
            }
            let last = groups.expected.len() - 1;
            groups.expected[last] += chance;
            groups.variance[last] += chance * (1.0 - chance).max(0.0);
            groups.of.push(last);
        }
        groups
    }

    /// The group that follows from the others, where somebody is selected for certain: the largest.
    pub(super) fn redundant(&self) -> Option<usize> {
        let all: f64 = self.expected.iter().sum();
        let largest = (0..self.len()).max_by(|&a, &b| self.expected[a].total_cmp(&self.expected[b]));
        largest.filter(|_| (all - 1.0).abs() < 1e-12)
    }

    pub(super) fn len(&self) -> usize {
        self.expected.len()
    }
}
