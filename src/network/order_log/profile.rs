//! At which heights the orders of a log could be matched.

use super::summary::LogSummary;
use crate::error::{Error, Result};
use crate::pool_tree::Pools;
use serde::Serialize;
use std::collections::HashMap;

/// Shares of the orders by the lowest height at which, in windows so long that chance evens out, they have a counterpart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeetingProfile {
    /// By height, from 0 to the root.
    pub shares: Vec<f64>,
    /// The rest: the longer side of every pair has more orders than the other in the whole network.
    pub unmatched: f64,
}

impl LogSummary {
    /// The meeting-height profile of the flow that the log shows.
    ///
    /// ```text
    /// matched(h) = Σ over pools P of height h, pairs {x, y} of  2 min(rate of x→y in P, rate of y→x in P)
    /// share(h)   = (matched(h) - matched(h - 1)) / total rate
    /// ```
    ///
    /// This is the limit of the fills for long windows, by the rule that the number filled inside a pool up to its own auction
    /// is twice the shorter side. The rates are those counted: sides that differ by chance alone move orders of a rarely used
    /// pair to greater heights. Operator `i` of the log is operator `i` of the pools.
    ///
    /// # Errors
    /// [`Error::Domain`] unless there are orders, and as many operators in the pools as in the log.
    ///
    /// ```
    /// use pooltree::{network::order_log::{Options, read}, pool_tree::Pools};
    /// // 0 and 1 meet at height 1; what 2 has left over meets nobody.
    /// let text = "time,operator,sell,buy,value\n0,a,x,y,1\n1,b,y,x,1\n2,c,x,y,1\n3,c,y,x,1\n4,c,x,y,1\n5,a,x,y,1\n6,c,y,x,1\n7,c,y,x,1\n";
    /// let log = read(text.as_bytes(), "log.csv", &Options::default())?;
    /// let profile = log.meeting_profile(&Pools::new(3, &[vec![vec![0, 1], vec![2]]])?)?;
    /// assert_eq!(profile.shares, [4.0 / 8.0, 2.0 / 8.0, 2.0 / 8.0]);
    /// assert_eq!(profile.unmatched, 0.0);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn meeting_profile(&self, pools: &Pools) -> Result<MeetingProfile> {
        if pools.operators() != self.operators().len() {
            let allowed = format!("{}, as in the log", self.operators().len());
            return Err(Error::domain("pools.operators", pools.operators(), allowed));
        }
        self.meeting_profile_at(pools, |operator| operator)
    }

    /// [`LogSummary::meeting_profile`] where operator `i` of the log is `operator_of(i)` of the pools.
    pub(crate) fn meeting_profile_at(
        &self,
        pools: &Pools,
        operator_of: impl Fn(usize) -> usize,
    ) -> Result<MeetingProfile> {
        if self.orders() == 0 {
            return Err(Error::domain("orders", 0, "at least 1"));
        }
        let all = self.orders() as f64;
        let (mut shares, mut below) = (Vec::new(), 0);
        for height in 0..=pools.depth() {
            let mut sides: HashMap<(usize, u32, u32), [u64; 2]> = HashMap::new();
            for class in self.classes() {
                let pool = pools.pool_of(height, operator_of(class.operator as usize));
                let pair = (pool, class.sell.min(class.buy), class.sell.max(class.buy));
                sides.entry(pair).or_default()[usize::from(class.sell > class.buy)] += class.orders;
            }
            let matched: u64 = sides.values().map(|sides| 2 * sides[0].min(sides[1])).sum();
            shares.push((matched - below) as f64 / all);
            below = matched;
        }
        Ok(MeetingProfile { shares, unmatched: (self.orders() - below) as f64 / all })
    }
}
