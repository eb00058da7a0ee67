//! Why a height is worth having, or nonsense: in numbers and in words.

use super::HeightValue;
use crate::kernels::elementary::log10;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a height does to the other heights of a set, all rates per unit time: with it, net welfare changes by
/// `gain - delay - messages`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Share of all orders filled at the height.
    pub filled: f64,
    /// Gross welfare gained if its auctions took the others no time: orders filled earlier, or at all. Negative if they
    /// would be filled sooner after their arrival elsewhere, or if other windows of the heights above fill less or later.
    pub gain: f64,
    /// Gross welfare lost because its auctions delay the heights above; 0 in the idealised model.
    pub delay: f64,
    /// Communication cost added. Back to back it may be negative: the heights above may run less often.
    pub messages: f64,
    /// Whether heights above get other windows, as they may back to back; what that does is part of the gain.
    pub changes_windows: bool,
}

/// Why a height has its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// Value above 0: every best set has the height.
    Worth,
    /// Value 0: a set with it does as well as the best without.
    AnotherDoesAsWell,
    /// No order can meet there, or none is left: at most the share 1e-12 of all fills.
    FillsNothing,
    /// Its messages cost more than it gains; without cost it would pay, or do no harm.
    Messages,
    /// It loses more gross welfare by delay than it gains; without delay it would pay.
    Delay,
    /// Back to back it gives the heights above other windows, and loses gross welfare by that.
    Windows,
    /// Messages and delay: each alone outweighs the gain, or only the two together do.
    Both,
    /// No set has it: auctions back to back need a latency.
    NoLatency,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Worth => "worth having",
            Self::AnotherDoesAsWell => "another set does as well, to rounding",
            Self::FillsNothing => "fills nothing",
            Self::Messages => "messages cost more than it gains",
            Self::Delay => "delays more than it gains",
            Self::Windows => "the windows that it gives the heights above lose more than it gains",
            Self::Both => "messages and delay exceed the gain",
            Self::NoLatency => "no latency, so no auctions back to back",
        })
    }
}

impl Reason {
    /// The reason of a height of this `value` whose `effect` on the best set without it (with it, if it is worth having) is
    /// known, `None` if no set has the height.
    pub(super) fn of(value: f64, effect: Option<&Effect>, fills: bool) -> Self {
        let Some(Effect { gain, delay, messages, changes_windows, .. }) = effect else { return Self::NoLatency };
        match (gain > delay, gain > messages) {
            _ if value > 0.0 => Self::Worth,
            _ if !fills => Self::FillsNothing,
            _ if value == 0.0 => Self::AnotherDoesAsWell,
            _ if *gain < 0.0 && *changes_windows => Self::Windows,
            (true, false) => Self::Messages,
            (false, true) => Self::Delay,
            // Nothing is lost by delay: what it costs are messages.
            (false, false) if *delay <= 0.0 && *messages > 0.0 => Self::Messages,
            // What fills later than elsewhere has nothing to pay messages with; where they are free, delay is all.
            (false, false) if *messages <= 0.0 => Self::Delay,
            _ => Self::Both,
        }
    }
}

impl HeightValue {
    /// The reason in a sentence, with the numbers behind it.
    ///
    /// ```
    /// use pooltree::{Scenario, pool_tree::search::Search};
    /// let search = Search::new(&Scenario::document())?;
    /// let sentence = search.raison_d_etre()?[2].explain();
    /// assert!(sentence.starts_with("worth 1.23789: "), "{sentence}");
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn explain(&self) -> String {
        let Some(Effect { filled, gain, delay, messages, changes_windows }) = self.effect else {
            return format!("{}: no set of heights has it", self.reason);
        };
        let share = format!("{} % of all orders", figure(100.0 * filled));
        let earlier = if changes_windows {
            let fills = if filled == 0.0 { "fills no order".to_owned() } else { format!("fills {share}") };
            let what = if gain < 0.0 { "a loss" } else { "a gain" };
            format!("{fills} and gives the heights above other windows, in all {what} of {}", figure(gain.abs()))
        } else if filled == 0.0 {
            "fills no order".to_owned()
        } else if gain < 0.0 {
            format!("fills {share}, later than they would be without it: a loss of {}", figure(-gain))
        } else {
            format!("fills {share} and so gains {}", figure(gain))
        };
        let delays = format!(", delays the heights above at a loss of {}", figure(delay));
        let costs = if messages < 0.0 {
            format!(", saves {} of messages", figure(-messages))
        } else {
            format!(", costs {} of messages", figure(messages))
        };
        let unless_0 = |amount: f64, text| if amount == 0.0 { String::new() } else { text };
        let account = earlier + &unless_0(delay, delays) + &unless_0(messages, costs);
        let set =
            |best: &Option<super::Best>| best.as_ref().map_or("no set".to_owned(), |b| b.architecture.to_string());
        let (with, without) = (set(&self.with), set(&self.without));
        match self.reason {
            Reason::Worth => {
                let worth = figure(self.value);
                if self.without.is_some() {
                    format!("worth {worth}: in {with} it {account}; the best without it is {without}")
                } else {
                    format!("worth {worth}: it {account}; there is no other set")
                }
            }
            Reason::AnotherDoesAsWell => format!("{}: {without} earns what {with} does", self.reason),
            _ if self.without.is_some() && self.value < 0.0 => {
                let less = figure(-self.value);
                format!(
                    "{}: added to {without} it {account}; the best set with it, {with}, earns {less} less",
                    self.reason
                )
            }
            _ if self.without.is_some() => format!("{}: added to {without} it {account}", self.reason),
            _ => format!("{}: it {account}", self.reason),
        }
    }
}

/// Six significant digits.
fn figure(x: f64) -> String {
    let magnitude = if x == 0.0 { 0 } else { log10(x.abs()).floor() as i32 };
    if (-4..=8).contains(&magnitude) {
        let text = format!("{x:.*}", (5 - magnitude).clamp(0, 9) as usize);
        let short = text.trim_end_matches('0').trim_end_matches('.');
        if text.contains('.') { short.to_owned() } else { text }
    } else {
        format!("{x:.5e}")
    }
}
