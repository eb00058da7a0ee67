//! A small register to look at.

use super::{Keeper, Keepers};

impl Keepers {
    /// The least stake that goes with [`Keepers::example`].
    pub const EXAMPLE_MIN_STAKE: f64 = 100.0;

    /// Seven keepers: two of them equal in all but the name, one that stakes less than
    /// [`Keepers::EXAMPLE_MIN_STAKE`], one inactive.
    ///
    /// ```
    /// use pooltree::keepers::Keepers;
    /// let example = Keepers::example();
    /// assert_eq!(example.viable(Some(Keepers::EXAMPLE_MIN_STAKE)), [0, 1, 2, 3, 4]);
    /// ```
    pub fn example() -> Self {
        let keeper = |id: &str, [stake, bid, cost, ping]: [f64; 4], [picked, succeeded]: [u64; 2]| Keeper {
            stake,
            bid,
            cost,
            ping,
            picked,
            succeeded,
            ..Keeper::new(id)
        };
        let all = vec![
            keeper("alder", [1000.0, 3.0, 0.2, 0.10], [40, 38]),
            keeper("birch", [500.0, 3.5, 0.2, 0.02], [25, 20]),
            keeper("cedar", [500.0, 2.5, 0.1, 0.30], [30, 30]),
            keeper("elm", [200.0, 2.0, 0.3, 0.05], [10, 9]),
            keeper("fir", [200.0, 2.0, 0.3, 0.05], [10, 9]),
            keeper("hazel", [50.0, 4.0, 0.1, 0.01], [5, 5]),
            Keeper { active: false, ..keeper("larch", [800.0, 3.3, 0.2, 0.15], [50, 45]) },
        ];
        // Valid by a test; without it there would be none.
        Self::new(all).unwrap_or_default()
    }
}
